//! Tests of each format with typical files.

use super::{check, table, to_webvtt};

#[test]
fn microdvd_counts_frames() {
    table(&[
        "{25}{50}Hello ⇒ 1042-2085 Hello",
        "{1}{1}25\n{25}{50}Hello|World ⇒ 1000-2000 Hello/World",
        "{0}{0}23.976fps\n{1}{1}25.000\n{25}{50}a ⇒ 0-1000 23.976fps; 1000-2000 a",
        "{1}{1}29,97\r\n{2997}{5994}a\r\n ⇒ 100000-200000 a",
        "{1}{1}25\n{25}{}a\n{75}{100}b ⇒ 1000-3000 a; 3000-4000 b",
        "{DEFAULT}{}{C:$FFFFFF}\n{1}{1}25\n{25}{50}a ⇒ 1000-2000 a",
        "{1}{1}0\n{25}{50}a ⇒ 41-1042 0; 1042-2085 a",
    ]);
    let styled = to_webvtt(b"{1}{1}25\n{25}{50}{y:i}a|/b|c", b"").unwrap();
    assert!(styled.ends_with("\n<i>a\nb</i>\nc\n\n"), "{styled}");
}

#[test]
fn mpl2_counts_tenths_of_seconds() {
    table(&[
        "[10][20]/Hello|World ⇒ 1000-2000 Hello/World",
        "[10][]a\n[30][40][b] ⇒ 1000-3000 a; 3000-4000 [b]",
        "[0][5]a\r\n\r\n[5][9]b\r\n ⇒ 0-500 a; 500-900 b",
    ]);
}

#[test]
fn subviewer_has_pairs_of_times() {
    table(&[
        "[INFORMATION]\n[TITLE]x\n[AUTHOR]y\n[END INFORMATION]\n[SUBTITLE]\n[COLF]&HFFFFFF,[STYLE]bd,[SIZE]18\n\
         00:00:01.00,00:00:02.00\nHello[br]World\n\n00:00:03.00,00:00:04.00\nb\n ⇒ 1000-2000 Hello/World; 3000-4000 b",
        // SBV of YouTube.
        "0:00:01.000,0:00:02.500\nHello\nWorld\n\n0:00:03.000,0:00:04.000\nb\n ⇒ 1000-2500 Hello/World; 3000-4000 b",
    ]);
}

#[test]
fn tmplayer_shows_a_line_until_the_next() {
    table(&[
        "00:00:01:a|b\n00:00:03:c\n00:00:04:\n00:01:00:d ⇒ 1000-3000 a/b; 3000-4000 c; 60000-68000 d",
        "0:00:01=a\n0:00:30=b\n ⇒ 1000-9000 a; 30000-38000 b",
        "00:00:01,1=a\n00:00:03,1=b ⇒ 1000-3000 a; 3000-11000 b",
    ]);
}

const ASS: &str = "[Script Info]\n; made by hand\nTitle: x\nPlayResX: 640\nPlayResY: 360\n\n[V4+ Styles]\n\
    Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Italic, Underline, Alignment\n\
    Style: Default,Arial,20,&H00FFFFFF,0,0,0,2\nStyle: Thought,Arial,20,&H00FFFFFF,0,-1,0,2\n\
    Style: Sign,Arial,20,&H00FFFFFF,-1,0,0,8\n\n[Events]\n\
    Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";

/// Checks rows of the form (style, text, expected cue). All cues have the same times, so the rows omit them.
#[track_caller]
fn ass(rows: &[(&str, &str, &str)]) {
    for (style, text, expected) in rows {
        let event = format!("{ASS}Dialogue: 0,0:00:01.00,0:00:02.00,{style},,0,0,0,,{text}");
        check(&event, &format!("1000-2000 {expected}"));
    }
}

#[test]
fn ass_events_become_cues() {
    ass(&[
        ("Default", "Hello, world", "Hello, world"),
        ("Default", "One\\NTwo\\nthree\\h!", "One/Two three\u{A0}!"),
        ("Default", "a{a comment}b", "ab"),
        ("Default", "{\\k20}ka{\\k30}ra", "kara"),
        ("Default", "{\\p1}m 0 0{\\p0}a{\\pos(320,350)\\pbo2}b", "ab"),
        // Places in the picture.
        ("Sign", "a", "line:0 a"),
        ("Default", "{\\an8}a", "line:0 a"),
        ("Default", "{\\a6}a", "line:0 a"),
        ("Default", "{\\pos(320,20)}a", "line:0 a"),
        ("Sign", "{\\an2}a", "a"),
        ("Sign", "{\\pos(-5,359.5)}a", "position:0% align:left a"),
        ("None", "{\\an5}a", "line:50% a"),
    ]);
    let ignored = "Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Not said\n\
                   Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}\n\
                   Dialogue: 0,0:00:02.00,0:00:01.00,Default,,0,0,0,,back";
    check(&format!("{ASS}{ignored}"), "");
}

/// ASS files draw some texts twice, as outline and as fill. These two events become one cue.
#[test]
fn ass_events_are_in_the_order_of_times_then_layers_without_doubles() {
    let events = "Dialogue: 1,0:00:01.00,0:00:02.00,Default,,0,0,0,,b\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,a\n\
                  Dialogue: 0,0:00:00.50,0:00:01.00,Default,,0,0,0,,c\nDialogue: 2,0:00:00.50,0:00:01.00,Default,,0,0,0,,{\\blur3}c";
    let expected = "500-1000 c; 1000-2000 a; 1000-2000 b";
    check(&format!("{ASS}{events}"), expected);
}

#[test]
fn ass_styles_become_tags() {
    for (text, expected) in [
        ("Default,,0,0,0,,{\\i1}a{\\i0}b", "<i>a</i>b"),
        ("Default,,0,0,0,,{\\b1\\u1}a{\\r}b", "<b><u>a</u></b>b"),
        ("Thought,,0,0,0,,a{\\i0}b{\\i}c", "<i>a</i>b<i>c</i>"),
        ("*Thought,,0,0,0,,a{\\r}b <i>&", "<i>ab &lt;i&gt;&amp;</i>"),
    ] {
        let file = format!("{ASS}Dialogue: 0,0:00:01.00,0:00:02.00,{text}");
        let converted = to_webvtt(file.as_bytes(), b"").unwrap();
        let expected = format!("\n{expected}\n\n");
        assert!(converted.ends_with(&expected), "{text}: {converted}");
    }
}

#[test]
fn ssa_has_its_own_places_and_columns() {
    let ssa = "[Script Info]\nScriptType: v4.00\n[V4 Styles]\nFormat: Name, Fontname, Bold, Italic, Alignment\n\
        Style: Top,Arial,0,0,6\nStyle: Below,Arial,0,0,2\n[Events]\n\
        Format: Marked, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
        Dialogue: Marked=0,0:00:01.00,0:00:02.00,Top,NTP,0000,0000,0000,!Effect,a\n\
        Dialogue: Marked=0,0:00:03.00,0:00:04.00,Below,NTP,0000,0000,0000,!Effect,b, c\n";
    check(ssa, "1000-2000 line:0 a; 3000-4000 b, c");
    // Some tools remove the header.
    table(&["Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,a ⇒ 1000-2000 a"]);
}

#[test]
fn subrip_without_a_valid_end_lasts_until_the_next_cue() {
    table(&[
        "1\n00: 00: 01,000 --> 00: 00: 02,000\na ⇒ 1000-2000 a",
        // A cue ends at the start of the next cue. The final cue has a fixed duration.
        "1\n00:00:02,000 --> 00:00:01,000\na\n\n2\n00:00:03,000 --> 00:00:04,000\nb ⇒ 2000-3000 a; 3000-4000 b",
        "1\n00:00:02,000 --> 00:00:02,000\na\n\nstill a ⇒ 2000-7000 a/still a",
        "0:2 --> 0:1\na\n\n0:2 --> 0:1\nb\n\n0:4 --> 0:1\nc ⇒ 2000-4000 a; 2000-4000 b; 4000-9000 c",
    ]);
}

#[test]
fn webvtt_with_commas_is_repaired() {
    for row in [
        "WEBVTT\n\n1\n00:00:01,000 --> 00:00:02,000\na, b\n ⇒ WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\na, b\n",
        "WEBVTT - x\r\n\r\n00:01,5 --> 0:02.000 align:start line:0\r\n<v Bob>a\r\n ⇒ \
         WEBVTT - x\r\n\r\n00:00:01.005 --> 00:00:02.000 align:start line:0\r\n<v Bob>a\r\n",
    ] {
        let (file, repaired) = row.split_once(" ⇒ ").unwrap();
        assert_eq!(to_webvtt(file.as_bytes(), b"").as_deref(), Some(repaired));
    }
}

#[test]
fn other_text_is_not_recognised() {
    for text in [
        "",
        "1\n2\n3\n",
        "Read me first.\n10:30 tea\n[1] a footnote\n{note}",
        "<SAMI><BODY><SYNC Start=1000><P>a</SAMI>",
        "<?xml version=\"1.0\"?><tt><p begin=\"00:00:01.000\" end=\"00:00:02.000\">a</p></tt>",
        "# VobSub index file, v7\nid: en, index: 0\ntimestamp: 00:00:01:101, filepos: 000000000\n",
        "[00:12.00]a song\n",
        "\0\u{1}\u{BA}junk",
    ] {
        check(text, "not recognised");
    }
}
