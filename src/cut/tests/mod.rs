//! Tests of cuts.

mod film;
mod model;
mod properties;

use std::io::Cursor;

use super::*;

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

fn track(is_video: bool, sample: film::Sample, edits: usize) -> film::TestTrack {
    film::TestTrack {
        is_video,
        timescale: 1000,
        samples: vec![sample; 50],
        per_chunk: 5,
        edits: vec![(1, 40); edits],
        same_size: false,
    }
}

#[test]
fn edit_list_of_a_million_rows_is_refused() {
    let parts = vec![(0, None); 200];
    for (edits, is_cut) in [(10, true), (900, false), (1_000_000, false)] {
        let source = film::film(&[track(true, (40, 0, true, 5), edits)], true, false);
        let result = cut_of(&source, &parts);
        assert_eq!(result.is_ok(), is_cut, "{edits}: {result:?}");
    }
}

#[test]
fn film_with_two_sound_tracks_keeps_the_first() {
    let sound = |size| track(false, (20, 0, true, size), 0);
    let source = film::film(&[sound(8), sound(12)], true, true);
    let cut = cut_of(&source, &[(0, None)]).unwrap();
    let (_, tracks) = model::watch(&whole(&source, &cut));
    assert_eq!(tracks.len(), 1);
    assert!(tracks[0].samples.iter().all(|sample| sample.3.len() == 8));
}
