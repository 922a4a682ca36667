//! Any parts of any small film.

use proptest::prelude::*;

use super::film::{TestTrack, content, film};
use super::model::{Seen, watch};
use super::{cut_of, whole};
use crate::cut::{CutError, Interval};

/// Frames in decoding order: groups of a key frame and frames of which some are shown before others that are decoded
/// earlier. `open`: frames behind a key frame may be shown before it.
fn pictures() -> impl Strategy<Value = Vec<(u32, i32, bool, u32)>> {
    let frame = (prop_oneof![Just(40_u32), Just(20), Just(60)], 1..60_u32);
    let group = (prop::collection::vec(frame, 1..12), 0..4_usize);
    let groups = prop::collection::vec(group, 1..5);
    (groups, any::<bool>(), any::<bool>()).prop_map(|(groups, is_constant, is_open)| {
        // In presentation order: duration, size, and where in the group it is decoded.
        let mut shown: Vec<(u32, u32, usize)> = Vec::new();
        for (group, (frames, reorder)) in groups.iter().enumerate() {
            let base = group * 100;
            for (at, (duration, size)) in frames.iter().enumerate() {
                // Of every `reorder` + 1 frames the last one is decoded first.
                let step = reorder + 1;
                let place = match (at, at % step) {
                    (0, _) => 0,
                    (_, 0) => at - step + 1,
                    _ => at + 1,
                };
                let duration = if is_constant { 40 } else { *duration };
                shown.push((duration, *size, base + 10 + place));
            }
            // Some frames at the end are decoded behind the next key frame.
            if is_open && group + 1 < groups.len() && frames.len() > 2 {
                let last = shown.len() - 1;
                shown[last].2 = base + 100 + 15;
                let first = shown.len();
                debug_assert!(first > 0);
            }
        }
        let keys: Vec<usize> = (0..groups.len()).map(|group| group * 100 + 10).collect();
        let mut order: Vec<usize> = (0..shown.len()).collect();
        order.sort_by_key(|&frame| shown[frame].2);
        let times: Vec<i64> = shown
            .iter()
            .scan(0, |time, frame| {
                let now = *time;
                *time += i64::from(frame.0);
                Some(now)
            })
            .collect();
        let mut decoded = 0;
        let lead = (0..order.len())
            .map(|at| {
                let before: i64 = order[..at]
                    .iter()
                    .map(|&frame| i64::from(shown[frame].0))
                    .sum();
                before - times[order[at]]
            })
            .max()
            .unwrap_or(0)
            .max(0);
        order
            .iter()
            .map(|&frame| {
                let (duration, size, place) = shown[frame];
                let offset = times[frame] + lead - decoded;
                decoded += i64::from(duration);
                (
                    duration,
                    i32::try_from(offset).unwrap(),
                    keys.contains(&place),
                    size,
                )
            })
            .collect()
    })
}

fn video() -> impl Strategy<Value = TestTrack> {
    (pictures(), 1..5_usize, 0..4_u8).prop_map(|(samples, per_chunk, list)| {
        let start = samples
            .iter()
            .scan(0, |time, it| {
                let shown = *time + it.1;
                *time += it.0.cast_signed();
                Some(shown)
            })
            .min()
            .unwrap();
        TestTrack {
            is_video: true,
            timescale: 1000,
            edits: match list {
                0 => Vec::new(),
                1 => vec![(0, start)],
                2 => vec![(120, -1), (100_000, start)],
                _ => vec![(160, start), (200, start + 80)],
            },
            samples,
            per_chunk,
            same_size: false,
        }
    })
}

fn sound() -> impl Strategy<Value = TestTrack> {
    (1..400_usize, 1..9_usize, any::<bool>(), 0..3_u8).prop_map(
        |(count, per_chunk, is_pcm, list)| TestTrack {
            is_video: false,
            timescale: if is_pcm { 800 } else { 48_000 },
            samples: vec![(if is_pcm { 1 } else { 1024 }, 0, true, 4); count],
            per_chunk: if is_pcm { per_chunk * 37 } else { per_chunk },
            edits: match list {
                0 => Vec::new(),
                1 => vec![(0, 30)],
                _ => vec![(70, -1), (0, 30)],
            },
            same_size: is_pcm,
        },
    )
}

fn parts() -> impl Strategy<Value = Vec<Interval>> {
    let end = prop::option::weighted(0.8, 1..400_u64);
    let part = (0..900_u64, end).prop_map(|(start, length)| (start, length.map(|it| start + it)));
    prop::collection::vec(part, 1..5)
}

/// The times in the film at which frames are shown, by sample.
fn shown(track: &TestTrack) -> Vec<(i64, usize)> {
    let mut decoded = 0;
    let times: Vec<i64> = track
        .samples
        .iter()
        .map(|it| {
            let shown = decoded + i64::from(it.1);
            decoded += i64::from(it.0);
            shown
        })
        .collect();
    let (mut frames, mut start) = (Vec::new(), 0);
    let whole = [(0, 0)];
    let edits = if track.edits.is_empty() {
        &whole[..]
    } else {
        &track.edits
    };
    for &(duration, media) in edits {
        let (duration, media) = (i64::from(duration), i64::from(media));
        let end = if duration == 0 {
            i64::MAX
        } else {
            media + duration
        };
        if media >= 0 {
            let inside = times
                .iter()
                .enumerate()
                .filter(|it| (media..end).contains(it.1));
            let mut inside: Vec<_> = inside
                .map(|(sample, time)| (start + time - media, sample))
                .collect();
            inside.sort_unstable();
            frames.extend(inside);
        }
        start += duration;
    }
    frames
}

/// The frames that the edits of a cut show, by the sample of the source.
fn seen_frames(seen: &Seen, originals: &[Vec<u8>]) -> Vec<usize> {
    let mut frames = Vec::new();
    for &(duration, media) in seen.edits.iter().filter(|edit| edit.1 >= 0) {
        let mut inside: Vec<_> = seen
            .samples
            .iter()
            .filter(|it| (media..media + duration).contains(&it.1))
            .collect();
        inside.sort_by_key(|it| it.1);
        frames.extend(inside.iter().map(|it| number_of(originals, &it.3)));
    }
    frames
}

fn number_of(originals: &[Vec<u8>], bytes: &[u8]) -> usize {
    originals
        .iter()
        .position(|it| it == bytes)
        .expect("a sample of the source")
}

fn originals(track: usize, samples: &[(u32, i32, bool, u32)]) -> Vec<Vec<u8>> {
    let bytes = |number, size: u32| {
        content(track, number)
            .into_iter()
            .cycle()
            .take(usize::try_from(size).unwrap())
            .collect()
    };
    samples
        .iter()
        .enumerate()
        .map(|(number, it)| bytes(number, it.3))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn any_parts_of_any_film_make_a_consistent_file(
        mut video in prop::option::weighted(0.8, video()),
        sound in prop::option::weighted(0.7, sound()),
        parts in parts(),
        is_interleaved: bool,
        moov_first: bool,
    ) {
        // Samples are found by their bytes, so that no two may be equal.
        if let Some(video) = &mut video {
            video.samples.iter_mut().for_each(|it| it.3 += 4);
        }
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
        }
        if let (Some(video), Some(seen)) = (&video, all.first().filter(|it| it.is_video)) {
            let originals = originals(0, &video.samples);
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
                prop_assert_eq!(seen_frames(seen, &originals), expected);
            }
            // Each frame follows, in the cut as in the source, a key frame and all between them that it may need.
            let mut last: Option<usize> = None;
            for sample in &seen.samples {
                let number = number_of(&originals, &sample.3);
                prop_assert!(sample.2 == video.samples[number].2);
                let follows = sample.2 || last.is_some_and(|last| last < number);
                prop_assert!(follows || number == 0, "{number} after {last:?}");
                last = Some(number);
            }
        }
    }
}
