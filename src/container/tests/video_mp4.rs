//! Video in MP4: one row for each way in which a file names a codec.

use super::build::*;
use super::records::*;

/// Sample entry and its boxes; codec and `codecs`, profile, bit depth and chroma.
type Row = (
    &'static [u8; 4],
    Vec<u8>,
    (&'static str, &'static str),
    Option<&'static str>,
    (Option<u8>, Option<&'static str>),
);

#[test]
fn video_in_mp4() {
    let nothing = (None, None);
    let main = [0x90, 0, 0, 0, 0, 0];
    let dolby = mp4_box(b"dvcC", &[1, 0, 5 << 1, 6 << 3]);
    let esds_mpeg4 = esds(0x20, &[0, 0, 1, 0xb0, 0xf5]);
    let rows: Vec<Row> = vec![
        (
            b"avc1",
            avcc(66, 0),
            ("H.264", "avc1.420028"),
            Some("Baseline"),
            (Some(8), Some("4:2:0")),
        ),
        (
            b"avc1",
            avcc(77, 0),
            ("H.264", "avc1.4d0028"),
            Some("Main"),
            (Some(8), Some("4:2:0")),
        ),
        (
            b"avc1",
            avcc(100, 0xac),
            ("H.264", "avc1.640028"),
            Some("High"),
            (Some(8), Some("4:2:0")),
        ),
        (
            b"avc3",
            avcc(110, 0xa6),
            ("H.264", "avc3.6e0028"),
            Some("High 10"),
            (Some(10), Some("4:2:0")),
        ),
        (
            b"avc1",
            avcc(122, 0xb6),
            ("H.264", "avc1.7a0028"),
            Some("High 4:2:2"),
            (Some(10), Some("4:2:2")),
        ),
        (
            b"avc1",
            avcc(244, 0x91),
            ("H.264", "avc1.f40028"),
            Some("High 4:4:4 Predictive"),
            (Some(8), Some("4:4:4")),
        ),
        (b"avc1", vec![], ("H.264", "avc1"), None, nothing),
        (
            b"hvc1",
            hvcc(1, 0x6000_0000, main, 8),
            ("H.265 (HEVC)", "hvc1.1.6.L93.90"),
            Some("Main"),
            (Some(8), Some("4:2:0")),
        ),
        (
            b"hev1",
            hvcc(2, 0x2000_0000, [0xb0, 0, 0, 0, 0, 0], 10),
            ("H.265 (HEVC)", "hev1.2.4.L93.B0"),
            Some("Main 10"),
            (Some(10), Some("4:2:0")),
        ),
        (
            b"hvc1",
            hvcc(0x64, 0x0800_0000, [0x9d, 8, 0, 1, 0, 0], 12),
            ("H.265 (HEVC)", "hvc1.A4.10.H93.9D.8.0.1"),
            Some("Range Extensions"),
            (Some(12), Some("4:2:0")),
        ),
        (
            b"hvc1",
            hvcc(1, 0x6000_0000, [0; 6], 8),
            ("H.265 (HEVC)", "hvc1.1.6.L93"),
            Some("Main"),
            (Some(8), Some("4:2:0")),
        ),
        (
            b"dvh1",
            [hvcc(2, 0x2000_0000, main, 10), dolby].concat(),
            ("H.265 (HEVC)", "dvh1.05.06"),
            Some("Dolby Vision"),
            (Some(10), Some("4:2:0")),
        ),
        (b"vvc1", vec![], ("H.266 (VVC)", "vvc1"), None, nothing),
        (
            b"av01",
            av1c(0x08, 0x0c),
            ("AV1", "av01.0.08M.08"),
            Some("Main"),
            (Some(8), Some("4:2:0")),
        ),
        (
            b"av01",
            av1c(0x0d, 0xcc),
            ("AV1", "av01.0.13H.10"),
            Some("Main"),
            (Some(10), Some("4:2:0")),
        ),
        (
            b"av01",
            av1c(0x28, 0x00),
            ("AV1", "av01.1.08M.08"),
            Some("High"),
            (Some(8), Some("4:4:4")),
        ),
        (
            b"av01",
            av1c(0x48, 0x68),
            ("AV1", "av01.2.08M.12"),
            Some("Professional"),
            (Some(12), Some("4:2:2")),
        ),
        (
            b"av01",
            av1c(0x08, 0x1c),
            ("AV1", "av01.0.08M.08"),
            Some("Main"),
            (Some(8), Some("4:0:0")),
        ),
        (
            b"vp09",
            vpcc(0, 0x82),
            ("VP9", "vp09.00.31.08"),
            Some("Profile 0"),
            (Some(8), Some("4:2:0")),
        ),
        (
            b"vp09",
            vpcc(2, 0xa2),
            ("VP9", "vp09.02.31.10"),
            Some("Profile 2"),
            (Some(10), Some("4:2:0")),
        ),
        (
            b"vp09",
            vpcc(3, 0xc6),
            ("VP9", "vp09.03.31.12"),
            Some("Profile 3"),
            (Some(12), Some("4:4:4")),
        ),
        (
            b"vp08",
            vpcc(0, 0x82),
            ("VP8", "vp08.00.31.08"),
            None,
            (Some(8), Some("4:2:0")),
        ),
        (
            b"mp4v",
            esds_mpeg4,
            ("MPEG-4 Part 2", "mp4v.20.245"),
            Some("Advanced Simple"),
            nothing,
        ),
        (
            b"mp4v",
            esds(0x20, &[]),
            ("MPEG-4 Part 2", "mp4v.20"),
            None,
            nothing,
        ),
        (
            b"mp4v",
            esds(0x61, &[]),
            ("MPEG-2", "mp4v.61"),
            None,
            nothing,
        ),
        (
            b"mp4v",
            esds(0x6a, &[]),
            ("MPEG-1", "mp4v.6A"),
            None,
            nothing,
        ),
        (
            b"mp4v",
            esds(0x6c, &[]),
            ("Motion JPEG", "mp4v.6C"),
            None,
            nothing,
        ),
        (
            b"mp4v",
            esds(0xfe, &[]),
            ("mp4v.FE", "mp4v.FE"),
            None,
            nothing,
        ),
        (b"jpeg", vec![], ("Motion JPEG", "jpeg"), None, nothing),
        (b"apch", vec![], ("ProRes", "apch"), None, nothing),
        (b"AVdh", vec![], ("DNxHD", "AVdh"), None, nothing),
        (b"hdv3", vec![], ("MPEG-2", "mp4v.61"), None, nothing),
        (b"s263", vec![], ("H.263", "s263"), None, nothing),
        (b"xvid", vec![], ("MPEG-4 Part 2", "mp4v.20"), None, nothing),
        (b"zzz9", vec![], ("zzz9", "zzz9"), None, nothing),
        (b"dvc ", vec![], ("DV", ""), None, nothing),
        (b"a\"<\xff", vec![], ("a\\\"<\\xff", ""), None, nothing),
    ];
    for (name, children, (codec, codecs), profile, picture) in rows {
        let track = video_of(&visual(name, &children));
        let row = name.escape_ascii().to_string();
        assert_eq!(track.codec, codec, "{row}");
        assert_eq!(track.codecs.as_deref().unwrap_or(""), codecs, "{row}");
        assert_eq!(track.profile, profile, "{row}");
        assert_eq!((track.bit_depth, track.chroma), picture, "{row}");
        assert_eq!(
            (track.width, track.height),
            (Some(1920), Some(1080)),
            "{row}"
        );
    }
}
