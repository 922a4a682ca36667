//! The command line, and the environment where it is silent: flags to a [`Config`]. Belongs to the program; the library
//! never sees argh.

mod environment;
mod flags;

use std::ffi::OsString;
use std::net::IpAddr;

use videoserve::Config;

use crate::logging::Format;
use environment::Environment;
pub(crate) use flags::{AUTH_VARIABLE, SUPERVISOR_VARIABLE};
use flags::{configure, one_line, read};

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Command {
    /// To serve.
    Serve(Box<Settings>),
    /// To print something, and no more.
    Print(String),
}

/// How to serve, and how the program protects itself.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    /// Port and address to listen on, if they are given.
    pub(crate) port: Option<u16>,
    pub(crate) bind: Option<IpAddr>,
    pub(crate) sandbox: bool,
    pub(crate) supervisor: bool,
    /// The value of `VIDEOSERVE_AUTH`, for a child process.
    pub(crate) password: Option<OsString>,
    /// Names of variables that begin with `VIDEOSERVE_` and belong to no flag.
    pub(crate) unknown: Vec<String>,
    pub(crate) log_format: Format,
    /// Prints the URL alone.
    pub(crate) print_url: bool,
}

/// Reads the arguments, without the program's own name, and the environment, where no password stays. To be called once,
/// while there is one thread.
///
/// # Errors
///
/// One line that says what is wrong with which value and what would be right.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    let mut texts = texts(arguments)?;
    match read(&texts) {
        Ok(flags) if flags.version => {
            let version = env!("CARGO_PKG_VERSION");
            return Ok(Command::Print(format!("videoserve {version}\n")));
        }
        Ok(_) => {}
        Err(exit) if exit.status.is_ok() => {
            return Ok(Command::Print(format!("{}\n", exit.output.trim_end())));
        }
        Err(exit) => return Err(one_line(&exit.output)),
    }
    let mut environment = Environment::read(&texts)?;
    environment::wipe_password();
    environment.add_to(&mut texts);
    let mut flags = read(&texts).map_err(|exit| one_line(&exit.output))?;
    if let Some(dir) = environment.dir.take() {
        flags.dir = dir.into();
    }
    let (port, bind) = (flags.port, flags.bind);
    let (log_format, print_url) = (flags.log_format, flags.print_url);
    let (sandbox, supervisor) = (!flags.no_sandbox, !flags.no_supervisor);
    let password = environment.auth.take();
    let config = configure(flags, password.clone()).map_err(|error| environment.blame(error))?;
    Ok(Command::Serve(Box::new(Settings {
        config,
        port,
        bind,
        sandbox,
        supervisor,
        password,
        log_format,
        print_url,
        unknown: environment::unknown(),
    })))
}

/// argh takes text only, and values only as arguments of their own.
fn texts(arguments: impl IntoIterator<Item = OsString>) -> Result<Vec<String>, String> {
    let mut texts = Vec::new();
    for argument in arguments {
        let text = argument.into_string().map_err(|argument| {
            // A password is not to be shown.
            let is_auth = texts.last().is_some_and(|last| last == "--auth")
                || argument.as_encoded_bytes().starts_with(b"--auth=");
            if is_auth {
                return "the value of --auth is not UTF-8".to_owned();
            }
            format!(
                "the argument {argument:?} is not UTF-8; set VIDEOSERVE_DIR, or change into the folder, and leave --dir out"
            )
        })?;
        // What follows a flag is its value, whatever it looks like.
        let is_flag = texts
            .last()
            .is_none_or(|last: &String| !last.starts_with("--"));
        match text.split_once('=') {
            _ if is_flag && text == "-h" => texts.push("--help".to_owned()),
            _ if is_flag && text == "-V" => texts.push("--version".to_owned()),
            Some((flag, value)) if flag.starts_with("--") => {
                texts.extend([flag.to_owned(), value.to_owned()]);
            }
            _ => texts.push(text),
        }
    }
    Ok(texts)
}
