//! MPEG-4 audio: the AudioSpecificConfig of ISO/IEC 14496-3 and the descriptors of 14496-1 around it.
//!
//! Knows their bits. Must not know the boxes and elements in which they lie.

use super::Track;
use super::bits::Bits;
use super::codec;
use super::config;

const DESCRIPTOR_ES: u8 = 3;
const DESCRIPTOR_DECODER: u8 = 4;
const DESCRIPTOR_SPECIFIC: u8 = 5;

/// The body of an `esds` box: the object type names the codec, and the specific part configures it. `prefix` is the
/// sample entry, `mp4a` or `mp4v`.
pub(super) fn descriptors(track: &mut Track, prefix: &str, body: &[u8]) -> Option<()> {
    let (tag, stream, _) = descriptor(body.get(4..)?)?;
    if tag != DESCRIPTOR_ES {
        return None;
    }
    let flags = *stream.get(2)?;
    let mut skipped = 3;
    if flags & 0x80 != 0 {
        skipped += 2;
    }
    if flags & 0x40 != 0 {
        skipped += 1 + usize::from(*stream.get(skipped)?);
    }
    if flags & 0x20 != 0 {
        skipped += 2;
    }
    let (tag, decoder, _) = descriptor(stream.get(skipped..)?)?;
    if tag != DESCRIPTOR_DECODER {
        return None;
    }
    let object_type = *decoder.first()?;
    if let Some(name) = codec::of_object_type(object_type) {
        track.codec = name.into();
    } else {
        track.codec = format!("{prefix}.{object_type:02X}").into();
    }
    track.codecs = Some(format!("{prefix}.{object_type:02X}"));
    if track.codec != codec::AAC {
        // Older editions want 2 in every such entry, so writers put it there whatever the sound has.
        track.channels = None;
    }
    let (tag, specific, _) = descriptor(decoder.get(13..)?)?;
    // The AAC of MPEG-2 (0x66 to 0x68) has no object type of its own in the name.
    if tag == DESCRIPTOR_SPECIFIC {
        let named = track.codecs.clone();
        config::read(track, prefix, specific);
        if object_type != 0x40 && track.codec == codec::AAC {
            track.codecs = named;
        }
    }
    Some(())
}

/// Tag, body and rest. The length is written in up to four bytes of seven bits.
fn descriptor(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, mut rest) = bytes.split_first()?;
    let mut length = 0;
    for _ in 0..4 {
        let (&byte, behind) = rest.split_first()?;
        rest = behind;
        length = (length << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    let (body, rest) = rest.split_at(length.min(rest.len()));
    Some((tag, body, rest))
}

/// AudioSpecificConfig: object type, channels, and whether HE-AAC is within.
pub(super) fn config(track: &mut Track, config: &[u8]) -> Option<()> {
    let mut bits = Bits::new(config);
    let object_type = object_type(&mut bits)?;
    if object_type == 0 {
        return None;
    }
    sampling(&mut bits)?;
    let channels = match bits.take(4)? {
        channels @ 1..=6 => u16::try_from(channels).ok(),
        7 | 12 | 14 => Some(8),
        11 => Some(7),
        // Written in the stream itself; the container's word stands.
        _ => track.channels,
    };
    let extended = match object_type {
        2 => extension(&mut bits).unwrap_or(2),
        other => other,
    };
    track.codecs = Some(format!("mp4a.40.{object_type}"));
    track.profile = match extended {
        1 => Some("Main"),
        2 => Some("LC"),
        3 => Some("SSR"),
        4 => Some("LTP"),
        5 => Some("HE-AAC"),
        29 => Some("HE-AAC v2"),
        23 => Some("LD"),
        39 => Some("ELD"),
        42 => Some("xHE-AAC"),
        _ => None,
    };
    // Parametric stereo makes two channels of one.
    track.channels = match extended {
        29 => Some(2),
        _ => channels,
    };
    if matches!(object_type, 32..=34) {
        track.codec = codec::MP3.into();
    }
    Some(())
}

fn object_type(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.take(5)? {
        31 => Some(32 + bits.take(6)?),
        object_type => Some(object_type),
    }
}

/// The sampling frequency: an index, or 24 bits behind the last index.
fn sampling(bits: &mut Bits<'_>) -> Option<()> {
    if bits.take(4)? == 15 {
        bits.take(24)?;
    }
    Some(())
}

/// What may follow plain AAC so that old decoders pass it: spectral band replication (5), with parametric stereo (29).
fn extension(bits: &mut Bits<'_>) -> Option<u32> {
    let _short_frames = bits.bit()?;
    if bits.bit()? {
        bits.take(14)?;
    }
    let _extended = bits.bit()?;
    if bits.take(11)? != 0x2b7 || object_type(bits)? != 5 || !bits.bit()? {
        return None;
    }
    let stereo = sampling(bits)
        .and_then(|()| bits.take(11))
        .filter(|&sync| sync == 0x548)
        .and_then(|_| bits.bit());
    Some(if stereo == Some(true) { 29 } else { 5 })
}
