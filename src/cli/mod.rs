//! The command line and the environment: converts flags and variables into a [`Config`].

mod environment;
mod flags;

use std::ffi::OsString;

use videoserve::Config;

use environment::Environment;
pub(crate) use flags::{AUTH_VARIABLE, Flags, SUPERVISOR_VARIABLE};
use flags::{configure, one_line, read};

/// The command that the program runs.
#[derive(Debug)]
pub(crate) enum Command {
    /// Serve the folder.
    Serve(Box<Settings>),
    /// Print this text and exit.
    Print(String),
}

/// The settings of the program.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The flags. If a flag is not given, its variable sets it.
    pub(crate) flags: Flags,
    /// The settings of the server, from the flags.
    pub(crate) config: Config,
    /// The value of `VIDEOSERVE_AUTH`, for a child process.
    pub(crate) password: Option<OsString>,
    /// Names of variables that begin with `VIDEOSERVE_` and belong to no flag.
    pub(crate) unknown: Vec<String>,
}

/// Parses the arguments (without the name of the program) and the environment. The process must have only one thread.
/// Call this function only once, because it removes the password from the environment.
///
/// # Errors
///
/// Returns one line that names the wrong value and the valid values.
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
    texts.append(&mut environment.arguments);
    let mut flags = read(&texts).map_err(|exit| one_line(&exit.output))?;
    if let Some(dir) = environment.dir {
        flags.dir = dir.into();
    }
    Ok(Command::Serve(Box::new(Settings {
        config: configure(&flags, environment.auth.clone())?,
        flags,
        password: environment.auth,
        unknown: environment::unknown(),
    })))
}

/// Converts the arguments for argh, for example `--port=80` → `--port`, `80`. argh accepts only UTF-8.
fn texts(arguments: impl IntoIterator<Item = OsString>) -> Result<Vec<String>, String> {
    let mut texts = Vec::new();
    for argument in arguments {
        let text = argument.into_string().map_err(|argument| {
            // The message must not show a password.
            let is_auth = texts.last().is_some_and(|last| last == "--auth")
                || argument.as_encoded_bytes().starts_with(b"--auth=");
            if is_auth {
                return "the value of --auth is not UTF-8".to_owned();
            }
            format!(
                "the argument {argument:?} is not UTF-8; instead of --dir, set VIDEOSERVE_DIR or change into the folder"
            )
        })?;
        // After `--dir`, `-h` is the name of a folder.
        let follows_no_flag = texts
            .last()
            .is_none_or(|last: &String| !last.starts_with("--"));
        match text.split_once('=') {
            _ if follows_no_flag && text == "-h" => texts.push("--help".to_owned()),
            _ if follows_no_flag && text == "-V" => texts.push("--version".to_owned()),
            Some((flag, value)) if flag.starts_with("--") => {
                texts.extend([flag.to_owned(), value.to_owned()]);
            }
            _ => texts.push(text),
        }
    }
    Ok(texts)
}
