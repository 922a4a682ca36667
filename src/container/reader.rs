//! A reader with a limit on the bytes that it reads and on the boxes or elements that its caller visits.
//!
//! Knows positions and lengths, and no format: it cannot tell a box from an element.

use std::io::{self, Read, Seek, SeekFrom};

/// Bytes of one read: heads lie close together, and what is far away is reached by a seek.
const CHUNK: u64 = 4096;

/// Why reading ended early.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The input failed.
    Io(io::Error),
    /// A limit of the reader is reached. What was found before it stays.
    LimitReached,
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

pub(super) type Result<T> = std::result::Result<T, ReadError>;

/// What a media file is read from.
pub(super) trait Input: Read + Seek {}

impl<R: Read + Seek> Input for R {}

/// A part of a file.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
}

/// Reads anywhere in a file, within the limits that it was made with.
pub(super) struct Reader<'a> {
    input: &'a mut dyn Input,
    length: u64,
    chunk: Vec<u8>,
    chunk_at: u64,
    bytes_left: u64,
    steps_left: u32,
}

impl<'a> Reader<'a> {
    /// A reader of at most so many bytes, for at most so many boxes or elements.
    ///
    /// # Errors
    /// When the input cannot tell its length.
    pub(super) fn new(input: &'a mut dyn Input, bytes: u64, steps: u32) -> io::Result<Self> {
        Ok(Self {
            length: input.seek(SeekFrom::End(0))?,
            input,
            chunk: Vec::new(),
            chunk_at: 0,
            bytes_left: bytes,
            steps_left: steps,
        })
    }

    /// The length of the file.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The file from `start` to its end.
    pub(super) fn from(&self, start: u64) -> Span {
        let end = self.length;
        Span { start, end }
    }

    /// Counts one more box or element.
    ///
    /// # Errors
    /// [`ReadError::LimitReached`].
    pub(super) fn step(&mut self) -> Result<()> {
        let left = self.steps_left.checked_sub(1);
        self.steps_left = left.ok_or(ReadError::LimitReached)?;
        Ok(())
    }

    /// Returns the first bytes of a part: at most `limit`, fewer where the part or the file ends. Allocates by what is
    /// read, never by what the file claims.
    ///
    /// # Errors
    /// What the input reports, or [`ReadError::LimitReached`].
    pub(super) fn body(&mut self, span: Span, limit: usize) -> Result<Vec<u8>> {
        let length = span.end.saturating_sub(span.start);
        let wanted = usize::try_from(length).map_or(limit, |length| length.min(limit));
        let mut bytes = Vec::new();
        let mut at = span.start;
        while bytes.len() < wanted {
            let part = self.read_chunk(at)?;
            let part = &part[..part.len().min(wanted - bytes.len())];
            if part.is_empty() {
                break;
            }
            bytes.extend_from_slice(part);
            at = at.saturating_add(length_of(part));
        }
        Ok(bytes)
    }

    /// Returns the bytes in memory from `at` on, after a read where there are none. Empty at the end of the file.
    fn read_chunk(&mut self, at: u64) -> Result<&[u8]> {
        if self.offset_of(at).is_none() && at < self.length {
            let limit = CHUNK.min(self.bytes_left);
            if limit == 0 {
                return Err(ReadError::LimitReached);
            }
            self.chunk.clear();
            self.chunk_at = at;
            self.input.seek(SeekFrom::Start(at))?;
            (&mut self.input).take(limit).read_to_end(&mut self.chunk)?;
            self.bytes_left -= length_of(&self.chunk);
        }
        let offset = self.offset_of(at);
        Ok(offset.map_or(&[], |offset| &self.chunk[offset..]))
    }

    /// Where `at` lies in the chunk in memory.
    fn offset_of(&self, at: u64) -> Option<usize> {
        let offset = usize::try_from(at.checked_sub(self.chunk_at)?).ok()?;
        (offset < self.chunk.len()).then_some(offset)
    }
}

/// The length of a slice, which no machine has above 64 bits.
pub(super) fn length_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
