//! Checks playback: open, play, seek, resume, next video.

use std::time::Duration;

use serde_json::Value;

use super::{Check, near};
use crate::browser::Setup;
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("a video opens and plays", plays),
    Check::new("seeking to five points works", seeks),
    Check::new("a video starts at ?t=83", starts_at),
    Check::new("a video resumes at its last position", resumes),
    Check::new("the next video plays automatically", next_plays),
    Check::new(
        "the next video does not play when autoplay is off",
        next_is_off,
    ),
    Check::new("the page copies a link to the current time", copies_link),
    Check::new(
        "a video waits for a gesture if the browser requires it",
        gesture,
    )
    .setup(Setup::Gestures),
];

const LIMIT: Duration = Duration::from_secs(10);

fn plays(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/clip.mp4")?;
    let seen = stage.page.eval(
        "await T.until(() => video.readyState > 1, 10); await video.play();
         const before = T.pixels(), from = T.shown(); T.record();
         await T.until(() => video.currentTime > 1.5, 10); await T.pause();
         return {from, shown: T.shown(), time: video.currentTime, frames: frames_.length, moved: T.differs(before),
                 apart: await T.settled(), duration: video.duration, controls: video.controls,
                 title: document.title, heading: document.querySelector('h1').textContent,
                 scripted: document.documentElement.classList.contains('scripted'),
                 details: T.visible('#details')}",
    )?;
    ensure!(
        near(&seen["apart"], 0.0, 0.15),
        "the picture does not show the current time: {seen}"
    );
    ensure!(
        seen["moved"].as_f64() > Some(0.02),
        "the picture does not move: {seen}"
    );
    ensure!(seen["frames"].as_u64() > Some(15), "too few frames: {seen}");
    ensure!(near(&seen["duration"], 12.0, 0.1), "{seen}");
    ensure!(
        seen["title"]
            .as_str()
            .is_some_and(|title| title.contains("clip")),
        "title: {seen}"
    );
    ensure!(seen["heading"] == "clip", "heading: {seen}");
    ensure!(
        seen["controls"] == true && seen["scripted"] == true && seen["details"] == true,
        "{seen}"
    );
    Ok(())
}

/// The film is too long for the buffer of a browser, so every seek needs a new request.
fn seeks(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/film.mp4")?;
    stage
        .page
        .eval("await T.until(() => video.readyState > 1, 10); await T.pause()")?;
    let period = stage.setting.media.period;
    for target in [1800.5, 63.25, 2990.75, 907.5, 2412.0] {
        let seen = stage.page.eval(&format!(
            "await T.seek({target}); await T.until(() => T.apart({target}, {period}) < 0.15, 3, 'picture of {target}');
             const shown = T.shown(), time = video.currentTime;
             await video.play(); await T.until(() => video.currentTime > {target} + 0.5, 10); await T.pause();
             return {{time, shown, after: video.currentTime, apart: await T.settled({period})}}"
        ))?;
        ensure!(near(&seen["time"], target, 0.1), "seek to {target}: {seen}");
        ensure!(
            near(&seen["apart"], 0.0, 0.15),
            "played on from {target}: {seen}"
        );
    }
    Ok(())
}

fn starts_at(stage: &mut Stage) -> Result<(), String> {
    stage.page.record_from_the_start()?;
    stage.goto("/watch/film.mp4?t=83")?;
    let seen = stage.page.eval(
        "await T.until(() => !video.paused && video.currentTime > 83.2, 10); await T.pause();
         // The first frame of the file may appear before the seek to 83 s, so it is ignored.
         return {time: video.currentTime, first: frames_.find(([time]) => time > 0)}",
    )?;
    ensure!(near(&seen["time"], 84.0, 1.5), "{seen}");
    ensure!(
        near(&seen["first"][0], 83.0, 0.3),
        "the first frame is not at 83 s: {seen}"
    );
    Ok(())
}

fn resumes(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/film.mp4")?;
    stage.page.eval(
        "await T.until(() => video.readyState > 1, 10); await video.play(); await T.seek(600);
         await T.until(() => video.currentTime > 601, 10); await T.pause(); await T.sleep(0.2)",
    )?;
    stage.goto("/browse/posters/")?;
    stage.goto("/watch/film.mp4")?;
    let seen = stage.page.eval(
        "await T.until(() => video.readyState > 1 && video.currentTime > 590, 10); await T.sleep(0.3);
         return {time: video.currentTime, notice: document.querySelector('#notice').textContent, offer: T.visible('#start-over')}",
    )?;
    ensure!(near(&seen["time"], 601.0, 6.0), "{seen}");
    ensure!(
        seen["offer"] == true,
        "there is no button to start over: {seen}"
    );
    ensure!(
        seen["notice"]
            .as_str()
            .is_some_and(|text| text.contains("10:0")),
        "{seen}"
    );
    stage.page.click("#start-over")?;
    stage
        .page
        .wait("video.currentTime < 5 && !video.paused", LIMIT)?;
    // The time in the URL overrides the remembered time.
    stage
        .page
        .eval("await T.seek(700); await T.sleep(0.2); await T.pause(); await T.sleep(0.2)")?;
    stage.goto("/watch/film.mp4?t=20")?;
    let time = stage
        .page
        .eval("await T.until(() => video.readyState > 1, 10); return video.currentTime")?;
    ensure!(
        near(&time, 20.0, 4.0),
        "with ?t=20, the video starts at {time} s"
    );
    Ok(())
}

fn next_plays(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/serial/1%20first.mp4")?;
    let seen = stage.page.eval(
        "return {previous: !!document.querySelector('#previous'), next: document.querySelector('#next').getAttribute('href'),
                 checked: document.querySelector('#autoplay').checked}",
    )?;
    ensure!(
        seen["previous"] == false && seen["checked"] == true,
        "{seen}"
    );
    ensure!(
        seen["next"] == "/watch/serial/2%20second.mp4",
        "natural order: {seen}"
    );
    stage.page.eval(
        "await T.until(() => video.readyState > 1, 10); await T.seek(11.3); await video.play()",
    )?;
    stage.page.wait("location.pathname.endsWith('2%20second.mp4') && !video.paused && video.currentTime > 0.5 && video.currentTime < 10", LIMIT)?;
    let seen = stage.page.eval(
        "return {title: document.title, heading: document.querySelector('h1').textContent, source: video.currentSrc,
                 previous: document.querySelector('#previous').getAttribute('href'), next: document.querySelector('#next').getAttribute('href')}",
    )?;
    ensure!(seen["heading"] == "2 second", "{seen}");
    ensure!(seen["previous"] == "/watch/serial/1%20first.mp4", "{seen}");
    ensure!(
        seen["next"] == "/watch/serial/10%20tenth.mp4",
        "natural order: {seen}"
    );
    stage.page.click("#next")?;
    stage.page.wait("location.pathname.endsWith('10%20tenth.mp4') && video.currentTime > 0.2 && !document.querySelector('#next')", LIMIT)?;
    // The back button returns to the previous video.
    stage.page.eval("setTimeout(() => history.back())")?;
    stage.page.wait("location.pathname.endsWith('2%20second.mp4') && document.querySelector('h1').textContent === '2 second'", LIMIT)?;
    stage.page.click("#previous")?;
    stage.page.wait("location.pathname.endsWith('1%20first.mp4') && document.querySelector('h1').textContent === '1 first'", LIMIT)
}

fn next_is_off(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/serial/1%20first.mp4")?;
    stage.page.click("#autoplay")?;
    for _ in 0..2 {
        let seen = stage.page.eval(
            "const checked = document.querySelector('#autoplay').checked;
             await T.until(() => video.readyState > 1, 10); await T.seek(11.5); await video.play();
             await T.until(() => video.ended, 10); await T.sleep(0.7);
             return {checked, path: location.pathname, ended: video.ended}",
        )?;
        ensure!(seen["checked"] == false && seen["ended"] == true, "{seen}");
        ensure!(seen["path"] == "/watch/serial/1%20first.mp4", "{seen}");
        // The page remembers the setting.
        stage.page.reload()?;
    }
    Ok(())
}

fn copies_link(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/film.mp4")?;
    stage.page.eval("await T.until(() => video.readyState > 1, 10); await T.pause(); await T.seek(83.4); await T.sleep(0.4)")?;
    let label = stage
        .page
        .eval("return document.querySelector('#copy').textContent")?;
    ensure!(label == "Copy link at 1:23", "{label}");
    stage.page.click("#copy")?;
    let url = stage.url("/watch/film.mp4?t=83");
    stage.page.wait(
        &format!("document.querySelector('#notice').textContent === 'Copied: {url}'"),
        LIMIT,
    )
}

/// If the browser does not start the video, one key or one click must start it.
fn gesture(stage: &mut Stage) -> Result<(), String> {
    for way in ["key", "click"] {
        stage.goto("/watch/clip.mp4")?;
        let paused = stage.page.eval("await T.until(() => video.readyState > 1, 10); await T.sleep(0.5); return video.paused")?;
        ensure!(
            way == "click" || paused == Value::Bool(true),
            "the video plays without a gesture: the setting has no effect"
        );
        if paused == Value::Bool(true) {
            match way {
                "key" => stage.page.press(&["k"])?,
                _ => stage.page.click("video")?,
            }
        }
        stage
            .page
            .wait("!video.paused && video.currentTime > 0.5", LIMIT)?;
    }
    Ok(())
}
