//! Tests streams over HTTP: fields, dates, downloads, mounts.

use std::fs::File;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use videoserve::Config;

use crate::rows::{Rows, dir_in_memory, shown};
use crate::support::numbered;

/// Each row has a media type, and the file extensions that have this type.
const MEDIA_TYPES: [&str; 32] = [
    "video/mp4: mp4 m4v f4v",
    "video/webm: webm",
    "video/x-matroska: mkv mk3d",
    "video/quicktime: mov qt",
    "video/mp2t: ts mts m2ts m2t tp trp rec tod",
    "video/mpeg: mpg mpeg mpe m2v mpv vob mod",
    "video/ogg: ogv ogm",
    "video/3gpp: 3gp",
    "video/3gpp2: 3g2",
    "video/H264: h264",
    "video/H265: h265 hevc",
    "video/x-msvideo: avi divx",
    "video/x-ms-asf: asf",
    "application/mxf: mxf",
    "application/vnd.rn-realmedia: rm",
    "video/x-flv: flv",
    "video/x-ms-wmv: wmv",
    "audio/mpeg: mp3 mp2",
    "audio/mp4: m4a m4b",
    "audio/webm: weba",
    "audio/aac: aac",
    "audio/ogg: ogg oga opus",
    "audio/flac: flac",
    "audio/wav: wav",
    "audio/x-matroska: mka",
    "image/jpeg: jpg jpeg",
    "image/png: png",
    "image/gif: gif",
    "image/webp: webp",
    "image/avif: avif",
    "text/vtt: vtt",
    // Some of these formats, such as `svg`, can contain scripts. With this type, a browser does not run the scripts.
    // The server does not know the other extensions of this row.
    "application/octet-stream: html htm xhtml xml svg js mjs css pdf swf bin mp4x xmp4 mp",
];

#[test]
fn media_type_follows_the_extension() {
    let mut rows = Rows::start();
    let mut check = |name: &str, media_type: &str| {
        rows.server.file(name, "content");
        let response = rows.get_and_head(&format!("/api/stream/{name}"), "");
        assert_eq!(response.field("content-type"), Some(media_type), "{name}");
        assert_eq!(response.field("x-content-type-options"), Some("nosniff"));
        let part = rows.get(&format!("/api/stream/{name}"), "Range: bytes=1-2\r\n");
        assert_eq!(part.field("content-type"), Some(media_type), "{name}");
        assert_eq!(part.field("x-content-type-options"), Some("nosniff"));
    };
    for row in MEDIA_TYPES {
        let (media_type, extensions) = row.split_once(": ").unwrap();
        for extension in extensions.split(' ') {
            check(&format!("a.{extension}"), media_type);
        }
    }
    check("a.MP4", "video/mp4");
    check("a.b.WebM", "video/webm");
    check("a.mp4.exe", "application/octet-stream");
    check("mp4", "application/octet-stream");
    check("a.", "application/octet-stream");
    check("a.mp4.", "application/octet-stream");
}

#[test]
fn stream_has_exactly_these_fields() {
    let mut rows = Rows::start();
    let path = rows.server.file("film.mp4", numbered(1000));
    let modified = UNIX_EPOCH + Duration::from_secs(784_111_777);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    let whole = rows.get_and_head("/api/stream/film.mp4", "");
    let tag = whole.field("etag").unwrap().to_owned();
    let common = format!(
        "etag: {tag}\nlast-modified: Sun, 06 Nov 1994 08:49:37 GMT\nx-accel-buffering: no\nx-content-type-options: nosniff"
    );
    assert_eq!(
        shown(&whole),
        format!(
            "accept-ranges: bytes\ncache-control: no-cache\ncontent-length: 1000\n\
             content-type: video/mp4\n{common}"
        )
    );
    let part = rows.get("/api/stream/film.mp4", "Range: bytes=10-19\r\n");
    assert_eq!(
        shown(&part),
        format!(
            "accept-ranges: bytes\ncache-control: no-cache\ncontent-length: 10\n\
             content-range: bytes 10-19/1000\ncontent-type: video/mp4\n{common}"
        )
    );
    // The server has only one representation of a file, so these request fields have no effect.
    for fields in [
        "Accept-Encoding: gzip, br, identity;q=0\r\n",
        "TE: trailers, chunked\r\n",
        "Accept: text/html\r\n",
        "Accept-Ranges: none\r\n",
        "Cookie: a=b\r\nAuthorization: Basic eDp5\r\n",
        "User-Agent: \r\nReferer: http://evil.com/\r\n",
    ] {
        let same = rows.get_and_head("/api/stream/film.mp4", fields);
        assert_eq!(shown(&same), shown(&whole), "{fields}");
    }
    for target in [
        "/api/stream/film.mp4?",
        "/api/stream/film.mp4?t=5&x=%zz",
        "/api/stream/f%69lm%2emp4",
    ] {
        assert_eq!(
            shown(&rows.get_and_head(target, "")),
            shown(&whole),
            "{target}"
        );
    }
}

/// Most of these dates are before 1970, in the future, or after the year 9999. The folder is in memory (tmpfs), because
/// some file systems cannot store all these dates.
#[test]
fn last_modified_is_missing_for_impossible_dates() {
    let dir = dir_in_memory();
    let mut rows = Rows::with(|_| crate::support::local(dir.path()));
    let (now, day) = (SystemTime::now(), Duration::from_secs(86_400));
    let year = 365 * day;
    let mut tags = Vec::new();
    for (modified, expected) in [
        (UNIX_EPOCH - 10 * year, None),
        (UNIX_EPOCH - Duration::from_nanos(1), None),
        (UNIX_EPOCH, Some("Thu, 01 Jan 1970 00:00:00 GMT")),
        (UNIX_EPOCH + Duration::from_secs(2_147_483_648), None),
        (now + day, None),
        (UNIX_EPOCH + 200 * year, None),
        (UNIX_EPOCH + Duration::from_secs(253_402_300_799), None),
        (UNIX_EPOCH + Duration::from_secs(253_402_300_800), None),
        (UNIX_EPOCH + 100_000 * year, None),
    ] {
        let file = File::create(dir.path().join("film.mp4")).unwrap();
        file.set_len(5).unwrap();
        // A file system may store another date than the test has set. In this case, the test checks only status and
        // length.
        let stored = file.set_modified(modified).is_ok()
            && file
                .metadata()
                .unwrap()
                .modified()
                .is_ok_and(|stored| stored == modified);
        let response = rows.get_and_head("/api/stream/film.mp4", "");
        assert_eq!((response.status, response.content.len()), (200, 5));
        if stored {
            assert_eq!(response.field("last-modified"), expected, "{modified:?}");
            tags.push(response.field("etag").unwrap().to_owned());
            assert_eq!(rows.get("/api/videos", "").status, 200);
            assert_eq!(rows.get("/?list&sort=date", "").status, 200);
        }
    }
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count);
    assert!(count > 3);
}

/// The columns are the path and query after `/api/stream/`, and the expected Content-Disposition after `attachment; `.
/// If the second column is empty, the response must not have the field.
#[rustfmt::skip] // One line per row.
const DOWNLOADS: [(&str, &str); 22] = [
    ("film.mp4", ""),
    ("film.mp4?Download", ""),
    ("film.mp4?downloads=1", ""),
    ("film.mp4?x=download", ""),
    ("film.mp4?download", r#"filename="film.mp4""#),
    ("film.mp4?download=", r#"filename="film.mp4""#),
    ("film.mp4?x=1&download", r#"filename="film.mp4""#),
    ("film.mp4?download=a.mp4", r#"filename="a.mp4""#),
    ("film.mp4?download=a.mp4&download=b.mp4", r#"filename="a.mp4""#),
    ("film.mp4?download=two+words%20here.mp4", r#"filename="two words here.mp4""#),
    ("film.mp4?download=a%2Bb%26c%3D1.mp4", r#"filename="a+b&c=1.mp4""#),
    ("film.mp4?download=say%20%22hi%22", r#"filename="say _hi_"; filename*=UTF-8''say%20%22hi%22"#),
    ("film.mp4?download=%C3%A4.mp4", r#"filename="_.mp4"; filename*=UTF-8''%C3%A4.mp4"#),
    ("film.mp4?download=ä.mp4", r#"filename="_.mp4"; filename*=UTF-8''%C3%A4.mp4"#),
    ("film.mp4?download=100%25.mp4", r#"filename="100_.mp4"; filename*=UTF-8''100%25.mp4"#),
    ("film.mp4?download=%FF.mp4", r#"filename="_.mp4"; filename*=UTF-8''%EF%BF%BD.mp4"#),
    ("film.mp4?download=..%2F..%2Fetc%2Fpasswd", r#"filename=".._.._etc_passwd""#),
    ("film.mp4?download=a%0d%0aSet-Cookie:%20b", r#"filename="a__Set-Cookie: b""#),
    ("film.mp4?download=%00", r#"filename="_""#),
    ("film.mp4?download=..", r#"filename="download""#),
    ("%E4%20%FF.mp4?download", r#"filename="_ _.mp4"; filename*=UTF-8''%EF%BF%BD%20%EF%BF%BD.mp4"#),
    ("Tsch%C3%BC%C3%9F%20%22%F0%9F%8E%AC%22.mp4?download", r#"filename="Tsch__ ___.mp4"; filename*=UTF-8''Tsch%C3%BC%C3%9F%20%22%F0%9F%8E%AC%22.mp4"#),
];

/// With `?download`, a browser saves the file. The query can contain the name for the saved file (RFC 6266).
#[test]
fn download_query_sets_content_disposition() {
    use std::os::unix::ffi::OsStrExt;
    let mut rows = Rows::start();
    rows.server.file("film.mp4", numbered(1000));
    for name in [&b"\xe4 \xff.mp4"[..], "Tschüß \"🎬\".mp4".as_bytes()] {
        let path = rows.server.dir().join(std::ffi::OsStr::from_bytes(name));
        std::fs::write(path, numbered(1000)).unwrap();
    }
    let mut check = |target: &str, expected: Option<&str>| {
        let expected = expected.map(|names| format!("attachment; {names}"));
        let expected = expected.as_deref();
        let target = format!("/api/stream/{target}");
        let tag = rows.get(&target, "").field("etag").unwrap().to_owned();
        let mut check_one = |fields: &str, status: u16, expected: Option<&str>| {
            let response = rows.get(&target, fields);
            assert_eq!(response.status, status, "{target}");
            assert_eq!(response.field("content-disposition"), expected, "{target}");
        };
        check_one("", 200, expected);
        check_one("Range: bytes=5-9\r\n", 206, expected);
        check_one("Range: bytes=0-1,5-9\r\n", 206, expected);
        check_one(&format!("If-None-Match: {tag}\r\n"), 304, None);
        check_one("If-Match: \"x\"\r\n", 412, None);
        check_one("Range: bytes=1000-\r\n", 416, None);
        rows.get_and_head(&target, "");
    };
    for (target, names) in DOWNLOADS {
        check(target, (!names.is_empty()).then_some(names));
    }
    let missing = rows.get_and_head("/api/stream/nothing?download", "");
    assert_eq!(
        (missing.status, missing.field("content-disposition")),
        (404, None)
    );
}

#[test]
fn mount_returns_the_same_as_api_stream() {
    let mount = |config: Config, prefix| config.mount(prefix).unwrap();
    let mut rows =
        Rows::with(|config| mount(mount(mount(config, "/videos"), "/static/my%20films/"), "/v"));
    rows.server.file("folder/film.mp4", numbered(1000));
    for prefix in [
        "/videos",
        "/static/my%20films",
        "/static/my%20film%73",
        "/v",
    ] {
        for (method, rest, fields, status) in [
            ("GET", "/folder/film.mp4", "", 200),
            ("HEAD", "/folder/film.mp4", "Range: bytes=5-9\r\n", 200),
            ("GET", "/folder/film.mp4", "Range: bytes=5-9\r\n", 206),
            ("GET", "/folder/film.mp4", "Range: bytes=1000-\r\n", 416),
            ("GET", "/folder/film.mp4", "If-None-Match: *\r\n", 304),
            ("GET", "/folder/film.mp4?download", "", 200),
            ("POST", "/folder/film.mp4", "", 405),
            ("GET", "/folder/film.mp4/", "", 404),
            ("GET", "/folder/", "", 200),
            ("GET", "/folder", "", 404),
            ("GET", "/nothing", "", 404),
            ("GET", "/../film.mp4", "", 404),
            ("GET", "", "", 404),
            ("GET", "/", "", 200),
        ] {
            let expected = rows.ask(method, &format!("/api/stream{rest}"), fields);
            let found = rows.ask(method, &format!("{prefix}{rest}"), fields);
            assert_eq!(found.status, status, "{method} {prefix}{rest}");
            assert_eq!(
                (found.status, shown(&found)),
                (expected.status, shown(&expected))
            );
            assert!(found.content == expected.content);
        }
    }
    for target in [
        "/videosx/folder/film.mp4",
        "/static/folder/film.mp4",
        "/VIDEOS/folder/film.mp4",
    ] {
        assert_eq!(rows.get_and_head(target, "").status, 404, "{target}");
    }
    assert_eq!(rows.get("/", "").status, 200);
}
