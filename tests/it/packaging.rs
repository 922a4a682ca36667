//! Compares the manual page, the completions, the default file and the README with `--help`. Also checks that all
//! packaging files have the same default port and folder. A failed test names the place that lacks a flag.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rustix::process::Signal;

use crate::program::{Running, program};

type Names = BTreeSet<String>;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn help() -> String {
    let output = program().arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Returns all names that follow `mark`. For example, `--port` has the name `port` after the mark `--`.
fn after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(mark).filter_map(move |(at, _)| {
        let rest = &text[at + mark.len()..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'));
        let name = &rest[..end.unwrap_or(rest.len())];
        (!name.is_empty()).then_some(name)
    })
}

fn names(text: &str, mark: &str) -> Names {
    after(text, mark).map(str::to_owned).collect()
}

/// Returns the flags of the variables in `text`: `VIDEOSERVE_MAX_STREAMS` → `max-streams`.
fn variables(text: &str) -> Names {
    after(text, "VIDEOSERVE_")
        .map(|name| name.to_ascii_lowercase().replace('_', "-"))
        .collect()
}

fn flags() -> Names {
    let help = help();
    let flags: Names = help
        .lines()
        .filter(|line| line.starts_with("  --"))
        .filter_map(|line| after(line, "  --").next().map(str::to_owned))
        .collect();
    assert!(flags.contains("dir") && flags.contains("help"), "{help}");
    flags
}

/// Returns the flags that take a value, from the usage line of `--help`: `[--port <n>]`.
fn with_value() -> Names {
    let help = help();
    let usage = help.lines().next().unwrap();
    flags()
        .into_iter()
        .filter(|flag| usage.contains(&format!("--{flag} <")))
        .collect()
}

fn settings() -> Names {
    let mut flags = flags();
    flags.retain(|flag| flag != "help" && flag != "version");
    flags
}

#[track_caller]
fn same(place: &str, found: &Names, expected: &Names) {
    let missing: Vec<_> = expected.difference(found).collect();
    let unknown: Vec<_> = found.difference(expected).collect();
    assert!(missing.is_empty(), "{place} lacks {missing:?}");
    assert!(
        unknown.is_empty(),
        "{place} has {unknown:?}, which is not a flag"
    );
}

fn lines(text: &str, mark: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| line.contains(mark)).collect();
    lines.join("\n")
}

#[test]
fn manual_page_has_every_flag() {
    let page = read("scripts/packaging/videoserve.1");
    let items = lines(&page, ".It Fl ");
    same("the list", &names(&items, ".It Fl -"), &flags());
    same(
        "the list of flags with a value",
        &names(&lines(&items, " Ar "), ".It Fl -"),
        &with_value(),
    );
    // The page may contain only known flags and variables.
    for flag in names(&page, "Fl -").union(&variables(&page)) {
        assert!(
            flags().contains(flag),
            "the page has {flag:?}, which is not a flag"
        );
    }
}

#[test]
fn bash_completion_has_every_flag() {
    let text = read("scripts/packaging/completions/videoserve.bash");
    let (flag_list, rest) = text.split_once("\n    local word").unwrap();
    same("the list", &names(flag_list, "--"), &flags());
    let values = rest.split_once("case $flag in").unwrap().1;
    same(
        "the list of flags with a value",
        &names(values, "--"),
        &with_value(),
    );
}

#[test]
fn zsh_completion_has_every_flag() {
    let text = read("scripts/packaging/completions/_videoserve");
    same("the list", &names(&text, "--"), &flags());
    same(
        "the list of flags with a value",
        &names(&lines(&text, "=["), "--"),
        &with_value(),
    );
}

#[test]
fn fish_completion_has_every_flag() {
    let text = read("scripts/packaging/completions/videoserve.fish");
    same("the list", &names(&text, " -l "), &flags());
    same(
        "the list of flags with a value",
        &names(&lines(&text, " -x "), " -l "),
        &with_value(),
    );
}

#[test]
fn default_file_has_every_setting() {
    let text = read("scripts/packaging/videoserve.default");
    same("the file", &variables(&text), &settings());
    let mut above = "";
    for line in text.lines() {
        assert!(
            line.is_empty() || line.starts_with('#'),
            "has an effect: {line}"
        );
        if line.starts_with("#VIDEOSERVE_") {
            assert!(above.starts_with("# "), "not described: {line}");
        }
        above = line;
    }
}

/// In the default file, each setting is a comment that begins with `#`. The test removes each `#`, and starts the
/// program with all settings.
#[test]
fn settings_of_the_default_file_are_valid() {
    let dir = tempfile::tempdir().unwrap();
    let text = read("scripts/packaging/videoserve.default");
    let mut command = program();
    for line in text.lines() {
        if let Some((name, value)) = line.strip_prefix('#').and_then(|line| line.split_once('='))
            && name.starts_with("VIDEOSERVE_")
        {
            command.env(name, value.trim_matches('"'));
        }
    }
    // On this machine, the folder of the default file may be missing, and its port may be in use.
    command.env("VIDEOSERVE_DIR", dir.path());
    command.env("VIDEOSERVE_PORT", "0");
    let mut running = Running::start(command);
    running.signal(Signal::TERM);
    let (code, errors) = running.wait();
    assert_eq!(code, 0, "{errors}");
}

/// The maximum size of the README in bytes. The README must be short, because a new user reads all of it.
const README_BYTES: usize = 26_000;
const README_LINES: usize = 450;

#[test]
fn readme_is_short() {
    let text = read("README.md");
    let (bytes, lines) = (text.len(), text.lines().count());
    assert!(
        bytes <= README_BYTES && lines <= README_LINES,
        "README.md has {bytes} bytes in {lines} lines; the limits are {README_BYTES} and {README_LINES}"
    );
}

/// The help, the manual page, the default file and the completions must have the defaults of the code.
#[test]
fn texts_contain_the_default_values() {
    use videoserve::Config;
    let (help, man) = (help(), read("scripts/packaging/videoserve.1"));
    let variables = read("scripts/packaging/videoserve.default");
    for (flag, variable, default) in [
        ("port", "PORT", u64::from(Config::DEFAULT_PORT)),
        (
            "max-streams",
            "MAX_STREAMS",
            Config::DEFAULT_MAX_STREAMS as u64,
        ),
        (
            "stall-timeout",
            "STALL_TIMEOUT",
            Config::DEFAULT_STALL_TIMEOUT.as_secs(),
        ),
    ] {
        let of_flag = help.split(&format!("  --{flag} ")).last().unwrap();
        let of_flag = of_flag.split("\n  --").next().unwrap();
        assert!(
            of_flag.contains(&format!("(default: {default})")),
            "--help: {of_flag}"
        );
        let of_flag = man.split(&format!("Fl -{flag} ")).nth(1).unwrap();
        let of_flag = of_flag.split("\n.It").next().unwrap();
        assert!(
            of_flag.contains(&format!("Default: {default}.")),
            "manual page: {of_flag}"
        );
        let line = format!("#VIDEOSERVE_{variable}={default}\n");
        assert!(variables.contains(&line), "videoserve.default lacks {line}");
        for (completion, start) in [("_videoserve", "--"), ("videoserve.fish", "-l ")] {
            let text = read(&format!("scripts/packaging/completions/{completion}"));
            let line = text
                .lines()
                .find(|line| line.contains(&format!("{start}{flag}")));
            assert!(
                line.is_some_and(|line| line.contains(&format!("({default})"))),
                "{completion}: {line:?}"
            );
        }
    }
}

#[test]
fn readme_quotes_the_help() {
    let text = read("README.md");
    let quoted = text
        .split_once("```text\nUsage: ")
        .and_then(|(_, rest)| rest.split_once("```\n"))
        .map(|(help, _)| format!("Usage: {help}"));
    let help = help();
    assert!(
        quoted.as_deref() == Some(help.as_str()),
        "README.md must quote --help in a block ```text, word for word:\n{help}"
    );
}

#[test]
fn readme_has_only_known_flags() {
    let text = read("README.md");
    let settings = settings();
    for flag in variables(&text) {
        assert!(
            settings.contains(&flag),
            "there is no flag for the variable of {flag:?}"
        );
    }
    // Checks only commands that start `videoserve`, because other programs have other flags.
    for line in text.lines() {
        let Some((before, arguments)) = line.split_once("videoserve --") else {
            continue;
        };
        if before.is_empty() || before.ends_with(' ') {
            let command = arguments.split(['`', '|', '#']).next().unwrap();
            for flag in after(&format!(" --{command}"), " --") {
                assert!(flags().contains(flag), "unknown flag: {line}");
            }
        }
    }
}

#[test]
fn packaging_files_have_the_same_port_and_folder() {
    for (name, words) in [
        ("scripts/packaging/videoserve.socket", "ListenStream=8001\n"),
        ("scripts/packaging/videoserve.avahi", "<port>8001</port>"),
        (
            "scripts/packaging/videoserve.default",
            "#VIDEOSERVE_PORT=8001\n",
        ),
        (
            "scripts/packaging/videoserve.default",
            "#VIDEOSERVE_DIR=/srv/videos\n",
        ),
        (
            "scripts/packaging/videoserve.service",
            "=VIDEOSERVE_DIR=/srv/videos\n",
        ),
        ("scripts/packaging/debian/postinst", "folder=/srv/videos\n"),
        ("scripts/packaging/debian/postrm", " /srv/videos "),
        (
            "Cargo.toml",
            "creates /srv/videos and serves it on port 8001.",
        ),
    ] {
        assert!(read(name).contains(words), "{words:?} is not in {name}");
    }
    assert!(help().contains("(default: 8001)"));
}
