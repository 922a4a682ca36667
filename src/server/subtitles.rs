//! Subtitles to a [`Plan`]: a file is read whole, converted, and sent as what it became.
//!
//! Decides like `respond`, sends nothing. Must not know formats: those are `crate::subtitles`'s.

use std::io;

use super::asked::Asked;
use super::refusal::{NOT_THAT_VERSION, explain};
use super::respond::{Content, Plan, nonce};
use crate::access;
use crate::http::{
    Boundary, EntityTag, Outcome, Representation, ResponseHead, Validators, evaluate,
};
use crate::media::{MediaFile, MediaName};
use crate::route::Rejection;

/// What every browser wants of a track, whatever the file is called.
const MEDIA_TYPE: &str = "text/vtt; charset=utf-8";
/// A file that changes while it is read is read once more: whoever saves it is done by then, or nearly always.
const ATTEMPTS: usize = 2;

/// The answer to a GET or HEAD.
pub(super) fn answer(asked: Asked<'_>, name: &MediaName) -> Result<Plan, Rejection> {
    let (request, service) = (asked.request, asked.service());
    let refuse = |error: io::Error| asked.rejection(&error);
    for _ in 0..ATTEMPTS {
        let file = service.dir.open(name).map_err(refuse)?;
        if file.length() > service.longest_subtitles {
            log::warn!(
                "{:?} is too long for subtitles: {} bytes",
                access::masked(request.target()),
                file.length()
            );
            return Err(Rejection::NotFound);
        }
        let mut representation = Representation {
            // Not known before the conversion, and only ranges depend on it, which nobody asks of a track: RFC 9110
            // §14.2 lets us ignore them.
            complete_length: 0,
            media_type: MEDIA_TYPE,
            validators: Validators::from_text(&version(&file)),
        };
        let outcome = match evaluate(request, &representation) {
            Outcome::NotModified => Outcome::NotModified,
            Outcome::PreconditionFailed => Outcome::PreconditionFailed,
            _ => Outcome::Full,
        };
        let head = |representation: &Representation| {
            ResponseHead::for_outcome(&outcome, representation, Boundary::from_nonce(nonce()))
        };
        match outcome {
            Outcome::NotModified => {
                return Ok(Plan {
                    head: head(&representation),
                    content: Content::None,
                });
            }
            Outcome::PreconditionFailed => {
                return Ok(explain(head(&representation), true, NOT_THAT_VERSION));
            }
            _ => {}
        }
        if !asked.turn.may_wait() {
            return Err(Rejection::Unavailable);
        }
        let converted = match service.converter.convert(file) {
            Ok(Some(converted)) => converted,
            Ok(None) => continue,
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                return Err(Rejection::Unavailable);
            }
            Err(error) => return Err(refuse(error)),
        };
        representation.complete_length = converted.len() as u64;
        return Ok(Plan {
            head: head(&representation),
            content: asked.text(converted)?,
        });
    }
    log::warn!(
        "{:?} changes while it is read",
        access::masked(request.target())
    );
    Err(Rejection::Unavailable)
}

/// Names what is sent, not the file: it changes with the file and with the program that converts it, and is never the
/// tag of the file's own stream. For the same reason there is no Last-Modified. That of the file would tell a client
/// after an update of the program that its copy is still good.
fn version(file: &MediaFile) -> String {
    let source = EntityTag::from_metadata(file.length(), file.modified()).to_string();
    format!(
        "{}-webvtt-{}",
        source.trim_matches('"'),
        env!("CARGO_PKG_VERSION")
    )
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;
    use crate::media::MediaDir;

    #[test]
    fn another_version_has_another_name() {
        let temp = tempfile::tempdir().unwrap();
        let writer = File::create(temp.path().join("a.srt")).unwrap();
        let dir = MediaDir::new(temp.path()).unwrap();
        let name = MediaName::from_segments(&[b"a.srt".to_vec()]).unwrap();
        let file = dir.open(&name).unwrap();
        writer.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_ne!(version(&file), version(&dir.open(&name).unwrap()));
    }
}
