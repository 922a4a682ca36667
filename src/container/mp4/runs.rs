//! Reads the samples of the fragments of a movie (ISO/IEC 14496-12 §8.8), in runs of one track.

use super::boxes::{BoxHead, Walk, read_head, width};
use super::movie::{Defaults, Movie};
use super::random_access::Lists;
use super::samples::{MAX_SAMPLES, Sample, Timeline};
use super::trak::Trak;
use crate::container::bits::{number_at, u32_at};
use crate::container::reader::{Reader, Span};
use crate::container::text::Window;

/// The maximum number of bytes to read from one run.
const MAX_RUN: usize = 256 * 1024;

/// Reads the default values for the samples of a fragment from a `tfhd` box.
pub(super) fn defaults(reader: &mut Reader, head: BoxHead, movie: &Movie) -> Option<Defaults> {
    let tfhd = reader.body(head.body, 40)?;
    let number = |at| u32_at(&tfhd, at).unwrap_or(0);
    let (flags, track) = (number(0), number(4));
    let known = movie.defaults.iter().find(|known| known.track == track);
    let mut defaults = known.copied().unwrap_or_default();
    defaults.track = track;
    let mut at = 8;
    if flags & 1 != 0 {
        defaults.base = number_at(&tfhd, at, 8);
        at += 8;
    }
    if flags & 2 != 0 {
        at += 4;
    }
    if flags & 8 != 0 {
        defaults.duration = number(at);
        at += 4;
    }
    if flags & 0x10 != 0 {
        defaults.size = number(at);
    }
    Some(defaults)
}

/// A `trun` box.
#[derive(Debug)]
pub(super) struct Run {
    bytes: Vec<u8>,
    flags: u32,
    count: usize,
    defaults: Defaults,
}

impl Run {
    pub(super) fn read(reader: &mut Reader, head: BoxHead, defaults: Defaults) -> Option<Self> {
        let bytes = reader.body(head.body, MAX_RUN)?;
        let count = u32_at(&bytes, 4).and_then(|count| usize::try_from(count).ok());
        Some(Self {
            flags: u32_at(&bytes, 0).unwrap_or(0),
            count: count.unwrap_or(0),
            bytes,
            defaults,
        })
    }

    /// Returns the offset of the data of the run from the data of the fragment.
    fn offset(&self) -> Option<u32> {
        u32_at(&self.bytes, 8).filter(|_| self.flags & 1 != 0)
    }

    /// Returns the duration and size of each sample in the box.
    fn samples(&self) -> impl Iterator<Item = (u32, u32)> {
        // The offset and the flags of the first sample precede up to four numbers for each sample.
        let has = |bit: u32| usize::from(self.flags & bit != 0);
        let start = 8 + 4 * (has(1) + has(4));
        let width = 4 * (has(0x100) + has(0x200) + has(0x400) + has(0x800));
        let or = |number: Option<u32>, default| number.unwrap_or(default);
        (0..self.count).map_while(move |index| {
            let row = self.bytes.get(start + index * width..)?.get(..width)?;
            let duration = u32_at(row, 0).filter(|_| self.flags & 0x100 != 0);
            let size = u32_at(row, 4 * has(0x100)).filter(|_| self.flags & 0x200 != 0);
            Some((
                or(duration, self.defaults.duration),
                or(size, self.defaults.size),
            ))
        })
    }

    /// Returns the sum of the durations. Returns `None` if the box is truncated.
    pub(super) fn duration(&self) -> Option<u64> {
        if self.flags & 0x100 == 0 {
            let count = u64::try_from(self.count).ok()?;
            return Some(count * u64::from(self.defaults.duration));
        }
        let durations: Vec<u64> = self.samples().map(|it| it.0.into()).collect();
        (durations.len() == self.count).then(|| durations.iter().sum())
    }
}

/// Returns the position of the last listed fragment of a track that begins before the window. Samples follow each other
/// without a gap, so earlier fragments have no sample in the window. Returns `None` if the list is missing or wrong.
fn first(reader: &mut Reader, track: &Trak, is_early: impl Fn(u64) -> bool + Copy) -> Option<Span> {
    let mut lists = Lists::find(reader)?;
    let list = std::iter::from_fn(|| lists.next(reader)).find(|list| list.track == track.id)?;
    let start = list.last(reader, is_early)?;
    let place = reader.from(start);
    let moof = read_head(reader, place).filter(|head| &head.name == b"moof")?;
    let (mut walk, mut id) = (Walk::new(moof.body), 0);
    loop {
        let head = walk.next(reader, &[b"traf"])?;
        let fields = reader.peek(head.body, 12)?;
        match &head.name {
            b"tfhd" => id = u32_at(fields, 4)?,
            b"tfdt" if id == track.id => {
                let time = number_at(fields, 4, width(fields))?;
                return is_early(time).then_some(place);
            }
            _ => {}
        }
    }
}

/// Calls `each` for the samples of a track in the fragments of a window, and in earlier fragments if the file does not
/// list them. Ends at the first fragment behind the window.
pub(super) fn each(
    reader: &mut Reader,
    (movie, track): (&Movie, &Trak),
    window: Window,
    mut each: impl FnMut(&mut Reader, Sample) -> Option<()>,
) -> Option<()> {
    let timeline = Timeline::of(track, movie.timescale);
    let is_early = |ticks| timeline.shown_at(ticks) <= window.from;
    let start = first(reader, track, is_early).unwrap_or(reader.from(0));
    let mut walk = Walk::new(start);
    let (mut fragment, mut defaults) = (0, Defaults::default());
    let (mut time, mut at, mut left) = (0_u64, 0_u64, MAX_SAMPLES);
    loop {
        let head = walk.next(reader, &[b"moof", b"traf"])?;
        match &head.name {
            b"moof" => fragment = head.start,
            b"tfhd" => {
                defaults = self::defaults(reader, head, movie)?;
                at = defaults.base.unwrap_or(fragment);
            }
            b"tfdt" if defaults.track == track.id => {
                let tfdt = reader.body(head.body, 12)?;
                time = number_at(&tfdt, 4, width(&tfdt)).unwrap_or(time);
                if timeline.shown_at(time) >= window.to {
                    return None;
                }
            }
            b"trun" if defaults.track == track.id => {
                let run = Run::read(reader, head, defaults)?;
                if let Some(offset) = run.offset() {
                    let base = defaults.base.unwrap_or(fragment);
                    at = base.saturating_add(offset.into());
                }
                for (duration, size) in run.samples() {
                    if left == 0 {
                        reader.stop();
                    }
                    left = left.checked_sub(1)?;
                    let sample = timeline.sample(&mut time, duration, &mut at, size.into());
                    each(reader, sample)?;
                }
            }
            _ => {}
        }
    }
}
