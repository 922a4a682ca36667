//! Tests the plain index of a folder: a page of links for rclone and `wget -r`.

use videoserve::Config;

use crate::support::{Response, TestServer};

fn server(change: impl FnOnce(Config) -> Config) -> TestServer {
    let server = TestServer::with(change);
    server.file("Season 1/\u{e9} #1.mp4", "one");
    server.file("Season 1/extras/2.mkv", "two");
    server.file("film.mp4", "film");
    server.file("notes.txt", "other");
    server.file(".hidden/film.mp4", "hidden");
    server.file(".hidden.mp4", "hidden");
    std::os::unix::fs::symlink("/", server.dir().join("outside")).unwrap();
    server
}

fn links(response: &Response) -> Vec<String> {
    let links = response.text().split(" href=\"").skip(1);
    links
        .map(|it| it.split('"').next().unwrap().to_owned())
        .collect()
}

#[test]
fn index_lists_the_same_files_as_the_json_listing() {
    let server = server(|config| config.mount("/static").unwrap());
    for prefix in ["/api/stream", "/static"] {
        let root = server.get(&format!("{prefix}/"));
        assert_eq!(root.status, 200, "{prefix}");
        assert_eq!(root.field("content-type"), Some("text/html; charset=utf-8"));
        let policy = root.field("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert_eq!(root.field("x-content-type-options"), Some("nosniff"));
        assert_eq!(links(&root), ["Season%201/", "film.mp4", "notes.txt"]);
        let folder = server.get(&format!("{prefix}/Season%201/"));
        assert_eq!(links(&folder), ["../", "extras/", "%C3%A9%20%231.mp4"]);
        let file = server.get(&format!("{prefix}/Season%201/%C3%A9%20%231.mp4"));
        assert_eq!(file.text(), "one");
    }
}

#[test]
fn index_of_missing_or_hidden_folder_returns_404() {
    let server = server(|config| config);
    for path in [
        ".hidden/",
        "none/",
        "film.mp4/",
        "outside/",
        "Season%201/../",
        "/",
    ] {
        assert_eq!(
            server.get(&format!("/api/stream/{path}")).status,
            404,
            "{path}"
        );
    }
    // Without a slash at the end, the path names a file.
    assert_eq!(server.get("/api/stream/Season%201").status, 404);
    assert_eq!(server.get("/api/stream").status, 404);
    assert_eq!(server.request("HEAD", "/api/stream/", "").status, 200);
    assert_eq!(
        server.request("POST", "/api/stream/", "").field("allow"),
        Some("GET, HEAD")
    );
}

#[test]
fn index_of_a_large_folder_is_complete() {
    let server = TestServer::start();
    for number in 0..2_000 {
        server.file(&format!("{number}.mp4"), "");
    }
    let links = links(&server.get("/api/stream/"));
    assert_eq!(links.len(), 2_000);
    assert_eq!((&*links[0], &*links[1_999]), ("0.mp4", "1999.mp4"));
}
