//! Reads the AudioSpecificConfig of MPEG-4 audio (ISO/IEC 14496-3).

use super::bits::Bits;
use super::codec;
use super::info::Track;

/// Reads an AudioSpecificConfig: the object type, the channels, and the presence of HE-AAC.
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
        // The stream itself defines the channels, so the number from the container stays.
        _ => track.channels,
    };
    let extended = match object_type {
        2 => extension(&mut bits).unwrap_or(2),
        other => other,
    };
    track.codecs = Some(format!("mp4a.40.{object_type}"));
    track.profile = codec::profile(codec::AAC, extended);
    // Parametric stereo makes two channels from one channel.
    track.channels = match extended {
        29 => Some(2),
        _ => channels,
    };
    if let Some(name) = codec::of_audio_object_type(object_type) {
        track.codec = name.into();
    }
    Some(())
}

fn object_type(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.take(5)? {
        31 => Some(32 + bits.take(6)?),
        object_type => Some(object_type),
    }
}

/// Reads the sampling frequency: an index, or 24 bits behind the last index.
fn sampling(bits: &mut Bits<'_>) -> Option<()> {
    if bits.take(4)? == 15 {
        bits.take(24)?;
    }
    Some(())
}

/// Returns the extension behind plain AAC, which old decoders skip. The extension is spectral band replication (5), or
/// the same with parametric stereo (29).
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
