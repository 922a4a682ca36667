//! Tests attributes of the player page that the player script reads.

use std::fs;

use super::{attribute, page};
use crate::rows::Rows;

#[test]
fn page_with_folder_loop_has_the_listing_url() {
    let mut rows = Rows::start();
    rows.server.file("alone/a.mp4", "x");
    rows.server.file("two/a.mp4", "x");
    rows.server.file("two/b.mp3", "x");
    for (target, repeats, listing) in [
        ("/watch/alone/a.mp4", None, None),
        ("/watch/alone/a.mp4?loop", Some("video"), None),
        (
            "/watch/alone/a.mp4?loop=folder",
            Some("folder"),
            Some("/api/videos/alone/"),
        ),
        ("/watch/two/b.mp3", None, Some("/api/videos/two/")),
    ] {
        let response = rows.get(target, "");
        let text = page(&response);
        assert_eq!(text.contains("data-repeats"), repeats.is_some(), "{target}");
        if let Some(repeats) = repeats {
            assert_eq!(attribute(text, "<video", "data-repeats"), repeats);
        }
        assert_eq!(text.contains("loop-folder"), listing.is_some(), "{target}");
        if let Some(listing) = listing {
            assert_eq!(
                attribute(text, "<input id=\"loop-folder\"", "data-listing"),
                listing
            );
        }
    }
}

/// If the page has the attribute `data-picture`, but the browser shows no picture, the player shows a message. The page
/// of a file with an audio extension does not have the attribute.
#[test]
fn page_of_a_file_with_video_has_the_picture_attribute() {
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
