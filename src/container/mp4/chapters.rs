//! Reads the chapters of an MP4 file. They are in a text track with one title per chapter, or in the `chpl` box, a list
//! that the Nero software introduced.

use std::time::Duration;

use super::movie::Movie;
use super::samples::Samples;
use super::timed_text;
use crate::container::bits::{number_at, printable_text};
use crate::container::info::{Chapter, MAX_CHAPTERS, MAX_TITLE};
use crate::container::reader::{Reader, Span};

/// The maximum number of bytes to read from the list of Nero: 255 chapters of at most 264 bytes each.
const MAX_LIST: usize = 9 + 255 * 264;

/// Reads the chapters. Prefers the text track to the list, because the list has at most 255 chapters. The `chap` box of
/// a video or audio track contains the ID of the text track.
pub(in crate::container) fn chapters(reader: &mut Reader) -> Option<Vec<Chapter>> {
    let movie = Movie::find(reader)?;
    let mut tracks = movie.tracks.iter().filter(|it| movie.is_chapters(it.id));
    let track = tracks.find(|it| matches!(&it.handler, b"text" | b"sbtl"));
    let samples = track.map(|track| Samples::read(reader, track, movie.timescale).list);
    let samples = samples.into_iter().flatten().take(MAX_CHAPTERS);
    let titles = samples.map_while(|sample| {
        let bytes = reader.body(sample.place, MAX_TITLE + 2)?;
        let title = printable_text(timed_text::plain(&bytes).as_bytes());
        Some(Chapter {
            start: sample.start,
            title: title.unwrap_or_default(),
        })
    });
    let list: Vec<_> = titles.collect();
    match list.is_empty() {
        true => nero(reader, movie.chapter_list?),
        false => Some(list),
    }
}

/// Reads the list of Nero. It begins with its version and flags. In version 1, four reserved bytes follow. The number
/// of chapters is the next byte. Each chapter has a time in units of 100 ns, the length of its title, and the title.
fn nero(reader: &mut Reader, body: Span) -> Option<Vec<Chapter>> {
    let bytes = reader.body(body, MAX_LIST)?;
    let reserved = if bytes.first() == Some(&0) { 0 } else { 4 };
    let count = bytes.get(4 + reserved).copied().unwrap_or(0);
    let mut at = 5 + reserved;
    let mut list = Vec::new();
    for _ in 0..count {
        let (Some(time), Some(&length)) = (number_at(&bytes, at, 8), bytes.get(at + 8)) else {
            break;
        };
        let end = at + 9 + usize::from(length);
        let title = bytes.get(at + 9..end).and_then(printable_text);
        list.push(Chapter {
            start: Duration::from_nanos(time.saturating_mul(100)),
            title: title.unwrap_or_default(),
        });
        at = end;
    }
    Some(list)
}
