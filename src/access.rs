//! The access log: one line per response, of a worker or of the gate. Tokens and control characters do not get into it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Instant;

use percent_encoding::{CONTROLS, percent_decode, percent_encode};

/// One response.
pub(crate) struct Line<'a> {
    pub(crate) client: IpAddr,
    /// Method and target as far as they were received. May hold any bytes.
    pub(crate) method: &'a [u8],
    pub(crate) target: &'a [u8],
    pub(crate) status: u16,
    /// Bytes of content, without the head.
    pub(crate) sent: u64,
    pub(crate) since: Instant,
    /// Why the response is not whole, for example `client left`.
    pub(crate) note: Option<&'a str>,
}

/// Writes the line at level info, target `videoserve::access`: as text, and the same in fields (`log::kv`) for loggers that
/// write fields. In the fields, control characters and bytes beyond ASCII are percent-encoded, as they are in a target that
/// reached a worker.
pub(crate) fn log(line: &Line<'_>) {
    if !log::log_enabled!(log::Level::Info) {
        return;
    }
    // IPv4 clients of a socket for both families are shown as what they are.
    let client = line.client.to_canonical().to_string();
    let (method, target) = (mask(line.method), mask(line.target));
    let blank = if target.is_empty() { "" } else { " " };
    // Control characters could end the line or move the cursor of a terminal.
    let (shown_method, shown_target) = (method.escape_ascii(), target.escape_ascii());
    // Without a copy where there is nothing to encode, which is nearly always.
    let method: Cow<'_, str> = percent_encode(&method, CONTROLS).into();
    let target: Cow<'_, str> = percent_encode(&target, CONTROLS).into();
    let milliseconds = line.since.elapsed().as_millis();
    let (open, note, close) = match line.note {
        Some(note) => (" (", note, ")"),
        None => ("", "", ""),
    };
    log::info!(
        client = client.as_str(),
        method = &*method,
        target = &*target,
        status = line.status,
        bytes = line.sent,
        duration_ms = u64::try_from(milliseconds).unwrap_or(u64::MAX),
        note = line.note;
        "{client} \"{shown_method}{blank}{shown_target}\" {} {} B {milliseconds} ms{open}{note}{close}",
        line.status,
        line.sent,
    );
}

/// Returns a target for the log, without tokens: a token opens its file to every reader of the log.
pub(crate) fn masked(target: &str) -> String {
    // Both what is cut out and what is put in is ASCII.
    String::from_utf8_lossy(&mask(target.as_bytes())).into_owned()
}

fn mask(request: &[u8]) -> Cow<'_, [u8]> {
    let Some(query) = request.iter().position(|&byte| byte == b'?') else {
        return Cow::Borrowed(request);
    };
    let mut masked = request[..query].to_vec();
    // More ends than the server reads, so that a token in a malformed query is masked as well.
    let is_end = |byte: &u8| matches!(byte, b'?' | b'&' | b';' | b' ');
    for part in request[query..].split_inclusive(is_end) {
        let (value, end) = match part.split_last() {
            Some((last, before)) if is_end(last) => (before, Some(last)),
            _ => (part, None),
        };
        // As the server reads it: the name may be encoded.
        let equals = value.iter().position(|&byte| byte == b'=');
        match equals {
            Some(equals) if percent_decode(&value[..equals]).eq(b"token".iter().copied()) => {
                masked.extend_from_slice(&value[..=equals]);
                masked.extend_from_slice("***".as_bytes());
            }
            _ => masked.extend_from_slice(value),
        }
        masked.extend(end);
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
            // A URL that was cut out of a page without decoding it.
            (
                "/a?download&amp;token=secret;x",
                "/a?download&amp;token=***;x",
            ),
            (
                "/a?Token=x&tokens=y&token&=&&",
                "/a?Token=x&tokens=y&token&=&&",
            ),
            ("/a?", "/a?"),
            ("http://h/?q=token=x", "http://h/?q=token=x"),
        ] {
            assert_eq!(masked(target), shown);
            assert_eq!(mask(target.as_bytes()), shown.as_bytes());
        }
    }
}
