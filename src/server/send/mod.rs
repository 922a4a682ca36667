//! Writes a [`Response`] to the client's socket: the head, then bytes from memory or ranges of a file.
//!
//! Invariant: after an error, the connection closes before the announced length is reached. This is the only way to
//! tell a client that its copy is incomplete.

mod file;
mod writer;

use std::iter;

use rustix::net::SendFlags;

use super::context::AppState;
use super::response::{Body, Response};
use crate::clock;
use crate::cut::BodyPart;
use crate::handoff::PendingRequest;
use crate::http::Method;
use crate::limits::{BLOCK, SENDFILE_FROM};
use crate::media::MediaFile;
use crate::proxy::Client;
pub(super) use writer::SendError;
use writer::SocketWriter;

/// Sends a response. Returns the number of content bytes that the kernel accepted, and the reason for an early end. The
/// heads of multipart ranges also count as content.
pub(super) fn send(
    app: &AppState,
    response: Response,
    client: Client,
    request: &PendingRequest,
) -> (u64, Result<(), SendError>) {
    let Response { head, body } = response;
    let config = &app.config;
    let mut start = Vec::with_capacity(1024);
    head.encode(clock::now(), request.persistence, &mut start);
    let mut writer = SocketWriter {
        stream: &request.stream,
        stall_timeout: config.timeouts.stall,
        sendfile: config.sendfile,
        has_timed_out: false,
        head_left: start.len() as u64,
        content: 0,
        total: &app.metrics.content,
    };
    let is_head = request.head.method == Method::Head;
    let result = match body {
        _ if is_head => send_short(app, &mut writer, start, &[], client),
        Body::Empty => send_short(app, &mut writer, start, &[], client),
        Body::Short(bytes) => send_short(app, &mut writer, start, &bytes, client),
        // The permits are held until the whole text is sent.
        Body::Text(text, _permit, _share) => writer
            .write_all(&start, SendFlags::MORE)
            .and_then(|()| writer.write_all(&text, SendFlags::empty())),
        Body::Range(file, range, _permit) => {
            let mut parts = iter::once(BodyPart::File(range));
            send_parts(&mut writer, start, &file, &mut parts)
        }
        Body::Cut(file, cut, range, _permit, _share) => {
            send_parts(&mut writer, start, &file, &mut cut.parts(range))
        }
        // Each range has a head of its own (RFC 9110 §14.6).
        Body::Ranges(file, multipart, _permit) => {
            let ranges = multipart.parts.iter();
            let parts = ranges.flat_map(|it| {
                [
                    BodyPart::Memory(it.head.as_bytes()),
                    BodyPart::File(it.range),
                ]
            });
            let closing = BodyPart::Memory(multipart.closing.as_bytes());
            send_parts(&mut writer, start, &file, &mut parts.chain([closing]))
        }
    };
    (writer.content, result)
}

/// Sends a short response without a permit, because the socket usually accepts it without a wait. If the socket is
/// full, the thread must wait for the client, and then it needs a stream permit. There are more threads than stream
/// permits, so clients that do not read cannot occupy all threads.
fn send_short(
    app: &AppState,
    writer: &mut SocketWriter<'_>,
    mut start: Vec<u8>,
    body: &[u8],
    client: Client,
) -> Result<(), SendError> {
    start.extend_from_slice(body);
    let sent = writer.send(&start, SendFlags::DONTWAIT)?;
    if sent == start.len() {
        return Ok(());
    }
    let permit = app.permits.stream(client);
    let _permit = permit.ok_or(SendError::NoPermit)?;
    writer.write_all(&start[sent..], SendFlags::empty())
}

/// Sends `start`, then `parts`. Joins short parts in memory, so that packets are full.
///
/// Invariant: the final send has no `MORE` flag. Otherwise the kernel would delay the final packet by 200 ms.
fn send_parts(
    writer: &mut SocketWriter<'_>,
    start: Vec<u8>,
    media: &MediaFile,
    parts: &mut dyn Iterator<Item = BodyPart<'_>>,
) -> Result<(), SendError> {
    let mut short = start;
    for part in parts {
        if short.len() > BLOCK {
            flush(writer, &mut short)?;
        }
        match part {
            BodyPart::Memory(bytes) => {
                let (blocks, rest) = bytes.split_at(bytes.len().saturating_sub(BLOCK));
                if !blocks.is_empty() {
                    flush(writer, &mut short)?;
                    writer.write_all(blocks, SendFlags::MORE)?;
                }
                short.extend_from_slice(rest);
            }
            BodyPart::File(range) if range.length() < SENDFILE_FROM => {
                file::append(media, range, &mut short)?;
            }
            BodyPart::File(range) => {
                flush(writer, &mut short)?;
                file::send_range(writer, media, range)?;
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
