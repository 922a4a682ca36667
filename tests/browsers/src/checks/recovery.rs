//! Connections that the server closes: a pause longer than its patience, a restart.

use std::thread;
use std::time::{Duration, Instant};

use super::Check;
use crate::ensure;
use crate::server::Server;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new(
        "goes on after a pause beyond the stall time-out",
        long_pause,
    ),
    Check::new(
        "goes on when the server restarts while it plays",
        restart_playing,
    ),
    Check::new(
        "goes on when the server restarts while it is paused",
        restart_paused,
    ),
];

/// Plays the film for a moment: a browser reads a part of it ahead, and stops reading.
fn play_film(stage: &mut Stage, server: &Server) -> Result<(), String> {
    stage.page.goto(&server.url("/watch/film.mp4?t=30"))?;
    stage
        .page
        .eval("await T.until(() => video.readyState > 1, 10); await video.play(); await T.until(() => video.currentTime > 31, 10)")
        .map(drop)
}

/// Plays across the end of what had been read, where only the server can help. `wait` is how long a viewer may be
/// kept waiting.
fn plays_on(stage: &mut Stage, wait: u32) -> Result<(), String> {
    let period = stage.setting.media.period;
    let seen = stage.page.eval(&format!(
        "const end = read_; video.currentTime = Math.max(end - 0.5, video.currentTime);
         await T.until(() => !video.paused && video.currentTime > end + 1.5, {wait}, `beyond ${{end}}`);
         await T.pause();
         return {{time: video.currentTime, apart: await T.settled({period}), trouble: T.visible('#trouble')}}"
    ));
    let seen = seen.map_err(|error| {
        let state = stage.page.eval(
            "return {time: video.currentTime, paused: video.paused, ready: video.readyState, network: video.networkState,
                     error: video.error && video.error.message, notice: document.querySelector('#notice').textContent}",
        );
        format!("{error}: {state:?}")
    })?;
    ensure!(
        super::near(&seen["apart"], 0.0, 0.15),
        "the picture is of another time: {seen}"
    );
    ensure!(seen["trouble"] == false, "{seen}");
    Ok(())
}

/// Remembers how far the browser has read.
const NOTE_READ: &str = "window.read_ = T.readUntil(); return [video.currentTime, read_]";

fn long_pause(stage: &mut Stage) -> Result<(), String> {
    let root = stage.setting.media.root.clone();
    let mut server = stage.start_server(&root, &["--stall-timeout", "1"])?;
    play_film(stage, &server)?;
    stage.page.eval("await T.pause()")?;
    // Until the server has had enough of it, and then some.
    let deadline = Instant::now() + Duration::from_secs(15);
    while !server
        .log()
        .iter()
        .any(|line| line.contains("took nothing for too long"))
    {
        ensure!(
            Instant::now() < deadline,
            "the server closed no connection: {:?}",
            server.log()
        );
        thread::sleep(Duration::from_millis(100));
    }
    thread::sleep(Duration::from_millis(1500));
    stage.page.eval(NOTE_READ)?;
    stage.page.press(&["k"])?;
    plays_on(stage, 15)
}

fn restart_playing(stage: &mut Stage) -> Result<(), String> {
    stage.expect_error("/healthz");
    let root = stage.setting.media.root.clone();
    let mut server = stage.start_server(&root, &[])?;
    play_film(stage, &server)?;
    server.stop();
    stage.page.eval(NOTE_READ)?;
    // The viewer gets to the end of what was read while the server is away.
    stage
        .page
        .eval("video.currentTime = Math.max(read_ - 0.5, video.currentTime); await T.sleep(2.5)")?;
    server.resume()?;
    plays_on(stage, 20)
}

fn restart_paused(stage: &mut Stage) -> Result<(), String> {
    stage.expect_error("/healthz");
    let root = stage.setting.media.root.clone();
    let mut server = stage.start_server(&root, &[])?;
    play_film(stage, &server)?;
    stage.page.eval("await T.pause()")?;
    server.stop();
    thread::sleep(Duration::from_millis(1500));
    server.resume()?;
    let seen = stage
        .page
        .eval("window.read_ = T.readUntil(); return video.paused")?;
    ensure!(seen == true, "it plays by itself");
    stage.page.press(&["k"])?;
    plays_on(stage, 20)
}
