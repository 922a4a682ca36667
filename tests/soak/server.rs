use std::net::SocketAddr;
use std::process::ExitStatus;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::Result;
use crate::limits::Limit;
use crate::media::Media;
use crate::shared::process::{LOOPBACK, Process, Usage, start, usage};

/// The program on a free loopback port, as a child process.
pub(crate) struct Server {
    process: Process,
    address: SocketAddr,
}

/// Raises the limit of descriptors of this process, for thousands of clients. The server process raises its own limit.
pub(crate) fn raise_descriptor_limit() -> Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current, maximum })?)
}

impl Server {
    /// Starts the program. Returns when clients can connect.
    pub(crate) fn start(media: &Media, limit: Limit) -> Result<Self> {
        let mut command = limit.command();
        // A user can set RUST_LOG to find the cause of a failure.
        let log = std::env::var("RUST_LOG").unwrap_or_else(|_| "off".to_owned());
        command.arg("--dir").arg(media.dir()).env("RUST_LOG", log);
        let (process, address) = start(command.args(LOOPBACK))?;
        Ok(Self { process, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        Ok(usage(self.process.id())?)
    }

    pub(crate) fn has_ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.process.has_ended()?)
    }

    pub(crate) fn stop(self) -> Result<()> {
        Ok(self.process.stop()?)
    }
}
