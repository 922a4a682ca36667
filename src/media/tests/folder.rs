use rustix::io::Errno;

use super::*;
use crate::media::entry::UnreadableEntries;
use crate::media::file::FileDetails;

/// The errors are those of a dead network share, a sleeping disk and a folder without search permission.
#[test]
fn entry_with_an_error_is_listed_without_details() {
    let tree = Tree::of("d/|1.mp4");
    let with = |details: io::Result<FileDetails>| {
        let (mut entry, mut unreadable) = (
            Entry::new(OsStr::new("1.mp4"), false),
            UnreadableEntries::default(),
        );
        let is_there = entry.fill(Path::new(""), details, &mut unreadable);
        (is_there, unreadable.count, entry.length)
    };
    for errno in [
        Errno::IO,
        Errno::STALE,
        Errno::HOSTDOWN,
        Errno::TIMEDOUT,
        Errno::ACCESS,
    ] {
        assert_eq!(with(Err(errno.into())), (true, 1, None), "{errno:?}");
    }
    assert_eq!(with(Err(Errno::NOENT.into())), (false, 0, None));
    let of = |name: &str| FileDetails::of_handle(fs::File::open(tree.path(name)).unwrap());
    assert_eq!(with(of("1.mp4")), (true, 0, Some(5)));
    // A folder has replaced the file.
    assert!(!with(of("d")).0);
}

fn folders_with_symlinks() -> Tree {
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

#[test]
fn entry_is_listed_if_and_only_if_it_opens() {
    let tree = folders_with_symlinks();
    let dir = tree.dir();
    // Symlinks form circles, so the test follows paths of at most three segments. In the longest paths, all three
    // segments are symlinks.
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
            match entry {
                Some(entry) if entry.is_folder => assert!(below.is_some()),
                Some(entry) => {
                    assert_eq!(Some(opens.unwrap().length()), entry.length);
                    files += 1;
                }
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
