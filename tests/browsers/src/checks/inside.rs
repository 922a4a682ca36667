//! Checks subtitles, chapters and covers inside a film.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::{Check, near};
use crate::browser::Setup;
use crate::ensure;
use crate::input::keys;
use crate::media::FILM;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new(
        "subtitles inside a long film appear within a second after a seek",
        texts,
    ),
    Check::new(
        "the page never loads a whole track of subtitles, also if the script is slow",
        no_whole_track,
    ),
    Check::new("chapters are links, marks and keys", chapters),
    Check::new("the library shows the cover inside a film", pictures),
    Check::new(
        "chapters and subtitles work without scripts",
        without_scripts,
    )
    .setup(Setup::NoScripts),
];

const LIMIT: Duration = Duration::from_secs(10);

/// The default duration of the film, in seconds. A film of this duration has 230 MB. The environment variable
/// `FILM_SECONDS` overrides the default.
const SECONDS: u32 = 600;

/// The number of seconds between two subtitles.
const STEP: u32 = 4;

/// Makes a film with subtitles, and with a large audio track.
fn film(stage: &Stage, dir: &Path) -> Result<(&'static str, u32), String> {
    let seconds = std::env::var("FILM_SECONDS").ok();
    let seconds = seconds
        .and_then(|text| text.parse().ok())
        .unwrap_or(SECONDS);
    let clock = |at: u32| format!("{:02}:{:02}:{:02}", at / 3600, at / 60 % 60, at % 60);
    let cue = |at: u32| {
        let start = clock(at);
        format!(
            "{at}\n{start},500 --> {start},999\nShort {at}\n\n{at}\n{start},500 --> {},500\nLine {at}\n\n",
            clock(at + 3)
        )
    };
    let texts: String = (0..seconds / STEP)
        .map(|number| cue(number * STEP))
        .collect();
    let srt = dir.join(".texts.srt");
    fs::write(&srt, texts).map_err(|error| error.to_string())?;
    let name = "film.mkv";
    let [srt, clip, to] = [
        srt,
        stage.setting.media.root.join("clip.mp4"),
        dir.join(name),
    ]
    .map(|path| path.to_string_lossy().into_owned());
    let times = (seconds / 12).to_string();
    let inputs = ["-stream_loop", &times, "-i", &clip, "-f", "lavfi", "-i"];
    let inputs = inputs
        .into_iter()
        .chain(["anullsrc=r=48000:cl=stereo", "-i", &srt]);
    let rest = format!(
        "-map 0:v -map 0:a -map 1:a -map 2:s -c:v copy -c:a:0 copy -c:a:1 pcm_s32le -c:s subrip \
         -metadata:s:s:0 language=eng -disposition:s:0 default -t {seconds}"
    );
    let arguments = inputs.chain(rest.split_whitespace());
    stage.setting.media.ffmpeg(arguments, &to)?;
    Ok((name, seconds))
}

const SHOWN: &str = "(() => { const track = [...video.textTracks].find(({mode}) => mode === 'showing');
    return track && track.activeCues && [...track.activeCues].map(({text}) => text).join('|'); })()";

fn texts(stage: &mut Stage) -> Result<(), String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (name, seconds) = film(stage, dir.path())?;
    let server = stage.start_server(dir.path(), &[])?;
    stage
        .page
        .goto(&server.url(&format!("/watch/{name}?t=2")))?;
    stage.page.wait("video.readyState > 1", LIMIT)?;
    stage.page.eval("video.pause()")?;
    stage.page.wait(&format!("{SHOWN} === 'Line 0'"), LIMIT)?;
    // The page loads the subtitles of a time window, not of the whole film. So most seeks need a new request.
    let mut slowest: f64 = 0.0;
    for number in 1..=20 {
        let at = (number * 7919) % (seconds / STEP - 1) * STEP;
        let waited = stage.page.eval(&format!(
            "const start = performance.now(); video.currentTime = {at} + 1.5;
             await T.until(() => {SHOWN} === 'Line {at}', 5, 'subtitle of {at} s: ' + {SHOWN});
             return performance.now() - start"
        ))?;
        slowest = slowest.max(waited.as_f64().unwrap_or(f64::INFINITY));
    }
    println!(
        "  note  {}: slowest of 20 seeks {slowest:.0} ms",
        stage.page.browser.kind
    );
    ensure!(slowest < 1000.0, "{slowest} ms");
    // A subtitle at the border of two windows is in the responses for both. The track must contain it only once.
    stage.page.eval("video.currentTime = 62")?;
    let at = "const list = [...[...video.textTracks].find(({mode}) => mode === 'showing').cues];
              const keys = new Set(list.map(({startTime, text}) => startTime + text));";
    stage.page.eval(&format!(
        "await T.until(() => {SHOWN} === 'Line 60', 5); video.currentTime = 162;
         await T.until(() => {SHOWN} === 'Line 160', 5); await T.sleep(0.5); {at}
         if (keys.size !== list.length) throw new Error(`${{list.length}} cues, ${{keys.size}} different`);"
    ))?;
    let loads = stage.page.requests();
    let windows = loads.iter().filter(|url| url.contains("track=")).count();
    ensure!(windows < 60, "{windows} requests for subtitles");
    let whole = loads.iter().filter(|url| url.ends_with("track=4")).count();
    ensure!(whole == 0, "the whole track was loaded {whole} times");
    Ok(())
}

/// Returns the queries of the requests for subtitles inside the film.
fn loaded(stage: &Stage) -> Vec<String> {
    let start = stage.url(&format!("/api/subtitles/{FILM}?track="));
    let requests = stage.page.requests().into_iter();
    requests
        .filter_map(|url| url.strip_prefix(&start).map(str::to_owned))
        .collect()
}

fn no_whole_track(stage: &mut Stage) -> Result<(), String> {
    let held = stage.page.block_requests("/assets/player.js")?;
    let url = stage.url(&format!("/watch/{FILM}?t=2"));
    stage.page.navigate(&url, "none")?;
    // A browser requests a default track directly after it has parsed the page. So wait for such a request.
    stage.page.browser.bidi.listen(Duration::from_secs(2))?;
    let early = loaded(stage);
    stage.page.unblock_requests(&held)?;
    let line = format!("({SHOWN} || '').includes('The first')");
    stage.page.wait(&line, LIMIT)?;
    // The key p goes from `plain.mp4` to the film. The browser does not load a page, because the script replaces the
    // video in the current page.
    stage.goto("/watch/inside/plain.mp4?t=1")?;
    stage.page.press(&["p"])?;
    stage
        .page
        .wait("location.pathname.endsWith('film.mkv')", LIMIT)?;
    stage.page.wait(&line, LIMIT)?;
    let all = loaded(stage);
    ensure!(
        all.iter()
            .all(|query| query.contains("&from=") || query == "chapters"),
        "loaded: {all:?}, before the script: {early:?}"
    );
    Ok(())
}

fn chapters(stage: &mut Stage) -> Result<(), String> {
    stage.goto(&format!("/watch/{FILM}"))?;
    stage
        .page
        .wait("video.readyState > 1 && !video.seeking", LIMIT)?;
    let look = |page: &mut crate::page::Page<'_>, selector: &str, property: &str| {
        page.eval(&format!(
            "return [...document.querySelectorAll('{selector}')].map((it) => it.{property})"
        ))
    };
    let titles = look(&mut stage.page, "#chapters bdi", "textContent")?;
    ensure!(
        titles[1] == "The <b>second</b>" && titles[3] == "End",
        "{titles}"
    );
    let marks = look(&mut stage.page, "#bar .tick", "style.left")?;
    ensure!(marks.as_array().is_some_and(|it| it.len() == 4), "{marks}");
    stage.page.eval("video.pause()")?;
    for (key, wanted) in [
        (".", 3.0),
        (".", 6.0),
        (",", 0.0),
        (".", 3.0),
        (keys::RIGHT, 8.0),
        (",", 3.0),
        (",", 0.0),
        (",", 0.0),
    ] {
        stage.page.press(&[key])?;
        let at = stage
            .page
            .eval("await T.sleep(0.1); return video.currentTime")?;
        ensure!(near(&at, wanted, 0.2), "{key}: {at}, not {wanted}");
    }
    stage.page.click("#chapters li:nth-child(4) a")?;
    let at = stage
        .page
        .eval("await T.sleep(0.2); video.pause(); return video.currentTime")?;
    ensure!(near(&at, 9.5, 0.6), "{at}");
    let url = stage.page.url()?;
    ensure!(!url.contains("t="), "the page was loaded again: {url}");
    Ok(())
}

fn pictures(stage: &mut Stage) -> Result<(), String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let picture = stage.setting.media.root.join("posters/with.jpg");
    let [clip, picture] = [stage.setting.media.root.join("clip.mp4"), picture]
        .map(|path| path.to_string_lossy().into_owned());
    for (name, arguments) in [
        (
            "a.mp4",
            "-map 0 -map 1 -c copy -disposition:v:1 attached_pic",
        ),
        (
            "b.m4a",
            "-map 0:a -map 1 -c copy -disposition:v:0 attached_pic",
        ),
    ] {
        let to = dir.path().join(name).to_string_lossy().into_owned();
        let inputs = ["-i", &clip, "-i", &picture].into_iter();
        stage
            .setting
            .media
            .ffmpeg(inputs.chain(arguments.split(' ')), &to)?;
    }
    fs::copy(&clip, dir.path().join("c.mp4")).map_err(|error| error.to_string())?;
    let server = stage.start_server(dir.path(), &[])?;
    stage.page.goto(&server.url("/"))?;
    let has = |card: u32, tag: &str| {
        format!("document.querySelector('#entries li:nth-child({card}) {tag}')")
    };
    stage.page.wait(
        &format!("{0} && {0}.naturalWidth === 320", has(1, "img")),
        LIMIT,
    )?;
    stage.page.wait(
        &format!("{0} && {0}.naturalWidth === 320", has(2, "img")),
        LIMIT,
    )?;
    // For a file without a cover, the page draws a frame of the video.
    let third = has(3, "");
    stage.page.eval(&format!("{third}.scrollIntoView()"))?;
    stage.page.wait(&has(3, "canvas"), LIMIT)?;
    stage.page.goto(&server.url("/watch/a.mp4"))?;
    let poster = stage.page.eval(
        "const image = new Image(); image.src = video.poster; await image.decode(); return [video.poster, image.naturalWidth]",
    )?;
    ensure!(
        poster[1] == 320
            && poster[0]
                .as_str()
                .is_some_and(|url| url.contains("/api/cover/")),
        "{poster}"
    );
    Ok(())
}

fn without_scripts(stage: &mut Stage) -> Result<(), String> {
    let path = format!("/watch/{FILM}");
    stage.goto(&path)?;
    let links = stage.page.locate("#chapters a")?;
    let href = links
        .get(1)
        .map(|link| &link["value"]["attributes"]["href"]);
    ensure!(href.is_some_and(|href| href == "?t=3"), "{href:?}");
    stage.goto(&format!("{path}?t=3"))?;
    let video = stage.page.look("document.querySelector('video').src")?;
    ensure!(
        video.as_str().is_some_and(|url| url.ends_with("#t=3")),
        "{video}"
    );
    // The browser loads the whole default track.
    stage.page.browser.bidi.listen(Duration::from_secs(1))?;
    let all = loaded(stage);
    ensure!(all.iter().any(|query| query == "3"), "loaded: {all:?}");
    Ok(())
}
