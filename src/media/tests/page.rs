use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::media::page::Page;
use crate::media::{Order, Window};

fn is_shown(name: &OsStr) -> bool {
    !name.as_bytes().ends_with(b".txt")
}

fn page(dir: &MediaDir, order: Order, window: Window, limit: usize) -> Page {
    let root = FolderName::root();
    let mut folder = dir.read_folder(&root).unwrap();
    folder.page(order, window, limit, is_shown)
}

/// A window beyond an end is the window at that end.
#[test]
fn every_window_is_a_part_of_the_whole() {
    let tree = Tree::of("a/|b/|1.mp4|2.mp4|3.mp4|x.txt|gone -> nothing|link.mp4 -> 1.mp4");
    let dir = tree.dir();
    let whole = page(&dir, Order::Name, Window::After(0), 9).entries;
    let total = whole.len();
    assert_eq!(total, 6);
    for limit in 1..8 {
        for count in [0, 1, 2, 3, 4, 5, 6, 7, usize::MAX] {
            let end = count.min(total);
            let start = if count < total {
                count
            } else {
                total.saturating_sub(limit)
            };
            for (window, range) in [
                (Window::After(count), start..total.min(start + limit)),
                (Window::Before(count), end.saturating_sub(limit)..end),
            ] {
                let found = page(&dir, Order::Name, window, limit);
                assert_eq!(found.entries, whole[range.clone()], "{window:?} {limit}");
                assert_eq!(
                    (found.before, found.after),
                    (range.start, total - range.end)
                );
                assert_eq!((found.folders, found.files, found.others), (2, 4, 1));
            }
        }
    }
}

#[test]
fn folder_with_subtitles_only_is_not_on_a_page() {
    let tree =
        Tree::of("film.mp4|Subs/film.txt|Subtitles/|Sub/other.mp4|Subtitle/more/|a/film.txt");
    let dir = tree.dir();
    let found = page(&dir, Order::Name, Window::After(0), 9);
    let names: Vec<_> = found.entries.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["a", "Sub", "Subtitle", "film.mp4"]);
    assert_eq!((found.folders, found.files, found.others), (3, 1, 0));
    // The plain index has all folders.
    assert_eq!(entries(&dir, &FolderName::root()).unwrap().len(), 6);
}

#[test]
fn details_are_requested_only_for_shown_or_sorted_entries() {
    let tree = Tree::new();
    for number in 0..9 {
        tree.add(&format!("{number}.mp4|{number}.txt"));
    }
    let dir = tree.dir();
    let root = FolderName::root();
    for (order, count) in [(Order::Name, 0), (Order::Date, 9), (Order::Size, 9)] {
        let mut folder = dir.read_folder(&root).unwrap();
        let page = folder.page(order, Window::After(0), 4, is_shown);
        assert!(page.entries.iter().all(|it| it.modified().is_some()));
        // The page contains copies, so the folder itself must have no details.
        let known = folder.entries().iter().filter(|it| it.modified().is_some());
        assert_eq!(known.count(), count, "{order:?}");
    }
}

#[test]
fn entries_without_details_come_last() {
    let tree = Tree::of("1.mp4");
    fs::File::open(tree.path("1.mp4"))
        .and_then(|file| file.set_modified(UNIX_EPOCH - Duration::from_secs(1 << 30)))
        .unwrap();
    let known = &entries(&tree.dir(), &FolderName::root()).unwrap()[0];
    let unknown = &Entry::new(OsStr::new("0.mp4"), EntryKind::File, None);
    for order in [Order::Date, Order::Size] {
        let mut list = [unknown, known];
        order.sort(&mut list);
        assert_eq!(list, [known, unknown], "{order:?}");
    }
}
