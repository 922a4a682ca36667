//! The media directory: safe names, opening of files, lists of folders.
//!
//! This module reports `io::Error`, never a status.
//!
//! Two rules apply everywhere. A name is proved safe once ([`MediaName`], [`FolderName`]), and only such names are used
//! after that. No code checks a path and then opens it. The kernel resolves the path below the root
//! ([`MediaDir::open`]), and the checks use the open handle ([`MediaFile`]).
//!
//! Only a name can be hidden, not a file: a symlink with a visible name may point to a hidden file below the root. Some
//! tools store all content in this way (git-annex links `film.mp4` to `.git/annex/objects/…`).
//!
//! Lists and searches omit leftovers of operating systems (recycle bins, thumbnails). These names are not secret, so
//! the server opens them, and lists such a folder under its own URL.
//!
//! A folder is read once ([`MediaDir::read_folder`]). Listings, pages, neighbours, pictures and subtitles use the
//! result.

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
pub(crate) use page::{Item, Order, Page, Window};
pub(crate) use search::{Limits, Words};
pub(crate) use subtitles::{Subtitles, tell_apart};
