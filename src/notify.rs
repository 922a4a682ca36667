//! What the service manager is told, as in sd_notify(3): that clients are answered, and that the program stops. Knows one
//! socket, not why.
//!
//! By hand, since the crates for it open a socket for each message, which the confined program cannot do any more.
//! No watchdog: its signal would come from a thread that does not know whether clients are answered.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::Arc;

/// The way to the service manager, where there is one. Can be cloned.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notifier(Option<Arc<UnixDatagram>>);

impl Notifier {
    /// Connects to what `NOTIFY_SOCKET` names; nothing without. To be called before the sandbox closes the way.
    ///
    /// # Errors
    ///
    /// If nobody is there.
    pub(crate) fn connect() -> io::Result<Notifier> {
        match std::env::var_os("NOTIFY_SOCKET") {
            Some(name) if !name.is_empty() => connect(&name).map(|it| Notifier(Some(it.into()))),
            _ => Ok(Notifier::default()),
        }
    }

    /// For those who would close it.
    pub(crate) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.0.as_ref().map(AsFd::as_fd)
    }

    /// That clients are answered from now on.
    pub(crate) fn ready(&self, port: u16) {
        self.tell(&format!("READY=1\nSTATUS=Serving on port {port}"));
    }

    /// That the program ends, as soon as running responses have.
    pub(crate) fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=Stopping; running responses have up to 10 s");
    }

    fn tell(&self, message: &str) {
        if let Some(socket) = &self.0
            && let Err(error) = socket.send(message.as_bytes())
        {
            log::warn!("the service manager cannot be told: {error}");
        }
    }
}

fn connect(name: &OsStr) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    // Nobody waits for a manager that does not listen.
    socket.set_nonblocking(true)?;
    match name.as_encoded_bytes() {
        [b'/', ..] => socket.connect(Path::new(name))?,
        [b'@', name @ ..] => {
            use std::os::linux::net::SocketAddrExt;
            socket.connect_addr(&std::os::unix::net::SocketAddr::from_abstract_name(name)?)?;
        }
        _ => {
            let cause = "it must begin with / or @";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, cause));
        }
    }
    Ok(socket)
}
