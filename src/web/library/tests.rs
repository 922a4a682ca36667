use std::fs;

use super::*;
use crate::http::Target;
use crate::media::Order;

fn query(text: &str) -> LibraryQuery {
    LibraryQuery::read(&Target::parse(&format!("/?{text}")).unwrap())
}

#[test]
fn query_gives_order_and_window() {
    use Order::{Date, Name, Size};
    use Window::{After, Before};
    for (text, order, window, is_search) in [
        ("", Name, After(0), false),
        ("sort=date&last", Date, Before(usize::MAX), false),
        ("sort=size", Size, After(0), false),
        ("sort=Size&q=+", Name, After(0), false),
        ("q=x", Name, After(0), true),
        ("before=5", Name, Before(5), false),
        ("before=0&last", Name, After(0), false),
        ("after=5&before=9&last", Name, After(5), false),
        ("after=5&q=x", Name, After(0), true),
    ] {
        let query = query(text);
        let found = (query.order, query.window, query.is_search());
        assert_eq!(found, (order, window, is_search), "{text}");
    }
}

/// The names have the maximum length, the folder has the maximum depth, and all characters need escapes.
#[test]
fn page_of_the_longest_names_is_bounded() {
    let long = "\"".repeat(250);
    let path = [long.as_str(); 14].join("/");
    let files: Vec<_> = (0..9).map(|it| format!("{path}/{long}{it}")).collect();
    let names: Vec<_> = files
        .iter()
        .flat_map(|it| [format!("{it}.mp4"), format!("{it}.jpg")])
        .collect();
    let temp = tempfile::tempdir().unwrap();
    let dir = MediaDir::new(temp.path()).unwrap();
    // The path is too long for one system call.
    let mut folder = std::path::PathBuf::from(temp.path());
    folder.push(&path);
    fs::create_dir_all(&folder).unwrap();
    for name in &names {
        fs::write(temp.path().join(name), "").unwrap();
    }
    let segments: Vec<_> = path.split('/').map(|it| it.as_bytes().to_vec()).collect();
    let folder = FolderName::from_segments(&segments).unwrap();
    let page = LibraryPage::open(&dir, folder, query("last"), Links::default());
    assert!(page.unwrap().render(LIBRARY_BYTES).len() < 80_000);
}
