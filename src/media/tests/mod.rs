//! The media directory against a real file system.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Entry, EntryKind, FolderName, MediaDir, MediaName};

// What a folder lists, and agreement with opening.
mod folder;
// What stands beside a film: neighbours, pictures.
mod neighbours;
// Opening: what is served, what is not, and races.
mod opening;
// Pages of a folder in three orders.
mod page;
// The whole tree, within bounds.
mod search;
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

/// All entries with their details.
fn entries(dir: &MediaDir, name: &FolderName) -> io::Result<Vec<Entry>> {
    let mut folder = dir.read_folder(name)?;
    folder.ask_details(|_| true);
    Ok(folder.entries().to_vec())
}

/// The names of entries, folders with a slash behind them.
fn marked(entries: &[Entry]) -> Vec<String> {
    let mark = |entry: &Entry| match entry.kind {
        EntryKind::Folder => format!("{}/", entry.name.display()),
        EntryKind::File => entry.name.display().to_string(),
    };
    entries.iter().map(mark).collect()
}

fn listed(dir: &MediaDir, path: &str) -> Vec<String> {
    marked(dir.read_folder(&folder(path)).unwrap().entries())
}

fn os(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_os_string()
}
