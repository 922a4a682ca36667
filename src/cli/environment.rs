//! The environment as a second command line: every flag can be set by a variable of its name, `--max-streams` by
//! `VIDEOSERVE_MAX_STREAMS`. Knows which flags there are and how they take their values, not what these mean.

use std::ffi::OsString;

use super::flags::{Flags, SUPERVISOR_VARIABLE, configure, one_line, read};

/// What the names of all our variables begin with.
const PREFIX: &str = "VIDEOSERVE_";

/// How a flag takes its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One, as text.
    Value,
    /// Several, with blanks between them: none of them can contain one.
    List,
    /// None: it is there or not.
    Switch,
    /// A folder, whose name may have any bytes.
    Folder,
    /// What no message may show; and empty is not unset.
    Credentials,
}

/// Every flag but `--help` and `--version`. A new one gets its variable by a line here; a test finds it without.
const FLAGS: &[(&str, Kind)] = &[
    ("--dir", Kind::Folder),
    ("--port", Kind::Value),
    ("--bind", Kind::Value),
    ("--mount", Kind::List),
    ("--base-path", Kind::Value),
    ("--cors-origin", Kind::List),
    ("--allow-host", Kind::List),
    ("--trusted-proxy", Kind::List),
    ("--auth", Kind::Credentials),
    ("--max-streams", Kind::Value),
    ("--stall-timeout", Kind::Value),
    ("--log-format", Kind::Value),
    ("--metrics", Kind::Switch),
    ("--print-url", Kind::Switch),
    ("--no-sendfile", Kind::Switch),
    ("--no-sandbox", Kind::Switch),
    ("--no-supervisor", Kind::Switch),
];

/// The settings from the environment whose flags are not given.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) dir: Option<OsString>,
    pub(super) auth: Option<OsString>,
    /// For each other variable: its name, and the arguments with the same meaning.
    set: Vec<(String, Vec<String>)>,
}

/// Returns the names of variables that begin with our prefix and belong to no flag.
pub(super) fn unknown() -> Vec<String> {
    let mut names = Vec::new();
    for (name, _) in std::env::vars_os() {
        let is_known = || {
            name == SUPERVISOR_VARIABLE || FLAGS.iter().any(|(flag, _)| *variable(flag) == *name)
        };
        if name.as_encoded_bytes().starts_with(PREFIX.as_bytes()) && !is_known() {
            // Escaped, because a control character in the name must not move the cursor.
            names.push(name.to_string_lossy().escape_debug().to_string());
        }
    }
    names
}

/// Overwrites the memory that the password was read from, so that it cannot be read from `/proc` any more. To be called
/// while there is one thread.
pub(super) fn wipe_password() {
    // SAFETY: there is one thread, and nobody holds what getenv returned before. The kernel gives this memory to the
    // process to write to; the length is that of the value.
    #[allow(unsafe_code)]
    unsafe {
        let value = libc::getenv(c"VIDEOSERVE_AUTH".as_ptr());
        if !value.is_null() {
            value.write_bytes(0, libc::strlen(value));
        }
    }
}

impl Environment {
    /// Reads the variables, but for those whose flags are among `arguments`: flags win.
    ///
    /// # Errors
    ///
    /// One line that names the variable whose value is wrong.
    pub(super) fn read(arguments: &[String]) -> Result<Environment, String> {
        let mut environment = Environment::default();
        for (flag, kind) in FLAGS {
            let name = variable(flag);
            let Some(value) = std::env::var_os(&name) else {
                continue;
            };
            if is_given(flag, arguments) {
                continue;
            }
            match kind {
                Kind::Credentials => environment.auth = Some(value),
                // As a line `NAME=` of a file that systemd reads.
                _ if value.is_empty() => {}
                Kind::Folder => environment.dir = Some(value),
                _ => {
                    let Some(text) = value.to_str() else {
                        return Err(format!("the value of {name} is not UTF-8"));
                    };
                    let arguments = arguments_for(flag, *kind, &name, text)?;
                    parse(&name, &arguments)?;
                    environment.set.push((name, arguments));
                }
            }
        }
        Ok(environment)
    }

    /// Adds the arguments that say the same as the variables.
    pub(super) fn add_to(&self, arguments: &mut Vec<String>) {
        for (_, further) in &self.set {
            arguments.extend_from_slice(further);
        }
    }

    /// `error`, with the name of the variable before it that is wrong also by itself, if there is one.
    pub(super) fn blame(&self, error: String) -> String {
        for (name, arguments) in &self.set {
            let alone = parse(name, arguments).and_then(|flags| configure(flags, None));
            if let Err(error) = alone {
                return format!("{name}: {error}");
            }
        }
        error
    }
}

fn arguments_for(flag: &str, kind: Kind, name: &str, text: &str) -> Result<Vec<String>, String> {
    let mut arguments = Vec::new();
    let mut add = |argument: &str| arguments.push(argument.to_owned());
    match kind {
        Kind::List => {
            for value in text.split_ascii_whitespace() {
                add(flag);
                add(value);
            }
        }
        Kind::Switch if is_on(name, text)? => add(flag),
        Kind::Switch => {}
        _ => {
            add(flag);
            add(text);
        }
    }
    Ok(arguments)
}

fn parse(name: &str, arguments: &[String]) -> Result<Flags, String> {
    read(arguments).map_err(|exit| {
        let flag = arguments.first().map_or("", String::as_str);
        // The value comes after it.
        one_line(&exit.output.replacen(&format!("option '{flag}'"), name, 1))
    })
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

/// The variable of a flag.
fn variable(flag: &str) -> String {
    let name = flag.trim_start_matches('-').replace('-', "_");
    format!("{PREFIX}{}", name.to_ascii_uppercase())
}

/// Whether a flag is among these arguments. What follows one that takes a value is that, whatever it looks like.
fn is_given(flag: &str, arguments: &[String]) -> bool {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == flag {
            return true;
        }
        let takes_value = |(name, kind): &(&str, Kind)| name == argument && *kind != Kind::Switch;
        if FLAGS.iter().any(takes_value) {
            rest.next();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use argh::{ArgsInfo, FlagInfoKind, Optionality};

    use super::{FLAGS, Flags, Kind, variable};

    /// Whoever adds a flag is told to add its variable, and of which kind.
    #[test]
    fn every_flag_has_its_variable() {
        let info = Flags::get_args_info();
        let mut expected = Vec::new();
        for flag in info.flags {
            if matches!(flag.long, "--help" | "--version") {
                continue;
            }
            let (_, kind) = FLAGS
                .iter()
                .find(|(name, _)| *name == flag.long)
                .unwrap_or_else(|| panic!("{} is not in FLAGS", flag.long));
            let takes_list = matches!(flag.optionality, Optionality::Repeating);
            let is_right = match flag.kind {
                FlagInfoKind::Switch => *kind == Kind::Switch,
                FlagInfoKind::Option { .. } if takes_list => {
                    matches!(kind, Kind::List | Kind::Credentials)
                }
                FlagInfoKind::Option { .. } => matches!(kind, Kind::Value | Kind::Folder),
            };
            assert!(is_right, "{} is no {kind:?}", flag.long);
            expected.push(flag.long);
        }
        assert_eq!(FLAGS.len(), expected.len());
    }

    #[test]
    fn names() {
        assert_eq!(variable("--max-streams"), "VIDEOSERVE_MAX_STREAMS");
        assert_eq!(variable("--auth"), super::super::AUTH_VARIABLE);
    }
}
