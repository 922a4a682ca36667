//! Matroska and WebM (RFC 9559) in EBML (RFC 8794): from the elements of a file to its tracks.
//!
//! Knows the elements that describe. Must not know MP4, nor what a decoder configuration says.
//!
//! The elements are read flat: one that describes by its children is entered, so that they follow as if they stood
//! beside it, and all others are passed. The IDs tell where each belongs, an unknown size needs no care, and there is
//! no depth to bound. The first cluster ends it; what then is missing is looked for once where a SeekHead says.

use std::io::{Read, Seek};
use std::time::Duration;

use super::bits::fourcc_at;
use super::ebml::{Element, float, next_element, small, text, unsigned};
use super::source::{Source, Stop};
use super::{Container, Found, FoundTrack, Kind, Track, codec, config};

const EBML: u64 = 0x1a45_dfa3;
const DOC_TYPE: u64 = 0x4282;
const SEGMENT: u64 = 0x1853_8067;

const SEEK_HEAD: u64 = 0x114d_9b74;
const INFO: u64 = 0x1549_a966;
const TRACKS: u64 = 0x1654_ae6b;
const CLUSTER: u64 = 0x1f43_b675;

const SEEK: u64 = 0x4dbb;
const SEEK_ID: u64 = 0x53ab;
const SEEK_POSITION: u64 = 0x53ac;

const TIMESTAMP_SCALE: u64 = 0x002a_d7b1;
const DURATION: u64 = 0x4489;

const TRACK_ENTRY: u64 = 0xae;
const TRACK_TYPE: u64 = 0x83;
const FLAG_ENABLED: u64 = 0xb9;
const LANGUAGE: u64 = 0x0022_b59c;
const LANGUAGE_BCP47: u64 = 0x0022_b59d;
const CODEC_ID: u64 = 0x86;
const CODEC_PRIVATE: u64 = 0x63a2;
const VIDEO: u64 = 0xe0;
const PIXEL_WIDTH: u64 = 0xb0;
const PIXEL_HEIGHT: u64 = 0xba;
const COLOUR: u64 = 0x55b0;
const BITS_PER_CHANNEL: u64 = 0x55b2;
const AUDIO: u64 = 0xe1;
const CHANNELS: u64 = 0x9f;
const CONTENT_ENCODINGS: u64 = 0x6d80;
const CONTENT_ENCODING: u64 = 0x6240;
const CONTENT_ENCRYPTION: u64 = 0x5035;

/// More of a decoder configuration is not read: what matters is in front.
const MAX_PRIVATE: usize = 4096;

/// More places from SeekHeads are not remembered.
const MAX_PLACES: usize = 64;

/// Whether a file begins as EBML.
pub(super) fn starts(start: &[u8]) -> bool {
    fourcc_at(start, 0) == Some([0x1a, 0x45, 0xdf, 0xa3])
}

/// What the segment says beside its tracks.
#[derive(Debug)]
struct Segment {
    has_info: bool,
    has_tracks: bool,
    scale: u64,
    ticks: Option<f64>,
    /// Which element a SeekHead is about to place.
    seek_id: u64,
    /// Elements and where they are, counted from the body of the segment.
    places: Vec<(u64, u64)>,
}

/// Reads what the file says. What is found before an error or the end of the purse is kept.
///
/// # Errors
/// What the reader reports, or [`Stop::Spent`].
pub(super) fn read<R: Read + Seek>(source: &mut Source<R>, found: &mut Found) -> Result<(), Stop> {
    let (mut at, end) = (0, source.length());
    while let Some(element) = next_element(source, &mut at, end)? {
        match element.id {
            EBML => at = element.body,
            DOC_TYPE => {
                found.container = match text(source, element)?.as_deref() {
                    Some("matroska") => Some(Container::Matroska),
                    Some("webm") => Some(Container::WebM),
                    _ => return Ok(()),
                }
            }
            SEGMENT => return segment(source, element, found),
            _ => {}
        }
    }
    Ok(())
}

fn segment<R: Read + Seek>(
    source: &mut Source<R>,
    element: Element,
    found: &mut Found,
) -> Result<(), Stop> {
    let mut segment = Segment {
        has_info: false,
        has_tracks: false,
        scale: 1_000_000,
        ticks: None,
        seek_id: 0,
        places: Vec::new(),
    };
    let result = segment.read(source, element, found);
    // Also when the purse is empty.
    found.duration = segment.duration();
    result
}

impl Segment {
    fn read<R: Read + Seek>(
        &mut self,
        source: &mut Source<R>,
        segment: Element,
        found: &mut Found,
    ) -> Result<(), Stop> {
        self.walk(source, segment.body, segment.end, found)?;
        // A SeekHead may lead to a second one, and either to what is missing. Each is followed once, so one that
        // leads to itself leads nowhere.
        for id in [SEEK_HEAD, INFO, TRACKS] {
            let missing = match id {
                INFO => !self.has_info,
                TRACKS => !self.has_tracks,
                _ => !self.has_info || !self.has_tracks,
            };
            let place = self.places.iter().rev().find(|place| place.0 == id);
            if let Some(at) = place
                .filter(|_| missing)
                .and_then(|place| segment.body.checked_add(place.1))
            {
                let found_there = next_element(source, &mut at.clone(), segment.end)?;
                if found_there.is_some_and(|element| element.id == id) {
                    self.walk(source, at, segment.end, found)?;
                }
            }
        }
        Ok(())
    }

    /// Reads elements from `at` on until all is known, or the media begins.
    fn walk<R: Read + Seek>(
        &mut self,
        source: &mut Source<R>,
        mut at: u64,
        end: u64,
        found: &mut Found,
    ) -> Result<(), Stop> {
        while let Some(element) = next_element(source, &mut at, end)? {
            if element.id >= 0x1000_0000 && self.has_info && self.has_tracks {
                break;
            }
            match element.id {
                SEEK_HEAD | SEEK => at = element.body,
                INFO => {
                    self.has_info = true;
                    at = element.body;
                }
                TRACKS if self.has_tracks => {}
                TRACKS => {
                    self.has_tracks = true;
                    at = element.body;
                }
                SEEK_ID => self.seek_id = unsigned(source, element)?.unwrap_or(0),
                SEEK_POSITION => {
                    if let Some(position) = unsigned(source, element)?
                        && self.places.len() < MAX_PLACES
                    {
                        self.places.push((self.seek_id, position));
                    }
                }
                TIMESTAMP_SCALE => {
                    self.scale = unsigned(source, element)?.unwrap_or(self.scale);
                }
                DURATION => self.ticks = float(source, element)?,
                TRACK_ENTRY => {
                    if let Some(track) = track(source, element)? {
                        found.add(track);
                    }
                }
                CLUSTER => break,
                _ => {}
            }
        }
        Ok(())
    }

    /// The duration is a fraction of ticks, and a tick is so many nanoseconds.
    fn duration(&self) -> Option<Duration> {
        let scale = u32::try_from(self.scale).ok()?;
        let seconds = self.ticks? * f64::from(scale) / 1e9;
        Duration::try_from_secs_f64(seconds).ok()
    }
}

/// A track of a kind that matters and has a codec.
fn track<R: Read + Seek>(
    source: &mut Source<R>,
    entry: Element,
) -> Result<Option<FoundTrack>, Stop> {
    let mut track = Track::default();
    let mut kind = None;
    let mut enabled = true;
    let mut name = None;
    let mut private = Vec::new();
    let mut language_tag = None;
    let mut at = entry.body;
    while let Some(element) = next_element(source, &mut at, entry.end)? {
        match element.id {
            VIDEO | AUDIO | COLOUR | CONTENT_ENCODINGS | CONTENT_ENCODING => at = element.body,
            TRACK_TYPE => {
                kind = match unsigned(source, element)? {
                    Some(1) => Some(Kind::Video),
                    Some(2) => Some(Kind::Audio),
                    _ => return Ok(None),
                }
            }
            FLAG_ENABLED => enabled = unsigned(source, element)? != Some(0),
            CODEC_ID => name = text(source, element)?,
            CODEC_PRIVATE => private = source.body(element.body, element.end, MAX_PRIVATE)?,
            LANGUAGE => track.language = text(source, element)?,
            LANGUAGE_BCP47 => language_tag = text(source, element)?,
            PIXEL_WIDTH => track.width = small(source, element)?,
            PIXEL_HEIGHT => track.height = small(source, element)?,
            BITS_PER_CHANNEL => track.bit_depth = small(source, element)?,
            CHANNELS => track.channels = small(source, element)?,
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
    Ok(Some(FoundTrack {
        kind,
        enabled,
        track,
    }))
}

/// The codec by its ID, by the name in another format that the ID wraps, or as it is written.
fn describe(track: &mut Track, id: &str, private: &[u8]) {
    let wrapped = match id {
        // BITMAPINFOHEADER, WAVEFORMATEX, a sample entry.
        "V_MS/VFW/FOURCC" => fourcc_at(private, 16).map(|name| (codec::of_avi_fourcc(name), name)),
        "V_QUICKTIME" | "A_QUICKTIME" => {
            fourcc_at(private, 4).map(|name| (codec::of_sample_entry(name), name))
        }
        _ => None,
    };
    track.codec = match (id, wrapped) {
        (_, Some((Some(name), _))) => name.into(),
        (_, Some((None, name))) => codec::printable(&name),
        ("A_MS/ACM", None) => {
            wave_codec(private).map_or_else(|| codec::printable(id.as_bytes()), |name| name.into())
        }
        (_, None) => codec::of_codec_id(id)
            .map_or_else(|| codec::printable(id.as_bytes()), |name| name.into()),
    };
    // What is wrapped has its configuration in the form of the other format.
    if wrapped.is_none() {
        if track.codec == codec::VP9 {
            config::vp9_features(track, private);
        }
        config::read(track, config::usual_prefix(&track.codec), private);
    }
    if track.codecs.is_none() {
        track.codecs = match id {
            _ if track.codec == codec::AAC && id.ends_with("/SBR") => Some("mp4a.40.5".to_owned()),
            _ if track.codec == codec::AAC => Some("mp4a.40.2".to_owned()),
            _ => codec::plain_codecs(&track.codec).map(str::to_owned),
        };
    }
}

fn wave_codec(private: &[u8]) -> Option<&'static str> {
    let &[low, high, ..] = private else {
        return None;
    };
    codec::of_wave_tag(u16::from_le_bytes([low, high]))
}
