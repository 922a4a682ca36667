//! Reads the blocks of Matroska (RFC 9559 §10): their headers, and their frames without compression.

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::ebml::{Children, Element, unsigned, vint};
use super::ids::*;
use crate::container::bits::u16_at;
use crate::container::reader::{Reader, Span};

/// The header of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockHead {
    pub(super) track: u64,
    /// The ticks since the timestamp of the cluster.
    pub(super) offset: i16,
    /// The length of the header. The frame begins behind the header.
    pub(super) length: u64,
}

/// The number of bytes of the longest header.
const MAX_HEAD: usize = 11;

/// The maximum number of bytes to read from the settings of a cue.
const MAX_SETTINGS: usize = 1024;

/// Reads the header of a block. Returns `None` for a block with lacing, which subtitles and video do not use.
pub(super) fn head(body: &[u8]) -> Option<BlockHead> {
    const LACING: u8 = 6;
    let (track, length) = vint(body)?;
    let at = usize::try_from(length).ok()?;
    let flags = body.get(at + 2)?;
    (flags & LACING == 0).then_some(BlockHead {
        track,
        offset: u16_at(body, at)?.cast_signed(),
        length: length + 3,
    })
}

/// A block with the text of a cue.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) head: BlockHead,
    pub(super) frame: Span,
    /// The duration in ticks.
    pub(super) duration: Option<u64>,
    /// The settings of a WebVTT cue.
    pub(super) settings: String,
}

/// Reads a SimpleBlock or a BlockGroup. Returns `None` if the block belongs to another track.
pub(super) fn read(reader: &mut Reader, element: Element, track: u64) -> Option<Block> {
    if element.id != BLOCK_GROUP {
        return block(reader, element.body, track);
    }
    let mut found: Option<Block> = None;
    let (mut duration, mut settings) = (None, String::new());
    let mut children = Children::of(element);
    while let Some(element) = children.next(reader, &[BLOCK_ADDITIONS, BLOCK_MORE]) {
        match element.id {
            BLOCK => found = Some(block(reader, element.body, track)?),
            BLOCK_DURATION => duration = unsigned(reader, element),
            // Only the first addition of a cue is its settings.
            BLOCK_ADDITIONAL if settings.is_empty() => {
                let text = reader.body(element.body, MAX_SETTINGS)?;
                // The settings are the first line. An identifier follows.
                let text = String::from_utf8_lossy(&text);
                settings = text.lines().next().unwrap_or_default().to_owned();
            }
            _ => {}
        }
    }
    found.filter(|_| !reader.is_stopped).map(|found| Block {
        duration,
        settings,
        ..found
    })
}

fn block(reader: &mut Reader, body: Span, track: u64) -> Option<Block> {
    let head = head(reader.peek(body, MAX_HEAD)?).filter(|head| head.track == track);
    head.map(|head| Block {
        head,
        frame: body.from(head.length),
        duration: None,
        settings: String::new(),
    })
}

/// The encoding of the frames of a track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encoding {
    Plain,
    Zlib,
    /// Header stripping. Each frame begins with these bytes, which the file omits.
    Stripped(Vec<u8>),
    /// An unsupported encoding: bzip2, LZO, encryption.
    Unknown,
}

impl Encoding {
    /// Returns the decoded frame. A decompressed frame has at most `limit` bytes. Returns `None` if the encoding is
    /// unsupported or the data are invalid.
    pub(super) fn decode(&self, frame: &[u8], limit: usize) -> Option<Vec<u8>> {
        match self {
            Self::Plain => Some(frame.to_vec()),
            Self::Zlib => decompress_to_vec_zlib_with_limit(frame, limit).ok(),
            Self::Stripped(start) => Some([start, frame].concat()),
            Self::Unknown => None,
        }
    }
}
