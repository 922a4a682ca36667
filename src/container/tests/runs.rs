//! Tests cues in the fragments of an MP4.

use std::time::{Duration, Instant};

use super::build::*;
use super::fragments::{mfra, traf};
use super::subtitles_mp4::{plain, tx3g};
use crate::container::cues;

/// The box that contains the position of the data and the duration of the sample.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Each run has its own values. The position counts from the fragment.
    Run,
    /// The fragment has values for all its runs. The position counts from the start of the file.
    Fragment,
    /// The movie has values for all fragments. The data begin at the start of the fragment.
    Movie,
}

/// Returns a file with one sample in each fragment, beside a run of another track.
fn film(samples: &[(u32, &str)], way: Way) -> Vec<u8> {
    // The movie has the default values, so all samples of the film are equal.
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
        let file = film(samples, way);
        assert_eq!(lines(&all_texts(&file, 3).unwrap()), expected, "{way:?}");
        let first = expected[0];
        assert_eq!(lines(&texts(&file, 0.0, 1.4).unwrap()), [first], "{way:?}");
    }
}

/// Returns a small film with a list of its fragments.
pub(super) fn listed_fragments() -> Vec<u8> {
    let film = film(&[(400, "one"), (400, "two")], Way::Run);
    let moofs = film.windows(4).enumerate();
    let moofs = moofs.filter(|(_, four)| four == b"moof");
    let places = moofs.map(|(at, _)| u32::try_from(at).unwrap() - 4);
    let entries: Vec<_> = [0, 400].into_iter().zip(places).collect();
    let lists = mfra(false, &[(3, &entries)]);
    [film, lists].concat()
}

/// A list at the end of the file leads to the fragments of a window. A wrong list changes no text.
#[test]
fn listed_fragments_before_the_window_are_not_read() {
    let texts: Vec<String> = (0..2000)
        .map(|number| format!("text {number:04}"))
        .collect();
    let samples: Vec<_> = texts.iter().map(|text| (1000, text.as_str())).collect();
    let film = film(&samples, Way::Run);
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
    // Each fragment has the run of the track behind the run of another track.
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
        let good = film(&[(1000, ""), (1000, "one")], Way::Run);
        let moof = good.windows(4).position(|four| four == b"moof").unwrap();
        let traf = traf(None, &[0, 3], trun);
        let file = [&good[..moof - 4], &mp4_box(b"moof", &traf)].concat();
        let start = Instant::now();
        let found = texts(&file, 0.0, 0.5).unwrap();
        assert!(found.list.is_empty(), "{found:?}");
        assert!(start.elapsed() < Duration::from_secs(2), "{trun:?}");
    }
}
