//! Tests video in MP4: one row for each form of a codec in a file.

use super::build::*;
use super::records::*;

// A row is one line.
#[rustfmt::skip]
#[test]
fn video_entry_gives_codec_codecs_and_profile() {
    let main = [0x90, 0, 0, 0, 0, 0];
    let main10 = [0xb0, 0, 0, 0, 0, 0];
    let dolby = mp4_box(b"dvcC", &[1, 0, 5 << 1, 6 << 3]);
    let dolby_hevc = [hvcc(2, 0x2000_0000, main), dolby].concat();
    let dolby_av1 = mp4_box(b"dvvC", &[1, 0, 10 << 1, 6 << 3]);
    let dolby_av1 = [av1c(0x08, 0x4c), dolby_av1].concat();
    let rext = [0x9d, 8, 0, 1, 0, 0];
    let asp = [0, 0, 1, 0xb0, 0xf5];
    let rows: Vec<(&[u8; 4], Vec<u8>, &str)> = vec![
        (b"avc1", avcc(66), "H.264 | avc1.420028"),
        (b"avc1", avcc(77), "H.264 | avc1.4d0028"),
        (b"avc1", avcc(100), "H.264 | avc1.640028"),
        (b"avc3", avcc(110), "H.264 | avc3.6e0028 | High 10"),
        (b"avc1", avcc(122), "H.264 | avc1.7a0028 | High 4:2:2"),
        (b"avc1", avcc(244), "H.264 | avc1.f40028 | High 4:4:4 Predictive"),
        (b"avc1", vec![], "H.264 | avc1.42e01e"),
        (b"hvc1", hvcc(1, 0x6000_0000, main), "H.265 (HEVC) | hvc1.1.6.L93.90"),
        (b"hev1", hvcc(2, 0x2000_0000, main10), "H.265 (HEVC) | hev1.2.4.L93.B0 | Main 10"),
        (b"hvc1", hvcc(0x64, 0x0800_0000, rext), "H.265 (HEVC) | hvc1.A4.10.H93.9D.8.0.1 | Range Extensions"),
        (b"hvc1", hvcc(1, 0x6000_0000, [0; 6]), "H.265 (HEVC) | hvc1.1.6.L93"),
        (b"dvh1", dolby_hevc, "H.265 (HEVC) | dvh1.05.06 | Dolby Vision"),
        (b"dav1", dolby_av1, "AV1 | dav1.10.06 | Dolby Vision"),
        (b"av01", av1c(0x08, 0x0c), "AV1 | av01.0.08M.08"),
        (b"av01", av1c(0x0d, 0xcc), "AV1 | av01.0.13H.10"),
        (b"av01", av1c(0x28, 0x00), "AV1 | av01.1.08M.08 | High"),
        (b"av01", av1c(0x48, 0x68), "AV1 | av01.2.08M.12 | Professional"),
        (b"vp09", vpcc(0, 0x82), "VP9 | vp09.00.31.08"),
        (b"vp09", vpcc(2, 0xa2), "VP9 | vp09.02.31.10 | Profile 2"),
        (b"vp09", vpcc(3, 0xc6), "VP9 | vp09.03.31.12 | Profile 3"),
        (b"vp09", vec![], "VP9 | vp9"),
        (b"vp08", vpcc(0, 0x82), "VP8 | vp08.00.31.08"),
        (b"mp4v", esds(0x20, &asp), "MPEG-4 Part 2 | mp4v.20.245 | Advanced Simple"),
        (b"mp4v", esds(0x20, &[]), "MPEG-4 Part 2 | mp4v.20"),
        (b"mp4v", esds(0x61, &[]), "MPEG-2 | mp4v.61"),
        (b"mp4v", esds(0xfe, &[]), "mp4v.FE | mp4v.FE"),
        (b"raw ", vec![], "uncompressed video"),
        (b"hdv3", vec![], "MPEG-2 | mp4v.61"),
        (b"xvid", vec![], "MPEG-4 Part 2 | mp4v.20"),
        (b"zzz9", vec![], "zzz9 | zzz9"),
        (b"dvc ", vec![], "DV"),
        (b"a\"<\xff", vec![], "a\\\"<\\xff"),
    ];
    for (name, children, expected) in rows {
        let track = video_of(&visual(name, &children));
        assert_eq!(described(&track), expected, "{}", name.escape_ascii());
        assert_eq!((track.width, track.height), (Some(1920), Some(1080)));
    }
}

#[test]
fn pixel_aspect_ratio_grows_the_smaller_side() {
    // The coded size is 1920 × 1080.
    for (across, down, expected) in [
        (1, 1, (1920, 1080)),
        (4, 3, (2560, 1080)),
        (3, 4, (1920, 1440)),
        (64, 45, (2731, 1080)),
        // The difference is below 1/255: a rounding error of a muxer.
        (1281, 1280, (1920, 1080)),
        (0, 1, (1920, 1080)),
        (1, 0, (1920, 1080)),
        (u32::MAX, 1, (u32::MAX, 1080)),
    ] {
        let pasp = mp4_box(b"pasp", &numbers(&[across, down]));
        let track = video_of(&visual(b"avc1", &pasp));
        let seen = (track.width.unwrap_or(u32::MAX), track.height.unwrap());
        assert_eq!(seen, expected, "{across}:{down}");
    }
}

/// The matrices of movie and track: a quarter turn swaps the sides. Half a turn and two quarter turns do not.
#[test]
fn matrix_with_quarter_turn_swaps_the_sides() {
    let minus = 0x1_0000_u32.wrapping_neg();
    let matrix = |a, b, c, d| numbers(&[a, b, 0, c, d, 0, 0, 0, 0x4000_0000]);
    let upright = matrix(0x1_0000, 0, 0, 0x1_0000);
    let right = matrix(0, 0x1_0000, minus, 0);
    let left = matrix(0, minus, 0x1_0000, 0);
    let half = matrix(minus, 0, 0, minus);
    for (movie, track, swapped) in [
        (&upright, &upright, false),
        (&upright, &right, true),
        (&upright, &left, true),
        (&upright, &half, false),
        (&right, &upright, true),
        (&right, &left, false),
    ] {
        for (mut header, at) in [(mvhd(1000), 44), (mvhd_wide(1, 1), 56)] {
            header[at..at + 36].copy_from_slice(movie);
            let mut trak = trak(b"vide", &visual(b"avc1", &[]));
            // The first child is tkhd.
            trak[56..92].copy_from_slice(track);
            let video = info(&mp4(&[header, trak])).video.unwrap();
            let expected = if swapped { 1080 } else { 1920 };
            assert_eq!(video.width, Some(expected), "{movie:x?} {track:x?}");
        }
    }
}
