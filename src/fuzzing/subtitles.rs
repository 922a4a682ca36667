//! A file of subtitles: whatever is in it, a browser gets WebVTT.

use crate::subtitles::checker::check;
use crate::subtitles::to_webvtt;

/// The bytes of a file.
pub fn subtitles(data: &[u8]) {
    let converted = to_webvtt(data);
    // What has the signature stays as it is, whatever follows. The letters of it, in any encoding:
    let letters = data.iter().take(20).copied().filter(u8::is_ascii_graphic);
    if !letters.collect::<Vec<_>>().starts_with(b"WEBVTT") {
        valid(&converted, data.len());
    }
    // So what has been converted stays as it is, too.
    assert_eq!(to_webvtt(converted.as_bytes()), converted);

    // A cue in front, so that all that follows is text of it at least.
    let begun = [b"0:1-->0:9\n", data].concat();
    valid(&to_webvtt(&begun), begun.len());

    if let Ok(text) = std::str::from_utf8(&begun) {
        same_in_other_clothes(text);
    }
}

fn valid(converted: &str, length: usize) {
    if let Err(error) = check(converted) {
        panic!("{error}: {converted:?}");
    }
    // Cues and tags that are closed and opened again take more room, but not without bound.
    assert!(
        converted.len() <= length * 16 + 64,
        "{} from {length}",
        converted.len()
    );
}

/// Encodings and line ends are nothing that a viewer sees.
fn same_in_other_clothes(text: &str) {
    let marked = to_webvtt(format!("\u{FEFF}{text}").as_bytes());
    let units: Vec<u16> = format!("\u{FEFF}{text}").encode_utf16().collect();
    let little: Vec<u8> = units.iter().copied().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = units.iter().copied().flat_map(u16::to_be_bytes).collect();
    assert_eq!(to_webvtt(&little), marked);
    assert_eq!(to_webvtt(&big), marked);
    if !text.contains('\r') {
        for end in ["\r", "\r\n"] {
            let other = text.replace('\n', end);
            assert_eq!(to_webvtt(format!("\u{FEFF}{other}").as_bytes()), marked);
        }
    }
}
