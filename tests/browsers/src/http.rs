//! Sends one HTTP request on a new connection, to chromedriver or to the server.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use crate::shared::client::Client;
pub(crate) use crate::shared::response::Response;

/// chromedriver answers only when the browser has started.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) fn get(port: u16, target: &str) -> Result<Response, String> {
    exchange(port, "GET", target, "")
}

pub(crate) fn exchange(
    port: u16,
    method: &str,
    target: &str,
    content: &str,
) -> Result<Response, String> {
    try_exchange(port, method, target, content)
        .map_err(|error| format!("{method} {target} on port {port}: {error}"))
}

fn try_exchange(port: u16, method: &str, target: &str, content: &str) -> io::Result<Response> {
    let mut client = Client::connect((Ipv4Addr::LOCALHOST, port).into())?;
    client.stream.set_read_timeout(Some(TIMEOUT))?;
    let length = content.len();
    let fields = match length {
        0 => String::new(),
        _ => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"),
    };
    client.send(format!(
        "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{fields}\r\n{content}"
    ))?;
    client.response_to(method)
}
