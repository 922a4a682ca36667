//! Tests the positions of elements in Matroska and WebM.

use std::time::Duration;

use super::build::*;
use crate::container::{Container, Track, probe};

fn tracks() -> Vec<u8> {
    let channels = element(0xe1, &element(0x9f, &[6]));
    let german = element(0x0022_b59c, b"ger");
    let video = track_entry(1, "V_VP9", &[], &pixels());
    let audio = track_entry(2, "A_AC3", &[], &[channels, german].concat());
    element(TRACKS, &[video, audio].concat())
}

fn length(parts: &[&[u8]]) -> u64 {
    u64::try_from(parts.concat().len()).unwrap()
}

#[track_caller]
fn assert_whole(file: &[u8]) {
    let info = info(file);
    assert_eq!(info.duration, Some(Duration::from_millis(2500)));
    let video = info.video.expect("a video track");
    assert_eq!((video.width, video.height), (Some(1280), Some(720)));
    assert_eq!(
        info.audio,
        [Track {
            codec: "AC-3 (Dolby Digital)".into(),
            codecs: Some("ac-3".into()),
            channels: Some(6),
            language: Some("ger".into()),
            ..Track::default()
        }]
    );
}

/// Sizes are known or unknown, with padding and checksums between the elements.
#[test]
fn layouts() {
    let (info, tracks) = (segment_info(), tracks());
    let cluster = element(CLUSTER, &[0; 100]);
    let void = element(VOID, &[0; 300]);
    let crc = element(0xbf, &[0; 4]);
    let open = |id, element: &[u8]| endless(id, &element[12..]);
    let (open_info, open_tracks) = (open(INFO, &info), open(TRACKS, &tracks));
    let open_cluster = endless(CLUSTER, &[0; 50]);
    let bodies: &[&[&[u8]]] = &[
        &[&info, &tracks, &cluster],
        &[&void, &info, &void, &tracks, &cluster],
        &[&tracks, &info, &cluster],
        &[&open_info, &tracks, &cluster],
        &[&info, &open_tracks, &cluster],
        &[&open_tracks, &void, &open_info, &open_cluster],
        &[&crc, &info, &tracks],
        // A second copy, which RFC 9559 allows for some elements, adds no tracks.
        &[&tracks, &tracks, &info],
    ];
    for body in bodies {
        assert_whole(&[ebml("matroska"), element(SEGMENT, &body.concat())].concat());
        assert_whole(&[ebml("webm"), endless(SEGMENT, &body.concat())].concat());
    }
}

/// A SeekHead gives the positions of elements behind the media, also through a second SeekHead.
#[test]
fn seek_heads() {
    let (info, tracks) = (segment_info(), tracks());
    let cluster = element(CLUSTER, &[0; 20_000]);
    let blank = length(&[&seek_head(&[(INFO, 0), (TRACKS, 0)])]);
    let behind = blank + length(&[&cluster]);
    let direct = seek_head(&[(INFO, behind), (TRACKS, behind + length(&[&info]))]);
    let body = [direct, cluster.clone(), info.clone(), tracks.clone()].concat();
    assert_whole(&[ebml("matroska"), element(SEGMENT, &body)].concat());

    let first = seek_head(&[(SEEK_HEAD, 0)]);
    let info_at = length(&[&first, &cluster]);
    let tracks_at = info_at + length(&[&info]);
    let second_at = tracks_at + length(&[&tracks]);
    let first = seek_head(&[(SEEK_HEAD, second_at)]);
    let second = seek_head(&[(INFO, info_at), (TRACKS, tracks_at)]);
    let body = [first, cluster, info, tracks, second].concat();
    assert_whole(&[ebml("matroska"), element(SEGMENT, &body)].concat());
}

/// A SeekHead that points to itself, beyond the end, or to another element has no effect. The other elements stay.
#[test]
fn seek_heads_that_lie() {
    let cluster = element(CLUSTER, &[0; 2000]);
    for position in [0, 1, 30, 500, 1 << 20, u64::MAX - 40, u64::MAX] {
        for target in [SEEK_HEAD, INFO, TRACKS, CLUSTER] {
            let seek = seek_head(&[(target, position), (SEEK_HEAD, 0)]);
            let body = [seek, segment_info(), cluster.clone()].concat();
            let info = info(&[ebml("matroska"), element(SEGMENT, &body)].concat());
            assert_eq!(info.duration, Some(Duration::from_millis(2500)));
            assert_eq!(info.video, None);
        }
    }
}

/// The parser reads only the expected element at a position, because the media can contain any bytes.
#[test]
fn seek_heads_into_the_media() {
    let blank = length(&[&seek_head(&[(TRACKS, 0)]), &segment_info()]);
    let entry = track_entry(1, "V_VP8", &[], &[]);
    let cluster = element(CLUSTER, &entry);
    let body = [seek_head(&[(TRACKS, blank + 12)]), segment_info(), cluster];
    let info = info(&[ebml("matroska"), element(SEGMENT, &body.concat())].concat());
    assert_eq!(info.video, None);
}

/// The parser never scans the media: the search ends at the first cluster.
#[test]
fn stops_at_the_media() {
    let front = [ebml("matroska"), endless(SEGMENT, &segment_info())].concat();
    let front_length = length(&[&front]);
    // The clusters have a gibibyte each, including the header.
    let size = ((1_u64 << 30) - 12) | (1 << 56);
    let cluster = [element_id(CLUSTER), size.to_be_bytes().to_vec()].concat();
    let clusters = (0..250).map(|at| (front_length + (at << 30), cluster.clone()));
    let behind = (front_length + (250 << 30), tracks());
    let pieces = [(0, front)].into_iter().chain(clusters).chain([behind]);
    let mut file = Sparse::new(300 << 30, pieces.collect());
    let info = probe(&mut file).unwrap().unwrap();
    assert_eq!(info.duration, Some(Duration::from_millis(2500)));
    assert_eq!(info.video, None);
    assert!(file.read < 10_000, "{} bytes read", file.read);
}

/// An element ends no later than its parent, for any size.
#[test]
fn children_stay_within() {
    let long = [&[0x86, 0x80 | 40], &b"V_VP9"[..]].concat();
    let entry = element(0xae, &[element(0x83, &[1]), long].concat());
    let video = info(&matroska(&entry)).video.expect("a video track");
    assert_eq!(video.codec, "VP9");
}

#[test]
fn containers() {
    let rows = [
        ("matroska", Some(Container::Matroska)),
        ("webm", Some(Container::WebM)),
        ("webm\0\0", Some(Container::WebM)),
        ("mkv3d", None),
        ("", None),
    ];
    for (doc_type, container) in rows {
        let file = [ebml(doc_type), element(SEGMENT, &tracks())].concat();
        assert_eq!(
            read(&file).map(|info| info.container),
            container,
            "{doc_type}"
        );
    }
}

#[test]
fn durations() {
    let file = |scale: u64, duration: &[u8]| {
        let info = [
            element(0x002a_d7b1, &scale.to_be_bytes()),
            element(0x4489, duration),
        ];
        let body = element(INFO, &info.concat());
        [ebml("webm"), element(SEGMENT, &body)].concat()
    };
    let rows: &[(u64, &[u8], Option<u64>)] = &[
        (1_000_000, &1500_f32.to_be_bytes(), Some(1500)),
        (1_000_000, &1500_f64.to_be_bytes(), Some(1500)),
        (1_000, &1_500_000_f64.to_be_bytes(), Some(1500)),
        (1_000_000, &f64::NAN.to_be_bytes(), None),
        (1_000_000, &f64::INFINITY.to_be_bytes(), None),
        (1_000_000, &f64::MAX.to_be_bytes(), None),
        (1_000_000, &(-1_f64).to_be_bytes(), None),
        (1_000_000, &0_f64.to_be_bytes(), None),
        (u64::MAX, &1500_f64.to_be_bytes(), None),
        (0, &1500_f64.to_be_bytes(), None),
        (1_000_000, &[1, 2, 3], None),
        (1_000_000, &[], None),
    ];
    for (scale, duration, milliseconds) in rows {
        let expected = milliseconds.map(Duration::from_millis);
        assert_eq!(
            info(&file(*scale, duration)).duration,
            expected,
            "{scale} × {duration:?}"
        );
    }
}

#[test]
fn which_tracks() {
    let off = element(0xb9, &[0]);
    let encrypted = element(0x6d80, &element(0x6240, &element(0x5035, &[])));
    let tag = [element(0x0022_b59c, b"por"), element(0x0022_b59d, b"pt-BR")];
    let entries = [
        track_entry(17, "S_TEXT/UTF8", &[], &[]),
        track_entry(1, "V_VP8", &[], &off),
        track_entry(1, "V_AV1", &[], &encrypted),
        track_entry(2, "A_OPUS", &[], &off),
        track_entry(2, "A_FLAC", &[], &tag.concat()),
    ];
    let info = info(&matroska(&entries.concat()));
    let video = info.video.unwrap();
    assert_eq!((&*video.codec, video.protected), ("AV1", true));
    let audio: Vec<_> = info.audio.iter().map(|track| &*track.codec).collect();
    assert_eq!(audio, ["FLAC", "Opus"]);
    assert_eq!(info.audio[0].language.as_deref(), Some("pt-BR"));
    assert_eq!(info.audio[0].channels, Some(1));
}

/// The display size is only a ratio, for any unit. The picture shows all pixels.
#[test]
fn display_size_grows_the_smaller_side() {
    // The coded size is 1280 × 720. The value 0 stands for a missing element.
    for (across, down, unit, expected) in [
        (0, 0, 0, (1280, 720)),
        (1280, 720, 0, (1280, 720)),
        (960, 720, 0, (1280, 960)),
        (1920, 720, 0, (1920, 720)),
        (1707, 720, 0, (1707, 720)),
        (4, 3, 3, (1280, 960)),
        (40, 30, 1, (1280, 960)),
        // The difference is a rounding error of a muxer.
        (1279, 720, 0, (1280, 720)),
        // The unit is unknown.
        (4, 3, 4, (1280, 720)),
        (0, 720, 0, (1280, 720)),
    ] {
        let number = |id, value: u16| match value {
            0 => Vec::new(),
            value => element(id, &value.to_be_bytes()),
        };
        let shape = [
            pixels()[9..].to_vec(),
            number(0x54b0, across),
            number(0x54ba, down),
            number(0x54b2, unit),
        ];
        let entry = track_entry(1, "V_VP8", &[], &element(0xe0, &shape.concat()));
        let video = info(&matroska(&entry)).video.unwrap();
        let seen = (video.width.unwrap(), video.height.unwrap());
        assert_eq!(seen, expected, "{across} × {down}, unit {unit}");
    }
}

#[test]
fn projection_roll_of_a_quarter_swaps_the_sides() {
    for (roll, expected) in [
        (0.0, 1280),
        (90.0, 720),
        (-90.0, 720),
        (180.0, 1280),
        (-270.0, 720),
    ] {
        let projection = element(0x7670, &element(0x7675, &f32::to_be_bytes(roll)));
        let shape = [&pixels()[9..], &projection].concat();
        let entry = track_entry(1, "V_VP8", &[], &element(0xe0, &shape));
        let video = info(&matroska(&entry)).video.unwrap();
        assert_eq!(video.width, Some(expected), "{roll}");
    }
}
