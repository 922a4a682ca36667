//! The chapters of an MP4: a track of titles, or Nero's list.

use std::time::Duration;

use super::movie::Movie;
use super::trak::Trak;
use super::{samples, timed_text};
use crate::container::bits::{number_at, printable_text, u32_at};
use crate::container::info::{Chapter, MAX_CHAPTERS, MAX_TITLE};
use crate::container::reader::{Reader, Result, Span};

/// Bytes that are read of Nero's list: 255 chapters of at most 264 bytes each.
const MAX_LIST: usize = 9 + 255 * 264;

/// Reads the chapters. A track that `tref chap` names has longer titles and more of them than the list. What is found
/// before an error stays.
pub(in crate::container) fn chapters(reader: &mut Reader, list: &mut Vec<Chapter>) -> Result<()> {
    let Some(movie) = Movie::find(reader)? else {
        return Ok(());
    };
    let tracks = movie.chapter_tracks();
    let has_titles = |track: &&Trak| {
        tracks.contains(&track.id) && matches!(track.handler.as_ref(), Some(b"text" | b"sbtl"))
    };
    if let Some(track) = movie.tracks.iter().find(has_titles) {
        let samples = samples::list(reader, track, movie.timescale)?;
        for sample in samples.into_iter().take(MAX_CHAPTERS) {
            let bytes = reader.body(sample.place, MAX_TITLE + 2)?;
            let title = printable_text(timed_text::plain(&bytes).as_bytes());
            list.push(Chapter {
                start: sample.start,
                title: title.unwrap_or_default(),
            });
        }
    }
    if let Some(span) = movie.chapter_list.filter(|_| list.is_empty()) {
        *list = nero(reader, span)?;
    }
    Ok(())
}

/// Nero's list: version, flags, in version 1 four bytes more, a count; then times of 100 ns and titles with their length.
fn nero(reader: &mut Reader, body: Span) -> Result<Vec<Chapter>> {
    let bytes = reader.body(body, MAX_LIST)?;
    let reserved = if u32_at(&bytes, 0).is_some_and(|version| version >> 24 == 0) {
        0
    } else {
        4
    };
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
    Ok(list)
}
