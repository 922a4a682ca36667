//! Tests of the media directory with a real file system.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::FileType;
use tempfile::TempDir;

use super::{Entry, FolderName, MediaDir, MediaName};

mod folder;
mod opening;
mod page;
mod search;
mod subtitles;

/// A media directory, with a file next to it that must never be served.
#[derive(Debug)]
struct Tree {
    temp: TempDir,
}

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

    fn of(paths: &str) -> Tree {
        let tree = Tree::new();
        tree.add(paths);
        tree
    }

    /// Adds paths, separated by `|`, and the folders that they need. `a/` is a folder, `a!` a FIFO, `a -> b` a symlink.
    /// `$` in a target is the path of the media directory. All other names are files, and their content is their path.
    fn add(&self, paths: &str) -> &Tree {
        for path in paths.split('|').map(str::trim) {
            let name = path.split(" -> ").next().unwrap();
            fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
            if let Some((name, target)) = path.split_once(" -> ") {
                let root = self.path("").to_str().unwrap().to_owned();
                let target = target.replace('$', root.trim_end_matches('/'));
                std::os::unix::fs::symlink(target, self.path(name)).unwrap();
            } else if let Some(folder) = path.strip_suffix('/') {
                fs::create_dir_all(self.path(folder)).unwrap();
            } else if let Some(fifo) = path.strip_suffix('!') {
                use rustix::fs::{CWD, Mode, mknodat};
                let mode = Mode::RUSR | Mode::WUSR;
                mknodat(CWD, self.path(fifo), FileType::Fifo, mode, 0).unwrap();
            } else {
                fs::write(self.path(path), path).unwrap();
            }
        }
        self
    }

    fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.temp.path().join("media").join(path)
    }

    /// Returns a path in `media outside`, which is next to `media`. Its name begins with `media`, so a wrong check
    /// that only compares the beginning of two paths as text accepts it.
    fn outside(&self, path: impl AsRef<Path>) -> PathBuf {
        self.temp.path().join("media outside").join(path)
    }

    fn dir(&self) -> MediaDir {
        MediaDir::new(self.path("")).unwrap()
    }
}

fn segments(path: &str) -> Vec<Vec<u8>> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.map(|part| part.as_bytes().to_vec()).collect()
}

fn file(path: &str) -> MediaName {
    MediaName::from_segments(&segments(path)).unwrap()
}

fn read(dir: &MediaDir, path: &str) -> io::Result<String> {
    let mut content = String::new();
    dir.open(&file(path))?.file().read_to_string(&mut content)?;
    Ok(content)
}

#[track_caller]
fn serves(dir: &MediaDir, path: &str, content: &str) {
    assert_eq!(read(dir, path).unwrap(), content, "{path}");
}

#[track_caller]
fn assert_not_found(dir: &MediaDir, path: &str) {
    let error = read(dir, path).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound, "{path}");
}

fn entries(dir: &MediaDir, name: &FolderName) -> io::Result<Vec<Entry>> {
    let mut folder = dir.read_folder(name)?;
    folder.ask_details();
    Ok(folder.entries)
}

fn os(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_os_string()
}
