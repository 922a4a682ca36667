//! Conversion of names to URLs. The URLs are exact for names of any bytes.

use std::sync::Arc;

use crate::auth::{Purpose, Tokens};
use crate::media::{FolderName, MediaName};

/// The URLs that the server writes into pages, listings, playlists and redirects. All URLs begin with the base path.
///
/// If a password is set, the URLs for media elements and for other players contain a token, because these clients may
/// have no credentials.
#[derive(Clone, Default)]
pub(crate) struct Links {
    base: Arc<str>,
    tokens: Option<Tokens>,
}

impl Links {
    /// Creates links that begin with `base`, which has no slash at its end. `tokens` is `None` if no password is set.
    pub(crate) fn new(base: Arc<str>, tokens: Option<Tokens>) -> Links {
        Links { base, tokens }
    }

    /// Returns the base path, without a slash at its end; empty at the root.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Returns the URL of a path of this server.
    pub(crate) fn to(&self, path: &str) -> String {
        format!("{}{path}", self.base())
    }

    /// Returns the URL of the player page of a file.
    pub(crate) fn watch(&self, name: &MediaName) -> String {
        self.to(&format!("/watch/{}", name.url_path()))
    }

    /// Returns the URL of the library page of a folder.
    pub(crate) fn browse(&self, folder: &FolderName) -> String {
        self.in_folder("/", "/browse/", folder)
    }

    /// Returns the URL of the JSON listing of a folder.
    pub(crate) fn listing(&self, folder: &FolderName) -> String {
        self.in_folder("/api/videos", "/api/videos/", folder)
    }

    /// Returns `root` for the root folder.
    fn in_folder(&self, root: &str, prefix: &str, folder: &FolderName) -> String {
        match folder_path(folder) {
            path if path.is_empty() => self.to(root),
            path => self.to(&format!("{prefix}{path}")),
        }
    }

    /// Returns the URL of the bytes of a file.
    pub(crate) fn stream(&self, name: &MediaName) -> String {
        self.with_token("/api/stream/", Purpose::Stream, &name.url_path(), "")
    }

    /// Returns the URL from which a browser downloads a file.
    pub(crate) fn download(&self, name: &MediaName) -> String {
        let path = name.url_path();
        self.with_token("/api/stream/", Purpose::Stream, &path, "?download")
    }

    /// Returns the URL that downloads parts of a file as one file. The script adds the parts.
    pub(crate) fn cut(&self, name: &MediaName) -> String {
        let path = name.url_path();
        self.with_token("/api/cut/", Purpose::Stream, &path, "?download")
    }

    /// Returns the token that a script appends to the URL of a stream; `None` without a password.
    pub(crate) fn stream_token(&self, name: &MediaName) -> Option<String> {
        let tokens = self.tokens.as_ref()?;
        Some(tokens.token(Purpose::Stream, &name.url_path()))
    }

    /// Returns the URL of a subtitle file as WebVTT.
    pub(crate) fn subtitles(&self, name: &MediaName) -> String {
        self.with_token("/api/subtitles/", Purpose::Subtitles, &name.url_path(), "")
    }

    /// Returns the URL of a track inside a file as WebVTT. `track` is a number, or `chapters`.
    pub(crate) fn track(&self, name: &MediaName, track: &str) -> String {
        let (path, query) = (name.url_path(), format!("?track={track}"));
        self.with_token("/api/subtitles/", Purpose::Subtitles, &path, &query)
    }

    /// Returns the URL of the cover image inside a file.
    pub(crate) fn cover(&self, name: &MediaName) -> String {
        self.with_token("/api/cover/", Purpose::Stream, &name.url_path(), "")
    }

    /// Returns the URL of the playlist of one file.
    pub(crate) fn playlist_of(&self, name: &MediaName) -> String {
        self.with_token("/playlist/", Purpose::Playlist, &name.url_path(), "")
    }

    /// Returns the URL of the playlist of a folder.
    pub(crate) fn playlist(&self, folder: &FolderName) -> String {
        self.with_token("/playlist/", Purpose::Playlist, &folder_path(folder), "")
    }

    /// Returns a URL with the token for its path. `end` comes between the path and the token.
    fn with_token(&self, prefix: &str, purpose: Purpose, path: &str, end: &str) -> String {
        let base = self.base();
        match &self.tokens {
            None => format!("{base}{prefix}{path}{end}"),
            Some(tokens) => {
                let token = tokens.token(purpose, path);
                let and = if end.contains('?') { '&' } else { '?' };
                format!("{base}{prefix}{path}{end}{and}token={token}")
            }
        }
    }
}

/// Returns the path of a folder in a URL: empty for the root, and else with a slash at its end, which relative links
/// need.
pub(crate) fn folder_path(folder: &FolderName) -> String {
    match folder.url_path() {
        path if path.is_empty() => path,
        path => path + "/",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::auth::{Authenticator, Credentials, Key};

    #[test]
    fn url_has_base_path_and_token() {
        let segments = [b"a b".to_vec(), b"\xff#.mp4".to_vec()];
        let folder = FolderName::from_segments(&segments).unwrap();
        let name = MediaName::from_segments(&segments).unwrap();
        let root = FolderName::root();
        let now = Instant::now();
        let credentials = Credentials::new("a", "b").unwrap();
        let authenticator = Authenticator::new(&credentials, Key::new([1; 64]), now);
        let tokens = authenticator.tokens(now);
        let stream = tokens.token(Purpose::Stream, "a%20b/%FF%23.mp4");
        let subtitles = tokens.token(Purpose::Subtitles, "a%20b/%FF%23.mp4");
        let playlist = tokens.token(Purpose::Playlist, "a%20b/%FF%23.mp4");
        let of_folder = tokens.token(Purpose::Playlist, "a%20b/%FF%23.mp4/");
        let of_root = tokens.token(Purpose::Playlist, "");
        for base in ["", "/videos", "/a/b%20c"] {
            let open = Links::new(base.into(), None);
            let closed = Links::new(base.into(), Some(tokens.clone()));
            for (url, expected, token) in [
                (open.to("/assets/a.js"), "/assets/a.js", ""),
                (open.watch(&name), "/watch/NAME", ""),
                (open.browse(&folder), "/browse/NAME/", ""),
                (open.browse(&root), "/", ""),
                (open.listing(&folder), "/api/videos/NAME/", ""),
                (open.listing(&root), "/api/videos", ""),
                (open.stream(&name), "/api/stream/NAME", ""),
                (open.download(&name), "/api/stream/NAME?download", ""),
                (open.playlist(&root), "/playlist/", ""),
                (
                    open.track(&name, "chapters"),
                    "/api/subtitles/NAME?track=chapters",
                    "",
                ),
                (closed.watch(&name), "/watch/NAME", ""),
                (closed.stream(&name), "/api/stream/NAME?token=", &stream),
                (
                    closed.download(&name),
                    "/api/stream/NAME?download&token=",
                    &stream,
                ),
                (closed.cut(&name), "/api/cut/NAME?download&token=", &stream),
                (closed.cover(&name), "/api/cover/NAME?token=", &stream),
                (
                    closed.subtitles(&name),
                    "/api/subtitles/NAME?token=",
                    &subtitles,
                ),
                (
                    closed.track(&name, "7"),
                    "/api/subtitles/NAME?track=7&token=",
                    &subtitles,
                ),
                (
                    closed.playlist_of(&name),
                    "/playlist/NAME?token=",
                    &playlist,
                ),
                (
                    closed.playlist(&folder),
                    "/playlist/NAME/?token=",
                    &of_folder,
                ),
                (closed.playlist(&root), "/playlist/?token=", &of_root),
            ] {
                let expected = expected.replace("NAME", "a%20b/%FF%23.mp4");
                assert_eq!(url, format!("{base}{expected}{token}"));
            }
            assert_eq!(open.stream_token(&name), None);
            assert_eq!(closed.stream_token(&name).as_ref(), Some(&stream));
        }
    }
}
