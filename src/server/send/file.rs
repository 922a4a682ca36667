//! Transfer of file ranges to a socket: by `sendfile`, or in blocks through memory if `sendfile` is off or fails.
//!
//! The module checks the file after each system call. The response ends early if the file became shorter, or if its
//! length is the same and its modification time is another. If the file became longer (a recording, a copy in
//! progress), the response continues to its announced length, because the earlier bytes do not change.
//!
//! `sendfile` passes pages of the file to the socket. If a program overwrites the file in place, the last bytes in the
//! socket can still change. This cannot happen if a program replaces the file by a rename, as all common tools do.

use std::io;
use std::os::unix::fs::FileExt;
use std::time::Instant;

use rustix::fs::{Advice, fadvise, sendfile};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::SendFlags;

use super::writer::{SendError, SocketWriter};
use crate::http::ByteRange;
use crate::limits::{BLOCK, READ_AHEAD_FROM, SENDFILE_STRETCH, SENDFILE_TAIL};
use crate::media::MediaFile;

/// Appends a short range to `buffer`.
pub(super) fn append(
    media: &MediaFile,
    range: ByteRange,
    buffer: &mut Vec<u8>,
) -> Result<(), SendError> {
    let start = buffer.len();
    let length = usize::try_from(range.length()).unwrap_or(usize::MAX);
    buffer.resize(start + length, 0);
    read(media, &mut buffer[start..], range.first_pos())
}

/// Sends a range.
pub(super) fn send_range(
    writer: &mut SocketWriter<'_>,
    media: &MediaFile,
    range: ByteRange,
) -> Result<(), SendError> {
    let mut position = range.first_pos();
    let end = position + range.length();
    if range.length() >= READ_AHEAD_FROM {
        // This call is only a hint, so its error does not matter.
        let _ = fadvise(media.file(), 0, None, Advice::Sequential);
    }
    // The kernel sends the bytes before this position.
    let mut tail = match writer.sendfile {
        true => end.saturating_sub(SENDFILE_TAIL),
        false => 0,
    };
    let mut block = Vec::new();
    while position < end {
        if position >= tail || writer.has_timed_out {
            let left = usize::try_from(end - position).unwrap_or(usize::MAX);
            block.resize(left.min(BLOCK), 0);
            read(media, &mut block, position)?;
            position += writer.send(&block, SendFlags::empty())? as u64;
            continue;
        }
        let left = usize::try_from(tail - position).unwrap_or(usize::MAX);
        let stretch = left.min(SENDFILE_STRETCH);
        let before = Instant::now();
        let by_kernel = || sendfile(writer.stream, media.file(), Some(&mut position), stretch);
        match retry_on_intr(by_kernel) {
            // The file is shorter than the length in the head.
            Ok(0) => return Err(SendError::FileChanged),
            moved @ (Ok(_)
            | Err(Errno::AGAIN | Errno::TIMEDOUT | Errno::PIPE | Errno::CONNRESET)) => {
                writer.record(moved, stretch, before)?;
                ensure_unchanged(media)?;
            }
            Err(error) => {
                log::debug!("sendfile failed: {error}; the file is sent in blocks");
                tail = 0;
            }
        }
    }
    Ok(())
}

/// Fills `buffer`. Checks the file after the read, so that the bytes belong to the version in the head.
fn read(media: &MediaFile, buffer: &mut [u8], position: u64) -> Result<(), SendError> {
    match media.file().read_exact_at(buffer, position) {
        Ok(()) => ensure_unchanged(media),
        // The file is shorter than the length in the head.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(SendError::FileChanged),
        Err(error) => Err(SendError::Read(error)),
    }
}

fn ensure_unchanged(media: &MediaFile) -> Result<(), SendError> {
    match media.is_same_or_longer().map_err(SendError::Read)? {
        true => Ok(()),
        false => Err(SendError::FileChanged),
    }
}
