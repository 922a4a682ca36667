//! Functions that build boxes, elements and small films, and functions that parse them.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::time::Duration;

use super::muxer::TestTrack;
pub(super) use super::shared::{
    ATTACHMENTS, CHAPTERS, CLUSTER, CUES, INFO, SEEK_HEAD, SEGMENT, TRACKS, VOID, attached,
    chapter_with, cluster, cue_point, ebml, element, element_id, endless, group_with, indexed, mkv,
    seek_head, track_entry, zlib,
};
use crate::container::{Cues, MediaInfo, Track, Window, cues, probe};

/// A clip: H.264 Main and AAC, 12 seconds, 640 × 360.
pub(super) const CLIP: &[u8] = include_bytes!("../../../tests/media/clip.mp4");

/// A small MP4 file with chapters, a cover and a text track. The ID of the text track is 2.
pub(super) const INSIDE: &[u8] = include_bytes!("../../../tests/media/inside.mp4");

pub(super) fn read(bytes: &[u8]) -> Option<MediaInfo> {
    probe(Cursor::new(bytes)).expect("memory does not fail")
}

#[track_caller]
pub(super) fn info(bytes: &[u8]) -> MediaInfo {
    read(bytes).expect("a media file")
}

pub(super) fn described(track: &Track) -> String {
    let parts = [
        Some(track.codec.as_ref()),
        track.codecs.as_deref(),
        track.profile,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" | ")
}

pub(crate) fn numbers(numbers: &[u32]) -> Vec<u8> {
    let bytes = numbers.iter().flat_map(|number| number.to_be_bytes());
    bytes.collect()
}

/// Returns a box whose size field has 32 bits.
pub(crate) fn mp4_box(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap();
    [&size.to_be_bytes()[..], name, body].concat()
}

pub(crate) fn ftyp(brand: &[u8; 4]) -> Vec<u8> {
    mp4_box(b"ftyp", &[brand, &[0; 4][..], brand].concat())
}

/// Returns an `mvhd` box of version 0, with 1000 ticks per second.
pub(super) fn mvhd(milliseconds: u32) -> Vec<u8> {
    let mut body = vec![0; 100];
    body[12..16].copy_from_slice(&1000_u32.to_be_bytes());
    body[16..20].copy_from_slice(&milliseconds.to_be_bytes());
    mp4_box(b"mvhd", &body)
}

/// Returns an `mvhd` box of version 1, with a 64-bit duration.
pub(super) fn mvhd_wide(ticks: u64, scale: u32) -> Vec<u8> {
    let mut body = vec![0; 112];
    body[0] = 1;
    body[20..24].copy_from_slice(&scale.to_be_bytes());
    body[24..32].copy_from_slice(&ticks.to_be_bytes());
    mp4_box(b"mvhd", &body)
}

/// Returns an enabled track with the language German.
pub(super) fn trak(handler: &'static [u8; 4], entry: &[u8]) -> Vec<u8> {
    trak_with(handler, entry, true)
}

pub(super) fn trak_with(handler: &'static [u8; 4], entry: &[u8], enabled: bool) -> Vec<u8> {
    let mut trak = TestTrack::of(handler, entry.to_vec()).trak(&[], 0);
    // This byte is the last byte of the flags in `tkhd`, the first child of `trak`.
    trak[19] = u8::from(enabled);
    trak
}

pub(super) fn with_id(mut trak: Vec<u8>, id: u32) -> Vec<u8> {
    trak[28..32].copy_from_slice(&id.to_be_bytes());
    trak
}

/// Returns a visual sample entry of 1920 × 1080.
pub(super) fn visual(name: &[u8; 4], children: &[u8]) -> Vec<u8> {
    let mut fields = vec![0; 78];
    fields[24..26].copy_from_slice(&1920_u16.to_be_bytes());
    fields[26..28].copy_from_slice(&1080_u16.to_be_bytes());
    mp4_box(name, &[&fields, children].concat())
}

/// Returns an audio sample entry of two channels.
pub(super) fn sound(name: &[u8; 4], children: &[u8]) -> Vec<u8> {
    let mut fields = vec![0; 28];
    fields[17] = 2;
    mp4_box(name, &[&fields, children].concat())
}

/// Returns a movie of one second.
pub(super) fn moov(tracks: &[Vec<u8>]) -> Vec<u8> {
    mp4_box(b"moov", &[mvhd(1000), tracks.concat()].concat())
}

#[track_caller]
pub(super) fn video_of(entry: &[u8]) -> Track {
    let file = mp4(&[mvhd(1000), trak(b"vide", entry)]);
    info(&file).video.expect("a video track")
}

#[track_caller]
pub(super) fn audio_of(entry: &[u8]) -> Track {
    let file = mp4(&[mvhd(1000), trak(b"soun", entry)]);
    info(&file).audio.pop().expect("an audio track")
}

/// Returns an `esds` box with an object type and a DecoderSpecificInfo.
pub(super) fn esds(object_type: u8, specific: &[u8]) -> Vec<u8> {
    let descriptor = |tag: u8, body: &[u8]| {
        // Most writers use four bytes for the length, although one byte suffices for a small number.
        let length = u8::try_from(body.len()).unwrap();
        [&[tag, 0x80, 0x80, 0x80, length], body].concat()
    };
    let decoder = [&[object_type][..], &[0; 12], &descriptor(5, specific)].concat();
    let stream = [&[0, 1, 0][..], &descriptor(4, &decoder)].concat();
    mp4_box(b"esds", &[&[0; 4][..], &descriptor(3, &stream)].concat())
}

/// Returns an avcC record of level 4, without parameter sets.
pub(super) fn avcc(profile: u8) -> Vec<u8> {
    mp4_box(b"avcC", &[1, profile, 0, 0x28, 0xff, 0xe0])
}

/// Returns an hvcC record of level 3.1.
pub(super) fn hvcc(general: u8, compatible: u32, constraints: [u8; 6]) -> Vec<u8> {
    let front = [&[1, general][..], &compatible.to_be_bytes(), &constraints].concat();
    let back = [93, 0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 0, 0];
    mp4_box(b"hvcC", &[front, back.to_vec()].concat())
}

pub(super) fn av1c(sequence: u8, color: u8) -> Vec<u8> {
    mp4_box(b"av1C", &[0x81, sequence, color, 0])
}

pub(super) fn vpcc(profile: u8, depth_chroma: u8) -> Vec<u8> {
    let record = [1, 0, 0, 0, profile, 31, depth_chroma, 1, 1, 1, 0, 0];
    mp4_box(b"vpcC", &record)
}

pub(super) fn body(boxed: Vec<u8>) -> Vec<u8> {
    boxed[8..].to_vec()
}

/// Returns an MP4 file with these boxes in its `moov`.
pub(super) fn mp4(boxes: &[Vec<u8>]) -> Vec<u8> {
    [ftyp(b"isom"), mp4_box(b"moov", &boxes.concat())].concat()
}

/// Returns a WebM file with a segment of unknown size.
pub(super) fn open_webm(body: &[u8]) -> Vec<u8> {
    [ebml("webm"), endless(SEGMENT, body)].concat()
}

/// Returns an Info element with 5000 ticks of half a millisecond. The duration is 2.5 seconds.
pub(super) fn segment_info() -> Vec<u8> {
    let scale = element(0x002a_d7b1, &500_000_u32.to_be_bytes());
    let duration = element(0x4489, &5000_f32.to_be_bytes());
    element(INFO, &[scale, duration].concat())
}

/// Returns a Video element for a picture of 1280 × 720.
pub(super) fn pixels() -> Vec<u8> {
    let width = element(0xb0, &1280_u16.to_be_bytes());
    let height = element(0xba, &720_u16.to_be_bytes());
    element(0xe0, &[width, height].concat())
}

/// Returns a Matroska file with this TrackEntry.
pub(super) fn matroska(entry: &[u8]) -> Vec<u8> {
    let cluster = element(CLUSTER, &[0; 8]);
    mkv(&[segment_info(), element(TRACKS, entry), cluster])
}

pub(super) fn text_track(number: u8, codec: &str, private: &[u8], more: &[u8]) -> Vec<u8> {
    let number = element(0xd7, &[number]);
    track_entry(17, codec, private, &[&number, more].concat())
}

/// Returns a block group with a text of track 3. `offset` counts from the time of the cluster. `offset` and `duration`
/// are in milliseconds.
pub(super) fn group(offset: i16, duration: Option<u16>, frame: &[u8]) -> Vec<u8> {
    group_with(3, offset, duration, frame, &[])
}

/// Returns a video frame of track 1.
pub(super) fn picture(length: usize) -> Vec<u8> {
    element(0xa3, &[vec![0x81, 0, 0, 0x80], vec![7; length]].concat())
}

/// Returns a file without an index. A tick is a millisecond.
pub(super) fn film(tracks: &[Vec<u8>], clusters: &[Vec<u8>]) -> Vec<u8> {
    let tracks = element(TRACKS, &tracks.concat());
    mkv(&[element(INFO, &[]), tracks, clusters.concat()])
}

/// Returns the cues of track 3 between two times, in seconds.
pub(super) fn texts(file: &[u8], from: f64, to: f64) -> Option<Cues> {
    let [from, to] = [from, to].map(Duration::from_secs_f64);
    texts_of(file, 3, Window { from, to })
}

/// Returns a window between two times, in milliseconds.
pub(super) fn window(from: u64, to: u64) -> Window {
    let [from, to] = [from, to].map(Duration::from_millis);
    Window { from, to }
}

pub(super) fn all_texts(file: &[u8], track: u64) -> Option<Cues> {
    texts_of(file, track, Window::WHOLE)
}

/// Returns the cues of a track, or `None` if this is not a text track. Checks that `cues` without a window returns
/// `Ok`, an error or `None` in the same cases.
pub(super) fn texts_of(file: &[u8], track: u64, window: Window) -> Option<Cues> {
    let found = cues(Cursor::new(file), track, Some(window)).expect("memory does not fail");
    let is_text = cues(Cursor::new(file), track, None).expect("memory does not fail");
    let is_same = is_text.map(|it| it.is_ok()) == found.as_ref().map(|it| it.is_ok());
    assert!(is_same, "cues without a window disagree on track {track}");
    found.and_then(Result::ok)
}

/// Returns start and end of each cue in milliseconds, and its text.
pub(super) fn lines(cues: &Cues) -> Vec<(u128, u128, &str)> {
    let each = cues.list.iter();
    each.map(|cue| (cue.start.as_millis(), cue.end.as_millis(), &*cue.text))
        .collect()
}

/// A large file that contains only the given pieces of data, and holes between them. Counts the bytes that are read,
/// and the seeks that change the position.
#[derive(Debug)]
pub(super) struct Sparse {
    file: File,
    pub(super) read: u64,
    pub(super) seeks: u64,
}

impl Sparse {
    pub(super) fn new(length: u64, pieces: Vec<(u64, Vec<u8>)>) -> Self {
        let file = tempfile::tempfile().unwrap();
        file.set_len(length).unwrap();
        for (at, piece) in pieces {
            file.write_all_at(&piece, at).unwrap();
        }
        let (read, seeks) = (0, 0);
        Self { file, read, seeks }
    }
}

impl Read for Sparse {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(into)?;
        self.read += u64::try_from(count).unwrap();
        Ok(count)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let before = self.file.stream_position()?;
        let at = self.file.seek(to)?;
        self.seeks += u64::from(at != before);
        Ok(at)
    }
}
