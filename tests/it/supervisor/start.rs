//! Tests the start of the program: with and without a supervisor, with wrong settings, as process 1, and without a
//! terminal.

use std::fs;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::{ask, children, is_alive, media, server, supervised};
use crate::auth::basic;
use crate::program::{NO_SUPERVISOR, Running, clean, fails, program};
use crate::support::{Client, eventually};

#[test]
fn failed_start_is_reported_once() {
    let start = |arguments: &[&str]| {
        let mut command = program();
        command.env_remove(NO_SUPERVISOR.0).args(arguments);
        command
    };
    fails(&mut start(&["--max-streams", "0"]), 2, &["1 to 4096"]);
    let missing = ["--port", "0", "--dir", "/nowhere/at/all"];
    fails(
        &mut start(&missing),
        1,
        &["/nowhere/at/all", "no such file"],
    );
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let taken = ["--bind", "127.0.0.1", "--port", &port];
    fails(&mut start(&taken), 1, &[&port, "in use", "--port"]);
    // The supervisor sets this variable for its child. If a user sets it, the program must not start.
    let mut command = start(&["--port", "0"]);
    command.env("VIDEOSERVE_SUPERVISOR", "1");
    fails(&mut command, 1, &["VIDEOSERVE_SUPERVISOR", "unset it"]);
}

#[test]
fn number_of_processes_depends_on_environment_and_flags() {
    let dir = media();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // A service manager, such as systemd, starts a service again after a crash. So the program runs without a
    // supervisor if the variables show that it is a service.
    for (variables, arguments, processes) in [
        (&[][..], &[][..], 2),
        (&[NO_SUPERVISOR], &[], 1),
        (&[], &["--no-supervisor"], 1),
        (&[("NOTIFY_SOCKET", "@videoserve-missing")], &[], 1),
        (&[("INVOCATION_ID", "0123")], &[], 1),
        // A terminal in a desktop session inherits INVOCATION_ID, because the session is a service. But
        // SYSTEMD_EXEC_PID is the id of another process, so this program is not the service.
        (
            &[("INVOCATION_ID", "0123"), ("SYSTEMD_EXEC_PID", "1")],
            &[],
            2,
        ),
        (&[("NOTIFY_SOCKET", ""), ("INVOCATION_ID", "")], &[], 2),
        (&[("VIDEOSERVE_NO_SUPERVISOR", "0")], &[], 2),
    ] {
        let mut command = supervised(dir.path());
        command.envs(variables.iter().copied()).args(arguments);
        let running = Running::start(command);
        let found = 1 + children(running.process.id()).len();
        assert_eq!(found, processes, "{variables:?} {arguments:?}");
        assert_eq!(ask(&running).as_deref(), Some("content"));
    }
    // In the first script, the program is a service of systemd. In the second script, it gets a socket from a
    // service manager.
    for script in [
        "export INVOCATION_ID=0123 SYSTEMD_EXEC_PID=$$; exec \"$@\" --port 0",
        "exec 3<&0 0</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$@\"",
    ] {
        let program = env!("CARGO_BIN_EXE_videoserve");
        let mut command = clean("sh");
        command
            .env_remove(NO_SUPERVISOR.0)
            .args(["-c", script, "sh", program, "--dir"])
            .arg(dir.path())
            .stdin(Stdio::from(OwnedFd::from(listener.try_clone().unwrap())));
        let running = Running::start(command);
        assert!(children(running.process.id()).is_empty(), "{script}");
    }
}

/// The supervisor starts the server again after a crash. The new server must not print the URLs again.
#[test]
fn start_up_lines_are_printed_once() {
    let dir = media();
    let mut command = supervised(dir.path());
    let out = dir.path().join(".out");
    command.stdout(fs::File::create(&out).unwrap());
    command.stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let lines = || fs::read_to_string(&out).unwrap();
    eventually("the server has started", || lines().contains("confined"));
    let alone = lines();
    assert!(
        alone.contains("only for this machine; leave --bind out"),
        "{alone}"
    );
    let old = children(child.id());
    kill_process(old[0], Signal::KILL).unwrap();
    eventually("there is another server", || {
        let found = children(child.id());
        found.len() == 1 && found != old
    });
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(lines(), alone);
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

/// No process may have the password in its environment, because `/proc` shows the environment.
#[test]
fn every_restarted_server_gets_the_password() {
    let dir = media();
    let mut command = supervised(dir.path());
    command.env("VIDEOSERVE_AUTH", "ana:s3cret");
    let running = Running::start(command);
    let status = |fields: &str| {
        let mut client = Client::connect(running.address);
        client.request("GET", "/api/stream/a", fields).status
    };
    for _ in 0..2 {
        eventually("there is a server", || {
            children(running.process.id()).len() == 1
        });
        assert_eq!((status(""), status(&basic("ana:s3cret"))), (401, 200));
        let server = server(&running);
        for process in [
            running.process.id().cast_signed(),
            server.as_raw_nonzero().get(),
        ] {
            let environment = fs::read(format!("/proc/{process}/environ")).unwrap();
            let text = String::from_utf8_lossy(&environment);
            assert!(!text.contains("s3cret"), "{text}");
        }
        kill_process(server, Signal::KILL).unwrap();
        eventually("the server has ended", || !is_alive(server));
    }
}

/// In a container, the program is process 1. Process 1 becomes the parent of orphans, so it must wait for them. If
/// process 1 has no handler for a signal, the kernel ignores the signal. So the program must handle SIGTERM.
#[test]
fn process_1_stops_on_sigterm_and_reaps_orphans() {
    let unshare = || {
        let mut command = clean("unshare");
        command.args(["--fork", "--pid", "--mount-proc"]);
        command
    };
    if !unshare()
        .arg("true")
        .status()
        .is_ok_and(|status| status.success())
    {
        println!("skipped: unshare --pid is not permitted");
        return;
    }
    let dir = media();
    let mut command = unshare();
    // The subshell ends before `sleep`, so `sleep` becomes a child of process 1.
    let script = "(sleep 0.3 &); exec \"$@\"";
    command
        .env_remove(NO_SUPERVISOR.0)
        .args(["sh", "-c", script, "sh", env!("CARGO_BIN_EXE_videoserve")])
        .args(["--port", "0", "--bind", "127.0.0.1", "--dir"])
        .arg(dir.path());
    let mut running = Running::start(command);
    assert_eq!(ask(&running).as_deref(), Some("content"));
    let init = server(&running);
    let number = init.as_raw_nonzero().get().unsigned_abs();
    let all = children(number);
    assert!(!all.is_empty());
    eventually("only the server is left", || children(number).len() == 1);
    assert!(is_alive(children(number)[0]));
    kill_process(children(number)[0], Signal::KILL).unwrap();
    eventually("the server is started again", || {
        ask(&running).as_deref() == Some("content")
    });
    kill_process(init, Signal::TERM).unwrap();
    let (code, log) = running.wait();
    assert_eq!(code, 0, "{log}");
}

/// The program runs in the background. The standard streams are closed, or are `/dev/null`.
#[test]
fn program_runs_without_a_terminal() {
    let dir = media();
    for streams in ["</dev/null >/dev/null 2>&1", "<&- >&- 2>&-"] {
        // Finds a free port. Before the server starts, another program can take this port, but this is unlikely.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let mut child = detached(dir.path(), address.port(), streams);
        let answers = || super::load::ask(address).is_ok_and(|text| text.is_some());
        eventually("the server answers", answers);
        let [old] = children(child.id())[..] else {
            panic!("one server is expected");
        };
        kill_process(old, Signal::KILL).unwrap();
        eventually("the server has ended", || !is_alive(old));
        eventually("the server answers again", answers);
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        assert!(child.wait().unwrap().success());
    }
}

fn detached(dir: &Path, port: u16, streams: &str) -> std::process::Child {
    let script = format!("exec \"$@\" {streams}");
    clean("setsid")
        .env_remove(NO_SUPERVISOR.0)
        .args(["sh", "-c", &script, "sh", env!("CARGO_BIN_EXE_videoserve")])
        .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--dir"])
        .arg(dir)
        .spawn()
        .unwrap()
}

/// No program reads the pipe of the log, so the pipe becomes full. It must not block the server or the supervisor.
#[test]
fn full_log_does_not_block_the_supervisor() {
    let dir = media();
    let running = Running::start(supervised(dir.path()));
    // Each response writes one line to the pipe. The capacity of the pipe is 64 KiB.
    for _ in 0..1500 {
        assert!(ask(&running).is_some());
    }
    let old = server(&running);
    kill_process(old, Signal::KILL).unwrap();
    eventually("the server has ended", || !is_alive(old));
    assert_eq!(ask(&running).as_deref(), Some("content"));
}
