//! Reads decoder configuration records, which describe a stream to a decoder.
//!
//! Examples are avcC and hvcC (ISO/IEC 14496-15). The functions that return `(String, u32)` return the `codecs` value
//! (RFC 6381) and the number of the profile. `None` means that the record is too short or invalid.

use std::fmt::Write as _;

use super::bits::{Bits, u32_at};
use super::codec;
use super::info::Track;

/// The tags of descriptors in an `esds` box.
const DESCRIPTOR_ES: u8 = 3;
const DESCRIPTOR_DECODER: u8 = 4;
const DESCRIPTOR_SPECIFIC: u8 = 5;

/// Reads a record that has the same format in MP4 and Matroska. `prefix` is the start of the `codecs` value, for
/// example `avc1`.
pub(super) fn read(track: &mut Track, prefix: &str, record: &[u8]) {
    let found = match &*track.codec {
        codec::H264 => avc(prefix, record),
        codec::H265 => hevc(prefix, record),
        codec::AV1 => av1(record),
        codec::MPEG4 => mpeg4(record),
        codec::AAC => aac(track, record),
        _ => None,
    };
    set(track, found);
}

/// Sets the `codecs` value and the profile of a track, if they are known.
pub(super) fn set(track: &mut Track, found: Option<(String, u32)>) {
    if let Some((codecs, profile)) = found {
        track.codecs = Some(codecs);
        track.profile = codec::profile(&track.codec, profile);
    }
}

/// Reads an AVCDecoderConfigurationRecord.
fn avc(prefix: &str, record: &[u8]) -> Option<(String, u32)> {
    let &[1, profile, constraints, level, ..] = record else {
        return None;
    };
    let codecs = format!("{prefix}.{profile:02x}{constraints:02x}{level:02x}");
    Some((codecs, profile.into()))
}

/// Reads an HEVCDecoderConfigurationRecord. The `codecs` value follows Annex E.3 of ISO/IEC 14496-15.
fn hevc(prefix: &str, record: &[u8]) -> Option<(String, u32)> {
    let &[1, general, ..] = record else {
        return None;
    };
    let space = ["", "A", "B", "C"][usize::from(general >> 6)];
    let tier = if general & 0x20 == 0 { 'L' } else { 'H' };
    let profile = general & 0x1f;
    let compatible = u32_at(record, 2)?.reverse_bits();
    let constraints = record.get(6..12)?;
    let level = record.get(12)?;
    let mut codecs = format!("{prefix}.{space}{profile}.{compatible:X}.{tier}{level}");
    let last = constraints.iter().rposition(|&byte| byte != 0);
    for byte in constraints.iter().take(last.map_or(0, |last| last + 1)) {
        // A write to a String never fails.
        let _ = write!(codecs, ".{byte:X}");
    }
    Some((codecs, profile.into()))
}

/// Reads an AV1CodecConfigurationRecord. The `codecs` value follows §5 of the AV1 ISOBMFF binding.
fn av1(record: &[u8]) -> Option<(String, u32)> {
    let &[0x81, sequence, color, ..] = record else {
        return None;
    };
    let (profile, level) = (sequence >> 5, sequence & 0x1f);
    let tier = if color & 0x80 == 0 { 'M' } else { 'H' };
    let depth = match color & 0x60 {
        0x40 => 10,
        0x60 => 12,
        _ => 8,
    };
    let codecs = format!("av01.{profile}.{level:02}{tier}.{depth:02}");
    Some((codecs, profile.into()))
}

/// Reads the body of a `vpcC` box, version 1.
pub(super) fn vpc(prefix: &str, body: &[u8]) -> Option<(String, u32)> {
    let &[1, _, _, _, profile, level, color, ..] = body else {
        return None;
    };
    Some(vp(prefix, profile, level, color >> 4))
}

/// Returns the `codecs` value and the profile of VP8 or VP9. The `codecs` value follows the VP codec ISOBMFF binding.
pub(super) fn vp(prefix: &str, profile: u8, level: u8, depth: u8) -> (String, u32) {
    let codecs = format!("{prefix}.{profile:02}.{level:02}.{depth:02}");
    (codecs, profile.into())
}

/// Reads the record of MPEG-4 Part 2: a visual object sequence. Its first byte contains profile and level.
fn mpeg4(record: &[u8]) -> Option<(String, u32)> {
    let &[0, 0, 1, 0xb0, profile, ..] = record else {
        return None;
    };
    Some((format!("mp4v.20.{profile}"), u32::from(profile >> 4)))
}

/// Returns the number of channels of the main stream, from the body of `dac3` or `dec3` (ETSI TS 102 366, Annex F).
pub(super) fn ac3_channels(body: &[u8], enhanced: bool) -> Option<u16> {
    let mut bits = Bits::new(body);
    // Skip the fields before acmod, the channel mode. In `dac3`, these fields are fscod, bsid and bsmod. In `dec3`, the
    // data rate (13 bits) and the number of substreams (3 bits) precede them, and two more bits follow bsid.
    let front = 2 + 5 + 3;
    bits.take(if enhanced { 13 + 3 + front + 2 } else { front })?;
    let mode = usize::try_from(bits.take(3)?).ok()?;
    let subwoofer = u16::from(bits.bit()?);
    let channels = [2, 1, 2, 3, 3, 4, 4, 5].get(mode)?;
    Some(channels + subwoofer)
}

/// Returns the number of channels, from the body of `dmlp` (Dolby: TrueHD bitstreams within the ISO base media file
/// format). The body describes two versions of the sound: one for up to 6 channels, and one for up to 8. Each version
/// has one bit for each loudspeaker or pair of loudspeakers. If no bit of the version for 8 channels is set, the
/// version for 6 channels counts.
pub(super) fn truehd_channels(body: &[u8]) -> Option<u16> {
    const LOUDSPEAKERS: [u16; 13] = [2, 1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 1, 1];
    let mut bits = Bits::new(body);
    // Skip the sampling frequency (4 bits) and five small fields.
    bits.take(4 + 1 + 1 + 2 + 2 + 2)?;
    let six = bits.take(5)?;
    bits.take(2)?;
    let eight = bits.take(13)?;
    let assignment = if eight == 0 { six } else { eight };
    let bits = (0..).zip(LOUDSPEAKERS);
    let present = bits.filter(|(bit, _)| (assignment >> bit) & 1 == 1);
    Some(present.map(|(_, count)| count).sum())
}

/// Reads a Dolby Vision record: `dvcC`, `dvvC` or `dvwC`. The result replaces the `codecs` value. So call this function
/// only for a track that needs a decoder with Dolby Vision.
pub(super) fn dolby_vision(track: &mut Track, prefix: &str, body: &[u8]) -> Option<()> {
    let mut bits = Bits::new(body.get(2..)?);
    let (profile, level) = (bits.take(7)?, bits.take(6)?);
    track.codecs = Some(format!("{prefix}.{profile:02}.{level:02}"));
    track.profile = Some("Dolby Vision");
    Some(())
}

/// Reads the descriptors (ISO/IEC 14496-1) in the body of an `esds` box. They contain the object type, which defines
/// the codec, and the configuration of the codec. `prefix` is the name of the sample entry, `mp4a` or `mp4v`.
pub(super) fn esds(track: &mut Track, prefix: &str, body: &[u8]) -> Option<()> {
    let stream = descriptor(body.get(4..)?, DESCRIPTOR_ES)?;
    // Skip the identifier and the flags. No optional field follows, because no flag is set in a file (ISO/IEC 14496-14
    // §3.1.2).
    let decoder = descriptor(stream.get(3..)?, DESCRIPTOR_DECODER)?;
    let object_type = *decoder.first()?;
    let named = format!("{prefix}.{object_type:02X}");
    track.codec = codec::find(codec::OBJECT_TYPES, &format!("{object_type:02x}"))
        .map_or_else(|| named.clone().into(), |name| name.into());
    track.codecs = Some(named.clone());
    if track.codec != codec::AAC {
        // The number of channels in the sample entry may be wrong: older editions of the standard require the value 2.
        // The configuration of AAC has the real number. For other codecs, the number stays unknown.
        track.channels = None;
    }
    let specific = descriptor(decoder.get(13..)?, DESCRIPTOR_SPECIFIC)?;
    read(track, prefix, specific);
    // The object types 0x66, 0x67 and 0x68 are AAC from MPEG-2. Their `codecs` value has no third part: `mp4a.66`.
    if object_type != 0x40 && track.codec == codec::AAC {
        track.codecs = Some(named);
    }
    Some(())
}

/// Returns the body of the first descriptor, if it has this tag. Each byte of the length contains seven bits. Its
/// highest bit means that another byte follows.
fn descriptor(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (&found, mut rest) = bytes.split_first()?;
    let mut length = 0;
    for _ in 0..4 {
        let (&byte, others) = rest.split_first()?;
        rest = others;
        length = (length << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    (found == tag).then(|| &rest[..length.min(rest.len())])
}

/// Reads an AudioSpecificConfig (ISO/IEC 14496-3): the object type, the channels, and the presence of HE-AAC.
fn aac(track: &mut Track, record: &[u8]) -> Option<(String, u32)> {
    let mut bits = Bits::new(record);
    let object_type = object_type(&mut bits).filter(|&number| number > 0)?;
    skip_frequency(&mut bits)?;
    let channels = match bits.take(4)? {
        channels @ 1..=6 => u16::try_from(channels).ok(),
        7 | 12 | 14 => Some(8),
        11 => Some(7),
        // The record has no number of channels, so keep the number from the container.
        _ => track.channels,
    };
    let extended = match object_type {
        2 => extension(&mut bits).unwrap_or(2),
        other => other,
    };
    // Parametric stereo makes two channels from one channel.
    track.channels = if extended == 29 { Some(2) } else { channels };
    if let Some(name) = codec::find(codec::OBJECT_TYPES, &format!("40.{object_type}")) {
        track.codec = name.into();
    }
    Some((format!("mp4a.40.{object_type}"), extended))
}

fn object_type(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.take(5)? {
        31 => Some(32 + bits.take(6)?),
        object_type => Some(object_type),
    }
}

/// Skips the sampling frequency: an index of 4 bits. After the index 15, the frequency follows in 24 bits.
fn skip_frequency(bits: &mut Bits<'_>) -> Option<()> {
    if bits.take(4)? == 15 {
        bits.take(24)?;
    }
    Some(())
}

/// Reads the extension behind the configuration of plain AAC. Returns its object type: 5 for HE-AAC, 29 for HE-AAC v2.
/// Decoders without HE-AAC ignore the extension.
fn extension(bits: &mut Bits<'_>) -> Option<u32> {
    let _short_frames = bits.bit()?;
    if bits.bit()? {
        bits.take(14)?;
    }
    let _extended = bits.bit()?;
    if bits.take(11)? != 0x2b7 || object_type(bits)? != 5 || !bits.bit()? {
        return None;
    }
    let stereo = skip_frequency(bits)
        .and_then(|()| bits.take(11))
        .filter(|&sync| sync == 0x548)
        .and_then(|_| bits.bit());
    Some(if stereo == Some(true) { 29 } else { 5 })
}
