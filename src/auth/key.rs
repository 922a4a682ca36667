//! The key of a process, and what it signs: HMAC (RFC 2104) with SHA-256.

use std::fmt;

use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::purpose::Purpose;

/// A signature; compared in constant time.
pub(super) type Signature = CtOutput<Hmac<Sha256>>;

/// What stands before user name and password when they are signed. No purpose of a token is called that.
const USER_PASS: &[u8] = b"user-pass\0";

/// What this process signs with, and nobody else.
#[derive(Clone)]
pub(crate) struct Key(Hmac<Sha256>);

impl Key {
    /// A whole block of the hash, which is the longest that a key can usefully be.
    pub(crate) fn new(bytes: [u8; 64]) -> Key {
        Key(Hmac::new(&bytes.into()))
    }

    /// A new one.
    ///
    /// Not made of the password: whoever gets a link to one film could then try passwords on it at home, as fast as his
    /// machine can. That links end with the process costs little: our pages fetch new ones by themselves.
    ///
    /// # Errors
    ///
    /// If the system has no random numbers.
    pub(crate) fn random() -> std::io::Result<Key> {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes)?;
        Ok(Key::new(bytes))
    }

    pub(super) fn sign_user_pass(&self, user_pass: &[u8]) -> Signature {
        self.0
            .clone()
            .chain_update(USER_PASS)
            .chain_update(user_pass)
            .finalize()
    }

    /// What a token says, to be finished or verified.
    pub(super) fn sign_token(
        &self,
        purpose: Purpose,
        expires: [u8; 4],
        path: &str,
    ) -> Hmac<Sha256> {
        // The first part ends with a NUL and the second has its length, so no two tokens say the same.
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
