//! Settings from environment variables. For example, `VIDEOSERVE_MAX_STREAMS` is the variable of `--max-streams`. Only
//! `--help` and `--version` have no variable.

use std::ffi::OsString;

use argh::{ArgsInfo, FlagInfo, FlagInfoKind, Optionality};

use super::flags::{Flags, SUPERVISOR_VARIABLE, configure, one_line, read};

const PREFIX: &str = "VIDEOSERVE_";

/// The settings from the environment. A given flag overrides its variable, so this variable is not included.
#[derive(Debug, Default)]
pub(super) struct Environment {
    /// The folder. Its name may contain any bytes.
    pub(super) dir: Option<OsString>,
    /// The password. No message may contain it.
    pub(super) auth: Option<OsString>,
    /// The other variables as arguments, for example `--port`, `80`.
    pub(super) arguments: Vec<String>,
}

/// Returns the flags that have a variable.
fn flags() -> impl Iterator<Item = &'static FlagInfo<'static>> {
    let flags = Flags::get_args_info().flags.iter();
    flags.filter(|flag| !matches!(flag.long, "--help" | "--version"))
}

/// Returns the names of variables that begin with [`PREFIX`] and belong to no flag.
pub(super) fn unknown() -> Vec<String> {
    let mut names = Vec::new();
    for (name, _) in std::env::vars_os() {
        let is_known =
            || name == SUPERVISOR_VARIABLE || flags().any(|flag| *variable(flag.long) == *name);
        if name.as_encoded_bytes().starts_with(PREFIX.as_bytes()) && !is_known() {
            // Escape the name for the log, because a control character could move the cursor of a terminal.
            names.push(name.to_string_lossy().escape_debug().to_string());
        }
    }
    names
}

/// Overwrites the password in the memory of the environment, because `/proc/PID/environ` shows this memory. The process
/// must have only one thread.
pub(super) fn wipe_password() {
    // SAFETY: there is only one thread, and nothing uses an earlier result of getenv. The process may write to the
    // memory of its environment. The write has the length of the value.
    #[allow(unsafe_code)]
    unsafe {
        let value = libc::getenv(c"VIDEOSERVE_AUTH".as_ptr());
        if !value.is_null() {
            value.write_bytes(0, libc::strlen(value));
        }
    }
}

impl Environment {
    /// Reads the variables. A flag among the `given` arguments overrides its variable.
    ///
    /// # Errors
    ///
    /// Returns one line that names the variable with the wrong value.
    pub(super) fn read(given: &[String]) -> Result<Environment, String> {
        let mut environment = Environment::default();
        for flag in flags() {
            let name = variable(flag.long);
            let Some(value) = std::env::var_os(&name) else {
                continue;
            };
            if is_given(flag.long, given) {
                continue;
            }
            match flag.long {
                // Keep an empty value: `configure` returns an error for it.
                "--auth" => environment.auth = Some(value),
                // An empty value counts as unset, because systemd sets an empty value for the line `NAME=`.
                _ if value.is_empty() => {}
                "--dir" => environment.dir = Some(value),
                _ => {
                    let text = value.to_str();
                    let text = text.ok_or_else(|| format!("the value of {name} is not UTF-8"))?;
                    let arguments = arguments_for(flag, &name, text)?;
                    check(&name, &arguments)?;
                    environment.arguments.extend(arguments);
                }
            }
        }
        Ok(environment)
    }
}

/// Returns the arguments for a variable: `VIDEOSERVE_MOUNT="/a /b"` → `--mount`, `/a`, `--mount`, `/b`.
fn arguments_for(flag: &FlagInfo<'_>, name: &str, text: &str) -> Result<Vec<String>, String> {
    let option = |value: &str| [flag.long.to_owned(), value.to_owned()];
    Ok(match (&flag.kind, &flag.optionality) {
        (FlagInfoKind::Switch, _) if is_on(name, text)? => vec![flag.long.to_owned()],
        (FlagInfoKind::Switch, _) => Vec::new(),
        // Spaces separate the values, because no value can contain a space.
        (_, Optionality::Repeating) => text.split_ascii_whitespace().flat_map(option).collect(),
        _ => option(text).into(),
    })
}

/// Checks the arguments of one variable alone, so that an error can name the variable.
fn check(name: &str, arguments: &[String]) -> Result<(), String> {
    let flags = read(arguments).map_err(|exit| {
        let flag = arguments.first().map_or("", String::as_str);
        // Replace only the first `option '--flag'`. A second one can only be in the value, which the message shows
        // behind the flag.
        one_line(&exit.output.replacen(&format!("option '{flag}'"), name, 1))
    })?;
    let config = configure(&flags, None);
    config.map(drop).map_err(|error| format!("{name}: {error}"))
}

fn is_on(name: &str, text: &str) -> Result<bool, String> {
    let is_one_of = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(["1", "true", "yes", "on"]) {
        return Ok(true);
    }
    if is_one_of(["0", "false", "no", "off"]) {
        return Ok(false);
    }
    Err(format!(
        "the value {text:?} of {name} must be 1, true, yes or on; or 0, false, no or off"
    ))
}

fn variable(flag: &str) -> String {
    let name = flag.trim_start_matches('-').replace('-', "_");
    format!("{PREFIX}{}", name.to_ascii_uppercase())
}

/// Returns whether a flag is among these arguments. The value of another flag does not count, even if it is equal to
/// the flag.
fn is_given(flag: &str, arguments: &[String]) -> bool {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == flag {
            return true;
        }
        let takes_value = |it: &FlagInfo<'_>| {
            it.long == argument && matches!(it.kind, FlagInfoKind::Option { .. })
        };
        if flags().any(takes_value) {
            rest.next();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::variable;

    #[test]
    fn variable_has_the_name_of_its_flag() {
        assert_eq!(variable("--max-streams"), "VIDEOSERVE_MAX_STREAMS");
        assert_eq!(variable("--auth"), super::super::AUTH_VARIABLE);
    }
}
