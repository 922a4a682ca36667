//! Finds the parts of a Matroska file.
//!
//! The module visits the elements of the segment up to its first cluster. SeekHead elements give the positions of
//! elements behind the clusters.

use super::ebml::{Children, Element, float, name, next_element, unsigned};
use super::ids::*;
use crate::container::info::Container;
use crate::container::reader::{Reader, Span};

/// The maximum number of element positions to keep.
const MAX_PLACES: usize = 64;

/// The parts of a segment.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) container: Container,
    pub(super) body: Span,
    /// The IDs and positions of the children of the segment, from the visited elements and from SeekHead elements.
    places: Vec<(u64, u64)>,
}

impl Segment {
    /// Finds the segment of a file and its children. Returns `None` if the file has no segment or another document
    /// type.
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

    /// Finds the children of the segment.
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
                // The children of the segment follow as if they were its siblings.
                at = element.body.start;
            }
        }
        // A SeekHead may point to a second SeekHead. Each position is visited once, so a SeekHead that points to itself
        // causes no loop.
        let places = self.places.clone().into_iter();
        for (_, start) in places.filter(|place| place.0 == SEEK_HEAD).skip(1) {
            if let Some(head) = self.at(reader, SEEK_HEAD, start) {
                self.follow(reader, head);
            }
        }
    }

    /// Adds the positions in a SeekHead.
    fn follow(&mut self, reader: &mut Reader, head: Element) {
        let mut children = Children::of(head);
        let mut id = None;
        while let Some(element) = children.next(reader, &[SEEK]) {
            match element.id {
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

    /// Returns the first child with this ID. A position counts only if the element there has the ID.
    pub(super) fn child(&self, reader: &mut Reader, id: u64) -> Option<Element> {
        let mut places = self.places.iter().filter(|place| place.0 == id);
        places.find_map(|place| self.at(reader, id, place.1))
    }

    /// Returns an iterator over the elements in the first child with this ID.
    pub(super) fn children(&self, reader: &mut Reader, id: u64) -> Option<Children> {
        self.child(reader, id).map(Children::of)
    }

    /// Returns the element with this ID that begins at `start`.
    pub(super) fn at(&self, reader: &mut Reader, id: u64, start: u64) -> Option<Element> {
        let element = next_element(reader, &mut start.clone(), self.body.end);
        element.filter(|element| element.id == id)
    }

    /// Returns the nanoseconds of a tick, and the duration in ticks.
    pub(super) fn timing(&self, reader: &mut Reader) -> (u64, Option<f64>) {
        let (mut scale, mut duration) = (None, None);
        let mut children = self.children(reader, INFO);
        while let Some(element) = children.as_mut().and_then(|info| info.next(reader, &[])) {
            match element.id {
                TIMESTAMP_SCALE => scale = unsigned(reader, element),
                DURATION => duration = float(reader, element),
                _ => {}
            }
        }
        // If the reader stopped, the scale may be missing, so the number of ticks has no meaning.
        let duration = duration.filter(|_| !reader.is_stopped());
        (scale.unwrap_or(1_000_000), duration)
    }
}
