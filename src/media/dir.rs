//! The media directory, and the functions that open files and folders below it.
//!
//! No function opens a path outside the directory.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions, OpenOptionsExt};
use rustix::fs::{FileType, Mode, OFlags, openat};
use rustix::io::Errno;

use super::file::{Details, MediaFile, missing};
use super::name::{FolderName, MediaName};
use crate::limits::FOLDER_ENTRIES;

/// The flags that keep a FIFO or a device from blocking the open call or becoming the terminal of this process. They
/// have no effect on regular files.
const UNBLOCKED: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY);

/// The served directory. It stores the path and not a handle. A handle becomes invalid if the directory is deleted and
/// created again, or if the symlink to it gets another target.
#[derive(Debug, Clone)]
pub(crate) struct MediaDir {
    /// The configured path, made absolute.
    path: PathBuf,
    /// The path without symlinks at the time of the start. It is for display, not for opening.
    pub(crate) canonical: PathBuf,
    /// The maximum number of entries that are read of a folder.
    pub(crate) max_entries: usize,
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
            max_entries: FOLDER_ENTRIES,
            silent: Arc::default(),
        })
    }

    /// Opens a regular file. The call never blocks, for any type of file. It never leaves the directory, even if
    /// another process changes the directory at the same time.
    ///
    /// # Errors
    ///
    /// `NotFound`, with the cause in its text, if the name is not a regular file below the directory;
    /// `PermissionDenied` if the process may not read the file; other errors as the system reports them.
    pub(crate) fn open(&self, name: &MediaName) -> io::Result<MediaFile> {
        let file = self.open_with(name.as_path(), UNBLOCKED)?.into_std();
        let details = Details::of_handle(&file)?;
        if details.file_type != FileType::RegularFile {
            return Err(missing("the name is not a regular file"));
        }
        Ok(MediaFile { file, details })
    }

    /// Whether a name is a regular file that [`open`](Self::open) would find.
    pub(crate) fn has_file(&self, name: &MediaName) -> bool {
        let details = self.look(name.as_path());
        details.is_ok_and(|it| it.file_type == FileType::RegularFile)
    }

    /// Returns the details of a path below the root. Follows symlinks as [`open`](Self::open) does, but only
    /// opens a handle that shows the type of a file.
    pub(super) fn look(&self, path: &Path) -> io::Result<Details> {
        let handle = self.open_with(path, OFlags::PATH)?;
        Details::for_listing(handle, OsStr::new(""))
    }

    /// Opens a folder for reading.
    pub(super) fn open_folder(&self, folder: &FolderName) -> io::Result<rustix::fs::Dir> {
        // Not `open_with` and O_DIRECTORY: before Linux 5.6, cap-std mistakes a symlink for a file in this case.
        let handle = self.beneath(folder.as_path(), |root, path| root.open_dir(path))?;
        // A handle of cap-std may be a path handle, which is not readable.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = openat(handle, ".", flags, Mode::empty())?;
        Ok(rustix::fs::Dir::new(handle)?)
    }

    /// Opens a path below the root for reading. cap-std adds O_CLOEXEC.
    fn open_with(&self, path: &Path, flags: OFlags) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(flags.bits().cast_signed());
        self.beneath(path, |root, path| root.open_with(path, &options))
    }

    /// Opens the directory at its current path, and runs `call` with it and a path below it. `call` must resolve the
    /// path below the directory, as all methods of [`Dir`] do.
    ///
    /// This resolution refuses absolute symlinks even if their target is inside. So if it meets a symlink that seems to
    /// point outside, this function tries the path without symlinks, with the same confined call. If another process
    /// has swapped a symlink in the meantime, the call refuses it again. The confinement never depends on the new path.
    fn beneath<T>(
        &self,
        path: &Path,
        call: impl Fn(&Dir, &Path) -> io::Result<T>,
    ) -> io::Result<T> {
        let root = Dir::open_ambient_dir(&self.path, ambient_authority())?;
        // The dot is necessary for the directory itself, because the file system does not accept an empty path.
        let call = |path: &Path| call(&root, &Path::new(".").join(path));
        let result = match call(path) {
            Err(error) if leads_out(&error) => self.inside(path).and_then(|path| call(&path)),
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
    use Errno as E;
    match Errno::from_io_error(&error) {
        // ILSEQ and INVAL: some file systems restrict names, vfat requires UTF-8. NXIO and NODEV: a socket, or a device
        // without a driver, that appeared after the type check.
        Some(E::NOTDIR | E::LOOP | E::NAMETOOLONG | E::ILSEQ | E::INVAL | E::NXIO | E::NODEV) => {
            io::Error::new(io::ErrorKind::NotFound, error)
        }
        _ => error,
    }
}
