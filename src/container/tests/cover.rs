//! Tests covers in Matroska and MP4.

use std::io::Cursor;

use super::build::*;
use crate::container::cover;

const JPEG: &[u8] = b"\xff\xd8\xff\xe0 a picture";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture";

/// Returns the type and the bytes of the cover.
#[track_caller]
fn found(file: &[u8]) -> Option<(&'static str, &[u8])> {
    let cover = cover(Cursor::new(file)).expect("memory does not fail")?;
    let start = usize::try_from(cover.start).unwrap();
    let end = start + usize::try_from(cover.length).unwrap();
    Some((cover.media_type, &file[start..end]))
}

fn matroska_with(files: &[Vec<u8>]) -> Vec<u8> {
    mkv(&[element(INFO, &[]), element(ATTACHMENTS, &files.concat())])
}

/// The attachments of a file, and the expected cover.
type Row<'a> = (&'a [&'a [u8]], Option<(&'a str, &'a [u8])>);

#[rustfmt::skip]
#[test]
fn matroska_cover_is_the_best_of_the_attachments() {
    let small = attached("small_cover.jpg", b"\xff\xd8\xff small");
    let land = attached("cover_land.png", PNG);
    let best = attached("Cover.JPG", JPEG);
    let font = attached("font.ttf", b"\0\x01\0\0 a font");
    let other = attached("poster.jpg", b"\xff\xd8\xff other");
    let text = attached("cover.jpg", b"no picture");
    let rows: &[Row] = &[
        (&[], None),
        (&[&small, &land, &best], Some(("image/jpeg", JPEG))),
        (&[&font, &small, &land], Some(("image/png", PNG))),
        (&[&other, &small], Some(("image/jpeg", b"\xff\xd8\xff small"))),
        (&[&font, &other], Some(("image/jpeg", b"\xff\xd8\xff other"))),
        (&[&text, &land], Some(("image/png", PNG))),
    ];
    for (index, (files, expected)) in rows.iter().enumerate() {
        assert_eq!(found(&matroska_with(&[files.concat()])), *expected, "row {index}");
    }
}

fn covr(pictures: &[&[u8]]) -> Vec<u8> {
    let data = |picture: &&[u8]| mp4_box(b"data", &[&[0, 0, 0, 13, 0, 0, 0, 0], *picture].concat());
    let name = mp4_box(b"\xa9nam", &data(&PNG));
    let data: Vec<u8> = pictures.iter().flat_map(data).collect();
    mp4_box(b"ilst", &[name, mp4_box(b"covr", &data)].concat())
}

#[test]
fn mp4_cover_is_the_first_picture_of_covr() {
    let hdlr = mp4_box(b"hdlr", &[0; 25]);
    // The `meta` box of QuickTime has no version.
    for version in [&[0; 4][..], &[]] {
        for (pictures, expected) in [
            (&[JPEG, PNG][..], Some(("image/jpeg", JPEG))),
            (&[b"BM bitmap", PNG], Some(("image/png", PNG))),
            (&[b"BM bitmap"], None),
            (&[], None),
        ] {
            let meta = mp4_box(b"meta", &[version, &hdlr, &covr(pictures)].concat());
            let file = mp4(&[mvhd(1000), mp4_box(b"udta", &meta)]);
            assert_eq!(found(&file), expected);
        }
    }
    assert_eq!(found(CLIP), None);
}

/// A picture that exceeds the file or the limit for covers is no cover.
#[test]
fn cover_with_a_wrong_size_is_none() {
    let mut file = matroska_with(&[attached("cover.jpg", JPEG)]);
    assert!(found(&file).is_some());
    file.truncate(file.len() - 1);
    assert_eq!(found(&file), None);
    let size = ((1_u64 << 30) | (1 << 56)).to_be_bytes();
    let data = [&element_id(0x465c)[..], &size, JPEG].concat();
    let huge = element(0x61a7, &[element(0x466e, b"cover.jpg"), data].concat());
    assert_eq!(found(&matroska_with(&[huge])), None);
}
