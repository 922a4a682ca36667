//! Checks the pages behind nginx, at URLs below `/videos/`. In its requests to the server, nginx removes this prefix or
//! keeps it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::{Check, Tool};
use crate::ensure;
use crate::http;
use crate::process::Process;
use crate::stage::Stage;

pub(super) const CHECKS: &[Check] = &[
    Check::new("the pages work below a path that nginx removes", |stage| {
        works(stage, "/")
    })
    .needs(Tool::Nginx),
    Check::new("the pages work below a path that nginx keeps", |stage| {
        works(stage, "")
    })
    .needs(Tool::Nginx),
];

const LIMIT: Duration = Duration::from_secs(10);

/// Returns the path of nginx. Debian installs it in a folder that is not in the PATH of ordinary users.
pub(super) fn nginx() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push("/usr/sbin".into());
    let mut files = folders.iter().map(|folder| folder.join("nginx"));
    files.find(|file| file.is_file())
}

/// Starts nginx in front of a server. nginx writes all its files to `dir`.
fn start_nginx(dir: &Path, port: u16, origin: u16, path: &str) -> Result<Process, String> {
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|it| format!("{it}_temp_path {}/{it};\n", dir.display()))
        .collect();
    let user = if rustix::process::geteuid().is_root() {
        "user root;"
    } else {
        ""
    };
    let config = format!(
        "{user} daemon off; pid {0}/pid; error_log stderr; events {{}}
         http {{ access_log off; {temporary} proxy_set_header Host $http_host;
         server {{ listen 127.0.0.1:{port}; location /videos/ {{ proxy_pass http://127.0.0.1:{origin}{path}; }}
         location / {{ return 404; }} }} }}",
        dir.display()
    );
    let file = dir.join("nginx.conf");
    fs::write(&file, config).map_err(|error| error.to_string())?;
    let program = nginx().ok_or("nginx is not installed")?;
    let process = Process::start(
        Command::new(program)
            .arg("-e")
            .arg("stderr")
            .arg("-c")
            .arg(&file),
    )?;
    let deadline = Instant::now() + LIMIT;
    while http::get(port, "/videos/healthz").is_err() {
        ensure!(Instant::now() < deadline, "nginx does not answer");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(process)
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    Ok(address.port())
}

fn works(stage: &mut Stage, path: &str) -> Result<(), String> {
    let root = stage.setting.media.root.clone();
    let mut server = stage.start_server(&root, &["--base-path", "/videos"])?;
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let port = free_port()?;
    stage.allow_port(port);
    let _nginx = start_nginx(dir.path(), port, server.port, path)?;
    stage
        .page
        .goto(&format!("http://127.0.0.1:{port}/videos/browse/serial/"))?;
    stage
        .page
        .wait("document.querySelector('#entries canvas')", LIMIT)?;
    stage.page.click("#entries li:nth-child(2) a")?;
    stage.page.wait(
        "location.pathname === '/videos/watch/serial/2%20second.mp4' && video.currentTime > 1",
        LIMIT,
    )?;
    // The page stores only positions after the first 5 s.
    stage.page.eval("video.currentTime = 7")?;
    stage.page.wait("video.currentTime > 7.2", LIMIT)?;
    stage.page.click("#next")?;
    stage.page.wait(
        "location.pathname.endsWith('10%20tenth.mp4') && video.currentTime > 0.2",
        LIMIT,
    )?;
    stage.page.click("#library")?;
    // The library shows the position in the second video.
    stage.page.wait("location.pathname === '/videos/browse/serial/' && document.querySelector('#entries li:nth-child(2) i')", LIMIT)?;
    stage.page.eval("document.querySelector('[name=q]').value = 'clip'; setTimeout(() => document.querySelector('[role=search]').submit())")?;
    stage.page.wait(
        "location.pathname === '/videos/' && document.querySelectorAll('#entries a').length > 0",
        LIMIT,
    )?;
    let log = server.log();
    let refused = log.iter().find(|line| line.contains("\" 404 "));
    ensure!(refused.is_none(), "{refused:?}");
    Ok(())
}
