//! Applies the layers in their order.

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
        // An executed program, if one could be executed, gets no more rights than this one.
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
        // After the namespace: a new user namespace gives a process all capabilities, over nothing but itself.
        self.note("capabilities", capabilities::keep_only(kept));
        if layers.seccomp {
            // In a namespace openat2 stays forbidden: a disk that the host mounts into the folder later may be writable.
            let filter = self.note("seccomp", seccomp::confine(read_only));
            self.seccomp = filter.is_some();
        }
    }

    /// Returns the value of a layer; notes the reason if the layer is missing.
    pub(super) fn note<T>(&mut self, what: &str, result: Result<T, impl Display>) -> Option<T> {
        result
            .map_err(|why| self.missing.push(format!("{what}: {why}")))
            .ok()
    }

    /// Forbids further sockets and connections, when the server has all that it needs. There may be several threads.
    pub(crate) fn seal(&self) {
        if self.seccomp
            && let Err(why) = seccomp::seal()
        {
            log::warn!("new connections cannot be forbidden: {why}");
        }
    }

    /// Returns whether the path leads to another folder than at start, which a confined process cannot open.
    pub(crate) fn has_lost_folder(&self) -> bool {
        match self.fence {
            None => false,
            // The permissions of the folder allow reading, and Landlock does not: its rule is for another folder.
            Some(Fence::Landlock) => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let opened = open(&self.dir, flags, Mode::empty());
                opened.err() == Some(Errno::ACCESS)
                    && access(&self.dir, Access::READ_OK | Access::EXEC_OK).is_ok()
            }
            // The namespace keeps the folder, but it was removed from the disk.
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
        // In a user namespace capabilities hold only for objects of that namespace: not for low ports, and not for files
        // of other users.
        return Err("it would take away rights that serving needs".to_owned());
    }
    namespace::confine(canonical, &alias, !may_mount)
}
