//! The program: flags in, a [`videoserve::Server`] run, exit code out. No HTTP.

mod cli;
mod exit;
mod greeting;
mod logging;
mod process;
mod sandbox;
mod supervisor;
mod systemd;

use std::io::{IsTerminal, Write};
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use videoserve::{Config, Error, ErrorKind, Handle, Server};

use sandbox::{Confinement, Layers};
use systemd::Notifier;

/// Time between two looks at the folder: short for a person who waits, and no load for a small machine.
const FOLDER_INTERVAL: Duration = Duration::from_secs(2);
/// The same for a supervised server: the supervisor looks as well, and misses only a disk that is unmounted and mounted
/// again within seconds.
const SUPERVISED_FOLDER_INTERVAL: Duration = Duration::from_secs(5);

/// Where the listening socket comes from.
enum Socket {
    /// This process opens it.
    Own,
    /// From the service manager.
    Manager(TcpListener),
    /// From the supervisor, whose child this process is.
    Supervisor(TcpListener),
}

/// What the first line on standard output is.
struct Printed {
    /// Whether the service manager handed the socket over.
    is_managed: bool,
    /// Only the URL, for scripts.
    url_only: bool,
}

fn main() -> ExitCode {
    process::keep_the_heap_small();
    // First of all, since the supervisor may end at any time.
    let inherited = match supervisor::inherited_socket() {
        Ok(inherited) => inherited,
        Err(message) => return fail(&message, exit::FAILURE),
    };
    let settings = match cli::parse(std::env::args_os().skip(1)) {
        Ok(cli::Command::Serve(settings)) => *settings,
        Ok(cli::Command::Print(text)) => {
            let _ = write!(std::io::stdout(), "{text}");
            return ExitCode::SUCCESS;
        }
        Err(message) => return fail(&message, exit::USAGE),
    };
    if let Some(socket) = inherited {
        return serve(settings, Socket::Supervisor(socket));
    }
    match systemd::listener() {
        Ok(Some(socket)) => match check(&socket, &settings) {
            Ok(()) => serve(settings, Socket::Manager(socket)),
            Err(message) => fail(&message, exit::USAGE),
        },
        Ok(None) if settings.supervisor && !systemd::is_manager_present() => supervise(settings),
        Ok(None) => serve(settings, Socket::Own),
        Err(message) => fail(&message, exit::FAILURE),
    }
}

fn check(socket: &TcpListener, settings: &cli::Settings) -> Result<(), String> {
    match socket.local_addr() {
        Ok(address) => systemd::check_address(address, settings.port, settings.bind),
        // The server reports what is wrong with the socket.
        Err(_) => Ok(()),
    }
}

/// Listens, and runs the server as a child process.
fn supervise(settings: cli::Settings) -> ExitCode {
    logging::start_without_thread(settings.log_format);
    let socket = match Server::listen(&settings.config) {
        Ok(socket) => socket,
        Err(error) => return fail(&format!("{error}{}", advice(&error)), exit::FAILURE),
    };
    if settings.sandbox
        && let Err(error) = sandbox::close_inherited(&[socket.as_fd()])
    {
        log::debug!("cannot close inherited descriptors: {error}");
    }
    // A server that is not confined follows its folder by itself.
    let folder = settings.sandbox.then(|| settings.config.dir().to_owned());
    match supervisor::run(socket, folder, settings.password) {
        Ok(code) => ExitCode::from(code),
        Err(error) => fail(
            &format!("cannot start the supervisor: {error}"),
            exit::FAILURE,
        ),
    }
}

/// Serves in this process.
fn serve(settings: cli::Settings, socket: Socket) -> ExitCode {
    let (notifier, unreached) = match Notifier::connect() {
        Ok(notifier) => (notifier, None),
        Err(error) => (Notifier::default(), Some(error)),
    };
    let raised = process::raise_descriptor_limit();
    // Before the first thread starts, and before the sandbox forbids changing the limits of this process.
    let mut confinement = confine(&settings, &socket, &notifier);
    logging::start(settings.log_format);
    std::panic::set_hook(Box::new(|panic| {
        // One line in the log, without a backtrace.
        log::error!("panic: {}", panic.to_string().replace('\n', " "));
    }));
    for name in &settings.unknown {
        log::warn!(
            "ignoring unknown variable {name}: it belongs to no flag; --help shows all flags"
        );
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
    let is_supervised = matches!(socket, Socket::Supervisor(_));
    let is_managed = matches!(socket, Socket::Manager(_));
    let server = match socket {
        Socket::Own => Server::bind(config),
        Socket::Manager(socket) | Socket::Supervisor(socket) => {
            Server::from_listener(socket, config)
        }
    };
    let ended = server.map_err(Failure::Start).and_then(|server| {
        let printed = Printed {
            is_managed,
            url_only: settings.print_url,
        };
        run(server, confinement, &notifier, printed, is_supervised)
    });
    logging::flush();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Folder) => ExitCode::from(exit::RESTART),
        Err(Failure::Run(error)) => fail(&error.to_string(), exit::RESTART),
        Err(Failure::Thread(error)) => fail(
            &format!("cannot wait for signals or watch the folder: {error}"),
            exit::FAILURE,
        ),
        Err(Failure::Start(error)) => {
            let code = match error.kind() {
                ErrorKind::Setting => exit::USAGE,
                _ => exit::FAILURE,
            };
            fail(&format!("{error}{}", advice(&error)), code)
        }
    }
}

fn confine(settings: &cli::Settings, socket: &Socket, notifier: &Notifier) -> Confinement {
    let dir = settings.config.dir();
    if !settings.sandbox {
        return Confinement::off(dir);
    }
    let (socket, port) = match socket {
        Socket::Own => (None, Some(settings.port.unwrap_or(Config::DEFAULT_PORT))),
        Socket::Manager(socket) | Socket::Supervisor(socket) => (Some(socket.as_fd()), None),
    };
    let kept: Vec<BorrowedFd> = socket.into_iter().chain(notifier.descriptor()).collect();
    Confinement::enter(dir, port, &kept, Layers::ALL)
}

fn run(
    server: Server,
    confinement: Confinement,
    notifier: &Notifier,
    printed: Printed,
    is_supervised: bool,
) -> Result<(), Failure> {
    // Before the first line is printed: from then on a signal must stop the server cleanly.
    stop_on_signals(server.handle(), notifier.clone(), is_supervised)?;
    let stdout = std::io::stdout();
    let password = match server.asks_for_password() {
        true => "\n  everybody is asked for the password",
        false => "",
    };
    let greeting = match printed.url_only {
        true => greeting::local_url(server.local_addr()) + "\n",
        false => greeting::text(
            server.dir(),
            server.local_addr(),
            &greeting::addresses(),
            stdout.is_terminal(),
            printed.is_managed,
            &format!("{confinement}{password}"),
        ),
    };
    // Only now, because the greeting opens sockets to find the addresses.
    confinement.seal();
    // Standard output may be closed; the server does not need it.
    let _ = stdout
        .lock()
        .write_all(greeting.as_bytes())
        .and_then(|()| stdout.lock().flush());
    let interval = match is_supervised {
        true => SUPERVISED_FOLDER_INTERVAL,
        false => FOLDER_INTERVAL,
    };
    let is_lost = stop_without_folder(confinement, interval, server.handle(), notifier.clone())?;
    // From now on clients that connect are answered.
    notifier.ready(server.local_addr().port());
    server.run().map_err(Failure::Run)?;
    match is_lost.load(Ordering::Relaxed) {
        true => Err(Failure::Folder),
        false => Ok(()),
    }
}

/// Stops the server when its folder was removed or replaced. A confined process cannot open the new folder, so the next
/// process serves it.
fn stop_without_folder(
    confinement: Confinement,
    interval: Duration,
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
            std::thread::sleep(interval);
        }
        log::error!(
            "{:?} was removed or replaced: stopping, because a confined server cannot follow",
            confinement.dir()
        );
        is_lost.store(true, Ordering::Relaxed);
        notifier.stopping();
        handle.stop();
    };
    in_background("videoserve-folder", Box::new(watch))?;
    Ok(result)
}

/// Stops the server on the first signal; running responses may end. The second signal ends the process at once, unless
/// it is supervised: then the supervisor decides, because a terminal sends each signal to both processes.
fn stop_on_signals(handle: Handle, notifier: Notifier, is_supervised: bool) -> Result<(), Failure> {
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(Failure::Thread)?;
    let wait = move || {
        let mut is_stopping = false;
        for signal in &mut signals {
            if !is_stopping {
                is_stopping = true;
                let second = match is_supervised {
                    true => "",
                    false => ", a second signal ends them",
                };
                log::info!("stopping; running responses have up to 10 s{second}");
                notifier.stopping();
                handle.stop();
            } else if !is_supervised {
                logging::flush();
                std::process::exit(exit::by_signal(signal).into());
            }
        }
    };
    in_background("videoserve-signals", Box::new(wait))
}

/// Boxed, because each closure type would compile the code that starts a thread once more.
fn in_background(name: &str, work: Box<dyn FnOnce() + Send>) -> Result<(), Failure> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(drop)
        .map_err(Failure::Thread)
}

/// Why the server ends early.
enum Failure {
    /// It could not start.
    Start(Error),
    /// It started, and cannot go on.
    Run(Error),
    /// The system gives no thread, or no signal handler.
    Thread(std::io::Error),
    /// The folder was replaced, and the log says so.
    Folder,
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
