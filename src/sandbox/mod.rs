//! The sandbox of the program. A confined process can only read below one folder and accept connections on one port.
//! This is also true if an attacker runs code in the process. A program that embeds the library has no sandbox.
//!
//! The program applies each layer as far as the system supports it. It does so while it has one thread, because a new
//! thread inherits the layers of its parent.
//!
//! | layer | prevents |
//! |---|---|
//! | Landlock | reading files outside, changing files, executing; on newer kernels also TCP and signals to other processes |
//! | a namespace, if the kernel lacks Landlock | reading files outside, changing files, executing |
//! | seccomp, on 64-bit processors | changing files, executing, new processes, tracing, mounting, new connections, most system calls |
//! | capabilities | the rights of root |
//!
//! A confined process can still write to the standard streams, so it could write false lines into a log. Under
//! Landlock, it can read the names, lengths and dates of other files, but not their content. It can write to the socket
//! of the service manager, because this socket was connected before. All other inherited descriptors are closed.
//!
//! The server also serves a disk that is mounted below the folder later. In a namespace, the disk of the folder stays
//! in use after an unmount. Stop the program before you remove this disk.
//!
//! If the folder is removed and created again, or a symlink to it changes, a confined program cannot open the new
//! folder. The program detects this within seconds (in a namespace, only the removal). It then ends, so that a new
//! process opens the new folder. Without the sandbox, the server uses the new folder at once.

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

// The tables contain the calls of x86_64, aarch64 and riscv64. seccompiler supports no other processors.
#[cfg(target_pointer_width = "64")]
mod calls;
#[cfg(target_pointer_width = "64")]
mod seccomp;
#[cfg(not(target_pointer_width = "64"))]
mod seccomp {
    const NONE: &str = "this processor is not supported";

    pub(super) fn confine(_: bool) -> Result<(), String> {
        Err(NONE.to_owned())
    }

    pub(super) fn seal() -> Result<(), String> {
        Err(NONE.to_owned())
    }
}

/// The layers to apply. The program applies all layers that the system supports. The tests apply single layers.
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
    /// Rules for paths. Other paths are visible, but the kernel refuses to open them.
    Landlock,
    /// A root directory that contains only the folder.
    Namespace,
}

/// The layers that confine this process.
#[derive(Debug, Default)]
pub(crate) struct Confinement {
    /// Set by `--no-sandbox`.
    is_off: bool,
    /// The layer that prevents reading outside the folder, if there is one.
    pub(crate) fence: Option<Fence>,
    /// Whether seccomp filters the system calls.
    pub(crate) seccomp: bool,
    /// The missing layers, each with the reason.
    missing: Vec<String>,
    /// The path of the folder inside the confinement.
    pub(crate) dir: PathBuf,
    /// `/proc/self/status`, which cannot be opened inside the confinement.
    pub(crate) process_status: Option<File>,
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

    /// Confines this process to reading below `dir`, to listening on `port`, and to the `kept` descriptors. `port` is
    /// `None` if the socket already listens.
    ///
    /// Call it before the process opens anything, because it closes all other descriptors. If the folder cannot be
    /// opened, no layer is applied. The server then reports the error when it opens the folder.
    pub(crate) fn enter(
        dir: &Path,
        port: Option<u16>,
        kept: &[BorrowedFd<'_>],
        layers: Layers,
    ) -> Confinement {
        let mut confinement = Confinement {
            // An absolute path, because a relative path leads to the old folder if its parent is replaced.
            dir: std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()),
            ..Confinement::default()
        };
        match dir.canonicalize() {
            Ok(canonical) if canonical.is_dir() => {
                confinement.note("inherited descriptors", close_inherited(kept));
                confinement.confine(&canonical, port, layers);
            }
            _ => confinement
                .missing
                .push("the folder: it cannot be opened".to_owned()),
        }
        confinement
    }
}

/// The text for the start-up lines.
impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_off {
            return f.write_str("not confined: --no-sandbox is set");
        }
        let fence = match self.fence {
            Some(Fence::Landlock) => "confined to this folder by Landlock",
            Some(Fence::Namespace) => "confined to this folder by a namespace",
            None if self.seccomp => {
                "seccomp prevents changes, but the program is not confined to this folder"
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
