//! Files that are part of the program, and the health check.

use std::borrow::Cow;

use crate::http::{EntityTag, Representation, ResponseHead, Status};
use crate::server::context::RequestContext;
use crate::server::errors::HandlerError;
use crate::server::response::{Body, Response};
use crate::web;

/// Answers requests for `/healthz`.
pub(in crate::server) fn health() -> Response {
    let head = ResponseHead::new(Status::Ok)
        .with_field("Content-Type", "text/plain")
        .with_field("Content-Length", "2")
        .with_field("Cache-Control", "no-store");
    Response {
        head,
        body: Body::Short(Cow::Borrowed(b"ok")),
    }
}

/// Answers requests for an asset.
pub(in crate::server) fn respond(
    context: RequestContext<'_>,
    path: &str,
) -> Result<Response, HandlerError> {
    let asset = web::asset(path).ok_or(HandlerError::NotFound)?;
    // The OpenAPI description contains the base path.
    let (content, base) = match path {
        "/api/openapi.json" => {
            let base = context.app.config.base.url().as_ref();
            (Cow::Owned(web::description(base).into_bytes()), base)
        }
        _ => (Cow::Borrowed(asset.content), ""),
    };
    let representation = Representation {
        complete_length: content.len() as u64,
        media_type: asset.media_type,
        etag: EntityTag::from_text(&format!("{:x}{base}", asset.version)),
        last_modified: None,
    };
    super::whole(context, representation, |_| Ok(Body::Short(content)))
}
