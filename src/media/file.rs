//! An open file, and the details that the file system reports about a file.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, FileType, Stat, Statx, StatxFlags, statat, statx};
use rustix::io::Errno;

use crate::limits::{WRITE_CHECKS, WRITE_PAUSE};

/// A regular file below the media directory, with its length and modification time at the time of opening.
#[derive(Debug)]
pub(crate) struct MediaFile {
    pub(super) file: File,
    pub(super) details: FileDetails,
}

impl MediaFile {
    /// Returns the file for reading. A read moves the position, which all readers of the handle share.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn length(&self) -> u64 {
        self.details.length
    }

    /// Returns the modification time, which may be before 1970. The precision is up to a nanosecond.
    pub(crate) fn modified(&self) -> SystemTime {
        self.details.modified
    }

    /// Returns whether length and modification time are the same as at the time of opening. If so, all bytes that were
    /// read so far belong to the opened version.
    pub(crate) fn is_unchanged(&self) -> io::Result<bool> {
        Ok(FileDetails::of_handle(&self.file)? == self.details)
    }

    /// Returns whether the file is unchanged or has become longer. A file becomes longer during a recording or a copy;
    /// its earlier bytes do not change. If only the time has changed, checks again: see [`WRITE_CHECKS`].
    pub(crate) fn is_same_or_longer(&self) -> io::Result<bool> {
        let mut now = FileDetails::of_handle(&self.file)?;
        for _ in 0..WRITE_CHECKS {
            if now.length != self.details.length || now == self.details {
                break;
            }
            thread::sleep(WRITE_PAUSE);
            now = FileDetails::of_handle(&self.file)?;
        }
        Ok(now.length > self.details.length || now == self.details)
    }
}

/// Returns a `NotFound` error with this cause.
pub(super) fn missing(cause: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, cause)
}

/// Type, length and modification time of a file. They come from rustix, because the times of `std::fs::Metadata`
/// overflow in 2038 on 32-bit musl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileDetails {
    pub(super) file_type: FileType,
    pub(super) length: u64,
    pub(super) modified: SystemTime,
}

impl FileDetails {
    pub(super) fn of_handle(handle: impl AsFd) -> io::Result<FileDetails> {
        Ok(FileDetails::from(rustix::fs::fstat(handle)?))
    }

    /// Returns the details of the entry `name` of a directory. With an empty name, returns the details of the handle
    /// itself. Does not follow symlinks.
    ///
    /// DONT_SYNC lets a network file system answer from its cache, so a listing does not wait for a dead server or a
    /// sleeping disk. Without NO_AUTOMOUNT, statx mounts an automount point, and the listing waits for this mount. stat
    /// never mounts it.
    pub(super) fn for_listing(directory: impl AsFd, name: &OsStr) -> io::Result<FileDetails> {
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::EMPTY_PATH;
        let cached = flags | AtFlags::STATX_DONT_SYNC | AtFlags::NO_AUTOMOUNT;
        let mask = StatxFlags::TYPE | StatxFlags::SIZE | StatxFlags::MTIME;
        match statx(&directory, name, cached, mask) {
            // Linux before 4.11 has no statx, and old container engines forbid it.
            Err(Errno::NOSYS | Errno::PERM) => Ok(statat(&directory, name, flags)?.into()),
            result => Ok(result?.into()),
        }
    }
}

impl From<Statx> for FileDetails {
    fn from(stat: Statx) -> FileDetails {
        FileDetails {
            file_type: FileType::from_raw_mode(stat.stx_mode.into()),
            length: stat.stx_size,
            modified: system_time(stat.stx_mtime.tv_sec, stat.stx_mtime.tv_nsec),
        }
    }
}

impl From<Stat> for FileDetails {
    fn from(stat: Stat) -> FileDetails {
        let nanoseconds = u32::try_from(stat.st_mtime_nsec).unwrap_or(0);
        FileDetails {
            file_type: FileType::from_raw_mode(stat.st_mode),
            // A negative length is a bug in the file system.
            length: u64::try_from(stat.st_size).unwrap_or(0),
            modified: system_time(stat.st_mtime, nanoseconds),
        }
    }
}

/// Converts a time. `seconds` count from 1970 and may be negative. If `SystemTime` cannot hold the time, returns 1970,
/// so that the file is still listed.
fn system_time(seconds: i64, nanoseconds: u32) -> SystemTime {
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let second = match seconds {
        ..0 => UNIX_EPOCH.checked_sub(whole),
        _ => UNIX_EPOCH.checked_add(whole),
    };
    let rest = Duration::from_nanos(nanoseconds.into());
    let time = second.and_then(|second| second.checked_add(rest));
    time.unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extreme_time_causes_no_panic() {
        assert!(system_time(i64::MIN, 0) <= UNIX_EPOCH);
        assert!(system_time(i64::MAX, u32::MAX) >= UNIX_EPOCH);
    }
}
