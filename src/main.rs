//! The program: parses flags, runs a [`videoserve::Server`], and returns an exit code. It contains no HTTP code.

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
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use videoserve::{Config, Error, ErrorKind, Handle, Server};

use process::in_background;
use sandbox::{Confinement, Layer};
use supervisor::FOLDER_INTERVAL;

/// The process that opened the listening socket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// This process.
    Own,
    /// The service manager.
    Manager,
    /// The supervisor.
    Supervisor,
}

/// `true` if the folder was removed or replaced.
static FOLDER_LOST: AtomicBool = AtomicBool::new(false);

/// An error message, and the exit code of the program.
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

fn failed(message: String) -> Failure {
    Failure(message, exit::FAILURE)
}

fn main() -> ExitCode {
    process::keep_the_heap_small();
    let ended = start();
    logging::flush();
    let code = ended.unwrap_or_else(|Failure(message, code)| {
        logging::write_fatal(&message);
        code
    });
    ExitCode::from(code)
}

/// Parses the command line, runs its command, and returns the exit code.
fn start() -> Result<u8, Failure> {
    let wrong = |message| Failure(message, exit::USAGE);
    // This call comes first. After it, the kernel ends this process when the supervisor ends.
    let (socket, origin) = match supervisor::inherited_socket().map_err(failed)? {
        Some(socket) => (Some(socket), Origin::Supervisor),
        None => match systemd::listener().map_err(failed)? {
            Some(socket) => (Some(socket), Origin::Manager),
            None => (None, Origin::Own),
        },
    };
    // This call comes before this process opens descriptors, because it would also close them.
    let closed = sandbox::close_inherited(socket.as_ref());
    let settings = match cli::parse(std::env::args_os().skip(1)).map_err(wrong)? {
        cli::Command::Serve(settings) => *settings,
        cli::Command::Print(text) => {
            let _ = write!(std::io::stdout(), "{text}");
            return Ok(0);
        }
    };
    let flags = &settings.flags;
    match (&socket, origin) {
        (Some(socket), Origin::Manager) => {
            // If the socket has no address, `serve` reports the error.
            if let Ok(address) = socket.local_addr() {
                systemd::check_address(address, flags.port, flags.bind).map_err(wrong)?;
            }
        }
        (None, _) if !flags.no_supervisor && !systemd::is_manager_present() => {
            return supervise(settings);
        }
        _ => {}
    }
    serve(settings, socket, origin, closed)
}

fn supervise(settings: cli::Settings) -> Result<u8, Failure> {
    // The child reports a wrong RUST_LOG.
    let _ = logging::start(settings.flags.log_format.unwrap_or_default());
    let socket = Server::listen(&settings.config)?;
    // If the folder is replaced, a server without a sandbox opens the new folder itself. So the supervisor watches the
    // folder only for a server with a sandbox.
    let folder = (!settings.flags.no_sandbox).then(|| settings.config.dir().to_owned());
    supervisor::run(socket, folder, settings.password)
        .map_err(|error| failed(format!("cannot start the supervisor: {error}")))
}

/// Runs the server in this process. `closed` is the result of [`sandbox::close_inherited`].
fn serve(
    settings: cli::Settings,
    socket: Option<TcpListener>,
    origin: Origin,
    closed: std::io::Result<()>,
) -> Result<u8, Failure> {
    let flags = &settings.flags;
    let connected = systemd::connect();
    let raised = process::raise_descriptor_limit();
    let layers = if flags.no_sandbox { &[] } else { Layer::ALL };
    let own_port = flags.port.unwrap_or(Config::DEFAULT_PORT);
    let port = socket.is_none().then_some(own_port);
    // Only new threads inherit the sandbox, so no thread may start before this call. The sandbox forbids a change of
    // limits, so the limit is raised before this call.
    let confinement = Confinement::enter(settings.config.dir(), port, layers);
    let wrong_filters = logging::start(flags.log_format.unwrap_or_default());
    std::panic::set_hook(Box::new(|panic| {
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
    if let Err(error) = closed {
        log::warn!("cannot close inherited descriptors: {error}");
    }
    if let Err(error) = connected {
        log::warn!("cannot connect to NOTIFY_SOCKET: {error}");
    }
    if let Err(error) = raised {
        log::debug!("cannot raise the limit of open files: {error}");
    }
    let print_url = flags.print_url;
    let config = settings.config.with_dir(&confinement.dir);
    let server = match socket {
        None => Server::bind(config),
        Some(socket) => Server::from_listener(socket, config),
    };
    run(server?, confinement, origin, print_url)
}

fn run(
    server: Server,
    confinement: Confinement,
    origin: Origin,
    print_url: bool,
) -> Result<u8, Failure> {
    let what = "cannot wait for signals or watch the folder";
    let no_thread = |error| failed(format!("{what}: {error}"));
    // A script may send a signal as soon as it has read the first line of the greeting. So this call comes before the
    // greeting.
    stop_on_signals(server.handle(), origin).map_err(no_thread)?;
    let mut stdout = std::io::stdout();
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
    // The greeting opens sockets to find the addresses, so this call comes after it.
    confinement.seal();
    let _ = stdout
        .write_all(greeting.as_bytes())
        .and_then(|()| stdout.flush());
    if !confinement.layers.is_empty() {
        stop_without_folder(confinement, server.handle(), origin).map_err(no_thread)?;
    }
    // The socket listens already, so each client that connects from now on gets an answer.
    systemd::ready(server.local_addr().port());
    server.run()?;
    let is_lost = FOLDER_LOST.load(Ordering::Relaxed);
    Ok(if is_lost { exit::RESTART } else { 0 })
}

/// Stops the server if its folder was removed or replaced. A confined process cannot open the new folder, but the next
/// process can.
fn stop_without_folder(
    confinement: Confinement,
    handle: Handle,
    origin: Origin,
) -> std::io::Result<()> {
    in_background("videoserve-folder", move || {
        while !confinement.has_lost_folder() {
            std::thread::sleep(FOLDER_INTERVAL);
        }
        if origin == Origin::Supervisor {
            // The supervisor also watches the folder. Normally, it starts a new server and stops this server during
            // this pause. If a disk is unmounted and mounted again within seconds, the supervisor does not detect the
            // change, and this server stops itself.
            std::thread::sleep(2 * FOLDER_INTERVAL);
        }
        log::error!(
            "{:?} was removed or replaced: stopping, because a confined server cannot open the new folder",
            confinement.dir
        );
        FOLDER_LOST.store(true, Ordering::Relaxed);
        systemd::stopping();
        handle.stop();
    })
}

/// Stops the server on the first signal. Running responses have 10 s to end. The second signal ends the process at
/// once. A supervised process ignores the second signal: its supervisor kills it.
fn stop_on_signals(handle: Handle, origin: Origin) -> std::io::Result<()> {
    let is_supervised = origin == Origin::Supervisor;
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    in_background("videoserve-signals", move || {
        for (earlier, signal) in signals.forever().enumerate() {
            if earlier == 0 {
                let second = match is_supervised {
                    true => "",
                    false => ", a second signal ends them",
                };
                log::info!("stopping; running responses have up to 10 s{second}");
                systemd::stopping();
                handle.stop();
            } else if !is_supervised {
                logging::flush();
                std::process::exit(exit::by_signal(signal).into());
            }
        }
    })
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
