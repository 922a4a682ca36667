//! Checks which frames of the clip the browser has shown. Each frame contains a white bar, whose length shows the time
//! of the frame in the clip.

use serde_json::Value;

use crate::ensure;
use crate::stage::Stage;

/// The duration of a frame. The clip has 24 frames per second.
const FRAME: f64 = 1.0 / 24.0;

/// The precision of the time in a frame, in seconds: the white bar moves by one pixel in 19 ms.
const EXACT: f64 = 0.02;

/// The recorded frames, in order.
#[derive(Debug)]
pub(super) struct Frames {
    /// For each frame, the time that the browser reported, and the time that the white bar shows. The two times may
    /// differ: when the script reads the pixels, the next frame may already be visible, and Firefox reports frames that
    /// it skips. So only the white bar shows what the user sees.
    frames: Vec<(f64, f64)>,
}

/// Returns the recorded frames of this page; see `record_from_the_start`.
pub(super) fn frames(stage: &mut Stage) -> Result<Frames, String> {
    let frames = stage.page.eval("return frames_")?;
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let mut frames: Vec<(f64, f64)> = frames
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| (number(&row[0]), number(&row[1])))
        .collect();
    // The browser may show the first frame of the file before it seeks to the first part. This is no fault.
    let first = frames.iter().take_while(|(_, shown)| *shown == 0.0).count();
    frames.drain(..first);
    Ok(Frames { frames })
}

/// Runs a measurement up to five times, until it succeeds. On a busy machine, a browser may skip frames in some of
/// these measurements. A fault of the page makes all five fail.
pub(super) fn with_retries(mut measure: impl FnMut() -> Result<(), String>) -> Result<(), String> {
    for _ in 0..4 {
        if measure().is_ok() {
            return Ok(());
        }
    }
    measure()
}

/// Returns true if the time is in the part, with a tolerance of one frame at each end.
fn is_in((start, end): (f64, f64), shown: f64) -> bool {
    shown > start - FRAME - EXACT && shown < end + FRAME + EXACT
}

impl Frames {
    /// Checks that only frames of the parts were shown, in any order. For more than half of the frames, the white bar
    /// must show the time that the browser reported.
    pub(super) fn check_inside(&self, parts: &[(f64, f64)]) -> Result<(), String> {
        ensure!(self.frames.len() > 10, "too few frames: {self}");
        for (_, shown) in &self.frames {
            let known = parts.iter().any(|part| is_in(*part, *shown));
            ensure!(known, "a frame of {shown:.2} was shown: {self}");
        }
        let matching = self
            .frames
            .iter()
            .filter(|(time, shown)| (time - shown).abs() < 0.1);
        ensure!(
            10 * matching.count() > 5 * self.frames.len(),
            "the pictures show other times: {self}"
        );
        Ok(())
    }

    /// Checks that the parts were shown completely and in this order. At the end, the video must be at the start of the
    /// first part.
    pub(super) fn check(&self, parts: &[(f64, f64)]) -> Result<(), String> {
        self.check_inside(parts)?;
        let shown: Vec<f64> = self.frames.iter().map(|(_, shown)| *shown).collect();
        let mut rest = shown.as_slice();
        for &(start, end) in parts {
            // If two parts overlap, a frame may be in both. So the next part also starts where the time goes back.
            let mut before = f64::NEG_INFINITY;
            let in_part = rest.iter().take_while(|&&shown| {
                let continues = is_in((start, end), shown) && shown > before - EXACT - 0.001;
                before = shown;
                continues
            });
            let (part, after) = rest.split_at(in_part.count());
            let (Some(first), Some(last)) = (part.first(), part.last()) else {
                return Err(format!(
                    "part {start}-{end}: other frames come first: {self}"
                ));
            };
            ensure!(
                *first < start + 2.5 * FRAME,
                "part {start}-{end} begins at {first:.2}: {self}"
            );
            ensure!(
                *last > end - 3.5 * FRAME,
                "part {start}-{end} ends at {last:.2}: {self}"
            );
            let count = u32::try_from(part.len()).map_or(f64::MAX, f64::from);
            ensure!(
                count > 0.3 * (end - start) / FRAME,
                "part {start}-{end}: only {count} frames: {self}"
            );
            rest = after;
        }
        let start = parts[0].0;
        ensure!(
            rest.iter()
                .all(|shown| (shown - start).abs() < FRAME + EXACT),
            "after the last part: {self}"
        );
        Ok(())
    }
}

impl std::fmt::Display for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (time, shown) in &self.frames {
            write!(f, "{shown:.2}({time:.3}) ")?;
        }
        Ok(())
    }
}
