//! One sample entry of an ISO base media file (`stsd`, ISO/IEC 14496-12 §8.5.2), in memory, to a track.
//!
//! Knows the entries of ISO and of QuickTime and the boxes within them. Must not know the file around them.

use super::bits::{fourcc_at, number_at, u16_at, u32_at};
use super::{Kind, Track, aac, codec, config};

/// Where the boxes within a visual sample entry begin.
const VISUAL: usize = 86;
/// The same for an audio sample entry, by its QuickTime version.
const AUDIO: [usize; 3] = [36, 52, 72];

/// Reads an entry, its head included. `None` when it is too short to have a name.
pub(super) fn read(kind: Kind, entry: &[u8]) -> Option<Track> {
    let stored = fourcc_at(entry, 4)?;
    let mut track = Track::default();
    let children = match kind {
        Kind::Video => {
            track.width = u16_at(entry, 32).filter(|&width| width > 0).map(u32::from);
            track.height = u16_at(entry, 34)
                .filter(|&height| height > 0)
                .map(u32::from);
            VISUAL
        }
        Kind::Audio => audio(&mut track, entry),
    };
    let children = entry.get(children..).unwrap_or_default();

    // Encrypted: the sample entry says so and the true name is within.
    let original = find(children, *b"sinf")
        .and_then(|body| find(body, *b"frma"))
        .and_then(|body| fourcc_at(body, 0));
    track.protected =
        original.is_some() || matches!(&stored, b"encv" | b"enca" | b"drmi" | b"drms" | b"p608");
    let fourcc = original.unwrap_or(stored);

    track.codec = codec::of_sample_entry(fourcc)
        .map_or_else(|| codec::printable(&fourcc), |name| name.into());
    let prefix: String = fourcc
        .iter()
        .copied()
        .filter(u8::is_ascii_alphanumeric)
        .chain(fourcc.contains(&b'-').then_some(b'-'))
        .map(char::from)
        .collect();
    configure(&mut track, &prefix, fourcc, children);
    if track.codecs.is_none() {
        track.codecs = codec::plain_codecs(&track.codec)
            .map(str::to_owned)
            .or_else(|| fourcc.is_ascii().then(|| name_of(fourcc)).flatten());
    }
    Some(track)
}

/// RFC 6381 §3.3: the sample entry itself, if it is a token.
fn name_of(fourcc: [u8; 4]) -> Option<String> {
    let token = fourcc
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    token.then(|| fourcc.iter().copied().map(char::from).collect())
}

/// Channels by the entry's version; where the boxes begin. Version 1 and 2 are QuickTime's; where an ISO file says
/// version 1 the boxes are not found, and only the name remains.
fn audio(track: &mut Track, entry: &[u8]) -> usize {
    let version = u16_at(entry, 16).map_or(0, usize::from);
    let channels = match version {
        2 => u32_at(entry, 48).and_then(|channels| u16::try_from(channels).ok()),
        _ => u16_at(entry, 24),
    };
    track.channels = channels.filter(|&channels| channels > 0);
    AUDIO.get(version).copied().unwrap_or(AUDIO[0])
}

/// The box with the decoder's configuration, by its own name; QuickTime wraps those of audio in `wave`.
fn configure(track: &mut Track, prefix: &str, fourcc: [u8; 4], children: &[u8]) {
    let child = |name| {
        find(children, name).or_else(|| find(children, *b"wave").and_then(|wave| find(wave, name)))
    };
    for name in [*b"avcC", *b"hvcC", *b"av1C"] {
        if let Some(record) = child(name) {
            config::read(track, prefix, record);
        }
    }
    if let Some(body) = child(*b"esds") {
        // Also an MP3 in QuickTime can have one; only these two take their name from it.
        if matches!(&fourcc, b"mp4a" | b"mp4v") {
            aac::descriptors(track, prefix, body);
        }
    }
    if let Some(body) = child(*b"vpcC") {
        config::vpc(track, prefix, body);
    }
    for (name, enhanced) in [(*b"dac3", false), (*b"dec3", true)] {
        let channels = child(name).and_then(|body| config::ac3_channels(body, enhanced));
        track.channels = channels.or(track.channels);
    }
    if fourcc.starts_with(b"dv") {
        for name in [*b"dvcC", *b"dvvC", *b"dvwC"] {
            if let Some(body) = child(name) {
                config::dolby_vision(track, prefix, body);
            }
        }
    }
}

/// The body of the first box of this name.
fn find(mut bytes: &[u8], name: [u8; 4]) -> Option<&[u8]> {
    loop {
        let length = usize::try_from(number_at(bytes, 0, 4)?).ok()?;
        let found = fourcc_at(bytes, 4)?;
        let (this, rest) = match length {
            0 => (bytes, &bytes[bytes.len()..]),
            1..8 => return None,
            _ => bytes.split_at(length.min(bytes.len())),
        };
        if found == name {
            return this.get(8..);
        }
        bytes = rest;
    }
}
