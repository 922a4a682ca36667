//! Which files of a folder belong to a video, by their names.
//!
//! Pure, and one pass: each name is looked at once, however many videos and subtitles the folder holds.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::name::MediaName;
use crate::fold::{fold, fold_char};
use crate::subtitles::{Extension, Track, is_separator};

/// Names that are kept in the pass over a folder. Most of them turn out to be other videos'.
const MAX_NAMES: usize = 10_000;
/// Files of one folder that are looked at further for one video.
const MAX_CANDIDATES: usize = 1_000;

/// Folders beside a film that hold its subtitles, folded.
const FOLDERS: &str = "|subs|sub|subtitles|subtitle|subtitulos|sous-titres|sous titres|untertitel|sottotitoli|legendas|\
                       napisy|titulky|feliratok|ondertitels|undertexter|субтитры|字幕|vobsub|vobsubs|";

/// Whether a folder of that name holds subtitles for the videos beside it.
pub(super) fn is_subtitle_folder(name: &OsStr) -> bool {
    let name = fold(&name.to_string_lossy());
    !name.contains('|') && FOLDERS.contains(&format!("|{name}|"))
}

/// A file that belongs to the video.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) name: OsString,
    pub(super) extension: Extension,
    pub(super) track: Track,
}

/// A file with what its name says behind the video's, or all of its name.
type Named = (OsString, Extension, String);

/// Collects the files of one folder that may belong to a video.
#[derive(Debug)]
pub(super) struct Beside {
    own: OsString,
    /// The video's name without its extension, folded.
    stem: String,
    /// What other videos of the film's folder have behind that stem, folded: their files are not ours.
    claims: HashSet<String>,
    has_other_videos: bool,
    matched: Vec<Named>,
    strays: Vec<Named>,
}

impl Beside {
    pub(super) fn new(video: &MediaName) -> Beside {
        Beside {
            own: video.file_name().to_os_string(),
            stem: fold(&video.stem().to_string_lossy()),
            claims: HashSet::new(),
            has_other_videos: false,
            matched: Vec::new(),
            strays: Vec::new(),
        }
    }

    /// Takes a file's name.
    pub(super) fn add(&mut self, name: &OsStr, is_video: bool) {
        if is_video {
            if name != self.own {
                self.has_other_videos = true;
                self.claim(name);
            }
            return;
        }
        let Some((extension, stem)) = Extension::of(name.as_bytes()) else {
            return;
        };
        let stem = String::from_utf8_lossy(stem);
        match after(&stem, &self.stem) {
            Some(infix) if infix.is_empty() || infix.starts_with(is_separator) => {
                push(
                    &mut self.matched,
                    (name.to_os_string(), extension, infix.to_owned()),
                );
            }
            // A text file without the film's name is about something else.
            _ if name.as_bytes().to_ascii_lowercase().ends_with(b".txt") => {}
            _ => push(
                &mut self.strays,
                (name.to_os_string(), extension, stem.into_owned()),
            ),
        }
    }

    /// Whether a folder has the video's name.
    pub(super) fn is_named_like(&self, folder: &OsStr) -> bool {
        after(&folder.to_string_lossy(), &self.stem) == Some("")
    }

    /// Returns the files that belong to the video: those with its name, unless a longer name of another video claims
    /// them. Beside the only video of a folder also those whose names say a language and nothing else, and those of any
    /// name if none has the video's.
    pub(super) fn take(&mut self) -> Vec<Candidate> {
        let mut found = self.take_matched();
        let strays = std::mem::take(&mut self.strays);
        if !self.has_other_videos {
            let is_alone = found.iter().all(|it| it.extension >= Extension::Doubtful);
            let strays = strays.into_iter().take(MAX_CANDIDATES).map(stray);
            found.extend(strays.filter(|it| is_alone || it.track.is_understood));
        }
        found
    }

    /// Returns those of a folder for subtitles: with the video's name, and all if that is the only video or `is_own` says
    /// that the folder is the video's.
    pub(super) fn take_of_folder(&mut self, is_own: bool) -> Vec<Candidate> {
        let mut found = self.take_matched();
        let strays = std::mem::take(&mut self.strays);
        if is_own || !self.has_other_videos {
            found.extend(strays.into_iter().take(MAX_CANDIDATES).map(stray));
        }
        found
    }

    fn take_matched(&mut self) -> Vec<Candidate> {
        let matched = std::mem::take(&mut self.matched).into_iter();
        let own = matched.filter(|(_, _, infix)| !self.is_claimed(infix));
        let candidate = |(name, extension, infix): Named| Candidate {
            name,
            extension,
            track: Track::parse(&infix),
        };
        own.take(MAX_CANDIDATES).map(candidate).collect()
    }

    /// Another video's name claims what begins with it, with its extension (`film.mkv.srt`) and without.
    fn claim(&mut self, video: &OsStr) {
        let name = video.to_string_lossy();
        if let Some(rest) = after(&name, &self.stem) {
            let rest = fold(rest);
            if let Some((stem, _)) = rest.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) {
                self.claims.insert(stem.to_owned());
            }
            self.claims.insert(rest);
        }
    }

    fn is_claimed(&self, infix: &str) -> bool {
        if self.claims.is_empty() {
            return false;
        }
        let infix = fold(infix);
        let ends = infix
            .char_indices()
            .filter(|(_, c)| is_separator(*c))
            .map(|(at, _)| at);
        ends.chain([infix.len()])
            .any(|end| self.claims.contains(&infix[..end]))
    }
}

fn push(list: &mut Vec<Named>, file: Named) {
    if list.len() < MAX_NAMES {
        list.push(file);
    }
}

fn stray((name, extension, stem): Named) -> Candidate {
    Candidate {
        name,
        extension,
        track: Track::parse_whole(&stem),
    }
}

/// Returns what follows a folded prefix in a text that need not be folded. `None` if the text begins otherwise.
fn after<'t>(text: &'t str, folded: &str) -> Option<&'t str> {
    let mut expected = folded.chars();
    for (at, c) in text.char_indices() {
        let is_over = expected.as_str().is_empty();
        let (mut is_same, mut is_accent) = (true, true);
        fold_char(c, |folded| {
            is_accent = false;
            is_same &= !is_over && expected.next() == Some(folded);
        });
        // An accent belongs to the letter before it.
        if is_over && !is_accent {
            return Some(&text[at..]);
        }
        if !is_same {
            return None;
        }
    }
    expected.as_str().is_empty().then_some("")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn prefix_is_found_in_any_form() {
        for (text, prefix, rest) in [
            ("Film.en", "film", Some(".en")),
            ("film", "film", Some("")),
            ("fil", "film", None),
            ("Amélie.fr", "Ame\u{301}lie", Some(".fr")),
            ("Ame\u{301}lie.fr", "Amélie", Some(".fr")),
            ("Café", "Cafe\u{301}", Some("")),
            ("Cafe\u{301}.fr", "Café", Some(".fr")),
            ("한국어.ko", "\u{1112}\u{1161}\u{11ab}국어", Some(".ko")),
            ("Войнаи\u{306}.ru", "Войнай", Some(".ru")),
            ("filmé", "film", Some("é")),
        ] {
            assert_eq!(after(text, &fold(prefix)), rest, "{text} {prefix}");
        }
    }

    #[test]
    fn folders_of_subtitles_are_known_in_any_case() {
        for name in [
            "Subs",
            "subs",
            "SUB",
            "Subtitles",
            "Subtítulos",
            "Subti\u{301}tulos",
            "字幕",
        ] {
            assert!(is_subtitle_folder(OsStr::new(name)), "{name}");
        }
        for name in ["", "|", "subs|sub", "Substance", "film"] {
            assert!(!is_subtitle_folder(OsStr::new(name)), "{name}");
        }
    }

    /// The pass over a folder of 5,000 films and as many subtitles, for films whose names are prefixes of all others too.
    #[test]
    fn thousands_of_names_take_milliseconds() {
        let names: Vec<OsString> = (1..=5_000)
            .flat_map(|number| {
                [
                    format!("Film {number}.mkv"),
                    format!("Film {number}.en.srt"),
                ]
            })
            .chain(["Film.mkv".to_owned(), "Film.de.srt".to_owned()])
            .map(OsString::from)
            .collect();
        for (video, expected) in [
            ("Film 17.mkv", "Film 17.en.srt"),
            ("Film.mkv", "Film.de.srt"),
        ] {
            let start = Instant::now();
            let video = MediaName::from_segments(&[video.as_bytes().to_vec()]).unwrap();
            let mut beside = Beside::new(&video);
            for name in &names {
                beside.add(name, name.as_bytes().ends_with(b".mkv"));
            }
            let found = beside.take();
            let elapsed = start.elapsed();
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].name, expected);
            // Without optimisation, on a busy machine; quadratic work would take minutes.
            assert!(elapsed < Duration::from_secs(2), "{elapsed:?}");
            println!("{} names: {elapsed:?}", names.len());
        }
    }
}
