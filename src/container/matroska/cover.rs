//! Finds the cover among the attachments of a Matroska file (RFC 9559 §21.1).

use super::ebml::{Children, Element, next_child};
use super::ids::*;
use super::segment::SegmentElement;
use crate::container::reader::{Reader, Span};

/// The starts of the names of cover files, the best cover first.
const NAMES: [&str; 4] = ["cover.", "cover_land.", "small_cover.", "small_cover_land."];

/// Returns the positions of all attached files, in the order of [`NAMES`]. The caller chooses the first file that is a
/// picture.
pub(in crate::container) fn cover(reader: &mut Reader) -> Option<Vec<Span>> {
    let segment = SegmentElement::open(reader)?;
    let mut files = segment.children(reader, ATTACHMENTS);
    let mut found = Vec::new();
    while let Some(file) = next_child(reader, &mut files, &[]) {
        if file.id == ATTACHED_FILE {
            found.extend(picture(reader, file));
        }
    }
    found.sort_by_key(|it| it.0);
    Some(found.into_iter().map(|it| it.1).collect())
}

/// Returns the index of the name in [`NAMES`] and the position of the data. For other names, the index is
/// `NAMES.len()`.
fn picture(reader: &mut Reader, file: Element) -> Option<(usize, Span)> {
    let fields = Children::read(reader, file, &[])?;
    let name = fields.text(reader, FILE_NAME).unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let rank = NAMES.iter().position(|start| name.starts_with(start));
    let data = fields.element(FILE_DATA).filter(|data| !data.is_cut)?;
    Some((rank.unwrap_or(NAMES.len()), data.body))
}
