//! Subtitles to a [`Plan`]: a file is read whole, converted, and sent as what it became.
//!
//! Decides like `respond`, sends nothing. Must not know formats: those are `crate::subtitles`'s.

use std::io::{self, Read};
use std::sync::Arc;

use super::pool::Pool;
use super::refusal::{NOT_THAT_VERSION, explain, rejection};
use super::respond::{Content, Plan, nonce, text};
use crate::access;
use crate::http::{
    Boundary, EntityTag, Outcome, Representation, RequestHead, ResponseHead, Validators, evaluate,
};
use crate::media::{MediaFile, MediaName};
use crate::route::Rejection;
use crate::subtitles::{MAX_LENGTH, to_webvtt};

/// What every browser wants of a track, whatever the file is called.
const MEDIA_TYPE: &str = "text/vtt; charset=utf-8";
/// What the conversion takes at its peak for each byte of a file: the file, its text in UTF-8, what its cues say, the
/// cues, the result.
const WEIGHT: usize = 12;
/// A file that changes while it is read is read once more: whoever saves it is done by then, or nearly always.
const ATTEMPTS: usize = 2;

/// The answer to a GET or HEAD.
pub(super) fn answer(
    pool: &Arc<Pool>,
    request: &RequestHead,
    name: &MediaName,
) -> Result<Plan, Rejection> {
    let refuse = |error: io::Error| rejection(&error, request);
    for _ in 0..ATTEMPTS {
        let file = pool.service().dir.open(name).map_err(refuse)?;
        if file.length() > MAX_LENGTH {
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
        let weight = usize::try_from(file.length()).map_or(usize::MAX, |length| WEIGHT * length);
        let conversions = &pool.service().conversions;
        let share = conversions.wait_for(weight).ok_or(Rejection::Unavailable)?;
        // As with folders: a few at a time, so that the processor is not all theirs.
        let turn = pool.claim_folder().ok_or(Rejection::Unavailable)?;
        let Some(content) = read(&file).map_err(refuse)? else {
            continue;
        };
        let mut converted = to_webvtt(&content).into_bytes();
        converted.shrink_to_fit();
        drop((content, turn, share));
        representation.complete_length = converted.len() as u64;
        return Ok(Plan {
            head: head(&representation),
            content: text(pool, request.method(), converted)?,
        });
    }
    log::warn!(
        "{:?} changes while it is read",
        access::masked(request.target())
    );
    Err(Rejection::Unavailable)
}

/// The whole file; `None` if it is no longer the one that was opened.
fn read(file: &MediaFile) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::with_capacity(usize::try_from(file.length()).unwrap_or(0));
    file.file()
        .take(file.length() + 1)
        .read_to_end(&mut content)?;
    let is_whole = content.len() as u64 == file.length() && file.is_unchanged()?;
    Ok(is_whole.then_some(content))
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
    use std::io::Write;

    use super::*;
    use crate::media::MediaDir;

    #[test]
    fn a_file_that_changes_is_not_mixed() {
        let temp = tempfile::tempdir().unwrap();
        let mut writer = File::create(temp.path().join("a.srt")).unwrap();
        writer.write_all(b"one").unwrap();
        let dir = MediaDir::new(temp.path()).unwrap();
        let name = MediaName::from_segments(&[b"a.srt".to_vec()]).unwrap();
        let open = || dir.open(&name).unwrap();
        let (file, again) = (open(), open());
        assert_eq!(read(&file).unwrap().as_deref(), Some(&b"one"[..]));
        writer.write_all(b"two").unwrap();
        assert_eq!(read(&again).unwrap(), None, "longer");
        let file = open();
        writer.set_len(2).unwrap();
        assert_eq!(read(&file).unwrap(), None, "shorter");
        // The same length at another time.
        let file = open();
        writer.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(read(&file).unwrap(), None, "another");
        assert_ne!(version(&file), version(&open()));
    }
}
