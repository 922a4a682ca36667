//! Watches the folder from outside the sandbox.
//!
//! A server in a namespace cannot detect that another folder, or a disk, has replaced its folder. Under Landlock, the
//! check of the server (`Confinement::has_lost_folder`) detects more. Therefore the program uses both checks.

use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, FileType, StatxFlags, statx};

use crate::process::in_background;

/// Time between two checks of the folder, in the supervisor and in a confined server. It is short for a person who waits,
/// and causes no load on a small machine.
pub(crate) const FOLDER_INTERVAL: Duration = Duration::from_secs(2);

/// The identity of a folder: device, inode, and creation time if the file system stores it. A later folder at the same
/// path has another identity. Inode and device alone are not enough, because most file systems reuse the number of a
/// removed inode.
///
/// An open descriptor would prevent this reuse, but it would also prevent an unmount of the disk.
type Identity = ([u32; 2], u64, (i64, u32));

/// Returns the identity of the folder at `path`, if there is a folder.
fn identity(path: &Path) -> Option<Identity> {
    let wanted = StatxFlags::BASIC_STATS | StatxFlags::BTIME;
    let stat = statx(CWD, path, AtFlags::empty(), wanted).ok()?;
    let is_folder = FileType::from_raw_mode(stat.stx_mode.into()) == FileType::Directory;
    let (device, created) = ([stat.stx_dev_major, stat.stx_dev_minor], stat.stx_btime);
    is_folder.then_some((device, stat.stx_ino, (created.tv_sec, created.tv_nsec)))
}

/// Checks the folder from time to time. Calls `report` if the path leads to another folder than before. It does not
/// report a missing folder: the server continues without a folder until there is a new one.
///
/// A server can open a new folder before this check has seen it, for example after a crash. Then the check reports one
/// replacement too many. This is better than a missed replacement.
///
/// The checks run in their own thread, because a check of a disk that does not answer can block for minutes.
///
/// # Errors
///
/// If the system provides no thread, or if `path` is relative and the current folder was removed.
pub(super) fn watch(path: PathBuf, report: impl Fn() + Send + 'static) -> io::Result<()> {
    let path = std::path::absolute(path)?;
    in_background("videoserve-folder", move || {
        let mut known = identity(&path);
        loop {
            thread::sleep(FOLDER_INTERVAL);
            let now = identity(&path);
            if now.is_some() && now != known {
                known = now;
                report();
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::identity;

    #[test]
    fn identity_changes_when_a_folder_is_made_again() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("media");
        assert_eq!(identity(&path), None);
        std::fs::create_dir(&path).unwrap();
        let first = identity(&path);
        assert!(first.is_some());
        std::fs::write(path.join("a"), "content").unwrap();
        assert_eq!(identity(&path), first);
        std::fs::remove_dir_all(&path).unwrap();
        std::fs::write(&path, "no folder").unwrap();
        assert_eq!(identity(&path), None);
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert_ne!(identity(&path), first);
    }
}
