//! Checks posters, and pictures that the script of the page draws.

use std::time::Duration;

use super::Check;
use crate::ensure;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("the page shows posters, and draws other pictures", drawn),
    Check::new(
        "pictures are drawn one at a time, and a click comes first",
        one_at_a_time,
    ),
];

const LIMIT: Duration = Duration::from_secs(20);

fn drawn(stage: &mut Stage) -> Result<(), String> {
    stage.page.viewport(1280, 800)?;
    stage.goto("/browse/posters/")?;
    let in_view = "[...document.querySelectorAll('#entries a')].filter((a) => !a.querySelector('img') && a.getBoundingClientRect().bottom < innerHeight)";
    stage.page.wait(
        &format!("{in_view}.length > 2 && {in_view}.every((a) => a.querySelector('canvas'))"),
        LIMIT,
    )?;
    let seen = stage.page.eval(&format!(
        "const poster = document.querySelector('#entries img');
         const canvases = {in_view}.map((a) => a.querySelector('canvas'));
         const colours = (canvas) => {{
             const {{data}} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
             const seen = new Set();
             for (let at = 0; at < data.length; at += 400) seen.add([data[at] >> 5, data[at + 1] >> 5, data[at + 2] >> 5].join());
             return seen.size; }};
         return {{poster: poster.naturalWidth, posters: document.querySelectorAll('#entries img').length, alt: poster.alt,
                  canvases: canvases.map((canvas) => [canvas.width, canvas.height, colours(canvas)]),
                  left: document.querySelectorAll('video').length}}"
    ))?;
    ensure!(
        seen["poster"] == 320 && seen["posters"] == 1 && seen["alt"] == "",
        "{seen}"
    );
    for canvas in seen["canvases"].as_array().into_iter().flatten() {
        ensure!(canvas[2].as_u64() > Some(8), "the picture is blank: {seen}");
        let (width, height) = (
            canvas[0].as_f64().unwrap_or(0.0),
            canvas[1].as_f64().unwrap_or(1.0),
        );
        ensure!(
            (width / height - 16.0 / 9.0).abs() < 0.05,
            "the picture has a wrong aspect ratio: {seen}"
        );
    }
    // For a video with a poster, the page does not request the video.
    let requests = stage.page.requests();
    ensure!(
        !requests.iter().any(|url| url.contains("with.mp4")),
        "{requests:?}"
    );
    Ok(())
}

/// Counts the `video` elements that have a source. `most_` is the maximum number at the same time.
const COUNT: &str = "() => {
    let open = new Set();
    window.most_ = 0;
    const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'src');
    const count = (video, on) => { open[on ? 'add' : 'delete'](video); window.most_ = Math.max(window.most_, open.size); };
    Object.defineProperty(HTMLMediaElement.prototype, 'src', {...source, set(url) { count(this, true); source.set.call(this, url); }});
    const remove = Element.prototype.removeAttribute;
    Element.prototype.removeAttribute = function (name) { if (name === 'src' && this.load) count(this, false); remove.call(this, name); };
}";

fn one_at_a_time(stage: &mut Stage) -> Result<(), String> {
    stage.page.viewport(1280, 800)?;
    stage.page.preload(COUNT)?;
    stage.goto("/browse/posters/")?;
    stage.page.wait(
        "document.querySelectorAll('#entries canvas').length > 2",
        LIMIT,
    )?;
    let most = stage.page.eval("return most_")?;
    ensure!(most == 1, "{most} videos were open at the same time");
    // A selected video starts soon, even while the library page draws pictures.
    stage.goto("/browse/posters/")?;
    stage
        .page
        .eval("window.chosen_ = performance.timeOrigin + performance.now()")?;
    stage.page.click("#entries li:nth-child(3) a")?;
    stage.page.wait(
        "location.pathname.startsWith('/watch/') && !video.paused && video.currentTime > 0",
        LIMIT,
    )?;
    let waited = stage.page.eval("return performance.now()")?;
    ensure!(
        waited.as_f64() < Some(4000.0),
        "the chosen video starts after {waited} ms"
    );
    Ok(())
}
