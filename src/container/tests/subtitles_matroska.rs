//! Tests the cues of subtitle tracks in Matroska and WebM.

use super::build::*;
use crate::container::{SubtitleFormat, cues};

fn utf8() -> Vec<u8> {
    text_track(3, "S_TEXT/UTF8", &[], &[])
}

#[rustfmt::skip]
#[test]
fn subtitle_track_has_number_format_language_title_and_flags() {
    use SubtitleFormat::{Other, Pictures, Text};
    let flag = |id, value: u8| element(id, &[value]);
    let (german, portuguese) = (element(0x0022_b59c, b"ger"), element(0x0022_b59c, b"por"));
    let named = [german, element(0x536e, "Für Gehörlose\n".as_bytes())].concat();
    let tag = [portuguese, element(0x0022_b59d, b"pt-BR")].concat();
    let forced = [&tag[..], &flag(0x88, 0), &flag(0x55aa, 1)].concat();
    let off = [flag(0xb9, 0), flag(0x88, 1)].concat();
    let encrypted = element(0x6d80, &element(0x6240, &element(0x5035, &[])));
    let defaults = [0x88, 0xb9, 0x55aa].map(|id| element(id, &[])).concat();
    let wide = track_entry(17, "D_WEBVTT/SUBTITLES", &[], &element(0xd7, &[0x12, 0x34, 0x56]));
    let track = |number, codec, more: &[u8]| text_track(number, codec, &[], more);
    // The final pair of a row is the expected `is_default` and `is_forced`.
    let rows = [
        (track(3, "S_TEXT/UTF8", &named), 3, Text, Some("ger"), Some("Für Gehörlose"), (true, false)),
        (track(4, "S_TEXT/ASS", &forced), 4, Text, Some("pt-BR"), None, (false, true)),
        (track(5, "S_HDMV/PGS", &off), 5, Pictures("PGS"), Some("eng"), None, (false, false)),
        (track(6, "S_VOBSUB", &element(0x0022_b59c, b"und")), 6, Pictures("VobSub"), None, None, (true, false)),
        (wide, 0x12_3456, Text, Some("eng"), None, (true, false)),
        (track(8, "S_NEW", &[]), 8, Other, Some("eng"), None, (true, false)),
        (track(9, "S_TEXT/UTF8", &encrypted), 9, Other, Some("eng"), None, (true, false)),
        (track(10, "S_TEXT/UTF8", &defaults), 10, Text, Some("eng"), None, (true, false)),
    ];
    let file = film(&rows.clone().map(|row| row.0), &[]);
    for (found, row) in info(&file).subtitles.into_iter().zip(rows) {
        let texts = (found.language.as_deref(), found.title.as_deref());
        assert_eq!((found.number, found.format, texts), (row.1, row.2, (row.3, row.4)));
        assert_eq!((found.is_default, found.is_forced), row.5, "track {}", row.1);
        assert_eq!(all_texts(&file, row.1).is_some(), row.2 == Text, "track {}", row.1);
    }
}

/// Returns clusters with texts and frames. The text `zwei ü` lasts 65 seconds, so it is still visible when the next
/// cluster begins.
fn clusters() -> Vec<Vec<u8>> {
    let one = group(1000, Some(2000), b"one");
    let other = group_with(4, 0, Some(9), b"no", &[]);
    let two = group(4000, Some(65_000), "zwei ü".as_bytes());
    let four = group(0, Some(1500), b"<i>four</i>");
    vec![
        cluster(0, &[picture(500), one, other]),
        cluster(5000, &[picture(500), two]),
        cluster(15_000, &[group(-500, Some(1000), b"three"), picture(900)]),
        cluster(90_000, &[four, picture(900)]),
        cluster(100_000, &[picture(900), group(0, Some(2000), b"five")]),
    ]
}

/// Returns several files of one film: with different indexes, and without an index.
#[rustfmt::skip]
fn films() -> Vec<(&'static str, Vec<u8>)> {
    let tracks = [track_entry(1, "V_VP8", &[], &element(0xd7, &[1])), utf8()];
    // Returns the position of a text in its cluster. The timestamp and video frames with these lengths precede the
    // text.
    let behind = |pictures: &[usize]| {
        let pictures: usize = pictures.iter().map(|length| picture(*length).len()).sum();
        Some(u64::try_from(element(0xe7, &[0; 4]).len() + pictures).unwrap())
    };
    let own = |at: &[u64], is_dated: bool| {
        let duration = |it: u16| Some(it).filter(|_| is_dated);
        vec![
            cue_point(3, 1000, at[0], behind(&[500]), duration(2000)),
            cue_point(1, 5000, at[1], behind(&[]), None),
            cue_point(3, 9000, at[1], behind(&[500]), duration(65_000)),
            cue_point(3, 14_500, at[2], behind(&[]), duration(1000)),
            cue_point(3, 90_000, at[3], behind(&[]), duration(1500)),
            cue_point(3, 100_000, at[4], behind(&[900]), duration(2000)),
        ]
    };
    let film_only = |at: &[u64]| {
        let times = [0, 5000, 15_000, 90_000, 100_000].into_iter().zip(at);
        times.map(|(time, at)| cue_point(1, time, *at, None, None)).collect()
    };
    let wrong = |at: &[u64]| {
        let mut points = own(at, true);
        points[2] = cue_point(3, 9000, at[1], Some(1), Some(65_000));
        points[3] = cue_point(3, 14_500, at[2] + 1, behind(&[]), Some(1000));
        points
    };
    let open = clusters().into_iter().map(|cluster| endless(CLUSTER, &cluster[12..]));
    let with_index = |points: &dyn Fn(&[u64]) -> Vec<Vec<u8>>| indexed(&tracks, &clusters(), points);
    vec![
        ("indexed", with_index(&|at| own(at, true))),
        ("indexed without durations", with_index(&|at| own(at, false))),
        ("only the film is indexed", with_index(&film_only)),
        ("a wrong index", with_index(&wrong)),
        ("no index", film(&tracks, &clusters())),
        ("clusters without a size", film(&tracks, &open.collect::<Vec<_>>())),
    ]
}

#[test]
fn window_has_the_texts_that_are_shown_in_it() {
    let all = [
        (1000, 3000, "one"),
        (9000, 74_000, "zwei ü"),
        (14_500, 15_500, "three"),
        (90_000, 91_500, "<i>four</i>"),
        (100_000, 102_000, "five"),
    ];
    let bounds = [
        0, 1000, 1001, 2999, 3000, 9000, 12_000, 15_000, 15_200, 73_999, 74_000, 91_499, 91_500,
        101_000, 102_000,
    ];
    for (name, file) in films() {
        for (at, from) in bounds.into_iter().enumerate() {
            for to in bounds[at..].iter().chain([&1_000_000_000]).copied() {
                let found = texts_of(&file, 3, window(from, to)).unwrap();
                let (from, to) = (from.into(), to.into());
                let shown = all.iter().filter(|it| it.0 < to && it.1 > from);
                let shown: Vec<_> = shown.copied().collect();
                assert_eq!(lines(&found), shown, "{name}: {from} to {to}");
                assert!(found.is_complete, "{name}");
            }
        }
        assert_eq!(lines(&all_texts(&file, 3).unwrap()), all, "{name}");
    }
}

/// The film has no index, so the parser finds the cluster of a window by bisection.
#[test]
fn window_of_large_film_needs_few_reads() {
    const SIZE: u64 = 1 << 20;
    let tracks = [track_entry(1, "V_VP8", &[], &element(0xd7, &[1])), utf8()];
    let duration = element(0x4489, &1_500_000_f32.to_be_bytes());
    let body = [element(INFO, &duration), element(TRACKS, &tracks.concat())].concat();
    let front = open_webm(&body);
    let start = u64::try_from(front.len()).unwrap();
    let wide = |size: u64| (size | 1 << 56).to_be_bytes();
    let (checksum, id) = (element(0xbf, &[0; 4]), element_id(CLUSTER));
    let fake = [&id[..], &[0x84, VOID.to_be_bytes()[3], 0x82, 0, 0]].concat();
    for (row, has_size, before, media) in [
        ("clusters with a size", true, &[][..], &[][..]),
        ("clusters without a size", false, &[], &[]),
        ("a checksum before the timestamp", true, &checksum, &[]),
        ("media like the start of a cluster", true, &[], &fake),
    ] {
        // Each of the 300 clusters has 1 MiB and lasts 5 seconds. It has a text, then a video frame. The content of the
        // frame is a hole in the sparse file.
        let clusters = (0..300_u32).flat_map(|number| {
            // Text 50 lasts 65 seconds, so it is visible in cluster 63, which begins 13 MiB later.
            let duration = if number == 50 { 65_000 } else { 1000 };
            let text = group(100, Some(duration), format!("text {number}").as_bytes());
            let time = element(0xe7, &(number * 5000).to_be_bytes());
            let body = [before, &time, &text].concat();
            let rest = SIZE - 12 - u64::try_from(body.len()).unwrap() - 9;
            let size = if has_size {
                wide(SIZE - 12)
            } else {
                wide(u64::MAX >> 8)
            };
            let hole = [&[0xa3][..], &wide(rest), &[0x81, 0, 0, 0x80]].concat();
            let at = start + u64::from(number) * SIZE;
            let end = at + SIZE - u64::try_from(media.len()).unwrap();
            let head = [&id[..], &size, &body, &hole].concat();
            [(at, head), (end, media.to_vec())]
        });
        let pieces = [(0, front.clone())].into_iter().chain(clusters).collect();
        let mut file = Sparse::new(start + 300 * SIZE, pieces);
        for first in [0, 13, 63, 200, 298] {
            (file.read, file.seeks) = (0, 0);
            let window = window(5000 * first, 5000 * first + 10_000);
            let found = cues(&mut file, 3, Some(window)).unwrap().unwrap().unwrap();
            let texts: Vec<_> = found.list.iter().map(|cue| cue.text.as_str()).collect();
            let numbers = [first, first + 1].into_iter();
            let numbers = (first == 63).then_some(50).into_iter().chain(numbers);
            let expected: Vec<_> = numbers.map(|number| format!("text {number}")).collect();
            assert_eq!(texts, expected, "{row}");
            let (read, seeks) = (file.read, file.seeks);
            assert!(
                read < 6_000_000 && seeks < 80,
                "{row}, {first}: {read} bytes, {seeks} seeks"
            );
        }
    }
}

/// A text without a duration ends at the start of the next text, which may be empty. But it lasts at most ten seconds.
#[test]
fn text_without_duration_ends_with_the_next() {
    let blocks = [
        group(0, None, b"one"),
        group(2000, None, b""),
        group(3000, None, b"two"),
        group(20_000, None, b"three"),
    ];
    let simple = element(0xa3, &[&[0x83, 0x75, 0x30, 0][..], b"four"].concat());
    let file = film(&[utf8()], &[cluster(0, &[blocks.concat(), simple])]);
    let expected = [
        (0, 2000, "one"),
        (3000, 13_000, "two"),
        (20_000, 30_000, "three"),
        (30_000, 40_000, "four"),
    ];
    assert_eq!(lines(&all_texts(&file, 3).unwrap()), expected);
    for (start, end, text) in expected {
        let from = u64::try_from(start).unwrap();
        let found = texts_of(&file, 3, window(from, from + 1)).unwrap();
        assert_eq!(lines(&found), [(start, end, text)]);
    }
}

#[rustfmt::skip]
#[test]
fn compressed_texts_are_read() {
    let zlib = miniz_oxide::deflate::compress_to_vec_zlib("Hallo, hallo, hallo".as_bytes(), 6);
    let compression = |inner: &[u8]| element(0x6d80, &element(0x6240, &element(0x5034, inner)));
    let algorithm = |number: u8| element(0x4254, &[number]);
    let stripped = [algorithm(3), element(0x4255, b"Hal")].concat();
    let of_private_data = element(0x6d80, &element(0x6240, &[element(0x5032, &[2]), element(0x5034, &[])].concat()));
    let rows: &[(Vec<u8>, &[u8], Option<&str>)] = &[
        (compression(&[]), &zlib, Some("Hallo, hallo, hallo")),
        (compression(&algorithm(0)), &zlib, Some("Hallo, hallo, hallo")),
        (compression(&algorithm(0)), b"not zlib", None),
        (compression(&stripped), b"lo", Some("Hallo")),
        (of_private_data, b"plain", Some("plain")),
        (Vec::new(), b"plain", Some("plain")),
    ];
    for (encoding, frame, expected) in rows {
        let track = text_track(3, "S_TEXT/UTF8", &[], encoding);
        let file = film(&[track], &[cluster(0, &[group(0, Some(1000), frame)])]);
        let found = all_texts(&file, 3).unwrap();
        assert_eq!(found.list.first().map(|cue| cue.text.as_str()), *expected);
    }
    let bzip2 = text_track(3, "S_TEXT/UTF8", &[], &compression(&algorithm(1)));
    assert_eq!(all_texts(&film(&[bzip2], &[]), 3), None, "bzip2 is not supported");
}

#[test]
fn tick_of_a_tenth_of_a_millisecond_is_converted() {
    let info = element(INFO, &element(0x002a_d7b1, &100_000_u32.to_be_bytes()));
    let cluster = cluster(10_000, &[group(5, Some(20_000), b"x")]);
    let file = mkv(&[info, element(TRACKS, &utf8()), cluster]);
    assert_eq!(lines(&all_texts(&file, 3).unwrap()), [(1000, 3000, "x")]);
}

/// If all bits of an element size are 1, the size is unknown (RFC 8794 §6.2). Track numbers have no such rule.
#[test]
fn track_number_of_all_ones_is_a_number() {
    for (number, head) in [
        (127_u16, &[0xff][..]),
        (127, &[0x40, 0x7f]),
        (16_383, &[0x7f, 0xff]),
    ] {
        let number_of_track = element(0xd7, &number.to_be_bytes());
        let track = track_entry(17, "S_TEXT/UTF8", &[], &number_of_track);
        let block = element(0xa3, &[head, &[0, 0, 0], b"text"].concat());
        let file = film(&[track], &[cluster(0, &[block])]);
        let found = all_texts(&file, number.into()).unwrap();
        assert_eq!(lines(&found), [(0, 10_000, "text")], "{number} {head:?}");
    }
}

/// A row of the test: the codec, the header of the track, the frame, other elements of its block group, and the
/// expected subtitle file.
type SubtitleRow<'a> = (&'a str, &'a str, &'a [u8], Vec<u8>, String);

#[rustfmt::skip]
#[test]
fn cues_give_a_subtitle_file_in_the_format_of_the_track() {
    // The first BlockMore element contains the settings of the cue.
    let more = [0xee_u32, 0xa5].map(|id| element(id, b"4")).concat();
    let settings = |bytes: &[u8]| {
        let first = element(0xa6, &element(0xa5, bytes));
        element(0x75a1, &[first, element(0xa6, &more)].concat())
    };
    let times = "00:00:01.500 --> 01:00:03.250";
    let vtt = "WEBVTT\n\nSTYLE\n::cue{}";
    let ass = "[Script Info]\n[Events]\nFormat: Layer, Start, End, Style, Text\n";
    let event = "Dialogue: 2,00:00:01.500,01:00:03.250,Default,,0,0,0,,{\\i1}a, b\\Nc\n";
    let events = "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";
    let rows: &[SubtitleRow] = &[
        ("S_TEXT/UTF8", "", b"a\r\n\r\nb", vec![], format!("{times}\na\nb\n\n")),
        ("S_TEXT/UTF8", "", b"2\n0:00:01,0 --> 0:00:09,0\nx", vec![], format!("{times}\n2\n0:00:01,0 --&gt; 0:00:09,0\nx\n\n")),
        ("S_TEXT/WEBVTT", vtt, b"a\n\nb", settings(b"line:0\nid"), format!("{vtt}\n\n{times} line:0\na\nb\n\n")),
        // mkvmerge can compress the settings. The parser ignores compressed settings.
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
