//! ISO base media files and QuickTime: from the boxes of a file to the sample entry of each track.
//!
//! Knows the boxes on that path. Must not know what a sample entry says. The path has a fixed depth, so nothing
//! recurses; all else, the sample tables and the media itself, is passed by a seek.

use std::io::{Read, Seek};
use std::time::Duration;

use super::bits::{fourcc_at, number_at, u16_at, u32_at};
use super::source::{Source, Stop};
use super::{Container, Found, FoundTrack, Kind, sample_entry};

/// More of one sample entry is not read: what matters is in front.
const MAX_ENTRY: usize = 16 * 1024;

/// More of a box with fixed fields is not read.
const MAX_FIELDS: usize = 64;

/// Whether a file begins like one of this family. Old QuickTime files have no `ftyp`, and some begin with the media.
pub(super) fn starts(start: &[u8]) -> bool {
    matches!(
        fourcc_at(start, 4).as_ref(),
        Some(
            b"ftyp" | b"styp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot" | b"uuid"
        )
    )
}

/// A box: its type, and where its body begins and ends.
#[derive(Debug, Clone, Copy)]
struct BoxHead {
    name: [u8; 4],
    body: u64,
    end: u64,
}

/// Reads what the file says. What is found before an error or the end of the purse is kept.
///
/// # Errors
/// What the reader reports, or [`Stop::Spent`].
pub(super) fn read<R: Read + Seek>(source: &mut Source<R>, found: &mut Found) -> Result<(), Stop> {
    let mut at = 0;
    let end = source.length();
    while let Some(head) = next_box(source, &mut at, end)? {
        match &head.name {
            b"ftyp" => {
                let brand = source.body(head.body, head.end, 4)?;
                found.container = Some(match brand.as_slice() {
                    b"qt  " => Container::QuickTime,
                    _ => Container::Mp4,
                });
            }
            b"moov" => {
                found.container.get_or_insert(Container::QuickTime);
                return movie(source, head, found);
            }
            _ => {}
        }
    }
    Ok(())
}

fn movie<R: Read + Seek>(
    source: &mut Source<R>,
    moov: BoxHead,
    found: &mut Found,
) -> Result<(), Stop> {
    let mut timescale = 0;
    let mut at = moov.body;
    while let Some(head) = next_box(source, &mut at, moov.end)? {
        match &head.name {
            b"mvhd" => {
                let fields = source.body(head.body, head.end, MAX_FIELDS)?;
                let (scale_at, ticks_at, width) = match fields.first() {
                    Some(1) => (20, 24, 8),
                    _ => (12, 16, 4),
                };
                timescale = u32_at(&fields, scale_at).unwrap_or(0);
                found.duration = ticks(&fields, ticks_at, width)
                    .and_then(|ticks| length_of_time(ticks, timescale));
            }
            b"mvex" => {
                // Fragmented: the movie itself is empty, and this is how long its fragments are.
                if let Some(mehd) = child(source, head, *b"mehd")? {
                    let fields = source.body(mehd.body, mehd.end, MAX_FIELDS)?;
                    let width = if fields.first() == Some(&1) { 8 } else { 4 };
                    let fragments =
                        ticks(&fields, 4, width).and_then(|ticks| length_of_time(ticks, timescale));
                    found.duration = fragments.or(found.duration);
                }
            }
            b"trak" => {
                if let Some(track) = track(source, head)? {
                    found.add(track);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// A number of ticks that means something: zero and all ones say "unknown".
fn ticks(fields: &[u8], at: usize, width: usize) -> Option<u64> {
    let unknown = if width == 8 {
        u64::MAX
    } else {
        u64::from(u32::MAX)
    };
    number_at(fields, at, width).filter(|&ticks| ticks != 0 && ticks != unknown)
}

fn length_of_time(ticks: u64, timescale: u32) -> Option<Duration> {
    let timescale = u64::from(timescale);
    let seconds = ticks.checked_div(timescale)?;
    let rest = (ticks % timescale).checked_mul(1_000_000_000)?;
    Duration::from_secs(seconds).checked_add(Duration::from_nanos(rest / timescale))
}

/// A track of a kind that matters and has a sample entry.
fn track<R: Read + Seek>(
    source: &mut Source<R>,
    trak: BoxHead,
) -> Result<Option<FoundTrack>, Stop> {
    let Some(mdia) = child(source, trak, *b"mdia")? else {
        return Ok(None);
    };
    let handler = fields(source, mdia, *b"hdlr")?;
    let kind = match fourcc_at(&handler, 8).as_ref() {
        Some(b"vide") => Kind::Video,
        Some(b"soun") => Kind::Audio,
        _ => return Ok(None),
    };
    let mut inner = mdia;
    for name in [*b"minf", *b"stbl", *b"stsd"] {
        match child(source, inner, name)? {
            Some(head) => inner = head,
            None => return Ok(None),
        }
    }
    // Behind version, flags and the number of entries; the first entry speaks for all.
    let mut at = inner.body.saturating_add(8);
    let start = at;
    let Some(entry) = next_box(source, &mut at, inner.end)? else {
        return Ok(None);
    };
    let entry = source.body(start, entry.end, MAX_ENTRY)?;
    let Some(mut track) = sample_entry::read(kind, &entry) else {
        return Ok(None);
    };
    track.language = language(&fields(source, mdia, *b"mdhd")?);
    // A file without the flag's box does not switch the track off.
    let enabled = fields(source, trak, *b"tkhd")?
        .get(3)
        .is_none_or(|flags| flags & 1 == 1);
    Ok(Some(FoundTrack {
        kind,
        enabled,
        track,
    }))
}

/// Three letters of five bits each. Below 0x400 it is a number of the old Macintosh.
fn language(mdhd: &[u8]) -> Option<String> {
    let at = if mdhd.first() == Some(&1) { 32 } else { 20 };
    let packed = u16_at(mdhd, at).filter(|packed| (0x400..0x7fff).contains(packed))?;
    let letters: Option<String> = [10, 5, 0]
        .into_iter()
        .map(|shift| u8::try_from((packed >> shift) & 0x1f).ok())
        .map(|letter| {
            letter
                .filter(|letter| (1..=26).contains(letter))
                .map(|letter| char::from(letter + 0x60))
        })
        .collect();
    letters.filter(|letters| letters != "und")
}

/// The first bytes of the first child of this name; none when there is no such child.
fn fields<R: Read + Seek>(
    source: &mut Source<R>,
    parent: BoxHead,
    name: [u8; 4],
) -> Result<Vec<u8>, Stop> {
    match child(source, parent, name)? {
        Some(head) => source.body(head.body, head.end, MAX_FIELDS),
        None => Ok(Vec::new()),
    }
}

/// The first child of this name.
fn child<R: Read + Seek>(
    source: &mut Source<R>,
    parent: BoxHead,
    name: [u8; 4],
) -> Result<Option<BoxHead>, Stop> {
    let mut at = parent.body;
    while let Some(head) = next_box(source, &mut at, parent.end)? {
        if head.name == name {
            return Ok(Some(head));
        }
    }
    Ok(None)
}

/// The box at `at`, which moves behind it. A box that is said to reach beyond `end` ends there: the file is cut short.
fn next_box<R: Read + Seek>(
    source: &mut Source<R>,
    at: &mut u64,
    end: u64,
) -> Result<Option<BoxHead>, Stop> {
    source.step()?;
    let start = *at;
    let head = source.body(start, end, 16)?;
    Ok(box_head(&head, start, end).inspect(|head| *at = head.end))
}

fn box_head(head: &[u8], start: u64, end: u64) -> Option<BoxHead> {
    let name = fourcc_at(head, 4)?;
    let (header, size) = match u32_at(head, 0)? {
        // To the end of what contains it.
        0 => (8, end.checked_sub(start)?),
        1 => (16, number_at(head, 8, 8)?),
        size => (8, u64::from(size)),
    };
    if size < header {
        return None;
    }
    Some(BoxHead {
        name,
        body: start.checked_add(header)?,
        end: start.saturating_add(size).min(end),
    })
}
