//! What stands before and after a file in its folder.
//!
//! Knows one pass over the folder. Which files count is the caller's to say.

use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::FileType;

use super::dir::MediaDir;
use super::folder::{OpenFolder, Rank};
use super::name::MediaName;
use super::order::natural_cmp;

/// The files around a file, in natural order, of those that count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Neighbours {
    /// The last one before it.
    pub(crate) previous: Option<MediaName>,
    /// The first one after it.
    pub(crate) next: Option<MediaName>,
    /// Whether the folder holds no other file that counts, and no folder.
    pub(crate) is_alone: bool,
}

impl MediaDir {
    /// The neighbours of a file among the files whose names pass `counts`. The file itself need neither pass nor exist.
    ///
    /// Reads all names of the folder once, keeps two, and asks about links only where the answer can change something.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such folder, `PermissionDenied` if it may not be read, or what reading it reports.
    pub(crate) fn neighbours(
        &self,
        name: &MediaName,
        counts: impl Fn(&OsStr) -> bool,
    ) -> io::Result<Neighbours> {
        let folder = name.folder();
        let own = name.file_name();
        let open = OpenFolder::open(self, &folder)?;
        let mut previous: Option<OsString> = None;
        let mut next: Option<OsString> = None;
        let mut is_alone = true;
        open.each(|name, said| {
            let counts = counts(name);
            let side = natural_cmp(name.as_bytes(), own.as_bytes());
            let is_nearer = |kept: &Option<OsString>, nearer: Ordering| {
                let kept = kept.as_deref().map(OsStr::as_bytes);
                kept.is_none_or(|kept| natural_cmp(name.as_bytes(), kept) == nearer)
            };
            let is_nearer = counts
                && match side {
                    Ordering::Less => is_nearer(&previous, Ordering::Greater),
                    Ordering::Equal => return Ok(()),
                    Ordering::Greater => is_nearer(&next, Ordering::Less),
                };
            let may_be_folder = !matches!(said, FileType::RegularFile);
            if !is_nearer && !(is_alone && (counts || may_be_folder)) {
                return Ok(());
            }
            match open.rank(name, said)? {
                Some(Rank::Folder) => is_alone = false,
                Some(Rank::File) if counts => {
                    is_alone = false;
                    if is_nearer {
                        let kept = match side {
                            Ordering::Less => &mut previous,
                            _ => &mut next,
                        };
                        *kept = Some(name.to_os_string());
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(Neighbours {
            previous: previous.and_then(|name| folder.join(&name)),
            next: next.and_then(|name| folder.join(&name)),
            is_alone,
        })
    }
}
