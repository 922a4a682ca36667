//! Makes the bytes of Matroska files: elements, tracks, texts, indexes, chapters and covers.

/// Returns an EBML element. The field for its size has eight bytes.
pub(crate) fn element(id: u32, body: &[u8]) -> Vec<u8> {
    let size = (body.len() as u64) | (1 << 56);
    [&element_id(id)[..], &size.to_be_bytes(), body].concat()
}

/// Returns an element of unknown size.
pub(crate) fn endless(id: u32, body: &[u8]) -> Vec<u8> {
    [&element_id(id)[..], &[0xff], body].concat()
}

pub(crate) fn element_id(id: u32) -> Vec<u8> {
    let bytes = id.to_be_bytes();
    let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(0);
    bytes[start..].to_vec()
}

pub(crate) fn ebml(doc_type: &str) -> Vec<u8> {
    element(0x1a45_dfa3, &element(0x4282, doc_type.as_bytes()))
}

/// Returns a file with these elements in its segment.
pub(crate) fn mkv(elements: &[Vec<u8>]) -> Vec<u8> {
    [ebml("matroska"), element(SEGMENT, &elements.concat())].concat()
}

pub(crate) const SEGMENT: u32 = 0x1853_8067;
pub(crate) const SEEK_HEAD: u32 = 0x114d_9b74;
pub(crate) const INFO: u32 = 0x1549_a966;
pub(crate) const TRACKS: u32 = 0x1654_ae6b;
pub(crate) const CLUSTER: u32 = 0x1f43_b675;
pub(crate) const CUES: u32 = 0x1c53_bb6b;
pub(crate) const CHAPTERS: u32 = 0x1043_a770;
pub(crate) const ATTACHMENTS: u32 = 0x1941_a469;
pub(crate) const VOID: u32 = 0xec;

/// Returns an element SeekHead: ids of elements and their positions. A position is the number of bytes from the start
/// of the segment body.
pub(crate) fn seek_head(places: &[(u32, u64)]) -> Vec<u8> {
    let seek = |&(id, position): &(u32, u64)| {
        let id = element(0x53ab, &element_id(id));
        let position = element(0x53ac, &position.to_be_bytes());
        element(0x4dbb, &[id, position].concat())
    };
    element(SEEK_HEAD, &places.iter().flat_map(seek).collect::<Vec<_>>())
}

pub(crate) fn track_entry(kind: u8, codec: &str, private: &[u8], more: &[u8]) -> Vec<u8> {
    let body = [
        element(0x83, &[kind]),
        element(0x86, codec.as_bytes()),
        element(0x63a2, private),
        more.to_vec(),
    ];
    element(0xae, &body.concat())
}

pub(crate) fn track(number: u16, kind: u8, codec: &str, more: &[u8]) -> Vec<u8> {
    let number = element(0xd7, &number.to_be_bytes());
    track_entry(kind, codec, &[], &[&number, more].concat())
}

/// Returns the element ContentEncodings of a track whose frames are compressed with zlib.
pub(crate) fn zlib() -> Vec<u8> {
    element(0x6d80, &element(0x6240, &element(0x5034, &[])))
}

fn named(title: &str, language: &str, is_default: bool) -> Vec<u8> {
    [
        element(0x536e, title.as_bytes()),
        element(0x0022_b59c, language.as_bytes()),
        element(0x88, &[u8::from(is_default)]),
    ]
    .concat()
}

/// Returns a block group. `offset` is the time from the start of the cluster. `offset` and `duration` are in
/// milliseconds.
pub(crate) fn group_with(
    track: u16,
    offset: i16,
    duration: Option<u16>,
    frame: &[u8],
    more: &[u8],
) -> Vec<u8> {
    // A track number above 126 takes two bytes.
    let track = match track {
        ..127 => vec![0x80 | track.to_be_bytes()[1]],
        _ => (0x4000 | track).to_be_bytes().to_vec(),
    };
    let block = [&track[..], &offset.to_be_bytes(), &[0], frame].concat();
    let duration = duration.map_or(vec![], |it| element(0x9b, &it.to_be_bytes()));
    element(
        0xa0,
        &[&element(0xa1, &block)[..], &duration, more].concat(),
    )
}

/// Returns a block group with a subtitle for track 300.
pub(crate) fn text(offset: i16, duration: u16, text: &str) -> Vec<u8> {
    group_with(300, offset, Some(duration), text.as_bytes(), &[])
}

/// Returns a cluster with a timestamp in milliseconds.
pub(crate) fn cluster(time: u32, blocks: &[Vec<u8>]) -> Vec<u8> {
    let time = element(0xe7, &time.to_be_bytes());
    element(CLUSTER, &[time, blocks.concat()].concat())
}

/// Returns one entry of an index. `cluster` is the number of bytes from the start of the segment body. `block` is the
/// number of bytes from the start of the cluster body.
pub(crate) fn cue_point(
    track: u8,
    time: u32,
    cluster: u64,
    block: Option<u64>,
    duration: Option<u16>,
) -> Vec<u8> {
    let places = [
        element(0xf7, &[track]),
        element(0xf1, &cluster.to_be_bytes()),
        block.map_or(vec![], |it| element(0xf0, &it.to_be_bytes())),
        duration.map_or(vec![], |it| element(0xb2, &it.to_be_bytes())),
    ];
    let time = element(0xb3, &time.to_be_bytes());
    element(0xbb, &[time, element(0xb7, &places.concat())].concat())
}

/// Returns a file with an index behind the clusters. `points` gets the positions of the clusters, and returns the
/// entries of the index.
pub(crate) fn indexed(
    tracks: &[Vec<u8>],
    clusters: &[Vec<u8>],
    points: impl Fn(&[u64]) -> Vec<Vec<u8>>,
) -> Vec<u8> {
    let front = [element(INFO, &[]), element(TRACKS, &tracks.concat())].concat();
    let mut at = (seek_head(&[(CUES, 0)]).len() + front.len()) as u64;
    let places = clusters.iter().map(|cluster| {
        at += cluster.len() as u64;
        at - cluster.len() as u64
    });
    let cues = element(CUES, &points(&places.collect::<Vec<_>>()).concat());
    mkv(&[seek_head(&[(CUES, at)]), front, clusters.concat(), cues])
}

pub(crate) fn attached(name: &str, data: &[u8]) -> Vec<u8> {
    let file = [element(0x466e, name.as_bytes()), element(0x465c, data)];
    element(0x61a7, &file.concat())
}

pub(crate) fn chapter_with(milliseconds: u64, titles: &[&str], more: &[u8]) -> Vec<u8> {
    let display = |title: &&str| element(0x80, &element(0x85, title.as_bytes()));
    let titles: Vec<u8> = titles.iter().flat_map(display).collect();
    let start = element(0x91, &(milliseconds * 1_000_000).to_be_bytes());
    element(0xb6, &[&start[..], &titles, more].concat())
}

pub(crate) fn chapter(seconds: u64, title: &str) -> Vec<u8> {
    chapter_with(1000 * seconds, &[title], &[])
}

pub(crate) fn chapters(list: &[Vec<u8>]) -> Vec<u8> {
    element(CHAPTERS, &element(0x45b9, &list.concat()))
}

/// The cover of [`film`].
pub(crate) const COVER: &[u8] = b"\xff\xd8\xff\xe0 a picture";

/// Returns a film. Track 1 is video, and track 2 is audio. Track 300 has three subtitles. Track 4 is for subtitles in
/// the format PGS, and track 5 has an unknown codec. The film has two chapters and a cover.
pub(crate) fn film() -> Vec<u8> {
    let tracks = [
        track(1, 1, "V_VP8", &[]),
        track(2, 2, "A_OPUS", &[]),
        track(300, 17, "S_TEXT/UTF8", &named("Signs & songs", "ger", true)),
        track(4, 17, "S_HDMV/PGS", &named("", "eng", false)),
        track(5, 17, "S_KATE", &[]),
    ];
    mkv(&[
        element(INFO, &element(0x4489, &90_000_f32.to_be_bytes())),
        element(TRACKS, &tracks.concat()),
        chapters(&[chapter(0, "Start"), chapter(60, "A <b>")]),
        element(ATTACHMENTS, &attached("cover.jpg", COVER)),
        cluster(0, &[text(1000, 3000, "One & <i>two</i>")]),
        cluster(10_000, &[text(0, 20_000, "Long")]),
        cluster(60_000, &[text(500, 500, "Last")]),
    ])
}
