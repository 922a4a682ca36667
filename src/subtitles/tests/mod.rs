use super::*;

mod encodings;
mod formats;
mod properties;

/// Converts a file to WebVTT. Returns its cues in one line, each in the form `START-END SETTINGS TEXT`. Line ends in
/// the text become `/`.
fn cues(file: &[u8]) -> String {
    let Some(converted) = to_webvtt(file, b"") else {
        return "not recognised".to_owned();
    };
    let cues = checker::check(&converted).unwrap_or_else(|error| panic!("{error}: {converted:?}"));
    let line = |cue: &checker::Cue| {
        let (from, to, settings) = (cue.from, cue.to, &cue.settings);
        let space = if settings.is_empty() { "" } else { " " };
        format!(
            "{from}-{to}{space}{settings} {}",
            cue.shown.replace('\n', "/")
        )
    };
    cues.iter().map(line).collect::<Vec<_>>().join("; ")
}

#[track_caller]
fn check(file: &str, expected: &str) {
    assert_eq!(cues(file.as_bytes()), expected, "{file:?}");
}

/// Checks rows of the form `FILE ⇒ CUES`.
#[track_caller]
fn table(rows: &[&str]) {
    for row in rows {
        let (file, expected) = row.split_once(" ⇒ ").unwrap();
        check(file, expected);
    }
}

#[test]
fn any_blank_lines_and_numbers_give_the_same_cues() {
    for file in [
        "1\n0:1 --> 0:2\na\n\n2\n0:3 --> 0:4\nb\n",
        "1\r\n0:1 --> 0:2\r\na\r\n\r\n2\r\n0:3 --> 0:4\r\nb",
        "1\r0:1 --> 0:2\ra\r\r2\r0:3 --> 0:4\rb\r",
        // Doubled carriage returns: a tool has replaced LF by CR LF twice.
        "1\r\r\n0:1 --> 0:2\r\r\na\r\r\n\r\r\n2\r\r\n0:3 --> 0:4\r\r\nb\r\r\n",
        // Empty lines: many, with spaces, none.
        "\n\n 1 \n0:1 --> 0:2\n a \n \t\n\n\n2\n0:3 --> 0:4\nb\n\n\n",
        "1\n0:1 --> 0:2\na\n2\n0:3 --> 0:4\nb",
        "1\n\n0:1 --> 0:2\n\na\n\n\n2\n\n0:3 --> 0:4\n\nb",
        // Numbers: none, wrong, too many.
        "0:1 --> 0:2\na\n\n0:3 --> 0:4\nb",
        "0:1 --> 0:2\na\n0:3 --> 0:4\nb",
        "7\n0:1 --> 0:2\na\n\n7\n0:3 --> 0:4\nb\n\n8\n",
        // Text before the first cue, and a byte order mark in the middle.
        "Subtitles by X\n\n1\n0:1 --> 0:2\na\n\n\u{FEFF}2\n0:3 --> 0:4\nb",
        // The cues are not in order.
        "2\n0:3 --> 0:4\nb\n\n1\n0:1 --> 0:2\na\n",
    ] {
        check(file, "1000-2000 a; 3000-4000 b");
    }
}

#[test]
fn text_like_numbers_and_times_stays_text() {
    table(&[
        "0:1 --> 0:2\n1984\n\n0:3 --> 0:4\nb ⇒ 1000-2000 1984; 3000-4000 b",
        "0:1 --> 0:2\na\n1984\n\n2\n0:3 --> 0:4\nb ⇒ 1000-2000 a/1984; 3000-4000 b",
        "0:1 --> 0:2\n1\n2\n\n2\n0:3 --> 0:4\nb ⇒ 1000-2000 1/2; 3000-4000 b",
        "0:1 --> 0:2\r\na\r\n1984\r\n\r\n0:3 --> 0:4\r\nb ⇒ 1000-2000 a/1984; 3000-4000 b",
        "0:1 --> 0:2\n1984 ⇒ 1000-2000 1984",
        "0:1 --> 0:2\na\n\nb ⇒ 1000-2000 a/b",
        "0:1 --> 0:2\na --> b\n-->\nc ⇒ 1000-2000 a --> b/-->/c",
        "0:1 --> 0:2\n12\n--> b ⇒ 1000-2000 12/--> b",
        "0:1 --> 0:2\nNOTE a\n\nSTYLE ⇒ 1000-2000 NOTE a/STYLE",
        "0:1 --> 0:2\nWEBVTT\na&lt;b ⇒ 1000-2000 WEBVTT/a<b",
    ]);
}

#[test]
fn broken_cues_are_left_out() {
    table(&[
        "1\n0:1 --> 0:2\na\n\n2\n0:0x --> 0:4\nb\n\n3\n0:5 --> 0:6\nc ⇒ 1000-2000 a; 5000-6000 c",
        "0:1 --> 0:2\na\n\n-0:3 --> 0:4\nb\n\n0:5 --> 0:6\nc ⇒ 1000-2000 a; 5000-6000 c",
        "0:1 --> 0:2\n\n0:3 --> 0:4\n{\\an8}<i></i>\n\n0:5 --> 0:6\nc ⇒ 5000-6000 c",
        "0:1 --> 0:2\na\n\n2\n0:3 --> 0:4 ⇒ 1000-2000 a",
    ]);
}

#[test]
fn next_cue_starts_without_styles_and_place() {
    let text = to_webvtt(b"0:1 --> 0:2\n{\\an8}<i>a\n\n0:3 --> 0:4\nb", b"").unwrap();
    assert!(
        text.ends_with(".000 line:0\n<i>a</i>\n\n00:00:03.000 --> 00:00:04.000\nb\n\n"),
        "{text}"
    );
}

#[test]
fn readable_webvtt_stays_as_it_is() {
    for file in [
        "WEBVTT",
        "WEBVTT\n\n01:00.000 --> 02:00.000 align:start\n<v Bob>a & b\n",
        "WEBVTT - title\r\n\r\nSTYLE\r\n::cue { color: red }\r\n",
        "WEBVTT\tx\n1\n00:01.000 --> 00:02.000\na",
        "WEBVTT\n\n1:00:01.000 --> 100:00:02.000\na",
        "WEBVTT\n\na --> b\n5 --> 6\n",
    ] {
        assert_eq!(to_webvtt(file.as_bytes(), b"").as_deref(), Some(file));
    }
    // A browser shows no cues without the exact signature, so these files are converted.
    table(&[
        "1\n00:01.000 --> 00:02.000 align:start\na ⇒ 1000-2000 a",
        "WEBVTTX\n\n00:01.000 --> 00:02.000\na ⇒ 1000-2000 a",
        "webvtt\n\n00:01.000 --> 00:02.000\na ⇒ 1000-2000 a",
    ]);
}

#[test]
fn language_in_the_name_helps_to_find_the_encoding() {
    let file = b"0:1 --> 0:2\n\xB9to";
    for (name, shown) in [
        ("film.hr.srt", "što"),
        ("film.hr.forced.srt", "što"),
        ("film.srt", "¹to"),
    ] {
        let converted = to_webvtt(file, name.as_bytes()).unwrap();
        assert!(converted.ends_with(&format!("\n{shown}\n\n")), "{name}");
    }
}
