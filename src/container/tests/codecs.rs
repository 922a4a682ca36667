//! Tests the detection of codecs in MP4 and Matroska.

use super::build::*;

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
        (b"avc1", avcc(100), "H.264 | avc1.640028"),
        (b"avc3", avcc(110), "H.264 | avc3.6e0028 | High 10"),
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
fn pixel_aspect_ratio_enlarges_one_side() {
    // The coded size is 1920 × 1080.
    for (across, down, expected) in [
        (1, 1, (1920, 1080)),
        (4, 3, (2560, 1080)),
        (3, 4, (1920, 1440)),
        (64, 45, (2731, 1080)),
        // The ratio differs from 1 by less than 1/255, so the parser ignores it as a rounding error.
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

/// A quarter turn swaps width and height. Half a turn and two quarter turns keep them.
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
            // These bytes are the matrix of `tkhd`, the first child of `trak`.
            trak[56..92].copy_from_slice(track);
            let video = info(&mp4(&[header, trak])).video.unwrap();
            let expected = if swapped { 1080 } else { 1920 };
            assert_eq!(video.width, Some(expected), "{movie:x?} {track:x?}");
        }
    }
}

/// A row of a test: the name of a sample entry, its child boxes, the expected result of [`described`], and the expected
/// number of channels (0 if it is unknown). The channel field of each sample entry is 2.
type CodecRow = (&'static [u8; 4], Vec<u8>, &'static str, u16);

#[track_caller]
fn check(rows: Vec<CodecRow>) {
    for (name, children, expected, channels) in rows {
        let track = audio_of(&sound(name, &children));
        let row = format!("{} {children:x?}", name.escape_ascii());
        assert_eq!(described(&track), expected, "{row}");
        assert_eq!(track.channels.unwrap_or(0), channels, "{row}");
    }
}

#[rustfmt::skip]
#[test]
fn mp4a_entry_gives_codec_codecs_profile_and_channels() {
    let asc = |config: &[u8]| esds(0x40, config);
    let wave = mp4_box(b"wave", &asc(&[0x12, 0x10]));
    check(vec![
        (b"mp4a", asc(&[0x12, 0x10]), "AAC | mp4a.40.2", 2),
        (b"mp4a", asc(&[0x12, 0x30]), "AAC | mp4a.40.2", 6),
        (b"mp4a", asc(&[0x12, 0x38]), "AAC | mp4a.40.2", 8),
        // The configuration has no number of channels, so the number in the sample entry is used.
        (b"mp4a", asc(&[0x12, 0x00]), "AAC | mp4a.40.2", 2),
        // The configuration stores the sample rate as a number of 24 bits, not as an index of 4 bits.
        (b"mp4a", asc(&[0x17, 0x80, 0x56, 0x22, 0x08]), "AAC | mp4a.40.2", 1),
        (b"mp4a", asc(&[0x2b, 0x92, 0x08, 0x00]), "AAC | mp4a.40.5 | HE-AAC", 2),
        (b"mp4a", asc(&[0xeb, 0x8a, 0x08, 0x00]), "AAC | mp4a.40.29 | HE-AAC v2", 2),
        // In the next two rows, the extension for HE-AAC is behind the configuration of plain AAC. Old decoders ignore
        // the extension.
        (b"mp4a", asc(&[0x13, 0x90, 0x56, 0xe5, 0xa0]), "AAC | mp4a.40.2 | HE-AAC", 2),
        (b"mp4a", asc(&[0x13, 0x88, 0x56, 0xe5, 0xa5, 0x48, 0x80]), "AAC | mp4a.40.2 | HE-AAC v2", 2),
        (b"mp4a", asc(&[0xf9, 0x46, 0x40]), "AAC | mp4a.40.42 | xHE-AAC", 2),
        (b"mp4a", asc(&[0xf8, 0x46, 0x40]), "MP3 | mp4a.40.34", 2),
        (b"mp4a", asc(&[0xf8, 0x86, 0x40]), "MPEG-4 ALS | mp4a.40.36", 2),
        (b"mp4a", asc(&[]), "AAC | mp4a.40", 2),
        (b"mp4a", vec![], "mp4a | mp4a", 2),
        (b"mp4a", esds(0x67, &[0x12, 0x10]), "AAC | mp4a.67", 2),
        (b"mp4a", esds(0x69, &[]), "MP3 | mp4a.69", 0),
        (b"mp4a", esds(0xa5, &[]), "AC-3 (Dolby Digital) | mp4a.A5", 0),
        (b"mp4a", wave, "AAC | mp4a.40.2", 2),
    ]);
}

#[rustfmt::skip]
#[test]
fn other_audio_entry_gives_codec_codecs_and_channels() {
    let alac = |channels: u8| {
        let config = [&[0, 0, 0, 0, 0, 0, 16, 0, 0, 16, 40, 10, 14, channels][..], &[0; 14]];
        mp4_box(b"alac", &config.concat())
    };
    let dmlp = |bits: u32| mp4_box(b"dmlp", &[&bits.to_be_bytes()[..], &[0; 6]].concat());
    check(vec![
        (b"ms\0U", vec![], "MP3 | mp3", 2),
        (b"ms\x01\x61", vec![], "Windows Media Audio", 2),
        (b"alac", vec![], "ALAC | alac", 2),
        (b"alac", alac(1), "ALAC | alac", 1),
        (b"alac", mp4_box(b"wave", &alac(6)), "ALAC | alac", 6),
        (b"ac-3", mp4_box(b"dac3", &[0x10, 0x3d, 0x40]), "AC-3 (Dolby Digital) | ac-3", 6),
        (b"ec-3", mp4_box(b"dec3", &[0x06, 0x00, 0x20, 0x0f, 0x00]), "E-AC-3 (Dolby Digital Plus) | ec-3", 6),
        (b"mlpa", vec![], "TrueHD | mlpa", 2),
        // The first of the next three streams has stereo. The second has 5.1. The third has both 5.1 and 7.1.
        (b"mlpa", dmlp(0x0000_8000), "TrueHD | mlpa", 2),
        (b"mlpa", dmlp(0x0007_8000), "TrueHD | mlpa", 6),
        (b"mlpa", dmlp(0x0007_804f), "TrueHD | mlpa", 8),
        (b"lpcm", vec![], "PCM | lpcm", 2),
        (b"raw ", vec![], "PCM", 2),
        // 3GPP TS 26.244 §6.5 requires two channels in the entry, but AMR has one channel.
        (b"samr", vec![], "AMR | samr", 1),
        (b"sawb", vec![], "AMR | sawb", 1),
        (b"Zork", vec![], "Zork | Zork", 2),
    ]);
}

/// Sound entries of version 1 and 2 (QuickTime) have more fields in front of their boxes than entries of version 0.
/// Version 2 stores the number of channels in a different field.
#[test]
fn longer_sound_entries_of_quicktime_are_read() {
    let esds = esds(0x40, &[0x12, 0x00]);
    for (version, more, channels) in [(1, 16, 2), (2, 36, 6)] {
        let mut fields = vec![0; 28 + more];
        (fields[9], fields[17]) = (version, 2);
        if version == 2 {
            fields[43] = 6;
        }
        let track = audio_of(&mp4_box(b"mp4a", &[fields, esds.clone()].concat()));
        assert_eq!(described(&track), "AAC | mp4a.40.2", "version {version}");
        assert_eq!(track.channels, Some(channels), "version {version}");
    }
}

#[rustfmt::skip]
#[test]
fn codec_id_gives_codec_codecs_and_profile() {
    let bitmap = |name: &[u8; 4]| [&[0; 16][..], name, &[0; 20]].concat();
    let main10 = body(hvcc(2, 0x2000_0000, [0xb0, 0, 0, 0, 0, 0]));
    let asp = vec![0, 0, 1, 0xb0, 0xf5];
    let rows: Vec<(u8, &str, Vec<u8>, &str)> = vec![
        (1, "V_MPEG4/ISO/AVC", body(avcc(110)), "H.264 | avc1.6e0028 | High 10"),
        (1, "V_MPEG4/ISO/AVC", vec![], "H.264 | avc1.42e01e"),
        (1, "V_MPEGH/ISO/HEVC", main10, "H.265 (HEVC) | hvc1.2.4.L93.B0 | Main 10"),
        (1, "V_AV1", body(av1c(0x0d, 0xcc)), "AV1 | av01.0.13H.10"),
        (1, "V_VP9", vec![], "VP9 | vp9"),
        (1, "V_MPEG4/ISO/ASP", asp, "MPEG-4 Part 2 | mp4v.20.245 | Advanced Simple"),
        (1, "V_REAL/RV40", vec![], "RealVideo"),
        (1, "V_MS/VFW/FOURCC", bitmap(b"XVID"), "MPEG-4 Part 2 | mp4v.20"),
        (1, "V_MS/VFW/FOURCC", bitmap(b"h264"), "H.264 | avc1.42e01e"),
        (1, "V_MS/VFW/FOURCC", bitmap(b"a\0<b"), "a\\x00<b"),
        (1, "V_MS/VFW/FOURCC", vec![], "V_MS/VFW/FOURCC"),
        (1, "V_QUICKTIME", b"\0\0\0\x56SVQ3".to_vec(), "Sorenson Video"),
        (1, "V_NEW", vec![], "V_NEW"),
        (2, "A_AAC", vec![0x2b, 0x92, 0x08, 0x00], "AAC | mp4a.40.5 | HE-AAC"),
        (2, "A_AAC", vec![], "AAC | mp4a.40.2"),
        (2, "A_AAC/MPEG4/LC/SBR", vec![], "AAC | mp4a.40.5"),
        (2, "A_MPEG/L3", vec![], "MP3 | mp3"),
        (2, "A_AC3/BSID9", vec![], "AC-3 (Dolby Digital) | ac-3"),
        (2, "A_DTS", vec![], "DTS | dtsc"),
        (2, "A_DTS/LOSSLESS", vec![], "DTS-HD"),
        (2, "A_PCM/INT/LIT", vec![], "PCM"),
        (2, "A_MS/ACM", vec![0x55, 0], "MP3 | mp3"),
        (2, "A_MS/ACM", vec![0x61, 1], "Windows Media Audio"),
        (2, "A_MS/ACM", vec![], "A_MS/ACM"),
    ];
    for (kind, id, private, expected) in rows {
        let info = info(&matroska(&track_entry(kind, id, &private, &[])));
        let track = info.video.into_iter().chain(info.audio).next().expect(id);
        assert_eq!(described(&track), expected, "{id} {private:x?}");
    }
}

/// Returns a DTS core of 96 bytes, then the bytes in `behind`.
fn dts(behind: &[u8]) -> Vec<u8> {
    let mut core = vec![0; 96];
    // The size of the core minus one follows the 32-bit sync word and 14 bits of other fields.
    let head = 0x7ffe_8001_0000_0000_u64 | (95 << 4);
    core[..8].copy_from_slice(&head.to_be_bytes());
    [&core, behind].concat()
}

/// Returns a file with a frame of another track, then `frame` as the first frame of track 7. If `is_simple`, `frame` is
/// in a SimpleBlock. Otherwise, it is in a BlockGroup.
fn with_frame(entry: &[u8], frame: &[u8], is_simple: bool) -> Vec<u8> {
    let block = |id, head: &[u8], frame: &[u8]| element(id, &[head, frame].concat());
    let other = block(0xa3, &[0x85, 0, 0, 0x80], &frame[..frame.len() / 2]);
    let cluster = if is_simple {
        let block = block(0xa3, &[0x87, 0, 0, 0x80], frame);
        endless(CLUSTER, &[other, block].concat())
    } else {
        let block = block(0xa1, &[0x40, 7, 0, 0, 0], frame);
        element(CLUSTER, &[other, element(0xa0, &block)].concat())
    };
    mkv(&[segment_info(), element(TRACKS, entry), cluster])
}

#[rustfmt::skip]
#[test]
fn first_frame_gives_profile_where_the_container_does_not() {
    let set = [0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1, 0x67, 110, 0, 40];
    let rows: &[(u8, &str, &[u8], &str)] = &[
        (1, "V_VP9", &[0x82, 0x49, 0x83, 0x42, 0], "VP9 | vp09.00.10.08"),
        (1, "V_VP9", &[0xa2, 0x49, 0x83, 0x42, 0], "VP9 | vp09.01.10.08 | Profile 1"),
        (1, "V_VP9", &[0x92, 0x49, 0x83, 0x42, 0x00], "VP9 | vp09.02.10.10 | Profile 2"),
        (1, "V_VP9", &[0x92, 0x49, 0x83, 0x42, 0x80], "VP9 | vp09.02.10.12 | Profile 2"),
        // In profile 3, the header has one more reserved bit.
        (1, "V_VP9", &[0xb1, 0x24, 0xc1, 0xa1, 0x00], "VP9 | vp09.03.10.10 | Profile 3"),
        // Three invalid frames: the first is no key frame, the second has a wrong sync code, the third is empty.
        (1, "V_VP9", &[0x86, 0x49, 0x83, 0x42, 0], "VP9 | vp9"),
        (1, "V_VP9", &[0x82, 0x49, 0x83, 0x43, 0], "VP9 | vp9"),
        (1, "V_VP9", &[], "VP9 | vp9"),
        (1, "V_MPEG4/ISO/AVC", &set, "H.264 | avc1.6e0028 | High 10"),
        (1, "V_MPEG4/ISO/AVC", &set[..12], "H.264 | avc1.42e01e"),
        (2, "A_DTS", &dts(&[0x64, 0x58, 0x20, 0x25]), "DTS-HD"),
        (2, "A_DTS", &dts(&[0x7f, 0xfe, 0x80, 0x01]), "DTS | dtsc"),
        (2, "A_DTS", &dts(&[]), "DTS | dtsc"),
    ];
    for (kind, id, frame, expected) in rows {
        let entry = track_entry(*kind, id, &[], &element(0xd7, &[7]));
        for is_simple in [false, true] {
            let info = info(&with_frame(&entry, frame, is_simple));
            let track = info.video.into_iter().chain(info.audio).next().expect(id);
            assert_eq!(described(&track), *expected, "{id} {frame:x?}");
        }
    }
}
