//! Checks the keys of the player, and the help.

use std::time::Duration;

use super::Check;
use crate::ensure;
use crate::input::keys;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("every key of the player works", all_keys),
    Check::new("the help opens by key and by button", help),
    Check::new("a key in a control is only for the control", in_controls),
];

const LIMIT: Duration = Duration::from_secs(5);

fn all_keys(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/film.mp4?t=100")?;
    stage.page.eval("await T.until(() => video.readyState > 1, 10); await T.pause(); await T.seek(100); video.volume = 0.5")?;
    let at =
        |seconds: f64| format!("!video.seeking && Math.abs(video.currentTime - {seconds}) < 0.3");
    let duration = 250.0 * stage.setting.media.period;
    let rows: Vec<(&str, String)> = vec![
        (keys::SPACE, "!video.paused".to_owned()),
        (keys::SPACE, "video.paused".to_owned()),
        ("k", "!video.paused".to_owned()),
        ("k", "video.paused".to_owned()),
        ("0", at(0.0)),
        ("5", at(duration * 0.5)),
        ("9", at(duration * 0.9)),
        ("1", at(duration * 0.1)),
        ("l", at(duration * 0.1 + 10.0)),
        ("j", at(duration * 0.1)),
        (keys::RIGHT, at(duration * 0.1 + 5.0)),
        (keys::LEFT, at(duration * 0.1)),
        (keys::UP, "video.volume > 0.55".to_owned()),
        (keys::DOWN, "video.volume < 0.55".to_owned()),
        ("m", "video.muted".to_owned()),
        ("m", "!video.muted".to_owned()),
        (
            ">",
            "video.playbackRate === 1.25 && document.querySelector('#speed').value === '1.25'"
                .to_owned(),
        ),
        ("<", "video.playbackRate === 1".to_owned()),
        ("<", "video.playbackRate === 0.75".to_owned()),
        (">", "video.playbackRate === 1".to_owned()),
        ("f", "!!document.fullscreenElement".to_owned()),
        ("f", "!document.fullscreenElement".to_owned()),
        ("K", "!video.paused".to_owned()),
        ("K", "video.paused".to_owned()),
    ];
    for (number, (key, wanted)) in rows.iter().enumerate() {
        stage.page.press(&[key])?;
        stage
            .page
            .wait(wanted, LIMIT)
            .map_err(|error| format!("key {key:?} (row {number}): {error}"))?;
        // The page and the browser's own controls must not both handle the key.
        if wanted.contains("paused") {
            stage.page.eval("await T.sleep(0.15)")?;
            stage
                .page
                .wait(wanted, Duration::ZERO)
                .map_err(|error| format!("key {key:?} (row {number}) counts twice: {error}"))?;
        }
    }
    // Repeat some keys with the focus on the video, because the controls of the video also have keys.
    stage.page.eval("video.focus()")?;
    for (key, wanted) in [
        (keys::SPACE, "!video.paused".to_owned()),
        (keys::SPACE, "video.paused".to_owned()),
        ("0", at(0.0)),
        (keys::RIGHT, at(5.0)),
        ("m", "video.muted".to_owned()),
        ("m", "!video.muted".to_owned()),
    ] {
        stage.page.press(&[key])?;
        stage.page.eval("await T.sleep(0.25)")?;
        stage
            .page
            .wait(&wanted, LIMIT)
            .map_err(|error| format!("key {key:?} on the video: {error}"))?;
    }
    Ok(())
}

fn help(stage: &mut Stage) -> Result<(), String> {
    let (open, closed) = (
        "document.querySelector('#help').open && T.visible('#help')",
        "!document.querySelector('#help').open",
    );
    stage.goto("/watch/clip.mp4")?;
    stage
        .page
        .eval("await T.until(() => video.readyState > 1, 10); await T.pause()")?;
    stage.page.press(&["?"])?;
    stage.page.wait(open, LIMIT)?;
    // While the help is open, other keys have no effect.
    stage.page.press(&["k"])?;
    stage.page.eval("await T.sleep(0.2)")?;
    stage.page.wait("video.paused", Duration::ZERO)?;
    stage.page.press(&["?"])?;
    stage.page.wait(closed, LIMIT)?;
    stage.page.press(&["?"])?;
    stage.page.wait(open, LIMIT)?;
    stage.page.press(&[keys::ESCAPE])?;
    stage.page.wait(closed, LIMIT)?;
    stage.page.click("#help-button")?;
    stage.page.wait(open, LIMIT)?;
    stage.page.click("#help form button")?;
    stage.page.wait(closed, LIMIT)?;
    let focused = stage.page.eval("return document.activeElement.id")?;
    ensure!(focused == "help-button", "the focus is on {focused}");
    Ok(())
}

fn in_controls(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/film.mp4")?;
    stage.page.eval("await T.until(() => video.readyState > 1, 10); await T.pause(); await T.seek(50); document.querySelector('#speed').focus()")?;
    stage.page.press(&["1"])?;
    stage.page.eval("await T.sleep(0.2)")?;
    stage.page.wait(
        "video.paused && Math.abs(video.currentTime - 50) < 0.1",
        Duration::ZERO,
    )?;
    stage.page.eval("document.querySelector('#copy').focus()")?;
    stage.page.press(&[keys::SPACE])?;
    stage.page.wait(
        "video.paused && document.querySelector('#notice').textContent.includes('t=50')",
        LIMIT,
    )?;
    // The Tab key reaches every control.
    stage.goto("/watch/serial/2%20second.mp4")?;
    stage
        .page
        .eval("await T.until(() => video.readyState > 1, 10); await T.pause()")?;
    let mut reached = Vec::new();
    for _ in 0..40 {
        stage.page.press(&[keys::TAB])?;
        let id = stage.page.eval("return document.activeElement.id")?;
        reached.push(id.as_str().unwrap_or_default().to_owned());
    }
    for id in [
        "library",
        "video",
        "previous",
        "next",
        "speed",
        "copy",
        "download",
        "vlc",
        "autoplay",
        "help-button",
    ] {
        ensure!(
            reached.iter().any(|found| found == id),
            "#{id} is not reached by Tab: {reached:?}"
        );
    }
    Ok(())
}
