//! A WebDriver BiDi client. It sends commands, receives results, and stores events.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Message, WebSocket};

/// The maximum time of one command. A longer wait in a page needs several commands.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(40);

/// An event in the browser, such as a console message or a request.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// The name of the event, such as `log.entryAdded`.
    pub(crate) method: String,
    pub(crate) params: Value,
}

#[derive(Debug)]
pub(crate) struct Bidi {
    socket: WebSocket<TcpStream>,
    last_id: u64,
    events: Vec<Event>,
}

impl Bidi {
    pub(crate) fn connect(port: u16, path: &str) -> Result<Bidi, String> {
        let stream = TcpStream::connect(("127.0.0.1", port))
            .map_err(|error| format!("cannot connect to port {port}: {error}"))?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        stream
            .set_read_timeout(Some(COMMAND_TIMEOUT))
            .map_err(|e| e.to_string())?;
        // Screenshots and the source of axe-core are larger than the default limits.
        let config = WebSocketConfig::default()
            .max_message_size(Some(64 << 20))
            .max_frame_size(Some(64 << 20));
        let url = format!("ws://127.0.0.1:{port}{path}");
        let (socket, _) =
            tungstenite::client::client_with_config(url.as_str(), stream, Some(config))
                .map_err(|error| format!("cannot open {url}: {error}"))?;
        Ok(Bidi {
            socket,
            last_id: 0,
            events: Vec::new(),
        })
    }

    /// Sends a command and waits for its result.
    pub(crate) fn command(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.repeat(method, params, COMMAND_TIMEOUT)
    }

    /// Sends a command, and sends it again after each `timeout` without a result. Returns the first result of these
    /// commands.
    pub(crate) fn repeat(
        &mut self,
        method: &str,
        params: Value,
        timeout: Duration,
    ) -> Result<Value, String> {
        let first_id = self.last_id + 1;
        let deadline = Instant::now() + COMMAND_TIMEOUT;
        while Instant::now() < deadline {
            self.last_id += 1;
            let text = json!({"id": self.last_id, "method": method, "params": params}).to_string();
            self.socket
                .send(Message::text(text))
                .map_err(|error| format!("{method}: {error}"))?;
            let until = deadline.min(Instant::now() + timeout);
            while let Some(message) = self.receive(until)? {
                if message["id"].as_u64() >= Some(first_id) {
                    return answer(method, &message);
                }
            }
        }
        Err(format!("{method}: no result within {COMMAND_TIMEOUT:?}"))
    }

    /// Receives and stores events during `time`.
    pub(crate) fn listen(&mut self, time: Duration) -> Result<(), String> {
        let deadline = Instant::now() + time;
        while self.receive(deadline)?.is_some() {}
        Ok(())
    }

    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    pub(crate) fn clear_events(&mut self) {
        self.events.clear();
    }

    /// Receives the next message, and stores it if it is an event. Returns `None` at the deadline.
    fn receive(&mut self, deadline: Instant) -> Result<Option<Value>, String> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        self.socket
            .get_ref()
            .set_read_timeout(Some(left))
            .map_err(|e| e.to_string())?;
        let text = match self.socket.read() {
            Ok(Message::Text(text)) => text,
            Ok(Message::Close(_)) => return Err("the browser closed the connection".to_owned()),
            Ok(_) => return Ok(Some(Value::Null)),
            Err(tungstenite::Error::Io(error))
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
            {
                return Ok(None);
            }
            // When a child process ends, a signal interrupts a read with a timeout (signal(7)).
            Err(tungstenite::Error::Io(error)) if error.kind() == ErrorKind::Interrupted => {
                return Ok(Some(Value::Null));
            }
            Err(error) => return Err(format!("the browser has ended: {error}")),
        };
        let message: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        if message["type"] == "event" {
            self.events.push(Event {
                method: message["method"].as_str().unwrap_or_default().to_owned(),
                params: message["params"].clone(),
            });
        }
        Ok(Some(message))
    }
}

/// Returns the result of a command, or its error as text.
fn answer(method: &str, message: &Value) -> Result<Value, String> {
    if message["type"] == "error" {
        return Err(format!(
            "{method}: {}: {}",
            message["error"].as_str().unwrap_or_default(),
            message["message"].as_str().unwrap_or_default()
        ));
    }
    Ok(message["result"].clone())
}
