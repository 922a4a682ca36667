//! Tests cuts of random parts of random small films.

use proptest::prelude::*;

use super::model::{PlayedTrack, watch};
use super::{content, cut_of, picture, whole};
use crate::container::tests::build::mp4_box;
use crate::container::tests::muxer::{TestTrack, film};
use crate::cut::{CutError, Interval};

/// A sample: duration, composition offset, whether it is a key frame, and bytes.
type TestSample = (u32, i32, bool, Vec<u8>);

/// A group of pictures: the duration and size of each frame, `reorder` (see `in_order`), and whether the key frame is
/// an IDR picture.
type Group = (Vec<(u32, u32)>, usize, bool);

fn starts(durations: impl Iterator<Item = u32>) -> Vec<i64> {
    let starts = durations.scan(0, |time, duration| {
        let start = *time;
        *time += i64::from(duration);
        Some(start)
    });
    starts.collect()
}

fn composed(samples: &[TestSample]) -> Vec<i64> {
    let decoded = starts(samples.iter().map(|it| it.0));
    let each = decoded.iter().zip(samples);
    each.map(|(time, it)| time + i64::from(it.1)).collect()
}

/// Generates groups of pictures. In some of them, the decoding order is not the display order.
fn pictures() -> impl Strategy<Value = Vec<TestSample>> {
    // A frame has at least five bytes, so it has space for the number of its sample (four bytes). The test finds
    // samples by this number.
    let frame = (prop::sample::select(vec![40_u32, 20, 60]), 5..64_u32);
    let group = (
        prop::collection::vec(frame, 1..12),
        0..4_usize,
        any::<bool>(),
    );
    let groups = prop::collection::vec(group, 1..5);
    (groups, any::<bool>(), any::<bool>())
        .prop_map(|(groups, is_constant, is_open)| in_order(&groups, is_constant, is_open))
}

/// Returns frames in decoding order. The frames after the key frame of a group form sets of `reorder` + 1 frames. In
/// each set, the final frame is decoded first. If `is_open`, the final frame of a group is decoded after the next key
/// frame. If `is_constant`, each frame lasts 40 ticks.
fn in_order(groups: &[Group], is_constant: bool, is_open: bool) -> Vec<TestSample> {
    // For each frame in presentation order: duration, size, and place in the decoding order. Each group has 100 places.
    // The first place of a group is for its key frame.
    let mut shown = Vec::new();
    for (group, (frames, reorder, _)) in groups.iter().enumerate() {
        for (at, &(duration, size)) in frames.iter().enumerate() {
            let is_late = is_open && group + 1 < groups.len() && frames.len() > 2;
            let place = match at % (reorder + 1) {
                _ if is_late && at + 1 == frames.len() => 105,
                0 => at.saturating_sub(*reorder),
                _ => at + 1,
            };
            let duration = if is_constant { 40 } else { duration };
            shown.push((duration, size, group * 100 + place));
        }
    }
    let mut order: Vec<usize> = (0..shown.len()).collect();
    order.sort_by_key(|&frame| shown[frame].2);
    let times = starts(shown.iter().map(|it| it.0));
    let decoded = starts(order.iter().map(|&frame| shown[frame].0));
    let each = || order.iter().copied().zip(&decoded);
    let lead = each().map(|(frame, time)| time - times[frame]).max();
    let lead = lead.unwrap_or(0).max(0);
    let frames = each().enumerate().map(|(number, (frame, time))| {
        let (duration, size, place) = shown[frame];
        let offset = i32::try_from(times[frame] + lead - time).unwrap();
        let is_key = place % 100 == 0;
        let is_idr = is_key && (place == 0 || groups[place / 100].2);
        (duration, offset, is_key, picture(number, size, is_idr))
    });
    frames.collect()
}

fn video() -> impl Strategy<Value = TestTrack> {
    (pictures(), 1..5_usize, 0..4_u8).prop_map(|(samples, per_chunk, list)| {
        let start = composed(&samples).into_iter().min().unwrap();
        let start = i32::try_from(start).unwrap();
        TestTrack {
            edits: match list {
                0 => Vec::new(),
                1 => vec![(0, start)],
                2 => vec![(120, -1), (100_000, start)],
                _ => vec![(160, start), (200, start + 80)],
            },
            samples,
            per_chunk,
            ..TestTrack::of(b"vide", mp4_box(b"avc1", &[0; 78]))
        }
    })
}

fn sound() -> impl Strategy<Value = TestTrack> {
    let track = (1..400_usize, 1..9_usize, any::<bool>(), 0..3_u8);
    track.prop_map(|(count, per_chunk, is_pcm, list)| {
        let duration = if is_pcm { 1 } else { 1024 };
        let sample = |number| (duration, 0, true, content(1, number, 4));
        TestTrack {
            timescale: if is_pcm { 800 } else { 48_000 },
            samples: (0..count).map(sample).collect(),
            per_chunk: if is_pcm { per_chunk * 37 } else { per_chunk },
            edits: match list {
                0 => Vec::new(),
                1 => vec![(0, 30)],
                _ => vec![(70, -1), (0, 30)],
            },
            same_size: is_pcm,
            ..TestTrack::of(b"soun", mp4_box(b"mp4a", &[0; 78]))
        }
    })
}

fn parts() -> impl Strategy<Value = Vec<Interval>> {
    let end = prop::option::weighted(0.8, 1..400_u64);
    let part = (0..900_u64, end).prop_map(|(start, length)| (start, length.map(|it| start + it)));
    prop::collection::vec(part, 1..5)
}

/// Returns the samples with composition times in a range, sorted by time.
fn inside(times: impl Iterator<Item = i64>, start: i64, end: i64) -> Vec<(i64, usize)> {
    let times = times.zip(0..).filter(|it| (start..end).contains(&it.0));
    let mut inside: Vec<_> = times.collect();
    inside.sort_unstable();
    inside
}

/// Returns the frames that a player shows. Each pair has the time in the film and the number of the sample.
fn shown(track: &TestTrack) -> Vec<(i64, usize)> {
    let times = composed(&track.samples);
    let (mut frames, mut start) = (Vec::new(), 0);
    let whole = [(0, 0)];
    let has_edits = !track.edits.is_empty();
    for &(duration, media) in if has_edits { &track.edits[..] } else { &whole } {
        let (duration, media) = (i64::from(duration), i64::from(media));
        let end = if duration == 0 {
            i64::MAX
        } else {
            media + duration
        };
        if media >= 0 {
            let inside = inside(times.iter().copied(), media, end).into_iter();
            frames.extend(inside.map(|(time, sample)| (start + time - media, sample)));
        }
        start += duration;
    }
    frames
}

/// Returns the frames that the edits of a cut show, as sample numbers of the source.
fn shown_frames(seen: &PlayedTrack, originals: &[Vec<u8>]) -> Vec<usize> {
    let edits = seen.edits.iter().filter(|edit| edit.1 >= 0);
    let frames = edits.flat_map(|&(duration, media)| {
        let times = seen.samples.iter().map(|it| it.1);
        inside(times, media, media + duration)
    });
    let number = |frame: (i64, usize)| number_of(originals, &seen.samples[frame.1].3);
    frames.map(number).collect()
}

fn number_of(originals: &[Vec<u8>], bytes: &[u8]) -> usize {
    let number = originals.iter().position(|it| it == bytes);
    number.expect("a sample of the source")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_500, ..ProptestConfig::default() })]
    #[test]
    fn any_parts_of_any_film_make_a_consistent_file(
        video in prop::option::weighted(0.8, video()),
        sound in prop::option::weighted(0.7, sound()),
        parts in parts(),
        is_interleaved: bool,
        moov_first: bool,
    ) {
        let tracks: Vec<TestTrack> = video.iter().chain(&sound).cloned().collect();
        if tracks.is_empty() {
            return Ok(());
        }
        let source = film(&tracks, is_interleaved, moov_first);
        let cut = match cut_of(&source, &parts) {
            Err(CutError::Parts(_)) => return Ok(()),
            result => result.map_err(|error| TestCaseError::fail(format!("{error:?}")))?,
        };
        let file = whole(&source, &cut);
        prop_assert_eq!(u64::try_from(file.len()).unwrap(), cut.length);
        let (movie, all) = watch(&file);
        for seen in &all {
            for &(duration, media) in seen.edits.iter().filter(|edit| edit.1 >= 0) {
                let end = media + duration * i64::try_from(seen.timescale).unwrap() / i64::from(movie);
                prop_assert!(end <= i64::try_from(seen.duration).unwrap(), "an edit ends after its track");
            }
            prop_assert!(seen.samples.is_sorted_by_key(|it| it.0));
            let mut edits = seen.edits.iter().skip_while(|edit| edit.1 < 0);
            let is_whole = !seen.is_video || edits.all(|edit| edit.1 >= 0);
            prop_assert!(is_whole, "an empty edit after another edit");
        }
        if let (Some(video), Some(seen)) = (&video, all.first().filter(|it| it.is_video)) {
            let originals: Vec<_> = video.samples.iter().map(|it| it.3.clone()).collect();
            let frames = shown(video);
            let has_slides = frames.windows(2).any(|it| it[1].0 - it[0].0 > 100);
            if !has_slides && sound.is_none() {
                let mut expected = Vec::new();
                for &(start, end) in &parts {
                    let start = i64::try_from(start).unwrap();
                    let end = end.map_or(i64::MAX, |end| i64::try_from(end).unwrap());
                    let inside = frames.iter().filter(|it| (start..end).contains(&it.0));
                    expected.extend(inside.map(|it| it.1));
                }
                prop_assert_eq!(shown_frames(seen, &originals), expected);
            }
            // Decoding starts at the first sample and at each IDR picture. `start` is the time at which this sample is
            // shown. The cut may leave out only frames that are shown earlier than `start`.
            let (times, mut start, mut last) = (composed(&video.samples), 0, None);
            for sample in &seen.samples {
                let number = number_of(&originals, &sample.3);
                let is_idr = sample.3[10] == 0x65;
                prop_assert!(is_idr <= sample.2 && sample.2 <= video.samples[number].2);
                if last.is_none() || is_idr {
                    start = times[number];
                } else {
                    let left_out = last.map_or(0, |last: usize| last + 1)..number;
                    let follows = last < Some(number) && left_out.clone().all(|it| times[it] < start);
                    prop_assert!(follows, "{number} after {last:?}");
                }
                last = Some(number);
            }
            // For an edit, a player decodes from the key frame at or before the start of the edit. This key frame must
            // be an IDR picture or the first sample.
            for edit in seen.edits.iter().filter(|edit| edit.1 >= 0) {
                let is_start = |it: &&(i64, i64, bool, Vec<u8>)| it.2 && it.1 <= edit.1;
                let start = seen.samples.iter().rfind(is_start);
                let first = seen.samples.first();
                prop_assert!(start == first || start.is_some_and(|it| it.3[10] == 0x65));
            }
        }
    }
}
