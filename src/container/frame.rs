//! Reads the first frame of a track, if the container lacks details of the codec.

use super::bits::{Bits, number_at};
use super::codec::{DTS, DTS_HD, H264, VP9};
use super::config;
use super::info::Track;

/// The maximum number of bytes to read from a frame. The longest case is a DTS core with an extension behind it.
pub(super) const MAX_FRAME: usize = 4096;

/// Returns whether the first frame can add details to the track.
pub(super) fn is_needed(track: &Track) -> bool {
    match &*track.codec {
        _ if track.protected => false,
        VP9 | H264 => track.codecs.is_none(),
        codec => codec == DTS,
    }
}

/// Fills in the values of the frame. `None` only means that the frame is invalid.
pub(super) fn read(track: &mut Track, frame: &[u8]) -> Option<()> {
    match &*track.codec {
        VP9 => vp9(track, frame),
        DTS => dts(track, frame),
        H264 => h264(track, frame),
        _ => None,
    }
}

/// Reads the uncompressed header of a key frame (VP9 bitstream §6.2): profile and bit depth. The header has no level,
/// and no browser checks the level, so the lowest level is used.
fn vp9(track: &mut Track, frame: &[u8]) -> Option<()> {
    let mut bits = Bits::new(frame);
    if bits.take(2)? != 2 {
        return None;
    }
    let profile = u8::from(bits.bit()?) | (u8::from(bits.bit()?) << 1);
    if profile == 3 {
        bits.take(1)?;
    }
    // The frame must be a key frame and no repetition. The bits for display and error resilience follow.
    let (repeats, is_inter) = (bits.bit()?, bits.bit()?);
    bits.take(2)?;
    if repeats || is_inter || bits.take(24)? != 0x49_8342 {
        return None;
    }
    let depth = match profile {
        0 | 1 => 8,
        _ if bits.bit()? => 12,
        _ => 10,
    };
    config::set(track, Some(config::vp("vp09", profile, 10, depth)));
    Some(())
}

/// Detects DTS-HD: a DTS core (ETSI TS 102 114 §5.3) with an extension substream behind it.
fn dts(track: &mut Track, frame: &[u8]) -> Option<()> {
    let mut bits = Bits::new(frame);
    if bits.take(32)? != 0x7ffe_8001 {
        return None;
    }
    // Frame type, deficit, checksum flag and blocks precede the length minus one.
    bits.take(1 + 5 + 1 + 7)?;
    let length = usize::try_from(bits.take(14)?).ok()? + 1;
    if number_at(frame, length, 4)? == 0x6458_2025 {
        track.codec = DTS_HD.into();
        track.codecs = None;
    }
    Some(())
}

/// Reads the sequence parameter set of a byte stream (ISO/IEC 14496-10 Annex B). The set begins like avcC.
fn h264(track: &mut Track, frame: &[u8]) -> Option<()> {
    let is_set = |unit: &[u8]| matches!(unit, [0, 0, 1, head, ..] if head & 0x1f == 7);
    let at = frame.windows(7).position(is_set)?;
    let &[_, _, _, _, profile, constraints, level] = frame.get(at..at + 7)?.first_chunk()?;
    config::read(track, "avc1", &[1, profile, constraints, level]);
    Some(())
}
