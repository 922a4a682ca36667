//! Parts of a video: which moments are really shown, and the editor.

use std::time::Duration;

use serde_json::Value;

use super::{Check, near};
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("plays the parts only, to the frame", parts_only),
    Check::new("repeats the parts", repeats),
    Check::new("an open part ends with the video", open_end),
    Check::new("the parts are marked on a bar", bar),
    Check::new("a seek out of the parts leads into the next", seek_out),
    Check::new("the editor writes the address", editor),
    Check::new("malformed parts: a message, and it plays", malformed),
];

const LIMIT: Duration = Duration::from_secs(10);

/// The clip has 24 frames a second.
const FRAME: f64 = 1.0 / 24.0;

/// What was shown: the time that the frame has, and the time that its picture tells.
fn frames(stage: &mut Stage) -> Result<Vec<(f64, f64)>, String> {
    let frames = stage.page.eval("return frames_")?;
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let rows = frames.as_array().cloned().unwrap_or_default();
    Ok(rows
        .iter()
        .map(|row| (number(&row[0]), number(&row[1])))
        .collect())
}

/// Checks that the frames run through the parts in order and show nothing else; in the end it stands at the start of
/// the first.
fn check_parts(frames: &[(f64, f64)], parts: &[(f64, f64)]) -> Result<(), String> {
    // The very first frame of the file may come before the first seek: no browser can be told to leave it out.
    let frames = match frames {
        [(time, _), rest @ ..] if *time == 0.0 => rest,
        all => all,
    };
    let times: Vec<f64> = frames.iter().map(|(time, _)| *time).collect();
    let text = || {
        let texts: Vec<String> = frames
            .iter()
            .map(|(time, shown)| format!("{time:.3}({shown:.2})"))
            .collect();
        texts.join(" ")
    };
    // One frame more at each end is allowed, and half of one for rounding.
    let is_in = |(start, end): &(f64, f64), time: f64| {
        time > start - 1.5 * FRAME && time < end + 0.5 * FRAME
    };
    // A canvas may be given the frame before or after, so that across a jump the two differ by more.
    let told = frames
        .iter()
        .filter(|(time, shown)| (time - shown).abs() < 0.1)
        .count();
    ensure!(
        10 * told > 7 * frames.len(),
        "the pictures tell other times: {}",
        text()
    );
    for (_, shown) in frames {
        let known = *shown == 0.0 || parts.iter().any(|part| is_in(part, *shown));
        ensure!(known, "a picture of {shown:.3} was shown: {}", text());
    }
    let mut rest = times.as_slice();
    for (start, end) in parts {
        // Parts may overlap: the next one begins at the latest where the time goes back.
        let mut before = f64::NEG_INFINITY;
        let ends_at = |time: &f64| {
            let goes_on = is_in(&(*start, *end), *time) && *time > before - FRAME;
            before = *time;
            !goes_on
        };
        let length = rest.iter().position(ends_at).unwrap_or(rest.len());
        ensure!(
            length > 0,
            "part {start}-{end}: a frame of elsewhere comes first: {}",
            text()
        );
        let (part, after) = rest.split_at(length);
        let (first, last) = (part[0], part[length - 1]);
        ensure!(
            first < start + 2.5 * FRAME,
            "part {start}-{end} begins at {first:.3}: {}",
            text()
        );
        ensure!(
            last > end - 3.5 * FRAME,
            "part {start}-{end} ends at {last:.3}: {}",
            text()
        );
        ensure!(part.is_sorted(), "part {start}-{end} goes back: {}", text());
        let wanted = (end - start) / FRAME;
        let count = u32::try_from(length).map_or(f64::MAX, f64::from);
        ensure!(
            count > 0.6 * wanted,
            "part {start}-{end}: {count} of {wanted:.0} frames: {}",
            text()
        );
        rest = after;
    }
    let start = parts[0].0;
    ensure!(
        rest.iter().all(|time| (time - start).abs() < 1.5 * FRAME),
        "after the last part: {}",
        text()
    );
    Ok(())
}

fn parts_only(stage: &mut Stage) -> Result<(), String> {
    stage.page.record_from_the_start()?;
    for (ranges, parts) in [
        ("2-4,8-9.5", &[(2.0, 4.0), (8.0, 9.5)][..]),
        // In the order of the address, not of the video; starts that are no key frames; parts that overlap.
        (
            "7.3-8.2,3.55-4.4,3.9-4.7",
            &[(7.3, 8.2), (3.55, 4.4), (3.9, 4.7)],
        ),
    ] {
        stage.goto(&format!("/watch/clip.mp4?ranges={ranges}"))?;
        let stopped = format!(
            "T.everPlayed && video.paused && !video.seeking && Math.abs(video.currentTime - {}) < 0.05",
            parts[0].0
        );
        stage.page.wait(&stopped, LIMIT)?;
        stage.page.eval("await T.sleep(0.4)")?;
        let seen = frames(stage)?;
        check_parts(&seen, parts).map_err(|error| format!("{ranges}: {error}"))?;
        // Once more, by hand: the same again.
        stage
            .page
            .eval("frames_.length = 0; T.everPlayed = false")?;
        stage.page.press(&["k"])?;
        stage.page.wait("T.everPlayed && !video.paused", LIMIT)?;
        stage.page.wait(&stopped, LIMIT)?;
        let seen = frames(stage)?;
        check_parts(&seen, parts).map_err(|error| format!("{ranges}, played again: {error}"))?;
    }
    Ok(())
}

fn repeats(stage: &mut Stage) -> Result<(), String> {
    stage.page.record_from_the_start()?;
    stage.goto("/watch/clip.mp4?ranges=5-5.8,1-1.6&loop")?;
    let twice = "frames_.filter(([time], index) => index && Math.abs(time - 5) < 0.1 && frames_[index - 1][0] < 2).length >= 2";
    stage.page.wait(twice, LIMIT)?;
    let seen = stage
        .page
        .eval("return {paused: video.paused, checked: document.querySelector('#loop').checked}")?;
    ensure!(seen["paused"] == false && seen["checked"] == true, "{seen}");
    for (time, _) in frames(stage)?
        .into_iter()
        .skip_while(|(time, _)| *time == 0.0)
    {
        let is_in = |start: f64, end: f64| time > start - 1.5 * FRAME && time < end + 0.5 * FRAME;
        ensure!(
            is_in(5.0, 5.8) || is_in(1.0, 1.6),
            "a frame of {time:.3} was shown"
        );
    }
    Ok(())
}

fn open_end(stage: &mut Stage) -> Result<(), String> {
    stage.page.record_from_the_start()?;
    stage.goto("/watch/clip.mp4?ranges=1-1.8,11-")?;
    stage
        .page
        .wait("frames_.some(([time]) => time > 11.8)", LIMIT)?;
    stage.page.wait(
        "video.paused && Math.abs(video.currentTime - 1) < 0.05",
        LIMIT,
    )?;
    check_parts(&frames(stage)?, &[(1.0, 1.8), (11.0, 12.0)])
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

fn editor(stage: &mut Stage) -> Result<(), String> {
    let list = "return [...document.querySelectorAll('#segments li')].map((row) => row.firstChild.textContent.trim())";
    stage.goto("/watch/clip.mp4")?;
    stage
        .page
        .eval("await T.until(() => video.readyState > 1, 10); await T.pause()")?;
    if stage
        .page
        .eval("return document.querySelector('#cut').open")?
        == false
    {
        stage.page.click("#cut summary")?;
    }
    for (from, to) in [(1.0, 3.0), (5.0, 6.5)] {
        stage.page.eval(&format!("await T.seek({from})"))?;
        stage.page.click("#set-in")?;
        stage.page.eval(&format!("await T.seek({to})"))?;
        stage.page.click("#set-out")?;
    }
    ensure!(
        stage.page.url()? == stage.url("/watch/clip.mp4?ranges=1-3,5-6.5"),
        "after two parts: {}",
        stage.page.url()?
    );
    stage.page.click("#loop")?;
    ensure!(
        stage.page.url()? == stage.url("/watch/clip.mp4?ranges=1-3,5-6.5&loop"),
        "after loop: {}",
        stage.page.url()?
    );
    let written = stage.page.eval(list)?;
    ensure!(written.as_array().map(Vec::len) == Some(2), "{written}");

    // Whoever opens the link has the same.
    stage.page.record_from_the_start()?;
    stage.page.reload()?;
    stage
        .page
        .wait("!video.paused && video.currentTime > 1.2", LIMIT)?;
    let reloaded = stage.page.eval(list)?;
    ensure!(reloaded == written, "{written} became {reloaded}");
    ensure!(
        stage
            .page
            .eval("return document.querySelector('#loop').checked")?
            == true,
        "loop is forgotten"
    );

    // A link for VLC takes the parts along.
    let vlc = stage
        .page
        .eval("return document.querySelector('#vlc').getAttribute('href')")?;
    ensure!(
        vlc.as_str()
            .is_some_and(|link| link.ends_with("clip.mp4?ranges=1-3,5-6.5")),
        "{vlc}"
    );

    if stage
        .page
        .eval("return document.querySelector('#cut').open")?
        == false
    {
        stage.page.click("#cut summary")?;
    }
    stage.page.eval("await T.pause()")?;
    stage
        .page
        .click("#segments li:first-child button:last-of-type")?;
    ensure!(
        stage.page.url()? == stage.url("/watch/clip.mp4?ranges=5-6.5&loop"),
        "after remove: {}",
        stage.page.url()?
    );
    stage.page.click("#segments li:first-child button")?;
    stage.page.wait(
        "!video.paused && video.currentTime > 4.9 && video.currentTime < 6.6",
        LIMIT,
    )?;
    let focused = stage
        .page
        .eval("return !!document.activeElement.closest('#segments')")?;
    ensure!(
        focused == true,
        "who chose a part by key has lost the focus"
    );
    stage.page.click("#loop")?;
    stage.page.click("#clear-cut")?;
    ensure!(
        stage.page.url()? == stage.url("/watch/clip.mp4"),
        "after remove all: {}",
        stage.page.url()?
    );
    // Nothing holds the video back any more.
    stage.page.eval(
        "await T.seek(8); await video.play(); await T.until(() => video.currentTime > 8.5, 5)",
    )?;

    // The same by keys.
    stage.page.eval("await T.pause(); await T.seek(2)")?;
    stage.page.press(&["i"])?;
    stage.page.eval("await T.seek(4.25)")?;
    stage.page.press(&["o"])?;
    ensure!(
        stage.page.url()? == stage.url("/watch/clip.mp4?ranges=2-4.25"),
        "by keys: {}",
        stage.page.url()?
    );
    Ok(())
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
