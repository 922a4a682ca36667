//! Reads the subtitle cues of a Matroska track that are visible in a time range of the film, the window.
//!
//! The index of the file (Cues) can list the positions of the cues. If it does not, the module scans the clusters.

use std::time::Duration;

use super::block::{self, Block};
use super::ebml::{Children, Element, next_child, next_element, unsigned};
use super::ids::*;
use super::segment::SegmentElement;
use super::track::TrackEntry;
use crate::container::NotText;
use crate::container::reader::Reader;
use crate::container::text::{Collector, Cue, Cues, MAX_CUE, MAX_WITHOUT_END, UNKNOWN_END, Window};

/// The assumed maximum duration of a cue. A scan of the clusters begins at least this long before the window.
const LONGEST: Duration = Duration::from_secs(60);

/// A scan also begins about this number of bytes before the window (see [`scan_lead`]). So in a film with a low data
/// rate, a scan also finds cues that are longer than [`LONGEST`]. The number is less than half of the bytes that a scan
/// may read (36 MiB). In a file of at most this size, a scan begins at the first cluster.
const NEAR: u64 = 16 << 20;

/// The maximum time by which a block can be earlier than the timestamp of its cluster. Such blocks exist, because video
/// frames are not always stored in the order of their times.
const REORDERED: Duration = Duration::from_secs(1);

/// The maximum number of bytes to read from the header of a track, such as its styles.
const MAX_HEADER: usize = 256 << 10;

/// The maximum number of index entries of one track.
const MAX_POINTS: usize = 100_000;

/// Returns the cues that are visible in the window, from the subtitle track with this number. Without a window, returns
/// no cues.
pub(in crate::container) fn cues(
    reader: &mut Reader,
    number: u64,
    window: Option<Window>,
) -> Option<Result<Cues, NotText>> {
    let segment = SegmentElement::open(reader)?;
    let mut tracks = segment.children(reader, TRACKS);
    let entry = std::iter::from_fn(|| TrackEntry::next(&mut tracks, reader))
        .find(|entry| entry.number == number && entry.is_subtitle())?;
    let Some(format) = entry.text_format() else {
        return Some(Err(NotText));
    };
    let Some(window) = window else {
        return Some(Ok(Cues::default()));
    };
    let header = reader.body(entry.private, MAX_HEADER)?;
    let (scale, duration) = segment.timing(reader);
    let lead = scan_lead(segment.body.length(), duration);
    let early = window.from.saturating_sub(lead).as_nanos() / u128::from(scale.max(1));
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

/// Returns how long before the window a scan begins: the time that [`NEAR`] bytes of the film take on average, or
/// [`LONGEST`] if this is longer.
fn scan_lead(size: u64, duration: Option<Duration>) -> Duration {
    if size <= NEAR {
        return Duration::MAX;
    }
    let near = duration.unwrap_or_default().as_nanos() * u128::from(NEAR) / u128::from(size);
    let near = u64::try_from(near).unwrap_or(u64::MAX);
    LONGEST.max(Duration::from_nanos(near))
}

#[derive(Debug)]
struct Search {
    entry: TrackEntry,
    /// The number of nanoseconds in a tick, the time unit of the file.
    scale: u64,
    /// The time in ticks at which a scan begins.
    early: u64,
    segment: SegmentElement,
    texts: Collector,
}

impl Search {
    fn run(&mut self, reader: &mut Reader) -> Option<()> {
        let (points, early_cluster) = self.index(reader);
        // An index with durations lists all cues. An index without durations may lack cues. `indexed` then returns
        // `None`, and the scan below finds the cues.
        if !points.is_empty() {
            let found = (points.iter()).try_for_each(|point| self.indexed(reader, point));
            if found.is_some() || reader.is_stopped {
                return found;
            }
            self.texts = Collector::new(self.texts.window);
        }
        // The scan begins at a cluster from the index, or else from a bisection.
        let listed = early_cluster.and_then(|offset| self.cluster(reader, offset));
        let cluster = listed.or_else(|| self.segment.child(reader, CLUSTER))?;
        let mut start = cluster.start;
        if listed.is_none() && self.early > 0 {
            start = self.segment.cluster_before(reader, start, self.early);
        }
        self.walk(reader, start)
    }

    /// Reads the index (the Cues element, RFC 9559 §5.1.5). Returns the entries of the track, and the offset of the
    /// cluster at which a scan can begin: the final cluster that the index lists with a time up to `early`. Its entry
    /// can belong to another track.
    fn index(&self, reader: &mut Reader) -> (Vec<CuePosition>, Option<u64>) {
        let (mut points, mut early_cluster, mut time) = (Vec::new(), None, 0);
        let mut rest = self.segment.children(reader, CUES);
        while let Some(element) = next_child(reader, &mut rest, &[CUE_POINT]) {
            match element.id {
                CUE_TIME => time = unsigned(reader, element).unwrap_or(0),
                CUE_TRACK_POSITIONS => {
                    let fields = Children::read(reader, element, &[]).unwrap_or_default();
                    let cluster = fields.unsigned(CUE_CLUSTER_POSITION).unwrap_or(0);
                    if fields.unsigned(CUE_TRACK) == Some(self.entry.number) {
                        points.push(CuePosition {
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
                // The list may be incomplete, so the scan must find the cues.
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

    /// Reads the cue of an index entry, if the cue is visible in the window. Returns `None` if the entry is incomplete
    /// or wrong.
    fn indexed(&mut self, reader: &mut Reader, point: &CuePosition) -> Option<()> {
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

    /// Reads the cues of the clusters from `start` on. Skips clusters before the time `early`. Ends at the first
    /// cluster after the window.
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
                    if self.time(cluster_time) >= self.search_window().to.saturating_add(REORDERED)
                    {
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

    /// Reads the cue of a block, if the cue can be visible in the window.
    fn add(&mut self, reader: &mut Reader, block: &Block, start: Duration) -> Option<()> {
        let duration = block.duration.map(|ticks| self.time(ticks));
        let end = duration.map_or(UNKNOWN_END, |duration| start.saturating_add(duration));
        let latest = start.saturating_add(duration.unwrap_or(LONGEST));
        if !self.search_window().shows(start, latest) {
            return Some(());
        }
        let frame = reader.body(block.frame, MAX_CUE)?;
        if let Some(text) = self.entry.decode(&frame, MAX_CUE) {
            let text = String::from_utf8_lossy(&text);
            // In WebM, a block contains the identifier, the settings and the text of a cue.
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

    /// Returns the window of the search. A cue with an unknown end ends where the next cue begins. If the latest cue
    /// has an unknown end, the next cue can begin after the requested window. So the window of the search is then
    /// longer.
    fn search_window(&self) -> Window {
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

/// An entry of the index for one track. Times are in ticks.
#[derive(Debug)]
struct CuePosition {
    time: u64,
    /// The position of the cluster, from the start of the segment body.
    cluster: u64,
    /// The position of the block, from the start of the cluster body.
    block: Option<u64>,
    duration: Option<u64>,
}
