use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::shared::content::content;

/// A film of 1 GiB in the page cache. `write` waits until the kernel has written the film to the disk. Without this,
/// the kernel writes to the disk during a measurement. The film is removed on drop.
pub(crate) struct Film {
    directory: PathBuf,
}

pub(crate) const NAME: &str = "film.mp4";
/// The request target of the film if videoserve is the server.
pub(crate) const TARGET: &str = "/api/stream/film.mp4";
/// The length of the film in bytes.
pub(crate) const LENGTH: u64 = 1 << 30;

const BLOCK: usize = 1 << 20;

impl Film {
    pub(crate) fn write() -> io::Result<Self> {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-media");
        fs::create_dir_all(&directory)?;
        let film = Self { directory };

        let path = film.directory.join(NAME);
        let mut file = File::create(&path)?;
        for first in (0..LENGTH).step_by(BLOCK) {
            file.write_all(&content(first, BLOCK))?;
        }
        file.sync_all()?;

        let mut file = File::open(path)?;
        let mut block = vec![0; BLOCK];
        while file.read(&mut block)? > 0 {}
        Ok(film)
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }
}

impl Drop for Film {
    fn drop(&mut self) {
        // An error has no effect, because the next run overwrites the files.
        let _ = fs::remove_dir_all(&self.directory);
    }
}
