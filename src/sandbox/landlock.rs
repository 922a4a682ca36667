//! Landlock: rules of the kernel for the paths and ports that a thread may open.

use std::path::Path;

use ::landlock::{
    ABI, Access, AccessFs, AccessNet, LandlockStatus, NetPort, PathBeneath, PathFd,
    RestrictionStatus, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus,
    Scope,
};

/// The newest Landlock version that was tested with this program. A kernel with an older version enforces only the
/// restrictions of its version.
const ABI_KNOWN: ABI = ABI::V6;

const NOT_TAKEN: &str = "the kernel does not accept its rules";

/// Confines this thread and all threads that it starts. They can read files and folders below `dir`, and listen on
/// `port` if it is given.
///
/// Landlock refuses everything else that it controls: writing, creating, removing and executing files, using devices,
/// and making TCP connections. It also refuses signals to other processes, and connections to their abstract sockets.
/// It does not prevent changes of permissions and dates, but seccomp does.
///
/// Returns `true` if opening a file cannot truncate it. Before version 3, Landlock allows an open with O_RDONLY and
/// O_TRUNC, which truncates the file.
///
/// # Errors
///
/// The reason why Landlock is not active.
pub(super) fn confine(dir: &Path, port: Option<u16>) -> Result<bool, &'static str> {
    let dir = PathFd::new(dir).map_err(|_| "it cannot open the folder")?;
    // This text replaces the exact errors of the crate `landlock`. Without the code that formats these errors, the
    // program is smaller.
    let status = restrict(dir, port).map_err(|_| NOT_TAKEN)?;
    match (status.landlock, status.ruleset) {
        (LandlockStatus::NotEnabled, _) => Err("it is disabled at boot"),
        (LandlockStatus::NotImplemented, _) => Err("this kernel does not support it"),
        (LandlockStatus::Available { .. }, RulesetStatus::NotEnforced) => Err(NOT_TAKEN),
        (LandlockStatus::Available { effective_abi, .. }, _) => Ok(effective_abi >= ABI::V3),
    }
}

fn restrict(dir: PathFd, port: Option<u16>) -> Result<RestrictionStatus, RulesetError> {
    let reading = AccessFs::ReadFile | AccessFs::ReadDir;
    // Port 0 stands for any port that the system chooses.
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
