//! Provides the environment of a check: a browser tab, the server and the media files. At the end of every check, this
//! module checks that the page caused no error.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::http::{self, Response};
use crate::media::Media;
use crate::page::Page;
use crate::server::Server;

/// If the condition is false, the check fails with the message.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        // Clippy warns about `if !(a < b)` with floats. So the macro uses an empty branch and `else`.
        if $condition {
        } else {
            return Err(format!($($message)+));
        }
    };
}

/// The settings that all checks share.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) program: PathBuf,
    pub(crate) media: Media,
    /// The folder for screenshots of failures.
    pub(crate) pictures: PathBuf,
    /// The source of axe-core, a checker for accessibility.
    pub(crate) axe: Option<String>,
    /// The jar of the Nu HTML checker.
    pub(crate) vnu: Option<PathBuf>,
}

#[derive(Debug)]
pub(crate) struct Stage<'b> {
    pub(crate) page: Page<'b>,
    pub(crate) setting: &'b Setting,
    server: &'b Server,
    /// The ports of the servers of this check. Every request to another port is an error.
    ports: Vec<u16>,
    /// A console error or an error response that contains one of these texts does not fail the check.
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

    pub(crate) fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    pub(crate) fn goto(&mut self, path: &str) -> Result<(), String> {
        let url = self.url(path);
        self.page.goto(&url)
    }

    /// Requests a path from the server that all checks share, without a browser.
    pub(crate) fn fetch(&self, path: &str) -> Result<Response, String> {
        http::get(self.server.port, path)
    }

    /// Starts a server that only this check uses.
    pub(crate) fn start_server(&mut self, dir: &Path, flags: &[&str]) -> Result<Server, String> {
        let server = Server::start(&self.setting.program, dir, flags)?;
        self.ports.push(server.port);
        Ok(server)
    }

    /// Allows requests to the port of a proxy of this check.
    pub(crate) fn allow_port(&mut self, port: u16) {
        self.ports.push(port);
    }

    /// Allows console errors and error responses that contain this text.
    pub(crate) fn expect_error(&mut self, part: &str) {
        self.expected.push(part.to_owned());
    }

    /// Fails if the page caused an unexpected console error, an unexpected error response, or a request to another
    /// server. An uncaught exception and a violation of the content security policy are console errors.
    pub(crate) fn finish(&mut self) -> Result<(), String> {
        // Receive the final events of the browser.
        self.page.browser.bidi.listen(Duration::from_millis(60))?;
        let mut problems: Vec<String> = Vec::new();
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
        problems.extend(
            errors
                .chain(refused)
                .filter(|problem| !self.is_expected(problem)),
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
                problems.push(format!("foreign request: {request}"));
            }
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(problems.join("; ")),
        }
    }

    fn is_expected(&self, problem: &str) -> bool {
        self.expected.iter().any(|part| problem.contains(part))
    }
}
