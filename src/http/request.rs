//! The request head: method, target, and the fields that the server reads.

use std::fmt;

use base64ct::{Base64, Encoding};

use super::method::Method;
use super::whitespace::OWS;

const FIELDS: [&str; 12] = [
    "host",
    "range",
    "if-range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "origin",
    "access-control-request-method",
    "authorization",
    "x-forwarded-for",
    "x-forwarded-proto",
];

/// A request head with the fields that the server reads.
///
/// If-Match, If-None-Match, X-Forwarded-For and X-Forwarded-Proto are lists: their lines are joined in order (RFC 9110
/// §5.3). Every other field may have only one line (§5.5). If a request has a second line of such a field, the value of
/// the field becomes the empty string. The empty string is never valid. The table shows its effect:
///
/// | field | effect of the empty value |
/// |---|---|
/// | Host | the request has no host; the gate answers 400 (RFC 9112 §3.2) |
/// | Range | is ignored (§14.2) |
/// | If-Range | is not equal to any validator, so Range is ignored (§13.1.5) |
/// | If-Modified-Since, If-Unmodified-Since | have no valid date, so they are ignored (§13.1.3, §13.1.4) |
/// | Authorization | has no scheme, so there are no credentials (RFC 9110 §11.6.2) |
/// | Origin | is not equal to any allowed origin; only the setting `*` allows it (Fetch, CORS protocol) |
/// | Access-Control-Request-Method | none: the server checks only whether the request has this field |
#[derive(Clone)]
pub struct RequestHead {
    /// The method.
    pub method: Method,
    /// The unparsed target. [`Target::parse`](super::Target::parse) parses it.
    pub target: String,
    fields: Vec<(&'static str, String)>,
}

impl RequestHead {
    /// Returns a head without fields.
    pub fn new(method: Method, target: impl Into<String>) -> RequestHead {
        RequestHead {
            method,
            target: target.into(),
            fields: Vec::new(),
        }
    }

    /// Adds one field line. The case of the name is ignored (RFC 9110 §5.1). A field that the server does not read is
    /// dropped.
    pub fn add_field(&mut self, name: &str, value: &str) {
        let mut names = FIELDS.into_iter();
        let Some(name) = names.find(|it| it.eq_ignore_ascii_case(name)) else {
            return;
        };
        let value = value.trim_matches(OWS);
        let is_list = matches!(
            name,
            "if-match" | "if-none-match" | "x-forwarded-for" | "x-forwarded-proto"
        );
        match self.fields.iter_mut().find(|(it, _)| *it == name) {
            None => self.fields.push((name, value.to_owned())),
            Some((_, joined)) if is_list => {
                joined.push_str(", ");
                joined.push_str(value);
            }
            Some((_, repeated)) => repeated.clear(),
        }
    }

    /// Returns the value of a field, if the head has it. The name is in lower case. Debug builds panic if the server
    /// does not read this field.
    pub fn field(&self, name: &str) -> Option<&str> {
        debug_assert!(FIELDS.contains(&name), "{name} is not in FIELDS");
        let found = self.fields.iter().find(|(it, _)| *it == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Returns `user:password` from a value of Authorization (RFC 7617 §2). The user name ends at the first colon.
///
/// Returns `None` for a scheme other than Basic and for malformed credentials. The request then counts as a request
/// without credentials.
pub fn basic_user_pass(field_value: &str) -> Option<Vec<u8>> {
    // RFC 9110 §11.1 and §11.4: the case of the scheme is ignored, and one or more spaces follow it.
    let (scheme, rest) = field_value.trim_matches(OWS).split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let user_pass = Base64::decode_vec(rest.trim_start_matches(' ')).ok()?;
    user_pass.contains(&b':').then_some(user_pass)
}

/// Shows the head without the credentials.
impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.fields.iter();
        let shown = fields.filter(|(name, _)| *name != "authorization");
        write!(f, "{} {} ", self.method.as_str(), self.target)?;
        f.debug_list().entries(shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_joined_and_repeated_singletons_are_invalid() {
        let lists = [
            "if-match",
            "if-none-match",
            "x-forwarded-for",
            "x-forwarded-proto",
        ];
        for name in FIELDS {
            let mut head = RequestHead::new(Method::Get, "/");
            head.add_field(&name.to_uppercase(), " \ta\t ");
            head.add_field("Cookie", "dropped");
            let show = |head: &RequestHead| FIELDS.map(|it| head.field(it).map(str::to_owned));
            let expected = |value: &str| FIELDS.map(|it| (it == name).then(|| value.to_owned()));
            assert_eq!(show(&head), expected("a"));
            head.add_field(name, "b");
            head.add_field(name, "c");
            let joined = if lists.contains(&name) { "a, b, c" } else { "" };
            assert_eq!(show(&head), expected(joined));
        }
    }

    #[test]
    fn credentials_are_parsed_and_not_shown() {
        let mut head = RequestHead::new(Method::Get, "/");
        head.add_field("authorization", " Basic YW5hOnNlY3JldA== ");
        let user_pass = head.field("authorization").and_then(basic_user_pass);
        assert_eq!(user_pass.as_deref(), Some(&b"ana:secret"[..]));
        assert!(!format!("{head:?}").contains("YW5h"));
    }
}
