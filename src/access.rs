//! The access log: one line per response. The lines contain no tokens and no control characters.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Instant;

use percent_encoding::{CONTROLS, percent_decode, percent_encode};

/// The values of one line.
pub(crate) struct Line<'a> {
    pub(crate) client: IpAddr,
    /// The method and the target can contain any bytes. They can be incomplete, because the server also logs requests
    /// that it refuses before it has received the whole head.
    pub(crate) method: &'a [u8],
    pub(crate) target: &'a [u8],
    pub(crate) status: u16,
    /// The number of bytes of content that were sent. The head of the response does not count.
    pub(crate) sent: u64,
    pub(crate) started: Instant,
    /// Why the response is incomplete, for example `client left`.
    pub(crate) note: Option<&'a str>,
}

/// Logs the response at level info. The log record contains the values in its text and again in its fields (`log::kv`).
/// In the fields, control characters and bytes beyond ASCII are percent-encoded.
pub(crate) fn log(line: &Line<'_>) {
    if !log::log_enabled!(log::Level::Info) {
        return;
    }
    // An IPv6 socket shows IPv4 clients as `::ffff:192.0.2.1`. The log shows `192.0.2.1`.
    let client = line.client.to_canonical().to_string();
    let (method, target) = (mask(line.method), mask(line.target));
    let blank = if target.is_empty() { "" } else { " " };
    // The text shows control characters as escapes. Otherwise they end the line or move the cursor of a terminal.
    let (shown_method, shown_target) = (method.escape_ascii(), target.escape_ascii());
    let method: Cow<'_, str> = percent_encode(&method, CONTROLS).into();
    let target: Cow<'_, str> = percent_encode(&target, CONTROLS).into();
    let milliseconds = line.started.elapsed().as_millis();
    let note = line.note.map(|note| format!(" ({note})"));
    let shown_note = note.unwrap_or_default();
    log::info!(
        client = client.as_str(),
        method = &*method,
        target = &*target,
        status = line.status,
        bytes = line.sent,
        duration_ms = u64::try_from(milliseconds).unwrap_or(u64::MAX),
        note = line.note;
        "{client} \"{shown_method}{blank}{shown_target}\" {} {} B {milliseconds} ms{shown_note}",
        line.status,
        line.sent,
    );
}

/// Replaces the tokens in a target by `***`. With a token, every reader of the log could open the file.
pub(crate) fn masked(target: &str) -> String {
    // `mask` cuts the text only beside ASCII characters, so its result is still UTF-8.
    String::from_utf8_lossy(&mask(target.as_bytes())).into_owned()
}

fn mask(request: &[u8]) -> Cow<'_, [u8]> {
    let Some(query) = request.iter().position(|&byte| byte == b'?') else {
        return Cow::Borrowed(request);
    };
    let mut masked = request[..query].to_vec();
    // The server separates parameters only by `&`. `mask` knows more separators, so that it also masks a token in a
    // malformed query.
    let is_end = |byte: &u8| matches!(byte, b'?' | b'&' | b';' | b' ');
    for part in request[query..].split_inclusive(is_end) {
        // The server decodes the name too: `%74oken` means `token`.
        match part.iter().position(|&byte| byte == b'=') {
            Some(equals) if percent_decode(&part[..equals]).eq(*b"token") => {
                masked.extend_from_slice(&part[..=equals]);
                masked.extend_from_slice(b"***");
                masked.extend(part.last().filter(|byte| is_end(byte)));
            }
            _ => masked.extend_from_slice(part),
        }
    }
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_masked() {
        for (target, shown) in [
            ("/a", "/a"),
            ("/token=x", "/token=x"),
            ("/a?token=secret", "/a?token=***"),
            ("/a?token=secret HTTP/1.1", "/a?token=*** HTTP/1.1"),
            ("/a?download&token=secret&t=1", "/a?download&token=***&t=1"),
            ("/a?token=s&token=t=u", "/a?token=***&token=***"),
            ("/a?%74ok%65n=secret", "/a?%74ok%65n=***"),
            ("/a?x=y?token=secret", "/a?x=y?token=***"),
            // A URL that was copied from the source of an HTML page contains `&amp;` instead of `&`.
            ("/a?b&amp;token=secret;x", "/a?b&amp;token=***;x"),
            ("/a?Token=x&tokens=y&=&&", "/a?Token=x&tokens=y&=&&"),
            ("/a?", "/a?"),
            ("http://h/?q=token=x", "http://h/?q=token=x"),
        ] {
            assert_eq!(masked(target), shown);
        }
    }
}
