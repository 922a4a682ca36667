//! Why there is no cut.

use std::io;

/// Why there is no cut. The texts are for the client.
#[derive(Debug)]
pub(crate) enum CutError {
    /// The file could not be read.
    Io(io::Error),
    /// The parts select nothing of this file: 400.
    Parts(&'static str),
    /// The file cannot be cut: 422.
    File(&'static str),
}

impl CutError {
    /// Tables that contradict each other, or reach outside the file.
    pub(super) const DAMAGED: Self = Self::File("The tables of this file are damaged");
    /// More work or a longer head than the limits allow.
    pub(super) const TOO_LARGE: Self =
        Self::File("The parts hold too many frames for one file: ask for fewer or shorter parts");
}

impl From<io::Error> for CutError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

pub(super) type Result<T> = std::result::Result<T, CutError>;
