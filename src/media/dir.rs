//! The media directory, and opening below it.
//!
//! Opens a name without ever leaving the directory.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::fs::{FileType, OFlags};
use rustix::io::Errno;

use super::file::{Details, MediaFile, missing};
use super::name::{FolderName, MediaName};

/// A FIFO or a device must neither block the open nor become the terminal of this process. Regular files ignore both.
const UNBLOCKED: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY);

/// Flag for a handle that tells the type of a file without opening it.
const LOOK: OFlags = OFlags::PATH;

/// The directory that is served. Holds its path, not a handle: a handle goes stale when the directory is removed and made
/// again, or when the link that names it is pointed elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct MediaDir {
    /// The path as it was given, made absolute.
    path: PathBuf,
    /// The path without links at start.
    canonical: PathBuf,
    /// Folders and links that have not answered a search yet, although its request has gone on.
    pub(super) silent: Arc<Mutex<Vec<PathBuf>>>,
}

impl MediaDir {
    /// # Errors
    ///
    /// If `path` is missing, is no directory, or cannot be read.
    pub(crate) fn new(path: impl AsRef<Path>) -> io::Result<MediaDir> {
        let path = path.as_ref();
        let canonical = path.canonicalize()?;
        // Reading a directory needs another right than finding it.
        std::fs::read_dir(&canonical)?;
        Ok(MediaDir {
            path: std::path::absolute(path)?,
            canonical,
            silent: Arc::default(),
        })
    }

    /// Returns the path of the directory at start: absolute, without links. For people to read, not for opening.
    pub(crate) fn canonical(&self) -> &Path {
        &self.canonical
    }

    /// Opens a regular file. Never blocks, whatever the name stands for, and never leaves the directory, whatever happens
    /// to it meanwhile.
    ///
    /// # Errors
    ///
    /// `NotFound`, with the cause in its text, for everything that is not a regular file below the directory;
    /// `PermissionDenied` for files that we may not read; any other error as the system reports it.
    pub(crate) fn open(&self, name: &MediaName) -> io::Result<MediaFile> {
        let root = self.root()?;
        let file = self.beneath(&root, name.as_path(), |root, path| {
            root.open_with(path, &read_only(UNBLOCKED))
        })?;
        MediaFile::new(file.into_std())
    }

    /// Whether a name leads to a regular file that [`open`](Self::open) would find.
    pub(crate) fn has_file(&self, name: &MediaName) -> bool {
        let details = self
            .root()
            .and_then(|root| self.look(&root, name.as_path()));
        details.is_ok_and(|it| it.file_type == FileType::RegularFile)
    }

    /// Opens the directory as it is now.
    pub(super) fn root(&self) -> io::Result<Dir> {
        Dir::open_ambient_dir(&self.path, ambient_authority())
    }

    /// Returns the details of a path below the root. Follows links as [`open`](Self::open) does, and opens nothing.
    pub(super) fn look(&self, root: &Dir, path: &Path) -> io::Result<Details> {
        self.beneath(root, path, look_once)
    }

    /// Opens a folder below the root.
    pub(super) fn open_folder(&self, root: &Dir, folder: &FolderName) -> io::Result<Dir> {
        // Not `open_with` and O_DIRECTORY: before Linux 5.6, cap-std then takes a link for a file.
        self.beneath(root, folder.as_path(), |root, path| root.open_dir(path))
    }

    /// Calls `call` with a path that it must resolve below the root, as all methods of [`Dir`] do.
    ///
    /// That resolution refuses absolute links even if they stay inside. So where it meets a link that seems to lead out,
    /// the link-free path is tried in its place, by the same confined call. If a link was swapped meanwhile, the call
    /// refuses it once more: finding the path never takes the place of confining it.
    fn beneath<T>(
        &self,
        root: &Dir,
        path: &Path,
        call: impl Fn(&Dir, &Path) -> io::Result<T>,
    ) -> io::Result<T> {
        match call(root, or_dot(path)) {
            Err(error) if leads_out(&error) => {
                self.inside(path).and_then(|path| call(root, or_dot(&path)))
            }
            result => result,
        }
        .map_err(nothing_there)
    }

    /// The link-free form of a path below the root.
    fn inside(&self, path: &Path) -> io::Result<PathBuf> {
        let target = self
            .path
            .join(path)
            .canonicalize()
            .map_err(|error| match error.kind() {
                // A forbidden file outside must look like any file outside.
                io::ErrorKind::PermissionDenied => missing(LEADS_OUT),
                _ => error,
            })?;
        let root = self.path.canonicalize()?;
        let inside = target.strip_prefix(root).map_err(|_| missing(LEADS_OUT))?;
        Ok(inside.to_path_buf())
    }
}

const LEADS_OUT: &str = "a link leads out of the media directory";

/// Returns `.` for the empty path, which the file system does not accept.
fn or_dot(path: &Path) -> &Path {
    if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    }
}

fn look_once(root: &Dir, path: &Path) -> io::Result<Details> {
    Details::of_path_handle(root.open_with(path, &read_only(LOOK))?)
}

/// cap-std adds O_CLOEXEC.
fn read_only(flags: OFlags) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.bits().cast_signed());
    options
}

/// cap-std reports an escape as a `PermissionDenied` of its own making; the system's always has a number.
fn leads_out(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

/// Names that cannot lead to a file are as missing as those that could: the caller must not have to know every way in
/// which a path fails. All other errors pass as they are.
fn nothing_there(error: io::Error) -> io::Error {
    if leads_out(&error) {
        return missing(LEADS_OUT);
    }
    match Errno::from_io_error(&error) {
        Some(Errno::NOTDIR) => missing("a file is used as a folder"),
        Some(Errno::LOOP) => missing("links that go round in circles"),
        Some(Errno::NAMETOOLONG) => missing("name too long for the file system"),
        // File systems with names of their own: vfat wants UTF-8.
        Some(Errno::ILSEQ | Errno::INVAL) => missing("name that the file system cannot have"),
        // A socket, or a device without a driver, put there after the look.
        Some(Errno::NXIO | Errno::NODEV) => missing("not a regular file"),
        _ => error,
    }
}
