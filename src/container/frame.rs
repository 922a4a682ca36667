//! Reads details of a codec, such as its profile, from the first frame of a track.

use super::bits::{Bits, number_at};
use super::codec::{DTS, DTS_HD, H264, VP9};
use super::config;
use super::info::Track;

/// The maximum number of bytes to read from a frame. DTS needs the most bytes: its frame begins with a core, which
/// usually has 2 kB, and the sync word of DTS-HD follows the core.
pub(super) const MAX_FRAME: usize = 4096;

/// Returns whether the container lacks details that the first frame can have.
pub(super) fn is_needed(track: &Track) -> bool {
    match &*track.codec {
        _ if track.protected => false,
        VP9 | H264 => track.codecs.is_none(),
        codec => codec == DTS,
    }
}

/// Adds the details in the frame to the track. Returns `None` for an invalid frame.
pub(super) fn read(track: &mut Track, frame: &[u8]) -> Option<()> {
    match &*track.codec {
        VP9 => vp9(track, frame),
        DTS => dts(track, frame),
        H264 => h264(track, frame),
        _ => None,
    }
}

/// Reads profile and bit depth from the uncompressed header of a key frame (VP9 bitstream §6.2). The header has no
/// level. Sets the lowest level, because browsers do not check the level.
fn vp9(track: &mut Track, frame: &[u8]) -> Option<()> {
    let mut bits = Bits::new(frame);
    if bits.take(2)? != 2 {
        return None;
    }
    let profile = u8::from(bits.bit()?) | (u8::from(bits.bit()?) << 1);
    if profile == 3 {
        bits.take(1)?;
    }
    // The fields: show_existing_frame, frame_type, show_frame, error_resilient_mode.
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

/// Detects DTS-HD: an extension substream follows the DTS core (ETSI TS 102 114 §5.3).
fn dts(track: &mut Track, frame: &[u8]) -> Option<()> {
    let mut bits = Bits::new(frame);
    if bits.take(32)? != 0x7ffe_8001 {
        return None;
    }
    // Skip the frame type, deficit sample count, checksum flag and number of blocks. The next field is the size of the
    // core minus one.
    bits.take(1 + 5 + 1 + 7)?;
    let length = usize::try_from(bits.take(14)?).ok()? + 1;
    if number_at(frame, length, 4)? == 0x6458_2025 {
        track.codec = DTS_HD.into();
        track.codecs = None;
    }
    Some(())
}

/// Finds the sequence parameter set in a byte stream (ISO/IEC 14496-10 Annex B), and reads its profile and level.
fn h264(track: &mut Track, frame: &[u8]) -> Option<()> {
    let is_set = |unit: &[u8]| matches!(unit, [0, 0, 1, head, ..] if head & 0x1f == 7);
    let at = frame.windows(7).position(is_set)?;
    let &[_, _, _, _, profile, constraints, level] = frame.get(at..at + 7)?.first_chunk()?;
    config::read(track, "avc1", &[1, profile, constraints, level]);
    Some(())
}
