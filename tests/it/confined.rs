//! Tests the built program in its sandbox. `tests/sandbox` tests what each layer of the sandbox prevents.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::program::{Running, program};
use crate::support::{Client, eventually};

/// Starts the program. Returns the child, and the line about the sandbox that the child prints.
fn start(dir: &Path, arguments: &[&str]) -> (Child, String) {
    start_in(Path::new("/"), dir, arguments)
}

fn start_in(current: &Path, dir: &Path, arguments: &[&str]) -> (Child, String) {
    let mut child = program()
        .current_dir(current)
        .arg("--dir")
        .arg(dir)
        .args(["--port", "0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines
        .map(Result::unwrap)
        .find(|line| line.contains("confined"))
        .unwrap();
    (child, line)
}

fn end(mut child: Child) {
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn start_up_line_describes_the_sandbox() {
    let dir = tempfile::tempdir().unwrap();
    let (child, line) = start(dir.path(), &[]);
    println!("{line}");
    assert!(
        line.starts_with("  ") && !line.contains("--no-sandbox"),
        "{line}"
    );
    end(child);
    let (child, line) = start(dir.path(), &["--no-sandbox"]);
    assert_eq!(line, "  not confined: --no-sandbox is set");
    end(child);
}

/// If a folder replaces the served folder at the same path, a confined server cannot open the new folder. The server
/// exits, so that a service manager restarts it.
#[test]
fn unsupervised_server_ends_when_its_folder_is_replaced() {
    for name in [None, Some(".")] {
        let outer = tempfile::tempdir().unwrap();
        let dir = outer.path().join("media");
        std::fs::create_dir(&dir).unwrap();
        let (mut child, line) = start_in(&dir, name.map_or(&*dir, Path::new), &[]);
        std::fs::remove_dir(&dir).unwrap();
        std::fs::create_dir(&dir).unwrap();
        if !line.contains("confined to this folder") {
            println!("skipped, because the program is{line}");
            return end(child);
        }
        let begin = Instant::now();
        eventually("the server ends", || child.try_wait().unwrap().is_some());
        assert_eq!(child.wait().unwrap().code(), Some(3));
        assert!(begin.elapsed() < Duration::from_secs(10));
        let log = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
        assert!(log.contains("removed or replaced"), "{log}");
    }
}

#[test]
fn unconfined_server_serves_a_replaced_folder() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("media");
    std::fs::create_dir(&dir).unwrap();
    let running = Running::serving(&dir, &["--no-sandbox"]);
    std::fs::remove_dir(&dir).unwrap();
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("a"), "new").unwrap();
    let mut client = Client::connect(running.address);
    assert_eq!(client.request("GET", "/api/stream/a", "").text(), "new");
}

/// An absolute symlink contains the path of the folder, so this path must also exist in the sandbox.
#[test]
fn absolute_symlink_inside_works_in_the_sandbox() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("media");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("a"), "content").unwrap();
    std::fs::write(outer.path().join("beside"), "secret").unwrap();
    std::os::unix::fs::symlink(dir.join("a"), dir.join("inside")).unwrap();
    std::os::unix::fs::symlink(outer.path().join("beside"), dir.join("outside")).unwrap();
    let running = Running::serving(&dir, &[]);
    let mut client = Client::connect(running.address);
    let inside = client.request("GET", "/api/stream/inside", "");
    assert_eq!(inside.text(), "content");
    let outside = client.request("GET", "/api/stream/outside", "");
    assert_eq!(outside.status, 404);
}
