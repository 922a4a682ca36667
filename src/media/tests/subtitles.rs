use std::collections::BTreeSet;

use super::*;
use crate::media::{SubtitleFile, Subtitles};

/// The limit of the length of a subtitle file, in bytes.
const LIMIT: u64 = 1000;

fn subtitles_of(dir: &MediaDir, video: &MediaName) -> Subtitles {
    let folder = video.folder();
    let folder = dir.read_folder(&folder).unwrap();
    dir.subtitles_of(&folder, video, LIMIT).unwrap()
}

/// Returns the tracks of a video, separated by `|`. The text of a track has its path below the folder of the video, its
/// tag and its label.
fn tracks(dir: &MediaDir, video: &str) -> String {
    let video = file(video);
    let line = |SubtitleFile { name, track, .. }: &SubtitleFile| {
        let tag = track.language.as_deref().unwrap_or("-");
        let path = name.as_path().strip_prefix(video.folder().as_path());
        format!("{} {tag} {}", path.unwrap().display(), track.label())
    };
    let found = subtitles_of(dir, &video);
    let lines: Vec<String> = found.tracks.iter().map(line).collect();
    lines.join("|")
}

#[test]
fn file_whose_name_begins_with_the_video_name_is_a_track() {
    for (video, subtitles, expected) in [
        ("film.mkv", "film_eng.srt", "en en"),
        ("film.mkv", "film (English).srt", "en English"),
        ("film.mkv", "film(1).srt", "- Subtitles (1)"),
        ("film.mkv", "film.whatever.srt", "- whatever"),
        ("film.mkv", "film.mkv.en.srt", "en en"),
        ("film.mkv", "FILM.EN.SRT", "en en"),
        ("Ame\u{301}lie.mkv", "Amélie.fr.srt", "fr fr"),
        ("Amélie.mkv", "Ame\u{301}lie.fr.srt", "fr fr"),
        ("Cafe\u{301}.mkv", "Café.srt", "- Subtitles"),
        ("\u{1112}\u{1161}\u{11ab}국어.mkv", "한국어.ko.srt", "ko ko"),
        ("Войнай.mkv", "Войнаи\u{306}.ru.srt", "ru ru"),
        ("film.mkv", "film.de.ssa", "de de"),
        ("film.mkv", "film.webvtt", "- Subtitles"),
        ("film.mkv", "film..srt", "- Subtitles"),
    ] {
        let tree = Tree::of(&format!("{video}|{subtitles}|another film.mkv"));
        let found = tracks(&tree.dir(), video);
        assert_eq!(found, format!("{subtitles} {expected}"));
    }
}

#[test]
fn files_around_a_video_are_its_tracks_in_order() {
    let languages = "film.mp4|film.srt|film.en.srt|film.de.VTT|film.Português.vtt|film.eng.srt|film.en.forced.srt|\
                     film.forced.srt|film.commentary.srt|film.zh-Hans.SRT";
    let others = "film2.srt|filme.en.srt|film.en.srt.bak|film.en|filmé.en.srt|film.en.txt|.film.srt|fil.srt|other.en.srt|other.mkv|\
                  .srt|film.en.vtt!|film.de.srt/|film.fr.srt -> $ outside/secret.mp4|film.it.srt -> none|\
                  film.es.srt -> /dev/null|film.nl.srt -> other.en.srt";
    let longer = "film.mp4|film.en.mp4|film.en.srt|Film.EN.de.srt|film.fr.srt|film 2.mkv|film 2.srt|film 20.srt|\
                  film.mkv|film.mkv.es.srt";
    let alone = "a/Film.2010.1080p.mkv|a/English.srt|a/Film.2010.srt|a/readme.txt|b/film.mkv|b/film.srt|b/English.srt|\
                 b/other.film.srt|c/film.mkv|c/other.mkv|c/English.srt";
    let folders = "a/film.mkv|a/Subs/2_English.srt|a/Subs/3_English.srt|a/Subs/film.fr.srt|a/Subs/.hidden.srt|\
                   b/Show.1.mkv|b/Show.2.mkv|b/subtitles/show.1.de.srt|b/subtitles/Show.1/2_English.srt|\
                   b/subtitles/English.srt|c/film.mkv|c/film.srt|c/SUB/out.srt -> $ outside/secret.mp4";
    let inner = "S/Show 1.mkv|S/Show 2.mkv|S/Subs/English/Show 1.srt|S/Subs/Deutsch/Show 1.forced.srt|\
                 S/Subs/fr/Show 2.srt|S/Subs/pl/Show 1.es.srt|S/Subs/Extras/Show 1.it.srt|S/English/Show 1.srt|\
                 Subs/ru/a.srt|film.mkv";
    // `a.fr.vtt` is a folder, so `a.fr.srt` is used.
    let formats = "a.en.srt|a.en.vtt|a.vtt|a.srt|a.ass|a.de.SSA|a.de.srt|a.fr.srt|a.fr.vtt/";
    let in_order = "film.de.VTT de de|film.en.srt en en|film.eng.srt en en (2)|film.en.forced.srt en en (forced)|\
                    film.Português.vtt pt Português|film.zh-Hans.SRT zh-Hans zh-Hans|film.srt - Subtitles|\
                    film.commentary.srt - commentary|film.forced.srt - Subtitles (forced)";
    let tree = Tree::new();
    for (folder, files) in [
        ("languages", languages),
        ("others", others),
        ("longer", longer),
        ("alone", alone),
        ("folders", folders),
        ("inner", inner),
        ("formats", formats),
    ] {
        for path in files.split('|') {
            tree.add(&format!("{folder}/{}", path.trim()));
        }
    }
    let dir = tree.dir();
    // Only names count: the video itself may be missing.
    for video in ["languages/film.mp4", "languages/film.mkv"] {
        assert_eq!(tracks(&dir, video), in_order);
    }
    for row in [
        "others/film.mp4: film.nl.srt nl nl",
        "longer/film.mp4: film.fr.srt fr fr|film 20.srt - Subtitles (20)",
        "longer/film.en.mp4: Film.EN.de.srt de de|film.en.srt - Subtitles",
        "longer/film 2.mkv: film 2.srt - Subtitles",
        "longer/film.mkv: film.mkv.es.srt es es|film.fr.srt fr fr|film 20.srt - Subtitles (20)",
        "alone/a/Film.2010.1080p.mkv: English.srt en English|Film.2010.srt - Film.2010",
        "alone/b/film.mkv: English.srt en English|film.srt - Subtitles",
        "alone/c/film.mkv: ",
        "folders/a/film.mkv: Subs/2_English.srt en English (2)|Subs/3_English.srt en English (3)|Subs/film.fr.srt fr fr",
        "folders/b/Show.1.mkv: subtitles/show.1.de.srt de de|subtitles/Show.1/2_English.srt en English (2)",
        "folders/b/Show.2.mkv: ",
        "folders/c/film.mkv: film.srt - Subtitles",
        "inner/S/Show 1.mkv: Subs/Deutsch/Show 1.forced.srt de Deutsch (forced)|\
         Subs/English/Show 1.srt en English|Subs/pl/Show 1.es.srt es es",
        "inner/S/Show 2.mkv: Subs/fr/Show 2.srt fr fr",
        "inner/film.mkv: Subs/ru/a.srt ru ru (a)",
        "formats/a.mp4: a.de.srt de de|a.en.vtt en en|a.fr.srt fr fr|a.vtt - Subtitles",
    ] {
        let (video, expected) = row.split_once(": ").unwrap();
        assert_eq!(tracks(&dir, video), expected, "{video}");
    }
}

#[test]
fn content_decides_about_doubtful_names() {
    let tree = Tree::of("film.idx|film.fr.sup|film.ja.smi|film.txt|film.de.sup");
    for (name, content) in [
        ("film.en.sub", "{1}{1}25\n{25}{50}Hello"),
        ("film.de.txt", "00:00:01:Hello"),
        ("film.sub", "\0\0\u{1}"),
        ("film.it.sub", "\0\0\u{1}"),
    ] {
        fs::write(tree.path(name), content).unwrap();
    }
    let dir = tree.dir();
    assert_eq!(
        tracks(&dir, "film.mkv"),
        "film.de.txt de de|film.en.sub en en"
    );
    let line = |it: &SubtitleFile| {
        let format = it.extension.unsupported().unwrap();
        format!("{} {format}", it.name.as_path().display())
    };
    let found = subtitles_of(&dir, &file("film.mkv"));
    let unsupported: Vec<String> = found.unsupported.iter().map(line).collect();
    let expected = ["de.sup", "fr.sup", "it.sub", "ja.smi", "sub"].map(|name| {
        let format = if name == "ja.smi" { "SAMI" } else { "picture" };
        format!("film.{name} {format} subtitles")
    });
    assert_eq!(unsupported, expected);
}

#[test]
fn at_most_one_track_is_the_default() {
    let tree = Tree::of("film.de.default.srt|film.en.default.srt|film.fr.srt");
    let found = subtitles_of(&tree.dir(), &file("film.mkv"));
    let defaults = found.tracks.iter().map(|it| it.track.is_default);
    assert_eq!(defaults.collect::<Vec<_>>(), [true, false, false]);
}

#[test]
fn subtitles_of_a_name_that_is_not_utf8_are_found() {
    let tree = Tree::new();
    let bytes = |end: &[u8]| os(&[b"\xFFa\n<\"#.1", end].concat());
    fs::write(tree.path(bytes(b".mp4")), "").unwrap();
    fs::write(tree.path(bytes(b".en.srt")), "x").unwrap();
    let name = FolderName::root().join(&bytes(b".mp4")).unwrap();
    let found = subtitles_of(&tree.dir(), &name).tracks;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].name.file_name(), bytes(b".en.srt"));
}

#[test]
fn menu_has_at_most_50_tracks_with_unique_labels() {
    let tree = Tree::of("film.srt|film.en-AA.vtt");
    for first in 'A'..='C' {
        let names = ('A'..='Z').map(|second| format!("film.en-{first}{second}.srt"));
        tree.add(&names.collect::<Vec<_>>().join("|"));
    }
    let all = tracks(&tree.dir(), "film.mp4");
    let all: Vec<&str> = all.split('|').collect();
    assert_eq!(all.len(), 50);
    assert!(all.iter().all(|line| line.starts_with("film.en-")));
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 50);
}

#[test]
fn file_that_is_empty_or_too_large_is_no_track() {
    let tree = Tree::of("film.en.srt|film.de.srt|film.de.ass|film.fr.srt|film.it.smi|film.es.sub");
    let set_length = |name: &str, length| {
        let file = fs::File::create(tree.path(name)).unwrap();
        file.set_len(length).unwrap();
    };
    set_length("film.de.srt", LIMIT + 1);
    for name in ["film.fr.srt", "film.it.smi", "film.es.sub"] {
        set_length(name, 0);
    }
    let dir = tree.dir();
    assert_eq!(
        tracks(&dir, "film.mp4"),
        "film.de.ass de de|film.en.srt en en"
    );
    // The file that is too large is listed as unsupported, because VLC can open it.
    let [long] = &subtitles_of(&dir, &file("film.mp4")).unsupported[..] else {
        panic!("the long file is not listed");
    };
    assert_eq!(long.name, file("film.de.srt"));
    let reason = long.extension.unsupported();
    assert_eq!(reason, Some("subtitles above the size limit"));
}
