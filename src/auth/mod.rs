//! Who may see what where a password is set: credentials, tokens in the URLs of our pages, tries that are slowed.
//!
//! Knows secrets, and addresses and times as they are handed in. Must not know requests, the disk or the clock.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

mod credentials;
mod key;
mod purpose;
mod throttle;
mod token;

pub(crate) use credentials::Credentials;
pub(crate) use key::Key;
pub(crate) use purpose::Purpose;
pub(crate) use token::Tokens;

use key::Signature;
use throttle::Throttle;

/// Lets in who knows the password, or has a token.
pub(crate) struct Authenticator {
    key: Key,
    /// Of the user and the password.
    right: Signature,
    throttle: Mutex<Throttle>,
    /// Tokens count from here. The key dies with the process, so that they need no calendar, which on a small machine
    /// may jump by years when the network comes.
    started: Instant,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    /// No credentials, or not the right ones.
    Unauthorized,
    /// Too many that were wrong came from there. To come back after so long.
    TooManyTries(Duration),
}

impl Authenticator {
    /// `key` signs everything that this one believes.
    pub(crate) fn new(credentials: &Credentials, key: Key, started: Instant) -> Authenticator {
        Authenticator {
            right: key.sign_user_pass(&credentials.user_pass()),
            key,
            throttle: Mutex::default(),
            started,
        }
    }

    /// What signs the URLs of a page that is made now.
    pub(crate) fn tokens(&self, now: Instant) -> Tokens {
        Tokens::new(self.key.clone(), self.age(now))
    }

    /// Whether a token opens this path for this purpose.
    pub(crate) fn verify_token(
        &self,
        token: &[u8],
        purpose: Purpose,
        path: &str,
        now: Instant,
    ) -> bool {
        token::verify_token(&self.key, token, purpose, path, self.age(now))
    }

    /// Judges a user name and a password as they stand in Basic credentials, or none.
    ///
    /// # Errors
    ///
    /// [`Denial`], if who sends them is not let in.
    pub(crate) fn check(
        &self,
        user_pass: Option<&[u8]>,
        client: IpAddr,
        now: Instant,
    ) -> Result<(), Denial> {
        // Every browser's first request. It tries nothing.
        let user_pass = user_pass.ok_or(Denial::Unauthorized)?;
        // Signed, both are of one length and nothing that a client can aim at, so how long this takes says nothing.
        let given = self.key.sign_user_pass(user_pass);
        // Until the verdict is noted: of many tries at a time none may pass for the first.
        let mut throttle = self.throttle();
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

    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started)
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Secrets are not shown.
impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn gatekeeper(now: Instant) -> Authenticator {
        let credentials = Credentials::new("ana", "pä:ss").unwrap();
        Authenticator::new(&credentials, Key::new([7; 64]), now)
    }

    #[test]
    fn only_the_very_same_is_right() {
        let now = Instant::now();
        let check = |text: &str| gatekeeper(now).check(Some(text.as_bytes()), HERE, now);
        assert_eq!(check("ana:pä:ss"), Ok(()));
        for wrong in [
            "",
            ":",
            "ana",
            "ana:",
            "ana:pä:s",
            "ana:pä:sss",
            "ana:pä:sS",
            "Ana:pä:ss",
            ":pä:ss",
            "ana:pä:ss\0",
            "ana::pä:ss",
            "pä:ss:ana",
            "ana:pa:ss",
        ] {
            assert_eq!(check(wrong), Err(Denial::Unauthorized), "{wrong}");
        }
        assert_eq!(
            gatekeeper(now).check(None, HERE, now),
            Err(Denial::Unauthorized)
        );
    }

    #[test]
    fn guesses_of_an_unknown_address_have_to_wait() {
        let now = Instant::now();
        let gatekeeper = gatekeeper(now);
        let try_at = |text: &str, client: [u8; 4], at: Instant| {
            gatekeeper.check(Some(text.as_bytes()), client.into(), at)
        };
        for number in 0..crate::limits::FREE_TRIES {
            let guess = format!("ana:{number}");
            assert_eq!(try_at(&guess, [1, 2, 3, 4], now), Err(Denial::Unauthorized));
        }
        let wait = Duration::from_secs(1);
        // The right one waits as well, because otherwise the answer would tell which guess is right.
        for guess in ["ana:x", "ana:pä:ss"] {
            assert_eq!(
                try_at(guess, [1, 2, 3, 4], now),
                Err(Denial::TooManyTries(wait))
            );
        }
        assert_eq!(gatekeeper.check(None, HERE, now), Err(Denial::Unauthorized));
        assert_eq!(try_at("ana:pä:ss", [1, 2, 3, 5], now), Ok(()));
        assert_eq!(try_at("ana:pä:ss", [1, 2, 3, 4], now + wait), Ok(()));
        // An address that has logged in is not locked out by further mistakes.
        for number in 10..20 {
            let guess = format!("ana:{number}");
            let denied = try_at(&guess, [1, 2, 3, 4], now + wait);
            assert_eq!(denied, Err(Denial::Unauthorized));
        }
        assert_eq!(try_at("ana:pä:ss", [1, 2, 3, 4], now + wait), Ok(()));
    }

    #[test]
    fn secrets_are_not_shown() {
        let now = Instant::now();
        let credentials = Credentials::new("ana", "secret").unwrap();
        let shown = format!(
            "{:?} {:?} {:?}",
            gatekeeper(now),
            credentials,
            gatekeeper(now).tokens(now)
        );
        assert!(!shown.contains("secret") && !shown.contains('7'), "{shown}");
        assert!(shown.contains("ana"), "{shown}");
    }
}
