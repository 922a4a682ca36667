//! Where the parts of a Matroska file lie.
//!
//! The segment is walked up to its first cluster; what lies behind the clusters is found where a SeekHead says.

use super::ebml::{Children, Element, float, name, next_element, unsigned};
use super::ids::*;
use crate::container::info::Container;
use crate::container::reader::{Reader, Span};

/// Places of elements that are remembered.
const MAX_PLACES: usize = 64;

/// The parts of a segment.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) container: Container,
    pub(super) body: Span,
    /// IDs of the segment's children and where they lie, by walking and by SeekHeads.
    places: Vec<(u64, u64)>,
}

impl Segment {
    /// Finds the segment of a file and its children. `None` where there is none, or it is of another document type.
    pub(super) fn open(reader: &mut Reader) -> Option<Self> {
        let (mut at, end) = (0, reader.length());
        let mut container = None;
        loop {
            let element = next_element(reader, &mut at, end)?;
            match element.id {
                EBML => at = element.body.start,
                DOC_TYPE => {
                    container = match name(reader, element)?.as_str() {
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
                    segment.explore(reader);
                    return Some(segment);
                }
                _ => {}
            }
        }
    }

    /// Finds the segment's children.
    fn explore(&mut self, reader: &mut Reader) {
        let mut at = self.body.start;
        while let Some(element) = next_element(reader, &mut at, self.body.end) {
            self.add(element.id, element.start);
            match element.id {
                CLUSTER => break,
                SEEK_HEAD => self.follow(reader, element),
                _ => {}
            }
            if element.is_open {
                // Its children follow as if they stood beside it.
                at = element.body.start;
            }
        }
        // A SeekHead may lead to a second one. Each place is followed once, so one that leads to itself leads nowhere.
        let places = self.places.clone().into_iter();
        for (_, start) in places.filter(|place| place.0 == SEEK_HEAD).skip(1) {
            if let Some(head) = self.at(reader, SEEK_HEAD, start) {
                self.follow(reader, head);
            }
        }
    }

    /// Remembers what a SeekHead lists.
    fn follow(&mut self, reader: &mut Reader, head: Element) {
        let mut children = Children::of(head);
        let mut id = None;
        while let Some(element) = children.next(reader) {
            match element.id {
                SEEK => children.enter(element),
                SEEK_ID => id = unsigned(reader, element),
                SEEK_POSITION => {
                    let offset = unsigned(reader, element);
                    let start = offset.and_then(|offset| self.body.start.checked_add(offset));
                    // Old files list each cluster.
                    if let Some((id, start)) = id.zip(start).filter(|place| place.0 != CLUSTER) {
                        self.add(id, start);
                    }
                }
                _ => {}
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

    /// The first child of this ID: what was promised there must be there.
    pub(super) fn child(&self, reader: &mut Reader, id: u64) -> Option<Element> {
        let mut places = self.places.iter().filter(|place| place.0 == id);
        places.find_map(|place| self.at(reader, id, place.1))
    }

    /// The element of this ID that begins at `start`.
    pub(super) fn at(&self, reader: &mut Reader, id: u64, start: u64) -> Option<Element> {
        let element = next_element(reader, &mut start.clone(), self.body.end);
        element.filter(|element| element.id == id)
    }

    /// Nanoseconds of a tick, and the duration in ticks.
    pub(super) fn timing(&self, reader: &mut Reader) -> (u64, Option<f64>) {
        let (mut scale, mut duration) = (None, None);
        let mut children = self.child(reader, INFO).map(Children::of);
        while let Some(element) = children.as_mut().and_then(|info| info.next(reader)) {
            match element.id {
                TIMESTAMP_SCALE => scale = unsigned(reader, element),
                DURATION => duration = float(reader, element),
                _ => {}
            }
        }
        // Without a scale that is read to its end, the number of ticks says nothing.
        let duration = duration.filter(|_| !reader.is_stopped());
        (scale.unwrap_or(1_000_000), duration)
    }
}
