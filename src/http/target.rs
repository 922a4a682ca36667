//! Parses the request target (RFC 9112 §3.2) into decoded path segments.
//!
//! Dot segments (`.` and `..`) and empty segments remain in the result. `media::MediaName` and `media::FolderName`
//! refuse them.

use percent_encoding::percent_decode_str;

/// A request target in origin-form, absolute-form or asterisk-form.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// Host and port of an absolute-form target. They replace the Host field (RFC 9112 §3.2.2).
    pub authority: Option<String>,
    /// The decoded segments of the path: `/a%20b/` has one segment, `/` and `*` have none.
    pub segments: Vec<Vec<u8>>,
    /// True if the path ends with `/`.
    pub ends_with_slash: bool,
    /// The unparsed query, without its `?`.
    pub query: Option<String>,
}

impl Target {
    /// Parses a target.
    ///
    /// The path is split at `/`, and then each segment is percent-decoded once (RFC 3986 §2.4). Therefore an encoded
    /// `/` never becomes a separator, and `%252e` never becomes a dot.
    ///
    /// Returns `None` if the target is not in one of the three forms of [`Target`], or if it contains a fragment, a
    /// space or a control character. Also returns `None` if the percent-encoding of the path is broken, or if a decoded
    /// segment contains a NUL or a `/`.
    pub fn parse(text: &str) -> Option<Target> {
        if text.contains(|c: char| matches!(c, '#' | ' ') || c.is_ascii_control()) {
            return None;
        }
        if text == "*" {
            // RFC 9112 §3.2.4: `*` means the whole server. The router allows it for OPTIONS only.
            return Some(Target::default());
        }
        let (authority, path_and_query) = split_authority(text)?;
        let (path, query) = path_and_query.split_once('?').unzip();
        let path = path.unwrap_or(path_and_query);
        // RFC 9110 §4.2.3: an empty path in absolute-form means `/`.
        let path = path.strip_prefix('/').unwrap_or(path);
        let segments = path.split('/').map(decode_segment);
        let mut segments: Vec<Vec<u8>> = segments.collect::<Option<_>>()?;
        // After a final slash, the last segment is empty.
        let ends_with_slash = segments.last().is_none_or(Vec::is_empty);
        if ends_with_slash {
            segments.pop();
        }
        Some(Target {
            authority: authority.map(str::to_owned),
            segments,
            ends_with_slash,
            query: query.map(str::to_owned),
        })
    }

    /// Returns the value of the first query parameter with this name, decoded as `application/x-www-form-urlencoded`.
    ///
    /// A name without `=` has an empty value. A broken percent-encoding remains unchanged, as in browsers. It is no
    /// error, because other programs may add parameters that this server does not know.
    pub fn query_value(&self, name: &str) -> Option<Vec<u8>> {
        let pairs = self.query.as_deref()?.split('&');
        let mut pairs = pairs.filter(|pair| !pair.is_empty());
        pairs.find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode_form(key) == name.as_bytes()).then(|| decode_form(value))
        })
    }
}

/// Splits a target into its authority, and its path with the query. A target in origin-form has no authority. Returns
/// `None` for a malformed target.
fn split_authority(text: &str) -> Option<(Option<&str>, &str)> {
    const SCHEME: &str = "http://";
    if text.starts_with('/') {
        return Some((None, text));
    }
    // RFC 9110 §4.2.3: the case of the scheme is ignored. `https` is refused, because the connection is not secured
    // (§7.4).
    let (scheme, rest) = text.split_at_checked(SCHEME.len())?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let (authority, path_and_query) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    // RFC 9110 §4.2.1: an empty host is invalid. §4.2.4: user information is also refused, because it is mostly used
    // for phishing.
    let is_valid = !authority.is_empty() && !authority.starts_with(':') && !authority.contains('@');
    is_valid.then_some((Some(authority), path_and_query))
}

/// Decodes a segment. Returns `None` if an escape is broken, or if the result contains a NUL or a `/`.
fn decode_segment(segment: &str) -> Option<Vec<u8>> {
    // `percent_encoding` keeps a broken escape such as `%zz`. A proxy in front of this server may decode it to another
    // path and check that path. So a broken escape is refused.
    let is_escape = |after: &str| {
        let digits = after.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !segment.split('%').skip(1).all(is_escape) {
        return None;
    }
    let decoded: Vec<u8> = percent_decode_str(segment).collect();
    (!decoded.contains(&b'/') && !decoded.contains(&0)).then_some(decoded)
}

fn decode_form(text: &str) -> Vec<u8> {
    percent_decode_str(&text.replace('+', " ")).collect()
}

// `tests/it/parsers.rs` tests encoded segments and query values. `tests/it/stream.rs` tests queries in requests.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_is_split_and_decoded_once() {
        for (text, expected) in [
            ("//a", "|a"),
            ("/a//b//", "a||b|/"),
            ("/a%20b+c", "a b+c"),
            ("/ä", "\\xc3\\xa4"),
            ("/%2e%2E/..", "..|.."),
            ("/%252e%252fx", "%2e%2fx"),
            ("/a;b=c,d:e@f|g\\h", "a;b=c,d:e@f|g\\\\h"),
            ("/%0a%01", "\\n\\x01"),
            ("http://h?x/y", "/"),
            ("/http://h/", "http:||h/"),
        ] {
            let target = Target::parse(text).expect(text);
            let segments = target.segments.iter();
            let segments: Vec<_> = segments.map(|it| it.escape_ascii().to_string()).collect();
            let slash = if target.ends_with_slash { "/" } else { "" };
            assert_eq!(segments.join("|") + slash, expected, "{text:?}");
        }
    }

    #[test]
    fn broken_target_is_refused() {
        for row in [
            ",a,?a,**,*/,/a#b,#,/#,/a b,/a\0,/a\r\n,/\u{7f}",
            "/%,/%4,/%4/1,/%zz,/a%%20,/%+1,/%ä,/%2F,/a%2fb,/%00,/a%00b",
            "https://h/a,ftp://h/a,http:/h,http://,http:///a,http://:80/,h:80,äääää",
            "http://u@h/a,http://u:p@h/,http://@h/",
        ] {
            for text in row.split(',') {
                assert!(Target::parse(text).is_none(), "{text:?}");
            }
        }
    }

    #[test]
    fn broken_escape_in_query_remains_unchanged() {
        let target = Target::parse("/a?t=50%&u=%zz&b?c=/d").expect("a target");
        for (name, value) in [("t", "50%"), ("u", "%zz"), ("b?c", "/d")] {
            assert_eq!(target.query_value(name).as_deref(), Some(value.as_bytes()));
        }
    }
}
