//! Tests codecs in Matroska: one row for each form of a codec in a file.

use super::build::*;
use crate::container::Track;

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
        let track: Track = info.video.into_iter().chain(info.audio).next().expect(id);
        assert_eq!(described(&track), expected, "{id} {private:x?}");
    }
}

/// Returns a DTS core of 96 bytes with the bytes behind the core.
fn dts(behind: &[u8]) -> Vec<u8> {
    let mut core = vec![0; 96];
    // Type, deficit, checksum flag and blocks are 14 bits. The length minus one follows.
    let head = 0x7ffe_8001_0000_0000_u64 | (95 << 4);
    core[..8].copy_from_slice(&head.to_be_bytes());
    [&core, behind].concat()
}

/// Returns a file with a frame as the first frame of track 7, in a SimpleBlock or a BlockGroup. A frame of another
/// track precedes this frame.
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
        // The header has one more reserved bit.
        (1, "V_VP9", &[0xb1, 0x24, 0xc1, 0xa1, 0x00], "VP9 | vp09.03.10.10 | Profile 3"),
        // No key frame, another sync code, no bytes.
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
