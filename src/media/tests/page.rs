use std::cmp::Reverse;
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;
use crate::media::page::Page;
use crate::media::{Cursor, Order, Window};

const ORDERS: [Order; 3] = [Order::Name, Order::Date, Order::Size];

fn is_shown(name: &OsStr) -> bool {
    !name.as_bytes().ends_with(b".txt")
}

fn page(dir: &MediaDir, order: Order, window: &Window, limit: usize) -> Page {
    let root = FolderName::root();
    let mut folder = dir.read_folder(&root).unwrap();
    folder.page(order, window, limit, is_shown)
}

/// Returns the whole listing in this order.
fn sorted(dir: &MediaDir, order: Order) -> Vec<Entry> {
    let mut all = entries(dir, &FolderName::root()).unwrap();
    all.retain(|entry| entry.kind == EntryKind::Folder || is_shown(&entry.name));
    match order {
        Order::Name => {}
        Order::Date => all.sort_by_key(|entry| Reverse(entry.modified())),
        Order::Size => all.sort_by_key(|entry| Reverse(entry.length().unwrap_or(0))),
    }
    all.sort_by_key(|entry| entry.kind);
    all
}

fn mixed() -> Tree {
    let tree = Tree::new();
    for number in 0..60_usize {
        let start = ["f", "F 0", "é", "\u{1}"][number % 4];
        let name = format!("{start}{number}{}", [".mp4", ".MKV", ".txt"][number % 3]);
        let size = ["", "a", "aa"][number / 4 % 3];
        match number % 7 {
            0 => fs::create_dir(tree.path(&name)).unwrap(),
            1 => drop(tree.add(&format!("{name} -> $/target.mp4"))),
            2 => drop(tree.add(&format!("{name} -> gone"))),
            _ => fs::write(tree.path(&name), size.repeat(1 + number / 20)).unwrap(),
        }
        if number % 7 != 2 {
            let time = Duration::from_nanos(1_000_000_007 * (number as u64 % 5));
            let time = UNIX_EPOCH + time - Duration::from_secs(2);
            let file = fs::File::open(tree.path(&name));
            file.map(|file| file.set_modified(time)).ok();
        }
    }
    fs::write(tree.path("target.mp4"), "aaa").unwrap();
    fs::write(tree.path(OsStr::from_bytes(b"\xff\xc3.mp4")), "").unwrap();
    tree
}

#[test]
fn every_window_is_a_part_of_the_sorted_whole() {
    let tree = mixed();
    let dir = tree.dir();
    for order in ORDERS {
        let whole = sorted(&dir, order);
        let total = whole.len();
        assert!(total > 30);
        for limit in [1, 7, total - 1, total, total + 1] {
            let check = |window: Window, first: usize, last: usize| {
                let found = page(&dir, order, &window, limit);
                assert_eq!(found.entries, whole[first..last], "{order:?} {window:?}");
                let around = (found.before, found.after);
                assert_eq!(around, (first, total - last), "{order:?} {window:?}");
                assert_eq!((found.folders + found.files, found.others), (total, 14));
            };
            let start = 0..limit.min(total);
            let end = total.saturating_sub(limit)..total;
            check(Window::First, start.start, start.end);
            check(Window::Last, end.start, end.end);
            for (index, entry) in whole.iter().enumerate() {
                // The cursor takes the same form as in the URL of a page.
                let cursor = Cursor::of(order, entry);
                let cursor = Cursor::from_bytes(&cursor.to_bytes()).unwrap();
                // A window beyond an end of the list shows that end.
                let before = match index {
                    0 => start.clone(),
                    _ => index.saturating_sub(limit)..index,
                };
                let after = match index + 1 {
                    first if first == total => end.clone(),
                    first => first..total.min(first + limit),
                };
                check(Window::After(cursor.clone()), after.start, after.end);
                check(Window::Before(cursor), before.start, before.end);
            }
        }
    }
}

#[test]
fn folder_with_subtitles_only_is_not_on_a_page() {
    let tree =
        Tree::of("film.mp4|Subs/film.txt|Subtitles/|Sub/other.mp4|Subtitle/more/|a/film.txt");
    let dir = tree.dir();
    let found = page(&dir, Order::Name, &Window::First, 9);
    let names: Vec<_> = found.entries.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["a", "Sub", "Subtitle", "film.mp4"]);
    assert_eq!((found.folders, found.files, found.others), (3, 1, 0));
    // The plain index has all folders.
    assert_eq!(entries(&dir, &FolderName::root()).unwrap().len(), 6);
}

#[test]
fn details_are_asked_only_where_they_are_shown_or_sorted_by() {
    let tree = Tree::new();
    for number in 0..9 {
        tree.add(&format!("{number}.mp4|{number}.txt"));
    }
    let dir = tree.dir();
    let root = FolderName::root();
    for (order, count) in [(Order::Name, 0), (Order::Date, 9), (Order::Size, 9)] {
        let mut folder = dir.read_folder(&root).unwrap();
        let page = folder.page(order, &Window::First, 4, is_shown);
        assert!(page.entries.iter().all(|it| it.modified().is_some()));
        // The page contains copies, so the folder itself must have no details.
        let asked = folder.entries().iter().filter(|it| it.modified().is_some());
        assert_eq!(asked.count(), count, "{order:?}");
    }
}

#[test]
fn entries_without_a_date_come_last() {
    let tree = Tree::of("1.mp4");
    fs::File::open(tree.path("1.mp4"))
        .and_then(|file| file.set_modified(UNIX_EPOCH - Duration::from_secs(1 << 30)))
        .unwrap();
    let dated = entries(&tree.dir(), &FolderName::root()).unwrap();
    let without = Entry::new(OsStr::new("0.mp4"), EntryKind::File, None);
    let cursor = |entry| Cursor::of(Order::Date, entry);
    let order = cursor(&dated[0]).compare(&cursor(&without));
    assert_eq!(order, std::cmp::Ordering::Less);
}

proptest! {
    #[test]
    fn cursor_of_any_bytes_comes_back(bytes in prop::collection::vec(prop_oneof![Just(b'f'), Just(b'.'), b'0'..=b'9', any::<u8>()], 0..30)) {
        if let Some(cursor) = Cursor::from_bytes(&bytes) {
            prop_assert_eq!(Cursor::from_bytes(&cursor.to_bytes()), Some(cursor));
        }
    }
}
