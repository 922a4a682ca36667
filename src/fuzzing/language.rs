//! What stands between a video's name and the extension of its subtitles.

use crate::subtitles::{Format, Track};

/// An infix, and as bytes the name of a file.
pub fn language(data: &[u8]) {
    if let Some((_, stem)) = Format::of(data) {
        assert_eq!(&data[..stem.len()], stem);
        assert!(
            [&b".srt"[..], b".vtt"].contains(&data[stem.len()..].to_ascii_lowercase().as_slice())
        );
    }
    let Ok(infix) = std::str::from_utf8(data) else {
        return;
    };
    let track = Track::parse(infix);
    assert_eq!(Track::parse(&infix.to_ascii_uppercase()), track);
    assert_eq!(Track::parse(&infix.to_ascii_lowercase()), track);
    // The parts may stand in any order.
    let reversed: Vec<&str> = infix.split('.').rev().collect();
    assert_eq!(Track::parse(&reversed.join(".")), track);
    let Some(Track { label, language }) = track else {
        return;
    };
    assert!(label.starts_with(char::is_alphabetic) && !label.contains(char::is_control));
    assert!(label.len() < 100, "{label:?}");
    if let Some(tag) = language {
        assert!(is_well_formed(&tag), "{tag:?}");
        // What is written is read.
        let again = Track::parse(&tag).and_then(|track| track.language);
        assert_eq!(again, Some(tag));
    }
}

/// RFC 5646 §2.1, of which no more is in use here: language, script, region, in the case that §2.1.1 recommends.
fn is_well_formed(tag: &str) -> bool {
    let mut rest: Vec<&str> = tag.split('-').collect();
    let language = rest.remove(0);
    let is = |text: &str, lengths: &[usize], class: fn(&u8) -> bool| {
        lengths.contains(&text.len()) && text.as_bytes().iter().all(class)
    };
    let is_script = |text: &str| {
        text.len() == 4
            && is(&text[..1], &[1], u8::is_ascii_uppercase)
            && is(&text[1..], &[3], u8::is_ascii_lowercase)
    };
    let is_region =
        |text: &str| is(text, &[2], u8::is_ascii_uppercase) || is(text, &[3], u8::is_ascii_digit);
    is(language, &[2, 3], u8::is_ascii_lowercase)
        && match rest[..] {
            [] => true,
            [one] => is_script(one) || is_region(one),
            [one, two] => is_script(one) && is_region(two),
            _ => false,
        }
}
