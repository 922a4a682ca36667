//! The program: parses flags, runs a [`videoserve::Server`], and returns an exit code. It contains no HTTP.

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
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use videoserve::{Config, Error, ErrorKind, Handle, Server};

use process::in_background;
use sandbox::{Confinement, Layers};

/// Time between two checks of the folder. It is short for a person who waits, and causes no load on a small machine.
const FOLDER_INTERVAL: Duration = Duration::from_secs(2);
/// Time between two checks of a supervised server. It can be longer, because the supervisor also checks. The supervisor
/// misses only a disk that is unmounted and mounted again within seconds.
const SUPERVISED_FOLDER_INTERVAL: Duration = Duration::from_secs(5);

/// The origin of the listening socket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// This process opens the socket.
    Own,
    /// The service manager passes the socket.
    Manager,
    /// The supervisor, which is the parent process, passes the socket.
    Supervisor,
}

/// `true` if the folder was removed or replaced while the server ran.
static FOLDER_LOST: AtomicBool = AtomicBool::new(false);

/// An error that ends the program: a message and the exit code.
struct Failure(String, u8);

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let code = match error.kind() {
            ErrorKind::Setting => exit::USAGE,
            ErrorKind::Broken => exit::RESTART,
            _ => exit::FAILURE,
        };
        Failure(format!("{error}{}", advice(&error)), code)
    }
}

fn main() -> ExitCode {
    process::keep_the_heap_small();
    let ended = start();
    logging::flush();
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(Failure(message, code)) => {
            logging::last_words(&message);
            ExitCode::from(code)
        }
    }
}

/// Runs the command of the command line, and returns the exit code.
fn start() -> Result<u8, Failure> {
    let failed = |message| Failure(message, exit::FAILURE);
    let wrong = |message| Failure(message, exit::USAGE);
    // This comes first, because the supervisor may end at any time.
    let inherited = supervisor::inherited_socket().map_err(failed)?;
    let settings = match cli::parse(std::env::args_os().skip(1)).map_err(wrong)? {
        cli::Command::Serve(settings) => *settings,
        cli::Command::Print(text) => {
            let _ = write!(std::io::stdout(), "{text}");
            return Ok(0);
        }
    };
    if inherited.is_some() {
        return serve(settings, Origin::Supervisor, inherited);
    }
    match systemd::listener().map_err(failed)? {
        Some(socket) => {
            // If the socket has no address, the server reports the error later.
            if let Ok(address) = socket.local_addr() {
                let flags = &settings.flags;
                systemd::check_address(address, flags.port, flags.bind).map_err(wrong)?;
            }
            serve(settings, Origin::Manager, Some(socket))
        }
        None if !settings.flags.no_supervisor && !systemd::is_manager_present() => {
            supervise(settings)
        }
        None => serve(settings, Origin::Own, None),
    }
}

/// Listens, and runs the server as a child process.
fn supervise(settings: cli::Settings) -> Result<u8, Failure> {
    let is_confined = !settings.flags.no_sandbox;
    // The child reports a wrong RUST_LOG.
    let _ = logging::start(settings.flags.log_format);
    let socket = Server::listen(&settings.config)?;
    if is_confined && let Err(error) = sandbox::close_inherited(&[socket.as_fd()]) {
        log::debug!("cannot close inherited descriptors: {error}");
    }
    // A server that is not confined opens a new folder itself.
    let folder = is_confined.then(|| settings.config.dir().to_owned());
    supervisor::run(socket, folder, settings.password).map_err(|error| {
        Failure(
            format!("cannot start the supervisor: {error}"),
            exit::FAILURE,
        )
    })
}

/// Serves in this process.
fn serve(
    settings: cli::Settings,
    origin: Origin,
    socket: Option<TcpListener>,
) -> Result<u8, Failure> {
    let connected = systemd::connect();
    let raised = process::raise_descriptor_limit();
    // This comes before the first thread starts, because threads inherit the sandbox. It comes after the limit is
    // raised, because the sandbox forbids changing limits.
    let mut confinement = confine(&settings, socket.as_ref());
    let wrong_filters = logging::start(settings.flags.log_format);
    std::panic::set_hook(Box::new(|panic| {
        // One line in the log, without a backtrace.
        log::error!("panic: {}", panic.to_string().replace('\n', " "));
        // The process may end before the thread of the log writes this line.
        logging::flush();
    }));
    if let Some(filters) = wrong_filters {
        log::warn!("ignoring RUST_LOG={filters:?}: it is not a valid filter");
    }
    for name in &settings.unknown {
        log::warn!(
            "ignoring unknown variable {name}: it belongs to no flag; --help shows all flags"
        );
    }
    if let Err(error) = connected {
        log::warn!("cannot connect to NOTIFY_SOCKET: {error}");
    }
    if let Err(error) = raised {
        log::debug!("cannot raise the limit of open files: {error}");
    }
    let mut config = settings.config.with_dir(&confinement.dir);
    if let Some(status) = confinement.process_status.take() {
        config = config.process_status(status);
    }
    let server = match socket {
        None => Server::bind(config),
        Some(socket) => Server::from_listener(socket, config),
    };
    run(server?, confinement, origin, settings.flags.print_url)
}

fn confine(settings: &cli::Settings, socket: Option<&TcpListener>) -> Confinement {
    let dir = settings.config.dir();
    if settings.flags.no_sandbox {
        return Confinement::off(dir);
    }
    let own_port = settings.flags.port.unwrap_or(Config::DEFAULT_PORT);
    let port = socket.is_none().then_some(own_port);
    let kept: Vec<BorrowedFd<'_>> = socket
        .map(AsFd::as_fd)
        .into_iter()
        .chain(systemd::descriptor())
        .collect();
    Confinement::enter(dir, port, &kept, Layers::ALL)
}

fn run(
    server: Server,
    confinement: Confinement,
    origin: Origin,
    print_url: bool,
) -> Result<u8, Failure> {
    // This comes before the first line is printed. After that line, a signal must stop the server cleanly.
    stop_on_signals(server.handle(), origin)?;
    let stdout = std::io::stdout();
    let password = match server.asks_for_password() {
        true => "\n  every client needs the password",
        false => "",
    };
    let greeting = match print_url {
        true => greeting::local_url(server.local_addr()) + "\n",
        false => greeting::text(
            server.dir(),
            server.local_addr(),
            &greeting::addresses(),
            stdout.is_terminal(),
            origin == Origin::Manager,
            &format!("{confinement}{password}"),
        ),
    };
    // This comes after the greeting, because the greeting opens sockets to find the addresses.
    confinement.seal();
    // Standard output may be closed; the server does not need it.
    let _ = stdout
        .lock()
        .write_all(greeting.as_bytes())
        .and_then(|()| stdout.lock().flush());
    if confinement.fence.is_some() {
        stop_without_folder(confinement, server.handle(), origin)?;
    }
    // From now on, the server answers clients that connect.
    systemd::ready(server.local_addr().port());
    server.run()?;
    match FOLDER_LOST.load(Ordering::Relaxed) {
        true => Ok(exit::RESTART),
        false => Ok(0),
    }
}

/// Stops the server if its folder was removed or replaced. A confined process cannot open the new folder, but the next
/// process can.
fn stop_without_folder(
    confinement: Confinement,
    handle: Handle,
    origin: Origin,
) -> Result<(), Failure> {
    let interval = match origin {
        Origin::Supervisor => SUPERVISED_FOLDER_INTERVAL,
        Origin::Own | Origin::Manager => FOLDER_INTERVAL,
    };
    let watch = move || {
        while !confinement.has_lost_folder() {
            std::thread::sleep(interval);
        }
        log::error!(
            "{:?} was removed or replaced: stopping, because a confined server cannot open the new folder",
            confinement.dir
        );
        FOLDER_LOST.store(true, Ordering::Relaxed);
        systemd::stopping();
        handle.stop();
    };
    in_background("videoserve-folder", watch).map_err(no_thread)
}

/// Stops the server on the first signal. Running responses have 10 s to end. The second signal ends the process at
/// once. A supervised process ignores the second signal, because a terminal sends each signal to both processes. The
/// supervisor then decides.
fn stop_on_signals(handle: Handle, origin: Origin) -> Result<(), Failure> {
    let is_supervised = origin == Origin::Supervisor;
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(no_thread)?;
    let wait = move || {
        let mut signals = signals.forever();
        if signals.next().is_some() {
            let second = match is_supervised {
                true => "",
                false => ", a second signal ends them",
            };
            log::info!("stopping; running responses have up to 10 s{second}");
            systemd::stopping();
            handle.stop();
        }
        for signal in signals {
            if !is_supervised {
                logging::flush();
                std::process::exit(exit::by_signal(signal).into());
            }
        }
    };
    in_background("videoserve-signals", wait).map_err(no_thread)
}

fn no_thread(error: std::io::Error) -> Failure {
    let message = format!("cannot wait for signals or watch the folder: {error}");
    Failure(message, exit::FAILURE)
}

fn advice(error: &Error) -> &'static str {
    use std::io::ErrorKind as Io;
    match (error.kind(), error.io_error().map(std::io::Error::kind)) {
        (ErrorKind::Listen, Some(Io::AddrInUse)) => {
            "; another program uses this port: choose another --port"
        }
        (ErrorKind::Listen, Some(Io::AddrNotAvailable)) => {
            "; --bind needs an address of this machine"
        }
        (ErrorKind::Listen, Some(Io::PermissionDenied)) => {
            "; ports below 1024 need root rights: choose another --port"
        }
        (ErrorKind::Directory, _) => "; --dir needs a folder that you may read",
        _ => "",
    }
}
