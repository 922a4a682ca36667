//! The program: flags in, a [`videoserve::Server`] run, exit code out. No HTTP.

mod cli;
mod greeting;
mod logging;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use videoserve::{Error, ErrorKind, Server};

/// A setting is wrong; as usual for command lines.
const EXIT_USAGE: u8 = 2;
/// The settings are fine, but not to be had: a port in use, a missing folder.
const EXIT_FAILURE: u8 = 1;

fn main() -> ExitCode {
    let config = match cli::parse(std::env::args_os().skip(1)) {
        Ok(cli::Command::Serve(config)) => *config,
        Ok(cli::Command::Print(text)) => {
            let _ = write!(std::io::stdout(), "{text}");
            return ExitCode::SUCCESS;
        }
        Err(message) => return fail(&message, EXIT_USAGE),
    };
    logging::start();
    std::panic::set_hook(Box::new(|panic| {
        // One line, in the log: whoever serves a folder has no use for a backtrace.
        log::error!("panic: {}", panic.to_string().replace('\n', " "));
    }));
    raise_descriptor_limit();
    let ended = Server::bind(config).map_err(Failure::from).and_then(run);
    logging::flush();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Signals(error)) => {
            fail(&format!("cannot wait for signals: {error}"), EXIT_FAILURE)
        }
        Err(Failure::Server(error)) => {
            let code = match error.kind() {
                ErrorKind::Setting => EXIT_USAGE,
                _ => EXIT_FAILURE,
            };
            fail(&format!("{error}{}", advice(&error)), code)
        }
    }
}

fn run(server: Server) -> Result<(), Failure> {
    // Before anything is promised: without it nobody could stop the server in peace.
    stop_on_signals(server.handle())?;
    let stdout = std::io::stdout();
    let greeting = greeting::text(server.dir(), server.local_addr(), stdout.is_terminal());
    // Whoever started us may have closed it; that is no reason not to serve.
    let _ = stdout
        .lock()
        .write_all(greeting.as_bytes())
        .and_then(|()| stdout.lock().flush());
    Ok(server.run()?)
}

/// The first signal stops the server, which lets running responses end; the second ends the process at once.
fn stop_on_signals(handle: videoserve::Handle) -> Result<(), Failure> {
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(Failure::Signals)?;
    let wait = move || {
        let mut stopping = false;
        for signal in &mut signals {
            if stopping {
                logging::flush();
                // As a shell would report it.
                std::process::exit(128 + signal);
            }
            stopping = true;
            log::info!("stopping; running responses have up to 10 s, a second signal ends them");
            handle.stop();
        }
    };
    let waiting = std::thread::Builder::new()
        .name("videoserve-signals".to_owned())
        .spawn(wait);
    waiting.map(drop).map_err(Failure::Signals)
}

/// Why the program ends early.
enum Failure {
    Server(Error),
    /// Signals could not be waited for.
    Signals(std::io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Server(error)
    }
}

/// The limit that a shell gives is made for programs that use select(2). We do not.
fn raise_descriptor_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(
            Resource::Nofile,
            Rlimit {
                current: maximum,
                maximum,
            },
        )
    {
        log::debug!("cannot raise the limit of open files: {error}");
    }
}

fn advice(error: &Error) -> &'static str {
    use std::io::ErrorKind as Io;
    match (error.kind(), error.io_error().map(std::io::Error::kind)) {
        (ErrorKind::Listen, Some(Io::AddrInUse)) => {
            "; another program has it, choose another --port"
        }
        (ErrorKind::Listen, Some(Io::AddrNotAvailable)) => {
            "; --bind takes an address of this machine"
        }
        (ErrorKind::Listen, Some(Io::PermissionDenied)) => {
            "; ports below 1024 are for root, choose another --port"
        }
        (ErrorKind::Directory, _) => "; --dir takes a folder that you may read",
        _ => "",
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "videoserve: {message}");
    ExitCode::from(code)
}
