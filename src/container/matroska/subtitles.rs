//! Reads the cues of a subtitle track in Matroska, from the index or from all clusters of the window.

use std::time::Duration;

use super::block::{self, Block};
use super::ebml::{Element, Fields, next_child, next_element, unsigned};
use super::ids::*;
use super::segment::Segment;
use super::track::Entry;
use crate::container::NotText;
use crate::container::reader::Reader;
use crate::container::text::{Collector, Cue, Cues, MAX_CUE, MAX_WITHOUT_END, UNKNOWN_END, Window};

/// The maximum duration of a cue without a known duration. A scan of the clusters begins at least this long before the
/// window.
const LONGEST: Duration = Duration::from_secs(60);

/// A scan of the clusters begins about this number of bytes before the window, if this is longer than [`LONGEST`]. So a
/// scan finds every cue of a short film. Even if each byte is read, the scan remains within its limit.
const NEAR: u64 = 16 << 20;

/// The time by which a block can precede the timestamp of its cluster. Muxers give a cluster the time of its first
/// block, and reordered video frames begin some frames late.
const REORDERED: Duration = Duration::from_secs(1);

/// The maximum number of bytes to read from the styles of a track.
const MAX_HEADER: usize = 256 << 10;

/// The maximum number of positions of one track.
const MAX_POINTS: usize = 100_000;

/// Returns the cues of the subtitle track with this number. Without a window, returns no cues.
pub(in crate::container) fn cues(
    reader: &mut Reader,
    number: u64,
    window: Option<Window>,
) -> Option<Result<Cues, NotText>> {
    let segment = Segment::open(reader)?;
    let mut tracks = segment.children(reader, TRACKS);
    let entry = std::iter::from_fn(|| Entry::next(&mut tracks, reader))
        .find(|entry| entry.number == number && entry.is_subtitle())?;
    let Some(format) = entry.text_format() else {
        return Some(Err(NotText));
    };
    let Some(window) = window else {
        return Some(Ok(Cues::default()));
    };
    let header = reader.body(entry.private, MAX_HEADER)?;
    let (scale, duration) = segment.timing(reader);
    let longest = longest(segment.body.length(), duration);
    let early = window.from.saturating_sub(longest).as_nanos() / u128::from(scale.max(1));
    let mut search = Search {
        entry,
        scale,
        early: u64::try_from(early).unwrap_or(u64::MAX),
        segment,
        texts: Collector::new(window),
    };
    search.run(reader);
    let header = String::from_utf8_lossy(&header).into_owned();
    Some(Ok(search.texts.finish(reader, format, header)))
}

/// Returns the maximum duration of a cue that a scan finds: the time of [`NEAR`] bytes of this film.
fn longest(size: u64, duration: Option<Duration>) -> Duration {
    if size <= NEAR {
        return Duration::MAX;
    }
    let near = duration.unwrap_or_default().as_nanos() * u128::from(NEAR) / u128::from(size);
    let near = u64::try_from(near).unwrap_or(u64::MAX);
    LONGEST.max(Duration::from_nanos(near))
}

/// A search for the cues of one track.
#[derive(Debug)]
struct Search {
    entry: Entry,
    /// The nanoseconds of a tick.
    scale: u64,
    /// The time in ticks at which a scan begins.
    early: u64,
    segment: Segment,
    texts: Collector,
}

impl Search {
    fn run(&mut self, reader: &mut Reader) -> Option<()> {
        let (points, early_cluster) = self.index(reader);
        // Muxers that write durations into the index list all cues. Other muxers list the first cue of a cluster, or no
        // cue.
        if !points.is_empty() {
            let found = (points.iter()).try_for_each(|point| self.indexed(reader, point));
            if found.is_some() || reader.is_stopped {
                return found;
            }
            self.texts = Collector::new(self.texts.window);
        }
        // The scan begins at a cluster that is early enough.
        let listed = early_cluster.and_then(|offset| self.cluster(reader, offset));
        let cluster = listed.or_else(|| self.segment.child(reader, CLUSTER))?;
        let mut start = cluster.start;
        if listed.is_none() && self.early > 0 {
            start = self.segment.cluster_before(reader, start, self.early);
        }
        self.walk(reader, start)
    }

    /// Reads the index, the Cues element (RFC 9559 §5.1.5): the positions of the track, and the last cluster that is
    /// early enough. This cluster may belong to another track. Its position counts from the start of the segment body.
    fn index(&self, reader: &mut Reader) -> (Vec<Point>, Option<u64>) {
        let (mut points, mut early_cluster, mut time) = (Vec::new(), None, 0);
        let mut rest = self.segment.children(reader, CUES);
        while let Some(element) = next_child(reader, &mut rest, &[CUE_POINT]) {
            match element.id {
                CUE_TIME => time = unsigned(reader, element).unwrap_or(0),
                CUE_TRACK_POSITIONS => {
                    let fields = Fields::read(reader, element, &[]).unwrap_or_default();
                    let cluster = fields.unsigned(CUE_CLUSTER_POSITION).unwrap_or(0);
                    if fields.unsigned(CUE_TRACK) == Some(self.entry.number) {
                        points.push(Point {
                            time,
                            cluster,
                            block: fields.unsigned(CUE_RELATIVE_POSITION),
                            duration: fields.unsigned(CUE_DURATION),
                        });
                    }
                    if time <= self.early {
                        early_cluster = early_cluster.max(Some(cluster));
                    }
                }
                _ => {}
            }
            if points.len() == MAX_POINTS {
                // The index may have further positions, so the list is incomplete.
                points.clear();
                break;
            }
        }
        (points, early_cluster)
    }

    /// Returns the cluster at an offset from the start of the segment body.
    fn cluster(&self, reader: &mut Reader, offset: u64) -> Option<Element> {
        let start = self.segment.body.start.saturating_add(offset);
        self.segment.at(reader, CLUSTER, start)
    }

    /// Reads a cue at a position in the index, if the window shows the cue. Returns `None` if the index
    /// has no duration or no block.
    fn indexed(&mut self, reader: &mut Reader, point: &Point) -> Option<()> {
        let start = self.time(point.time);
        let end = start.saturating_add(self.time(point.duration?));
        if !self.texts.window.shows(start, end) {
            return Some(());
        }
        let cluster = self.cluster(reader, point.cluster)?;
        let element = next_element(reader, &mut cluster.body.from(point.block?))?;
        let block = block::read(reader, element, self.entry.number)?;
        self.add(reader, &block, start)
    }

    /// Reads the cues of the clusters from `start` on. Skips clusters that are too early, and ends behind the window.
    fn walk(&mut self, reader: &mut Reader, start: u64) -> Option<()> {
        let (mut cluster_time, mut cluster_end) = (0_u64, None);
        let mut rest = self.segment.body;
        rest.start = start;
        loop {
            let element = next_element(reader, &mut rest)?;
            match element.id {
                CLUSTER => {
                    cluster_end = (!element.is_open).then_some(element.body.end);
                    rest.start = element.body.start;
                }
                TIMESTAMP => {
                    cluster_time = unsigned(reader, element).unwrap_or(0);
                    if self.time(cluster_time) >= self.wanted().to.saturating_add(REORDERED) {
                        return None;
                    }
                    if let Some(end) = cluster_end.filter(|_| cluster_time < self.early) {
                        rest.start = end;
                    }
                }
                BLOCK_GROUP | SIMPLE_BLOCK => {
                    if let Some(block) = block::read(reader, element, self.entry.number) {
                        let ticks = cluster_time.saturating_add_signed(block.offset.into());
                        self.add(reader, &block, self.time(ticks));
                    }
                }
                _ => {}
            }
        }
    }

    /// Reads the cue of a block, if the window shows the cue.
    fn add(&mut self, reader: &mut Reader, block: &Block, start: Duration) -> Option<()> {
        let duration = block.duration.map(|ticks| self.time(ticks));
        let end = duration.map_or(UNKNOWN_END, |duration| start.saturating_add(duration));
        let latest = start.saturating_add(duration.unwrap_or(LONGEST));
        if !self.wanted().shows(start, latest) {
            return Some(());
        }
        let frame = reader.body(block.frame, MAX_CUE)?;
        if let Some(text) = self.entry.decode(&frame, MAX_CUE) {
            let text = String::from_utf8_lossy(&text);
            // In WebM, the settings of a cue are in its block, before the text.
            let has_inner_settings = self.entry.codec_id.starts_with("D_WEBVTT/");
            let (settings, text) = match text.splitn(3, '\n').collect::<Vec<_>>()[..] {
                [_id, settings, text] if has_inner_settings => (settings, text),
                _ => (block.settings.as_str(), &*text),
            };
            let cue = Cue {
                start,
                end,
                settings: settings.to_owned(),
                text: text.to_owned(),
            };
            self.texts.add(reader, cue);
        }
        Some(())
    }

    /// Returns the window. If the end of the last cue is unknown, the next cue behind the window may be its end.
    fn wanted(&self) -> Window {
        let mut window = self.texts.window;
        if self.texts.has_open_end() {
            window.to = window.to.saturating_add(MAX_WITHOUT_END);
        }
        window
    }

    fn time(&self, ticks: u64) -> Duration {
        Duration::from_nanos(ticks.saturating_mul(self.scale))
    }
}

/// A position of one track in the index.
#[derive(Debug)]
struct Point {
    /// The time in ticks.
    time: u64,
    /// The position of the cluster, from the start of the segment body.
    cluster: u64,
    /// The position of the block, from the start of the cluster body.
    block: Option<u64>,
    /// The duration in ticks.
    duration: Option<u64>,
}
