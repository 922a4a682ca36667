use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::media::{Order, Selection};

#[test]
fn folder_with_subtitles_only_is_not_on_a_page() {
    let tree = Tree::of(
        "film.mp4|Subs/film.txt|Subti\u{301}tulos/|SUB/other.mp4|Subtitle/more/|a/film.txt",
    );
    let (dir, root) = (tree.dir(), FolderName::root());
    let folder = dir.read_folder(&root).unwrap();
    let found = folder.page(Order::Name, Selection::After(0), 9);
    let names: Vec<_> = found.items.iter().map(|it| &*it.entry.name).collect();
    assert_eq!(names, ["a", "SUB", "Subtitle", "film.mp4"]);
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
