//! Open, play, seek.

use super::Check;
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[Check::new("plays", plays)];

fn plays(stage: &mut Stage) -> Result<(), String> {
    stage.goto("/api/stream/clip.mp4")?;
    let seen = stage.page.eval(
        "const video = document.querySelector('video'); await video.play(); T.record();
         const from = T.shown(); await T.until(() => video.currentTime > 1, 10); video.pause(); await T.sleep(0.1);
         return {from, shown: T.shown(), time: video.currentTime, apart: T.apart(video.currentTime), frames: frames_.length}",
    )?;
    ensure!(
        seen["apart"].as_f64().is_some_and(|apart| apart < 0.2),
        "{seen}"
    );
    println!("{seen}");
    Ok(())
}
