//! Subtitles: a file is read whole, converted to WebVTT, and sent as that.

use std::io::{self, Read};

use crate::access;
use crate::http::{EntityTag, Representation};
use crate::media::{MediaFile, MediaName};
use crate::server::context::RequestContext;
use crate::server::errors::HandlerError;
use crate::server::permits::Permit;
use crate::server::response::Response;
use crate::subtitles::to_webvtt;

/// The type of a track, whatever the file is called.
const MEDIA_TYPE: &str = "text/vtt; charset=utf-8";
/// A file that changes while it is read is read again: an editor has nearly always saved it by then.
const ATTEMPTS: usize = 2;

/// Answers GET and HEAD.
pub(in crate::server) fn respond(
    context: RequestContext<'_>,
    name: &MediaName,
) -> Result<Response, HandlerError> {
    until_unchanged(context, || {
        let (file, _permit) = open(context, name)?;
        answer(context, &version(&file), || convert(context, &file, name))
    })
}

/// Answers again where the file changed while it was read.
pub(super) fn until_unchanged(
    context: RequestContext<'_>,
    answer: impl Fn() -> Result<Response, HandlerError>,
) -> Result<Response, HandlerError> {
    for _ in 0..ATTEMPTS {
        match answer() {
            Err(HandlerError::Changed) => {}
            result => return result,
        }
    }
    let target = access::masked(context.request.target());
    log::warn!("{target:?} changes while it is read");
    Err(HandlerError::Changed)
}

/// Answers with the WebVTT that `convert` makes, or as the preconditions say.
pub(super) fn answer(
    context: RequestContext<'_>,
    version: &str,
    convert: impl FnOnce() -> Result<Vec<u8>, HandlerError>,
) -> Result<Response, HandlerError> {
    let representation = Representation {
        // Not known before the conversion. Only ranges depend on it.
        complete_length: 0,
        media_type: MEDIA_TYPE,
        etag: EntityTag::from_text(version),
        last_modified: None,
    };
    super::whole(context, representation, |representation| {
        let text = convert()?;
        representation.complete_length = text.len() as u64;
        context.text(text)
    })
}

fn open(
    context: RequestContext<'_>,
    name: &MediaName,
) -> Result<(MediaFile, Permit), HandlerError> {
    let (file, permit) = context.open(name)?;
    if file.length() <= context.app.limits.subtitles {
        return Ok((file, permit));
    }
    log::warn!(
        "{:?} is too long for subtitles: {} bytes",
        access::masked(context.request.target()),
        file.length()
    );
    Err(HandlerError::NotFound)
}

/// Reads and converts a file.
fn convert(
    context: RequestContext<'_>,
    file: &MediaFile,
    name: &MediaName,
) -> Result<Vec<u8>, HandlerError> {
    context.may_block()?;
    let length = usize::try_from(file.length()).unwrap_or(usize::MAX);
    let memory = context.app.permits.text_bytes.acquire(length);
    let _memory = memory.ok_or(HandlerError::Unavailable)?;
    // Read before the permit is taken: a read can hang in a dead network share, a conversion cannot.
    let content = read(file).map_err(|error| context.io_error(&error))?;
    let content = content.ok_or(HandlerError::Changed)?;
    webvtt(context, &content, name.file_name().as_encoded_bytes())
}

/// Converts the content of a file. In none of the formats: 404, as for a file that is not there.
pub(super) fn webvtt(
    context: RequestContext<'_>,
    content: &[u8],
    file_name: &[u8],
) -> Result<Vec<u8>, HandlerError> {
    let permit = context.app.permits.conversions.acquire(1);
    let _permit = permit.ok_or(HandlerError::Unavailable)?;
    let text = to_webvtt(content, file_name).ok_or(HandlerError::NotFound)?;
    let mut text = text.into_bytes();
    text.shrink_to_fit();
    Ok(text)
}

/// Reads the whole file; `None` if it is no longer the one that was opened.
fn read(file: &MediaFile) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::with_capacity(usize::try_from(file.length()).unwrap_or(0));
    file.file()
        .take(file.length() + 1)
        .read_to_end(&mut content)?;
    let is_whole = content.len() as u64 == file.length() && file.is_unchanged()?;
    Ok(is_whole.then_some(content))
}

/// Returns an entity tag for what is sent, which changes with the file and with the program that converts it, and never
/// equals that of the file's own stream. For the same reason there is no Last-Modified.
pub(super) fn version(file: &MediaFile) -> String {
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
    fn touched_file_has_another_version() {
        let temp = tempfile::tempdir().unwrap();
        let writer = File::create(temp.path().join("a.srt")).unwrap();
        let dir = MediaDir::new(temp.path()).unwrap();
        let name = MediaName::from_segments(&[b"a.srt".to_vec()]).unwrap();
        let file = dir.open(&name).unwrap();
        writer.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_ne!(version(&file), version(&dir.open(&name).unwrap()));
    }

    #[test]
    fn file_that_changes_while_it_is_read_is_not_sent() {
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
        let file = open();
        writer.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(read(&file).unwrap(), None, "same length, another time");
    }
}
