//! What a library page is answered with. As in `respond`, nothing has been sent when this returns.

use std::borrow::Cow;

use super::asked::Asked;
use super::pages::page_head;
use super::respond::{Content, Plan, SHORT, to};
use crate::http::Status;
use crate::media::FolderName;
use crate::route::Rejection;
use crate::web::{self, Library, LibraryQuery};

/// A folder as a page, a search, or the way to the only video.
pub(super) fn library(asked: Asked<'_>, folder: FolderName) -> Result<Plan, Rejection> {
    let (turn, target, service) = (asked.turn, asked.target, asked.service());
    let is_plain = target.query().is_none_or(str::is_empty);
    let query = LibraryQuery::read(is_plain, |key| target.query_value(key));
    let links = service.links();
    let library = match query.is_search() {
        true => {
            let _slot = turn.claim_search().ok_or(Rejection::Unavailable)?;
            Library::open(&service.dir, folder, query, links)
        }
        false => {
            let _slot = turn.claim_folder().ok_or(Rejection::Unavailable)?;
            Library::open(&service.dir, folder, query, links)
        }
    };
    let mut page = match library.map_err(|error| asked.rejection(&error))? {
        Library::Page(page) => page,
        Library::Single(name) => {
            // Only as long as it is the only one.
            let mut plan = to(Status::TemporaryRedirect, web::watch_url(&name));
            plan.head = plan.head.with_field("Cache-Control", "no-store");
            return Ok(plan);
        }
    };
    let text = page
        .render(web::LIBRARY_BYTES)
        .ok_or(Rejection::Unavailable)?;
    let head = |text: &str| page_head(web::PAGE_TYPE).with_content_length(text.len() as u64);
    if asked.is_head() {
        return Ok(Plan {
            head: head(&text),
            content: Content::None,
        });
    }
    if text.len() > SHORT
        && let Some(share) = service.texts.claim(text.capacity())
        && let Some(slot) = asked.stream_slot()
    {
        return Ok(Plan {
            head: head(&text),
            content: Content::Text(text.into_bytes(), slot, share),
        });
    }
    // Short as it is, or everybody watches. Then the page is made short, and the next one begins earlier.
    let text = page.render(SHORT).ok_or(Rejection::Unavailable)?;
    Ok(Plan {
        head: head(&text),
        content: Content::Bytes(Cow::Owned(text.into_bytes())),
    })
}
