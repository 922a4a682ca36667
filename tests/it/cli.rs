//! Tests the built program: its output, its exit codes and its log.

use std::io::{BufRead, BufReader, Lines};
use std::net::{SocketAddr, TcpListener};
use std::process::{ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::program::{Running, fails, program};
use crate::shared::process::{Process, address_in};
use crate::support::{Client, eventually};

fn output(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn spawn(mut command: Command) -> (Process, Lines<BufReader<ChildStdout>>) {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    let mut process = Process::from(child);
    let lines = process.stdout.take().unwrap().lines();
    (process, lines)
}

/// The columns of a row: the arguments, and words that the error message must contain. A `|` separates the words.
const WRONG_SETTINGS: [(&str, &str); 29] = [
    ("--port 99999", "--port|99999|0 to 65535"),
    ("--port http", "--port|http|0 to 65535"),
    ("--port -1", "--port|-1|0 to 65535"),
    ("--bind here", "--bind|here|127.0.0.1"),
    ("--bind 127.0.0.1:80", "--bind|without a port"),
    ("--max-streams 0", "0|1 to 4096"),
    ("--max-streams many", "--max-streams|many|1 to 4096"),
    ("--stall-timeout 0", "0 s|1 to 86400"),
    ("--stall-timeout 1.5", "--stall-timeout|1.5|whole number"),
    ("--base-path videos", "videos|begin with /"),
    ("--base-path /watch", "base path|/watch"),
    ("--base-path=/a --mount=/a/b", "/a|mount"),
    ("--mount videos", "videos|begin with /"),
    ("--mount /", "root|/videos"),
    ("--mount /api", "/api/stream"),
    ("--mount /metrics", "/metrics"),
    ("--mount /browse/x", "/browse"),
    ("--mount /a/../b", "/a/../b|.."),
    ("--mount /a//b", "/a//b|empty"),
    ("--mount /%zz", "/%zz"),
    ("--cors-origin example.com", "example.com|https://"),
    ("--cors-origin https://example.com/", "without a path"),
    (
        "--cors-origin=https://*.example.com",
        "*.example.com|pattern",
    ),
    ("--allow-host http://a.example", "a.example|without scheme"),
    ("--trusted-proxy 10.0.0.0/33", "10.0.0.0/33|192.0.2.0/24"),
    ("--log-format xml", "--log-format|xml|text or json"),
    ("--unknown", "--unknown|--help"),
    ("film.mp4", "film.mp4|--help"),
    ("--port 1 --port 2", "--port"),
];

#[test]
fn wrong_setting_exits_with_2_and_names_valid_values() {
    for (arguments, words) in WRONG_SETTINGS {
        let words: Vec<&str> = words.split('|').collect();
        fails(program().args(arguments.split(' ')), 2, &words);
    }
    fails(program().arg("--dir"), 2, &["--dir"]);
}

#[test]
fn missing_folder_or_taken_address_exits_with_1() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (arguments, words) in [
        (
            ["--dir", "/nowhere/at/all"],
            ["/nowhere/at/all", "no such file", "--dir"],
        ),
        (
            ["--dir", "/dev/null"],
            ["/dev/null", "not a directory", "--dir"],
        ),
        (["--bind", "192.0.2.1"], ["192.0.2.1", "--bind", "address"]),
    ] {
        fails(program().args(["--port", "0"]).args(arguments), 1, &words);
    }
    for bind in [&["--bind", "127.0.0.1"][..], &[]] {
        let words = [&port, "in use", "--port"];
        fails(program().args(["--port", &port]).args(bind), 1, &words);
    }
}

/// The crate argh, which parses the arguments, panics if an argument is not UTF-8. So the program checks the encoding
/// before it calls argh.
#[test]
fn argument_that_is_not_utf8_exits_with_2() {
    use std::os::unix::ffi::OsStrExt;
    let path = std::ffi::OsStr::from_bytes(b"/tmp/\xff");
    fails(program().arg("--dir").arg(path), 2, &["not UTF-8"]);
}

#[test]
fn version_and_help_have_short_forms() {
    let version = output(&["--version"]);
    let expected = format!("videoserve {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8_lossy(&version.stdout), expected);
    assert_eq!(output(&["-V"]).stdout, version.stdout);
    let help = output(&["--help"]);
    assert_eq!(output(&["-h"]).stdout, help.stdout);
    assert!(version.status.success() && help.status.success());
}

/// Uses `--port 0`, because the default port may be in use.
#[test]
fn program_without_arguments_serves_current_folder_on_all_addresses() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.mp4"), "content").unwrap();
    let mut command = program();
    command.current_dir(dir.path()).args(["--port", "0"]);
    let (_child, mut lines) = spawn(command);
    let canonical = dir.path().canonicalize().unwrap();
    let mut line = || lines.next().unwrap().unwrap();
    assert_eq!(line(), format!("Serving {}", canonical.display()));
    let url = line();
    let (_, url) = url.split_once("  on this machine  ").expect(&url);
    assert!(url.starts_with("http://localhost:"), "{url}");
    let port = address_in(url).unwrap().port();
    for address in [
        SocketAddr::from(([127, 0, 0, 1], port)),
        SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, port)),
    ] {
        let response = Client::connect(address).request("GET", "/api/stream/a.mp4", "");
        assert_eq!(response.text(), "content");
    }
}

#[test]
fn print_url_prints_one_line_with_a_working_url() {
    let dir = tempfile::tempdir().unwrap();
    for (bind, host) in [
        (None, "localhost"),
        (Some("127.0.0.1"), "127.0.0.1"),
        (Some("::1"), "[::1]"),
    ] {
        let mut command = program();
        command
            .arg("--dir")
            .arg(dir.path())
            .args(["--port", "0", "--print-url"]);
        command.args(bind.iter().flat_map(|address| ["--bind", *address]));
        let (child, mut lines) = spawn(command);
        let line = lines.next().unwrap().unwrap();
        let address = address_in(&line).unwrap();
        assert_eq!(line, format!("http://{host}:{}/", address.port()));
        let health = Client::connect(address).request("GET", "/healthz", "");
        assert_eq!(health.text(), "ok");
        child.signal(Signal::TERM).unwrap();
        assert!(lines.next().is_none(), "{host}: there is a second line");
    }
}

#[test]
fn second_signal_ends_the_program_at_once() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::File::create(dir.path().join("film"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    let mut running = Running::serving(dir.path(), &[]);
    let mut viewer = Client::connect(running.address);
    viewer.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
    viewer.read_head();
    running.signal(Signal::TERM);
    let address = running.address;
    eventually("the port is closed", || {
        std::net::TcpStream::connect(address).is_err()
    });
    let before = Instant::now();
    running.signal(Signal::TERM);
    assert_eq!(running.wait().0, 128 + 15);
    assert!(before.elapsed() < Duration::from_secs(2));
}

/// The log escapes control characters, because a terminal executes them.
#[test]
fn access_line_escapes_hostile_bytes() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a b"), "content").unwrap();
    let mut running = Running::serving(dir.path(), &[]);
    let mut client = Client::connect(running.address);
    client.request("GET", "/api/stream/a%20b", "Range: bytes=0-2\r\n");
    client.request("HEAD", "/api/stream/a%20b", "");
    client.request("GET", "/api/stream/\u{1f600}\"\\", "");
    client.send("GET /\x1b[2J HTTP/1.1\r\nHost: a\r\n\r\n");
    client.response();
    running.signal(Signal::TERM);
    let (code, log) = running.wait();
    assert_eq!(code, 0);
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("127.0.0.1 \""))
        .collect();
    let expected = [
        "127.0.0.1 \"GET /api/stream/a%20b\" 206 3 B",
        "127.0.0.1 \"HEAD /api/stream/a%20b\" 200 0 B",
        "127.0.0.1 \"GET /api/stream/%F0%9F%98%80\\\"\\\\\" 404 28 B",
        "127.0.0.1 \"GET /\\x1b[2J\" 400 12 B",
    ];
    assert_eq!(lines.len(), expected.len(), "{log}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{expected} is not in {line}");
        assert!(
            !line.contains(char::is_control) && line.contains(" ms"),
            "{line}"
        );
    }
    assert!(!log.contains("tiny_http"), "{log}");
}

#[test]
fn access_line_has_the_client_address_from_a_trusted_proxy() {
    let dir = tempfile::tempdir().unwrap();
    for (arguments, shown) in [
        (&["--trusted-proxy", "127.0.0.1"][..], "198.51.100.7"),
        (&["--trusted-proxy", "127.0.0.2"], "127.0.0.1"),
        (&[], "127.0.0.1"),
    ] {
        let mut running = Running::serving(dir.path(), arguments);
        let fields = "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 198.51.100.7\r\n";
        Client::connect(running.address).request("GET", "/healthz", fields);
        running.signal(Signal::TERM);
        let (_, log) = running.wait();
        assert!(log.contains(&format!(" {shown} \"GET /healthz\"")), "{log}");
    }
}

#[test]
fn rust_log_warn_hides_access_lines() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .arg("--dir")
        .arg(dir.path())
        .args(["--port", "0"])
        .env("RUST_LOG", "warn");
    let mut running = Running::start(command);
    Client::connect(running.address).request("GET", "/healthz", "");
    running.signal(Signal::TERM);
    assert_eq!(running.wait(), (0, String::new()));
}
