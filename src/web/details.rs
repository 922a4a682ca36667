//! The information in the head of a file: as a sentence for the page, and as media types for the browser's checks.
//! Pure.

use std::time::Duration;

use super::pages::readable_length;
use crate::container::{Container, MediaInfo, Track};
use crate::http::{Kind, MediaType};
use crate::media::MediaName;

/// A file, and the information in its head if it could be parsed.
pub(crate) struct Details<'a> {
    pub(crate) name: &'a MediaName,
    /// The length in bytes.
    pub(crate) length: u64,
    pub(crate) info: Option<MediaInfo>,
}

impl Details<'_> {
    /// Returns the container's name: from the head, or else from the extension.
    pub(super) fn container(&self) -> String {
        match self.info.as_ref().map(|info| info.container) {
            Some(Container::Mp4) => "MP4".to_owned(),
            Some(Container::QuickTime) => "QuickTime".to_owned(),
            Some(Container::Matroska) => "Matroska".to_owned(),
            Some(Container::WebM) => "WebM".to_owned(),
            None => self
                .name
                .as_path()
                .extension()
                .map(|extension| extension.to_string_lossy().to_uppercase())
                .unwrap_or_default(),
        }
    }

    pub(super) fn video(&self) -> Option<&Track> {
        self.info.as_ref()?.video.as_ref()
    }

    /// Whether the file should show a picture: it has a video track, or its head could not be parsed.
    pub(super) fn has_picture(&self) -> bool {
        let kind = MediaType::of(self.name.file_name().as_encoded_bytes()).kind();
        kind == Kind::Video && self.info.as_ref().is_none_or(|info| info.video.is_some())
    }

    /// Whether the first video or audio track is encrypted. A player then needs a key that only the seller has.
    pub(super) fn is_protected(&self) -> bool {
        let tracks = self.video().into_iter().chain(self.audio());
        tracks.into_iter().any(|track| track.protected)
    }

    /// Returns the first audio track, because browsers play no other track.
    pub(super) fn audio(&self) -> Option<&Track> {
        self.info.as_ref()?.audio.first()
    }

    /// Returns one line for the page: `MP4, 12 s, H.264 320×180, AAC stereo, 267 kB`.
    pub(super) fn sentence(&self) -> String {
        let kind = match MediaType::of(self.name.file_name().as_encoded_bytes()).kind() {
            _ if self.info.is_some() => None,
            Kind::Video => Some("video"),
            Kind::Audio => Some("audio"),
            _ => None,
        };
        let start = format!("{} {}", self.container(), kind.unwrap_or_default());
        let mut parts = vec![start.trim().to_owned()];
        let duration = self.info.as_ref().and_then(|info| info.duration);
        parts.extend(duration.map(readable_duration));
        parts.extend(self.video().map(|track| {
            let size = track.width.zip(track.height);
            let size =
                size.map_or_else(String::new, |(width, height)| format!(" {width}×{height}"));
            codec(track) + &size
        }));
        let audio = self.info.as_ref().map_or(&[][..], |info| &info.audio);
        parts.extend(audio.iter().take(MAX_AUDIO).map(sound));
        match audio.len().saturating_sub(MAX_AUDIO) {
            0 => {}
            1 => parts.push("1 more audio track".to_owned()),
            others => parts.push(format!("{others} more audio tracks")),
        }
        parts.push(readable_length(self.length));
        parts.retain(|part| !part.is_empty());
        parts.join(", ")
    }
}

/// The maximum number of audio tracks in the line.
const MAX_AUDIO: usize = 8;

/// Describes an audio track: `AC-3 5.1 deu “Director's commentary”`.
fn sound(track: &Track) -> String {
    let language = track.language.as_ref().map(|tag| format!(" {tag}"));
    let title = track.title.as_ref().map(|title| format!(" “{title}”"));
    let more = [language, title].into_iter().flatten().collect::<String>();
    codec(track) + channels(track) + &more
}

/// Returns a codec's common name with its profile: `H.264 (High 10)`, `H.265 (HEVC, Main 10)`.
pub(super) fn codec(track: &Track) -> String {
    let (name, alias) = match track
        .codec
        .strip_suffix(')')
        .and_then(|it| it.split_once(" ("))
    {
        Some((name, alias)) => (name, Some(alias)),
        None => (track.codec.as_ref(), None),
    };
    let remarks = [alias, track.profile, track.protected.then_some("encrypted")];
    match remarks.into_iter().flatten().collect::<Vec<_>>() {
        none if none.is_empty() => name.to_owned(),
        remarks => format!("{name} ({})", remarks.join(", ")),
    }
}

/// Returns the media type for `canPlayType`: it tests whether the browser supports the codec in any container. The type
/// contains a container that all browsers support for this codec.
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

fn channels(track: &Track) -> &'static str {
    match track.channels {
        Some(1) => " mono",
        Some(2) => " stereo",
        Some(6) => " 5.1",
        Some(8) => " 7.1",
        _ => "",
    }
}

/// Formats a duration with at most two units: `0.4 s`, `12 s`, `3 min 5 s`, `1 h 43 min`.
fn readable_duration(duration: Duration) -> String {
    if duration < Duration::from_millis(950) {
        let tenths = (duration.as_millis() + 50) / 100;
        return format!("0.{} s", tenths.max(1));
    }
    // The duration is rounded to the nearest second.
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

    fn details<'a>(name: &'a MediaName, info: Option<&MediaInfo>) -> Details<'a> {
        Details {
            name,
            length: 1_400_000_000,
            info: info.cloned(),
        }
    }

    fn name(name: &str) -> MediaName {
        MediaName::from_segments(&[name.as_bytes().to_vec()]).unwrap()
    }

    #[test]
    fn sentence_names_what_the_head_says() {
        let audio = Track {
            codec: "AC-3".into(),
            codecs: Some("ac-3".into()),
            channels: Some(6),
            ..Track::default()
        };
        let info = MediaInfo {
            container: Container::Matroska,
            duration: Some(Duration::from_secs(6_180)),
            video: Some(Track {
                codec: "H.264".into(),
                profile: Some("High 10"),
                codecs: Some("avc1.6e0028".into()),
                width: Some(1920),
                height: Some(1080),
                ..Track::default()
            }),
            audio: vec![audio.clone()],
            subtitles: Vec::new(),
        };
        let film = name("film.mp4");
        assert_eq!(
            details(&film, Some(&info)).sentence(),
            "Matroska, 1 h 43 min, H.264 (High 10) 1920×1080, AC-3 5.1, 1.4 GB"
        );
        assert_eq!(details(&film, None).sentence(), "MP4 video, 1.4 GB");
        assert_eq!(details(&name("a.avi"), None).container(), "AVI");
        assert_eq!(
            details(&name("a.mp3"), None).sentence(),
            "MP3 audio, 1.4 GB"
        );
        assert_eq!(details(&name("a"), None).sentence(), "1.4 GB");
        let locked = Track {
            protected: true,
            ..audio
        };
        assert_eq!(codec(&locked), "AC-3 (encrypted)");
        assert!(!details(&film, Some(&info)).is_protected());
        let info = MediaInfo {
            audio: vec![locked],
            ..info
        };
        assert!(details(&film, Some(&info)).is_protected());
        let hevc = Track {
            codec: "H.265 (HEVC)".into(),
            profile: Some("Main 10"),
            ..Track::default()
        };
        assert_eq!(codec(&hevc), "H.265 (HEVC, Main 10)");
        let plain = Track {
            profile: None,
            ..hevc
        };
        assert_eq!(codec(&plain), "H.265 (HEVC)");
    }

    #[test]
    fn sentence_lists_audio_tracks_with_language_and_title() {
        let track = |language: Option<&str>, title: Option<&str>| Track {
            codec: "AAC".into(),
            channels: Some(2),
            language: language.map(str::to_owned),
            title: title.map(str::to_owned),
            ..Track::default()
        };
        let mut info = MediaInfo {
            container: Container::Matroska,
            duration: None,
            video: None,
            audio: vec![
                track(Some("de"), None),
                track(Some("en"), Some("Commentary")),
            ],
            subtitles: Vec::new(),
        };
        let film = name("film.mkv");
        assert_eq!(
            details(&film, Some(&info)).sentence(),
            "Matroska, AAC stereo de, AAC stereo en “Commentary”, 1.4 GB"
        );
        for (count, end) in [
            (8, ""),
            (9, ", 1 more audio track"),
            (12, ", 4 more audio tracks"),
        ] {
            info.audio = vec![track(None, None); count];
            let listed = ", AAC stereo".repeat(8);
            let expected = format!("Matroska{listed}{end}, 1.4 GB");
            assert_eq!(details(&film, Some(&info)).sentence(), expected);
        }
    }

    #[test]
    fn decoder_type_is_what_browsers_know() {
        for row in [
            "avc1.64001f video/mp4; codecs=\"avc1.64001f\"",
            "vp8 video/webm; codecs=\"vp8\"",
            "vp9 video/webm; codecs=\"vp9\"",
            "vp09.00.10.08 video/mp4; codecs=\"vp09.00.10.08\"",
            "mp4a.40.2 audio/mp4; codecs=\"mp4a.40.2\"",
            "vorbis audio/webm; codecs=\"vorbis\"",
            "iamf.000.000.Opus audio/mp4; codecs=\"iamf.000.000.Opus\"",
        ] {
            let (codecs, expected) = row.split_once(' ').unwrap();
            let track = Track {
                codecs: Some(codecs.to_owned()),
                ..Track::default()
            };
            let found = decoder_type(&track, expected.starts_with("audio"));
            assert_eq!(found.as_deref(), Some(expected));
        }
        for codecs in ["mp3", "mp4a.6B", "mp4a.69", "mp4a.40.34"] {
            let track = Track {
                codec: "MP3".into(),
                codecs: Some(codecs.to_owned()),
                ..Track::default()
            };
            assert_eq!(decoder_type(&track, true).as_deref(), Some("audio/mpeg"));
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
