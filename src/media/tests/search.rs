use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::*;
use crate::media::{Item, Page, SearchLimits, Words, is_playable};

fn limits_of(names: u64, results: usize) -> SearchLimits {
    SearchLimits {
        deadline: Instant::now() + Duration::from_secs(60),
        names,
        results,
    }
}

fn search(dir: &MediaDir, words: &str, limits: SearchLimits) -> Page {
    let words = Words::parse(words).unwrap();
    dir.search(&words, limits, is_playable).unwrap()
}

/// Returns the paths of the results. A folder has a slash at its end.
fn paths(found: &Page) -> Vec<String> {
    let path = |Item { folder, entry, .. }: &Item| {
        let path = folder.as_path().join(&*entry.name).display().to_string();
        if entry.is_folder { path + "/" } else { path }
    };
    found.items.iter().map(path).collect()
}

#[track_caller]
fn finds(dir: &MediaDir, words: &str, expected: &str) {
    let found = search(dir, words, limits_of(1_000_000, 120));
    assert_eq!(paths(&found).join("|"), expected, "{words}");
    assert!(!found.is_truncated && found.after == 0);
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
    // A file whose own name contains the word comes before files that match only by their folder.
    tree.add("Filme/season.mp4");
    let found = paths(&search(&dir, "season", limits_of(1_000_000, 120)));
    assert_eq!((found[2].as_str(), found.len()), ("Filme/season.mp4", 6));
    let odd = os(b"odd \xff\xe4.mp4");
    fs::write(tree.path(&odd), "").unwrap();
    let found = search(&dir, "odd \u{fffd}", limits_of(1_000_000, 120));
    assert_eq!(&*found.items[0].entry.name, odd);
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
    finds(&dir, "loop show", "loop show/");
    finds(&dir, "up show", "The Show/up show/");
    finds(&dir, "secret", "");
    finds(&dir, "out", "");
    finds(&dir, "e2.mp4", "The Show/season 2/e2.mp4");
}

#[test]
fn search_that_ends_at_a_limit_is_incomplete() {
    let tree = Tree::new();
    for depth in 1..=40 {
        tree.add(&format!("{}film {depth}.mp4", "d/".repeat(depth)));
    }
    let dir = tree.dir();
    let late = SearchLimits {
        deadline: Instant::now(),
        ..limits_of(1_000, 120)
    };
    // There are 80 names: one in the root, two in each of 39 folders, one in the deepest folder.
    for (limits, results, is_truncated) in [
        (limits_of(1_000, 120), 40..=40, false),
        (limits_of(80, 120), 40..=40, false),
        (limits_of(79, 120), 39..=40, true),
        (late, 0..=0, true),
    ] {
        let found = search(&dir, "film", limits);
        assert!(results.contains(&found.items.len()), "{limits:?}");
        assert_eq!(found.is_truncated, is_truncated, "{limits:?}");
    }
    fs::remove_dir_all(tree.path("")).unwrap();
    let words = Words::parse("x").unwrap();
    let gone = dir.search(&words, limits_of(1_000, 120), is_playable);
    assert_eq!(gone.unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn query_has_at_most_eight_words() {
    let words = Words::parse(" 1 2\u{a0}3 4 5 6 7 8 9 10").unwrap();
    assert_eq!(words.0.join(""), "12345678");
    assert_eq!(Words::parse("\u{301}\u{3000}"), None);
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
        let limits = SearchLimits {
            deadline: Instant::now() + Duration::from_millis(200),
            ..limits_of(1_000, 120)
        };
        let words = Words::parse("match").unwrap();
        dir.search(&words, limits, shows).unwrap()
    };
    let first = search();
    assert!(first.is_truncated);
    assert!(!paths(&first).contains(&"b/match slow.mp4".to_owned()));
    let begin = Instant::now();
    let second = search();
    assert!(second.is_truncated);
    assert_eq!(paths(&second), ["a/match 1.mp4", "c/match 3.mp4"]);
    assert!(begin.elapsed() < Duration::from_secs(5), "it waited again");
    drop(hung);
    while search().is_truncated {
        assert!(begin.elapsed() < Duration::from_secs(20), "still left out");
    }
}
