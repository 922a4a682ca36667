//! Reads the cues of a subtitle track in MP4.

use super::movie::{Movie, Trak};
use super::samples::{Sample, Samples};
use super::{fragments, timed_text};
use crate::container::NotText;
use crate::container::bits::fourcc_at;
use crate::container::info::SubtitleFormat;
use crate::container::reader::Reader;
use crate::container::text::{Collector, Cue, Cues, MAX_CUE, TextFormat, Window};

pub(super) fn format(fourcc: [u8; 4]) -> SubtitleFormat {
    match &fourcc {
        b"tx3g" | b"text" | b"wvtt" => SubtitleFormat::Text,
        b"mp4s" => SubtitleFormat::Pictures("VobSub"),
        _ => SubtitleFormat::Other,
    }
}

/// Returns the cues of the subtitle track `id`. A window is a time range of the film: the result has only the cues that
/// are visible in it. Without a window, returns no cues.
pub(in crate::container) fn cues(
    reader: &mut Reader,
    id: u64,
    window: Option<Window>,
) -> Option<Result<Cues, NotText>> {
    let movie = Movie::find(reader)?;
    let is_wanted = |track: &&Trak| u64::from(track.id) == id && track.is_subtitle();
    let track = movie.tracks.iter().find(is_wanted)?;
    let fourcc = fourcc_at(&track.entry, 4).filter(|_| !movie.is_chapters(track.id))?;
    if format(fourcc) != SubtitleFormat::Text {
        return Some(Err(NotText));
    }
    let Some(window) = window else {
        return Some(Ok(Cues::default()));
    };
    let mut samples = Samples::read(reader, track, movie.timescale);
    if movie.is_fragmented {
        fragments::add(reader, (&movie, track), window, &mut samples);
    }
    let mut texts = Collector::new(window);
    let is_shown = |it: &&Sample| window.shows(it.start, it.end);
    for sample in samples.list.iter().filter(is_shown) {
        let Some(bytes) = reader.body(sample.place, MAX_CUE) else {
            break;
        };
        let cue = |settings, text| Cue {
            start: sample.start,
            end: sample.end,
            settings,
            text,
        };
        if &fourcc == b"wvtt" {
            for (settings, text) in timed_text::wvtt(&bytes) {
                texts.add_or_extend(reader, cue(settings, text));
            }
        } else {
            let text = timed_text::tx3g(&track.entry, &bytes);
            texts.add(reader, cue(String::new(), text));
        }
    }
    let header = timed_text::wvtt_header(&track.entry);
    Some(Ok(texts.finish(reader, TextFormat::WebVtt, header)))
}
