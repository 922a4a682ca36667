//! An open file, and what its handle says about it.
//!
//! Knows handles, not names: nothing here could be fooled by a path that changed its meaning.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{FileType, Stat};

use super::dir::missing;

/// A regular file that was opened below the media directory, with its length and mtime at that moment.
#[derive(Debug)]
pub(crate) struct MediaFile {
    file: File,
    length: u64,
    modified: SystemTime,
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
        Ok(MediaFile {
            file,
            length: details.length,
            modified: details.modified,
        })
    }

    /// The file, to read from. Reading moves its position, which all readers of the handle share.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// The length when it was opened.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The modification time when it was opened, in nanoseconds where the file system has them. May be before 1970.
    pub(crate) fn modified(&self) -> SystemTime {
        self.modified
    }

    /// Whether length and modification time still are what they were when the file was opened. What was read before
    /// this call belongs to that version then.
    ///
    /// # Errors
    ///
    /// What fstat reports.
    pub(crate) fn is_unchanged(&self) -> io::Result<bool> {
        let now = Details::of_handle(&self.file)?;
        Ok((now.length, now.modified) == (self.length, self.modified))
    }

    /// The same, but the file may have become longer: a recording or a copy in progress, whose first bytes stay what
    /// they were.
    ///
    /// # Errors
    ///
    /// What fstat reports.
    pub(crate) fn is_same_or_longer(&self) -> io::Result<bool> {
        let now = Details::of_handle(&self.file)?;
        Ok(now.length > self.length || (now.length, now.modified) == (self.length, self.modified))
    }
}

/// What a stat says, in types that hold it everywhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Details {
    pub(super) file_type: FileType,
    pub(super) length: u64,
    pub(super) modified: SystemTime,
}

impl Details {
    /// Asks the handle. Through rustix, not `std::fs::Metadata`, whose times wrap in 2038 on 32-bit musl.
    pub(super) fn of_handle(handle: impl AsFd) -> io::Result<Details> {
        Ok(Details::from(rustix::fs::fstat(handle)?))
    }
}

impl From<Stat> for Details {
    fn from(stat: Stat) -> Details {
        Details {
            file_type: FileType::from_raw_mode(stat.st_mode),
            // Regular files have no negative length; anything else is never read.
            length: u64::try_from(stat.st_size).unwrap_or(0),
            modified: system_time(
                stat.st_mtime,
                u32::try_from(stat.st_mtime_nsec).unwrap_or(0),
            ),
        }
    }
}

/// Total: a file with a nonsensical time is still a file. Seconds count from 1970 and may be negative, nanoseconds always
/// count forwards.
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
