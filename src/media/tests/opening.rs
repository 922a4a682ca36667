use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use super::*;

#[test]
fn files_and_folders() {
    let tree = Tree::new();
    tree.folder("a/b")
        .folder("full.mp4")
        .file("1.mp4")
        .file("a/2.mp4")
        .file("a/b/3.mp4");
    let dir = tree.dir();
    for path in ["1.mp4", "a/2.mp4", "a/b/3.mp4"] {
        serves(&dir, path, path);
    }
    for path in [
        "a",
        "a/b",
        "full.mp4",
        "none.mp4",
        "a/none.mp4",
        "none/1.mp4",
        "1.mp4/2.mp4",
    ] {
        misses(&dir, path);
    }
    let long = vec!["x".repeat(250); 16].join("/");
    misses(&dir, &long);
}

#[test]
fn nothing_hidden_and_nothing_above() {
    let tree = Tree::new();
    tree.folder(".git")
        .file(".hidden.mp4")
        .file(".git/a.mp4")
        .folder("sub");
    let dir = tree.dir();
    for path in [
        ".hidden.mp4",
        ".git/a.mp4",
        "..",
        "../media outside/secret.mp4",
        "sub/../.hidden.mp4",
        "./.hidden.mp4",
    ] {
        assert_eq!(
            open(&dir, path).unwrap_err().kind(),
            io::ErrorKind::InvalidInput,
            "{path}"
        );
    }
}

#[test]
fn links() {
    let tree = Tree::new();
    tree.folder("a/b")
        .folder(".store")
        .file("1.mp4")
        .file("a/2.mp4")
        .file(".store/key");
    tree.link("a/b/up.mp4", "../../1.mp4")
        .link("absolute.mp4", tree.path("a/2.mp4"))
        .link("twice.mp4", tree.path("absolute.mp4"))
        .link("folder", "a")
        .link("absolute folder", tree.path("a"))
        .link("a/to absolute", tree.path("absolute folder"))
        .link("self", ".")
        .link("absolute self", tree.path(""))
        .link("annexed.mp4", ".store/key")
        .link("annexed", ".store");
    tree.link("out.mp4", "../media outside/secret.mp4")
        .link("absolute out.mp4", tree.outside("secret.mp4"))
        .link("out and in.mp4", "../media/1.mp4")
        .link("folder out", "../media outside")
        .link("absolute folder out", tree.outside(""))
        .link("above", "..")
        .link("slash", "/")
        .link(
            "absolute in and out.mp4",
            tree.path("../media outside/secret.mp4"),
        )
        .link("passwd", "/etc/passwd")
        .link("dangling.mp4", "none.mp4")
        .link("absolute dangling.mp4", tree.path("none.mp4"))
        .link("loop.mp4", "pool.mp4")
        .link("pool.mp4", "loop.mp4")
        .link("absolute loop.mp4", tree.path("absolute loop.mp4"))
        .link("null.mp4", "/dev/null")
        .link("process.mp4", "/proc/self/exe");
    let dir = tree.dir();
    serves(&dir, "a/b/up.mp4", "1.mp4");
    serves(&dir, "absolute.mp4", "a/2.mp4");
    serves(&dir, "twice.mp4", "a/2.mp4");
    serves(&dir, "folder/b/up.mp4", "1.mp4");
    serves(&dir, "absolute folder/2.mp4", "a/2.mp4");
    serves(&dir, "absolute folder/to absolute/b/up.mp4", "1.mp4");
    serves(&dir, "self/self/absolute self/1.mp4", "1.mp4");
    // Hidden is the name, not what it leads to.
    serves(&dir, "annexed.mp4", ".store/key");
    serves(&dir, "annexed/key", ".store/key");
    // Out and in again by an absolute path without links is inside.
    serves(&dir, "out and in.mp4", "1.mp4");
    for path in [
        "out.mp4",
        "absolute out.mp4",
        "folder out/secret.mp4",
        "absolute folder out/secret.mp4",
        "above/media outside/secret.mp4",
        "slash/etc/passwd",
        "absolute in and out.mp4",
        "passwd",
        "dangling.mp4",
        "absolute dangling.mp4",
        "loop.mp4",
        "absolute loop.mp4",
        "null.mp4",
        "process.mp4",
        "self",
        "absolute folder",
    ] {
        misses(&dir, path);
    }
}

#[test]
fn a_directory_that_is_a_link_itself() {
    let tree = Tree::new();
    tree.file("1.mp4");
    let front = tree.temp.path().join("front");
    symlink(tree.path(""), &front).unwrap();
    tree.link("by front.mp4", front.join("1.mp4"))
        .link("by itself.mp4", tree.path("1.mp4"));
    let dir = MediaDir::new(&front).unwrap();
    assert_eq!(dir.canonical(), tree.path("").canonicalize().unwrap());
    serves(&dir, "by front.mp4", "1.mp4");
    serves(&dir, "by itself.mp4", "1.mp4");
    // Pointed elsewhere, as when a new release is switched on: what it now leads to is served, nothing else.
    fs::remove_file(&front).unwrap();
    symlink(tree.outside(""), &front).unwrap();
    serves(&dir, "secret.mp4", SECRET);
    misses(&dir, "1.mp4");
}

#[test]
fn a_link_that_is_swapped_never_leads_out() {
    let tree = Tree::new();
    tree.file("inside.mp4")
        .folder("folder")
        .file("folder/secret.mp4");
    tree.link("now.mp4", "inside.mp4").link("now", "folder");
    // Atomic exchanges: the name always exists and leads in or out, relatively or absolutely.
    let targets = [
        (PathBuf::from("inside.mp4"), PathBuf::from("folder")),
        (
            PathBuf::from("../media outside/secret.mp4"),
            PathBuf::from("../media outside"),
        ),
        (tree.path("inside.mp4"), tree.path("folder")),
        (tree.outside("secret.mp4"), tree.outside("")),
    ];
    let done = AtomicBool::new(false);
    let dir = tree.dir();
    let (mut served, mut refused) = (0_u64, 0_u64);
    thread::scope(|scope| {
        scope.spawn(|| {
            for (file, folder) in targets.iter().cycle() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                for (name, target) in [("now.mp4", file), ("now", folder)] {
                    tree.link("next", target);
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
                match open(&dir, path) {
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
    assert!(
        served > 100 && refused > 100,
        "{served} served, {refused} refused"
    );
}

#[test]
fn what_is_no_file_answers_at_once() {
    let tree = Tree::new();
    tree.fifo("fifo.mp4")
        .link("link.mp4", "fifo.mp4")
        .link("tty.mp4", "/dev/tty");
    let _socket = std::os::unix::net::UnixListener::bind(tree.path("socket.mp4")).unwrap();
    let dir = tree.dir();
    let start = Instant::now();
    for path in [
        "fifo.mp4",
        "link.mp4",
        "tty.mp4",
        "socket.mp4",
        "fifo.mp4/a.mp4",
    ] {
        misses(&dir, path);
    }
    assert_eq!(listed(&dir, ""), Vec::<String>::new());
    assert_eq!(
        entries(&dir, &folder("fifo.mp4")).unwrap_err().kind(),
        io::ErrorKind::NotFound
    );
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn length_and_time_of_the_handle() {
    let tree = Tree::new();
    let five_gib = 5 << 30;
    fs::File::create(tree.path("large.mp4"))
        .unwrap()
        .set_len(five_gib)
        .unwrap();
    let dir = tree.dir();
    let name = MediaName::from_segments(&segments("large.mp4")).unwrap();
    assert_eq!(dir.open(&name).unwrap().length(), five_gib);

    let year = Duration::from_secs(31_556_952);
    for time in [
        UNIX_EPOCH - year * 10 + Duration::from_nanos(1),
        UNIX_EPOCH - Duration::from_nanos(1),
        UNIX_EPOCH + Duration::new(1 << 31, 123_456_789),
        UNIX_EPOCH + year * 8_100,
    ] {
        let file = fs::File::options()
            .write(true)
            .open(tree.path("large.mp4"))
            .unwrap();
        let set = file.set_modified(time);
        if cfg!(target_pointer_width = "32") && set.is_err() {
            // There std counts seconds in 32 bits, and cannot set such a date. tests/clients/static.sh has one.
            continue;
        }
        set.unwrap();
        // Not `time`: file systems have their limits, ext4 in the year 2446.
        let kept = file.metadata().unwrap().modified().unwrap();
        let opened = dir.open(&name).unwrap();
        assert_eq!(opened.modified(), kept);
        assert!(opened.is_unchanged().unwrap());
        assert_eq!(
            entries(&dir, &FolderName::root()).unwrap()[0].modified(),
            Some(kept)
        );
    }
}

#[test]
fn changes_are_noticed() {
    let tree = Tree::new();
    tree.file("1.mp4");
    let dir = tree.dir();
    let name = MediaName::from_segments(&segments("1.mp4")).unwrap();
    let change = |change: &dyn Fn(&fs::File)| {
        let opened = dir.open(&name).unwrap();
        change(
            &fs::File::options()
                .write(true)
                .open(tree.path("1.mp4"))
                .unwrap(),
        );
        opened.is_unchanged().unwrap()
    };
    let time = crate::clock::now() - Duration::from_secs(100);
    assert!(!change(&|file| file.set_len(3).unwrap()));
    assert!(!change(&|file| file.set_modified(time).unwrap()));
    assert!(!change(&|file| file
        .set_modified(time + Duration::from_micros(1))
        .unwrap()));
    assert!(change(&|_| ()));
    // A file that is replaced or removed stays what it was for those who have it open.
    assert!(change(&|_| fs::remove_file(tree.path("1.mp4")).unwrap()));
}

#[test]
fn a_directory_that_is_made_again() {
    let tree = Tree::new();
    tree.file("1.mp4");
    let dir = tree.dir();
    fs::remove_dir_all(tree.path("")).unwrap();
    misses(&dir, "1.mp4");
    assert_eq!(
        entries(&dir, &FolderName::root()).unwrap_err().kind(),
        io::ErrorKind::NotFound
    );
    tree.folder("").file("2.mp4");
    serves(&dir, "2.mp4", "2.mp4");
    assert_eq!(listed(&dir, ""), ["2.mp4"]);
}

#[test]
fn a_directory_that_cannot_be_served() {
    let tree = Tree::new();
    tree.file("1.mp4");
    let kind = |path| MediaDir::new(path).unwrap_err().kind();
    assert_eq!(kind(tree.path("none")), io::ErrorKind::NotFound);
    assert_eq!(kind(tree.path("1.mp4")), io::ErrorKind::NotADirectory);
}

#[test]
fn files_that_may_not_be_read() {
    let tree = Tree::new();
    tree.file("1.mp4");
    fs::set_permissions(tree.path("1.mp4"), fs::Permissions::from_mode(0o0)).unwrap();
    let dir = tree.dir();
    // Listed in any case: their owner should see that they are there.
    assert_eq!(listed(&dir, ""), ["1.mp4"]);
    if rustix::process::geteuid().is_root() {
        serves(&dir, "1.mp4", "1.mp4");
    } else {
        assert_eq!(
            open(&dir, "1.mp4").unwrap_err().kind(),
            io::ErrorKind::PermissionDenied
        );
    }
}
