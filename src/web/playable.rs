//! Which files are shown, by their names.

use std::ffi::OsStr;

use crate::http::{Kind, MediaType};

/// Whether a file of that name is a video.
pub(crate) fn is_video(name: &OsStr) -> bool {
    MediaType::of(name.as_encoded_bytes()).kind() == Kind::Video
}

/// Whether a file of that name is something to watch or to hear: what pages and playlists show.
pub(crate) fn is_playable(name: &OsStr) -> bool {
    let kind = MediaType::of(name.as_encoded_bytes()).kind();
    matches!(kind, Kind::Video | Kind::Audio)
}
