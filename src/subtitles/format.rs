//! Which format a text is in: by what is in it, because people rename files.

use super::cue::Cues;
use super::timing::{Timing, is_blank};
use super::{ass, frames, srt, webvtt};

/// A format that becomes WebVTT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    WebVtt,
    Ass,
    SubRip,
    SubViewer,
    MicroDvd,
    Mpl2,
    TmPlayer,
}

impl Format {
    /// Recognises a text by its first line that only one format has. `None` for anything else.
    pub(super) fn of(text: &str) -> Option<Format> {
        if webvtt::has_signature(text) {
            return Some(Format::WebVtt);
        }
        srt::lines(text).find_map(|line| Format::of_line(line.trim_matches(is_blank)))
    }

    fn of_line(line: &str) -> Option<Format> {
        if ass::is_sign(line) {
            Some(Format::Ass)
        } else if Timing::parse(line).is_some() {
            Some(Format::SubRip)
        } else if frames::microdvd(line).is_some() {
            Some(Format::MicroDvd)
        } else if frames::mpl2(line).is_some() {
            Some(Format::Mpl2)
        } else if Timing::parse_pair(line).is_some() {
            Some(Format::SubViewer)
        } else if frames::tmplayer(line).is_some() {
            Some(Format::TmPlayer)
        } else {
            None
        }
    }

    /// Reads the cues of a text that is in this format; WebVTT is read as it is and has none.
    pub(super) fn parse(self, text: &str) -> Cues {
        match self {
            Format::WebVtt => Cues::default(),
            Format::Ass => ass::parse(text),
            Format::SubRip => srt::parse(text),
            Format::SubViewer => srt::parse_subviewer(text),
            Format::MicroDvd => frames::parse_microdvd(text),
            Format::Mpl2 => frames::parse_mpl2(text),
            Format::TmPlayer => frames::parse_tmplayer(text),
        }
    }
}
