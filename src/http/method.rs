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
    /// CONNECT asks for a tunnel (§9.3.6). No resource allows it.
    Connect,
    /// A method that no resource allows. The server answers 405.
    Other(&'static str),
}

/// The methods that no resource allows.
const OTHERS: [&str; 5] = ["POST", "PUT", "DELETE", "TRACE", "PATCH"];

impl Method {
    /// Parses the name of a method, which is case-sensitive (RFC 9110 §9.1): `get` is unknown.
    pub fn parse(name: &str) -> Option<Method> {
        let other = || OTHERS.into_iter().find(|other| *other == name);
        match name {
            "GET" => Some(Method::Get),
            "HEAD" => Some(Method::Head),
            "OPTIONS" => Some(Method::Options),
            "CONNECT" => Some(Method::Connect),
            _ => other().map(Method::Other),
        }
    }

    /// Returns the name as in the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Options => "OPTIONS",
            Method::Connect => "CONNECT",
            Method::Other(name) => name,
        }
    }
}
