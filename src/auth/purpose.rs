//! What a token in a URL is for.

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The bytes of a file.
    Stream,
    /// A file as subtitles.
    Subtitles,
    /// The playlist of a file.
    Playlist,
    /// The playlist of a folder.
    FolderPlaylist,
}

impl Purpose {
    pub(super) fn name(self) -> &'static str {
        match self {
            Purpose::Stream => "stream",
            Purpose::Subtitles => "subtitles",
            Purpose::Playlist => "playlist",
            Purpose::FolderPlaylist => "folder-playlist",
        }
    }
}
