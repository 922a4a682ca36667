//! Every test of the library and the program: one crate, so that it links once.

// Every parser of `http` over random text, and everything that must come back as it went in.
mod parsers;
// What ranges select, against a naive model: a small world exhaustively, larger sets at random.
mod properties;
