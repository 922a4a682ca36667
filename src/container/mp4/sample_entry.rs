//! Converts a sample entry (`stsd`, ISO/IEC 14496-12 §8.5.2) to a [`Track`].

use super::boxes::child;
use crate::container::bits::{fourcc_at, u16_at, u32_at};
use crate::container::info::Track;
use crate::container::{codec, config};

/// The offset of the child boxes in a visual sample entry.
const VISUAL: usize = 86;
/// The offsets of the child boxes in audio sample entries of the QuickTime versions 0, 1 and 2.
const AUDIO: [usize; 3] = [36, 52, 72];

/// Reads an entry with its box header. Returns `None` if the entry is too short for a name.
pub(crate) fn sample_entry(is_video: bool, entry: &[u8]) -> Option<Track> {
    let stored = fourcc_at(entry, 4)?;
    let mut track = Track::default();
    let children = match is_video {
        true => {
            let pixels = |at| u16_at(entry, at).filter(|&count| count > 0).map(u32::from);
            (track.width, track.height) = (pixels(32), pixels(34));
            VISUAL
        }
        false => audio(&mut track, entry),
    };
    let children = entry.get(children..).unwrap_or_default();

    // An encrypted entry has a generic name. Its `sinf` contains the original name.
    let frma = child(children, b"sinf").and_then(|it| child(it, b"frma"));
    let original = frma.and_then(|body| fourcc_at(body, 0));
    track.protected = original.is_some() || is_encrypted(stored);
    let fourcc = original.unwrap_or(stored);

    track.codec = match (is_video, &fourcc) {
        // In an audio track, `raw ` means PCM. In a video track, it means uncompressed video.
        (false, b"raw ") => codec::PCM.into(),
        _ => codec::of_sample_entry(fourcc)
            .map_or_else(|| codec::printable(&fourcc), |name| name.into()),
    };
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let letters = fourcc.iter().copied().filter(is_plain).map(char::from);
    let prefix: String = letters.collect();
    configure(&mut track, &prefix, fourcc, children);
    if track.codecs.is_none() {
        // `plain_codecs` knows the `codecs` value of some codecs. For other codecs, the value is the name of the entry.
        // A name with other characters than letters, digits and hyphens is not used, because the value must be a token
        // (RFC 6381 §3.3).
        let own = (prefix.len() == fourcc.len()).then_some(prefix);
        track.codecs = codec::plain_codecs(&track.codec).or(own);
    }
    Some(track)
}

pub(crate) fn is_encrypted(name: [u8; 4]) -> bool {
    matches!(&name, b"encv" | b"enca" | b"drmi" | b"drms" | b"p608")
}

/// Reads the number of channels, and returns the offset of the child boxes. Both depend on the version of the entry.
/// In version 1, the offset in ISO files differs from the offset in QuickTime files. This function always uses the
/// offset of QuickTime, so the parser does not find the child boxes of an ISO entry of version 1.
fn audio(track: &mut Track, entry: &[u8]) -> usize {
    let version = u16_at(entry, 16).map_or(0, usize::from);
    let channels = match version {
        2 => u32_at(entry, 48).and_then(|channels| u16::try_from(channels).ok()),
        _ => u16_at(entry, 24),
    };
    track.channels = channels.filter(|&channels| channels > 0);
    AUDIO.get(version).copied().unwrap_or(AUDIO[0])
}

/// Reads the boxes with the decoder configuration. For audio in QuickTime, these boxes are inside `wave`.
fn configure(track: &mut Track, prefix: &str, fourcc: [u8; 4], children: &[u8]) {
    let wave = child(children, b"wave").unwrap_or_default();
    let child = |name: &[u8; 4]| child(children, name).or_else(|| child(wave, name));
    for record in [b"avcC", b"hvcC", b"av1C"].into_iter().filter_map(child) {
        config::read(track, prefix, record);
    }
    // Other entries can also have an `esds`, for example MP3 in QuickTime. It is ignored.
    if let (b"mp4a" | b"mp4v", Some(body)) = (&fourcc, child(b"esds")) {
        config::esds(track, prefix, body);
    }
    if let Some(body) = child(b"vpcC") {
        config::set(track, config::vpc(prefix, body));
    }
    if let b"dvh1" | b"dvhe" | b"dva1" | b"dvav" | b"dav1" = &fourcc {
        for body in [b"dvcC", b"dvvC", b"dvwC"].into_iter().filter_map(child) {
            config::dolby_vision(track, prefix, body);
        }
    }
    // For the following codecs, the entry always says that the track has 2 channels, because the standards require it.
    // AMR (`samr`, `sawb`) has one channel. For the other codecs, a child box contains the real number.
    let channels = match &fourcc {
        b"samr" | b"sawb" => Some(1),
        b"ac-3" => child(b"dac3").and_then(|body| config::ac3_channels(body, false)),
        b"ec-3" => child(b"dec3").and_then(|body| config::ac3_channels(body, true)),
        b"alac" => child(b"alac").and_then(|body| body.get(13).copied().map(u16::from)),
        b"mlpa" => child(b"dmlp").and_then(config::truehd_channels),
        _ => None,
    };
    track.channels = channels.filter(|&channels| channels > 0).or(track.channels);
    if let Some(pasp) = child(b"pasp")
        && let (Some(across), Some(down)) = (u32_at(pasp, 0), u32_at(pasp, 4))
    {
        track.apply_pixel_aspect_ratio(across.into(), down.into());
    }
}
