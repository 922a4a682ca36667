//! A part of a folder in an order of the reader's choice, and how much lies before and after it.
//!
//! Knows how to find it in one pass, in the memory of what it returns. Which files are shown is the caller's to say.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::FileType;

use super::dir::MediaDir;
use super::entries::{Entry, EntryKind};
use super::file::Details;
use super::folder::{OpenFolder, Rank};
use super::name::FolderName;
use super::order::natural_cmp;

/// How a folder is sorted. Folders stand before files in every order, and what is equal stands in natural order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// By name, in natural order.
    Name,
    /// Newest first.
    Date,
    /// Largest first. A folder has no size.
    Size,
}

/// A place in an order. It need not be that of an entry: there is something or nothing before and after any place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    rank: Rank,
    /// The larger comes first: nanoseconds since 1970, bytes, or always 0.
    value: i128,
    name: OsString,
}

/// Which part of a folder is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Window {
    /// The first entries.
    First,
    /// The first after this place.
    After(Place),
    /// The last before this place.
    Before(Place),
    /// The last entries.
    Last,
}

/// A part of a folder.
#[derive(Debug)]
pub(crate) struct Section {
    /// In order. What vanished while it was read is missing.
    pub(crate) entries: Vec<Entry>,
    /// How many entries stand before these.
    pub(crate) before: u64,
    /// How many stand after them.
    pub(crate) after: u64,
    /// Folders in the whole folder.
    pub(crate) folders: u64,
    /// Files in the whole folder that are shown.
    pub(crate) files: u64,
    /// Files in the whole folder that are not.
    pub(crate) others: u64,
}

impl Order {
    fn needs_details(self, rank: Rank) -> bool {
        match self {
            Order::Name => false,
            Order::Date => true,
            Order::Size => rank == Rank::File,
        }
    }

    fn value(self, rank: Rank, modified: SystemTime, length: u64) -> i128 {
        match (self, rank) {
            (Order::Name, _) | (Order::Size, Rank::Folder) => 0,
            (Order::Date, _) => nanoseconds(modified),
            (Order::Size, Rank::File) => length.into(),
        }
    }
}

impl Place {
    /// Where an entry stands.
    pub(crate) fn of(order: Order, entry: &Entry) -> Place {
        let (rank, length) = match entry.kind {
            EntryKind::Folder => (Rank::Folder, 0),
            EntryKind::File { length } => (Rank::File, length),
        };
        Place {
            rank,
            value: order.value(rank, entry.modified, length),
            name: entry.name.clone(),
        }
    }

    /// The place as bytes, to be kept by whoever asks for the next page.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let rank = match self.rank {
            Rank::Folder => 'd',
            Rank::File => 'f',
        };
        let mut bytes = match self.value {
            0 => format!("{rank}."),
            value => format!("{rank}{value}."),
        }
        .into_bytes();
        bytes.extend(self.name.as_bytes());
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote. Anything else is a place too, or none: a place is only compared.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Place> {
        let dot = bytes.iter().position(|&byte| byte == b'.')?;
        let (rank, value) = bytes[..dot].split_first()?;
        Some(Place {
            rank: match rank {
                b'd' => Rank::Folder,
                b'f' => Rank::File,
                _ => return None,
            },
            value: match std::str::from_utf8(value).ok()? {
                "" => 0,
                value => value.parse().ok()?,
            },
            name: OsString::from_vec(bytes[dot + 1..].to_vec()),
        })
    }

    fn cmp_to(&self, rank: Rank, value: i128, name: &OsStr) -> Ordering {
        self.rank
            .cmp(&rank)
            .then_with(|| value.cmp(&self.value))
            .then_with(|| natural_cmp(self.name.as_bytes(), name.as_bytes()))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        self.cmp_to(other.rank, other.value, &other.name)
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl MediaDir {
    /// At most `limit` entries of a folder, at least one: all folders, and the files whose names pass `shows`.
    ///
    /// One pass over the names. The files of a folder are only asked for date or size if it is sorted by them, those of
    /// the section always; but a link is followed in any case, since nothing else says what it counts as.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such folder, `PermissionDenied` if it may not be read, or what reading it reports.
    pub(crate) fn section(
        &self,
        folder: &FolderName,
        order: Order,
        window: &Window,
        limit: usize,
        shows: impl Fn(&OsStr) -> bool,
    ) -> io::Result<Section> {
        let open = OpenFolder::open(self, folder)?;
        let mut kept = Kept {
            window,
            limit: limit.max(1),
            places: BTreeMap::new(),
            before: 0,
            after: 0,
        };
        let (mut folders, mut files, mut others) = (0, 0, 0);
        open.each(|name, said| {
            let mut details = match said {
                FileType::Symlink | FileType::Unknown => open.look_at(name, said)?,
                _ => None,
            };
            let said = details.map_or(said, |details| details.file_type);
            let Some(rank) = Rank::of(said) else {
                return Ok(());
            };
            if rank == Rank::File && !shows(name) {
                others += 1;
                return Ok(());
            }
            if details.is_none() && order.needs_details(rank) {
                details = open.stat(name)?;
                // Gone, or something else by now: as if it had never been there.
                if details.and_then(|details| Rank::of(details.file_type)) != Some(rank) {
                    return Ok(());
                }
            }
            match rank {
                Rank::Folder => folders += 1,
                Rank::File => files += 1,
            }
            let value = details.map_or(0, |it| order.value(rank, it.modified, it.length));
            kept.offer(rank, value, name, details);
            Ok(())
        })?;
        let (before, after) = (kept.before, kept.after);
        Ok(Section {
            entries: kept.finish(|name| open.stat(name))?,
            before,
            after,
            folders,
            files,
            others,
        })
    }
}

/// The places of the window so far, and how many lie on both sides of it.
#[derive(Debug)]
struct Kept<'a> {
    window: &'a Window,
    limit: usize,
    /// With what is already known about them.
    places: BTreeMap<Place, Option<Details>>,
    before: u64,
    after: u64,
}

impl Kept<'_> {
    fn offer(&mut self, rank: Rank, value: i128, name: &OsStr, details: Option<Details>) {
        let is_full = self.places.len() >= self.limit;
        let to = |place: &Place| place.cmp_to(rank, value, name);
        let beyond = match self.window {
            Window::After(place) if to(place).is_ge() => Some(&mut self.before),
            Window::Before(place) if to(place).is_le() => Some(&mut self.after),
            Window::First | Window::After(_) => match self.places.last_key_value() {
                Some((last, _)) if is_full && to(last).is_lt() => Some(&mut self.after),
                _ => None,
            },
            Window::Last | Window::Before(_) => match self.places.first_key_value() {
                Some((first, _)) if is_full && to(first).is_gt() => Some(&mut self.before),
                _ => None,
            },
        };
        if let Some(count) = beyond {
            *count += 1;
            return;
        }
        let name = name.to_os_string();
        self.places.insert(Place { rank, value, name }, details);
        if self.places.len() > self.limit {
            match self.window {
                Window::First | Window::After(_) => {
                    self.places.pop_last();
                    self.after += 1;
                }
                Window::Last | Window::Before(_) => {
                    self.places.pop_first();
                    self.before += 1;
                }
            }
        }
    }

    /// Asks for the details that are still missing.
    fn finish(
        self,
        stat: impl Fn(&OsStr) -> io::Result<Option<Details>>,
    ) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::with_capacity(self.places.len());
        for (Place { rank, name, .. }, details) in self.places {
            let details = match details {
                Some(details) => Some(details),
                None => stat(&name)?,
            };
            // Something else of the same name by now would stand in the wrong place.
            if let Some(details) = details
                && Rank::of(details.file_type) == Some(rank)
            {
                entries.push(Entry::new(name, rank, details));
            }
        }
        Ok(entries)
    }
}

/// Since 1970, negative before it. No time that a `SystemTime` can hold is too large.
fn nanoseconds(time: SystemTime) -> i128 {
    let number = |nanoseconds: u128| i128::try_from(nanoseconds).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => number(after.as_nanos()),
        Err(error) => -number(error.duration().as_nanos()),
    }
}
