//! Tests of cuts.

mod model;
mod properties;

use std::io::Cursor;

use super::*;
use crate::container::tests::build::mp4_box;
use crate::container::tests::muxer::{TestTrack, film};

fn cut_of(source: &[u8], parts: &[Interval]) -> Result<Cut> {
    let mut input = Cursor::new(source);
    let moov = find_index(&mut input)?;
    build(&mut input, moov, length(source), parts, 1 << 20)
}

fn whole(source: &[u8], cut: &Cut) -> Vec<u8> {
    let mut file = cut.head.clone();
    for piece in &cut.pieces {
        let at = |position: u64| usize::try_from(position).unwrap();
        file.extend_from_slice(&source[at(piece.start)..at(piece.end)]);
    }
    file
}

/// Returns the content of a sample. It repeats four bytes that identify the track and the sample.
fn content(track: usize, sample: usize, size: u32) -> Vec<u8> {
    let number = u32::try_from(track * 1_000_000 + sample + 1).unwrap();
    let bytes = number.to_be_bytes().into_iter().cycle();
    bytes.take(usize::try_from(size).unwrap()).collect()
}

/// Returns an H.264 sample: a message, then a picture that contains the number of the sample. If `is_idr`, the picture
/// resets the decoder.
fn picture(sample: usize, size: u32, is_idr: bool) -> Vec<u8> {
    let kind = if is_idr { 0x65 } else { 0x41 };
    let content = content(0, sample, size);
    let length = u32::try_from(content.len() + 1).unwrap().to_be_bytes();
    [&[0, 0, 0, 2, 6, 5], &length[..], &[kind], &content].concat()
}

fn track(handler: &'static [u8; 4], duration: u32, size: usize) -> TestTrack {
    TestTrack {
        samples: vec![(duration, 0, true, vec![0; size]); 50],
        per_chunk: 5,
        ..TestTrack::of(handler, mp4_box(b"vp09", &[0; 78]))
    }
}

#[test]
fn edit_list_of_a_million_rows_is_refused() {
    let parts = vec![(0, None); 200];
    for (edits, is_cut) in [(10, true), (900, false), (1_000_000, false)] {
        let edits = vec![(1, 40); edits];
        let track = TestTrack {
            edits,
            ..track(b"vide", 40, 5)
        };
        let result = cut_of(&film(&[track], true, false), &parts);
        assert_eq!(result.is_ok(), is_cut, "{result:?}");
    }
}

#[test]
fn part_at_the_largest_number_is_refused() {
    let source = film(&[track(b"vide", 40, 5)], true, false);
    for start in [1 << 62, u64::MAX >> 1, u64::MAX] {
        let result = cut_of(&source, &[(start, None)]);
        assert!(
            matches!(result, Err(CutError::Parts(_))),
            "{start}: {result:?}"
        );
    }
}

#[test]
fn film_with_two_sound_tracks_keeps_the_first() {
    let tracks = [8, 12].map(|size| track(b"soun", 20, size));
    let source = film(&tracks, true, true);
    let cut = cut_of(&source, &[(0, None)]).unwrap();
    let (_, tracks) = model::watch(&whole(&source, &cut));
    assert_eq!(tracks.len(), 1);
    assert!(tracks[0].samples.iter().all(|sample| sample.3.len() == 8));
}

/// The film has key frames at seconds 0, 2, 4 and so on. Only some of them reset the decoder (`idrs`). Only the first
/// part may begin at another key frame.
#[test]
fn part_begins_at_a_key_frame_that_resets_the_decoder() {
    let film_of = |entry: &[u8; 4], idrs: &[usize], sample: fn(usize, bool) -> Vec<u8>| {
        let samples = (0..80).map(|at| (1000, 0, at % 2 == 0, sample(at, idrs.contains(&at))));
        // This configuration sets the width of NAL unit lengths to two bytes.
        let config = match entry {
            b"avc3" => mp4_box(b"avcC", &[1, 0, 0, 0, 0xfd]),
            _ => Vec::new(),
        };
        let track = TestTrack {
            samples: samples.collect(),
            ..TestTrack::of(b"vide", mp4_box(entry, &[&[0; 78][..], &config].concat()))
        };
        film(&[track], true, false)
    };
    let h264 = |at, is_idr| picture(at, 4, is_idr);
    // Returns an H.265 sample: an access unit delimiter, then an IDR or CRA picture.
    let hevc = |at, is_idr| {
        let kind = if is_idr { 19 << 1 } else { 21 << 1 };
        let head = [0, 0, 0, 2, 35 << 1, 1, 0, 0, 0, 5, kind];
        [&head, &content(0, at, 4)[..]].concat()
    };
    let short = |at, is_idr| [&[0, 2, 6, 5, 0, 5], &picture(at, 4, is_idr)[10..]].concat();
    let other = |at, _| content(0, at, 8);
    // A row: the sample entry, the function that returns a sample, the IDR pictures, the starts of both parts in
    // seconds, and the expected first sample of each part. `None` means that the cut is refused.
    type CutRow<'r> = (
        &'r [u8; 4],
        fn(usize, bool) -> Vec<u8>,
        &'r [usize],
        (u64, u64),
        Option<(usize, usize)>,
    );
    let rows: [CutRow; 10] = [
        (b"avc1", h264, &[0, 10], (3, 13), Some((0, 10))),
        (b"avc1", h264, &[0, 10], (3, 10), Some((0, 10))),
        (b"avc1", h264, &[0, 10], (13, 21), Some((10, 10))),
        (b"avc1", h264, &[0, 10], (3, 73), None),
        (b"avc1", h264, &[], (3, 5), None),
        (b"avc1", h264, &[0, 66], (65, 66), Some((64, 66))),
        (b"avc3", short, &[0, 10], (13, 21), Some((10, 10))),
        (b"hvc1", hevc, &[0, 10], (13, 21), Some((10, 10))),
        (b"hvc1", hevc, &[0, 10], (3, 73), None),
        (b"vp09", other, &[], (19, 18), Some((18, 18))),
    ];
    for (entry, sample, idrs, starts, keys) in rows {
        let source = film_of(entry, idrs, sample);
        let part = |start| (start * 1000, Some(start * 1000 + 1000));
        let seen = match cut_of(&source, &[part(starts.0), part(starts.1)]) {
            Err(CutError::File(_)) => None,
            result => {
                let cut = result.unwrap();
                Some(model::watch(&whole(&source, &cut)).1.remove(0).samples)
            }
        };
        let content = |at: usize| sample(at, idrs.contains(&at));
        let expected = keys.map(|(first, later)| {
            let end = |start: u64| usize::try_from(start).unwrap() + 1;
            let samples = (first..end(starts.0)).chain(later..end(starts.1));
            samples.map(content).collect::<Vec<_>>()
        });
        let seen = seen.map(|it| it.into_iter().map(|it| it.3).collect());
        assert_eq!(seen, expected, "{entry:?} {starts:?}");
    }
}
