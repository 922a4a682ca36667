use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::shared::content::content;

/// The served folder with all files of the scenarios. Removed on drop.
pub(crate) struct Media {
    outer: PathBuf,
}

/// The length of the film in bytes.
pub(crate) const FILM: u64 = 64 << 20;
pub(crate) const FILM_TARGET: &str = "/api/stream/film.mp4";
/// The number of files in one folder.
const MANY: usize = 20_000;
/// The maximum length of a subtitle file that the server serves.
const SUBTITLES: usize = 4 << 20;

impl Media {
    pub(crate) fn make() -> Result<Self> {
        let outer =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("soak-{}", std::process::id()));
        let media = Self { outer };
        let _ = fs::remove_dir_all(&media.outer);
        let dir = media.dir();
        fs::create_dir_all(&dir)?;
        // In one scenario, the server runs as another user, so all users must have access.
        for path in [&media.outer, &dir] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
        }
        fs::write(dir.join("film.mp4"), content(0, usize::try_from(FILM)?))?;
        fs::write(
            dir.join("film.srt"),
            "1\n00:00:01,000 --> 00:00:02,000\nhello\n",
        )?;
        media.subtitles()?;
        media.boxes()?;
        let many = dir.join("many");
        fs::create_dir(&many)?;
        for number in 0..MANY {
            File::create(many.join(format!("Season {:02} Episode {number:05}.mp4", number % 40)))?;
        }
        for folder in 0..200 {
            let folder = dir.join(format!("tree/{}/{folder}", folder % 14));
            fs::create_dir_all(&folder)?;
            for number in 0..100 {
                File::create(folder.join(format!("Tree {number} of the {number}th.mkv")))?;
            }
        }
        Ok(media)
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.outer.join("media")
    }

    /// Writes subtitles that become five times longer, because each `&` becomes `&amp;` in WebVTT.
    fn subtitles(&self) -> Result<()> {
        let times = "1\n00:00:00,000 --> 09:00:00,000\n";
        let lines = "&".repeat(SUBTITLES - times.len());
        let path = self.dir().join("references.srt");
        Ok(fs::write(path, times.to_owned() + &lines)?)
    }

    /// Writes two films of 4 GiB that begin with many very small boxes.
    fn boxes(&self) -> Result<()> {
        let file = File::create(self.dir().join("boxes.mp4"))?;
        file.set_len(4 << 30)?;
        let mut file = BufWriter::new(file);
        file.write_all(b"\0\0\0\x10ftypisom\0\0\0\0")?;
        for _ in 0..(1 << 20) {
            file.write_all(b"\0\0\0\x08free")?;
        }
        file.flush()?;
        // In the second film, the boxes are inside `moov`, so the server must parse them.
        let file = File::create(self.dir().join("tracks.mp4"))?;
        file.set_len(4 << 30)?;
        let mut file = BufWriter::new(file);
        file.write_all(b"\0\0\0\x10ftypisom\0\0\0\0\xff\xff\xff\x00moov")?;
        for _ in 0..100_000 {
            file.write_all(b"\0\0\0\x20trak\0\0\0\x18mdia\0\0\0\x10minf\0\0\0\x08stbl")?;
        }
        Ok(file.flush()?)
    }
}

impl Drop for Media {
    fn drop(&mut self) {
        // An error is not important: the folder is below `target`, which is not part of the project.
        let _ = fs::remove_dir_all(&self.outer);
    }
}
