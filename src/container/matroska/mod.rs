//! Matroska and WebM (RFC 9559) in EBML (RFC 8794): from the elements of a file to its tracks.
//!
//! Knows where the elements lie. Must not know MP4.
//!
//! The elements are read flat: one that describes by its children is entered, so that they follow as if they stood
//! beside it, and all others are passed. The IDs tell where each belongs, an unknown size needs no care, and there is
//! no depth to bound. The first cluster ends it; what then is missing is looked for once where a SeekHead says.

mod ebml;
mod ids;
mod track;

use std::time::Duration;

use super::bits::fourcc_at;
use super::info::{Container, Found, FoundTrack};
use super::reader::{Reader, Result, Span};
use super::{codec, frame};
use ebml::{float, next_element, text, unsigned, variable};
use ids::*;

/// Places from SeekHeads that are remembered.
const MAX_PLACES: usize = 64;

/// Blocks that are looked at for the first frames of tracks.
const MAX_BLOCKS: usize = 64;

/// Whether a file begins as EBML.
pub(super) fn starts(start: &[u8]) -> bool {
    fourcc_at(start, 0) == Some([0x1a, 0x45, 0xdf, 0xa3])
}

/// Reads what the file says. What is found before an error stays.
pub(super) fn read(reader: &mut Reader, found: &mut Found) -> Result<()> {
    let (mut at, end) = (0, reader.length());
    while let Some(element) = next_element(reader, &mut at, end)? {
        match element.id {
            EBML => at = element.body.start,
            DOC_TYPE => {
                found.container = match text(reader, element)?.as_deref() {
                    Some("matroska") => Some(Container::Matroska),
                    Some("webm") => Some(Container::WebM),
                    _ => return Ok(()),
                }
            }
            SEGMENT => {
                let mut segment = Segment {
                    body: element.body,
                    ..Segment::default()
                };
                let result = segment.read(reader, found);
                // Also after an error.
                segment.complete(found);
                return result;
            }
            _ => {}
        }
    }
    Ok(())
}

/// What the segment says beside its tracks.
#[derive(Debug, Default)]
struct Segment {
    body: Span,
    /// The elements that were entered.
    seen: Vec<u64>,
    /// Nanoseconds of a tick.
    scale: Option<u64>,
    ticks: Option<f64>,
    /// The number of each track that was found.
    numbers: Vec<u64>,
    /// Which element a SeekHead is about to place.
    seek_id: u64,
    /// Elements and where they are, counted from the body of the segment.
    places: Vec<(u64, u64)>,
    first_cluster: Option<u64>,
}

impl Segment {
    fn read(&mut self, reader: &mut Reader, found: &mut Found) -> Result<()> {
        self.walk(reader, self.body.start, found)?;
        // A SeekHead may lead to a second one, and either to what is missing. Each is followed once, so one that
        // leads to itself leads nowhere.
        for id in [SEEK_HEAD, INFO, TRACKS] {
            let place = self.places.iter().rev().find(|place| place.0 == id);
            let at = place.and_then(|place| self.body.start.checked_add(place.1));
            if let Some(at) = at.filter(|_| id == SEEK_HEAD || !self.seen.contains(&id))
                && let Some(there) = next_element(reader, &mut at.clone(), self.body.end)?
                && there.id == id
            {
                self.walk(reader, at, found)?;
            }
        }
        self.first_frames(reader, found)
    }

    /// Reads elements from `at` on until the media begins.
    fn walk(&mut self, reader: &mut Reader, mut at: u64, found: &mut Found) -> Result<()> {
        loop {
            let start = at;
            let Some(element) = next_element(reader, &mut at, self.body.end)? else {
                return Ok(());
            };
            match element.id {
                CLUSTER => {
                    self.first_cluster.get_or_insert(start);
                    return Ok(());
                }
                SEEK_HEAD | SEEK => at = element.body.start,
                INFO | TRACKS if !self.seen.contains(&element.id) => {
                    self.seen.push(element.id);
                    at = element.body.start;
                }
                SEEK_ID => self.seek_id = unsigned(reader, element)?.unwrap_or(0),
                SEEK_POSITION if self.places.len() < MAX_PLACES => {
                    let position = unsigned(reader, element)?;
                    self.places
                        .extend(position.map(|position| (self.seek_id, position)));
                }
                TIMESTAMP_SCALE => self.scale = unsigned(reader, element)?,
                DURATION => self.ticks = float(reader, element)?,
                TRACK_ENTRY => {
                    if let Some((number, track)) = track::read(reader, element)?
                        && found.add(track)
                    {
                        self.numbers.push(number);
                    }
                }
                _ => {}
            }
        }
    }

    /// Reads the first frame of each track that it says more of.
    fn first_frames(&self, reader: &mut Reader, found: &mut Found) -> Result<()> {
        let mut open: Vec<_> = (self.numbers.iter().zip(&mut found.tracks))
            .map(|(number, found)| (Some(*number), &mut found.track))
            .filter(|(_, track)| frame::is_needed(track))
            .collect();
        let mut at = self.first_cluster.unwrap_or(self.body.end);
        let mut blocks = 0;
        while !open.is_empty() && blocks < MAX_BLOCKS {
            let Some(element) = next_element(reader, &mut at, self.body.end)? else {
                break;
            };
            match element.id {
                CLUSTER | BLOCK_GROUP => at = element.body.start,
                SIMPLE_BLOCK | BLOCK => {
                    let block = reader.body(element.body, frame::MAX_FRAME)?;
                    if let Some((number, length)) = variable(&block)
                        && let Some(index) = open.iter().position(|track| track.0 == number)
                    {
                        // Behind number, time and flags.
                        let start = usize::try_from(length + 3).unwrap_or(usize::MAX);
                        let (_, track) = open.swap_remove(index);
                        frame::read(track, block.get(start..).unwrap_or_default());
                    }
                    blocks += 1;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Fills in what only the whole segment says.
    fn complete(&self, found: &mut Found) {
        // The duration is a fraction of ticks.
        let scale = u32::try_from(self.scale.unwrap_or(1_000_000)).ok();
        let seconds = self
            .ticks
            .zip(scale)
            .map(|(ticks, scale)| ticks * f64::from(scale) / 1e9);
        found.duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        for FoundTrack { track, .. } in &mut found.tracks {
            let plain = || codec::plain_codecs(&track.codec).map(str::to_owned);
            track.codecs = track.codecs.take().or_else(plain);
        }
    }
}
