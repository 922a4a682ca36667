//! The cues of a subtitle track, and the window of a film that a client requests.

use std::fmt::Write as _;
use std::time::Duration;

/// A window of a film: the cues that begin before its end and end after its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// The start of the window.
    pub(crate) from: Duration,
    /// The end of the window.
    pub(crate) to: Duration,
}

impl Window {
    /// The whole film.
    pub(crate) const WHOLE: Self = Self {
        from: Duration::ZERO,
        to: Duration::MAX,
    };

    /// Returns whether a cue with this start and end is visible in the window.
    pub(super) fn shows(self, start: Duration, end: Duration) -> bool {
        start < self.to && end > self.from
    }
}

/// The text format of a track.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextFormat {
    #[default]
    /// Plain text with the tags of SubRip.
    SubRip,
    /// The fields of an event of SubStation Alpha in the order of Matroska: ReadOrder, Layer, Style, Name, MarginL,
    /// MarginR, MarginV, Effect, Text.
    Ass,
    /// The text of a WebVTT cue.
    WebVtt,
}

/// A cue with its times, which count from the start of the film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cue {
    /// The time at which the cue appears.
    pub(crate) start: Duration,
    /// The time at which the cue disappears.
    pub(crate) end: Duration,
    /// The settings of a WebVTT cue: `line:0`.
    pub(crate) settings: String,
    /// The text in the format of its track.
    pub(crate) text: String,
}

/// The cues of a track in a window, in the order of their times.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Cues {
    /// The format of the texts.
    pub(crate) format: TextFormat,
    /// The part of a subtitle file before the first cue: for example, the styles of ASS or WebVTT.
    pub(crate) header: String,
    /// The cues.
    pub(crate) list: Vec<Cue>,
    /// Whether the list contains all cues of the window. False if a limit ended the search, or if the index is damaged.
    pub(crate) is_complete: bool,
}

/// `into_file` adds this section to an ASS header that has no `[Events]`.
const EVENTS: &str =
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";

impl Cues {
    /// Returns a subtitle file with the cues: `.srt`, `.ass` or `.vtt`, by the format. The converter to WebVTT reads
    /// such files, so the converter does not depend on containers.
    pub(crate) fn into_file(self) -> String {
        let mut file = match self.format {
            TextFormat::SubRip => String::new(),
            TextFormat::WebVtt if self.header.starts_with("WEBVTT") => {
                self.header.trim_end().to_owned() + "\n\n"
            }
            TextFormat::WebVtt => "WEBVTT\n\n".to_owned(),
            TextFormat::Ass if self.header.contains("[Events]") => {
                self.header.trim_end().to_owned() + "\n"
            }
            TextFormat::Ass => self.header.trim_end().to_owned() + "\n" + EVENTS,
        };
        for (number, cue) in (1..).zip(&self.list) {
            // A write to a String never fails.
            let _ = cue.write(&mut file, self.format, number);
        }
        file
    }
}

impl Cue {
    fn write(&self, file: &mut String, format: TextFormat, number: usize) -> std::fmt::Result {
        let (hours, point, digits) = match format {
            TextFormat::SubRip => (2, ',', 3),
            TextFormat::WebVtt => (2, '.', 3),
            TextFormat::Ass => (1, '.', 2),
        };
        let [start, end] = [self.start, self.end].map(|time| clock(time, hours, point, digits));
        match format {
            TextFormat::SubRip => {
                writeln!(file, "{number}\n{start} --> {end}\n{}\n", self.lines())
            }
            TextFormat::WebVtt => {
                let line = format!("{start} --> {end} {}", self.settings);
                writeln!(file, "{}\n{}\n", line.trim_end(), self.lines())
            }
            TextFormat::Ass => {
                let behind_order = self.text.split_once(',').map(|it| it.1);
                let Some((layer, rest)) = behind_order.and_then(|it| it.split_once(',')) else {
                    // The text is no event.
                    return Ok(());
                };
                let rest = rest.lines().collect::<Vec<_>>().join("\\N");
                writeln!(file, "Dialogue: {layer},{start},{end},{rest}")
            }
        }
    }

    /// Returns the text without empty lines, because an empty line would end the cue.
    fn lines(&self) -> String {
        let lines = self.text.lines().filter(|line| !line.trim().is_empty());
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Returns a time with `hours` digits for the hours and `digits` digits for the fraction of a second.
fn clock(time: Duration, hours: usize, point: char, digits: usize) -> String {
    let seconds = time.as_secs();
    let (minutes, thousandths) = (seconds / 60, time.subsec_millis());
    let fraction = format!("{thousandths:03}");
    format!(
        "{:0hours$}:{:02}:{:02}{point}{}",
        minutes / 60,
        minutes % 60,
        seconds % 60,
        &fraction[..digits]
    )
}
