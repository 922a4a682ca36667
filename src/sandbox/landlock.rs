//! Landlock: the kernel's list of what a thread may still open. Knows rights, not system calls.

use std::path::Path;

use ::landlock::{
    ABI, Access, AccessFs, AccessNet, LandlockStatus, NetPort, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

/// The newest set of rights that was tried with this program; older kernels take what they know of it.
const ABI_KNOWN: ABI = ABI::V6;

/// What Landlock keeps out, beside reading elsewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// No way of opening a file changes it. Before this version, opening for reading could still truncate.
    pub(super) read_only: bool,
}

/// Confines this thread and all that it will start: read files and folders below `dir`, listen on `port`
/// if there is one.
///
/// What Landlock does not know (metadata, permissions) is for seccomp; what it has no rule for here is refused:
/// writing, making, removing, executing, devices, connections out, signals and abstract sockets of others.
///
/// # Errors
///
/// Why there is no Landlock.
pub(super) fn confine(dir: &Path, port: Option<u16>) -> Result<Rules, &'static str> {
    let status = restrict(dir, port)?;
    match status {
        LandlockStatus::Available { effective_abi, .. } => Ok(Rules {
            read_only: effective_abi >= ABI::V3,
        }),
        LandlockStatus::NotEnabled => Err("it is switched off at boot"),
        LandlockStatus::NotImplemented => Err("this kernel has none"),
    }
}

const NOT_TAKEN: &str = "the kernel does not take its rules";

fn restrict(dir: &Path, port: Option<u16>) -> Result<LandlockStatus, &'static str> {
    let dir = PathFd::new(dir).map_err(|_| "it cannot open the folder")?;
    let rules = || -> Result<_, RulesetError> {
        Ruleset::default()
            .handle_access(AccessFs::from_all(ABI_KNOWN))?
            .handle_access(AccessNet::from_all(ABI_KNOWN))?
            .scope(Scope::from_all(ABI_KNOWN))?
            .create()?
            .add_rule(PathBeneath::new(
                dir,
                AccessFs::ReadFile | AccessFs::ReadDir,
            ))?
            // Port 0 stands for any that the system picks.
            .add_rules(
                port.map(|port| Ok::<_, RulesetError>(NetPort::new(port, AccessNet::BindTcp))),
            )?
            .restrict_self()
    };
    // The crate's errors would tell more, and be a tenth of what confinement adds to the program.
    let status = rules().map_err(|_| NOT_TAKEN)?;
    match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, LandlockStatus::Available { .. }) => Err(NOT_TAKEN),
        (_, landlock) => Ok(landlock),
    }
}
