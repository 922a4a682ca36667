//! What the head of a media file says: enough to tell people why their browser cannot play it.
//!
//! Knows two families of formats: ISO base media files (MP4, QuickTime and their kin, ISO/IEC 14496-12) and Matroska
//! with WebM (RFC 9559). Must not know the disk, HTTP or pages: it reads from anything that reads and seeks, and takes
//! no name as a hint.
//!
//! Files are hostile. At most [`source::MAX_READ`] bytes are read and [`source::MAX_STEPS`] boxes or elements looked
//! at; bodies that do not matter are passed by a seek; nothing is allocated by a length that a file states; nothing
//! recurses. A file that is cut short or lies gives less, never an error.
//!
//! No crate that was looked at does this: mp4parse, re_mp4 and symphonia read all sample tables of a film, matroska
//! allocates by whatever length it finds and matroska-demuxer up to the size of the file, and only re_mp4 writes
//! RFC 6381 strings, for MP4 alone.

mod aac;
mod bits;
mod codec;
mod config;
mod ebml;
mod matroska;
mod mp4;
mod sample_entry;
mod source;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io::{self, Read, Seek};
use std::time::Duration;

use source::{Source, Stop};

/// No more tracks than this are kept of one file.
const MAX_TRACKS: usize = 64;

/// A longer file lies about its duration.
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// ISO base media, whatever the brand: `.mp4`, `.m4v`, `.m4a`, `.3gp`.
    Mp4,
    /// The same boxes with the brand `qt  ` or, in old files, none.
    QuickTime,
    /// EBML with the document type `matroska`.
    Matroska,
    /// EBML with the document type `webm`.
    WebM,
}

/// What the head of a media file says. Everything is optional: files lie and are cut short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MediaInfo {
    /// The format of the file.
    pub(crate) container: Container,
    /// How long it plays. Recordings that were never finished and many fragmented files do not say.
    pub(crate) duration: Option<Duration>,
    /// The first video track that is switched on, or else the first.
    pub(crate) video: Option<Track>,
    /// All audio tracks, those that are switched on first.
    pub(crate) audio: Vec<Track>,
}

/// One track and its codec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Track {
    /// The codec as people call it, `H.264`; for an unknown one the FourCC or codec ID, made printable.
    pub(crate) codec: Cow<'static, str>,
    /// The profile where it tells what a decoder must know: `High 10`, `HE-AAC`.
    pub(crate) profile: Option<&'static str>,
    /// The value for the `codecs` parameter (RFC 6381): `avc1.64001f`. Only letters, digits, dots and hyphens.
    pub(crate) codecs: Option<String>,
    /// Pixels across, as coded.
    pub(crate) width: Option<u32>,
    /// Pixels down, as coded.
    pub(crate) height: Option<u32>,
    /// Bits of one sample of the picture: browsers play 8, and 10 with some codecs.
    pub(crate) bit_depth: Option<u8>,
    /// How colour is sampled: `4:2:0` everywhere but in studios.
    pub(crate) chroma: Option<&'static str>,
    /// Audio channels, a subwoofer counted.
    pub(crate) channels: Option<u16>,
    /// The language as the file writes it: `eng`, `de`, `pt-BR`.
    pub(crate) language: Option<String>,
    /// Encrypted: no player has the key.
    pub(crate) protected: bool,
}

/// Reads what the head of a file says. `None` for what is not one of the formats, or makes no sense.
///
/// # Errors
/// Only what the reader reports.
pub(crate) fn probe<R: Read + Seek>(reader: R) -> io::Result<Option<MediaInfo>> {
    let mut source = Source::new(reader)?;
    let mut found = Found::default();
    match read(&mut source, &mut found) {
        Err(Stop::Io(error)) => Err(error),
        Ok(()) | Err(Stop::Spent) => Ok(found.into_info()),
    }
}

fn read<R: Read + Seek>(source: &mut Source<R>, found: &mut Found) -> Result<(), Stop> {
    let start = source.body(0, source.length(), 8)?;
    if matroska::starts(&start) {
        matroska::read(source, found)
    } else if mp4::starts(&start) {
        mp4::read(source, found)
    } else {
        Ok(())
    }
}

/// The kinds of track that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Video,
    Audio,
}

/// What was found so far, in the order of the file.
#[derive(Debug, Default)]
struct Found {
    container: Option<Container>,
    duration: Option<Duration>,
    tracks: Vec<FoundTrack>,
}

#[derive(Debug)]
struct FoundTrack {
    kind: Kind,
    enabled: bool,
    track: Track,
}

impl Found {
    fn add(&mut self, track: FoundTrack) {
        if self.tracks.len() < MAX_TRACKS {
            self.tracks.push(track);
        }
    }

    fn into_info(self) -> Option<MediaInfo> {
        // Within those on and those off the order of the file holds.
        let (on, off): (Vec<_>, Vec<_>) = self.tracks.into_iter().partition(|track| track.enabled);
        let (video, audio): (Vec<_>, Vec<_>) = on
            .into_iter()
            .chain(off)
            .partition(|track| track.kind == Kind::Video);
        Some(MediaInfo {
            container: self.container?,
            duration: self
                .duration
                .filter(|duration| !duration.is_zero() && *duration <= LONGEST),
            video: video.into_iter().next().map(|found| found.track),
            audio: audio.into_iter().map(|found| found.track).collect(),
        })
    }
}
