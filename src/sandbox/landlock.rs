//! Landlock: the kernel's rules for the paths and ports that a thread may open.

use std::path::Path;

use ::landlock::{
    ABI, Access, AccessFs, AccessNet, LandlockStatus, NetPort, PathBeneath, PathFd,
    RestrictionStatus, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus,
    Scope,
};

/// The newest set of rights that was tested with this program. Older kernels enforce the rights that they know.
const ABI_KNOWN: ABI = ABI::V6;

const NOT_TAKEN: &str = "the kernel does not take its rules";

/// Confines this thread and all threads that it starts: they can read files and folders below `dir`, and listen on
/// `port` if there is one.
///
/// Landlock refuses each right that it knows and that has no rule here: to write, create, remove and execute, devices,
/// connections to other machines, signals to other processes and their abstract sockets. The rights that it does not
/// know (metadata, permissions) are left to seccomp.
///
/// Returns whether no way of opening a file can change it. Before the third version of Landlock, opening a file for
/// reading could still truncate it.
///
/// # Errors
///
/// The reason why there is no Landlock.
pub(super) fn confine(dir: &Path, port: Option<u16>) -> Result<bool, &'static str> {
    let dir = PathFd::new(dir).map_err(|_| "it cannot open the folder")?;
    // The crate's errors would tell more, and be a tenth of the size that confinement adds to the program.
    let status = restrict(dir, port).map_err(|_| NOT_TAKEN)?;
    match (status.landlock, status.ruleset) {
        (LandlockStatus::NotEnabled, _) => Err("it is switched off at boot"),
        (LandlockStatus::NotImplemented, _) => Err("this kernel has none"),
        (LandlockStatus::Available { .. }, RulesetStatus::NotEnforced) => Err(NOT_TAKEN),
        (LandlockStatus::Available { effective_abi, .. }, _) => Ok(effective_abi >= ABI::V3),
    }
}

fn restrict(dir: PathFd, port: Option<u16>) -> Result<RestrictionStatus, RulesetError> {
    let reading = AccessFs::ReadFile | AccessFs::ReadDir;
    // Port 0 stands for any port that the system picks.
    let ports = port.map(|port| Ok::<_, RulesetError>(NetPort::new(port, AccessNet::BindTcp)));
    Ruleset::default()
        .handle_access(AccessFs::from_all(ABI_KNOWN))?
        .handle_access(AccessNet::from_all(ABI_KNOWN))?
        .scope(Scope::from_all(ABI_KNOWN))?
        .create()?
        .add_rule(PathBeneath::new(dir, reading))?
        .add_rules(ports)?
        .restrict_self()
}
