//! Subtitle files: the handler reads a whole file, converts it to WebVTT and sends the result.

use std::io::{self, Read};

use crate::access;
use crate::http::{Representation, Status};
use crate::media::{MediaFile, MediaName};
use crate::server::context::RequestContext;
use crate::server::errors::{Answer, HandlerError};
use crate::server::permits::Scope;
use crate::subtitles::to_webvtt;

/// The media type of a track. It does not depend on the name of the file.
pub(super) const MEDIA_TYPE: &str = "text/vtt; charset=utf-8";

/// Answers GET and HEAD requests for a subtitle file.
pub(in crate::server) fn respond(context: RequestContext<'_>, name: &MediaName) -> Answer {
    let (file, _permit) = context.open(name)?;
    let length = file.length();
    if length > context.app.limits.subtitles {
        let target = access::masked(context.request.target());
        log::warn!("{target:?} is too long for subtitles: {length} bytes");
        return Err(Status::NotFound.into());
    }
    let representation = super::made_from(&file, "webvtt", MEDIA_TYPE);
    answer(context, representation, || convert(context, &file, name))
}

/// Answers with the WebVTT text that `convert` returns, or with the result of the preconditions.
pub(super) fn answer(
    context: RequestContext<'_>,
    representation: Representation,
    convert: impl FnOnce() -> Result<Vec<u8>, HandlerError>,
) -> Answer {
    super::whole(context, representation, |representation| {
        let text = convert()?;
        representation.complete_length = text.len() as u64;
        context.text(text)
    })
}

/// Reads a file and converts it to WebVTT.
fn convert(
    context: RequestContext<'_>,
    file: &MediaFile,
    name: &MediaName,
) -> Result<Vec<u8>, HandlerError> {
    let length = usize::try_from(file.length()).unwrap_or(usize::MAX);
    let _memory = context.permit(&context.app.permits.text_bytes, Scope::All, length)?;
    // The read comes before the permit, because a read from a dead network share can block; a conversion cannot.
    let content = read(file)?.ok_or(Status::ServiceUnavailable)?;
    webvtt(context, &content, name.file_name().as_encoded_bytes())
}

/// Converts the content of a file to WebVTT. Answers 404 if the format is unknown, as for a file that does not exist.
pub(super) fn webvtt(
    context: RequestContext<'_>,
    content: &[u8],
    file_name: &[u8],
) -> Result<Vec<u8>, HandlerError> {
    let _permit = context.permit(&context.app.permits.conversions, Scope::All, 1)?;
    let text = to_webvtt(content, file_name).ok_or(Status::NotFound)?;
    let mut text = text.into_bytes();
    text.shrink_to_fit();
    Ok(text)
}

/// Reads the whole file; returns `None` if the file changed after it was opened.
fn read(file: &MediaFile) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::with_capacity(usize::try_from(file.length()).unwrap_or(0));
    file.file()
        .take(file.length() + 1)
        .read_to_end(&mut content)?;
    let is_whole = content.len() as u64 == file.length() && file.is_unchanged()?;
    Ok(is_whole.then_some(content))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;

    use super::*;
    use crate::media::MediaDir;

    #[test]
    fn file_that_changes_while_it_is_read_is_not_sent() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a.srt");
        std::fs::write(&path, "one").unwrap();
        let dir = MediaDir::new(temp.path()).unwrap();
        let name = MediaName::from_segments(&[b"a.srt".to_vec()]).unwrap();
        let after = |change: &dyn Fn(&File)| {
            let file = dir.open(&name).unwrap();
            change(&File::options().append(true).open(&path).unwrap());
            read(&file).unwrap()
        };
        assert_eq!(after(&|_| ()).as_deref(), Some(&b"one"[..]));
        assert_eq!(after(&|mut file| file.write_all(b"two").unwrap()), None);
        assert_eq!(after(&|file| file.set_len(2).unwrap()), None);
        let touch = |file: &File| file.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(after(&touch), None, "same length, another time");
    }
}
