use videoserve::parsers::subtitle_language;

/// What stands between a video's name and the extension of its subtitles.
pub fn language(data: &[u8]) {
    let Ok(infix) = std::str::from_utf8(data) else {
        return;
    };
    let tag = subtitle_language(infix);
    assert_eq!(subtitle_language(&infix.to_ascii_uppercase()), tag);
    assert_eq!(subtitle_language(&infix.to_ascii_lowercase()), tag);
    let reversed: Vec<&str> = infix.split('.').rev().collect();
    assert_eq!(subtitle_language(&reversed.join(".")), tag);
    if let Some(tag) = tag {
        // RFC 5646 §2.1: subtags of at most eight letters and digits.
        for subtag in tag.split('-') {
            assert!((1..=8).contains(&subtag.len()), "{tag}");
            assert!(
                subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{tag}"
            );
        }
        assert_eq!(subtitle_language(&tag), Some(tag));
    }
}
