//! What is known about a media file: the values that the parsers fill in.

use std::borrow::Cow;
use std::time::Duration;

/// Tracks that are kept of one file.
pub(super) const MAX_TRACKS: usize = 256;

/// Chapters that are kept of one file.
pub(super) const MAX_CHAPTERS: usize = 1000;

/// Bytes of the title of a track or chapter.
pub(super) const MAX_TITLE: usize = 256;

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
    /// How long the file plays. Unfinished recordings and many fragmented files do not say.
    pub(crate) duration: Option<Duration>,
    /// The video track that a player shows.
    pub(crate) video: Option<Track>,
    /// All audio tracks, the enabled ones first.
    pub(crate) audio: Vec<Track>,
    /// All subtitle tracks, in the order of the file.
    pub(crate) subtitles: Vec<SubtitleTrack>,
}

/// A subtitle track inside the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubtitleTrack {
    /// Matroska's TrackNumber, or the track_ID of MP4.
    pub(crate) number: u64,
    /// What is in it.
    pub(crate) format: SubtitleFormat,
    /// The language as the file writes it: `eng`, `de`, `pt-BR`.
    pub(crate) language: Option<String>,
    /// The title that its maker gave it.
    pub(crate) title: Option<String>,
    /// Whether it is shown without being asked for. Never of a disabled track.
    pub(crate) is_default: bool,
    /// Whether it holds only what all viewers need: the translation of signs and foreign talk.
    pub(crate) is_forced: bool,
}

/// What is in a subtitle track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SubtitleFormat {
    /// Texts, which [`super::cues`] reads.
    Text,
    /// Pictures, in the format of this name.
    Pictures(&'static str),
    /// Neither; the codec ID or FourCC.
    Other(String),
}

/// A chapter of a film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chapter {
    /// Where it begins.
    pub(crate) start: Duration,
    /// Its title; empty where it has none.
    pub(crate) title: String,
}

/// Where in a file its cover lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cover {
    /// The position of the first byte.
    pub(crate) start: u64,
    /// The number of bytes.
    pub(crate) length: u64,
    /// The media type, by the content.
    pub(crate) media_type: &'static str,
}

/// One track and its codec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Track {
    /// The codec's common name, `H.264`; for an unknown codec the FourCC or codec ID, made printable.
    pub(crate) codec: Cow<'static, str>,
    /// The profile, where not every decoder knows it: `High 10`, `HE-AAC`.
    pub(crate) profile: Option<&'static str>,
    /// The value for the `codecs` parameter (RFC 6381): `avc1.64001f`. Only letters, digits, dots and hyphens.
    pub(crate) codecs: Option<String>,
    /// Pixels across, as seen: rotated and with square pixels.
    pub(crate) width: Option<u32>,
    /// Pixels down, as seen.
    pub(crate) height: Option<u32>,
    /// Audio channels, a subwoofer counted.
    pub(crate) channels: Option<u16>,
    /// The language as the file writes it: `eng`, `de`, `pt-BR`.
    pub(crate) language: Option<String>,
    /// The title that its maker gave it: `Director's commentary`.
    pub(crate) title: Option<String>,
    /// Encrypted: a player needs a key that the file does not hold.
    pub(crate) protected: bool,
    /// Switched off by the file: a player shows it only where there is no other.
    pub(crate) is_disabled: bool,
}

impl Track {
    /// Applies a pixel aspect ratio. The smaller side grows, as in browsers. A difference below 1/255 is a muxer's
    /// rounding, which ffmpeg and the browsers that use it ignore.
    pub(super) fn stretch(&mut self, across: u64, down: u64) {
        let (Some(width), Some(height)) = (self.width, self.height) else {
            return;
        };
        let (across, down) = (u128::from(across), u128::from(down));
        if across.min(down) == 0 || across.abs_diff(down) * 255 < across.max(down) {
            return;
        }
        let scaled = |length: u32, by: u128, to: u128| {
            u32::try_from((u128::from(length) * by + to / 2) / to).ok()
        };
        if across > down {
            self.width = scaled(width, across, down);
        } else {
            self.height = scaled(height, down, across);
        }
    }

    /// Turns the picture by a quarter.
    pub(super) fn rotate(&mut self) {
        (self.width, self.height) = (self.height, self.width);
    }
}

/// What a parser has found so far, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) container: Option<Container>,
    pub(super) duration: Option<Duration>,
    pub(super) video: Vec<Track>,
    pub(super) audio: Vec<Track>,
    pub(super) subtitles: Vec<SubtitleTrack>,
}

impl Found {
    /// Picks the tracks that a player plays. A disabled picture counts only in a file without sound: beside sound it
    /// is the cover or the chapter pictures of a podcast.
    pub(super) fn into_info(mut self) -> Option<MediaInfo> {
        self.audio.truncate(MAX_TRACKS);
        self.subtitles.truncate(MAX_TRACKS);
        // Among the enabled and among the disabled tracks the order of the file holds.
        let (off, mut audio): (Vec<_>, Vec<_>) =
            self.audio.into_iter().partition(|track| track.is_disabled);
        audio.extend(off);
        let video = self.video.into_iter().min_by_key(|track| track.is_disabled);
        let is_length = |it: &Duration| !it.is_zero() && *it <= LONGEST;
        Some(MediaInfo {
            container: self.container?,
            duration: self.duration.filter(is_length),
            video: video.filter(|track| !track.is_disabled || audio.is_empty()),
            audio,
            subtitles: self.subtitles,
        })
    }
}
