//! Reads the fragments of a movie (`moof`, ISO/IEC 14496-12 §8.8) and the lists of fragments (`sidx`, `mfra`).
//!
//! The duration of the movie comes from the first of these sources:
//! - `mehd` or `mvhd`, which `movie` reads.
//! - A `sidx` that covers the rest of the file.
//! - The fragments. The final fragment in the list `mfra` is the first fragment that the module reads. Without `mfra`,
//!   the module reads all fragments.
//!
//! A wrong duration is worse than no duration. If the module cannot read all fragments up to the end of the file, the
//! duration is unknown.

use std::time::Duration;

use super::boxes::{BoxHead, child, duration_of_ticks, named, read_head, width};
use super::movie::{Movie, Trak};
use super::samples::{Samples, count};
use crate::container::bits::{number_at, u16_at, u32_at};
use crate::container::reader::{Reader, Span};
use crate::container::text::Window;

/// The maximum number of bytes of a `moof` box. If a film of two hours is a single fragment, its `moof` has about 5 MB.
const MAX_FRAGMENT: usize = 8 << 20;

/// The maximum number of bytes to read from one `sidx` or `tfra` box.
const MAX_INDEX: usize = 256 * 1024;

/// The samples of one track in a fragment: a `traf` box.
#[derive(Debug)]
struct TrackFragment<'a> {
    track: u32,
    /// The time of the first sample, in ticks.
    time: Option<u64>,
    /// The position from which the data offsets in `trun` boxes count. `None` stands for the start of the fragment.
    base: Option<u64>,
    /// The default duration and size of a sample.
    duration: u64,
    size: u64,
    traf: &'a [u8],
}

/// Returns the parts of a fragment, one part for each `traf` box.
fn parts<'a>(moof: &'a [u8], movie: &'a Movie) -> impl Iterator<Item = TrackFragment<'a>> {
    named(moof, b"traf").filter_map(|traf| TrackFragment::of(traf, movie))
}

impl<'a> TrackFragment<'a> {
    fn of(traf: &'a [u8], movie: &Movie) -> Option<Self> {
        let tfhd = child(traf, b"tfhd")?;
        let (flags, track) = (u32_at(tfhd, 0)?, u32_at(tfhd, 4)?);
        let mut at = 8;
        let mut field = |bit: u32, width: usize| {
            let is_present = flags & bit != 0;
            at += if is_present { width } else { 0 };
            number_at(tfhd, at - width, width).filter(|_| is_present)
        };
        let (base, _description) = (field(1, 8), field(2, 4));
        let (duration, size) = (field(8, 4), field(0x10, 4));
        let trex = movie.trex.iter().find(|it| u32_at(it, 4) == Some(track));
        let trex = trex.map(Vec::as_slice).unwrap_or_default();
        let tfdt = child(traf, b"tfdt").unwrap_or_default();
        Some(Self {
            track,
            time: number_at(tfdt, 4, width(tfdt)),
            base,
            duration: duration.or(number_at(trex, 12, 4)).unwrap_or(0),
            size: size.or(number_at(trex, 16, 4)).unwrap_or(0),
            traf,
        })
    }

    /// Returns the bodies of the `trun` boxes. Each describes a run: samples that follow each other in the file.
    fn runs(&self) -> impl Iterator<Item = &'a [u8]> {
        named(self.traf, b"trun")
    }

    /// Returns the duration and size of each sample of a run.
    fn samples(&self, run: &[u8]) -> impl Iterator<Item = (u64, u64)> {
        // Two optional numbers follow the flags and the number of samples: the data offset, and the flags of the first
        // sample. Behind them, each sample has a row of up to four numbers.
        let has = |bit: u32| usize::from(has(run, bit));
        let start = 8 + 4 * (has(1) + has(4));
        let width = 4 * (has(0x100) + has(0x200) + has(0x400) + has(0x800));
        (0..).take(count(run, 4)).map_while(move |index| {
            let row = run.get(start + index * width..)?.get(..width)?;
            let field = |at, bit, usual| match has(bit) {
                0 => Some(usual),
                _ => number_at(row, at, 4),
            };
            let duration = field(0, 0x100, self.duration)?;
            Some((duration, field(4 * has(0x100), 0x200, self.size)?))
        })
    }

    /// Returns the sum of the durations of a run. Returns `None` if the box is truncated.
    fn duration(&self, run: &[u8]) -> Option<u64> {
        if !has(run, 0x100) {
            return u64::try_from(count(run, 4))
                .ok()?
                .checked_mul(self.duration);
        }
        let mut samples = self.samples(run);
        let durations = (0..count(run, 4)).map(|_| samples.next().map(|it| it.0));
        durations.sum()
    }
}

/// Returns whether a `trun` box has this flag.
fn has(run: &[u8], bit: u32) -> bool {
    u32_at(run, 0).is_some_and(|flags| flags & bit != 0)
}

/// Adds the samples of a track, up to the end of the window. A window is a time range of the film. Begins at the
/// fragment that `first` finds, or else at the first fragment.
pub(super) fn add(
    reader: &mut Reader,
    (movie, track): (&Movie, &Trak),
    window: Window,
    samples: &mut Samples,
) -> Option<()> {
    let is_early = |ticks| samples.shown_at(ticks) <= window.from;
    let mut at = first(reader, (movie, track), is_early).unwrap_or(0);
    loop {
        let head = read_head(reader, reader.from(at))?;
        at = head.body.end;
        if &head.name != b"moof" {
            continue;
        }
        let moof = reader.body(head.body, MAX_FRAGMENT)?;
        for part in parts(&moof, movie).filter(|part| part.track == track.id) {
            samples.time = part.time.unwrap_or(samples.time);
            if samples.shown_at(samples.time) >= window.to {
                return None;
            }
            let base = part.base.unwrap_or(head.start);
            let mut place = base;
            for run in part.runs() {
                if let Some(offset) = u32_at(run, 8).filter(|_| has(run, 1)) {
                    place = base.saturating_add(offset.into());
                }
                for (duration, size) in part.samples(run) {
                    samples.add(duration, &mut place, size)?;
                }
            }
        }
    }
}

/// Returns the position of the final fragment that `mfra` lists before the window. The fragments in front of it end
/// before the window, so the caller can skip them. Returns `None` if the list is missing or wrong.
fn first(
    reader: &mut Reader,
    (movie, track): (&Movie, &Trak),
    is_early: impl Fn(u64) -> bool,
) -> Option<u64> {
    let head = listed(reader, |id| id == track.id, &is_early)?;
    let moof = reader.body(head.body, MAX_FRAGMENT)?;
    let part = parts(&moof, movie).find(|part| part.track == track.id)?;
    is_early(part.time?).then_some(head.start)
}

/// Reads `mfra`, the list of fragments at the end of the file. Each entry has a track, a time in ticks and a position.
/// Returns the final fragment whose track satisfies `is_track` and whose time satisfies `is_early`. The time in the
/// list can be wrong, so callers read the time in the fragment.
fn listed(
    reader: &mut Reader,
    is_track: impl Fn(u32) -> bool,
    is_early: impl Fn(u64) -> bool,
) -> Option<BoxHead> {
    // The final four bytes of the file contain the size of the box.
    let size = reader.body(reader.from(reader.length.saturating_sub(4)), 4)?;
    let start = reader.length.checked_sub(u32_at(&size, 0)?.into())?;
    let mfra = read_head(reader, reader.from(start)).filter(|head| &head.name == b"mfra")?;
    let (mut last, mut lists) = (None, mfra.body);
    while let Some(head) = read_head(reader, lists) {
        lists.start = head.body.end;
        let track = u32_at(reader.peek(head.body, 8)?, 4);
        if &head.name == b"tfra" && track.is_some_and(&is_track) {
            let tfra = reader.body(head.body, MAX_INDEX)?;
            last = last.max(last_entry(&tfra, &is_early));
        }
    }
    read_head(reader, reader.from(last?)).filter(|head| &head.name == b"moof")
}

/// Finds the final entry of a `tfra` box whose time satisfies `is_early`. Returns the position in this entry.
fn last_entry(tfra: &[u8], is_early: impl Fn(u64) -> bool) -> Option<u64> {
    let width = width(tfra);
    // Three numbers of one to four bytes each follow the time and the position.
    let bits = usize::from(*tfra.get(11)?);
    let numbers = 3 + (bits & 3) + ((bits >> 2) & 3) + ((bits >> 4) & 3);
    let entries = tfra.get(16..)?.chunks_exact(2 * width + numbers);
    let early = entries.filter(|entry| number_at(entry, 0, width).is_some_and(&is_early));
    number_at(early.last()?, width, width)
}

/// Returns the duration of a movie whose `moov` ends at `at`.
pub(super) fn duration(reader: &mut Reader, mut at: u64, movie: &Movie) -> Option<Duration> {
    let (mut longest, mut indexed, mut is_first) = (movie.duration, None, true);
    while let Some(head) = read_head(reader, reader.from(at)) {
        if head.is_cut {
            // The final box is incomplete, because the recording was interrupted. Players show all complete fragments.
            return longest;
        }
        at = head.body.end;
        match &head.name {
            // In front of the first fragment, the file has one `sidx` for each track.
            b"sidx" if is_first => indexed = indexed.max(index_sum(reader, head.body, movie)),
            b"moof" if indexed.is_some() => return indexed,
            b"moof" => {
                // The final fragment may contain only texts. So use only the lists of the video and audio tracks.
                let is_track = |id| movie.is_extended_by(id);
                if std::mem::take(&mut is_first)
                    && let Some(last) = listed(reader, is_track, |_| true)
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

/// Returns the sum of the durations in a `sidx` box. Returns `None` if the box is not for a video or audio track. Also
/// returns `None` if the listed bytes do not end at the end of the file or at `mfra`.
fn index_sum(reader: &mut Reader, body: Span, movie: &Movie) -> Option<Duration> {
    let sidx = reader.body(body, MAX_INDEX)?;
    u32_at(&sidx, 4).filter(|&track| movie.is_extended_by(track))?;
    let wide = width(&sidx);
    let list = 16 + 2 * wide;
    let mut end = body.end.checked_add(number_at(&sidx, 12 + wide, wide)?)?;
    let mut ticks = 0_u64;
    for index in 0..usize::from(u16_at(&sidx, list - 2)?) {
        let entry = list + 12 * index;
        // The highest bit tells whether the entry lists another `sidx` or fragments. In both cases, the lower bits are
        // the number of listed bytes.
        end = end.checked_add(u64::from(u32_at(&sidx, entry)? & 0x7fff_ffff))?;
        ticks = ticks.checked_add(u64::from(u32_at(&sidx, entry + 4)?))?;
    }
    let behind = read_head(reader, reader.from(end));
    let is_whole = end == reader.length || behind.is_some_and(|head| &head.name == b"mfra");
    duration_of_ticks(ticks, u32_at(&sidx, 8)?).filter(|_| is_whole)
}

/// Returns the end time of a fragment: the latest end of its video and audio tracks. Returns zero if the fragment has
/// no such track. Returns `None` if an end is unknown.
fn fragment_end(reader: &mut Reader, moof: Span, movie: &Movie) -> Option<Duration> {
    let moof = reader.body(moof, MAX_FRAGMENT)?;
    let mut latest = Duration::ZERO;
    for part in parts(&moof, movie).filter(|it| movie.is_extended_by(it.track)) {
        let track = movie.tracks.iter().find(|it| it.id == part.track)?;
        let mut end = part.time?;
        for run in part.runs() {
            end = end.checked_add(part.duration(run)?)?;
        }
        latest = latest.max(duration_of_ticks(end, track.timescale)?);
    }
    Some(latest)
}
