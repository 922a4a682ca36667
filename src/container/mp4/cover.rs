//! Finds the cover of an MP4 in the metadata of iTunes: `moov/udta/meta/ilst/covr/data`.

use super::boxes::BoxWalk;
use super::movie;
use crate::container::bits::fourcc_at;
use crate::container::reader::{Reader, Span};

/// Returns the positions of the pictures that can be the cover, in the order of the file.
pub(in crate::container) fn cover(reader: &mut Reader) -> Option<Vec<Span>> {
    let mut found = Vec::new();
    let mut walk = BoxWalk::new(movie::find(reader).1?.body);
    while let Some(head) = walk.next(reader, &[b"udta"]) {
        if &head.name == b"meta" {
            // In MP4, the children of `meta` follow its version and flags. In QuickTime, `meta` has only children.
            let is_plain = fourcc_at(reader.peek(head.body, 8)?, 4) == Some(*b"hdlr");
            let body = head.body.from(if is_plain { 0 } else { 4 });
            let mut walk = BoxWalk::new(body);
            while let Some(head) = walk.next(reader, &[b"ilst", b"covr"]) {
                if &head.name == b"data" && !head.is_cut {
                    // The picture follows the type and the locale.
                    found.push(head.body.from(8));
                }
            }
        }
    }
    Some(found)
}
