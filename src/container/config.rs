//! Decoder configuration records: what an encoder tells a decoder, and here people.
//!
//! Knows the records that MP4 and Matroska share: avcC and hvcC (ISO/IEC 14496-15), av1C, vpcC, AC-3, and the bits
//! they hold. Must not know where a record lay. Each function fills in what the record says; `None` only means that
//! it ended early or makes no sense.

use std::fmt::Write as _;

use super::Track;
use super::bits::{Bits, u16_at, u32_at};
use super::{aac, codec};

/// Reads the record of a codec that has one in this form in both containers. `prefix` is what its `codecs` value
/// begins with: the sample entry in MP4, the usual one elsewhere.
pub(super) fn read(track: &mut Track, prefix: &str, record: &[u8]) {
    let codec: &str = &track.codec;
    let _ = match codec {
        codec::H264 => avc(track, prefix, record),
        codec::H265 => hevc(track, prefix, record),
        codec::AV1 => av1(track, record),
        codec::AAC => aac::config(track, record),
        codec::MPEG4 => mpeg4(track, record),
        _ => None,
    };
}

/// The prefix for [`read`] where the container has no sample entries.
pub(super) fn usual_prefix(codec: &str) -> &'static str {
    match codec {
        codec::H265 => "hvc1",
        _ => "avc1",
    }
}

const CHROMA: [&str; 4] = ["4:0:0", "4:2:0", "4:2:2", "4:4:4"];

fn chroma(format: u32) -> Option<&'static str> {
    CHROMA.get(usize::try_from(format).ok()?).copied()
}

/// AVCDecoderConfigurationRecord, and of its first sequence parameter set what lies before the picture's size.
fn avc(track: &mut Track, prefix: &str, record: &[u8]) -> Option<()> {
    let &[1, profile, constraints, level, _, sets, ..] = record else {
        return None;
    };
    track.codecs = Some(format!(
        "{prefix}.{profile:02x}{constraints:02x}{level:02x}"
    ));
    track.profile = match profile {
        66 if constraints & 0x40 != 0 => Some("Constrained Baseline"),
        66 => Some("Baseline"),
        77 => Some("Main"),
        88 => Some("Extended"),
        100 => Some("High"),
        110 => Some("High 10"),
        122 => Some("High 4:2:2"),
        244 => Some("High 4:4:4 Predictive"),
        44 => Some("CAVLC 4:4:4 Intra"),
        118 => Some("Multiview High"),
        128 => Some("Stereo High"),
        _ => None,
    };
    if matches!(profile, 66 | 77 | 88) {
        track.chroma = chroma(1);
        track.bit_depth = Some(8);
        return Some(());
    }
    if sets & 0x1f == 0 {
        return None;
    }
    // Behind the length, the NAL unit's head, profile, constraints and level. So near to the start no emulation
    // prevention byte can stand: the level is not zero.
    let length = usize::from(u16_at(record, 6)?);
    let set = record.get(8..)?;
    let mut bits = Bits::new(set.get(..length.min(set.len()))?.get(4..)?);
    let _set_id = bits.golomb()?;
    let format = bits.golomb()?;
    if format == 3 {
        let _separate_planes = bits.bit()?;
    }
    let depth = bits.golomb()?;
    track.chroma = chroma(format);
    track.bit_depth = u8::try_from(depth)
        .ok()
        .filter(|&depth| depth <= 6)
        .map(|depth| depth + 8);
    Some(())
}

/// HEVCDecoderConfigurationRecord; the `codecs` value by Annex E.3 of ISO/IEC 14496-15.
fn hevc(track: &mut Track, prefix: &str, record: &[u8]) -> Option<()> {
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
        // Writing to a String does not fail.
        let _ = write!(codecs, ".{byte:X}");
    }
    track.codecs = Some(codecs);
    track.profile = match profile {
        1 => Some("Main"),
        2 => Some("Main 10"),
        3 => Some("Main Still Picture"),
        4 => Some("Range Extensions"),
        _ => None,
    };
    track.chroma = chroma(u32::from(record.get(16)? & 3));
    track.bit_depth = Some((record.get(17)? & 7) + 8);
    Some(())
}

/// AV1CodecConfigurationRecord; the `codecs` value by §5 of the AV1 ISOBMFF binding.
fn av1(track: &mut Track, record: &[u8]) -> Option<()> {
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
    track.codecs = Some(format!("av01.{profile}.{level:02}{tier}.{depth:02}"));
    track.profile = match profile {
        0 => Some("Main"),
        1 => Some("High"),
        2 => Some("Professional"),
        _ => None,
    };
    track.bit_depth = Some(depth);
    track.chroma = chroma(match (color & 0x10, color & 0x0c) {
        (0x10, _) => 0,
        (_, 0x0c) => 1,
        (_, 0x08) => 2,
        _ => 3,
    });
    Some(())
}

/// The body of a `vpcC` box, version 1.
pub(super) fn vpc(track: &mut Track, prefix: &str, body: &[u8]) -> Option<()> {
    let &[1, _, _, _, profile, level, color, ..] = body else {
        return None;
    };
    vp(track, prefix, profile, level, color >> 4);
    track.chroma = chroma(match (color >> 1) & 7 {
        0 | 1 => 1,
        2 => 2,
        3 => 3,
        _ => return None,
    });
    Some(())
}

/// The CodecPrivate of VP9 in WebM: numbered features, each with its length. Most files have none.
pub(super) fn vp9_features(track: &mut Track, mut private: &[u8]) {
    let (mut profile, mut level, mut depth) = (None, None, None);
    while let [feature, 1, value, rest @ ..] = private {
        match feature {
            1 => profile = Some(*value),
            2 => level = Some(*value),
            3 => depth = Some(*value),
            _ => {}
        }
        private = rest;
    }
    if let (Some(profile), Some(level)) = (profile, level) {
        vp(track, "vp09", profile, level, depth.unwrap_or(8));
    }
}

fn vp(track: &mut Track, prefix: &str, profile: u8, level: u8, depth: u8) {
    track.codecs = Some(format!("{prefix}.{profile:02}.{level:02}.{depth:02}"));
    track.bit_depth = Some(depth).filter(|depth| (8..=16).contains(depth));
    if track.codec == codec::VP9 {
        track.profile = match profile {
            0 => Some("Profile 0"),
            1 => Some("Profile 1"),
            2 => Some("Profile 2"),
            3 => Some("Profile 3"),
            _ => None,
        };
    }
}

/// MPEG-4 Part 2: a visual object sequence, whose first byte is profile and level.
fn mpeg4(track: &mut Track, record: &[u8]) -> Option<()> {
    let &[0, 0, 1, 0xb0, profile, ..] = record else {
        return None;
    };
    track.codecs = Some(format!("mp4v.20.{profile}"));
    track.profile = match profile >> 4 {
        0 => Some("Simple"),
        0xf => Some("Advanced Simple"),
        _ => None,
    };
    Some(())
}

/// The bodies of `dac3` and `dec3` (ETSI TS 102 366, Annex F): how many channels the main stream has.
pub(super) fn ac3_channels(body: &[u8], enhanced: bool) -> Option<u16> {
    let mut bits = Bits::new(body);
    // Up to acmod: fscod, bsid, bsmod; the enhanced form has a data rate and the number of substreams before it.
    bits.take(if enhanced {
        13 + 3 + 2 + 5 + 1 + 1 + 3
    } else {
        2 + 5 + 3
    })?;
    let mode = usize::try_from(bits.take(3)?).ok()?;
    let subwoofer = u16::from(bits.bit()?);
    [2, 1, 2, 3, 3, 4, 4, 5]
        .get(mode)
        .map(|channels| channels + subwoofer)
}

/// `dvcC` or `dvvC`: Dolby Vision without a base layer that other decoders understand.
pub(super) fn dolby_vision(track: &mut Track, prefix: &str, body: &[u8]) -> Option<()> {
    let mut bits = Bits::new(body.get(2..)?);
    let (profile, level) = (bits.take(7)?, bits.take(6)?);
    track.codecs = Some(format!("{prefix}.{profile:02}.{level:02}"));
    track.profile = Some("Dolby Vision");
    Some(())
}
