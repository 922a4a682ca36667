//! Names that are safe to open below the media directory.
//!
//! The module does not access the disk. Names are bytes, as on the disk, and not always UTF-8.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::leftovers::is_leftover;
use crate::http::MediaType;

/// The maximum length of a file name in bytes (NAME_MAX).
const MAX_SEGMENT: usize = 255;

/// The maximum length of a path in bytes: PATH_MAX without the NUL byte.
const MAX_PATH: usize = 4095;

/// The characters to percent-encode in a URL: all except the unreserved characters (RFC 3986 §2.3). With this encoding,
/// links also work in playlists, shells and HTML attributes.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The extensions of a poster, which is the image next to a video. The first existing file is used.
const POSTERS: [&str; 5] = ["jpg", "jpeg", "png", "webp", "JPG"];

/// The name of a file below the media directory: a relative path of at least one segment. No segment is `..` or hidden.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct MediaName(PathBuf);

impl MediaName {
    /// Returns `None` if a segment is unsafe or hidden.
    pub(crate) fn from_segments(segments: &[Vec<u8>]) -> Option<MediaName> {
        let (name, folders) = segments.split_last()?;
        FolderName::from_segments(folders)?.join(OsStr::from_bytes(name))
    }

    /// Returns the name as a relative path. The path is safe only below the media directory.
    pub(crate) fn as_path(&self) -> &Path {
        &self.0
    }

    /// Returns the last segment.
    pub(crate) fn file_name(&self) -> &OsStr {
        self.0.file_name().unwrap_or_default()
    }

    pub(crate) fn stem(&self) -> &OsStr {
        self.0.file_stem().unwrap_or_default()
    }

    /// Returns the image next to the file, if there is one: `film.jpg` for `film.mp4`.
    pub(super) fn poster(&self, exists: impl Fn(&MediaName) -> bool) -> Option<MediaName> {
        let mut posters = POSTERS.iter().map(|it| self.0.with_extension(it));
        posters.find_map(|path| Some(MediaName(path)).filter(&exists))
    }

    pub(crate) fn folder(&self) -> FolderName {
        FolderName(self.0.parent().unwrap_or(Path::new("")).to_path_buf())
    }

    /// Returns the name as a URL path without a leading slash. Bytes that are not UTF-8 are also encoded.
    pub(crate) fn url_path(&self) -> String {
        url_path(&self.0)
    }
}

/// The name of a folder below the media directory. The media directory itself has the empty name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct FolderName(PathBuf);

impl FolderName {
    pub(crate) fn root() -> FolderName {
        FolderName::default()
    }

    /// Returns `None` if a segment is unsafe or hidden. The root has no segments.
    pub(crate) fn from_segments(segments: &[Vec<u8>]) -> Option<FolderName> {
        let mut segments = segments.iter().map(|it| OsStr::from_bytes(it));
        segments.try_fold(FolderName::root(), |folder, it| folder.join_folder(it))
    }

    /// Returns the name as a relative path, which is empty for the root. The path is safe only below the media
    /// directory.
    pub(crate) fn as_path(&self) -> &Path {
        &self.0
    }

    /// Returns the last segment; `None` for the root.
    pub(crate) fn file_name(&self) -> Option<&OsStr> {
        self.0.file_name()
    }

    /// Returns the folder that contains this folder; `None` for the root.
    pub(crate) fn parent(&self) -> Option<FolderName> {
        self.0.parent().map(|path| FolderName(path.to_path_buf()))
    }

    /// Returns the name of the file `child` in this folder, if it is a safe name.
    pub(crate) fn join(&self, child: &OsStr) -> Option<MediaName> {
        self.admits(child).then(|| MediaName(self.0.join(child)))
    }

    /// Returns the name of the folder `child` in this folder, if it is a safe name.
    pub(crate) fn join_folder(&self, child: &OsStr) -> Option<FolderName> {
        self.admits(child).then(|| FolderName(self.0.join(child)))
    }

    /// Returns whether `child` is a safe name and its path is not too long. A leading dot is refused, because it means
    /// `.`, `..` or a hidden name.
    fn admits(&self, child: &OsStr) -> bool {
        let name = child.as_bytes();
        let has_separator = name.iter().any(|byte| matches!(byte, b'/' | 0));
        // For the root, the sum contains one slash too many, which does not matter.
        let length = self.0.as_os_str().len() + 1 + name.len();
        !name.is_empty()
            && name.len() <= MAX_SEGMENT
            && !name.starts_with(b".")
            && !has_separator
            && length <= MAX_PATH
    }

    pub(crate) fn lists(&self, child: &OsStr) -> bool {
        self.admits(child) && !is_leftover(child)
    }

    pub(crate) fn url_path(&self) -> String {
        url_path(&self.0)
    }
}

/// Returns the kind of a file for the JSON listing, for example "video".
pub(crate) fn kind(name: &OsStr) -> &'static str {
    MediaType::of(name.as_encoded_bytes()).kind
}

pub(crate) fn is_video(name: &OsStr) -> bool {
    kind(name) == "video"
}

/// Returns whether a file with this name is video or audio. Pages and playlists show such files.
pub(crate) fn is_playable(name: &OsStr) -> bool {
    matches!(kind(name), "video" | "audio")
}

fn url_path(path: &Path) -> String {
    let mut url = String::new();
    for segment in path {
        if !url.is_empty() {
            url.push('/');
        }
        url.extend(percent_encode(segment.as_bytes(), RESERVED));
    }
    url
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn name_stays_below_and_its_url_is_exact(parts in prop::collection::vec(
            prop::collection::vec(prop_oneof![Just(b'.'), Just(b'/'), Just(0), any::<u8>()], 0..6), 0..5)) {
            if let Some(name) = MediaName::from_segments(&parts) {
                prop_assert!(name.as_path().components().all(|part| matches!(part, std::path::Component::Normal(_))));
                prop_assert!(name.as_path().iter().map(OsStrExt::as_bytes).eq(parts.iter().map(Vec::as_slice)));
                let url = name.url_path();
                prop_assert!(url.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%/".contains(&byte)));
                let decoded: Vec<Vec<u8>> = url.split('/').map(|part| percent_decode(part.as_bytes()).collect()).collect();
                prop_assert_eq!(decoded, parts);
            }
        }
    }
}
