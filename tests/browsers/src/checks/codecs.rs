//! Checks files that a browser cannot play: the page must explain the reason and a solution.

use std::time::Duration;

use super::Check;
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("WebM plays", webm),
    Check::new("the page tells which codec the browser lacks", lacks_codec),
    Check::new("the page tells that a file is not a video", no_video),
    Check::new("the page tells that the audio cannot be played", no_sound),
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
    // Only some browsers play HEVC. The video must play, or the page must show a message.
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

/// The file is empty, but has the name of a video.
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
    let message = stage.page.eval("return document.querySelector('#trouble').textContent + document.querySelector('#notice').textContent")?;
    ensure!(
        message.as_str().is_some_and(|text| text.contains("AC-3")),
        "{message}"
    );
    Ok(())
}
