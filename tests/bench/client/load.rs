use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{Timespec, epoll};

use super::{Wanted, connect};
use crate::Result;
use crate::shared::client::{PATIENCE, drop_content, get, uninterrupted};
use crate::shared::response::Response;

/// So many connections that ask as soon as they are answered, for a while. One thread serves them all: sixteen threads
/// would cost the machine more in changes between them than in answers.
pub(crate) struct Load<'a, N> {
    address: SocketAddr,
    target: &'a str,
    /// What is asked for next.
    next: N,
    clients: Vec<Client>,
    poll: OwnedFd,
    /// Never written to: see [`drop_content`].
    block: Vec<u8>,
}

/// What came of it.
pub(crate) struct Answers {
    /// From the first byte of each request to the last of its answer, in ms.
    pub(crate) times: Vec<f64>,
    pub(crate) bytes: u64,
    pub(crate) elapsed: Duration,
}

struct Client {
    stream: TcpStream,
    wanted: Wanted,
    asked: Instant,
    /// What has come of the head.
    head: Vec<u8>,
    /// What is missing of the content, once the head is there.
    left: Option<u64>,
    keeps: bool,
}

/// The most that is dropped at a time.
const BLOCK: usize = 1 << 20;
/// The head of an answer and a little more.
const HEAD_BLOCK: usize = 2048;

impl<'a, N: FnMut() -> Wanted> Load<'a, N> {
    /// Connects; nothing is asked for yet.
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

    /// Asks until the time is over; answers that are under way then are left where they are, but what has come of them
    /// counts as bytes.
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
        let patience = Timespec::try_from(PATIENCE)?;
        while begin.elapsed() < time {
            events.clear();
            let count = uninterrupted(|| {
                let room = rustix::buffer::spare_capacity(&mut events);
                Ok(epoll::wait(&self.poll, room, Some(&patience))?)
            })?;
            if count == 0 {
                return Err(format!("nothing came for {} s", PATIENCE.as_secs()).into());
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
            if !client.keeps {
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
            keeps: true,
        })
    }

    fn ask(&mut self, target: &str) -> io::Result<()> {
        self.head.clear();
        self.left = None;
        let request = get(target, &self.wanted.field());
        self.asked = Instant::now();
        self.stream.write_all(&request)
    }

    /// Takes what is there; returns how much of the content that was.
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
                // All that there was came with the head.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                Err(error) => return Err(error),
            };
        }
        self.left = Some(left - count);
        Ok(early + count)
    }

    /// Reads some of the head; once it is complete, how much content came with it.
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
        let length = self.wanted.must_be(&head)?;
        self.keeps = head.keeps();
        self.left = Some(length);
        let early = (self.head.len() - end) as u64;
        if early > length {
            return Err(io::Error::other("more content than the head says"));
        }
        Ok(Some(early))
    }
}
