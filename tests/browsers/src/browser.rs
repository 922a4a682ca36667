//! Starts and ends Chromium and Firefox of Debian, without a screen. Each browser has a new profile and a BiDi session.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fmt, fs};

use serde_json::{Value, json};

use crate::bidi::Bidi;
use crate::http;
use crate::process::Process;

const START_LIMIT: Duration = Duration::from_secs(30);

/// The events that the browser reports.
const EVENTS: [&str; 4] = [
    "log.entryAdded",
    "network.beforeRequestSent",
    "network.responseCompleted",
    "network.fetchError",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Chromium,
    Firefox,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Chromium => "chromium",
            Kind::Firefox => "firefox",
        })
    }
}

/// The settings of a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setup {
    /// Videos with audio may start without a gesture, that is, without a key or a click.
    Plain,
    /// The default settings: a video with audio needs a gesture to start.
    Gestures,
    /// The system prefers dark colours.
    Dark,
    /// JavaScript is off.
    NoScripts,
    /// A TV with a remote control, and without a pointer.
    Tv,
}

impl Setup {
    /// Returns the setup with which the browser process starts. If a running browser can change to this setup, the
    /// process starts as `Plain`. Chromium can change to `Dark` and `NoScripts`, and Firefox can change to every setup.
    pub(crate) fn of_process(self, kind: Kind) -> Setup {
        match (kind, self) {
            (Kind::Chromium, Setup::Gestures | Setup::Tv) => self,
            _ => Setup::Plain,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) kind: Kind,
    pub(crate) setup: Setup,
    pub(crate) bidi: Bidi,
    /// The port and the session of chromedriver; `None` for Firefox.
    driver: Option<(u16, String)>,
    process: Process,
}

impl Browser {
    /// Starts a browser with a new profile in `home`. Tries three times, because on a busy machine chromedriver
    /// sometimes cannot connect to Chromium.
    pub(crate) fn start(kind: Kind, setup: Setup, home: &Path) -> Result<Browser, String> {
        let setup = setup.of_process(kind);
        let attempt = |number: u32| {
            let home = home.join(format!("{kind}-{setup:?}-{number}"));
            Browser::start_once(kind, setup, home)
        };
        attempt(1).or_else(|_| attempt(2)).or_else(|_| attempt(3))
    }

    fn start_once(kind: Kind, setup: Setup, home: PathBuf) -> Result<Browser, String> {
        let profile = home.join("profile");
        fs::create_dir_all(&profile).map_err(|error| format!("{}: {error}", profile.display()))?;
        let mut browser = match kind {
            Kind::Chromium => start_chromium(setup, &home, &profile)?,
            Kind::Firefox => start_firefox(&home, &profile)?,
        };
        browser
            .bidi
            .command("session.subscribe", json!({"events": EVENTS}))?;
        Ok(browser)
    }

    /// Changes the settings of Firefox with a privileged script.
    pub(crate) fn set_firefox(&mut self, setup: Setup) -> Result<(), String> {
        let tree = self
            .bidi
            .command("browsingContext.getTree", json!({"moz:scope": "chrome"}))?;
        let script: String = firefox_prefs(setup)
            .iter()
            .map(|(name, value)| match value {
                Pref::Number(number) => format!("Services.prefs.setIntPref('{name}', {number});"),
                Pref::Switch(on) => format!("Services.prefs.setBoolPref('{name}', {on});"),
            })
            .collect();
        let answer = self.bidi.command(
            "script.evaluate",
            json!({"expression": script, "awaitPromise": false,
                   "target": {"context": tree["contexts"][0]["context"]}}),
        )?;
        match answer["type"] == "exception" {
            true => Err(format!(
                "settings of Firefox: {}",
                answer["exceptionDetails"]
            )),
            false => Ok(()),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The end of the session ends Chromium. The end of chromedriver alone does not end Chromium.
        match &self.driver {
            Some((port, session)) => {
                let _ = http::exchange(*port, "DELETE", &format!("/session/{session}"), "");
            }
            None => {
                let _ = self.bidi.command("browser.close", json!({}));
            }
        }
        self.process.end(Duration::from_secs(3));
    }
}

/// Returns the paths of the programs of a browser.
pub(crate) fn installed(kind: Kind) -> Result<Vec<PathBuf>, String> {
    let wanted: &[&[&str]] = match kind {
        Kind::Chromium => &[&["chromium", "chromium-browser"], &["chromedriver"]],
        Kind::Firefox => &[&["firefox-esr", "firefox"]],
    };
    wanted
        .iter()
        .map(|names| find(names).ok_or_else(|| format!("{} is not installed", names[0])))
        .collect()
}

fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|program| program.is_file())
    })
}

// --- Chromium ---

/// Flags of Chromium. They turn off background requests, requests to other hosts, and the graphics card.
const CHROMIUM_FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

fn start_chromium(setup: Setup, home: &Path, profile: &Path) -> Result<Browser, String> {
    let programs = installed(Kind::Chromium)?;
    let mut process = Process::start(Command::new(&programs[1]).arg("--port=0").env("HOME", home))?;
    let port = process.wait_for("chromedriver's port", START_LIMIT, |line| {
        let (_, port) = line.split_once("successfully on port ")?;
        port.trim_end().trim_end_matches('.').parse().ok()
    })?;
    let mut flags: Vec<String> = CHROMIUM_FLAGS.iter().map(|&flag| flag.to_owned()).collect();
    flags.push(format!("--user-data-dir={}", profile.display()));
    // A browser without a screen reports no mouse, so this flag adds a mouse.
    if setup != Setup::Tv {
        flags.push("--blink-settings=availablePointerTypes=4,primaryPointerType=4,availableHoverTypes=2,primaryHoverType=2".to_owned());
    }
    if setup != Setup::Gestures {
        flags.push("--autoplay-policy=no-user-gesture-required".to_owned());
    }
    let wanted = json!({"capabilities": {"alwaysMatch": {
        "webSocketUrl": true,
        "goog:chromeOptions": {"binary": programs[0], "args": flags},
    }}});
    let answer = http::exchange(port, "POST", "/session", &wanted.to_string())?;
    let answer: Value = serde_json::from_slice(&answer.content).map_err(|e| e.to_string())?;
    let session = answer["value"]["sessionId"]
        .as_str()
        .ok_or_else(|| format!("Chromium has no session: {}", answer["value"]["message"]))?;
    let bidi = Bidi::connect(port, &format!("/session/{session}"));
    Ok(Browser {
        kind: Kind::Chromium,
        setup,
        bidi: bidi?,
        driver: Some((port, session.to_owned())),
        process,
    })
}

// --- Firefox ---

fn start_firefox(home: &Path, profile: &Path) -> Result<Browser, String> {
    let programs = installed(Kind::Firefox)?;
    let prefs = profile.join("user.js");
    fs::write(&prefs, FIREFOX_PREFS).map_err(|error| format!("{}: {error}", prefs.display()))?;
    let mut process = Process::start(
        Command::new(&programs[0])
            .args([
                "--headless",
                "--no-remote",
                // `set_firefox` needs this flag for its privileged script.
                "--remote-allow-system-access",
                "--remote-debugging-port",
                "0",
                "--profile",
            ])
            .arg(profile)
            .env("HOME", home)
            .env("MOZ_CRASHREPORTER_DISABLE", "1")
            // Makes the setting services.settings.server effective.
            .env("MOZ_REMOTE_SETTINGS_DEVTOOLS", "1"),
    )?;
    let port = process.wait_for("Firefox's port", START_LIMIT, |line| {
        let (_, port) = line.split_once("WebDriver BiDi listening on ws://127.0.0.1:")?;
        port.trim().parse().ok()
    })?;
    let mut bidi = Bidi::connect(port, "/session")?;
    bidi.command("session.new", json!({"capabilities": {}}))?;
    Ok(Browser {
        kind: Kind::Firefox,
        setup: Setup::Plain,
        bidi,
        driver: None,
        process,
    })
}

/// The settings of all setups. Requests to other hosts go to a closed port.
const FIREFOX_PREFS: &str = include_str!("firefox.js");

#[derive(Debug, Clone, Copy)]
enum Pref {
    Number(i32),
    Switch(bool),
}

/// Returns the settings that differ between the setups.
fn firefox_prefs(setup: Setup) -> [(&'static str, Pref); 5] {
    let blocks_sound = i32::from(setup == Setup::Gestures);
    // A browser without a screen reports no mouse. The sum of 2 (fine pointer) and 4 (hover) adds a mouse.
    let pointer = if setup == Setup::Tv { 0 } else { 6 };
    // 0 is dark, and 2 is the setting of the system.
    let colours = if setup == Setup::Dark { 0 } else { 2 };
    [
        ("media.autoplay.default", Pref::Number(blocks_sound)),
        ("ui.primaryPointerCapabilities", Pref::Number(pointer)),
        ("ui.allPointerCapabilities", Pref::Number(pointer)),
        (
            "layout.css.prefers-color-scheme.content-override",
            Pref::Number(colours),
        ),
        (
            "javascript.enabled",
            Pref::Switch(setup != Setup::NoScripts),
        ),
    ]
}
