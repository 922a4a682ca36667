//! The shape of `src`: no circle of imports between files, and no file that is too long to read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a file, tests included.
const LINES: usize = 350;

/// Place of a file in the crate: `["gate", "head"]` for `gate/head.rs`, `["gate"]` for `gate/mod.rs`.
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

/// Returns the paths of a `use` tree: `a::{b, c::{d}}` gives `a::b` and `a::c::d`.
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

/// Returns the paths that a file imports, without those of its tests.
fn imports(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().map(|line| line.split("//").next().unwrap());
    let code = lines.collect::<Vec<_>>().join(" ");
    let statements = code.split(';').filter_map(|statement| {
        let (before, tree) = statement.rsplit_once("use ")?;
        // Not `reuse ` in a string.
        (before.is_empty() || before.ends_with([' ', ')'])).then_some(tree)
    });
    statements
        .flat_map(|tree| expand(&tree.split_whitespace().collect::<String>()))
        .collect()
}

/// Returns the file of a path, if it is in this crate.
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

/// Collects all direct and indirect imports of a file.
fn reach<'a>(
    from: &'a Module,
    edges: &'a BTreeMap<Module, BTreeSet<Module>>,
    seen: &mut BTreeSet<&'a Module>,
) {
    for next in edges.get(from).into_iter().flatten() {
        if seen.insert(next) {
            reach(next, edges, seen);
        }
    }
}

#[test]
fn files_do_not_import_each_other_in_a_circle() {
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
    let in_circle = |module: &&Module| {
        let mut seen = BTreeSet::new();
        reach(module, &edges, &mut seen);
        seen.contains(*module)
    };
    let circles: Vec<String> = edges
        .keys()
        .filter(in_circle)
        .map(|it| it.join("/"))
        .collect();
    assert!(circles.is_empty(), "in a circle of imports: {circles:?}");
}

/// Returns the modules of the crate documentation, each with its row.
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
fn module_imports_only_modules_below_it_in_the_crate_documentation() {
    let all = sources();
    let lib = &all[&vec!["lib".to_owned()]];
    let rows = documented_rows(lib);
    let declared = lib.lines().filter_map(|line| {
        let name = line.trim_start_matches("pub ").strip_prefix("mod ")?;
        name.strip_suffix(';')
    });
    // The fuzz targets use `parsers`, which has no task of its own.
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
            let is_below = rows.get(imported[0].as_str()).is_none_or(|it| it >= row);
            assert!(
                is_below,
                "{} imports {}",
                module.join("/"),
                imported.join("/")
            );
        }
    }
}

#[test]
fn files_are_short_enough_to_read() {
    let long = sources()
        .into_iter()
        .map(|(module, text)| (module.join("/"), text.lines().count()));
    let long: Vec<_> = long.filter(|(_, lines)| *lines > LINES).collect();
    assert!(long.is_empty(), "files above {LINES} lines: {long:?}");
}
