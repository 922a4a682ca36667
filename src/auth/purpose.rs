//! The purpose of a token.

/// The kind of resource that a token opens.
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
    /// Returns the word for the signed text.
    pub(super) fn name(self) -> &'static str {
        match self {
            Purpose::Stream => "stream",
            Purpose::Subtitles => "subtitles",
            Purpose::Playlist => "playlist",
            Purpose::FolderPlaylist => "folder-playlist",
        }
    }
}
