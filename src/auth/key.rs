//! The key of a process, which signs credentials and tokens: HMAC (RFC 2104) with SHA-256.

use std::fmt;

use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::purpose::Purpose;

/// A signature; compared in constant time.
pub(super) type Signature = CtOutput<Hmac<Sha256>>;

/// The beginning of the text that is signed for credentials. No purpose of a token has this name.
const USER_PASS: &[u8] = b"user-pass\0";

/// A secret key of this process.
#[derive(Clone)]
pub(crate) struct Key(Hmac<Sha256>);

impl Key {
    /// Returns a key of these bytes. A longer key than a block of the hash, which is 64 bytes, adds no strength.
    pub(crate) fn new(bytes: [u8; 64]) -> Key {
        Key(Hmac::new(&bytes.into()))
    }

    /// Returns a new key.
    ///
    /// It is not derived from the password: with a link to one film, an attacker could then test passwords offline. Links
    /// end with the process, but our pages fetch new ones by themselves.
    ///
    /// # Errors
    ///
    /// If the system has no random numbers.
    pub(crate) fn random() -> std::io::Result<Key> {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes)?;
        Ok(Key::new(bytes))
    }

    /// Signs a user name and a password.
    pub(super) fn sign_user_pass(&self, user_pass: &[u8]) -> Signature {
        self.0
            .clone()
            .chain_update(USER_PASS)
            .chain_update(user_pass)
            .finalize()
    }

    /// Hashes the statement of a token; the caller takes the signature or verifies one.
    pub(super) fn sign_token(
        &self,
        purpose: Purpose,
        expires: [u8; 4],
        path: &str,
    ) -> Hmac<Sha256> {
        // The first part ends with a NUL and the second has a fixed length, so no two statements have the same bytes.
        self.0
            .clone()
            .chain_update(purpose.name())
            .chain_update(b"\0")
            .chain_update(expires)
            .chain_update(path)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}
