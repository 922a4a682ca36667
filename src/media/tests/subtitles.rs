use super::*;

/// The tracks of a video: file, tag, label.
fn tracks(dir: &MediaDir, video: &str) -> Vec<String> {
    let name = MediaName::from_segments(&segments(video)).unwrap();
    let found = dir.subtitles_of(&name).unwrap();
    found
        .into_iter()
        .map(|file| {
            let tag = file.track.language.unwrap_or("-".to_owned());
            format!(
                "{} {tag} {}",
                file.name.as_path().display(),
                file.track.label
            )
        })
        .collect()
}

#[test]
fn plain_first_then_by_label() {
    let tree = Tree::new();
    for name in [
        "film.mp4",
        "film.srt",
        "film.en.srt",
        "film.de.VTT",
        "film.pt-BR.vtt",
        "film.eng.srt",
        "film.en.forced.srt",
        "film.forced.srt",
        "film.zh-Hans.SRT",
    ] {
        tree.file(name);
    }
    let expected = [
        "film.srt - Subtitles",
        "film.forced.srt - Subtitles (forced)",
        "film.zh-Hans.SRT zh-Hans Chinese (Simplified)",
        "film.en.srt en English",
        "film.eng.srt en English",
        "film.en.forced.srt en English (forced)",
        "film.de.VTT de German",
        "film.pt-BR.vtt pt-BR Portuguese (Brazil)",
    ];
    assert_eq!(tracks(&tree.dir(), "film.mp4"), expected);
    // It is about names: whether the video is there does not matter.
    assert_eq!(tracks(&tree.dir(), "film.mkv"), expected);
}

#[test]
fn webvtt_goes_before_subrip_of_the_same_name() {
    let tree = Tree::new();
    tree.folder("s").file("s/a.en.srt").file("s/a.en.vtt");
    tree.file("s/a.vtt").file("s/a.srt").file("s/a.SRT");
    tree.file("s/a.de.SRT").file("s/a.de.srt");
    // No file, so the other one is taken.
    tree.file("s/a.fr.srt").folder("s/a.fr.vtt");
    assert_eq!(
        tracks(&tree.dir(), "s/a.mp4"),
        [
            "s/a.vtt - Subtitles",
            "s/a.en.vtt en English",
            "s/a.fr.srt fr French",
            "s/a.de.SRT de German"
        ]
    );
}

#[test]
fn names_that_do_not_belong() {
    let tree = Tree::new();
    for name in [
        "film2.srt",
        "Film.srt",
        "film .srt",
        "film.part2.srt",
        "film.en.srt.bak",
        "film.en",
        "film.en.txt",
        "film..srt",
        ".film.srt",
        "film-en.srt",
        "other.en.srt",
        ".srt",
    ] {
        tree.file(name);
    }
    tree.fifo("film.en.vtt").folder("film.de.srt");
    tree.link("film.fr.srt", tree.outside("secret.mp4"))
        .link("film.it.srt", "none")
        .link("film.es.srt", "/dev/null")
        .link("film.nl.srt", "other.en.srt");
    let odd = OsStr::from_bytes(b"film.\xFF.srt");
    fs::write(tree.path(odd), "").unwrap();
    let dir = tree.dir();
    assert_eq!(tracks(&dir, "film.mp4"), ["film.nl.srt nl Dutch"]);
    assert_eq!(tracks(&dir, "film"), ["film.nl.srt nl Dutch"]);
    let missing = MediaName::from_segments(&segments("none/film.mp4")).unwrap();
    let error = dir.subtitles_of(&missing).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_video_whose_name_ends_with_a_language() {
    let tree = Tree::new();
    tree.file("film.mp4")
        .file("film.en.mp4")
        .file("film.en.srt")
        .file("film.en.de.srt");
    let dir = tree.dir();
    assert_eq!(tracks(&dir, "film.mp4"), ["film.en.srt en English"]);
    assert_eq!(
        tracks(&dir, "film.en.mp4"),
        ["film.en.srt - Subtitles", "film.en.de.srt de German"]
    );
}

#[test]
fn names_of_any_bytes() {
    let tree = Tree::new();
    let bytes = |end: &[u8]| os(&[b"\xFFa\n<\"#.1", end].concat());
    fs::write(tree.path(bytes(b".mp4")), "").unwrap();
    fs::write(tree.path(bytes(b".en.srt")), "").unwrap();
    let name = FolderName::root().join(&bytes(b".mp4")).unwrap();
    let found = tree.dir().subtitles_of(&name).unwrap();
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
    assert_eq!(all[0], "film.srt - Subtitles");
    assert_eq!(all[1], "film.en-AA.vtt en-AA English (AA)");
    assert!(all.is_sorted_by_key(|line| line.rsplit_once(" English").map(|it| it.1.to_owned())));
}

#[test]
fn what_is_too_long_to_be_converted_is_not_offered() {
    let tree = Tree::new();
    tree.file("film.en.srt").file("film.de.srt");
    let long = fs::File::create(tree.path("film.de.srt")).unwrap();
    long.set_len(crate::subtitles::MAX_LENGTH + 1).unwrap();
    let all = tracks(&tree.dir(), "film.mp4");
    assert_eq!(all, ["film.en.srt en English"]);
}
