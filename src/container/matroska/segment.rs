//! Finds the children of the segment, the element with all data of a Matroska file.
//!
//! A cluster is a child with the frames of some seconds. The module visits the children up to the first cluster.
//! SeekHead elements give the positions of children behind the clusters.

use std::time::Duration;

use super::ebml::{Children, Element, next_child, next_element, unsigned};
use super::ids::*;
use crate::container::info::Container;
use crate::container::reader::{Reader, Span, length_of};

const MAX_PLACES: usize = 64;

/// The maximum number of bytes to search for the start of a cluster. Usual clusters have at most 5 MiB.
const MAX_GAP: u64 = 8 << 20;

/// The number of bytes of one step of this search.
const SCANNED: usize = 64 << 10;

/// `cluster_before` ends its bisection if about this number of clusters remains. A visit of these clusters costs less
/// than another step of the bisection.
const FEW_CLUSTERS: u64 = 32;

/// The size of a cluster that `cluster_before` first assumes, in bytes.
const MIN_GAP: u64 = 4096;

#[derive(Debug)]
pub(super) struct SegmentElement {
    pub(super) container: Container,
    pub(super) body: Span,
    /// The ID and the position of each child that is found.
    places: Vec<(u64, u64)>,
}

impl SegmentElement {
    /// Finds the segment of a file and its children. Returns `None` if the file has no segment, or has another format
    /// than Matroska and WebM.
    pub(super) fn open(reader: &mut Reader) -> Option<Self> {
        let (mut rest, mut container) = (reader.from(0), None);
        loop {
            let element = next_element(reader, &mut rest)?;
            match element.id {
                EBML => {
                    let doc_type = Children::read(reader, element, &[])?.text(reader, DOC_TYPE);
                    container = match doc_type?.as_str() {
                        "matroska" => Some(Container::Matroska),
                        "webm" => Some(Container::WebM),
                        _ => return None,
                    }
                }
                SEGMENT => {
                    let mut segment = Self {
                        container: container?,
                        body: element.body,
                        places: Vec::new(),
                    };
                    segment.find_parts(reader);
                    return Some(segment);
                }
                _ => {}
            }
        }
    }

    fn find_parts(&mut self, reader: &mut Reader) {
        let mut rest = self.body;
        while let Some(element) = next_element(reader, &mut rest) {
            self.add(element.id, element.start);
            if element.id == CLUSTER {
                break;
            }
            if element.is_open {
                // The end of the element is unknown, so the loop visits its children before its siblings.
                rest.start = element.body.start;
            }
        }
        // A SeekHead may point to another SeekHead or to itself. `add` ignores known positions, so the loop ends.
        let mut index = 0;
        while let Some(&(id, start)) = self.places.get(index) {
            index += 1;
            if id == SEEK_HEAD
                && let Some(head) = self.at(reader, SEEK_HEAD, start)
            {
                self.follow(reader, head);
            }
        }
    }

    /// Adds the positions in a SeekHead.
    fn follow(&mut self, reader: &mut Reader, head: Element) {
        let mut seeks = head.body;
        while let Some(seek) = next_child(reader, &mut seeks, &[]) {
            let fields = Children::read(reader, seek, &[]).unwrap_or_default();
            let offset = fields.unsigned(SEEK_POSITION);
            let start = offset.and_then(|offset| self.body.start.checked_add(offset));
            // Old files list all their clusters. Skip the clusters, because they would fill `places`.
            if let Some((id, start)) = fields.unsigned(SEEK_ID).zip(start)
                && id != CLUSTER
            {
                self.add(id, start);
            }
        }
    }

    fn add(&mut self, id: u64, start: u64) {
        let is_wanted = matches!(
            id,
            SEEK_HEAD | INFO | TRACKS | CUES | CHAPTERS | ATTACHMENTS | CLUSTER
        );
        if is_wanted && self.places.len() < MAX_PLACES && !self.places.contains(&(id, start)) {
            self.places.push((id, start));
        }
    }

    /// Returns the first child with this ID. Ignores a listed position at which there is no such child.
    pub(super) fn child(&self, reader: &mut Reader, id: u64) -> Option<Element> {
        let mut places = self.places.iter().filter(|place| place.0 == id);
        places.find_map(|place| self.at(reader, id, place.1))
    }

    /// Returns the body of the first child with this ID, or an empty range.
    pub(super) fn children(&self, reader: &mut Reader, id: u64) -> Span {
        let child = self.child(reader, id);
        child.map_or_else(Span::default, |child| child.body)
    }

    pub(super) fn at(&self, reader: &mut Reader, id: u64, start: u64) -> Option<Element> {
        let mut rest = Span { start, ..self.body };
        next_element(reader, &mut rest).filter(|element| element.id == id)
    }

    /// Returns the position of a cluster that begins at `time` or a few clusters earlier. `first` is the position of
    /// the first cluster. `time` is in ticks, the time unit of the file. Uses a bisection, because a visit of all
    /// clusters takes one seek for each cluster.
    pub(super) fn cluster_before(&self, reader: &mut Reader, first: u64, time: u64) -> u64 {
        // The estimated size of a cluster. Each step measures the distance from `middle` to the next cluster. A cluster
        // is at least as long as this distance, so the estimate is the longest distance that was measured.
        let mut gap = MIN_GAP;
        let (mut start, mut end) = (first, self.body.end);
        while end.saturating_sub(start) > FEW_CLUSTERS * gap {
            let middle = start + (end - start) / 2;
            let Some((found, at)) = self.next_cluster(reader, middle, end) else {
                break;
            };
            gap = gap.max(found - middle);
            if at <= time {
                start = found;
            } else {
                end = middle;
            }
        }
        start
    }

    /// Searches the bytes of a range for the ID of a cluster. Returns the position of the cluster and its time in
    /// ticks.
    fn next_cluster(&self, reader: &mut Reader, mut at: u64, end: u64) -> Option<(u64, u64)> {
        let [.., a, b, c, d] = CLUSTER.to_be_bytes();
        let end = end.min(at.saturating_add(MAX_GAP));
        while at < end {
            let part = reader.body(Span { start: at, end }, SCANNED)?;
            match part.windows(4).position(|four| four == [a, b, c, d]) {
                Some(offset) => {
                    at += length_of(&part[..offset]);
                    if let Some(time) = self.cluster_time(reader, at) {
                        return Some((at, time));
                    }
                    at += 1;
                }
                // An ID may begin in the final three bytes, so the next part contains them again.
                None => at += length_of(part.get(3..)?).max(1),
            }
        }
        None
    }

    /// Returns the time of a cluster in ticks. A checksum may precede the timestamp.
    fn cluster_time(&self, reader: &mut Reader, start: u64) -> Option<u64> {
        let mut rest = self.at(reader, CLUSTER, start)?.body;
        let mut first = std::iter::from_fn(|| next_child(reader, &mut rest, &[])).take(2);
        let time = first.find(|element| element.id == TIMESTAMP)?;
        unsigned(reader, time)
    }

    /// Returns the number of nanoseconds in a tick, and the duration of the film.
    pub(super) fn timing(&self, reader: &mut Reader) -> (u64, Option<Duration>) {
        let info = self.child(reader, INFO);
        let info = info.and_then(|info| Children::read(reader, info, &[]));
        let info = info.unwrap_or_default();
        let scale = info.unsigned(TIMESTAMP_SCALE).unwrap_or(1_000_000);
        let ticks = info.float(DURATION).zip(u32::try_from(scale).ok());
        let seconds = ticks.map(|(ticks, scale)| ticks * f64::from(scale) / 1e9);
        let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        (scale, duration)
    }
}
