//! The texts of a subtitle track in MP4.

use super::movie::Movie;
use super::samples::Sample;
use super::{runs, samples, timed_text};
use crate::container::bits::fourcc_at;
use crate::container::collector::{Collector, MAX_CUE};
use crate::container::info::SubtitleFormat;
use crate::container::reader::{Reader, Result};
use crate::container::text::{Cues, TextFormat, Window};

/// What a sample entry of this name holds.
pub(super) fn format(fourcc: [u8; 4]) -> SubtitleFormat {
    match &fourcc {
        b"tx3g" | b"text" | b"wvtt" => SubtitleFormat::Text,
        b"mp4s" => SubtitleFormat::Pictures("VobSub"),
        _ => SubtitleFormat::Other(fourcc.escape_ascii().to_string()),
    }
}

/// The texts of the track with this ID. `None` where there is no such track, or it holds no texts.
pub(in crate::container) fn cues(
    reader: &mut Reader,
    id: u64,
    window: Window,
) -> Result<Option<Cues>> {
    let Some(movie) = Movie::find(reader)? else {
        return Ok(None);
    };
    let chapters = movie.chapter_tracks();
    let is_wanted = |track: u32| u64::from(track) == id && !chapters.contains(&track);
    let Some(track) = movie.tracks.iter().find(|track| is_wanted(track.id)) else {
        return Ok(None);
    };
    let Some(fourcc) = fourcc_at(&track.entry, 4).filter(|it| format(*it) == SubtitleFormat::Text)
    else {
        return Ok(None);
    };
    let mut texts = Collector::new(window);
    let mut add = |reader: &mut Reader, sample: Sample| {
        if !window.shows(sample.start, sample.end) {
            return Ok(());
        }
        let bytes = reader.body(sample.place, MAX_CUE)?;
        let (start, end) = (sample.start, Some(sample.end));
        if &fourcc == b"wvtt" {
            for cue in timed_text::wvtt(&bytes) {
                texts.add_or_extend(start, end, &cue.settings, &cue.text)?;
            }
            return Ok(());
        }
        texts.add(start, end, "", &timed_text::tx3g(&track.entry, &bytes))
    };
    let search = || {
        for sample in samples::list(reader, track, movie.timescale)? {
            add(reader, sample)?;
        }
        match movie.is_fragmented {
            true => runs::each(reader, (&movie, track), window, add),
            false => Ok(()),
        }
    };
    let result = search();
    let header = timed_text::wvtt_header(&track.entry);
    texts.finish(TextFormat::WebVtt, header, result).map(Some)
}
