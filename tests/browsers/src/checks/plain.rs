//! Checks the pages without scripts: list, playback, download.

use std::thread;
use std::time::{Duration, Instant};

use super::Check;
use crate::browser::Setup;
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] =
    &[Check::new("the pages work without scripts", works).setup(Setup::NoScripts)];

fn works(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/browse/serial/")?;
    let links = stage.page.locate("#entries > li > a")?;
    ensure!(links.len() == 3, "{} links", links.len());
    ensure!(
        stage
            .page
            .locate("form[role=search][action='/'] input[name=q]")?
            .len()
            == 1,
        "there is no search form"
    );
    stage.page.click_node(&links[1])?;
    let wanted = stage.url("/watch/serial/2%20second.mp4");
    let deadline = Instant::now() + Duration::from_secs(5);
    while stage.page.url()? != wanted || stage.page.look("document.readyState")? != "complete" {
        ensure!(
            Instant::now() < deadline,
            "the link led to {}",
            stage.page.url()?
        );
        thread::sleep(Duration::from_millis(50));
    }
    ensure!(
        stage.page.look("document.documentElement.className")? == "",
        "scripts ran"
    );
    let node = stage.page.locate("video[controls]")?;
    ensure!(node.len() == 1, "no video with controls");
    let source = node[0]["value"]["attributes"]["src"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    ensure!(source == "/api/stream/serial/2%20second.mp4", "{source}");
    // In this setup, the video starts without a key or a click.
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let time = stage
            .page
            .look("document.querySelector('video').currentTime")?;
        if time.as_f64() > Some(0.5) {
            break;
        }
        ensure!(
            Instant::now() < deadline,
            "the video does not play, at {time}"
        );
        thread::sleep(Duration::from_millis(50));
    }
    // Controls that need scripts are not displayed, so the Tab key does not reach them.
    let shown = stage.page.look(
        "[...document.querySelectorAll('button, select, input, details, #bar')].filter((e) => e.getClientRects().length).map((e) => e.id || e.outerHTML)",
    )?;
    ensure!(
        shown == serde_json::json!([]),
        "controls without an effect: {shown}"
    );
    for (link, wanted) in [
        ("#download", "/api/stream/serial/2%20second.mp4?download"),
        ("#vlc", "/playlist/serial/2%20second.mp4"),
        ("#library", "/browse/serial/"),
        ("#next", "/watch/serial/10%20tenth.mp4"),
        ("#previous", "/watch/serial/1%20first.mp4"),
    ] {
        let nodes = stage.page.locate(link)?;
        let href = nodes
            .first()
            .map(|node| node["value"]["attributes"]["href"].clone())
            .unwrap_or_default();
        ensure!(href == wanted, "{link}: {href}");
        let answer = stage.fetch(wanted)?;
        ensure!(answer.status == 200, "{wanted}: {}", answer.head);
    }
    let download = stage.fetch("/api/stream/serial/2%20second.mp4?download")?;
    ensure!(
        download
            .field("content-disposition")
            .is_some_and(|value| value.starts_with("attachment")),
        "{}",
        download.head
    );
    ensure!(
        download.content.len() > 200_000,
        "{} bytes",
        download.content.len()
    );
    Ok(())
}
