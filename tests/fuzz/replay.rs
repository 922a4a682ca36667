//! Calls each fuzz target (a function of `targets`) with the files of its corpus, which are saved inputs.

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

// The module is also the root of the library crate `videoserve-fuzz`. So its functions are `pub`, not `pub(crate)`.
#[allow(unreachable_pub)]
mod targets;

macro_rules! replay {
    ($($target:ident)*) => {
        $(
            #[test]
            fn $target() {
                replay(stringify!($target), targets::$target);
            }
        )*

        #[test]
        fn every_corpus_is_replayed() {
            let known = [$(stringify!($target)),*].map(str::to_owned);
            let name = |path: PathBuf| path.file_stem().map(|name| name.display().to_string());
            for folder in ["bins", "corpus", "dictionaries"] {
                let found: BTreeSet<String> = files(folder).into_iter().filter_map(name).collect();
                assert_eq!(found, BTreeSet::from(known.clone()), "{folder}");
            }
        }
    };
}

replay! { body conditions cut head inside language matroska mp4 query range subtitles target }

#[track_caller]
fn replay(name: &str, target: fn(&[u8])) {
    let files = files(&format!("corpus/{name}"));
    assert!(!files.is_empty(), "{name} has no corpus");
    for path in files {
        let data = fs::read(&path).expect("a file");
        assert!(
            catch_unwind(|| target(&data)).is_ok(),
            "{} breaks a rule; see the panic above",
            path.display()
        );
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz")
        .join(folder);
    let entries = fs::read_dir(&folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}
