use std::collections::BTreeSet;

use super::*;
use crate::media::{SubtitleFile, Subtitles};

fn subtitles_of(dir: &MediaDir, video: &MediaName) -> Subtitles {
    let folder = video.folder();
    let folder = dir.read_folder(&folder).unwrap();
    let is_video = |name: &OsStr| {
        let extension = Path::new(name).extension();
        extension.is_some_and(|it| it == "mp4" || it == "mkv")
    };
    dir.subtitles_of(&folder, video, is_video).unwrap()
}

/// Returns the tracks of a video: file, tag, label.
fn tracks(dir: &MediaDir, video: &str) -> Vec<String> {
    let line = |SubtitleFile { name, track, .. }: &SubtitleFile| {
        let tag = track.language.as_deref().unwrap_or("-");
        format!("{} {tag} {}", name.as_path().display(), track.label())
    };
    let found = subtitles_of(dir, &file(video));
    found.tracks.iter().map(line).collect()
}

/// Checks the tracks of a video, separated by `|`.
#[track_caller]
fn check(dir: &MediaDir, video: &str, expected: &str) {
    assert_eq!(tracks(dir, video).join("|"), expected, "{video}");
}

#[test]
fn languages_come_first_then_others() {
    let tree = Tree::of(
        "film.mp4|film.srt|film.en.srt|film.de.VTT|film.Português.vtt|film.eng.srt|film.en.forced.srt|film.forced.srt|\
         film.commentary.srt|film.zh-Hans.SRT",
    );
    let expected = [
        "film.de.VTT de de",
        "film.en.srt en en",
        // Two files have the same language.
        "film.eng.srt en en (2)",
        "film.en.forced.srt en en (forced)",
        "film.Português.vtt pt Português",
        "film.zh-Hans.SRT zh-Hans zh-Hans",
        "film.srt - Subtitles",
        "film.commentary.srt - commentary",
        "film.forced.srt - Subtitles (forced)",
    ];
    assert_eq!(tracks(&tree.dir(), "film.mp4"), expected);
    // Only names count: the video itself may be missing.
    fs::remove_file(tree.path("film.mp4")).unwrap();
    assert_eq!(tracks(&tree.dir(), "film.mkv"), expected);
}

#[test]
fn name_that_begins_with_the_videos_belongs_to_it() {
    for (video, subtitles, expected) in [
        ("film.mkv", "film_eng.srt", "en en"),
        ("film.mkv", "film (English).srt", "en English"),
        ("film.mkv", "film(1).srt", "- Subtitles (1)"),
        ("film.mkv", "film.whatever.srt", "- whatever"),
        ("film.mkv", "film.mkv.en.srt", "en en"),
        ("Film.mkv", "film.en.srt", "en en"),
        ("film.mkv", "FILM.EN.SRT", "en en"),
        ("Ame\u{301}lie.mkv", "Amélie.fr.srt", "fr fr"),
        ("Amélie.mkv", "Ame\u{301}lie.fr.srt", "fr fr"),
        ("Фильм Йод.mkv", "Фильм Йод.ru.srt", "ru ru"),
        ("film.mkv", "film.ass", "- Subtitles"),
        ("film.mkv", "film.de.ssa", "de de"),
        ("film.mkv", "film.webvtt", "- Subtitles"),
        ("film.mkv", "film..srt", "- Subtitles"),
    ] {
        let tree = Tree::of(&format!("{video}|{subtitles}|another film.mkv"));
        check(&tree.dir(), video, &format!("{subtitles} {expected}"));
    }
}

#[test]
fn folder_in_subs_gives_its_language() {
    let tree = Tree::of(
        "S/Show 1.mkv|S/Show 2.mkv|S/Subs/English/Show 1.srt|S/Subs/Deutsch/Show 1.forced.srt|S/Subs/fr/Show 2.srt|\
         S/Subs/pl/Show 1.es.srt|S/Subs/Extras/Show 1.it.srt|S/English/Show 1.srt|Subs/ru/a.srt|film.mkv",
    );
    let dir = tree.dir();
    let expected = "S/Subs/Deutsch/Show 1.forced.srt de Deutsch (forced)|S/Subs/English/Show 1.srt en English|\
                    S/Subs/pl/Show 1.es.srt es es";
    check(&dir, "S/Show 1.mkv", expected);
    check(&dir, "S/Show 2.mkv", "S/Subs/fr/Show 2.srt fr fr");
    check(&dir, "film.mkv", "Subs/ru/a.srt ru ru (a)");
}

#[test]
fn other_name_does_not_belong_to_a_video() {
    let tree = Tree::of(
        "film2.srt|filme.en.srt|film.en.srt.bak|film.en|film.en.txt|.film.srt|fil.srt|other.en.srt|other.mkv|.srt|\
         film.en.vtt!|film.de.srt/|film.fr.srt -> $ outside/secret.mp4|film.it.srt -> none|film.es.srt -> /dev/null|\
         film.nl.srt -> other.en.srt",
    );
    let dir = tree.dir();
    check(&dir, "film.mp4", "film.nl.srt nl nl");
    check(&dir, "film", "film.nl.srt nl nl");
}

#[test]
fn longer_name_of_another_video_claims_its_files() {
    let tree = Tree::of(
        "film.mp4|film.en.mp4|film.en.srt|Film.EN.de.srt|film.fr.srt|film 2.mkv|film 2.srt|film 20.srt|film.mkv|film.mkv.es.srt",
    );
    let dir = tree.dir();
    check(
        &dir,
        "film.mp4",
        "film.fr.srt fr fr|film 20.srt - Subtitles (20)",
    );
    check(
        &dir,
        "film.en.mp4",
        "Film.EN.de.srt de de|film.en.srt - Subtitles",
    );
    check(&dir, "film 2.mkv", "film 2.srt - Subtitles");
    assert!(tracks(&dir, "film.mkv").contains(&"film.mkv.es.srt es es".to_owned()));
}

#[test]
fn only_video_of_a_folder_has_the_subtitles_of_the_folder() {
    let tree = Tree::of(
        "a/Film.2010.1080p.mkv|a/English.srt|a/Film.2010.srt|a/readme.txt|b/film.mkv|b/film.srt|b/English.srt|\
         b/other.film.srt|c/film.mkv|c/other.mkv|c/English.srt",
    );
    let dir = tree.dir();
    let a = "a/English.srt en English|a/Film.2010.srt - Film.2010";
    check(&dir, "a/Film.2010.1080p.mkv", a);
    let b = "b/English.srt en English|b/film.srt - Subtitles";
    check(&dir, "b/film.mkv", b);
    check(&dir, "c/film.mkv", "");
}

#[test]
fn folders_for_subtitles_are_read() {
    let tree = Tree::of(
        "a/film.mkv|a/Subs/2_English.srt|a/Subs/3_English.srt|a/Subs/film.fr.srt|a/Subs/.hidden.srt|\
         b/Show.S01E01.mkv|b/Show.S01E02.mkv|b/subtitles/show.s01e01.de.srt|b/subtitles/Show.S01E01/2_English.srt|\
         b/subtitles/English.srt|c/film.mkv|c/film.srt|c/SUB/out.srt -> $ outside/secret.mp4",
    );
    let dir = tree.dir();
    let a = "a/Subs/2_English.srt en English (2)|a/Subs/3_English.srt en English (3)|a/Subs/film.fr.srt fr fr";
    check(&dir, "a/film.mkv", a);
    let b =
        "b/subtitles/show.s01e01.de.srt de de|b/subtitles/Show.S01E01/2_English.srt en English (2)";
    check(&dir, "b/Show.S01E01.mkv", b);
    check(&dir, "b/Show.S01E02.mkv", "");
    check(&dir, "c/film.mkv", "c/film.srt - Subtitles");
}

#[test]
fn of_several_formats_with_the_same_name_the_best_is_taken() {
    // The last entry is a folder, so the other format is used.
    let tree = Tree::of(
        "s/a.en.srt|s/a.en.vtt|s/a.vtt|s/a.srt|s/a.ass|s/a.de.SSA|s/a.de.srt|s/a.fr.srt|s/a.fr.vtt/",
    );
    let best = "s/a.de.srt de de|s/a.en.vtt en en|s/a.fr.srt fr fr|s/a.vtt - Subtitles";
    check(&tree.dir(), "s/a.mp4", best);
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
    check(&dir, "film.mkv", "film.de.txt de de|film.en.sub en en");
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
fn subtitles_of_a_name_that_is_no_text_are_found() {
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
fn menu_has_at_most_50_tracks_with_labels_of_their_own() {
    let tree = Tree::of("film.srt|film.en-AA.vtt");
    for first in 'A'..='C' {
        let names = ('A'..='Z').map(|second| format!("film.en-{first}{second}.srt"));
        tree.add(&names.collect::<Vec<_>>().join("|"));
    }
    let all = tracks(&tree.dir(), "film.mp4");
    assert_eq!(all.len(), 50);
    assert!(all.iter().all(|line| line.starts_with("film.en-")));
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 50);
}

#[test]
fn file_that_is_empty_or_too_long_is_no_track() {
    let tree = Tree::of("film.en.srt|film.de.srt|film.de.ass|film.fr.srt|film.it.smi|film.es.sub");
    let set_length = |name: &str, length| {
        let file = fs::File::create(tree.path(name)).unwrap();
        file.set_len(length).unwrap();
    };
    set_length("film.de.srt", crate::subtitles::MAX_LENGTH + 1);
    for name in ["film.fr.srt", "film.it.smi", "film.es.sub"] {
        set_length(name, 0);
    }
    let dir = tree.dir();
    let expected = ["film.de.ass de de", "film.en.srt en en"];
    assert_eq!(tracks(&dir, "film.mp4"), expected);
    // VLC has no limit.
    let [long] = &subtitles_of(&dir, &file("film.mp4")).unsupported[..] else {
        panic!("the long file is not listed");
    };
    assert_eq!(long.name, file("film.de.srt"));
    let reason = long.extension.unsupported();
    assert_eq!(reason, Some("subtitles of more than 4 MiB"));
}
