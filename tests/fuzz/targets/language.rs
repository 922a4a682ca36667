use videoserve::parsers::subtitle_track;

/// Parses the language in the name of a subtitle file, for example `en.forced` in `film.en.forced.srt`.
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
    // RFC 5646 §2.1: a subtag has at most eight letters and digits.
    for subtag in tag.split('-') {
        assert!((1..=8).contains(&subtag.len()), "{tag}");
        assert!(
            subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{tag}"
        );
    }
    // A tag parses to itself. A tag that begins with `hi-` is an exception: `hi` means Hindi or hearing impaired.
    if !tag.starts_with("hi-") {
        assert_eq!(language(&tag), Some(tag));
    }
}
