//! Checks playback after the server has closed the connection: after a long pause, or by a restart.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::Check;
use crate::ensure;
use crate::media::REPEATS;
use crate::server::Server;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new(
        "playback continues after a pause longer than the stall timeout",
        long_pause,
    ),
    Check::new(
        "playback continues after a restart of the server",
        restart_playing,
    ),
    Check::new(
        "a paused video plays after a restart of the server",
        restart_paused,
    ),
    Check::new(
        "a video stays paused at the position of the viewer",
        paused_at_another_position,
    ),
    Check::new(
        "the page waits for a stream when all are taken",
        all_streams_taken,
    ),
];

/// Plays the film for a short time. The browser reads a part of the film ahead, and then stops reading.
fn play_film(stage: &mut Stage, server: &Server) -> Result<(), String> {
    stage.page.goto(&server.url("/watch/film.mp4?t=30"))?;
    stage
        .page
        .eval("await T.until(() => video.readyState > 1, 10); await video.play(); await T.until(() => video.currentTime > 31, 10)")
        .map(drop)
}

/// Moves to `time` in long steps inside the buffered range. The browser then uses all bytes of its buffer and of the
/// old connection, and needs a new connection.
fn plays_on_to(stage: &mut Stage, time: f64) -> Result<(), String> {
    let crossed = stage.page.eval(&format!(
        "while (video.currentTime < {time}) {{
             const end = T.readUntil();
             if (video.currentTime < end - 1) video.currentTime = end - 0.5;
             await T.until(() => T.readUntil() > end + 0.2, 20, `more than ${{end}} s`);
         }}"
    ));
    crossed.map_err(|error| described(stage, &error))?;
    plays(stage)
}

/// Checks that the video plays and shows the right frames.
fn plays(stage: &mut Stage) -> Result<(), String> {
    let period = stage.setting.media.period;
    let seen = stage.page.eval(&format!(
        "await T.until(() => !video.paused && !video.seeking && video.readyState > 2, 20, 'playing');
         const from = video.currentTime;
         await T.until(() => !video.paused && video.currentTime > from + 1, 20, `playing from ${{from}}`);
         await T.pause();
         return {{apart: await T.settled({period}), trouble: T.visible('#trouble')}}"
    ));
    let seen = seen.map_err(|error| described(stage, &error))?;
    ensure!(
        super::near(&seen["apart"], 0.0, 0.15),
        "the picture is of another time: {seen}"
    );
    ensure!(seen["trouble"] == false, "{seen}");
    Ok(())
}

fn described(stage: &mut Stage, error: &str) -> String {
    let state = stage.page.eval(
        "return {time: video.currentTime, paused: video.paused, ready: video.readyState, network: video.networkState,
                 error: video.error && video.error.message, notice: document.querySelector('#notice').textContent}",
    );
    format!("{error}: {state:?}")
}

fn long_pause(stage: &mut Stage) -> Result<(), String> {
    let root = stage.setting.media.root.clone();
    let mut server = stage.start_server(&root, &["--stall-timeout", "1"])?;
    play_film(stage, &server)?;
    stage.page.eval("await T.pause()")?;
    // Wait until the stall timeout closes the connection.
    let deadline = Instant::now() + Duration::from_secs(15);
    let sent = loop {
        let log = server.log();
        if let Some(line) = log
            .iter()
            .find(|line| line.contains("took nothing for too long"))
        {
            break bytes_sent(line)?;
        }
        ensure!(
            Instant::now() < deadline,
            "the server closed no connection: {log:?}"
        );
        thread::sleep(Duration::from_millis(100));
    };
    thread::sleep(Duration::from_millis(1500));
    stage.page.press(&["k"])?;
    stage.page.wait("!video.paused", Duration::from_secs(5))?;
    // The server has sent this share of the film in the closed connection. The response began at 30 s at the latest, so
    // it ended at `share * film + 30` s at the latest. For a position 30 s after this end, the browser needs a new
    // connection.
    let length = fs::metadata(root.join("film.mp4")).map_or(1, |data| data.len());
    let share =
        f64::from(u32::try_from(sent).unwrap_or(0)) / f64::from(u32::try_from(length).unwrap_or(1));
    let film = stage.setting.media.period * f64::from(REPEATS);
    plays_on_to(stage, share * film + 60.0)
}

/// Returns the number of bytes in a line of the access log: `"GET /api/stream/film.mp4" 206 8650218 B 1231 ms (…)`.
fn bytes_sent(line: &str) -> Result<u64, String> {
    let (_, after) = line.split_once("\" 206 ").unwrap_or_default();
    let number = after.split(' ').next().unwrap_or_default();
    number
        .parse()
        .map_err(|_| format!("no length in the log line {line}"))
}

/// The viewer seeks to another position while the server is down.
fn restart_playing(stage: &mut Stage) -> Result<(), String> {
    stage.expect_error("/healthz");
    let root = stage.setting.media.root.clone();
    let mut server = stage.start_server(&root, &[])?;
    play_film(stage, &server)?;
    server.stop();
    stage
        .page
        .eval("video.currentTime = 2400; await T.sleep(4)")?;
    server.resume()?;
    plays(stage)?;
    let time = stage.page.eval("return video.currentTime")?;
    ensure!(
        time.as_f64() >= Some(2400.0),
        "the video continues at {time}"
    );
    Ok(())
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
    let seen = stage.page.eval("return [video.paused, T.readUntil()]")?;
    ensure!(seen[0] == true, "the video plays without a key");
    stage.page.press(&["k"])?;
    stage.page.wait("!video.paused", Duration::from_secs(5))?;
    // 500 s of the film are more bytes than the buffers of the old connection can contain.
    plays_on_to(stage, seen[1].as_f64().unwrap_or(0.0) + 500.0)
}

/// A restart must not start a paused video. It must also keep the position that the viewer chooses while the server
/// is down.
fn paused_at_another_position(stage: &mut Stage) -> Result<(), String> {
    stage.expect_error("/healthz");
    stage.expect_error("film.mp4");
    let root = stage.setting.media.root.clone();
    let mut server = stage.start_server(&root, &[])?;
    play_film(stage, &server)?;
    stage.page.eval("await T.pause()")?;
    server.stop();
    stage.page.eval(
        "video.currentTime = 1500; await T.sleep(3); video.currentTime = 2400; await T.sleep(2)",
    )?;
    server.resume()?;
    stage.page.wait(
        "video.readyState > 1 && !video.seeking",
        Duration::from_secs(20),
    )?;
    stage.page.eval("await T.sleep(1)")?;
    let seen = stage.page.eval(
        "return [video.paused, video.currentTime, navigator.userAgent.includes('Firefox')]",
    )?;
    // Firefox may stop at the end of its buffer instead of the requested time, without an event.
    let is_there = seen[2] == true || super::near(&seen[1], 2400.0, 0.1);
    ensure!(seen[0] == true && is_there, "{seen}");
    Ok(())
}

/// While the server answers 503, the page must not show that the file is damaged.
fn all_streams_taken(stage: &mut Stage) -> Result<(), String> {
    stage.expect_error("503");
    let root = stage.setting.media.root.clone();
    let server = stage.start_server(&root, &["--max-streams", "1"])?;
    let mut other =
        std::net::TcpStream::connect(("127.0.0.1", server.port)).map_err(|e| e.to_string())?;
    std::io::Write::write_all(
        &mut other,
        b"GET /api/stream/film.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    .map_err(|e| e.to_string())?;
    thread::sleep(Duration::from_millis(300));
    stage.page.goto(&server.url("/watch/clip.mp4"))?;
    stage.page.wait(
        "document.querySelector('#notice').textContent.includes('busy')",
        Duration::from_secs(15),
    )?;
    drop(other);
    stage.page.wait(
        "!video.paused && video.currentTime > 0.5",
        Duration::from_secs(20),
    )?;
    let trouble = stage.page.eval("return T.visible('#trouble')")?;
    ensure!(trouble == false, "the page shows an error");
    Ok(())
}
