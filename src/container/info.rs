//! The types that describe a media file.

use std::borrow::Cow;
use std::time::Duration;

pub(super) const MAX_TRACKS: usize = 256;
pub(super) const MAX_CHAPTERS: usize = 1000;

/// The maximum number of bytes of the title of a track or chapter.
pub(super) const MAX_TITLE: usize = 256;

/// The maximum plausible duration: 10 years. A longer duration is ignored.
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// ISO base media with any brand: `.mp4`, `.m4v`, `.m4a`, `.3gp`.
    #[default]
    Mp4,
    /// QuickTime has the boxes of ISO base media, and the brand `qt  `. Old files have no brand.
    QuickTime,
    /// EBML with the document type `matroska`.
    Matroska,
    /// EBML with the document type `webm`.
    WebM,
}

/// The description of a media file. Every value is optional, because files may be wrong or truncated.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct MediaInfo {
    pub(crate) container: Container,
    /// Whether the file is a fragmented MP4. In such a file, each fragment contains the index of its own samples.
    pub(crate) is_fragmented: bool,
    /// The duration of the file. Unfinished recordings and many fragmented files have no duration.
    pub(crate) duration: Option<Duration>,
    /// The video track that a player shows.
    pub(crate) video: Option<Track>,
    /// All audio tracks, the enabled tracks first.
    pub(crate) audio: Vec<Track>,
    pub(crate) subtitles: Vec<SubtitleTrack>,
}

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
    /// Whether the track contains only translations of signs and foreign dialogue. Players show it to all viewers.
    pub(crate) is_forced: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubtitleFormat {
    /// Text cues, which [`super::cues`] reads.
    Text,
    /// Images in the named format, such as `PGS`.
    Pictures(&'static str),
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chapter {
    pub(crate) start: Duration,
    /// Empty if the chapter has no title.
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
    /// The profile, if some decoders do not support it: `High 10`, `HE-AAC`.
    pub(crate) profile: Option<&'static str>,
    /// The value for the `codecs` parameter (RFC 6381): `avc1.64001f`. Contains only letters, digits, dots and hyphens.
    pub(crate) codecs: Option<String>,
    /// Width and height are in pixels, after rotation and with square pixels.
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    /// The number of audio channels, including a subwoofer: 6 for 5.1.
    pub(crate) channels: Option<u16>,
    /// The language in the notation of the file: `eng`, `de`, `pt-BR`.
    pub(crate) language: Option<String>,
    pub(crate) title: Option<String>,
    /// Whether the track is encrypted.
    pub(crate) protected: bool,
    pub(crate) is_disabled: bool,
}

impl Track {
    /// Applies the ratio of the width to the height of a pixel. Enlarges one side of the picture, as browsers do. If
    /// the ratio differs from 1 by less than 1/255, ignores it as a rounding error of a muxer. ffmpeg does the same.
    pub(super) fn apply_pixel_aspect_ratio(&mut self, across: u64, down: u64) {
        let (Some(width), Some(height)) = (self.width, self.height) else {
            return;
        };
        let (across, down) = (u128::from(across), u128::from(down));
        if across.min(down) == 0 || across.abs_diff(down) * 255 < across.max(down) {
            return;
        }
        let scaled = |side: u32, by: u128, to: u128| {
            u32::try_from((u128::from(side) * by + to / 2) / to).ok()
        };
        if across > down {
            self.width = scaled(width, across, down);
        } else {
            self.height = scaled(height, down, across);
        }
    }
}

impl MediaInfo {
    /// Keeps the first enabled video track. If all are disabled, keeps the first video track.
    pub(super) fn add_video(&mut self, track: Track) {
        let is_worse = |it: &Track| it.is_disabled && !track.is_disabled;
        if self.video.as_ref().is_none_or(is_worse) {
            self.video = Some(track);
        }
    }

    /// Puts the enabled audio tracks first, and removes an implausible duration. If there is audio, removes a disabled
    /// video track, because it is the cover or the chapter images of a podcast.
    pub(super) fn finish(mut self) -> Self {
        self.audio.sort_by_key(|track| track.is_disabled);
        self.audio.truncate(MAX_TRACKS);
        self.subtitles.truncate(MAX_TRACKS);
        let is_plausible = |it: &Duration| !it.is_zero() && *it <= LONGEST;
        self.duration = self.duration.filter(is_plausible);
        let is_alone = self.audio.is_empty();
        self.video = self.video.filter(|it| !it.is_disabled || is_alone);
        self
    }
}
