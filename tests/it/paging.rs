//! Tests the library pages of large folders: order of the entries, links between pages, invalid queries, length of a
//! page in bytes.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::time::{Duration, UNIX_EPOCH};

use crate::library::{entries, names, page, pages};
use crate::rows::dir_in_memory;
use crate::support::TestServer;

/// Serves 301 entries: 260 films and 41 folders. The library does not show the text files. The orders of the films by
/// name, by date and by size are different.
fn many() -> TestServer {
    let server = TestServer::start();
    for number in 0..260_u64 {
        let path = server.file(
            &format!("film {number}.mp4"),
            "x".repeat(usize::try_from(number * 7 % 13).unwrap()),
        );
        let time = UNIX_EPOCH + Duration::from_secs(1_000_000_000 + number * 11 % 17);
        File::open(path).unwrap().set_modified(time).unwrap();
        server.file(&format!("notes {number}.txt"), "");
    }
    for number in 0..41 {
        fs::create_dir(server.dir().join(format!("folder {number}"))).unwrap();
    }
    server
}

/// Returns whether the name is of a film, and its number: `film 12.mp4` → `(true, 12)`.
fn number(name: &str) -> (bool, u64) {
    let number = name.split([' ', '.']).nth(1).unwrap().parse().unwrap();
    (name.starts_with("film"), number)
}

#[test]
fn paging_in_both_directions_shows_every_entry_once() {
    let server = many();
    for sort in ["name", "date", "size"] {
        let forwards: Vec<_> = pages(&server, &format!("/?sort={sort}"), "next")
            .iter()
            .flat_map(|page| names(page))
            .collect();
        assert_eq!(forwards.len(), 301);
        assert_eq!(forwards.iter().collect::<BTreeSet<_>>().len(), 301);
        let key = |name: &String| match (sort, number(name)) {
            ("date", (true, number)) => (true, 17 - number * 11 % 17, number),
            ("size", (true, number)) => (true, 13 - number * 7 % 13, number),
            // The order of folders by date is not known, because their dates may be equal.
            ("date", (false, _)) => (false, 0, 0),
            (_, (is_film, number)) => (is_film, 0, number),
        };
        assert!(forwards.is_sorted_by_key(key), "{sort} {forwards:?}");
        let backwards = pages(&server, &format!("/?sort={sort}&last"), "prev");
        let backwards: Vec<_> = backwards
            .iter()
            .rev()
            .flat_map(|page| names(page))
            .collect();
        assert_eq!(forwards, backwards, "{sort}");
        let first = server.get(&format!("/?sort={sort}"));
        let current = format!("href=\"?sort={sort}\" aria-current=\"true\"");
        assert_eq!(first.text().matches("aria-current").count(), 1);
        assert!(first.text().contains(&current));
        assert!(first.text().contains("1–120 of 301"));
        let last = server.get(&format!("/?sort={sort}&last"));
        assert!(last.text().contains("182–301 of 301"));
        assert!(last.text().contains("<title>Videos (182–301)</title>"));
    }
}

#[test]
fn invalid_query_is_ignored() {
    let server = many();
    let first = server.get("/?x");
    for query in [
        "sort=",
        "sort=x",
        "sort=name'--",
        "after=",
        "after=x",
        "after=%00",
        "before=%ff%fe",
        "q",
        "q=",
        "q=+%20%0a",
        "after=-1",
        "after=99999999999999999999999999999999999999999999",
        "&&&",
        "%",
        "=",
        "q=%cc%81",
    ] {
        let response = server.get(&format!("/?{query}"));
        let seen = (response.status, entries(response.text()));
        assert_eq!(seen, (200, entries(first.text())), "{query}");
    }
    // A position after all entries gets the last page.
    let last = entries(server.get("/?last").text());
    for query in ["after=301", "after=99999999&before=9"] {
        assert_eq!(entries(server.get(&format!("/?{query}")).text()), last);
    }
    let start = entries(server.get("/?before=0").text());
    assert_eq!(start, entries(first.text()));
    for query in [
        "%00",
        "../../etc/passwd",
        "%ff%fe",
        "<script>",
        &"x".repeat(7000),
        "a+b+c+d+e+f+g+h+i+j",
    ] {
        let response = server.get(&format!("/?q={query}"));
        assert_eq!(response.status, 200, "{query}");
        let page = page(&response);
        assert!(page.contains("Nothing was found") && page.contains("href=\"/?list\""));
        assert!(page.len() < 5000 && entries(page).is_empty());
    }
}

#[test]
fn search_with_many_results_shows_the_best_120() {
    let server = many();
    let response = server.get("/?q=film");
    let found = names(response.text());
    let best = (0..120).map(|it| (true, it));
    assert!(found.iter().map(|it| number(it)).eq(best), "{found:?}");
    assert!(response.text().contains("The best 120 of 260 results."));
}

#[test]
#[ignore = "slow; scripts/test runs it"]
fn page_of_20000_files_is_short() {
    let dir = dir_in_memory();
    for number in 1..=20_000 {
        File::create(dir.path().join(format!("film {number}.mp4"))).unwrap();
    }
    let server = TestServer::with(|_| crate::support::local(dir.path()));
    for sort in ["name", "date", "size"] {
        let response = server.get(&format!("/?sort={sort}"));
        let page = response.text();
        assert_eq!(entries(page).len(), 120);
        assert!(page.contains("1–120 of 20,000"));
        // The server sends a page of up to 16 KiB even if all streams are taken.
        assert!(page.len() < 16 * 1024, "{}", page.len());
    }
    let last = server.get("/?last");
    assert_eq!(names(last.text()).last().unwrap(), "film 20000.mp4");
}

/// While all streams are taken, the server sends only responses of up to 16 KiB. With long names, such a response has
/// space for fewer than the usual 120 entries.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn pages_with_long_names_are_short() {
    let server = TestServer::with(|config| config.max_streams(1).unwrap());
    let long = "ü".repeat(120);
    for number in 0..150 {
        server.file(&format!("{long}{number}.mp4"), "");
    }
    let all: Vec<_> = pages(&server, "/", "next")
        .iter()
        .map(|page| names(page).len())
        .collect();
    assert_eq!(all.iter().sum::<usize>(), 150);
    assert!(all[0] > 20, "{all:?}");

    server.sparse_file("film", 1 << 30);
    let mut viewer = server.connect();
    viewer.send("GET /api/stream/film HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(viewer.read_head().status, 200);
    assert_eq!(server.get("/api/stream/film").status, 503);
    for (first, relation) in [("/", "next"), ("/?last", "prev")] {
        let short = pages(&server, first, relation);
        assert!(short.iter().all(|page| page.len() <= 16 * 1024));
        let seen: BTreeSet<_> = short.iter().flat_map(|page| names(page)).collect();
        assert_eq!(seen.len(), 150);
        let counted: usize = short.iter().map(|page| names(page).len()).sum();
        assert_eq!(counted, 150);
    }
    let search = server.get("/?q=%C3%BC");
    assert_eq!(search.status, 200);
    let count = names(search.text()).len();
    assert!(
        search
            .text()
            .contains(&format!("The best {count} of 150 results."))
    );
}
