//! The text tracks of a player page: first the files next to the video, then the tracks inside it. Pure.

use maud::{Markup, html};

use super::urls::Links;
use crate::container::{MediaInfo, SubtitleFormat, SubtitleTrack};
use crate::media::{MediaName, Subtitles, tell_apart};
use crate::subtitles::Track;

/// Returns the `track` elements of a video's subtitles.
pub(super) fn subtitle_tracks(
    name: &MediaName,
    info: Option<&MediaInfo>,
    subtitles: &Subtitles,
    links: &Links,
) -> Vec<Markup> {
    let files = subtitles.tracks.iter();
    let files = files.map(|file| {
        let is_inside = false;
        (file.track.clone(), links.subtitles(&file.name), is_inside)
    });
    let inside = info.into_iter().flat_map(|info| &info.subtitles);
    let texts = inside.filter(|track| track.format == SubtitleFormat::Text);
    let texts = texts.map(|it: &SubtitleTrack| {
        let (language, title) = (it.language.as_deref(), it.title.as_deref());
        let track = Track::inside(language, title, it.is_default, it.is_forced);
        // The script can load parts of a track inside the video.
        let is_inside = true;
        (track, links.track(name, &it.number.to_string()), is_inside)
    });
    let mut tracks: Vec<_> = files.chain(texts).collect();
    tell_apart(tracks.iter_mut().map(|(track, ..)| track));
    let markup = |(track, url, is_inside): &(Track, String, bool)| {
        html! {
            // The script replaces the label with the name of the language in the user's language.
            track kind="subtitles" label=(track.label()) srclang=[track.language.as_deref()]
                data-note=[track.language.as_ref().and(Some(&track.note)).filter(|note| !note.is_empty())]
                data-inside[*is_inside] default[track.is_default] src=(url);
        }
    };
    tracks.iter().map(markup).collect()
}

/// Returns the script that must precede a video with texts inside. See `assets/tracks.js`.
pub(super) fn early_script(info: Option<&MediaInfo>, links: &Links) -> Option<Markup> {
    let mut tracks = info.into_iter().flat_map(|info| &info.subtitles);
    let has_texts = tracks.any(|track| track.format == SubtitleFormat::Text);
    has_texts.then(|| html! { script src=(links.to("/assets/tracks.js")) {} })
}

/// Returns a sentence about image subtitles, if any: `1 picture subtitle track (PGS): open in VLC to see it`.
pub(super) fn picture_sentence(info: Option<&MediaInfo>) -> Option<String> {
    let tracks = info.into_iter().flat_map(|info| &info.subtitles);
    let formats: Vec<&str> = tracks
        .filter_map(|track| match track.format {
            SubtitleFormat::Pictures(format) => Some(format),
            _ => None,
        })
        .collect();
    let mut names = formats.clone();
    names.sort_unstable();
    names.dedup();
    let (plural, them) = match formats.len() {
        0 => return None,
        1 => ("", "it"),
        _ => ("s", "them"),
    };
    let (count, names) = (formats.len(), names.join(", "));
    Some(format!(
        "{count} picture subtitle track{plural} ({names}): open in VLC to see {them}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(formats: &[&'static str]) -> MediaInfo {
        let track = |format| SubtitleTrack {
            number: 300,
            format: match format {
                "" => SubtitleFormat::Text,
                _ => SubtitleFormat::Pictures(format),
            },
            language: Some("ger".to_owned()),
            title: None,
            is_default: true,
            is_forced: false,
        };
        MediaInfo {
            subtitles: formats.iter().map(|format| track(format)).collect(),
            ..MediaInfo::default()
        }
    }

    #[test]
    fn pictures_are_counted_and_named_once() {
        for (formats, sentence) in [
            (&[""][..], None),
            (
                &["PGS", ""],
                Some("1 picture subtitle track (PGS): open in VLC to see it"),
            ),
            (
                &["VobSub", "PGS", "PGS"],
                Some("3 picture subtitle tracks (PGS, VobSub): open in VLC to see them"),
            ),
        ] {
            assert_eq!(picture_sentence(Some(&info(formats))).as_deref(), sentence);
        }
    }
}
