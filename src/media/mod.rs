//! The media directory: safe names, opening of files, lists of folders.
//!
//! Two rules apply everywhere:
//!
//! - A name is checked once, when it becomes a [`MediaName`] or a [`FolderName`].
//! - A file is opened first ([`MediaDir::open`]) and checked later, by its open handle ([`MediaFile`]).
//!
//! A hidden name is not served. But a symlink with a visible name may point to a hidden file below the root. For
//! example, git-annex links `film.mp4` to `.git/annex/objects/…`.
//!
//! Lists and searches omit leftovers of operating systems (recycle bins, thumbnails), because people do not look for
//! them. Leftovers are not secret, so their URLs still work.
//!
//! A request reads a folder once ([`MediaDir::read_folder`]). Listings, pages, neighbours, images and subtitles use
//! this result.

mod beside;
mod dir;
mod entry;
mod file;
mod folder;
mod leftovers;
mod name;
mod order;
mod page;
mod search;
mod subtitles;
#[cfg(test)]
mod tests;

pub(crate) use beside::SubtitleFile;
pub(crate) use dir::MediaDir;
pub(crate) use entry::Entry;
pub(crate) use file::MediaFile;
pub(crate) use folder::{Folder, Neighbours};
pub(crate) use name::{FolderName, MediaName, is_playable, is_video, kind};
pub(crate) use page::{Item, Order, Page, Selection};
pub(crate) use search::{SearchLimits, Words};
pub(crate) use subtitles::{Subtitles, make_labels_unique};
