//! What the program has to reach without a comparison: many connections, readers that take nothing.

/// Many connections: six at the same instant, two thousand kept open.
mod connections;
/// Readers that have stopped reading.
mod readers;

use crate::Result;
use crate::film::Film;
use crate::results::Report;

/// What to call it on the command line, and what to run.
type Measurement = (&'static str, fn(&Film, &mut Report) -> Result<()>);

pub(crate) const MEASUREMENTS: [Measurement; 4] = [
    ("burst", connections::burst),
    ("idle", connections::kept_alive),
    ("readers", readers::paused),
    ("stall", readers::stalled),
];

/// The stall time-out that is the default, waited for.
pub(crate) fn real_stall(film: &Film, report: &mut Report) -> Result<()> {
    readers::stalled_for(film, report, readers::REAL_TIMEOUT)
}
