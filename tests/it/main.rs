//! Every test of the library and the program: one crate, so that it links once.
