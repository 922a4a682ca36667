use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use super::bare_loop::FLAG;
use crate::Result;
use crate::film::Film;

/// The film and the address for a server.
pub(crate) struct Place<'a> {
    pub(crate) film: &'a Film,
    pub(crate) address: SocketAddr,
    /// More arguments, only for videoserve.
    pub(crate) flags: &'a [&'a str],
}

/// Creates the directory for the settings and logs of a server.
pub(super) fn home(name: &str) -> Result<PathBuf> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("bench-peers")
        .join(name.replace(' ', "-"));
    fs::create_dir_all(&path)?;
    Ok(path)
}

fn listen(place: &Place<'_>) -> (String, String) {
    (
        place.address.ip().to_string(),
        place.address.port().to_string(),
    )
}

fn words<const N: usize>(words: [&str; N]) -> Vec<OsString> {
    words.map(OsString::from).to_vec()
}

pub(super) fn videoserve(place: &Place<'_>) -> Result<Vec<OsString>> {
    let (ip, port) = listen(place);
    let mut arguments = words(["--bind", &ip, "--port", &port, "--dir"]);
    arguments.push(place.film.directory().into());
    arguments.extend(place.flags.iter().map(OsString::from));
    Ok(arguments)
}

pub(super) fn nginx(place: &Place<'_>) -> Result<Vec<OsString>> {
    let home = home("nginx")?;
    let (home, root) = (home.display(), place.film.directory().display());
    // If root starts nginx, its workers run as another user by default. In many systems, this user cannot
    // read files in a home directory.
    let user = if geteuid().is_root() {
        "user root;"
    } else {
        ""
    };
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {home}/{name};\n"))
        .concat();
    let settings = format!(
        "daemon off;
{user}
pid {home}/nginx.pid;
worker_processes auto;
events {{ worker_connections 4096; }}
http {{
{temporary}types {{ video/mp4 mp4; }}
access_log off;
sendfile on;
tcp_nopush on;
keepalive_requests 1000000000;
keepalive_timeout 600;
server {{ listen {}; root {root}; }}
}}
",
        place.address
    );
    let path = format!("{home}/nginx.conf");
    fs::write(&path, settings)?;
    let log = format!("{home}/error.log");
    Ok(words(["-p", &home.to_string(), "-e", &log, "-c", &path]))
}

pub(super) fn lighttpd(place: &Place<'_>) -> Result<Vec<OsString>> {
    let path = home("lighttpd")?.join("lighttpd.conf");
    let settings = format!(
        "server.document-root = \"{}\"
server.bind = \"{}\"
server.port = {}
server.network-backend = \"sendfile\"
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 600
mimetype.assign = ( \".mp4\" => \"video/mp4\" )
",
        place.film.directory().display(),
        place.address.ip(),
        place.address.port()
    );
    fs::write(&path, settings)?;
    let mut arguments = words(["-D", "-f"]);
    arguments.push(path.into());
    Ok(arguments)
}

pub(super) fn miniserve(place: &Place<'_>) -> Result<Vec<OsString>> {
    let (ip, port) = listen(place);
    let mut arguments = words(["--interfaces", &ip, "--port", &port]);
    arguments.push(place.film.directory().into());
    Ok(arguments)
}

pub(super) fn dufs(place: &Place<'_>) -> Result<Vec<OsString>> {
    let (ip, port) = listen(place);
    let mut arguments = words(["--bind", &ip, "--port", &port, "--log-format", ""]);
    arguments.push(place.film.directory().into());
    Ok(arguments)
}

pub(super) fn static_web_server(place: &Place<'_>) -> Result<Vec<OsString>> {
    let (ip, port) = listen(place);
    let mut arguments = words([
        "--host",
        &ip,
        "--port",
        &port,
        "--log-level",
        "error",
        "--root",
    ]);
    arguments.push(place.film.directory().into());
    Ok(arguments)
}

pub(super) fn python(place: &Place<'_>) -> Result<Vec<OsString>> {
    let (ip, port) = listen(place);
    let mut arguments = words(["-m", "http.server", &port, "--bind", &ip, "--directory"]);
    arguments.push(place.film.directory().into());
    Ok(arguments)
}

pub(super) fn bare_loop(place: &Place<'_>) -> Result<Vec<OsString>> {
    let mut arguments = words([FLAG, &place.address.to_string()]);
    arguments.push(place.film.directory().into());
    Ok(arguments)
}
