//! Tests paths outside of the served folder, hidden names, symlinks, special files.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Client, Response, TestServer, local};

/// The content of all files that must not be served, and of no other file.
const SECRET: &str = "s3cr3t";

/// Serves the folder `media`. Secret files are beside the folder, hidden files are in it.
fn guarded() -> TestServer {
    let server = TestServer::with(|config| {
        let outer = config.dir().to_owned();
        let media = outer.join("media");
        fs::create_dir(&media).unwrap();
        local(&media).mount("/videos").unwrap()
    });
    for name in [
        "secret.mp4",
        "media.mp4",
        "media beside/secret.mp4",
        "etc/passwd",
        "media/.hidden",
        "media/.hidden.mp4",
        "media/..mp4",
        "media/...",
        "media/sub/.x/y",
        "media/.git/config",
    ] {
        server.file(name, SECRET);
    }
    server.file("media/a.mp4", "inside");
    server.file("media/sub/b.mp4", "inside");
    server
}

/// Splits lines into words, so that one line can have several rows.
fn rows<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    lines.iter().flat_map(|line| line.split(' ')).collect()
}

/// Sends a request with exactly these bytes as the target.
#[track_caller]
pub(crate) fn ask(server: &TestServer, method: &str, target: &[u8]) -> Response {
    let mut client = server.connect();
    let request = [
        method.as_bytes(),
        b" ",
        target,
        b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ];
    client.send(request.concat());
    client.response_to(method)
}

/// Requests the path below every prefix, with several methods. Checks the status, and that no response contains
/// secrets.
#[track_caller]
fn refused(server: &TestServer, path: impl AsRef<[u8]>, status: u16) {
    let path = path.as_ref();
    for prefix in ["/api/stream/", "/videos/", "/api/videos/", "/browse/", "/"] {
        for method in ["GET", "HEAD", "POST", "OPTIONS"] {
            let target = [prefix.as_bytes(), path].concat();
            let response = ask(server, method, &target);
            let shown = format!("{method} {} {response:?}", target.escape_ascii());
            assert!(
                !shown.contains(SECRET) && !shown.contains("root:"),
                "{shown}"
            );
            assert!(!String::from_utf8_lossy(&response.content).contains(SECRET));
            let is_stream = matches!(prefix, "/api/stream/" | "/videos/");
            match method {
                "GET" | "HEAD" if is_stream => assert_eq!(response.status, status, "{shown}"),
                // 308: listings and pages redirect a path without a final slash.
                "GET" | "HEAD" => assert!([400, 404, 308].contains(&response.status), "{shown}"),
                // For OPTIONS, the server does not access the disk. So it can answer 204, although there is no such
                // file.
                "OPTIONS" if is_stream => {
                    assert!([204, 405, status].contains(&response.status), "{shown}")
                }
                _ => assert!(matches!(response.status, 400 | 404 | 405), "{shown}"),
            }
        }
    }
}

#[test]
fn path_outside_of_the_folder_is_refused() {
    let server = guarded();
    for path in rows(&[
        "../secret.mp4 .. ../ ../media.mp4 ../media/a.mp4 ../media%20beside/secret.mp4",
        "sub/../../secret.mp4 sub/../a.mp4 nothing/../a.mp4 sub/..",
        "../../../../../../../../etc/passwd %2e%2e/secret.mp4 %2E%2e/secret.mp4 .%2E/secret.mp4",
        "%2e./secret.mp4 %2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "sub/%2e%2e/%2e%2e/secret.mp4 ./a.mp4 %2e/a.mp4 sub/./b.mp4 /a.mp4 //a.mp4 sub//b.mp4",
        "/etc/passwd //etc/passwd ///etc/passwd",
        "%252e%252e/secret.mp4 %252e%252e%252fsecret.mp4 ..%252fsecret.mp4",
        "%25%32%65%25%32%65/secret.mp4 ..\\secret.mp4 ..%5csecret.mp4 \\..\\secret.mp4",
        "sub\\..\\..\\secret.mp4 C:\\secret.mp4 \\\\localhost\\secret.mp4 %c0%ae%c0%ae/secret.mp4",
        "%c0%ae%c0%ae%c0%afsecret.mp4 %e0%80%ae%e0%80%ae/secret.mp4 \u{ff0e}\u{ff0e}/secret.mp4",
        "\u{2025}/secret.mp4 ..;/secret.mp4 ..;a=b/secret.mp4 ..%20/secret.mp4 ..%09/secret.mp4",
        "..%0a/secret.mp4 ~/secret.mp4 ~root/.profile file:///etc/passwd a.mp4/ a.mp4/. a.mp4/..",
        "a.mp4/../a.mp4 A.MP4 a.mp4%20 a.mp4. a.mp4::$DATA",
    ]) {
        refused(&server, path, 404);
    }
    for path in rows(&[
        "..%2fsecret.mp4 ..%2Fsecret.mp4 %2e%2e%2fsecret.mp4 %2fetc%2fpasswd %2f sub%2fb.mp4",
        "a.mp4%00 %00 a%00.mp4 ../secret.mp4%00.mp4 % %4 a%4 %zz %2 %%32%65",
        "%u002e%u002e/secret.mp4 %+2e/a.mp4 a.mp4# # ../secret.mp4#a",
    ]) {
        refused(&server, path, 400);
    }
    for path in [
        &b"\xff.mp4"[..],
        b"\xc0\xae\xc0\xae/secret.mp4",
        b"..\xff/secret.mp4",
    ] {
        let target = [b"/api/stream/", path].concat();
        let response = ask(&server, "GET", &target);
        assert!(matches!(response.status, 400 | 404), "{response:?}");
    }
    // Targets in absolute form, and targets that are not paths.
    for target in rows(&[
        "/../secret.mp4 /.. /%2e%2e/secret.mp4 http://localhost/../secret.mp4",
        "http://localhost/api/stream/../../secret.mp4 http://localhost/api/stream/..%2fsecret.mp4",
        "/api/stream/../../../secret.mp4 /api/stream/../stream/a.mp4 /api/../api/stream/a.mp4",
        "/api//stream/a.mp4 //api/stream/a.mp4 /API/stream/a.mp4 /api/stream/none/?/../secret.mp4",
        "../secret.mp4 secret.mp4 file:///etc/passwd a.mp4",
    ]) {
        let response = ask(&server, "GET", target.as_bytes());
        assert!(
            matches!(response.status, 400 | 404),
            "{target} {response:?}"
        );
        assert!(!response.text().contains(SECRET));
    }
    for target in rows(&["/api/stream/a.mp4 /videos/sub/b.mp4 /api/%73tream/a%2emp4"]) {
        assert_eq!(ask(&server, "GET", target.as_bytes()).text(), "inside");
    }
}

#[test]
fn hidden_name_is_neither_served_nor_listed() {
    let server = guarded();
    for path in rows(&[
        ".hidden %2ehidden .hidden.mp4 ..mp4 ... sub/.x/y sub/%2Ex/y sub/.x sub/.x/ .git/config",
        ".git/ .git",
    ]) {
        refused(&server, path, 404);
    }
    for target in [
        "/api/videos",
        "/?list",
        "/api/videos/sub/",
        "/browse/sub/?list",
    ] {
        let listing = server.get(target);
        assert_eq!(listing.status, 200);
        for hidden in ["hidden", ".git", "\"..", ".x", ">.", "secret", SECRET] {
            assert!(!listing.text().contains(hidden), "{}", listing.text());
        }
    }
}

#[test]
fn too_long_name_returns_404() {
    let server = guarded();
    let longest = "x".repeat(255);
    server.file(&format!("media/{longest}"), "inside");
    assert_eq!(
        server.get(&format!("/api/stream/{longest}")).text(),
        "inside"
    );
    refused(&server, "x".repeat(256), 404);
    refused(&server, "x".repeat(5000), 404);
    refused(&server, "%78".repeat(256), 404);
    refused(&server, "a/".repeat(2000) + "a.mp4", 404);
    refused(&server, "../".repeat(1000) + "etc/passwd", 404);
    refused(&server, format!("{}a.mp4", "sub/../".repeat(500)), 404);
    refused(&server, format!("{longest}/").repeat(16) + "a.mp4", 404);
}

#[test]
fn symlink_to_a_target_outside_returns_404() {
    let server = guarded();
    let media = server.dir().join("media");
    let link = |target: &str, name: &str| symlink(target, media.join(name)).unwrap();
    let absolute = |name: &str| media.join(name).to_str().unwrap().to_owned();
    link("a.mp4", "inside.mp4");
    link("../a.mp4", "sub/up.mp4");
    link(&absolute("a.mp4"), "absolute.mp4");
    link("absolute.mp4", "twice.mp4");
    link("sub", "folder");
    link(&absolute("sub"), "absolute folder");
    link("../secret.mp4", "out.mp4");
    link(&absolute("../secret.mp4"), "absolute out.mp4");
    link("..", "above");
    link("../media beside", "beside");
    link("/", "root");
    link("/etc/passwd", "passwd");
    link("out.mp4", "twice out.mp4");
    link("sub/../../secret.mp4", "around.mp4");
    link("nothing", "dangling.mp4");
    link("/nothing/at/all", "absolute dangling.mp4");
    link("loop.mp4", "loop.mp4");
    link("pong", "ping");
    link("ping", "pong");
    for name in rows(&[
        "inside.mp4 sub/up.mp4 absolute.mp4 twice.mp4 folder/b.mp4 folder/up.mp4",
        "absolute%20folder/b.mp4",
    ]) {
        let response = server.get(&format!("/api/stream/{name}"));
        assert_eq!(
            (response.status, response.text()),
            (200, "inside"),
            "{name}"
        );
    }
    for name in rows(&[
        "out.mp4 absolute%20out.mp4 above/secret.mp4 beside/secret.mp4",
        "root/etc/passwd passwd twice%20out.mp4 around.mp4 dangling.mp4 absolute%20dangling.mp4",
        "loop.mp4 ping above root/ beside/",
    ]) {
        refused(&server, name, 404);
    }
    let listed = server.get("/api/videos").text().to_owned();
    let is_listed = |name: &&str| listed.contains(&format!("\"name\":\"{name}\""));
    assert!(
        rows(&["inside.mp4 absolute.mp4 folder"])
            .iter()
            .all(is_listed)
    );
    let others = rows(&["out.mp4 above beside root passwd dangling.mp4 loop.mp4 ping"]);
    assert!(!others.iter().any(is_listed), "{listed}");
}

/// A call that opens a FIFO or a device can block forever.
#[test]
fn special_file_returns_404_at_once() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let server = guarded();
    let media = server.dir().join("media");
    let (fifo, mode) = (media.join("fifo.mp4"), Mode::RUSR | Mode::WUSR);
    mknodat(CWD, fifo, FileType::Fifo, mode, 0).unwrap();
    let _socket = UnixListener::bind(media.join("socket.mp4")).unwrap();
    for (device, name) in [
        ("zero", "zero.mp4"),
        ("tty", "tty.mp4"),
        ("null", "null.mp4"),
    ] {
        symlink(PathBuf::from("/dev").join(device), media.join(name)).unwrap();
    }
    symlink("fifo.mp4", media.join("to fifo.mp4")).unwrap();
    symlink("/proc/self/mem", media.join("memory.mp4")).unwrap();
    let missing = |method: &str, target: &str, fields: &str| {
        let before = Instant::now();
        let response = server.request(method, target, fields);
        assert_eq!(response.status, 404, "{method} {target}");
        let waited = before.elapsed();
        assert!(waited < Duration::from_secs(1), "{target}: {waited:?}");
    };
    for name in
        rows(&["fifo.mp4 socket.mp4 zero.mp4 tty.mp4 null.mp4 to%20fifo.mp4 memory.mp4 sub"])
    {
        let target = format!("/api/stream/{name}");
        for method in ["GET", "HEAD"] {
            missing(method, &target, "");
            missing(method, &target, "Range: bytes=0-0\r\n");
            // With a slash at its end, the path of the folder `sub` returns a page of links, not 404.
            if name != "sub" {
                missing(method, &format!("{target}/"), "");
            }
        }
    }
    let listed = server.get("/api/videos").text().to_owned();
    assert!(!listed.contains("fifo") && !listed.contains("socket") && !listed.contains("zero"));
}

/// Two threads change two symlinks as fast as possible. Each symlink points alternately to a target inside and outside
/// of the folder, relative and absolute. At the same time, four clients request paths with these symlinks.
#[test]
fn symlink_that_changes_never_returns_files_outside() {
    let server = guarded();
    let media = server.dir().join("media");
    fs::write(server.dir().join("media beside/b.mp4"), SECRET).unwrap();
    let stop = AtomicBool::new(false);
    let absolute = |name: &str| media.join(name).to_str().unwrap().to_owned();
    let swap = |name: &str, inside: &str, outside: &str| {
        let new = media.join(format!(".{name}"));
        let targets = [inside, outside].map(|name| [name.to_owned(), absolute(name)]);
        for target in targets.concat().iter().cycle() {
            symlink(target, &new).unwrap();
            fs::rename(&new, media.join(name)).unwrap();
            if stop.load(Ordering::Relaxed) {
                return;
            }
        }
    };
    let request_often = |target: &str| {
        let (mut served, mut missing) = (0, 0);
        let mut client: Client = server.connect();
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            let response = client.request("GET", target, "");
            match response.status {
                200 => {
                    let text = response.text();
                    assert!(
                        !text.contains("secret") && !text.contains(SECRET),
                        "{target}"
                    );
                    served += 1;
                }
                404 => missing += 1,
                other => panic!("{other} for {target}"),
            }
        }
        (served, missing)
    };
    let counts = thread::scope(|scope| {
        scope.spawn(|| swap("turn.mp4", "a.mp4", "../secret.mp4"));
        scope.spawn(|| swap("turn", "sub", "../media beside"));
        let clients: Vec<_> = [
            "/api/stream/turn.mp4",
            "/api/stream/turn/b.mp4",
            "/api/videos/turn/",
            "/playlist/turn/",
        ]
        .map(|target| scope.spawn(move || request_often(target)))
        .into();
        let counts: Vec<_> = clients.into_iter().map(|client| client.join()).collect();
        stop.store(true, Ordering::Relaxed);
        counts
    });
    for count in counts {
        let (served, missing) = count.unwrap();
        assert!(
            served > 0 && missing > 0,
            "{served} served, {missing} missing"
        );
    }
}
