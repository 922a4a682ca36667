//! Tests what `probe` finds in Matroska and WebM files: container, duration, tracks, codecs and sizes.

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
    let audio = Track {
        codec: "AC-3 (Dolby Digital)".into(),
        codecs: Some("ac-3".into()),
        channels: Some(6),
        language: Some("ger".into()),
        ..Track::default()
    };
    assert_eq!(info.audio, [audio]);
}

/// The sizes of the elements are known or unknown. Padding and checksums are between the elements.
#[test]
fn layout_of_elements_makes_no_difference() {
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
        &[&open_info, &tracks, &cluster],
        &[&info, &open_tracks, &cluster],
        &[&open_tracks, &void, &open_info, &open_cluster],
        &[&crc, &info, &tracks],
        // A second copy of the Tracks element adds no tracks.
        &[&tracks, &tracks, &info],
    ];
    for body in bodies {
        assert_whole(&mkv(&[body.concat()]));
        assert_whole(&open_webm(&body.concat()));
    }
}

/// The SeekHead lists the elements, or points to a second SeekHead that lists them.
#[test]
fn seek_head_gives_the_elements_behind_the_media() {
    let (info, tracks) = (segment_info(), tracks());
    let cluster = element(CLUSTER, &[0; 20_000]);
    let behind = length(&[&seek_head(&[(INFO, 0), (TRACKS, 0)]), &cluster]);
    let direct = seek_head(&[(INFO, behind), (TRACKS, behind + length(&[&info]))]);
    assert_whole(&mkv(&[
        direct,
        cluster.clone(),
        info.clone(),
        tracks.clone(),
    ]));

    let info_at = length(&[&seek_head(&[(SEEK_HEAD, 0)]), &cluster]);
    let tracks_at = info_at + length(&[&info]);
    let first = seek_head(&[(SEEK_HEAD, tracks_at + length(&[&tracks]))]);
    let second = seek_head(&[(INFO, info_at), (TRACKS, tracks_at)]);
    assert_whole(&mkv(&[first, cluster, info, tracks, second]));
}

/// The SeekHead points to itself, beyond the end of the file, to another element or into the media.
#[test]
fn wrong_seek_head_has_no_effect() {
    // The media contain the bytes of a TrackEntry. A parser that reads them finds a video track.
    let media = element(VOID, &track_entry(1, "V_VP8", &[], &[]));
    let cluster = element(CLUSTER, &media);
    let into_media = length(&[&seek_head(&[(TRACKS, 0), (SEEK_HEAD, 0)]), &segment_info()]) + 12;
    for position in [0, 1, 30, into_media, 500, 1 << 20, u64::MAX - 40, u64::MAX] {
        for target in [SEEK_HEAD, INFO, TRACKS, CLUSTER] {
            let seek = seek_head(&[(target, position), (SEEK_HEAD, 0)]);
            let info = info(&mkv(&[seek, segment_info(), cluster.clone()]));
            assert_eq!(info.duration, Some(Duration::from_millis(2500)));
            assert_eq!(info.video, None);
        }
    }
}

/// The tracks are behind 250 clusters. The search ends at the first cluster, so it finds no track.
#[test]
fn search_stops_at_the_media() {
    let front = open_webm(&segment_info());
    let front_length = length(&[&front]);
    // Each cluster has 1 GiB, including its header.
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

#[test]
fn child_stays_within_its_parent() {
    let long = [&[0x86, 0x80 | 40], &b"V_VP9"[..]].concat();
    let entry = element(0xae, &[element(0x83, &[1]), long].concat());
    let video = info(&matroska(&entry)).video.expect("a video track");
    assert_eq!(video.codec, "VP9");
}

#[test]
fn document_type_gives_the_container() {
    for (doc_type, container) in [
        ("matroska", Some(Container::Matroska)),
        ("webm", Some(Container::WebM)),
        ("webm\0\0", Some(Container::WebM)),
        ("mkv3d", None),
        ("", None),
    ] {
        let file = [ebml(doc_type), element(SEGMENT, &tracks())].concat();
        let found = read(&file).map(|info| info.container);
        assert_eq!(found, container, "{doc_type}");
    }
}

#[test]
fn duration_is_a_number_of_ticks() {
    let rows: &[(u64, &[u8], Option<u64>)] = &[
        (1_000_000, &1500_f64.to_be_bytes(), Some(1500)),
        (1_000, &1_500_000_f64.to_be_bytes(), Some(1500)),
        (1_000_000, &f64::NAN.to_be_bytes(), None),
        (1_000_000, &(-1_f64).to_be_bytes(), None),
        (u64::MAX, &1500_f64.to_be_bytes(), None),
        (0, &1500_f64.to_be_bytes(), None),
        (1_000_000, &[1, 2, 3], None),
        (1_000_000, &[], None),
    ];
    for (scale, duration, milliseconds) in rows {
        let scaled = element(0x002a_d7b1, &scale.to_be_bytes());
        let body = [scaled, element(0x4489, duration)].concat();
        let found = info(&mkv(&[element(INFO, &body)])).duration;
        let expected = milliseconds.map(Duration::from_millis);
        assert_eq!(found, expected, "{scale} × {duration:?}");
    }
}

#[test]
fn enabled_tracks_come_first() {
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

/// The parser uses only the ratio of the display width to the display height. A roll of 90 degrees swaps width and
/// height.
#[test]
fn display_size_and_roll_change_the_size() {
    // A display value of 0 stands for a missing element.
    for (across, down, unit, roll, expected) in [
        (960, 720, 0, 0.0, (1280, 960)),
        (4, 3, 3, 0.0, (1280, 960)),
        // Unit 4 means that the unit is unknown, so the parser ignores the display size.
        (4, 3, 4, 0.0, (1280, 720)),
        (0, 720, 0, 0.0, (1280, 720)),
        (0, 0, 0, 90.0, (720, 1280)),
        (0, 0, 0, -90.0, (720, 1280)),
        (0, 0, 0, 180.0, (1280, 720)),
        (0, 0, 0, -270.0, (720, 1280)),
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
            element(0x7670, &element(0x7675, &f32::to_be_bytes(roll))),
        ];
        let shape = element(0xe0, &shape.concat());
        let file = matroska(&track_entry(1, "V_VP8", &[], &shape));
        let video = info(&file).video.unwrap();
        let size = (video.width.unwrap(), video.height.unwrap());
        assert_eq!(size, expected, "{across} × {down}, unit {unit}, {roll}");
    }
}
