//! Tests the conversion of cues from Matroska to subtitle files of their own formats.

use super::build::*;
use super::film::*;
use crate::container::TextFormat;

/// Returns the subtitle file of a text from 1.5 s to 1 h 3.25 s. `header` is in the track, and `more` is in the block
/// group.
#[track_caller]
fn file_of(codec: &str, header: &str, frame: &[u8], more: &[u8], format: TextFormat) -> String {
    let track = text_track(3, codec, header.as_bytes(), &[]);
    let duration = element(0x9b, &3_601_750_u32.to_be_bytes());
    let block = group_with(3, 500, None, frame, &[&duration, more].concat());
    let found = all_texts(&film(&[track], &[cluster(1000, &[block])]), 3).unwrap();
    assert_eq!(found.format, format);
    found.into_file()
}

#[test]
fn subrip_text_gives_an_srt_file() {
    let file = file_of("S_TEXT/UTF8", "", b"a\r\n\r\nb", &[], TextFormat::SubRip);
    assert_eq!(file, "00:00:01.500 --> 01:00:03.250\na\nb\n\n");
}

#[test]
fn webvtt_text_gives_a_vtt_file_with_header_and_settings() {
    let additional = |bytes: &[u8]| element(0x75a1, &element(0xa6, &element(0xa5, bytes)));
    let header = "WEBVTT\n\nSTYLE\n::cue{}";
    let vtt = |codec, header, frame: &[u8], more: &[u8]| {
        file_of(codec, header, frame, more, TextFormat::WebVtt)
    };
    let times = "00:00:01.500 --> 01:00:03.250";
    let found = vtt(
        "S_TEXT/WEBVTT",
        header,
        b"a\n\nb",
        &additional(b"line:0\nid"),
    );
    assert_eq!(found, format!("{header}\n\n{times} line:0\na\nb\n\n"));
    // mkvmerge has compressed the settings.
    assert_eq!(
        vtt("S_TEXT/WEBVTT", "", b"a", &additional(&[0x78, 0x9c, 0xab])),
        format!("WEBVTT\n\n{times}\na\n\n")
    );
    assert_eq!(
        vtt("D_WEBVTT/SUBTITLES", "", b"id\nalign:start\na\nb", &[]),
        format!("WEBVTT\n\n{times} align:start\na\nb\n\n")
    );
}

#[test]
fn ass_event_gives_an_ass_file_with_styles() {
    let ass = |codec, header, frame: &[u8]| file_of(codec, header, frame, &[], TextFormat::Ass);
    let header = "[Script Info]\n[Events]\nFormat: Layer, Start, End, Style, Text\n";
    let event = "Dialogue: 2,00:00:01.500,01:00:03.250,Default,,0,0,0,,{\\i1}a, b\\Nc\n";
    assert_eq!(
        ass("S_TEXT/ASS", header, b"7,2,Default,,0,0,0,,{\\i1}a, b\nc"),
        header.to_owned() + event
    );
    let events = "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";
    assert_eq!(
        ass("S_TEXT/SSA", "[Script Info]", b"no event"),
        format!("[Script Info]\n{events}")
    );
}
