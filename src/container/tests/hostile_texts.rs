//! Tests damaged and hostile files for the parsers of cues, chapters and covers: no input exceeds the limits.

use std::io::Cursor;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::build::*;
use super::film::*;
use super::subtitles_mp4::{Texts, entry, table, tx3g};
use crate::container::{PART, Window, chapters, cover, cues, probe};

/// Returns small good files with all values that the parsers read.
fn good() -> Vec<Vec<u8>> {
    vec![good_matroska(), good_mp4()]
}

/// Returns these files, and the files with the records that have parsers of their own.
fn all_good() -> Vec<Vec<u8>> {
    [good(), super::hostile::good()].concat()
}

fn good_matroska() -> Vec<u8> {
    let zlib = element(0x6d80, &element(0x6240, &element(0x5034, &[])));
    let tracks = [
        text_track(3, "S_TEXT/UTF8", b"header", &zlib),
        track_entry(1, "V_VP8", &[], &[]),
    ];
    let frame = miniz_oxide::deflate::compress_to_vec_zlib(b"one", 6);
    let settings = element(0x75a1, &element(0xa6, &element(0xa5, b"line:0")));
    let second = group_with(3, 1, Some(900), &frame, &settings);
    let clusters = [
        cluster(0, &[picture(20), group(0, Some(900), &frame)]),
        cluster(5000, &[second]),
    ];
    let display = element(0x80, &element(0x85, b"title"));
    let atom = element(0xb6, &[element(0x91, &[0; 8]), display].concat());
    let edition = element(0x45b9, &[element(0x45db, &[1]), atom].concat());
    let data = element(0x465c, b"\x89PNG\r\n\x1a\n...");
    let attached = element(0x61a7, &[element(0x466e, b"cover.png"), data].concat());
    let extra = [element(CHAPTERS, &edition), element(ATTACHMENTS, &attached)].concat();
    let mut with_extra = clusters.to_vec();
    with_extra.insert(0, extra);
    indexed(&tracks, &with_extra, |at| {
        vec![
            cue_point(3, 0, at[1], Some(40), Some(900)),
            cue_point(3, 5001, at[2], Some(13), Some(900)),
            cue_point(1, 0, at[1], None, None),
        ]
    })
}

fn good_mp4() -> Vec<u8> {
    let styl = mp4_box(b"styl", &[0, 1, 0, 0, 0, 2, 0, 1, 1, 18, 0, 0, 0, 0]);
    let samples = [(1000, tx3g(b"one", &styl)), (500, tx3g(b"", &[]))];
    let edit = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 9, 0, 0, 0, 0, 9, 0, 1, 0, 0];
    let elst = mp4_box(b"edts", &mp4_box(b"elst", &edit));
    let texts = Texts::of(b"sbtl", entry(b"tx3g", &[0; 30]), &samples, &elst);
    let chpl = b"\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\x03one";
    let chpl = mp4_box(b"chpl", chpl);
    let data = mp4_box(b"data", b"\0\0\0\0\0\0\0\0\xff\xd8\xff...");
    let data = mp4_box(b"covr", &data);
    let meta = mp4_box(b"meta", &[&[0; 4][..], &mp4_box(b"ilst", &data)].concat());
    texts.file_with(&mp4_box(b"udta", &[chpl, meta].concat()))
}

/// Runs all parsers.
fn read_all(file: &[u8]) {
    let window = Window {
        from: Duration::from_millis(500),
        to: Duration::from_millis(5500),
    };
    let memory = || Cursor::new(file);
    probe(memory()).unwrap();
    chapters(memory()).unwrap();
    for track in [1, 3] {
        for window in [window, Window::WHOLE] {
            if let Some(found) = cues(memory(), track, Some(window))
                .unwrap()
                .and_then(Result::ok)
            {
                assert!(found.list.iter().all(|cue| cue.start < cue.end));
                let _ = found.into_file();
            }
        }
    }
    if let Some(found) = cover(memory()).unwrap() {
        let end = found.start + found.length;
        assert!(end <= u64::try_from(file.len()).unwrap());
    }
}

#[test]
fn good_files_are_read_whole() {
    for file in good() {
        assert!(!all_texts(&file, 3).unwrap().list.is_empty());
        assert!(!chapters(Cursor::new(&file)).unwrap().is_empty());
        assert!(cover(Cursor::new(&file)).unwrap().is_some());
        assert_eq!(info(&file).subtitles.len(), 1);
    }
}

#[test]
fn file_cut_at_every_byte_is_read() {
    for file in all_good() {
        (0..file.len()).for_each(|end| read_all(&file[..end]));
    }
}

#[test]
fn file_with_any_byte_changed_is_read() {
    for mut file in all_good() {
        for at in 0..file.len() {
            let before = file[at];
            for value in [0, 0x80, 0xff, before ^ 1] {
                file[at] = value;
                read_all(&file);
            }
            file[at] = before;
        }
    }
}

/// Two hundred texts decompress to a gigabyte, and each text exceeds the limit of a cue.
#[test]
fn zlib_bomb_gives_no_text() {
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b'a'; 5_000_000], 9);
    let zlib = element(0x6d80, &element(0x6240, &element(0x5034, &[])));
    let blocks: Vec<_> = (0..200)
        .map(|offset| group(offset, Some(1000), &bomb))
        .collect();
    let file = film(
        &[text_track(3, "S_TEXT/UTF8", &[], &zlib)],
        &[cluster(0, &blocks)],
    );
    let started = Instant::now();
    assert_eq!(all_texts(&file, 3).unwrap().list, []);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn too_many_tracks_texts_and_chapters_are_left_out() {
    let tracks: Vec<_> = (0..2000)
        .map(|_| text_track(3, "S_TEXT/UTF8", &[], &[]))
        .collect();
    assert_eq!(info(&film(&tracks, &[])).subtitles.len(), 256);
    let sounds = track_entry(2, "A_OPUS", &[], &[]).repeat(500);
    assert_eq!(info(&matroska(&sounds)).audio.len(), 256);

    // The file has 30,000 texts of a kilobyte.
    let text = group(0, Some(1000), &[b'x'; 1000]);
    let clusters: Vec<_> = (0..300)
        .map(|time| cluster(time * 1000, &vec![text.clone(); 100]))
        .collect();
    let found = all_texts(&film(&tracks[..1], &clusters), 3).unwrap();
    assert!(!found.is_complete);
    let length: usize = found.list.iter().map(|cue| cue.text.len()).sum();
    assert!((3_000_000..5_000_000).contains(&length), "{length}");

    let atom = element(
        0xb6,
        &[element(0x91, &[1]), element(0x80, &element(0x85, b"title"))].concat(),
    );
    let body = element(CHAPTERS, &element(0x45b9, &atom.repeat(100_000)));
    let file = [ebml("webm"), element(SEGMENT, &body)].concat();
    assert_eq!(chapters(Cursor::new(file)).unwrap().len(), 1000);
}

/// Tables claim 4,000,000,000 samples, empty or large, all in one chunk or each in its own chunk.
#[test]
fn sample_tables_that_lie_cost_little() {
    let many = u32::MAX;
    for (size, per_chunk) in [(0, many), (1, many), (60_000, 1), (many, 1)] {
        let stco = [&table(&[many])[..], &table(&[0]).repeat(2000)].concat();
        let stbl = [
            mp4_box(b"stsd", &[table(&[1]), entry(b"tx3g", &[0; 30])].concat()),
            mp4_box(b"stts", &table(&[1, many, 1])),
            mp4_box(b"stsc", &table(&[1, 1, per_chunk, 1])),
            mp4_box(b"stsz", &table(&[size, many])),
            mp4_box(b"stco", &stco),
        ];
        let hdlr = mp4_box(b"hdlr", &[&[0; 8][..], b"sbtl", &[0; 13]].concat());
        let mdhd = mp4_box(b"mdhd", &table(&[0, 0, 1000, 0, 0]));
        let minf = mp4_box(b"minf", &mp4_box(b"stbl", &stbl.concat()));
        let mut tkhd = vec![0; 84];
        tkhd[15] = 3;
        let trak = [
            mp4_box(b"tkhd", &tkhd),
            mp4_box(b"mdia", &[mdhd, hdlr, minf].concat()),
        ];
        let moov = moov(&[mp4_box(b"trak", &trak.concat())]);
        let file = [ftyp(b"isom"), moov, vec![b'x'; 70_000]].concat();
        let started = Instant::now();
        let found = all_texts(&file, 3).unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "size {size}");
        assert!(found.list.len() <= 100_000);
    }
}

/// The limits end the read of files of terabytes.
fn endless_files() -> Vec<Vec<(u64, Vec<u8>)>> {
    let tracks = element(TRACKS, &text_track(3, "S_TEXT/UTF8", &[], &[]));
    let open = |body: Vec<u8>| [ebml("webm"), endless(SEGMENT, &body)].concat();
    let front = open([element(INFO, &[]), tracks.clone()].concat());
    let far = |heads: Vec<u8>, count: u64| {
        let start = u64::try_from(front.len()).unwrap();
        (0..count)
            .map(|at| (start + (at << 20), heads.clone()))
            .chain([(0, front.clone())])
            .collect::<Vec<_>>()
    };
    // Clusters and blocks have a mebibyte each.
    let head = |id: u32, front: u64| {
        let size = ((1 << 20) - front) | (1 << 56);
        [&element_id(id)[..], &u64::to_be_bytes(size)].concat()
    };
    let points = vec![cue_point(3, 0, 0, Some(0), Some(1)); 20_000].concat();
    let cues_front = |points: &[u8]| {
        let body = [element(INFO, &[]), tracks.clone(), element(CUES, points)];
        open([body.concat(), cluster(0, &[])].concat())
    };
    let nested = |id: u32| open(endless(id, &[]).repeat(100_000));
    let blocks = endless(CLUSTER, &element(0xa0, &[]).repeat(100_000));
    let seeks = [CHAPTERS, ATTACHMENTS, TRACKS, CUES, SEEK_HEAD].map(|id| (id, 0));
    vec![
        far(head(CLUSTER, 12), 3000),
        far([endless(CLUSTER, &[]), head(0xa3, 14)].concat(), 3000),
        vec![(0, [front.clone(), blocks].concat())],
        vec![(0, cues_front(&points))],
        vec![(0, cues_front(&endless(0xbb, &[]).repeat(100_000)))],
        vec![(0, nested(CHAPTERS))],
        vec![(0, nested(ATTACHMENTS))],
        vec![(0, nested(TRACKS))],
        vec![(0, open(seek_head(&seeks)))],
    ]
}

#[test]
fn endless_work_ends_with_the_limits() {
    let tebibyte = 1 << 40;
    let window = Window {
        from: Duration::ZERO,
        to: Duration::from_secs(3600),
    };
    for (index, pieces) in endless_files().into_iter().enumerate() {
        let started = Instant::now();
        let mut file = Sparse::new(tebibyte, pieces);
        let _ = chapters(&mut file).unwrap();
        let _ = cover(&mut file).unwrap();
        let before = file.read;
        let _ = cues(&mut file, 3, Some(window)).unwrap();
        assert!(
            file.read - before <= PART.bytes,
            "file {index}: {} bytes",
            file.read
        );
        let took = started.elapsed();
        assert!(took < Duration::from_secs(8), "file {index}: {took:?}");
    }
}

proptest! {
    #[test]
    fn random_changes_are_read(
        file in prop::sample::select(all_good()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), 0..16_usize), 1..8),
    ) {
        // Replaces a byte, or copies a piece from another position.
        let mut file = file;
        for (to, from, value, length) in changes {
            let (to, from) = (to.index(file.len()), from.index(file.len()));
            if length == 0 {
                file[to] = value;
            } else {
                let piece = file[from..file.len().min(from + length)].to_vec();
                file.splice(to..to, piece);
            }
        }
        read_all(&file);
    }
}
