//! Tests changes to the folder of a supervised server: the folder is removed, created again, missing, or covered by a
//! mount.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};

use super::load::Load;
use super::{FILM, ask, children, is_alive, server, supervised, viewer};
use crate::program::{Running, clean};
use crate::support::{eventually, numbered};

/// The maximum time until a response comes from the new folder. The supervisor checks the folder every 2 s. The other
/// 3 s are for a busy machine.
const SOON: Duration = Duration::from_secs(5);

/// Creates the folder with a file `a` that has this content.
fn make(outer: &Path, text: &str) -> PathBuf {
    let dir = outer.join("media");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("a"), text).unwrap();
    dir
}

/// Waits for a response with this content. Returns the waiting time.
#[track_caller]
fn wait_for(running: &Running, text: &str) -> Duration {
    let begin = Instant::now();
    eventually(format!("{text:?} is served"), || {
        ask(running).as_deref() == Some(text)
    });
    begin.elapsed()
}

/// Returns the command with a seccomp filter. The filter makes Landlock fail with ENOSYS, as on a kernel without
/// Landlock. The server then confines itself with a namespace.
#[cfg(target_pointer_width = "64")]
fn without_landlock(mut command: Command) -> Command {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

    let calls = [(libc::SYS_landlock_create_ruleset, Vec::new())];
    let refused = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let architecture = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(calls.into(), SeccompAction::Allow, refused, architecture);
    let program: BpfProgram = filter.unwrap().try_into().unwrap();
    let apply = move || apply_filter(&program).map_err(std::io::Error::other);
    // SAFETY: `apply` makes two system calls between fork and exec. It takes no lock, and allocates memory only after
    // an error.
    #[allow(unsafe_code)]
    unsafe {
        command.pre_exec(apply);
    }
    command
}

fn with_and_without_landlock(command: impl Fn() -> Command) -> [Command; 2] {
    [command(), without_landlock(command())]
}

#[test]
fn folder_created_again_under_load_is_served() {
    let outer = tempfile::tempdir().unwrap();
    let dir = make(outer.path(), "0");
    let mut running = Running::start(supervised(&dir));
    let load = Load::start(running.address, 3);
    for number in 1..4 {
        std::thread::sleep(Duration::from_millis(200));
        fs::remove_dir_all(&dir).unwrap();
        let text = number.to_string();
        make(outer.path(), &text);
        let time = wait_for(&running, &text);
        assert!(time < SOON, "{time:?}");
    }
    let seen = load.stop();
    assert_eq!((seen.refused, seen.unanswered), (0, 0), "{seen:?}");
    for text in ["0", "1", "2", "3"] {
        assert!(seen.texts.contains_key(text), "{seen:?}");
    }
    running.signal(Signal::TERM);
    assert_eq!(running.wait().0, 0);
}

#[test]
fn symlink_that_changes_to_another_folder_is_followed() {
    let outer = tempfile::tempdir().unwrap();
    for name in ["one", "two"] {
        fs::create_dir(outer.path().join(name)).unwrap();
        fs::write(outer.path().join(name).join("a"), name).unwrap();
    }
    let link = outer.path().join("link");
    std::os::unix::fs::symlink("one", &link).unwrap();
    let running = Running::start(supervised(&link));
    assert_eq!(ask(&running).as_deref(), Some("one"));
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("two", &link).unwrap();
    let time = wait_for(&running, "two");
    assert!(time < SOON, "{time:?}");
}

/// The folder is `.`, as without the option `--dir`.
#[test]
fn current_folder_created_again_is_served() {
    let outer = tempfile::tempdir().unwrap();
    let dir = make(outer.path(), "old");
    let mut command = supervised(Path::new("."));
    command.current_dir(&dir);
    let running = Running::start(command);
    assert_eq!(ask(&running).as_deref(), Some("old"));
    fs::remove_dir_all(&dir).unwrap();
    make(outer.path(), "new");
    let time = wait_for(&running, "new");
    assert!(time < SOON, "{time:?}");
    eventually("the old server has ended", || {
        children(running.process.id()).len() == 1
    });
    // The next check of the folder, after at most 2 s, must not start another server.
    let new = server(&running);
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(server(&running), new);
}

#[test]
fn download_from_a_replaced_folder_ends_while_new_clients_are_answered() {
    let outer = tempfile::tempdir().unwrap();
    let dir = make(outer.path(), "old");
    fs::write(dir.join("film"), numbered(FILM)).unwrap();
    let running = Running::start(supervised(&dir));
    let old = server(&running);
    let mut viewer = viewer(&running);
    fs::remove_dir_all(&dir).unwrap();
    make(outer.path(), "new");
    let time = wait_for(&running, "new");
    assert!(time < SOON, "{time:?}");
    assert!(is_alive(old));
    assert!(viewer.take(FILM) == numbered(FILM));
    eventually("the old server has ended", || !is_alive(old));
    // The supervisor must not treat the end of the old server as a crash.
    eventually("only the new server is left", || {
        let found = children(running.process.id());
        found.len() == 1 && found[0] != old
    });
}

/// The folder is replaced twice, so two old servers still send. When the first old server ends, the supervisor must
/// still wait for the second old server.
#[test]
fn stop_waits_for_every_old_server() {
    let outer = tempfile::tempdir().unwrap();
    let dir = make(outer.path(), "0");
    fs::write(dir.join("film"), numbered(FILM)).unwrap();
    let mut running = Running::start(supervised(&dir));
    let mut old = Vec::new();
    for text in ["1", "2"] {
        let newest = *children(running.process.id()).last().unwrap();
        old.push((newest, viewer(&running)));
        fs::remove_dir_all(&dir).unwrap();
        make(outer.path(), text);
        fs::write(dir.join("film"), numbered(FILM)).unwrap();
        wait_for(&running, text);
    }
    let (_, mut viewer) = old.pop().unwrap();
    let (first, its_viewer) = old.pop().unwrap();
    drop(its_viewer);
    eventually("the first old server has ended", || !is_alive(first));
    running.signal(Signal::TERM);
    std::thread::sleep(Duration::from_millis(500));
    assert!(viewer.take(FILM) == numbered(FILM));
    assert_eq!(running.wait().0, 0);
}

/// Without the folder, no server can start. The supervisor must repeat the start until the folder exists again.
#[test]
fn folder_that_is_missing_at_a_restart_is_served_when_it_exists() {
    for command in with_and_without_landlock(|| supervised(Path::new("media"))) {
        let outer = tempfile::tempdir().unwrap();
        let dir = make(outer.path(), "old");
        let mut command = command;
        command.current_dir(outer.path());
        let mut running = Running::start(command);
        assert_eq!(ask(&running).as_deref(), Some("old"));
        fs::remove_dir_all(&dir).unwrap();
        kill_process(server(&running), Signal::KILL).unwrap();
        // During this second, several servers start and fail, because there is no folder.
        std::thread::sleep(Duration::from_secs(1));
        make(outer.path(), "new");
        let time = wait_for(&running, "new");
        assert!(time < SOON, "{time:?}");
        running.signal(Signal::TERM);
        let (code, log) = running.wait();
        assert_eq!(code, 0, "{log}");
        assert!(log.contains("no such file"), "{log}");
    }
}

/// The test mounts a disk on the folder after the start of the program. The program and the mount are in a separate
/// mount namespace, so the mount does not change the machine.
#[test]
fn disk_mounted_on_the_folder_is_served() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can mount");
        return;
    }
    for in_namespace in with_and_without_landlock(|| clean("unshare")) {
        let outer = tempfile::tempdir().unwrap();
        let dir = make(outer.path(), "old");
        let mut command = in_namespace;
        command.env_remove(crate::program::NO_SUPERVISOR.0);
        command.arg("--mount").arg(env!("CARGO_BIN_EXE_videoserve"));
        command.args(["--port", "0", "--dir"]).arg(&dir);
        let running = Running::start(command);
        assert_eq!(ask(&running).as_deref(), Some("old"));
        let script = r#"mount -t tmpfs disk "$1" && echo -n new >"$1/a""#;
        let mounted = Command::new("nsenter")
            .args(["--mount", "--root", "--target"])
            .arg(running.process.id().to_string())
            .args(["sh", "-c", script, "sh"])
            .arg(&dir)
            .status();
        assert!(mounted.unwrap().success());
        let time = wait_for(&running, "new");
        assert!(time < SOON, "{time:?}");
    }
}

/// The kernel kills the server when the supervisor ends (PR_SET_PDEATHSIG). A change of user or group cancels this
/// setting (prctl(2)). The server keeps its user and group when it enters a user namespace, so the setting must stay.
#[test]
fn server_of_an_ordinary_user_ends_with_its_supervisor() {
    use std::os::unix::fs::PermissionsExt;

    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can start a process as another user");
        return;
    }
    for mut command in with_and_without_landlock(|| clean("setpriv")) {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o755)).unwrap();
        fs::write(dir.path().join("a"), "content").unwrap();
        // User 65533 may have no access to the folder of the program, so `setpriv` starts a copy of the program.
        let program = dir.path().join(".program");
        fs::copy(env!("CARGO_BIN_EXE_videoserve"), &program).unwrap();
        command
            .env_remove(crate::program::NO_SUPERVISOR.0)
            .args(["--clear-groups", "--reuid=65533", "--regid=65533"])
            .arg(&program)
            .args(["--port", "0", "--bind", "127.0.0.1", "--dir"])
            .arg(dir.path());
        let mut running = Running::start(command);
        assert_eq!(ask(&running).as_deref(), Some("content"));
        let server = server(&running);
        running.signal(Signal::KILL);
        running.process.child.wait().unwrap();
        let killed = Instant::now();
        eventually("the server has ended", || !is_alive(server));
        assert!(killed.elapsed() < Duration::from_secs(1));
    }
}
