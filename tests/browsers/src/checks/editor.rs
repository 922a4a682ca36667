//! Checks the editor, with which a user selects parts of a video. The selection is in the URL.

use std::time::{Duration, Instant};

use super::Check;
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("the editor writes the URL", editor),
    Check::new(
        "a download of parts begins, or the page shows the reason",
        download,
    ),
];

const LIMIT: Duration = Duration::from_secs(10);

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

    // After a reload, the page has the parts and the loop of the URL.
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

    // The links for VLC and for a download contain the parts.
    for (link, end) in [
        ("#vlc", "clip.mp4?ranges=1-3,5-6.5"),
        ("#save-cut", "/api/cut/clip.mp4?ranges=1-3,5-6.5&download"),
    ] {
        let script = format!("return document.querySelector('{link}').getAttribute('href')");
        let href = stage.page.eval(&script)?;
        ensure!(
            href.as_str().is_some_and(|href| href.ends_with(end)),
            "{link}: {href}"
        );
    }

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
    ensure!(focused == true, "the focus is not in the list of parts");
    stage.page.click("#loop")?;
    stage.page.click("#clear-cut")?;
    ensure!(
        stage.page.url()? == stage.url("/watch/clip.mp4"),
        "after remove all: {}",
        stage.page.url()?
    );
    // Without parts, the whole video plays.
    stage.page.eval(
        "await T.seek(8); await video.play(); await T.until(() => video.currentTime > 8.5, 5)",
    )?;

    // The keys have the same effect as the buttons.
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

fn download(stage: &mut Stage) -> Result<(), String> {
    // The console shows the status of the refused download.
    stage.expect_error("400");
    stage.goto("/watch/clip.mp4?ranges=1-3")?;
    stage.page.eval(
        "await T.until(() => video.readyState > 1, 10); await T.pause(); \
         document.querySelector('#cut').open = true",
    )?;
    stage.page.click("#save-cut")?;
    // The page requests one byte first. Then the browser starts the download.
    let url = stage.url("/api/cut/clip.mp4?ranges=1-3&download");
    let end = Instant::now() + LIMIT;
    let asked = |stage: &Stage| {
        stage
            .page
            .requests()
            .iter()
            .filter(|it| **it == url)
            .count()
    };
    while asked(stage) < 2 && Instant::now() < end {
        stage.page.eval("await T.sleep(0.1)")?;
    }
    ensure!(asked(stage) == 2, "{:?}", stage.page.requests());
    stage.page.eval(
        "document.querySelector('#save-cut').href = '/api/cut/clip.mp4?ranges=99-&download'",
    )?;
    stage.page.click("#save-cut")?;
    stage.page.wait(
        "document.querySelector('#notice').textContent === \
         'The parts cannot be downloaded. A part begins after the end of the film.'",
        LIMIT,
    )
}
