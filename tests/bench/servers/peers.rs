use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Server;
use super::settings::{self, Place};
use crate::Result;
use crate::film;
use crate::options::Options;
use crate::shared::process::{Process, program};

/// One of the servers that can be measured.
struct Known {
    name: &'static str,
    /// The file name of its program; empty for the two that come with the bench.
    program: &'static str,
    /// What makes it print its version.
    version: &'static str,
    /// Where it has the film.
    target: &'static str,
    /// Its arguments, and its settings if they are in a file.
    arguments: fn(&Place<'_>) -> Result<Vec<OsString>>,
}

/// A server that is there.
pub(crate) struct Peer {
    known: &'static Known,
    program: PathBuf,
    version: String,
}

/// What was found, and a line for each that was not.
pub(crate) struct Found {
    pub(crate) peers: Vec<Peer>,
    pub(crate) missing: Vec<String>,
}

/// The program itself.
pub(crate) const OURS: &str = "videoserve";
/// The server that all are compared with.
pub(crate) const YARDSTICK: &str = "nginx";
/// What shows how fast the clients are.
pub(crate) const BARE_LOOP: &str = "bare loop";

const PLAIN: &str = "/film.mp4";

/// All with their logs of requests off and, where there is a limit of requests in a connection, with a high one; else
/// as they come.
const KNOWN: [Known; 8] = [
    Known {
        name: OURS,
        program: "",
        version: "--version",
        target: film::TARGET,
        arguments: settings::videoserve,
    },
    Known {
        name: YARDSTICK,
        program: "nginx",
        version: "-v",
        target: PLAIN,
        arguments: settings::nginx,
    },
    Known {
        name: "lighttpd",
        program: "lighttpd",
        version: "-v",
        target: PLAIN,
        arguments: settings::lighttpd,
    },
    Known {
        name: "miniserve",
        program: "miniserve",
        version: "--version",
        target: PLAIN,
        arguments: settings::miniserve,
    },
    Known {
        name: "dufs",
        program: "dufs",
        version: "--version",
        target: PLAIN,
        arguments: settings::dufs,
    },
    Known {
        name: "static-web-server",
        program: "static-web-server",
        version: "--version",
        target: PLAIN,
        arguments: settings::static_web_server,
    },
    Known {
        name: "python",
        program: "python3",
        version: "--version",
        target: PLAIN,
        arguments: settings::python,
    },
    Known {
        name: BARE_LOOP,
        program: "",
        version: "",
        target: PLAIN,
        arguments: settings::bare_loop,
    },
];

/// Where programs are that an ordinary user's PATH does not name.
const SYSTEM: [&str; 4] = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];

/// Finds those that are asked for. The program itself and the bare loop are always there.
pub(crate) fn find(options: &Options) -> Result<Found> {
    if let Some(list) = &options.peers {
        for name in list
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            if !KNOWN.iter().any(|known| known.name == name) {
                return Err(format!("there is no peer `{name}`").into());
            }
        }
    }
    let mut found = Found {
        peers: Vec::new(),
        missing: Vec::new(),
    };
    for known in &KNOWN {
        let path = match known.name {
            OURS => Some(PathBuf::from(program())),
            BARE_LOOP => Some(std::env::current_exe()?),
            name if !options.wants_peer(name) => continue,
            _ => locate(known.program),
        };
        match path {
            Some(program) => found.peers.push(Peer {
                version: version(&program, known.version),
                known,
                program,
            }),
            None => found
                .missing
                .push(format!("{}: there is no program of this name", known.name)),
        }
    }
    Ok(found)
}

impl Peer {
    pub(crate) fn name(&self) -> &'static str {
        self.known.name
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.name() == OURS
    }

    pub(crate) fn is_yardstick(&self) -> bool {
        self.name() == YARDSTICK
    }

    pub(crate) fn is_bare_loop(&self) -> bool {
        self.name() == BARE_LOOP
    }

    /// For the reader: which it is, exactly.
    pub(crate) fn description(&self) -> String {
        let (version, program) = (&self.version, self.program.display());
        if self.is_bare_loop() {
            "sendfile and nothing else, by this bench itself: how much the clients can take"
                .to_owned()
        } else {
            format!("{version} ({program})")
        }
    }

    /// Starts it, and waits for its first answer; says how long that took.
    pub(crate) fn start(&self, place: &Place<'_>) -> Result<(Server, Duration)> {
        let arguments = (self.known.arguments)(place)?;
        let log = settings::home(self.name())?.join("output.log");
        let output = File::create(&log)?;
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let begin = Instant::now();
        let child = command
            .spawn()
            .map_err(|error| format!("cannot start {:?}: {error}", command.get_program()))?;
        let mut server = Server {
            process: Process::from(child),
            address: place.address,
            target: self.known.target,
        };
        let time = server.wait(begin, &log.display().to_string())?;
        Ok((server, time))
    }
}

fn locate(program: &str) -> Option<PathBuf> {
    let ours = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = [ours].into_iter().chain(SYSTEM.map(PathBuf::from));
    folders
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// The first line of what it says about itself.
fn version(program: &Path, flag: &str) -> String {
    let output = Command::new(program).args([flag]).output();
    let text = output.map_or_else(
        |error| error.to_string(),
        |output| String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
    );
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("nginx version: ").to_owned()
}
