//! Validators (RFC 9110 §8.8): ETag and Last-Modified, by which a client recognises the version it has.

use std::time::SystemTime;

use super::date;
use super::entity_tag::EntityTag;

/// The validators of a representation (RFC 9110 §8.8).
#[derive(Clone, Debug)]
pub struct Validators {
    etag: Option<EntityTag>,
    last_modified: Option<SystemTime>,
}

impl Validators {
    /// Returns the validators of a file; none if its modification time is unknown. A length alone is no validator:
    /// a client could resume with bytes of another version.
    pub fn from_metadata(length: u64, modified: Option<SystemTime>) -> Validators {
        Validators {
            etag: modified.map(|modified| EntityTag::from_metadata(length, modified)),
            last_modified: modified.and_then(date::whole_seconds),
        }
    }

    /// Returns an entity tag made of a text that changes with the content, and no date.
    pub fn from_text(text: &str) -> Validators {
        Validators {
            etag: Some(EntityTag::from_text(text)),
            last_modified: None,
        }
    }

    /// Removes a Last-Modified that is later than `now`.
    ///
    /// RFC 9110 §8.8.2.1 forbids a Last-Modified later than Date; a file that was copied from a machine whose clock
    /// is ahead has one.
    #[must_use]
    pub fn as_of(self, now: SystemTime) -> Validators {
        Validators {
            last_modified: self.last_modified.filter(|modified| *modified <= now),
            ..self
        }
    }

    /// Returns the value of ETag.
    pub fn etag(&self) -> Option<&EntityTag> {
        self.etag.as_ref()
    }

    /// Returns the value of Last-Modified, in whole seconds, between 1970 and 9999.
    pub fn last_modified(&self) -> Option<SystemTime> {
        self.last_modified
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn last_modified_is_never_in_the_future() {
        let at = |millis: u64| UNIX_EPOCH + Duration::from_millis(millis);
        for (modified, now, is_sent) in [
            (5_300, 6_000, true),
            (5_300, 5_000, true),
            (5_300, 4_999, false),
        ] {
            let validators = Validators::from_metadata(1, Some(at(modified))).as_of(at(now));
            assert_eq!(
                validators.last_modified().is_some(),
                is_sent,
                "{modified} {now}"
            );
            assert!(validators.etag().is_some());
        }
    }
}
