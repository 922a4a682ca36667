//! The media directory against a real file system.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Entry, EntryKind, FolderName, MediaDir, MediaName};

// Opening: what is served, what is not, and races.
mod opening;
// Listing: order, pages, and agreement with opening.
mod listing;
// What stands before and after a file.
mod neighbours;
// The whole tree, within bounds.
mod search;
// Parts of a folder in three orders, and posters.
mod window;
// Subtitles: which files go with a video, and in which order.
mod subtitles;

/// A media directory with things beside it that must never be served.
#[derive(Debug)]
struct Tree {
    temp: TempDir,
}

/// The content of everything outside the media directory.
const SECRET: &str = "outside";

impl Tree {
    fn new() -> Tree {
        let tree = Tree {
            temp: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(tree.path("")).unwrap();
        fs::create_dir(tree.outside("")).unwrap();
        fs::write(tree.outside("secret.mp4"), SECRET).unwrap();
        tree
    }

    /// A path in the media directory.
    fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.temp.path().join("media").join(path)
    }

    /// A path in a directory beside it, whose name begins with the same letters.
    fn outside(&self, path: impl AsRef<Path>) -> PathBuf {
        self.temp.path().join("media outside").join(path)
    }

    fn folder(&self, path: &str) -> &Tree {
        fs::create_dir_all(self.path(path)).unwrap();
        self
    }

    /// A file whose content is its path.
    fn file(&self, path: &str) -> &Tree {
        fs::write(self.path(path), path).unwrap();
        self
    }

    fn link(&self, path: &str, target: impl AsRef<Path>) -> &Tree {
        std::os::unix::fs::symlink(target, self.path(path)).unwrap();
        self
    }

    fn fifo(&self, path: &str) -> &Tree {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        mknodat(
            CWD,
            self.path(path),
            FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();
        self
    }

    fn dir(&self) -> MediaDir {
        MediaDir::new(self.path("")).unwrap()
    }
}

fn segments(path: &str) -> Vec<Vec<u8>> {
    path.split('/')
        .filter(|part| !part.is_empty())
        .map(|part| part.as_bytes().to_vec())
        .collect()
}

fn folder(path: &str) -> FolderName {
    FolderName::from_segments(&segments(path)).unwrap()
}

fn read(dir: &MediaDir, name: &MediaName) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    dir.open(name)?.file().read_to_end(&mut content)?;
    Ok(content)
}

/// The content of a file; an error too for a name that cannot even be asked for.
fn open(dir: &MediaDir, path: &str) -> io::Result<String> {
    let name = MediaName::from_segments(&segments(path)).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(String::from_utf8(read(dir, &name)?).unwrap())
}

#[track_caller]
fn serves(dir: &MediaDir, path: &str, content: &str) {
    assert_eq!(open(dir, path).unwrap(), content, "{path}");
}

#[track_caller]
fn misses(dir: &MediaDir, path: &str) {
    assert_eq!(
        open(dir, path).unwrap_err().kind(),
        io::ErrorKind::NotFound,
        "{path}"
    );
}

/// All entries, read in pages of `limit`.
fn entries(dir: &MediaDir, folder: &FolderName, limit: usize) -> io::Result<Vec<Entry>> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = dir.entries_after(folder, after.as_ref(), limit)?;
        assert!(page.entries.len() <= limit);
        all.extend(page.entries);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

/// The names of a listing, folders with a slash behind them.
fn listed(dir: &MediaDir, path: &str) -> Vec<String> {
    let mark = |entry: Entry| match entry.kind {
        EntryKind::Folder => format!("{}/", entry.name.display()),
        EntryKind::File { .. } => entry.name.display().to_string(),
    };
    entries(dir, &folder(path), 3)
        .unwrap()
        .into_iter()
        .map(mark)
        .collect()
}

fn os(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_os_string()
}
