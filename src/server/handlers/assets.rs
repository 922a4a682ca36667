//! Files that are part of the program, and the health check.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::http::{EntityTag, Representation, ResponseHead, Status};
use crate::server::context::RequestContext;
use crate::server::errors::HandlerResult;
use crate::server::response::Body;
use crate::web;

pub(in crate::server) fn health(context: RequestContext<'_>) -> HandlerResult {
    let head = ResponseHead::new(Status::Ok)
        .with_field("Content-Type", "text/plain")
        .with_field("Cache-Control", "no-store");
    super::text(context, head, "ok".to_owned())
}

pub(in crate::server) fn respond(context: RequestContext<'_>, path: &str) -> HandlerResult {
    let base = &context.app.config.base.url;
    let (media_type, content) = web::asset(path, base).ok_or(Status::NotFound)?;
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    let representation = Representation {
        complete_length: content.len() as u64,
        media_type,
        etag: EntityTag::from_text(&format!("{:x}", hasher.finish())),
        last_modified: None,
    };
    super::whole(context, representation, |_| Ok(Body::Short(content)))
}
