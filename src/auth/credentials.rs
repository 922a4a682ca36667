//! A user name and a password. The constructor checks them.

use std::fmt;

use crate::error::Error;
use crate::limits::CREDENTIALS_LIMIT;

/// The required user name and password, with a colon between them (RFC 7617 §2), in UTF-8 (§2.1).
#[derive(Clone)]
pub(crate) struct Credentials(String);

impl Credentials {
    /// Checks both values. No error contains the password, because errors appear in logs.
    pub(crate) fn new(user: &str, password: &str) -> Result<Credentials, Error> {
        // RFC 7617 §2: the first colon ends the user name, and control characters are not allowed.
        let cause = if user.is_empty() || password.is_empty() {
            "the user name and the password must not be empty"
        } else if user.contains(':') {
            "a user name must not contain a colon"
        } else if user.chars().chain(password.chars()).any(char::is_control) {
            "the user name and the password must not contain control characters"
        } else if user.len() + password.len() > CREDENTIALS_LIMIT {
            "the user name and the password must not have more than 1024 bytes together"
        } else {
            return Ok(Credentials(format!("{user}:{password}")));
        };
        Err(Error::setting(cause))
    }

    /// Returns user name and password in the form that clients send.
    pub(super) fn user_pass(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Shows the user name only.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.0.split(':').next();
        f.debug_tuple("Credentials").field(&user).finish()
    }
}
