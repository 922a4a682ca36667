//! Tests the conversion of cues from Matroska to subtitle files of their own formats.

use super::build::*;
use super::film::*;

/// The codec, the header in the track, the text, the other elements of its block group, and the file.
type Row<'a> = (&'a str, &'a str, &'a [u8], Vec<u8>, String);

// A row is one line.
#[rustfmt::skip]
#[test]
fn cues_give_a_subtitle_file_in_the_format_of_the_track() {
    let settings = |bytes: &[u8]| element(0x75a1, &element(0xa6, &element(0xa5, bytes)));
    let times = "00:00:01.500 --> 01:00:03.250";
    let vtt = "WEBVTT\n\nSTYLE\n::cue{}";
    let ass = "[Script Info]\n[Events]\nFormat: Layer, Start, End, Style, Text\n";
    let event = "Dialogue: 2,00:00:01.500,01:00:03.250,Default,,0,0,0,,{\\i1}a, b\\Nc\n";
    let events = "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";
    let rows: &[Row] = &[
        ("S_TEXT/UTF8", "", b"a\r\n\r\nb", vec![], format!("{times}\na\nb\n\n")),
        ("S_TEXT/UTF8", "", b"2\n0:00:01,0 --> 0:00:09,0\nx", vec![], format!("{times}\n2\n0:00:01,0 --&gt; 0:00:09,0\nx\n\n")),
        ("S_TEXT/WEBVTT", vtt, b"a\n\nb", settings(b"line:0\nid"), format!("{vtt}\n\n{times} line:0\na\nb\n\n")),
        // mkvmerge has compressed the settings.
        ("S_TEXT/WEBVTT", "", b"a", settings(&[0x78, 0x9c, 0xab]), format!("WEBVTT\n\n{times}\na\n\n")),
        ("D_WEBVTT/SUBTITLES", "", b"id\nalign:start\na\nb", vec![], format!("WEBVTT\n\n{times} align:start\na\nb\n\n")),
        ("S_TEXT/ASS", ass, b"7,2,Default,,0,0,0,,{\\i1}a, b\nc", vec![], format!("{ass}{event}")),
        ("S_TEXT/SSA", "[Script Info]", b"no event", vec![], format!("[Script Info]\n{events}")),
    ];
    for (codec, header, frame, more, expected) in rows {
        let track = text_track(3, codec, header.as_bytes(), &[]);
        let duration = element(0x9b, &3_601_750_u32.to_be_bytes());
        let block = group_with(3, 500, None, frame, &[&duration, &more[..]].concat());
        let found = all_texts(&film(&[track], &[cluster(1000, &[block])]), 3).unwrap();
        assert_eq!(found.into_file(), *expected, "{codec}");
    }
}
