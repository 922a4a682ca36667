//! Tests hostile files over HTTP: each request gets a response soon, and the program uses little memory.

use super::film::*;
use crate::program::Running;
use crate::support::Client;

/// The maximum processor time of a response, in hundredths of a second. A debug build takes several times as long as a
/// release build. Other work of the machine does not count.
const MAX_TICKS: u64 = if cfg!(debug_assertions) { 800 } else { 200 };

/// The maximum memory of the whole program, in KiB.
const LIMIT: u64 = 64 * 1024;

/// Requests everything that a file may contain: subtitles, chapters, the cover and the player page.
#[track_caller]
fn request_all(running: &Running, client: &mut Client, row: &str) {
    for target in [
        "/api/subtitles/film.mkv?track=300",
        "/api/subtitles/film.mkv?track=300&from=1&to=30",
        "/api/subtitles/film.mkv?track=2",
        "/api/subtitles/film.mkv?track=chapters",
        "/api/cover/film.mkv",
        "/watch/film.mkv",
    ] {
        let before = running.processor_ticks();
        let status = client.request("GET", target, "").status;
        assert!(
            matches!(status, 200 | 404 | 422),
            "{row} {target}: {status}"
        );
        let ticks = running.processor_ticks() - before;
        assert!(ticks < MAX_TICKS, "{row} {target}: {ticks} ticks");
    }
}

fn segment(parts: &[Vec<u8>]) -> Vec<u8> {
    [ebml(), element(SEGMENT, &parts.concat())].concat()
}

/// Returns a text track whose frames are compressed with zlib.
fn compressed() -> Vec<u8> {
    let encoding = element(0x6240, &element(0x5034, &element(0x4254, &[0])));
    let track = track(300, 17, "S_TEXT/UTF8", &element(0x6d80, &encoding));
    element(TRACKS, &track)
}

/// Returns a block of track 300, in a block group.
fn block(frame: &[u8]) -> Vec<u8> {
    let block = [&[0x41, 0x2c, 0, 1, 0][..], frame].concat();
    element(0xa0, &[element(0xa1, &block), element(0x9b, &[9])].concat())
}

fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let text_track = || element(TRACKS, &track(300, 17, "S_TEXT/UTF8", &[]));
    let numbers = 1..=2000;
    let tracks: Vec<u8> = numbers
        .flat_map(|number| track(number, 17, "S_TEXT/UTF8", &[]))
        .collect();
    let many = (0..100_000).map(|at| chapter(at, "title"));
    let mut claimed = attachment("cover.jpg", COVER);
    let size = claimed.len() - COVER.len() - 8;
    claimed[size..size + 8].copy_from_slice(&(1 << 30 | 1_u64 << 56).to_be_bytes());
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b'a'; 64 << 20], 9);
    let seek = [
        element(0x53ab, &0x114d_9b74_u32.to_be_bytes()),
        element(0x53ac, &[0]),
    ];
    let seek = element(0x4dbb, &seek.concat());
    let endless = [0x18, 0x53, 0x80, 0x67, 0xff].repeat(200_000);
    let groups = [0xa0, 0xff].repeat(500_000);
    vec![
        ("2,000 tracks", segment(&[element(TRACKS, &tracks)])),
        (
            "100,000 chapters",
            segment(&[chapters(&many.collect::<Vec<_>>())]),
        ),
        ("claimed gigabyte", segment(&[claimed])),
        ("nested segments", [ebml(), endless].concat()),
        (
            "nested groups",
            segment(&[text_track(), cluster(0, &[groups])]),
        ),
        (
            "zlib bombs",
            segment(&[compressed(), cluster(0, &vec![block(&bomb); 50])]),
        ),
        (
            "cyclic SeekHead",
            segment(&[element(0x114d_9b74, &seek.repeat(1000)), text_track()]),
        ),
        (
            "a million texts",
            segment(&[text_track(), cluster(0, &vec![block(b"a"); 1_000_000])]),
        ),
        (
            "long texts",
            segment(&[text_track(), cluster(0, &vec![block(&[b'&'; 60_000]); 200])]),
        ),
    ]
}

#[test]
fn slow_hostile_file_is_answered_soon_with_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("film.mkv");
    let running = Running::quiet(dir.path(), &[]);
    let mut client = Client::connect(running.address);
    let mp4 = include_bytes!("../../media/inside.mp4");
    for film in [&film()[..], mp4] {
        for at in (0..film.len()).step_by(film.len() / 40) {
            std::fs::write(&path, &film[..at]).unwrap();
            request_all(&running, &mut client, &format!("cut at {at}"));
            let mut changed = film.to_vec();
            changed[at..(at + 4).min(film.len())].fill(0xff);
            std::fs::write(&path, changed).unwrap();
            request_all(&running, &mut client, &format!("changed at {at}"));
        }
    }
    for (row, file) in hostile() {
        std::fs::write(&path, file).unwrap();
        request_all(&running, &mut client, row);
        let peak = running.peak();
        assert!(peak < LIMIT, "{row}: {peak} KiB");
    }
}
