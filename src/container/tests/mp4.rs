//! Tests what `probe` finds in MP4 and QuickTime files: container, duration, tracks and codecs.

use std::time::Duration;

use super::build::*;
use super::muxer::TestTrack;
use crate::container::{Container, probe};

fn avc1() -> Vec<u8> {
    let record = [1, 0x4d, 0x40, 0x1f, 0xff, 0xe0];
    visual(b"avc1", &mp4_box(b"avcC", &record))
}

fn aac() -> Vec<u8> {
    sound(b"mp4a", &esds(0x40, &[0x12, 0x10]))
}

fn film() -> Vec<u8> {
    moov(&[trak(b"vide", &avc1()), trak(b"soun", &aac())])
}

/// The parser reads only `moov` and the headers of the boxes before it.
#[test]
fn moov_behind_five_gibibytes_is_found() {
    let start = ftyp(b"isom");
    let size = 5_u64 << 30;
    let head = [&[0, 0, 0, 1][..], b"mdat", &size.to_be_bytes()].concat();
    let mdat_at = u64::try_from(start.len()).unwrap();
    let moov_at = mdat_at + size;
    let end = moov_at + u64::try_from(film().len()).unwrap();
    let pieces = vec![(0, start), (mdat_at, head), (moov_at, film())];
    let mut file = Sparse::new(end, pieces);
    let info = probe(&mut file).unwrap().unwrap();
    assert_eq!(info.video.unwrap().codecs.unwrap(), "avc1.4d401f");
    assert_eq!(info.audio[0].language.as_deref(), Some("deu"));
    assert!(file.read < 20_000, "{} bytes read", file.read);
}

#[test]
fn sample_tables_are_not_read() {
    let mut track = trak(b"vide", &avc1());
    let table = u64::from(u32::MAX / 4);
    // Makes the track and its inner boxes larger, so that a table fits at their end.
    let names: [&[u8; 4]; 4] = [b"trak", b"mdia", b"minf", b"stbl"];
    for name in names {
        let at = track.windows(4).position(|four| four == name).unwrap() - 4;
        let size = u32::from_be_bytes(track[at..at + 4].try_into().unwrap());
        let size = size + u32::try_from(table).unwrap();
        track[at..at + 4].copy_from_slice(&size.to_be_bytes());
    }
    // Only the header of the table has bytes. The rest of the table is a hole in the file.
    let hole = [&u32::try_from(table).unwrap().to_be_bytes()[..], b"stco"].concat();
    let sound = trak(b"soun", &aac());
    let open_moov = [&[0, 0, 0, 0][..], b"moov"].concat();
    let front = [ftyp(b"isom"), open_moov, mvhd(7000), track].concat();
    let hole_at = u64::try_from(front.len()).unwrap();
    let sound_at = hole_at + table;
    let end = sound_at + u64::try_from(sound.len()).unwrap();
    let mut file = Sparse::new(end, vec![(0, front), (hole_at, hole), (sound_at, sound)]);
    let info = probe(&mut file).unwrap().unwrap();
    assert_eq!(info.duration, Some(Duration::from_secs(7)));
    assert_eq!(info.video.unwrap().width, Some(1920));
    assert_eq!(info.audio.len(), 1);
    assert!(file.read < 50_000, "{} bytes read", file.read);
}

/// A box whose size is smaller than its header can cause an endless loop, so the search ends there. A box that is
/// larger than its parent ends with its parent.
#[test]
fn size_of_a_box_is_checked() {
    let film = film();
    let (head, body) = film.split_at(8);
    let moov = |size: &[u8], wide: &[u8]| [size, &b"moov"[..], wide, body].concat();
    let wide = u64::try_from(film.len() + 8).unwrap().to_be_bytes();
    let small = |size: u64| [&[0, 0, 0, 1], &b"free"[..], &size.to_be_bytes(), &film].concat();
    // The size of `chap` is too large, so `chap` seems to include the name of the next box, `mdia`. `chap` lists the
    // IDs of tracks with chapter pictures. The video track has the bytes `mdia` as its ID. A parser that reads past the
    // end of `tref` ignores this video track.
    let more = mp4_box(b"tref", &[&[0xff; 4], &b"chap"[..]].concat());
    let sound = TestTrack {
        more,
        ..TestTrack::of(b"soun", aac())
    };
    let video = with_id(trak(b"vide", &avc1()), u32::from_be_bytes(*b"mdia"));
    let both = [video, sound.trak(&[], 0)].concat();
    for (name, boxes, has_video) in [
        ("32 bits", moov(&head[..4], &[]), true),
        ("64 bits", moov(&[0, 0, 0, 1], &wide), true),
        ("to the end of the file", moov(&[0; 4], &[]), true),
        ("beyond the end", moov(&[0xff; 4], &[]), true),
        ("far beyond", moov(&[0, 0, 0, 1], &[0xff; 8]), true),
        (
            "within the header",
            [&[0, 0, 0, 4], &film[..]].concat(),
            false,
        ),
        ("within the wide header", small(1), false),
        ("one byte too small", small(15), false),
        ("beyond the parent", mp4_box(b"moov", &both), true),
    ] {
        let info = info(&[ftyp(b"isom"), boxes].concat());
        assert_eq!(info.video.is_some(), has_video, "{name}");
    }
}

#[test]
fn duration_is_of_the_movie_or_of_its_fragments() {
    let mehd = |ticks| mp4_box(b"mvex", &mp4_box(b"mehd", &numbers(&[0, ticks])));
    let rows: &[(Vec<u8>, Option<u64>)] = &[
        (mvhd(1500), Some(1500)),
        (mvhd(0), None),
        (mvhd(u32::MAX), None),
        (mvhd_wide(3, 2), Some(1500)),
        (mvhd_wide(u64::MAX, 2), None),
        (mvhd_wide(u64::MAX - 1, 1), None),
        (mvhd_wide(7, 0), None),
        // In a fragmented file, `mehd` contains the duration.
        ([mvhd(0), mehd(2500)].concat(), Some(2500)),
        ([mvhd(0), mehd(0)].concat(), None),
        (Vec::new(), None),
    ];
    for (boxes, milliseconds) in rows {
        let found = info(&mp4(std::slice::from_ref(boxes))).duration;
        assert_eq!(found, milliseconds.map(Duration::from_millis), "{boxes:?}");
    }
}

#[rustfmt::skip]
#[test]
fn brand_gives_the_container() {
    let rows: &[(Vec<u8>, Option<Container>)] = &[
        ([ftyp(b"mp42"), film()].concat(), Some(Container::Mp4)),
        ([ftyp(b"qt  "), film()].concat(), Some(Container::QuickTime)),
        (film(), Some(Container::QuickTime)),
        ([mp4_box(b"wide", &[]), mp4_box(b"mdat", &[0; 9]), film()].concat(), Some(Container::QuickTime)),
        // The file ends before `moov`, but `ftyp` gives the container.
        ([ftyp(b"isom"), mp4_box(b"mdat", &[0; 9])].concat(), Some(Container::Mp4)),
        (mp4_box(b"mdat", &[0; 9]), None),
        (mp4_box(b"RIFF", &film()), None),
        (b"ftyp".to_vec(), None),
        (Vec::new(), None),
    ];
    for (file, container) in rows {
        let found = read(file).map(|info| info.container);
        assert_eq!(found, *container, "{file:?}");
    }
}

#[test]
fn encrypted_track_has_the_codec_of_its_content() {
    let original = mp4_box(b"sinf", &mp4_box(b"frma", b"avc1"));
    let record = mp4_box(b"avcC", &[1, 0x4d, 0x40, 0x1f, 0xff, 0xe0]);
    let track = video_of(&visual(b"encv", &[record, original].concat()));
    assert!(track.protected);
    assert_eq!(track.codec, "H.264");
    assert_eq!(track.codecs.as_deref(), Some("avc1.4d401f"));
    assert!(!video_of(&avc1()).protected);
    assert!(audio_of(&sound(b"drms", &[])).protected);
}

/// `other` consists of two tracks that the parser also ignores: time codes (`tmcd`), and video without a sample entry.
#[test]
fn disabled_video_track_beside_sound_is_ignored() {
    let other = [trak(b"tmcd", &avc1()), trak(b"vide", &[])].concat();
    let off = trak_with(b"vide", &visual(b"jpeg", &[]), false);
    let sound = trak(b"soun", &aac());
    let quiet = trak_with(b"soun", &aac(), false);
    let rows: &[(&[&[u8]], Option<&str>)] = &[
        (&[&off, &sound], None),
        (&[&sound, &off], None),
        (&[&off, &quiet], None),
        (&[&off], Some("Motion JPEG")),
        (
            &[&off, &other, &trak(b"vide", &avc1()), &sound],
            Some("H.264"),
        ),
    ];
    for (tracks, expected) in rows {
        let info = info(&mp4(&[tracks.concat()]));
        assert_eq!(info.video.as_ref().map(|it| &*it.codec), *expected);
    }
}

/// If the `tref` of the sound contains ID 3, track 3 has the pictures of the chapters.
#[test]
fn track_of_chapter_pictures_is_not_the_video_track() {
    let pictures = with_id(trak(b"vide", &visual(b"jpeg", &[])), 3);
    let film = with_id(trak(b"vide", &avc1()), 4);
    for (chapters, expected) in [(3, None), (9, Some("Motion JPEG"))] {
        let tref = mp4_box(b"tref", &mp4_box(b"chap", &numbers(&[chapters, 7])));
        let sound = mp4_box(b"trak", &[&trak(b"soun", &aac())[8..], &tref].concat());
        let codec = |tracks: &[&[u8]]| info(&mp4(&[tracks.concat()])).video.map(|it| it.codec);
        assert_eq!(codec(&[&pictures, &sound]).as_deref(), expected);
        let beside = codec(&[&pictures, &sound, &film]);
        assert_eq!(beside.as_deref(), expected.or(Some("H.264")));
    }
}
