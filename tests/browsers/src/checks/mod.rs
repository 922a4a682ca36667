//! The checks. Each file checks one function of the pages.

use serde_json::Value;

use crate::browser::{Kind, Setup};
use crate::stage::{Setting, Stage};

mod access;
mod codecs;
mod editor;
mod faults;
mod inside;
mod keys;
mod library;
mod looping;
mod measure;
mod names;
mod pictures;
mod plain;
mod playback;
mod proxy;
mod recovery;
mod remote;
mod segments;
mod subtitles;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) setup: Setup,
    pub(crate) run: fn(&mut Stage) -> Result<(), String>,
    tool: Option<Tool>,
    only: Option<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    Axe,
    Vnu,
    Nginx,
}

impl Check {
    const fn new(name: &'static str, run: fn(&mut Stage) -> Result<(), String>) -> Check {
        Check {
            name,
            setup: Setup::Plain,
            run,
            tool: None,
            only: None,
        }
    }

    const fn setup(self, setup: Setup) -> Check {
        Check { setup, ..self }
    }

    const fn needs(self, tool: Tool) -> Check {
        Check {
            tool: Some(tool),
            ..self
        }
    }

    /// Limits the check to one browser, because the check has the same result in the other browser.
    const fn only(self, kind: Kind) -> Check {
        Check {
            only: Some(kind),
            ..self
        }
    }

    pub(crate) fn is_for(&self, kind: Kind) -> bool {
        self.only.is_none_or(|only| only == kind)
    }

    /// If the check needs a tool that is not installed, returns the name of this tool.
    pub(crate) fn missing_tool(&self, setting: &Setting) -> Option<&'static str> {
        match self.tool? {
            Tool::Axe => setting.axe.is_none().then_some("axe-core"),
            Tool::Nginx => proxy::nginx().is_none().then_some("nginx"),
            Tool::Vnu => setting.vnu.is_none().then_some("the Nu HTML checker"),
        }
    }
}

/// Returns all checks, in the order in which they run.
pub(crate) fn all() -> Vec<Check> {
    [
        library::CHECKS,
        remote::CHECKS,
        pictures::CHECKS,
        playback::CHECKS,
        recovery::CHECKS,
        faults::CHECKS,
        looping::CHECKS,
        segments::CHECKS,
        editor::CHECKS,
        keys::CHECKS,
        subtitles::CHECKS,
        inside::CHECKS,
        codecs::CHECKS,
        names::CHECKS,
        plain::CHECKS,
        proxy::CHECKS,
        access::CHECKS,
    ]
    .concat()
}

/// Returns true if a value is a number close to `wanted`.
fn near(value: &Value, wanted: f64, tolerance: f64) -> bool {
    value
        .as_f64()
        .is_some_and(|value| (value - wanted).abs() <= tolerance)
}
