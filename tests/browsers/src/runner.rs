//! Selects and runs the checks in the browsers, and prints the results.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, panic, thread};

use crate::browser::{self, Browser, Kind, Setup};
use crate::checks::{Check, all};
use crate::media::Media;
use crate::page::Page;
use crate::screenshots;
use crate::server::Server;
use crate::stage::{Setting, Stage};

const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../media/clip.mp4");
const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/page-tools");

/// The maximum duration of one [`Lane`]. On an idle machine with two cores, a lane needs about 3 minutes.
const LANE_LIMIT: Duration = Duration::from_secs(900);

#[derive(Debug, Default)]
pub(crate) struct Options {
    program: PathBuf,
    /// Run only the checks of this browser.
    browser: Option<String>,
    /// Run only checks whose names contain this text. `|` separates several texts.
    only: Option<String>,
    /// Take screenshots of the pages into this folder, and run no checks.
    screenshots: Option<PathBuf>,
}

impl Options {
    pub(crate) fn parse(arguments: &[String]) -> Result<Options, String> {
        const USAGE: &str = "usage: videoserve-browsers PROGRAM [--browser NAME] [--only TEXT] [--screenshots FOLDER]";
        let mut options = Options::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().cloned().ok_or(USAGE);
            match argument.as_str() {
                "--browser" => options.browser = Some(value()?),
                "--only" => options.only = Some(value()?),
                "--screenshots" => options.screenshots = Some(value()?.into()),
                flag if flag.starts_with('-') => return Err(USAGE.to_owned()),
                program => options.program = program.into(),
            }
        }
        options.program = fs::canonicalize(&options.program)
            .map_err(|error| format!("{}: {error}\n{USAGE}", options.program.display()))?;
        Ok(options)
    }
}

/// The maximum number of failed checks that run again, for each kind of browser. On a busy machine, browsers skip
/// frames, so a check can fail without a fault of the page.
const SECOND_TRIES: usize = 3;

#[derive(Debug, Default)]
struct Counts {
    passed: AtomicUsize,
    failed: AtomicUsize,
    skipped: AtomicUsize,
}

impl Counts {
    fn pass(&self, line: &str) {
        self.passed.fetch_add(1, Ordering::Relaxed);
        println!("  ok    {line}");
    }

    fn fail(&self, line: &str) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        println!("  FAIL  {line}");
    }

    /// Reports that a program is missing. With CI=true, this is a failure. Otherwise the check is skipped.
    fn skip(&self, line: &str) {
        if env::var("CI").as_deref() == Ok("true") {
            self.fail(&format!(
                "{line}, and with CI=true every program is required"
            ));
        } else {
            self.skipped.fetch_add(1, Ordering::Relaxed);
            println!("  skip  {line}");
        }
    }
}

/// Runs the checks or takes the screenshots. Returns true if nothing failed.
pub(crate) fn run(options: &Options) -> Result<bool, String> {
    let started = Instant::now();
    let home = tempfile::Builder::new()
        .prefix("videoserve-browsers.")
        .tempdir()
        .map_err(|e| e.to_string())?;
    let setting = Setting {
        program: options.program.clone(),
        media: Media::make(Path::new(CLIP), &home.path().join("media"))?,
        pictures: env::temp_dir().join("videoserve-browsers-failed"),
        axe: fs::read_to_string(Path::new(TOOLS).join("axe.min.js")).ok(),
        vnu: Some(Path::new(TOOLS).join("vnu.jar")).filter(|jar| jar.is_file()),
    };
    println!("media made in {:.1} s", started.elapsed().as_secs_f32());
    let kinds = [Kind::Chromium, Kind::Firefox].into_iter().filter(|kind| {
        options
            .browser
            .as_ref()
            .is_none_or(|name| *name == kind.to_string())
    });

    let counts = Counts::default();
    thread::scope(|scope| {
        for kind in kinds {
            let (setting, counts, home) = (&setting, &counts, home.path());
            scope.spawn(move || {
                let outcome = match browser::installed(kind) {
                    Err(error) => {
                        counts.skip(&format!("{kind}: {error}"));
                        Ok(())
                    }
                    Ok(_) => match &options.screenshots {
                        Some(folder) => screenshots::take(kind, setting, home, folder),
                        None => {
                            run_kind(kind, options, setting, home, counts);
                            Ok(())
                        }
                    },
                };
                if let Err(error) = outcome {
                    counts.fail(&format!("{kind}: {error}"));
                }
            });
        }
    });

    let [passed, failed, skipped] = [&counts.passed, &counts.failed, &counts.skipped]
        .map(|count| count.load(Ordering::Relaxed));
    let seconds = started.elapsed().as_secs_f32();
    println!("\n{passed} passed, {failed} failed, {skipped} skipped in {seconds:.1} s");
    Ok(failed == 0)
}

fn run_kind(kind: Kind, options: &Options, setting: &Setting, home: &Path, counts: &Counts) {
    let mut checks = all();
    checks.retain(|check| {
        let only = options.only.as_ref();
        check.is_for(kind)
            && only.is_none_or(|only| only.split('|').any(|only| check.name.contains(only)))
    });
    checks.sort_by_key(|check| check.setup.of_process(kind) as u8);
    let (checks, second_tries) = (Mutex::new(checks), AtomicUsize::new(SECOND_TRIES));
    thread::scope(|scope| {
        for is_last in [false, true] {
            let lane = Lane {
                kind,
                is_last,
                checks: &checks,
                second_tries: &second_tries,
                setting,
                home: home.join(if is_last { "last" } else { "first" }),
                counts,
            };
            scope.spawn(move || {
                if let Err(error) = lane.run() {
                    lane.counts.fail(&format!("{kind}: {error}"));
                }
            });
        }
    });
}

/// A thread that runs checks in its own browser process. Two lanes share one list of checks. The first lane takes
/// checks from the beginning, the second lane from the end.
#[derive(Debug)]
struct Lane<'a> {
    kind: Kind,
    /// True if this lane takes checks from the end.
    is_last: bool,
    checks: &'a Mutex<Vec<Check>>,
    second_tries: &'a AtomicUsize,
    setting: &'a Setting,
    home: PathBuf,
    counts: &'a Counts,
}

impl Lane<'_> {
    fn run(&self) -> Result<(), String> {
        let server = Server::start(&self.setting.program, &self.setting.media.root, &[])?;
        let deadline = Instant::now() + LANE_LIMIT;
        let mut browser: Option<Browser> = None;
        while let Some(check) = self.next(browser.as_ref().map(|browser| browser.setup)) {
            if let Some(tool) = check.missing_tool(self.setting) {
                self.counts.skip(&format!(
                    "{}: {}: {tool} is not installed (tests/browsers/fetch-tools)",
                    self.kind, check.name
                ));
                continue;
            }
            if Instant::now() > deadline {
                return Err(format!(
                    "the checks did not end within {LANE_LIMIT:?}, the next check is: {}",
                    check.name
                ));
            }
            if browser
                .as_ref()
                .is_none_or(|browser| browser.setup != check.setup.of_process(self.kind))
            {
                drop(browser.take());
            }
            let browser = match &mut browser {
                Some(browser) => browser,
                none => none.insert(Browser::start(self.kind, check.setup, &self.home)?),
            };
            self.check(browser, &check, &server);
        }
        Ok(())
    }

    /// Removes a check from the list and returns it. Prefers a check for which the browser does not need to restart.
    fn next(&self, running: Option<Setup>) -> Option<Check> {
        let mut checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |check: &Check| Some(check.setup.of_process(self.kind)) == running;
        let at = match self.is_last {
            false => checks.iter().position(fits).unwrap_or(0),
            true => checks
                .iter()
                .rposition(fits)
                .unwrap_or(checks.len().saturating_sub(1)),
        };
        (at < checks.len()).then(|| checks.remove(at))
    }

    /// Runs one check and prints the result. A failed check runs again if [`SECOND_TRIES`] allows it.
    fn check(&self, browser: &mut Browser, check: &Check, server: &Server) {
        let kind = self.kind;
        let started = Instant::now();
        let mut outcome = perform(browser, check, self.setting, server);
        if let Err(error) = &outcome {
            let left =
                self.second_tries
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                        left.checked_sub(1)
                    });
            if left.is_ok() {
                println!("  again {kind}: {}: {error}", check.name);
                outcome = perform(browser, check, self.setting, server);
            }
        }
        let seconds = started.elapsed().as_secs_f32();
        let line = format!("{kind}: {} ({seconds:.1} s)", check.name);
        match outcome {
            Ok(()) => self.counts.pass(&line),
            Err(error) => self.counts.fail(&format!("{line}: {error}")),
        }
    }
}

/// Runs one check in a new tab. If it fails, takes a screenshot and adds its path to the error.
fn perform(
    browser: &mut Browser,
    check: &Check,
    setting: &Setting,
    server: &Server,
) -> Result<(), String> {
    let kind = browser.kind;
    let mut stage = Stage::new(Page::open(browser, check.setup)?, setting, server);
    let outcome = panic::catch_unwind(panic::AssertUnwindSafe(|| (check.run)(&mut stage)))
        .unwrap_or_else(|_| Err("the check panicked".to_owned()));
    let problems = stage.finish();
    let error = match (outcome, problems) {
        (Ok(()), Ok(())) => return Ok(()),
        (Ok(()), Err(problems)) => problems,
        (Err(error), Ok(())) => error,
        (Err(error), Err(problems)) => format!("{error}; {problems}"),
    };
    let name: String = check
        .name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let path = setting.pictures.join(format!("{kind}-{name}.png"));
    let saved = fs::create_dir_all(&setting.pictures)
        .map_err(|e| e.to_string())
        .and_then(|()| stage.page.screenshot())
        .and_then(|png| fs::write(&path, png).map_err(|e| e.to_string()));
    Err(match saved {
        Ok(()) => format!("{error} (screenshot: {})", path.display()),
        Err(_) => error,
    })
}
