//! Tests damaged and hostile files: no input exceeds the limits, panics, or becomes an error.
//!
//! The number of random cases comes from the environment, so the tests are also a fuzzer:
//! `PROPTEST_CASES=1000000 cargo test probe`.

use std::io::{self, Read, Seek, SeekFrom};
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::build::*;
use crate::container::{HEAD, probe};

/// Returns good files of a few hundred bytes, with all records that have parsers of their own.
pub(super) fn good() -> Vec<Vec<u8>> {
    let avc = [1, 110, 0, 40, 0xff, 0xe1, 0, 6, 0x67, 110, 0, 40, 0xa6, 0];
    let hevc = [
        &[1, 0x22, 0x20, 0, 0, 0, 0xb0][..],
        &[0; 5],
        &[93, 0xf0, 0, 0xfc, 0xfd, 0xfa],
    ]
    .concat();
    let aac = [0x13, 0x88, 0x56, 0xe5, 0xa5, 0x48, 0x80];
    let sinf = mp4_box(b"sinf", &mp4_box(b"frma", b"hvc1"));
    let hvcc = mp4_box(b"hvcC", &hevc);
    let mp4 = [
        ftyp(b"isom"),
        moov(&[
            trak(b"vide", &visual(b"avc1", &mp4_box(b"avcC", &avc))),
            trak(b"vide", &visual(b"encv", &[hvcc, sinf].concat())),
            trak(
                b"soun",
                &sound(b"mp4a", &mp4_box(b"wave", &esds(0x40, &aac))),
            ),
            trak(
                b"soun",
                &sound(b"ec-3", &mp4_box(b"dec3", &[6, 0, 0x20, 0x0f, 0])),
            ),
        ]),
    ];
    let entries = [
        track_entry(1, "V_MPEGH/ISO/HEVC", &hevc, &pixels()),
        track_entry(1, "V_VP9", &[1, 1, 2, 2, 1, 31, 3, 1, 10], &[]),
        track_entry(2, "A_AAC", &aac, &[]),
    ];
    let seek = seek_head(&[(TRACKS, 5), (INFO, 500)]);
    let body = [seek, segment_info(), element(TRACKS, &entries.concat())];
    let mkv = [ebml("webm"), endless(SEGMENT, &body.concat())];
    vec![mp4.concat(), mkv.concat()]
}

/// Lengths wrap at every position of a length.
#[test]
fn longest_lengths() {
    let wide = |name: &[u8; 4], size: u64| [&[0, 0, 0, 1][..], name, &size.to_be_bytes()].concat();
    let sizes = [0, 1, 8, 15, 16, 17, u64::MAX, u64::MAX - 7, u64::MAX - 24];
    for size in sizes.into_iter().chain([1 << 63]) {
        for name in [b"mdat", b"moov", b"free"] {
            let _ = read(&[ftyp(b"isom"), wide(name, size), mvhd(1000)].concat());
        }
        for inner in [b"mvhd", b"trak", b"mvex"] {
            let body = [wide(inner, size), vec![0xff; 100]].concat();
            let _ = read(&[ftyp(b"isom"), mp4_box(b"moov", &body)].concat());
        }
    }
    for size in [[0xff; 8], [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]] {
        for id in [SEGMENT, SEEK_HEAD, INFO, TRACKS, VOID, 0xae, 0x4489] {
            let body = [element_id(id), size.to_vec(), vec![0xff; 100]].concat();
            let _ = read(&[ebml("webm"), body.clone()].concat());
            let _ = read(&[ebml("webm"), endless(SEGMENT, &body)].concat());
        }
    }
}

/// No parser is recursive, so the depth costs no more than its bytes.
#[test]
fn ten_thousand_deep() {
    for name in [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"wave"] {
        let mut file = Vec::new();
        for depth in 0..10_000_u32 {
            let size = 8 * (10_000 - depth);
            file.extend([&size.to_be_bytes()[..], name].concat());
        }
        let _ = read(&[ftyp(b"isom"), file.clone()].concat());
        let _ = read(&[ftyp(b"isom"), moov(&[file.clone()])].concat());
        let _ = video_of(&visual(b"avc1", &file));
    }
    for id in [SEGMENT, SEEK_HEAD, TRACKS, INFO, 0xae, 0xe0, 0x6d80] {
        let mut body = Vec::new();
        for _ in 0..10_000 {
            body.extend(endless(id, &[]));
        }
        let _ = read(&[ebml("webm"), endless(SEGMENT, &body)].concat());
    }
}

/// The limits end the read of files of terabytes that have no end.
#[test]
fn endless_work() {
    let tebibyte = 1 << 40;
    let small_boxes = mp4_box(b"free", &[]).repeat(50_000);
    let small_tracks = mp4_box(b"trak", &mp4_box(b"mdia", &[])).repeat(50_000);
    let open_moov = [&[0, 0, 0, 0][..], b"moov"].concat();
    // The boxes have 1 MiB each: one seek and one block for every step.
    let far_boxes = |count: u64| {
        let head = [&(1_u32 << 20).to_be_bytes()[..], b"free"].concat();
        (0..count).map(move |at| (at << 20, head.clone()))
    };
    let voids = element(VOID, &[]).repeat(50_000);
    let entries = track_entry(1, "V_VP9", &[0; 4096], &[]).repeat(500);
    let open = |body: Vec<u8>| [ebml("webm"), endless(SEGMENT, &body)].concat();
    let files: Vec<Vec<(u64, Vec<u8>)>> = vec![
        vec![(0, [ftyp(b"isom"), small_boxes].concat())],
        vec![(0, [ftyp(b"isom"), open_moov, small_tracks].concat())],
        far_boxes(2000).collect(),
        vec![(0, open(voids))],
        vec![(0, open(endless(TRACKS, &entries)))],
        vec![(0, open(seek_head(&[(SEEK_HEAD, 0); 3000])))],
    ];
    for (index, pieces) in files.into_iter().enumerate() {
        let started = Instant::now();
        let mut file = Sparse::new(tebibyte, pieces);
        let _ = probe(&mut file).unwrap();
        assert!(file.read <= HEAD.bytes, "file {index}: {} bytes", file.read);
        assert!(
            file.seeks <= HEAD.bytes / 4096 + 1,
            "file {index}: {} seeks",
            file.seeks
        );
        let took = started.elapsed();
        assert!(took < Duration::from_secs(5), "file {index}: {took:?}");
    }
}

/// Values found before a limit stay, and the parser visits nothing after the limit. Small boxes cost steps, not bytes.
#[test]
fn what_was_found_stands() {
    let track = |name| trak(b"vide", &visual(name, &[]));
    let many = mp4_box(b"free", &[]).repeat(5000);
    let sound = trak(b"soun", &sound(b"alac", &[]));
    let file = [ftyp(b"isom"), moov(&[track(b"jpeg"), many, sound])].concat();
    let found = info(&file);
    assert_eq!(found.video.unwrap().codec, "Motion JPEG");
    assert_eq!(found.audio, []);

    let many = element(VOID, &[]).repeat(5000);
    let video = track_entry(1, "V_VP8", &[], &[]);
    let sound = track_entry(2, "A_OPUS", &[], &[]);
    let tracks = element(TRACKS, &[video, many, sound].concat());
    let body = [segment_info(), tracks].concat();
    let found = info(&[ebml("webm"), endless(SEGMENT, &body)].concat());
    assert_eq!(found.duration, Some(Duration::from_millis(2500)));
    assert_eq!(found.video.unwrap().codec, "VP8");
    assert_eq!(found.audio, []);
}

/// A file with a distant end. The first reads return bytes, and the next read returns the result of the function.
struct Odd<'a>(&'a [u8], usize, fn() -> io::Result<usize>);

impl Read for Odd<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.1.checked_sub(1);
        self.1 = left.unwrap_or(0);
        left.map_or_else(self.2, |_| self.0.read(into))
    }
}

impl Seek for Odd<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if let SeekFrom::Start(at) = to {
            self.0 = &CLIP[usize::try_from(at).unwrap().min(CLIP.len())..];
        }
        Ok(u64::MAX)
    }
}

/// An error of the input is the result at any time. A file that shrinks during the read ends at its new end.
#[test]
fn input_that_fails_gives_its_error_and_a_short_one_gives_nothing() {
    let failed = || Err(io::Error::other("bad sector"));
    let errors = (0..).map_while(|reads| probe(Odd(CLIP, reads, failed)).err());
    let errors: Vec<_> = errors.map(|error| error.to_string()).collect();
    assert!(errors.len() > 3, "{errors:?}");
    assert!(errors.iter().all(|error| error == "bad sector"));
    let whole = probe(Odd(CLIP, errors.len(), failed)).unwrap();
    assert_eq!(whole, Some(info(CLIP)));
    assert_eq!(probe(Odd(CLIP, 0, || Ok(0))).unwrap(), None);
}

proptest! {
    #[test]
    fn random_bytes(
        start in prop::sample::select(vec![ftyp(b"isom"), ebml("webm"), moov(&[]), endless(SEGMENT, &[]), vec![]]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let _ = read(&[start, rest].concat());
    }

    /// Random bodies in boxes and elements test the parsers of the records.
    #[test]
    fn random_records(
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
