//! Reads a `moov` box.

use std::time::Duration;

use super::boxes::{BoxHead, Walk, is_rotated, length, width};
use super::trak::{MAX_FIELDS, Trak};
use crate::container::bits::u32_at;
use crate::container::info::{Container, MAX_TRACKS};
use crate::container::reader::{Reader, Span};

/// The boxes that contain the boxes to read.
const ENTERED: [&[u8; 4]; 8] = [
    b"trak", b"mdia", b"minf", b"stbl", b"tref", b"edts", b"udta", b"mvex",
];

/// The values for the samples of a fragment that has no own values, in a `trex` box.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Defaults {
    /// The ID of the track.
    pub(super) track: u32,
    pub(super) duration: u32,
    pub(super) size: u32,
}

/// The values of a `moov` box.
#[derive(Debug, Default)]
pub(super) struct Movie {
    /// The duration in `mvhd`.
    pub(super) length: Option<Duration>,
    pub(super) timescale: u32,
    pub(super) is_rotated: bool,
    /// Whether `mvex` announces fragments.
    pub(super) is_fragmented: bool,
    /// The duration with all fragments, in `mehd`.
    pub(super) fragmented_length: Option<Duration>,
    pub(super) defaults: Vec<Defaults>,
    pub(super) tracks: Vec<Trak>,
    /// The position of the chapter list of Nero.
    pub(super) chapter_list: Option<Span>,
}

impl Movie {
    /// Reads the `moov` box of a file.
    pub(super) fn find(reader: &mut Reader) -> Option<Self> {
        let moov = find(reader).1?;
        let mut movie = Self::default();
        movie.read(reader, moov.body);
        (!reader.is_stopped).then_some(movie)
    }

    /// Reads the boxes in the body of `moov`.
    pub(super) fn read(&mut self, reader: &mut Reader, moov: Span) -> Option<()> {
        let mut walk = Walk::new(moov);
        let mut track_end = 0;
        loop {
            let head = walk.next(reader, &ENTERED)?;
            let mut fields = || reader.body(head.body, MAX_FIELDS);
            match &head.name {
                b"trak" if self.tracks.len() < MAX_TRACKS => {
                    self.tracks.push(Trak::default());
                    track_end = head.body.end;
                }
                b"mvhd" => {
                    let mvhd = fields()?;
                    let width = width(&mvhd);
                    self.timescale = u32_at(&mvhd, 4 + 2 * width).unwrap_or(0);
                    self.length = length(&mvhd, 8 + 2 * width, self.timescale);
                    self.is_rotated = is_rotated(&mvhd, 24 + 3 * width);
                }
                b"mvex" => self.is_fragmented = true,
                b"mehd" => self.fragmented_length = length(&fields()?, 4, self.timescale),
                b"trex" if self.defaults.len() < MAX_TRACKS => {
                    let trex = fields()?;
                    let number = |at| u32_at(&trex, at).unwrap_or(0);
                    self.defaults.push(Defaults {
                        track: number(4),
                        duration: number(12),
                        size: number(16),
                    });
                }
                b"chpl" => self.chapter_list = Some(head.body),
                _ => {
                    let last = self.tracks.last_mut().filter(|_| head.start < track_end);
                    if let Some(track) = last {
                        track.read(reader, head)?;
                        if matches!(&head.name, b"stsd" | b"stts") && track.is_known() {
                            walk.leave();
                        }
                    }
                }
            }
        }
    }

    /// Returns whether the film lasts until the end of a track. A player ends the film with its picture and sound, even
    /// if a text track is longer.
    pub(super) fn is_extended_by(&self, id: u32) -> bool {
        let track = self.tracks.iter().find(|track| track.id == id);
        track.is_none_or(Trak::is_picture_or_sound)
    }

    /// Returns the IDs of the tracks that contain the chapters of other tracks.
    pub(super) fn chapter_tracks(&self) -> Vec<u32> {
        let chapters = self.tracks.iter().flat_map(|track| &track.chapters);
        chapters.copied().collect()
    }
}

/// Returns the container that the `ftyp` box names, and the first `moov` box before the fragments.
pub(super) fn find(reader: &mut Reader) -> (Option<Container>, Option<BoxHead>) {
    let mut walk = Walk::new(reader.from(0));
    let mut container = None;
    while let Some(head) = walk.next(reader, &[]) {
        match &head.name {
            b"ftyp" => {
                container = reader.peek(head.body, 4).map(|brand| match brand {
                    b"qt  " => Container::QuickTime,
                    _ => Container::Mp4,
                });
            }
            b"moov" => return (container.or(Some(Container::QuickTime)), Some(head)),
            b"moof" => break,
            _ => {}
        }
    }
    (container, None)
}
