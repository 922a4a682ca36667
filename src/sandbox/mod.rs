//! The sandbox of the program. A confined process can only read below one folder and accept connections on one port.
//! This is also true if an attacker runs code in the process. A program that embeds the library has no sandbox.
//!
//! The program applies each layer as far as the system supports it. It must have only one thread at this time, because
//! some layers do not apply to other threads that already run.
//!
//! | layer | prevents |
//! |---|---|
//! | Landlock | reading files outside the folder, changing files, executing; on newer kernels also outgoing TCP connections, and signals to other processes |
//! | a namespace, if the kernel lacks Landlock | reading files outside the folder, changing files, executing |
//! | seccomp, on 64-bit processors | changing files, executing, new processes, tracing, mounting, new connections, most system calls |
//! | capabilities | the rights of root |
//!
//! A confined process can still write to the standard streams, for example false lines into a log. Under
//! Landlock, it can check whether a file outside the folder exists, and read its length and its dates, but not its
//! content. It can also send messages to the service manager, over a socket that is already connected.
//!
//! The server also serves a disk that is mounted below the folder after the start. In a namespace, the disk that
//! contains the folder stays in use, even after the host has unmounted it. So stop the program before you remove this
//! disk.
//!
//! If the folder is removed and created again, or a symlink to it changes, a confined program cannot open the new
//! folder. The program detects this within seconds and ends, so that a new process can open the new folder. In a
//! namespace, it detects only the removal.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, Mode, OFlags, access, open, stat};
use rustix::io::Errno;
use rustix::thread::{CapabilitySet, set_no_new_privs};

mod capabilities;
mod inherited;
mod landlock;
mod namespace;

pub(crate) use inherited::close_inherited;

// The tables in `calls` are for x86_64, aarch64 and riscv64. seccompiler supports no other processors.
#[cfg(target_pointer_width = "64")]
mod calls;
#[cfg(target_pointer_width = "64")]
mod seccomp;
#[cfg(not(target_pointer_width = "64"))]
mod seccomp {
    pub(super) fn confine(_: bool) -> Result<(), String> {
        Err("this processor is not supported".to_owned())
    }

    pub(super) fn seal() -> Result<(), String> {
        Ok(())
    }
}

/// A layer that some systems lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    /// Rules for paths. Paths outside the folder are visible, but the kernel refuses to open them.
    Landlock,
    /// A root directory that contains only the folder. It takes the place of Landlock.
    Namespace,
    Seccomp,
}

impl Layer {
    /// All layers. Tests use single layers.
    pub(crate) const ALL: &[Layer] = &[Layer::Landlock, Layer::Namespace, Layer::Seccomp];
}

#[derive(Debug)]
pub(crate) struct Confinement {
    /// The active layers. Landlock or the namespace comes first.
    pub(crate) layers: Vec<Layer>,
    /// Each missing layer, with the reason.
    missing: Vec<String>,
    /// The path of the folder inside the confinement.
    pub(crate) dir: PathBuf,
}

impl Confinement {
    /// Confines this process to reading below `dir` and to listening on `port`. `port` is `None` if the socket already
    /// listens.
    ///
    /// If the folder cannot be opened, no layer is applied. The server then reports the error when it opens the folder.
    pub(crate) fn enter(dir: &Path, port: Option<u16>, wanted: &[Layer]) -> Confinement {
        let mut confinement = Confinement {
            layers: Vec::new(),
            missing: Vec::new(),
            // The path must be absolute. A relative path begins at the working directory, which stays the old folder if
            // a parent folder is replaced. Then `has_lost_folder` does not find the new folder.
            dir: std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()),
        };
        match dir.canonicalize() {
            _ if wanted.is_empty() => dir.clone_into(&mut confinement.dir),
            Ok(canonical) if canonical.is_dir() => confinement.confine(&canonical, port, wanted),
            _ => confinement
                .missing
                .push("the folder: it cannot be opened".to_owned()),
        }
        confinement
    }

    /// Applies Landlock or the namespace, then drops capabilities, then applies seccomp. `canonical` is the path of the
    /// folder without symlinks.
    fn confine(&mut self, canonical: &Path, port: Option<u16>, wanted: &[Layer]) {
        // A program that this process executes gets no new rights.
        self.note("no new privileges", set_no_new_privs(true));
        let held = capabilities::held();
        let kept = capabilities::needed(held, port);
        let mut read_only = false;
        let others = self.missing.len();
        if wanted.contains(&Layer::Landlock)
            && let Some(is_read_only) = self.note("Landlock", landlock::confine(canonical, port))
        {
            self.layers.push(Layer::Landlock);
            read_only = is_read_only;
        }
        if wanted.contains(&Layer::Namespace) && self.layers.is_empty() {
            let may_mount = held.contains(CapabilitySet::SYS_ADMIN);
            let entered = match may_mount || kept.is_empty() {
                true => namespace::confine(canonical, &self.dir, !may_mount),
                // Inside a user namespace, capabilities do not apply to low ports and to files of other users.
                false => Err("it would remove rights that the server needs".to_owned()),
            };
            if self.note("namespace", entered).is_some() {
                self.layers.push(Layer::Namespace);
                canonical.clone_into(&mut self.dir);
                // The namespace replaces Landlock, so Landlock is not reported as missing.
                self.missing.truncate(others);
            }
        }
        // A new user namespace gives the process all capabilities inside it, so this call comes after the namespace.
        self.note("capabilities", capabilities::keep_only(kept));
        // The filter cannot check the flags of openat2, so it allows openat2 only if Landlock prevents writing. A
        // namespace is not enough, because the host may later mount a writable disk in the folder.
        if wanted.contains(&Layer::Seccomp)
            && self.note("seccomp", seccomp::confine(read_only)).is_some()
        {
            self.layers.push(Layer::Seccomp);
        }
    }

    /// Returns the value of a result. For an error, notes the missing layer and the reason.
    fn note<T>(&mut self, what: &str, result: Result<T, impl Display>) -> Option<T> {
        let missing = |why| self.missing.push(format!("{what}: {why}"));
        result.map_err(missing).ok()
    }

    /// Forbids new sockets and connections, for all threads. Call it after the server has opened all its sockets.
    pub(crate) fn seal(&self) {
        if self.layers.contains(&Layer::Seccomp)
            && let Err(why) = seccomp::seal()
        {
            log::warn!("cannot forbid new connections: {why}");
        }
    }

    /// Returns `true` if this confined process cannot open the folder that the path now leads to.
    pub(crate) fn has_lost_folder(&self) -> bool {
        match self.layers.first() {
            // If the permissions allow reading but Landlock refuses it, the rule of Landlock is for another folder.
            Some(Layer::Landlock) => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let opened = open(&self.dir, flags, Mode::empty());
                opened.err() == Some(Errno::ACCESS)
                    && access(&self.dir, Access::READ_OK | Access::EXEC_OK).is_ok()
            }
            // A removed folder has 0 links. The namespace still contains it.
            Some(Layer::Namespace) => stat(&self.dir).is_ok_and(|stat| stat.st_nlink == 0),
            Some(Layer::Seccomp) | None => false,
        }
    }
}

impl Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layers = match &self.layers[..] {
            [] if self.missing.is_empty() => "not confined: --no-sandbox is set",
            [] => "not confined",
            [Layer::Seccomp, ..] => {
                "seccomp prevents changes, but the program is not confined to this folder"
            }
            [Layer::Landlock] => "confined to this folder by Landlock",
            [Layer::Landlock, ..] => "confined to this folder by Landlock and seccomp",
            [Layer::Namespace] => "confined to this folder by a namespace",
            [Layer::Namespace, ..] => "confined to this folder by a namespace and seccomp",
        };
        f.write_str(layers)?;
        match self.missing.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", self.missing.join("; ")),
        }
    }
}
