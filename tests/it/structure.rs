//! Tests the structure of `src`: files must not import each other in a cycle, and must not be too long.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The maximum number of lines of a file, with its tests.
const LINES: usize = 350;

/// The path of a module in the crate: `["gate", "head"]` for `gate/head.rs`, `["gate"]` for `gate/mod.rs`.
type Module = Vec<String>;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> BTreeMap<Module, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    let module = |path: &Path| -> Module {
        let path = path.strip_prefix(&root).unwrap().with_extension("");
        let parts = path.iter().map(|part| part.to_str().unwrap().to_owned());
        parts.filter(|part| part != "mod").collect()
    };
    let text = |path: &Path| fs::read_to_string(path).unwrap();
    found
        .iter()
        .map(|path| (module(path), text(path)))
        .collect()
}

/// Returns the paths of a `use` tree. For example, `a::{b, c::{d}}` has the paths `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<String> {
    let Some((prefix, group)) = tree.split_once('{') else {
        return vec![tree.to_owned()];
    };
    let group = group.rsplit_once('}').map_or(group, |(group, _)| group);
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(character);
    }
    let parts = parts.iter().filter(|part| !part.is_empty());
    parts
        .flat_map(|part| expand(part))
        .map(|part| format!("{prefix}{part}"))
        .collect()
}

/// Returns the paths that a file imports, without the imports of its tests.
fn imports(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().map(|line| line.split("//").next().unwrap());
    let code = lines.collect::<Vec<_>>().join(" ");
    let statements = code.split(';').filter_map(|statement| {
        let (before, tree) = statement.rsplit_once("use ")?;
        // `use ` may be the end of another word, such as `reuse `.
        (before.is_empty() || before.ends_with([' ', ')'])).then_some(tree)
    });
    statements
        .flat_map(|tree| expand(&tree.split_whitespace().collect::<String>()))
        .collect()
}

/// Returns the module that the file `from` imports with this path. Returns `None` if the path leads to another crate or
/// to `from` itself.
fn target(from: &Module, path: &str, all: &BTreeMap<Module, String>) -> Option<Module> {
    let mut words = path.split("::").peekable();
    let mut module: Module = match words.peek()? {
        &"crate" => {
            words.next();
            Vec::new()
        }
        &"super" => from.clone(),
        word if all.contains_key(&[from.as_slice(), &[(*word).to_owned()]].concat()) => {
            from.clone()
        }
        _ => return None,
    };
    while words.peek() == Some(&"super") {
        words.next();
        module.pop();
    }
    for word in words {
        let next = [module.as_slice(), &[word.to_owned()]].concat();
        if !all.contains_key(&next) {
            break;
        }
        module = next;
    }
    (all.contains_key(&module) && module != *from).then_some(module)
}

/// Adds all direct and indirect imports of a file to `seen`.
fn add_imports<'a>(
    from: &'a Module,
    edges: &'a BTreeMap<Module, BTreeSet<Module>>,
    seen: &mut BTreeSet<&'a Module>,
) {
    for next in edges.get(from).into_iter().flatten() {
        if seen.insert(next) {
            add_imports(next, edges, seen);
        }
    }
}

#[test]
fn files_do_not_import_each_other_in_a_cycle() {
    let all = sources();
    let is_test = |module: &Module| module.iter().any(|part| part == "tests");
    let edges: BTreeMap<Module, BTreeSet<Module>> = all
        .iter()
        .filter(|(module, _)| !is_test(module))
        .map(|(module, text)| {
            let paths = imports(text);
            let targets = paths.iter().filter_map(|path| target(module, path, &all));
            (module.clone(), targets.collect())
        })
        .collect();
    assert!(edges.values().map(BTreeSet::len).sum::<usize>() > 200);
    let in_cycle = |module: &&Module| {
        let mut seen = BTreeSet::new();
        add_imports(module, &edges, &mut seen);
        seen.contains(*module)
    };
    let cycles: Vec<String> = edges
        .keys()
        .filter(in_cycle)
        .map(|it| it.join("/"))
        .collect();
    assert!(cycles.is_empty(), "in a cycle of imports: {cycles:?}");
}

/// Returns the modules of the table in the crate documentation, each with the number of its row.
fn documented_rows(lib: &str) -> BTreeMap<&str, usize> {
    let rows = lib.lines().filter_map(|line| line.strip_prefix("//! | "));
    let names = rows.filter_map(|row| row.split_once(" | ").map(|(names, _)| names));
    let names = names.enumerate().flat_map(|(row, names)| {
        let names = names.split(", ").filter(|name| name.contains('`'));
        names.map(move |name| (name.trim_matches(['`', '[', ']']), row))
    });
    names.collect()
}

#[test]
fn module_imports_no_module_above_it_in_the_crate_documentation() {
    let all = sources();
    let lib = &all[&vec!["lib".to_owned()]];
    let rows = documented_rows(lib);
    let declared = lib.lines().filter_map(|line| {
        let name = line.trim_start_matches("pub ").strip_prefix("mod ")?;
        name.strip_suffix(';')
    });
    // The table does not contain `parsers`, because this module only re-exports functions for the fuzz targets.
    let declared: BTreeSet<&str> = declared.filter(|name| *name != "parsers").collect();
    assert_eq!(
        declared,
        rows.keys().copied().collect(),
        "modules of lib.rs"
    );
    for (module, text) in &all {
        let Some(row) = rows.get(module[0].as_str()) else {
            continue;
        };
        if module.iter().any(|part| part == "tests") {
            continue;
        }
        for path in imports(text) {
            let Some(imported) = target(module, &path, &all) else {
                continue;
            };
            let is_above = rows.get(imported[0].as_str()).is_some_and(|it| it < row);
            assert!(
                !is_above,
                "{} imports {}",
                module.join("/"),
                imported.join("/")
            );
        }
    }
}

#[test]
fn files_are_not_too_long() {
    let long = sources()
        .into_iter()
        .map(|(module, text)| (module.join("/"), text.lines().count()));
    let long: Vec<_> = long.filter(|(_, lines)| *lines > LINES).collect();
    assert!(long.is_empty(), "files above {LINES} lines: {long:?}");
}
