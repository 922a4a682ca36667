//! The description of a media file: the values that the parsers fill in.

use std::borrow::Cow;
use std::time::Duration;

/// The maximum number of tracks of one file.
pub(super) const MAX_TRACKS: usize = 256;

/// The maximum number of chapters of one file.
pub(super) const MAX_CHAPTERS: usize = 1000;

/// The maximum number of bytes of the title of a track or chapter.
pub(super) const MAX_TITLE: usize = 256;

/// The maximum plausible duration. A longer duration is an error of the file.
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// The format of a file.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// ISO base media with any brand: `.mp4`, `.m4v`, `.m4a`, `.3gp`.
    #[default]
    Mp4,
    /// The boxes of ISO base media with the brand `qt  ` or, in old files, without a brand.
    QuickTime,
    /// EBML with the document type `matroska`.
    Matroska,
    /// EBML with the document type `webm`.
    WebM,
}

/// The description in the head of a media file. Every value is optional, because files may be wrong or truncated.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct MediaInfo {
    pub(crate) container: Container,
    /// Whether the file is a fragmented MP4: its index lies in the fragments.
    pub(crate) is_fragmented: bool,
    /// The duration of the file. Unfinished recordings and many fragmented files have no duration.
    pub(crate) duration: Option<Duration>,
    /// The video track that a player shows.
    pub(crate) video: Option<Track>,
    /// All audio tracks. The enabled tracks are first.
    pub(crate) audio: Vec<Track>,
    /// All subtitle tracks, in the order of the file.
    pub(crate) subtitles: Vec<SubtitleTrack>,
}

/// A subtitle track inside the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubtitleTrack {
    /// The TrackNumber of Matroska, or the track_ID of MP4.
    pub(crate) number: u64,
    pub(crate) format: SubtitleFormat,
    /// The language in the notation of the file: `eng`, `de`, `pt-BR`.
    pub(crate) language: Option<String>,
    pub(crate) title: Option<String>,
    /// Whether players show the track by default. Always false for a disabled track.
    pub(crate) is_default: bool,
    /// Whether the track has only text for all viewers: translations of signs and of foreign dialogue.
    pub(crate) is_forced: bool,
}

/// The format of a subtitle track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubtitleFormat {
    /// Text cues, which [`super::cues`] reads.
    Text,
    /// Images in the format of this name.
    Pictures(&'static str),
    /// Another format.
    Other,
}

/// A chapter of a film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chapter {
    pub(crate) start: Duration,
    /// The title of the chapter. Empty if the chapter has no title.
    pub(crate) title: String,
}

/// The position of the cover in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cover {
    pub(crate) start: u64,
    pub(crate) length: u64,
    /// The media type, detected from the content.
    pub(crate) media_type: &'static str,
}

/// A video or audio track and its codec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Track {
    /// The common name of the codec: `H.264`. For an unknown codec, the printable form of the FourCC or codec ID.
    pub(crate) codec: Cow<'static, str>,
    /// The profile, if not every decoder supports the profile: `High 10`, `HE-AAC`.
    pub(crate) profile: Option<&'static str>,
    /// The value for the `codecs` parameter (RFC 6381): `avc1.64001f`. Contains only letters, digits, dots and hyphens.
    pub(crate) codecs: Option<String>,
    /// The displayed width in pixels, after rotation and with square pixels.
    pub(crate) width: Option<u32>,
    /// The displayed height in pixels.
    pub(crate) height: Option<u32>,
    /// The number of audio channels. A subwoofer counts as a channel.
    pub(crate) channels: Option<u16>,
    /// The language in the notation of the file: `eng`, `de`, `pt-BR`.
    pub(crate) language: Option<String>,
    /// The title of the track: `Director's commentary`.
    pub(crate) title: Option<String>,
    /// Whether the track is encrypted. A player needs a key that is not in the file.
    pub(crate) protected: bool,
    /// Whether the file disables the track. A player shows a disabled track only if the file has no other track.
    pub(crate) is_disabled: bool,
}

impl Track {
    /// Applies a pixel aspect ratio. The smaller side grows, as in browsers. A difference below 1/255 is a rounding
    /// error of a muxer. ffmpeg and the browsers that use ffmpeg ignore such a difference.
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
}

impl MediaInfo {
    /// Adds a video track, if the file has no better video track before it. An enabled track is better than a disabled
    /// track.
    pub(super) fn add_video(&mut self, track: Track) {
        let is_worse = |it: &Track| it.is_disabled && !track.is_disabled;
        if self.video.as_ref().is_none_or(is_worse) {
            self.video = Some(track);
        }
    }

    /// Puts the enabled tracks first, and removes the values that a player does not need. A disabled video track counts only in a file without audio.
    /// Beside audio, a disabled video track is the cover or the chapter images of a podcast.
    pub(super) fn finish(mut self) -> Self {
        self.audio.sort_by_key(|track| track.is_disabled);
        self.audio.truncate(MAX_TRACKS);
        self.subtitles.truncate(MAX_TRACKS);
        let is_length = |it: &Duration| !it.is_zero() && *it <= LONGEST;
        self.duration = self.duration.filter(is_length);
        let is_alone = self.audio.is_empty();
        self.video = self.video.filter(|it| !it.is_disabled || is_alone);
        self
    }
}
