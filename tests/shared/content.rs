//! Content that says where it is: a wrong offset shows.

/// The bytes from `first` on. Every eight of a file are their number, spread over all bits.
pub(crate) fn film(first: u64, length: usize) -> Vec<u8> {
    let skipped = usize::try_from(first % 8).unwrap_or(0);
    let mut bytes = Vec::with_capacity(skipped + length + 8);
    let mut word = first / 8;
    while bytes.len() < skipped + length {
        bytes.extend_from_slice(&word.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes());
        word += 1;
    }
    bytes.truncate(skipped + length);
    bytes.drain(..skipped);
    bytes
}
