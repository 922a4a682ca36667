//! Tests the cues of subtitle tracks in MP4.

use super::build::*;
use super::film::{all_texts, lines, texts};
use crate::container::{SubtitleFormat, TextFormat};

/// Samples in the order of their times: durations in milliseconds and contents.
pub(super) struct Texts<'a> {
    handler: &'a [u8; 4],
    entry: Vec<u8>,
    samples: &'a [(u32, Vec<u8>)],
    /// The boxes of the track beside `tkhd` and `mdia`.
    more: &'a [u8],
    /// The sample tables, if they do not describe the samples.
    pub(super) tables: Option<Vec<u8>>,
}

/// Returns a sample entry without video and audio.
pub(super) fn entry(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    mp4_box(name, &[&[0, 0, 0, 0, 0, 0, 0, 1], body].concat())
}

/// Returns a sample of `tx3g`, with boxes behind the text.
pub(super) fn tx3g(text: &[u8], boxes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    [&length[..], text, boxes].concat()
}

impl<'a> Texts<'a> {
    pub(super) fn of(
        handler: &'a [u8; 4],
        entry: Vec<u8>,
        samples: &'a [(u32, Vec<u8>)],
        more: &'a [u8],
    ) -> Self {
        let tables = None;
        Self {
            handler,
            entry,
            samples,
            more,
            tables,
        }
    }

    /// Returns the tables of samples in chunks of two, one byte apart, from `at` on.
    fn tables(&self, mut at: u32) -> Vec<u8> {
        let sizes: Vec<u32> = (self.samples.iter())
            .map(|it| u32::try_from(it.1.len()).unwrap())
            .collect();
        let count = u32::try_from(sizes.len()).unwrap();
        let stts = self.samples.iter().flat_map(|it| [1, it.0]);
        let mut offsets = Vec::new();
        for chunk in sizes.chunks(2) {
            offsets.push(at);
            at += chunk.iter().sum::<u32>() + 1;
        }
        let chunks = u32::try_from(offsets.len()).unwrap();
        let table = |name, head: &[u32], rows: Vec<u32>| {
            mp4_box(name, &numbers(&[head, &rows[..]].concat()))
        };
        [
            table(b"stts", &[0, count], stts.collect()),
            // The last chunk can have one sample.
            table(b"stsc", &[0, 2, 1, 2, 1], vec![chunks, 2 - count % 2, 1]),
            table(b"stsz", &[0, 0, count], sizes),
            table(b"stco", &[0, chunks], offsets),
        ]
        .concat()
    }

    /// Returns the track with ID 3. Its media begin at `at`.
    pub(super) fn trak(&self, at: u32) -> Vec<u8> {
        let stsd = mp4_box(b"stsd", &[&numbers(&[0, 1])[..], &self.entry].concat());
        let tables = self.tables.clone().unwrap_or_else(|| self.tables(at));
        let stbl = mp4_box(b"stbl", &[stsd, tables].concat());
        let mdhd = [&numbers(&[0, 0, 0, 1000, 0])[..], &[0x15, 0xc7, 0, 0]].concat();
        let hdlr = [&[0; 8][..], self.handler, &[0; 12], b"SubtitleHandler\0"].concat();
        let mdia = [
            mp4_box(b"mdhd", &mdhd),
            mp4_box(b"hdlr", &hdlr),
            mp4_box(b"minf", &stbl),
        ];
        let mut tkhd = vec![0; 84];
        (tkhd[3], tkhd[15]) = (1, 3);
        let tkhd = mp4_box(b"tkhd", &tkhd);
        mp4_box(
            b"trak",
            &[tkhd, self.more.to_vec(), mp4_box(b"mdia", &mdia.concat())].concat(),
        )
    }

    /// Returns a file with the media in front, and other boxes in its `moov`.
    pub(super) fn file_with(&self, boxes: &[u8]) -> Vec<u8> {
        let media = self.samples.chunks(2).flat_map(|chunk| {
            let bytes = chunk.iter().map(|sample| &sample.1[..]);
            [bytes.collect::<Vec<_>>().concat(), vec![0xff]].concat()
        });
        let front = [ftyp(b"isom"), mp4_box(b"mdat", &media.collect::<Vec<_>>())].concat();
        let at = u32::try_from(ftyp(b"isom").len() + 8).unwrap();
        let moov = [mvhd(60_000), self.trak(at), boxes.to_vec()].concat();
        [front, mp4_box(b"moov", &moov)].concat()
    }

    pub(super) fn file(&self) -> Vec<u8> {
        self.file_with(&[])
    }
}

/// Returns a file with texts in `tx3g`. A text without a style has no tags.
fn film_of(rows: &[(u32, &str)], more: &[u8]) -> Vec<u8> {
    let samples = rows.iter().map(|row| (row.0, tx3g(row.1.as_bytes(), &[])));
    let samples: Vec<_> = samples.collect();
    Texts::of(b"sbtl", entry(b"tx3g", &[0; 30]), &samples, more).file()
}

#[test]
fn window_has_the_texts_that_are_shown_in_it() {
    let rows = [
        (1000, ""),
        (2000, "one"),
        (500, ""),
        (2000, "two"),
        (1000, "three"),
    ];
    let film = film_of(&rows, &[]);
    let all = [
        (1000, 3000, "one"),
        (3500, 5500, "two"),
        (5500, 6500, "three"),
    ];
    for (from, to, expected) in [
        (0.0, 60.0, 0..3),
        (0.0, 1.0, 0..0),
        (2.9, 3.6, 0..2),
        (5.5, 5.6, 2..3),
    ] {
        let found = texts(&film, from, to).unwrap();
        assert_eq!(found.format, TextFormat::WebVtt);
        assert_eq!(lines(&found), all[expected], "{from} to {to}");
    }
    let found = info(&film).subtitles.remove(0);
    assert_eq!(
        (found.number, found.format, found.title),
        (3, SubtitleFormat::Text, None)
    );
    assert_eq!(found.language.as_deref(), Some("eng"));
    assert_eq!(all_texts(&film, 4), None);
}

#[test]
fn track_says_its_title_and_its_language_in_full() {
    let udta = mp4_box(b"udta", &mp4_box(b"name", "Für alle".as_bytes()));
    let elng = mp4_box(b"elng", b"\0\0\0\0zh-Hant\0");
    let samples = [(1000, tx3g(b"x", &[]))];
    for more in [[udta.clone(), elng.clone()].concat(), [elng, udta].concat()] {
        let film = Texts::of(b"text", entry(b"tx3g", &[0; 30]), &samples, &more);
        // The title of the movie is no title of its last track.
        let movie = mp4_box(b"udta", &mp4_box(b"name", b"The film"));
        let found = info(&film.file_with(&movie)).subtitles.remove(0);
        assert_eq!(found.title.as_deref(), Some("Für alle"));
        assert_eq!(found.language.as_deref(), Some("zh-Hant"));
    }
}

#[test]
fn edit_list_moves_the_texts() {
    // The movie also has 1000 ticks a second. The fields of each edit are duration, media time and rate.
    for (edits, expected) in [
        (vec![0, 1, 2000, 0, 1 << 16], [(0, 1000), (1000, 2000)]),
        (
            vec![0, 2, 500, u32::MAX, 1 << 16, 2000, 0, 1 << 16],
            [(500, 1500), (1500, 2500)],
        ),
        (vec![0, 1, 1500, 500, 1 << 16], [(0, 500), (500, 1500)]),
    ] {
        let more = mp4_box(b"edts", &mp4_box(b"elst", &numbers(&edits)));
        let found = all_texts(&film_of(&[(1000, "one"), (1000, "two")], &more), 3).unwrap();
        let times = lines(&found).into_iter().map(|line| (line.0, line.1));
        assert_eq!(times.collect::<Vec<_>>(), expected, "{edits:?}");
    }
}

/// Returns a `styl` box: ranges of characters and their faces.
fn styl(ranges: &[(u16, u16, u8)]) -> Vec<u8> {
    let mut body = u16::try_from(ranges.len()).unwrap().to_be_bytes().to_vec();
    for (start, end, face) in ranges {
        body.extend([start.to_be_bytes(), end.to_be_bytes()].concat());
        body.extend([0, 1, *face, 18, 255, 255, 255, 255]);
    }
    mp4_box(b"styl", &body)
}

/// The styles of some characters, and the style of the other characters.
// A row is one line.
#[rustfmt::skip]
#[test]
fn styles_of_timed_text_become_tags() {
    let (plain, mut italic) = (vec![0; 30], vec![0; 30]);
    italic[24] = 2;
    let utf16: Vec<u8> = "\u{feff}Ünï<".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let cut = b"\0\0\0\x20styl\0\x05\0".to_vec();
    let row = |style: &[u8], text: &[u8], boxes: Vec<u8>, expected: &str| {
        let samples = [(1000, tx3g(text, &boxes))];
        let film = Texts::of(b"sbtl", entry(b"tx3g", style), &samples, &[]);
        let found = all_texts(&film.file(), 3).unwrap();
        assert_eq!(lines(&found), [(0, 1000, expected)]);
    };
    row(&plain, b"a & <b> c", vec![], "a &amp; &lt;b&gt; c");
    row(&plain, "ünï text".as_bytes(), styl(&[(1, 3, 1)]), "ü<b>nï</b> text");
    row(&plain, b"abc", styl(&[(0, 2, 3), (2, 3, 4)]), "<b><i>ab</i></b><u>c</u>");
    row(&italic, b"abc", styl(&[(1, 2, 0)]), "<i>a</i>b<i>c</i>");
    row(&plain, b"abc", styl(&[(2, 1, 1), (9, 12, 1), (1, 99, 1)]), "a<b>bc</b>");
    row(&plain, b"a\r\n\r\nb\rc\n", vec![], "a\nb\nc");
    row(&plain, &utf16, vec![], "Ünï&lt;");
    row(&plain, b"cut", cut, "cut");
    row(&[], b"a\xffb", vec![], "a\u{fffd}b");
}

#[test]
fn webvtt_in_mp4_keeps_settings_and_joins_what_was_split() {
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
    let film = Texts::of(b"subt", entry(b"wvtt", &header), &samples, &[]);
    let found = all_texts(&film.file(), 3).unwrap();
    assert_eq!(
        found.into_file(),
        "WEBVTT\n\nSTYLE\n::cue{}\n\n00:00:01.000 --> 00:00:02.500 line:0\n<i>one</i>\n\n\
         00:00:02.000 --> 00:00:03.200\ntwo\n\n00:00:03.200 --> 00:00:04.000 line:5\ntwo\n\n"
    );
}

#[test]
fn track_without_texts_has_none() {
    let samples = [(1000, tx3g(b"x", &[]))];
    for (handler, name, format) in [
        (b"subp", b"mp4s", SubtitleFormat::Pictures("VobSub")),
        (b"subt", b"stpp", SubtitleFormat::Other("stpp".to_owned())),
        (b"clcp", b"c608", SubtitleFormat::Other("c608".to_owned())),
    ] {
        let film = Texts::of(handler, entry(name, &[]), &samples, &[]);
        assert_eq!(info(&film.file()).subtitles[0].format, format);
        assert_eq!(all_texts(&film.file(), 3), None);
    }
    let sound = Texts::of(b"soun", sound(b"mp4a", &[]), &samples, &[]);
    assert_eq!(info(&sound.file()).subtitles, []);
    assert_eq!(all_texts(&sound.file(), 3), None);
}
