//! Heads on their way to tiny_http, and the repair of that way. Knows the link and the desk, no client.

use std::io;
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Interest, Poll};

use super::desk::Desk;
use super::link::{Link, Requests};
use super::{LINK, Workers};

/// How long a link that could not be made anew is left alone.
const PAUSE: Duration = Duration::from_millis(100);

/// What one turn of the gate's loop has for tiny_http: sent together, with one system call.
#[derive(Debug)]
pub(super) struct Outbox {
    heads: Vec<u8>,
    /// `None` while it is broken.
    link: Option<Link>,
    /// When the next try to make it anew is due.
    retry_at: Option<Instant>,
    /// Why there can be no other.
    lost: Option<io::Error>,
    requests: Requests,
}

impl Outbox {
    /// The poll says from here on when the link breaks.
    pub(super) fn new(link: Link, requests: Requests, poll: &Poll) -> io::Result<Outbox> {
        watch(&link, poll)?;
        Ok(Outbox {
            heads: Vec::new(),
            link: Some(link),
            retry_at: None,
            lost: None,
            requests,
        })
    }

    /// To be added to.
    pub(super) fn heads(&mut self) -> &mut Vec<u8> {
        &mut self.heads
    }

    /// When [`flush`](Outbox::flush) should be called although there is nothing new.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.retry_at
    }

    /// Gives the link up. The heads that were on it are at the desk still.
    pub(super) fn break_link(&mut self, cause: &str) {
        if let Some(link) = self.link.take() {
            log::error!("the link to tiny_http broke ({cause}); making a new one");
            let _ = link.stream().shutdown(Shutdown::Both);
            self.retry_at = Some(Instant::now());
        }
    }

    /// Why nobody can be served any more, if that is so; the desk is stopped then.
    pub(super) fn lost(self) -> Option<io::Error> {
        self.lost
    }

    /// Sends what is here, over a new link if the old one broke.
    pub(super) fn flush(&mut self, poll: &Poll, desk: &Desk, workers: &dyn Workers, now: Instant) {
        if self.link.is_none() && self.lost.is_none() && self.retry_at.is_none_or(|at| at <= now) {
            self.renew(poll, desk, workers, now);
        }
        if let Some(link) = &mut self.link
            && !self.heads.is_empty()
            && let Err(error) = link.send(&self.heads)
        {
            self.break_link(&error.to_string());
        }
        // Without a link, they are sent from the desk once there is one.
        self.heads.clear();
    }

    fn renew(&mut self, poll: &Poll, desk: &Desk, workers: &dyn Workers, now: Instant) {
        let renewed = Link::renew(&self.requests, || workers.count())
            .and_then(|link| watch(&link, poll).map(|()| link));
        match renewed {
            Ok(link) => {
                self.link = Some(link);
                self.retry_at = None;
                self.heads = desk.reissue();
            }
            // A confined process that has used up what it had for this.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                self.lost = Some(error);
                desk.stop();
            }
            Err(error) => {
                log::error!("cannot make a new link to tiny_http: {error}");
                self.retry_at = Some(now + PAUSE);
            }
        }
    }
}

fn watch(link: &Link, poll: &Poll) -> io::Result<()> {
    let fd = link.stream().as_raw_fd();
    poll.registry()
        .register(&mut SourceFd(&fd), LINK, Interest::READABLE)
}
