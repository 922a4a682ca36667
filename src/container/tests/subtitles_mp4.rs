//! Tests the cues of subtitle tracks in MP4.

use std::time::{Duration, Instant};

use super::build::*;
use super::fragments::{mfra, traf};
use super::muxer::{self, TestTrack};
use crate::container::{SubtitleFormat, cues};

/// Returns a sample entry of a text track.
pub(super) fn entry(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    mp4_box(name, &[&[0, 0, 0, 0, 0, 0, 0, 1], body].concat())
}

/// Returns a sample of `tx3g`, with boxes behind the text.
pub(super) fn tx3g(text: &[u8], boxes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    [&length[..], text, boxes].concat()
}

/// Returns track 3. Each sample is a duration in milliseconds, and its bytes.
pub(super) fn texts_in(
    handler: &'static [u8; 4],
    entry: Vec<u8>,
    samples: &[(u32, Vec<u8>)],
) -> TestTrack {
    let samples = samples.iter().cloned();
    TestTrack {
        samples: samples.map(|it| (it.0, 0, true, it.1)).collect(),
        ..TestTrack::of(handler, entry)
    }
}

/// Returns a file in which the chunks of `track` and of a hint track alternate.
pub(super) fn file_of(track: TestTrack) -> Vec<u8> {
    let samples = vec![(1, 0, true, vec![7]); track.samples.len()];
    let gap = TestTrack {
        id: 9,
        samples,
        ..TestTrack::of(b"hint", Vec::new())
    };
    muxer::film(&[gap, track], true, false)
}

/// Returns a track with texts in `tx3g`, without styles.
pub(super) fn plain(rows: &[(u32, &str)]) -> TestTrack {
    let samples = rows.iter().map(|row| (row.0, tx3g(row.1.as_bytes(), &[])));
    texts_in(
        b"sbtl",
        entry(b"tx3g", &[0; 30]),
        &samples.collect::<Vec<_>>(),
    )
}

#[test]
fn track_has_its_title_and_its_full_language_tag() {
    let udta = mp4_box(b"udta", &mp4_box(b"name", "Für alle".as_bytes()));
    let elng = mp4_box(b"elng", b"\0\0\0\0zh-Hant\0");
    for more in [[udta.clone(), elng.clone()].concat(), [elng, udta].concat()] {
        let track = TestTrack {
            more,
            ..plain(&[(1000, "x")])
        };
        // The title of the movie is not a title of its final track.
        let movie = mp4_box(b"udta", &mp4_box(b"name", b"The film"));
        let found = info(&mp4(&[mvhd(1000), track.trak(&[0], 0), movie]))
            .subtitles
            .remove(0);
        assert_eq!(found.title.as_deref(), Some("Für alle"));
        assert_eq!(found.language.as_deref(), Some("zh-Hant"));
    }
}

#[test]
fn edit_list_moves_the_texts() {
    for (edits, expected) in [
        (vec![(2000, 0)], [(0, 1000), (1000, 2000)]),
        (vec![(500, -1), (2000, 0)], [(500, 1500), (1500, 2500)]),
        (vec![(1500, 500)], [(0, 500), (500, 1500)]),
    ] {
        let track = TestTrack {
            edits,
            ..plain(&[(1000, "one"), (1000, "two")])
        };
        let found = all_texts(&file_of(track), 3).unwrap();
        let times = lines(&found).into_iter().map(|line| (line.0, line.1));
        assert_eq!(times.collect::<Vec<_>>(), expected);
    }
}

/// A `stz2` box has sizes of 4, 8 or 16 bits.
#[test]
fn texts_with_compact_sizes_are_read() {
    let file = file_of(plain(&[(1000, "one"), (1000, "two"), (1000, "three")]));
    let at = file.windows(4).position(|it| it == b"stsz").unwrap();
    let last = file.windows(4).rposition(|it| it == b"stsz").unwrap();
    assert!(at < last, "the file has two stsz boxes");
    for (bits, sizes) in [
        (4, &[0x55, 0x70][..]),
        (8, &[5, 5, 7]),
        (16, &[0, 5, 0, 5, 0, 7]),
    ] {
        let mut compact = file.clone();
        compact[last..last + 4].copy_from_slice(b"stz2");
        compact[last + 11] = bits;
        compact[last + 16..last + 28].fill(0);
        compact[last + 16..last + 16 + sizes.len()].copy_from_slice(sizes);
        let found = all_texts(&compact, 3).unwrap();
        let expected = [(0, 1000, "one"), (1000, 2000, "two"), (2000, 3000, "three")];
        assert_eq!(lines(&found), expected, "{bits} bits");
    }
}

/// Returns a `styl` box. Each range is the position of its first character, the position after its last character, and
/// a face: bold (1), italic (2) or underlined (4).
fn styl(ranges: &[(u16, u16, u8)]) -> Vec<u8> {
    let mut body = u16::try_from(ranges.len()).unwrap().to_be_bytes().to_vec();
    for (start, end, face) in ranges {
        body.extend([start.to_be_bytes(), end.to_be_bytes()].concat());
        body.extend([0, 1, *face, 18, 255, 255, 255, 255]);
    }
    mp4_box(b"styl", &body)
}

#[rustfmt::skip]
#[test]
fn styles_of_timed_text_become_tags() {
    let (plain, mut italic) = (vec![0; 30], vec![0; 30]);
    italic[24] = 2;
    let utf16: Vec<u8> = "\u{feff}Ünï<".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let cut = b"\0\0\0\x20styl\0\x05\0".to_vec();
    let row = |style: &[u8], text: &[u8], boxes: Vec<u8>, expected: &str| {
        let samples = [(1000, tx3g(text, &boxes))];
        let track = texts_in(b"sbtl", entry(b"tx3g", style), &samples);
        let found = all_texts(&file_of(track), 3).unwrap();
        assert_eq!(lines(&found), [(0, 1000, expected)]);
    };
    row(&plain, b"a & <b> c", vec![], "a &amp; &lt;b&gt; c");
    row(&plain, "ünï text".as_bytes(), styl(&[(1, 3, 1)]), "ü<b>nï</b> text");
    row(&plain, b"abc", styl(&[(0, 2, 3), (2, 3, 4)]), "<b><i>ab</i></b><u>c</u>");
    row(&italic, b"abc", styl(&[(1, 2, 0)]), "<i>a</i>b<i>c</i>");
    row(&plain, b"abc", styl(&[(2, 1, 1), (9, 12, 1), (1, 99, 1)]), "a<b>bc</b>");
    row(&plain, b"a\r\n\r\nb\rc\n", vec![], "a\nb\nc");
    // The positions in `styl` also count the characters that the parser removes, such as carriage returns.
    row(&plain, b"a\r\nb\r\nitalic\rz", styl(&[(6, 12, 2), (13, 14, 1)]), "a\nb\n<i>italic</i>\n<b>z</b>");
    row(&plain, b"a\r\nb", styl(&[(0, 2, 1), (2, 4, 2)]), "<b>a</b><i>\nb</i>");
    row(&plain, &utf16, vec![], "Ünï&lt;");
    row(&plain, b"cut", cut, "cut");
    row(&[], b"a\xffb", vec![], "a\u{fffd}b");
}

#[test]
fn webvtt_in_mp4_keeps_settings_and_joins_split_cues() {
    let cue = |text: &str, settings: &str| {
        let settings = mp4_box(b"sttg", settings.as_bytes());
        mp4_box(
            b"vttc",
            &[settings, mp4_box(b"payl", text.as_bytes())].concat(),
        )
    };
    let samples = [
        (1000, mp4_box(b"vtte", &[])),
        (1000, cue("<i>one</i>", "line:0")),
        (500, [cue("<i>one</i>", "line:0"), cue("two", "")].concat()),
        (700, cue("two", "")),
        (800, cue("two", "line:5")),
    ];
    let header = mp4_box(b"vttC", b"WEBVTT\n\nSTYLE\n::cue{}");
    let track = texts_in(b"subt", entry(b"wvtt", &header), &samples);
    let found = all_texts(&file_of(track), 3).unwrap();
    assert_eq!(
        found.into_file(),
        "WEBVTT\n\nSTYLE\n::cue{}\n\n00:00:01.000 --> 00:00:02.500 line:0\n<i>one</i>\n\n\
         00:00:02.000 --> 00:00:03.200\ntwo\n\n00:00:03.200 --> 00:00:04.000 line:5\ntwo\n\n"
    );
}

#[test]
fn track_in_other_format_has_no_cues() {
    let samples = [(1000, tx3g(b"x", &[]))];
    for (handler, name, format) in [
        (b"subp", b"mp4s", SubtitleFormat::Pictures("VobSub")),
        (b"subt", b"stpp", SubtitleFormat::Other),
        (b"clcp", b"c608", SubtitleFormat::Other),
    ] {
        let film = file_of(texts_in(handler, entry(name, &[]), &samples));
        assert_eq!(info(&film).subtitles[0].format, format);
        assert_eq!(all_texts(&film, 3), None);
    }
    let film = file_of(texts_in(b"soun", sound(b"mp4a", &[]), &samples));
    assert_eq!(info(&film).subtitles, []);
    assert_eq!(all_texts(&film, 3), None);
}

/// The box that contains the durations and sizes of the samples, and the byte from which the data offset counts.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// The `trun` of each fragment. The data offset counts from the start of the fragment.
    Run,
    /// The `tfhd` of each fragment. The data offset counts from the start of the file.
    Fragment,
    /// The `trex` of the movie. The data offset counts from the start of the fragment.
    Movie,
}

/// Returns a file. Each fragment has a `traf` of track 1, and a `traf` of track 3 with one sample.
fn fragmented(samples: &[(u32, &str)], way: Way) -> Vec<u8> {
    // The default duration and size are those of the first sample.
    let size = u32::try_from(samples[0].1.len() + 2).unwrap();
    let trex = |track| mp4_box(b"trex", &numbers(&[0, track, 1, samples[0].0, size, 0]));
    let mvex = mp4_box(b"mvex", &[trex(1), trex(3)].concat());
    let moov = mp4_box(b"moov", &[mvhd(0), plain(&[]).trak(&[], 0), mvex].concat());
    let (mut file, mut time) = ([ftyp(b"isom"), moov].concat(), 0);
    for (duration, text) in samples {
        let sample = tx3g(text.as_bytes(), &[]);
        let size = u32::try_from(sample.len()).unwrap();
        let base = u32::try_from(file.len()).unwrap();
        let moof = |data: u32| {
            let (tfhd, trun) = match way {
                Way::Run => (vec![0x2_0000, 3], vec![0x301, 1, data, *duration, size]),
                Way::Fragment => (
                    vec![0x1b, 3, 0, base + data, 1, *duration, size],
                    vec![0, 1],
                ),
                Way::Movie => (vec![0, 3], vec![1, 1, data]),
            };
            let other = traf(None, &[0, 1], &[0, 9]);
            mp4_box(b"moof", &[other, traf(Some(time), &tfhd, &trun)].concat())
        };
        let data = u32::try_from(moof(0).len() + 8).unwrap();
        file.extend(moof(data));
        file.extend(mp4_box(b"mdat", &sample));
        time += duration;
    }
    file
}

#[test]
fn window_has_the_texts_of_fragments() {
    let (short, alike) = (
        &[(1000, ""), (2000, "one"), (500, ""), (1500, "three")][..],
        &[(1500, "one"), (1500, "two")][..],
    );
    let shown = &[(1000, 3000, "one"), (3500, 5000, "three")];
    for (way, samples, expected) in [
        (Way::Run, short, shown),
        (Way::Fragment, short, shown),
        (Way::Movie, alike, &[(0, 1500, "one"), (1500, 3000, "two")]),
    ] {
        let file = fragmented(samples, way);
        assert_eq!(lines(&all_texts(&file, 3).unwrap()), expected, "{way:?}");
        let first = expected[0];
        assert_eq!(lines(&texts(&file, 0.0, 1.4).unwrap()), [first], "{way:?}");
    }
}

/// Returns a small film with a list of its fragments.
pub(super) fn listed_fragments() -> Vec<u8> {
    let film = fragmented(&[(400, "one"), (400, "two")], Way::Run);
    let moofs = film.windows(4).enumerate();
    let moofs = moofs.filter(|(_, four)| four == b"moof");
    let places = moofs.map(|(at, _)| u32::try_from(at).unwrap() - 4);
    let entries: Vec<_> = [0, 400].into_iter().zip(places).collect();
    let lists = mfra(false, &[(3, &entries)]);
    [film, lists].concat()
}

/// With a correct `mfra`, the search begins shortly before the window. With a wrong `mfra`, it begins at the first
/// fragment of the file.
#[test]
fn listed_fragments_before_the_window_are_not_read() {
    let texts: Vec<String> = (0..2000)
        .map(|number| format!("text {number:04}"))
        .collect();
    let samples: Vec<_> = texts.iter().map(|text| (1000, text.as_str())).collect();
    let film = fragmented(&samples, Way::Run);
    let boxes = |name: &[u8]| -> Vec<_> {
        let all = (0..film.len()).filter(|&at| film[at..].starts_with(name));
        all.map(|at| u32::try_from(at).unwrap() - 4).collect()
    };
    let list = |places: &[u32]| -> Vec<_> {
        let times = (0..2000).map(|number| 1000 * number);
        times.zip(places.iter().copied()).collect()
    };
    let moofs = boxes(b"moof");
    let (right, ahead) = (list(&moofs), list(&moofs[7..]));
    // In each fragment, the second `traf` belongs to track 3.
    let trafs: Vec<_> = boxes(b"traf").into_iter().skip(1).step_by(2).collect();
    let inner = list(&trafs);
    let sparse: Vec<_> = right.iter().copied().step_by(10).collect();
    let wrong = |place: u32| {
        right
            .iter()
            .map(|entry| (entry.0, place))
            .collect::<Vec<_>>()
    };
    let (start, beyond) = (wrong(0), wrong(u32::MAX));
    for (row, lists, is_used) in [
        ("all fragments", &[(1, &start[..]), (3, &right)][..], true),
        ("some fragments", &[(3, &sparse)], true),
        ("no list of the track", &[(1, &right)], false),
        ("no fragment", &[(3, &[])], false),
        ("later fragments", &[(3, &ahead)], false),
        ("within the fragments", &[(3, &inner)], false),
        ("the start of the file", &[(3, &start)], false),
        ("behind the file", &[(3, &beyond)], false),
    ] {
        let file = [&film[..], &mfra(false, lists)].concat();
        let length = u64::try_from(file.len()).unwrap();
        let mut file = Sparse::new(length, vec![(0, file)]);
        let window = window(1_900_500, 1_902_500);
        let found = cues(&mut file, 3, Some(window)).unwrap().unwrap().unwrap();
        let shown: Vec<_> = found.list.iter().map(|cue| cue.text.as_str()).collect();
        assert_eq!(shown, &texts[1900..1903], "{row}");
        assert_eq!(file.read < length / 8, is_used, "{row}: {}", file.read);
    }
}

#[test]
fn runs_with_wrong_counts_cost_little() {
    for trun in [
        &[0xf01, u32::MAX, u32::MAX, u32::MAX, u32::MAX][..],
        &[0, u32::MAX],
        &[],
    ] {
        let good = fragmented(&[(1000, ""), (1000, "one")], Way::Run);
        let moof = good.windows(4).position(|four| four == b"moof").unwrap();
        let traf = traf(None, &[0, 3], trun);
        let file = [&good[..moof - 4], &mp4_box(b"moof", &traf)].concat();
        let start = Instant::now();
        let found = texts(&file, 0.0, 0.5).unwrap();
        assert!(found.list.is_empty(), "{found:?}");
        assert!(start.elapsed() < Duration::from_secs(2), "{trun:?}");
    }
}
