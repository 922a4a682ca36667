//! Blocks of Matroska (RFC 9559 §10): their heads, and the frames in them without compression.

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::ebml::variable;
use crate::container::bits::u16_at;

/// The head of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockHead {
    pub(super) track: u64,
    /// Ticks since the cluster's time.
    pub(super) offset: i16,
    /// Where the frame begins in the body.
    pub(super) length: u64,
}

/// Bytes of the longest head.
pub(super) const MAX_HEAD: usize = 11;

/// Reads the head of a block without lacing, which nobody uses for text or pictures.
pub(super) fn head(body: &[u8]) -> Option<BlockHead> {
    const LACING: u8 = 6;
    let (track, length) = variable(body)?;
    let at = usize::try_from(length).ok()?;
    let flags = body.get(at + 2)?;
    (flags & LACING == 0).then_some(BlockHead {
        track: track?,
        offset: u16_at(body, at)?.cast_signed(),
        length: length + 3,
    })
}

/// How the frames of a track are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encoding {
    Plain,
    Zlib,
    /// Without these bytes, with which each frame begins.
    Stripped(Vec<u8>),
    /// Not to be read: bzip2, LZO, encryption.
    Unknown,
}

impl Encoding {
    /// The encoding by its ContentCompAlgo and ContentCompSettings.
    pub(super) fn new(algorithm: Option<u64>, settings: Vec<u8>) -> Self {
        match algorithm {
            None => Self::Plain,
            Some(0) => Self::Zlib,
            Some(3) => Self::Stripped(settings),
            _ => Self::Unknown,
        }
    }

    /// The frame as it was, at most `limit` bytes of it. `None` where that cannot be found out.
    pub(super) fn decode(&self, frame: &[u8], limit: usize) -> Option<Vec<u8>> {
        match self {
            Self::Plain => Some(frame.to_vec()),
            Self::Zlib => decompress_to_vec_zlib_with_limit(frame, limit).ok(),
            Self::Stripped(start) => Some([start, frame].concat()),
            Self::Unknown => None,
        }
    }
}
