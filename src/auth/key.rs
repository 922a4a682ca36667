//! The key of a process, which signs credentials and tokens: HMAC (RFC 2104) with SHA-256.

use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A signature. The comparison takes constant time.
pub(super) type Signature = CtOutput<Hmac<Sha256>>;

/// Prefix of the signed text of credentials. No purpose of a token has this name.
const USER_PASS: &[u8] = b"user-pass\0";

/// The kind of resource that a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The bytes of a file.
    Stream,
    /// A file as subtitles.
    Subtitles,
    /// The playlist of a file or of a folder. The path of a folder ends with a slash.
    Playlist,
}

/// A secret key of this process.
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha256>);

impl Key {
    /// Returns a key from these bytes. A block of the hash has 64 bytes; a longer key adds no strength.
    pub(super) fn new(bytes: [u8; 64]) -> Key {
        Key(Hmac::new(&bytes.into()))
    }

    /// Returns a new random key.
    ///
    /// The key is not derived from the password, because an attacker with one signed URL could then test passwords
    /// offline. Signed URLs become invalid when the process ends, but our pages fetch new URLs automatically.
    ///
    /// # Errors
    ///
    /// Returns an error if the system provides no random numbers.
    pub(super) fn random() -> std::io::Result<Key> {
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

    /// Hashes the statement of a token. The caller then reads the signature, or verifies a signature.
    pub(super) fn sign_token(
        &self,
        purpose: Purpose,
        expires: [u8; 4],
        path: &str,
    ) -> Hmac<Sha256> {
        let purpose = match purpose {
            Purpose::Stream => "stream",
            Purpose::Subtitles => "subtitles",
            Purpose::Playlist => "playlist",
        };
        // The first part ends with a NUL and the second has a fixed length, so no two statements have the same bytes.
        self.0
            .clone()
            .chain_update(purpose)
            .chain_update(b"\0")
            .chain_update(expires)
            .chain_update(path)
    }
}
