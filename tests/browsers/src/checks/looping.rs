//! Checks the loop of a folder, which plays all its files repeatedly.

use std::fs;
use std::time::Duration;

use super::Check;
use crate::browser::Setup;
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("a folder plays repeatedly", wraps),
    Check::new(
        "the loop continues after an incomplete file",
        continues_after_incomplete,
    ),
    Check::new("the check box starts and ends the loop", by_box),
    Check::new("the page shows no loop without scripts", no_scripts).setup(Setup::NoScripts),
];

const LIMIT: Duration = Duration::from_secs(30);

fn folder(stage: &Stage, names: &[&str]) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::Builder::new()
        .prefix("videoserve-browsers.")
        .tempdir()
        .map_err(|e| e.to_string())?;
    for name in names {
        add(stage, &folder, name)?;
    }
    Ok(folder)
}

fn add(stage: &Stage, folder: &tempfile::TempDir, name: &str) -> Result<(), String> {
    let from = stage.setting.media.root.join("faults").join(match name {
        name if name.contains("torn") => "torn.mp4",
        _ => "../clip.mp4",
    });
    let to = folder.path().join(name);
    fs::copy(&from, &to)
        .map(drop)
        .map_err(|error| format!("{}: {error}", to.display()))
}

/// Plays the last second of a video and waits until another video plays.
fn plays_on_to(stage: &mut Stage, name: &str) -> Result<(), String> {
    stage.page.eval(
        "await T.until(() => video.readyState > 1, 10); await T.seek(11.3); await video.play()",
    )?;
    wait_until_playing(stage, name)
}

fn wait_until_playing(stage: &mut Stage, name: &str) -> Result<(), String> {
    stage.page.wait(
        &format!(
            "location.pathname === '/watch/{name}' && location.search === '?loop=folder' && !video.paused
             && video.currentTime > 0.3 && video.currentTime < 10"
        ),
        LIMIT,
    )
}

/// The loop plays new files, and skips removed files.
fn wraps(stage: &mut Stage) -> Result<(), String> {
    // This file is removed while it plays.
    stage.expect_error("/api/stream/c.mp4");
    let folder = folder(stage, &["a.mp4", "b.mp4"])?;
    let server = stage.start_server(folder.path(), &[])?;
    stage.page.goto(&server.url("/watch/b.mp4?loop=folder"))?;
    let checked = stage
        .page
        .eval("return document.querySelector('#loop-folder').checked")?;
    ensure!(checked == true, "the box is not ticked");
    plays_on_to(stage, "a.mp4")?;
    add(stage, &folder, "a2.mp4")?;
    plays_on_to(stage, "a2.mp4")?;
    add(stage, &folder, "c.mp4")?;
    plays_on_to(stage, "b.mp4")?;
    plays_on_to(stage, "c.mp4")?;
    fs::remove_file(folder.path().join("c.mp4")).map_err(|e| e.to_string())?;
    plays_on_to(stage, "a.mp4")
}

/// On a public screen, no user can press a button, so the loop must continue by itself.
fn continues_after_incomplete(stage: &mut Stage) -> Result<(), String> {
    let folder = folder(stage, &["a.mp4", "torn.mp4"])?;
    let server = stage.start_server(folder.path(), &[])?;
    stage
        .page
        .goto(&server.url("/watch/torn.mp4?loop=folder"))?;
    stage.page.wait(
        "document.querySelector('#trouble').textContent.includes('stops here')",
        LIMIT,
    )?;
    wait_until_playing(stage, "a.mp4")
}

fn by_box(stage: &mut Stage) -> Result<(), String> {
    let folder = folder(stage, &["a.mp4", "b.mp4"])?;
    let server = stage.start_server(folder.path(), &[])?;
    stage.page.goto(&server.url("/watch/b.mp4"))?;
    stage.page.click("#loop-folder")?;
    let seen = stage
        .page
        .eval("return [location.search, document.querySelector('#previous').search]")?;
    ensure!(
        seen == serde_json::json!(["?loop=folder", "?loop=folder"]),
        "{seen}"
    );
    plays_on_to(stage, "a.mp4")?;
    stage.page.click("#loop-folder")?;
    let seen = stage
        .page
        .eval("return [location.search, document.querySelector('#next').search]")?;
    ensure!(seen == serde_json::json!(["", ""]), "{seen}");
    // The link `Repeat all` on the library page also starts the loop.
    stage.page.goto(&server.url("/"))?;
    stage.page.click("#loop-all")?;
    wait_until_playing(stage, "a.mp4")
}

fn no_scripts(stage: &mut Stage) -> Result<(), String> {
    for (path, control) in [
        ("/watch/serial/2%20second.mp4?loop=folder", "#loop-folder"),
        ("/browse/serial/", "#loop-all"),
    ] {
        stage.goto(path)?;
        let shown = stage.page.look(&format!(
            "document.querySelector('{control}').getClientRects().length"
        ))?;
        ensure!(shown == 0, "{control} is shown");
    }
    Ok(())
}
