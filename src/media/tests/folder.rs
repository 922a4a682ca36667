use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::Errno;

use super::*;
use crate::media::entry::{Unanswered, fill};
use crate::media::file::Details;
use crate::media::order::natural_cmp;

#[test]
fn listing_has_folders_first_in_natural_order_and_follows_links() {
    let tree = Tree::of(
        "season 10/|Season 2/|.hidden folder/|b 10.mp4|B 9.mp4|a.mp4|.hidden.mp4|fifo.mp4!|season 3 -> season 10|\
         b 9b.mp4 -> $/a.mp4|out -> $ outside|out.mp4 -> $ outside/secret.mp4|dangling -> none|loop -> loop|null -> /dev/null",
    );
    let dir = tree.dir();
    assert_eq!(
        listed(&dir, ""),
        "Season 2/|season 3/|season 10/|a.mp4|B 9.mp4|b 9b.mp4|b 10.mp4"
    );
    assert_eq!(listed(&dir, "season 10"), "");
    // These are the details of the symlink's target.
    let entries = entries(&dir, &FolderName::root()).unwrap();
    assert_eq!(entries[5].length(), Some(5));
    assert_eq!(entries[1].length(), None);
}

#[test]
fn entries_beyond_the_limit_are_truncated() {
    let tree = Tree::of("d/|.hidden|fifo!|0|1|2|3|4|5|6|7|8");
    let dir = tree.dir();
    let root = FolderName::root();
    for (limit, count, is_truncated) in [(9, 9, true), (10, 10, false), (11, 10, false)] {
        let folder = dir.read_some_of_folder(&root, limit).unwrap();
        let found = (folder.entries().len(), folder.is_truncated());
        assert_eq!(found, (count, is_truncated), "{limit}");
    }
}

/// A dead network share, a sleeping disk and a folder without search permission cause such errors.
#[test]
fn entry_with_an_error_is_listed_without_details() {
    let tree = Tree::of("d/|1.mp4|link.mp4 -> 1.mp4");
    let dir = tree.dir();
    let root = FolderName::root();
    let folder = dir.read_folder(&root).unwrap();
    let file = entries(&dir, &root).unwrap()[1].clone();
    let fill_with = |details: io::Result<Details>| {
        let mut unanswered = Unanswered::default();
        let mut entry = folder.entries()[1].clone();
        let is_there = fill(&mut entry, Path::new(""), details, &mut unanswered);
        (is_there, unanswered.count, entry)
    };
    let errors = [
        Errno::IO,
        Errno::STALE,
        Errno::HOSTDOWN,
        Errno::TIMEDOUT,
        Errno::ACCESS,
    ];
    let answers = errors.map(|errno| (errno, (true, 1)));
    for (errno, expected) in answers.into_iter().chain([(Errno::NOENT, (false, 0))]) {
        let (is_there, count, entry) = fill_with(Err(errno.into()));
        assert_eq!((is_there, count), expected, "{errno:?}");
        assert_eq!((entry.length(), entry.modified()), (None, None));
    }
    // The entry is either unchanged, or another file has its name.
    for (name, is_same) in [("1.mp4", true), ("d", false)] {
        let details = Details::of_handle(fs::File::open(tree.path(name)).unwrap());
        let (is_there, _, entry) = fill_with(details);
        assert_eq!((is_there, entry == file), (is_same, is_same), "{name}");
    }
}

#[test]
fn folder_is_read_while_entries_come_and_go() {
    let tree = Tree::new();
    let done = AtomicBool::new(false);
    for number in 0..300 {
        tree.add(&format!("stays {number}.mp4"));
    }
    let dir = tree.dir();
    let lists = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut numbers = (0..300).cycle();
            while !done.load(Ordering::Relaxed) {
                let path = tree.path(format!("goes {}.mp4", numbers.next().unwrap()));
                fs::write(&path, "").unwrap();
                fs::remove_file(&path).unwrap();
            }
        });
        // The check comes after the other thread has ended: a panic here would wait for that thread without end.
        let root = FolderName::root();
        let lists: Vec<_> = (0..100).map(|_| entries(&dir, &root)).collect();
        done.store(true, Ordering::Relaxed);
        lists
    });
    for list in lists {
        let mut names: Vec<_> = list.unwrap().into_iter().map(|entry| entry.name).collect();
        assert!(names.is_sorted_by(|a, b| natural_cmp(a.as_bytes(), b.as_bytes()).is_lt()));
        names.retain(|name| name.as_bytes().starts_with(b"stays"));
        assert_eq!(names.len(), 300);
    }
}

/// Creates a tree with symlinks of every kind in every folder.
fn tangle() -> Tree {
    let tree = Tree::of("1.mp4|a/2.mp4|a/b/3.mp4|.c/4.mp4|a/fifo!");
    let targets = "1.mp4|2.mp4|../1.mp4|b|a|..|../..|.|/|/dev/zero|none|.c|.c/4.mp4|a/fifo|link 4|../link 3|\
                   ../../media outside/secret.mp4|../media outside";
    for place in ["", "a/", "a/b/", ".c/"] {
        for (number, target) in targets.split('|').enumerate() {
            tree.add(&format!("{place}link {number} -> {target}"));
            let target = tree.path(target);
            tree.add(&format!("{place}absolute {number} -> {}", target.display()));
        }
    }
    tree
}

/// Checks every folder of a tree that contains all kinds of entries.
#[test]
fn entry_is_listed_if_and_only_if_it_opens() {
    let tree = tangle();
    let dir = tree.dir();
    // Many paths lead to the same folder. With a depth of three symlinks, each kind follows each other kind.
    let mut folders = vec![FolderName::root()];
    let (mut files, mut refused) = (0, 0);
    while let Some(folder) = folders.pop() {
        let listed = entries(&dir, &folder).unwrap();
        for on_disk in fs::read_dir(tree.path(folder.as_path())).unwrap() {
            let name = on_disk.unwrap().file_name();
            let entry = listed.iter().find(|entry| *entry.name == name);
            let opens = folder.join(&name).and_then(|name| dir.open(&name).ok());
            let below = folder.join_folder(&name);
            let below = below.filter(|name| dir.read_folder(name).is_ok());
            match entry.map(|entry| (entry.kind, entry.length())) {
                Some((EntryKind::File, length)) => {
                    assert_eq!(Some(opens.unwrap().length()), length);
                    files += 1;
                }
                Some((EntryKind::Folder, _)) => assert!(below.is_some()),
                None => {
                    assert!(opens.is_none() && below.is_none(), "{name:?} in {folder:?}");
                    refused += 1;
                }
            }
            folders.extend(below.filter(|name| name.as_path().iter().count() <= 2));
        }
    }
    assert!(files > 100 && refused > 100, "{files} {refused}");
}

#[test]
fn neighbours_are_the_nearest_files_that_count() {
    let tree = Tree::of(
        "a/e5.mp4/|a/e10.mp4|a/e2.mp4|a/E1.mp4|a/e3.txt|a/.e4.mp4|a/e11.mp4|a/e6.mp4 -> e1.none|\
         a/e7.mp4 -> $ outside/secret.mp4|a/e8.mp4 -> e2.mp4|a/e9.mp4 -> e5.mp4|one/1.mp4|one/1.srt|one/2.mp4 -> none|\
         hidden/1.mp4|hidden/.2.mp4|folder/x/|folder/1.mp4|link/1.mp4|link/2.mp4 -> 1.mp4|linked/1.mp4|linked/x -> ../one",
    );
    let dir = tree.dir();
    for row in [
        "a/E1.mp4 - a/e2.mp4 false",
        "a/e2.mp4 a/E1.mp4 a/e8.mp4 false",
        "a/e8.mp4 a/e2.mp4 a/e10.mp4 false",
        "a/e11.mp4 a/e10.mp4 - false",
        // The file may not match, and may not exist.
        "a/e3.txt a/e2.mp4 a/e8.mp4 false",
        "a/e4.mp4 a/e2.mp4 a/e8.mp4 false",
        "one/1.mp4 - - true",
        "hidden/1.mp4 - - true",
        "folder/1.mp4 - - false",
        "link/1.mp4 - link/2.mp4 false",
        "linked/1.mp4 - - false",
    ] {
        let path = row.split(' ').next().unwrap();
        let (name, folder) = (file(path), file(path).folder());
        let folder = dir.read_folder(&folder).unwrap();
        let counts = |name: &OsStr| name.as_bytes().ends_with(b".mp4");
        let found = folder.neighbours(name.file_name(), counts);
        let shown = |name: Option<MediaName>| name.map_or("-".to_owned(), |it| it.url_path());
        let (previous, next) = (shown(found.previous), shown(found.next));
        assert_eq!(format!("{path} {previous} {next} {}", found.is_alone), row);
    }
}
