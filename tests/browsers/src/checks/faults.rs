//! Checks files that are incomplete, still grow, are encrypted, or have no picture. The page must show why a file does
//! not play completely, and must show no error for a file that does.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::Check;
use crate::ensure;
use crate::media::RECORDING;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("the page shows where an incomplete file ends", torn),
    Check::new(
        "the page shows where an incomplete WebM file ends",
        torn_webm,
    ),
    Check::new("playback continues when the copy is complete", completed),
    Check::new("playback follows a file that still grows", growing),
    Check::new("the page tells that a file is copy-protected", locked),
    Check::new("the page tells that only the audio plays", only_audio),
    Check::new(
        "the page shows no message for a disabled video track",
        disabled_video_track,
    ),
];

const LIMIT: Duration = Duration::from_secs(20);
/// A JavaScript expression for the text of the box below the video. While the box is hidden, the text is empty.
const MESSAGE: &str =
    "(T.visible('#trouble') ? document.querySelector('#trouble').textContent : '')";

fn message(stage: &mut Stage) -> Result<String, String> {
    let message = stage.page.eval(&format!("return {MESSAGE}"))?;
    Ok(message.as_str().unwrap_or_default().to_owned())
}

/// At the end of an incomplete file, Chromium pauses the video by itself.
fn torn(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/faults/torn.mp4")?;
    stage.page.wait("video.currentTime > 1", LIMIT)?;
    stage
        .page
        .wait(&format!("{MESSAGE}.includes('stops here')"), LIMIT)?;
    let message = message(stage)?;
    ensure!(
        message.contains("Near 0:06 the file is incomplete or damaged"),
        "{message}"
    );
    ensure!(message.contains("Try again"), "{message}");
    Ok(())
}

/// A browser treats the end of an incomplete WebM file as the end of the film. The page must not play the next film.
fn torn_webm(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/faults/torn.webm")?;
    stage.page.wait("video.currentTime > 1", LIMIT)?;
    stage
        .page
        .wait(&format!("{MESSAGE}.includes('stops here')"), LIMIT)?;
    let path = stage.page.eval("return location.pathname")?;
    ensure!(path == "/watch/faults/torn.webm", "the page went to {path}");
    Ok(())
}

fn completed(stage: &mut Stage) -> Result<(), String> {
    let (_folder, root) = folder()?;
    let whole = read(&stage.setting.media.root.join("clip.mp4"))?;
    let (first, rest) = whole.split_at(whole.len() * 6 / 10);
    append(&root.join("film.mp4"), first)?;
    let server = stage.start_server(&root, &[])?;
    stage.page.goto(&server.url("/watch/film.mp4"))?;
    stage
        .page
        .wait(&format!("{MESSAGE}.includes('stops here')"), LIMIT)?;
    append(&root.join("film.mp4"), rest)?;
    stage.page.click("#again")?;
    stage
        .page
        .wait("video.currentTime > 9 && !video.paused", LIMIT)?;
    ensure!(message(stage)?.is_empty(), "{}", message(stage)?);
    Ok(())
}

/// A file grows while the viewer watches it: by one second of video per second, in two writes.
fn growing(stage: &mut Stage) -> Result<(), String> {
    let (_folder, root) = folder()?;
    let film = root.join("film.mp4");
    let fragments = fragments(&read(&stage.setting.media.root.join(RECORDING))?);
    ensure!(fragments.len() == 12, "{} fragments", fragments.len());
    append(&film, &fragments[..4].concat())?;
    let server = stage.start_server(&root, &[])?;
    stage.page.preload(
        // Records positions that stay behind the furthest position for 2 s. A shorter time is no fault: after a reload,
        // Firefox shows an earlier position until it knows the new duration.
        "() => { window.furthest_ = 0; window.back_ = []; let steps = 0; setInterval(() => {
             const {currentTime: now} = document.querySelector('video') || {};
             furthest_ = Math.max(furthest_, now || 0);
             steps = now < furthest_ - 1 ? steps + 1 : 0;
             if (steps > 40) back_.push([furthest_, now]);
         }, 50) }",
    )?;
    stage.page.goto(&server.url("/watch/film.mp4"))?;
    stage.page.wait("video.currentTime > 0.5", LIMIT)?;
    let recorder = thread::spawn(move || {
        for fragment in &fragments[4..] {
            let (first, rest) = fragment.split_at(fragment.len() / 2);
            for part in [first, rest] {
                append(&film, part)?;
                thread::sleep(Duration::from_millis(500));
            }
        }
        Ok::<_, String>(())
    });
    let watched = stage
        .page
        .wait("video.currentTime > 11.5", Duration::from_secs(60));
    recorder
        .join()
        .map_err(|_| "the recorder panicked".to_owned())??;
    let seen = stage.page.eval(&format!(
        "return {{at: video.currentTime, paused: video.paused, ended: video.ended, ready: video.readyState, network: video.networkState,
                 seeking: video.seeking, duration: video.duration, back: back_.slice(0, 3), message: {MESSAGE}, notice: document.querySelector('#notice').textContent}}"
    ))?;
    watched.map_err(|error| format!("{error}: {seen}"))?;
    ensure!(
        seen["back"] == serde_json::json!([]),
        "the playback went back: {seen}"
    );
    ensure!(seen["message"] == "", "{seen}");
    Ok(())
}

fn locked(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/faults/locked.mp4")?;
    stage
        .page
        .wait(&format!("{MESSAGE}.includes('copy-protected')"), LIMIT)?;
    let message = message(stage)?;
    ensure!(
        message.contains("only in the player of the shop") && !message.contains("VLC can"),
        "{message}"
    );
    Ok(())
}

/// The video codec is Theora. Chromium plays the audio of such a file and shows no picture.
fn only_audio(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/faults/theora.ogv")?;
    stage
        .page
        .wait("video.readyState > 1 && video.currentTime > 0", LIMIT)?;
    let width = stage.page.eval("return video.videoWidth")?;
    let message = message(stage)?;
    let path = stage.page.eval("return location.pathname")?;
    ensure!(
        path == "/watch/faults/theora.ogv",
        "the page went to {path}"
    );
    ensure!(
        width.as_u64() > Some(0) || message.contains("Only the sound plays"),
        "{width}, {message}"
    );
    Ok(())
}

fn disabled_video_track(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/faults/talk.m4a")?;
    stage.page.wait("video.readyState > 0", LIMIT)?;
    stage.page.eval("await T.sleep(1)")?;
    let message = message(stage)?;
    ensure!(!message.contains("picture"), "{message}");
    Ok(())
}

fn folder() -> Result<(tempfile::TempDir, std::path::PathBuf), String> {
    let folder = tempfile::Builder::new()
        .prefix("videoserve-browsers.")
        .tempdir()
        .map_err(|e| e.to_string())?;
    let root = folder.path().to_owned();
    Ok((folder, root))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn append(path: &Path, bytes: &[u8]) -> Result<(), String> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// Splits a fragmented MP4 file after each `mdat` box. So a fragment is an `mdat` box and the boxes in front of it.
fn fragments(file: &[u8]) -> Vec<Vec<u8>> {
    let mut fragments = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(head) = file.get(at..at + 8) {
        let length = head[..4]
            .iter()
            .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
        at += length;
        if &head[4..] == b"mdat" {
            fragments.push(file[start..at].to_vec());
            start = at;
        }
    }
    fragments
}
