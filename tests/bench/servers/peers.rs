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

/// A server that the bench can measure.
struct Known {
    name: &'static str,
    /// The file name of its program. It is empty for videoserve and for the bare loop, whose paths are known.
    program: &'static str,
    /// The flag that prints the version.
    version: &'static str,
    /// The target of the film on this server.
    target: &'static str,
    /// Returns the arguments. Writes the settings if the server reads them from a file.
    arguments: fn(&Place<'_>) -> Result<Vec<OsString>>,
}

/// A server whose program is installed.
pub(crate) struct Peer {
    known: &'static Known,
    program: PathBuf,
    version: String,
}

/// The servers that are installed, and a line for each missing server.
pub(crate) struct Found {
    pub(crate) peers: Vec<Peer>,
    pub(crate) missing: Vec<String>,
}

pub(crate) const OURS: &str = "videoserve";
/// The name of the server with which all servers are compared.
pub(crate) const REFERENCE: &str = "nginx";
/// The name of the server that shows how fast the clients are.
pub(crate) const BARE_LOOP: &str = "bare loop";

const PLAIN: &str = "/film.mp4";

/// All servers. Their access logs are off; only python has no such setting and writes a log line for each request. If a
/// server limits the number of requests or the idle time of a connection, the limit is set to a high value. nginx and
/// lighttpd use `sendfile`. Most other settings are the defaults.
const KNOWN: [Known; 8] = [
    Known {
        name: OURS,
        program: "",
        version: "--version",
        target: film::TARGET,
        arguments: settings::videoserve,
    },
    Known {
        name: REFERENCE,
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

/// Folders that may not be in the PATH of an ordinary user.
const SYSTEM: [&str; 4] = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];

/// Finds the programs of the servers that the user selects. videoserve and the bare loop are always included.
pub(crate) fn find(options: &Options) -> Result<Found> {
    if let Some(list) = &options.peers {
        for name in list
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            if !KNOWN.iter().any(|known| known.name == name) {
                return Err(format!("unknown peer `{name}`").into());
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
                .push(format!("{}: the program is not installed", known.name)),
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

    pub(crate) fn is_reference(&self) -> bool {
        self.name() == REFERENCE
    }

    pub(crate) fn is_bare_loop(&self) -> bool {
        self.name() == BARE_LOOP
    }

    pub(crate) fn description(&self) -> String {
        let (version, program) = (&self.version, self.program.display());
        if self.is_bare_loop() {
            "a minimal server, which shows the maximum speed of the clients".to_owned()
        } else {
            format!("{version} ({program})")
        }
    }

    /// Starts the server and waits for its first response. Returns the server, and the time from start to response.
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

/// Returns the first line of the output for the version flag.
fn version(program: &Path, flag: &str) -> String {
    let output = Command::new(program).args([flag]).output();
    let text = output.map_or_else(
        |error| error.to_string(),
        |output| String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
    );
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("nginx version: ").to_owned()
}
