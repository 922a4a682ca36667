//! What a player that follows ISO/IEC 14496-12 makes of a file: the samples of each track, and what its edits show.

use std::collections::BTreeMap;

/// A track as a player sees it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) is_video: bool,
    pub(super) timescale: u64,
    pub(super) duration: u64,
    /// Decoding time, composition time, whether it is a key frame, and the bytes.
    pub(super) samples: Vec<(i64, i64, bool, Vec<u8>)>,
    /// Duration in ticks of the movie, and media time.
    pub(super) edits: Vec<(i64, i64)>,
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn usize_at(bytes: &[u8], at: usize) -> usize {
    u32_at(bytes, at).try_into().unwrap()
}

/// The boxes of a body, those within others by their paths.
fn boxes<'a>(
    mut bytes: &'a [u8],
    path: &str,
    found: &mut BTreeMap<String, &'a [u8]>,
    track: &mut u32,
) {
    while !bytes.is_empty() {
        let (this, rest) = bytes.split_at(usize_at(bytes, 0));
        let name = String::from_utf8_lossy(&this[4..8]).into_owned();
        let mut path = format!("{path}/{name}");
        if name == "trak" {
            *track += 1;
            path = format!("{path}{track}");
        }
        if ["moov", "trak", "mdia", "minf", "stbl", "edts"].contains(&name.as_str()) {
            boxes(&this[8..], &path, found, track);
        } else {
            found.insert(path, &this[8..]);
        }
        bytes = rest;
    }
}

/// Reads a file with boxes of version 0.
pub(super) fn watch(file: &[u8]) -> (u32, Vec<Seen>) {
    let (mut found, mut tracks) = (BTreeMap::new(), 0);
    boxes(file, "", &mut found, &mut tracks);
    let movie = u32_at(found["/moov/mvhd"], 12);
    let media = found["/mdat"].as_ptr_range();
    let seen = (1..=tracks).map(|track| {
        let get = |name: &str| found.get(&format!("/moov/trak{track}/{name}")).copied();
        let stbl = |name: &str| get(&format!("mdia/minf/stbl/{name}"));
        let mdhd = get("mdia/mdhd").unwrap();
        let mut seen = Seen {
            is_video: stbl("ctts").is_some(),
            timescale: u32_at(mdhd, 12).into(),
            duration: u32_at(mdhd, 16).into(),
            ..Seen::default()
        };
        for row in get("edts/elst").unwrap()[8..].chunks_exact(12) {
            let media = u32_at(row, 4).cast_signed();
            seen.edits.push((u32_at(row, 0).into(), media.into()));
        }
        let runs = |name| {
            let rows = stbl(name)
                .map_or(&[][..], |body| &body[8..])
                .chunks_exact(8);
            rows.flat_map(|row| std::iter::repeat_n(u32_at(row, 4), usize_at(row, 0)))
                .collect::<Vec<u32>>()
        };
        let (stts, ctts) = (runs("stts"), runs("ctts"));
        let stsz = stbl("stsz").unwrap();
        let syncs = stbl("stss").map(|body| {
            body[8..]
                .chunks_exact(4)
                .map(|row| u32_at(row, 0))
                .collect::<Vec<_>>()
        });
        let stsc: Vec<&[u8]> = stbl("stsc").unwrap()[8..].chunks_exact(12).collect();
        let mut decoded = 0;
        for (chunk, offset) in (1..).zip(stbl("stco").unwrap()[8..].chunks_exact(4)) {
            let row = stsc
                .iter()
                .rev()
                .find(|row| u32_at(row, 0) <= chunk)
                .unwrap();
            let mut at = usize_at(offset, 0);
            for _ in 0..u32_at(row, 4) {
                let number = seen.samples.len();
                let size = match usize_at(stsz, 4) {
                    0 => usize_at(stsz, 12 + 4 * number),
                    size => size,
                };
                let bytes = &file[at..at + size];
                assert!(
                    media.contains(&bytes.as_ptr()) || bytes.is_empty(),
                    "a sample lies outside mdat"
                );
                let shown = decoded + i64::from(ctts.get(number).map_or(0, |it| it.cast_signed()));
                let is_key = syncs
                    .as_ref()
                    .is_none_or(|it| it.contains(&(u32::try_from(number).unwrap() + 1)));
                seen.samples.push((decoded, shown, is_key, bytes.to_vec()));
                decoded += i64::from(stts[number]);
                at += size;
            }
        }
        assert_eq!(
            seen.samples.len(),
            usize_at(stsz, 8),
            "samples of the chunks"
        );
        assert_eq!(seen.samples.len(), stts.len(), "samples with durations");
        seen
    });
    (movie, seen.collect())
}
