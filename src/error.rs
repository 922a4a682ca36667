//! The errors of the library. The result of a request is a status, not an error: see [`http`](crate::http).

use std::fmt;
use std::io;

/// The reason why a server cannot be configured, started or run.
///
/// The text contains the action, its object and the error of the system:
/// `cannot open media directory /srv/video: permission denied`.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    context: String,
    source: Option<io::Error>,
}

/// The kind of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting of [`Config`](crate::Config) is wrong. Change it.
    Setting,
    /// The media directory does not exist, is not a directory, or is not readable.
    Directory,
    /// The server cannot listen: the address is in use, is not an address of this machine, or is not permitted.
    Listen,
    /// The system refused a thread, a descriptor or a socket.
    System,
    /// The internal connection to tiny_http broke while the server ran. Start a new server.
    Broken,
}

impl Error {
    pub(crate) fn setting(context: impl Into<String>) -> Error {
        Error {
            kind: ErrorKind::Setting,
            context: context.into(),
            source: None,
        }
    }

    pub(crate) fn io(kind: ErrorKind, context: impl Into<String>, source: io::Error) -> Error {
        Error {
            kind,
            context: context.into(),
            source: Some(source),
        }
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the error of the system, if there is one.
    #[must_use]
    pub fn io_error(&self) -> Option<&io::Error> {
        self.source.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{}: {}", self.context, reason(source)),
            None => f.write_str(&self.context),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// Returns the text of a system error in lower case, without its number.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => error.kind().to_string(),
    }
}
