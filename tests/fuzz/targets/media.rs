use std::io::{self, Cursor, Read, Seek, SeekFrom};

use videoserve::parsers::media_info;

const EBML: &[u8] = b"\x1a\x45\xdf\xa3";

/// Parses a file that does not begin like a Matroska file.
pub fn mp4(data: &[u8]) {
    if !data.starts_with(EBML) {
        file(data);
    }
}

/// Parses a Matroska file. `data` is the file without its first four bytes, which are the same in every file.
pub fn matroska(data: &[u8]) {
    file(&[EBML, data].concat());
}

fn file(data: &[u8]) {
    let length = u64::try_from(data.len()).expect("a length");
    let info = read(data, length, usize::MAX);
    assert_eq!(read(data, length, 7), info, "short reads change the result");
    // Zeros after the data extend the file to the maximum length of a file, 2^63 - 1 bytes. `read` limits the number of
    // bytes and seeks.
    read(data, u64::MAX >> 1, usize::MAX);
}

fn read(data: &[u8], length: u64, at_once: usize) -> Option<String> {
    let mut file = Metered {
        data: Cursor::new(data),
        length,
        at_once,
        taken: 0,
        seeks: 0,
    };
    let info = media_info(&mut file).expect("this reader does not fail");
    assert!(file.taken <= 1 << 20, "{} bytes were read", file.taken);
    assert!(file.seeks <= 1 << 14, "{} seeks", file.seeks);
    info
}

/// A file that contains `data` and then zeros, up to `length`. A read returns at most `at_once` bytes. The file counts
/// the bytes that are read, and the seeks.
struct Metered<'a> {
    data: Cursor<&'a [u8]>,
    length: u64,
    at_once: usize,
    taken: usize,
    seeks: usize,
}

impl Read for Metered<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.data.position());
        let count = into
            .len()
            .min(self.at_once)
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        let into = &mut into[..count];
        into.fill(0);
        let end = self.data.position() + u64::try_from(count).expect("a length");
        let _ = self.data.read(into)?;
        self.data.set_position(end);
        self.taken += count;
        Ok(count)
    }
}

impl Seek for Metered<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.seeks += 1;
        match to {
            SeekFrom::End(0) => self.data.set_position(self.length),
            to => drop(self.data.seek(to)?),
        }
        Ok(self.data.position())
    }
}
