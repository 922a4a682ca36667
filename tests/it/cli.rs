//! The built program: what it prints, how it ends, what it logs.

use std::io::{BufRead, BufReader, Lines};
use std::net::{SocketAddr, TcpListener};
use std::process::{ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::program::{Running, program};
use crate::shared::process::{Process, address_in};
use crate::support::{Client, eventually, numbered};

fn output(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

/// Starts the command. Returns the child and the lines of its standard output.
fn spawn(mut command: Command) -> (Process, Lines<BufReader<ChildStdout>>) {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    let mut process = Process::from(child);
    let lines = process.stdout.take().unwrap().lines();
    (process, lines)
}

/// One line on standard error that has all of `words`, nothing on standard output, and the exit code.
#[track_caller]
fn fails(arguments: &[&str], code: i32, words: &[&str]) {
    let output = output(arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(
        message.starts_with("videoserve: ") && !message.contains("panicked"),
        "{message}"
    );
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message}");
    }
    assert!(output.stdout.is_empty());
}

#[test]
fn wrong_setting_exits_with_2_and_names_valid_values() {
    fails(&["--port", "99999"], 2, &["--port", "99999", "0 to 65535"]);
    fails(&["--port", "http"], 2, &["--port", "http", "0 to 65535"]);
    fails(&["--port", "-1"], 2, &["--port", "-1", "0 to 65535"]);
    fails(&["--bind", "here"], 2, &["--bind", "here", "127.0.0.1"]);
    fails(
        &["--bind", "127.0.0.1:80"],
        2,
        &["--bind", "without a port"],
    );
    fails(&["--max-streams", "0"], 2, &["0", "1 to 4096"]);
    fails(
        &["--max-streams", "many"],
        2,
        &["--max-streams", "many", "1 to 4096"],
    );
    fails(&["--stall-timeout", "0"], 2, &["0 s", "1 to 86400"]);
    fails(
        &["--stall-timeout", "1.5"],
        2,
        &["--stall-timeout", "1.5", "whole number"],
    );
    fails(&["--base-path", "videos"], 2, &["videos", "begin with /"]);
    fails(&["--base-path", "/watch"], 2, &["base path", "/watch"]);
    fails(&["--base-path=/a", "--mount=/a/b"], 2, &["/a", "mount"]);
    fails(&["--mount", "videos"], 2, &["videos", "begin with /"]);
    fails(&["--mount", "/"], 2, &["root", "/videos"]);
    fails(&["--mount", "/api"], 2, &["/api/stream"]);
    fails(&["--mount", "/metrics"], 2, &["/metrics"]);
    fails(&["--mount", "/browse/x"], 2, &["/browse"]);
    fails(&["--mount", "/a/../b"], 2, &["/a/../b", ".."]);
    fails(&["--mount", "/a//b"], 2, &["/a//b", "empty"]);
    fails(&["--mount", "/%zz"], 2, &["/%zz"]);
    fails(
        &["--cors-origin", "example.com"],
        2,
        &["example.com", "https://"],
    );
    fails(
        &["--cors-origin", "https://example.com/"],
        2,
        &["without a path"],
    );
    fails(
        &["--allow-host", "http://a.example"],
        2,
        &["a.example", "without scheme"],
    );
    fails(
        &["--cors-origin=https://*.example.com"],
        2,
        &["*.example.com", "pattern"],
    );
    fails(
        &["--trusted-proxy", "10.0.0.0/33"],
        2,
        &["10.0.0.0/33", "192.0.2.0/24"],
    );
    fails(
        &["--log-format", "xml"],
        2,
        &["--log-format", "xml", "text or json"],
    );
    fails(&["--unknown"], 2, &["--unknown", "--help"]);
    fails(&["film.mp4"], 2, &["film.mp4", "--help"]);
    fails(&["--dir"], 2, &["--dir"]);
    fails(&["--port", "1", "--port", "2"], 2, &["--port"]);
}

#[test]
fn missing_folder_or_taken_address_exits_with_1() {
    fails(
        &["--port", "0", "--dir", "/nowhere/at/all"],
        1,
        &["/nowhere/at/all", "no such file", "--dir"],
    );
    fails(
        &["--port", "0", "--dir", "/dev/null"],
        1,
        &["/dev/null", "not a directory", "--dir"],
    );
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    fails(
        &["--port", &port, "--bind", "127.0.0.1"],
        1,
        &[&port, "in use", "--port"],
    );
    fails(&["--port", &port], 1, &[&port, "in use", "--port"]);
    fails(
        &["--port", "0", "--bind", "192.0.2.1"],
        1,
        &["192.0.2.1", "--bind"],
    );
}

/// argh panics on arguments that are not UTF-8, so the program checks them before.
#[test]
fn argument_that_is_not_utf8_exits_with_2() {
    use std::os::unix::ffi::OsStrExt;
    let output = program()
        .arg("--dir")
        .arg(std::ffi::OsStr::from_bytes(b"/tmp/\xff"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.contains("not UTF-8") && message.lines().count() == 1,
        "{message}"
    );
}

#[test]
fn version_and_help_have_short_forms() {
    let version = output(&["--version"]);
    assert_eq!(
        String::from_utf8_lossy(&version.stdout),
        format!("videoserve {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(output(&["-V"]).stdout, version.stdout);
    let help = output(&["--help"]);
    assert_eq!(output(&["-h"]).stdout, help.stdout);
    let text = String::from_utf8_lossy(&help.stdout);
    for flag in [
        "--dir",
        "--port",
        "--bind",
        "--mount",
        "--base-path",
        "--cors-origin",
        "--allow-host",
        "--trusted-proxy",
        "--log-format",
        "--metrics",
        "--max-streams",
        "--stall-timeout",
        "--print-url",
        "--no-sendfile",
        "--no-sandbox",
        "--no-supervisor",
        "--version",
        "--help",
        "8001",
        "256",
        "90",
    ] {
        assert!(text.contains(flag), "{flag} is not in {text}");
    }
    assert_eq!(
        (version.status.code(), help.status.code()),
        (Some(0), Some(0))
    );
}

/// Only `--port 0` is given, because a test cannot use a fixed port.
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
fn slow_signal_lets_running_responses_end() {
    for signal in [Signal::TERM, Signal::INT] {
        let dir = tempfile::tempdir().unwrap();
        let content = numbered(20_000_000);
        std::fs::write(dir.path().join("film"), &content).unwrap();
        let mut running = Running::serving(dir.path(), &[]);
        let mut viewer = Client::connect(running.address);
        viewer.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
        viewer.head();
        running.signal(signal);
        let address = running.address;
        eventually("nobody listens", || {
            std::net::TcpStream::connect(address).is_err()
        });
        assert!(viewer.take(content.len()) == content);
        let (code, log) = running.wait();
        assert_eq!(code, 0, "{log}");
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
    viewer.head();
    running.signal(Signal::TERM);
    let address = running.address;
    eventually("nobody listens", || {
        std::net::TcpStream::connect(address).is_err()
    });
    let before = Instant::now();
    running.signal(Signal::TERM);
    assert_eq!(running.wait().0, 128 + 15);
    assert!(before.elapsed() < Duration::from_secs(2));
}

/// One line per response. Control characters in it are escaped, because the log may be read on a terminal.
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

/// The line has the client in X-Forwarded-For only if the proxy is trusted.
#[test]
fn access_line_names_the_client_of_a_trusted_proxy() {
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

/// A pager that waits, a terminal behind a connection that sleeps: the log stops, the server does not.
#[test]
fn a_log_that_nobody_reads_stops_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = Running::serving(dir.path(), &[]);
    let mut client = Client::connect(running.address);
    // Standard error is a pipe that holds 64 KiB.
    for _ in 0..5_000 {
        assert_eq!(client.request("GET", "/healthz", "").text(), "ok");
    }
    running.signal(Signal::TERM);
    let (code, log) = running.wait();
    assert_eq!(code, 0);
    assert!(log.contains("\"GET /healthz\" 200 2 B"), "{log}");
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
