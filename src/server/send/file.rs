//! Sends ranges of a file to a socket: with `sendfile`, or in blocks through memory if `sendfile` is off or fails.
//!
//! The module checks the file after each system call. If the file became shorter, the response ends early. The response
//! also ends early if only the modification time changed. If the file became longer, it is probably a recording, and
//! its first bytes have not changed. So the response continues to its announced length.
//!
//! `sendfile` does not copy the bytes: until they are sent, the socket refers to the pages of the file in the cache. If
//! a program overwrites the file in place, the bytes that still wait in the socket also change. If a program renames a
//! new file to this name, they do not change.

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
    let mut sendfile_end = match writer.sendfile {
        true => end.saturating_sub(SENDFILE_TAIL),
        false => 0,
    };
    let mut block = Vec::new();
    while position < end {
        if position >= sendfile_end || writer.has_timed_out {
            let left = usize::try_from(end - position).unwrap_or(usize::MAX);
            block.resize(left.min(BLOCK), 0);
            read(media, &mut block, position)?;
            position += writer.send(&block, SendFlags::empty())? as u64;
            continue;
        }
        let left = usize::try_from(sendfile_end - position).unwrap_or(usize::MAX);
        let stretch = left.min(SENDFILE_STRETCH);
        let before = Instant::now();
        let by_kernel = || sendfile(writer.stream, media.file(), Some(&mut position), stretch);
        match retry_on_intr(by_kernel) {
            // The file ends before the announced length.
            Ok(0) => return Err(SendError::FileChanged),
            moved @ (Ok(_)
            | Err(Errno::AGAIN | Errno::TIMEDOUT | Errno::PIPE | Errno::CONNRESET)) => {
                writer.record(moved, stretch, before)?;
                ensure_unchanged(media)?;
            }
            Err(error) => {
                log::debug!("sendfile failed: {error}; the file is sent in blocks");
                sendfile_end = 0;
            }
        }
    }
    Ok(())
}

/// Fills `buffer`, then checks that the file has not changed.
fn read(media: &MediaFile, buffer: &mut [u8], position: u64) -> Result<(), SendError> {
    match media.file().read_exact_at(buffer, position) {
        Ok(()) => ensure_unchanged(media),
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
