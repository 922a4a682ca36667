//! Proves each layer of the sandbox from inside: this program confines itself by it and then tries what must not be.
//! As root, and as an ordinary user; each layer alone, and all together. A layer that the machine lacks is named.
//!
//! A process of its own for each proof, without threads: namespaces want it so, and nobody comes back from a sandbox.

#![allow(clippy::too_many_lines)] // A list of steps may be long.
#![allow(clippy::unwrap_used)] // A test that cannot go on is to fail there.

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
