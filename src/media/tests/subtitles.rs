use std::collections::BTreeSet;

use super::*;

fn is_video(name: &OsStr) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|it| it == "mp4" || it == "mkv")
}

fn subtitles_of(dir: &MediaDir, video: &MediaName) -> crate::media::Subtitles {
    let folder = video.folder();
    let folder = dir.read_folder(&folder).unwrap();
    dir.subtitles_of(&folder, video, is_video).unwrap()
}

/// The tracks of a video: file, tag, label.
fn tracks(dir: &MediaDir, video: &str) -> Vec<String> {
    let name = MediaName::from_segments(&segments(video)).unwrap();
    let found = subtitles_of(dir, &name);
    let line = |file: &crate::media::SubtitleFile| {
        let tag = file.track.language.as_deref().unwrap_or("-");
        let file_name = file.name.as_path().display();
        format!("{file_name} {tag} {}", file.track.label())
    };
    found.tracks.iter().map(line).collect()
}

/// The files of a video that are not converted: file, format.
fn unsupported(dir: &MediaDir, video: &str) -> Vec<String> {
    let name = MediaName::from_segments(&segments(video)).unwrap();
    let found = subtitles_of(dir, &name);
    let line =
        |(name, format): &(MediaName, &str)| format!("{} {format}", name.as_path().display());
    found.unsupported.iter().map(line).collect()
}

#[test]
fn languages_come_first_then_others() {
    let tree = Tree::new();
    for name in [
        "film.mp4",
        "film.srt",
        "film.en.srt",
        "film.de.VTT",
        "film.Português.vtt",
        "film.eng.srt",
        "film.en.forced.srt",
        "film.forced.srt",
        "film.commentary.srt",
        "film.zh-Hans.SRT",
    ] {
        tree.file(name);
    }
    let expected = [
        "film.de.VTT de de",
        "film.en.srt en en",
        // The same language twice.
        "film.eng.srt en en (2)",
        "film.en.forced.srt en en (forced)",
        "film.Português.vtt pt Português",
        "film.zh-Hans.SRT zh-Hans zh-Hans",
        "film.srt - Subtitles",
        "film.commentary.srt - commentary",
        "film.forced.srt - Subtitles (forced)",
    ];
    assert_eq!(tracks(&tree.dir(), "film.mp4"), expected);
    // It is about names: whether the video is there does not matter.
    fs::remove_file(tree.path("film.mp4")).unwrap();
    assert_eq!(tracks(&tree.dir(), "film.mkv"), expected);
}

#[test]
fn any_name_that_begins_with_the_videos_belongs() {
    for (video, subtitles, expected) in [
        ("film.mkv", "film_eng.srt", "en en"),
        ("film.mkv", "film-en.srt", "en en"),
        ("film.mkv", "film en.srt", "en en"),
        ("film.mkv", "film (English).srt", "en English"),
        ("film.mkv", "film.[English].srt", "en English"),
        ("film.mkv", "film(1).srt", "- Subtitles (1)"),
        ("film.mkv", "film.en(1).srt", "en en (1)"),
        ("film.mkv", "film.whatever.srt", "- whatever"),
        ("film.mkv", "film.en-j3PyPqV-e1s.vtt", "en en (j3PyPqV-e1s)"),
        ("film.mkv", "film.mkv.srt", "- Subtitles"),
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
        let tree = Tree::new();
        tree.file(video).file(subtitles).file("another film.mkv");
        assert_eq!(
            tracks(&tree.dir(), video),
            [format!("{subtitles} {expected}")],
            "{video}"
        );
    }
}

#[test]
fn names_that_do_not_belong() {
    let tree = Tree::new();
    for name in [
        "film2.srt",
        "filme.en.srt",
        "film.en.srt.bak",
        "film.en",
        "film.en.txt",
        ".film.srt",
        "fil.srt",
        "other.en.srt",
        "other.mkv",
        ".srt",
    ] {
        tree.file(name);
    }
    tree.fifo("film.en.vtt").folder("film.de.srt");
    tree.link("film.fr.srt", tree.outside("secret.mp4"))
        .link("film.it.srt", "none")
        .link("film.es.srt", "/dev/null")
        .link("film.nl.srt", "other.en.srt");
    let dir = tree.dir();
    assert_eq!(tracks(&dir, "film.mp4"), ["film.nl.srt nl nl"]);
    assert_eq!(tracks(&dir, "film"), ["film.nl.srt nl nl"]);
}

#[test]
fn longer_name_of_another_video_claims_its_files() {
    let tree = Tree::new();
    for name in [
        "film.mp4",
        "film.en.mp4",
        "film.en.srt",
        "Film.EN.de.srt",
        "film.fr.srt",
        "film 2.mkv",
        "film 2.srt",
        "film 20.srt",
        "film.mkv",
        "film.mkv.es.srt",
    ] {
        tree.file(name);
    }
    let dir = tree.dir();
    assert_eq!(
        tracks(&dir, "film.mp4"),
        ["film.fr.srt fr fr", "film 20.srt - Subtitles (20)"]
    );
    assert_eq!(
        tracks(&dir, "film.en.mp4"),
        ["Film.EN.de.srt de de", "film.en.srt - Subtitles"]
    );
    assert_eq!(tracks(&dir, "film 2.mkv"), ["film 2.srt - Subtitles"]);
    assert!(tracks(&dir, "film.mkv").contains(&"film.mkv.es.srt es es".to_owned()));
}

#[test]
fn only_video_of_a_folder_has_the_subtitles_of_the_folder() {
    let tree = Tree::new();
    tree.folder("a").folder("b").folder("c");
    for name in [
        "a/Film.2010.1080p.mkv",
        "a/English.srt",
        "a/Film.2010.srt",
        "a/readme.txt",
        "b/film.mkv",
        "b/film.srt",
        "b/English.srt",
        "b/other.film.srt",
        "c/film.mkv",
        "c/other.mkv",
        "c/English.srt",
    ] {
        tree.file(name);
    }
    let dir = tree.dir();
    assert_eq!(
        tracks(&dir, "a/Film.2010.1080p.mkv"),
        ["a/English.srt en English", "a/Film.2010.srt - Film.2010"]
    );
    assert_eq!(
        tracks(&dir, "b/film.mkv"),
        ["b/English.srt en English", "b/film.srt - Subtitles"]
    );
    assert!(tracks(&dir, "c/film.mkv").is_empty());
}

#[test]
fn folders_for_subtitles_are_read() {
    let tree = Tree::new();
    for folder in [
        "a",
        "a/Subs",
        "b",
        "b/subtitles",
        "b/subtitles/Show.S01E01",
        "c",
        "c/SUB",
    ] {
        tree.folder(folder);
    }
    for name in [
        "a/film.mkv",
        "a/Subs/2_English.srt",
        "a/Subs/3_English.srt",
        "a/Subs/film.fr.srt",
        "a/Subs/.hidden.srt",
        "b/Show.S01E01.mkv",
        "b/Show.S01E02.mkv",
        "b/subtitles/show.s01e01.de.srt",
        "b/subtitles/Show.S01E01/2_English.srt",
        "b/subtitles/English.srt",
        "c/film.mkv",
        "c/film.srt",
    ] {
        tree.file(name);
    }
    tree.link("c/SUB/out.srt", tree.outside("secret.mp4"));
    let dir = tree.dir();
    assert_eq!(
        tracks(&dir, "a/film.mkv"),
        [
            "a/Subs/2_English.srt en English (2)",
            "a/Subs/3_English.srt en English (3)",
            "a/Subs/film.fr.srt fr fr"
        ]
    );
    assert_eq!(
        tracks(&dir, "b/Show.S01E01.mkv"),
        [
            "b/subtitles/show.s01e01.de.srt de de",
            "b/subtitles/Show.S01E01/2_English.srt en English (2)"
        ]
    );
    assert!(tracks(&dir, "b/Show.S01E02.mkv").is_empty());
    assert_eq!(tracks(&dir, "c/film.mkv"), ["c/film.srt - Subtitles"]);
}

#[test]
fn webvtt_goes_before_subrip_of_the_same_name() {
    let tree = Tree::new();
    tree.folder("s").file("s/a.en.srt").file("s/a.en.vtt");
    tree.file("s/a.vtt").file("s/a.srt").file("s/a.ass");
    tree.file("s/a.de.SSA").file("s/a.de.srt");
    // No file, so the other one is taken.
    tree.file("s/a.fr.srt").folder("s/a.fr.vtt");
    assert_eq!(
        tracks(&tree.dir(), "s/a.mp4"),
        [
            "s/a.de.srt de de",
            "s/a.en.vtt en en",
            "s/a.fr.srt fr fr",
            "s/a.vtt - Subtitles",
        ]
    );
}

#[test]
fn content_decides_about_doubtful_names() {
    let tree = Tree::new();
    for (name, content) in [
        ("film.en.sub", "{1}{1}25\n{25}{50}Hello"),
        ("film.de.txt", "00:00:01:Hello"),
        ("film.txt", "A film about films."),
        ("film.sub", "\0\0\u{1}"),
        ("film.idx", "# VobSub index file, v7"),
        ("film.fr.sup", "PG"),
        ("film.ja.smi", "<SAMI>"),
        ("film.it.sub", "\0\0\u{1}"),
    ] {
        fs::write(tree.path(name), content).unwrap();
    }
    assert_eq!(
        tracks(&tree.dir(), "film.mkv"),
        ["film.de.txt de de", "film.en.sub en en"]
    );
    assert_eq!(
        unsupported(&tree.dir(), "film.mkv"),
        [
            "film.fr.sup picture subtitles",
            "film.it.sub picture subtitles",
            "film.ja.smi SAMI subtitles",
            "film.sub picture subtitles",
        ]
    );
}

#[test]
fn at_most_one_track_is_the_default() {
    let tree = Tree::new();
    tree.file("film.de.default.srt").file("film.en.default.srt");
    tree.file("film.fr.srt");
    let name = MediaName::from_segments(&segments("film.mkv")).unwrap();
    let found = subtitles_of(&tree.dir(), &name);
    let defaults = found.tracks.iter().map(|it| it.track.is_default);
    assert_eq!(defaults.collect::<Vec<_>>(), [true, false, false]);
}

#[test]
fn names_of_any_bytes() {
    let tree = Tree::new();
    let bytes = |end: &[u8]| os(&[b"\xFFa\n<\"#.1", end].concat());
    fs::write(tree.path(bytes(b".mp4")), "").unwrap();
    fs::write(tree.path(bytes(b".en.srt")), "").unwrap();
    let name = FolderName::root().join(&bytes(b".mp4")).unwrap();
    let found = subtitles_of(&tree.dir(), &name).tracks;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].name.file_name(), bytes(b".en.srt"));
}

#[test]
fn no_more_than_a_menu_can_show() {
    let tree = Tree::new();
    let letters = || (b'A'..=b'Z').map(char::from);
    for first in letters() {
        for second in letters() {
            tree.file(&format!("film.en-{first}{second}.srt"));
        }
    }
    tree.file("film.srt").file("film.en-AA.vtt");
    let all = tracks(&tree.dir(), "film.mp4");
    assert_eq!(all.len(), 50);
    assert!(
        all.iter().all(|line| line.starts_with("film.en-")),
        "{all:?}"
    );
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 50);
}

#[test]
fn what_is_too_long_to_be_converted_is_not_offered() {
    let tree = Tree::new();
    tree.file("film.en.srt").file("film.de.srt");
    let long = fs::File::create(tree.path("film.de.srt")).unwrap();
    long.set_len(crate::subtitles::MAX_LENGTH + 1).unwrap();
    let all = tracks(&tree.dir(), "film.mp4");
    assert_eq!(all, ["film.en.srt en en"]);
}
