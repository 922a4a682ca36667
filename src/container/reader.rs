//! Reads a file with limits on the bytes read, the boxes or elements visited, and the time.
//!
//! Here and in the callers, `None` means that the data do not exist, or that the reader has stopped.

use std::io::{self, Read, Seek, SeekFrom};
use std::time::{Duration, Instant};

pub(super) trait Input: Read + Seek {}

impl<R: Read + Seek> Input for R {}

#[derive(Debug, Clone, Copy)]
pub(super) struct ReadLimits {
    pub(super) bytes: u64,
    /// The maximum number of boxes or elements to visit.
    pub(super) steps: u32,
    pub(super) time: Duration,
    /// The maximum number of bytes of one read.
    pub(super) chunk: u64,
}

/// A range of a file.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Span {
    /// Returns the range without its first `offset` bytes.
    pub(super) fn from(self, offset: u64) -> Self {
        let start = self.start.saturating_add(offset);
        Self { start, ..self }
    }

    pub(super) fn length(self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// Reads any position of a file, within limits.
///
/// Invariant: after an error of the input or at a limit, the reader reads no more. Values that it returned before stay
/// valid.
pub(super) struct Reader<'a> {
    input: &'a mut dyn Input,
    /// The size of the file, in bytes.
    pub(super) length: u64,
    /// The bytes of the latest read. `chunk_at` is their position in the file.
    chunk: Vec<u8>,
    chunk_at: u64,
    /// What remains of the limits.
    left: ReadLimits,
    deadline: Instant,
    /// Whether the input failed or a limit was reached.
    pub(super) is_stopped: bool,
    error: Option<io::Error>,
}

impl<'a> Reader<'a> {
    /// # Errors
    /// Returns an error if the length of the input is unknown.
    pub(super) fn new(input: &'a mut dyn Input, limits: ReadLimits) -> io::Result<Self> {
        Ok(Self {
            length: input.seek(SeekFrom::End(0))?,
            input,
            chunk: Vec::new(),
            chunk_at: 0,
            left: limits,
            deadline: Instant::now() + limits.time,
            is_stopped: false,
            error: None,
        })
    }

    /// Returns the range from `start` to the end of the file.
    pub(super) fn from(&self, start: u64) -> Span {
        let end = self.length;
        Span { start, end }
    }

    /// Returns `found`, or the error of the input. A reached limit is no error.
    pub(super) fn finish<T>(self, found: T) -> io::Result<T> {
        self.error.map_or(Ok(found), Err)
    }

    /// Counts one more box or element.
    pub(super) fn step(&mut self) -> Option<()> {
        let left = self.left.steps.checked_sub(1);
        self.is_stopped |= left.is_none();
        self.left.steps = left?;
        (!self.is_stopped).then_some(())
    }

    /// Returns the first bytes of a range without a copy: at most `limit` bytes, and at most one chunk. Returns fewer
    /// bytes at the end of the range or of the file.
    pub(super) fn peek(&mut self, span: Span, limit: usize) -> Option<&[u8]> {
        let wanted = usize::try_from(span.length()).map_or(limit, |length| length.min(limit));
        if wanted > 0 && span.start < self.length && self.held(span.start).len() < wanted {
            self.fetch(span.start);
        }
        let held = self.held(span.start);
        (!self.is_stopped).then(|| &held[..held.len().min(wanted)])
    }

    /// Like [`Self::peek`], but copies the bytes and has no limit of one chunk. The allocation depends on the bytes
    /// read, never on a length in the file.
    pub(super) fn body(&mut self, span: Span, limit: usize) -> Option<Vec<u8>> {
        let chunk = usize::try_from(self.left.chunk).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        while bytes.len() < limit {
            let rest = span.from(length_of(&bytes));
            let part = self.peek(rest, chunk.min(limit - bytes.len()))?;
            if part.is_empty() {
                break;
            }
            bytes.extend_from_slice(part);
        }
        Some(bytes)
    }

    fn held(&self, at: u64) -> &[u8] {
        let offset = at.checked_sub(self.chunk_at).unwrap_or(u64::MAX);
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        self.chunk.get(offset..).unwrap_or_default()
    }

    fn fetch(&mut self, at: u64) {
        let limit = self.left.chunk.min(self.left.bytes);
        self.is_stopped |= limit == 0 || Instant::now() > self.deadline;
        if self.is_stopped {
            return;
        }
        self.chunk.clear();
        self.chunk_at = at;
        let read = (self.input.seek(SeekFrom::Start(at)))
            .and_then(|_| (&mut self.input).take(limit).read_to_end(&mut self.chunk));
        self.error = read.err();
        self.is_stopped = self.error.is_some();
        self.left.bytes -= length_of(&self.chunk);
    }
}

pub(super) fn length_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
