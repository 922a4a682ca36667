//! The files that pages and playlists show, selected by their names.

use std::ffi::OsStr;

use crate::http::MediaType;

/// Returns whether a file with this name is a video.
pub(crate) fn is_video(name: &OsStr) -> bool {
    MediaType::of(name.as_encoded_bytes()).kind == "video"
}

/// Returns whether a file with this name is video or audio. Pages and playlists show such files.
pub(crate) fn is_playable(name: &OsStr) -> bool {
    let kind = MediaType::of(name.as_encoded_bytes()).kind;
    matches!(kind, "video" | "audio")
}
