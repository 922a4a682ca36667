//! Where the parts of a Matroska file lie.
//!
//! The segment is walked up to its first cluster; what lies behind the clusters is found where a SeekHead says.

use super::ebml::{Children, Element, float, name, next_element, unsigned};
use super::ids::*;
use crate::container::info::Container;
use crate::container::reader::{Reader, Result, Span};

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
    /// Finds the segment of a file. `None` where there is none, or it is of another document type.
    pub(super) fn open(reader: &mut Reader) -> Result<Option<Self>> {
        let (mut at, end) = (0, reader.length());
        let mut container = None;
        while let Some(element) = next_element(reader, &mut at, end)? {
            match element.id {
                EBML => at = element.body.start,
                DOC_TYPE => {
                    container = match name(reader, element)?.as_deref() {
                        Some("matroska") => Some(Container::Matroska),
                        Some("webm") => Some(Container::WebM),
                        _ => return Ok(None),
                    }
                }
                SEGMENT => {
                    return Ok(container.map(|container| Self {
                        container,
                        body: element.body,
                        places: Vec::new(),
                    }));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Finds the segment's children.
    pub(super) fn explore(&mut self, reader: &mut Reader) -> Result<()> {
        let mut at = self.body.start;
        while let Some(element) = next_element(reader, &mut at, self.body.end)? {
            self.add(element.id, element.start);
            match element.id {
                CLUSTER => break,
                SEEK_HEAD => self.follow(reader, element)?,
                _ => {}
            }
            if element.is_open {
                // Its children follow as if they stood beside it.
                at = element.body.start;
            }
        }
        // A SeekHead may lead to a second one. Each place is followed once, so one that leads to itself leads nowhere.
        let heads = self
            .places
            .clone()
            .into_iter()
            .filter(|place| place.0 == SEEK_HEAD);
        for (_, start) in heads.skip(1) {
            if let Some(head) = self.at(reader, SEEK_HEAD, start)? {
                self.follow(reader, head)?;
            }
        }
        Ok(())
    }

    /// Remembers what a SeekHead lists.
    fn follow(&mut self, reader: &mut Reader, head: Element) -> Result<()> {
        let mut children = Children::of(head);
        let mut id = None;
        while let Some(element) = children.next(reader)? {
            match element.id {
                SEEK => children.enter(element),
                SEEK_ID => id = unsigned(reader, element)?,
                SEEK_POSITION => {
                    let offset = unsigned(reader, element)?;
                    let start = offset.and_then(|offset| self.body.start.checked_add(offset));
                    // Old files list each cluster.
                    if let Some((id, start)) = id.zip(start).filter(|place| place.0 != CLUSTER) {
                        self.add(id, start);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn add(&mut self, id: u64, start: u64) {
        let is_wanted = [
            SEEK_HEAD,
            INFO,
            TRACKS,
            CUES,
            CHAPTERS,
            ATTACHMENTS,
            CLUSTER,
        ]
        .contains(&id);
        if is_wanted && self.places.len() < MAX_PLACES && !self.places.contains(&(id, start)) {
            self.places.push((id, start));
        }
    }

    /// The first child of this ID: what was promised there must be there.
    pub(super) fn child(&self, reader: &mut Reader, id: u64) -> Result<Option<Element>> {
        for &(_, start) in self.places.iter().filter(|place| place.0 == id) {
            let element = self.at(reader, id, start)?;
            if element.is_some() {
                return Ok(element);
            }
        }
        Ok(None)
    }

    /// The element of this ID that begins at `start`.
    pub(super) fn at(&self, reader: &mut Reader, id: u64, start: u64) -> Result<Option<Element>> {
        let element = next_element(reader, &mut start.clone(), self.body.end)?;
        Ok(element.filter(|element| element.id == id))
    }

    /// Nanoseconds of a tick, and the duration in ticks.
    pub(super) fn timing(&self, reader: &mut Reader) -> Result<(u64, Option<f64>)> {
        let (mut scale, mut duration) = (None, None);
        if let Some(info) = self.child(reader, INFO)? {
            let mut children = Children::of(info);
            while let Some(element) = children.next(reader)? {
                match element.id {
                    TIMESTAMP_SCALE => scale = unsigned(reader, element)?,
                    DURATION => duration = float(reader, element)?,
                    _ => {}
                }
            }
        }
        Ok((scale.unwrap_or(1_000_000), duration))
    }
}
