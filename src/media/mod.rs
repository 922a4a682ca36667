//! The media directory: which names may be asked for, how they are opened, how folders are listed.
//!
//! Knows the disk. Must not know HTTP, sockets or pages: it speaks `io::Error`, never a status.
//!
//! Two rules hold everywhere. A name is proved safe once ([`MediaName`], [`FolderName`]) and nobody handles a raw path
//! after that. And a path that was checked is never opened: only the kernel's own resolution below the root decides
//! ([`MediaDir::open`]), and of what it opened only the handle is believed ([`MediaFile`]).
//!
//! Hidden means the *name*: what is reached through a link with a visible name is served, also if the link leads to a
//! hidden file below the root. Whoever made the link chose to show it, and some tools keep all content that way
//! (git-annex links `film.mp4` to `.git/annex/objects/…`).

mod beside;
mod dir;
mod entries;
mod file;
mod folder;
mod name;
mod neighbours;
mod order;
mod posters;
mod search;
mod subtitles;
#[cfg(test)]
mod tests;
mod window;

pub(crate) use dir::MediaDir;
pub(crate) use entries::{Entry, EntryKind, Page};
pub(crate) use file::MediaFile;
pub(crate) use name::{FolderName, MediaName};
pub(crate) use neighbours::Neighbours;
pub(crate) use search::{Limits, Words};
pub(crate) use subtitles::{SubtitleFile, Subtitles};
pub(crate) use window::{Order, Place, Section, Window};
