//! The data for handlers: the state of the server, and the context of one request.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use super::errors::HandlerError;
use super::permits::{Permit, Permits, Scope, StreamPermit};
use super::response::Body;
use crate::access;
use crate::auth::Authenticator;
use crate::config::Config;
use crate::handoff::Handoff;
use crate::host::without_zone;
use crate::http::{Method, RequestHead, Status, Target};
use crate::limits::{SHORT_BODY, ServerLimits};
use crate::media::{FolderName, MediaDir, MediaFile, MediaName};
use crate::metrics::{Metrics, Process};
use crate::proxy::Client;
use crate::web::Links;

/// The state that all requests share.
pub(super) struct AppState {
    /// The settings. Their list of hosts includes the name of this machine.
    pub(super) config: Config,
    pub(super) dir: MediaDir,
    /// The check of the password; `None` if no password is set.
    pub(super) authenticator: Option<Authenticator>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) process: Process,
    pub(super) threads: Arc<AtomicUsize>,
    pub(super) limits: ServerLimits,
    pub(super) permits: Permits,
    pub(super) handoff: Arc<Handoff>,
}

#[derive(Clone, Copy)]
pub(super) struct RequestContext<'a> {
    pub(super) app: &'a AppState,
    pub(super) request: &'a RequestHead,
    pub(super) target: &'a Target,
    pub(super) client: Client,
    /// Whether another thread waits for requests.
    pub(super) has_backup: bool,
    /// The time when the head was complete.
    pub(super) received: Instant,
}

impl RequestContext<'_> {
    /// Returns whether the method is HEAD. The response then has no body.
    pub(super) fn is_head(&self) -> bool {
        self.request.method == Method::Head
    }

    /// Returns the host name without a zone. The authority of an absolute-form target has priority (RFC 9112 §3.2.2).
    pub(super) fn host(&self) -> Option<Cow<'_, str>> {
        let host = self.target.authority.as_deref();
        let host = host.or_else(|| self.request.field("host"));
        host.map(without_zone)
    }

    /// Returns a value of the query; `None` if it is absent or empty.
    pub(super) fn query_value(&self, key: &str) -> Option<String> {
        let value = self.target.query_value(key)?;
        Some(String::from_utf8_lossy(&value).into_owned()).filter(|text| !text.is_empty())
    }

    pub(super) fn links(&self) -> Links {
        let authenticator = self.app.authenticator.as_ref();
        let base = Arc::clone(&self.app.config.base.url);
        Links::new(base, authenticator.map(|it| it.tokens()))
    }

    /// Takes permits for an operation that may block this thread. Refuses the operation if no other thread waits for
    /// requests.
    pub(super) fn permit<T>(
        &self,
        acquire: impl FnOnce(&Permits) -> Option<T>,
    ) -> Result<T, HandlerError> {
        let permits = self.has_backup.then_some(&self.app.permits);
        let permit = permits.and_then(acquire);
        permit.ok_or(Status::ServiceUnavailable.into())
    }

    pub(super) fn stream_permit(&self) -> Result<StreamPermit, HandlerError> {
        self.permit(|permits| {
            let permit = permits.stream(self.client);
            if permit.is_none() {
                self.app.metrics.streams_refused.add(1);
            }
            permit
        })
    }

    pub(super) fn scan_permits(&self, folder: &FolderName) -> Result<[Permit; 2], HandlerError> {
        self.permit(|permits| {
            let own = permits.scans.acquire(Scope::of(folder), 1)?;
            Some([own, permits.all_scans.acquire(Scope::All, 1)?])
        })
    }

    /// Opens a file. A disk that hangs blocks the open and the reads. The permit limits the number of blocked threads,
    /// so the caller holds it until its handler returns.
    pub(super) fn open(&self, name: &MediaName) -> Result<(MediaFile, Permit), HandlerError> {
        let permit = self.app.permits.opens.acquire(Scope::of(&name.folder()), 1);
        let permit = permit.ok_or_else(|| {
            let target = access::masked(&self.request.target);
            log::warn!("refusing {target:?}: too many requests wait for the disk of this folder");
            Status::ServiceUnavailable
        })?;
        Ok((self.app.dir.open(name)?, permit))
    }

    /// Returns the body for a text. A long text stays in memory while a slow client reads it. So it needs a stream
    /// permit and a part of the text budget. If the client reads nothing, the stall timeout ends the response and so
    /// releases both.
    pub(super) fn text(&self, mut bytes: Vec<u8>) -> Result<Body, HandlerError> {
        if self.is_head() {
            return Ok(Body::Empty);
        }
        if bytes.len() <= SHORT_BODY {
            return Ok(Body::Short(Cow::Owned(bytes)));
        }
        // The budget counts the capacity. Without this call, the capacity can be twice the length.
        bytes.shrink_to_fit();
        let share = self.permit(|it| it.text_bytes.acquire(Scope::All, bytes.capacity()))?;
        Ok(Body::Text(bytes, self.stream_permit()?, share))
    }
}
