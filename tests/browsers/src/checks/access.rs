//! Checks accessibility (axe-core), the width on phones, and valid HTML.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::{Check, Tool};
use crate::browser::{Kind, Setup};
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("axe-core finds no error, light", |stage| axe(stage, false)).needs(Tool::Axe),
    Check::new("axe-core finds no error, dark", |stage| axe(stage, true))
        .needs(Tool::Axe)
        .setup(Setup::Dark),
    Check::new("every page fits the width of a phone", fits),
    Check::new("the HTML is valid", valid)
        .needs(Tool::Vnu)
        .only(Kind::Chromium),
];

/// Each row has the path of a page, and a script that runs in this page before the check.
const PAGES: &[(&str, &str)] = &[
    ("/", ""),
    (
        "/browse/posters/",
        "await T.until(() => document.querySelector('#entries canvas'), 10)",
    ),
    ("/browse/many/", ""),
    ("/browse/empty/", ""),
    ("/?q=clip", ""),
    (
        "/watch/clip.mp4?ranges=2-4,8-9.5",
        "await T.pause(); document.querySelector('#cut').open = true",
    ),
    ("/watch/serial/2%20second.mp4?ranges=x", "await T.pause()"),
    (
        "/watch/clip.mp4",
        "await T.pause(); document.querySelector('#help').showModal()",
    ),
    (
        "/watch/codecs/mpeg2.mkv",
        "await T.until(() => T.visible('#trouble'), 10)",
    ),
    ("/watch/not-there.mp4", ""),
];

/// Allows the error page, and the status 416 that Chromium's cache reports for an empty file.
fn expect_errors(stage: &mut Stage) {
    stage.expect_error("/watch/not-there.mp4");
    stage.expect_error("416 ");
}

fn axe(stage: &mut Stage, is_dark: bool) -> Result<(), String> {
    expect_errors(stage);
    let source = stage.setting.axe.clone().unwrap_or_default();
    let mut errors = Vec::new();
    // axe-core finds the same errors in both browsers, so each browser checks only one size.
    let (size, width, height) = match stage.page.browser.kind {
        Kind::Chromium => ("phone", 390, 844),
        Kind::Firefox => ("desktop", 1280, 800),
    };
    stage.page.viewport(width, height)?;
    for (path, action) in PAGES {
        stage.goto(path)?;
        let dark = stage
            .page
            .eval("return matchMedia('(prefers-color-scheme: dark)').matches")?;
        ensure!(dark == is_dark, "dark colours: {dark}");
        stage.page.eval(action)?;
        stage.page.run_script(&source)?;
        let found = stage.page.eval(
            "const {violations} = await axe.run(document, {resultTypes: ['violations'], preload: {assets: ['cssom'], timeout: 5000}});
             return violations.map(({id, nodes}) => `${id}: ${nodes.slice(0, 3).map((node) =>
                 node.html.slice(0, 120) + ' ' + node.any.concat(node.all, node.none).map((check) => check.message).join('; ')).join(' | ')}`)",
        )?;
        for error in found.as_array().into_iter().flatten() {
            errors.push(format!(
                "{path}, {size}: {}",
                error.as_str().unwrap_or_default()
            ));
        }
    }
    ensure!(errors.is_empty(), "{}", errors.join("\n        "));
    Ok(())
}

/// Checks that no page is wider than the screen, and that controls are large enough for a finger.
fn fits(stage: &mut Stage) -> Result<(), String> {
    expect_errors(stage);
    stage.page.viewport(390, 844)?;
    let mut errors = Vec::new();
    for (path, action) in PAGES {
        stage.goto(path)?;
        stage.page.eval(action)?;
        let seen = stage.page.eval(
            "const small = [...document.querySelectorAll('button, select, .button, #entries a')].filter((e) => {
                 const box = e.getBoundingClientRect(); return box.height && box.height < 36; });
             return {width: document.documentElement.scrollWidth, small: small.map((e) => e.outerHTML.slice(0, 80))}",
        )?;
        if seen["width"].as_u64() > Some(390) || seen["small"] != json!([]) {
            errors.push(format!("{path}: {seen}"));
        }
    }
    ensure!(errors.is_empty(), "{}", errors.join("; "));
    Ok(())
}

fn valid(stage: &mut Stage) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let mut files = Vec::new();
    let page = stage.fetch("/")?;
    let odd = page.text();
    let odd = odd
        .split("href=\"")
        .find(|rest| rest.starts_with("/watch/%3Cimg"))
        .unwrap_or_default();
    let odd = odd.split('"').next().unwrap_or_default();
    ensure!(
        !odd.is_empty(),
        "there is no link to the file with the odd name"
    );
    let paths = PAGES.iter().map(|(path, _)| *path).chain([
        odd,
        "/browse/codecs/?sort=size",
        "/browse/many/?last",
        "/browse/nothing/",
    ]);
    for (number, path) in paths.enumerate() {
        let file = folder.path().join(format!("{number}.html"));
        let answer = stage.fetch(path)?;
        fs::write(&file, &answer.content).map_err(|e| e.to_string())?;
        files.push((path, file));
    }
    let jar = stage.setting.vnu.clone().unwrap_or_default();
    let output = Command::new("java")
        .args(["-Xss1m", "-jar"])
        .arg(jar)
        .args(["--format", "json", "--exit-zero-always", "--stdout"])
        .args(files.iter().map(|(_, file)| file))
        .output()
        .map_err(|error| format!("java: {error}"))?;
    let report: Value = serde_json::from_slice(&output.stdout).map_err(|_| {
        format!(
            "the output of the checker: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })?;
    let mut errors = Vec::new();
    for message in report["messages"].as_array().into_iter().flatten() {
        let text = message["message"].as_str().unwrap_or_default();
        // The checker is from 2020, so it rejects parts of HTML that became standard later. These messages are ignored.
        if text.contains("element is not supported in all browsers")
            || text.contains("\u{201c}dialog\u{201d} for attribute \u{201c}method\u{201d}")
        {
            continue;
        }
        let url = message["url"].as_str().unwrap_or_default();
        let path = files
            .iter()
            .find(|(_, file)| url.ends_with(&*file.to_string_lossy()))
            .map_or(url, |(path, _)| path);
        errors.push(format!(
            "{path}: {}: {} near {}",
            message["type"].as_str().unwrap_or_default(),
            text,
            message["extract"].as_str().unwrap_or_default().trim()
        ));
    }
    ensure!(errors.is_empty(), "{}", errors.join("\n        "));
    Ok(())
}
