//! Conversion of names to URLs. A name may contain any bytes; its URL keeps all of them.

use std::sync::Arc;

use crate::auth::{Purpose, Tokens};
use crate::media::{FolderName, MediaName};

/// The URLs that the server writes into pages, listings, playlists and redirects. All URLs begin with the base path.
///
/// If a password is set, the URLs for media elements and for players such as VLC contain a token, because some of these
/// clients do not send the password.
#[derive(Clone, Default)]
pub(crate) struct Links {
    /// The base path, without a slash at its end; empty at the root.
    pub(super) base: Arc<str>,
    tokens: Option<Tokens>,
}

impl Links {
    /// Creates links that begin with `base`, which has no slash at its end. `tokens` is `None` if no password is set.
    pub(crate) fn new(base: Arc<str>, tokens: Option<Tokens>) -> Links {
        Links { base, tokens }
    }

    /// Adds scheme and host to all URLs, for a player that opens a playlist from a file. `host` is the value of the
    /// `Host` field, which the caller has checked. If it is `None`, the URLs do not change.
    pub(crate) fn at_host(mut self, is_secure: bool, host: Option<&str>) -> Links {
        let scheme = if is_secure { "https" } else { "http" };
        if let Some(host) = host {
            self.base = format!("{scheme}://{host}{}", self.base).into();
        }
        self
    }

    pub(crate) fn to(&self, path: &str) -> String {
        format!("{}{path}", self.base)
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

    /// Returns the URL `root` for the root folder, and `prefix` with the path of the folder for other folders.
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

    pub(crate) fn download(&self, name: &MediaName) -> String {
        let path = name.url_path();
        self.with_token("/api/stream/", Purpose::Stream, &path, "?download")
    }

    /// Returns the URL that downloads parts of a file as one file. The script adds the parts.
    pub(crate) fn cut(&self, name: &MediaName) -> String {
        self.with_token("/api/cut/", Purpose::Stream, &name.url_path(), "?download")
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

    pub(crate) fn cover(&self, name: &MediaName) -> String {
        self.with_token("/api/cover/", Purpose::Stream, &name.url_path(), "")
    }

    pub(crate) fn playlist_of(&self, name: &MediaName) -> String {
        self.with_token("/playlist/", Purpose::Playlist, &name.url_path(), "")
    }

    pub(crate) fn playlist(&self, folder: &FolderName) -> String {
        self.with_token("/playlist/", Purpose::Playlist, &folder_path(folder), "")
    }

    /// Returns a URL with the token for its path. `end`, such as `?download`, comes between the path and the token.
    fn with_token(&self, prefix: &str, purpose: Purpose, path: &str, end: &str) -> String {
        let and = if end.contains('?') { '&' } else { '?' };
        let token = self.tokens.as_ref().map(|it| it.token(purpose, path));
        let token = token.map(|token| format!("{and}token={token}"));
        self.to(&format!("{prefix}{path}{end}{}", token.unwrap_or_default()))
    }
}

/// Returns the path of a folder in a URL. For the root, it is empty. For other folders, it ends with a slash, which
/// relative links need.
pub(crate) fn folder_path(folder: &FolderName) -> String {
    match folder.url_path() {
        path if path.is_empty() => path,
        path => path + "/",
    }
}
