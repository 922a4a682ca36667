use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use super::*;

#[test]
fn files_open_and_folders_and_missing_names_are_not_found() {
    let tree = Tree::of("1.mp4|a/2.mp4|a/b/3.mp4|full.mp4/");
    let dir = tree.dir();
    for path in ["1.mp4", "a/2.mp4", "a/b/3.mp4"] {
        serves(&dir, path, path);
    }
    for path in "a|a/b|full.mp4|none.mp4|a/none.mp4|none/1.mp4|1.mp4/2.mp4".split('|') {
        misses(&dir, path);
    }
    let long = vec!["x".repeat(250); 16].join("/");
    misses(&dir, &long);
}

#[test]
fn links_are_followed_if_they_stay_inside() {
    let tree = Tree::of(
        "1.mp4|a/b/|a/2.mp4|.store/key|a/b/up.mp4 -> ../../1.mp4|absolute.mp4 -> $/a/2.mp4|twice.mp4 -> $/absolute.mp4|\
         folder -> a|absolute folder -> $/a|a/to absolute -> $/absolute folder|self -> .|absolute self -> $|\
         annexed.mp4 -> .store/key|annexed -> .store|\
         out.mp4 -> ../media outside/secret.mp4|absolute out.mp4 -> $ outside/secret.mp4|out and in.mp4 -> ../media/1.mp4|\
         folder out -> ../media outside|absolute folder out -> $ outside|above -> ..|slash -> /|\
         absolute in and out.mp4 -> $/../media outside/secret.mp4|passwd -> /etc/passwd|dangling.mp4 -> none.mp4|\
         absolute dangling.mp4 -> $/none.mp4|loop.mp4 -> pool.mp4|pool.mp4 -> loop.mp4|\
         absolute loop.mp4 -> $/absolute loop.mp4|null.mp4 -> /dev/null|process.mp4 -> /proc/self/exe",
    );
    let dir = tree.dir();
    for (path, content) in [
        ("a/b/up.mp4", "1.mp4"),
        ("absolute.mp4", "a/2.mp4"),
        ("twice.mp4", "a/2.mp4"),
        ("folder/b/up.mp4", "1.mp4"),
        ("absolute folder/2.mp4", "a/2.mp4"),
        ("absolute folder/to absolute/b/up.mp4", "1.mp4"),
        ("self/self/absolute self/1.mp4", "1.mp4"),
        // Only a name can be hidden, not the target of a symlink.
        ("annexed.mp4", ".store/key"),
        ("annexed/key", ".store/key"),
        // The path leaves the directory and returns by an absolute path without symlinks, so it is inside.
        ("out and in.mp4", "1.mp4"),
    ] {
        serves(&dir, path, content);
    }
    // The file outside exists.
    let outside = fs::read_to_string(tree.path("absolute folder out/secret.mp4"));
    assert_eq!(outside.unwrap(), SECRET);
    let missing = "out.mp4|absolute out.mp4|folder out/secret.mp4|absolute folder out/secret.mp4|\
                   above/media outside/secret.mp4|slash/etc/passwd|absolute in and out.mp4|passwd|dangling.mp4|\
                   absolute dangling.mp4|loop.mp4|absolute loop.mp4|null.mp4|process.mp4|self|absolute folder";
    for path in missing.split('|') {
        misses(&dir, path);
    }
}

#[test]
fn directory_that_is_a_link_is_followed_at_each_request() {
    let tree = Tree::of("1.mp4");
    let front = tree.temp.path().join("front");
    symlink(tree.path(""), &front).unwrap();
    tree.add(&format!(
        "by front.mp4 -> {}|by itself.mp4 -> $/1.mp4",
        front.join("1.mp4").display()
    ));
    let dir = MediaDir::new(&front).unwrap();
    assert_eq!(dir.canonical(), tree.path("").canonicalize().unwrap());
    serves(&dir, "by front.mp4", "1.mp4");
    serves(&dir, "by itself.mp4", "1.mp4");
    // The symlink gets another target, as in the switch to a new release. Only the new target is served.
    fs::remove_file(&front).unwrap();
    symlink(tree.outside(""), &front).unwrap();
    serves(&dir, "secret.mp4", SECRET);
    misses(&dir, "1.mp4");
}

#[test]
fn link_that_is_swapped_never_leads_out() {
    let tree = Tree::of("inside.mp4|folder/secret.mp4|now.mp4 -> inside.mp4|now -> folder");
    // Atomic exchanges: the name always exists. Its target is inside or outside, by a relative or an absolute path.
    let targets = [
        ("inside.mp4", "folder"),
        ("../media outside/secret.mp4", "../media outside"),
        ("$/inside.mp4", "$/folder"),
        ("$ outside/secret.mp4", "$ outside"),
    ];
    let done = AtomicBool::new(false);
    let dir = tree.dir();
    let (mut served, mut refused) = (0_u64, 0_u64);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut targets = targets.iter().cycle();
            while !done.load(Ordering::Relaxed) {
                let (file, folder) = targets.next().unwrap();
                for (name, target) in [("now.mp4", file), ("now", folder)] {
                    tree.add(&format!("next -> {target}"));
                    fs::rename(tree.path("next"), tree.path(name)).unwrap();
                }
            }
        });
        let start = Instant::now();
        let mut leaks = Vec::new();
        while start.elapsed() < Duration::from_secs(2) {
            for (path, content) in [
                ("now.mp4", "inside.mp4"),
                ("now/secret.mp4", "folder/secret.mp4"),
            ] {
                match read(&dir, path) {
                    Ok(read) if read == content => served += 1,
                    Ok(read) => leaks.push(read),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => refused += 1,
                    Err(error) => leaks.push(error.to_string()),
                }
            }
        }
        done.store(true, Ordering::Relaxed);
        assert_eq!(leaks, Vec::<String>::new());
    });
    assert!(served > 100 && refused > 100, "{served} {refused}");
}

#[test]
fn fifo_device_and_socket_are_not_found_at_once() {
    let tree = Tree::of("fifo.mp4!|link.mp4 -> fifo.mp4|tty.mp4 -> /dev/tty");
    let _socket = std::os::unix::net::UnixListener::bind(tree.path("socket.mp4")).unwrap();
    let dir = tree.dir();
    let start = Instant::now();
    for path in "fifo.mp4|link.mp4|tty.mp4|socket.mp4|fifo.mp4/a.mp4".split('|') {
        misses(&dir, path);
    }
    assert_eq!(listed(&dir, ""), "");
    let error = entries(&dir, &folder("fifo.mp4")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(start.elapsed() < Duration::from_secs(2));
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
            // On this system, std counts seconds in 32 bits and cannot set such a date. tests/clients/static.sh has
            // this test.
            continue;
        }
        set.unwrap();
        // Not `time`, because file systems have limits: the limit of ext4 is the year 2446.
        let kept = large.metadata().unwrap().modified().unwrap();
        let opened = dir.open(&name).unwrap();
        assert_eq!(opened.modified(), kept);
        assert!(opened.is_unchanged().unwrap());
        let entries = entries(&dir, &FolderName::root()).unwrap();
        assert_eq!(entries[0].modified(), Some(kept));
    }
}

#[test]
fn open_file_is_changed_by_writing_and_not_by_removal() {
    let tree = Tree::of("1.mp4");
    let dir = tree.dir();
    let is_unchanged_after = |change: &dyn Fn(&fs::File)| {
        let opened = dir.open(&file("1.mp4")).unwrap();
        let writer = fs::File::options().write(true).open(tree.path("1.mp4"));
        change(&writer.unwrap());
        opened.is_unchanged().unwrap()
    };
    let time = crate::clock::now() - Duration::from_secs(100);
    assert!(!is_unchanged_after(&|file| file.set_len(3).unwrap()));
    for time in [time, time + Duration::from_micros(1)] {
        assert!(!is_unchanged_after(&|file| file
            .set_modified(time)
            .unwrap()));
    }
    assert!(is_unchanged_after(&|_| ()));
    let remove = |_: &_| fs::remove_file(tree.path("1.mp4")).unwrap();
    assert!(is_unchanged_after(&remove));
}

#[test]
fn directory_that_is_made_again_is_served() {
    let tree = Tree::of("1.mp4");
    let dir = tree.dir();
    fs::remove_dir_all(tree.path("")).unwrap();
    misses(&dir, "1.mp4");
    let error = entries(&dir, &FolderName::root()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    tree.add("2.mp4");
    serves(&dir, "2.mp4", "2.mp4");
    assert_eq!(listed(&dir, ""), "2.mp4");
}

#[test]
fn directory_that_cannot_be_served_is_an_error() {
    let tree = Tree::of("1.mp4");
    let kind = |path| MediaDir::new(path).unwrap_err().kind();
    assert_eq!(kind(tree.path("none")), io::ErrorKind::NotFound);
    assert_eq!(kind(tree.path("1.mp4")), io::ErrorKind::NotADirectory);
}

#[test]
fn file_that_may_not_be_read_is_listed() {
    let tree = Tree::of("1.mp4");
    fs::set_permissions(tree.path("1.mp4"), fs::Permissions::from_mode(0o0)).unwrap();
    let dir = tree.dir();
    // The list includes the file, so that its owner sees it.
    assert_eq!(listed(&dir, ""), "1.mp4");
    let opened = read(&dir, "1.mp4").map_err(|error| error.kind());
    if rustix::process::geteuid().is_root() {
        assert_eq!(opened, Ok("1.mp4".to_owned()));
    } else {
        assert_eq!(opened, Err(io::ErrorKind::PermissionDenied));
    }
}
