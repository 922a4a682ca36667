//! Tests the JSON log of the built program. Every line of standard error must be a JSON object, also for hostile
//! requests.

use std::net::TcpListener;

use rustix::process::Signal;
use serde_json::Value;

use crate::program::{Running, program};
use crate::support::Client;

/// Starts the program, and calls `ask`, which sends requests. Returns all lines of the log.
fn log_of(arguments: &[&str], ask: impl FnOnce(&Running)) -> Vec<Value> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.mp4"), "content").unwrap();
    let mut running =
        Running::serving(dir.path(), &[&["--log-format", "json"], arguments].concat());
    ask(&running);
    running.signal(Signal::TERM);
    let (code, log) = running.wait();
    assert_eq!(code, 0, "{log}");
    parsed(&log)
}

#[track_caller]
fn parsed(log: &str) -> Vec<Value> {
    let parse = |line: &str| -> Value {
        assert!(
            line.is_ascii() && !line.contains(|c: char| c.is_control()),
            "{line}"
        );
        let value: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let time = value["time"].as_str().unwrap();
        assert!(
            time.len() == 24 && time.starts_with("20") && time.ends_with('Z'),
            "{time}"
        );
        assert!(value["level"].is_string());
        value
    };
    log.lines().map(parse).collect()
}

/// Returns the lines of the access log, without the fields `time`, `duration_ms` and `level`.
fn access(lines: &[Value]) -> Vec<String> {
    let mut shown = Vec::new();
    for line in lines.iter().filter(|line| line["status"].is_number()) {
        let mut line = line.as_object().unwrap().clone();
        assert!(line["duration_ms"].is_u64() && !line.contains_key("message"));
        for name in ["time", "duration_ms"] {
            line.remove(name).unwrap();
        }
        assert_eq!(line.remove("level").unwrap(), "info");
        shown.push(Value::from(line).to_string());
    }
    shown
}

/// The program parses RUST_LOG itself, because env_logger prints the control characters of an invalid value.
#[test]
fn invalid_rust_log_is_reported_in_the_log_format() {
    let dir = tempfile::tempdir().unwrap();
    for format in ["json", "text"] {
        let mut command = program();
        command
            .env("RUST_LOG", "off,videoserve=\u{1b}[31mloud")
            .args(["--port", "0", "--log-format", format])
            .arg("--dir")
            .arg(dir.path());
        let mut running = Running::start(command);
        running.signal(Signal::TERM);
        let (code, log) = running.wait();
        assert_eq!(code, 0, "{log}");
        assert!(log.contains("RUST_LOG") && log.contains("u{1b}[31mloud"));
        match format {
            "json" => assert_eq!(parsed(&log)[0]["level"], "warn"),
            _ => assert!(!log.contains('\u{1b}'), "{log}"),
        }
    }
}

#[test]
fn access_line_in_json_has_these_fields() {
    let lines = log_of(&["--trusted-proxy", "127.0.0.1"], |running| {
        let mut client = Client::connect(running.address);
        client.request(
            "GET",
            "/api/stream/a.mp4?token=secret&t=1",
            "Range: bytes=0-2\r\n",
        );
        client.request("HEAD", "/\"\\\u{1f600}", "X-Forwarded-For: 2001:db8::7\r\n");
        client.send("GET /\x1b[2J HTTP/1.1\r\nHost: a\r\n\r\n");
        client.response();
    });
    let refused = r#"{"bytes":12,"client":"127.0.0.1","method":"GET","note":"refused at the gate","status":400,"target":"/%1B[2J"}"#;
    assert_eq!(
        access(&lines),
        [
            r#"{"bytes":3,"client":"127.0.0.1","method":"GET","status":206,"target":"/api/stream/a.mp4?token=***&t=1"}"#,
            r#"{"bytes":0,"client":"2001:db8::7","method":"HEAD","status":404,"target":"/\"\\%F0%9F%98%80"}"#,
            refused,
        ]
    );
    let messages: Vec<&Value> = lines
        .iter()
        .filter(|line| line["message"].is_string())
        .collect();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!(lines.len(), 4);
}

#[test]
fn hostile_bytes_are_escaped_in_json() {
    let all: Vec<u8> = (1..=255).collect();
    let mut requests: Vec<Vec<u8>> = vec![
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec(),
        b"GET\n\n".to_vec(),
        b"\xf0\x9f\x98\x80 /\xf0\x9f HTTP/1.1\r\n\r\n".to_vec(),
        b"\"},{\"status\":200 /\"} HTTP/1.1\r\n\r\n".to_vec(),
        [b"GET /".to_vec(), vec![b'"'; 9000]].concat(),
        [
            b"GET /\\".to_vec(),
            all.clone(),
            b" HTTP/1.1\r\n\r\n".to_vec(),
        ]
        .concat(),
    ];
    for byte in all {
        requests.push(
            [
                &b"GET /a"[..],
                &[byte],
                b"b?token=x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            ]
            .concat(),
        );
    }
    // The test reads standard error when the program has ended. The pipe has space for the lines of 100 requests, so
    // each program gets at most 100 requests.
    for requests in requests.chunks(100) {
        let lines = log_of(&[], |running| {
            for request in requests {
                let mut client = Client::connect(running.address);
                client.send(request);
                assert!(client.response().status >= 400);
            }
        });
        assert_eq!(access(&lines).len(), requests.len());
    }
}

#[test]
#[ignore = "slow; scripts/test runs it"]
fn lost_lines_and_start_errors_are_json() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = Running::serving(dir.path(), &["--log-format", "json"]);
    let mut client = Client::connect(running.address);
    // The log lines of these requests fill the pipe (64 KiB) and the queue of the log, so the program loses lines.
    for _ in 0..5_000 {
        client.request("GET", "/healthz", "");
    }
    let log = running.take_log();
    running.signal(Signal::TERM);
    // Before the program ends, it waits up to 500 ms until the queue is written. The test begins to read during this
    // wait, so the program can write the queue.
    std::thread::sleep(std::time::Duration::from_millis(150));
    let lines = parsed(&std::io::read_to_string(log).unwrap());
    let contains = |line: &Value, words: &str| {
        line["message"]
            .as_str()
            .is_some_and(|it| it.contains(words))
    };
    assert!(
        lines
            .iter()
            .any(|line| contains(line, "log lines were lost"))
    );

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = program()
        .args([
            "--log-format",
            "json",
            "--bind",
            "127.0.0.1",
            "--port",
            &port,
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let lines = parsed(std::str::from_utf8(&output.stderr).unwrap());
    assert!(
        contains(&lines[0], "in use") && lines.len() == 1,
        "{lines:?}"
    );
}
