//! The player page of a video, as HTML.
//!
//! Without scripts, the page has the video with the browser's own controls, all links, and all information. Scripts
//! find their elements by id.

use std::time::Duration;

use maud::{Markup, html};

use super::chapters::chapter_list;
use super::details::{Details, codec, decoder_type};
use super::pages::{folder_title, page};
use super::segments::{Segments, seconds};
use super::urls::Links;
use crate::container::{Chapter, Container, Track};
use crate::media::{MediaName, Neighbours, SubtitleFile, Subtitles};

/// The data of a player page.
pub(crate) struct Player<'a> {
    pub(crate) details: Details<'a>,
    pub(crate) subtitles: Subtitles,
    /// The URL of the image next to the file, or else of the cover image inside the file.
    pub(crate) poster: Option<String>,
    pub(crate) chapters: Vec<Chapter>,
    pub(crate) neighbours: Neighbours,
    /// The value of `?ranges=`.
    pub(crate) segments: Option<Result<Segments, String>>,
    /// The value of `?loop=`: `video` or `folder`. If `segments` has parts, `video` repeats only the parts.
    pub(crate) repeats: Option<&'static str>,
    /// The value of `?t=`.
    pub(crate) start: Option<Duration>,
    /// The URLs of the file and of related resources.
    pub(crate) links: Links,
}

/// The keys and their functions, for the help.
const KEYS: [(&str, &str); 12] = [
    ("Space K", "play or pause"),
    ("← →", "5 seconds back or forward"),
    ("J L", "10 seconds back or forward"),
    ("↑ ↓", "volume up or down; on a TV: move to the buttons"),
    ("0 … 9", "go to the start, to 10 % … 90 %"),
    ("< >", "slower or faster"),
    ("F", "full screen"),
    ("M", "mute or unmute"),
    ("P N", "previous or next video"),
    (", .", "previous or next chapter"),
    ("I O", "start or end of a part"),
    ("?", "this help"),
];

const SPEEDS: [&str; 6] = ["0.5", "0.75", "1", "1.25", "1.5", "2"];

impl Player<'_> {
    pub(crate) fn render(&self) -> String {
        let title = self.details.name.stem().to_string_lossy();
        let folder = self.details.name.folder();
        // If the folder contains only this file, the page of the folder redirects here. `?list` prevents the redirect.
        let list = self.neighbours.is_alone.then_some("?list");
        let tracks = self.subtitle_tracks();
        let content = html! {
            header {
                a #library href={ (self.links.browse(&folder)) (list.unwrap_or_default()) } { "← " bdi { (folder_title(&folder)) } }
            }
            main {
                (self.video(&tracks))
                p #notice role="status" {
                    @if let Some(Err(error)) = &self.segments {
                        "The parts in the address are not valid: " (error)
                        ". The correct form is ?ranges=10-15,30-35.5 (seconds). The whole video plays."
                    }
                }
                h1 { bdi { (title) } }
                (self.playback_problem())
                div #bar.js aria-hidden="true" {}
                (self.ends())
                (self.tools(!tracks.is_empty()))
                (chapter_list(&self.chapters))
                (self.subtitle_files())
                (self.cut())
                p #details { bdi { (self.details.name.file_name().to_string_lossy()) } ": " (self.details.sentence()) }
                (help())
            }
        };
        page(&self.links, &title, "player", &content).into_string()
    }

    fn video(&self, tracks: &[Markup]) -> Markup {
        let segments = self.segments.as_ref().and_then(|it| it.as_ref().ok());
        let first = segments.and_then(|segments| segments.0.first());
        // With the fragment `#t=` in the URL, the browser starts at this time, also without scripts.
        let start = first.map(|first| first.start).or(self.start);
        let start = start.map(|start| format!("#t={}", seconds(start)));
        let details = &self.details;
        let (picture, sound) = (details.video(), details.audio());
        let asks = |it: Option<&Track>, is_audio| it.and_then(|it| decoder_type(it, is_audio));
        html! {
            @if self.has_texts_inside() { script src=(self.links.to("/assets/tracks.js")) {} }
            video #video controls autoplay playsinline
                src={ (self.links.stream(self.details.name)) (start.unwrap_or_default()) }
                poster=[self.poster.as_ref()]
                data-name=(self.details.name.url_path())
                data-length=(self.details.length)
                data-segments=[segments.map(Segments::to_string)] data-repeats=[self.repeats]
                data-container=(details.container()) data-protected[details.is_protected()]
                data-picture[details.has_picture()]
                data-video=[picture.map(codec)] data-video-type=[asks(picture, false)]
                data-audio=[sound.map(codec)] data-audio-type=[asks(sound, true)]
            {
                @for track in tracks { (track) }
                @if !self.chapters.is_empty() {
                    track kind="chapters" label="Chapters" src=(self.links.track(self.details.name, "chapters"));
                }
            }
        }
    }

    /// Returns the message box that the script shows if the browser cannot play the file, or can play only a part
    /// of it.
    fn playback_problem(&self) -> Markup {
        html! {
            section #trouble role="alert" hidden {
                h2 { "This browser cannot play the video" }
                p #reason {}
                div.tools {
                    button #again type="button" { "Try again" }
                    a.button.primary href=(self.links.playlist_of(self.details.name)) { "Open in VLC" }
                    a.button href=(self.links.download(self.details.name)) { "Download" }
                }
            }
        }
    }

    fn ends(&self) -> Markup {
        let link = |name: &MediaName, id: &str, rel: &str, before: &str, after: &str| {
            html! {
                a.button id=(id) rel=(rel) href=(self.links.watch(name)) {
                    (before) bdi { (name.stem().to_string_lossy()) } (after)
                }
            }
        };
        let Neighbours { previous, next, .. } = &self.neighbours;
        html! {
            @if previous.is_some() || next.is_some() {
                nav.ends aria-label="Other videos of the folder" {
                    @if let Some(previous) = previous { (link(previous, "previous", "prev", "‹ ", "")) }
                    @if let Some(next) = next { (link(next, "next", "next", "", " ›")) }
                }
            }
        }
    }

    fn tools(&self, has_subtitles: bool) -> Markup {
        let Neighbours { previous, next, .. } = &self.neighbours;
        // With `?loop=folder`, the script also plays videos that are added to the folder after the load of the page. So
        // the check box exists even if this video is alone.
        let may_repeat = previous.is_some() || next.is_some() || self.repeats == Some("folder");
        html! {
            div.tools {
                label.js {
                    "Speed"
                    select #speed {
                        @for speed in SPEEDS {
                            option value=(speed) selected[speed == "1"] { (speed) "×" }
                        }
                    }
                }
                @if has_subtitles {
                    // The script adds the tracks as options.
                    label.js { "Subtitles" select #subtitles { option value="off" { "Off" } } }
                }
                button #copy.js type="button" { "Copy link at 0:00" }
                a #download.button href=(self.links.download(self.details.name)) { "Download" }
                a #vlc.button href=(self.links.playlist_of(self.details.name)) { "Open in VLC" }
                @if next.is_some() {
                    label.js { input #autoplay type="checkbox" checked; "Play the next video automatically" }
                }
                @if may_repeat {
                    label.js {
                        input #loop-folder type="checkbox" data-listing=(self.links.listing(&self.details.name.folder()));
                        "Repeat the folder"
                    }
                }
                button #help-button.js type="button" aria-haspopup="dialog" { "Keys " kbd { "?" } }
            }
        }
    }

    /// Returns links to the subtitle files. A user can download them for a player that supports more formats than a
    /// browser.
    fn subtitle_files(&self) -> Markup {
        let link = |name: &MediaName| {
            html! { a href=(self.links.stream(name)) download { bdi { (name.file_name().to_string_lossy()) } } }
        };
        html! {
            @for SubtitleFile { name, extension, .. } in &self.subtitles.unsupported {
                p.unsupported { (link(name)) ": " (extension.unsupported().unwrap_or_default()) "; VLC shows them." }
            }
            @if let Some(sentence) = self.picture_sentence() { p.unsupported { (sentence) } }
            @if !self.subtitles.tracks.is_empty() {
                details #subtitle-files {
                    summary { "Subtitle files" }
                    ul { @for SubtitleFile { name, .. } in &self.subtitles.tracks { li { (link(name)) } } }
                }
            }
        }
    }

    /// Returns the editor for parts. Its whole state is in the URL, so that users can share a selection as a link.
    fn cut(&self) -> Markup {
        let is_cut = self.details.info.as_ref().is_some_and(|info| {
            let is_mp4 = matches!(info.container, Container::Mp4 | Container::QuickTime);
            is_mp4 && !info.is_fragmented
        });
        html! {
            details #cut.js {
                summary { "Play only parts" }
                p { "Mark the start and the end of each part. The address of this page then plays only the parts. You can copy and share it." }
                div.tools {
                    button #set-in type="button" { "Part starts here" }
                    button #set-out type="button" { "Part ends here" }
                    label { input #loop type="checkbox"; "Repeat" }
                    button #play-cut type="button" { "Play the parts" }
                    button #copy-cut type="button" { "Copy link to the parts" }
                    @if is_cut {
                        a #save-cut.button hidden download href=(self.links.cut(self.details.name)) { "Download the parts" }
                    }
                    button #clear-cut type="button" { "Remove all" }
                }
                ol #segments {}
            }
        }
    }
}

fn help() -> Markup {
    html! {
        dialog #help aria-labelledby="help-title" {
            h2 #help-title { "Keys" }
            table {
                tbody {
                    @for (keys, meaning) in KEYS {
                        tr {
                            th scope="row" { @for key in keys.split(' ') { @if key == "…" { "… " } @else { kbd { (key) } " " } } }
                            td { (meaning) }
                        }
                    }
                }
            }
            form method="dialog" { button.primary { "Close" } }
        }
    }
}
