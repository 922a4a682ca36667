//! Checks subtitle files beside the video.

use std::time::Duration;

use super::Check;
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("subtitles in two languages are shown", two_languages),
    Check::new(
        "the next video has the chosen subtitles, and no others",
        next_video,
    ),
    Check::new(
        "the page names a subtitle file without subtitles",
        file_without_subtitles,
    ),
];

const LIMIT: Duration = Duration::from_secs(10);

fn two_languages(stage: &mut Stage) -> Result<(), String> {
    let shown = "(() => { const track = [...video.textTracks].find((track) => track.mode === 'showing');
                  return track && track.activeCues && [...track.activeCues].map((cue) => cue.text).join('|'); })()";
    stage.goto("/watch/clip.mp4?t=2")?;
    stage
        .page
        .eval("await T.until(() => video.readyState > 1, 10); await T.pause()")?;
    let tracks = stage.page.eval(
        "return [...video.textTracks].map((track) => [track.kind, track.language, track.label])",
    )?;
    ensure!(
        tracks[0][0] == "subtitles" && tracks[0][1] == "en" && tracks[0][2] == "English",
        "{tracks}"
    );
    ensure!(
        tracks[1][0] == "subtitles" && tracks[1][1] == "pt-BR",
        "{tracks}"
    );
    ensure!(
        tracks[1][2]
            .as_str()
            .is_some_and(|label| label.contains("Portug")),
        "{tracks}"
    );
    ensure!(tracks.as_array().map(Vec::len) == Some(2), "{tracks}");

    // The language of the browser is English, so the page shows the English subtitles.
    stage.page.wait(
        &format!("({shown} || '').includes('The first <i>English</i> line')"),
        LIMIT,
    )?;
    stage.page.eval("await T.seek(7)")?;
    stage
        .page
        .wait(&format!("{shown} === 'The second English line'"), LIMIT)?;
    stage.page.eval("await T.seek(5.5)")?;
    stage.page.wait(&format!("{shown} === ''"), LIMIT)?;

    // The page stores the track that the user chooses in the menu of the browser.
    let choose = "for (const track of video.textTracks) track.mode = track.language === 'pt-BR' ? 'showing' : 'disabled';";
    stage.page.eval(&format!("await T.seek(2); {choose}"))?;
    stage.page.wait(
        &format!("{shown} === 'A primeira linha em portugu\u{ea}s'"),
        LIMIT,
    )?;
    stage.page.eval("await T.sleep(0.2)")?;
    stage.page.reload()?;
    stage.page.wait(
        &format!("({shown} || '').includes('portugu\u{ea}s')"),
        LIMIT,
    )?;

    stage.goto("/watch/serial/1%20first.mp4")?;
    let tracks = stage.page.eval("return video.textTracks.length")?;
    ensure!(tracks == 0, "{tracks} tracks");
    Ok(())
}

/// When the next video loads, the browser chooses tracks automatically. The page must not store this automatic choice.
fn next_video(stage: &mut Stage) -> Result<(), String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let clip = stage.setting.media.root.join("clip.mp4");
    for number in 1..=2 {
        let name = |rest: &str| dir.path().join(format!("{number}{rest}"));
        std::fs::copy(&clip, name(".mp4")).map_err(|error| error.to_string())?;
        for infix in ["en", "en.sdh", "de"] {
            let text = format!("1\n00:00:00,000 --> 00:00:12,000\n{infix}\n");
            std::fs::write(name(&format!(".{infix}.srt")), text)
                .map_err(|error| error.to_string())?;
        }
    }
    let server = stage.start_server(dir.path(), &[])?;
    stage.page.goto(&server.url("/watch/1.mp4"))?;
    let only = |label: &str| {
        format!(
            "[...video.textTracks].filter((track) => track.mode === 'showing').map((track) => track.label).join() === '{label}'
             && document.querySelector('#subtitles').value === '{label}'"
        )
    };
    stage.page.wait(&only("English"), LIMIT)?;
    stage.page.eval(
        "const list = document.querySelector('#subtitles');
         list.value = 'German';
         list.dispatchEvent(new Event('change', {bubbles: true}))",
    )?;
    stage.page.wait(&only("German"), LIMIT)?;
    stage.page.press(&["n"])?;
    stage.page.wait(
        "location.pathname === '/watch/2.mp4' && video.readyState > 1",
        LIMIT,
    )?;
    stage.page.eval("await T.sleep(0.5)")?;
    stage.page.wait(&only("German"), LIMIT)?;
    let kept = stage
        .page
        .eval("return JSON.parse(localStorage.getItem('videoserve')).subtitles")?;
    ensure!(kept == "German", "remembered: {kept}");
    Ok(())
}

/// The subtitle file contains a web page.
fn file_without_subtitles(stage: &mut Stage) -> Result<(), String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let clip = stage.setting.media.root.join("clip.mp4");
    std::fs::copy(clip, dir.path().join("film.mp4")).map_err(|error| error.to_string())?;
    let page = "<!DOCTYPE html><title>Not found</title>";
    std::fs::write(dir.path().join("film.en.srt"), page).map_err(|error| error.to_string())?;
    let server = stage.start_server(dir.path(), &[])?;
    stage.expect_error("/api/subtitles/film.en.srt");
    stage.page.goto(&server.url("/watch/film.mp4"))?;
    let sentence = "film.en.srt has no subtitles that can be shown.";
    stage.page.wait(
        &format!("document.querySelector('#notice').textContent.trim() === '{sentence}'"),
        LIMIT,
    )
}
