//! Tests the layers of the sandbox: Landlock, a namespace and seccomp. This program confines itself and then tries
//! forbidden actions. It does this as root and as an ordinary user, with each layer alone and with several layers. It
//! prints the layers that the machine does not have.
//!
//! Each test has its own process, because a process cannot leave its sandbox. The process must have a single thread,
//! because a process with several threads cannot enter a user namespace.

#![allow(clippy::too_many_lines)] // A list of steps may be long.
#![allow(clippy::unwrap_used)] // A test that cannot continue must fail.

mod outside;
mod probes;
#[allow(dead_code)] // The test does not use all functions of this module.
#[path = "../../src/sandbox/mod.rs"]
mod sandbox;
#[path = "../shared/mod.rs"]
mod shared;
mod table;

fn main() {
    match std::env::var("VIDEOSERVE_LAYERS") {
        Ok(layers) => outside::inside(&layers),
        Err(_) => outside::check_all(),
    }
}
