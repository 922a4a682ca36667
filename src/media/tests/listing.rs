use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::media::order::natural_cmp;

#[test]
fn folders_first_in_natural_order() {
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
    let entry = &entries(&dir, &FolderName::root(), 99).unwrap()[5];
    assert_eq!(
        entry.kind,
        EntryKind::File { length: 5 },
        "of the link's target"
    );
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
fn folders_that_are_not_there() {
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
        let error = entries(&dir, &folder(path), 1).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "{path}");
    }
}

#[test]
fn names_of_any_bytes() {
    let tree = Tree::new();
    let mut names = BTreeSet::from([
        os("<img src=x onerror=alert(1)> \"q\" 100% #1.mp4".as_bytes()),
        os("🎬 \u{202E}4pm.mp4".as_bytes()),
        os(b"two\nlines\\.mp4"),
        os(&[b'x'; 255]),
    ]);
    names.extend(
        (1..=255)
            .filter(|byte| *byte != b'/')
            .map(|byte| os(&[b'a', byte, b'z'])),
    );
    for name in &names {
        fs::write(tree.path(name), name.as_bytes()).unwrap();
    }
    let dir = tree.dir();
    let root = FolderName::root();
    let listed = entries(&dir, &root, 7).unwrap();
    assert_eq!(
        listed
            .iter()
            .map(|entry| entry.name.clone())
            .collect::<BTreeSet<_>>(),
        names
    );
    assert_eq!(listed.len(), names.len());
    for entry in listed {
        let name = root.join(&entry.name).unwrap();
        assert_eq!(read(&dir, &name).unwrap(), entry.name.as_bytes());
    }
}

#[test]
fn pages_are_the_whole_in_order() {
    let tree = Tree::new();
    let mut names = Vec::new();
    for number in 0..2_600 {
        let name = format!(
            "{}{}.mp4",
            ["film ", "Film ", "é", "x0"][number % 4],
            number / 2
        );
        match number % 5 {
            0 => tree.link(&name, "2.mp4"),
            1 => tree.link(&name, tree.path("2.mp4")),
            _ => tree.file(&name),
        };
        names.push(name);
    }
    tree.file("2.mp4");
    names.push("2.mp4".into());
    names.sort_by(|a, b| natural_cmp(a.as_bytes(), b.as_bytes()));
    let dir = tree.dir();
    for limit in [100, 2_600, 2_601, 2_602] {
        let listed = entries(&dir, &FolderName::root(), limit).unwrap();
        assert!(
            listed
                .iter()
                .map(|entry| entry.name.as_os_str())
                .eq(names.iter().map(OsStr::new)),
            "{limit}"
        );
    }
}

#[test]
fn pages_go_on_when_entries_vanish_or_appear() {
    let tree = Tree::new();
    for number in 0..20 {
        tree.file(&format!("{number}.mp4"));
    }
    let dir = tree.dir();
    let root = FolderName::root();
    let first = dir.entries_after(&root, None, 5).unwrap();
    assert_eq!(first.entries.last().unwrap().name, "4.mp4");
    // The cursor itself, what would come next, and something new before and behind it.
    for number in 3..9 {
        fs::remove_file(tree.path(format!("{number}.mp4"))).unwrap();
    }
    tree.file("0b.mp4").file("10b.mp4").folder("folder");
    let second = dir.entries_after(&root, first.next.as_ref(), 5).unwrap();
    let names: Vec<_> = second
        .entries
        .iter()
        .map(|entry| entry.name.to_str().unwrap())
        .collect();
    assert_eq!(names, ["9.mp4", "10.mp4", "10b.mp4", "11.mp4", "12.mp4"]);
    for number in 13..20 {
        fs::remove_file(tree.path(format!("{number}.mp4"))).unwrap();
    }
    let third = dir.entries_after(&root, second.next.as_ref(), 5).unwrap();
    assert!(third.entries.is_empty() && third.next.is_none());
    fs::remove_dir_all(tree.path("")).unwrap();
    assert!(dir.entries_after(&root, second.next.as_ref(), 5).is_err());
}

#[test]
fn pages_end_while_entries_come_and_go() {
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
        // Judged only when the other thread has been told to end: a panic in here would wait for it for ever.
        let lists: Vec<_> = (0..20)
            .map(|_| entries(&dir, &FolderName::root(), 10))
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

/// What is listed opens, and what opens is listed, in every folder of a tree with everything in it.
#[test]
fn listing_and_opening_agree() {
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
    let dir = tree.dir();
    // The same folder may be reached in many ways; three links deep is enough for each to follow each.
    let mut folders = vec![FolderName::root()];
    let (mut files, mut refused) = (0, 0);
    while let Some(folder) = folders.pop() {
        let listed = entries(&dir, &folder, 11).unwrap();
        for on_disk in fs::read_dir(tree.path(folder.as_path())).unwrap() {
            let name = on_disk.unwrap().file_name();
            let entry = listed.iter().find(|entry| entry.name == name);
            let opens = folder.join(&name).and_then(|name| dir.open(&name).ok());
            let lists = folder
                .join_folder(&name)
                .filter(|name| dir.entries_after(name, None, 1).is_ok());
            match entry.map(|entry| entry.kind) {
                Some(EntryKind::File { length }) => assert_eq!(opens.unwrap().length(), length),
                Some(EntryKind::Folder) => assert!(lists.is_some()),
                None => assert!(opens.is_none() && lists.is_none(), "{name:?} in {folder:?}"),
            }
            files += usize::from(matches!(
                entry.map(|entry| entry.kind),
                Some(EntryKind::File { .. })
            ));
            refused += usize::from(entry.is_none());
            folders.extend(lists.filter(|name| name.as_path().iter().count() <= 2));
        }
    }
    assert!(
        files > 100 && refused > 100,
        "{files} files, {refused} refused"
    );
}
