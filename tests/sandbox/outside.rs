//! Prepares files and sockets, and starts the confined process. The process runs the probes of `probes.rs`. Each
//! probe tries one action. Then this code compares the results of the probes with the table of `table.rs`.

use std::fs;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::probes::{LEFT_FILE, LEFT_FOLDER, PROBES, Scene};
use crate::sandbox::{Confinement, Layer, close_inherited};
use crate::shared::client::Client;
use crate::table::{Run, refused};

/// The id of an unprivileged user.
const USER: u32 = 65534;
/// The id of a group that owns one file. The confined process has this group as a supplementary group.
const SUPPLEMENTARY_GROUP: u32 = 4242;

/// The layers of each run of the confined process: each layer alone, then all layers, then all without Landlock.
const RUNS: [&str; 5] = [
    "Landlock",
    "Namespace",
    "Seccomp",
    "Landlock Namespace Seccomp",
    "Namespace Seccomp",
];

/// The text that the confined process prints for a probe that was not refused.
const SUCCEEDED: &str = "succeeded";

/// The port on which the confined process may listen. 0 stands for a free port that the system chooses.
const PORT: Option<u16> = Some(0);

/// Tests every layer, as root if possible, and as an ordinary user.
pub(crate) fn check_all() {
    let is_root = rustix::process::geteuid().is_root();
    let users: &[bool] = if is_root { &[true, false] } else { &[false] };
    let mut failures = 0;
    for as_root in users {
        for layers in RUNS {
            failures += check(layers, *as_root, is_root);
        }
    }
    serve_in_a_namespace(is_root);
    assert_eq!(failures, 0, "some probes had a wrong result");
}

/// Runs the confined process with these layers. Returns the number of probes with a wrong result.
fn check(layers: &str, as_root: bool, is_root: bool) -> usize {
    let outer = tempfile::tempdir().unwrap();
    let outer = outer.path();
    set_up(outer, is_root, as_root);
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let _socket = UnixListener::bind(outer.join("socket")).unwrap();
    open_to_all(&outer.join("socket"));
    let name = format!("videoserve-test-{}", outer.display());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let _abstract_socket = UnixListener::bind_addr(&address).unwrap();
    let _datagrams = UnixDatagram::bind(outer.join("datagrams")).unwrap();
    open_to_all(&outer.join("datagrams"));
    let _manager = UnixDatagram::bind(outer.join("manager")).unwrap();
    open_to_all(&outer.join("manager"));
    let address = SocketAddr::from_abstract_name(format!("{name}-datagrams")).unwrap();
    let _abstract_datagrams = UnixDatagram::bind_addr(&address).unwrap();
    let mut other_process = as_user("sleep", is_root && !as_root)
        .arg("60")
        .spawn()
        .unwrap();
    let program = outer.join("confined");
    // The shell leaves two descriptors open for the program, as some parent processes do.
    let leaking = format!("exec \"$0\" {LEFT_FOLDER}</ {LEFT_FILE}>>\"$VIDEOSERVE_OUTER/log\"");
    let output = as_user("sh", is_root && !as_root)
        .arg("-c")
        .arg(leaking)
        .arg(program)
        .env("VIDEOSERVE_LAYERS", layers)
        .env("VIDEOSERVE_OUTER", outer)
        .env(
            "VIDEOSERVE_TCP",
            tcp.local_addr().unwrap().port().to_string(),
        )
        .env("VIDEOSERVE_ABSTRACT", &name)
        .env("VIDEOSERVE_OTHER_PROCESS", other_process.id().to_string())
        .stdin(Stdio::null())
        .output();
    other_process.kill().unwrap();
    other_process.wait().unwrap();
    let output = output.unwrap();
    let user = if as_root { "root" } else { "an ordinary user" };
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines();
    let summary = lines.next().unwrap_or_default();
    println!("{layers}, as {user}: {summary}");
    if !output.status.success() {
        println!(
            "  FAILED: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        return 1;
    }
    let state = lines.next().unwrap();
    let run = read_state(state);
    if run.layers.is_empty() {
        println!("  NOT TESTED: this machine does not have this layer");
        return 0;
    }
    let mut failures = 0;
    let mut refusals = 0;
    let lines: Vec<&str> = lines.collect();
    // If a probe succeeds in executing another program, the confined process ends, and results are missing.
    assert_eq!(lines.len(), PROBES.len(), "{text}");
    for line in lines {
        let (probe, outcome) = line.split_once('\t').unwrap();
        let succeeded = outcome == SUCCEEDED;
        match refused(probe, &run) {
            Some(must) if must == succeeded => {
                println!("  FAILED: {probe}: {outcome}");
                failures += 1;
            }
            Some(true) => refusals += 1,
            _ => {}
        }
    }
    println!("  {refusals} probes were refused as required");
    failures
}

/// Tests the folder path and symlinks of a server that is confined by a namespace and seccomp. Without Landlock,
/// seccomp refuses openat2, so the server must open each part of a path separately.
fn serve_in_a_namespace(is_root: bool) {
    let outer = tempfile::tempdir().unwrap();
    set_up(outer.path(), is_root, false);
    let program = outer.path().join("confined");
    let status = as_user(program.to_str().unwrap(), is_root)
        .env("VIDEOSERVE_LAYERS", "serve")
        .env("VIDEOSERVE_OUTER", outer.path())
        .env("RUST_BACKTRACE", "0")
        .status();
    assert!(status.unwrap().success(), "the confined server failed");
}

/// Runs the server and its client, in the confined process.
fn serve() {
    let outer = std::path::PathBuf::from(std::env::var("VIDEOSERVE_OUTER").unwrap());
    std::env::set_current_dir(&outer).unwrap();
    let dir = Path::new("alias");
    let canonical = outer.join("media").canonicalize().unwrap();
    let config = videoserve::Config::new(dir).metrics(true);
    let confinement = Confinement::enter(dir, PORT, &[Layer::Namespace, Layer::Seccomp]);
    println!("a server, as an ordinary user: {confinement}");
    let config = config.with_dir(&confinement.dir);
    let server = videoserve::Server::bind(config.bind([127, 0, 0, 1].into()).port(0)).unwrap();
    assert_eq!(server.dir(), canonical);
    let (address, handle) = (server.local_addr(), server.handle());
    let connect = || Client::connect(address).unwrap();
    let mut client = connect();
    confinement.seal();
    let running = std::thread::spawn(move || server.run());
    let mut get = |target: &str| client.get(target, "").unwrap();
    for (target, status) in [
        ("/api/stream/film", 200),
        ("/api/stream/absolute", 200),
        ("/api/stream/by-alias", 200),
        ("/api/stream/out", 404),
    ] {
        assert_eq!(get(target).status, status, "{target}");
    }
    let metrics = get("/metrics");
    let text = metrics.text();
    // The namespace hides /proc. So `Config::metrics` opened `/proc/self/status` before the process entered the
    // namespace.
    let memory = text
        .lines()
        .find_map(|line| line.strip_prefix("process_resident_memory_bytes "));
    assert!(memory.unwrap().parse::<u64>().unwrap() > 500_000, "{text}");
    break_link();
    let ended = running.join().unwrap();
    assert_eq!(ended.unwrap_err().kind(), videoserve::ErrorKind::Broken);
    handle.stop();
}

/// Breaks the link: the Unix socket between the server and its library tiny_http. Finds the link by its send timeout of
/// 5 s, which no other Unix socket of the process has.
#[allow(unsafe_code)]
fn break_link() {
    use rustix::net::{AddressFamily, Shutdown, shutdown, sockopt};
    let is_broken = (3..64).any(|number| {
        // SAFETY: this function does not keep the descriptor. If the descriptor is not open, each call returns an
        // error.
        let socket = unsafe { rustix::fd::BorrowedFd::borrow_raw(number) };
        sockopt::socket_domain(socket) == Ok(AddressFamily::UNIX)
            && sockopt::socket_timeout(socket, sockopt::Timeout::Send)
                == Ok(Some(Duration::from_secs(5)))
            && shutdown(socket, Shutdown::Both).is_ok()
    });
    assert!(is_broken);
}

fn set_up(outer: &Path, is_root: bool, as_root: bool) {
    let media = outer.join("media");
    fs::create_dir_all(media.join("sub")).unwrap();
    for name in ["beside", "media/film", "media/victim", "media/of-group"] {
        fs::write(outer.join(name), "film").unwrap();
        open_to_all(&outer.join(name));
    }
    if is_root && !as_root {
        // The confined process owns this file. Without a sandbox, it could change the permissions of the file.
        chown(media.join("film"), Some(USER), None).unwrap();
    }
    if is_root {
        let path = media.join("of-group");
        chown(&path, Some(0), Some(SUPPLEMENTARY_GROUP)).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    }
    fs::write(media.join("program"), "neither ELF nor #!").unwrap();
    fs::copy(std::env::current_exe().unwrap(), outer.join("confined")).unwrap();
    symlink(media.join("film"), media.join("absolute")).unwrap();
    symlink(outer.join("beside"), media.join("out")).unwrap();
    symlink("media", outer.join("alias")).unwrap();
    symlink(outer.join("alias/film"), media.join("by-alias")).unwrap();
    for path in [
        outer,
        &media,
        &media.join("sub"),
        &media.join("program"),
        &outer.join("confined"),
    ] {
        fs::set_permissions(path, PermissionsExt::from_mode(0o777)).unwrap();
    }
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, PermissionsExt::from_mode(0o666)).unwrap();
}

/// Returns a command that runs as [`USER`] if `unprivileged` is true.
fn as_user(program: &str, unprivileged: bool) -> Command {
    if !unprivileged {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    let (user, group) = (USER.to_string(), SUPPLEMENTARY_GROUP.to_string());
    command
        .args(["--reuid", &user, "--regid", &user, "--groups", &group])
        .arg(program);
    command
}

/// Parses the line with the version of Landlock and the active layers: `6 [Landlock, Seccomp]`.
fn read_state(state: &str) -> Run {
    let (abi, layers) = state.split_once(' ').unwrap();
    let is_active = |layer: &Layer| layers.contains(&format!("{layer:?}"));
    Run {
        layers: Layer::ALL.iter().copied().filter(is_active).collect(),
        abi: abi.parse().unwrap(),
    }
}

/// Runs in the confined process. Prints a summary, the line that [`read_state`] parses, and one line for each probe.
pub(crate) fn inside(layers: &str) {
    if layers == "serve" {
        return serve();
    }
    let value = |name: &str| std::env::var(format!("VIDEOSERVE_{name}")).unwrap();
    let is_wanted = |layer: &Layer| layers.contains(&format!("{layer:?}"));
    let wanted: Vec<Layer> = Layer::ALL.iter().copied().filter(is_wanted).collect();
    let outer = std::path::PathBuf::from(value("OUTER"));
    let abi = landlock_abi();
    let manager = UnixDatagram::unbound().unwrap();
    manager.connect(outer.join("manager")).unwrap();
    close_inherited(Some(&manager)).unwrap();
    let status = fs::File::open("/proc/self/status").unwrap();
    let confinement = Confinement::enter(&outer.join("alias"), PORT, &wanted);
    let scene = Scene {
        manager,
        outer,
        tcp: value("TCP").parse().unwrap(),
        abstract_name: value("ABSTRACT"),
        other_process: value("OTHER_PROCESS").parse().unwrap(),
        // The sandbox permits new listeners until the call of `seal` below.
        listeners: std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap()),
    };
    confinement.seal();
    println!("{confinement}");
    println!("{abi} {:?}", confinement.layers);
    for (name, probe) in PROBES {
        match probe(&scene) {
            Ok(()) => println!("{name}\t{SUCCEEDED}"),
            Err(error) => println!("{name}\t{error}"),
        }
    }
    assert!(!confinement.has_lost_folder());
    // The process opened the status file before it entered the sandbox. Reading the file must still be possible.
    let text = std::io::read_to_string(status).unwrap();
    let pid = format!("\nPid:\t{}\n", std::process::id());
    assert!(text.contains("VmRSS:") && text.contains(&pid), "{text}");
}

#[allow(unsafe_code)]
fn landlock_abi() -> i64 {
    // SAFETY: the call only returns the version, and gets no pointer to memory.
    unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0, 0, 1) }
}
