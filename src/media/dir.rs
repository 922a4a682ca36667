//! The media directory, and the functions that open files and folders below it.
//!
//! No function opens a path outside the directory.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::fs::{FileType, OFlags};
use rustix::io::Errno;

use super::file::{Details, MediaFile, missing};
use super::name::{FolderName, MediaName};

/// The flags that keep a FIFO or a device from blocking the open call or becoming the terminal of this process. They
/// have no effect on regular files.
const UNBLOCKED: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY);

/// The served directory. It stores the path and not a handle. A handle becomes invalid if the directory is deleted and
/// created again, or if the symlink to it gets another target.
#[derive(Debug, Clone)]
pub(crate) struct MediaDir {
    /// The configured path, made absolute.
    path: PathBuf,
    /// The path without symlinks at the time of the start.
    canonical: PathBuf,
    /// The folders and symlinks that have not answered a search yet, although the request has continued without them.
    pub(super) silent: Arc<Mutex<Vec<PathBuf>>>,
}

impl MediaDir {
    /// # Errors
    ///
    /// If `path` does not exist, is not a directory, or cannot be read.
    pub(crate) fn new(path: impl AsRef<Path>) -> io::Result<MediaDir> {
        let path = path.as_ref();
        let canonical = path.canonicalize()?;
        // Reading a directory needs another permission than opening its path.
        std::fs::read_dir(&canonical)?;
        Ok(MediaDir {
            path: std::path::absolute(path)?,
            canonical,
            silent: Arc::default(),
        })
    }

    /// Returns the absolute path of the directory at the start, without symlinks. It is for display, not for opening.
    pub(crate) fn canonical(&self) -> &Path {
        &self.canonical
    }

    /// Opens a regular file. The call never blocks, for any type of file. It never leaves the directory, even if
    /// another process changes the directory at the same time.
    ///
    /// # Errors
    ///
    /// `NotFound`, with the cause in its text, if the name is not a regular file below the directory;
    /// `PermissionDenied` if the process may not read the file; other errors as the system reports them.
    pub(crate) fn open(&self, name: &MediaName) -> io::Result<MediaFile> {
        let root = self.root()?;
        let file = self.beneath(&root, name.as_path(), |root, path| {
            root.open_with(path, &read_only(UNBLOCKED))
        })?;
        MediaFile::new(file.into_std())
    }

    /// Whether a name is a regular file that [`open`](Self::open) would find.
    pub(crate) fn has_file(&self, name: &MediaName) -> bool {
        let root = self.root();
        let details = root.and_then(|root| self.look(&root, name.as_path()));
        details.is_ok_and(|it| it.file_type == FileType::RegularFile)
    }

    /// Opens the directory at its current path.
    pub(super) fn root(&self) -> io::Result<Dir> {
        Dir::open_ambient_dir(&self.path, ambient_authority())
    }

    /// Returns the details of a path below the root. Follows symlinks as [`open`](Self::open) does, but only
    /// opens a handle that shows the type of a file.
    pub(super) fn look(&self, root: &Dir, path: &Path) -> io::Result<Details> {
        self.beneath(root, path, |root, path| {
            let handle = root.open_with(path, &read_only(OFlags::PATH))?;
            Details::for_listing(handle, OsStr::new(""))
        })
    }

    /// Opens a folder below the root.
    pub(super) fn open_folder(&self, root: &Dir, folder: &FolderName) -> io::Result<Dir> {
        // Not `open_with` and O_DIRECTORY: before Linux 5.6, cap-std mistakes a symlink for a file in this case.
        self.beneath(root, folder.as_path(), |root, path| root.open_dir(path))
    }

    /// Runs `call` with a path. `call` must resolve the path below the root, as all methods of [`Dir`] do.
    ///
    /// This resolution refuses absolute symlinks even if their target is inside. So if it meets a symlink that seems to
    /// point outside, this function tries the path without symlinks, with the same confined call. If another process
    /// has swapped a symlink in the meantime, the call refuses it again. The confinement never depends on the new path.
    fn beneath<T>(
        &self,
        root: &Dir,
        path: &Path,
        call: impl Fn(&Dir, &Path) -> io::Result<T>,
    ) -> io::Result<T> {
        let result = match call(root, or_dot(path)) {
            Err(error) if leads_out(&error) => {
                self.inside(path).and_then(|path| call(root, or_dot(&path)))
            }
            result => result,
        };
        result.map_err(nothing_there)
    }

    /// Returns a path below the root without symlinks.
    fn inside(&self, path: &Path) -> io::Result<PathBuf> {
        let target = self.path.join(path).canonicalize();
        let target = target.map_err(|error| match error.kind() {
            // A forbidden file outside must look like every other file outside.
            io::ErrorKind::PermissionDenied => missing(LEADS_OUT),
            _ => error,
        })?;
        let root = self.path.canonicalize()?;
        let inside = target.strip_prefix(root).map_err(|_| missing(LEADS_OUT))?;
        Ok(inside.to_path_buf())
    }
}

const LEADS_OUT: &str = "a symlink points outside the media directory";

/// Replaces an empty path with `.`, because the file system does not accept an empty path.
fn or_dot(path: &Path) -> &Path {
    if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    }
}

/// Returns options for reading. cap-std adds O_CLOEXEC.
fn read_only(flags: OFlags) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.bits().cast_signed());
    options
}

/// Whether cap-std refused a path outside the root. Its `PermissionDenied` has no error number; the system's always
/// has.
fn leads_out(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

/// Converts errors for names that cannot be a file to `NotFound`. So the caller need not know all ways in which a path
/// can fail. Other errors do not change.
fn nothing_there(error: io::Error) -> io::Error {
    if leads_out(&error) {
        return missing(LEADS_OUT);
    }
    match Errno::from_io_error(&error) {
        Some(Errno::NOTDIR) => missing("a file is used as a folder"),
        Some(Errno::LOOP) => missing("the symlinks form a cycle"),
        Some(Errno::NAMETOOLONG) => missing("the name is too long for the file system"),
        // Some file systems restrict names: vfat requires UTF-8.
        Some(Errno::ILSEQ | Errno::INVAL) => missing("the file system does not allow this name"),
        // A socket, or a device without a driver, that appeared after the type check.
        Some(Errno::NXIO | Errno::NODEV) => missing("the name is not a regular file"),
        _ => error,
    }
}
