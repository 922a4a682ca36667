//! The key of a process, which signs credentials and tokens: HMAC (RFC 2104) with SHA-256.

use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A signature. A comparison takes the same time for every wrong signature, so the time shows nothing to an attacker.
pub(super) type Signature = CtOutput<Hmac<Sha256>>;

/// The kind of resource that a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The bytes of a file, of its cover, or of a cut (a part of a film).
    Stream,
    /// The text of a subtitle file, or of a subtitle track in a video.
    Subtitles,
    /// The playlist of a file or of a folder. The path of a folder ends with a slash.
    Playlist,
}

/// A secret key.
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha256>);

impl Key {
    /// Returns a key of 64 bytes, the block size of SHA-256. A longer key would not be stronger.
    pub(super) fn new(bytes: [u8; 64]) -> Key {
        Key(Hmac::new(&bytes.into()))
    }

    /// Returns a new random key.
    ///
    /// The key is not derived from the password. With a key from the password, an attacker who has a signed URL can
    /// test passwords offline. After a restart, the server has another key, so it refuses old signed URLs. The pages
    /// then fetch new URLs.
    pub(super) fn random() -> std::io::Result<Key> {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes)?;
        Ok(Key::new(bytes))
    }

    /// Begins to hash a statement, the text that a signature covers: its kind, a NUL, and its values. Without the NUL,
    /// statements of the kinds `a` and `ab` could have the same bytes.
    fn statement(&self, kind: &str) -> Hmac<Sha256> {
        self.0.clone().chain_update(kind).chain_update(b"\0")
    }

    pub(super) fn sign_user_pass(&self, user_pass: &[u8]) -> Signature {
        let statement = self.statement("user-pass");
        statement.chain_update(user_pass).finalize()
    }

    /// Hashes the statement of a token. To sign, the caller finalizes the hash. To check, the caller verifies a
    /// signature with the hash.
    pub(super) fn hash_token(
        &self,
        purpose: Purpose,
        expires: [u8; 4],
        path: &str,
    ) -> Hmac<Sha256> {
        let statement = self.statement(match purpose {
            Purpose::Stream => "stream",
            Purpose::Subtitles => "subtitles",
            Purpose::Playlist => "playlist",
        });
        // The expiry time always has four bytes, so it cannot be confused with the path.
        statement.chain_update(expires).chain_update(path)
    }
}
