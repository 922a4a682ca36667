//! The access log: one line per response, whoever gave it. Knows `log`, nothing else.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

/// What a client is told that came when all streams were taken. Streams end when viewers seek, which is often.
pub(crate) const RETRY_AFTER_SECONDS: &str = "5";

/// One response.
pub(crate) struct Line<'a> {
    pub(crate) peer: SocketAddr,
    /// Method and target as they came; made harmless here.
    pub(crate) request: &'a [u8],
    pub(crate) status: u16,
    /// Bytes of content, without the head.
    pub(crate) sent: u64,
    pub(crate) since: Instant,
    /// What else is worth knowing: `client left`.
    pub(crate) note: Option<&'a str>,
}

/// Writes the line at level info, target `videoserve::access`.
pub(crate) fn log(line: &Line<'_>) {
    if !log::log_enabled!(log::Level::Info) {
        return;
    }
    let client = client(line.peer);
    // Control characters could end the line or move the cursor of whoever reads it.
    let request = line.request.escape_ascii();
    let milliseconds = line.since.elapsed().as_millis();
    let (open, note, close) = match line.note {
        Some(note) => (" (", note, ")"),
        None => ("", "", ""),
    };
    log::info!(
        "{client} \"{request}\" {} {} B {milliseconds} ms{open}{note}{close}",
        line.status,
        line.sent
    );
}

/// IPv4 clients of a socket for both families are shown as what they are.
fn client(peer: SocketAddr) -> IpAddr {
    peer.ip().to_canonical()
}
