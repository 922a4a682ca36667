//! Writes a small Matroska file with subtitles, chapters and a cover. The file has no frames, so no codec is necessary.

/// Returns an EBML element. Its size has eight bytes.
pub(crate) fn element(id: u32, body: &[u8]) -> Vec<u8> {
    let id = id.to_be_bytes();
    let start = id.iter().position(|&byte| byte != 0).unwrap_or(0);
    let size = (body.len() as u64) | (1 << 56);
    [&id[start..], &size.to_be_bytes(), body].concat()
}

pub(crate) fn ebml() -> Vec<u8> {
    element(0x1a45_dfa3, &element(0x4282, b"matroska"))
}

pub(crate) const SEGMENT: u32 = 0x1853_8067;
pub(crate) const TRACKS: u32 = 0x1654_ae6b;

/// Returns a track with this number, type and codec, and with more elements.
pub(crate) fn track(number: u16, kind: u8, codec: &str, more: &[u8]) -> Vec<u8> {
    let body = [
        element(0xd7, &number.to_be_bytes()),
        element(0x83, &[kind]),
        element(0x86, codec.as_bytes()),
        more.to_vec(),
    ];
    element(0xae, &body.concat())
}

/// Returns the elements for the name and the language of a track, and for its default flag.
fn named(title: &str, language: &str, is_default: bool) -> Vec<u8> {
    [
        element(0x536e, title.as_bytes()),
        element(0x0022_b59c, language.as_bytes()),
        element(0x88, &[u8::from(is_default)]),
    ]
    .concat()
}

/// Returns a subtitle of track 300. `offset` is the number of milliseconds after the time of its cluster.
pub(crate) fn text(offset: i16, duration: u16, text: &str) -> Vec<u8> {
    let block = [
        &[0x41, 0x2c][..],
        &offset.to_be_bytes(),
        &[0],
        text.as_bytes(),
    ]
    .concat();
    let body = [
        element(0xa1, &block),
        element(0x9b, &duration.to_be_bytes()),
    ];
    element(0xa0, &body.concat())
}

pub(crate) fn cluster(time: u32, texts: &[Vec<u8>]) -> Vec<u8> {
    let time = element(0xe7, &time.to_be_bytes());
    element(0x1f43_b675, &[time, texts.concat()].concat())
}

pub(crate) fn attachment(name: &str, data: &[u8]) -> Vec<u8> {
    let file = [element(0x466e, name.as_bytes()), element(0x465c, data)];
    element(0x1941_a469, &element(0x61a7, &file.concat()))
}

pub(crate) fn chapter(seconds: u64, title: &str) -> Vec<u8> {
    let display = element(0x80, &element(0x85, title.as_bytes()));
    let start = element(0x91, &(seconds * 1_000_000_000).to_be_bytes());
    element(0xb6, &[start, display].concat())
}

pub(crate) fn chapters(list: &[Vec<u8>]) -> Vec<u8> {
    element(0x1043_a770, &element(0x45b9, &list.concat()))
}

/// The cover of [`film`].
pub(crate) const COVER: &[u8] = b"\xff\xd8\xff\xe0 a picture";

/// Returns a film. Track 1 is video, track 2 is audio, track 300 has three subtitles, track 4 is PGS, track 5 has an
/// unknown codec. The film has two chapters and a cover.
pub(crate) fn film() -> Vec<u8> {
    let tracks = [
        track(1, 1, "V_VP8", &[]),
        track(2, 2, "A_OPUS", &[]),
        track(300, 17, "S_TEXT/UTF8", &named("Signs & songs", "ger", true)),
        track(4, 17, "S_HDMV/PGS", &named("", "eng", false)),
        track(5, 17, "S_KATE", &[]),
    ];
    let body = [
        element(0x1549_a966, &element(0x4489, &90_000_f32.to_be_bytes())),
        element(TRACKS, &tracks.concat()),
        chapters(&[chapter(0, "Start"), chapter(60, "A <b>")]),
        attachment("cover.jpg", COVER),
        cluster(0, &[text(1000, 3000, "One & <i>two</i>")]),
        cluster(10_000, &[text(0, 20_000, "Long")]),
        cluster(60_000, &[text(500, 500, "Last")]),
    ];
    [ebml(), element(SEGMENT, &body.concat())].concat()
}
