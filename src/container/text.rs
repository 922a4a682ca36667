//! Collects the cues of a subtitle track that are visible in a time range (window), and writes them as a subtitle file.

use std::fmt::Write as _;
use std::time::Duration;

use super::reader::Reader;
use crate::subtitles::timestamp;

/// The maximum number of bytes of memory for the cues of one track.
const MAX_BYTES: usize = 4 << 20;

/// The maximum number of bytes of one cue.
pub(super) const MAX_CUE: usize = 64 << 10;

/// The maximum duration of a cue without an end. The cue ends earlier if the next cue begins earlier.
pub(super) const MAX_WITHOUT_END: Duration = Duration::from_secs(10);

/// The `end` of a cue whose end is unknown.
pub(super) const UNKNOWN_END: Duration = Duration::MAX;

/// A requested time range of a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: Duration,
    pub(crate) to: Duration,
}

impl Window {
    pub(crate) const WHOLE: Self = Self {
        from: Duration::ZERO,
        to: Duration::MAX,
    };

    /// Returns whether a cue with this start and end is visible in the window.
    pub(super) fn shows(self, start: Duration, end: Duration) -> bool {
        start < self.to && end > self.from
    }
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextFormat {
    /// Plain text with the tags of SubRip.
    #[default]
    SubRip,
    /// The fields of an event of SubStation Alpha in the order of Matroska: ReadOrder, Layer, Style, Name, MarginL,
    /// MarginR, MarginV, Effect, Text.
    Ass,
    WebVtt,
}

/// A cue with its times, which count from the start of the film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cue {
    pub(crate) start: Duration,
    pub(crate) end: Duration,
    /// The settings of a WebVTT cue, such as `line:0`.
    pub(crate) settings: String,
    /// The text in the format of its track.
    pub(crate) text: String,
}

/// The cues of a track in a window, in the order of their times.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Cues {
    pub(crate) format: TextFormat,
    /// The part of a subtitle file before the first cue, such as its styles.
    pub(crate) header: String,
    pub(crate) list: Vec<Cue>,
    /// Whether the list contains all cues of the window. False if a limit ended the search.
    pub(crate) is_complete: bool,
}

/// `into_file` adds this section to an ASS header that has no `[Events]`.
const EVENTS: &str =
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";

impl Cues {
    /// Returns the cues as a subtitle file in their format: `.srt`, `.ass` or `.vtt`. The converter to WebVTT reads
    /// such files.
    pub(crate) fn into_file(self) -> String {
        let header = self.header.trim_end();
        let mut file = match self.format {
            TextFormat::SubRip => String::new(),
            TextFormat::WebVtt if header.starts_with("WEBVTT") => format!("{header}\n\n"),
            TextFormat::WebVtt => "WEBVTT\n\n".to_owned(),
            TextFormat::Ass if header.contains("[Events]") => format!("{header}\n"),
            TextFormat::Ass => format!("{header}\n{EVENTS}"),
        };
        for cue in &self.list {
            // A write to a String never fails.
            let _ = cue.write(&mut file, self.format);
        }
        file
    }
}

impl Cue {
    fn write(&self, file: &mut String, format: TextFormat) -> std::fmt::Result {
        // The parsers of `crate::subtitles` accept WebVTT times in all formats.
        let [start, end] = [self.start, self.end].map(|time| {
            let milliseconds = u64::try_from(time.as_millis());
            timestamp(milliseconds.unwrap_or(u64::MAX))
        });
        if format == TextFormat::Ass {
            let behind_order = self.text.split_once(',').map(|it| it.1);
            let Some((layer, rest)) = behind_order.and_then(|it| it.split_once(',')) else {
                // The text is not an event.
                return Ok(());
            };
            let rest = rest.lines().collect::<Vec<_>>().join("\\N");
            return writeln!(file, "Dialogue: {layer},{start},{end},{rest}");
        }
        // In the file, an empty line ends a cue, so empty lines are removed.
        let lines = self.text.lines().filter(|line| !line.trim().is_empty());
        let lines = lines.collect::<Vec<_>>().join("\n");
        // In the file, a line with an arrow begins a cue, so arrows are replaced.
        let lines = lines.replace("-->", "--&gt;");
        let head = format!("{start} --> {end} {}", self.settings);
        writeln!(file, "{}\n{lines}\n", head.trim_end())
    }
}

#[derive(Debug)]
pub(super) struct Collector {
    pub(super) window: Window,
    found: Vec<Cue>,
    bytes: usize,
}

impl Collector {
    pub(super) fn new(window: Window) -> Self {
        Self {
            window,
            found: Vec::new(),
            bytes: 0,
        }
    }

    /// Adds a cue. A previous cue with an unknown end is visible until this cue starts, even if this cue has no text. A
    /// cue without text is not shown. Stops the reader if the cues exceed [`MAX_BYTES`].
    pub(super) fn add(&mut self, reader: &mut Reader, mut cue: Cue) {
        // The memory of a cue without its settings and its text, in bytes.
        const OVERHEAD: usize = 64;
        self.bytes += OVERHEAD + cue.settings.len() + cue.text.len();
        if self.bytes > MAX_BYTES {
            reader.is_stopped = true;
            return;
        }
        // mkvmerge can compress the settings, although the specification allows compression only for frames. Players
        // ignore compressed settings, so this function removes them.
        let is_printable = |byte| (b' '..=b'~').contains(&byte);
        if !cue.settings.bytes().all(is_printable) {
            cue.settings.clear();
        }
        cue.settings = cue.settings.trim().to_owned();
        cue.text = cue.text.trim_matches(['\0', '\n', '\r']).to_owned();
        self.found.push(cue);
    }

    pub(super) fn has_open_end(&self) -> bool {
        self.found.last().is_some_and(|cue| cue.end == UNKNOWN_END)
    }

    /// Adds a cue, or extends an equal cue that ends when this cue starts. Some writers split a cue where another cue
    /// starts or ends.
    pub(super) fn add_or_extend(&mut self, reader: &mut Reader, cue: Cue) {
        // The number of previous cues to compare with. More than this number of cues are rarely visible together.
        const LATEST: usize = 8;
        let mut latest = self.found.iter_mut().rev().take(LATEST);
        let same = |it: &&mut Cue| {
            it.end == cue.start && it.text == cue.text && it.settings == cue.settings
        };
        match latest.find(same) {
            Some(found) => found.end = cue.end,
            None => self.add(reader, cue),
        }
    }

    /// Returns the cues of the window. The cues are incomplete if `reader` stopped early.
    pub(super) fn finish(mut self, reader: &Reader, format: TextFormat, header: String) -> Cues {
        self.found.sort_by_key(|cue| cue.start);
        let mut next = Duration::MAX;
        for cue in self.found.iter_mut().rev() {
            if cue.end == UNKNOWN_END {
                cue.end = next.min(cue.start.saturating_add(MAX_WITHOUT_END));
            }
            next = cue.start;
        }
        self.found.retain(|cue| {
            let is_seen = cue.start < cue.end && self.window.shows(cue.start, cue.end);
            is_seen && !cue.text.is_empty()
        });
        Cues {
            format,
            header,
            list: self.found,
            is_complete: !reader.is_stopped,
        }
    }
}
