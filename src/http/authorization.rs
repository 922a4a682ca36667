//! Basic credentials (RFC 9110 §11, RFC 7617).
//!
//! Knows how they are written. Must not know which ones are right.

use base64ct::{Base64, Encoding};

use super::whitespace::OWS;

/// Returns user name and password from a value of Authorization, with the colon between them. The user name ends at
/// the first colon; there always is one.
///
/// `None` for another scheme and for malformed credentials: such a request counts as one without credentials.
pub fn basic_user_pass(field_value: &str) -> Option<Vec<u8>> {
    // RFC 9110 §11.1: the scheme is case-insensitive. §11.4: one blank or more follow.
    let (scheme, rest) = field_value.trim_matches(OWS).split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let user_pass = Base64::decode_vec(rest.trim_start_matches(' ')).ok()?;
    user_pass.contains(&b':').then_some(user_pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(field_value: &str, expected: Option<&str>) {
        let user_pass = basic_user_pass(field_value);
        assert_eq!(
            user_pass.as_deref(),
            expected.map(str::as_bytes),
            "{field_value}"
        );
    }

    #[test]
    fn credentials() {
        // The example of RFC 7617 §2, and that of §2.1.
        check(
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            Some("Aladdin:open sesame"),
        );
        check("Basic dGVzdDoxMjPCow==", Some("test:123£"));
        check("bASIC   dGVzdDoxMjPCow==", Some("test:123£"));
        check("\tBasic Og== ", Some(":"));
        check("Basic YTpiOmM=", Some("a:b:c"));
    }

    #[test]
    fn what_is_none() {
        for field_value in [
            "",
            "Basic",
            "Basic ",
            "BasicYTpi",
            "Basic\tYTpi",
            // Another scheme; parameters in place of the token; two challenges' answers.
            "Bearer YTpi",
            "Digest username=\"a\"",
            "Basic realm=\"a\"",
            "Basic YTpi, Basic YTpi",
            "Basic YTpi YTpi",
            // No colon; padding that is missing, too much or in between; other alphabets.
            "Basic YQ==",
            "Basic Og",
            "Basic Og=",
            "Basic Og===",
            "Basic Og==Og==",
            "Basic YTp_",
            "Basic YTp?",
            "Basic Oh==",
            "Basic Y",
        ] {
            check(field_value, None);
        }
    }
}
