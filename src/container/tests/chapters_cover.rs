//! Tests chapters and covers in Matroska and MP4.

use std::io::Cursor;

use super::build::*;
use super::muxer::{TestTrack, film};
use super::subtitles_mp4::{entry, texts_in, tx3g};
use crate::container::{chapters, cover};

/// Checks the start times in milliseconds and the titles of the chapters.
#[track_caller]
fn check(file: &[u8], expected: &[(u128, &str)]) {
    let chapters = chapters(Cursor::new(file)).expect("memory does not fail");
    let rows = chapters.iter().map(|it| (it.start.as_millis(), &*it.title));
    assert_eq!(rows.collect::<Vec<_>>(), expected);
}

fn edition(flags: &[(u32, u8)], atoms: &[Vec<u8>]) -> Vec<u8> {
    let flags = flags.iter().flat_map(|(id, value)| element(*id, &[*value]));
    element(0x45b9, &[flags.collect(), atoms.concat()].concat())
}

const HIDDEN: u32 = 0x45bd;
const DEFAULT: u32 = 0x45db;

fn matroska_with(id: u32, parts: &[Vec<u8>]) -> Vec<u8> {
    mkv(&[element(INFO, &[]), element(id, &parts.concat())])
}

/// The editions of a file, and the expected chapters.
type Editions<'a> = (&'a [&'a [u8]], &'a [(u128, &'a str)]);

#[test]
fn matroska_chapters_are_those_of_the_default_edition() {
    let one = edition(&[], &[chapter_with(1000, &["one"], &[])]);
    let two = edition(&[(DEFAULT, 1)], &[chapter_with(2000, &["two"], &[])]);
    let hidden = edition(
        &[(HIDDEN, 1), (DEFAULT, 1)],
        &[chapter_with(3000, &["three"], &[])],
    );
    let rows: &[Editions] = &[
        (&[], &[]),
        (&[&one], &[(1000, "one")]),
        (&[&one, &two], &[(2000, "two")]),
        (&[&hidden, &one], &[(1000, "one")]),
        (&[&hidden], &[]),
    ];
    for (editions, chapters) in rows {
        check(&matroska_with(CHAPTERS, &[editions.concat()]), chapters);
    }
}

#[test]
fn matroska_chapters_have_their_first_title_and_are_sorted() {
    let flag = |id, value: u8| element(id, &[value]);
    let atoms = [
        chapter_with(5000, &["five\u{1}", "fünf"], &[]),
        chapter_with(0, &["zero"], &chapter_with(100, &["within"], &[])),
        chapter_with(3000, &["hidden"], &flag(0x98, 1)),
        chapter_with(4000, &["disabled"], &flag(0x4598, 0)),
        chapter_with(7000, &[], &[]),
        chapter_with(6000, &["sechs – ü"], &flag(0x4598, 1)),
    ];
    let rows = [(0, "zero"), (5000, "five"), (6000, "sechs – ü"), (7000, "")];
    check(&matroska_with(CHAPTERS, &[edition(&[], &atoms)]), &rows);
}

/// Returns a `udta` box with a `chpl` box of this version. The Nero software stores its chapter list in `chpl`.
fn chpl(version: u8, rows: &[(u64, &str)]) -> Vec<u8> {
    let reserved = if version == 0 { 0 } else { 4 };
    let mut body = [&[version, 0, 0, 0][..], &vec![0; reserved]].concat();
    body.push(u8::try_from(rows.len()).unwrap());
    for (milliseconds, title) in rows {
        body.extend((milliseconds * 10_000).to_be_bytes());
        body.push(u8::try_from(title.len()).unwrap());
        body.extend(title.as_bytes());
    }
    mp4_box(b"udta", &mp4_box(b"chpl", &body))
}

#[test]
fn mp4_chapters_come_from_a_title_track_or_from_chpl() {
    let list = [(0, "Anfang"), (61_500, "Ende ü")];
    for version in [0, 1] {
        let file = mp4(&[mvhd(1000), chpl(version, &list)]);
        check(&file, &[(0, "Anfang"), (61_500, "Ende ü")]);
    }
    let utf16 = "\u{feff}Größe".encode_utf16().flat_map(u16::to_be_bytes);
    let samples = [
        (1000, tx3g(b"one", &mp4_box(b"encd", &[0, 0, 1, 0]))),
        (2000, tx3g(&utf16.collect::<Vec<_>>(), &[])),
        (500, tx3g(b"", &[])),
    ];
    let titles = texts_in(b"text", entry(b"text", &[0; 40]), &samples);
    let tref = mp4_box(b"tref", &mp4_box(b"chap", &[0, 0, 0, 3]));
    let sound = TestTrack {
        id: 1,
        more: tref,
        ..TestTrack::of(b"soun", sound(b"mp4a", &[]))
    };
    let mut file = film(&[titles, sound], true, false);
    // Adds `chpl` to `moov`, which is the final box of the file.
    let (list, moov) = (
        chpl(1, &list),
        file.windows(4).rposition(|it| it == b"moov").unwrap() - 4,
    );
    file.extend(list);
    let length = u32::try_from(file.len() - moov).unwrap();
    file[moov..moov + 4].copy_from_slice(&length.to_be_bytes());
    check(&file, &[(0, "one"), (1000, "Größe"), (3000, "")]);
    // The titles of chapters are not subtitles.
    assert_eq!(info(&file).subtitles, []);
    assert_eq!(all_texts(&file, 3), None);
    check(CLIP, &[]);
}

const JPEG: &[u8] = b"\xff\xd8\xff\xe0 a picture";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture";

#[track_caller]
fn found(file: &[u8]) -> Option<(&'static str, &[u8])> {
    let cover = cover(Cursor::new(file)).expect("memory does not fail")?;
    let start = usize::try_from(cover.start).unwrap();
    let end = start + usize::try_from(cover.length).unwrap();
    Some((cover.media_type, &file[start..end]))
}

/// The attachments of a file, and the expected cover.
type Attachments<'a> = (&'a [&'a [u8]], Option<(&'a str, &'a [u8])>);

#[rustfmt::skip]
#[test]
fn matroska_cover_is_the_best_of_the_attachments() {
    let small = attached("small_cover.jpg", b"\xff\xd8\xff small");
    let land = attached("cover_land.png", PNG);
    let best = attached("Cover.JPG", JPEG);
    let font = attached("font.ttf", b"\0\x01\0\0 a font");
    let other = attached("poster.jpg", b"\xff\xd8\xff other");
    let text = attached("cover.jpg", b"no picture");
    let rows: &[Attachments] = &[
        (&[], None),
        (&[&small, &land, &best], Some(("image/jpeg", JPEG))),
        (&[&font, &small, &land], Some(("image/png", PNG))),
        (&[&other, &small], Some(("image/jpeg", b"\xff\xd8\xff small"))),
        (&[&font, &other], Some(("image/jpeg", b"\xff\xd8\xff other"))),
        (&[&text, &land], Some(("image/png", PNG))),
    ];
    for (index, (files, expected)) in rows.iter().enumerate() {
        assert_eq!(found(&matroska_with(ATTACHMENTS, &[files.concat()])), *expected, "row {index}");
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

/// If the file ends within a picture, or a picture is larger than 32 MiB (`MAX_COVER`), the picture is not a cover.
#[test]
fn cover_with_a_wrong_size_is_none() {
    let mut file = matroska_with(ATTACHMENTS, &[attached("cover.jpg", JPEG)]);
    assert!(found(&file).is_some());
    file.truncate(file.len() - 1);
    assert_eq!(found(&file), None);
    let size = ((1_u64 << 30) | (1 << 56)).to_be_bytes();
    let data = [&element_id(0x465c)[..], &size, JPEG].concat();
    let huge = element(0x61a7, &[element(0x466e, b"cover.jpg"), data].concat());
    assert_eq!(found(&matroska_with(ATTACHMENTS, &[huge])), None);
}
