//! Contains one function for each parser of bytes from outside. Each function panics if the result of the parser breaks
//! a rule. For example: if the result is written as text, this text must parse to the same result.
//!
//! `tests/fuzz/bins` runs these functions in libFuzzer. `tests/fuzz/replay.rs` calls them with the corpus, which
//! consists of saved inputs.

mod body;
mod conditions;
mod cut;
mod head;
mod inside;
mod language;
mod media;
mod query;
mod range;
mod subtitles;
mod target;
#[path = "../../shared/webvtt.rs"]
pub mod webvtt;

pub use body::body;
pub use conditions::conditions;
pub use cut::cut;
pub use head::head;
pub use inside::inside;
pub use language::language;
pub use media::{matroska, mp4};
pub use query::query;
pub use range::range;
pub use subtitles::subtitles;
pub use target::target;

/// Splits `bytes` into pieces of 1 to 4 bytes if `seed` is even, else of 1 to 64 bytes.
fn pieces(seed: u8, mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut state = u32::from(seed);
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let [_, length, ..] = state.to_le_bytes();
        let longest = if seed.is_multiple_of(2) { 4 } else { 64 };
        let (piece, rest) = bytes.split_at(bytes.len().min(usize::from(length) % longest + 1));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

/// Replaces each byte with the value 1 by 1000 letters, at most 80 times. So a short input can reach the length limits
/// of a parser.
fn expand(bytes: &[u8]) -> Vec<u8> {
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
