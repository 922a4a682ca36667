//! Reads Matroska and WebM (RFC 9559). Both formats are based on EBML (RFC 8794).

mod block;
mod chapters;
mod cover;
mod ebml;
mod ids;
mod segment;
mod subtitles;
mod track;

use super::frame;
use super::info::MediaInfo;
use super::reader::Reader;
use ebml::next_element;
use ids::*;
use segment::SegmentElement;
use track::TrackEntry;

pub(super) use chapters::chapters;
pub(super) use cover::cover;
pub(super) use subtitles::cues;

/// The maximum number of blocks that `first_frames` reads.
const MAX_BLOCKS: usize = 64;

pub(super) fn read(reader: &mut Reader) -> Option<MediaInfo> {
    let segment = SegmentElement::open(reader)?;
    let mut found = MediaInfo {
        container: segment.container,
        duration: segment.timing(reader).1,
        ..MediaInfo::default()
    };
    let mut tracks = segment.children(reader, TRACKS);
    let mut entries: Vec<_> =
        std::iter::from_fn(|| TrackEntry::next(&mut tracks, reader)).collect();
    first_frames(reader, &segment, &mut entries);
    for entry in entries {
        entry.add_to(&mut found);
    }
    Some(found.finish())
}

/// Reads the first frame of each track that lacks details of its codec.
fn first_frames(
    reader: &mut Reader,
    segment: &SegmentElement,
    entries: &mut [TrackEntry],
) -> Option<()> {
    let open = entries.iter_mut().filter(|it| frame::is_needed(&it.track));
    let mut open: Vec<_> = open.collect();
    if open.is_empty() {
        return None;
    }
    let mut rest = segment.body;
    rest.start = segment.child(reader, CLUSTER)?.body.start;
    let mut blocks = 0;
    while !open.is_empty() && blocks < MAX_BLOCKS {
        let element = next_element(reader, &mut rest)?;
        match element.id {
            CLUSTER | BLOCK_GROUP => rest.start = element.body.start,
            SIMPLE_BLOCK | BLOCK => {
                blocks += 1;
                if let Some(block) = block::head(reader, element.body)
                    && let Some(index) = open.iter().position(|entry| entry.number == block.track)
                {
                    let entry = open.swap_remove(index);
                    let frame = reader.body(block.frame, frame::MAX_FRAME)?;
                    if let Some(frame) = entry.decode(&frame, frame::MAX_FRAME) {
                        frame::read(&mut entry.track, &frame);
                    }
                }
            }
            _ => {}
        }
    }
    Some(())
}
