use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::*;
use crate::media::search::Found;
use crate::media::{Limits, Words};

fn limits_of(names: u64, depth: usize, results: usize) -> Limits {
    Limits {
        deadline: Instant::now() + Duration::from_secs(60),
        names,
        depth,
        results,
    }
}

fn limits() -> Limits {
    limits_of(1_000_000, 32, 120)
}

fn search(dir: &MediaDir, words: &str, limits: Limits) -> Found {
    let words = Words::parse(words).unwrap();
    dir.search(&words, limits, |name| name.as_bytes().ends_with(b".mp4"))
        .unwrap()
}

/// Returns the paths of the results. A folder has a slash at its end.
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

/// Checks the results of a search. `expected` contains paths, separated by `|`.
#[track_caller]
fn finds(dir: &MediaDir, words: &str, expected: &str) {
    let found = search(dir, words, limits());
    assert_eq!(paths(&found).join("|"), expected, "{words}");
    assert!(found.is_complete && found.more == 0);
}

fn shows() -> Tree {
    Tree::of(
        "The Show/Season 10/E1.mp4|The Show/season 2/e10.mp4|The Show/season 2/e2.mp4|The Show/season 2/e2.srt|empty show/|\
         show.mp4|show.txt|.show.mp4|.hidden show/show.mp4|Filme/Été/Ame\u{301}lie.mp4|Filme/Été/100% <b> #1.mp4",
    )
}

#[test]
fn all_words_are_found_anywhere_in_a_path() {
    let tree = shows();
    let dir = tree.dir();
    let episodes = "The Show/season 2/e2.mp4|The Show/season 2/e10.mp4|The Show/Season 10/E1.mp4";
    let show = format!("empty show/|The Show/|show.mp4|{episodes}");
    finds(&dir, "show", &show);
    finds(&dir, "e2 SHOW", "The Show/season 2/e2.mp4");
    let seasons = format!("The Show/season 2/|The Show/Season 10/|{episodes}");
    finds(&dir, "season show", &seasons);
    finds(&dir, "10/e", "The Show/Season 10/E1.mp4");
    for words in ["amelie", "AMÉLIE", "ame\u{301}lie"] {
        finds(&dir, words, "Filme/Été/Ame\u{301}lie.mp4");
    }
    finds(&dir, "100% #1", "Filme/Été/100% <b> #1.mp4");
    finds(&dir, "<b> ete", "Filme/Été/100% <b> #1.mp4");
    for nothing in ["txt", "hidden", "nothing show", "outside"] {
        finds(&dir, nothing, "");
    }
    // A file whose name contains the word comes before files in a folder whose name contains it.
    tree.add("Filme/season.mp4");
    let found = paths(&search(&dir, "season", limits()));
    assert_eq!((found[2].as_str(), found.len()), ("Filme/season.mp4", 6));
    let odd = os(b"odd \xff\xe4.mp4");
    fs::write(tree.path(&odd), "").unwrap();
    let found = search(&dir, "odd \u{fffd}", limits());
    assert_eq!(&*found.entries[0].1.name, odd);
}

#[test]
fn links_are_found_and_not_followed() {
    let tree = shows();
    tree.add(
        "loop show -> .|The Show/up show -> ..|The Show/loop show -> loop show|out show -> $ outside|\
         secret show.mp4 -> $ outside/secret.mp4|link.mp4 -> show.mp4|absolute link.mp4 -> $/show.mp4",
    );
    let dir = tree.dir();
    finds(&dir, "link", "absolute link.mp4|link.mp4");
    // "up show" is a symlink to the directory itself. It counts as a folder.
    finds(&dir, "loop show", "loop show/");
    finds(&dir, "up show", "The Show/up show/");
    finds(&dir, "secret", "");
    finds(&dir, "out", "");
    finds(&dir, "e2.mp4", "The Show/season 2/e2.mp4");
}

#[test]
fn best_results_are_kept_and_the_others_counted() {
    let tree = Tree::new();
    for n in 0..50 {
        tree.add(&format!("a/{n}.mp4|b film/{n}.mp4|c/{n}.mp4"));
    }
    for number in 0..20 {
        tree.add(&format!("c/film {number}.mp4"));
    }
    let dir = tree.dir();
    let whole = search(&dir, "film", limits());
    assert_eq!((whole.entries.len(), whole.more), (71, 0));
    let whole = paths(&whole);
    assert_eq!(whole[..3], ["b film/", "c/film 0.mp4", "c/film 1.mp4"]);
    assert_eq!(whole[21], "b film/0.mp4");
    for results in [0, 1, 20, 70, 71, 72] {
        let found = search(&dir, "film", limits_of(1_000_000, 32, results));
        let kept = results.min(71);
        assert_eq!(paths(&found), whole[..kept]);
        assert_eq!(found.more, 71 - kept);
        assert!(found.is_complete);
    }
}

#[test]
fn search_that_ends_at_a_limit_is_incomplete() {
    let tree = Tree::new();
    let mut path = String::new();
    for depth in 0..40 {
        path.push_str("d/");
        tree.add(&format!("{path}film {depth}.mp4"));
    }
    let dir = tree.dir();
    let late = Limits {
        deadline: Instant::now(),
        ..limits()
    };
    // Each folder has two names, the root one, and the last folder one.
    for (limits, results, is_complete) in [
        (limits(), 32..=32, false),
        (limits_of(1_000, 39, 120), 39..=39, false),
        (limits_of(1_000, 40, 120), 40..=40, true),
        (limits_of(79, 99, 120), 39..=40, false),
        (limits_of(80, 99, 120), 40..=40, true),
        (late, 0..=0, false),
    ] {
        let found = search(&dir, "film", limits);
        assert!(results.contains(&found.entries.len()), "{limits:?}");
        assert_eq!(found.is_complete, is_complete, "{limits:?}");
    }
}

#[test]
fn query_is_split_into_at_most_eight_words_of_100_characters() {
    let count = |text: &str| Words::parse(text).map_or(0, |words| words.0.len());
    for nothing in ["", "  \t\n", "\u{301}", "\u{3000}"] {
        assert_eq!(count(nothing), 0, "{nothing:?}");
    }
    assert_eq!(count("a b"), 2);
    assert_eq!(count(" a  b\u{a0}c "), 3);
    assert_eq!(count("1 2 3 4 5 6 7 8 9 10"), 8);
    assert_eq!(count(&"é".repeat(1_000_000)), 1);
    // Each character has two bytes before folding, so the limit falls inside a character.
    for start in ["", "x"] {
        let words = Words::parse(&format!("{start}{}", "é".repeat(101))).unwrap();
        assert_eq!(words.0[0].len(), 100);
    }
}

#[test]
fn search_in_a_tree_that_is_gone_is_not_found() {
    let tree = Tree::new();
    let dir = tree.dir();
    fs::remove_dir_all(tree.path("")).unwrap();
    let error = dir
        .search(&Words::parse("x").unwrap(), limits(), |_| true)
        .unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn search_finds_what_a_walk_finds_that_looks_at_every_path() {
    let tree = Tree::new();
    let mut all = Vec::new();
    for number in 0..400 {
        let folder = ["ab", "ab/cd", "x/ab/y", "x", "cd/e"][number % 5];
        let name = ["ab", "cd", "e", "abcd", "x y"][number / 5 % 5];
        let path = format!("{folder}/{name} {number}.mp4");
        tree.add(&path);
        all.push(path);
    }
    let dir = tree.dir();
    for words in ["ab", "cd ab", "x y", "e 1", "ab/cd", "9 x", "zz"] {
        let mut found = paths(&search(&dir, words, limits_of(1_000, 32, 1_000)));
        found.retain(|path| !path.ends_with('/'));
        found.sort();
        let matches = |path: &&String| words.split(' ').all(|word| path.contains(word));
        let mut expected: Vec<_> = all.iter().filter(matches).cloned().collect();
        expected.sort();
        assert_eq!(found, expected, "{words}");
    }
}

/// A mutex takes the place of a disk that does not answer.
#[test]
fn folder_that_does_not_answer_is_left_out_until_it_does() {
    let tree = Tree::of("a/match 1.mp4|b/match slow.mp4|c/match 3.mp4");
    let dir = tree.dir();
    let disk = Arc::new(Mutex::new(()));
    let hung = disk.lock().unwrap();
    let search = || {
        let disk = Arc::clone(&disk);
        let shows = move |name: &OsStr| {
            drop((name == "match slow.mp4").then(|| disk.lock()));
            true
        };
        let limits = Limits {
            deadline: Instant::now() + Duration::from_millis(200),
            ..limits()
        };
        let words = Words::parse("match").unwrap();
        dir.search(&words, limits, shows).unwrap()
    };
    let first = search();
    assert!(!first.is_complete);
    assert!(!paths(&first).contains(&"b/match slow.mp4".to_owned()));
    let begin = Instant::now();
    let second = search();
    assert!(!second.is_complete);
    assert_eq!(paths(&second), ["a/match 1.mp4", "c/match 3.mp4"]);
    assert!(begin.elapsed() < Duration::from_secs(5), "it waited again");
    drop(hung);
    while !search().is_complete {
        assert!(begin.elapsed() < Duration::from_secs(20), "still left out");
    }
}
