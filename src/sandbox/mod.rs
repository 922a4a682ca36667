//! The sandbox of the program: from then on it can read below one folder and accept connections on one port, and nothing
//! else, even if a bug lets an attacker run code in it. A program that embeds the library has no sandbox.
//!
//! Each layer is applied as far as the system supports it, while there is one thread, because threads inherit the layers
//! that exist at their start.
//!
//! | layer | prevents |
//! |---|---|
//! | Landlock | reading files outside, changing files, executing; on newer kernels also TCP and signals to others |
//! | a namespace, where there is no Landlock | reading files outside, changing files, executing |
//! | seccomp, on 64-bit processors | changing files, executing, new processes, tracing, mounting, new connections, most system calls |
//! | capabilities | the rights of root |
//!
//! What remains possible: writing to the standard streams, which may spoil a log; under Landlock, reading the names, lengths
//! and dates of other files, but not their content; writing to the socket of a service manager, which was connected before.
//! All other inherited descriptors are closed.
//!
//! A disk that is mounted below the folder later is served too. In a namespace, a disk that the folder is on stays in use
//! although it was unmounted: stop the program before you unplug it. If the folder is removed and made again, or a link to
//! it is changed, a confined program cannot follow. It notices that within seconds (in a namespace only the removal) and
//! ends, so that a new process opens the new folder. Without the sandbox the new folder is served at once.

use std::fmt;
use std::fs::File;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

mod capabilities;
mod inherited;
mod landlock;
mod layers;
mod namespace;

// The filter must be right for each processor's calls, and is written for these.
#[cfg(all(
    target_pointer_width = "64",
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )
))]
mod calls;
#[cfg(all(
    target_pointer_width = "64",
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )
))]
mod seccomp;
#[cfg(not(all(
    target_pointer_width = "64",
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )
)))]
mod seccomp {
    const NONE: &str = "there is no filter for this processor";

    pub(super) fn confine(_: bool) -> Result<(), String> {
        Err(NONE.to_owned())
    }

    pub(super) fn seal() -> Result<(), String> {
        Err(NONE.to_owned())
    }
}

/// The layers to be tried. The program takes all; a test takes one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layers {
    pub(crate) landlock: bool,
    pub(crate) namespace: bool,
    pub(crate) seccomp: bool,
}

impl Layers {
    /// As far as the system has them.
    pub(crate) const ALL: Layers = Layers {
        landlock: true,
        namespace: true,
        seccomp: true,
    };
}

/// What the program must be able to do beside reading its folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needs<'a> {
    /// The port to listen on; none where a socket was handed over.
    pub(crate) port: Option<u16>,
    /// What it has open already and keeps.
    pub(crate) kept: &'a [BorrowedFd<'a>],
}

/// Closes the descriptors that were inherited from the parent process, except the standard streams and `kept`. Part of
/// [`Confinement::enter`]; for a process that does not confine itself.
///
/// # Errors
///
/// If the system cannot list them.
pub(crate) fn close_inherited(kept: &[BorrowedFd<'_>]) -> std::io::Result<()> {
    inherited::close(kept)
}

/// What keeps the program to its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fence {
    /// Rules for paths; the rest of the disk is seen and refused.
    Landlock,
    /// A root of its own; there is nothing else to be seen.
    Namespace,
}

/// What holds.
#[derive(Debug, Default)]
pub(crate) struct Confinement {
    /// Nobody wanted any.
    is_off: bool,
    fence: Option<Fence>,
    seccomp: bool,
    /// Why the others do not hold.
    missing: Vec<String>,
    /// The folder, by a path that leads to it from in here.
    dir: PathBuf,
    /// What the system says of this process, which is not to be found from in here.
    process_status: Option<File>,
}

impl Confinement {
    /// No layer at all, since none was wanted.
    pub(crate) fn off(dir: &Path) -> Confinement {
        Confinement {
            is_off: true,
            dir: dir.to_owned(),
            ..Confinement::default()
        }
    }

    /// Confines this process to reading below `dir` and to what it needs beside.
    ///
    /// To be called before anything else is opened: descriptors that whoever started us left open are closed.
    ///
    /// A folder that cannot be served confines nothing: whoever serves it says what is wrong with it.
    pub(crate) fn enter(dir: &Path, needs: &Needs<'_>, layers: Layers) -> Confinement {
        let mut confinement = Confinement {
            // Absolute, because a relative path leads to the old folder after its parent was replaced.
            dir: std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()),
            ..Confinement::default()
        };
        match dir.canonicalize() {
            Ok(canonical) if canonical.is_dir() => confinement.confine(&canonical, needs, layers),
            _ => confinement.missing("the folder", "it cannot be opened"),
        }
        confinement
    }

    /// The folder, as it must be called from here on.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// `/proc/self/status`, once. A regular file, that leads nowhere.
    #[allow(dead_code)] // Tests of the layers do not ask.
    pub(crate) fn take_process_status(&mut self) -> Option<File> {
        self.process_status.take()
    }

    /// What keeps the program to its folder, if anything does.
    pub(crate) fn fence(&self) -> Option<Fence> {
        self.fence
    }

    /// Whether system calls are filtered.
    #[allow(dead_code)] // Tests of the layers ask.
    pub(crate) fn has_seccomp(&self) -> bool {
        self.seccomp
    }

    fn missing(&mut self, what: &str, why: impl fmt::Display) {
        self.missing.push(format!("{what}: {why}"));
    }
}

/// For the start-up lines.
impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_off {
            return f.write_str("not confined, as --no-sandbox wants it");
        }
        match (self.fence, self.seccomp) {
            (Some(fence), true) => write!(f, "confined to this folder by {fence} and seccomp")?,
            (Some(fence), false) => write!(f, "confined to this folder by {fence}")?,
            (None, true) => {
                f.write_str("changes nothing, by seccomp, but is not confined to this folder")?
            }
            (None, false) => f.write_str("not confined")?,
        }
        if self.missing.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", self.missing.join("; "))
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fence::Landlock => "Landlock",
            Fence::Namespace => "a namespace",
        })
    }
}
