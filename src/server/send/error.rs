//! The reasons why a response ends before its announced length.

use std::io;

/// The reason why a response ended before its announced length.
#[derive(Debug)]
pub(in crate::server) enum SendError {
    /// The client closed the connection.
    ClientLeft,
    /// The client read nothing during the stall timeout.
    Stalled,
    /// The file changed after the server sent the head.
    FileChanged,
    /// The client did not read a short response at once, and no stream permit was free.
    NoPermit,
    /// A read from the file failed.
    Read(io::Error),
}

impl SendError {
    /// Describes the error for the access log.
    pub(in crate::server) fn note(&self, is_stopping: bool) -> &'static str {
        match self {
            SendError::ClientLeft if is_stopping => "interrupted, because the server stopped",
            // This is not an error: a viewer who seeks closes the connection.
            SendError::ClientLeft => "client left",
            SendError::Stalled => "client took nothing for too long",
            SendError::FileChanged => "file changed while it was sent",
            SendError::NoPermit => "client does not read, and no stream is free",
            SendError::Read(_) => "read error",
        }
    }
}
