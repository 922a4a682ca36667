//! The head of a media file: what is said about it makes sense, and finding out costs little.

use std::io::{self, Read, Seek, SeekFrom};
use std::time::Duration;

use crate::container::{MediaInfo, Track, probe};

const EBML: &[u8] = b"\x1a\x45\xdf\xa3";

/// The bytes of a file that is not Matroska.
pub fn mp4(data: &[u8]) {
    if !data.starts_with(EBML) {
        file(data);
    }
}

/// The bytes of a file behind those that every Matroska file begins with.
pub fn matroska(data: &[u8]) {
    file(&[EBML, data].concat());
}

fn file(data: &[u8]) {
    let length = u64::try_from(data.len()).expect("a length");
    let info = read(data, length, usize::MAX);
    // However few bytes a read returns.
    assert_eq!(read(data, length, 7), info);
    // And with nothing but zeros behind them, as far as a file can reach.
    let _ = read(data, u64::MAX >> 1, usize::MAX);
}

fn read(data: &[u8], length: u64, most: usize) -> Option<MediaInfo> {
    let mut reader = Reader {
        data,
        length,
        most,
        at: 0,
        taken: 0,
        seeks: 0,
    };
    let info = probe(&mut reader).expect("this reader does not fail");
    assert!(reader.taken <= 1 << 20, "{} bytes", reader.taken);
    // Each of 4096 steps looks at a few places.
    assert!(reader.seeks <= 4 * 4096, "{} seeks", reader.seeks);
    let info = info?;
    let ten_years = Duration::from_secs(10 * 366 * 24 * 60 * 60);
    assert!(
        info.duration
            .is_none_or(|time| !time.is_zero() && time <= ten_years)
    );
    assert!(info.audio.len() <= 64);
    info.video.iter().chain(&info.audio).for_each(makes_sense);
    Some(info)
}

fn makes_sense(track: &Track) {
    let is_printable = |text: &str| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    // Of an ID that is not known, 64 bytes are read, and four characters stand for one that is not printable.
    let codec = &track.codec;
    assert!(
        !codec.is_empty() && codec.len() <= 4 * 64 && is_printable(codec),
        "{codec:?}"
    );
    if let Some(codecs) = &track.codecs {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        assert!(
            !codecs.is_empty() && codecs.bytes().all(is_plain),
            "{codecs:?}"
        );
        assert!(codecs.len() <= 64, "{codecs:?}");
    }
    if let Some(language) = &track.language {
        assert!(!language.is_empty() && language.len() <= 64 && is_printable(language));
    }
}

/// A file of any length: the bytes that there are, then zeros.
struct Reader<'a> {
    data: &'a [u8],
    length: u64,
    /// So many bytes at once.
    most: usize,
    at: u64,
    taken: usize,
    seeks: u32,
}

impl Read for Reader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let count = into.len().min(left).min(self.most);
        let into = &mut into[..count];
        into.fill(0);
        let from = usize::try_from(self.at)
            .unwrap_or(usize::MAX)
            .min(self.data.len());
        let piece = &self.data[from..self.data.len().min(from.saturating_add(count))];
        into[..piece.len()].copy_from_slice(piece);
        self.at += u64::try_from(count).unwrap_or(0);
        self.taken += count;
        Ok(count)
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.seeks += 1;
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(0) => self.length,
            other => panic!("{other:?} is not needed"),
        };
        Ok(self.at)
    }
}
