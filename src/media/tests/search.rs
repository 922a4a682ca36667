use std::time::{Duration, Instant};

use super::*;
use crate::media::search::Found;
use crate::media::{Limits, Words};

fn limits() -> Limits {
    Limits {
        deadline: Instant::now() + Duration::from_secs(60),
        names: 1_000_000,
        depth: 32,
        results: 120,
    }
}

fn search(dir: &MediaDir, words: &str, limits: Limits) -> Found {
    let words = Words::parse(words).unwrap();
    dir.search(&words, limits, |name| name.as_bytes().ends_with(b".mp4"))
        .unwrap()
}

/// The paths that were found, folders with a slash behind them.
fn paths(found: &Found) -> Vec<String> {
    let path = |(folder, entry): &(FolderName, Entry)| {
        let path = folder.as_path().join(&*entry.name).display().to_string();
        match entry.kind {
            EntryKind::Folder => path + "/",
            EntryKind::File => path,
        }
    };
    found.entries.iter().map(path).collect()
}

#[track_caller]
fn finds(dir: &MediaDir, words: &str, expected: &[&str]) {
    let found = search(dir, words, limits());
    assert_eq!(paths(&found), expected, "{words}");
    assert!(found.is_complete && found.more == 0);
}

fn shows() -> Tree {
    let tree = Tree::new();
    tree.folder("The Show/Season 10")
        .folder("The Show/season 2");
    tree.folder("Filme/Été")
        .folder(".hidden show")
        .folder("empty show");
    for name in [
        "show.mp4",
        "show.txt",
        ".show.mp4",
        "The Show/Season 10/E1.mp4",
        "The Show/season 2/e10.mp4",
        "The Show/season 2/e2.mp4",
        "The Show/season 2/e2.srt",
        ".hidden show/show.mp4",
        "Filme/Été/Ame\u{301}lie.mp4",
        "Filme/Été/100% <b> #1.mp4",
    ] {
        tree.file(name);
    }
    tree
}

#[test]
fn words_in_names_and_paths() {
    let tree = shows();
    let dir = tree.dir();
    finds(
        &dir,
        "show",
        &[
            "empty show/",
            "The Show/",
            "show.mp4",
            "The Show/season 2/e2.mp4",
            "The Show/season 2/e10.mp4",
            "The Show/Season 10/E1.mp4",
        ],
    );
    // All words, in any order, anywhere in the path.
    finds(&dir, "e2 SHOW", &["The Show/season 2/e2.mp4"]);
    finds(
        &dir,
        "season show",
        &[
            "The Show/season 2/",
            "The Show/Season 10/",
            "The Show/season 2/e2.mp4",
            "The Show/season 2/e10.mp4",
            "The Show/Season 10/E1.mp4",
        ],
    );
    finds(&dir, "10/e", &["The Show/Season 10/E1.mp4"]);
    // A file whose name has the word stands before files that only lie in such a folder.
    tree.file("Filme/season.mp4");
    let found = paths(&search(&dir, "season", limits()));
    assert_eq!(found[2], "Filme/season.mp4");
    assert_eq!(found.len(), 6);
    finds(&dir, "txt", &[]);
    finds(&dir, "hidden", &[]);
    finds(&dir, "nothing show", &[]);
    finds(&dir, "outside", &[]);
}

#[test]
fn accents_and_odd_characters() {
    let tree = shows();
    let dir = tree.dir();
    for words in ["amelie", "AMÉLIE", "ame\u{301}lie"] {
        finds(&dir, words, &["Filme/Été/Ame\u{301}lie.mp4"]);
    }
    finds(&dir, "100% #1", &["Filme/Été/100% <b> #1.mp4"]);
    finds(&dir, "<b> ete", &["Filme/Été/100% <b> #1.mp4"]);
    let odd = os(b"odd \xff\xe4.mp4");
    fs::write(tree.path(&odd), "").unwrap();
    let found = search(&dir, "odd \u{fffd}", limits());
    assert_eq!(&*found.entries[0].1.name, odd);
}

#[test]
fn links_are_found_and_not_followed() {
    let tree = shows();
    tree.link("loop show", ".")
        .link("The Show/up show", "..")
        .link("The Show/loop show", "loop show")
        .link("out show", tree.outside(""))
        .link("secret show.mp4", tree.outside("secret.mp4"))
        .link("link.mp4", "show.mp4")
        .link("absolute link.mp4", tree.path("show.mp4"));
    let dir = tree.dir();
    finds(&dir, "link", &["absolute link.mp4", "link.mp4"]);
    // "up show" leads to the directory itself, which is a folder as good as any.
    finds(&dir, "loop show", &["loop show/"]);
    finds(&dir, "up show", &["The Show/up show/"]);
    finds(&dir, "secret", &[]);
    finds(&dir, "out", &[]);
    finds(&dir, "e2.mp4", &["The Show/season 2/e2.mp4"]);
}

#[test]
fn the_best_are_kept_and_the_others_counted() {
    let tree = Tree::new();
    for folder in ["a", "b film", "c"] {
        tree.folder(folder);
        for number in 0..50 {
            tree.file(&format!("{folder}/{number}.mp4"));
        }
    }
    for number in 0..20 {
        tree.file(&format!("c/film {number}.mp4"));
    }
    let dir = tree.dir();
    let whole = search(&dir, "film", limits());
    assert_eq!((whole.entries.len(), whole.more), (71, 0));
    let whole = paths(&whole);
    assert_eq!(whole[..3], ["b film/", "c/film 0.mp4", "c/film 1.mp4"]);
    assert_eq!(whole[21], "b film/0.mp4");
    for results in [0, 1, 20, 70, 71, 72] {
        let found = search(
            &dir,
            "film",
            Limits {
                results,
                ..limits()
            },
        );
        let kept = results.min(71);
        assert_eq!(paths(&found), whole[..kept]);
        assert_eq!(usize::try_from(found.more).unwrap(), 71 - kept);
        assert!(found.is_complete);
    }
}

#[test]
fn bounds_are_said() {
    let tree = Tree::new();
    let mut path = String::new();
    for depth in 0..40 {
        path.push_str("d/");
        tree.folder(&path).file(&format!("{path}film {depth}.mp4"));
    }
    let dir = tree.dir();
    let found = search(&dir, "film", limits());
    assert_eq!(found.entries.len(), 32);
    assert!(!found.is_complete);
    let found = search(
        &dir,
        "film",
        Limits {
            depth: 39,
            ..limits()
        },
    );
    assert_eq!(found.entries.len(), 39);
    assert!(!found.is_complete);
    let found = search(
        &dir,
        "film",
        Limits {
            depth: 40,
            ..limits()
        },
    );
    assert_eq!(found.entries.len(), 40);
    assert!(found.is_complete);
    // Two names in each folder, one in the root and one in the last.
    let found = search(
        &dir,
        "film",
        Limits {
            names: 79,
            depth: 99,
            ..limits()
        },
    );
    assert!(!found.is_complete && found.entries.len() >= 39);
    let found = search(
        &dir,
        "film",
        Limits {
            names: 80,
            depth: 99,
            ..limits()
        },
    );
    assert!(found.is_complete);
    let late = Limits {
        deadline: Instant::now(),
        ..limits()
    };
    let found = search(&dir, "film", late);
    assert!(!found.is_complete && found.entries.is_empty());
}

#[test]
fn descriptors_are_given_back() {
    let tree = shows();
    let dir = tree.dir();
    let open = || fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let before = open();
    for _ in 0..200 {
        search(&dir, "show", limits());
    }
    // Other tests open files meanwhile.
    assert!(open() < before + 150);
}

#[test]
fn words() {
    let count = |text: &str| Words::parse(text).map_or(0, |words| words.0.len());
    for nothing in ["", "  \t\n", "\u{301}", "\u{3000}"] {
        assert_eq!(count(nothing), 0, "{nothing:?}");
    }
    assert_eq!(count("a b"), 2);
    assert_eq!(count(" a  b\u{a0}c "), 3);
    assert_eq!(count("1 2 3 4 5 6 7 8 9 10"), 8);
    assert_eq!(count(&"é".repeat(1_000_000)), 1);
    // Two bytes each until they are folded: the cut falls between two.
    assert_eq!(Words::parse(&"é".repeat(101)).unwrap().0[0].len(), 100);
    assert_eq!(
        Words::parse(&format!("x{}", "é".repeat(101))).unwrap().0[0].len(),
        100
    );
}

#[test]
fn a_tree_that_is_gone() {
    let tree = Tree::new();
    let dir = tree.dir();
    fs::remove_dir_all(tree.path("")).unwrap();
    let words = Words::parse("x").unwrap();
    let error = dir.search(&words, limits(), |_| true).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

/// What is found is what a walk finds that looks at every path.
#[test]
fn agrees_with_a_walk() {
    let tree = Tree::new();
    let mut all = Vec::new();
    for number in 0..400 {
        let folder = ["ab", "ab/cd", "x/ab/y", "x", "cd/e"][number % 5];
        let name = ["ab", "cd", "e", "abcd", "x y"][number / 5 % 5];
        let path = format!("{folder}/{name} {number}.mp4");
        tree.folder(folder).file(&path);
        all.push(path);
    }
    let dir = tree.dir();
    for words in ["ab", "cd ab", "x y", "e 1", "ab/cd", "9 x", "zz"] {
        let limits = Limits {
            results: 1000,
            ..limits()
        };
        let mut found = paths(&search(&dir, words, limits));
        found.retain(|path| !path.ends_with('/'));
        found.sort();
        let matches = |path: &&String| words.split(' ').all(|word| path.contains(word));
        let mut expected: Vec<_> = all.iter().filter(matches).cloned().collect();
        expected.sort();
        assert_eq!(found, expected, "{words}");
    }
}

/// A folder costs a look at the disk also where no name in it is counted.
#[test]
fn the_clock_is_looked_at_before_each_folder() {
    let tree = Tree::new();
    tree.folder("below");
    tree.file("match.mp4").file("below/match.mp4");
    let dir = tree.dir();
    let limits = Limits {
        deadline: Instant::now() + Duration::from_millis(300),
        ..limits()
    };
    let found = dir
        .search(&Words::parse("match").unwrap(), limits, |_| {
            std::thread::sleep(Duration::from_millis(400));
            true
        })
        .unwrap();
    assert_eq!(paths(&found), ["match.mp4"]);
    assert!(!found.is_complete);
}
