//! The media directory, and functions that open files and folders below it.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions, OpenOptionsExt};
use rustix::fs::{FileType, Mode, OFlags, openat};
use rustix::io::Errno;

use super::file::{FileDetails, MediaFile, missing};
use super::name::{FolderName, MediaName};
use crate::limits::FOLDER_ENTRIES;

/// Flags of open(2). With NONBLOCK, a FIFO or a device does not block the call. With NOCTTY, a device does not become
/// the terminal of this process. Regular files ignore both flags.
const UNBLOCKED: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY);

/// The served directory, as a path. It is not an open handle: if the directory is created again, or if a symlink to it
/// changes, a handle stays at the old directory.
#[derive(Debug, Clone)]
pub(crate) struct MediaDir {
    path: PathBuf,
    /// The path without symlinks, as it was at the start. For display only.
    pub(crate) canonical: PathBuf,
    pub(crate) max_entries: usize,
    /// The folders and symlinks for which an earlier search still waits. Later searches omit them.
    pub(super) silent: Arc<Mutex<Vec<PathBuf>>>,
}

impl MediaDir {
    /// # Errors
    ///
    /// If `path` does not exist, is not a directory, or cannot be read.
    pub(crate) fn new(path: impl AsRef<Path>) -> io::Result<MediaDir> {
        let path = path.as_ref();
        let canonical = path.canonicalize()?;
        // `canonicalize` does not check the permission to read the directory.
        std::fs::read_dir(&canonical)?;
        Ok(MediaDir {
            path: std::path::absolute(path)?,
            canonical,
            max_entries: FOLDER_ENTRIES,
            silent: Arc::default(),
        })
    }

    /// Opens a regular file. A FIFO or a device does not block the call. The file is below the directory, even if
    /// another process changes the directory during the call.
    ///
    /// # Errors
    ///
    /// `NotFound` if the name is not a regular file below the directory. `PermissionDenied` if the process may not read
    /// the file. Otherwise the error of the system.
    pub(crate) fn open(&self, name: &MediaName) -> io::Result<MediaFile> {
        let file = self.open_with(name.as_path(), UNBLOCKED)?.into_std();
        let details = FileDetails::of_handle(&file)?;
        if details.file_type != FileType::RegularFile {
            return Err(missing("the name is not a regular file"));
        }
        Ok(MediaFile { file, details })
    }

    /// Returns whether the name is a regular file below the directory. Does not check the permission to read it.
    pub(crate) fn has_file(&self, name: &MediaName) -> bool {
        let details = self.look(name.as_path());
        details.is_ok_and(|it| it.file_type == FileType::RegularFile)
    }

    /// Returns the details of a path below the media directory. Follows symlinks as [`open`](Self::open) does, but
    /// needs no permission to read the file.
    pub(super) fn look(&self, path: &Path) -> io::Result<FileDetails> {
        let handle = self.open_with(path, OFlags::PATH)?;
        FileDetails::for_listing(handle, OsStr::new(""))
    }

    pub(super) fn open_folder(&self, folder: &FolderName) -> io::Result<rustix::fs::Dir> {
        // `open_with` is not used: with O_DIRECTORY, cap-std treats a symlink as a file on Linux before 5.6.
        let handle = self.beneath(folder.as_path(), |root, path| root.open_dir(path))?;
        // The handle of cap-std may be an O_PATH handle, which cannot be read. So the folder is opened again.
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

    /// Opens the directory, and runs `call` with the directory and a path below it. `call` must not leave the
    /// directory; all methods of [`Dir`] ensure this.
    ///
    /// [`Dir`] refuses a symlink that is absolute or leaves the directory, even if its target is inside. In this case,
    /// the function resolves all symlinks and runs `call` again with the resolved path. This path is not trusted:
    /// `call` checks it, too.
    fn beneath<T>(
        &self,
        path: &Path,
        call: impl Fn(&Dir, &Path) -> io::Result<T>,
    ) -> io::Result<T> {
        let root = Dir::open_ambient_dir(&self.path, ambient_authority())?;
        // For the directory itself, `path` is empty, but the system needs `.`.
        let call = |path: &Path| call(&root, &Path::new(".").join(path));
        let result = match call(path) {
            Err(error) if is_outside_root(&error) => self.inside(path).and_then(|path| call(&path)),
            result => result,
        };
        result.map_err(as_not_found)
    }

    /// Resolves all symlinks of a path. Returns the result relative to the root.
    fn inside(&self, path: &Path) -> io::Result<PathBuf> {
        let target = self.path.join(path).canonicalize();
        let target = target.map_err(|error| match error.kind() {
            // The target may be outside the directory. All targets outside must give the same error, so that a client
            // cannot find out which files exist there.
            io::ErrorKind::PermissionDenied => missing(LEADS_OUT),
            _ => error,
        })?;
        let root = self.path.canonicalize()?;
        let inside = target.strip_prefix(root).map_err(|_| missing(LEADS_OUT))?;
        Ok(inside.to_path_buf())
    }
}

const LEADS_OUT: &str = "a symlink points outside the media directory";

/// Returns whether cap-std refused a path outside the root. Such an error has no error number; an error of the system
/// has one.
fn is_outside_root(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

/// Converts the errors that mean "there is no such file" to `NotFound`. Other errors do not change.
fn as_not_found(error: io::Error) -> io::Error {
    if is_outside_root(&error) {
        return missing(LEADS_OUT);
    }
    use Errno as E;
    match Errno::from_io_error(&error) {
        // ILSEQ and INVAL: the file system does not allow the name. For example, vfat requires UTF-8. NXIO and NODEV:
        // the name is a socket, or a device without a driver.
        Some(E::NOTDIR | E::LOOP | E::NAMETOOLONG | E::ILSEQ | E::INVAL | E::NXIO | E::NODEV) => {
            io::Error::new(io::ErrorKind::NotFound, error)
        }
        _ => error,
    }
}
