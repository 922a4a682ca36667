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

fn json(dir: &Arc<MediaDir>, folder: FolderName) -> Value {
    serde_json::from_slice(&blocks(dir, folder, ListingFormat::Json(Links::default()), 2).concat())
        .unwrap()
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
    for name in NAMES {
        let text = String::from_utf8_lossy(name);
        let entry = entries.iter().find(|entry| entry["name"] == *text).unwrap();
        let url = entry["stream_url"].as_str().unwrap();
        let path: Vec<u8> = percent_decode_str(url.strip_prefix("/api/stream/").unwrap()).collect();
        assert_eq!(path, name);
    }
}

#[test]
fn blocks_are_pages_and_errors_end_them() {
    let (temp, dir) = tree();
    fs::create_dir(temp.path().join("sub")).unwrap();
    for number in 0..10 {
        fs::write(temp.path().join(format!("sub/{number}.mp4")), "").unwrap();
    }
    let format = || ListingFormat::Json(Links::default());
    assert_eq!(blocks(&dir, folder(&["sub"]), format(), 3).len(), 4);
    assert_eq!(blocks(&dir, folder(&["sub"]), format(), 10).len(), 1);
    assert_eq!(
        blocks(&dir, folder(&["sub"]), format(), 3).concat(),
        blocks(&dir, folder(&["sub"]), format(), 100).concat()
    );
    let missing = Listing::open(Arc::clone(&dir), folder(&["none"]), format()).unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    let mut listing = Listing::with_limit(
        Arc::clone(&dir),
        folder(&["sub"]),
        ListingFormat::Json(Links::default()),
        3,
    )
    .unwrap();
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
