//! Checks the keys of a remote control: arrow keys and Enter.

use std::time::Duration;

use serde_json::Value;

use super::Check;
use crate::browser::Setup;
use crate::ensure;
use crate::input::keys;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("arrow keys and Enter work in the list", arrows),
    Check::new("arrow keys and Enter work on a TV", arrows).setup(Setup::Tv),
    Check::new(
        "arrow keys on a TV reach the controls of the player",
        controls_on_a_tv,
    )
    .setup(Setup::Tv),
];

const LIMIT: Duration = Duration::from_secs(10);

fn focused(stage: &mut Stage) -> Result<String, String> {
    let seen: Value = stage.page.eval("const e = document.activeElement; return e.getAttribute('href') || e.id || e.name || e.localName")?;
    Ok(seen.as_str().unwrap_or_default().to_owned())
}

fn arrows(stage: &mut Stage) -> Result<(), String> {
    for (width, height) in [(1280, 800), (390, 844), (1920, 1080)] {
        stage.page.viewport(width, height)?;
        stage.goto("/browse/serial/")?;
        stage.page.press(&[keys::DOWN])?;
        let mut seen = vec![focused(stage)?];
        ensure!(
            seen[0].ends_with("1%20first.mp4"),
            "the first key leads to {seen:?}"
        );
        // The next card is to the right or below.
        let side_by_side = stage.page.eval(
            "const [a, b] = [...document.querySelectorAll('#entries a')].map((a) => a.getBoundingClientRect()); return Math.abs(a.top - b.top) < 5",
        )?;
        let (on, back) = if side_by_side == true {
            (keys::RIGHT, keys::LEFT)
        } else {
            (keys::DOWN, keys::UP)
        };
        stage.page.press(&[on])?;
        seen.push(focused(stage)?);
        ensure!(
            seen[1].ends_with("2%20second.mp4"),
            "at {width}x{height}: {seen:?}"
        );
        stage.page.press(&[on])?;
        stage.page.press(&[back])?;
        seen.push(focused(stage)?);
        ensure!(
            seen[2].ends_with("2%20second.mp4"),
            "at {width}x{height}: {seen:?}"
        );
        let ring = stage.page.eval("const style = getComputedStyle(document.activeElement); return style.outlineStyle !== 'none' || style.boxShadow !== 'none'")?;
        ensure!(ring == true, "the focus is not visible");
        for _ in 0..6 {
            stage.page.press(&[keys::UP])?;
        }
        seen.push(focused(stage)?);
        ensure!(
            !seen[3].contains("watch"),
            "the up key does not leave the list: {seen:?}"
        );
        stage
            .page
            .eval("document.querySelectorAll('#entries a')[1].focus()")?;
        stage.page.press(&[keys::ENTER])?;
        stage.page.wait("location.pathname.endsWith('2%20second.mp4') && !video.paused && video.currentTime > 0.2", LIMIT)?;
    }
    Ok(())
}

/// Arrow keys go from the video to every control, and from every control back to the video.
fn controls_on_a_tv(stage: &mut Stage) -> Result<(), String> {
    stage.page.viewport(1920, 1080)?;
    stage.goto("/watch/serial/2%20second.mp4?ranges=2-4,8-9")?;
    let pointer = stage
        .page
        .eval("return matchMedia('(any-pointer: fine)').matches")?;
    ensure!(pointer == false, "this TV has a mouse");
    stage
        .page
        .wait("!video.paused && video.currentTime > 0.2", LIMIT)?;
    // Without a focused control, Enter pauses and plays the video.
    stage.page.press(&[keys::ENTER])?;
    stage.page.wait("video.paused", LIMIT)?;
    stage.page.press(&[keys::DOWN])?;
    let first = stage
        .page
        .eval("return document.activeElement !== document.body")?;
    ensure!(first == true, "the down key does not leave the video");
    stage
        .page
        .eval("document.querySelector('#cut').open = true")?;
    let names = stage.page.eval(
        "window.all_ = () => [...document.querySelectorAll('video, a, button, input, select, summary')].filter((e) => e.getClientRects().length);
         return all_().map((e) => e.id || e.textContent.slice(0, 20))",
    )?;
    let names: Vec<String> = names
        .as_array()
        .into_iter()
        .flatten()
        .map(|name| name.as_str().unwrap_or_default().to_owned())
        .collect();
    let mut steps = Vec::new();
    for from in 0..names.len() {
        for key in [keys::LEFT, keys::UP, keys::RIGHT, keys::DOWN] {
            stage.page.eval(&format!("all_()[{from}].focus()"))?;
            stage.page.press(&[key])?;
            let to = stage
                .page
                .eval("return all_().indexOf(document.activeElement)")?;
            if let Some(to) = to.as_u64().and_then(|to| usize::try_from(to).ok()) {
                steps.push((from, to));
            }
        }
    }
    for (word, turned) in [("to", false), ("from", true)] {
        let mut reached = vec![false; names.len()];
        reached[names.iter().position(|name| name == "video").unwrap_or(0)] = true;
        for _ in 0..names.len() {
            for &(from, to) in &steps {
                let (from, to) = if turned { (to, from) } else { (from, to) };
                reached[to] |= reached[from];
            }
        }
        let lost: Vec<_> = names
            .iter()
            .zip(&reached)
            .filter(|(_, reached)| !**reached)
            .map(|(name, _)| name)
            .collect();
        ensure!(
            lost.is_empty(),
            "arrow keys do not lead {word} these controls: {lost:?}"
        );
    }
    Ok(())
}
