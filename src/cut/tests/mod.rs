//! Tests of cuts.

mod model;
mod properties;

use std::io::Cursor;

use super::*;
use crate::container::tests::build::mp4_box;
use crate::container::tests::muxer::{TestTrack, film};

/// Cuts a film in memory.
fn cut_of(source: &[u8], parts: &[Interval]) -> Result<Cut> {
    let mut input = Cursor::new(source);
    let moov = find_index(&mut input)?;
    build(&mut input, moov, length(source), parts, 1 << 20)
}

/// The bytes of a cut.
fn whole(source: &[u8], cut: &Cut) -> Vec<u8> {
    let mut file = cut.head.clone();
    for piece in &cut.pieces {
        let at = |position: u64| usize::try_from(position).unwrap();
        file.extend_from_slice(&source[at(piece.start)..at(piece.end)]);
    }
    file
}

/// Returns the bytes of a sample, which identify its track and its number.
fn content(track: usize, sample: usize, size: u32) -> Vec<u8> {
    let number = u32::try_from(track * 1_000_000 + sample + 1).unwrap();
    let bytes = number.to_be_bytes().into_iter().cycle();
    bytes.take(usize::try_from(size).unwrap()).collect()
}

fn track(handler: &'static [u8; 4], duration: u32, size: usize) -> TestTrack {
    TestTrack {
        samples: vec![(duration, 0, true, vec![0; size]); 50],
        per_chunk: 5,
        ..TestTrack::of(handler, mp4_box(b"avc1", &[0; 78]))
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
fn film_with_two_sound_tracks_keeps_the_first() {
    let tracks = [8, 12].map(|size| track(b"soun", 20, size));
    let source = film(&tracks, true, true);
    let cut = cut_of(&source, &[(0, None)]).unwrap();
    let (_, tracks) = model::watch(&whole(&source, &cut));
    assert_eq!(tracks.len(), 1);
    assert!(tracks[0].samples.iter().all(|sample| sample.3.len() == 8));
}
