//! Reads one TrackEntry of Matroska into a track.

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::ebml::{Children, Element, MAX_NAME, flag, float, positive, string, unsigned};
use super::ids::*;
use crate::container::bits::fourcc_at;
use crate::container::info::{MAX_TITLE, MediaInfo, SubtitleFormat, SubtitleTrack, Track};
use crate::container::reader::{Reader, Span};
use crate::container::text::TextFormat;
use crate::container::{codec, config};

/// The maximum number of bytes to read from a decoder configuration. The relevant fields are at the start.
const MAX_PRIVATE: usize = 4096;

/// The maximum number of bytes to read from a stripped header.
const MAX_STRIPPED: usize = 64;

/// The elements that contain the elements to read.
const ENTERED: &[u64] = &[
    VIDEO,
    AUDIO,
    PROJECTION,
    CONTENT_ENCODINGS,
    CONTENT_ENCODING,
    CONTENT_COMPRESSION,
];

const VIDEO_TYPE: u64 = 1;
const AUDIO_TYPE: u64 = 2;
const SUBTITLE_TYPE: u64 = 17;

/// The values of ContentCompAlgo. With header stripping, each frame begins with bytes that the file omits.
const ZLIB: u64 = 0;
const STRIPPED: u64 = 3;

/// The values of a TrackEntry.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) number: u64,
    kind: u64,
    pub(super) codec_id: String,
    /// The position of the decoder configuration, or of the header of a subtitle file.
    pub(super) private: Span,
    pub(super) track: Track,
    /// The display size, in pixels or only as a ratio.
    across: Option<u32>,
    down: Option<u32>,
    /// The DisplayUnit.
    unit: u64,
    roll: f64,
    /// ContentCompAlgo and ContentCompSettings. None if the frames have no encoding.
    compression: Option<u64>,
    settings: Vec<u8>,
    /// Whether the encoding applies to the decoder configuration, but not to the frames (ContentEncodingScope).
    has_plain_frames: bool,
    is_no_default: bool,
    is_forced: bool,
}

impl Entry {
    /// Reads the next entry of `tracks`.
    pub(super) fn next(tracks: &mut Children, reader: &mut Reader) -> Option<Self> {
        let mut element = tracks.next(reader, &[])?;
        while element.id != TRACK_ENTRY {
            element = tracks.next(reader, &[])?;
        }
        let mut entry = Self::default();
        let mut children = Children::of(element);
        while let Some(element) = children.next(reader, ENTERED) {
            entry.field(reader, element);
        }
        if entry.has_plain_frames {
            entry.compression = None;
        }
        // English is the default value of Language. Old versions of mkvmerge omit this value.
        let track = &mut entry.track;
        let language = track.language.take().unwrap_or_else(|| "eng".to_owned());
        track.language = Some(language).filter(|tag| tag != "und");
        if entry.kind == AUDIO_TYPE {
            // The default value of the element, which some writers omit.
            track.channels = track.channels.or(Some(1));
        }
        let private = reader.body(entry.private, MAX_PRIVATE)?;
        describe(track, &entry.codec_id, &private);
        entry.shape();
        Some(entry)
    }

    fn field(&mut self, reader: &mut Reader, element: Element) {
        let track = &mut self.track;
        match element.id {
            TRACK_NUMBER => self.number = unsigned(reader, element).unwrap_or(0),
            TRACK_TYPE => self.kind = unsigned(reader, element).unwrap_or(0),
            FLAG_ENABLED => track.is_disabled = flag(reader, element) == Some(false),
            FLAG_DEFAULT => self.is_no_default = flag(reader, element) == Some(false),
            FLAG_FORCED => self.is_forced = flag(reader, element).unwrap_or(false),
            NAME => track.title = string(reader, element, MAX_TITLE),
            CODEC_ID => self.codec_id = string(reader, element, MAX_NAME).unwrap_or_default(),
            CODEC_PRIVATE => self.private = element.body,
            LANGUAGE => {
                let language = string(reader, element, MAX_NAME);
                track.language = track.language.take().or(language);
            }
            // A BCP 47 tag is more precise than Language.
            LANGUAGE_BCP47 => {
                let tag = string(reader, element, MAX_NAME);
                track.language = tag.or(track.language.take());
            }
            PIXEL_WIDTH => track.width = positive(reader, element),
            PIXEL_HEIGHT => track.height = positive(reader, element),
            DISPLAY_WIDTH => self.across = positive(reader, element),
            DISPLAY_HEIGHT => self.down = positive(reader, element),
            DISPLAY_UNIT => self.unit = unsigned(reader, element).unwrap_or(0),
            PROJECTION_POSE_ROLL => self.roll = float(reader, element).unwrap_or(0.0),
            CHANNELS => track.channels = positive(reader, element),
            CONTENT_ENCRYPTION => track.protected = true,
            CONTENT_ENCODING_SCOPE => {
                self.has_plain_frames = unsigned(reader, element).is_some_and(|it| it & 1 == 0);
            }
            // The default value of ContentCompAlgo.
            CONTENT_COMPRESSION => self.compression = Some(ZLIB),
            CONTENT_COMP_ALGO => self.compression = unsigned(reader, element),
            CONTENT_COMP_SETTINGS => {
                self.settings = reader.body(element.body, MAX_STRIPPED).unwrap_or_default();
            }
            _ => {}
        }
    }

    /// Applies the display size as a ratio only, because ffmpeg and browsers show all pixels. Applies the rotation.
    fn shape(&mut self) {
        const UNKNOWN_UNIT: u64 = 4;
        let track = &mut self.track;
        let pixels = track.width.zip(track.height);
        let shown = self
            .across
            .zip(self.down)
            .filter(|_| self.unit < UNKNOWN_UNIT);
        if let (Some((width, height)), Some((across, down))) = (pixels, shown) {
            let product = |a: u32, b: u32| u64::from(a) * u64::from(b);
            track.stretch(product(across, height), product(down, width));
        }
        let is_near = |turn: f64| (self.roll.abs() - turn).abs() < 1.0;
        if is_near(90.0) || is_near(270.0) {
            track.rotate();
        }
    }

    pub(super) fn is_subtitle(&self) -> bool {
        self.kind == SUBTITLE_TYPE && !self.codec_id.is_empty()
    }

    /// Returns the text format of a subtitle track. Returns `None` for images, and for unknown formats and encodings.
    pub(super) fn text_format(&self) -> Option<TextFormat> {
        let is_readable = matches!(self.compression, None | Some(ZLIB | STRIPPED));
        match self.codec_id.as_str() {
            _ if self.track.protected || !is_readable => None,
            "S_TEXT/UTF8" | "S_TEXT/ASCII" => Some(TextFormat::SubRip),
            "S_TEXT/ASS" | "S_TEXT/SSA" | "S_ASS" | "S_SSA" => Some(TextFormat::Ass),
            "S_TEXT/WEBVTT" | "D_WEBVTT/SUBTITLES" | "D_WEBVTT/CAPTIONS" => {
                Some(TextFormat::WebVtt)
            }
            _ => None,
        }
    }

    fn subtitle_format(&self) -> SubtitleFormat {
        match self.codec_id.as_str() {
            "S_HDMV/PGS" => SubtitleFormat::Pictures("PGS"),
            "S_VOBSUB" => SubtitleFormat::Pictures("VobSub"),
            "S_DVBSUB" => SubtitleFormat::Pictures("DVB"),
            _ if self.text_format().is_some() => SubtitleFormat::Text,
            _ => SubtitleFormat::Other,
        }
    }

    /// Returns the decoded frame. A decompressed frame has at most `limit` bytes. Returns `None` if the encoding is
    /// unsupported (bzip2, LZO) or the data are invalid.
    pub(super) fn decode(&self, frame: &[u8], limit: usize) -> Option<Vec<u8>> {
        match self.compression {
            None => Some(frame.to_vec()),
            Some(ZLIB) => decompress_to_vec_zlib_with_limit(frame, limit).ok(),
            Some(STRIPPED) => Some([&self.settings, frame].concat()),
            Some(_) => None,
        }
    }

    /// Adds the track, if the track is audio, video or subtitles and has a codec.
    pub(super) fn add_to(self, found: &mut MediaInfo) {
        if self.codec_id.is_empty() {
            return;
        }
        if self.is_subtitle() {
            return found.subtitles.push(SubtitleTrack {
                number: self.number,
                format: self.subtitle_format(),
                language: self.track.language,
                title: self.track.title,
                is_default: !self.is_no_default && !self.track.is_disabled,
                is_forced: self.is_forced,
            });
        }
        let mut track = self.track;
        let plain = || codec::plain_codecs(&track.codec);
        track.codecs = track.codecs.take().or_else(plain);
        match self.kind {
            VIDEO_TYPE => found.add_video(track),
            AUDIO_TYPE => found.audio.push(track),
            _ => {}
        }
    }
}

/// Sets the codec from its ID, or from the name of another format in the private data. An unknown codec keeps its name.
fn describe(track: &mut Track, id: &str, private: &[u8]) {
    let wrapped = match id {
        // The private data are a BITMAPINFOHEADER or a sample entry.
        "V_MS/VFW/FOURCC" => fourcc_at(private, 16),
        "V_QUICKTIME" | "A_QUICKTIME" => fourcc_at(private, 4),
        _ => None,
    };
    let known = match (id, wrapped) {
        ("V_MS/VFW/FOURCC", Some(name)) => codec::of_avi_fourcc(name),
        (_, Some(name)) => codec::of_sample_entry(name),
        // The private data are a WAVEFORMATEX.
        ("A_MS/ACM", _) => (private.first_chunk()).and_then(|tag| codec::of_wave_tag(*tag)),
        _ => codec::of_codec_id(id),
    };
    let written = wrapped.as_ref().map_or(id.as_bytes(), |name| name);
    track.codec = known.map_or_else(|| codec::printable(written), |name| name.into());
    // Private data of another format have the form of the other format, and are not read here.
    if wrapped.is_none() {
        if track.codec == codec::VP9 {
            config::vp9_features(track, private);
        }
        config::read(track, config::usual_prefix(&track.codec), private);
    }
    if id.ends_with("/SBR") && track.codecs.is_none() {
        track.codecs = Some("mp4a.40.5".to_owned());
    }
}
