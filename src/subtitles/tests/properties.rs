use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::super::checker::check;
use super::super::*;
use crate::limits::SUBTITLES_LIMIT;

/// Generates files from pieces that have a meaning in some format.
fn file() -> impl Strategy<Value = String> {
    // The separator is `¦`.
    let pieces = "1¦23¦\n¦\n\n¦\r\n¦\r¦\u{20}¦\t¦\0¦\u{FEFF}¦\u{2028}¦-->¦\u{20}--> ¦00:00:01,000 --> 00:00:02,000\n¦\
        0:3.5-->0:4¦00:00:05,000 --> 00:00:04,000¦0:1¦0:0x¦9999:59:59,999¦X1:1¦-¦--¦>¦<¦&¦;¦&amp;¦&lt;¦\
        &nbsp;¦<i>¦</i>¦<B>¦</b>¦<u ¦<font color=red>¦</font>¦{\\an8}¦{\\¦{¦}¦\\an7¦[Script Info]\n¦\
        Dialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,¦{25}{50}¦[10][20]¦00:00:01.00,00:00:02.00\n¦00:00:01:¦\
        |¦/¦<br>¦{y:i}¦\\N¦\\n¦{\\p1}¦&#39;¦WEBVTT¦NOTE¦a¦ä¦字";
    let piece =
        proptest::sample::select(pieces.split('¦').collect::<Vec<_>>()).prop_map(str::to_owned);
    prop_oneof![
        4 => proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

/// A cue. The fields are the start and the duration in milliseconds, and the lines of the text.
type WrittenCue = (u64, u64, Vec<String>);
/// The form of a cue. The fields are: whether it has a number, whether its times have hours, the character before the
/// milliseconds, and the number of empty lines after the cue.
type CueForm = (bool, bool, char, usize);

fn written() -> impl Strategy<Value = (WrittenCue, CueForm)> {
    // These letters do not form tags.
    let line = "[GHJKQXYZ&<>{}é-]{0,4}X[GHJKQXYZ <>&0-9-]{0,4}Y";
    let lines = proptest::collection::vec(line, 1..4);
    let mark = prop_oneof![Just(','), Just('.')];
    let form = (any::<bool>(), any::<bool>(), mark, 1..4_usize);
    ((0..360_000_000_u64, 1..10_000_u64, lines), form)
}

fn time(milliseconds: u64, has_hours: bool, mark: char) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let (minutes, hours) = (seconds / 60 % 60, seconds / 3600);
    let seconds = seconds % 60;
    if hours == 0 && !has_hours {
        format!("{minutes:02}:{seconds:02}{mark}{rest:03}")
    } else {
        format!("{hours}:{minutes}:{seconds:02}{mark}{rest}")
    }
}

fn srt(cues: &[(WrittenCue, CueForm)]) -> Vec<String> {
    let mut all = Vec::new();
    for (number, ((from, length, lines), form)) in cues.iter().enumerate() {
        let (has_number, has_hours, mark, blanks) = *form;
        all.extend(has_number.then(|| format!("{}", number + 1)));
        let [from, to] = [*from, from + length].map(|it| time(it, has_hours, mark));
        all.push(format!("{from} --> {to}"));
        all.extend(lines.iter().cloned());
        all.extend((0..blanks).map(|length| " ".repeat(length)));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_file_becomes_valid_webvtt(text in file(), before: bool) {
        let text = if before { format!("0:1-->0:9\n{text}") } else { text };
        let Some(converted) = to_webvtt(text.as_bytes(), b"") else {
            prop_assert!(!before);
            return Ok(());
        };
        // A WebVTT file is not converted, so the checks below do not apply to it.
        if webvtt::has_signature(text.trim_end_matches('\0').trim_start_matches('\u{FEFF}')) {
            return Ok(());
        }
        let cues = check(&converted);
        prop_assert!(cues.is_ok(), "{:?}: {:?}", cues, converted);
        // A valid file does not change.
        prop_assert_eq!(to_webvtt(converted.as_bytes(), b""), Some(converted));
    }

    #[test]
    fn times_and_texts_come_back(cues in proptest::collection::vec(written(), 0..6), end in 0..3_usize) {
        let file = srt(&cues).join(["\n", "\r\n", "\r"][end]);
        let mut expected: Vec<(u64, u64, String)> = cues
            .iter()
            .map(|((from, length, lines), _)| (*from, from + length, lines.join("\n")))
            .collect();
        expected.sort_by_key(|cue| cue.0);
        let read = check(&to_webvtt(file.as_bytes(), b"").unwrap_or("WEBVTT\n\n".to_owned())).map_err(TestCaseError::fail)?;
        prop_assert_eq!(read.len(), expected.len(), "{}", file);
        for (cue, (from, to, text)) in read.iter().zip(&expected) {
            prop_assert_eq!((cue.from, cue.to), (*from, *to), "{}", file);
            // A browser shows several spaces as one.
            let text = text.replace("  ", " ").replace("  ", " ");
            prop_assert_eq!(&cue.shown, &text, "{}", file);
        }
    }
}

/// Each file repeats a piece that could make a parser slow.
#[test]
fn conversion_takes_time_in_proportion_to_the_file() {
    let longest = SUBTITLES_LIMIT;
    // The separator is `¦`.
    let pieces = "<¦-->¦1¦{¦{\\¦&¦>¦<i ¦<i>¦</i>¦<i>a</i>¦<b><i>a</b>a¦<font ¦\\an¦\n¦\r¦\r\n¦1\n¦a\n¦\u{20}¦0:¦:¦é¦\
        \0¦0:1-->0:2\n¦0:1-->0:2\na\n¦1\n0:2-->0:1\n¦a-->¦&amp¦\u{FEFF}¦\
        Dialogue: 0,0:00:01.00,0:00:02.00,,,,,,,{\\an8\\pos(1,1)}a\n¦{1}{2}a\n¦[1][]/a|\n¦00:00:01:a\n¦\
        0:00:01.00,0:00:02.00\na\n";
    for (number, piece) in pieces.split('¦').enumerate() {
        for start in ["", "0:1 --> 0:2\n", "0:1 --> 0:2\n{\\", "0:1 --> 0:2\n<i"] {
            // Most files have a sixteenth of the maximum length, so that the test is fast. A quadratic parser needs
            // minutes for such a file, and so exceeds the limit of 100 s.
            let is_longest = number == 0 && start.ends_with('\n');
            let length = if is_longest { longest } else { longest / 16 };
            let mut file = start.to_owned();
            file.push_str(&piece.repeat((length - start.len()) / piece.len()));
            let before = Instant::now();
            let converted = to_webvtt(file.as_bytes(), b"").unwrap_or_default();
            let elapsed = before.elapsed();
            assert!(
                elapsed < Duration::from_secs(100),
                "{piece:?} takes {elapsed:?}"
            );
            assert!(
                converted.len() < file.len() * 8,
                "{piece:?}: {}",
                converted.len()
            );
        }
    }
}

/// The parser searches all column names for each event. Without a limit on columns, it compares 500,000 names for each
/// of the 20,000 events.
#[test]
fn ass_with_many_columns_is_converted_in_bounded_time() {
    let columns = "x,".repeat(500_000);
    let events = "Dialogue: 0:00:01.00,0:00:02.00,a\n".repeat(20_000);
    let file = format!("[Events]\nFormat: {columns}Start, End, Text\n{events}");
    let before = Instant::now();
    to_webvtt(file.as_bytes(), b"");
    let elapsed = before.elapsed();
    assert!(elapsed < Duration::from_secs(20), "{elapsed:?}");
}

/// Each `<` becomes four bytes. Without the limit of 8 MiB, the result has 15 MiB.
#[test]
fn result_of_the_longest_file_is_bounded() {
    let text = "<".repeat(100);
    let line = |number| format!("[{number}][{}]{text}\n", number + 1);
    let file: String = (0..36_000).map(line).collect();
    assert!(file.len() <= SUBTITLES_LIMIT);
    let converted = to_webvtt(file.as_bytes(), b"").unwrap();
    let mebibytes = converted.len() >> 20;
    assert!((7..=8).contains(&mebibytes), "{mebibytes}");
}
