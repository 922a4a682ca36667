//! Access with a password: credentials, tokens in the URLs of our pages, and a throttle for wrong passwords.

use std::io;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

mod credentials;
mod key;
mod throttle;
mod token;

pub(crate) use credentials::Credentials;
pub(crate) use key::Purpose;
pub(crate) use token::Tokens;

use crate::lock::lock;
use key::{Key, Signature};
use throttle::Throttle;

/// Checks credentials and tokens.
pub(crate) struct Authenticator {
    key: Key,
    /// Signature of the correct user name and password.
    right: Signature,
    throttle: Mutex<Throttle>,
    /// The start of the time of tokens. The key exists only in this process, so tokens need no calendar time. On a
    /// small machine, the calendar may jump by years when the network comes up.
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
    /// Returns an authenticator with a new key, which signs the credentials and all tokens.
    ///
    /// # Errors
    ///
    /// Returns an error if the system provides no random numbers.
    pub(crate) fn new(credentials: &Credentials) -> io::Result<Authenticator> {
        let key = Key::random()?;
        Ok(Authenticator {
            right: key.sign_user_pass(credentials.user_pass()),
            key,
            throttle: Mutex::default(),
            started: Instant::now(),
        })
    }

    /// Returns the tokens at this time.
    pub(crate) fn tokens(&self) -> Tokens {
        Tokens {
            key: self.key.clone(),
            age: self.started.elapsed(),
        }
    }

    /// Checks a user name and a password in the form of Basic credentials.
    ///
    /// # Errors
    ///
    /// Returns an error if the request is denied.
    pub(crate) fn check(&self, user_pass: Option<&[u8]>, client: IpAddr) -> Result<(), Denial> {
        // The first request of every browser has no credentials. It does not count as a try.
        let user_pass = user_pass.ok_or(Denial::Unauthorized)?;
        // All signatures have the same length and a client cannot choose them, so the time of the comparison reveals
        // nothing.
        let given = self.key.sign_user_pass(user_pass);
        let now = Instant::now();
        // The lock lasts until the result is recorded, so that each of many simultaneous tries counts.
        let mut throttle = lock(&self.throttle);
        if let Some(wait) = throttle.wait(client, &given, now) {
            return Err(Denial::TooManyTries(wait));
        }
        if given == self.right {
            throttle.succeeded(client, now);
            return Ok(());
        }
        throttle.failed(client, given, now);
        Err(Denial::Unauthorized)
    }
}
