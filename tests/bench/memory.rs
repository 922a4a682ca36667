use std::fs;

use crate::Result;
use crate::film::Film;
use crate::report::{Report, mebibytes};
use crate::server::{self, Server};

/// Resident memory of a fresh server that has answered one request.
const IDLE_GOAL: u64 = 4 << 20;

pub(crate) fn idle(film: &Film, report: &mut Report) -> Result<()> {
    let server = Server::start_warm(film, &[])?;
    let usage = server.usage()?;
    report.goal(
        usage.resident < IDLE_GOAL,
        "idle memory, resident (VmRSS)",
        mebibytes(usage.resident),
        format_args!("below {}", mebibytes(IDLE_GOAL)),
    );
    report.figure(
        "of it heap and stacks (RssAnon)",
        mebibytes(usage.anonymous),
    );
    report.figure(
        "proportional share (Pss)",
        mebibytes(server.proportional_memory()?),
    );
    report.figure("threads", usage.threads);
    report.figure(
        "program file",
        mebibytes(fs::metadata(server::program())?.len()),
    );
    server.stop()
}
