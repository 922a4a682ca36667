//! Drives the real Chromium and the real Firefox against the built program, and checks its pages.
//!
//! ```text
//! videoserve-browsers PROGRAM [--browser NAME] [--only TEXT] [--screenshots FOLDER]
//! ```
//!
//! One line for each check, `ok` or `FAIL` with what was seen and where a screenshot of it is. A browser that is not
//! installed is a `skip`, and a `FAIL` when CI=true. The two browsers run side by side. Exit code: 0 when nothing
//! failed.

mod bidi;
mod browser;
mod checks;
mod http;
mod input;
mod media;
mod page;
mod process;
mod runner;
mod screenshots;
mod server;
#[path = "../../shared/mod.rs"]
mod shared;
mod stage;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match runner::Options::parse(&arguments).and_then(|options| runner::run(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
