use std::fs;
use std::time::UNIX_EPOCH;

use tempfile::TempDir;

use super::*;
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

/// Of `key=value` pairs, or of keys alone; not encoded.
fn query(text: &str) -> LibraryQuery {
    LibraryQuery::read(text.is_empty(), |key| {
        text.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name == key).then(|| value.as_bytes().to_vec())
        })
    })
}

fn open(dir: &MediaDir, folder: FolderName, text: &str) -> LibraryPage {
    match Library::open(dir, folder, query(text), Links::default()).unwrap() {
        Library::Page(page) => *page,
        Library::Single(name) => panic!("{name:?}"),
    }
}

#[test]
fn a_page() {
    let (_temp, dir) = tree(&["a & b/1.mp4", "a & b/1.jpg", "a & b/c/2.mp4", "a & b/d.mp3"]);
    let mut page = open(&dir, folder("a & b"), "");
    let page = page.render(LIBRARY_BYTES).unwrap();
    let (_, body) = page.split_once("<body").unwrap();
    let (before, day) = body.split_once("<time>").unwrap();
    let after = &day[11..];
    assert_eq!(
        before,
        " class=\"library\"><header><nav id=\"crumbs\" aria-label=\"Folders above\"><a href=\"/\">Videos</a></nav>\
         <form role=\"search\" action=\"/\"><input type=\"search\" name=\"q\" value=\"\" \
         aria-label=\"Search in all folders\" placeholder=\"Search in all folders\" autocomplete=\"off\">\
         <button>Search</button></form></header><main><h1><bdi>a &amp; b</bdi></h1><div class=\"tools\">\
         <p id=\"count\">1 folder, 2 files</p><nav id=\"sort\" aria-label=\"Sort\">\
         <a class=\"button\" href=\"?sort=name\" aria-current=\"true\">Name</a>\
         <a class=\"button\" href=\"?sort=date\">Newest</a><a class=\"button\" href=\"?sort=size\">Largest</a></nav>\
         <a class=\"button\" id=\"playlist\" href=\"/playlist/a%20%26%20b/\">Playlist for VLC</a></div>\
         <ul id=\"entries\"><li class=\"folder\"><a href=\"c/\"><bdi>c</bdi> <small>Folder</small> "
    );
    assert_eq!(
        after,
        "</time></a></li><li><a href=\"/watch/a%20%26%20b/1.mp4\">\
         <img src=\"/api/stream/a%20%26%20b/1.jpg\" alt=\"\" loading=\"lazy\"><bdi>1.mp4</bdi> <small>11 B</small> \
         <time>20 Nov 2026</time></a></li><li class=\"audio\"><a href=\"/watch/a%20%26%20b/d.mp3\"><bdi>d.mp3</bdi> \
         <small>Audio, 11 B</small> <time>20 Nov 2026</time></a></li></ul></main></body></html>\n"
    );
}

#[test]
fn queries() {
    let read = |text: &str| {
        let query = query(text);
        (query.order, query.window.clone(), query.is_search())
    };
    assert_eq!(read(""), (Order::Name, Window::First, false));
    assert_eq!(read("sort=date&last"), (Order::Date, Window::Last, false));
    assert_eq!(read("sort=size"), (Order::Size, Window::First, false));
    assert_eq!(read("sort=Size&q= "), (Order::Name, Window::First, false));
    assert_eq!(read("q=x"), (Order::Name, Window::First, true));
    let place = Place::from_bytes(b"f5.a").unwrap();
    assert_eq!(read("before=f5.a").1, Window::Before(place.clone()));
    assert_eq!(read("after=f5.a&before=d.x&last").1, Window::After(place));
    // What a page links is read as it was meant.
    for window in ["", "last", "after=f-5.\u{fffd}&x", "before=d.?&="] {
        let own = query(&format!("sort=size&{window}"));
        let link = own.part(&own.window);
        let decoded = percent_encoding::percent_decode_str(link.strip_prefix('?').unwrap());
        let decoded = decoded.decode_utf8().unwrap();
        let again = query(&decoded);
        assert_eq!((again.order, again.window), (own.order, own.window));
        assert!(
            link.is_ascii() && !link.contains(['"', '<', ' ', '#']),
            "{link}"
        );
    }
}

/// Fewer entries, counted, and the rest of them is on the next page.
#[test]
fn pages_that_are_too_long() {
    let names: Vec<_> = (10..60).map(|number| format!("{number}.mp4")).collect();
    let (_temp, dir) = tree(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for (text, expected) in [("", (0, 50)), ("last", (50, 0)), ("q=mp4", (0, 50))] {
        let mut page = open(&dir, FolderName::root(), text);
        let whole = page.render(LIBRARY_BYTES).unwrap();
        assert_eq!(page.items.len(), 50);
        for limit in [whole.len() - 1, 4_000, 2_500, 1_700] {
            let short = page.render(limit).unwrap();
            assert!(short.len() <= limit);
            let left = page.items.len() as u64;
            assert!((1..50).contains(&left) && short.matches("<li>").count() as u64 == left);
            let around = match page.extent {
                Extent::Folder { before, after, .. } => (before, after),
                Extent::Search { more, .. } => (0, more),
            };
            let away = |side: u64| if side == 0 { 0 } else { side - left };
            assert_eq!(around, (away(expected.0), away(expected.1)));
        }
        assert_eq!(page.render(100), None);
    }
}

#[test]
fn single_videos() {
    let (_temp, dir) = tree(&["f/1.mp4", "f/1.srt", "g/1.mp4", "g/h/2.txt"]);
    let single = |name: &str, text: &str| match Library::open(
        &dir,
        folder(name),
        query(text),
        Links::default(),
    ) {
        Ok(Library::Single(name)) => Some(name.url_path()),
        _ => None,
    };
    assert_eq!(single("f", "").as_deref(), Some("f/1.mp4"));
    assert_eq!(single("f", "list"), None);
    assert_eq!(single("g", ""), None);
    let none = Library::open(&dir, folder("none"), query(""), Links::default()).unwrap_err();
    assert_eq!(none.kind(), io::ErrorKind::NotFound);
}
