//! An open file, and what the file system says about a file.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, FileType, Stat, Statx, StatxFlags, statat, statx};
use rustix::io::Errno;

/// A regular file that was opened below the media directory, with its length and mtime at that moment.
#[derive(Debug)]
pub(crate) struct MediaFile {
    file: File,
    details: Details,
}

impl MediaFile {
    /// Takes an open file if it is a regular one.
    ///
    /// # Errors
    ///
    /// `NotFound` if it is anything else, or what fstat reports.
    pub(super) fn new(file: File) -> io::Result<MediaFile> {
        let details = Details::of_handle(&file)?;
        if details.file_type != FileType::RegularFile {
            return Err(missing("not a regular file"));
        }
        Ok(MediaFile { file, details })
    }

    /// The file, to read from. Reading moves its position, which all readers of the handle share.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// The length when it was opened.
    pub(crate) fn length(&self) -> u64 {
        self.details.length
    }

    /// The modification time when it was opened, in nanoseconds where the file system has them. May be before 1970.
    pub(crate) fn modified(&self) -> SystemTime {
        self.details.modified
    }

    /// Whether the file has the length and modification time that it had when it was opened. If so, all bytes that were
    /// read before this call are of that version.
    ///
    /// # Errors
    ///
    /// The error of fstat.
    pub(crate) fn is_unchanged(&self) -> io::Result<bool> {
        Ok(Details::of_handle(&self.file)? == self.details)
    }

    /// Whether the file is unchanged or has become longer, as a recording or a copy in progress. The first bytes of such a
    /// file stay what they were.
    ///
    /// # Errors
    ///
    /// The error of fstat.
    pub(crate) fn is_same_or_longer(&self) -> io::Result<bool> {
        let now = Details::of_handle(&self.file)?;
        Ok(now.length > self.details.length || now == self.details)
    }
}

/// Returns the error for a name that leads to no file that is served, with the cause.
pub(super) fn missing(cause: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, cause)
}

/// Type, length and modification time of a file. Through rustix, because `std::fs::Metadata` has times that wrap in 2038
/// on 32-bit musl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) file_type: FileType,
    pub(super) length: u64,
    pub(super) modified: SystemTime,
}

impl Details {
    /// Returns the details of an open file.
    ///
    /// # Errors
    ///
    /// The error of fstat.
    pub(super) fn of_handle(handle: impl AsFd) -> io::Result<Details> {
        Ok(Details::from(rustix::fs::fstat(handle)?))
    }

    /// Returns the details of an entry of a directory, for a listing. Links are not followed.
    ///
    /// # Errors
    ///
    /// The error of statx.
    pub(super) fn of_entry(directory: impl AsFd, name: &OsStr) -> io::Result<Details> {
        for_listing(directory, name, AtFlags::SYMLINK_NOFOLLOW)
    }

    /// Returns the details of what a handle stands for, for a listing.
    ///
    /// # Errors
    ///
    /// The error of statx.
    pub(super) fn of_path_handle(handle: impl AsFd) -> io::Result<Details> {
        for_listing(handle, OsStr::new(""), AtFlags::EMPTY_PATH)
    }
}

/// Asks for details that may be a little old. A network file system then answers from its cache, so that a mount point
/// whose server is down, or whose disk sleeps, does not block the listing of the folder above it. No request goes to an
/// automount point either, because that would mount it (stat does not, statx does without the flag).
fn for_listing(directory: impl AsFd, name: &OsStr, flags: AtFlags) -> io::Result<Details> {
    let cached = flags | AtFlags::STATX_DONT_SYNC | AtFlags::NO_AUTOMOUNT;
    let mask = StatxFlags::TYPE | StatxFlags::SIZE | StatxFlags::MTIME;
    match statx(&directory, name, cached, mask) {
        // Linux before 4.11 has no statx; old container engines refuse it.
        Err(Errno::NOSYS | Errno::PERM) => Ok(Details::from(statat(&directory, name, flags)?)),
        result => Ok(Details::from(result?)),
    }
}

impl From<Statx> for Details {
    fn from(stat: Statx) -> Details {
        Details {
            file_type: FileType::from_raw_mode(stat.stx_mode.into()),
            length: stat.stx_size,
            modified: system_time(stat.stx_mtime.tv_sec, stat.stx_mtime.tv_nsec),
        }
    }
}

impl From<Stat> for Details {
    fn from(stat: Stat) -> Details {
        Details {
            file_type: FileType::from_raw_mode(stat.st_mode),
            // A negative length would be an error of the file system.
            length: u64::try_from(stat.st_size).unwrap_or(0),
            modified: system_time(
                stat.st_mtime,
                u32::try_from(stat.st_mtime_nsec).unwrap_or(0),
            ),
        }
    }
}

/// Seconds count from 1970 and may be negative; nanoseconds count forwards. A time that `SystemTime` cannot hold becomes
/// 1970, because the file is still worth listing.
fn system_time(seconds: i64, nanoseconds: u32) -> SystemTime {
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let second = if seconds < 0 {
        UNIX_EPOCH.checked_sub(whole)
    } else {
        UNIX_EPOCH.checked_add(whole)
    };
    second
        .and_then(|second| second.checked_add(Duration::from_nanos(nanoseconds.into())))
        .unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let at = |seconds, nanoseconds| system_time(seconds, nanoseconds);
        assert_eq!(at(0, 0), UNIX_EPOCH);
        assert_eq!(at(1, 5), UNIX_EPOCH + Duration::new(1, 5));
        assert_eq!(at(-1, 999_999_999), UNIX_EPOCH - Duration::from_nanos(1));
        assert_eq!(at(-1, 0), UNIX_EPOCH - Duration::from_secs(1));
        assert_eq!(at(1 << 40, 0), UNIX_EPOCH + Duration::from_secs(1 << 40));
        // No panic at the ends.
        assert!(at(i64::MIN, 0) <= UNIX_EPOCH);
        assert!(at(i64::MAX, u32::MAX) >= UNIX_EPOCH);
    }
}
