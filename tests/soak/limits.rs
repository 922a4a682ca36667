use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::geteuid;

use crate::media::FILM_TARGET;
use crate::shared::client::{Client, get};
use crate::shared::process::program;
use crate::{Result, Target};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    None,
    /// The value of RLIMIT_NOFILE.
    Descriptors(u32),
    /// The value of RLIMIT_NPROC. The server runs as an ordinary user, because this limit does not apply to root.
    Threads(u32),
    /// The memory limit of a control group, in MiB.
    Memory(u32),
}

/// The id of a user that usually has no other processes. The threads of other processes also count for
/// RLIMIT_NPROC.
const UNPRIVILEGED: &str = "65534";

/// Returns the folder of the control group, and the name of its file with the memory limit. Uses control groups of
/// version 1 if they have a memory controller, otherwise version 2.
fn memory_group() -> (&'static str, &'static str) {
    match Path::new("/sys/fs/cgroup/memory").exists() {
        true => (
            "/sys/fs/cgroup/memory/videoserve-soak",
            "memory.limit_in_bytes",
        ),
        false => ("/sys/fs/cgroup/videoserve-soak", "memory.max"),
    }
}

/// A script that runs the program in a control group. The program reads the memory limit only from `memory.max`, a file
/// of control groups version 2. So the script mounts a folder with this file over `/sys/fs/cgroup`.
const IN_GROUP: &str = "echo $$ >$0/cgroup.procs && mount -t tmpfs none /sys/fs/cgroup &&
    echo $1 >/sys/fs/cgroup/memory.max && shift && exec \"$@\"";

impl Limit {
    pub(crate) fn command(self) -> Command {
        let program = program();
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script, "sh", &program]);
            command
        };
        match self {
            Limit::None => Command::new(program),
            Limit::Descriptors(count) => shell(&format!("ulimit -n {count}; exec \"$@\"")),
            Limit::Threads(count) => {
                let mut command = Command::new("prlimit");
                command
                    .arg(format!("--nproc={count}"))
                    .args(["setpriv", "--clear-groups"])
                    .args(["--reuid", UNPRIVILEGED, "--regid", UNPRIVILEGED, &program]);
                command
            }
            Limit::Memory(mebibytes) => {
                let bytes = (u64::from(mebibytes) << 20).to_string();
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh", "-c", IN_GROUP]).args([
                    memory_group().0,
                    &bytes,
                    &program,
                ]);
                command
            }
        }
    }

    /// Prepares the limit. Returns the reason if the scenario cannot run here.
    pub(crate) fn obstacle(self, scenario: &str) -> Option<String> {
        match self {
            Limit::None if scenario.starts_with("slow-") => {
                let found = Command::new("slowhttptest").arg("-h").output();
                found
                    .err()
                    .map(|_| "slowhttptest is not installed".to_owned())
            }
            Limit::Threads(_) if !geteuid().is_root() => {
                Some("only root can start a process as another user".to_owned())
            }
            Limit::Memory(mebibytes) => {
                let (group, file) = memory_group();
                let bytes = (u64::from(mebibytes) << 20).to_string();
                let prepared = fs::create_dir_all(group)
                    .and_then(|()| fs::write(format!("{group}/{file}"), bytes));
                prepared
                    .err()
                    .map(|error| format!("cannot create a control group: {error}"))
            }
            _ => None,
        }
    }
}

/// Opens connections for 12 s. Up to 600 are open at the same time, more than a server with few resources can hold. The
/// clients request films, pages, subtitles and searches, and do not read the responses.
pub(crate) fn too_many_connections(target: &Target<'_>) -> Result<String> {
    const TARGETS: [&str; 7] = [
        FILM_TARGET,
        "/api/subtitles/references.srt",
        "/browse/many/?sort=size",
        "/?q=e",
        "/watch/tracks.mp4",
        "/api/videos/many/",
        "/healthz",
    ];
    let until = Instant::now() + Duration::from_secs(12);
    let (mut opened, mut refused, mut answered) = (0_u64, 0_u64, 0_u64);
    let mut clients: Vec<Client> = Vec::new();
    let mut turn = 0;
    while Instant::now() < until {
        turn += 1;
        let Ok(mut client) = Client::connect_small(target.address) else {
            refused += 1;
            thread::sleep(Duration::from_millis(10));
            continue;
        };
        opened += 1;
        let _ = client.send(get(TARGETS[turn % TARGETS.len()], ""));
        clients.push(client);
        if clients.len() >= 600 {
            for client in clients.drain(..300) {
                let is_answer = client.stream.set_nonblocking(true).is_ok()
                    && client
                        .stream
                        .peek(&mut [0; 16])
                        .is_ok_and(|count| count > 0);
                answered += u64::from(is_answer);
            }
        }
    }
    Ok(format!(
        "{opened} connections, {answered} responses, {refused} connections refused"
    ))
}
