//! Checks a file name that looks like HTML.

use std::time::Duration;

use serde_json::json;

use super::Check;
use crate::ensure;
use crate::media::ODD_NAME;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[Check::new(
    "a file whose name looks like HTML is listed and played",
    odd_name,
)];

const LIMIT: Duration = Duration::from_secs(10);

fn odd_name(stage: &mut Stage) -> Result<(), String> {
    stage
        .page
        .preload("() => { window.alert = () => { window.ran_ = true; }; }")?;
    stage.goto("/")?;
    let stem = ODD_NAME.trim_end_matches(".mp4");
    let found = stage.page.eval(&format!(
        "const links = [...document.querySelectorAll('#entries a')].filter((a) => a.textContent.includes({}));
         if (links[0]) links[0].id = 'odd_';
         return links.map((a) => a.getAttribute('href'))",
        json!(stem)
    ))?;
    ensure!(found.as_array().map(Vec::len) == Some(1), "{found}");
    stage.page.click("#odd_")?;
    stage.page.wait(
        "location.pathname.startsWith('/watch/') && !video.paused && video.currentTime > 0.3",
        LIMIT,
    )?;
    let seen = stage.page.eval(
        "return {title: document.title, heading: document.querySelector('h1').textContent, ran: !!window.ran_,
                 images: document.querySelectorAll('img[src=x]').length, download: document.querySelector('#download').href}",
    )?;
    ensure!(seen["heading"] == stem, "{seen}");
    ensure!(
        seen["title"]
            .as_str()
            .is_some_and(|title| title.contains(stem)),
        "{seen}"
    );
    ensure!(
        seen["ran"] == false && seen["images"] == 0,
        "the name was executed: {seen}"
    );
    let download = seen["download"].as_str().unwrap_or_default();
    let path = download.trim_start_matches(&stage.url("")).to_owned();
    let answer = stage.fetch(&path)?;
    ensure!(answer.status == 200, "{path}: {}", answer.head);
    let disposition = answer.field("content-disposition").unwrap_or_default();
    ensure!(
        disposition.starts_with("attachment"),
        "{path}: {}",
        answer.head
    );
    // The script changes to the previous video and back without loading a page. The name must not be executed here
    // either.
    stage.page.press(&["p"])?;
    stage.page.press(&["n"])?;
    stage.page.eval("await T.sleep(0.3)")?;
    let seen = stage.page.eval(
        "return {ran: !!window.ran_, images: document.querySelectorAll('img[src=x]').length}",
    )?;
    ensure!(
        seen["ran"] == false && seen["images"] == 0,
        "the name was executed: {seen}"
    );
    // A search for the name finds the file, and shows the searched text.
    stage.goto(&format!("/?q={}", percent(stem)))?;
    let seen = stage.page.eval(
        "return {value: document.querySelector('input[name=q]').value, found: document.querySelectorAll('#entries a').length,
                 ran: !!window.ran_, images: document.querySelectorAll('img[src=x]').length}",
    )?;
    ensure!(seen["value"] == stem && seen["found"] == 1, "{seen}");
    ensure!(seen["ran"] == false && seen["images"] == 0, "{seen}");
    Ok(())
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
