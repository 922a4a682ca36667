//! The text tracks of a player page: first the files next to the video, then the tracks inside the video.

use maud::{Markup, html};

use super::player::Player;
use crate::container::{SubtitleFormat, SubtitleTrack};
use crate::media::make_labels_unique;
use crate::subtitles::MenuTrack;

impl Player<'_> {
    /// Returns the `track` elements of the video's subtitles.
    pub(super) fn subtitle_tracks(&self) -> Vec<Markup> {
        let files = self.subtitles.tracks.iter();
        let files = files.map(|it| (it.track.clone(), self.links.subtitles(&it.name), false));
        let texts = self.inside().filter(|it| it.format == SubtitleFormat::Text);
        let texts = texts.map(|it| {
            let (language, title) = (it.language.as_deref(), it.title.as_deref());
            let track = MenuTrack::inside(language, title, it.is_default, it.is_forced);
            let url = self.links.track(self.details.name, &it.number.to_string());
            (track, url, true)
        });
        let mut tracks: Vec<_> = files.chain(texts).collect();
        make_labels_unique(tracks.iter_mut().map(|(track, ..)| track));
        let markup = |(track, url, is_inside): &(MenuTrack, String, bool)| {
            html! {
                // The script translates the label. If a track has `data-inside`, the script loads only the texts near
                // the current position.
                track kind="subtitles" label=(track.label()) srclang=[track.language.as_deref()]
                    data-note=[track.language.as_ref().and(Some(&track.note)).filter(|note| !note.is_empty())]
                    data-inside[*is_inside] default[track.is_default] src=(url);
            }
        };
        tracks.iter().map(markup).collect()
    }

    /// Returns whether text tracks are inside the file. If so, the script `assets/tracks.js` must be in front of the
    /// `video` element.
    pub(super) fn has_texts_inside(&self) -> bool {
        self.inside().any(|it| it.format == SubtitleFormat::Text)
    }

    pub(super) fn picture_sentence(&self) -> Option<String> {
        let formats = self.inside().filter_map(|track| match track.format {
            SubtitleFormat::Pictures(format) => Some(format),
            _ => None,
        });
        picture_sentence(formats.collect())
    }

    fn inside(&self) -> impl Iterator<Item = &SubtitleTrack> {
        self.details.info.iter().flat_map(|info| &info.subtitles)
    }
}

/// Returns a sentence about subtitles that are images: `1 picture subtitle track (PGS): open in VLC to see it`. Returns
/// `None` if there are none.
fn picture_sentence(mut formats: Vec<&str>) -> Option<String> {
    let count = formats.len();
    let (plural, them) = match count {
        0 => return None,
        1 => ("", "it"),
        _ => ("s", "them"),
    };
    formats.sort_unstable();
    formats.dedup();
    let names = formats.join(", ");
    Some(format!(
        "{count} picture subtitle track{plural} ({names}): open in VLC to see {them}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_counted_and_named_once() {
        let three = "3 picture subtitle tracks (PGS, VobSub): open in VLC to see them";
        let found = picture_sentence(vec!["VobSub", "PGS", "PGS"]);
        assert_eq!(found.as_deref(), Some(three));
    }
}
