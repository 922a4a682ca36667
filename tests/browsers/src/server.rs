//! Runs the program under test as a child process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process::Process;
use crate::shared::process::address_in;

#[derive(Debug)]
pub(crate) struct Server {
    program: PathBuf,
    arguments: Vec<String>,
    process: Option<Process>,
    pub(crate) port: u16,
    /// The output of the processes that `stop` ended.
    log: Vec<String>,
}

impl Server {
    /// Starts a server for `dir`, with `flags` as further arguments.
    pub(crate) fn start(program: &Path, dir: &Path, flags: &[&str]) -> Result<Server, String> {
        let mut arguments = vec![
            "--dir".to_owned(),
            dir.to_string_lossy().into_owned(),
            "--bind".to_owned(),
            "127.0.0.1".to_owned(),
        ];
        arguments.extend(flags.iter().map(|&flag| flag.to_owned()));
        let mut server = Server {
            program: program.to_owned(),
            arguments,
            process: None,
            port: 0,
            log: Vec::new(),
        };
        server.resume()?;
        Ok(server)
    }

    /// Sends SIGTERM to the program. If the program still sends streams after 300 ms, SIGKILL ends the program.
    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.end(Duration::from_millis(300));
            self.log.extend(process.output().iter().cloned());
        }
    }

    /// Starts the program. After a `stop`, the program gets the same port as before.
    pub(crate) fn resume(&mut self) -> Result<(), String> {
        let mut process = Process::start(
            Command::new(&self.program)
                .args(&self.arguments)
                .args(["--port", &self.port.to_string(), "--print-url"])
                .env("RUST_LOG", "info"),
        )?;
        self.port = process.wait_for(
            "videoserve prints its URL",
            Duration::from_secs(10),
            |line| address_in(line).map(|address| address.port()),
        )?;
        self.process = Some(process);
        Ok(())
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Returns all lines that the program has printed since `start`. They contain the access log.
    pub(crate) fn log(&mut self) -> Vec<String> {
        let mut log = self.log.clone();
        if let Some(process) = &mut self.process {
            log.extend(process.output().iter().cloned());
        }
        log
    }
}
