//! The request target (RFC 9112 §3.2): text in, decoded path segments out.
//!
//! Knows the forms of a target and percent-encoding. Must not know which paths exist or which names are safe: dot
//! segments and empty segments stay what they are, and the type of a safe name refuses them.

use std::error::Error;
use std::fmt;

use percent_encoding::percent_decode_str;

/// A request target in origin-form, absolute-form or asterisk-form.
#[derive(Clone, Debug)]
pub struct Target {
    authority: Option<String>,
    segments: Vec<Vec<u8>>,
    ends_with_slash: bool,
    is_asterisk: bool,
    query: Option<String>,
}

impl Target {
    /// Reads a target.
    ///
    /// The path is split on `/` first and each segment is percent-decoded exactly once after that (RFC 3986 §2.4), so
    /// an encoded `/` never becomes a separator and `%252e` never becomes a dot.
    ///
    /// # Errors
    ///
    /// If the text has none of the three forms, a fragment, a blank or a control character; if percent-encoding in the
    /// path is broken; if a segment decodes to something with a NUL or a `/` in it.
    pub fn parse(text: &str) -> Result<Target, ParseTargetError> {
        if text.contains('#') {
            return Err(ParseTargetError(Problem::Fragment));
        }
        if text.contains(|c: char| c == ' ' || c.is_ascii_control()) {
            return Err(ParseTargetError(Problem::Character));
        }
        if text == "*" {
            // RFC 9112 §3.2.4: the server as a whole. Only OPTIONS may ask that; the router says so.
            return Ok(Target {
                authority: None,
                segments: Vec::new(),
                ends_with_slash: false,
                is_asterisk: true,
                query: None,
            });
        }
        let (authority, path_and_query) = split_authority(text)?;
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        let mut segments = decode_path(path)?;
        let ends_with_slash = segments.last().is_none_or(Vec::is_empty);
        if ends_with_slash {
            segments.pop();
        }
        Ok(Target {
            authority: authority.map(str::to_owned),
            segments,
            ends_with_slash,
            is_asterisk: false,
            query: query.map(str::to_owned),
        })
    }

    /// Host and port of an absolute-form target. They override the Host field (RFC 9112 §3.2.2).
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// The path, split and decoded: `/a%20b/` is one segment, `/` is none.
    pub fn segments(&self) -> &[Vec<u8>] {
        &self.segments
    }

    /// Whether the path ends in `/`: true for `/` itself, false for `*`.
    pub fn ends_with_slash(&self) -> bool {
        self.ends_with_slash
    }

    /// Whether this is `*` (RFC 9112 §3.2.4), which has no path.
    pub fn is_asterisk(&self) -> bool {
        self.is_asterisk
    }

    /// The same target without these first segments of its path, or unchanged if it has others.
    #[must_use]
    pub fn without_prefix(mut self, prefix: &[Vec<u8>]) -> Target {
        if self.segments.starts_with(prefix) {
            self.segments.drain(..prefix.len());
        }
        self
    }

    /// The query as it came, without its `?`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Value of the first query parameter of that name, decoded as `application/x-www-form-urlencoded`.
    ///
    /// A name without `=` has the empty value. A broken escape stays as it is, as in browsers: queries also carry what
    /// other programs put there, and that is no reason to refuse a video.
    pub fn query_value(&self, name: &str) -> Option<Vec<u8>> {
        self.query()?
            .split('&')
            .filter(|pair| !pair.is_empty())
            .find_map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decode_form(key) == name.as_bytes()).then(|| decode_form(value))
            })
    }

    /// Whether the query has a parameter of that name, with or without a value.
    pub fn has_query_key(&self, name: &str) -> bool {
        self.query_value(name).is_some()
    }
}

/// Cuts scheme and authority off an absolute-form target.
fn split_authority(text: &str) -> Result<(Option<&str>, &str), ParseTargetError> {
    const SCHEME: &str = "http://";
    if text.starts_with('/') {
        return Ok((None, text));
    }
    // RFC 9110 §4.2.3: the scheme is case-insensitive. `https` has no place on a connection that is not secured (§7.4).
    let rest = match text.split_at_checked(SCHEME.len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => rest,
        _ => return Err(ParseTargetError(Problem::Form)),
    };
    let (authority, path_and_query) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    // RFC 9110 §4.2.1: an empty host is invalid. §4.2.4: so is user information, it is only good for phishing.
    if authority.is_empty() || authority.starts_with(':') || authority.contains('@') {
        return Err(ParseTargetError(Problem::Authority));
    }
    Ok((Some(authority), path_and_query))
}

/// The segments between the slashes; the last one is empty if the path ends in `/`.
///
/// An empty path, which only absolute-form can have, means `/` (RFC 9110 §4.2.3).
fn decode_path(path: &str) -> Result<Vec<Vec<u8>>, ParseTargetError> {
    path.strip_prefix('/')
        .unwrap_or(path)
        .split('/')
        .map(decode_segment)
        .collect()
}

fn decode_segment(segment: &str) -> Result<Vec<u8>, ParseTargetError> {
    // `percent_encoding` leaves a broken escape as it is. One spelling of a name must not have two readings.
    let is_escape = |after: &str| {
        let digits = after.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !segment.split('%').skip(1).all(is_escape) {
        return Err(ParseTargetError(Problem::Escape));
    }
    let decoded: Vec<u8> = percent_decode_str(segment).collect();
    match decoded.iter().any(|byte| matches!(byte, b'/' | 0)) {
        true => Err(ParseTargetError(Problem::Decoded)),
        false => Ok(decoded),
    }
}

fn decode_form(text: &str) -> Vec<u8> {
    percent_decode_str(&text.replace('+', " ")).collect()
}

/// Why a text is no request target we answer.
#[derive(Debug)]
pub struct ParseTargetError(Problem);

#[derive(Debug)]
enum Problem {
    Form,
    Fragment,
    Character,
    Authority,
    Escape,
    Decoded,
}

impl fmt::Display for ParseTargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot parse request target: ")?;
        f.write_str(match self.0 {
            Problem::Form => "neither a path nor an http URL nor an asterisk",
            Problem::Fragment => "it has a fragment",
            Problem::Character => "it has a blank or a control character",
            Problem::Authority => "no host, or user information before it",
            Problem::Escape => "a percent sign without two hexadecimal digits",
            Problem::Decoded => "a segment hides a slash or a NUL",
        })
    }
}

impl Error for ParseTargetError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows a target as its segments between bars, `/` at the end if the path has it, `error` if it is refused.
    fn show(text: &str) -> String {
        let Ok(target) = Target::parse(text) else {
            return "error".to_owned();
        };
        let segments: Vec<String> = target
            .segments()
            .iter()
            .map(|segment| segment.escape_ascii().to_string())
            .collect();
        format!(
            "{}{}",
            segments.join("|"),
            if target.ends_with_slash() { "/" } else { "" }
        )
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(show(text), expected, "{text:?}");
    }

    #[test]
    fn paths_are_split_and_decoded_once() {
        check("/", "/");
        check("/a", "a");
        check("/a/", "a/");
        check("/a/b", "a|b");
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
    }

    #[test]
    fn broken_targets_are_refused() {
        for text in [
            "", "a", "?a", "**", "*/", "/a#b", "#", "/#", "/a b", "/a\0", "/a\r\n", "/\u{7f}",
        ] {
            check(text, "error");
        }
        for text in [
            "/%", "/%4", "/%4/1", "/%zz", "/a%%20", "/%+1", "/%ä", "/%2F", "/a%2fb", "/%00",
            "/a%00b",
        ] {
            check(text, "error");
        }
        for text in [
            "https://h/a",
            "ftp://h/a",
            "http:/h",
            "http://",
            "http:///a",
            "http://:80/",
            "h:80",
            "äääää",
        ] {
            check(text, "error");
        }
        for text in ["http://u@h/a", "http://u:p@h/", "http://@h/"] {
            check(text, "error");
        }
    }

    #[test]
    fn absolute_form_has_an_authority() {
        let authority = |text| {
            Target::parse(text)
                .map(|target| target.authority.unwrap_or_default())
                .ok()
        };
        assert_eq!(authority("http://h:80/a").as_deref(), Some("h:80"));
        assert_eq!(
            authority("HTTP://[::1]:8001").as_deref(),
            Some("[::1]:8001")
        );
        assert_eq!(authority("http://h?x/y").as_deref(), Some("h"));
        assert_eq!(authority("/http://h/").as_deref(), Some(""));
        check("http://h:80/a/b%20", "a|b ");
        check("http://h", "/");
        check("http://h?x/y", "/");
        check("/http://h/", "http:||h/");
    }

    #[track_caller]
    fn check_query(target: &str, name: &str, expected: Option<&str>) {
        let target = Target::parse(target).expect("a target");
        let value = target.query_value(name);
        assert_eq!(
            value.as_deref(),
            expected.map(str::as_bytes),
            "{target:?} {name:?}"
        );
        assert_eq!(target.has_query_key(name), expected.is_some());
    }

    #[test]
    fn query_values_are_form_decoded() {
        check_query("/a", "download", None);
        check_query("/a?", "download", None);
        check_query("/a?", "", None);
        check_query("/a?download", "download", Some(""));
        check_query("/a?download=", "download", Some(""));
        check_query("/a?download=a+b%2Bc", "download", Some("a b+c"));
        check_query("/a?x=1&&download=2&download=3", "download", Some("2"));
        check_query("/a?Download", "download", None);
        check_query("/a?down%6Coad=x=y", "download", Some("x=y"));
        check_query("/a?t=50%&u=%zz", "t", Some("50%"));
        check_query("/a?b?c=/d", "b?c", Some("/d"));
        assert!(Target::parse("*").is_ok_and(|target| target.is_asterisk()));
        assert!(Target::parse("/*").is_ok_and(|target| !target.is_asterisk()));
        assert_eq!(
            Target::parse("/a?b%20?").expect("a target").query(),
            Some("b%20?")
        );
    }
}
