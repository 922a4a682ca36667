//! Request methods (RFC 9110 §9).
//!
//! Knows their names. Must not know which resource has which.

use std::fmt;

/// The methods of RFC 9110 §9 and PATCH (RFC 5789). Any other is unknown, and is answered with 501.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Method {
    /// Transfer the representation (§9.3.1).
    Get,
    /// The same without content (§9.3.2).
    Head,
    /// What can be done with the resource (§9.3.7).
    Options,
    /// Known, never allowed here (§9.3.3).
    Post,
    /// Known, never allowed here (§9.3.4).
    Put,
    /// Known, never allowed here (§9.3.5).
    Delete,
    /// Known, never allowed here (§9.3.6).
    Connect,
    /// Known, never allowed here (§9.3.8).
    Trace,
    /// Known, never allowed here (RFC 5789 §2).
    Patch,
}

impl Method {
    const ALL: [Method; 9] = [
        Method::Get,
        Method::Head,
        Method::Options,
        Method::Post,
        Method::Put,
        Method::Delete,
        Method::Connect,
        Method::Trace,
        Method::Patch,
    ];

    /// The method of that name, which is case-sensitive (RFC 9110 §9.1): `get` is unknown.
    pub fn parse(name: &str) -> Option<Method> {
        Method::ALL
            .into_iter()
            .find(|method| method.as_str() == name)
    }

    /// The name as it stands on the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Options => "OPTIONS",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Connect => "CONNECT",
            Method::Trace => "TRACE",
            Method::Patch => "PATCH",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_case_sensitive() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.as_str()), Some(method));
            assert_eq!(Method::parse(&method.as_str().to_lowercase()), None);
            assert_eq!(method.to_string(), method.as_str());
        }
        assert_eq!(Method::parse(""), None);
        assert_eq!(Method::parse("BREW"), None);
        assert_eq!(Method::parse("GET "), None);
    }
}
