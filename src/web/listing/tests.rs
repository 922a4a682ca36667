use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

fn tree() -> (TempDir, Arc<MediaDir>) {
    let temp = tempfile::tempdir().unwrap();
    let dir = Arc::new(MediaDir::new(temp.path()).unwrap());
    (temp, dir)
}

fn folder(segments: &[&str]) -> FolderName {
    let segments: Vec<_> = segments
        .iter()
        .map(|segment| segment.as_bytes().to_vec())
        .collect();
    FolderName::from_segments(&segments).unwrap()
}

/// The blocks of a listing with `limit` entries in each.
fn blocks(
    dir: &Arc<MediaDir>,
    folder: FolderName,
    format: ListingFormat,
    limit: usize,
) -> Vec<Vec<u8>> {
    let mut listing = Listing::with_limit(Arc::clone(dir), folder, format, limit).unwrap();
    let mut blocks = Vec::new();
    loop {
        let mut block = Vec::new();
        let more = listing.next_block(&mut block).unwrap();
        blocks.push(block);
        if !more {
            let mut nothing = Vec::new();
            assert!(!listing.next_block(&mut nothing).unwrap() && nothing.is_empty());
            return blocks;
        }
    }
}

fn html(dir: &Arc<MediaDir>, folder: FolderName) -> String {
    String::from_utf8(blocks(dir, folder, ListingFormat::Html, 2).concat()).unwrap()
}

fn json(dir: &Arc<MediaDir>, folder: FolderName) -> Value {
    serde_json::from_slice(&blocks(dir, folder, ListingFormat::Json, 2).concat()).unwrap()
}

/// Names that would break a page or a link that is put together carelessly.
const NAMES: [&[u8]; 8] = [
    b"<img src=x onerror=alert(1)> \"q\" 100% #1.mp4",
    "🎬 été.mp4".as_bytes(),
    b"latin \xe9t\xe9.mp4",
    b"two\nlines\r\t\x01.mp4",
    "\u{202E}4pm.mp4".as_bytes(),
    b"javascript:alert(1).mp4",
    b"a\\b'&amp;?x=1;.mp4",
    b"'\"> onload=x.mp4",
];

#[test]
fn json_of_a_folder() {
    let (temp, dir) = tree();
    let sub = temp.path().join("sub/folder");
    fs::create_dir_all(sub.join("season 1")).unwrap();
    fs::write(sub.join("a b.mp4"), "123").unwrap();
    let at = |path, seconds: i64| {
        let time = UNIX_EPOCH + Duration::from_secs(2_000_000_000) - Duration::from_millis(500);
        let time = time - Duration::from_secs(u64::try_from(2_000_000_000 - seconds).unwrap());
        fs::File::open(sub.join(path))
            .unwrap()
            .set_modified(time)
            .unwrap();
    };
    at("season 1", 1_763_641_673);
    at("a b.mp4", -10);
    let expected = json!({"path": "sub/folder", "entries": [
        {"name": "season 1", "path": "sub/folder/season 1", "kind": "folder", "modified": 1_763_641_672,
         "listing_url": "/api/videos/sub/folder/season%201/"},
        {"name": "a b.mp4", "path": "sub/folder/a b.mp4", "kind": "video", "length": 3, "modified": -11,
         "stream_url": "/api/stream/sub/folder/a%20b.mp4"},
    ]});
    assert_eq!(json(&dir, folder(&["sub", "folder"])), expected);
    assert_eq!(
        json(&dir, folder(&["sub", "folder", "season 1"])),
        json!({"path": "sub/folder/season 1", "entries": []})
    );
    assert_eq!(
        json(&dir, FolderName::root())["entries"][0]["listing_url"],
        "/api/videos/sub/"
    );
}

#[test]
fn html_of_a_folder() {
    let (temp, dir) = tree();
    fs::create_dir_all(temp.path().join("a & b/c/empty")).unwrap();
    fs::File::create(temp.path().join("a & b/c/1.mp4"))
        .unwrap()
        .set_len(1_400_000_000)
        .unwrap();
    let page = html(&dir, folder(&["a & b", "c"]));
    assert_eq!(
        page,
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>c</title>\
         <link rel=\"icon\" href=\"/favicon.ico\"></head><body><main><h1><bdi>c</bdi></h1>\
         <p><a href=\"/browse/a%20%26%20b/\">Up to <bdi>a &amp; b</bdi></a></p><ul>\
         <li><a href=\"/browse/a%20%26%20b/c/empty/\"><bdi>empty/</bdi></a></li>\
         <li><a href=\"/api/stream/a%20%26%20b/c/1.mp4\"><bdi>1.mp4</bdi></a> <small>1.4 GB</small></li>\
         </ul></main></body></html>\n"
    );
    let empty = html(&dir, folder(&["a & b", "c", "empty"]));
    assert!(empty.contains("Copy videos into this folder"));
    let root = html(&dir, FolderName::root());
    assert!(
        root.contains("<h1><bdi>Videos</bdi></h1><ul>")
            && !root.contains("Up to")
            && !root.contains("Copy")
    );
    assert!(html(&dir, folder(&["a & b"])).contains("<a href=\"/\">Up to <bdi>Videos</bdi>"));
}

#[test]
fn names_of_any_characters_are_listed_and_linked() {
    let (temp, dir) = tree();
    for name in NAMES {
        fs::write(temp.path().join(OsStr::from_bytes(name)), name).unwrap();
        let folder = [b"folder ", name].concat();
        fs::create_dir(temp.path().join(OsStr::from_bytes(&folder))).unwrap();
    }
    let listing = json(&dir, FolderName::root());
    let entries = listing["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2 * NAMES.len());
    let page = html(&dir, FolderName::root());
    for name in NAMES {
        let text = String::from_utf8_lossy(name);
        let entry = entries.iter().find(|entry| entry["name"] == *text).unwrap();
        let url = entry["stream_url"].as_str().unwrap();
        let path: Vec<u8> = percent_decode_str(url.strip_prefix("/api/stream/").unwrap()).collect();
        assert_eq!(path, name);
        let escaped = maud::html! { (text) }.into_string();
        assert!(
            page.contains(&format!("<a href=\"{url}\"><bdi>{escaped}</bdi></a>")),
            "{text}"
        );
    }
    for folder in NAMES.map(|name| folder_of(&[b"folder ", name].concat())) {
        assert!(page.contains(&format!("<a href=\"/browse/{}/\">", folder.url_path())));
        let own = html(&dir, folder);
        assert!(own.contains("Copy videos") && !own.contains("<img"));
    }
    // No element that is not ours.
    assert!(!page.contains("<img") && !page.contains("<script"));
}

fn folder_of(name: &[u8]) -> FolderName {
    FolderName::from_segments(&[name.to_vec()]).unwrap()
}

#[test]
fn blocks_are_pages_and_errors_end_them() {
    let (temp, dir) = tree();
    fs::create_dir(temp.path().join("sub")).unwrap();
    for number in 0..10 {
        fs::write(temp.path().join(format!("sub/{number}.mp4")), "").unwrap();
    }
    for format in [ListingFormat::Html, ListingFormat::Json] {
        assert_eq!(blocks(&dir, folder(&["sub"]), format, 3).len(), 4);
        assert_eq!(blocks(&dir, folder(&["sub"]), format, 10).len(), 1);
        assert_eq!(
            blocks(&dir, folder(&["sub"]), format, 3).concat(),
            blocks(&dir, folder(&["sub"]), format, 100).concat()
        );
        let missing = Listing::open(Arc::clone(&dir), folder(&["none"]), format).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
    let mut listing =
        Listing::with_limit(Arc::clone(&dir), folder(&["sub"]), ListingFormat::Json, 3).unwrap();
    fs::remove_dir_all(temp.path().join("sub")).unwrap();
    let mut out = Vec::new();
    assert!(
        listing.next_block(&mut out).unwrap(),
        "was read when it was opened"
    );
    assert!(listing.next_block(&mut out).is_err());
    assert!(
        !listing.next_block(&mut out).unwrap(),
        "nothing after an error"
    );
}
