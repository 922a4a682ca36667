//! What the fuzzer has found, once more.

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// Calls a property with every file of its corpus.
#[track_caller]
fn replay(target: &str, property: fn(&[u8])) {
    let mut count = 0;
    for path in files(&format!("corpus/{target}")) {
        let data = fs::read(&path).unwrap();
        if catch_unwind(|| property(&data)).is_err() {
            panic!("{} says why", path.display());
        }
        count += 1;
    }
    assert!(count > 0, "{target} has no corpus");
}

fn files(below: &str) -> BTreeSet<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz")
        .join(below);
    let entries = fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    entries.map(|entry| entry.unwrap().path()).collect()
}

macro_rules! replay {
    ($($target:ident)*) => {
        $(
            #[test]
            fn $target() {
                replay(stringify!($target), super::$target);
            }
        )*

        #[test]
        fn every_target_is_replayed() {
            let known = [$(stringify!($target)),*].map(str::to_owned);
            let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
            for below in ["targets", "corpus"] {
                let found: BTreeSet<String> = files(below).iter().map(name).collect();
                assert_eq!(found, known.clone().into(), "{below}");
            }
        }
    };
}

replay! { body conditions forwarded head language matroska mp4 query range subtitles target }
