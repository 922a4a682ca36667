//! Proves each layer of the sandbox from inside: this program confines itself and then tries forbidden actions. As root and
//! as an ordinary user, with each layer alone and with all. Layers that the machine lacks are named.
//!
//! Each proof has its own process without threads, because a sandbox cannot be left, and a namespace needs one thread.

#![allow(clippy::too_many_lines)] // A list of steps may be long.
#![allow(clippy::unwrap_used)] // A test that cannot go on fails there.

mod outside;
mod probes;
#[allow(dead_code)] // The program uses the rest.
#[path = "../../src/sandbox/mod.rs"]
mod sandbox;
#[path = "../shared/mod.rs"]
mod shared;
mod table;

fn main() {
    match std::env::var("VIDEOSERVE_LAYERS") {
        Ok(layers) => outside::inside(&layers),
        Err(_) => outside::prove_all(),
    }
}
