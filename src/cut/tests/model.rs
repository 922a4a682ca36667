//! Reads the tracks of a file as a player does (ISO/IEC 14496-12): their samples and edits.

use crate::container::{child, in_memory};

#[derive(Debug, Default)]
pub(super) struct PlayedTrack {
    pub(super) is_video: bool,
    pub(super) timescale: u64,
    pub(super) duration: u64,
    /// For each sample: decoding time, composition time, whether it is a key frame, and its bytes.
    pub(super) samples: Vec<(i64, i64, bool, Vec<u8>)>,
    /// For each edit: duration in ticks of the movie, and media time.
    pub(super) edits: Vec<(i64, i64)>,
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn usize_at(bytes: &[u8], at: usize) -> usize {
    u32_at(bytes, at).try_into().unwrap()
}

fn find<'a>(body: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(body, |body, name| child(body, name))
}

/// Returns the rows of a table with `width` fields in a row.
fn rows<'a>(stbl: &'a [u8], name: &[u8; 4], width: usize) -> Vec<Vec<u32>> {
    let body = child(stbl, name).map_or(&[][..], |body: &'a [u8]| &body[8..]);
    let row = |row: &[u8]| (0..width).map(|field| u32_at(row, 4 * field)).collect();
    body.chunks_exact(4 * width).map(row).collect()
}

fn runs(stbl: &[u8], name: &[u8; 4]) -> Vec<u32> {
    let rows = rows(stbl, name, 2).into_iter();
    rows.flat_map(|row| vec![row[1]; usize::try_from(row[0]).unwrap()])
        .collect()
}

/// Returns the timescale of the movie, and its tracks. The boxes must have version 0, which has 32-bit times.
pub(super) fn watch(file: &[u8]) -> (u32, Vec<PlayedTrack>) {
    let moov = child(file, b"moov").unwrap();
    let traks = in_memory(moov).filter(|it| &it.0 == b"trak");
    let seen = traks.map(|(_, trak)| track(file, trak));
    (u32_at(child(moov, b"mvhd").unwrap(), 12), seen.collect())
}

fn track(file: &[u8], trak: &[u8]) -> PlayedTrack {
    let media = child(file, b"mdat").unwrap().as_ptr_range();
    let mdhd = find(trak, &[b"mdia", b"mdhd"]).unwrap();
    let stbl = find(trak, &[b"mdia", b"minf", b"stbl"]).unwrap();
    let mut seen = PlayedTrack {
        is_video: child(stbl, b"ctts").is_some(),
        timescale: u32_at(mdhd, 12).into(),
        duration: u32_at(mdhd, 16).into(),
        ..PlayedTrack::default()
    };
    for row in rows(child(trak, b"edts").unwrap(), b"elst", 3) {
        seen.edits
            .push((row[0].into(), row[1].cast_signed().into()));
    }
    let (stts, ctts) = (runs(stbl, b"stts"), runs(stbl, b"ctts"));
    let (stsz, stsc) = (child(stbl, b"stsz").unwrap(), rows(stbl, b"stsc", 3));
    let syncs = child(stbl, b"stss").map(|_| rows(stbl, b"stss", 1));
    let mut decoded = 0;
    for (chunk, offset) in (1..).zip(rows(stbl, b"stco", 1)) {
        let row = stsc.iter().rev().find(|row| row[0] <= chunk).unwrap();
        let mut at = usize::try_from(offset[0]).unwrap();
        for _ in 0..row[1] {
            let number = seen.samples.len();
            let size = match usize_at(stsz, 4) {
                0 => usize_at(stsz, 12 + 4 * number),
                size => size,
            };
            let bytes = &file[at..at + size];
            let is_inside = bytes.is_empty() || media.contains(&bytes.as_ptr());
            assert!(is_inside, "a sample lies outside mdat");
            let shown = decoded + i64::from(ctts.get(number).map_or(0, |it| it.cast_signed()));
            let row = vec![u32::try_from(number).unwrap() + 1];
            let is_key = syncs.as_ref().is_none_or(|it| it.contains(&row));
            seen.samples.push((decoded, shown, is_key, bytes.to_vec()));
            decoded += i64::from(stts[number]);
            at += size;
        }
    }
    assert_eq!(seen.samples.len(), usize_at(stsz, 8), "chunks lack samples");
    assert_eq!(seen.samples.len(), stts.len(), "stts lacks samples");
    seen
}
