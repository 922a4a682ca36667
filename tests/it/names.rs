//! Tests file names with any bytes. The JSON listing and a page must link to each name, and each link must return its
//! file.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::library::{entries, pages};
use crate::outside::ask;
use crate::support::TestServer;

/// Returns names that programs often misread, and one name for each byte from 1 to 255, but not for `.` and `/`.
fn odd_names() -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = [
        "plain.mp4",
        "two words.mp4",
        " leading and trailing ",
        "a#b.mp4",
        "100%.mp4",
        "%41.mp4",
        "%2e%2e%2fx.mp4",
        "what?.mp4",
        "a?download=b.mp4",
        "a&b=c;d.mp4",
        "a+b.mp4",
        "it's.mp4",
        "say \"hi\".mp4",
        "<b>&amp;.mp4",
        "<img src=x onerror=alert(1)> \"q\" 100% #1.mp4",
        "'\"><script>alert(1)<'script>.mp4",
        "]]>.mp4",
        "{{7*7}}${7*7}.mp4",
        "back\\slash.mp4",
        "C:\\x.mp4",
        "http:",
        "javascript:alert(1)",
        "data:text,html",
        "-rf",
        "~",
        "a..b",
        "name.",
        "*",
        "[1080p] {x}|^`.mp4",
        "line\nbreak.mp4",
        "tab\tand\r\nreturn",
        "\u{1}\u{1b}[31m\u{7f}.mp4",
        "Tschüß.mp4",
        "Tschu\u{308}ß.mp4",
        "映画.mkv",
        "🎬👨‍👩‍👧.mp4",
        "\u{202e}4pm.exe",
        "\u{feff}bom.mp4",
        "\u{fffd}.mp4",
        "index.html",
        "CON",
    ]
    .map(|name| name.as_bytes().to_vec())
    .into();
    names.push(b"latin \xe4\xff.mp4".to_vec());
    names.push(b"\xff".to_vec());
    names.push(b"\xc3\x28\xf0\x9f.mp4".to_vec());
    names.extend(
        (1..=255)
            .filter(|byte| !b"./".contains(byte))
            .map(|byte| vec![b'b', byte]),
    );
    names
}

/// Writes a file of each name into the served folder and a subfolder. Returns the URL paths of both folders.
fn fill(server: &TestServer, names: &[Vec<u8>]) -> [&'static str; 2] {
    let folder = server.dir().join(OsStr::from_bytes(b"100% <f> #\xff"));
    fs::create_dir(&folder).unwrap();
    for name in names {
        fs::write(server.dir().join(OsStr::from_bytes(name)), name).unwrap();
        fs::write(folder.join(OsStr::from_bytes(name)), name).unwrap();
    }
    ["", "100%25%20%3Cf%3E%20%23%FF/"]
}

/// Checks that each link returns the file with the shown name, and that each name has a link.
#[track_caller]
fn follow(server: &TestServer, links: Vec<(String, String)>, names: &[Vec<u8>]) {
    let mut client = server.connect();
    let mut found = Vec::new();
    for (url, text) in links {
        assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{url}");
        let response = client.request("GET", &url, "");
        assert_eq!(response.status, 200, "{url}");
        assert_eq!(text, String::from_utf8_lossy(&response.content));
        found.push(response.content);
    }
    found.sort();
    let mut expected = names.to_vec();
    expected.sort();
    expected.dedup();
    assert!(found == expected, "{} of {}", found.len(), expected.len());
}

#[test]
fn json_listing_links_to_names_of_any_bytes() {
    let server = TestServer::start();
    let names = odd_names();
    for folder in fill(&server, &names) {
        let response = server.get(&format!("/api/videos/{folder}"));
        let listing: serde_json::Value = serde_json::from_str(response.text()).unwrap();
        let files = listing["entries"].as_array().unwrap().iter();
        let links = files
            .filter(|entry| entry["kind"] != "folder")
            .map(|entry| {
                let text = |name: &str| entry[name].as_str().unwrap().to_owned();
                (text("stream_url"), text("name"))
            })
            .collect();
        follow(&server, links, &names);
    }
}

/// Pages show only playable files, so each name ends with `.mp4`.
#[test]
#[ignore = "slow; scripts/test runs it"]
fn page_links_to_names_of_any_bytes() {
    let server = TestServer::start();
    let names: Vec<Vec<u8>> = odd_names()
        .into_iter()
        .map(|name| [&name, &b".mp4"[..]].concat())
        .collect();
    for folder in fill(&server, &names) {
        let pages = pages(&server, &format!("/browse/{folder}?list"), "next");
        assert!(pages.len() > 1);
        let mut links = Vec::new();
        for page in pages {
            // The browser must not read a name as HTML.
            assert!(!page.contains("<img") && page.matches("<script").count() == 1);
            assert!(!page.contains("onerror=alert(1)>"));
            links.extend(entries(&page).into_iter().filter_map(|(url, text)| {
                let path = url.strip_prefix("/watch/")?;
                assert_eq!(server.get(&url).status, 200, "{url}");
                Some((format!("/api/stream/{path}"), text))
            }));
        }
        follow(&server, links, &names);
    }
}

/// curl sends bytes outside of ASCII without percent-encoding.
#[test]
fn unencoded_name_is_served() {
    let server = TestServer::start();
    for name in [
        "Tschüß.mp4",
        "🎬.mp4",
        "a+b&c=d;e.mp4",
        "[1080p]{x}|^`.mp4",
        "it's \\ \".mp4",
    ] {
        server.file(name, name);
        let target = format!("/api/stream/{}", name.replace(' ', "%20"));
        let response = ask(&server, "GET", target.as_bytes());
        assert_eq!((response.status, response.text()), (200, name));
    }
}
