//! Tests the environment variables of the built program. Each flag has a variable, and overrides it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use rustix::process::Signal;

use crate::auth::basic;
use crate::program::{Running, fails, program};
use crate::support::{Client, Response};

/// Starts the program with these variables, and with VIDEOSERVE_PORT=0 for a free port.
fn start(variables: &[(&str, &str)], arguments: &[&str]) -> Running {
    let mut command = program();
    command
        .envs(variables.iter().copied())
        .env("VIDEOSERVE_PORT", "0")
        .args(arguments);
    Running::start(command)
}

fn get(running: &Running, target: &str, fields: &str) -> Response {
    Client::connect(running.address).request("GET", target, fields)
}

#[test]
fn variables_set_values_of_every_kind() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a"), "content").unwrap();
    let variables = [
        ("VIDEOSERVE_DIR", dir.path().to_str().unwrap()),
        ("VIDEOSERVE_BIND", "127.0.0.1"),
        ("VIDEOSERVE_MOUNT", " /one /two\t/three "),
        (
            "VIDEOSERVE_CORS_ORIGIN",
            "https://a.example https://b.example",
        ),
        ("VIDEOSERVE_ALLOW_HOST", "videos.example.org"),
        ("VIDEOSERVE_MAX_STREAMS", "2"),
        ("VIDEOSERVE_STALL_TIMEOUT", "5"),
        ("VIDEOSERVE_NO_SENDFILE", "Yes"),
        ("VIDEOSERVE_NO_SANDBOX", "1"),
        ("VIDEOSERVE_AUTH", "ana:s3cret"),
    ];
    let mut running = start(&variables, &[]);
    for mount in ["/one", "/two", "/three"] {
        let response = get(&running, &format!("{mount}/a"), &basic("ana:s3cret"));
        assert_eq!(response.text(), "content", "{mount}");
    }
    for origin in ["https://a.example", "https://b.example"] {
        let fields = format!("Origin: {origin}\r\n{}", basic("ana:s3cret"));
        let response = get(&running, "/one/a", &fields);
        assert_eq!(response.field("access-control-allow-origin"), Some(origin));
    }
    assert_eq!(get(&running, "/one/a", "").status, 401);
    let mut client = Client::connect(running.address);
    client.send("GET /healthz HTTP/1.1\r\nHost: videos.example.org\r\n\r\n");
    assert_eq!(client.response().status, 200);
    running.signal(Signal::TERM);
    let (code, log) = running.wait();
    assert_eq!(code, 0);
    assert!(
        !log.contains("VIDEOSERVE") && !log.contains("s3cret"),
        "{log}"
    );
}

#[test]
fn flag_overrides_its_variable() {
    let outer = tempfile::tempdir().unwrap();
    for name in ["by-flag", "by-variable"] {
        std::fs::create_dir(outer.path().join(name)).unwrap();
        std::fs::write(outer.path().join(name).join("a"), name).unwrap();
    }
    let path = |name: &str| outer.path().join(name).to_str().unwrap().to_owned();
    // A flag overrides each of these variables. So their invalid values cause no error.
    let by_variable = path("by-variable");
    let variables = [
        ("VIDEOSERVE_DIR", by_variable.as_str()),
        ("VIDEOSERVE_MOUNT", "/variable /other"),
        ("VIDEOSERVE_BIND", "nowhere"),
        ("VIDEOSERVE_MAX_STREAMS", "many"),
        ("VIDEOSERVE_AUTH", "no password"),
    ];
    let flags = format!(
        "--dir {} --mount /flag --bind 127.0.0.1 --max-streams=4 --auth=--x:--mount",
        path("by-flag")
    );
    let flags: Vec<&str> = flags.split(' ').collect();
    let running = start(&variables, &flags);
    let status = |target| get(&running, target, &basic("--x:--mount"));
    assert_eq!(status("/flag/a").text(), "by-flag");
    assert_eq!(status("/variable/a").status, 404);
    // A value that looks like a flag is still a value.
    let odd = outer.path().join("--mount");
    std::fs::rename(path("by-flag"), odd).unwrap();
    let mut command = program();
    command
        .current_dir(outer.path())
        .envs(variables[..2].iter().copied())
        .args(["--port", "0", "--dir", "--mount"]);
    let running = Running::start(command);
    assert_eq!(get(&running, "/other/a", "").text(), "by-flag");
}

#[test]
fn wrong_value_of_a_variable_is_an_error_with_its_name() {
    let with = |name: &str, value: &str, words: &[&str]| {
        let words = [&[name], words].concat();
        fails(program().env(name, value), 2, &words);
        let message = program().env(name, value).output().unwrap().stderr;
        let flag = name
            .replace("VIDEOSERVE_", "--")
            .replace('_', "-")
            .to_lowercase();
        let message = String::from_utf8(message).unwrap();
        assert!(!message.contains(&flag), "{message}");
    };
    with("VIDEOSERVE_PORT", "99999", &["99999", "0 to 65535"]);
    with("VIDEOSERVE_PORT", "--help", &["--help", "0 to 65535"]);
    with("VIDEOSERVE_BIND", "127.0.0.1:80", &["without a port"]);
    with("VIDEOSERVE_MAX_STREAMS", "0", &["1 to 4096"]);
    with("VIDEOSERVE_MAX_STREAMS", "many", &["many", "1 to 4096"]);
    with("VIDEOSERVE_STALL_TIMEOUT", "1.5", &["1.5", "whole number"]);
    with("VIDEOSERVE_MOUNT", "/a videos", &["videos", "begin with /"]);
    with(
        "VIDEOSERVE_CORS_ORIGIN",
        "* a.example",
        &["a.example", "https://"],
    );
    with("VIDEOSERVE_ALLOW_HOST", "http://a", &["without scheme"]);
    with("VIDEOSERVE_NO_SANDBOX", "maybe", &["maybe", "yes"]);
    with("VIDEOSERVE_NO_SENDFILE", "2", &["\"2\"", "off"]);
    let raw = OsStr::from_bytes(b"80\xff");
    fails(
        program().env("VIDEOSERVE_PORT", raw),
        2,
        &["VIDEOSERVE_PORT", "not UTF-8"],
    );
    // If the value of a flag is wrong, the message names no variable.
    let mut command = program();
    command
        .env("VIDEOSERVE_MOUNT", "/right")
        .args(["--max-streams", "0"]);
    fails(
        &mut command,
        2,
        &["videoserve: 0 is not a valid number of streams"],
    );
    let help = program().env("VIDEOSERVE_PORT", "x").arg("--help").output();
    let help = help.unwrap();
    assert!(help.status.success() && help.stderr.is_empty());
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(text.contains("VIDEOSERVE_MAX_STREAMS"), "{text}");
}

/// A terminal executes control characters, so the message must not contain them.
#[test]
fn error_message_escapes_control_characters() {
    let value = "1\u{1b}[2J\r2\u{9b}3\u{202e}'4\u{e9}";
    for (name, flag) in [
        ("VIDEOSERVE_PORT", "--port"),
        ("VIDEOSERVE_BIND", "--bind"),
        ("VIDEOSERVE_LOG_FORMAT", "--log-format"),
    ] {
        let shown = r"'1\u{1b}[2J\r2\u{9b}3\u{202e}'4é'";
        fails(program().env(name, value), 2, &[shown]);
        fails(program().args([flag, value]), 2, &[shown]);
    }
    fails(
        program().arg(value),
        2,
        &[r"1\u{1b}[2J\r2\u{9b}3\u{202e}'4é;"],
    );
}

/// The line `NAME=` in an environment file sets an empty variable. An empty VIDEOSERVE_AUTH is an error, because a
/// mistake must not remove the password.
#[test]
fn empty_variable_counts_as_unset() {
    let dir = tempfile::tempdir().unwrap();
    let names =
        "BIND MOUNT CORS_ORIGIN ALLOW_HOST MAX_STREAMS STALL_TIMEOUT NO_SENDFILE NO_SANDBOX";
    let mut command = program();
    command.current_dir(dir.path()).args(["--port", "0"]);
    for name in names.split(' ') {
        command.env(format!("VIDEOSERVE_{name}"), "");
    }
    command.env("VIDEOSERVE_DIR", "");
    let mut running = Running::start(command);
    assert_eq!(get(&running, "/healthz", "").text(), "ok");
    running.signal(Signal::TERM);
    let (code, log) = running.wait();
    assert!(code == 0 && !log.contains("VIDEOSERVE"), "{log}");
    let mut command = program();
    fails(command.env("VIDEOSERVE_AUTH", ""), 2, &["VIDEOSERVE_AUTH"]);
}

#[test]
fn no_sandbox_variable_set_to_off_has_no_effect() {
    let dir = tempfile::tempdir().unwrap();
    for value in ["0", "false", "NO", "off"] {
        let mut command = program();
        command
            .arg("--dir")
            .arg(dir.path())
            .args(["--port", "0"])
            .env("VIDEOSERVE_NO_SANDBOX", value)
            .stdout(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = std::io::BufReader::new(child.stdout.take().unwrap());
        let line = std::io::BufRead::lines(lines)
            .map(Result::unwrap)
            .find(|line| line.contains("confined"));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!line.unwrap().contains("--no-sandbox"), "{value}");
    }
}

/// An unknown name may be a typing mistake. Its value may be a password, so the log does not show the value.
#[test]
fn unknown_variable_is_reported_without_its_value() {
    let dir = tempfile::tempdir().unwrap();
    let variables = [
        ("VIDEOSERVE_DIR", dir.path().to_str().unwrap()),
        ("VIDEOSERVE_PROT", "s3cret"),
        ("VIDEOSERVE_VERSION", "1"),
        ("VIDEOSERVE_A\nB", "s3cret"),
        ("VIDEOSERVER", "x"),
    ];
    let mut running = start(&variables, &[]);
    assert_eq!(get(&running, "/healthz", "").text(), "ok");
    running.signal(Signal::TERM);
    let (code, log) = running.wait();
    assert_eq!(code, 0);
    let mut lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("VIDEOSERVE"))
        .collect();
    lines.sort_unstable_by_key(|line| line.split_once("VIDEOSERVE").map(|(_, rest)| rest));
    assert_eq!(lines.len(), 3, "{log}");
    for (line, name) in lines.iter().zip(["A\\nB", "PROT", "VERSION"]) {
        let message = format!("ignoring unknown variable VIDEOSERVE_{name}: ");
        assert!(line.contains(&message), "{line}");
    }
    assert!(!log.contains("s3cret"), "{log}");
}

/// A variable may contain any bytes. Arguments must be UTF-8.
#[test]
fn folder_name_that_is_not_utf8_is_served() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join(OsStr::from_bytes(b"vid\xffeos"));
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("a"), "content").unwrap();
    let mut command = program();
    command.env("VIDEOSERVE_DIR", &dir).args(["--port", "0"]);
    let running = Running::start(command);
    assert_eq!(get(&running, "/api/stream/a", "").text(), "content");
}

/// Other programs of the user can read /proc/PID/environ.
#[test]
fn password_is_removed_from_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    let variables = [
        ("VIDEOSERVE_AUTH", "ana:s3cret"),
        ("VIDEOSERVE_DIR", dir.path().to_str().unwrap()),
    ];
    let running = start(&variables, &[]);
    assert_eq!(get(&running, "/", &basic("ana:s3cret")).status, 200);
    let path = format!("/proc/{}/environ", running.process.id());
    let environment = std::fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&environment);
    assert!(text.contains("VIDEOSERVE_AUTH=\0"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}
