//! Computes the duration of a fragmented file without `mehd`.
//!
//! A `sidx` counts if its track extends the film and its last segment ends with the file, or before `mfra`. Otherwise
//! the module visits the fragments. It starts at the last fragment that `mfra` lists, or else at the first. A wrong
//! duration is worse than no duration. If the visit does not reach the end of the file, the duration is unknown.

use std::time::Duration;

use super::boxes::{Walk, length_of_time, read_head, width};
use super::movie::{Defaults, Movie};
use super::random_access::Lists;
use super::runs::{self, Run};
use crate::container::bits::{number_at, u16_at, u32_at};
use crate::container::reader::{Reader, Span};

/// The maximum number of bytes to read from an index.
const MAX_INDEX: usize = 256 * 1024;

/// Returns the duration of a movie whose `moov` ends at `start`.
pub(super) fn duration(reader: &mut Reader, start: u64, movie: &Movie) -> Option<Duration> {
    let mut walk = Walk::new(reader.from(start));
    let (mut longest, mut end) = (movie.length, start);
    let (mut is_first, mut listed) = (true, None);
    while let Some(head) = walk.next(reader, &[]) {
        if head.is_cut {
            // The recording was interrupted. Players show the end of the last whole fragment.
            return longest;
        }
        end = head.body.end;
        match &head.name {
            // Before the fragments, the file has one `sidx` for each track.
            b"sidx" if is_first => {
                listed = listed.max(listed_duration(reader, head.body, movie));
            }
            b"moof" if listed.is_some() => return listed,
            b"moof" => {
                let is_first = std::mem::take(&mut is_first);
                let last = if is_first {
                    last_listed(reader, movie)
                } else {
                    None
                };
                match last.filter(|&last| last > head.start) {
                    Some(last) => walk = Walk::new(reader.from(last)),
                    None => longest = longest.max(Some(fragment_end(reader, head.body, movie)?)),
                }
            }
            _ => {}
        }
    }
    longest.filter(|_| end == reader.length() && !reader.is_stopped())
}

/// Returns the sum of a segment index, if its last segment ends with the file, or before
/// `mfra`, and its track extends the film.
fn listed_duration(reader: &mut Reader, body: Span, movie: &Movie) -> Option<Duration> {
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
    let is_whole = end == reader.length() || behind.is_some_and(|head| &head.name == b"mfra");
    length_of_time(ticks, u32_at(&sidx, 8)?).filter(|_| is_whole)
}

/// Returns the position of the last fragment that `mfra` lists, if a fragment is there.
fn last_listed(reader: &mut Reader, movie: &Movie) -> Option<u64> {
    let mut lists = Lists::find(reader)?;
    let mut last = None;
    while let Some(list) = lists.next(reader) {
        // A fragment with texts only may follow the last fragment with a picture.
        if movie.is_extended_by(list.track) {
            last = last.max(list.last(reader, |_| true));
        }
    }
    let head = read_head(reader, reader.from(last?))?;
    last.filter(|_| &head.name == b"moof")
}

/// Returns the latest end of a track in a fragment. Only tracks that extend the film count. Returns zero if the fragment
/// has no such track, and `None` if the end of a track is unknown.
fn fragment_end(reader: &mut Reader, moof: Span, movie: &Movie) -> Option<Duration> {
    let mut walk = Walk::new(moof);
    let (mut latest, mut end) = (Duration::ZERO, None);
    let (mut timescale, mut defaults) = (0, Defaults::default());
    while let Some(head) = walk.next(reader, &[b"traf"]) {
        match &head.name {
            b"tfhd" => {
                defaults = runs::defaults(reader, head, movie)?;
                let track = movie.tracks.iter().find(|it| it.id == defaults.track);
                timescale = track.map_or(0, |track| track.timescale);
                end = None;
            }
            b"tfdt" => {
                let tfdt = reader.body(head.body, 12)?;
                end = number_at(&tfdt, 4, width(&tfdt));
            }
            b"trun" if movie.is_extended_by(defaults.track) => {
                let samples = Run::read(reader, head, defaults)?.duration()?;
                let until = u64::checked_add(end?, samples)?;
                latest = latest.max(length_of_time(until, timescale)?);
                end = Some(until);
            }
            _ => {}
        }
    }
    Some(latest)
}
