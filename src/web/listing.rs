//! Listings of folders, rendered block by block: a folder of any size needs the memory of one page of it.
//!
//! Knows formats. Must not know how a listing is sent, or where its entries come from.

use std::io;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::is_playable;
use super::pages::folder_title;
use super::playlist::{self, Playlist};
use super::urls::{Links, listing_url};
use crate::http::MediaType;
use crate::media::{Entry, EntryKind, FolderName, MediaDir, Page};

#[cfg(test)]
mod tests;

/// Entries in one block: some 120 KB of JSON. A folder is read once for each, so much smaller ones would make large
/// folders slow.
const BLOCK_ENTRIES: usize = 512;

/// What a listing is for.
#[derive(Debug, Clone)]
pub(crate) enum ListingFormat {
    /// Data, for programs.
    Json(Links),
    /// What can be played, for players.
    Playlist(Playlist),
}

impl ListingFormat {
    /// Value of Content-Type.
    pub(crate) fn media_type(&self) -> &'static str {
        match self {
            ListingFormat::Json(_) => "application/json",
            ListingFormat::Playlist(_) => playlist::MEDIA_TYPE,
        }
    }
}

/// A listing that is being rendered.
#[derive(Debug)]
pub(crate) struct Listing {
    dir: Arc<MediaDir>,
    folder: FolderName,
    format: ListingFormat,
    limit: usize,
    state: State,
    /// Whether nothing has been listed so far.
    is_empty: bool,
}

#[derive(Debug)]
enum State {
    /// Read when the listing was opened.
    First(Page),
    /// To be read when the next block is asked for; the cursor is in the page before.
    Rest(Page),
    Done,
}

impl Listing {
    /// Reads the first page, so that whoever has a `Listing` can send its head: a folder that is not there is known
    /// before the first byte.
    ///
    /// # Errors
    ///
    /// `NotFound` and `PermissionDenied` as [`MediaDir::entries_after`], or what reading the folder reports.
    pub(crate) fn open(
        dir: Arc<MediaDir>,
        folder: FolderName,
        format: ListingFormat,
    ) -> io::Result<Listing> {
        Listing::with_limit(dir, folder, format, BLOCK_ENTRIES)
    }

    fn with_limit(
        dir: Arc<MediaDir>,
        folder: FolderName,
        format: ListingFormat,
        limit: usize,
    ) -> io::Result<Listing> {
        let first = dir.entries_after(&folder, None, limit)?;
        Ok(Listing {
            dir,
            folder,
            format,
            limit,
            state: State::First(first),
            is_empty: true,
        })
    }

    /// Appends the next block to `out`, and says whether more follow. The first block reads nothing and cannot fail;
    /// after the last one nothing is appended.
    ///
    /// # Errors
    ///
    /// What reading the folder reports. The listing is broken off then, and what was sent of it cannot be mended: close
    /// the connection.
    pub(crate) fn next_block(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        let page = match std::mem::replace(&mut self.state, State::Done) {
            State::First(page) => {
                self.render_start(out)?;
                page
            }
            State::Rest(before) => {
                self.dir
                    .entries_after(&self.folder, before.next.as_ref(), self.limit)?
            }
            State::Done => return Ok(false),
        };
        for entry in &page.entries {
            let length = out.len();
            self.render_entry(entry, out)?;
            self.is_empty &= out.len() == length;
        }
        let more = page.next.is_some();
        if more {
            self.state = State::Rest(Page {
                entries: Vec::new(),
                ..page
            });
        } else {
            self.render_end(out);
        }
        Ok(more)
    }

    /// How many bytes all that is left would be, without keeping them.
    ///
    /// # Errors
    ///
    /// As [`next_block`](Listing::next_block).
    pub(crate) fn count(mut self) -> io::Result<u64> {
        let mut length = 0;
        let mut block = Vec::new();
        loop {
            block.clear();
            let more = self.next_block(&mut block)?;
            length += block.len() as u64;
            if !more {
                return Ok(length);
            }
        }
    }

    fn render_start(&self, out: &mut Vec<u8>) -> io::Result<()> {
        match &self.format {
            ListingFormat::Json(_) => {
                out.extend(b"{\"path\":");
                json_string(&self.folder.as_path().to_string_lossy(), out)?;
                out.extend(b",\"entries\":[");
            }
            ListingFormat::Playlist(_) => {
                out.extend(Playlist::start(&folder_title(&self.folder)).into_bytes());
            }
        }
        Ok(())
    }

    fn render_entry(&self, entry: &Entry, out: &mut Vec<u8>) -> io::Result<()> {
        match &self.format {
            ListingFormat::Json(links) => {
                json_entry(&self.folder, entry, self.is_empty, links, out)?;
            }
            ListingFormat::Playlist(playlist) => {
                let is_item = entry.kind != EntryKind::Folder && is_playable(&entry.name);
                if let Some(name) = self.folder.join(&entry.name).filter(|_| is_item) {
                    out.extend(playlist.item(&name, None).into_bytes());
                }
            }
        }
        Ok(())
    }

    fn render_end(&self, out: &mut Vec<u8>) {
        match &self.format {
            ListingFormat::Json(_) => out.extend(b"]}\n"),
            ListingFormat::Playlist(_) => {}
        }
    }
}

/// Text shows U+FFFD where a name is not UTF-8; the URL is exact for every name.
fn json_entry(
    folder: &FolderName,
    entry: &Entry,
    is_first: bool,
    links: &Links,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let Some(name) = folder.join(&entry.name) else {
        return Ok(());
    };
    let (kind, length, url_field, url) = match entry.kind {
        EntryKind::Folder => {
            let url = folder
                .join_folder(&entry.name)
                .map(|folder| listing_url(&folder))
                .unwrap_or_default();
            ("folder", None, "listing_url", url)
        }
        EntryKind::File { length } => (
            MediaType::of(entry.name.as_encoded_bytes()).kind().as_str(),
            Some(length),
            "stream_url",
            links.stream(&name),
        ),
    };
    out.extend(if is_first { "\n" } else { ",\n" }.as_bytes());
    out.extend(b"{\"name\":");
    json_string(&entry.name.to_string_lossy(), out)?;
    out.extend(b",\"path\":");
    json_string(&name.as_path().to_string_lossy(), out)?;
    out.extend(format!(",\"kind\":\"{kind}\"").into_bytes());
    if let Some(length) = length {
        out.extend(format!(",\"length\":{length}").into_bytes());
    }
    out.extend(
        format!(
            ",\"modified\":{},\"{url_field}\":\"{url}\"}}",
            unix_seconds(entry.modified)
        )
        .into_bytes(),
    );
    Ok(())
}

fn json_string(text: &str, out: &mut Vec<u8>) -> io::Result<()> {
    serde_json::to_writer(out, text).map_err(io::Error::from)
}

/// Whole seconds since 1970, rounded down also before it.
fn unix_seconds(time: SystemTime) -> i128 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_secs().into(),
        Err(error) => {
            let before = error.duration();
            -i128::from(before.as_secs()) - i128::from(before.subsec_nanos() > 0)
        }
    }
}
