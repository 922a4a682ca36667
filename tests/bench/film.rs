use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// 1 GiB of real content, not sparse, that lies in the page cache and is on the disk already, so that no writing back
/// runs beside a measurement. It vanishes with this value.
pub(crate) struct Film {
    directory: PathBuf,
}

/// Where the server has it.
pub(crate) const TARGET: &str = "/api/stream/film.mp4";
/// Its length.
pub(crate) const LENGTH: u64 = 1 << 30;

const BLOCK: usize = 1 << 20;

impl Film {
    pub(crate) fn write() -> io::Result<Self> {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-media");
        fs::create_dir_all(&directory)?;
        let film = Self { directory };

        let mut block = vec![0; BLOCK];
        for (index, byte) in block.iter_mut().enumerate() {
            *byte = (index * 31 / 7 % 251).to_le_bytes()[0];
        }
        let mut file = File::create(film.path())?;
        let mut left = LENGTH;
        while left > 0 {
            file.write_all(&block)?;
            left -= block.len() as u64;
        }
        file.sync_all()?;

        let mut file = File::open(film.path())?;
        while file.read(&mut block)? > 0 {}
        Ok(film)
    }

    /// The directory to serve; nothing else is in it.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.join("film.mp4")
    }
}

impl Drop for Film {
    fn drop(&mut self) {
        // Best effort: the next run writes over what is left.
        let _ = fs::remove_dir_all(&self.directory);
    }
}
