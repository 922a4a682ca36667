//! The library page: a folder, or the results of a search.

use crate::http::Status;
use crate::media::FolderName;
use crate::server::context::RequestContext;
use crate::server::errors::Answer;
use crate::server::permits::Scope;
use crate::server::response::{Response, page_head};
use crate::web::{self, LibraryPage, LibraryQuery};

/// Answers with a page, or with a redirect if the folder contains only one video.
pub(in crate::server) fn respond(context: RequestContext<'_>, folder: FolderName) -> Answer {
    let query = LibraryQuery::read(context.target);
    let permits = match query.is_search() {
        true => vec![context.permit(&context.app.permits.searches, Scope::All, 1)?],
        false => context.scan_permits(&folder)?.into(),
    };
    let mut page = LibraryPage::open(&context.app.dir, folder, query, context.links())?;
    drop(permits);
    if let Some(name) = page.only_file() {
        let mut response =
            Response::redirect(Status::TemporaryRedirect, context.links().watch(&name));
        // The client must not store the redirect, because the folder may get a second video.
        response.head = response.head.with_field("Cache-Control", "no-store");
        return Ok(response);
    }
    let whole = super::text(context, page_head(), page.render(web::LIBRARY_BYTES));
    // If all stream permits are taken, the client gets a shorter page, which needs no permit.
    whole.or_else(|_| super::text(context, page_head(), page.render(web::SHORT_LIBRARY_BYTES)))
}
