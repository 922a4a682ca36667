//! Blocks of Matroska (RFC 9559 §10): their heads, and the frames in them without compression.

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::ebml::{Children, Element, unsigned, variable};
use super::ids::*;
use crate::container::bits::u16_at;
use crate::container::reader::{Reader, Span};

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
const MAX_HEAD: usize = 11;

/// Bytes that are read of a cue's settings.
const MAX_SETTINGS: usize = 1024;

/// Reads the head of a block. `None` for one with lacing, which texts and pictures do not use.
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

/// A block of a text.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) head: BlockHead,
    pub(super) frame: Span,
    /// In ticks.
    pub(super) duration: Option<u64>,
    /// The settings of a WebVTT cue.
    pub(super) settings: String,
}

/// Reads a SimpleBlock or a BlockGroup, if it is of this track.
pub(super) fn read(reader: &mut Reader, element: Element, track: u64) -> Option<Block> {
    if element.id != BLOCK_GROUP {
        return block(reader, element.body, track);
    }
    let mut found: Option<Block> = None;
    let (mut duration, mut settings) = (None, String::new());
    let mut children = Children::of(element);
    while let Some(element) = children.next(reader) {
        match element.id {
            BLOCK => found = Some(block(reader, element.body, track)?),
            BLOCK_DURATION => duration = unsigned(reader, element),
            BLOCK_ADDITIONS | BLOCK_MORE => children.enter(element),
            BLOCK_ADDITIONAL => {
                let text = reader.body(element.body, MAX_SETTINGS)?;
                // The first line; an identifier follows.
                let text = String::from_utf8_lossy(&text);
                settings = text.lines().next().unwrap_or_default().to_owned();
            }
            _ => {}
        }
    }
    found.filter(|_| !reader.is_stopped()).map(|found| Block {
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
