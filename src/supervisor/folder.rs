//! Watches the folder from outside the sandbox.
//!
//! A server in a namespace cannot see that another folder, or a disk, was put in the place of its own. The server's
//! own check (`Confinement::has_lost_folder`) sees more under Landlock, so both are used.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, FileType, StatxFlags, statx};

/// Time between two looks: short for a person who waits, and no load for a small machine.
const INTERVAL: Duration = Duration::from_secs(2);

/// What distinguishes a folder from a later one at the same path: device, inode, and time of creation where the file
/// system knows it. Most file systems use the number of a removed inode again.
///
/// No descriptor is kept to prevent that, since it would keep the disk from being unmounted.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    device: (u32, u32),
    inode: u64,
    created: (i64, u32),
}

impl Identity {
    /// The identity of the folder at `path`, if there is one.
    fn of(path: &Path) -> Option<Identity> {
        let wanted = StatxFlags::BASIC_STATS | StatxFlags::BTIME;
        let stat = statx(CWD, path, AtFlags::empty(), wanted).ok()?;
        let is_folder = FileType::from_raw_mode(stat.stx_mode.into()) == FileType::Directory;
        is_folder.then_some(Identity {
            device: (stat.stx_dev_major, stat.stx_dev_minor),
            inode: stat.stx_ino,
            created: (stat.stx_btime.tv_sec, stat.stx_btime.tv_nsec),
        })
    }
}

/// How long the start of a server waits for a look at the folder.
const LOOK_TIME: Duration = Duration::from_secs(1);

/// Looks at the folder from time to time.
pub(super) struct Watch {
    /// Requests for a look, each with the way to report that it is done.
    starts: Sender<Sender<()>>,
}

impl Watch {
    /// Calls `report` when the folder at `path` is another one than at the last start of a server. A missing folder is
    /// not reported: the server goes on without it until there is a new one.
    ///
    /// In a thread of its own, because looking at a disk that does not answer can block for minutes.
    ///
    /// # Errors
    ///
    /// If the system gives no thread, or `path` is relative and the current folder was removed.
    pub(super) fn start(path: PathBuf, report: impl Fn() + Send + 'static) -> io::Result<Watch> {
        let path = std::path::absolute(path)?;
        let (starts, started) = channel::<Sender<()>>();
        let watch = move || {
            let mut known = None;
            loop {
                match started.recv_timeout(INTERVAL) {
                    Ok(done) => {
                        known = Identity::of(&path);
                        let _ = done.send(());
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        let now = Identity::of(&path);
                        if now.is_some() && now != known {
                            known = now;
                            report();
                        }
                    }
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        };
        thread::Builder::new()
            .name("videoserve-folder".to_owned())
            .spawn(watch)?;
        Ok(Watch { starts })
    }

    /// Notes the folder on which a server is about to start. If it is replaced before the server opens it, that is
    /// reported once too often rather than not at all.
    pub(super) fn before_start(&self) {
        let (done, is_done) = channel();
        if self.starts.send(done).is_ok() {
            // No longer: the disk may not answer, and signals must still be handled.
            let _ = is_done.recv_timeout(LOOK_TIME);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Identity;

    #[test]
    fn identity_changes_when_a_folder_is_made_again() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("media");
        assert_eq!(Identity::of(&path), None);
        std::fs::create_dir(&path).unwrap();
        let first = Identity::of(&path);
        assert!(first.is_some());
        std::fs::write(path.join("a"), "content").unwrap();
        assert_eq!(Identity::of(&path), first);
        std::fs::remove_dir_all(&path).unwrap();
        std::fs::write(&path, "no folder").unwrap();
        assert_eq!(Identity::of(&path), None);
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert_ne!(Identity::of(&path), first);
    }
}
