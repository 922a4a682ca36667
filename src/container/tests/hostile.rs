//! Tests that the parsers read damaged and hostile files within their limits, without a panic and without an error.
//!
//! The fuzz targets `mp4`, `matroska` and `inside` call the parsers with randomly changed files.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::build::*;
use super::muxer::{self, TestTrack};
use super::subtitles_mp4::{listed_fragments, plain};
use crate::container::{HEAD, PART, Window, chapters, cover, cues, probe};

fn good_matroska() -> Vec<u8> {
    let frame = miniz_oxide::deflate::compress_to_vec_zlib(b"one", 6);
    let settings = element(0x75a1, &element(0xa6, &element(0xa5, b"line:0")));
    let clusters = [
        cluster(0, &[picture(20), group(0, Some(900), &frame)]),
        cluster(5000, &[group_with(3, 1, Some(900), &frame, &settings)]),
    ];
    let tracks = [text_track(3, "S_TEXT/UTF8", b"header", &zlib())];
    indexed(&tracks, &clusters, |at| {
        vec![
            cue_point(3, 0, at[0], Some(40), Some(900)),
            cue_point(3, 5001, at[1], Some(13), Some(900)),
        ]
    })
}

fn read_all(file: &[u8]) {
    let window = window(500, 5500);
    let memory = || Cursor::new(file);
    probe(memory()).unwrap();
    chapters(memory()).unwrap();
    for track in [1, 2, 3] {
        for window in [window, Window::WHOLE] {
            let found = cues(memory(), track, Some(window)).unwrap();
            if let Some(Ok(found)) = found {
                assert!(found.list.iter().all(|cue| cue.start < cue.end));
                let _ = found.into_file();
            }
        }
    }
    if let Some(found) = cover(memory()).unwrap() {
        let end = found.start + found.length;
        assert!(end <= u64::try_from(file.len()).unwrap());
    }
}

#[test]
fn file_cut_or_changed_at_any_byte_is_read() {
    for file in [INSIDE.to_vec(), good_matroska(), listed_fragments()] {
        let texts = all_texts(&file, 3).or(all_texts(&file, 2));
        assert!(!texts.unwrap().list.is_empty());
        for at in 0..file.len() {
            read_all(&file[..at]);
            // Eight bytes of 0xff are a number so large that an unchecked sum overflows.
            let patterns: [&[u8]; 4] = [&[0], &[0x80], &[0xff], &[0xff; 8]];
            for pattern in patterns {
                let mut changed = file.clone();
                let end = file.len().min(at + pattern.len());
                changed[at..end].copy_from_slice(&pattern[..end - at]);
                read_all(&changed);
            }
        }
    }
}

/// Returns several sparse files of 1 TiB. A file is a list of pieces: the position of some bytes, and the bytes. The
/// rest of the file is a hole. Some files have many small boxes or elements. Other files need a seek for each MiB.
fn endless_files() -> Vec<Vec<(u64, Vec<u8>)>> {
    let tracks = element(TRACKS, &text_track(3, "S_TEXT/UTF8", &[], &[]));
    let front = open_webm(&[element(INFO, &[]), tracks].concat());
    let far = |front: &[u8], heads: Vec<u8>| {
        let start = u64::try_from(front.len()).unwrap();
        let heads = (0..3000).map(move |at| (start + (at << 20), heads.clone()));
        heads.chain([(0, front.to_vec())]).collect::<Vec<_>>()
    };
    let free = [&(1_u32 << 20).to_be_bytes()[..], b"free"].concat();
    let head = |id: u32, front: u64| {
        let size = ((1 << 20) - front) | (1 << 56);
        [&element_id(id)[..], &u64::to_be_bytes(size)].concat()
    };
    let points = vec![cue_point(3, 0, 0, Some(0), Some(1)); 20_000].concat();
    let entries = track_entry(1, "V_VP9", &[0; 4096], &[]).repeat(500);
    let blocks = [endless(CLUSTER, &[]), head(0xa3, 14)].concat();
    vec![
        vec![(
            0,
            [ftyp(b"isom"), mp4_box(b"free", &[]).repeat(50_000)].concat(),
        )],
        vec![(0, open_webm(&element(VOID, &[]).repeat(50_000)))],
        vec![(0, open_webm(&endless(TRACKS, &entries)))],
        vec![(
            0,
            [&front[..], &element(CUES, &points), &cluster(0, &[])].concat(),
        )],
        far(&ftyp(b"isom"), free),
        far(&front, head(CLUSTER, 12)),
        far(&front, blocks),
        // The parser searches for a cluster by bisection. In the middle, this file has the IDs of clusters, but no
        // clusters.
        vec![
            (0, [front, cluster(0, &[])].concat()),
            (1 << 39, element_id(CLUSTER).repeat(1 << 20)),
        ],
    ]
}

#[test]
fn endless_files_are_read_only_up_to_the_limits() {
    let windows = [window(0, 3_600_000), window(3_600_000, 3_700_000)];
    for (index, pieces) in endless_files().into_iter().enumerate() {
        let started = Instant::now();
        let mut file = Sparse::new(1 << 40, pieces);
        probe(&mut file).unwrap();
        assert!(file.read <= HEAD.bytes, "file {index}: {} bytes", file.read);
        let most = HEAD.bytes / HEAD.chunk + 1;
        assert!(file.seeks <= most, "file {index}: {} seeks", file.seeks);
        chapters(&mut file).unwrap();
        cover(&mut file).unwrap();
        for window in windows {
            let before = file.read;
            let _ = cues(&mut file, 3, Some(window)).unwrap();
            let read = file.read - before;
            assert!(read <= PART.bytes, "file {index}: {read} bytes");
        }
        let took = started.elapsed();
        assert!(took < Duration::from_secs(8), "file {index}: {took:?}");
    }
}

#[test]
fn chapters_behind_a_million_boxes_are_not_searched() {
    let boxes = mp4_box(b"free", &[]).repeat(1 << 20);
    let film = [mp4_box(b"ftyp", b"isom\0\0\0\0"), boxes].concat();
    let mut file = Sparse::new(1 << 40, vec![(0, film)]);
    assert_eq!(chapters(&mut file).unwrap(), []);
    assert!(file.read < 1 << 20, "{} bytes", file.read);
}

/// Between the video track and the audio track are 5000 small boxes. The parser visits at most `HEAD.steps` boxes, so
/// it does not find the audio track.
#[test]
fn values_found_before_a_limit_stay() {
    let many = mp4_box(b"free", &[]).repeat(5000);
    let video = trak(b"vide", &visual(b"jpeg", &[]));
    let found = info(&mp4(&[video, many, trak(b"soun", &sound(b"alac", &[]))]));
    assert_eq!(found.video.unwrap().codec, "Motion JPEG");
    assert_eq!(found.audio, []);

    let many = element(VOID, &[]).repeat(5000);
    let (video, sound) = (
        track_entry(1, "V_VP8", &[], &[]),
        track_entry(2, "A_OPUS", &[], &[]),
    );
    let tracks = element(TRACKS, &[video, many, sound].concat());
    let found = info(&open_webm(&[segment_info(), tracks].concat()));
    assert_eq!(found.duration, Some(Duration::from_millis(2500)));
    assert_eq!(found.video.unwrap().codec, "VP8");
    assert_eq!(found.audio, []);
}

/// The text track has 30,000 texts of 1 kB. The parser keeps at most 4 MiB of them.
#[test]
fn too_many_tracks_texts_and_chapters_are_left_out() {
    let tracks = text_track(3, "S_TEXT/UTF8", &[], &[]).repeat(500);
    assert_eq!(info(&matroska(&tracks)).subtitles.len(), 256);
    let sounds = track_entry(2, "A_OPUS", &[], &[]).repeat(500);
    assert_eq!(info(&matroska(&sounds)).audio.len(), 256);
    let text = group(0, Some(1000), &[b'x'; 1000]).repeat(30_000);
    let found = all_texts(&film(&[tracks], &[cluster(0, &[text])]), 3).unwrap();
    assert!(!found.is_complete);
    let length: usize = found.list.iter().map(|cue| cue.text.len()).sum();
    assert!((3_000_000..5_000_000).contains(&length), "{length}");
    let atoms = element(0xb6, &element(0x91, &[1])).repeat(2000);
    let file = mkv(&[element(CHAPTERS, &element(0x45b9, &atoms))]);
    assert_eq!(chapters(Cursor::new(file)).unwrap().len(), 1000);
}

/// The tables claim 4 billion samples. Each sample has 0, 1, 60,000 or 4 billion bytes. One chunk has all samples, or
/// each chunk has one sample.
#[test]
fn sample_tables_with_wrong_counts_cost_little() {
    let many = u32::MAX;
    let track = TestTrack {
        per_chunk: 1,
        same_size: true,
        ..plain(&[(1, "x"); 2000])
    };
    let good = muxer::film(&[track], true, false);
    for (size, per_chunk) in [(0, many), (1, many), (60_000, 1), (many, 1)] {
        let mut file = good.clone();
        for (name, field, value) in [
            (b"stts", 2, many),
            (b"stsc", 3, per_chunk),
            (b"stsz", 1, size),
            (b"stsz", 2, many),
        ] {
            let at = file.windows(4).rposition(|it| it == name).unwrap() + 4 + 4 * field;
            file[at..at + 4].copy_from_slice(&value.to_be_bytes());
        }
        let started = Instant::now();
        let found = all_texts(&file, 3).unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "size {size}");
        assert!(found.list.len() <= 100_000);
    }
}

/// A file that claims to be huge. The first `good_reads` reads succeed. Each read after them returns the result of
/// `fault`.
struct FaultyInput {
    rest: &'static [u8],
    good_reads: usize,
    fault: fn() -> io::Result<usize>,
}

fn faulty(good_reads: usize, fault: fn() -> io::Result<usize>) -> FaultyInput {
    FaultyInput {
        rest: CLIP,
        good_reads,
        fault,
    }
}

impl Read for FaultyInput {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.good_reads.checked_sub(1);
        self.good_reads = left.unwrap_or(0);
        left.map_or_else(self.fault, |_| self.rest.read(into))
    }
}

impl Seek for FaultyInput {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if let SeekFrom::Start(at) = to {
            self.rest = &CLIP[usize::try_from(at).unwrap().min(CLIP.len())..];
        }
        Ok(u64::MAX)
    }
}

#[test]
fn failing_input_returns_its_error_and_short_input_returns_none() {
    let failed = || Err(io::Error::other("bad sector"));
    let errors = (0..).map_while(|reads| probe(faulty(reads, failed)).err());
    let errors: Vec<_> = errors.map(|error| error.to_string()).collect();
    assert!(errors.len() > 3, "{errors:?}");
    assert!(errors.iter().all(|error| error == "bad sector"));
    let whole = probe(faulty(errors.len(), failed)).unwrap();
    assert_eq!(whole, Some(info(CLIP)));
    assert_eq!(probe(faulty(0, || Ok(0))).unwrap(), None);
}

proptest! {
    /// A record is the decoder configuration in a box or element.
    #[test]
    fn random_records_are_read(
        name in prop::sample::select(vec![b"avcC", b"hvcC", b"av1C", b"vpcC", b"esds", b"dac3", b"dec3", b"wave", b"sinf", b"dvcC"]),
        entry in prop::sample::select(vec![b"avc1", b"hvc1", b"av01", b"vp09", b"mp4v", b"mp4a", b"dvh1", b"ec-3"]),
        record in prop::collection::vec(any::<u8>(), 0..80),
        version in 0..4_u8,
    ) {
        // In most records, the first byte is a version.
        let record = [vec![version], record].concat();
        let _ = video_of(&visual(entry, &mp4_box(name, &record)));
        let _ = audio_of(&sound(entry, &mp4_box(name, &record)));
        for id in ["V_MPEG4/ISO/AVC", "V_MPEGH/ISO/HEVC", "V_AV1", "V_VP9", "A_AAC", "V_MPEG4/ISO/ASP"] {
            let _ = read(&matroska(&track_entry(1, id, &record, &[])));
        }
    }
}
