//! Builds small films in memory. Every byte of a sample identifies its track and its sample.

use crate::container::tests::build::{ftyp, mp4_box, numbers};

/// A sample: duration, composition offset, whether it is a key frame, and number of bytes.
pub(super) type Sample = (u32, i32, bool, u32);

/// A track of a film.
#[derive(Debug, Clone)]
pub(super) struct TestTrack {
    pub(super) is_video: bool,
    pub(super) timescale: u32,
    pub(super) samples: Vec<Sample>,
    /// The number of samples of one chunk.
    pub(super) per_chunk: usize,
    /// Duration in ticks of the movie, and media time.
    pub(super) edits: Vec<(u32, i32)>,
    /// Whether the table has one size for all samples.
    pub(super) same_size: bool,
}

/// Returns the bytes of a sample.
pub(super) fn content(track: usize, sample: usize, size: u32) -> Vec<u8> {
    let number = u32::try_from(track * 1_000_000 + sample + 1).unwrap();
    let bytes = number.to_be_bytes().into_iter().cycle();
    bytes.take(usize::try_from(size).unwrap()).collect()
}

/// Returns a film whose tracks are interleaved chunk by chunk, or one behind the other.
pub(super) fn film(tracks: &[TestTrack], is_interleaved: bool, moov_first: bool) -> Vec<u8> {
    let ftyp = ftyp(b"isom");
    let mut mdat = Vec::new();
    let mut offsets: Vec<Vec<u32>> = vec![Vec::new(); tracks.len()];
    let chunks = |track: &TestTrack| 0..track.samples.len().div_ceil(track.per_chunk);
    let each = tracks.iter().enumerate();
    let mut order: Vec<(usize, usize)> = each
        .flat_map(|(track, it)| chunks(it).map(move |chunk| (chunk, track)))
        .collect();
    if is_interleaved {
        order.sort_unstable();
    }
    for (chunk, track) in order {
        offsets[track].push(u32::try_from(mdat.len()).unwrap());
        let TestTrack {
            samples, per_chunk, ..
        } = &tracks[track];
        let samples = samples.iter().enumerate();
        for (number, sample) in samples.skip(chunk * per_chunk).take(*per_chunk) {
            mdat.extend(content(track, number, sample.3));
        }
    }
    let moov = |start: usize| {
        // The movie has 1000 ticks a second.
        let mvhd = numbers(&[&[0, 0, 0, 1000, 0][..], &[0; 20]].concat());
        let each = tracks.iter().zip(&offsets).zip(1..);
        let traks = each.map(|((track, offsets), id)| trak(track, offsets, start, id));
        mp4_box(
            b"moov",
            &[vec![mp4_box(b"mvhd", &mvhd)], traks.collect()]
                .concat()
                .concat(),
        )
    };
    let media = mp4_box(b"mdat", &mdat);
    match moov_first {
        true => [&ftyp[..], &moov(ftyp.len() + moov(0).len() + 8), &media].concat(),
        false => [&ftyp[..], &media, &moov(ftyp.len() + 8)].concat(),
    }
}

/// Returns a table of rows with this number of fields.
fn table(name: &[u8; 4], width: usize, rows: &[u32]) -> Vec<u8> {
    let count = u32::try_from(rows.len() / width).unwrap();
    mp4_box(name, &numbers(&[&[0, count], rows].concat()))
}

fn stbl(track: &TestTrack, chunks: &[u32], start: usize) -> Vec<u8> {
    let samples = || track.samples.iter();
    let count = u32::try_from(track.samples.len()).unwrap();
    let stts: Vec<u32> = samples().flat_map(|it| [1, it.0]).collect();
    let ctts: Vec<u32> = samples().flat_map(|it| [1, it.1.cast_unsigned()]).collect();
    let syncs = (1..).zip(samples()).filter(|it| it.1.2);
    let stss: Vec<u32> = syncs.map(|it| it.0).collect();
    let start = u32::try_from(start).unwrap();
    let offsets: Vec<u32> = chunks.iter().map(|chunk| chunk + start).collect();
    let per_chunk = u32::try_from(track.per_chunk).unwrap();
    let last = u32::try_from(chunks.len()).unwrap();
    let stsc = match (last, count % per_chunk) {
        (_, 0) => vec![1, per_chunk, 1],
        (1, rest) => vec![1, rest, 1],
        (_, rest) => vec![1, per_chunk, 1, last, rest, 1],
    };
    let sizes: Vec<u32> = samples().map(|it| it.3).collect();
    let stsz = match track.same_size {
        true => vec![0, sizes[0], count],
        false => [vec![0, 0, count], sizes].concat(),
    };
    let entry = mp4_box(if track.is_video { b"avc1" } else { b"mp4a" }, &[0; 78]);
    let mut stbl = vec![
        mp4_box(b"stsd", &[numbers(&[0, 1]), entry].concat()),
        table(b"stts", 2, &stts),
        table(b"stsc", 3, &stsc),
        mp4_box(b"stsz", &numbers(&stsz)),
        table(b"stco", 1, &offsets),
    ];
    if track.is_video {
        stbl.extend([table(b"ctts", 2, &ctts), table(b"stss", 1, &stss)]);
    }
    mp4_box(b"stbl", &stbl.concat())
}

fn trak(track: &TestTrack, chunks: &[u32], start: usize, id: u32) -> Vec<u8> {
    let handler = if track.is_video { b"vide" } else { b"soun" };
    // The media are in the same file.
    let dref = [numbers(&[0, 1]), mp4_box(b"url ", &numbers(&[1]))].concat();
    let minf = [
        mp4_box(b"dinf", &mp4_box(b"dref", &dref)),
        stbl(track, chunks, start),
    ];
    let mdia = [
        mp4_box(b"mdhd", &numbers(&[0, 0, 0, track.timescale, 0, 0])),
        mp4_box(b"hdlr", &[&[0; 8][..], handler, &[0; 13]].concat()),
        mp4_box(b"minf", &minf.concat()),
    ];
    let edits = track.edits.iter();
    let edits: Vec<u32> = edits
        .flat_map(|it| [it.0, it.1.cast_unsigned(), 0x1_0000])
        .collect();
    let mut trak = vec![
        mp4_box(b"tkhd", &numbers(&[&[1, 0, 0, id][..], &[0; 17]].concat())),
        mp4_box(b"mdia", &mdia.concat()),
    ];
    if !edits.is_empty() {
        trak.push(mp4_box(b"edts", &table(b"elst", 3, &edits)));
    }
    mp4_box(b"trak", &trak.concat())
}
