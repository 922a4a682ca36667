//! Builds Matroska files with subtitles.

use std::io::Cursor;
use std::time::Duration;

use super::build::*;
use crate::container::{Cue, Cues, Window, cues};

/// Returns a subtitle track.
pub(super) fn text_track(number: u8, codec: &str, private: &[u8], more: &[u8]) -> Vec<u8> {
    let number = element(0xd7, &[number]);
    track_entry(17, codec, private, &[&number, more].concat())
}

/// Returns a text of track 3. The offset from the cluster is in milliseconds.
pub(super) fn group(offset: i16, duration: Option<u16>, frame: &[u8]) -> Vec<u8> {
    group_with(3, offset, duration, frame, &[])
}

/// Returns a frame of the film, which is track 1.
pub(super) fn picture(length: usize) -> Vec<u8> {
    element(0xa3, &[vec![0x81, 0, 0, 0x80], vec![7; length]].concat())
}

/// Returns a file without an index. A tick is a millisecond.
pub(super) fn film(tracks: &[Vec<u8>], clusters: &[Vec<u8>]) -> Vec<u8> {
    let tracks = element(TRACKS, &tracks.concat());
    mkv(&[element(INFO, &[]), tracks, clusters.concat()])
}

/// Returns the cues of track 3 in a window of seconds.
pub(super) fn texts(file: &[u8], from: f64, to: f64) -> Option<Cues> {
    let [from, to] = [from, to].map(Duration::from_secs_f64);
    texts_of(file, 3, Window { from, to })
}

/// Returns all cues of a track.
pub(super) fn all_texts(file: &[u8], track: u64) -> Option<Cues> {
    texts_of(file, track, Window::WHOLE)
}

/// Returns the cues of a track, and checks that they exist if the track is found without a window.
pub(super) fn texts_of(file: &[u8], track: u64, window: Window) -> Option<Cues> {
    let found = cues(Cursor::new(file), track, Some(window)).expect("memory does not fail");
    let is_text = cues(Cursor::new(file), track, None).expect("memory does not fail");
    let is_same = is_text.map(|it| it.is_ok()) == found.as_ref().map(|it| it.is_ok());
    assert!(is_same, "track {track}");
    found.and_then(Result::ok)
}

/// Returns start and end in milliseconds, and the text.
pub(super) fn lines(cues: &Cues) -> Vec<(u128, u128, &str)> {
    let line = |cue: &'_ Cue| (cue.start.as_millis(), cue.end.as_millis());
    let texts = cues.list.iter().map(|cue| cue.text.as_str());
    let times = cues.list.iter().map(line);
    times
        .zip(texts)
        .map(|(time, text)| (time.0, time.1, text))
        .collect()
}
