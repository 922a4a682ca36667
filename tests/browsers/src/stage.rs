//! What a check has at hand: a tab, the server, the media. And what every check asserts in the end.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::http::{self, Response};
use crate::media::Media;
use crate::page::Page;
use crate::server::Server;

/// Fails the check with a message unless the condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        // Not `!`, for what is compared may be no number.
        if $condition {
        } else {
            return Err(format!($($message)+));
        }
    };
}

/// Where and with what a run takes place.
#[derive(Debug)]
pub(crate) struct Setting {
    /// The program under test.
    pub(crate) program: PathBuf,
    pub(crate) media: Media,
    /// Where failures leave their screenshots.
    pub(crate) pictures: PathBuf,
    /// The source of axe-core.
    pub(crate) axe: Option<String>,
    /// The jar of the Nu HTML checker.
    pub(crate) vnu: Option<PathBuf>,
}

/// One check's stage.
#[derive(Debug)]
pub(crate) struct Stage<'b> {
    pub(crate) page: Page<'b>,
    pub(crate) setting: &'b Setting,
    server: &'b Server,
    /// Servers with settings of their own; requests to them are no foreign requests.
    ports: Vec<u16>,
    /// Console errors that belong to the check, by a part of their text.
    expected: Vec<String>,
}

impl<'b> Stage<'b> {
    pub(crate) fn new(page: Page<'b>, setting: &'b Setting, server: &'b Server) -> Stage<'b> {
        Stage {
            page,
            setting,
            server,
            ports: vec![server.port],
            expected: Vec::new(),
        }
    }

    /// The absolute URL of a path on the shared server.
    pub(crate) fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    /// Opens a path on the shared server.
    pub(crate) fn goto(&mut self, path: &str) -> Result<(), String> {
        let url = self.url(path);
        self.page.goto(&url)
    }

    /// The bytes of a path on the shared server, without a browser.
    pub(crate) fn fetch(&self, path: &str) -> Result<Response, String> {
        http::get(self.server.port, path)
    }

    /// A server of the check's own.
    pub(crate) fn start_server(&mut self, dir: &Path, flags: &[&str]) -> Result<Server, String> {
        let server = Server::start(&self.setting.program, dir, flags)?;
        self.ports.push(server.port);
        Ok(server)
    }

    /// Requests to this port of this machine are no foreign requests: a proxy of the check's own.
    pub(crate) fn allow_port(&mut self, port: u16) {
        self.ports.push(port);
    }

    /// Says that the console will show an error with this text, and that it is no fault.
    pub(crate) fn expect_error(&mut self, part: &str) {
        self.expected.push(part.to_owned());
    }

    /// Requires no error in the console, no uncaught exception, no violation of the policy, no error response, and no request
    /// to another host.
    pub(crate) fn finish(&mut self) -> Result<(), String> {
        // What has just happened may still be on its way.
        self.page.browser.bidi.listen(Duration::from_millis(60))?;
        let mut faults: Vec<String> = Vec::new();
        let errors = self
            .page
            .errors()
            .into_iter()
            .map(|error| format!("console: {error}"));
        let refused = self
            .page
            .refused()
            .into_iter()
            .map(|refused| format!("refused: {refused}"));
        faults.extend(
            errors
                .chain(refused)
                .filter(|fault| !self.is_expected(fault)),
        );
        let own: Vec<String> = self
            .ports
            .iter()
            .map(|port| format!("http://127.0.0.1:{port}/"))
            .collect();
        for request in self.page.requests() {
            let allowed = own.iter().any(|start| request.starts_with(start))
                || ["data:", "blob:", "about:"]
                    .iter()
                    .any(|scheme| request.starts_with(scheme));
            if !allowed {
                faults.push(format!("foreign request: {request}"));
            }
        }
        match faults.is_empty() {
            true => Ok(()),
            false => Err(faults.join("; ")),
        }
    }

    fn is_expected(&self, fault: &str) -> bool {
        self.expected.iter().any(|part| fault.contains(part))
    }
}
