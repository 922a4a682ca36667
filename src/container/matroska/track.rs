//! Reads one TrackEntry of Matroska into a track.

use super::block::Encoding;
use super::ebml::{Children, Element, MAX_NAME, flag, float, positive, string, unsigned};
use super::ids::*;
use crate::container::bits::fourcc_at;
use crate::container::info::{MAX_TITLE, MediaInfo, SubtitleFormat, SubtitleTrack, Track};
use crate::container::reader::Reader;
use crate::container::text::TextFormat;
use crate::container::{codec, config};

/// The maximum number of bytes to read from a stripped header.
const MAX_STRIPPED: usize = 64;

const VIDEO_TYPE: u64 = 1;
const AUDIO_TYPE: u64 = 2;
const SUBTITLE_TYPE: u64 = 17;

/// The values of a TrackEntry.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) number: u64,
    kind: Option<u64>,
    pub(super) codec_id: String,
    pub(super) private: Vec<u8>,
    pub(super) track: Track,
    /// The display size, in pixels or only as a ratio.
    across: Option<u32>,
    down: Option<u32>,
    /// The DisplayUnit.
    unit: u64,
    roll: f64,
    /// ContentCompAlgo and ContentCompSettings.
    compression: Option<u64>,
    settings: Vec<u8>,
    /// Whether the encoding applies to the decoder configuration, but not to the frames (ContentEncodingScope).
    has_plain_frames: bool,
    is_no_default: bool,
    is_forced: bool,
}

impl Entry {
    /// Reads the next entry of `tracks`, and at most `private` bytes of its decoder configuration.
    pub(super) fn next(tracks: &mut Children, reader: &mut Reader, private: usize) -> Option<Self> {
        const ENTERED: &[u64] = &[
            VIDEO,
            AUDIO,
            PROJECTION,
            CONTENT_ENCODINGS,
            CONTENT_ENCODING,
            CONTENT_COMPRESSION,
        ];
        let mut entry = tracks.next(reader, &[])?;
        while entry.id != TRACK_ENTRY {
            entry = tracks.next(reader, &[])?;
        }
        let mut read = Self::default();
        let mut language_tag = None;
        let mut children = Children::of(entry);
        while let Some(element) = children.next(reader, ENTERED) {
            match element.id {
                LANGUAGE_BCP47 => language_tag = string(reader, element, MAX_NAME),
                CODEC_PRIVATE => read.private = reader.body(element.body, private)?,
                _ => read.field(reader, element),
            }
        }
        // English is the default value of Language. Old versions of mkvmerge omit this value.
        let language = language_tag.or(read.track.language.take());
        let language = language.unwrap_or_else(|| "eng".to_owned());
        read.track.language = Some(language).filter(|tag| tag != "und");
        if read.kind == Some(AUDIO_TYPE) {
            // The default value of the element, which some writers omit.
            read.track.channels = read.track.channels.or(Some(1));
        }
        describe(&mut read.track, &read.codec_id, &read.private);
        read.shape();
        (!reader.is_stopped).then_some(read)
    }

    fn field(&mut self, reader: &mut Reader, element: Element) {
        let track = &mut self.track;
        match element.id {
            TRACK_NUMBER => self.number = unsigned(reader, element).unwrap_or(0),
            TRACK_TYPE => self.kind = unsigned(reader, element),
            FLAG_ENABLED => track.is_disabled = flag(reader, element) == Some(false),
            FLAG_DEFAULT => self.is_no_default = flag(reader, element) == Some(false),
            FLAG_FORCED => self.is_forced = flag(reader, element).unwrap_or(false),
            NAME => track.title = string(reader, element, MAX_TITLE),
            CODEC_ID => self.codec_id = string(reader, element, MAX_NAME).unwrap_or_default(),
            LANGUAGE => track.language = string(reader, element, MAX_NAME),
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
            CONTENT_COMPRESSION => self.compression = Some(0),
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
        self.kind == Some(SUBTITLE_TYPE) && !self.codec_id.is_empty()
    }

    /// Returns the text format of a subtitle track. Returns `None` for images, and for unknown formats and encodings.
    pub(super) fn text_format(&self) -> Option<TextFormat> {
        Some(match self.codec_id.as_str() {
            _ if self.encoding() == Encoding::Unknown => return None,
            "S_TEXT/UTF8" | "S_TEXT/ASCII" => TextFormat::SubRip,
            "S_TEXT/ASS" | "S_TEXT/SSA" | "S_ASS" | "S_SSA" => TextFormat::Ass,
            "S_TEXT/WEBVTT" | "D_WEBVTT/SUBTITLES" | "D_WEBVTT/CAPTIONS" => TextFormat::WebVtt,
            _ => return None,
        })
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

    /// Returns the encoding of the frames of the track.
    pub(super) fn encoding(&self) -> Encoding {
        match self.compression {
            _ if self.track.protected => Encoding::Unknown,
            None => Encoding::Plain,
            Some(_) if self.has_plain_frames => Encoding::Plain,
            Some(0) => Encoding::Zlib,
            Some(3) => Encoding::Stripped(self.settings.clone()),
            _ => Encoding::Unknown,
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
            Some(VIDEO_TYPE) => found.add_video(track),
            Some(AUDIO_TYPE) => found.audio.push(track),
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
