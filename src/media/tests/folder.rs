use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::Errno;

use super::*;
use crate::media::entry::{Unanswered, fill};
use crate::media::file::Details;
use crate::media::order::natural_cmp;

#[test]
fn folders_stand_first_in_natural_order() {
    let tree = Tree::new();
    tree.folder("season 10")
        .folder("Season 2")
        .folder(".hidden folder");
    tree.file("b 10.mp4")
        .file("B 9.mp4")
        .file("a.mp4")
        .file(".hidden.mp4")
        .fifo("fifo.mp4");
    tree.link("season 3", "season 10")
        .link("b 9b.mp4", tree.path("a.mp4"))
        .link("out", tree.outside(""))
        .link("out.mp4", tree.outside("secret.mp4"))
        .link("dangling", "none")
        .link("loop", "loop")
        .link("null", "/dev/null");
    let dir = tree.dir();
    let expected = [
        "Season 2/",
        "season 3/",
        "season 10/",
        "a.mp4",
        "B 9.mp4",
        "b 9b.mp4",
        "b 10.mp4",
    ];
    assert_eq!(listed(&dir, ""), expected);
    assert_eq!(listed(&dir, "season 10"), Vec::<String>::new());
    // Of the link's target.
    let entries = entries(&dir, &FolderName::root()).unwrap();
    assert_eq!(entries[5].length(), Some(5));
    assert_eq!(entries[1].length(), None);
}

#[test]
fn links_of_a_folder_may_lead_to_its_neighbours() {
    let tree = Tree::new();
    tree.folder("a").folder("b/c").file("b/1.mp4");
    tree.link("a/c", "../b/c")
        .link("a/1.mp4", "../b/1.mp4")
        .link("a/out.mp4", "../../media outside/secret.mp4");
    let dir = tree.dir();
    assert_eq!(listed(&dir, "a"), ["c/", "1.mp4"]);
    tree.link("absolute", tree.path("a"));
    assert_eq!(listed(&dir, "absolute"), ["c/", "1.mp4"]);
}

#[test]
fn folder_that_is_not_there_is_not_found() {
    let tree = Tree::new();
    tree.file("1.mp4")
        .link("out", tree.outside(""))
        .link("above", "..")
        .link("loop", "loop");
    let dir = tree.dir();
    for path in [
        "none",
        "1.mp4",
        "out",
        "above",
        "above/media outside",
        "loop",
        "none/none",
    ] {
        let error = dir.read_folder(&folder(path)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "{path}");
    }
}

#[test]
fn more_entries_than_the_limit_are_truncated() {
    let tree = Tree::new();
    tree.folder("d").file(".hidden").fifo("fifo");
    for number in 0..9 {
        tree.file(&format!("{number}.mp4"));
    }
    let dir = tree.dir();
    let root = FolderName::root();
    for (limit, count, is_truncated) in [(9, 9, true), (10, 10, false), (11, 10, false)] {
        let folder = dir.read_some_of_folder(&root, limit).unwrap();
        let found = (folder.entries().len(), folder.is_truncated());
        assert_eq!(found, (count, is_truncated), "{limit}");
    }
}

/// As of a dead network share, a sleeping disk, a folder without the right to search it.
#[test]
fn entry_with_an_error_is_listed_without_details() {
    let tree = Tree::new();
    tree.folder("d").file("1.mp4").link("link.mp4", "1.mp4");
    let dir = tree.dir();
    let root = FolderName::root();
    let folder = dir.read_folder(&root).unwrap();
    let file = entries(&dir, &root).unwrap()[1].clone();
    let asked = |errno: Errno| {
        let mut unanswered = Unanswered::default();
        let mut entry = folder.entries()[1].clone();
        let stays = fill(
            &mut entry,
            Path::new(""),
            Err(errno.into()),
            &mut unanswered,
        );
        assert_eq!((entry.length(), entry.modified()), (None, None));
        (stays, unanswered.count)
    };
    for errno in [
        Errno::IO,
        Errno::STALE,
        Errno::HOSTDOWN,
        Errno::HOSTUNREACH,
        Errno::TIMEDOUT,
        Errno::NOTCONN,
        Errno::ACCESS,
        Errno::NOMEM,
    ] {
        assert_eq!(asked(errno), (true, 1), "{errno:?}");
    }
    assert_eq!(asked(Errno::NOENT), (false, 0));
    // It answers: the entry is still what it was, or its name is taken by something else.
    for (name, stays) in [("1.mp4", true), ("d", false)] {
        let details = Details::of_handle(fs::File::open(tree.path(name)).unwrap());
        let mut entry = folder.entries()[1].clone();
        let is_there = fill(
            &mut entry,
            Path::new(""),
            details,
            &mut Unanswered::default(),
        );
        assert_eq!(is_there, stays);
        assert_eq!(entry == file, stays, "{name}");
    }
}

#[test]
fn folder_is_read_while_entries_come_and_go() {
    let tree = Tree::new();
    let done = AtomicBool::new(false);
    for number in 0..300 {
        tree.file(&format!("stays {number}.mp4"));
    }
    let dir = tree.dir();
    let lists = std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in (0..300).cycle() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let path = tree.path(format!("goes {number}.mp4"));
                fs::write(&path, "")
                    .and_then(|()| fs::remove_file(&path))
                    .unwrap();
            }
        });
        // Judged only after the other thread was told to end: a panic in here would wait for it without end.
        let lists: Vec<_> = (0..100)
            .map(|_| entries(&dir, &FolderName::root()))
            .collect();
        done.store(true, Ordering::Relaxed);
        lists
    });
    for list in lists {
        let names: Vec<_> = list.unwrap().into_iter().map(|entry| entry.name).collect();
        assert!(names.is_sorted_by(|a, b| natural_cmp(a.as_bytes(), b.as_bytes()).is_lt()));
        let stay = names
            .iter()
            .filter(|name| name.as_bytes().starts_with(b"stays"))
            .count();
        assert_eq!(stay, 300);
    }
}

/// Links of every kind in every folder.
fn tangle() -> Tree {
    let tree = Tree::new();
    tree.folder("a/b")
        .folder(".c")
        .file("1.mp4")
        .file("a/2.mp4")
        .file("a/b/3.mp4")
        .file(".c/4.mp4")
        .fifo("a/fifo");
    let targets = [
        "1.mp4",
        "2.mp4",
        "../1.mp4",
        "b",
        "a",
        "..",
        "../..",
        ".",
        "/",
        "/dev/zero",
        "none",
        ".c",
        ".c/4.mp4",
        "a/fifo",
        "link 4",
        "../link 3",
        "../../media outside/secret.mp4",
        "../media outside",
    ];
    for place in ["", "a/", "a/b/", ".c/"] {
        for (number, target) in targets.iter().enumerate() {
            tree.link(&format!("{place}link {number}"), target);
            tree.link(&format!("{place}absolute {number}"), tree.path(target));
        }
    }
    tree
}

/// What is listed opens, and what opens is listed, in every folder of a tree with everything in it.
#[test]
fn listing_and_opening_agree() {
    let tree = tangle();
    let dir = tree.dir();
    // The same folder may be reached in many ways; three links deep is enough for each to follow each.
    let mut folders = vec![FolderName::root()];
    let (mut files, mut refused) = (0, 0);
    while let Some(folder) = folders.pop() {
        let listed = entries(&dir, &folder).unwrap();
        for on_disk in fs::read_dir(tree.path(folder.as_path())).unwrap() {
            let name = on_disk.unwrap().file_name();
            let entry = listed.iter().find(|entry| *entry.name == name);
            let opens = folder.join(&name).and_then(|name| dir.open(&name).ok());
            let lists = folder
                .join_folder(&name)
                .filter(|name| dir.read_folder(name).is_ok());
            match entry.map(|entry| (entry.kind, entry.length())) {
                Some((EntryKind::File, length)) => {
                    assert_eq!(Some(opens.unwrap().length()), length);
                    files += 1;
                }
                Some((EntryKind::Folder, _)) => assert!(lists.is_some()),
                None => {
                    assert!(opens.is_none() && lists.is_none(), "{name:?} in {folder:?}");
                    refused += 1;
                }
            }
            folders.extend(lists.filter(|name| name.as_path().iter().count() <= 2));
        }
    }
    assert!(
        files > 100 && refused > 100,
        "{files} files, {refused} refused"
    );
}
