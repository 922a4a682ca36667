use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{Timespec, epoll};

use super::{Wanted, connect};
use crate::Result;
use crate::shared::client::{TIMEOUT, drop_content, get, uninterrupted};
use crate::shared::response::Response;

/// Connections that send the next request directly after each response. One thread handles all connections, because
/// context switches between threads take more time than the responses.
pub(crate) struct Load<'a, N> {
    address: SocketAddr,
    target: &'a str,
    next: N,
    clients: Vec<Client>,
    poll: OwnedFd,
    /// A buffer for [`drop_content`]. Its length is the maximum number of bytes to discard in one call. The kernel
    /// discards these bytes without a copy, so the buffer does not change.
    block: Vec<u8>,
}

pub(crate) struct Answers {
    /// The time from each request to the end of its response, in ms.
    pub(crate) times: Vec<f64>,
    pub(crate) bytes: u64,
    pub(crate) elapsed: Duration,
}

struct Client {
    stream: TcpStream,
    wanted: Wanted,
    asked: Instant,
    /// The received bytes of the head.
    head: Vec<u8>,
    /// The number of missing bytes of the content. `None` until the head is complete.
    left: Option<u64>,
    keeps_connection: bool,
}

/// The maximum number of bytes to discard in one call.
const BLOCK: usize = 1 << 20;
/// The maximum number of bytes of one read while a head is incomplete.
const HEAD_BLOCK: usize = 2048;

impl<'a, N: FnMut() -> Wanted> Load<'a, N> {
    /// Opens the connections. Sends no requests.
    pub(crate) fn open(
        address: SocketAddr,
        target: &'a str,
        clients: usize,
        mut next: N,
    ) -> Result<Self> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let clients = (0..clients)
            .map(|number| {
                let wanted = next();
                Client::connect(address, &poll, number, wanted)
            })
            .collect::<io::Result<_>>()?;
        Ok(Self {
            address,
            target,
            next,
            clients,
            poll,
            block: vec![0; BLOCK],
        })
    }

    /// Sends requests for `time`. A response that is incomplete when `time` is over counts in `bytes`, but not in
    /// `times`.
    pub(crate) fn run(&mut self, time: Duration) -> Result<Answers> {
        let mut answers = Answers {
            times: Vec::new(),
            bytes: 0,
            elapsed: Duration::ZERO,
        };
        let begin = Instant::now();
        for client in &mut self.clients {
            client.ask(self.target)?;
        }
        let mut events = Vec::with_capacity(self.clients.len());
        let timeout = Timespec::try_from(TIMEOUT)?;
        while begin.elapsed() < time {
            events.clear();
            let count = uninterrupted(|| {
                let space = rustix::buffer::spare_capacity(&mut events);
                Ok(epoll::wait(&self.poll, space, Some(&timeout))?)
            })?;
            if count == 0 {
                return Err(format!("no bytes for {} s", TIMEOUT.as_secs()).into());
            }
            for event in &events {
                let number = usize::try_from(event.data.u64())?;
                self.read(number, &mut answers)?;
            }
        }
        answers.elapsed = begin.elapsed();
        Ok(answers)
    }

    fn read(&mut self, number: usize, answers: &mut Answers) -> Result<()> {
        let client = &mut self.clients[number];
        answers.bytes += client.take(&mut self.block)?;
        if client.left == Some(0) {
            answers
                .times
                .push(1000.0 * client.asked.elapsed().as_secs_f64());
            let wanted = (self.next)();
            if !client.keeps_connection {
                *client = Client::connect(self.address, &self.poll, number, wanted)?;
            }
            client.wanted = wanted;
            client.ask(self.target)?;
        }
        Ok(())
    }
}

impl Client {
    fn connect(
        address: SocketAddr,
        poll: &OwnedFd,
        number: usize,
        wanted: Wanted,
    ) -> io::Result<Self> {
        let stream = connect(address)?;
        let data = epoll::EventData::new_u64(number as u64);
        epoll::add(poll, &stream, data, epoll::EventFlags::IN)?;
        Ok(Self {
            stream,
            wanted,
            asked: Instant::now(),
            head: Vec::with_capacity(HEAD_BLOCK),
            left: None,
            keeps_connection: true,
        })
    }

    fn ask(&mut self, target: &str) -> io::Result<()> {
        self.head.clear();
        self.left = None;
        let request = get(target, &self.wanted.field());
        self.asked = Instant::now();
        self.stream.write_all(&request)
    }

    /// Reads the available bytes. Returns the number of bytes of content.
    fn take(&mut self, block: &mut [u8]) -> io::Result<u64> {
        let early = match self.left {
            Some(_) => 0,
            None => match self.take_head()? {
                Some(count) => count,
                None => return Ok(0),
            },
        };
        let left = self.left.unwrap_or_default() - early;
        let mut count = 0;
        if left > 0 {
            count = match drop_content(&self.stream, block, left) {
                Ok(0) => {
                    let text = format!("the content ended {left} bytes early");
                    return Err(io::Error::other(text));
                }
                Ok(count) => count,
                // All available content came with the head.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                Err(error) => return Err(error),
            };
        }
        self.left = Some(left - count);
        Ok(early + count)
    }

    /// Reads bytes of the head. Returns the number of bytes of content after the head, or `None` if the head is
    /// incomplete.
    fn take_head(&mut self) -> io::Result<Option<u64>> {
        let mut bytes = [0; HEAD_BLOCK];
        match uninterrupted(|| self.stream.read(&mut bytes)) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => self.head.extend_from_slice(&bytes[..count]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
        }
        let Some((head, end)) = Response::parse(&self.head)? else {
            return Ok(None);
        };
        let length = self.wanted.check_head(&head)?;
        self.keeps_connection = head.keeps_connection();
        self.left = Some(length);
        let early = (self.head.len() - end) as u64;
        if early > length {
            return Err(io::Error::other(
                "the content is longer than Content-Length",
            ));
        }
        Ok(Some(early))
    }
}
