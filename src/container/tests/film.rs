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

pub(super) fn group_with(
    track: u8,
    offset: i16,
    duration: Option<u16>,
    frame: &[u8],
    more: &[u8],
) -> Vec<u8> {
    let head = [&[0x80 | track][..], &offset.to_be_bytes(), &[0]].concat();
    let block = element(0xa1, &[&head, frame].concat());
    let duration = duration.map_or(vec![], |it| element(0x9b, &it.to_be_bytes()));
    element(0xa0, &[&block[..], &duration, more].concat())
}

/// Returns a frame of the film, which is track 1.
pub(super) fn picture(length: usize) -> Vec<u8> {
    element(0xa3, &[vec![0x81, 0, 0, 0x80], vec![7; length]].concat())
}

/// Returns a cluster with a timestamp in milliseconds.
pub(super) fn cluster(time: u32, blocks: &[Vec<u8>]) -> Vec<u8> {
    let time = element(0xe7, &time.to_be_bytes());
    element(CLUSTER, &[time, blocks.concat()].concat())
}

/// Returns a file without an index. A tick is a millisecond.
pub(super) fn film(tracks: &[Vec<u8>], clusters: &[Vec<u8>]) -> Vec<u8> {
    let tracks = element(TRACKS, &tracks.concat());
    mkv(&[element(INFO, &[]), tracks, clusters.concat()])
}

/// Returns one entry of an index: track, time, cluster, block in the cluster and duration.
pub(super) fn cue_point(
    track: u8,
    time: u32,
    cluster: u64,
    block: Option<u64>,
    duration: Option<u16>,
) -> Vec<u8> {
    let places = [
        element(0xf7, &[track]),
        element(0xf1, &cluster.to_be_bytes()),
        block.map_or(vec![], |it| element(0xf0, &it.to_be_bytes())),
        duration.map_or(vec![], |it| element(0xb2, &it.to_be_bytes())),
    ];
    let time = element(0xb3, &time.to_be_bytes());
    element(0xbb, &[time, element(0xb7, &places.concat())].concat())
}

/// Returns a file with a SeekHead that points to an index behind the clusters. `points` gets the positions of the
/// clusters.
pub(super) fn indexed(
    tracks: &[Vec<u8>],
    clusters: &[Vec<u8>],
    points: impl Fn(&[u64]) -> Vec<Vec<u8>>,
) -> Vec<u8> {
    let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap();
    let front = [element(INFO, &[]), element(TRACKS, &tracks.concat())].concat();
    let mut at = length(&seek_head(&[(CUES, 0)])) + length(&front);
    let places = clusters.iter().map(|cluster| {
        at += length(cluster);
        at - length(cluster)
    });
    let cues = element(CUES, &points(&places.collect::<Vec<_>>()).concat());
    mkv(&[seek_head(&[(CUES, at)]), front, clusters.concat(), cues])
}

pub(super) const CUES: u32 = 0x1c53_bb6b;

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
