use videoserve::parsers::subtitle_track;

/// What stands between a video's name and the extension of its subtitles.
pub fn language(data: &[u8]) {
    let Ok(infix) = std::str::from_utf8(data) else {
        return;
    };
    let (label, tag) = subtitle_track(infix);
    assert!(
        !label.is_empty() && !label.contains(char::is_control),
        "{label:?}"
    );
    let language = |text: &str| subtitle_track(text).1;
    assert_eq!(
        language(&infix.to_ascii_uppercase()),
        language(&infix.to_ascii_lowercase())
    );
    let Some(tag) = tag else {
        return;
    };
    // RFC 5646 §2.1: subtags of at most eight letters and digits.
    for subtag in tag.split('-') {
        assert!((1..=8).contains(&subtag.len()), "{tag}");
        assert!(
            subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{tag}"
        );
    }
    // What is written is read, but for the two meanings of `hi`.
    if !tag.starts_with("hi-") {
        assert_eq!(language(&tag), Some(tag));
    }
}
