use super::*;
use crate::media::Neighbours;

fn is_film(name: &OsStr) -> bool {
    name.as_bytes().ends_with(b".mp4")
}

fn neighbours(dir: &MediaDir, path: &str) -> Neighbours {
    let name = MediaName::from_segments(&segments(path)).unwrap();
    dir.neighbours(&name, is_film).unwrap()
}

#[track_caller]
fn check(dir: &MediaDir, path: &str, expected: (Option<&str>, Option<&str>, bool)) {
    let found = neighbours(dir, path);
    let text = |name: &Option<MediaName>| Some(name.as_ref()?.as_path().display().to_string());
    assert_eq!(
        (
            text(&found.previous).as_deref(),
            text(&found.next).as_deref(),
            found.is_alone
        ),
        expected,
        "{path}"
    );
}

#[test]
fn in_natural_order_and_only_what_counts() {
    let tree = Tree::new();
    tree.folder("a/e5.mp4");
    for name in [
        "a/e10.mp4",
        "a/e2.mp4",
        "a/E1.mp4",
        "a/e3.txt",
        "a/.e4.mp4",
        "a/e11.mp4",
    ] {
        tree.file(name);
    }
    tree.link("a/e6.mp4", "e1.none")
        .link("a/e7.mp4", tree.outside("secret.mp4"))
        .link("a/e8.mp4", "e2.mp4")
        .link("a/e9.mp4", "e5.mp4");
    let dir = tree.dir();
    check(&dir, "a/E1.mp4", (None, Some("a/e2.mp4"), false));
    check(
        &dir,
        "a/e2.mp4",
        (Some("a/E1.mp4"), Some("a/e8.mp4"), false),
    );
    check(
        &dir,
        "a/e8.mp4",
        (Some("a/e2.mp4"), Some("a/e10.mp4"), false),
    );
    check(&dir, "a/e11.mp4", (Some("a/e10.mp4"), None, false));
    // It need not be there, nor count.
    check(
        &dir,
        "a/e3.txt",
        (Some("a/e2.mp4"), Some("a/e8.mp4"), false),
    );
    check(&dir, "none.mp4", (None, None, false));
    let none = MediaName::from_segments(&segments("none/1.mp4")).unwrap();
    let error = dir.neighbours(&none, is_film).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn alone_in_a_folder() {
    let tree = Tree::new();
    for folder in ["one", "hidden", "folder", "two", "link", "to folder"] {
        tree.folder(folder);
        tree.file(&format!("{folder}/1.mp4"))
            .file(&format!("{folder}/1.srt"));
    }
    tree.folder("hidden/.x").file("hidden/.2.mp4");
    tree.folder("folder/x").file("two/2.mp4");
    tree.link("link/2.mp4", "1.mp4")
        .link("one/out", tree.outside(""))
        .link("one/2.mp4", "none")
        .link("to folder/x", "../one");
    let dir = tree.dir();
    check(&dir, "one/1.mp4", (None, None, true));
    check(&dir, "hidden/1.mp4", (None, None, true));
    check(&dir, "folder/1.mp4", (None, None, false));
    check(&dir, "two/1.mp4", (None, Some("two/2.mp4"), false));
    check(&dir, "link/1.mp4", (None, Some("link/2.mp4"), false));
    check(&dir, "to folder/1.mp4", (None, None, false));
}

/// The chain from the first to the last visits every file once, both ways.
#[test]
fn a_chain_through_the_folder() {
    let tree = Tree::new();
    for number in 0..300 {
        let name = format!("{}{number}.mp4", ["f", "F ", "é", "0"][number % 4]);
        tree.file(&name);
    }
    let dir = tree.dir();
    let names: Vec<_> = listed(&dir, "");
    for (index, name) in names.iter().enumerate() {
        let previous = index.checked_sub(1).map(|index| names[index].as_str());
        check(
            &dir,
            name,
            (previous, names.get(index + 1).map(String::as_str), false),
        );
    }
}
