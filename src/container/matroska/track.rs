//! Reads a TrackEntry, the description of one track of a Matroska file.

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::ebml::{Children, next_child};
use super::ids::*;
use crate::container::bits::fourcc_at;
use crate::container::info::{MediaInfo, SubtitleFormat, SubtitleTrack, Track};
use crate::container::reader::{Reader, Span};
use crate::container::text::TextFormat;
use crate::container::{codec, config};

/// The maximum number of bytes to read from a decoder configuration. The relevant fields are at the start.
const MAX_PRIVATE: usize = 4096;

/// The maximum number of bytes to read from ContentCompSettings.
const MAX_STRIPPED: usize = 64;

/// The elements whose children are read.
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

/// Values of ContentCompAlgo, the compression of frames. `STRIPPED` means that all frames begin with the same bytes.
/// ContentCompSettings contains these bytes, and the frames in the file lack them.
const ZLIB: u64 = 0;
const STRIPPED: u64 = 3;

#[derive(Debug)]
pub(super) struct TrackEntry {
    pub(super) number: u64,
    kind: u64,
    pub(super) codec_id: String,
    /// The position of CodecPrivate. It contains the decoder configuration, or the ASS or WebVTT header of a subtitle
    /// track.
    pub(super) private: Span,
    pub(super) track: Track,
    /// ContentCompAlgo. `None` if the frames are not compressed.
    compression: Option<u64>,
    /// ContentCompSettings.
    settings: Vec<u8>,
    is_default: bool,
    is_forced: bool,
}

impl TrackEntry {
    pub(super) fn next(tracks: &mut Span, reader: &mut Reader) -> Option<Self> {
        let mut children = std::iter::from_fn(|| next_child(reader, tracks, &[]));
        let element = children.find(|child| child.id == TRACK_ENTRY)?;
        let fields = Children::read(reader, element, ENTERED)?;
        let kind = fields.unsigned(TRACK_TYPE).unwrap_or(0);
        let codec_id = fields.text(reader, CODEC_ID).unwrap_or_default();
        let tags = [LANGUAGE_BCP47, LANGUAGE].into_iter();
        let tag = tags.filter_map(|id| fields.text(reader, id)).next();
        let mut track = Track {
            width: fields.positive(PIXEL_WIDTH),
            height: fields.positive(PIXEL_HEIGHT),
            channels: fields.positive(CHANNELS),
            // A track without the element Language is English. Old versions of mkvmerge omit the element for English.
            language: tag.or(Some("eng".to_owned())).filter(|tag| tag != "und"),
            title: fields.text(reader, NAME),
            protected: fields.element(CONTENT_ENCRYPTION).is_some(),
            is_disabled: fields.flag(FLAG_ENABLED) == Some(false),
            ..Track::default()
        };
        if kind == AUDIO_TYPE {
            // A track without the element Channels has one channel.
            track.channels = track.channels.or(Some(1));
        }
        let body = |id| fields.element(id).map_or_else(Span::default, |it| it.body);
        let private = reader.body(body(CODEC_PRIVATE), MAX_PRIVATE)?;
        describe(&mut track, &codec_id, &private);
        apply_display_size(&mut track, &fields);
        // If the lowest bit of ContentEncodingScope is set, the encoding applies to the frames.
        let has_scope = fields.unsigned(CONTENT_ENCODING_SCOPE).unwrap_or(1) & 1 == 1;
        let compression = fields.element(CONTENT_COMPRESSION).filter(|_| has_scope);
        let algorithm = fields.unsigned(CONTENT_COMP_ALGO).unwrap_or(ZLIB);
        Some(Self {
            number: fields.unsigned(TRACK_NUMBER).unwrap_or(0),
            kind,
            codec_id,
            private: body(CODEC_PRIVATE),
            track,
            compression: compression.map(|_| algorithm),
            settings: reader.body(body(CONTENT_COMP_SETTINGS), MAX_STRIPPED)?,
            is_default: fields.flag(FLAG_DEFAULT) != Some(false),
            is_forced: fields.flag(FLAG_FORCED) == Some(true),
        })
    }

    pub(super) fn is_subtitle(&self) -> bool {
        self.kind == SUBTITLE_TYPE && !self.codec_id.is_empty()
    }

    /// Returns the text format of a subtitle track. Returns `None` for images, encrypted text, and unknown formats and
    /// encodings.
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

    /// Returns the decompressed frame. Returns `None` for bzip2 and LZO, and for zlib data that are invalid or give
    /// more than `limit` bytes.
    pub(super) fn decode(&self, frame: &[u8], limit: usize) -> Option<Vec<u8>> {
        match self.compression {
            None => Some(frame.to_vec()),
            Some(ZLIB) => decompress_to_vec_zlib_with_limit(frame, limit).ok(),
            Some(STRIPPED) => Some([&self.settings, frame].concat()),
            Some(_) => None,
        }
    }

    /// Adds the track to the description of the file. Ignores a track without a codec ID, and a track that contains no
    /// video, audio or subtitles.
    pub(super) fn add_to(self, found: &mut MediaInfo) {
        let format = self.subtitle_format();
        let mut track = self.track;
        let plain = || codec::plain_codecs(&track.codec);
        track.codecs = track.codecs.take().or_else(plain);
        match self.kind {
            _ if self.codec_id.is_empty() => {}
            VIDEO_TYPE => found.add_video(track),
            AUDIO_TYPE => found.audio.push(track),
            SUBTITLE_TYPE => found.subtitles.push(SubtitleTrack {
                number: self.number,
                format,
                language: track.language,
                title: track.title,
                is_default: self.is_default && !track.is_disabled,
                is_forced: self.is_forced,
            }),
            _ => {}
        }
    }
}

/// Applies the aspect ratio of the display size, and the rotation. Like ffmpeg and browsers, does not scale the picture
/// to the display size.
fn apply_display_size(track: &mut Track, fields: &Children) {
    const UNKNOWN_UNIT: u64 = 4;
    let pixels = track.width.zip(track.height);
    let across = fields.positive(DISPLAY_WIDTH);
    let ratio = across.zip(fields.positive(DISPLAY_HEIGHT));
    if let (Some((width, height)), Some((across, down))) = (pixels, ratio)
        && fields.unsigned(DISPLAY_UNIT).unwrap_or(0) < UNKNOWN_UNIT
    {
        let product = |a: u32, b: u32| u64::from(a) * u64::from(b);
        track.apply_pixel_aspect_ratio(product(across, height), product(down, width));
    }
    let roll = fields.float(PROJECTION_POSE_ROLL).unwrap_or(0.0).abs();
    if [90.0, 270.0].iter().any(|turn| (roll - turn).abs() < 1.0) {
        std::mem::swap(&mut track.width, &mut track.height);
    }
}

/// Sets the codec from its ID. Some IDs mean only "a codec of AVI" or "a codec of QuickTime". The private data then
/// contain the name of the codec.
fn describe(track: &mut Track, id: &str, private: &[u8]) {
    let wrapped = match id {
        // The private data are a BITMAPINFOHEADER or, for QuickTime, a sample entry.
        "V_MS/VFW/FOURCC" => fourcc_at(private, 16),
        "V_QUICKTIME" | "A_QUICKTIME" => fourcc_at(private, 4),
        _ => None,
    };
    let known = match (id, wrapped) {
        ("V_MS/VFW/FOURCC", Some(name)) => codec::of_avi_fourcc(name),
        (_, Some(name)) => codec::of_sample_entry(name),
        // The private data are a WAVEFORMATEX.
        ("A_MS/ACM", _) => (private.first_chunk()).and_then(|tag| codec::of_wave_tag(*tag)),
        _ => codec::find(codec::CODEC_IDS, id),
    };
    let written = wrapped.as_ref().map_or(id.as_bytes(), |name| name);
    track.codec = known.map_or_else(|| codec::printable(written), |name| name.into());
    // For these IDs of AVI and QuickTime, the private data contain no decoder configuration that `config` can read.
    if wrapped.is_none() {
        let is_hevc = track.codec == codec::H265;
        config::read(track, if is_hevc { "hvc1" } else { "avc1" }, private);
    }
    if id.ends_with("/SBR") && track.codecs.is_none() {
        track.codecs = Some("mp4a.40.5".to_owned());
    }
}
