//! Tests the built program under a service manager. The manager passes a socket (sd_listen_fds(3)) and receives
//! messages (sd_notify(3)).

use std::io::ErrorKind;
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use crate::program::{Running, clean, fails, program};
use crate::shared::client::uninterrupted;
use crate::support::{Client, TIMEOUT, eventually, numbered};

const BINARY: &str = env!("CARGO_BIN_EXE_videoserve");
const ASK: &str = "GET /api/stream/a HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Returns a command that runs the program with `descriptor` as descriptor 3. A shell sets LISTEN_PID to its own
/// process id, and executes the commands in `before`. Then the shell replaces itself by the program, which keeps this
/// id.
fn with(descriptor: impl Into<OwnedFd>, before: &str, dir: &Path) -> Command {
    let mut command = clean("sh");
    let script = format!("exec 3<&0 0</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; {before}");
    command
        .arg("-c")
        .arg(format!("{script} exec \"$@\""))
        .args(["sh", BINARY, "--dir"])
        .arg(dir)
        .stdin(Stdio::from(descriptor.into()));
    command
}

fn handed_over(listener: &TcpListener, dir: &Path) -> Command {
    with(listener.try_clone().unwrap(), "", dir)
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a"), "content").unwrap();
    dir
}

fn local() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// An early client connects before the program starts.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn passed_socket_serves_early_clients() {
    let dir = folder();
    let addresses = [
        SocketAddr::from(([127, 0, 0, 1], 0)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
        SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    ];
    for address in addresses {
        let bind = address.ip().to_string();
        for arguments in [&["--port", "0", "--bind", &bind][..], &["--no-sandbox"]] {
            let listener = TcpListener::bind(address).unwrap();
            let mut address = listener.local_addr().unwrap();
            if address.ip().is_unspecified() {
                address.set_ip([127, 0, 0, 1].into());
            }
            let mut early = Client::connect(address);
            early.send(ASK);
            let mut command = handed_over(&listener, dir.path());
            command.args(arguments);
            let mut running = Running::start(command);
            // The socket overrides `--port 0`.
            assert_eq!(running.address.port(), address.port());
            assert_eq!(early.response().text(), "content");
            let mut late = Client::connect(address);
            late.send(ASK);
            assert_eq!(late.response().text(), "content");
            running.signal(Signal::TERM);
            let (code, log) = running.wait();
            assert_eq!(code, 0, "{log}");
        }
    }
}

#[test]
fn socket_activated_program_answers() {
    const NAME: &str = "systemd-socket-activate";
    if Command::new(NAME).arg("--version").output().is_err() {
        println!("skipped: {NAME} is not installed");
        return;
    }
    let dir = folder();
    // The kernel gives the socket of `local` a free port. This line closes the socket, so another program can listen on
    // the port.
    let address = local().local_addr().unwrap();
    let mut child = clean(NAME)
        .args(["--listen", &address.to_string(), BINARY, "--dir"])
        .arg(dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    eventually("the port is open", || TcpStream::connect(address).is_ok());
    let mut client = Client::connect(address);
    client.send(ASK);
    assert_eq!(client.response().text(), "content");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    let log = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
    assert!(child.wait().unwrap().success(), "{log}");
    assert!(log.contains("\"GET /api/stream/a\" 200 7 B"), "{log}");
}

/// After SIGTERM, the program finishes its responses. The service manager keeps the socket open, so a new client waits
/// for the next program. During this wait, the stopping program must not use processor time in a busy loop.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn client_during_a_stop_waits_for_the_next_program() {
    let dir = folder();
    let film = numbered(12_000_000);
    std::fs::write(dir.path().join("film"), &film).unwrap();
    let listener = local();
    let address = listener.local_addr().unwrap();
    let mut first = Running::start(handed_over(&listener, dir.path()));
    let mut viewer = Client::connect(address);
    viewer.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
    viewer.read_head();
    first.signal(Signal::TERM);
    let number = rustix::fs::fstat(&listener).unwrap().st_ino;
    eventually("the socket is closed", || !first.has_socket(number));
    let before = first.processor_ticks();
    let mut next = Client::connect(address);
    next.send(ASK);
    std::thread::sleep(Duration::from_secs(1));
    let used = first.processor_ticks() - before;
    assert!(used < 25, "{used} ticks of processor time during the stop");
    assert!(viewer.take(film.len()) == film);
    assert_eq!(first.wait().0, 0);
    let _second = Running::start(handed_over(&listener, dir.path()));
    assert_eq!(next.response().text(), "content");
}

#[test]
fn descriptor_that_is_not_a_listening_socket_is_refused() {
    let dir = folder();
    let refuses = |descriptor: OwnedFd, cause: &str| {
        let words = ["not a listening TCP socket", cause];
        fails(&mut with(descriptor, "", dir.path()), 1, &words);
    };
    refuses(UdpSocket::bind("127.0.0.1:0").unwrap().into(), "type");
    let path = dir.path().join("socket");
    refuses(UnixListener::bind(path).unwrap().into(), "TCP");
    let taken = local();
    let connection = TcpStream::connect(taken.local_addr().unwrap()).unwrap();
    refuses(connection.into(), "does not listen");
    let file = std::fs::File::open(dir.path().join("a")).unwrap();
    refuses(file.into(), "not a socket");
    let with = |before: &str| with(local(), before, dir.path());
    fails(&mut with("exec 3<&-;"), 1, &["not open"]);
    let two = "exec 4<&3; LISTEN_FDS=2;";
    fails(&mut with(two), 1, &["2 sockets", "LISTEN_FDS"]);
    fails(&mut with("LISTEN_FDS=x;"), 1, &["LISTEN_FDS", "\"x\""]);
    // `--port` and `--bind` cannot change the address of a socket.
    let contradicts = |arguments: &[&str], words: &[&str]| {
        fails(with("").args(arguments), 2, words);
    };
    contradicts(&["--port", "1"], &["--port 1 contradicts", "127.0.0.1:"]);
    contradicts(&["--bind", "::"], &["--bind :: contradicts"]);
    let mut by_variable = with("");
    by_variable.env("VIDEOSERVE_PORT", "1");
    fails(&mut by_variable, 2, &["VIDEOSERVE_PORT", "contradicts"]);
}

#[test]
fn socket_for_another_process_is_closed_and_ignored() {
    let dir = folder();
    for before in [
        "LISTEN_PID=1;",
        "LISTEN_PID=;",
        "LISTEN_FDS=0;",
        "unset LISTEN_FDS;",
    ] {
        let listener = local();
        let other = listener.local_addr().unwrap();
        let mut command = with(listener, before, dir.path());
        command.args(["--port", "0"]);
        let running = Running::start(command);
        assert_ne!(running.address.port(), other.port(), "{before}");
        let mut client = Client::connect(running.address);
        client.send(ASK);
        assert_eq!(client.response().text(), "content");
        // The program closes the socket. But a child process of another test may have a copy of the socket for a short
        // time. The port is open until this process closes its copy.
        eventually("the port is closed", || {
            let connected = TcpStream::connect_timeout(&other, Duration::from_secs(1));
            connected.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
        });
    }
}

/// The program sends two messages. The socket of the manager has a path or an abstract name.
#[test]
fn manager_receives_ready_and_stopping() {
    let dir = folder();
    for (is_abstract, arguments) in [(false, &[][..]), (true, &[]), (false, &["--no-sandbox"])] {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("notify");
        let (manager, name) = match is_abstract {
            false => (
                UnixDatagram::bind(&path).unwrap(),
                path.display().to_string(),
            ),
            true => abstract_manager(&path),
        };
        manager.set_read_timeout(Some(TIMEOUT)).unwrap();
        let mut command = program();
        command
            .env("NOTIFY_SOCKET", name)
            .args(["--port", "0", "--dir"])
            .arg(dir.path())
            .args(arguments);
        let mut running = Running::start(command);
        let port = running.address.port();
        let ready = format!("READY=1\nSTATUS=Serving on port {port}");
        assert_eq!(message(&manager), ready);
        let mut viewer = Client::connect(running.address);
        viewer.send(ASK);
        assert_eq!(viewer.response().text(), "content");
        running.signal(Signal::TERM);
        assert!(message(&manager).starts_with("STOPPING=1\n"));
        assert_eq!(running.wait().0, 0);
        manager.set_nonblocking(true).unwrap();
        assert!(manager.recv(&mut [0]).is_err(), "there is a third message");
    }
}

#[test]
fn stopping_is_sent_before_running_responses_end() {
    let dir = folder();
    let film = numbered(12_000_000);
    std::fs::write(dir.path().join("film"), &film).unwrap();
    let manager = UnixDatagram::bind(dir.path().join("notify")).unwrap();
    manager.set_read_timeout(Some(TIMEOUT)).unwrap();
    let listener = local();
    let mut command = handed_over(&listener, dir.path());
    command.env("NOTIFY_SOCKET", dir.path().join("notify"));
    let mut running = Running::start(command);
    assert!(message(&manager).starts_with("READY=1\n"));
    let mut viewer = Client::connect(listener.local_addr().unwrap());
    viewer.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
    viewer.read_head();
    running.signal(Signal::INT);
    assert!(message(&manager).starts_with("STOPPING=1\n"));
    assert!(viewer.take(film.len()) == film);
    assert_eq!(running.wait().0, 0);
}

#[test]
fn unreachable_manager_is_logged_and_ignored() {
    let dir = folder();
    for name in ["/nowhere/at/all", "@videoserve-missing", "nonsense", ""] {
        let mut command = program();
        command
            .env("NOTIFY_SOCKET", name)
            .args(["--port", "0", "--dir"]);
        command.arg(dir.path());
        let mut running = Running::start(command);
        let mut client = Client::connect(running.address);
        assert_eq!(client.request("GET", "/healthz", "").text(), "ok");
        running.signal(Signal::TERM);
        let (code, log) = running.wait();
        assert_eq!(code, 0);
        let count = log.matches("cannot connect to NOTIFY_SOCKET").count();
        assert_eq!(count, usize::from(!name.is_empty()), "{name}: {log}");
        assert!(!log.contains("cannot notify"), "{log}");
    }
}

/// SIGSTOP and SIGCONT interrupt system calls that wait. Debuggers and paused containers send these signals.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn stop_and_continue_signals_lose_no_bytes() {
    let dir = folder();
    let film = numbered(40_000_000);
    std::fs::write(dir.path().join("film"), &film).unwrap();
    for way in [&[][..], &["--no-sendfile"]] {
        let mut command = program();
        command.args(["--port", "0", "--dir"]).arg(dir.path());
        command.args(way);
        let mut running = Running::start(command);
        let mut idle = Client::connect(running.address);
        let mut viewer = Client::connect_small(running.address);
        viewer.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(viewer.read_head().status, 200);
        let mut received = Vec::new();
        for pause in 0..40 {
            if pause == 35 {
                // The head begins late, because 40 pauses can take longer than the timeout for a request head.
                idle.send("GET /api/stream/a HTTP/1.1\r\n");
            }
            received.extend(viewer.take(1_000_000));
            running.signal(Signal::STOP);
            std::thread::sleep(Duration::from_millis(2));
            running.signal(Signal::CONT);
        }
        assert!(received == film, "{way:?}");
        idle.send("Host: localhost\r\n\r\n");
        assert_eq!(idle.response().text(), "content", "{way:?}");
        running.signal(Signal::TERM);
        let (code, log) = running.wait();
        assert_eq!(code, 0);
        assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
    }
}

fn message(manager: &UnixDatagram) -> String {
    let mut buffer = [0; 4096];
    let length = uninterrupted(|| manager.recv(&mut buffer)).expect("a message");
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

fn abstract_manager(unique: &Path) -> (UnixDatagram, String) {
    use std::os::linux::net::SocketAddrExt;
    let name = unique.display().to_string();
    let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
    (
        UnixDatagram::bind_addr(&address).unwrap(),
        format!("@{name}"),
    )
}
