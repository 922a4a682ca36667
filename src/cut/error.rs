//! The error of the module `cut`.

/// The reason why a file cannot be cut. The client gets the text of `Parts` and `File`.
#[derive(Debug)]
pub(crate) enum CutError {
    Io(std::io::Error),
    /// A part begins after the end of the film, or the parts contain no frame. The status is 400.
    Parts(&'static str),
    /// The file cannot be cut. The status is 422.
    File(&'static str),
}

impl CutError {
    /// The tables of the file contradict each other, or point outside the file.
    pub(super) const DAMAGED: Self = Self::File("The tables of this file are damaged");
    /// The cut needs more work or memory than the limits allow.
    pub(super) const TOO_LARGE: Self =
        Self::File("The parts hold too many frames for one file: ask for fewer or shorter parts");
}

pub(super) type Result<T> = std::result::Result<T, CutError>;
