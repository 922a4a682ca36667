//! Writes the chapters of a film: as links for the page, and as the cues of a WebVTT track.

use std::time::Duration;

use maud::{Markup, html};

use super::segments::seconds;
use crate::container::{Chapter, Cue, Cues, TextFormat};

/// The duration of the final chapter if the duration of the film is unknown.
const UNKNOWN: Duration = Duration::from_secs(3600);

/// Returns the chapters as the cues of a track. The final chapter ends with the film. Titles are escaped, because a
/// browser reads the text of a cue as markup.
pub(crate) fn chapter_cues(chapters: &[Chapter], duration: Option<Duration>) -> Cues {
    let starts = chapters.iter().map(|chapter| Some(chapter.start));
    let ends = starts.skip(1).chain([duration]);
    let cue = |((number, chapter), end): ((usize, &Chapter), Option<Duration>)| Cue {
        start: chapter.start,
        end: end
            .unwrap_or(chapter.start + UNKNOWN)
            .max(chapter.start + Duration::from_millis(1)),
        settings: String::new(),
        text: escaped(&title(number, chapter)),
    };
    Cues {
        format: TextFormat::WebVtt,
        header: String::new(),
        list: (1..).zip(chapters).zip(ends).map(cue).collect(),
        is_complete: true,
    }
}

/// Returns the chapters as links. Without scripts, a link loads the page again at the chapter. With scripts, a click on
/// the link seeks in the loaded video.
pub(super) fn chapter_list(chapters: &[Chapter]) -> Markup {
    html! {
        @if !chapters.is_empty() {
            details #chapters open {
                summary { "Chapters" }
                ol {
                    @for (number, chapter) in (1..).zip(chapters) {
                        li {
                            a href={ "?t=" (seconds(chapter.start)) } {
                                span { (clock(chapter.start)) } " " bdi { (title(number, chapter)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn title(number: usize, chapter: &Chapter) -> String {
    match chapter.title.trim() {
        "" => format!("Chapter {number}"),
        title => title.to_owned(),
    }
}

/// Escapes the special characters of a cue (W3C WebVTT §4.2.2).
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// Formats a time as `1:23` or `1:02:03`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chapter(start: u64, title: &str) -> Chapter {
        Chapter {
            start: Duration::from_secs(start),
            title: title.to_owned(),
        }
    }

    #[test]
    fn chapter_ends_where_the_next_begins() {
        let chapters = [chapter(0, "One"), chapter(60, " "), chapter(60, "Three")];
        let ends = |duration| -> Vec<u128> {
            let cues = chapter_cues(&chapters, duration);
            cues.list.iter().map(|cue| cue.end.as_millis()).collect()
        };
        let film = Some(Duration::from_secs(90));
        assert_eq!(ends(film), [60_000, 60_001, 90_000]);
        assert_eq!(ends(None), [60_000, 60_001, 3_660_000]);
        assert_eq!(chapter_cues(&chapters, film).list[1].text, "Chapter 2");
    }

    #[test]
    fn title_in_a_track_is_escaped_and_otherwise_unchanged() {
        let title = "{\\an8}{x} <3 & &lt; \\N <b>bold</b> -->";
        let text = "{\\an8}{x} &lt;3 &amp; &amp;lt; \\N &lt;b&gt;bold&lt;/b&gt; --&gt;";
        let file = chapter_cues(&[chapter(0, title)], None).into_file();
        let head = "WEBVTT\n\n00:00:00.000 --> 01:00:00.000\n";
        assert_eq!(file, format!("{head}{text}\n\n"));
    }

    #[test]
    fn clock_shows_hours_only_if_necessary() {
        assert_eq!(clock(Duration::from_secs(3723)), "1:02:03");
        assert_eq!(clock(Duration::from_millis(65_999)), "1:05");
    }
}
