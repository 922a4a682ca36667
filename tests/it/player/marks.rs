//! Attributes of the player page that its script reads.

use std::fs;

use super::{attribute, page};
use crate::rows::Rows;

/// A file that is no film by its name, or that has no video track, lacks nothing without a picture.
#[test]
fn file_that_should_show_a_picture_is_marked() {
    let mut rows = Rows::start();
    let clip = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/media/clip.mp4");
    let clip = fs::read(clip).unwrap();
    rows.server.file("film.mp4", clip.clone());
    rows.server.file("talk.m4a", clip);
    rows.server.file("unknown.ogv", "12345");
    for (name, length, has_picture) in [
        ("film.mp4", "266612", true),
        ("talk.m4a", "266612", false),
        ("unknown.ogv", "5", true),
    ] {
        let response = rows.get(&format!("/watch/{name}"), "");
        let text = page(&response);
        assert_eq!(attribute(text, "<video", "data-length"), length);
        assert_eq!(text.contains(" data-picture"), has_picture, "{name}");
    }
}
