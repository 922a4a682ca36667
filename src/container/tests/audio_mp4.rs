//! Tests audio in MP4: one row for each form of a codec in a file.

use super::build::*;

/// The columns of a row: sample entry and its boxes; codec, `codecs` and profile; channels, or 0 if unknown. The
/// sample entry claims two channels.
type Row = (&'static [u8; 4], Vec<u8>, &'static str, u16);

#[track_caller]
fn check(rows: Vec<Row>) {
    for (name, children, expected, channels) in rows {
        let track = audio_of(&sound(name, &children));
        let row = format!("{} {children:x?}", name.escape_ascii());
        assert_eq!(described(&track), expected, "{row}");
        assert_eq!(track.channels.unwrap_or(0), channels, "{row}");
    }
}

// A row is one line.
#[rustfmt::skip]
#[test]
fn mp4a_entry_gives_codec_codecs_profile_and_channels() {
    let asc = |config: &[u8]| esds(0x40, config);
    let wave = mp4_box(b"wave", &asc(&[0x12, 0x10]));
    check(vec![
        (b"mp4a", asc(&[0x12, 0x10]), "AAC | mp4a.40.2", 2),
        (b"mp4a", asc(&[0x12, 0x30]), "AAC | mp4a.40.2", 6),
        (b"mp4a", asc(&[0x12, 0x38]), "AAC | mp4a.40.2", 8),
        // The configuration has no number, so the number of the sample entry stays.
        (b"mp4a", asc(&[0x12, 0x00]), "AAC | mp4a.40.2", 2),
        // The frequency has 24 bits.
        (b"mp4a", asc(&[0x17, 0x80, 0x56, 0x22, 0x08]), "AAC | mp4a.40.2", 1),
        (b"mp4a", asc(&[0x2b, 0x92, 0x08, 0x00]), "AAC | mp4a.40.5 | HE-AAC", 2),
        (b"mp4a", asc(&[0xeb, 0x8a, 0x08, 0x00]), "AAC | mp4a.40.29 | HE-AAC v2", 2),
        // The extension is behind plain AAC, for old decoders.
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
        // The next three rows: stereo; 5.1; 7.1, from the larger presentation.
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

/// The longer entries of QuickTime have more fields before the boxes. Version 2 has its own number of channels.
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
