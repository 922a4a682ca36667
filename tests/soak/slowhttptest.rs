use std::process::{Command, Stdio};

use crate::media::FILM_TARGET;
use crate::{Result, Target};

const CONNECTIONS: &str = "2000";
/// The duration of an attack, in seconds.
const SECONDS: &str = "30";

pub(crate) fn heads(target: &Target<'_>) -> Result<String> {
    attack(target, &["-H", "-i", "3", "-x", "10"])
}

pub(crate) fn bodies(target: &Target<'_>) -> Result<String> {
    attack(target, &["-B", "-i", "3", "-s", "60000"])
}

pub(crate) fn ranges(target: &Target<'_>) -> Result<String> {
    attack(target, &["-R", "-a", "5", "-b", "3000"])
}

pub(crate) fn reads(target: &Target<'_>) -> Result<String> {
    attack(
        target,
        &[
            "-X", "-w", "64", "-y", "512", "-n", "3", "-z", "32", "-k", "3",
        ],
    )
}

fn attack(target: &Target<'_>, mode: &[&str]) -> Result<String> {
    let url = format!("http://{}{FILM_TARGET}", target.address);
    let output = Command::new("slowhttptest")
        .args(mode)
        .args([
            "-c",
            CONNECTIONS,
            "-r",
            "500",
            "-l",
            SECONDS,
            "-v",
            "1",
            "-u",
            &url,
        ])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("slowhttptest (package slowhttptest): {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let status = text.lines().rfind(|line| line.contains("Exit status:"));
    let verdict = status.map_or("no exit status", |line| {
        line.split("Exit status:").nth(1).unwrap_or_default()
    });
    // The output of slowhttptest has colour codes.
    let words = verdict.replace("\x1b[1;36m", "").replace("\x1b[0m", "");
    Ok(format!(
        "{CONNECTIONS} connections for {SECONDS} s; slowhttptest ended with `{}`",
        words.trim()
    ))
}
