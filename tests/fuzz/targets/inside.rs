use std::io::Cursor;
use std::time::Duration;

use videoserve::parsers::{chapters_and_cover, media_texts, to_webvtt};

/// Reads the subtitles, chapters and cover inside a media file.
pub fn inside(data: &[u8]) {
    chapters_and_cover(Cursor::new(data)).expect("memory does not fail");
    for track in [1, 2, 3, 300] {
        let read = |from, to| {
            let texts = media_texts(Cursor::new(data), track, from, to);
            texts.expect("memory does not fail")
        };
        let Some((_, file)) = read(Duration::ZERO, Duration::MAX) else {
            continue;
        };
        if let Some(text) = to_webvtt(file.as_bytes()) {
            assert!(text.starts_with("WEBVTT"));
        }
        let [from, to] = [1500, 2500].map(Duration::from_millis);
        // A read of a time window can begin in the middle of the file. In a damaged file, it can find cues that a read
        // of the whole track does not find. So do not compare the window with the whole track.
        let (part, _) = read(from, to).expect("the track exists");
        for (start, end, text) in part {
            assert!(start < end, "{text:?} ends before it begins");
            assert!(start < to && end > from, "{text:?} is not in the window");
        }
    }
}
