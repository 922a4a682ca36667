//! Where things are: names to URLs. Pure, and exact for names of any bytes.

use crate::media::{FolderName, MediaName};

/// The bytes of a file.
pub(crate) fn stream_url(name: &MediaName) -> String {
    format!("/api/stream/{}", name.url_path())
}

/// A file of subtitles, as WebVTT.
pub(crate) fn subtitles_url(name: &MediaName) -> String {
    format!("/api/subtitles/{}", name.url_path())
}

/// The player page of a file.
pub(crate) fn watch_url(name: &MediaName) -> String {
    format!("/watch/{}", name.url_path())
}

/// A file alone as a playlist.
pub(crate) fn playlist_of_url(name: &MediaName) -> String {
    format!("/playlist/{}", name.url_path())
}

/// The library page of a folder.
pub(crate) fn browse_url(folder: &FolderName) -> String {
    in_folder("/", "/browse/", folder)
}

/// The files of a folder as a playlist.
pub(crate) fn playlist_url(folder: &FolderName) -> String {
    in_folder("/playlist/", "/playlist/", folder)
}

/// The listing of a folder for programs.
pub(crate) fn listing_url(folder: &FolderName) -> String {
    in_folder("/api/videos", "/api/videos/", folder)
}

/// The root has a URL of its own; all others end with a slash, so that relative links would work too.
fn in_folder(root: &str, prefix: &str, folder: &FolderName) -> String {
    match folder.url_path() {
        path if path.is_empty() => root.to_string(),
        path => format!("{prefix}{path}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let segments = [b"a b".to_vec(), b"\xff#.mp4".to_vec()];
        let folder = FolderName::from_segments(&segments).unwrap();
        assert_eq!(
            stream_url(&MediaName::from_segments(&segments).unwrap()),
            "/api/stream/a%20b/%FF%23.mp4"
        );
        assert_eq!(browse_url(&folder), "/browse/a%20b/%FF%23.mp4/");
        assert_eq!(listing_url(&folder), "/api/videos/a%20b/%FF%23.mp4/");
        assert_eq!(playlist_url(&folder), "/playlist/a%20b/%FF%23.mp4/");
        assert_eq!(playlist_url(&FolderName::root()), "/playlist/");
        assert_eq!(browse_url(&FolderName::root()), "/");
        assert_eq!(listing_url(&FolderName::root()), "/api/videos");
    }
}
