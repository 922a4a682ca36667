//! What must hold of every parser that meets bytes from outside, whatever the bytes: one function for each.
//!
//! In tests and under cargo-fuzz only. The fuzzer of `tests/fuzz` calls these functions with what it makes up, and
//! `cargo test` with what it has found. They panic where something does not hold. Knows the parsers as their callers
//! do; where there is a second way to an answer, slow and obvious, it is here, and both must agree.

mod body;
mod conditions;
mod forwarded;
mod head;
mod language;
mod probe;
mod query;
mod range;
#[cfg(test)]
mod replay;
mod subtitles;
mod target;

pub use body::body;
pub use conditions::conditions;
pub use forwarded::forwarded;
pub use head::head;
pub use language::language;
pub use probe::{matroska, mp4};
pub use query::query;
pub use range::range;
pub use subtitles::subtitles;
pub use target::target;

/// Cuts `bytes` into pieces, as a network may; `seed` says how.
fn pieces(seed: u8, mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut state = u32::from(seed);
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let [_, length, ..] = state.to_le_bytes();
        let most = if seed.is_multiple_of(2) { 4 } else { 64 };
        let (piece, rest) = bytes.split_at(bytes.len().min(usize::from(length) % most + 1));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

/// A thousand letters in the place of every byte 1, up to eighty times: so short inputs reach the limits.
fn stretch(bytes: &[u8]) -> Vec<u8> {
    let mut left = 80;
    let mut stretched = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        if byte == 1 && left > 0 {
            left -= 1;
            stretched.extend([b'a'; 1000]);
        } else {
            stretched.push(byte);
        }
    }
    stretched
}

/// Every byte as `%XX`.
fn escape(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}
