//! The content of a request: it ends where the framing says, and the next head is found behind it.

use super::{pieces, stretch};
use crate::gate::body::{CONTENT_LIMIT, Drain};
use crate::gate::head::ContentFraming;
use crate::http::Status;

/// Where the content ends: behind so many bytes, or not yet.
type End = Result<Option<usize>, Status>;

/// The first byte says how the others are cut into pieces; the second stands for a length, or is 255 for chunks.
pub fn body(data: &[u8]) {
    let &[seed, framing, ref bytes @ ..] = data else {
        return;
    };
    let bytes = stretch(bytes);
    let (framing, expected) = match u64::from(framing) {
        // The head of a request never says that there is content of no length.
        0 => (ContentFraming::None, Ok(Some(0))),
        255 => (ContentFraming::Chunked, chunked(&bytes)),
        root => (
            ContentFraming::Length(root * root * 2),
            counted(&bytes, root * root * 2),
        ),
    };
    assert_eq!(drain(framing, &[&bytes]), expected);
    assert_eq!(drain(framing, &pieces(seed, &bytes)), expected);
}

fn drain(framing: ContentFraming, pieces: &[&[u8]]) -> End {
    let Some(mut drain) = Drain::begin(framing)? else {
        return Ok(Some(0));
    };
    let mut taken = 0;
    for piece in pieces {
        let step = drain.advance(piece)?;
        assert!(step == piece.len() || drain.is_done());
        taken += step;
    }
    Ok(drain.is_done().then_some(taken))
}

fn counted(bytes: &[u8], length: u64) -> End {
    if length > CONTENT_LIMIT {
        return Err(Status::ContentTooLarge);
    }
    let end = usize::try_from(length).expect("a small number");
    Ok(Some(end).filter(|&end| end <= bytes.len()))
}

/// Within the limit, where the chunks end; no byte behind the first one too many is looked at.
fn chunked(bytes: &[u8]) -> End {
    let limit = usize::try_from(CONTENT_LIMIT).expect("a small number");
    match read_chunks(&bytes[..bytes.len().min(limit + 1)])? {
        Some(end) if end <= limit => Ok(Some(end)),
        None if bytes.len() <= limit => Ok(None),
        _ => Err(Status::ContentTooLarge),
    }
}

/// RFC 9112 §7.1 read from the whole, line by line, in the place of byte by byte.
fn read_chunks(bytes: &[u8]) -> End {
    let mut at = 0;
    loop {
        let Some((line, next)) = line(bytes, at, is_size_line)? else {
            return Ok(None);
        };
        let digits = line.split(|&byte| byte == b';').next().unwrap_or_default();
        let digits = std::str::from_utf8(digits).expect("hexadecimal digits");
        let size = u64::from_str_radix(digits, 16).expect("a size of at most sixteen digits");
        at = next;
        if size == 0 {
            break;
        }
        let left = bytes.len() - at;
        match usize::try_from(size) {
            Ok(size) if size <= left => at += size,
            _ => return Ok(None),
        }
        match &bytes[at..] {
            [b'\r', b'\n', ..] => at += 2,
            [] | [b'\r'] => return Ok(None),
            _ => return Err(Status::BadRequest),
        }
    }
    loop {
        let Some((line, next)) = line(bytes, at, |line| line.iter().all(is_text))? else {
            return Ok(None);
        };
        at = next;
        if line.is_empty() {
            return Ok(Some(at));
        }
    }
}

/// The line at `at` and where the next begins, if it is whole; an error as soon as it can no longer become a good one.
fn line(
    bytes: &[u8],
    at: usize,
    is_good: impl Fn(&[u8]) -> bool,
) -> Result<Option<(&[u8], usize)>, Status> {
    let rest = &bytes[at..];
    let length = rest.iter().position(|&byte| byte == b'\r');
    let line = &rest[..length.unwrap_or(rest.len())];
    // A line that has only begun is good if it is empty.
    let is_fresh = length.is_none() && line.is_empty();
    if !is_fresh && !is_good(line) {
        return Err(Status::BadRequest);
    }
    match length.map(|length| (length, rest.get(length + 1))) {
        None | Some((_, None)) => Ok(None),
        Some((length, Some(b'\n'))) => Ok(Some((line, at + length + 2))),
        Some(_) => Err(Status::BadRequest),
    }
}

/// One to sixteen hexadecimal digits, and what follows a semicolon.
fn is_size_line(line: &[u8]) -> bool {
    let digits = line
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    let extension = &line[digits..];
    (1..=16).contains(&digits)
        && (extension.is_empty() || extension[0] == b';')
        && extension.iter().all(is_text)
}

fn is_text(byte: &u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}
