//! The texts of a subtitle track in Matroska, by the index or by a walk over the clusters.

use std::time::Duration;

use super::block::{self, Block, Encoding};
use super::ebml::{Children, Element, next_element, unsigned};
use super::ids::*;
use super::index::{Index, Point};
use super::segment::Segment;
use super::track::{Entry, text_format};
use crate::container::collector::{Collector, MAX_CUE};
use crate::container::reader::{Reader, Result};
use crate::container::text::{Cues, Window};

/// A text without a known duration counts as shown for this long at most, and a walk over the clusters begins so long
/// before the window.
const LONGEST: Duration = Duration::from_secs(60);

/// Bytes that are read of the styles of a track.
const MAX_HEADER: usize = 256 << 10;

/// The texts of the track with this number. `None` where there is no such track, or it holds no texts.
pub(in crate::container) fn cues(
    reader: &mut Reader,
    number: u64,
    window: Window,
) -> Result<Option<Cues>> {
    let Some(mut segment) = Segment::open(reader)? else {
        return Ok(None);
    };
    segment.explore(reader)?;
    let Some(entry) = find(reader, &segment, number)? else {
        return Ok(None);
    };
    let Some(format) = text_format(&entry.codec_id).filter(|_| !entry.track.protected) else {
        return Ok(None);
    };
    let mut search = Search {
        number,
        encoding: entry.encoding(),
        // In WebM the settings of a cue stand in its block, in front of the text.
        has_inner_settings: entry.codec_id.starts_with("D_WEBVTT/"),
        scale: segment.timing(reader)?.0,
        segment,
        texts: Collector::new(window),
    };
    let result = search.run(reader);
    let header = String::from_utf8_lossy(&entry.private).into_owned();
    search.texts.finish(format, header, result).map(Some)
}

/// The subtitle track with this number.
fn find(reader: &mut Reader, segment: &Segment, number: u64) -> Result<Option<Entry>> {
    let Some(tracks) = segment.child(reader, TRACKS)? else {
        return Ok(None);
    };
    let mut children = Children::of(tracks);
    while let Some(element) = children.next(reader)? {
        if element.id == TRACK_ENTRY {
            let entry = Entry::read(reader, element, MAX_HEADER)?;
            if entry.number == number && entry.is_subtitle() {
                return Ok(Some(entry));
            }
        }
    }
    Ok(None)
}

/// A search for the texts of one track.
#[derive(Debug)]
struct Search {
    number: u64,
    encoding: Encoding,
    has_inner_settings: bool,
    /// Nanoseconds of a tick.
    scale: u64,
    segment: Segment,
    texts: Collector,
}

impl Search {
    fn run(&mut self, reader: &mut Reader) -> Result<()> {
        let early = self.texts.window().from.saturating_sub(LONGEST);
        let early = early.as_nanos() / u128::from(self.scale.max(1));
        let early = u64::try_from(early).unwrap_or(u64::MAX);
        let index = Index::read(reader, &self.segment, self.number, early)?;
        // Muxers that say how long a text is shown list all texts; others list the first of a cluster, or none.
        let places = index.points.iter();
        let places = places.map(|point| Some((*point, point.block?, point.duration?)));
        let places: Option<Vec<_>> = places.collect();
        if let Some(places) = places.filter(|places| !places.is_empty()) {
            if self.indexed(reader, &places)? {
                return Ok(());
            }
            self.texts.clear();
        }
        // The last cluster that begins early enough, or else the first of all.
        let mut start = None;
        if let Some(offset) = index.early_cluster {
            start = self.cluster(reader, offset)?;
        }
        if start.is_none() {
            start = self.segment.child(reader, CLUSTER)?;
        }
        start.map_or(Ok(()), |cluster| self.walk(reader, cluster.start, early))
    }

    /// The cluster at a place that is counted from the body of the segment.
    fn cluster(&self, reader: &mut Reader, offset: u64) -> Result<Option<Element>> {
        let start = self.segment.body.start.saturating_add(offset);
        self.segment.at(reader, CLUSTER, start)
    }

    /// Reads the texts that the index lists for the window. Whether all lay where it says.
    fn indexed(&mut self, reader: &mut Reader, places: &[(Point, u64, u64)]) -> Result<bool> {
        for &(point, offset, duration) in places {
            let start = self.time(point.time);
            let end = start.saturating_add(self.time(duration));
            if !self.texts.window().shows(start, end) {
                continue;
            }
            let Some(cluster) = self.cluster(reader, point.cluster)? else {
                return Ok(false);
            };
            let mut at = cluster.body.start.saturating_add(offset);
            let Some(element) = next_element(reader, &mut at, cluster.body.end)? else {
                return Ok(false);
            };
            let Some(block) = block::read(reader, element, self.number)? else {
                return Ok(false);
            };
            self.add(reader, &block, start)?;
        }
        Ok(true)
    }

    /// Reads the texts of all clusters from `at` on that begin `early`, in ticks, or later, and before the window ends.
    fn walk(&mut self, reader: &mut Reader, mut at: u64, early: u64) -> Result<()> {
        let window = self.texts.window();
        let (mut cluster_time, mut cluster_end) = (0_u64, None);
        while let Some(element) = next_element(reader, &mut at, self.segment.body.end)? {
            match element.id {
                CLUSTER => {
                    cluster_end = (!element.is_open).then_some(element.body.end);
                    at = element.body.start;
                }
                TIMESTAMP => {
                    cluster_time = unsigned(reader, element)?.unwrap_or(0);
                    if self.time(cluster_time) >= window.to {
                        break;
                    }
                    if let Some(end) = cluster_end.filter(|_| cluster_time < early) {
                        at = end;
                    }
                }
                BLOCK_GROUP | SIMPLE_BLOCK => {
                    if let Some(block) = block::read(reader, element, self.number)? {
                        let ticks = cluster_time.saturating_add_signed(block.head.offset.into());
                        self.add(reader, &block, self.time(ticks))?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads the text of a block, if the window shows it.
    fn add(&mut self, reader: &mut Reader, block: &Block, start: Duration) -> Result<()> {
        let duration = block.duration.map(|ticks| self.time(ticks));
        let end = duration.map(|duration| start.saturating_add(duration));
        let latest = start.saturating_add(duration.unwrap_or(LONGEST));
        if !self.texts.window().shows(start, latest) {
            return Ok(());
        }
        let frame = reader.body(block.frame, MAX_CUE)?;
        let Some(text) = self.encoding.decode(&frame, MAX_CUE) else {
            return Ok(());
        };
        let text = String::from_utf8_lossy(&text);
        match text.splitn(3, '\n').collect::<Vec<_>>()[..] {
            [_id, settings, text] if self.has_inner_settings => {
                self.texts.add(start, end, settings, text)
            }
            _ => self.texts.add(start, end, &block.settings, &text),
        }
    }

    /// So many ticks as a time.
    fn time(&self, ticks: u64) -> Duration {
        Duration::from_nanos(ticks.saturating_mul(self.scale))
    }
}
