use std::fs;
use std::time::UNIX_EPOCH;

use tempfile::TempDir;

use super::*;
use crate::http::Target;
use crate::media::Order;

fn tree(files: &[&str]) -> (TempDir, MediaDir) {
    let temp = tempfile::tempdir().unwrap();
    for file in files {
        let path = temp.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, file).unwrap();
        let time = UNIX_EPOCH + Duration::from_secs(1_795_161_600);
        fs::File::open(&path).unwrap().set_modified(time).unwrap();
    }
    let dir = MediaDir::new(temp.path()).unwrap();
    (temp, dir)
}

fn folder(name: &str) -> FolderName {
    FolderName::from_segments(&[name.as_bytes().to_vec()]).unwrap()
}

fn query(text: &str) -> LibraryQuery {
    LibraryQuery::read(&Target::parse(&format!("/?{text}")).unwrap())
}

fn open(dir: &MediaDir, folder: FolderName, text: &str) -> LibraryPage {
    LibraryPage::open(dir, folder, query(text), Links::default()).unwrap()
}

#[test]
fn page_has_crumbs_tools_and_entries() {
    let (_temp, dir) = tree(&["a & b/1.mp4", "a & b/1.jpg", "a & b/c/2.mp4", "a & b/d.mp3"]);
    let page = open(&dir, folder("a & b"), "").render(LIBRARY_BYTES);
    let (_, body) = page.split_once("<body").unwrap();
    let (before, day) = body.split_once("<time>").unwrap();
    let after = &day[10..];
    assert_eq!(
        before,
        " class=\"library\"><header><nav id=\"crumbs\" aria-label=\"Folders above\"><a href=\"/\">Videos</a></nav>\
         <form role=\"search\" action=\"/\"><input type=\"search\" name=\"q\" value=\"\" \
         aria-label=\"Search in all folders\" placeholder=\"Search in all folders\" autocomplete=\"off\">\
         <button>Search</button></form></header><main><h1><bdi>a &amp; b</bdi></h1><div class=\"tools\">\
         <p id=\"count\">1 folder, 2 files</p><nav id=\"sort\" aria-label=\"Sort\">\
         <a class=\"button\" href=\"?sort=name\" aria-current=\"true\">Name</a>\
         <a class=\"button\" href=\"?sort=date\">Newest</a><a class=\"button\" href=\"?sort=size\">Largest</a></nav>\
         <a class=\"button\" id=\"playlist\" href=\"/playlist/a%20%26%20b/\">Playlist for VLC</a>\
         <a class=\"button js\" id=\"loop-all\" href=\"/watch/a%20%26%20b/1.mp4?loop=folder\">Repeat all</a></div>\
         <ul id=\"entries\"><li class=\"folder\"><a href=\"c/\"><bdi>c</bdi> <small>Folder</small> "
    );
    assert_eq!(
        after,
        "</time></a></li><li><a href=\"/watch/a%20%26%20b/1.mp4\">\
         <img src=\"/api/stream/a%20%26%20b/1.jpg\" alt=\"\" loading=\"lazy\"><bdi>1.mp4</bdi> <small>11 B</small> \
         <time>2026-11-20</time></a></li><li class=\"audio\"><a href=\"/watch/a%20%26%20b/d.mp3\"><bdi>d.mp3</bdi> \
         <small>Audio, 11 B</small> <time>2026-11-20</time></a></li></ul></main></body></html>\n"
    );
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

#[test]
fn page_of_long_entries_is_shorter_and_counts_the_others() {
    let names: Vec<_> = (10..60).map(|number| format!("{number}.mp4")).collect();
    let (_temp, dir) = tree(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for (text, is_backwards) in [("", false), ("last", true), ("q=mp4", false)] {
        let mut page = open(&dir, FolderName::root(), text);
        let whole = page.render(LIBRARY_BYTES);
        let entry = whole.split("<li>").nth(1).unwrap().len() + "<li>".len();
        for (limit, count) in [
            (50 * entry, 50),
            (50 * entry - 1, 49),
            (7 * entry, 7),
            (0, 1),
        ] {
            let short = page.render(limit);
            assert_eq!(short.matches("<li>").count(), count, "{text} {limit}");
            let (first, last) = match is_backwards {
                true => (60 - count, 59),
                false => (10, 9 + count),
            };
            assert!(
                short.contains(&format!("<bdi>{first}.mp4")),
                "{text} {limit}"
            );
            assert!(
                short.contains(&format!("<bdi>{last}.mp4")),
                "{text} {limit}"
            );
            let counted = match (count, text) {
                (50, "q=mp4") => "50 results".to_owned(),
                (50, _) => "50 files".to_owned(),
                (_, "q=mp4") => format!("The best {count} of 50 results"),
                _ => format!("{}–{} of 50", first - 9, last - 9),
            };
            assert!(short.contains(&counted), "{text} {limit}: {counted}");
        }
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
    let mut page = open(&dir, folder, "last");
    assert!(page.render(LIBRARY_BYTES).len() < 80_000);
}

#[test]
fn only_file_is_that_of_a_folder_with_nothing_else_to_show() {
    let (_temp, dir) = tree(&["f/1.mp4", "f/1.srt", "f/Subs/1.srt", "g/1.mp4", "g/h/2.txt"]);
    let only = |name: &str, text: &str| {
        let file = open(&dir, folder(name), text).only_file();
        file.map(|name| name.url_path())
    };
    assert_eq!(only("f", "").as_deref(), Some("f/1.mp4"));
    assert_eq!(only("f", "list"), None);
    assert_eq!(only("g", ""), None);
    let none = LibraryPage::open(&dir, folder("none"), query(""), Links::default());
    assert_eq!(none.err().unwrap().kind(), io::ErrorKind::NotFound);
}
