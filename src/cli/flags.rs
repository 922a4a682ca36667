//! The flags, and the settings that they change. `environment.rs` derives the names of the variables from `Flags`.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use argh::{ArgsInfo, EarlyExit, FromArgs};
use videoserve::Config;

use crate::logging::LogFormat;

/// Environment variable for the password. Other users can see the command line, but not this variable.
pub(crate) const AUTH_VARIABLE: &str = "VIDEOSERVE_AUTH";

/// Environment variable with the process id of the supervisor, which sets the variable for its child. It has no flag.
pub(crate) const SUPERVISOR_VARIABLE: &str = "VIDEOSERVE_SUPERVISOR";

/// Serves the videos of one folder to browsers, TVs, players and scripts on the network.
///
/// Type "videoserve --dir FOLDER", then open http://localhost:8001/.
#[derive(FromArgs, ArgsInfo, Debug)]
#[argh(
    example = "videoserve --dir ./final --port 8001",
    example = "videoserve --dir ./final --bind 127.0.0.1",
    example = "videoserve --dir ./final --mount /videos --cors-origin https://editor.example",
    note = "Each flag has a variable: VIDEOSERVE_MAX_STREAMS for --max-streams. A flag overrides its variable. In a variable, spaces separate several values. The variable of a switch is 1 (on) or 0 (off).",
    note = "Log lines go to standard error; RUST_LOG=warn hides the line for each response."
)]
pub(crate) struct Flags {
    /// folder to serve (default: the current folder)
    #[argh(option, arg_name = "dir", default = "PathBuf::from(\".\")")]
    pub(crate) dir: PathBuf,

    /// another URL prefix for streams, besides /api/stream; repeatable
    #[argh(option, arg_name = "prefix")]
    pub(crate) mount: Vec<String>,

    /// port to listen on; 0 picks a free one (default: 8001)
    #[argh(option, arg_name = "n", from_str_fn(port))]
    pub(crate) port: Option<u16>,

    /// IP address to listen on (default: all, IPv6 and IPv4)
    #[argh(option, arg_name = "addr", from_str_fn(address))]
    pub(crate) bind: Option<IpAddr>,

    /// print only the URL, on one line, for scripts
    #[argh(switch)]
    pub(crate) print_url: bool,

    /// require this user name and password (better: VIDEOSERVE_AUTH, because ps shows flags)
    // For a repeated flag, argh prints an error that shows the password. So this is a list, which argh accepts, and
    // `configure` refuses a second value.
    #[argh(option, arg_name = "user:password")]
    pub(crate) auth: Vec<String>,

    /// another host name that the server accepts; repeatable
    #[argh(option, arg_name = "name")]
    pub(crate) allow_host: Vec<String>,

    /// origin whose scripts may read responses, or *; repeatable
    #[argh(option, arg_name = "origin")]
    pub(crate) cors_origin: Vec<String>,

    /// address or network (192.0.2.0/24) of a proxy whose X-Forwarded-For and X-Forwarded-Proto are trusted; repeatable
    #[argh(option, arg_name = "addr[/len]")]
    pub(crate) trusted_proxy: Vec<String>,

    /// URL prefix of the server at a reverse proxy, such as /videos (default: /)
    #[argh(option, arg_name = "path")]
    base_path: Option<String>,

    /// maximum number of simultaneous streams, 1 to 4096; further requests get 503 (default: 256)
    #[argh(option, arg_name = "n", from_str_fn(streams))]
    max_streams: Option<usize>,

    /// close a connection after this many seconds without progress, 1 to 86400 (default: 90)
    #[argh(option, arg_name = "secs", from_str_fn(seconds))]
    stall_timeout: Option<Duration>,

    /// text, or json with one object per line (default: text)
    #[argh(option, arg_name = "text|json", from_str_fn(log_format))]
    pub(crate) log_format: Option<LogFormat>,

    /// serve /metrics for Prometheus
    #[argh(switch)]
    pub(crate) metrics: bool,

    /// do not confine the program to its folder
    #[argh(switch)]
    pub(crate) no_sandbox: bool,

    /// run as one process, without restart after a crash
    #[argh(switch)]
    pub(crate) no_supervisor: bool,

    /// copy files through memory, for file systems with a defective sendfile
    #[argh(switch)]
    pub(crate) no_sendfile: bool,

    /// print the version and exit
    #[argh(switch)]
    pub(crate) version: bool,
}

pub(super) fn read(arguments: &[String]) -> Result<Flags, EarlyExit> {
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Flags::from_args(&["videoserve"], &texts)
}

/// Returns the settings of a server; `auth` is the password from the environment.
pub(super) fn configure(flags: &Flags, auth: Option<OsString>) -> Result<Config, String> {
    let text = |error: videoserve::Error| error.to_string();
    let mut config = Config::new(&flags.dir)
        .port(flags.port.unwrap_or(Config::DEFAULT_PORT))
        .sendfile(!flags.no_sendfile)
        .metrics(flags.metrics);
    if let Some(address) = flags.bind {
        config = config.bind(address);
    }
    if let Some(streams) = flags.max_streams {
        config = config.max_streams(streams).map_err(text)?;
    }
    if let Some(timeout) = flags.stall_timeout {
        config = config.stall_timeout(timeout).map_err(text)?;
    }
    if let Some(path) = &flags.base_path {
        config = config.base_path(path).map_err(text)?;
    }
    type Setter = fn(Config, &str) -> Result<Config, videoserve::Error>;
    let lists: [(&[String], Setter); 4] = [
        (&flags.mount, Config::mount),
        (&flags.cors_origin, Config::cors_origin),
        (&flags.allow_host, Config::allow_host),
        (&flags.trusted_proxy, Config::trusted_proxy),
    ];
    for (values, set) in lists {
        for value in values {
            config = set(config, value).map_err(text)?;
        }
    }
    match (flags.auth.as_slice(), auth) {
        ([value], _) => with_credentials(config, "--auth", value),
        ([_, ..], _) => Err("--auth can be given only once".to_owned()),
        ([], Some(value)) => match value.to_str() {
            Some(value) => with_credentials(config, AUTH_VARIABLE, value),
            None => Err(format!("the value of {AUTH_VARIABLE} is not UTF-8")),
        },
        ([], None) => Ok(config),
    }
}

/// Sets user name and password. An empty value is an error, because the server must not start without a password after
/// a typing mistake. The error never contains the value.
fn with_credentials(config: Config, from: &str, value: &str) -> Result<Config, String> {
    let Some((user, password)) = value.split_once(':') else {
        let advice = match (from, value) {
            (AUTH_VARIABLE, "") => "; unset it to serve without a password",
            _ => "",
        };
        return Err(format!(
            "the value of {from} must be USER:PASSWORD, with a colon between them{advice}"
        ));
    };
    config
        .credentials(user, password)
        .map_err(|error| format!("the value of {from} must be USER:PASSWORD: {error}"))
}

fn port(text: &str) -> Result<u16, String> {
    parse(text, "a number from 0 to 65535")
}

fn address(text: &str) -> Result<IpAddr, String> {
    let literal = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let wanted = "an IP address of this machine, such as 127.0.0.1 or ::1, without a port";
    parse(literal.unwrap_or(text), wanted)
}

fn streams(text: &str) -> Result<usize, String> {
    let limit = Config::MAX_STREAMS_LIMIT;
    parse(text, &format!("a number from 1 to {limit}"))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let limit = Config::STALL_TIMEOUT_LIMIT.as_secs();
    let wanted = format!("a whole number of seconds from 1 to {limit}");
    parse(text, &wanted).map(Duration::from_secs)
}

fn parse<T: FromStr>(text: &str, wanted: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("it must be {wanted}"))
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("it must be text or json".to_owned()),
    }
}

/// Joins the lines of a message of argh. Escapes control characters, because they could move the cursor of a terminal.
pub(super) fn one_line(message: &str) -> String {
    let lines = message.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let mut line = String::new();
    for character in lines.join(" ").trim_end_matches('.').chars() {
        match character {
            '\'' | '"' | '\\' => line.push(character),
            _ => line.extend(character.escape_debug()),
        }
    }
    line.push_str("; --help shows all flags");
    line
}
