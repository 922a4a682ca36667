//! Reads the cues of a subtitle track in MP4.

use super::movie::Movie;
use super::samples::Sample;
use super::trak::Trak;
use super::{runs, samples, timed_text};
use crate::container::NotText;
use crate::container::bits::fourcc_at;
use crate::container::collector::{Collector, MAX_CUE};
use crate::container::info::SubtitleFormat;
use crate::container::reader::Reader;
use crate::container::text::{Cue, Cues, TextFormat, Window};

/// Returns the subtitle format of a sample entry.
pub(super) fn format(fourcc: [u8; 4]) -> SubtitleFormat {
    match &fourcc {
        b"tx3g" | b"text" | b"wvtt" => SubtitleFormat::Text,
        b"mp4s" => SubtitleFormat::Pictures("VobSub"),
        _ => SubtitleFormat::Other,
    }
}

/// Returns the cues of the subtitle track with this ID. Without a window, returns no cues.
pub(in crate::container) fn cues(
    reader: &mut Reader,
    id: u64,
    window: Option<Window>,
) -> Option<Result<Cues, NotText>> {
    let movie = Movie::find(reader)?;
    let chapters = movie.chapter_tracks();
    let is_wanted = |track: &&Trak| u64::from(track.id) == id && !chapters.contains(&track.id);
    let track = movie.tracks.iter().find(is_wanted)?;
    let fourcc = fourcc_at(&track.entry, 4).filter(|_| track.is_subtitle())?;
    if format(fourcc) != SubtitleFormat::Text {
        return Some(Err(NotText));
    }
    let Some(window) = window else {
        return Some(Ok(Cues::default()));
    };
    let mut texts = Collector::new(window);
    let mut add = |reader: &mut Reader, sample: Sample| {
        if !window.shows(sample.start, sample.end) {
            return Some(());
        }
        let bytes = reader.body(sample.place, MAX_CUE)?;
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
        Some(())
    };
    let samples = samples::list(reader, track, movie.timescale).unwrap_or_default();
    for sample in samples {
        add(reader, sample);
    }
    if movie.is_fragmented {
        runs::each(reader, (&movie, track), window, add);
    }
    let header = timed_text::wvtt_header(&track.entry);
    Some(Ok(texts.finish(reader, TextFormat::WebVtt, header)))
}
