//! Tests the library page over HTTP: folders, search, links, posters.

use std::fs;

use crate::rows::Rows;
use crate::support::{Response, TestServer};

const ODD: &str = "<img src=x onerror=alert(1)> \"q\" 100% #1.mp4";
const ODD_URL: &str = "%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E%20%22q%22%20100%25%20%231.mp4";

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[track_caller]
pub(crate) fn entries(page: &str) -> Vec<(String, String)> {
    let Some((_, list)) = page.split_once("<ul id=\"entries\">") else {
        return Vec::new();
    };
    let list = list.split_once("</ul>").unwrap().0;
    list.split("<li")
        .skip(1)
        .map(|item| {
            let (_, link) = item.split_once("<a href=\"").unwrap();
            let (url, rest) = link.split_once("\">").unwrap();
            let name = rest.split_once("<bdi>").unwrap().1;
            let name = name.split_once("</bdi>").unwrap().0;
            assert!(!name.contains(['<', '>', '"']), "{name}");
            (unescape(url), unescape(name))
        })
        .collect()
}

pub(crate) fn names(page: &str) -> Vec<String> {
    entries(page).into_iter().map(|(_, name)| name).collect()
}

/// Returns the absolute URL of the link whose attribute `rel` is `relation`. `own` is the URL of the page.
fn related(page: &str, own: &str, relation: &str) -> Option<String> {
    let (before, _) = page.split_once(&format!("\" rel=\"{relation}\""))?;
    let href = unescape(before.rsplit_once("href=\"").unwrap().1);
    assert!(href.starts_with('?'), "{href}");
    Some(own.split('?').next().unwrap().to_owned() + &href)
}

/// Returns the page `first`, and all pages after it. From each page, the function follows the link whose attribute
/// `rel` is `relation`, for example `next`.
#[track_caller]
pub(crate) fn pages(server: &TestServer, first: &str, relation: &str) -> Vec<String> {
    let mut client = server.connect();
    let mut pages = Vec::new();
    let mut target = Some(first.to_owned());
    while let Some(own) = target {
        let response = client.request("GET", &own, "");
        assert_eq!(response.status, 200, "{own}");
        let page = response.text().to_owned();
        assert!(page.len() < 64 * 1024, "{own}: {}", page.len());
        target = related(&page, &own, relation);
        pages.push(page);
        assert!(pages.len() < 1000, "the links never end");
    }
    pages
}

fn library() -> Rows {
    let rows = Rows::start();
    for name in [
        "Film 10.mp4|film 2.mkv|film 2.srt|poster.JPG|song.mp3|notes.txt|.hidden.mp4",
        "Show 2/e1.mp4|Show 2/e2.mp4|show 10/e1.mp4|show 10/.x/e2.mp4",
        "a&b <c>/x.mp4|a&b <c>/y.mp4|texts/1.txt|texts/2.srt|one text/1.txt",
    ]
    .iter()
    .flat_map(|names| names.split('|'))
    {
        rows.server.file(name, name);
    }
    fs::create_dir(rows.server.dir().join("empty")).unwrap();
    rows
}

#[track_caller]
pub(crate) fn page(response: &Response) -> &str {
    assert_eq!(response.status, 200);
    let field = |name| response.field(name).unwrap();
    assert_eq!(field("content-type"), "text/html; charset=utf-8");
    assert_eq!(field("x-content-type-options"), "nosniff");
    assert_eq!(field("referrer-policy"), "no-referrer");
    assert_eq!(field("cache-control"), "no-cache");
    let policy = field("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    let page = response.text();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert_eq!(page.matches("<h1>").count(), 1);
    assert_eq!(page.matches("<script").count(), 1);
    for never in [
        "<style", " style=", " onclick", "<c>", ".hidden", "//", ".x/",
    ] {
        assert!(!page.contains(never), "{never} is in {page}");
    }
    page
}

#[test]
fn folder_page_lists_folders_and_files() {
    let mut rows = library();
    for (target, words) in [
        (
            "/",
            &[
                "<title>Videos</title>",
                "<h1><bdi>Videos</bdi></h1>",
                "6 folders, 3 files",
                "<li class=\"folder\"><a href=\"/browse/show%2010/\"><bdi>show 10</bdi> <small>Folder</small> <time>",
                "<li><a href=\"/watch/film%202.mkv\"><bdi>film 2.mkv</bdi> <small>10 B</small> <time>",
                "<li class=\"audio\"><a href=\"/watch/song.mp3\"><bdi>song.mp3</bdi> <small>Audio, 8 B</small>",
                "href=\"/playlist/\"",
                "<form role=\"search\" action=\"/\">",
            ][..],
        ),
        (
            "/browse/",
            &["<h1><bdi>Videos</bdi></h1>", "href=\"/browse/show%2010/\""],
        ),
        ("/?x=<y>", &["Videos"]),
        (
            "/browse/show%2010/?list",
            &[
                "<h1><bdi>show 10</bdi></h1>",
                "<a href=\"/\">Videos</a>",
                "/watch/show%2010/e1.mp4",
                "1 file<",
                "href=\"/playlist/show%2010/\"",
            ],
        ),
        (
            "/browse/a%26b%20%3Cc%3E/",
            &[
                "<title>a&amp;b &lt;c&gt;</title>",
                "/watch/a%26b%20%3Cc%3E/x.mp4",
                "2 files",
            ],
        ),
        (
            "/browse/empty/",
            &[
                "id=\"empty\"",
                "<bdi>empty</bdi>",
                "href=\"/browse/empty/\"",
                "MP4",
            ],
        ),
        (
            "/browse/texts/",
            &["id=\"empty\"", "2 other files are not shown"],
        ),
        (
            "/browse/one%20text/",
            &["id=\"empty\"", "One other file is not shown"],
        ),
    ] {
        let response = rows.get_and_head(target, "");
        let page = page(&response);
        for word in words {
            assert!(page.contains(word), "{word} is not in {page}");
        }
    }
    let root = rows.get("/", "");
    let expected = [
        "a&b <c>",
        "empty",
        "one text",
        "Show 2",
        "show 10",
        "texts",
        "film 2.mkv",
        "Film 10.mp4",
        "song.mp3",
    ];
    assert_eq!(names(root.text()), expected);
    assert!(!rows.get("/browse/empty/", "").text().contains("/playlist/"));
    let empty = TestServer::start();
    let page = empty.get("/");
    assert!(page.text().contains("the folder that this server shows"));
    assert!(!page.text().contains(empty.dir().to_str().unwrap()));
}

#[test]
fn nested_folder_page_links_to_its_parents() {
    let mut rows = Rows::start();
    rows.server.file("a b/c/d/e/f/g/h/x.mp4", "x");
    rows.server.file("a b/c/d/e/f/g/h/y.mp4", "y");
    let deep = rows.get("/browse/a%20b/c/d/e/f/g/h/", "");
    let crumbs = "<a href=\"/\">Videos</a> / … / <a href=\"../../../../../\"><bdi>c</bdi></a> / <a href=\"../../../../\">";
    assert!(deep.text().contains(crumbs), "{}", deep.text());
    let folder = rows.get("/browse/a%20b/", "");
    assert_eq!(entries(folder.text()), [("c/".to_owned(), "c".to_owned())]);
    assert!(folder.text().contains("<a href=\"/\">Videos</a>"));
    assert_eq!(rows.get("/browse/a%20b/c/", "").status, 200);
}

#[test]
fn name_with_html_is_escaped_and_linked() {
    let mut rows = Rows::start();
    for folder in ["", "f/", &format!("folder {ODD}/")] {
        rows.server.file(&format!("{folder}{ODD}"), "odd");
        rows.server.file(&format!("{folder}plain.mp4"), "plain");
    }
    let [html, query] = [
        "&lt;img src=x onerror=alert(1)&gt; &quot;q&quot; 100% #1.mp4",
        "%3Cimg+100%25",
    ];
    for target in [
        "/",
        "/browse/f/",
        &format!("/browse/folder%20{ODD_URL}/"),
        &format!("/?q={query}"),
    ] {
        let response = rows.get_and_head(target, "");
        let page = page(&response);
        assert!(page.contains(html) && !page.contains("<img"));
        let odd = entries(page).into_iter().filter(|(_, name)| name == ODD);
        for (url, _) in odd {
            let is_folder = url.ends_with('/');
            assert_eq!(rows.get(&url, "").status, 200, "{url}");
            if !is_folder {
                let stream = url.replace("/watch/", "/api/stream/");
                assert_eq!(rows.get(&stream, "").text(), "odd");
            }
        }
    }
    let search = rows.get(&format!("/?q={query}"), "");
    assert!(search.text().contains("name=\"q\" value=\"&lt;img 100%\""));
}

#[test]
fn folder_with_one_video_redirects_to_its_player() {
    let mut rows = Rows::start();
    rows.server.file("f/1.mp4", "1");
    rows.server.file("f/1.srt", "subtitles");
    rows.server.file("f/Subs/1.en.srt", "subtitles");
    rows.server.file("f/1.jpg", "poster");
    rows.server.file("f/.2.mp4", "hidden");
    rows.server.file("two/1.mp4", "1");
    rows.server.file("two/2.mp3", "2");
    rows.server.file("deep/1.mp4", "1");
    rows.server.file("deep/more/1.txt", "1");
    for target in ["/browse/f/", "/browse/f/?"] {
        let response = rows.get_and_head(target, "");
        let found = (response.status, response.field("location"));
        assert_eq!(found, (307, Some("/watch/f/1.mp4")), "{target}");
        assert_eq!(response.field("cache-control"), Some("no-store"));
    }
    for target in [
        "/browse/f/?list",
        "/browse/f/?sort=name",
        "/browse/f/?q=",
        "/browse/f/?x",
        "/browse/two/",
        "/browse/deep/",
    ] {
        let response = rows.get(target, "");
        assert!(
            names(page(&response)).contains(&"1.mp4".to_owned()),
            "{target}"
        );
    }
}

#[test]
fn search_finds_names_in_all_folders() {
    let mut rows = library();
    rows.server.file("Show 2/Amélie.mp4", "");
    let mut find = |query: &str| {
        let response = rows.get_and_head(&format!("/?q={query}"), "");
        entries(page(&response))
    };
    let found = find("SHOW+e1");
    let urls: Vec<_> = found.iter().map(|(url, _)| url.as_str()).collect();
    assert_eq!(urls, ["/watch/Show%202/e1.mp4", "/watch/show%2010/e1.mp4"]);
    assert_eq!(find("show")[0].0, "/browse/Show%202/");
    assert_eq!(find("amelie")[0].1, "Amélie.mp4");
    assert_eq!(find("hidden"), []);
    // The search finds only playable files, so it does not find notes.txt.
    assert_eq!(find("notes"), []);
    let response = rows.get("/?q=e1+show", "");
    let page = response.text();
    assert!(page.contains("<title>e1 show – search</title>") && page.contains("2 results"));
    assert!(page.contains("<bdi class=\"in\">Show 2</bdi>"), "{page}");
    assert!(page.contains("value=\"e1 show\"") && !page.contains("id=\"incomplete\""));
    // A search on the page of a folder also covers all folders.
    assert_eq!(
        entries(rows.get("/browse/empty/?q=e1+show", "").text()),
        found
    );
}

#[test]
fn poster_beside_a_video_is_shown() {
    let mut rows = Rows::start();
    for name in [
        "a.mp4", "a.jpg", "b c.mp4", "b c.webp", "d.mp4", "d.txt", "e.mp3", "e.png",
    ] {
        rows.server.file(&format!("f/{name}"), name);
    }
    rows.server.file("f/g.jpg/g.mp4", "g");
    rows.server.file("f/g.mp4", "g");
    let response = rows.get("/browse/f/", "");
    let images: Vec<_> = response.text().split("<img src=\"").skip(1).collect();
    assert_eq!(images.len(), 3);
    let search = rows.get("/?q=.m", "");
    assert_eq!(search.text().matches("<img src=").count(), 3);
    for (image, url) in images.iter().zip([
        "/api/stream/f/a.jpg",
        "/api/stream/f/b%20c.webp",
        "/api/stream/f/e.png",
    ]) {
        assert!(
            image.starts_with(&format!("{url}\" alt=\"\" loading=\"lazy\">")),
            "{image}"
        );
        let poster = rows.get(url, "");
        assert!(poster.field("content-type").unwrap().starts_with("image/"));
    }
}
