//! Checks that the player plays only the wanted parts of a video, and that a bar shows them.

use std::time::Duration;

use super::measure::{frames, with_retries};
use super::{Check, near};
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("only the parts are played, exact to the frame", parts_only),
    Check::new("the parts are repeated", repeats),
    Check::new("an open part ends with the video", open_end),
    Check::new("a bar shows the parts", bar),
    Check::new(
        "a seek outside of the parts goes to the next part",
        seek_out,
    ),
    Check::new("a part is removed while it plays", removed),
    Check::new(
        "malformed parts show a message, and the video plays",
        malformed,
    ),
];

const LIMIT: Duration = Duration::from_secs(10);

fn parts_only(stage: &mut Stage) -> Result<(), String> {
    stage.page.record_from_the_start()?;
    for (ranges, parts) in [
        ("2-4,8-9.5", &[(2.0, 4.0), (8.0, 9.5)][..]),
        // The first part begins at 0, so it needs no seek.
        ("0-1.5,5-6", &[(0.0, 1.5), (5.0, 6.0)]),
        // The second and the third part overlap. No part starts at a key frame. The first part is the latest one in the
        // video.
        (
            "7.3-8.2,3.55-4.4,3.9-4.7",
            &[(7.3, 8.2), (3.55, 4.4), (3.9, 4.7)],
        ),
    ] {
        with_retries(|| {
            stage.goto(&format!("/watch/clip.mp4?ranges={ranges}"))?;
            stops_at(stage, parts[0].0)?;
            frames(stage)?
                .check(parts)
                .map_err(|error| format!("{ranges}: {error}"))?;
            // The key k plays the parts again.
            stage
                .page
                .eval("frames_.length = 0; T.everPlayed = false")?;
            stage.page.press(&["k"])?;
            stage.page.wait("T.everPlayed && !video.paused", LIMIT)?;
            stops_at(stage, parts[0].0)?;
            frames(stage)?
                .check(parts)
                .map_err(|error| format!("{ranges}, played again: {error}"))
        })?;
    }
    Ok(())
}

/// Waits until all parts were played, and the video is at the start of the first part.
fn stops_at(stage: &mut Stage, start: f64) -> Result<(), String> {
    let stopped = format!(
        "T.everPlayed && video.paused && !video.seeking && Math.abs(video.currentTime - {start}) < 0.05"
    );
    stage.page.wait(&stopped, LIMIT)?;
    // Records for 0.4 s more, so that `check` finds frames that the browser shows after the stop.
    stage.page.eval("await T.sleep(0.4)").map(drop)
}

fn repeats(stage: &mut Stage) -> Result<(), String> {
    let twice = "frames_.filter(([, shown], index) => index && Math.abs(shown - 5) < 0.1 && frames_[index - 1][1] < 2).length >= 2";
    stage.page.record_from_the_start()?;
    with_retries(|| {
        stage.goto("/watch/clip.mp4?ranges=5-5.8,1-1.6&loop")?;
        stage.page.wait(twice, LIMIT)?;
        let seen = stage.page.eval(
            "return {paused: video.paused, checked: document.querySelector('#loop').checked}",
        )?;
        ensure!(seen["paused"] == false && seen["checked"] == true, "{seen}");
        frames(stage)?.check_inside(&[(5.0, 5.8), (1.0, 1.6)])
    })
}

fn open_end(stage: &mut Stage) -> Result<(), String> {
    stage.page.record_from_the_start()?;
    with_retries(|| {
        stage.goto("/watch/clip.mp4?ranges=1-1.8,11-")?;
        stage
            .page
            .wait("frames_.some(([time]) => time > 11.8)", LIMIT)?;
        stops_at(stage, 1.0)?;
        frames(stage)?.check(&[(1.0, 1.8), (11.0, 12.0)])
    })
}

fn bar(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/clip.mp4?ranges=3-6,9-10.5")?;
    let seen = stage.page.eval(
        "await T.until(() => document.querySelectorAll('#bar .mark').length, 5);
         const bar = document.querySelector('#bar').getBoundingClientRect();
         return {visible: T.visible('#bar'), marks: [...document.querySelectorAll('#bar .mark')].map((mark) => {
             const box = mark.getBoundingClientRect();
             return [(box.left - bar.left) / bar.width * 12, (box.right - bar.left) / bar.width * 12]; })}",
    )?;
    ensure!(seen["visible"] == true, "{seen}");
    for (index, edges) in [[3.0, 6.0], [9.0, 10.5]].iter().enumerate() {
        for (side, edge) in edges.iter().enumerate() {
            ensure!(
                near(&seen["marks"][index][side], *edge, 0.1),
                "mark {index}: {seen}"
            );
        }
    }
    ensure!(seen["marks"].as_array().map(Vec::len) == Some(2), "{seen}");
    Ok(())
}

fn seek_out(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/clip.mp4?ranges=1-9,10-10.6")?;
    stage.page.eval(
        "await T.until(() => !video.paused && video.currentTime > 1.2, 10); await T.seek(9.4)",
    )?;
    stage.page.wait("video.currentTime > 9.9", LIMIT)?;
    stage.page.wait(
        "video.paused && Math.abs(video.currentTime - 1) < 0.05",
        LIMIT,
    )?;
    Ok(())
}

fn removed(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/clip.mp4?ranges=1-6,10-10.6")?;
    stage.page.eval(
        "await T.until(() => !video.paused && video.currentTime > 1.5, 10);
         document.querySelector('#cut').open = true;
         document.querySelector('[aria-label=\"Remove part 1\"]').click();
         await T.until(() => video.currentTime > 9.9, 3, 'the other part')",
    )?;
    stage.page.wait(
        "video.paused && Math.abs(video.currentTime - 10) < 0.05 && location.search === '?ranges=10-10.6'",
        LIMIT,
    )
}

fn malformed(stage: &mut Stage) -> Result<(), String> {
    for ranges in [
        "abc",
        "10-5",
        "2-4,,",
        "-3",
        "2-4;6-8",
        "1-2,%3Cb%3E",
        "500-600",
    ] {
        stage.goto(&format!("/watch/clip.mp4?ranges={ranges}"))?;
        let seen = stage.page.eval(
            "await T.until(() => video.readyState > 1 && !video.paused && video.currentTime > 0.3 && video.currentTime < 10, 10);
             return {notice: document.querySelector('#notice').textContent, visible: T.visible('#notice'), bar: T.visible('#bar'),
                     bold: document.querySelectorAll('#notice b').length}",
        )?;
        let notice = seen["notice"].as_str().unwrap_or_default();
        ensure!(
            seen["visible"] == true && notice.len() > 20,
            "{ranges}: no message: {seen}"
        );
        ensure!(
            seen["bar"] == false && seen["bold"] == 0,
            "{ranges}: {seen}"
        );
    }
    Ok(())
}
