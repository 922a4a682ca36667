//! What can go wrong before or around serving. Requests have statuses, not errors; see [`http`](crate::http).

use std::fmt;
use std::io;

/// Why a server could not be configured, bound or run.
///
/// The text says what was being done to what, and what the system answered:
/// `cannot open media directory /srv/video: permission denied`.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    context: String,
    source: Option<io::Error>,
}

/// What an [`Error`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting of [`Config`](crate::Config) is wrong. Nothing was opened; change the setting.
    Setting,
    /// The media directory is missing, is no directory, or may not be read.
    Directory,
    /// The address cannot be listened on: taken, not of this machine, or not permitted.
    Listen,
    /// The system refused a thread, a descriptor or a socket that the server cannot do without.
    System,
    /// A running server lost the connection to its workers. Start another one.
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

    /// What the error is about.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The system's own error, where there was one.
    #[must_use]
    pub fn io_error(&self) -> Option<&io::Error> {
        self.source.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)?;
        match &self.source {
            Some(source) => write!(f, ": {}", reason(source)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = error
            .source
            .as_ref()
            .map_or(io::ErrorKind::InvalidInput, io::Error::kind);
        io::Error::new(kind, error)
    }
}

/// The system's words without its number: people read this text, `io_error` has the rest.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => error.kind().to_string(),
    }
}
