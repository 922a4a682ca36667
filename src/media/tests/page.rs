use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::media::page::Page;
use crate::media::{Order, Window};

fn page(dir: &MediaDir, window: Window, limit: usize) -> Page {
    let root = FolderName::root();
    dir.read_folder(&root)
        .unwrap()
        .page(Order::Name, window, limit)
}

fn names(page: &Page) -> Vec<&OsStr> {
    page.items.iter().map(|it| &*it.entry.name).collect()
}

/// A window beyond an end is the window at that end.
#[test]
fn every_window_is_a_part_of_the_whole() {
    let tree = Tree::of("a/|b/|1.mp4|2.mp4|3.mp4|x.txt|gone -> nothing|link.mp4 -> 1.mp4");
    let dir = tree.dir();
    let whole = page(&dir, Window::After(0), 9);
    let whole = names(&whole);
    assert_eq!(whole, ["a", "b", "1.mp4", "2.mp4", "3.mp4", "link.mp4"]);
    for limit in 1..8 {
        for count in [0, 1, 2, 3, 4, 5, 6, 7, usize::MAX] {
            let end = count.min(6);
            let start = if count < 6 {
                count
            } else {
                6_usize.saturating_sub(limit)
            };
            for (window, range) in [
                (Window::After(count), start..6.min(start + limit)),
                (Window::Before(count), end.saturating_sub(limit)..end),
            ] {
                let found = page(&dir, window, limit);
                assert_eq!(names(&found), whole[range.clone()], "{window:?} {limit}");
                assert_eq!((found.before, found.after), (range.start, 6 - range.end));
                assert_eq!((found.folders, found.files, found.others), (2, 4, 1));
            }
        }
    }
}

#[test]
fn folder_with_subtitles_only_is_not_on_a_page() {
    let tree = Tree::of(
        "film.mp4|Subs/film.txt|Subti\u{301}tulos/|SUB/other.mp4|Subtitle/more/|a/film.txt",
    );
    let found = page(&tree.dir(), Window::After(0), 9);
    assert_eq!(names(&found), ["a", "SUB", "Subtitle", "film.mp4"]);
    assert_eq!((found.folders, found.files, found.others), (3, 1, 0));
}

#[test]
fn entries_without_details_come_last() {
    let unknown = Entry::new(OsStr::new("0.mp4"), false);
    let mut known = Entry::new(OsStr::new("1.mp4"), false);
    known.length = Some(0);
    known.modified = Some(UNIX_EPOCH - Duration::from_secs(1 << 30));
    for order in [Order::Date, Order::Size] {
        let mut list = [unknown.clone(), known.clone()];
        order.sort(&mut list);
        assert_eq!(list[0], known, "{order:?}");
    }
}
