//! The origins whose scripts may read responses (CORS).

use crate::error::Error;

/// The value that means every origin.
const ANY: &str = "*";

/// Origins as browsers send them, or [`ANY`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origins(Vec<String>);

impl Origins {
    /// Adds an origin.
    pub(super) fn allow(&mut self, origin: &str) -> Result<(), Error> {
        self.0.push(serialize_origin(origin).ok_or_else(|| Error::setting(format!(
            "{origin:?} is not an origin: it must be * or a scheme and a host, such as https://editor.example:8443, without a path or a pattern"
        )))?);
        Ok(())
    }

    /// Returns the value of Access-Control-Allow-Origin for a request from this origin. Returns `None` if the origin is
    /// not allowed.
    pub(crate) fn allowed(&self, origin: Option<&str>) -> Option<String> {
        let any = self.has(ANY).then_some(ANY);
        let allowed = any.or_else(|| origin.filter(|origin| self.has(origin)));
        allowed.map(str::to_owned)
    }

    /// Returns true if responses depend on the field Origin of the request. Such responses need the field Vary
    /// (RFC 9110 §12.5.5).
    pub(crate) fn vary(&self) -> bool {
        !self.0.is_empty() && !self.has(ANY)
    }

    fn has(&self, origin: &str) -> bool {
        self.0.iter().any(|it| it == origin)
    }
}

/// Returns an origin as browsers send it (RFC 6454 §6.2, URL standard): `HTTPS://A.example:443` → `https://a.example`.
/// Returns [`ANY`] unchanged.
fn serialize_origin(text: &str) -> Option<String> {
    if text == ANY {
        return Some(ANY.to_owned());
    }
    let text = text.to_ascii_lowercase();
    let (scheme, authority) = text.split_once("://")?;
    let has_only = |text: &str, others: &[u8]| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
    };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    // RFC 3986 allows more characters, such as a star, but no host name on the web contains them.
    if !is_scheme
        || !has_only(scheme, b"+-.")
        || !has_only(authority, b"-._:[]")
        || !crate::host::is_authority(authority)
    {
        return None;
    }
    let default_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => ":",
    };
    let authority = authority.strip_suffix(default_port).unwrap_or(authority);
    let authority = authority.strip_suffix(':').unwrap_or(authority);
    Some(format!("{scheme}://{authority}"))
}

#[cfg(test)]
mod tests {
    use super::serialize_origin;

    #[test]
    fn origins_are_compared_as_browsers_send_them() {
        for (text, sent) in [
            ("https://editor.example", "https://editor.example"),
            ("HTTPS://Editor.Example:8443", "https://editor.example:8443"),
            ("https://editor.example:443", "https://editor.example"),
            ("http://editor.example:80", "http://editor.example"),
            ("http://editor.example:443", "http://editor.example:443"),
            ("https://editor.example:", "https://editor.example"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://[::80]", "http://[::80]"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(serialize_origin(text).as_deref(), Some(sent), "{text}");
        }
        let wrong = "editor.example|https://|https://a/|https://*.a.example|https://u@a|://a|1://a|null|https://a b|";
        for text in wrong.split('|') {
            assert_eq!(serialize_origin(text), None, "{text}");
        }
    }
}
