//! Writes a [`Response`] to the client's socket: the head, then bytes from memory or ranges of a file.
//!
//! Invariant: an error after the first byte closes the connection before the announced length. This is the only way to
//! tell a client that its copy is incomplete.

mod error;
mod file;
mod writer;

use rustix::net::SendFlags;

use super::context::AppState;
use super::response::{Body, Response};
use crate::clock;
use crate::cut::{Cut, Part};
use crate::handoff::PendingRequest;
use crate::http::{ByteRange, Method, Multipart};
use crate::limits::{BLOCK, SENDFILE_FROM};
use crate::media::MediaFile;
use crate::proxy::Caller;
pub(super) use error::SendError;
use writer::SocketWriter;

/// Sends a response. Returns the number of content bytes that the kernel accepted, and the reason for an early end. The
/// number includes the text between several ranges.
pub(super) fn send(
    app: &AppState,
    response: Response,
    caller: Caller,
    request: &PendingRequest,
) -> (u64, Result<(), SendError>) {
    let Response { head, body } = response;
    let config = &app.config;
    let mut start = Vec::with_capacity(1024);
    head.encode(clock::now(), request.persistence, &mut start);
    let mut writer = SocketWriter::new(
        &request.stream,
        start.len(),
        config.timeouts.stall,
        &app.metrics.content,
    );
    let result = match body {
        _ if request.head.method() == Method::Head => {
            send_short(app, &mut writer, start, &[], caller)
        }
        Body::Empty => send_short(app, &mut writer, start, &[], caller),
        Body::Short(bytes) => send_short(app, &mut writer, start, &bytes, caller),
        // The permits are held until the whole text is sent.
        Body::Text(text, _permit, _share) => writer
            .write_all(&start, SendFlags::MORE)
            .and_then(|()| writer.write_all(&text, SendFlags::empty())),
        Body::Range(file, range, _permit) if range.length() < SENDFILE_FROM => {
            file::append(&file, range, &mut start)
                .and_then(|()| writer.write_all(&start, SendFlags::empty()))
        }
        Body::Range(file, range, _permit) => writer
            .write_all(&start, SendFlags::MORE)
            .and_then(|()| file::send_range(&mut writer, &file, range, config.sendfile)),
        Body::Cut(file, cut, range, _permit, _share) => {
            send_cut(&mut writer, start, &file, &cut, range, config.sendfile)
        }
        Body::Ranges(file, multipart, _permit) => writer
            .write_all(&start, SendFlags::MORE)
            .and_then(|()| send_ranges(&mut writer, &file, &multipart, config.sendfile)),
    };
    (writer.content, result)
}

/// Sends a response that needs no permit, because the socket usually accepts it at once. If the client does not read,
/// the rest needs a stream permit, so that such clients never occupy all threads.
fn send_short(
    app: &AppState,
    writer: &mut SocketWriter<'_>,
    mut start: Vec<u8>,
    body: &[u8],
    caller: Caller,
) -> Result<(), SendError> {
    start.extend_from_slice(body);
    let sent = writer.write_now(&start)?;
    if sent == start.len() {
        return Ok(());
    }
    let permit = app.permits.streams.acquire(caller);
    let _permit = permit.ok_or(SendError::NoPermit)?;
    writer.write_all(&start[sent..], SendFlags::empty())
}

/// Sends several ranges, each after a head of its own (RFC 9110 §14.6).
fn send_ranges(
    writer: &mut SocketWriter<'_>,
    media: &MediaFile,
    multipart: &Multipart,
    sendfile: bool,
) -> Result<(), SendError> {
    for part in &multipart.parts {
        writer.write_all(part.head.as_bytes(), SendFlags::MORE)?;
        file::send_range(writer, media, part.range, sendfile)?;
    }
    writer.write_all(multipart.closing.as_bytes(), SendFlags::empty())
}

/// Sends a range of a cut after `start`. Collects short pieces, so that each packet is full.
fn send_cut(
    writer: &mut SocketWriter<'_>,
    start: Vec<u8>,
    media: &MediaFile,
    cut: &Cut,
    range: ByteRange,
    sendfile: bool,
) -> Result<(), SendError> {
    let mut short = start;
    for part in cut.parts(range) {
        match part {
            Part::Head(bytes) => {
                let (blocks, rest) = bytes.split_at(bytes.len().saturating_sub(BLOCK));
                flush(writer, &mut short)?;
                writer.write_all(blocks, SendFlags::MORE)?;
                short.extend_from_slice(rest);
            }
            Part::Source(range) if range.length() < SENDFILE_FROM => {
                file::append(media, range, &mut short)?;
                if short.len() > BLOCK {
                    flush(writer, &mut short)?;
                }
            }
            Part::Source(range) => {
                flush(writer, &mut short)?;
                file::send_range(writer, media, range, sendfile)?;
            }
        }
    }
    writer.write_all(&short, SendFlags::empty())
}

fn flush(writer: &mut SocketWriter<'_>, bytes: &mut Vec<u8>) -> Result<(), SendError> {
    writer.write_all(bytes, SendFlags::MORE)?;
    bytes.clear();
    Ok(())
}
