//! A user name and a password, checked when they are set.

use std::fmt;

use crate::error::Error;
use crate::limits::CREDENTIALS_LIMIT;

/// What clients have to know.
#[derive(Clone)]
pub(crate) struct Credentials {
    user: String,
    password: String,
}

impl Credentials {
    /// No message shows the password: it ends up in logs.
    pub(crate) fn new(user: &str, password: &str) -> Result<Credentials, Error> {
        let refuse = |cause: &str| Err(Error::setting(cause));
        if user.is_empty() || password.is_empty() {
            return refuse("the user name and the password must not be empty");
        }
        // RFC 7617 §2: the first colon is the end of the user name, and neither has control characters.
        if user.contains(':') {
            return refuse("a user name must not have a colon");
        }
        if user.chars().chain(password.chars()).any(char::is_control) {
            return refuse("the user name and the password must not have control characters");
        }
        if user.len() + password.len() > CREDENTIALS_LIMIT {
            return refuse("the user name and the password must be shorter: 1024 bytes together");
        }
        Ok(Credentials {
            user: user.to_owned(),
            password: password.to_owned(),
        })
    }

    /// Both as clients send them (RFC 7617 §2), in UTF-8 (§2.1).
    pub(super) fn user_pass(&self) -> Vec<u8> {
        format!("{}:{}", self.user, self.password).into_bytes()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_sent() {
        for (user, password) in [
            ("ana", "x"),
            ("a b", "pass:word"),
            ("é", "пароль 🎬"),
            ("a", "::"),
        ] {
            let credentials = Credentials::new(user, password).unwrap();
            assert_eq!(
                credentials.user_pass(),
                format!("{user}:{password}").as_bytes()
            );
        }
        let long = "s3cret".repeat(200);
        for (user, password, words) in [
            ("", "s3cret", "empty"),
            ("ana", "", "empty"),
            ("a:b", "s3cret", "colon"),
            ("ana", "s3cret\n", "control"),
            ("a\u{85}", "s3cret", "control"),
            ("ana", &long, "1024"),
        ] {
            let message = Credentials::new(user, password).unwrap_err().to_string();
            assert!(
                message.contains(words) && !message.contains("s3cret"),
                "{message}"
            );
        }
    }
}
