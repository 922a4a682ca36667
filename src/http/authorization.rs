//! The syntax of Basic credentials (RFC 9110 §11, RFC 7617).

use base64ct::{Base64, Encoding};

use super::whitespace::OWS;

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
