//! Builds MP4 files in memory, with samples and the tables that describe them.

use super::build::{ftyp, mp4_box, numbers};

#[derive(Debug, Clone)]
pub(crate) struct TestTrack {
    pub(crate) id: u32,
    pub(crate) handler: &'static [u8; 4],
    pub(crate) entry: Vec<u8>,
    pub(crate) timescale: u32,
    /// For each sample: duration, composition offset, whether it is a key frame, and bytes.
    pub(crate) samples: Vec<(u32, i32, bool, Vec<u8>)>,
    pub(crate) per_chunk: usize,
    /// For each edit: duration in ticks of the movie, and media time.
    pub(crate) edits: Vec<(u32, i32)>,
    /// Whether `stsz` has one size for all samples.
    pub(crate) same_size: bool,
    /// Other boxes of the track.
    pub(crate) more: Vec<u8>,
}

/// Returns a film. If `is_interleaved`, the chunks of its tracks alternate. Otherwise, all chunks of a track are
/// together.
pub(crate) fn film(tracks: &[TestTrack], is_interleaved: bool, moov_first: bool) -> Vec<u8> {
    let ftyp = ftyp(b"isom");
    let (media, offsets) = media(tracks, is_interleaved);
    // The movie has 1000 ticks per second.
    let mvhd = numbers(&[&[0, 0, 0, 1000, 0][..], &[0; 20]].concat());
    let moov = |start: usize| {
        let each = tracks.iter().zip(&offsets);
        let traks = each.map(|(track, offsets)| track.trak(offsets, start));
        let traks = traks.collect::<Vec<_>>().concat();
        mp4_box(b"moov", &[mp4_box(b"mvhd", &mvhd), traks].concat())
    };
    match moov_first {
        true => [&ftyp[..], &moov(ftyp.len() + moov(0).len() + 8), &media].concat(),
        false => [&ftyp[..], &media, &moov(ftyp.len() + 8)].concat(),
    }
}

/// Returns the `mdat` box. Also returns the offsets of the chunks of each track, from the start of the body of `mdat`.
fn media(tracks: &[TestTrack], is_interleaved: bool) -> (Vec<u8>, Vec<Vec<u32>>) {
    let chunks = |track: &TestTrack| 0..track.samples.len().div_ceil(track.per_chunk);
    let each = tracks.iter().enumerate();
    let mut order: Vec<(usize, usize)> = each
        .flat_map(|(track, it)| chunks(it).map(move |chunk| (chunk, track)))
        .collect();
    if is_interleaved {
        order.sort_unstable();
    }
    let (mut mdat, mut offsets) = (Vec::new(), vec![Vec::new(); tracks.len()]);
    for (chunk, track) in order {
        offsets[track].push(u32::try_from(mdat.len()).unwrap());
        let per_chunk = tracks[track].per_chunk;
        let samples = tracks[track].samples.chunks(per_chunk).nth(chunk).unwrap();
        samples.iter().for_each(|sample| mdat.extend(&sample.3));
    }
    (mp4_box(b"mdat", &mdat), offsets)
}

/// Returns a box with a table. Each row has `width` fields.
fn table(name: &[u8; 4], width: usize, rows: &[u32]) -> Vec<u8> {
    let count = u32::try_from(rows.len() / width).unwrap();
    mp4_box(name, &numbers(&[&[0, count], rows].concat()))
}

impl TestTrack {
    /// Returns track 3 without samples, with 1000 ticks per second.
    pub(crate) fn of(handler: &'static [u8; 4], entry: Vec<u8>) -> Self {
        Self {
            id: 3,
            handler,
            entry,
            timescale: 1000,
            samples: Vec::new(),
            per_chunk: 2,
            edits: Vec::new(),
            same_size: false,
            more: Vec::new(),
        }
    }

    fn stbl(&self, chunks: &[u32], start: usize) -> Vec<u8> {
        let samples = || self.samples.iter();
        let number = |length: usize| u32::try_from(length).unwrap();
        let (count, start) = (number(self.samples.len()), number(start));
        let stts: Vec<u32> = samples().flat_map(|it| [1, it.0]).collect();
        let ctts: Vec<u32> = samples().flat_map(|it| [1, it.1.cast_unsigned()]).collect();
        let syncs = (1..).zip(samples()).filter(|it| it.1.2);
        let stss: Vec<u32> = syncs.map(|it| it.0).collect();
        let offsets: Vec<u32> = chunks.iter().map(|chunk| chunk + start).collect();
        let per_chunk = number(self.per_chunk);
        let last = number(chunks.len());
        let stsc = match (last, count % per_chunk) {
            (_, 0) => vec![1, per_chunk, 1],
            (1, rest) => vec![1, rest, 1],
            (_, rest) => vec![1, per_chunk, 1, last, rest, 1],
        };
        let sizes: Vec<u32> = samples().map(|it| number(it.3.len())).collect();
        let stsz = match self.same_size {
            true => vec![0, sizes[0], count],
            false => [vec![0, 0, count], sizes].concat(),
        };
        let mut stbl = vec![
            mp4_box(b"stsd", &[&numbers(&[0, 1])[..], &self.entry].concat()),
            table(b"stts", 2, &stts),
            table(b"stsc", 3, &stsc),
            mp4_box(b"stsz", &numbers(&stsz)),
            table(b"stco", 1, &offsets),
        ];
        if self.handler == b"vide" {
            stbl.extend([table(b"ctts", 2, &ctts), table(b"stss", 1, &stss)]);
        }
        mp4_box(b"stbl", &stbl.concat())
    }

    /// Returns an enabled track with the language German. `start` is the position of the media in the file. `chunks`
    /// are the offsets of the chunks from `start`.
    pub(crate) fn trak(&self, chunks: &[u32], start: usize) -> Vec<u8> {
        // The flag 1 means that the media are in the same file.
        let dref = [numbers(&[0, 1]), mp4_box(b"url ", &numbers(&[1]))].concat();
        let dinf = mp4_box(b"dinf", &mp4_box(b"dref", &dref));
        let minf = [dinf, self.stbl(chunks, start)].concat();
        // The language code is `deu`. Each letter has five bits.
        let german = [(4 << 10 | 5 << 5 | 21) << 16];
        let times = [0, 0, 0, self.timescale, 0];
        let mdia = [
            mp4_box(b"mdhd", &numbers(&[&times[..], &german].concat())),
            mp4_box(
                b"hdlr",
                &[&[0; 8][..], self.handler, &[0; 12], b"Handler\0"].concat(),
            ),
            mp4_box(b"minf", &minf),
        ];
        let edits = self.edits.iter();
        let edits = edits.flat_map(|it| [it.0, it.1.cast_unsigned(), 0x1_0000]);
        let mut trak = mp4_box(
            b"tkhd",
            &numbers(&[&[1, 0, 0, self.id][..], &[0; 17]].concat()),
        );
        if !self.edits.is_empty() {
            let elst = table(b"elst", 3, &edits.collect::<Vec<_>>());
            trak.extend(mp4_box(b"edts", &elst));
        }
        trak.extend(&self.more);
        trak.extend(mp4_box(b"mdia", &mdia.concat()));
        mp4_box(b"trak", &trak)
    }
}
