//! Reads the chapters of a Matroska file (RFC 9559 §5.1.7).

use std::time::Duration;

use super::ebml::{Children, Element, flag, string, unsigned};
use super::ids::*;
use super::segment::Segment;
use crate::container::info::{Chapter, MAX_CHAPTERS, MAX_TITLE};
use crate::container::reader::Reader;

/// Reads the chapters of the default edition. If it is missing or hidden, reads the first edition that is not hidden.
pub(in crate::container) fn chapters(reader: &mut Reader) -> Option<Vec<Chapter>> {
    let segment = Segment::open(reader)?;
    let mut editions = segment.children(reader, CHAPTERS);
    let mut chosen = None;
    while let Some(edition) = editions.next(reader, &[]) {
        if edition.id == EDITION_ENTRY {
            let (is_default, is_hidden) = flags(reader, edition);
            if is_default && !is_hidden {
                chosen = Some(edition);
                break;
            }
            chosen = chosen.or(Some(edition).filter(|_| !is_hidden));
        }
    }
    let mut list = Vec::new();
    let mut atoms = Children::of(chosen?);
    while list.len() < MAX_CHAPTERS
        && let Some(atom) = atoms.next(reader, &[])
    {
        if atom.id == CHAPTER_ATOM {
            list.extend(chapter(reader, atom));
        }
    }
    Some(list)
}

/// Returns whether an edition is the default, and whether the edition is hidden.
fn flags(reader: &mut Reader, edition: Element) -> (bool, bool) {
    let (mut is_default, mut is_hidden) = (false, false);
    let mut children = Children::of(edition);
    while let Some(element) = children.next(reader, &[]) {
        match element.id {
            EDITION_FLAG_DEFAULT => is_default = flag(reader, element) == Some(true),
            EDITION_FLAG_HIDDEN => is_hidden = flag(reader, element) == Some(true),
            // Muxers write the flags before the chapters.
            CHAPTER_ATOM => break,
            _ => {}
        }
    }
    (is_default, is_hidden)
}

/// Reads one chapter with its first title. Returns `None` for a hidden chapter. Nested chapters are left out.
fn chapter(reader: &mut Reader, atom: Element) -> Option<Chapter> {
    let (mut start, mut title, mut is_shown) = (0, None, true);
    let mut children = Children::of(atom);
    while let Some(element) = children.next(reader, &[CHAPTER_DISPLAY]) {
        match element.id {
            CHAPTER_TIME_START => start = unsigned(reader, element).unwrap_or(0),
            CHAPTER_FLAG_HIDDEN => is_shown &= flag(reader, element) != Some(true),
            CHAPTER_FLAG_ENABLED => is_shown &= flag(reader, element) != Some(false),
            CHAP_STRING if title.is_none() => title = string(reader, element, MAX_TITLE),
            _ => {}
        }
    }
    (is_shown && !reader.is_stopped).then(|| Chapter {
        start: Duration::from_nanos(start),
        title: title.unwrap_or_default(),
    })
}
