//! The layers in their order. Knows what each needs from the others.

use std::fs::File;
use std::path::Path;

use rustix::fs::{Access, Mode, OFlags, access, open, stat};
use rustix::io::Errno;
use rustix::thread::{CapabilitySet, set_no_new_privs};

use super::namespace::Maker;
use super::{
    Confinement, Fence, Layers, Needs, capabilities, inherited, landlock, namespace, seccomp,
};

impl Confinement {
    /// `canonical` is the folder without links.
    pub(super) fn confine(&mut self, canonical: &Path, needs: &Needs<'_>, layers: Layers) {
        if let Err(error) = inherited::close(needs.kept) {
            self.missing("descriptors left open", error);
        }
        self.process_status = File::open("/proc/self/status").ok();
        // No program that is executed, if one could be, has more rights than this one.
        if let Err(error) = set_no_new_privs(true) {
            self.missing("no new privileges", error);
        }
        let held = capabilities::held();
        let kept = capabilities::needed(held, needs.port);
        let mut read_only = false;
        let others = self.missing.len();
        if layers.landlock {
            match landlock::confine(canonical, needs.port) {
                Ok(rules) => {
                    self.fence = Some(Fence::Landlock);
                    read_only = rules.read_only;
                }
                Err(why) => self.missing("Landlock", why),
            }
        }
        if self.fence.is_none() && layers.namespace {
            match enclose(&self.dir, canonical, held, kept) {
                Ok(()) => {
                    self.fence = Some(Fence::Namespace);
                    self.dir = canonical.to_owned();
                    // It stands in for that.
                    self.missing.truncate(others);
                }
                Err(why) => self.missing("namespace", why),
            }
        }
        // A new user namespace gave us all of them, over nothing but itself.
        if let Err(error) = capabilities::keep_only(kept) {
            self.missing("capabilities", error);
        }
        if layers.seccomp {
            // A disk that the host mounts into the folder later may be written to in the namespace.
            match seccomp::confine(read_only) {
                Ok(()) => self.seccomp = true,
                Err(why) => self.missing("seccomp", why),
            }
        }
    }

    /// Forbids further sockets and connections, when the server has all that it needs. Now there may be several threads.
    pub(crate) fn seal(&self) {
        if self.seccomp
            && let Err(why) = seccomp::seal()
        {
            log::warn!("new connections cannot be forbidden: {why}");
        }
    }

    /// Whether the folder is another one than at start, which the layers keep us from.
    pub(crate) fn has_lost_folder(&self) -> bool {
        match self.fence {
            None => false,
            // By the permissions of the folder we may read it, and may not: its rule was for another.
            Some(Fence::Landlock) => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let opened = open(&self.dir, flags, Mode::empty());
                opened.err() == Some(Errno::ACCESS)
                    && access(&self.dir, Access::READ_OK | Access::EXEC_OK).is_ok()
            }
            // It is ours for ever, but was removed from the disk.
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
    if held.contains(CapabilitySet::SYS_ADMIN) {
        return namespace::confine(canonical, &alias, Maker::Root);
    }
    if !kept.is_empty() {
        // In a user namespace capabilities are for what belongs to it: not for low ports, not for files of others.
        return Err("it would take away rights that serving needs".to_owned());
    }
    namespace::confine(canonical, &alias, Maker::User)
}
