//! Small films in memory. Every byte of a sample says which track and sample it belongs to.

/// A track of a film.
#[derive(Debug, Clone)]
pub(super) struct TestTrack {
    pub(super) is_video: bool,
    pub(super) timescale: u32,
    /// Duration, composition offset, whether it is a key frame, and bytes of each sample.
    pub(super) samples: Vec<(u32, i32, bool, u32)>,
    /// Samples of one chunk.
    pub(super) per_chunk: usize,
    /// Duration in ticks of the movie, and media time.
    pub(super) edits: Vec<(u32, i32)>,
    /// One size for all samples.
    pub(super) same_size: bool,
}

/// Ticks of a second in `mvhd` and edit lists.
const MOVIE: u32 = 1000;

pub(super) fn boxed(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap();
    [&size.to_be_bytes()[..], name, body].concat()
}

/// A box of version 0 with these numbers.
pub(super) fn numbers(name: &[u8; 4], numbers: &[u32]) -> Vec<u8> {
    let fields = [0].iter().chain(numbers);
    boxed(
        name,
        &fields.flat_map(|it| it.to_be_bytes()).collect::<Vec<u8>>(),
    )
}

/// What a byte of a sample is.
pub(super) fn content(track: usize, sample: usize) -> [u8; 4] {
    let number = u32::try_from(track * 1_000_000 + sample + 1).unwrap();
    number.to_be_bytes()
}

/// A film whose tracks lie chunk by chunk in turn, or one behind the other.
pub(super) fn film(tracks: &[TestTrack], is_interleaved: bool, moov_first: bool) -> Vec<u8> {
    let ftyp = boxed(b"ftyp", b"isom\0\0\0\0isom");
    let mut mdat = Vec::new();
    let mut chunks: Vec<Vec<u32>> = vec![Vec::new(); tracks.len()];
    let counts = tracks
        .iter()
        .map(|it| it.samples.len().div_ceil(it.per_chunk));
    let counts: Vec<usize> = counts.collect();
    let mut order = Vec::new();
    for (track, count) in counts.iter().enumerate() {
        order.extend((0..*count).map(|chunk| (chunk, track)));
    }
    if is_interleaved {
        order.sort_unstable();
    }
    for (chunk, track) in order {
        chunks[track].push(u32::try_from(mdat.len()).unwrap());
        let it = &tracks[track];
        let samples = it.samples.iter().enumerate();
        for (number, sample) in samples.skip(chunk * it.per_chunk).take(it.per_chunk) {
            let size = usize::try_from(sample.3).unwrap();
            mdat.extend(content(track, number).iter().cycle().take(size));
        }
    }
    let moov = |start: usize| {
        let mvhd = numbers(b"mvhd", &[&[0, 0, MOVIE, 0][..], &[0; 20]].concat());
        let each = tracks.iter().zip(&chunks).zip(1..);
        let traks = each.map(|((track, chunks), id)| trak(track, chunks, start, id));
        boxed(b"moov", &[vec![mvhd], traks.collect()].concat().concat())
    };
    let media = boxed(b"mdat", &mdat);
    match moov_first {
        true => [&ftyp[..], &moov(ftyp.len() + moov(0).len() + 8), &media].concat(),
        false => [&ftyp[..], &media, &moov(ftyp.len() + 8)].concat(),
    }
}

fn trak(track: &TestTrack, chunks: &[u32], start: usize, id: u32) -> Vec<u8> {
    let count = u32::try_from(track.samples.len()).unwrap();
    let rows = |rows: Vec<u32>, width: u32| {
        let count = u32::try_from(rows.len()).unwrap() / width;
        [vec![count], rows].concat()
    };
    let samples = || track.samples.iter();
    let stts = samples().flat_map(|it| [1, it.0]).collect();
    let ctts = samples().flat_map(|it| [1, it.1.cast_unsigned()]).collect();
    let stss = (1..)
        .zip(samples())
        .filter(|it| it.1.2)
        .map(|it| it.0)
        .collect();
    let start = u32::try_from(start).unwrap();
    let offsets = chunks.iter().map(|chunk| chunk + start).collect();
    let per_chunk = u32::try_from(track.per_chunk).unwrap();
    let last = count % per_chunk;
    let mut stsc = vec![1, per_chunk, 1];
    if last > 0 {
        let chunk = u32::try_from(chunks.len()).unwrap();
        stsc = if chunk == 1 {
            vec![1, last, 1]
        } else {
            [stsc, vec![chunk, last, 1]].concat()
        };
    }
    let stsz = match track.same_size {
        true => vec![track.samples[0].3, count],
        false => [vec![0, count], samples().map(|it| it.3).collect()].concat(),
    };
    let entry = boxed(if track.is_video { b"avc1" } else { b"mp4a" }, &[0; 78]);
    let stsd = boxed(b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1], &entry[..]].concat());
    let mut stbl = vec![stsd, numbers(b"stts", &rows(stts, 2))];
    if track.is_video {
        stbl.push(numbers(b"ctts", &rows(ctts, 2)));
        stbl.push(numbers(b"stss", &rows(stss, 1)));
    }
    stbl.push(numbers(b"stsc", &rows(stsc, 3)));
    stbl.push(numbers(b"stsz", &stsz));
    stbl.push(numbers(b"stco", &rows(offsets, 1)));
    let handler = if track.is_video { b"vide" } else { b"soun" };
    let hdlr = boxed(b"hdlr", &[&[0; 8][..], handler, &[0; 13]].concat());
    let dref = boxed(
        b"dref",
        &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &numbers(b"url ", &[])].concat(),
    );
    let mut dref = dref;
    let flags = dref.len() - 1;
    dref[flags] = 1;
    let minf = [boxed(b"dinf", &dref), boxed(b"stbl", &stbl.concat())];
    let mdhd = numbers(b"mdhd", &[0, 0, track.timescale, 0, 0]);
    let mdia = [mdhd, hdlr, boxed(b"minf", &minf.concat())];
    let mut tkhd = numbers(b"tkhd", &[&[0, 0, id, 0, 0][..], &[0; 15]].concat());
    tkhd[11] = 1;
    let edits = track
        .edits
        .iter()
        .flat_map(|it| [it.0, it.1.cast_unsigned(), 0x1_0000]);
    let elst = numbers(b"elst", &rows(edits.collect(), 3));
    let edts = if track.edits.is_empty() {
        Vec::new()
    } else {
        boxed(b"edts", &elst)
    };
    boxed(
        b"trak",
        &[tkhd, edts, boxed(b"mdia", &mdia.concat())].concat(),
    )
}
