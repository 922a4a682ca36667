//! Audio in MP4: one row for each way in which a file names a codec.

use super::build::*;

/// Sample entry and its boxes; codec, `codecs`, profile, channels (0 for not told).
type Row = (
    &'static [u8; 4],
    Vec<u8>,
    &'static str,
    &'static str,
    Option<&'static str>,
    u16,
);

#[test]
fn audio_in_mp4() {
    let asc = |config: &[u8]| esds(0x40, config);
    let rows: Vec<Row> = vec![
        (
            b"mp4a",
            asc(&[0x12, 0x10]),
            "AAC",
            "mp4a.40.2",
            Some("LC"),
            2,
        ),
        (
            b"mp4a",
            asc(&[0x12, 0x30]),
            "AAC",
            "mp4a.40.2",
            Some("LC"),
            6,
        ),
        (
            b"mp4a",
            asc(&[0x12, 0x38]),
            "AAC",
            "mp4a.40.2",
            Some("LC"),
            8,
        ),
        // The channels are in the stream: the sample entry's word.
        (
            b"mp4a",
            asc(&[0x12, 0x00]),
            "AAC",
            "mp4a.40.2",
            Some("LC"),
            2,
        ),
        // The frequency in 24 bits.
        (
            b"mp4a",
            asc(&[0x17, 0x80, 0x56, 0x22, 0x08]),
            "AAC",
            "mp4a.40.2",
            Some("LC"),
            1,
        ),
        (
            b"mp4a",
            asc(&[0x2b, 0x92, 0x08, 0x00]),
            "AAC",
            "mp4a.40.5",
            Some("HE-AAC"),
            2,
        ),
        (
            b"mp4a",
            asc(&[0xeb, 0x8a, 0x08, 0x00]),
            "AAC",
            "mp4a.40.29",
            Some("HE-AAC v2"),
            2,
        ),
        // Hidden behind plain AAC, for old decoders.
        (
            b"mp4a",
            asc(&[0x13, 0x90, 0x56, 0xe5, 0xa0]),
            "AAC",
            "mp4a.40.2",
            Some("HE-AAC"),
            2,
        ),
        (
            b"mp4a",
            asc(&[0x13, 0x88, 0x56, 0xe5, 0xa5, 0x48, 0x80]),
            "AAC",
            "mp4a.40.2",
            Some("HE-AAC v2"),
            2,
        ),
        (
            b"mp4a",
            asc(&[0xf9, 0x46, 0x40]),
            "AAC",
            "mp4a.40.42",
            Some("xHE-AAC"),
            2,
        ),
        (
            b"mp4a",
            asc(&[0xf8, 0x46, 0x40]),
            "MP3",
            "mp4a.40.34",
            None,
            2,
        ),
        (b"mp4a", asc(&[]), "AAC", "mp4a.40", None, 2),
        (b"mp4a", vec![], "mp4a", "mp4a", None, 2),
        (
            b"mp4a",
            esds(0x67, &[0x12, 0x10]),
            "AAC",
            "mp4a.67",
            Some("LC"),
            2,
        ),
        (b"mp4a", esds(0x69, &[]), "MP3", "mp4a.69", None, 0),
        (b"mp4a", esds(0x6b, &[]), "MP3", "mp4a.6B", None, 0),
        (
            b"mp4a",
            esds(0xa5, &[]),
            "AC-3 (Dolby Digital)",
            "mp4a.A5",
            None,
            0,
        ),
        (b"mp4a", esds(0xa9, &[]), "DTS", "mp4a.A9", None, 0),
        (b"mp4a", esds(0xdd, &[]), "Vorbis", "mp4a.DD", None, 0),
        (
            b"mp4a",
            mp4_box(b"wave", &asc(&[0x12, 0x10])),
            "AAC",
            "mp4a.40.2",
            Some("LC"),
            2,
        ),
        (b".mp3", vec![], "MP3", "mp3", None, 2),
        (b"ms\0U", vec![], "MP3", "mp3", None, 2),
        (b"Opus", vec![], "Opus", "opus", None, 2),
        (b"fLaC", vec![], "FLAC", "flac", None, 2),
        (b"alac", vec![], "ALAC", "alac", None, 2),
        (
            b"ac-3",
            mp4_box(b"dac3", &[0x10, 0x3d, 0x40]),
            "AC-3 (Dolby Digital)",
            "ac-3",
            None,
            6,
        ),
        (
            b"ec-3",
            mp4_box(b"dec3", &[0x06, 0x00, 0x20, 0x0f, 0x00]),
            "E-AC-3 (Dolby Digital Plus)",
            "ec-3",
            None,
            6,
        ),
        (b"ac-4", vec![], "AC-4 (Dolby)", "ac-4", None, 2),
        (b"dtsc", vec![], "DTS", "dtsc", None, 2),
        (b"dtsl", vec![], "DTS-HD", "dtsl", None, 2),
        (b"mlpa", vec![], "TrueHD", "mlpa", None, 2),
        (b"sowt", vec![], "PCM", "sowt", None, 2),
        (b"samr", vec![], "AMR", "samr", None, 2),
        (b"Zork", vec![], "Zork", "Zork", None, 2),
    ];
    for (name, children, codec, codecs, profile, channels) in rows {
        let track = audio_of(&sound(name, &children));
        let row = format!("{} {children:x?}", name.escape_ascii());
        assert_eq!(track.codec, codec, "{row}");
        assert_eq!(track.codecs.as_deref(), Some(codecs), "{row}");
        assert_eq!(track.profile, profile, "{row}");
        assert_eq!(track.channels.unwrap_or(0), channels, "{row}");
    }
}

/// QuickTime's longer entries: more fields lie before the boxes, and version 2 has its own count of channels.
#[test]
fn sound_entries_of_quicktime() {
    let esds = esds(0x40, &[0x12, 0x00]);
    for (version, more, channels) in [(1, 16, 2), (2, 36, 6)] {
        let mut fields = vec![0; 28 + more];
        (fields[9], fields[17]) = (version, 2);
        if version == 2 {
            fields[43] = 6;
        }
        let track = audio_of(&mp4_box(b"mp4a", &[fields, esds.clone()].concat()));
        assert_eq!(
            track.codecs.as_deref(),
            Some("mp4a.40.2"),
            "version {version}"
        );
        assert_eq!(track.channels, Some(channels), "version {version}");
    }
}
