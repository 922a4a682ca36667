//! Test content in which each line shows its own position. So a test can detect wrong offsets, and a failure message
//! shows which bytes arrived.
//!
//! A line has eight bytes: its number as seven hexadecimal digits, and a line end. After [`LINES`] lines, the numbers
//! start again at 0. `LINES` is an odd prime number, so 4 GiB (2^29 lines) are not a multiple of it, and two positions
//! with this distance have different lines. So a test detects an offset that has lost its upper 32 bits.

/// The number of different lines: the largest prime number below 16^7.
const LINES: u64 = 268_435_399;
const LINE: usize = 8;

/// Returns `length` bytes of the content, from the position `first` on.
pub(crate) fn content(first: u64, length: usize) -> Vec<u8> {
    let skipped = usize::try_from(first % 8).unwrap_or(0);
    let mut bytes = Vec::with_capacity(skipped + length + LINE);
    let mut number = first / 8 % LINES;
    while bytes.len() < skipped + length {
        bytes.extend_from_slice(&line(number));
        number = (number + 1) % LINES;
    }
    bytes.truncate(skipped + length);
    bytes.drain(..skipped);
    bytes
}

fn line(mut number: u64) -> [u8; LINE] {
    let mut line = *b"0000000\n";
    for place in line[..LINE - 1].iter_mut().rev() {
        let digit = b"0123456789abcdef".get(usize::try_from(number % 16).unwrap_or(0));
        *place = *digit.unwrap_or(&b'?');
        number /= 16;
    }
    line
}

/// Describes the first difference between `got` and the content. Returns `None` if they are equal.
pub(crate) fn difference(first: u64, length: usize, got: &[u8]) -> Option<String> {
    let wanted = content(first, length);
    if got == wanted {
        return None;
    }
    let same = wanted.iter().zip(got).take_while(|(a, b)| a == b).count();
    let rest = got.get(same..).unwrap_or_default();
    Some(format!(
        "got {} bytes instead of {length} from {first} on; the first {same} are right, then follows {}",
        got.len(),
        origin(rest)
    ))
}

fn origin(bytes: &[u8]) -> String {
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
    let whole = bytes
        .iter()
        .position(|&byte| byte == b'\n')
        .and_then(|end| {
            let number = std::str::from_utf8(bytes.get(end + 1..end + LINE)?).ok()?;
            let line = u64::from_str_radix(number, 16).ok()?;
            (line * 8).checked_sub(u64::try_from(end + 1).ok()?)
        });
    match whole {
        _ if bytes.is_empty() => "nothing".to_owned(),
        Some(first) => format!("the content of position {first}: {shown:?}"),
        None => format!("other bytes: {shown:?}"),
    }
}
