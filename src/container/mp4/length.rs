//! Computes the duration of a fragmented file without `mehd`.
//!
//! A `sidx` counts if its track extends the film and its last segment ends with the file, or before `mfra`. Otherwise
//! the module visits the fragments. It starts at the last fragment that `mfra` lists, or else at the first. A wrong
//! duration is worse than no duration. If the visit does not reach the end of the file, the duration is unknown.

use std::time::Duration;

use super::boxes::{length_of_time, read_head, width};
use super::fragments;
use super::movie::Movie;
use crate::container::bits::{number_at, u16_at, u32_at};
use crate::container::reader::{Reader, Span};

/// The maximum number of bytes to read from an index.
const MAX_INDEX: usize = 256 * 1024;

/// Returns the duration of a movie whose `moov` ends at `at`.
pub(super) fn duration(reader: &mut Reader, mut at: u64, movie: &Movie) -> Option<Duration> {
    let (mut longest, mut indexed, mut is_first) = (movie.length, None, true);
    while let Some(head) = read_head(reader, reader.from(at)) {
        if head.is_cut {
            // The recording was interrupted. Players show the end of the last whole fragment.
            return longest;
        }
        at = head.body.end;
        match &head.name {
            // Before the fragments, the file has one `sidx` for each track.
            b"sidx" if is_first => indexed = indexed.max(index_sum(reader, head.body, movie)),
            b"moof" if indexed.is_some() => return indexed,
            b"moof" => {
                // A fragment with texts only may follow the last fragment with a picture.
                let is_track = |id| movie.is_extended_by(id);
                if std::mem::take(&mut is_first)
                    && let Some(last) = fragments::listed(reader, is_track, |_| true)
                    && last.start > head.start
                {
                    at = last.start;
                } else {
                    longest = longest.max(Some(fragment_end(reader, head.body, movie)?));
                }
            }
            _ => {}
        }
    }
    longest.filter(|_| at == reader.length && !reader.is_stopped)
}

/// Returns the sum of a segment index, if its last segment ends with the file, or before
/// `mfra`, and its track extends the film.
fn index_sum(reader: &mut Reader, body: Span, movie: &Movie) -> Option<Duration> {
    let sidx = reader.body(body, MAX_INDEX)?;
    u32_at(&sidx, 4).filter(|&track| movie.is_extended_by(track))?;
    let wide = width(&sidx);
    let list = 16 + 2 * wide;
    let mut end = body.end.checked_add(number_at(&sidx, 12 + wide, wide)?)?;
    let mut ticks = 0_u64;
    for index in 0..usize::from(u16_at(&sidx, list - 2)?) {
        let entry = list + 12 * index;
        // The highest bit marks a nested index, whose length counts in the same way.
        end = end.checked_add(u64::from(u32_at(&sidx, entry)? & 0x7fff_ffff))?;
        ticks = ticks.checked_add(u64::from(u32_at(&sidx, entry + 4)?))?;
    }
    let behind = read_head(reader, reader.from(end));
    let is_whole = end == reader.length || behind.is_some_and(|head| &head.name == b"mfra");
    length_of_time(ticks, u32_at(&sidx, 8)?).filter(|_| is_whole)
}

/// Returns the latest end of a track in a fragment. Only tracks that extend the film count. Returns zero if the fragment
/// has no such track, and `None` if the end of a track is unknown.
fn fragment_end(reader: &mut Reader, moof: Span, movie: &Movie) -> Option<Duration> {
    let moof = fragments::read(reader, moof)?;
    let mut latest = Duration::ZERO;
    for part in fragments::parts(&moof, movie).filter(|it| movie.is_extended_by(it.track)) {
        let track = movie.tracks.iter().find(|it| it.id == part.track)?;
        let mut end = part.time?;
        for run in part.runs() {
            end = end.checked_add(part.duration(run)?)?;
        }
        latest = latest.max(length_of_time(end, track.timescale)?);
    }
    Some(latest)
}
