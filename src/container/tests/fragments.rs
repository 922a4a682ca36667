//! Tests the durations of fragmented MP4 files.

use std::time::Duration;

use super::build::*;
use super::muxer::TestTrack;
use crate::container::probe;

/// Returns the front of a fragmented file: `mvhd`, video track 1, text track 2 and `mvex`. Both tracks have 100 ticks
/// per second. In `moov`, the video track has `samples` samples of 4 ticks.
fn start(movie_milliseconds: u32, samples: usize, mvex: &[u8]) -> Vec<u8> {
    let track = TestTrack {
        id: 1,
        timescale: 100,
        samples: vec![(4, 0, true, vec![]); samples],
        ..TestTrack::of(b"vide", visual(b"avc1", &[]))
    };
    let texts = TestTrack {
        id: 2,
        timescale: 100,
        ..TestTrack::of(b"sbtl", mp4_box(b"tx3g", &[]))
    };
    let tracks = [track.trak(&[], 0), texts.trak(&[], 0)].concat();
    mp4(&[mvhd(movie_milliseconds), tracks, mp4_box(b"mvex", mvex)])
}

fn trex(duration: u32) -> Vec<u8> {
    mp4_box(b"trex", &numbers(&[0, 1, 1, duration, 0, 0]))
}

/// The fields of a `trun` with 50 samples of the default duration: two seconds if this duration is 4 ticks.
const TWO_SECONDS: &[u32] = &[0, 50];

/// Returns a `traf` box. The parameters `tfhd` and `trun` are the fields of the child boxes with these names. If `at`
/// is set, a `tfdt` box contains `at` as the decoding time.
pub(super) fn traf(at: Option<u32>, tfhd: &[u32], trun: &[u32]) -> Vec<u8> {
    let boxes = [
        mp4_box(b"tfhd", &numbers(tfhd)),
        at.map_or(vec![], |at| mp4_box(b"tfdt", &numbers(&[0, at]))),
        mp4_box(b"trun", &numbers(trun)),
    ];
    mp4_box(b"traf", &boxes.concat())
}

fn moof(at: Option<u32>, tfhd: &[u32], trun: &[u32]) -> Vec<u8> {
    let mfhd = mp4_box(b"mfhd", &[0; 8]);
    mp4_box(b"moof", &[mfhd, traf(at, tfhd, trun)].concat())
}

/// Returns a fragment of two seconds.
fn fragment(at: Option<u32>) -> Vec<u8> {
    with_media(moof(at, &[0, 1], TWO_SECONDS))
}

fn with_media(moof: Vec<u8>) -> Vec<u8> {
    [moof, mp4_box(b"mdat", &[0; 500])].concat()
}

/// Returns a `sidx` box, which is an index of segments. Each segment has a size in bytes and a duration in 1/50 s.
/// `offset` is the number of bytes between the index and the first segment.
fn sidx(wide: bool, offset: u32, segments: &[(u32, u32)]) -> Vec<u8> {
    let mut body = match wide {
        true => numbers(&[1 << 24, 1, 50, 0, 0, 0, offset]),
        false => numbers(&[0, 1, 50, 0, offset]),
    };
    body.extend(numbers(&[u32::try_from(segments.len()).unwrap()]));
    for (size, duration) in segments {
        body.extend(numbers(&[*size, *duration, 0]));
    }
    mp4_box(b"sidx", &body)
}

/// Returns an `mfra` box with a list of fragments for each track. Each entry is the time and the position of a
/// fragment.
pub(super) fn mfra(wide: bool, lists: &[(u32, &[(u32, u32)])]) -> Vec<u8> {
    let tfra = |(track, entries): &(u32, &[(u32, u32)])| {
        let count = u32::try_from(entries.len()).unwrap();
        let version = if wide { 1 << 24 } else { 0 };
        let entry = |&(time, place): &(u32, u32)| {
            let numbers = match wide {
                true => numbers(&[0, time, 0, place]),
                false => numbers(&[time, place]),
            };
            [numbers, vec![1, 1, 1]].concat()
        };
        let entries: Vec<u8> = entries.iter().flat_map(entry).collect();
        let head = numbers(&[version, *track, 0, count]);
        mp4_box(b"tfra", &[head, entries].concat())
    };
    let lists: Vec<u8> = lists.iter().flat_map(tfra).collect();
    let size = u32::try_from(8 + lists.len() + 16).unwrap();
    let mfro = mp4_box(b"mfro", &numbers(&[0, size]));
    mp4_box(b"mfra", &[lists, mfro].concat())
}

/// Returns an `mfra` box for track 1. Its final entry contains `last` as the byte position of a fragment.
fn mfra_to(wide: bool, last: usize) -> Vec<u8> {
    mfra(wide, &[(1, &[(0, 0), (0, u32::try_from(last).unwrap())])])
}

#[track_caller]
fn assert_seconds(file: &[u8], expected: Option<u64>, row: &str) {
    let info = info(file);
    assert_eq!(info.duration, expected.map(Duration::from_secs), "{row}");
    assert_eq!(info.video.unwrap().codec, "H.264", "{row}");
}

/// A row of a test: its name, the boxes behind `moov`, and the expected duration in seconds.
type FragmentRow<'a> = (&'a str, &'a [&'a [u8]], Option<u64>);

#[rustfmt::skip]
#[test]
fn last_fragment_gives_the_duration() {
    let (first, second, undated) = (fragment(Some(0)), fragment(Some(200)), fragment(None));
    // `tfhd` has the base data offset, the number of the sample entry, and a default duration of 8 ticks.
    let own = with_media(moof(Some(400), &[0xb, 1, 0, 0, 1, 8], TWO_SECONDS));
    // `trun` has a data offset and the flags of the first sample. Each of its three samples has a duration and a size.
    let each = with_media(moof(Some(400), &[0, 1], &[0x305, 3, 0, 0, 100, 7, 150, 7, 150, 7]));
    let rows: &[FragmentRow] = &[
        ("none", &[], None),
        ("one", &[&first], Some(2)),
        ("two", &[&first, &second], Some(4)),
        ("own default", &[&own], Some(8)),
        ("a duration for each sample", &[&each], Some(8)),
        ("no tfdt", &[&undated], None),
        ("no tfdt in the last", &[&first, &undated], None),
        ("media missing", &[&first, &second[..second.len() - 508]], Some(4)),
        ("media cut short", &[&first, &second[..300]], Some(4)),
        ("fragment cut short", &[&first, &second[..60]], Some(2)),
        ("more fragments than the limit", &[&first.repeat(5000)], None),
        ("rubbish behind", &[&first, &[0xff; 100]], Some(2)),
        ("rubbish that is no box", &[&first, &[0, 0, 0, 1, 2]], None),
    ];
    for (row, fragments, expected) in rows {
        let file = [start(0, 0, &trex(4)), fragments.concat()].concat();
        assert_seconds(&file, *expected, row);
    }
}

#[rustfmt::skip]
#[test]
fn text_track_does_not_extend_the_film() {
    let (first, second, undated) = (fragment(Some(0)), fragment(Some(200)), fragment(None));
    // 50 samples of one second each.
    let texts = with_media(moof(Some(0), &[8, 2, 100], TWO_SECONDS));
    let size = u32::try_from(undated.len()).unwrap();
    let start = start(0, 0, &trex(4));
    // Changes the track of a box to 2. Byte `at` contains the number of the track.
    let of_texts = |mut list: Vec<u8>, at: usize| {
        list[at] = 2;
        list
    };
    let index = sidx(false, 0, &[(size, 100), (size, 150)]);
    let skipped = u32::try_from(index.len()).unwrap();
    let index_of_texts = of_texts(sidx(false, skipped, &[(2 * size, 2500)]), 15);
    let last = u32::try_from(start.len() + first.len() + second.len()).unwrap();
    let list = mfra(false, &[(2, &[(0, last)])]);
    let rows: &[FragmentRow] = &[
        ("behind the film", &[&first, &texts], Some(2)),
        ("between", &[&first, &texts, &second], Some(4)),
        ("texts only", &[&texts], None),
        ("an index for each track", &[&index_of_texts, &index, &undated, &undated], Some(5)),
        ("a list of random access points", &[&first, &second, &texts, &list], Some(4)),
    ];
    for (row, fragments, expected) in rows {
        assert_seconds(&[start.clone(), fragments.concat()].concat(), *expected, row);
    }
}

/// If `moov` of a fragmented file has samples, `mvhd` has only the duration of these samples, without the fragments.
#[rustfmt::skip]
#[test]
fn mvhd_duration_counts_only_if_it_includes_the_fragments() {
    let mehd = |ticks: u32| mp4_box(b"mehd", &numbers(&[0, ticks]));
    let next = fragment(Some(200));
    let rows: &[(&str, Vec<u8>, Option<u64>)] = &[
        ("whole length in mvhd", [&start(9000, 0, &trex(4))[..], &next].concat(), Some(9)),
        ("mehd", [&start(2000, 50, &mehd(8000))[..], &next].concat(), Some(8)),
        ("first fragment in moov", [&start(2000, 50, &trex(4))[..], &next].concat(), Some(4)),
        ("all in moov", start(2000, 50, &trex(4)), Some(2)),
        ("first in moov, the next cannot be read", [start(2000, 50, &[]), fragment(None)].concat(), None),
        ("no box has the duration", [start(0, 50, &[]), mp4_box(b"free", &[])].concat(), None),
    ];
    for (row, file, expected) in rows {
        assert_seconds(file, *expected, row);
    }
}

#[rustfmt::skip]
#[test]
fn index_gives_the_duration_if_it_lists_the_whole_file() {
    // This fragment has no `tfdt`, so only an index can give the duration.
    let undated = fragment(None);
    let size = u32::try_from(undated.len()).unwrap();
    let start = start(0, 0, &trex(4));
    let both = [undated.clone(), undated.clone()].concat();
    for wide in [false, true] {
        let list = |segments: &[(u32, u32)]| [start.clone(), sidx(wide, 0, segments)].concat();
        let second = sidx(wide, 0, &[(size, 100), (size, 150)]);
        let skipped = u32::try_from(second.len()).unwrap();
        let first = sidx(wide, skipped, &[(size, 100), (size, 50)]);
        let dated = |at| fragment(Some(at));
        let each = sidx(wide, 0, &[(u32::try_from(dated(0).len()).unwrap(), 100)]);
        let rows: &[(&str, Vec<u8>, Option<u64>)] = &[
            ("all", [list(&[(size, 100), (size, 150)]), both.clone()].concat(), Some(5)),
            ("an index of indexes", [list(&[(size | 1 << 31, 100)]), undated.clone()].concat(), Some(2)),
            ("an index for each track", [&start[..], &first, &second, &both].concat(), Some(5)),
            ("an index for each fragment", [&start[..], &each, &dated(0), &each, &dated(200)].concat(), Some(4)),
            ("only the first fragment", [list(&[(size, 100)]), both.clone()].concat(), None),
            ("beyond the end", [list(&[(size, 100), (size + 1, 100)]), both.clone()].concat(), None),
            ("mfra behind", [list(&[(size, 100), (size, 150)]), both.clone(), mfra_to(wide, 0)].concat(), Some(5)),
        ];
        for (row, file, expected) in rows {
            assert_seconds(file, *expected, row);
        }
    }
}

/// `mfra` contains the position of the final fragment, so the parser skips the middle of the file.
#[test]
fn random_access_list_leads_to_the_last_fragment() {
    let start = start(0, 0, &trex(4));
    let (first, last) = (fragment(Some(0)), fragment(Some(720_000)));
    let gap = 60_000_usize;
    let skipped = mp4_box(b"mdat", &vec![0; gap - 8 - first.len()]);
    let middle = mp4_box(b"mdat", &vec![0; gap]).repeat(300);
    let front = [start, first, skipped, middle].concat();
    for wide in [false, true] {
        let file = [&front[..], &last, &mfra_to(wide, front.len())].concat();
        let length = u64::try_from(file.len()).unwrap();
        let mut counted = Sparse::new(length, vec![(0, file)]);
        let found = probe(&mut counted).unwrap().unwrap();
        assert_eq!(found.duration, Some(Duration::from_secs(7202)));
        assert!(counted.read < 50_000, "{} bytes read", counted.read);
    }
    // The parser ignores a wrong position in the list.
    for place in [0, 40, front.len() + 4, usize::try_from(u32::MAX).unwrap()] {
        let file = [&front[..], &last, &mfra_to(false, place)].concat();
        let found = info(&file).duration;
        let is_right = found.is_none_or(|it| it == Duration::from_secs(7202));
        assert!(is_right, "{place}: {found:?}");
    }
}
