//! Names of any bytes on the wire: each is listed as JSON and on a page, and the links of both lead to it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::outside::ask;
use crate::support::TestServer;

/// One byte string of each kind that some program on the way could misread.
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

/// The values of the attribute `href` of all links, and their text, unescaped.
fn links_of(page: &str) -> Vec<(String, String)> {
    let unescape = |text: &str| {
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
    };
    page.split("<a href=\"")
        .skip(1)
        .map(|link| {
            let (url, rest) = link.split_once("\">").unwrap();
            let text = rest.split_once("</a>").unwrap().0;
            let text = text
                .strip_prefix("<bdi>")
                .unwrap()
                .strip_suffix("</bdi>")
                .unwrap();
            assert!(!text.contains(['<', '>', '"']), "{text}");
            (unescape(url), unescape(text))
        })
        .collect()
}

/// Each is listed as JSON and on the page, and the link of both leads to it.
#[test]
fn names_of_any_bytes() {
    let server = TestServer::start();
    let names = odd_names();
    let folder = server.dir().join(OsStr::from_bytes(b"100% <f> #\xff"));
    fs::create_dir(&folder).unwrap();
    for name in &names {
        // The content is the name.
        fs::write(server.dir().join(OsStr::from_bytes(name)), name).unwrap();
        fs::write(folder.join(OsStr::from_bytes(name)), name).unwrap();
    }
    for (json, page) in [
        ("/api/videos", "/"),
        (
            "/api/videos/100%25%20%3Cf%3E%20%23%FF/",
            "/browse/100%25%20%3Cf%3E%20%23%FF/",
        ),
    ] {
        let listing: serde_json::Value = serde_json::from_str(server.get(json).text()).unwrap();
        let files = listing["entries"].as_array().unwrap().iter();
        let in_json: Vec<(String, String)> = files
            .filter(|entry| entry["kind"] != "folder")
            .map(|entry| {
                let text = |name: &str| entry[name].as_str().unwrap().to_owned();
                (text("stream_url"), text("name"))
            })
            .collect();
        let page = server.get(page).text().to_owned();
        let links = links_of(&page.replace("Up to <bdi>Videos</bdi>", "<bdi></bdi>"));
        let on_page: Vec<_> = links
            .into_iter()
            .filter(|(url, _)| url.starts_with("/api/stream/"))
            .collect();
        assert!(!page.contains("<img") && !page.contains("<script"));
        assert!(!page.contains("onerror=alert(1)>"));
        assert_eq!(in_json, on_page);

        let mut client = server.connect();
        let mut found = Vec::new();
        for (url, text) in in_json {
            assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{url}");
            let response = client.request("GET", &url, "");
            assert_eq!(response.status, 200, "{url}");
            assert_eq!(text, String::from_utf8_lossy(&response.content));
            found.push(response.content);
        }
        found.sort();
        let mut expected = names.clone();
        expected.sort();
        expected.dedup();
        assert!(found == expected, "{} of {}", found.len(), expected.len());
    }
}

/// As curl sends what it is given: bytes beyond ASCII that are not encoded.
#[test]
fn names_that_are_not_encoded() {
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
