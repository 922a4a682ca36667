//! Reads the chapters of a Matroska file (RFC 9559 §5.1.7).

use std::time::Duration;

use super::ebml::{Children, Element, next_child};
use super::ids::*;
use super::segment::SegmentElement;
use crate::container::info::{Chapter, MAX_CHAPTERS};
use crate::container::reader::Reader;

/// Reads the default edition (list of chapters), or else the first edition. Ignores hidden editions.
pub(in crate::container) fn chapters(reader: &mut Reader) -> Option<Vec<Chapter>> {
    let segment = SegmentElement::open(reader)?;
    let mut editions = segment.children(reader, CHAPTERS);
    let mut chosen = None;
    while let Some(edition) = next_child(reader, &mut editions, &[]) {
        let fields = Children::read(reader, edition, &[])?;
        if edition.id != EDITION_ENTRY || fields.flag(EDITION_FLAG_HIDDEN) == Some(true) {
            continue;
        }
        if fields.flag(EDITION_FLAG_DEFAULT) == Some(true) {
            chosen = Some(edition);
            break;
        }
        chosen = chosen.or(Some(edition));
    }
    let mut list = Vec::new();
    let mut atoms = chosen?.body;
    while list.len() < MAX_CHAPTERS
        && let Some(atom) = next_child(reader, &mut atoms, &[])
    {
        if atom.id == CHAPTER_ATOM {
            list.extend(chapter(reader, atom));
        }
    }
    Some(list)
}

/// Reads one chapter with its first title. Returns `None` for a hidden or disabled chapter. Ignores nested chapters.
fn chapter(reader: &mut Reader, atom: Element) -> Option<Chapter> {
    let fields = Children::read(reader, atom, &[CHAPTER_DISPLAY])?;
    let is_hidden = fields.flag(CHAPTER_FLAG_HIDDEN) == Some(true)
        || fields.flag(CHAPTER_FLAG_ENABLED) == Some(false);
    (!is_hidden).then(|| Chapter {
        start: Duration::from_nanos(fields.unsigned(CHAPTER_TIME_START).unwrap_or(0)),
        title: fields.text(reader, CHAP_STRING).unwrap_or_default(),
    })
}
