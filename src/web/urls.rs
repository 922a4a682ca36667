//! Where things are: names to URLs. Pure, and exact for names of any bytes.

use std::sync::Arc;

use crate::auth::{Purpose, Tokens};
use crate::media::{FolderName, MediaName};

/// The URLs that the server writes into pages, listings, playlists and redirects. All begin with the base path.
///
/// Where a password is set, the URLs that browsers' media elements and other players follow carry a token, because these
/// may have no credentials.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    base: Arc<str>,
    tokens: Option<Tokens>,
}

impl Links {
    /// URLs that begin with `base`, which has no slash at its end. `tokens`: `None` where no password is set.
    pub(crate) fn new(base: Arc<str>, tokens: Option<Tokens>) -> Links {
        Links { base, tokens }
    }

    /// The base path, without a slash at its end; empty at the root.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The URL of a path of this server.
    pub(crate) fn to(&self, path: &str) -> String {
        format!("{}{path}", self.base())
    }

    /// The player page of a file.
    pub(crate) fn watch(&self, name: &MediaName) -> String {
        self.to(&format!("/watch/{}", name.url_path()))
    }

    /// The library page of a folder.
    pub(crate) fn browse(&self, folder: &FolderName) -> String {
        self.in_folder("/", "/browse/", folder)
    }

    /// The listing of a folder for programs.
    pub(crate) fn listing(&self, folder: &FolderName) -> String {
        self.in_folder("/api/videos", "/api/videos/", folder)
    }

    /// The root has a URL of its own. All others end with a slash, which relative links need.
    fn in_folder(&self, root: &str, prefix: &str, folder: &FolderName) -> String {
        match folder.url_path() {
            path if path.is_empty() => self.to(root),
            path => self.to(&format!("{prefix}{path}/")),
        }
    }

    /// The bytes of a file.
    pub(crate) fn stream(&self, name: &MediaName) -> String {
        self.with_token("/api/stream/", Purpose::Stream, &name.url_path(), "")
    }

    /// The same, to be stored.
    pub(crate) fn download(&self, name: &MediaName) -> String {
        let path = name.url_path();
        self.with_token("/api/stream/", Purpose::Stream, &path, "?download")
    }

    /// What a script puts behind the URL of a stream, if anything.
    pub(crate) fn stream_token(&self, name: &MediaName) -> Option<String> {
        let tokens = self.tokens.as_ref()?;
        Some(tokens.token(Purpose::Stream, &name.url_path()))
    }

    /// A file of subtitles, as WebVTT.
    pub(crate) fn subtitles(&self, name: &MediaName) -> String {
        self.with_token("/api/subtitles/", Purpose::Subtitles, &name.url_path(), "")
    }

    /// A file alone as a playlist.
    pub(crate) fn playlist_of(&self, name: &MediaName) -> String {
        self.with_token("/playlist/", Purpose::Playlist, &name.url_path(), "")
    }

    /// The files of a folder as a playlist.
    pub(crate) fn playlist(&self, folder: &FolderName) -> String {
        let path = folder.url_path();
        let slash = if path.is_empty() { "" } else { "/" };
        self.with_token("/playlist/", Purpose::FolderPlaylist, &path, slash)
    }

    /// `end` follows the path; a query in it goes on with the token.
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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::auth::{Authenticator, Credentials, Key};

    #[test]
    fn urls() {
        let segments = [b"a b".to_vec(), b"\xff#.mp4".to_vec()];
        let folder = FolderName::from_segments(&segments).unwrap();
        let name = MediaName::from_segments(&segments).unwrap();
        let now = Instant::now();
        let credentials = Credentials::new("a", "b").unwrap();
        let gatekeeper = Authenticator::new(&credentials, Key::new([1; 64]), now);
        let tokens = gatekeeper.tokens(now);
        let path = "a%20b/%FF%23.mp4";
        let (open, closed) = (
            Links::default(),
            Links::new(Arc::default(), Some(tokens.clone())),
        );
        for (of, url, purpose, path) in [
            (
                (|links, name, _| links.stream(name))
                    as fn(&Links, &MediaName, &FolderName) -> String,
                "/api/stream/a%20b/%FF%23.mp4",
                Purpose::Stream,
                path,
            ),
            (
                |links, name, _| links.download(name),
                "/api/stream/a%20b/%FF%23.mp4?download",
                Purpose::Stream,
                path,
            ),
            (
                |links, name, _| links.subtitles(name),
                "/api/subtitles/a%20b/%FF%23.mp4",
                Purpose::Subtitles,
                path,
            ),
            (
                |links, name, _| links.playlist_of(name),
                "/playlist/a%20b/%FF%23.mp4",
                Purpose::Playlist,
                path,
            ),
            (
                |links, _, folder| links.playlist(folder),
                "/playlist/a%20b/%FF%23.mp4/",
                Purpose::FolderPlaylist,
                path,
            ),
            (
                |links, _, _| links.playlist(&FolderName::root()),
                "/playlist/",
                Purpose::FolderPlaylist,
                "",
            ),
        ] {
            assert_eq!(of(&open, &name, &folder), url);
            let and = if url.contains('?') { '&' } else { '?' };
            let token = tokens.token(purpose, path);
            assert_eq!(
                of(&closed, &name, &folder),
                format!("{url}{and}token={token}")
            );
            assert!(gatekeeper.verify_token(token.as_bytes(), purpose, path, now));
        }
        assert_eq!(open.stream_token(&name), None);
        assert_eq!(
            closed.stream_token(&name),
            Some(tokens.token(Purpose::Stream, path))
        );
    }

    #[test]
    fn urls_begin_with_the_base_path() {
        let segments = [b"a b".to_vec(), b"\xff#.mp4".to_vec()];
        let folder = FolderName::from_segments(&segments).unwrap();
        let name = MediaName::from_segments(&segments).unwrap();
        let root = FolderName::root();
        for base in ["", "/videos", "/a/b%20c"] {
            let links = Links::new(base.into(), None);
            for (url, expected) in [
                (links.to("/assets/a.js"), "/assets/a.js"),
                (links.watch(&name), "/watch/a%20b/%FF%23.mp4"),
                (links.browse(&folder), "/browse/a%20b/%FF%23.mp4/"),
                (links.browse(&root), "/"),
                (links.listing(&folder), "/api/videos/a%20b/%FF%23.mp4/"),
                (links.listing(&root), "/api/videos"),
                (links.stream(&name), "/api/stream/a%20b/%FF%23.mp4"),
                (
                    links.download(&name),
                    "/api/stream/a%20b/%FF%23.mp4?download",
                ),
                (links.subtitles(&name), "/api/subtitles/a%20b/%FF%23.mp4"),
                (links.playlist_of(&name), "/playlist/a%20b/%FF%23.mp4"),
                (links.playlist(&folder), "/playlist/a%20b/%FF%23.mp4/"),
                (links.playlist(&root), "/playlist/"),
            ] {
                assert_eq!(url, format!("{base}{expected}"));
            }
        }
    }
}
