//! Serves two folders in one process, each on its own port, until the user presses Enter:
//! `cargo run --example two_folders -- ./final ./drafts`

use std::error::Error;
use std::io::stdin;
use std::thread;

use videoserve::{Config, Server};

fn main() -> Result<(), Box<dyn Error>> {
    let mut running = Vec::new();
    for dir in std::env::args().skip(1) {
        // Each server has its own limits on streams, in total and per client.
        let config = Config::new(&dir).port(0).max_streams(64)?;
        let server = Server::bind(config)?;
        println!("{dir}: http://localhost:{}/", server.local_addr().port());
        let handle = server.handle();
        running.push((handle, thread::spawn(move || server.run())));
    }
    println!("Press Enter to stop.");
    stdin().read_line(&mut String::new())?;
    // Each stop can take 10 s, so start all stops before the first wait.
    for (handle, _) in &running {
        handle.stop();
    }
    for (_, server) in running {
        server.join().map_err(|_| "a server panicked")??;
    }
    Ok(())
}
