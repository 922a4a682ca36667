//! A reader with a purse: every read and every step through a file is paid for.
//!
//! Knows positions and lengths. Must not know a format: it cannot tell a box from an element.

use std::io::{self, Read, Seek, SeekFrom};

/// How many bytes of one file are read at most. The heads of real files take a few blocks; the rest is for films with
/// dozens of tracks.
pub(super) const MAX_READ: usize = 1 << 20;

/// How many boxes or elements of one file are looked at.
pub(super) const MAX_STEPS: u32 = 4096;

/// What one read fetches: heads lie close together, and what is far away is reached by a seek.
const BLOCK: usize = 4096;

/// Why reading ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The reader failed.
    Io(io::Error),
    /// The purse is empty. What was found so far stands.
    Spent,
}

/// Reads anywhere in a file, within [`MAX_READ`] and [`MAX_STEPS`].
#[derive(Debug)]
pub(super) struct Source<R> {
    reader: R,
    length: u64,
    block: Vec<u8>,
    block_at: u64,
    bytes_left: usize,
    steps_left: u32,
}

impl<R: Read + Seek> Source<R> {
    /// # Errors
    /// When the reader cannot tell where it ends.
    pub(super) fn new(mut reader: R) -> io::Result<Self> {
        Ok(Self {
            length: reader.seek(SeekFrom::End(0))?,
            reader,
            block: Vec::new(),
            block_at: 0,
            bytes_left: MAX_READ,
            steps_left: MAX_STEPS,
        })
    }

    /// The length of the file.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Pays for one more box or element.
    ///
    /// # Errors
    /// [`Stop::Spent`].
    pub(super) fn step(&mut self) -> Result<(), Stop> {
        self.steps_left = self.steps_left.checked_sub(1).ok_or(Stop::Spent)?;
        Ok(())
    }

    /// The first bytes of a body that lies in `start..end`: at most `limit`, fewer where the body or the file ends.
    /// What is allocated follows what is read, never what the file says.
    ///
    /// # Errors
    /// What the reader reports, or [`Stop::Spent`].
    pub(super) fn body(&mut self, start: u64, end: u64, limit: usize) -> Result<Vec<u8>, Stop> {
        let length = end.saturating_sub(start);
        let wanted = usize::try_from(length).map_or(limit, |length| length.min(limit));
        let mut bytes = Vec::new();
        let mut at = start;
        while bytes.len() < wanted {
            let piece = self.piece(at)?;
            let piece = &piece[..piece.len().min(wanted - bytes.len())];
            let Some(next) = u64::try_from(piece.len())
                .ok()
                .filter(|&taken| taken > 0)
                .and_then(|taken| at.checked_add(taken))
            else {
                break;
            };
            bytes.extend_from_slice(piece);
            at = next;
        }
        Ok(bytes)
    }

    /// What is in memory from `at` on, read first if need be; empty at the end of the file.
    fn piece(&mut self, at: u64) -> Result<&[u8], Stop> {
        if at >= self.length {
            return Ok(&[]);
        }
        if self.held(at).is_none() {
            self.fetch(at)?;
        }
        Ok(self
            .held(at)
            .and_then(|from| self.block.get(from..))
            .unwrap_or_default())
    }

    /// Where `at` is in the block in memory.
    fn held(&self, at: u64) -> Option<usize> {
        let from = usize::try_from(at.checked_sub(self.block_at)?).ok()?;
        (from < self.block.len()).then_some(from)
    }

    fn fetch(&mut self, at: u64) -> Result<(), Stop> {
        let wanted = BLOCK.min(self.bytes_left);
        if wanted == 0 {
            return Err(Stop::Spent);
        }
        self.block.clear();
        self.block_at = at;
        self.reader.seek(SeekFrom::Start(at)).map_err(Stop::Io)?;
        let limit = u64::try_from(wanted).unwrap_or(0);
        let read = (&mut self.reader)
            .take(limit)
            .read_to_end(&mut self.block)
            .map_err(Stop::Io)?;
        self.bytes_left = self.bytes_left.saturating_sub(read);
        Ok(())
    }
}
