//! The program: flags in, a [`videoserve::Server`] run, exit code out. No HTTP.

mod cli;
mod greeting;
mod logging;
mod sandbox;
mod systemd;

use std::io::{IsTerminal, Write};
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use videoserve::{Config, Error, ErrorKind, Handle, Server};

use sandbox::{Confinement, Layers, Needs};
use systemd::Notifier;

/// A setting is wrong; as usual for command lines.
const EXIT_USAGE: u8 = 2;
/// The settings are fine, but not to be had: a port in use, a missing folder.
const EXIT_FAILURE: u8 = 1;

/// How often the folder is looked for: soon enough for whoever waits, and nothing that a small machine would feel.
const FOLDER_INTERVAL: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    keep_the_heap_small();
    let settings = match cli::parse(std::env::args_os().skip(1)) {
        Ok(cli::Command::Serve(settings)) => *settings,
        Ok(cli::Command::Print(text)) => {
            let _ = write!(std::io::stdout(), "{text}");
            return ExitCode::SUCCESS;
        }
        Err(message) => return fail(&message, EXIT_USAGE),
    };
    let listener = match systemd::listener() {
        Ok(listener) => listener,
        Err(message) => return fail(&message, EXIT_FAILURE),
    };
    if let Some(Ok(address)) = listener.as_ref().map(TcpListener::local_addr)
        && let Err(message) = systemd::check_address(address, settings.port, settings.bind)
    {
        return fail(&message, EXIT_USAGE);
    }
    let (notifier, unreached) = match Notifier::connect() {
        Ok(notifier) => (notifier, None),
        Err(error) => (Notifier::default(), Some(error)),
    };
    let raised = raise_descriptor_limit();
    // Before the first thread, and before the limits of this process are no longer its own to change.
    let mut confinement = confine(&settings, listener.as_ref(), &notifier);
    logging::start(settings.log_format);
    std::panic::set_hook(Box::new(|panic| {
        // One line, in the log: whoever serves a folder has no use for a backtrace.
        log::error!("panic: {}", panic.to_string().replace('\n', " "));
    }));
    for name in &settings.unknown {
        log::warn!("{name} is not heeded: no flag has this variable; --help shows all flags");
    }
    if let Some(error) = unreached {
        log::warn!("NOTIFY_SOCKET cannot be reached: {error}");
    }
    if let Err(error) = raised {
        log::debug!("cannot raise the limit of open files: {error}");
    }
    let mut config = settings.config.with_dir(confinement.dir());
    if let Some(status) = confinement.take_process_status() {
        config = config.process_status(status);
    }
    let (is_handed_over, print_url) = (listener.is_some(), settings.print_url);
    let server = match listener {
        Some(listener) => Server::from_listener(listener, config),
        None => Server::bind(config),
    };
    let ended = server
        .map_err(Failure::from)
        .and_then(|server| run(server, confinement, &notifier, is_handed_over, print_url));
    logging::flush();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Folder) => ExitCode::from(EXIT_FAILURE),
        Err(Failure::Signals(error)) => {
            fail(&format!("cannot wait for signals: {error}"), EXIT_FAILURE)
        }
        Err(Failure::Thread(error)) => fail(
            &format!("cannot watch over the folder: {error}"),
            EXIT_FAILURE,
        ),
        Err(Failure::Server(error)) => {
            let code = match error.kind() {
                ErrorKind::Setting => EXIT_USAGE,
                _ => EXIT_FAILURE,
            };
            fail(&format!("{error}{}", advice(&error)), code)
        }
    }
}

fn confine(
    settings: &cli::Settings,
    listener: Option<&TcpListener>,
    notifier: &Notifier,
) -> Confinement {
    let dir = settings.config.dir();
    if !settings.sandbox {
        return Confinement::off(dir);
    }
    let kept: Vec<BorrowedFd> = listener
        .map(AsFd::as_fd)
        .into_iter()
        .chain(notifier.descriptor())
        .collect();
    let port = settings.port.unwrap_or(Config::DEFAULT_PORT);
    let needs = Needs {
        port: listener.is_none().then_some(port),
        kept: &kept,
    };
    Confinement::enter(dir, &needs, Layers::ALL)
}

fn run(
    server: Server,
    confinement: Confinement,
    notifier: &Notifier,
    is_handed_over: bool,
    print_url: bool,
) -> Result<(), Failure> {
    // Before anything is promised: without it nobody could stop the server in peace.
    stop_on_signals(server.handle(), notifier.clone())?;
    let stdout = std::io::stdout();
    let password = match server.asks_for_password() {
        true => "\n  everybody is asked for the password",
        false => "",
    };
    let greeting = match print_url {
        true => greeting::local_url(server.local_addr()) + "\n",
        false => greeting::text(
            server.dir(),
            server.local_addr(),
            stdout.is_terminal(),
            is_handed_over,
            &format!("{confinement}{password}"),
        ),
    };
    // The greeting opens sockets of its own.
    confinement.seal();
    // Whoever started us may have closed it; that is no reason not to serve.
    let _ = stdout
        .lock()
        .write_all(greeting.as_bytes())
        .and_then(|()| stdout.lock().flush());
    let is_lost = stop_without_folder(confinement, server.handle(), notifier.clone())?;
    // Whoever connects now is answered.
    notifier.ready(server.local_addr().port());
    server.run()?;
    match is_lost.load(Ordering::Relaxed) {
        true => Err(Failure::Folder),
        false => Ok(()),
    }
}

/// Who is confined to a folder cannot follow when another one takes its name. A program that ends is started again, on
/// the new one, by whoever watches over it; one that stayed would have nothing to serve.
fn stop_without_folder(
    confinement: Confinement,
    handle: Handle,
    notifier: Notifier,
) -> Result<Arc<AtomicBool>, Failure> {
    let is_lost = Arc::new(AtomicBool::new(false));
    if confinement.fence().is_none() {
        return Ok(is_lost);
    }
    let result = Arc::clone(&is_lost);
    let watch = move || {
        while !confinement.has_lost_folder() {
            std::thread::sleep(FOLDER_INTERVAL);
        }
        log::error!(
            "{:?} was removed or replaced: stopping, since a confined server cannot follow; start it again, or use --no-sandbox",
            confinement.dir()
        );
        is_lost.store(true, Ordering::Relaxed);
        notifier.stopping();
        handle.stop();
    };
    in_background("videoserve-folder", Box::new(watch)).map_err(Failure::Thread)?;
    Ok(result)
}

/// The first signal stops the server, which lets running responses end; the second ends the process at once.
fn stop_on_signals(handle: Handle, notifier: Notifier) -> Result<(), Failure> {
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
            notifier.stopping();
            handle.stop();
        }
    };
    in_background("videoserve-signals", Box::new(wait)).map_err(Failure::Signals)
}

/// Boxed, since each kind of work would bring all of thread starting into the program once more.
fn in_background(name: &str, work: Box<dyn FnOnce() + Send>) -> std::io::Result<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(drop)
}

/// Why the program ends early.
enum Failure {
    Server(Error),
    /// Signals could not be waited for.
    Signals(std::io::Error),
    /// Nobody can look after the folder.
    Thread(std::io::Error),
    /// The folder is not there any more; the log said so.
    Folder,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Server(error)
    }
}

/// As musl does by itself: one heap, and what is large goes back to the system once it is freed. glibc would make eight
/// heaps for each processor, of 64 MiB of address space each, and keep in every one of them what was once used at the same
/// time; where address space is limited they take all of it, and each allocation becomes a system call or two.
#[cfg(target_env = "gnu")]
fn keep_the_heap_small() {
    /// Of a listing or a page, of which many are made at the same time. A limit that is set stays as it is, while glibc's
    /// own grows with what is freed.
    const LARGE: libc::c_int = 128 * 1024;
    for (option, value) in [(libc::M_ARENA_MAX, 1), (libc::M_MMAP_THRESHOLD, LARGE)] {
        // SAFETY: sets a number; there is no other thread yet.
        #[allow(unsafe_code)]
        let _ = unsafe { libc::mallopt(option, value) };
    }
}

#[cfg(not(target_env = "gnu"))]
fn keep_the_heap_small() {}

/// The limit that a shell gives is made for programs that use select(2). We do not.
fn raise_descriptor_limit() -> rustix::io::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: maximum,
            maximum,
        },
    )
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
    logging::last_words(message);
    ExitCode::from(code)
}
