//! Tests the program with a password: invalid settings, start-up lines, log.

use rustix::process::Signal;

use crate::auth::basic;
use crate::program::{Running, program};
use crate::support::Client;

/// The error is one line that describes valid values. It must not contain the wrong value, which may be a password.
#[test]
fn invalid_password_setting_is_refused_and_not_shown() {
    use std::os::unix::ffi::OsStrExt;
    let raw = |text: &[u8]| std::ffi::OsStr::from_bytes(text).to_owned();
    for (value, words) in [
        (raw(b"s3cret"), "USER:PASSWORD, with a colon"),
        (raw(b""), "USER:PASSWORD, with a colon"),
        (raw(b":s3cret"), "empty"),
        (raw(b"ana:"), "empty"),
        (raw(b"ana:s3cret\n"), "control characters"),
        (raw(b"ana:s3cret\xff"), "not UTF-8"),
    ] {
        let mut joined = raw(b"--auth=");
        joined.push(&value);
        let mut by_flag = program();
        by_flag.arg(joined);
        let mut by_two = program();
        by_two.arg("--auth").arg(&value);
        let mut by_variable = program();
        by_variable.env("VIDEOSERVE_AUTH", &value);
        for (command, name) in [
            (&mut by_flag, "--auth"),
            (&mut by_two, "--auth"),
            (&mut by_variable, "VIDEOSERVE_AUTH"),
        ] {
            // The folder does not exist, but the program checks the password first.
            let output = command.args(["--dir", "/nowhere/at/all"]).output().unwrap();
            let message = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{message}");
            assert_eq!(message.lines().count(), 1, "{message}");
            assert!(
                message.starts_with("videoserve: ") && message.contains(name),
                "{message}"
            );
            assert!(
                message.contains(words) && !message.contains("s3cret"),
                "{message}"
            );
        }
    }
    let twice = ["--auth", "ana:s3cret", "--auth=ana:s3cret"];
    let output = program().args(twice).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        output.stderr,
        b"videoserve: --auth can be given only once\n"
    );
    let help = program().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(
        help.contains("--auth") && help.contains("VIDEOSERVE_AUTH"),
        "{help}"
    );
}

/// A URL with a token works without the password. So the log must not contain tokens.
#[test]
fn log_has_no_password_and_no_token() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.mp4"), "content").unwrap();
    let mut command = program();
    command
        .args(["--port", "0", "--bind", "127.0.0.1", "--dir"])
        .arg(dir.path())
        .env("VIDEOSERVE_AUTH", "ana:s3cret")
        .env("RUST_LOG", "trace");
    let mut running = Running::start(command);
    let mut client = Client::connect(running.address);
    let list = client.request("GET", "/playlist/a.mp4", &basic("ana:s3cret"));
    let (_, token) = list.text().trim_end().split_once("token=").unwrap();
    let target = format!("/api/stream/a.mp4?download&token={token}");
    assert_eq!(client.request("GET", &target, "").status, 200);
    let encoded = format!("/api/stream/b.mp4?%74oken={token}");
    assert_eq!(
        client.request("GET", &encoded, &basic("ana:s3cret")).status,
        404
    );
    assert_eq!(client.request("GET", "/", &basic("ana:wrong")).status, 401);
    client.send(format!("GET {target} HTTP/3.0\r\n\r\n"));
    assert_eq!(client.response().status, 505);
    running.signal(Signal::TERM);
    let (code, log) = running.wait();
    assert_eq!(code, 0);
    for line in [
        "\"GET /playlist/a.mp4\" 200",
        "\"GET /api/stream/a.mp4?download&token=***\" 200",
        "\"GET /api/stream/b.mp4?%74oken=***\" 404",
        "\"GET /\" 401",
        "token=***",
    ] {
        assert!(log.contains(line), "{line} is not in {log}");
    }
    for secret in [token, "s3cret", "wrong", "YW5h"] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}

#[test]
fn start_up_lines_tell_if_a_password_is_required() {
    use std::io::Read;
    let dir = tempfile::tempdir().unwrap();
    for (flag, is_shown) in [(Some("--auth=ana:x"), true), (None, false)] {
        let mut command = program();
        command.args(["--port", "0", "--bind", "127.0.0.1", "--dir"]);
        command.arg(dir.path()).args(flag);
        let mut child = command
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = [0; 4096];
        // The program writes all lines in one call, so one read returns all of them.
        let length = child.stdout.take().unwrap().read(&mut said).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let said = std::str::from_utf8(&said[..length]).unwrap();
        assert!(said.contains("on this machine"), "{said}");
        assert_eq!(
            said.contains("every client needs the password"),
            is_shown,
            "{said}"
        );
    }
}
