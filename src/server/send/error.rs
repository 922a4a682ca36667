//! Why a response broke off.

use std::io;

/// Why a response broke off.
#[derive(Debug)]
pub(in crate::server) enum SendError {
    /// The client closed the connection.
    ClientLeft,
    /// The client took nothing for the stall timeout.
    Stalled,
    /// The file is no longer the one that the head describes.
    FileChanged,
    /// No stream permit was free for a client that did not take a short response at once.
    NoPermit,
    /// The file could not be read.
    Read(io::Error),
}

impl SendError {
    /// Describes the error for the access log.
    pub(in crate::server) fn note(&self, is_stopping: bool) -> &'static str {
        match self {
            SendError::ClientLeft if is_stopping => "cut off, the server stopped",
            // A viewer who seeks closes the connection: no error.
            SendError::ClientLeft => "client left",
            SendError::Stalled => "client took nothing for too long",
            SendError::FileChanged => "file changed while it was sent",
            SendError::NoPermit => "client does not read, and all streams are taken",
            SendError::Read(_) => "read error",
        }
    }
}
