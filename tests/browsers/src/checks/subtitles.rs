//! Subtitles beside the video.

use std::time::Duration;

use super::Check;
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[Check::new(
    "shows subtitles, in two languages",
    two_languages,
)];

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

    // The browser speaks English, so that is what it shows.
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

    // Another one is chosen in the browser's own menu, and remembered.
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

    // A video without subtitles in its place has none.
    stage.goto("/watch/serial/1%20first.mp4")?;
    let tracks = stage.page.eval("return video.textTracks.length")?;
    ensure!(tracks == 0, "{tracks} tracks");
    Ok(())
}
