//! Watches the folder from outside the sandbox.
//!
//! A server in a namespace cannot see a new folder or a new disk at the path of its folder, but the supervisor can. A
//! server under Landlock can also detect a new folder without the supervisor (`Confinement::has_lost_folder`).

use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, FileType, StatxFlags, statx};

use crate::process::in_background;

/// Time between two checks of the folder, in the supervisor and in a confined server. A person can wait for this time,
/// and the checks cause almost no load.
pub(crate) const FOLDER_INTERVAL: Duration = Duration::from_secs(2);

/// The identity of a folder: device, inode, and creation time if the file system stores it. Device and inode are not
/// enough, because most file systems reuse the number of a removed inode.
///
/// An open descriptor of the folder would prevent this reuse. But it would also prevent an unmount of the disk.
type Identity = ([u32; 2], u64, (i64, u32));

fn identity(path: &Path) -> Option<Identity> {
    let wanted = StatxFlags::BASIC_STATS | StatxFlags::BTIME;
    let stat = statx(CWD, path, AtFlags::empty(), wanted).ok()?;
    let is_folder = FileType::from_raw_mode(stat.stx_mode.into()) == FileType::Directory;
    let (device, created) = ([stat.stx_dev_major, stat.stx_dev_minor], stat.stx_btime);
    is_folder.then_some((device, stat.stx_ino, (created.tv_sec, created.tv_nsec)))
}

/// Checks the folder every [`FOLDER_INTERVAL`]. Calls `report` if the path leads to another folder than before. Does
/// not report a missing folder, because a new server could not open it.
///
/// The checks run in a separate thread, because a disk that does not answer can block a check for minutes.
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
