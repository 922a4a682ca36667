//! The request target (RFC 9112 §3.2). Parses a text into decoded path segments.
//!
//! Dot segments and empty segments remain unchanged. The type of a safe name refuses them.

use percent_encoding::percent_decode_str;

/// A request target in origin-form, absolute-form or asterisk-form.
#[derive(Clone, Debug, Default)]
pub struct Target {
    authority: Option<String>,
    segments: Vec<Vec<u8>>,
    ends_with_slash: bool,
    is_asterisk: bool,
    query: Option<String>,
}

impl Target {
    /// Parses a target.
    ///
    /// The path is split on `/` first. Then each segment is percent-decoded exactly once (RFC 3986 §2.4). Therefore an
    /// encoded `/` never becomes a separator, and `%252e` never becomes a dot.
    ///
    /// Returns `None` if the text has none of the three forms, or contains a fragment, a space or a control character.
    /// Also returns `None` if the percent-encoding of the path is broken, or if a decoded segment contains a NUL or a
    /// `/`.
    pub fn parse(text: &str) -> Option<Target> {
        if text.contains(|c: char| matches!(c, '#' | ' ') || c.is_ascii_control()) {
            return None;
        }
        if text == "*" {
            // RFC 9112 §3.2.4: `*` means the whole server. Only OPTIONS may use it; the router checks that.
            return Some(Target {
                is_asterisk: true,
                ..Target::default()
            });
        }
        let (authority, path_and_query) = split_authority(text)?;
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        // RFC 9110 §4.2.3: an empty path means `/`. Only absolute-form can have an empty path.
        let path = path.strip_prefix('/').unwrap_or(path);
        let segments = path.split('/').map(decode_segment);
        let mut segments: Vec<Vec<u8>> = segments.collect::<Option<_>>()?;
        // If the path ends with a slash, the last segment is empty.
        let ends_with_slash = segments.last().is_none_or(Vec::is_empty);
        if ends_with_slash {
            segments.pop();
        }
        Some(Target {
            authority: authority.map(str::to_owned),
            segments,
            ends_with_slash,
            is_asterisk: false,
            query: query.map(str::to_owned),
        })
    }

    /// Returns host and port of an absolute-form target. They override the Host field (RFC 9112 §3.2.2).
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// Returns the decoded segments of the path: `/a%20b/` has one segment, `/` has none.
    pub fn segments(&self) -> &[Vec<u8>] {
        &self.segments
    }

    /// Returns whether the path ends with `/`. `true` for `/`, `false` for `*`.
    pub fn ends_with_slash(&self) -> bool {
        self.ends_with_slash
    }

    /// Returns whether this is `*` (RFC 9112 §3.2.4), which has no path.
    pub fn is_asterisk(&self) -> bool {
        self.is_asterisk
    }

    /// Removes `prefix` from the path, if the path begins with it.
    #[must_use]
    pub fn without_prefix(mut self, prefix: &[Vec<u8>]) -> Target {
        if self.segments.starts_with(prefix) {
            self.segments.drain(..prefix.len());
        }
        self
    }

    /// Returns the unparsed query, without its `?`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Returns the value of the first query parameter with this name, decoded as `application/x-www-form-urlencoded`.
    ///
    /// A name without `=` has an empty value. A broken escape remains unchanged, as in browsers. Other programs may add
    /// parameters to a query, and the server must not refuse a video because of them.
    pub fn query_value(&self, name: &str) -> Option<Vec<u8>> {
        self.query()?
            .split('&')
            .filter(|pair| !pair.is_empty())
            .find_map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decode_form(key) == name.as_bytes()).then(|| decode_form(value))
            })
    }

    /// Returns whether the query has a parameter with this name, with or without a value.
    pub fn has_query_key(&self, name: &str) -> bool {
        self.query_value(name).is_some()
    }
}

/// Splits a target into its authority and the rest. A target in origin-form has no authority.
fn split_authority(text: &str) -> Option<(Option<&str>, &str)> {
    const SCHEME: &str = "http://";
    if text.starts_with('/') {
        return Some((None, text));
    }
    // RFC 9110 §4.2.3: the scheme is case-insensitive. `https` is refused, because the connection is not secured
    // (§7.4).
    let (scheme, rest) = text.split_at_checked(SCHEME.len())?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let (authority, path_and_query) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    // RFC 9110 §4.2.1: an empty host is invalid. §4.2.4: user information is invalid too, because it is mostly used for
    // phishing.
    let is_valid = !authority.is_empty() && !authority.starts_with(':') && !authority.contains('@');
    is_valid.then_some((Some(authority), path_and_query))
}

/// Decodes a segment. Returns `None` for a broken escape, and for a segment that contains a NUL or a `/`.
fn decode_segment(segment: &str) -> Option<Vec<u8>> {
    // `percent_encoding` does not change a broken escape. Without this check, two programs could decode the same target
    // differently.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks a target by its segments between bars, with `/` at the end if the path has it; `error` if it is refused.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = Target::parse(text).map(|target| {
            let segments = target.segments().iter();
            let segments: Vec<_> = segments.map(|it| it.escape_ascii().to_string()).collect();
            let slash = if target.ends_with_slash() { "/" } else { "" };
            segments.join("|") + slash
        });
        assert_eq!(shown.as_deref().unwrap_or("error"), expected, "{text:?}");
    }

    #[test]
    fn path_is_split_and_decoded_once() {
        check("/", "/");
        check("/a", "a");
        check("/a/", "a/");
        check("//", "/");
        check("//a", "|a");
        check("/a//b//", "a||b|/");
        check("/a%20b+c", "a b+c");
        check("/%E4%f6", "\\xe4\\xf6");
        check("/ä", "\\xc3\\xa4");
        check("/%2e%2E/..", "..|..");
        check("/%252e%252fx", "%2e%2fx");
        check("/a;b=c,d:e@f|g\\h", "a;b=c,d:e@f|g\\\\h");
        check("/%0a%01", "\\n\\x01");
        check("*", "");
        check("http://h:80/a/b%20", "a|b ");
        check("http://h", "/");
        check("http://h?x/y", "/");
        check("/http://h/", "http:||h/");
    }

    #[test]
    fn broken_target_is_refused() {
        for row in [
            ",a,?a,**,*/,/a#b,#,/#,/a b,/a\0,/a\r\n,/\u{7f}",
            "/%,/%4,/%4/1,/%zz,/a%%20,/%+1,/%ä,/%2F,/a%2fb,/%00,/a%00b",
            "https://h/a,ftp://h/a,http:/h,http://,http:///a,http://:80/,h:80,äääää",
            "http://u@h/a,http://u:p@h/,http://@h/",
        ] {
            row.split(',').for_each(|text| check(text, "error"));
        }
    }

    #[test]
    fn query_value_is_form_decoded() {
        for (target, name, expected) in [
            ("/a", "download", None),
            ("/a?", "download", None),
            ("/a?", "", None),
            ("/a?download", "download", Some("")),
            ("/a?download=", "download", Some("")),
            ("/a?download=a+b%2Bc", "download", Some("a b+c")),
            ("/a?x=1&&download=2&download=3", "download", Some("2")),
            ("/a?Download", "download", None),
            ("/a?down%6Coad=x=y", "download", Some("x=y")),
            ("/a?t=50%&u=%zz", "t", Some("50%")),
            ("/a?b?c=/d", "b?c", Some("/d")),
        ] {
            let value = Target::parse(target).expect("a target").query_value(name);
            assert_eq!(
                value.as_deref(),
                expected.map(str::as_bytes),
                "{target} {name}"
            );
        }
        assert!(Target::parse("*").is_some_and(|target| target.is_asterisk()));
        assert!(Target::parse("/*").is_some_and(|target| !target.is_asterisk()));
        let target = Target::parse("/a?b%20?").expect("a target");
        assert_eq!(target.query(), Some("b%20?"));
    }
}
