//! Tests the pages of the built program in Chromium and Firefox.
//!
//! ```text
//! videoserve-browsers PROGRAM [--browser NAME] [--only TEXT] [--screenshots FOLDER]
//! ```
//!
//! Prints one line for each check: `ok`, or `FAIL` with the error and the path of a screenshot. If a browser or a tool
//! of a check is not installed, the line begins with `skip`, or with `FAIL` if CI=true. Exit code: 0 if no check
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
