use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::shared::content::content;

/// 1 GiB of real content, not sparse, that lies in the page cache and is on the disk already, so that no writing back
/// runs beside a measurement. It vanishes with this value.
pub(crate) struct Film {
    directory: PathBuf,
}

/// Its name in the directory that is served.
pub(crate) const NAME: &str = "film.mp4";
/// Where the program has it.
pub(crate) const TARGET: &str = "/api/stream/film.mp4";
/// Its length.
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

    /// The directory to serve. It contains nothing else, except the film of the workload `windows` while that one runs.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }
}

impl Drop for Film {
    fn drop(&mut self) {
        // Best effort: the next run writes over what is left.
        let _ = fs::remove_dir_all(&self.directory);
    }
}
