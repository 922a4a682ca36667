//! Tokens in URLs. A token opens one path for one purpose until it expires, for every client that has the URL.
//!
//! Tokens are necessary, because Safari and external players send no credentials for media. A token contains its expiry
//! time and a signature. The signature covers expiry time, purpose and path. The server stores no tokens.

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::Mac;

use super::key::{Key, Purpose};
use crate::limits::{TOKEN_LIFETIME, TOKEN_STEP};

/// Bytes of a truncated signature: half of the hash, which RFC 2104 §5 recommends as the minimum.
const SIGNATURE_LENGTH: usize = 16;
/// Bytes of a token: the expiry time and the signature.
const LENGTH: usize = 4 + SIGNATURE_LENGTH;

/// Makes and checks tokens. The current time is `age`, which does not advance.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub(super) key: Key,
    /// The time since the key was created.
    pub(super) age: Duration,
}

impl Tokens {
    /// Returns a token for a percent-encoded path. The token has only characters that a query may contain.
    pub(crate) fn token(&self, purpose: Purpose, path: &str) -> String {
        let steps = self.age.as_secs() / TOKEN_STEP.as_secs() + 1;
        let expires = steps.saturating_mul(TOKEN_STEP.as_secs());
        let expires = expires.saturating_add(TOKEN_LIFETIME.as_secs());
        // A token has 32 bits for the expiry time in seconds. 136 years after the start, all new tokens are expired.
        let expires = u32::try_from(expires).unwrap_or(u32::MAX).to_be_bytes();
        let signature = self.key.hash_token(purpose, expires, path).finalize();
        let bytes = [&expires[..], &signature.as_bytes()[..SIGNATURE_LENGTH]].concat();
        Base64UrlUnpadded::encode_string(&bytes)
    }

    /// Returns true if the token is signed for this purpose and path, and has not expired.
    pub(crate) fn verify(&self, token: &[u8], purpose: Purpose, path: &str) -> bool {
        let mut buffer = [0; LENGTH];
        let decoded = Base64UrlUnpadded::decode(token, &mut buffer).ok();
        let Some((&expires, signature)) = decoded.and_then(|bytes| bytes.split_first_chunk())
        else {
            return false;
        };
        let hash = self.key.hash_token(purpose, expires, path);
        // `verify_truncated_left` accepts a signature of any length. A signature of one byte is easy to guess.
        signature.len() == SIGNATURE_LENGTH
            && hash.verify_truncated_left(signature).is_ok()
            && self.age.as_secs() < u32::from_be_bytes(expires).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(age: Duration) -> Tokens {
        let key = Key::new([1; 64]);
        Tokens { key, age }
    }

    fn made_at(age: Duration) -> String {
        at(age).token(Purpose::Stream, "a/b.mp4")
    }

    fn opens_at(token: &str, age: Duration) -> bool {
        at(age).verify(token.as_bytes(), Purpose::Stream, "a/b.mp4")
    }

    #[test]
    fn token_lasts_a_day() {
        for made in [0, 1, 59, 60, 61, 100_000] {
            let made = MINUTE * made;
            let token = made_at(made);
            for later in [0, 60, 24 * 60] {
                assert!(opens_at(&token, made + MINUTE * later), "{made:?} {later}");
            }
            assert!(!opens_at(&token, made + MINUTE * 25 * 60));
        }
        let token = made_at(Duration::ZERO);
        let end = TOKEN_LIFETIME + TOKEN_STEP;
        assert!(opens_at(&token, end - Duration::from_millis(1)));
        assert!(!opens_at(&token, end));
        // Tokens change once an hour.
        assert_eq!(token, made_at(MINUTE * 59));
        assert_ne!(token, made_at(MINUTE * 60));
        // The expiry time does not overflow.
        assert!(!opens_at(&made_at(Duration::MAX), Duration::MAX));
    }
}
