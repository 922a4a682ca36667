//! Describes the contents of a media file, as a sentence for the page and as media types for `canPlayType`.

use std::time::Duration;

use super::pages::readable_size;
use crate::container::{Container, MediaInfo, Track};
use crate::media::{MediaName, is_video, kind};

pub(crate) struct Details<'a> {
    pub(crate) name: &'a MediaName,
    /// The length in bytes.
    pub(crate) length: u64,
    /// `None` if the file could not be parsed.
    pub(crate) info: Option<MediaInfo>,
}

impl Details<'_> {
    /// Returns the name of the container. If the file could not be parsed, returns the extension, for example `AVI`.
    pub(super) fn container(&self) -> String {
        match self.info.as_ref().map(|info| info.container) {
            Some(Container::Mp4) => "MP4".to_owned(),
            Some(Container::QuickTime) => "QuickTime".to_owned(),
            Some(Container::Matroska) => "Matroska".to_owned(),
            Some(Container::WebM) => "WebM".to_owned(),
            None => {
                let extension = self.name.as_path().extension().unwrap_or_default();
                extension.to_string_lossy().to_uppercase()
            }
        }
    }

    pub(super) fn video(&self) -> Option<&Track> {
        self.info.as_ref()?.video.as_ref()
    }

    /// Returns whether the player must show a picture. The file must have a video extension. If the file was parsed, it
    /// must also have a video track, because a file with a video extension may contain only audio.
    pub(super) fn has_picture(&self) -> bool {
        let info = self.info.as_ref();
        is_video(self.name.file_name()) && info.is_none_or(|info| info.video.is_some())
    }

    /// Returns whether the first video or audio track is encrypted.
    pub(super) fn is_protected(&self) -> bool {
        let mut tracks = self.video().into_iter().chain(self.audio());
        tracks.any(|track| track.protected)
    }

    /// Returns the first audio track. Browsers play no other audio track.
    pub(super) fn audio(&self) -> Option<&Track> {
        self.info.as_ref()?.audio.first()
    }

    /// Returns one line for the page: `MP4, 12 s, H.264 320×180, AAC stereo, 267 kB`.
    pub(super) fn sentence(&self) -> String {
        let info = self.info.as_ref();
        let kind = match kind(self.name.file_name()) {
            "video" if info.is_none() => " video",
            "audio" if info.is_none() => " audio",
            _ => "",
        };
        let mut parts = vec![self.container() + kind];
        let duration = info.and_then(|info| info.duration);
        parts.extend(duration.map(readable_duration));
        parts.extend(self.video().map(|track| {
            let size = track.width.zip(track.height);
            let size = size.map(|(width, height)| format!(" {width}×{height}"));
            codec(track) + &size.unwrap_or_default()
        }));
        let audio = info.map_or(&[][..], |info| &info.audio);
        parts.extend(audio.iter().take(MAX_AUDIO).map(sound));
        match audio.len().saturating_sub(MAX_AUDIO) {
            0 => {}
            1 => parts.push("1 more audio track".to_owned()),
            others => parts.push(format!("{others} more audio tracks")),
        }
        parts.push(readable_size(self.length));
        parts.retain(|part| !part.is_empty());
        parts.join(", ")
    }
}

/// The maximum number of audio tracks that `sentence` lists.
const MAX_AUDIO: usize = 8;

/// Describes an audio track: `AC-3 5.1 deu “Director's commentary”`.
fn sound(track: &Track) -> String {
    let language = track.language.as_ref().map(|tag| format!(" {tag}"));
    let title = track.title.as_ref().map(|title| format!(" “{title}”"));
    let channels = match track.channels {
        Some(1) => " mono",
        Some(2) => " stereo",
        Some(6) => " 5.1",
        Some(8) => " 7.1",
        _ => "",
    };
    let more = [language, title].into_iter().flatten().collect::<String>();
    codec(track) + channels + &more
}

/// Returns a codec's common name with its profile: `H.264 (High 10)`, `H.265 (HEVC, Main 10)`.
pub(super) fn codec(track: &Track) -> String {
    let remarks = [track.profile, track.protected.then_some("encrypted")];
    let remarks = remarks.into_iter().flatten().collect::<Vec<_>>().join(", ");
    match track.codec.strip_suffix(')') {
        _ if remarks.is_empty() => track.codec.to_string(),
        // The name already ends with an alias in brackets: `H.265 (HEVC)`.
        Some(start) => format!("{start}, {remarks})"),
        None => format!("{} ({remarks})", track.codec),
    }
}

/// Returns a media type for the JavaScript function `canPlayType`. With this function, the script tests if the browser
/// supports the codec. The container of the file must not affect this test. So the media type always names a container
/// that browsers support with this codec.
pub(super) fn decoder_type(track: &Track, is_audio: bool) -> Option<String> {
    let codecs = track.codecs.as_ref()?;
    let base = match codecs.split('.').next()? {
        // Firefox reports that it cannot play MP3 in MP4 (`mp4a.6B`), although it can.
        _ if track.codec == "MP3" => return Some("audio/mpeg".to_owned()),
        "vp8" | "vp9" | "vorbis" => "webm",
        _ => "mp4",
    };
    let kind = if is_audio { "audio" } else { "video" };
    Some(format!("{kind}/{base}; codecs=\"{codecs}\""))
}

/// Formats a duration with at most two units: `0.4 s`, `12 s`, `3 min 5 s`, `1 h 43 min`.
fn readable_duration(duration: Duration) -> String {
    if duration < Duration::from_millis(950) {
        let tenths = (duration.as_millis() + 50) / 100;
        return format!("0.{} s", tenths.max(1));
    }
    let seconds = (duration + Duration::from_millis(500)).as_secs();
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    match (hours, minutes, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(codec: &'static str, codecs: &str) -> Track {
        Track {
            codec: codec.into(),
            codecs: Some(codecs.to_owned()),
            ..Track::default()
        }
    }

    fn info(duration: Option<Duration>, video: Option<Track>, audio: Vec<Track>) -> MediaInfo {
        MediaInfo {
            container: Container::Matroska,
            duration,
            video,
            audio,
            ..MediaInfo::default()
        }
    }

    #[test]
    fn sentence_describes_the_file() {
        let mut video = track("H.264", "");
        (video.profile, video.width, video.height) = (Some("High 10"), Some(1920), Some(1080));
        let mut hevc = track("H.265 (HEVC)", "");
        hevc.profile = Some("Main 10");
        let mut audio = track("AC-3", "");
        audio.channels = Some(6);
        let mut secret = audio.clone();
        secret.protected = true;
        let mut other = track("AAC", "");
        (other.language, other.title) = (Some("en".to_owned()), Some("Commentary".to_owned()));
        let duration = Some(Duration::from_secs(6_180));
        let film = info(duration, Some(video), vec![audio, other]);
        let many = |count| Some(info(None, None, vec![track("AAC", ""); count]));
        let aac = ["AAC"; 8].join(", ");
        for (name, info, expected) in [
            (
                "f.mp4",
                Some(film),
                "Matroska, 1 h 43 min, H.264 (High 10) 1920×1080, AC-3 5.1, AAC en “Commentary”, 1.4 GB",
            ),
            (
                "f.mkv",
                Some(info(None, Some(hevc), vec![secret])),
                "Matroska, H.265 (HEVC, Main 10), AC-3 (encrypted) 5.1, 1.4 GB",
            ),
            (
                "f.mkv",
                many(9),
                &format!("Matroska, {aac}, 1 more audio track, 1.4 GB"),
            ),
            (
                "f.mkv",
                many(12),
                &format!("Matroska, {aac}, 4 more audio tracks, 1.4 GB"),
            ),
            ("f.mp4", None, "MP4 video, 1.4 GB"),
            ("f.mp3", None, "MP3 audio, 1.4 GB"),
            ("a", None, "1.4 GB"),
        ] {
            let details = Details {
                name: &MediaName::from_segments(&[name.as_bytes().to_vec()]).unwrap(),
                length: 1_400_000_000,
                info,
            };
            assert_eq!(details.sentence(), expected);
            assert_eq!(details.is_protected(), expected.contains("encrypted"));
        }
    }

    #[test]
    fn decoder_type_has_a_container_that_browsers_support() {
        for row in [
            "H.264|avc1.64001f|video/mp4; codecs=\"avc1.64001f\"",
            "VP8|vp8|video/webm; codecs=\"vp8\"",
            "VP9|vp9|video/webm; codecs=\"vp9\"",
            "VP9|vp09.00.10.08|video/mp4; codecs=\"vp09.00.10.08\"",
            "AAC|mp4a.40.2|audio/mp4; codecs=\"mp4a.40.2\"",
            "Vorbis|vorbis|audio/webm; codecs=\"vorbis\"",
            "IAMF|iamf.000.000.Opus|audio/mp4; codecs=\"iamf.000.000.Opus\"",
            "MP3|mp3|audio/mpeg",
            "MP3|mp4a.6B|audio/mpeg",
            "MP3|mp4a.40.34|audio/mpeg",
        ] {
            let [codec, codecs, expected] = [0, 1, 2].map(|part| row.split('|').nth(part).unwrap());
            let found = decoder_type(&track(codec, codecs), expected.starts_with("audio"));
            assert_eq!(found.as_deref(), Some(expected));
        }
        assert_eq!(decoder_type(&Track::default(), false), None);
    }

    #[test]
    fn readable_duration_has_two_units_at_most() {
        let rows = "1=0.1 s|40=0.1 s|449=0.4 s|450=0.5 s|949=0.9 s|950=1 s|1499=1 s|12000=12 s|59500=1 min|\
            185000=3 min 5 s|3599600=1 h|6180000=1 h 43 min";
        for row in rows.split('|') {
            let (milliseconds, text) = row.split_once('=').unwrap();
            let duration = Duration::from_millis(milliseconds.parse().unwrap());
            assert_eq!(readable_duration(duration), text, "{milliseconds}");
        }
    }
}
