//! The media directory: names that may be asked for, opening them, listing folders.
//!
//! This module reports `io::Error`, never a status.
//!
//! Two rules hold everywhere. A name is proved safe once ([`MediaName`], [`FolderName`]), and only such names are used
//! after that. A path is never checked and then opened: the kernel resolves it below the root ([`MediaDir::open`]), and
//! what was opened is judged by its handle ([`MediaFile`]).
//!
//! A name is hidden, not a file: a link with a visible name may lead to a hidden file below the root. Some tools keep all
//! content that way (git-annex links `film.mp4` to `.git/annex/objects/…`).
//!
//! Leftovers of operating systems in folders (recycle bins, thumbnails) are neither listed nor searched. They are not secret, so
//! opening such a name works, and so does listing such a folder by its own address.
//!
//! A folder is read once ([`MediaDir::read_folder`]). Listings, pages, neighbours, pictures and subtitles work with what
//! was read.

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
mod walk;
mod words;

pub(crate) use dir::MediaDir;
pub(crate) use entry::{Entry, EntryKind};
pub(crate) use file::MediaFile;
pub(crate) use folder::{Folder, Neighbours};
pub(crate) use name::{FolderName, MediaName};
pub(crate) use page::{Cursor, Order, Window};
pub(crate) use subtitles::{SubtitleFile, Subtitles, tell_apart};
pub(crate) use walk::Limits;
pub(crate) use words::Words;
