//! Serves one folder on a free port: `cargo run --example embed -- ./final`

use videoserve::{Config, Error, Server};

fn main() -> Result<(), Error> {
    let dir = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let server = Server::bind(Config::new(dir).port(0))?;
    println!("http://localhost:{}/", server.local_addr().port());
    server.run()
}
