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
        let refuse = |cause: &str| Err(Error::setting(cause));
        if user.is_empty() || password.is_empty() {
            return refuse("the user name and the password must not be empty");
        }
        // RFC 7617 §2: the first colon ends the user name, and control characters are not allowed.
        if user.contains(':') {
            return refuse("a user name must not contain a colon");
        }
        if user.chars().chain(password.chars()).any(char::is_control) {
            return refuse("the user name and the password must not contain control characters");
        }
        if user.len() + password.len() > CREDENTIALS_LIMIT {
            return refuse(
                "the user name and the password must not have more than 1024 bytes together",
            );
        }
        Ok(Credentials(format!("{user}:{password}")))
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
