//! Request methods (RFC 9110 §9).

/// A method of RFC 9110 §9, or PATCH (RFC 5789). The server answers 501 to any other method.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Method {
    /// GET transfers the representation (§9.3.1).
    Get,
    /// HEAD transfers the head of the response to GET (§9.3.2).
    Head,
    /// OPTIONS asks for the methods of a resource (§9.3.7).
    Options,
    /// Another known method. The server answers 405, because no resource allows it.
    Other(&'static str),
}

const OTHERS: [&str; 6] = ["POST", "PUT", "DELETE", "TRACE", "PATCH", "CONNECT"];

impl Method {
    /// Parses the name of a method. Case matters (RFC 9110 §9.1), so `get` is unknown.
    pub fn parse(name: &str) -> Option<Method> {
        Some(match name {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "OPTIONS" => Method::Options,
            _ => Method::Other(OTHERS.into_iter().find(|other| *other == name)?),
        })
    }

    /// Returns the name as in the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Options => "OPTIONS",
            Method::Other(name) => name,
        }
    }
}
