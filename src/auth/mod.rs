//! Access with a password: credentials, tokens in the URLs of our pages, and a throttle for wrong passwords.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

mod key;
mod throttle;
mod token;

pub(crate) use key::Purpose;
pub(crate) use token::Tokens;

use crate::error::Error;
use crate::limits::CREDENTIALS_LIMIT;
use crate::lock::lock;
use key::{Key, Signature};
use throttle::Throttle;

/// The required user name and password as `user:password` (RFC 7617 §2).
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
}

/// Shows the user name only.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.0.split(':').next();
        f.debug_tuple("Credentials").field(&user).finish()
    }
}

/// Checks credentials and tokens.
pub(crate) struct Authenticator {
    key: Key,
    /// The signature of the correct user name and password.
    correct: Signature,
    throttle: Mutex<Throttle>,
    /// The expiry times of tokens count from this moment, not from a date. On a Raspberry Pi, the date can jump by
    /// years when the network starts.
    started: Instant,
}

/// The reason why a request is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    /// The request has no credentials, or wrong credentials.
    Unauthorized,
    /// Too many wrong passwords came from this network. The client may try again after this time.
    TooManyTries(Duration),
}

impl Authenticator {
    /// Returns an authenticator with a new random key.
    pub(crate) fn new(credentials: &Credentials) -> io::Result<Authenticator> {
        let key = Key::random()?;
        Ok(Authenticator {
            correct: key.sign_user_pass(credentials.0.as_bytes()),
            key,
            throttle: Mutex::default(),
            started: Instant::now(),
        })
    }

    /// Returns a value that makes and checks tokens. Its clock is fixed at the current moment.
    pub(crate) fn tokens(&self) -> Tokens {
        Tokens {
            key: self.key.clone(),
            age: self.started.elapsed(),
        }
    }

    /// Checks the credentials of a client, in the form `user:password`.
    pub(crate) fn check(&self, user_pass: Option<&[u8]>, client: IpAddr) -> Result<(), Denial> {
        // The first request of every browser has no credentials, so it does not count as a try.
        let user_pass = user_pass.ok_or(Denial::Unauthorized)?;
        // Compare signatures instead of passwords, because a comparison of signatures takes constant time.
        let given = self.key.sign_user_pass(user_pass);
        let now = Instant::now();
        // Keep the lock until the result is recorded, so that all simultaneous tries count.
        let mut throttle = lock(&self.throttle);
        if let Some(wait) = throttle.wait(client, &given, now) {
            return Err(Denial::TooManyTries(wait));
        }
        if given == self.correct {
            throttle.record_success(client, now);
            return Ok(());
        }
        throttle.failed(client, given, now);
        Err(Denial::Unauthorized)
    }
}
