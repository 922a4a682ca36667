use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, UNIX_EPOCH};

use super::*;

/// The served directory is itself a symlink. `tests/it/outside.rs` tests the usual symlinks.
#[test]
fn odd_links_are_followed_if_they_stay_inside() {
    let tree = Tree::of(
        "1.mp4|.store/key|annexed.mp4 -> .store/key|annexed -> .store|self -> .|absolute self -> $|\
         out and in.mp4 -> ../media/1.mp4|absolute in and out.mp4 -> $/../media outside/secret.mp4",
    );
    let front = tree.temp.path().join("front");
    symlink(tree.path(""), &front).unwrap();
    symlink(front.join("1.mp4"), tree.path("by front.mp4")).unwrap();
    let dir = MediaDir::new(&front).unwrap();
    assert_eq!(dir.canonical, tree.path("").canonicalize().unwrap());
    // The target of a symlink may be hidden, because only the requested names must be visible.
    serves(&dir, "annexed.mp4", ".store/key");
    serves(&dir, "annexed/key", ".store/key");
    // Some of these symlinks leave the directory and return, so their target is inside.
    for path in [
        "by front.mp4",
        "out and in.mp4",
        "self/self/absolute self/1.mp4",
    ] {
        serves(&dir, path, "1.mp4");
    }
    assert_not_found(&dir, "absolute in and out.mp4");
    assert_not_found(&dir, "self");
    // The served symlink gets another target. Only the new target is served.
    fs::remove_file(&front).unwrap();
    symlink(tree.outside(""), &front).unwrap();
    serves(&dir, "secret.mp4", SECRET);
    assert_not_found(&dir, "1.mp4");
}

#[test]
fn open_file_has_length_and_time_of_its_handle() {
    let tree = Tree::new();
    let five_gib = 5 << 30;
    let large = fs::File::create(tree.path("large.mp4")).unwrap();
    large.set_len(five_gib).unwrap();
    let dir = tree.dir();
    let name = file("large.mp4");
    assert_eq!(dir.open(&name).unwrap().length(), five_gib);

    let year = Duration::from_secs(31_556_952);
    for time in [
        UNIX_EPOCH - year * 10 + Duration::from_nanos(1),
        UNIX_EPOCH - Duration::from_nanos(1),
        UNIX_EPOCH + Duration::new(1 << 31, 123_456_789),
        UNIX_EPOCH + year * 8_100,
    ] {
        let set = large.set_modified(time);
        if cfg!(target_pointer_width = "32") && set.is_err() {
            // On 32-bit systems, std cannot set such a date. tests/clients/static.sh tests dates after 2038.
            continue;
        }
        set.unwrap();
        // The file system may have changed the time: ext4 ends in the year 2446.
        let kept = large.metadata().unwrap().modified().unwrap();
        let opened = dir.open(&name).unwrap();
        assert_eq!(opened.modified(), kept);
        assert!(opened.is_unchanged().unwrap());
        let entries = entries(&dir, &FolderName::root()).unwrap();
        assert_eq!(entries[0].modified, Some(kept));
    }
}

/// If a program appends to a file, the kernel sets the time before the length.
#[test]
fn append_that_sets_time_before_length_counts_as_growth() {
    let tree = Tree::of("1.mp4");
    let opened = tree.dir().open(&file("1.mp4")).unwrap();
    let writer = fs::File::options().write(true).open(tree.path("1.mp4"));
    let writer = writer.unwrap();
    writer.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert!(!opened.is_same_or_longer().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(20));
            writer.set_len(opened.length() + 1).unwrap();
        });
        assert!(opened.is_same_or_longer().unwrap());
    });
    writer.set_len(1).unwrap();
    assert!(!opened.is_same_or_longer().unwrap());
}

#[test]
fn file_that_may_not_be_read_is_listed() {
    let tree = Tree::of("1.mp4");
    fs::set_permissions(tree.path("1.mp4"), fs::Permissions::from_mode(0o0)).unwrap();
    let dir = tree.dir();
    let listed = entries(&dir, &FolderName::root()).unwrap();
    assert_eq!(listed[0].length, Some(5));
    let opened = read(&dir, "1.mp4").map_err(|error| error.kind());
    if rustix::process::geteuid().is_root() {
        assert_eq!(opened, Ok("1.mp4".to_owned()));
    } else {
        assert_eq!(opened, Err(io::ErrorKind::PermissionDenied));
    }
}
