//! Contains a table with requests for each response in the OpenAPI description. A row contains the request and the
//! expected status. The description defines the fields and the content of the response.

/// The server that gets the request of a row.
#[derive(Clone, Copy)]
pub(super) enum On {
    /// A server with files of all kinds.
    Open,
    /// A server whose streams are all taken.
    Full,
    /// A server with a single film.
    Single,
}
use On::{Full, Open, Single};

/// The columns of a row: the method and the path in the description, the expected status, the server, the target, and
/// the field lines of the request. The test also sends each GET as HEAD, but not for the statuses 206, 416 and 503.
pub(super) type Row = (
    &'static str,
    &'static str,
    u16,
    On,
    &'static str,
    &'static str,
);

#[rustfmt::skip] // A table.
pub(super) const ROWS: &[Row] = &[
    ("get", "/api/stream/{path}", 200, Open, "/api/stream/film.mp4?download=x.mp4", ""),
    ("get", "/api/stream/{path}", 200, Open, "/api/stream/film.mp4", "Range: bytes=0-4\r\nIf-Range: \"x\"\r\n"),
    ("get", "/api/stream/{path}", 200, Open, "/api/stream/Season%201/%C3%A9%20%231.mp4", ""),
    ("get", "/api/stream/{path}", 206, Open, "/api/stream/film.mp4", "Range: bytes=0-4\r\n"),
    ("get", "/api/stream/{path}", 206, Open, "/api/stream/film.mp4", "Range: bytes=0-4,8-9\r\n"),
    ("get", "/api/stream/{path}", 304, Open, "/api/stream/film.mp4", "If-None-Match: *\r\n"),
    ("get", "/api/stream/{path}", 304, Open, "/api/stream/old.mp4", "If-Modified-Since: Thu, 01 Jan 2015 00:00:00 GMT\r\n"),
    ("get", "/api/stream/{path}", 400, Open, "/api/stream/%zz", ""),
    ("get", "/api/stream/{path}", 404, Open, "/api/stream/none.mp4", ""),
    ("get", "/api/stream/{path}", 412, Open, "/api/stream/film.mp4", "If-Match: \"x\"\r\n"),
    ("get", "/api/stream/{path}", 412, Open, "/api/stream/old.mp4", "If-Unmodified-Since: Thu, 01 Jan 2004 00:00:00 GMT\r\n"),
    ("get", "/api/stream/{path}", 416, Open, "/api/stream/film.mp4", "Range: bytes=1000-\r\n"),
    ("get", "/api/stream/{path}", 503, Full, "/api/stream/film.mp4", ""),
    ("options", "/api/stream/{path}", 204, Open, "/api/stream/film.mp4", ""),
    ("options", "/api/stream/{path}", 400, Open, "/api/stream/%zz", ""),
    ("options", "/api/stream/{path}", 404, Open, "/api/stream/.hidden", ""),

    ("get", "/api/stream/{folder}/", 200, Open, "/api/stream/Season%201/", ""),
    ("get", "/api/stream/{folder}/", 400, Open, "/api/stream/%/", ""),
    ("get", "/api/stream/{folder}/", 404, Open, "/api/stream/none/", ""),
    ("get", "/api/stream/{folder}/", 503, Full, "/api/stream/many/", ""),

    ("get", "/api/subtitles/{path}", 200, Open, "/api/subtitles/film.srt", ""),
    ("get", "/api/subtitles/{path}", 304, Open, "/api/subtitles/film.srt", "If-None-Match: *\r\n"),
    ("get", "/api/subtitles/{path}", 400, Open, "/api/subtitles/%2F.srt", ""),
    ("get", "/api/subtitles/{path}", 404, Open, "/api/subtitles/film.mp4", ""),
    ("get", "/api/subtitles/{path}", 412, Open, "/api/subtitles/film.srt", "If-Match: \"x\"\r\n"),
    ("get", "/api/subtitles/{path}", 503, Full, "/api/subtitles/long.srt", ""),
    ("options", "/api/subtitles/{path}", 204, Open, "/api/subtitles/film.srt", ""),
    ("options", "/api/subtitles/{path}", 400, Open, "/api/subtitles/%00.srt", ""),
    ("options", "/api/subtitles/{path}", 404, Open, "/api/subtitles/film.mp4", ""),

    ("get", "/api/subtitles/{path}", 200, Open, "/api/subtitles/film.mkv?track=300&from=1&to=2.5", ""),
    ("get", "/api/subtitles/{path}", 400, Open, "/api/subtitles/film.mkv?track=x", ""),
    ("get", "/api/subtitles/{path}", 422, Open, "/api/subtitles/film.mkv?track=4", ""),

    ("get", "/api/cover/{path}", 200, Open, "/api/cover/film.mkv", ""),
    ("get", "/api/cover/{path}", 204, Open, "/api/cover/film.mp4?optional", ""),
    ("get", "/api/cover/{path}", 304, Open, "/api/cover/film.mkv", "If-None-Match: *\r\n"),
    ("get", "/api/cover/{path}", 400, Open, "/api/cover/%2F", ""),
    ("get", "/api/cover/{path}", 404, Open, "/api/cover/film.mp4", ""),
    ("get", "/api/cover/{path}", 412, Open, "/api/cover/film.mkv", "If-Match: \"x\"\r\n"),
    ("get", "/api/cover/{path}", 503, Full, "/api/cover/film.mkv", ""),
    ("options", "/api/cover/{path}", 204, Open, "/api/cover/film.mkv", ""),
    ("options", "/api/cover/{path}", 400, Open, "/api/cover/%00", ""),

    ("get", "/api/cut/{path}", 200, Open, "/api/cut/clip.mp4?ranges=1-2&download=x.mp4", ""),
    ("get", "/api/cut/{path}", 200, Open, "/api/cut/sound.m4a", ""),
    ("get", "/api/cut/{path}", 200, Open, "/api/cut/clip.mp4", "Range: bytes=0-4\r\nIf-Range: \"x\"\r\n"),
    ("get", "/api/cut/{path}", 206, Open, "/api/cut/clip.mp4?ranges=1-2", "Range: bytes=0-4\r\n"),
    ("get", "/api/cut/{path}", 206, Open, "/api/cut/sound.m4a", "Range: bytes=0-4\r\n"),
    ("get", "/api/cut/{path}", 304, Open, "/api/cut/clip.mp4?ranges=1-2", "If-None-Match: *\r\n"),
    ("get", "/api/cut/{path}", 400, Open, "/api/cut/clip.mp4?ranges=2-1", ""),
    ("get", "/api/cut/{path}", 404, Open, "/api/cut/none.mp4", ""),
    ("get", "/api/cut/{path}", 412, Open, "/api/cut/clip.mp4", "If-Match: \"x\"\r\n"),
    ("get", "/api/cut/{path}", 416, Open, "/api/cut/clip.mp4", "Range: bytes=1000000-\r\n"),
    ("get", "/api/cut/{path}", 422, Open, "/api/cut/film.mp4", ""),
    ("get", "/api/cut/{path}", 503, Full, "/api/cut/clip.mp4", ""),
    ("options", "/api/cut/{path}", 204, Open, "/api/cut/clip.mp4", ""),
    ("options", "/api/cut/{path}", 400, Open, "/api/cut/%zz", ""),

    ("get", "/api/videos", 200, Open, "/api/videos", ""),
    ("get", "/api/videos", 421, Open, "http://evil.example/api/videos", ""),
    ("get", "/api/videos", 503, Full, "/api/videos", ""),
    ("get", "/api/videos/{folder}/", 200, Open, "/api/videos/Season%201/", ""),
    ("get", "/api/videos/{folder}/", 400, Open, "/api/videos/%/", ""),
    ("get", "/api/videos/{folder}/", 404, Open, "/api/videos/none/", ""),
    ("get", "/api/videos/{folder}/", 503, Full, "/api/videos/many/", ""),

    ("get", "/api/openapi.json", 200, Open, "/api/openapi.json", ""),
    ("get", "/api/openapi.json", 304, Open, "/api/openapi.json", "If-None-Match: *\r\n"),
    ("get", "/api/openapi.json", 412, Open, "/api/openapi.json", "If-Match: \"x\"\r\n"),

    ("get", "/playlist/{folder}/", 200, Open, "/playlist/Season%201/", ""),
    ("get", "/playlist/{folder}/", 400, Open, "/playlist/%2f/", ""),
    ("get", "/playlist/{folder}/", 404, Open, "/playlist/none/", ""),
    ("get", "/playlist/{folder}/", 503, Full, "/playlist/many/", ""),
    ("get", "/playlist/{path}", 200, Open, "/playlist/film.mp4?t=1:23", ""),
    ("get", "/playlist/{path}", 200, Open, "/playlist/film.mp4?ranges=10-15,30-35.5", ""),
    ("get", "/playlist/{path}", 400, Open, "/playlist/%00.mp4", ""),
    ("get", "/playlist/{path}", 404, Open, "/playlist/none.mp4", ""),

    ("get", "/", 200, Open, "/?sort=size&after=x&before=y&last", ""),
    ("get", "/", 200, Open, "/?q=film", ""),
    ("get", "/", 200, Single, "/?list", ""),
    ("get", "/", 307, Single, "/", ""),
    ("get", "/", 421, Open, "http://evil.example/", ""),
    ("get", "/browse/{folder}/", 200, Open, "/browse/Season%201/?sort=date&after=x&before=y&last", ""),
    ("get", "/browse/{folder}/", 200, Open, "/browse/Season%201/?q=film&list", ""),
    ("get", "/browse/{folder}/", 307, Open, "/browse/single/", ""),
    ("get", "/browse/{folder}/", 400, Open, "/browse/%2f/", ""),
    ("get", "/browse/{folder}/", 404, Open, "/browse/none/", ""),
    ("get", "/browse/{folder}", 308, Open, "/browse/Season%201", ""),
    ("get", "/browse/{folder}", 400, Open, "/browse/%z", ""),
    ("get", "/browse/{folder}", 404, Open, "/browse/.hidden", ""),
    ("get", "/watch/{path}", 200, Open, "/watch/film.mp4?t=3", ""),
    ("get", "/watch/{path}", 200, Open, "/watch/film.mp4?ranges=10-15&loop", ""),
    ("get", "/watch/{path}", 400, Open, "/watch/%", ""),
    ("get", "/watch/{path}", 404, Open, "/watch/none.mp4", ""),

    ("get", "/assets/{name}", 200, Open, "/assets/style.css", ""),
    ("get", "/assets/{name}", 200, Open, "/assets/player.js", ""),
    ("get", "/assets/{name}", 304, Open, "/assets/style.css", "If-None-Match: *\r\n"),
    ("get", "/assets/{name}", 400, Open, "/assets/%", ""),
    ("get", "/assets/{name}", 404, Open, "/assets/none.js", ""),
    ("get", "/assets/{name}", 412, Open, "/assets/player.js", "If-Match: \"x\"\r\n"),
    ("get", "/favicon.ico", 200, Open, "/favicon.ico", ""),
    ("get", "/favicon.ico", 304, Open, "/favicon.ico", "If-None-Match: *\r\n"),
    ("get", "/favicon.ico", 412, Open, "/favicon.ico", "If-Match: \"x\"\r\n"),
    ("get", "/healthz", 200, Full, "/healthz", ""),
    ("get", "/metrics", 200, Open, "/metrics", ""),
    ("get", "/metrics", 404, Single, "/metrics", ""),
];
