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

use rustix::fs::Advice;
use rustix::io::Errno;
use rustix::net::SendFlags;

use super::error::SendError;
use super::writer::{SocketWriter, socket_error};
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
        let _ = rustix::fs::fadvise(media.file(), 0, None, Advice::Sequential);
    }
    if writer.sendfile {
        let tail = end.saturating_sub(SENDFILE_TAIL).max(position);
        position = send_by_kernel(writer, media, position, tail)?;
    }
    let mut block = Vec::new();
    while position < end {
        position += send_block(writer, media, position, end, &mut block, false)?;
    }
    Ok(())
}

/// Sends with `sendfile`; returns the new position. If the kernel refuses `sendfile`, the caller sends the rest in
/// blocks.
fn send_by_kernel(
    writer: &mut SocketWriter<'_>,
    media: &MediaFile,
    mut position: u64,
    end: u64,
) -> Result<u64, SendError> {
    while position < end {
        let left = usize::try_from(end - position).unwrap_or(usize::MAX);
        let stretch = left.min(SENDFILE_STRETCH);
        let before = Instant::now();
        let moved = rustix::fs::sendfile(writer.stream, media.file(), Some(&mut position), stretch);
        match moved {
            // The file is shorter than the length in the head.
            Ok(0) => return Err(SendError::FileChanged),
            Ok(moved) => {
                writer.count(moved);
                ensure_unchanged(media)?;
            }
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error @ (Errno::TIMEDOUT | Errno::PIPE | Errno::CONNRESET)) => {
                return Err(socket_error(error));
            }
            Err(error) => {
                log::debug!("sendfile failed: {error}; the file is sent in blocks");
                break;
            }
        }
        if moved != Ok(stretch) && writer.has_timed_out(before) {
            let mut block = Vec::new();
            position += send_block(writer, media, position, end, &mut block, true)?;
        }
    }
    Ok(position)
}

/// Sends one block through memory; returns its length. If `after_timeout` is set, the send does not wait.
fn send_block(
    writer: &mut SocketWriter<'_>,
    media: &MediaFile,
    position: u64,
    end: u64,
    block: &mut Vec<u8>,
    after_timeout: bool,
) -> Result<u64, SendError> {
    let length = usize::try_from(end - position).map_or(BLOCK, |left| left.min(BLOCK));
    block.resize(length, 0);
    read(media, block, position)?;
    if after_timeout {
        return Ok(writer.write_after_timeout(block)? as u64);
    }
    writer.write_all(block, SendFlags::empty())?;
    Ok(length as u64)
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
    match media.is_same_or_longer() {
        Ok(true) => Ok(()),
        Ok(false) => Err(SendError::FileChanged),
        Err(error) => Err(SendError::Read(error)),
    }
}
