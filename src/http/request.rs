//! The request head: method, target, and the fields that something reads.
//!
//! Knows which fields are lists and which are singletons. Must not know what their values mean.

use std::fmt;

use super::authorization::basic_user_pass;
use super::method::Method;
use super::whitespace::OWS;

/// A request head, owned, cut down to what decides the answer.
///
/// If-Match, If-None-Match and what proxies say of the client (X-Forwarded-For, X-Forwarded-Proto) are lists:
/// their lines are joined in order (RFC 9110 §5.3). Every other field is a singleton, and a second line makes it invalid
/// (§5.5), even if the two would join to something valid. An invalid singleton reads as the empty string, which is no value
/// that any of them can have:
///
/// | field | then |
/// |---|---|
/// | Host | names no host, so the host check refuses it (RFC 9112 §3.2; the gate has answered 400 before) |
/// | Range | ignored, the whole representation is sent (§14.2) |
/// | If-Range | present and not equal to any validator, so Range does not apply (§13.1.5) |
/// | If-Modified-Since, If-Unmodified-Since | no valid date, ignored (§13.1.3, §13.1.4) |
/// | Authorization | has no scheme, so there are no credentials (RFC 9110 §11.6.2) |
/// | Origin, Access-Control-Request-Method | equal to no allowed origin and no method, so no permission (Fetch, CORS protocol) |
#[derive(Clone, Debug)]
pub struct RequestHead {
    method: Method,
    target: String,
    host: Option<String>,
    range: Option<String>,
    if_range: Option<String>,
    if_match: Option<String>,
    if_none_match: Option<String>,
    if_modified_since: Option<String>,
    if_unmodified_since: Option<String>,
    origin: Option<String>,
    access_control_request_method: Option<String>,
    authorization: Secret,
    x_forwarded_for: Option<String>,
    x_forwarded_proto: Option<String>,
}

/// A field value that is not shown.
#[derive(Clone, Default)]
struct Secret(Option<String>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "Some(…)"
        } else {
            "None"
        })
    }
}

/// What several lines of one field make.
enum Lines {
    List,
    Singleton,
}

impl RequestHead {
    /// A head without fields.
    pub fn new(method: Method, target: impl Into<String>) -> RequestHead {
        RequestHead {
            method,
            target: target.into(),
            host: None,
            range: None,
            if_range: None,
            if_match: None,
            if_none_match: None,
            if_modified_since: None,
            if_unmodified_since: None,
            origin: None,
            access_control_request_method: None,
            authorization: Secret::default(),
            x_forwarded_for: None,
            x_forwarded_proto: None,
        }
    }

    /// Takes one field line. Names are case-insensitive (RFC 9110 §5.1); fields that nobody here reads are dropped.
    pub fn add_field(&mut self, name: &str, value: &str) {
        let (field, lines) = match name.to_ascii_lowercase().as_str() {
            "host" => (&mut self.host, Lines::Singleton),
            "range" => (&mut self.range, Lines::Singleton),
            "if-range" => (&mut self.if_range, Lines::Singleton),
            "if-match" => (&mut self.if_match, Lines::List),
            "if-none-match" => (&mut self.if_none_match, Lines::List),
            "if-modified-since" => (&mut self.if_modified_since, Lines::Singleton),
            "if-unmodified-since" => (&mut self.if_unmodified_since, Lines::Singleton),
            "origin" => (&mut self.origin, Lines::Singleton),
            "authorization" => (&mut self.authorization.0, Lines::Singleton),
            "access-control-request-method" => {
                (&mut self.access_control_request_method, Lines::Singleton)
            }
            "x-forwarded-for" => (&mut self.x_forwarded_for, Lines::List),
            "x-forwarded-proto" => (&mut self.x_forwarded_proto, Lines::List),
            _ => return,
        };
        let value = value.trim_matches(OWS);
        match (field, lines) {
            (absent @ None, Lines::List | Lines::Singleton) => *absent = Some(value.to_owned()),
            (Some(joined), Lines::List) => {
                joined.push_str(", ");
                joined.push_str(value);
            }
            (Some(repeated), Lines::Singleton) => repeated.clear(),
        }
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The target as it stands on the request line; [`Target::parse`](super::Target::parse) reads it.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Host (RFC 9110 §7.2). An absolute-form target overrides it (RFC 9112 §3.2.2).
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Range (§14.2).
    pub fn range(&self) -> Option<&str> {
        self.range.as_deref()
    }

    /// If-Range (§13.1.5).
    pub fn if_range(&self) -> Option<&str> {
        self.if_range.as_deref()
    }

    /// If-Match (§13.1.1), several lines joined.
    pub fn if_match(&self) -> Option<&str> {
        self.if_match.as_deref()
    }

    /// If-None-Match (§13.1.2), several lines joined.
    pub fn if_none_match(&self) -> Option<&str> {
        self.if_none_match.as_deref()
    }

    /// If-Modified-Since (§13.1.3).
    pub fn if_modified_since(&self) -> Option<&str> {
        self.if_modified_since.as_deref()
    }

    /// If-Unmodified-Since (§13.1.4).
    pub fn if_unmodified_since(&self) -> Option<&str> {
        self.if_unmodified_since.as_deref()
    }

    /// Origin (RFC 6454 §7): who asks, if a script does.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// User name and password of Basic credentials in Authorization, with the colon between them (RFC 7617 §2).
    /// `None` where there are none, or where they are of another scheme or malformed.
    pub fn basic_user_pass(&self) -> Option<Vec<u8>> {
        basic_user_pass(self.authorization.0.as_deref()?)
    }

    /// Access-Control-Request-Method: an OPTIONS that has it is a CORS preflight (Fetch, CORS protocol).
    pub fn access_control_request_method(&self) -> Option<&str> {
        self.access_control_request_method.as_deref()
    }

    /// X-Forwarded-For, several lines joined. Any client can send it: see [`Config::trusted_proxy`].
    ///
    /// [`Config::trusted_proxy`]: crate::Config::trusted_proxy
    pub fn x_forwarded_for(&self) -> Option<&str> {
        self.x_forwarded_for.as_deref()
    }

    /// X-Forwarded-Proto, several lines joined.
    pub fn x_forwarded_proto(&self) -> Option<&str> {
        self.x_forwarded_proto.as_deref()
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

    /// Every field, with what its accessor says about the head.
    fn fields(head: &RequestHead) -> [(&'static str, Option<&str>); 12] {
        [
            ("Host", head.host()),
            ("Range", head.range()),
            ("If-Range", head.if_range()),
            ("If-Match", head.if_match()),
            ("If-None-Match", head.if_none_match()),
            ("If-Modified-Since", head.if_modified_since()),
            ("If-Unmodified-Since", head.if_unmodified_since()),
            ("Origin", head.origin()),
            (
                "Access-Control-Request-Method",
                head.access_control_request_method(),
            ),
            ("Authorization", head.authorization.0.as_deref()),
            ("X-Forwarded-For", head.x_forwarded_for()),
            ("X-Forwarded-Proto", head.x_forwarded_proto()),
        ]
    }

    #[test]
    fn every_field_has_its_own_place() {
        for (name, _) in fields(&head(&[])) {
            let head = head(&[(&name.to_uppercase(), " \tvalue\t "), ("Cookie", "dropped")]);
            for (other, value) in fields(&head) {
                assert_eq!(value, (other == name).then_some("value"), "{name} {other}");
            }
        }
    }

    #[test]
    fn lists_are_joined_and_repeated_singletons_are_invalid() {
        for (name, _) in fields(&head(&[])) {
            let head = head(&[(name, "a"), (name, "b"), (name, "c")]);
            let is_list =
                matches!(name, "If-Match" | "If-None-Match") || name.contains("Forwarded");
            let value = fields(&head)
                .into_iter()
                .find_map(|(other, value)| value.filter(|_| other == name));
            assert_eq!(value, Some(if is_list { "a, b, c" } else { "" }), "{name}");
        }
        // Joined, these would be a valid set and a valid date.
        assert_eq!(
            head(&[("Range", "bytes=0-1"), ("Range", "2-3")]).range(),
            Some("")
        );
        let date = [
            ("If-Range", "Sun"),
            ("If-Range", "06 Nov 1994 08:49:37 GMT"),
        ];
        assert_eq!(head(&date).if_range(), Some(""));
    }

    #[test]
    fn credentials_are_read_and_not_shown() {
        let line = ("authorization", " Basic YW5hOnNlY3JldA== ");
        let one = head(&[line]);
        assert_eq!(one.basic_user_pass().as_deref(), Some(&b"ana:secret"[..]));
        assert!(!format!("{one:?}").contains("YW5h"));
        assert_eq!(head(&[line, line]).basic_user_pass(), None);
        assert_eq!(head(&[]).basic_user_pass(), None);
    }
}
