//! The request head: method, target, and the fields that the server reads.

use std::fmt;

use base64ct::{Base64, Encoding};

use super::method::Method;
use super::whitespace::OWS;

/// A field that the server reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Field {
    /// The host and port of the request (RFC 9110 §7.2). An absolute-form target overrides it (RFC 9112 §3.2.2).
    Host,
    /// The requested bytes (§14.2).
    Range,
    /// The version to which Range applies (§13.1.5).
    IfRange,
    /// The versions that the client expects (§13.1.1).
    IfMatch,
    /// The versions that the client has (§13.1.2).
    IfNoneMatch,
    /// The date of the version that the client has (§13.1.3).
    IfModifiedSince,
    /// The date of the version that the client expects (§13.1.4).
    IfUnmodifiedSince,
    /// The origin of the script that sends the request (RFC 6454 §7).
    Origin,
    /// The method that a script wants to use. An OPTIONS request with this field is a CORS preflight (Fetch, CORS
    /// protocol).
    AccessControlRequestMethod,
    /// Credentials (RFC 9110 §11.6.2).
    Authorization,
    /// The addresses of client and proxies. Any client can send this field: see
    /// [`Config::trusted_proxy`](crate::Config::trusted_proxy).
    XForwardedFor,
    /// The schemes of the connections of client and proxies.
    XForwardedProto,
}

/// The fields by their names.
const FIELDS: [(&str, Field); 12] = [
    ("host", Field::Host),
    ("range", Field::Range),
    ("if-range", Field::IfRange),
    ("if-match", Field::IfMatch),
    ("if-none-match", Field::IfNoneMatch),
    ("if-modified-since", Field::IfModifiedSince),
    ("if-unmodified-since", Field::IfUnmodifiedSince),
    ("origin", Field::Origin),
    (
        "access-control-request-method",
        Field::AccessControlRequestMethod,
    ),
    ("authorization", Field::Authorization),
    ("x-forwarded-for", Field::XForwardedFor),
    ("x-forwarded-proto", Field::XForwardedProto),
];

impl Field {
    fn is_list(self) -> bool {
        matches!(
            self,
            Field::IfMatch | Field::IfNoneMatch | Field::XForwardedFor | Field::XForwardedProto
        )
    }
}

/// A request head, with the fields that the server reads.
///
/// If-Match, If-None-Match, X-Forwarded-For and X-Forwarded-Proto are lists: their lines are joined in order (RFC 9110
/// §5.3). Every other field is a singleton. A second line makes it invalid (§5.5), even if the joined lines would be
/// valid. The value of an invalid singleton is the empty string, which is not a valid value of any field:
///
/// | field | effect |
/// |---|---|
/// | Host | contains no host, so the host check refuses it (RFC 9112 §3.2; the gate has already answered 400) |
/// | Range | ignored, the server sends the whole representation (§14.2) |
/// | If-Range | present and not equal to any validator, so Range does not apply (§13.1.5) |
/// | If-Modified-Since, If-Unmodified-Since | no valid date, ignored (§13.1.3, §13.1.4) |
/// | Authorization | has no scheme, so there are no credentials (RFC 9110 §11.6.2) |
/// | Origin, Access-Control-Request-Method | equal to no allowed origin and no method, so no permission (Fetch, CORS protocol) |
#[derive(Clone)]
pub struct RequestHead {
    method: Method,
    target: String,
    fields: Vec<(Field, String)>,
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

    /// Adds one field line. Names are case-insensitive (RFC 9110 §5.1). A field that the server does not read is
    /// dropped.
    pub fn add_field(&mut self, name: &str, value: &str) {
        let known = FIELDS.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
        let Some(&(_, field)) = known else { return };
        let value = value.trim_matches(OWS);
        let earlier = self.fields.iter_mut().find(|(it, _)| *it == field);
        match earlier {
            None => self.fields.push((field, value.to_owned())),
            Some((_, joined)) if field.is_list() => {
                joined.push_str(", ");
                joined.push_str(value);
            }
            Some((_, repeated)) => repeated.clear(),
        }
    }

    /// Returns the method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Returns the target as in the request line. [`Target::parse`](super::Target::parse) parses it.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Returns the value of a field, if the head has it.
    pub fn field(&self, field: Field) -> Option<&str> {
        let found = self.fields.iter().find(|(it, _)| *it == field);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns user name and password of Basic credentials in Authorization, with the colon between them (RFC 7617 §2).
    /// Returns `None` for absent or malformed credentials, and for another scheme.
    pub fn basic_user_pass(&self) -> Option<Vec<u8>> {
        basic_user_pass(self.field(Field::Authorization)?)
    }
}

/// Returns user name and password from a value of Authorization, with the colon between them. The user name ends at the
/// first colon. The result always contains a colon.
///
/// Returns `None` for another scheme and for malformed credentials. The server then handles the request as a request
/// without credentials.
pub fn basic_user_pass(field_value: &str) -> Option<Vec<u8>> {
    // RFC 9110 §11.1: the scheme is case-insensitive. §11.4: one or more spaces follow.
    let (scheme, rest) = field_value.trim_matches(OWS).split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let user_pass = Base64::decode_vec(rest.trim_start_matches(' ')).ok()?;
    user_pass.contains(&b':').then_some(user_pass)
}

/// Writes all fields except the credentials.
impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.fields.iter();
        let shown = fields.filter(|(field, _)| *field != Field::Authorization);
        write!(f, "{} {} ", self.method.as_str(), self.target)?;
        f.debug_list().entries(shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &[(&str, &str)]) -> RequestHead {
        let mut head = RequestHead::new(Method::Get, "/");
        for (name, value) in lines {
            head.add_field(name, value);
        }
        head
    }

    #[test]
    fn each_name_sets_its_field() {
        for (name, field) in FIELDS {
            let head = head(&[(&name.to_uppercase(), " \tvalue\t "), ("Cookie", "dropped")]);
            for (_, other) in FIELDS {
                let expected = (other == field).then_some("value");
                assert_eq!(head.field(other), expected, "{name} {other:?}");
            }
        }
    }

    #[test]
    fn lists_are_joined_and_repeated_singletons_are_invalid() {
        for (name, field) in FIELDS {
            let is_list =
                matches!(name, "if-match" | "if-none-match") || name.contains("forwarded");
            let expected = if is_list { "a, b, c" } else { "" };
            let head = head(&[(name, "a"), (name, "b"), (name, "c")]);
            assert_eq!(head.field(field), Some(expected), "{name}");
        }
    }

    #[test]
    fn credentials_are_parsed_and_not_shown() {
        let line = ("authorization", " Basic YW5hOnNlY3JldA== ");
        let one = head(&[line]);
        assert_eq!(one.basic_user_pass().as_deref(), Some(&b"ana:secret"[..]));
        assert!(!format!("{one:?}").contains("YW5h"));
        assert_eq!(head(&[line, line]).basic_user_pass(), None);
        assert_eq!(head(&[]).basic_user_pass(), None);
    }
}
