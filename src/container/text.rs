//! The texts of a subtitle track, and the part of a film that they are wanted for.

use std::fmt::Write as _;
use std::time::Duration;

/// A part of a film: the cues that begin before its end and end after its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Where the part begins.
    pub(crate) from: Duration,
    /// Where it ends.
    pub(crate) to: Duration,
}

impl Window {
    /// The whole film.
    pub(crate) const WHOLE: Self = Self {
        from: Duration::ZERO,
        to: Duration::MAX,
    };

    /// Whether something that is shown in this time is seen in the window.
    pub(super) fn shows(self, start: Duration, end: Duration) -> bool {
        start < self.to && end > self.from
    }
}

/// How the texts of a track are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextFormat {
    /// Plain text with SubRip's tags.
    SubRip,
    /// The fields of an event of SubStation Alpha, as Matroska orders them: ReadOrder, Layer, Style, Name, MarginL,
    /// MarginR, MarginV, Effect, Text.
    Ass,
    /// The text of a WebVTT cue.
    WebVtt,
}

/// One text and when it is shown, counted from the beginning of the film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cue {
    /// When it appears.
    pub(crate) start: Duration,
    /// When it disappears.
    pub(crate) end: Duration,
    /// The settings of a WebVTT cue: `line:0`.
    pub(crate) settings: String,
    /// The text, in the format of its track.
    pub(crate) text: String,
}

/// The texts of a track in a window, in the order of their times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cues {
    /// How the texts are written.
    pub(crate) format: TextFormat,
    /// What stands before the texts in a file of the format: the styles of ASS, or of WebVTT.
    pub(crate) header: String,
    /// The texts.
    pub(crate) list: Vec<Cue>,
    /// Whether all texts of the window are there, and no limit ended the search.
    pub(crate) is_complete: bool,
}

/// The sections of an ASS file without a header of its own.
const EVENTS: &str =
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";

impl Cues {
    /// A subtitle file with these texts: `.srt`, `.ass` or `.vtt`, by the format. What converts such files to WebVTT
    /// then needs to know nothing of containers.
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
            // Writing to a String does not fail.
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
                    // No event.
                    return Ok(());
                };
                let rest = rest.lines().collect::<Vec<_>>().join("\\N");
                writeln!(file, "Dialogue: {layer},{start},{end},{rest}")
            }
        }
    }

    /// The text without blank lines, which would end the cue.
    fn lines(&self) -> String {
        let lines = self.text.lines().filter(|line| !line.trim().is_empty());
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// A time with so many digits for the hours and so many for the fraction of a second.
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
