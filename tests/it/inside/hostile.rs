//! Tests hostile files over HTTP. Each response must need little processor time and memory.

use super::film::*;
use crate::program::Running;
use crate::support::Client;

/// The maximum processor time for a response, in hundredths of a second. A debug build is several times slower.
const MAX_TICKS: u64 = if cfg!(debug_assertions) { 800 } else { 200 };

/// The maximum memory of the whole program, in KiB.
const MAX_MEMORY: u64 = 64 * 1024;

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

fn block(frame: &[u8]) -> Vec<u8> {
    group_with(300, 1, Some(9), frame, &[])
}

fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let text_track = || element(TRACKS, &track(300, 17, "S_TEXT/UTF8", &[]));
    let compressed = element(TRACKS, &track(300, 17, "S_TEXT/UTF8", &zlib()));
    let numbers = 1..=2000;
    let tracks: Vec<u8> = numbers
        .flat_map(|number| track(number, 17, "S_TEXT/UTF8", &[]))
        .collect();
    let many = (0..100_000).map(|at| chapter(at, "title"));
    let mut claimed = element(ATTACHMENTS, &attached("cover.jpg", COVER));
    let size = claimed.len() - COVER.len() - 8;
    claimed[size..size + 8].copy_from_slice(&(1 << 30 | 1_u64 << 56).to_be_bytes());
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b'a'; 64 << 20], 9);
    let endless = [0x18, 0x53, 0x80, 0x67, 0xff].repeat(200_000);
    let groups = [0xa0, 0xff].repeat(500_000);
    let movie = [&[0, 0, 0, 8][..], b"ftyp", &[0; 4], b"moov"].concat();
    let empty = [&[0, 0, 0, 8][..], b"trak"].concat().repeat(1_000_000);
    vec![
        ("a million tracks in MP4", [movie, empty].concat()),
        ("2,000 tracks", mkv(&[element(TRACKS, &tracks)])),
        (
            "100,000 chapters",
            mkv(&[chapters(&many.collect::<Vec<_>>())]),
        ),
        ("claimed gigabyte", mkv(&[claimed])),
        ("nested segments", [ebml("matroska"), endless].concat()),
        ("nested groups", mkv(&[text_track(), cluster(0, &[groups])])),
        (
            "zlib bombs",
            mkv(&[compressed, cluster(0, &vec![block(&bomb); 50])]),
        ),
        (
            "cyclic SeekHead",
            mkv(&[seek_head(&[(SEEK_HEAD, 0); 1000]), text_track()]),
        ),
        (
            "a million texts",
            mkv(&[text_track(), cluster(0, &vec![block(b"a"); 1_000_000])]),
        ),
        (
            "long texts",
            mkv(&[text_track(), cluster(0, &vec![block(&[b'&'; 60_000]); 200])]),
        ),
    ]
}

#[test]
#[ignore = "slow; scripts/test runs it"]
fn hostile_file_is_answered_soon_with_little_memory() {
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
        assert!(peak < MAX_MEMORY, "{row}: {peak} KiB");
    }
}
