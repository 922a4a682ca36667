//! One TrackEntry of Matroska to a track.
//!
//! Knows its elements and the names of codecs in them. Must not know what a decoder configuration says.

use super::ebml::{Element, float, next_element, small, text, unsigned};
use super::ids::*;
use crate::container::bits::fourcc_at;
use crate::container::info::{FoundTrack, Kind, Track};
use crate::container::reader::{Reader, Result};
use crate::container::{codec, config};

/// Bytes that are read of a decoder configuration: what matters is in front.
const MAX_PRIVATE: usize = 4096;

/// What a TrackEntry says of its picture's shape.
#[derive(Debug, Default)]
struct Shape {
    across: Option<u32>,
    down: Option<u32>,
    /// Pixels, or only their ratio.
    unit: u64,
    roll: f64,
}

/// Reads a track of a kind that plays and has a codec; its number with it.
pub(super) fn read(reader: &mut Reader, entry: Element) -> Result<Option<(u64, FoundTrack)>> {
    let (mut track, mut shape) = (Track::default(), Shape::default());
    let (mut number, mut kind, mut enabled) = (0, None, true);
    let (mut name, mut private, mut language_tag) = (None, Vec::new(), None);
    let mut at = entry.body.start;
    while let Some(element) = next_element(reader, &mut at, entry.body.end)? {
        match element.id {
            VIDEO | AUDIO | PROJECTION | CONTENT_ENCODINGS | CONTENT_ENCODING => {
                at = element.body.start;
            }
            TRACK_NUMBER => number = unsigned(reader, element)?.unwrap_or(0),
            TRACK_TYPE => {
                kind = match unsigned(reader, element)? {
                    Some(1) => Some(Kind::Video),
                    Some(2) => Some(Kind::Audio),
                    _ => return Ok(None),
                }
            }
            FLAG_ENABLED => enabled = unsigned(reader, element)? != Some(0),
            CODEC_ID => name = text(reader, element)?,
            CODEC_PRIVATE => private = reader.body(element.body, MAX_PRIVATE)?,
            LANGUAGE => track.language = text(reader, element)?,
            LANGUAGE_BCP47 => language_tag = text(reader, element)?,
            PIXEL_WIDTH => track.width = small(reader, element)?,
            PIXEL_HEIGHT => track.height = small(reader, element)?,
            DISPLAY_WIDTH => shape.across = small(reader, element)?,
            DISPLAY_HEIGHT => shape.down = small(reader, element)?,
            DISPLAY_UNIT => shape.unit = unsigned(reader, element)?.unwrap_or(0),
            PROJECTION_POSE_ROLL => shape.roll = float(reader, element)?.unwrap_or(0.0),
            CHANNELS => track.channels = small(reader, element)?,
            CONTENT_ENCRYPTION => track.protected = true,
            _ => {}
        }
    }
    let (Some(kind), Some(name)) = (kind, name) else {
        return Ok(None);
    };
    track.language = language_tag.or(track.language).filter(|tag| tag != "und");
    if kind == Kind::Audio {
        // The default of the element, which some writers leave out.
        track.channels = track.channels.or(Some(1));
    }
    describe(&mut track, &name, &private);
    shape.apply(&mut track);
    let found = FoundTrack {
        kind,
        enabled,
        track,
    };
    Ok(Some((number, found)))
}

impl Shape {
    /// The size of the display counts only as a ratio: ffmpeg and browsers show all pixels.
    fn apply(&self, track: &mut Track) {
        const UNKNOWN_UNIT: u64 = 4;
        let pixels = track
            .width
            .zip(track.height)
            .filter(|_| self.unit < UNKNOWN_UNIT);
        if let (Some((width, height)), Some((across, down))) = (pixels, self.across.zip(self.down))
        {
            let product = |a: u32, b: u32| u64::from(a) * u64::from(b);
            track.stretch(product(across, height), product(down, width));
        }
        let is_near = |turn: f64| (self.roll.abs() - turn).abs() < 1.0;
        if is_near(90.0) || is_near(270.0) {
            track.rotate();
        }
    }
}

/// Names the codec by its ID, by the name in another format that the ID wraps, or as it is written.
fn describe(track: &mut Track, id: &str, private: &[u8]) {
    let wrapped = match id {
        // BITMAPINFOHEADER, a sample entry.
        "V_MS/VFW/FOURCC" => fourcc_at(private, 16).map(|name| (codec::of_avi_fourcc(name), name)),
        "V_QUICKTIME" | "A_QUICKTIME" => {
            fourcc_at(private, 4).map(|name| (codec::of_sample_entry(name), name))
        }
        _ => None,
    };
    // WAVEFORMATEX.
    let wave = || {
        private
            .first_chunk()
            .and_then(|tag| codec::of_wave_tag(*tag))
    };
    let known = match (id, wrapped) {
        (_, Some((known, _))) => known,
        ("A_MS/ACM", None) => wave(),
        (_, None) => codec::of_codec_id(id),
    };
    let written = wrapped.as_ref().map_or(id.as_bytes(), |(_, name)| name);
    track.codec = known.map_or_else(|| codec::printable(written), |name| name.into());
    // What is wrapped has its configuration in the form of the other format.
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
