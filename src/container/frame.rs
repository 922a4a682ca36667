//! What the first frame of a track says, where the container says too little.
//!
//! Knows the first bytes of a VP9 key frame, of a DTS frame and of an H.264 byte stream. Must not know where they lay.

use super::bits::{Bits, number_at};
use super::codec::{DTS, DTS_HD, H264, VP9};
use super::config;
use super::info::Track;

/// The most that is read of a frame: a DTS core with its extension behind it needs the most.
pub(super) const MAX_FRAME: usize = 4096;

/// Whether the first frame says more of the track than is known.
pub(super) fn is_needed(track: &Track) -> bool {
    match &*track.codec {
        _ if track.protected => false,
        VP9 | H264 => track.codecs.is_none(),
        codec => codec == DTS,
    }
}

/// Fills in what the frame says. `None` only means that it makes no sense.
pub(super) fn read(track: &mut Track, frame: &[u8]) -> Option<()> {
    match &*track.codec {
        VP9 => vp9(track, frame),
        DTS => dts(track, frame),
        H264 => h264(track, frame),
        _ => None,
    }
}

/// The uncompressed header of a key frame (VP9 bitstream §6.2): profile and bit depth. It does not say the level, which
/// no browser looks at: the lowest stands for it.
fn vp9(track: &mut Track, frame: &[u8]) -> Option<()> {
    let mut bits = Bits::new(frame);
    if bits.take(2)? != 2 {
        return None;
    }
    let low = u8::from(bits.bit()?);
    let profile = low | (u8::from(bits.bit()?) << 1);
    if profile == 3 {
        bits.take(1)?;
    }
    // A key frame that is no repetition, before the bits for showing it and for resilience.
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
    config::vp(track, "vp09", profile, 10, depth);
    Some(())
}

/// DTS-HD is a DTS core (ETSI TS 102 114 §5.3) with an extension substream behind it.
fn dts(track: &mut Track, frame: &[u8]) -> Option<()> {
    let mut bits = Bits::new(frame);
    if bits.take(32)? != 0x7ffe_8001 {
        return None;
    }
    // Frame type, deficit, checksum flag and blocks; then the length less one.
    bits.take(1 + 5 + 1 + 7)?;
    let length = usize::try_from(bits.take(14)?).ok()? + 1;
    if number_at(frame, length, 4)? == 0x6458_2025 {
        track.codec = DTS_HD.into();
        track.codecs = None;
    }
    Some(())
}

/// The sequence parameter set of a byte stream (ISO/IEC 14496-10 Annex B) begins as avcC does.
fn h264(track: &mut Track, frame: &[u8]) -> Option<()> {
    let is_set = |unit: &[u8]| matches!(unit, [0, 0, 1, head, ..] if head & 0x1f == 7);
    let at = frame.windows(7).position(is_set)?;
    let &[_, _, _, _, profile, constraints, level] = frame.get(at..at + 7)?.first_chunk()?;
    config::read(track, "avc1", &[1, profile, constraints, level]);
    Some(())
}
