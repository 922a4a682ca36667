//! Applies the layers of the sandbox in their order.

use std::fmt::Display;
use std::fs::File;
use std::path::Path;

use rustix::fs::{Access, Mode, OFlags, access, open, stat};
use rustix::io::Errno;
use rustix::thread::{CapabilitySet, set_no_new_privs};

use super::{Confinement, Fence, Layers, capabilities, landlock, namespace, seccomp};

impl Confinement {
    /// Applies the layers; `canonical` is the path of the folder without links.
    pub(super) fn confine(&mut self, canonical: &Path, port: Option<u16>, layers: Layers) {
        self.process_status = File::open("/proc/self/status").ok();
        // A program that this process executes gets no new rights.
        self.note("no new privileges", set_no_new_privs(true));
        let held = capabilities::held();
        let kept = capabilities::needed(held, port);
        let mut read_only = false;
        let others = self.missing.len();
        if layers.landlock {
            let rules = landlock::confine(canonical, port);
            if let Some(is_read_only) = self.note("Landlock", rules) {
                self.fence = Some(Fence::Landlock);
                read_only = is_read_only;
            }
        }
        if self.fence.is_none() && layers.namespace {
            let mounts = enclose(&self.dir, canonical, held, kept);
            if self.note("namespace", mounts).is_some() {
                self.fence = Some(Fence::Namespace);
                self.dir = canonical.to_owned();
                // The namespace replaces Landlock, so Landlock is not reported as missing.
                self.missing.truncate(others);
            }
        }
        // This comes after the namespace, because a new user namespace gives the process all capabilities inside that
        // namespace.
        self.note("capabilities", capabilities::keep_only(kept));
        if layers.seccomp {
            // In a namespace, openat2 stays forbidden, because the host may later mount a writable disk in the folder.
            let filter = self.note("seccomp", seccomp::confine(read_only));
            self.seccomp = filter.is_some();
        }
    }

    /// Returns the value of a layer. If the layer is missing, notes the reason.
    pub(super) fn note<T>(&mut self, what: &str, result: Result<T, impl Display>) -> Option<T> {
        result
            .map_err(|why| self.missing.push(format!("{what}: {why}")))
            .ok()
    }

    /// Forbids new sockets and connections. Call it after the server has opened all its sockets. Several threads may
    /// run.
    pub(crate) fn seal(&self) {
        if self.seccomp
            && let Err(why) = seccomp::seal()
        {
            log::warn!("cannot forbid new connections: {why}");
        }
    }

    /// Returns `true` if the path now leads to another folder, which this confined process cannot open.
    pub(crate) fn has_lost_folder(&self) -> bool {
        match self.fence {
            None => false,
            // If the permissions allow reading but Landlock refuses it, the rule of Landlock is for another folder.
            Some(Fence::Landlock) => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let opened = open(&self.dir, flags, Mode::empty());
                opened.err() == Some(Errno::ACCESS)
                    && access(&self.dir, Access::READ_OK | Access::EXEC_OK).is_ok()
            }
            // The namespace still contains the folder, but the folder was removed from the disk.
            Some(Fence::Namespace) => stat(&self.dir).is_ok_and(|stat| stat.st_nlink == 0),
        }
    }
}

fn enclose(
    dir: &Path,
    canonical: &Path,
    held: CapabilitySet,
    kept: CapabilitySet,
) -> Result<(), String> {
    let alias = std::path::absolute(dir).map_err(|error| error.to_string())?;
    let may_mount = held.contains(CapabilitySet::SYS_ADMIN);
    if !may_mount && !kept.is_empty() {
        // In a user namespace, capabilities are valid only for objects of that namespace. They are not valid for low
        // ports and for files of other users.
        return Err("it would remove rights that the server needs".to_owned());
    }
    namespace::confine(canonical, &alias, !may_mount)
}
