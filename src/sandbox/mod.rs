//! The sandbox of the program. A confined process can only read below one folder and accept connections on one port,
//! even if a bug lets an attacker run code in it. A program that embeds the library has no sandbox.
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

pub(crate) use inherited::close_inherited;

// The filter is written for the calls of x86_64, aarch64 and riscv64. seccompiler refuses other processors.
#[cfg(target_pointer_width = "64")]
mod calls;
#[cfg(target_pointer_width = "64")]
mod seccomp;
#[cfg(not(target_pointer_width = "64"))]
mod seccomp {
    const NONE: &str = "there is no filter for this processor";

    pub(super) fn confine(_: bool) -> Result<(), String> {
        Err(NONE.to_owned())
    }

    pub(super) fn seal() -> Result<(), String> {
        Err(NONE.to_owned())
    }
}

/// The layers to apply. The program takes all, as far as the system has them; a test takes one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layers {
    pub(crate) landlock: bool,
    pub(crate) namespace: bool,
    pub(crate) seccomp: bool,
}

impl Layers {
    pub(crate) const ALL: Layers = Layers {
        landlock: true,
        namespace: true,
        seccomp: true,
    };
}

/// The layer that prevents reading outside the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fence {
    /// Rules for paths: other paths are visible and refused.
    Landlock,
    /// A root that contains only the folder.
    Namespace,
}

/// The layers that confine this process.
#[derive(Debug, Default)]
pub(crate) struct Confinement {
    /// Set by `--no-sandbox`.
    is_off: bool,
    fence: Option<Fence>,
    seccomp: bool,
    /// The missing layers, each with the reason.
    missing: Vec<String>,
    /// The path of the folder inside the confinement.
    dir: PathBuf,
    /// `/proc/self/status`, which cannot be opened inside the confinement.
    process_status: Option<File>,
}

impl Confinement {
    /// Returns a confinement without layers.
    pub(crate) fn off(dir: &Path) -> Confinement {
        Confinement {
            is_off: true,
            dir: dir.to_owned(),
            ..Confinement::default()
        }
    }

    /// Confines this process to reading below `dir`, to listening on `port`, which is `None` for a socket that listens
    /// already, and to the `kept` descriptors.
    ///
    /// Call it before anything else is opened, because it closes all other descriptors. A folder that cannot be opened
    /// confines nothing: the server reports the error when it opens the folder.
    pub(crate) fn enter(
        dir: &Path,
        port: Option<u16>,
        kept: &[BorrowedFd<'_>],
        layers: Layers,
    ) -> Confinement {
        let mut confinement = Confinement {
            // Absolute, because a relative path leads to the old folder after its parent was replaced.
            dir: std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()),
            ..Confinement::default()
        };
        match dir.canonicalize() {
            Ok(canonical) if canonical.is_dir() => {
                confinement.note("descriptors left open", close_inherited(kept));
                confinement.confine(&canonical, port, layers);
            }
            _ => confinement
                .missing
                .push("the folder: it cannot be opened".to_owned()),
        }
        confinement
    }

    /// Returns the path of the folder inside the confinement.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns `/proc/self/status`, once.
    pub(crate) fn take_process_status(&mut self) -> Option<File> {
        self.process_status.take()
    }

    /// Returns the layer that keeps the process to its folder, if there is one.
    pub(crate) fn fence(&self) -> Option<Fence> {
        self.fence
    }

    /// Returns whether system calls are filtered.
    #[allow(dead_code)] // The test of the layers uses it, the program does not.
    pub(crate) fn has_seccomp(&self) -> bool {
        self.seccomp
    }
}

/// For the start-up lines.
impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_off {
            return f.write_str("not confined: --no-sandbox is set");
        }
        let fence = match self.fence {
            Some(Fence::Landlock) => "confined to this folder by Landlock",
            Some(Fence::Namespace) => "confined to this folder by a namespace",
            None if self.seccomp => {
                "changes nothing, by seccomp, but is not confined to this folder"
            }
            None => "not confined",
        };
        f.write_str(fence)?;
        if self.fence.is_some() && self.seccomp {
            f.write_str(" and seccomp")?;
        }
        if self.missing.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", self.missing.join("; "))
    }
}
