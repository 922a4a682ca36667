//! What a browser cannot play: why, in plain words, and what helps.

use std::time::Duration;

use super::Check;
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("plays WebM", webm),
    Check::new("says which codec it lacks", lacks_codec),
    Check::new("says that a file is no video", no_video),
    Check::new("says that there is no sound", no_sound),
];

const LIMIT: Duration = Duration::from_secs(10);

fn webm(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/codecs/vp8.webm")?;
    stage.page.wait(
        "!video.paused && video.currentTime > 0.5 && T.apart(video.currentTime) < 0.3",
        LIMIT,
    )?;
    ensure!(
        stage.page.eval("return T.visible('#trouble')")? == false,
        "#trouble is shown"
    );
    Ok(())
}

fn lacks_codec(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/codecs/mpeg2.mkv")?;
    stage.page.wait("T.visible('#trouble')", LIMIT)?;
    let seen = stage.page.eval(
        "const trouble = document.querySelector('#trouble');
         return {text: trouble.textContent, details: document.querySelector('#details').textContent,
                 links: [...trouble.querySelectorAll('a')].map((a) => a.getAttribute('href'))}",
    )?;
    let text = seen["text"].as_str().unwrap_or_default();
    ensure!(text.contains("MPEG-2") && text.contains("VLC"), "{seen}");
    ensure!(
        seen["details"]
            .as_str()
            .is_some_and(|text| text.contains("MPEG-2")),
        "{seen}"
    );
    let links = seen["links"].to_string();
    ensure!(
        links.contains("/playlist/codecs/mpeg2.mkv") && links.contains("mpeg2.mkv?download"),
        "{links}"
    );
    // HEVC is played by some and not by others; it is one or the other, and never silence.
    stage.goto("/watch/codecs/hevc.mp4")?;
    stage.page.wait(
        "T.visible('#trouble') || video.videoWidth && video.currentTime > 0.5",
        LIMIT,
    )?;
    let seen = stage.page.eval("return [T.visible('#trouble'), document.querySelector('#trouble').textContent, video.videoWidth]")?;
    if seen[0] == true {
        ensure!(
            seen[1]
                .as_str()
                .is_some_and(|text| text.contains("HEVC") || text.contains("H.265")),
            "{seen}"
        );
    } else {
        ensure!(seen[2].as_u64() > Some(0), "{seen}");
    }
    Ok(())
}

/// An empty file with the name of a video.
fn no_video(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/many/Holiday%20on%20the%20island%2C%20part%207.mp4")?;
    stage.page.wait(
        "T.visible('#trouble') && document.querySelector('#reason').textContent.length > 10",
        LIMIT,
    )
}

fn no_sound(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/watch/codecs/ac3.mkv")?;
    stage.page.wait(
        "T.visible('#trouble') || /AC-3|sound/.test(document.querySelector('#notice').textContent)",
        LIMIT,
    )?;
    let said = stage.page.eval("return document.querySelector('#trouble').textContent + document.querySelector('#notice').textContent")?;
    ensure!(
        said.as_str().is_some_and(|text| text.contains("AC-3")),
        "{said}"
    );
    Ok(())
}
