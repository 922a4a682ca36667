use videoserve::parsers::to_webvtt;

use super::webvtt;

/// Converts a subtitle file. For any input, the result must be valid WebVTT.
pub fn subtitles(data: &[u8]) {
    if let Some(converted) = to_webvtt(data) {
        assert!(converted.starts_with("WEBVTT"));
        assert_eq!(to_webvtt(converted.as_bytes()), Some(converted));
    }

    // The input begins with the time line of a cue, so it has no WebVTT signature and the converter must parse it. The
    // text of this cue is the start of `data`.
    let begun = [b"0:1-->0:9\n", data].concat();
    let converted = to_webvtt(&begun).expect("it begins with a cue");
    if let Err(error) = webvtt::check(&converted) {
        panic!("{error}: {converted:?}");
    }
    // The converter may add tags and cues, but the result may have only 16 times the length of the input.
    assert!(converted.len() <= begun.len() * 16 + 64);
    if let Ok(text) = std::str::from_utf8(&begun) {
        encoding_makes_no_difference(text);
    }
}

fn encoding_makes_no_difference(text: &str) {
    let text = format!("\u{FEFF}{text}");
    let expected = to_webvtt(text.as_bytes());
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(to_webvtt(&little), expected);
    assert_eq!(to_webvtt(&big), expected);
    if !text.contains('\r') {
        assert_eq!(to_webvtt(text.replace('\n', "\r\n").as_bytes()), expected);
    }
}
