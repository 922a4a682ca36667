//! Reads the descriptors of MPEG-4 systems (ISO/IEC 14496-1) in an `esds` box.

use super::info::Track;
use super::{codec, config};

const DESCRIPTOR_ES: u8 = 3;
const DESCRIPTOR_DECODER: u8 = 4;
const DESCRIPTOR_SPECIFIC: u8 = 5;

/// Reads the body of an `esds` box. The object type defines the codec, and the specific part is its configuration.
/// `prefix` is the sample entry, `mp4a` or `mp4v`.
pub(super) fn read(track: &mut Track, prefix: &str, body: &[u8]) -> Option<()> {
    let stream = descriptor(body.get(4..)?, DESCRIPTOR_ES)?;
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
    let decoder = descriptor(stream.get(skipped..)?, DESCRIPTOR_DECODER)?;
    let object_type = *decoder.first()?;
    let named = format!("{prefix}.{object_type:02X}");
    track.codec =
        codec::of_object_type(object_type).map_or_else(|| named.clone().into(), |name| name.into());
    track.codecs = Some(named.clone());
    if track.codec != codec::AAC {
        // Older editions of the standard require the value 2 in every entry. Only the configuration of AAC has the real
        // number.
        track.channels = None;
    }
    let specific = descriptor(decoder.get(13..)?, DESCRIPTOR_SPECIFIC)?;
    config::read(track, prefix, specific);
    // For the AAC of MPEG-2 (0x66 to 0x68), the `codecs` value has no audio object type.
    if object_type != 0x40 && track.codec == codec::AAC {
        track.codecs = Some(named);
    }
    Some(())
}

/// Returns the body of the first descriptor, if the descriptor has this tag. The length has up to four
/// bytes, and seven bits in each byte.
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
