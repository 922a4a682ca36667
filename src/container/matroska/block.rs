//! Reads the blocks of Matroska (RFC 9559 §10).

use super::ebml::{Element, next_child, unsigned, vint};
use super::ids::*;
use crate::container::bits::u16_at;
use crate::container::reader::{Reader, Span};

/// A block of one track. A tick is the time unit of the file.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) track: u64,
    /// The time of the block minus the timestamp of its cluster, in ticks.
    pub(super) offset: i16,
    pub(super) frame: Span,
    /// The duration in ticks.
    pub(super) duration: Option<u64>,
    /// The settings of a WebVTT cue.
    pub(super) settings: String,
}

/// The maximum number of bytes of a block header.
const MAX_HEAD: usize = 11;

/// The maximum number of bytes to read from the settings of a cue.
const MAX_SETTINGS: usize = 1024;

/// Reads the header of a SimpleBlock or Block. Returns `None` for a block with several frames (lacing). Blocks of
/// subtitles and video have one frame.
pub(super) fn head(reader: &mut Reader, body: Span) -> Option<Block> {
    const LACING: u8 = 6;
    let bytes = reader.peek(body, MAX_HEAD)?;
    let (track, length) = vint(bytes)?;
    let at = usize::try_from(length).ok()?;
    (bytes.get(at + 2)? & LACING == 0).then_some(Block {
        track,
        offset: u16_at(bytes, at)?.cast_signed(),
        // The offset (two bytes) and the flags (one byte) follow the number of the track.
        frame: body.from(length + 3),
        duration: None,
        settings: String::new(),
    })
}

/// Reads a SimpleBlock or a BlockGroup. Returns `None` if the block belongs to another track.
pub(super) fn read(reader: &mut Reader, element: Element, track: u64) -> Option<Block> {
    let head = |reader: &mut _, body| head(reader, body).filter(|block| block.track == track);
    if element.id != BLOCK_GROUP {
        return head(reader, element.body);
    }
    let mut found = None;
    let (mut duration, mut settings) = (None, String::new());
    let mut rest = element.body;
    while let Some(element) = next_child(reader, &mut rest, &[BLOCK_ADDITIONS, BLOCK_MORE]) {
        match element.id {
            BLOCK => found = Some(head(reader, element.body)?),
            BLOCK_DURATION => duration = unsigned(reader, element),
            // The first BlockAdditional of a WebVTT cue contains the settings of the cue.
            BLOCK_ADDITIONAL if settings.is_empty() => {
                let text = reader.body(element.body, MAX_SETTINGS)?;
                // The first line has the settings, the second line the identifier of the cue.
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
