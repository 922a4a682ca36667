//! Makes the served folder from `tests/media/clip.mp4`. All checks share this folder, and only read it.
//!
//! The clip has a duration of 12 s and 24 frames per second. Each frame shows its time (tests/clients/make-clip).

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// A file name that contains HTML, quotes and a percent sign. The page must show it as text.
pub(crate) const ODD_NAME: &str = "<img src=x onerror=alert(1)> \"q\" 100% #1.mp4";

/// The number of files in the folder `many`.
pub(crate) const MANY: usize = 20_000;

/// The number of repetitions of the clip in `film.mp4`.
pub(crate) const REPEATS: u32 = 250;

/// A film that consists of fragments of 1 s, as a recorder writes it.
pub(crate) const RECORDING: &str = "faults/recording.mp4";

const ENGLISH: &str = "1\n00:00:01,000 --> 00:00:05,000\nThe first <i>English</i> line\n\n\
                       2\n00:00:06,000 --> 00:00:10,000\nThe second English line\n";
const PORTUGUESE: &str = "WEBVTT\n\n00:01.000 --> 00:05.000\nA primeira linha em portugu\u{ea}s\n\n\
                          00:06.000 --> 00:10.000\nA segunda linha em portugu\u{ea}s\n";

/// A film that contains the subtitles [`ENGLISH`], a cover, and a chapter for every three seconds.
pub(crate) const FILM: &str = "inside/film.mkv";

const CHAPTERS: &str = ";FFMETADATA1\n\
     [CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=3\ntitle=Opening\n\
     [CHAPTER]\nTIMEBASE=1/1\nSTART=3\nEND=6\ntitle=The <b>second</b>\n\
     [CHAPTER]\nTIMEBASE=1/1\nSTART=6\nEND=9\ntitle=A long title of a chapter that takes more than the width of a phone\n\
     [CHAPTER]\nTIMEBASE=1/1\nSTART=9\nEND=12\ntitle=End\n";

#[derive(Debug)]
pub(crate) struct Media {
    pub(crate) root: PathBuf,
    /// The duration of one repetition of the clip in `film.mp4`, in seconds.
    pub(crate) period: f64,
}

impl Media {
    pub(crate) fn make(clip: &Path, root: &Path) -> Result<Media, String> {
        let media = Media {
            root: root.to_owned(),
            period: 0.0,
        };
        for folder in [
            "serial", "one", "empty", "many", "posters", "codecs", "faults", "inside",
        ] {
            fs::create_dir_all(root.join(folder)).map_err(|e| e.to_string())?;
        }
        for name in [
            "clip.mp4",
            ODD_NAME,
            "serial/1 first.mp4",
            "serial/2 second.mp4",
            "serial/10 tenth.mp4",
            "one/only.mp4",
            "posters/with.mp4",
        ] {
            media.copy(clip, name)?;
        }
        for number in 1..=8 {
            media.copy(clip, &format!("posters/drawn {number}.mp4"))?;
        }
        media.copy(clip, "inside/plain.mp4")?;
        media.write("clip.en.srt", ENGLISH)?;
        media.write(".inside.srt", ENGLISH)?;
        media.write(".chapters.txt", CHAPTERS)?;
        media.write("clip.pt-BR.vtt", PORTUGUESE)?;
        thread::scope(|scope| {
            let many = scope.spawn(|| media.make_many());
            let encoded = media.encode(clip).and_then(|()| media.make_faulty(clip));
            encoded.and(many.join().map_err(|_| "a thread panicked".to_owned())?)
        })?;
        let period = media.duration("film.mp4")? / f64::from(REPEATS);
        Ok(Media { period, ..media })
    }

    fn encode(&self, clip: &Path) -> Result<(), String> {
        let clip = clip.to_string_lossy();
        let short = ["-t", "3", "-s", "320x180", "-b:v", "200k"];
        let run = |before: &[&str], after: &[&str], name: &str| {
            let before = before.iter().copied().chain(["-i", &clip]);
            self.ffmpeg(before.chain(after.iter().copied()), name)
        };
        // The film takes 50 minutes, so a browser cannot load all of it in advance.
        let repeats = (REPEATS - 1).to_string();
        run(
            &["-stream_loop", &repeats],
            &["-c", "copy", "-movflags", "+faststart"],
            "film.mp4",
        )?;
        run(
            &[],
            &["-frames:v", "1", "-s", "320x180"],
            "posters/with.jpg",
        )?;
        let [texts, chapters, picture] = [".inside.srt", ".chapters.txt", "posters/with.jpg"]
            .map(|name| self.root.join(name).to_string_lossy().into_owned());
        let inputs = [
            "-i", &clip, "-i", &texts, "-i", &chapters, "-attach", &picture,
        ];
        let rest = "-map 0 -map 1 -map_metadata 2 -c copy -disposition:s:0 default -metadata:s:s language=eng -metadata:s:t mimetype=image/jpeg \
                    -metadata:s:t filename=cover.jpg";
        self.ffmpeg(inputs.into_iter().chain(rest.split_whitespace()), FILM)?;
        run(
            &[],
            &[&short[..], &["-c:v", "libvpx", "-an"]].concat(),
            "codecs/vp8.webm",
        )?;
        run(
            &[],
            &[&short[..], &["-c:v", "mpeg2video", "-an"]].concat(),
            "codecs/mpeg2.mkv",
        )?;
        run(
            &[],
            &[
                &short[..],
                &[
                    "-c:v",
                    "libx265",
                    "-preset",
                    "ultrafast",
                    "-x265-params",
                    "log-level=none",
                    "-tag:v",
                    "hvc1",
                    "-an",
                ],
            ]
            .concat(),
            "codecs/hevc.mp4",
        )?;
        run(
            &[],
            &["-t", "3", "-c:v", "copy", "-c:a", "ac3"],
            "codecs/ac3.mkv",
        )
    }

    /// Makes files that are incomplete, encrypted, or in fragments, or whose pictures do not play.
    fn make_faulty(&self, clip: &Path) -> Result<(), String> {
        // The clip has its index at the beginning, so the truncated file plays until its end.
        self.copy(clip, "faults/torn.mp4")?;
        self.cut("faults/torn.mp4")?;
        let clip = clip.to_string_lossy();
        let run = |arguments: &str, name: &str| {
            let arguments = ["-i", &clip].into_iter().chain(arguments.split(' '));
            self.ffmpeg(arguments, name)
        };
        run(
            "-c copy -encryption_scheme cenc-aes-ctr -encryption_key 00112233445566778899aabbccddeeff \
             -encryption_kid 00112233445566778899aabbccddee00",
            "faults/locked.mp4",
        )?;
        run(
            "-s 320x180 -b:v 200k -c:v libvpx -deadline realtime -an",
            "faults/torn.webm",
        )?;
        self.cut("faults/torn.webm")?;
        run("-t 4 -c:v libtheora -c:a libvorbis", "faults/theora.ogv")?;
        run("-t 4 -c:v mjpeg -c:a copy -f mp4", "faults/talk.m4a")?;
        self.switch_off_pictures("faults/talk.m4a")?;
        run(
            "-c:v libx264 -preset ultrafast -s 320x180 -g 24 -keyint_min 24 -sc_threshold 0 -c:a copy \
             -movflags frag_keyframe+empty_moov+default_base_moof",
            RECORDING,
        )
    }

    /// Truncates a file to 60 % of its bytes.
    fn cut(&self, name: &str) -> Result<(), String> {
        let path = self.root.join(name);
        let file = File::options().write(true).open(path);
        file.and_then(|file| file.set_len(file.metadata()?.len() * 6 / 10))
            .map_err(|error| format!("{name}: {error}"))
    }

    /// Clears the flag "enabled" of the video track. Podcasts use such a track for pictures of their chapters.
    fn switch_off_pictures(&self, name: &str) -> Result<(), String> {
        let path = self.root.join(name);
        let mut bytes = fs::read(&path).map_err(|e| e.to_string())?;
        let header = bytes.windows(4).position(|window| window == b"tkhd");
        let header = header.ok_or("no tkhd box")?;
        bytes[header + 7] &= !1;
        fs::write(&path, bytes).map_err(|e| e.to_string())
    }

    fn make_many(&self) -> Result<(), String> {
        for number in 0..MANY {
            let path = self
                .root
                .join(format!("many/Holiday on the island, part {number}.mp4"));
            File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }

    pub(crate) fn ffmpeg<'a>(
        &self,
        arguments: impl Iterator<Item = &'a str>,
        name: &str,
    ) -> Result<(), String> {
        let output = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-y"])
            .args(arguments)
            .arg(self.root.join(name))
            .output()
            .map_err(|error| format!("cannot start ffmpeg: {error}"))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(format!(
                "ffmpeg, {name}: {}",
                String::from_utf8_lossy(&output.stderr)
            )),
        }
    }

    fn duration(&self, name: &str) -> Result<f64, String> {
        let output = Command::new("ffprobe")
            .args([
                "-v",
                "error",
                "-show_entries",
                "format=duration",
                "-of",
                "csv=p=0",
            ])
            .arg(self.root.join(name))
            .output()
            .map_err(|error| format!("cannot start ffprobe: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim()
            .parse()
            .map_err(|_| format!("ffprobe, {name}: {text}"))
    }

    fn copy(&self, clip: &Path, name: &str) -> Result<(), String> {
        let to = self.root.join(name);
        fs::copy(clip, &to)
            .map(drop)
            .map_err(|error| format!("{}: {error}", to.display()))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.root.join(name);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    }
}
