//! Tests the supervisor of the built program: crashes, stops and signals. The supervisor is the parent process. It
//! starts the server process, and starts it again after a crash.

mod folder;
mod load;
mod start;

use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::program::{NO_SUPERVISOR, Running, program};
use crate::support::{Client, eventually, numbered};
use load::Load;

fn supervised(dir: &Path) -> Command {
    let mut command = program();
    command
        .env_remove(NO_SUPERVISOR.0)
        .args(["--port", "0", "--bind", "127.0.0.1", "--dir"])
        .arg(dir);
    command
}

/// Creates a folder with the small file `a`, and the large file `film`.
fn media() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a"), "content").unwrap();
    std::fs::write(dir.path().join("film"), numbered(FILM)).unwrap();
    dir
}

const FILM: usize = 12_000_000;

fn children(parent: u32) -> Vec<Pid> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let ids = text.split_whitespace().map(|id| id.parse().unwrap());
    ids.filter_map(Pid::from_raw).collect()
}

#[track_caller]
fn server(running: &Running) -> Pid {
    let found = children(running.process.id());
    assert_eq!(found.len(), 1, "one server is expected");
    found[0]
}

fn is_alive(process: Pid) -> bool {
    let path = format!("/proc/{}/stat", process.as_raw_nonzero());
    let stat = std::fs::read_to_string(path).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, fields)| !fields.starts_with(['Z', 'X']))
}

/// Returns the result of [`load::ask`]. Panics if the client cannot connect.
fn ask(running: &Running) -> Option<String> {
    load::ask(running.address).unwrap()
}

/// Returns a client that has requested the film, and has read only the head.
fn viewer(running: &Running) -> Client {
    let mut viewer = Client::connect_small(running.address);
    viewer.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(viewer.read_head().status, 200);
    viewer
}

#[test]
fn crashed_server_is_started_again_within_a_second() {
    let dir = media();
    let mut running = Running::start(supervised(dir.path()));
    let load = Load::start(running.address, 3);
    for signal in [Signal::KILL, Signal::ABORT] {
        let _viewers = [viewer(&running), viewer(&running)];
        std::thread::sleep(Duration::from_millis(200));
        let old = server(&running);
        kill_process(old, signal).unwrap();
        let killed = Instant::now();
        // A connection that the old server had accepted ends without a response. So `ask` can return `None` at first.
        eventually("a new client is answered", || {
            ask(&running).as_deref() == Some("content")
        });
        let time = killed.elapsed();
        assert!(time < Duration::from_secs(1), "{time:?}");
        assert_ne!(server(&running), old);
    }
    let seen = load.stop();
    assert_eq!(seen.refused, 0, "{seen:?}");
    assert!(seen.texts.get("content") > Some(&5), "{seen:?}");
    running.signal(Signal::TERM);
    let (code, log) = running.wait();
    assert_eq!(code, 0, "{log}");
    for signal in [9, 6] {
        let line = format!("signal {signal} ended the server: starting it again in ");
        assert_eq!(log.matches(&line).count(), 1, "{log}");
    }
}

#[test]
fn signal_stops_both_processes_and_lets_responses_end() {
    let dir = media();
    for signal in [Signal::TERM, Signal::INT] {
        let mut running = Running::start(supervised(dir.path()));
        let server = server(&running);
        let mut viewer = viewer(&running);
        running.signal(signal);
        let address = running.address;
        eventually("connections are refused", || {
            TcpStream::connect(address).is_err()
        });
        assert!(viewer.take(FILM) == numbered(FILM));
        let (code, log) = running.wait();
        assert_eq!(code, 0, "{log}");
        assert!(!is_alive(server));
        assert!(!log.contains("ERROR"), "{log}");
    }
}

/// On Ctrl-C, the kernel sends SIGINT to all processes of the foreground group: the supervisor and the server.
#[test]
fn interrupt_from_a_terminal_lets_responses_end() {
    let dir = media();
    let mut command = supervised(dir.path());
    command.process_group(0);
    let mut running = Running::start(command);
    let server = server(&running);
    let mut viewer = viewer(&running);
    let group = Pid::from_child(&running.process.child);
    kill_process_group(group, Signal::INT).unwrap();
    let address = running.address;
    eventually("connections are refused", || {
        TcpStream::connect(address).is_err()
    });
    assert!(viewer.take(FILM) == numbered(FILM));
    assert_eq!(running.wait().0, 0);
    assert!(!is_alive(server));
}

#[test]
fn second_signal_ends_both_processes_at_once() {
    let dir = media();
    for (second, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut running = Running::start(supervised(dir.path()));
        let server = server(&running);
        let _viewer = viewer(&running);
        running.signal(Signal::TERM);
        let address = running.address;
        eventually("connections are refused", || {
            TcpStream::connect(address).is_err()
        });
        assert!(is_alive(server));
        let before = Instant::now();
        running.signal(second);
        assert_eq!(running.wait().0, code);
        eventually("the server has ended", || !is_alive(server));
        assert!(before.elapsed() < Duration::from_secs(2));
    }
}

/// A user can send SIGTERM to the server process itself. The supervisor must then not start a new server.
#[test]
fn stopped_server_ends_the_supervisor() {
    let dir = media();
    let mut running = Running::start(supervised(dir.path()));
    kill_process(server(&running), Signal::TERM).unwrap();
    let (code, log) = running.wait();
    assert_eq!(code, 0, "{log}");
}

#[test]
fn stop_between_two_servers_exits_with_0() {
    let dir = media();
    let mut running = Running::start(supervised(dir.path()));
    // Each crash doubles the pause before the next server. The third pause is 400 ms, so the SIGTERM below arrives
    // during the pause.
    for _ in 0..3 {
        eventually("there is a server", || {
            children(running.process.id()).len() == 1
        });
        kill_process(server(&running), Signal::KILL).unwrap();
        eventually("there is no server", || {
            children(running.process.id()).is_empty()
        });
    }
    running.signal(Signal::TERM);
    let (code, log) = running.wait();
    assert_eq!(code, 0, "{log}");
}

#[test]
#[ignore = "slow; scripts/test runs it"]
fn server_that_does_not_stop_is_killed() {
    let dir = media();
    let mut running = Running::start(supervised(dir.path()));
    let server = server(&running);
    kill_process(server, Signal::STOP).unwrap();
    running.signal(Signal::TERM);
    let ended = running
        .process
        .ends_within(Duration::from_secs(20))
        .unwrap();
    assert!(ended.is_some() && !is_alive(server), "{ended:?}");
    let (code, log) = running.wait();
    assert_eq!(code, 137, "{log}");
    assert!(log.contains("the server does not stop"), "{log}");
}

#[test]
fn server_of_a_killed_supervisor_ends() {
    let dir = media();
    let mut running = Running::start(supervised(dir.path()));
    let server = server(&running);
    let _viewer = viewer(&running);
    running.signal(Signal::KILL);
    let killed = Instant::now();
    assert_eq!(running.process.child.wait().unwrap().code(), None);
    let address = running.address;
    eventually("the port is free", || {
        std::net::TcpListener::bind(address).is_ok()
    });
    eventually("the server has ended", || !is_alive(server));
    let time = killed.elapsed();
    assert!(time < Duration::from_secs(1), "{time:?}");
}

/// In a terminal, Ctrl-Z sends SIGTSTP to both processes, and `fg` sends SIGCONT.
#[test]
fn pause_of_both_processes_has_no_effect() {
    let dir = media();
    let mut command = supervised(dir.path());
    command.process_group(0);
    let mut running = Running::start(command);
    let before = server(&running);
    let group = Pid::from_child(&running.process.child);
    let mut viewer = viewer(&running);
    kill_process_group(group, Signal::TSTP).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    kill_process_group(group, Signal::CONT).unwrap();
    assert!(viewer.take(FILM) == numbered(FILM));
    assert_eq!(server(&running), before);
    running.signal(Signal::TERM);
    assert_eq!(running.wait().0, 0);
}
