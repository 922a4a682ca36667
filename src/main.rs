//! The program: flags in, [`videoserve::Server`] run, exit code out.

fn main() {}
