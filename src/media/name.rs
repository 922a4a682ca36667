//! Names that are proved safe for opening below the media directory.
//!
//! Pure: no disk access. Names are bytes, as on the disk, and may not be UTF-8.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::leftovers::is_leftover;

/// The maximum length of a file name in bytes (NAME_MAX).
const MAX_SEGMENT: usize = 255;

/// The maximum length of a path in the kernel: PATH_MAX without its NUL byte.
const MAX_PATH: usize = 4095;

/// All characters except the unreserved characters (RFC 3986 §2.3). A path does not need such a large set. But the
/// links must stay intact if people paste them into a playlist, a shell or an attribute.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The name of a file below the media directory: a relative path of at least one segment. No segment is `..` or hidden.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct MediaName(PathBuf);

impl MediaName {
    /// Creates a name from decoded path segments; returns `None` if a segment is unsafe or hidden.
    pub(crate) fn from_segments(segments: &[Vec<u8>]) -> Option<MediaName> {
        let path = safe_path(segments)?;
        (!segments.is_empty()).then_some(MediaName(path))
    }

    /// Returns the name as a relative path. Only open it below the media directory.
    pub(crate) fn as_path(&self) -> &Path {
        &self.0
    }

    /// Returns the last segment.
    pub(crate) fn file_name(&self) -> &OsStr {
        self.0.file_name().unwrap_or_default()
    }

    /// Returns the last segment without its extension.
    pub(crate) fn stem(&self) -> &OsStr {
        self.0.file_stem().unwrap_or_default()
    }

    /// Returns the name with another extension, if the result is a safe name.
    pub(crate) fn with_extension(&self, extension: &str) -> Option<MediaName> {
        let mut name = self.stem().to_os_string();
        name.push(".");
        name.push(extension);
        self.folder().join(&name)
    }

    /// Returns the folder that contains the file.
    pub(crate) fn folder(&self) -> FolderName {
        FolderName(self.0.parent().unwrap_or(Path::new("")).to_path_buf())
    }

    /// Returns the name as a URL path without a leading slash. It is exact for any bytes.
    pub(crate) fn url_path(&self) -> String {
        url_path(&self.0)
    }
}

/// The name of a folder below the media directory. The media directory itself has the empty name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct FolderName(PathBuf);

impl FolderName {
    /// Returns the name of the media directory itself.
    pub(crate) fn root() -> FolderName {
        FolderName::default()
    }

    /// Creates a name from decoded path segments (none for the root); returns `None` if a segment is unsafe or hidden.
    pub(crate) fn from_segments(segments: &[Vec<u8>]) -> Option<FolderName> {
        safe_path(segments).map(FolderName)
    }

    /// Returns the name as a relative path, which is empty for the root. Only open it below the media directory.
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

    /// Whether [`join`](Self::join) would succeed. Allocates no memory, because it runs for every name of a large
    /// folder.
    pub(crate) fn admits(&self, child: &OsStr) -> bool {
        let parent = self.0.as_os_str().len();
        // The sum includes a slash also for the root. There, this makes the limit one byte lower, which does not
        // matter.
        is_safe_segment(child.as_bytes()) && parent + 1 + child.len() <= MAX_PATH
    }

    /// Whether listings and searches show the child with this name.
    pub(crate) fn lists(&self, child: &OsStr) -> bool {
        self.admits(child) && !is_leftover(child)
    }

    /// Returns the name as a URL path without slashes at its ends. It is exact for any bytes.
    pub(crate) fn url_path(&self) -> String {
        url_path(&self.0)
    }
}

fn safe_path(segments: &[Vec<u8>]) -> Option<PathBuf> {
    let mut folder = FolderName::root();
    for segment in segments {
        folder = folder.join_folder(OsStr::from_bytes(segment))?;
    }
    Some(folder.0)
}

/// Whether a segment is safe. A leading dot includes `.`, `..` and hidden names.
fn is_safe_segment(segment: &[u8]) -> bool {
    !segment.is_empty()
        && segment.len() <= MAX_SEGMENT
        && !segment.starts_with(b".")
        && !segment.iter().any(|byte| matches!(byte, b'/' | 0))
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

    /// Splits a text at `|` into segments.
    fn segments(text: &str) -> Vec<Vec<u8>> {
        text.split('|').map(|it| it.as_bytes().to_vec()).collect()
    }

    #[test]
    fn unsafe_segments_are_refused() {
        let (long, deep) = ("x".repeat(256), vec!["x".repeat(255); 17].join("|"));
        let texts = [
            ".",
            "..",
            "...",
            "a|..|b",
            "a|",
            "|etc|passwd",
            "/etc/passwd",
            "a/../b",
            "a/b",
        ];
        let others = ["", "a\0.mp4", ".hidden", ".git|a.mp4", &long, &deep];
        for text in texts.into_iter().chain(others) {
            assert_eq!(MediaName::from_segments(&segments(text)), None, "{text}");
            assert_eq!(FolderName::from_segments(&segments(text)), None, "{text}");
        }
        assert!(MediaName::from_segments(&segments(&long[1..])).is_some());
    }

    #[test]
    fn root_is_a_folder_and_no_file() {
        assert_eq!(MediaName::from_segments(&[]), None);
        let root = FolderName::from_segments(&[]).unwrap();
        assert_eq!((root.file_name(), root.parent()), (None, None));
        assert_eq!(
            (root.url_path(), &root),
            (String::new(), &FolderName::root())
        );
    }

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
