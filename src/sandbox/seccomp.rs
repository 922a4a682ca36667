//! seccomp: which system calls there still are. Knows filters, not what the calls do.
//!
//! A list of what is allowed: what nobody thought of, what the next kernel brings, and the calls of other ABIs are
//! refused by it. A filter sees numbers, not what pointers lead to, so paths and addresses are not for it.
//!
//! A refused call is answered with ENOSYS, the one that every libc is ready for, since older kernels give it: it takes
//! another way (`clone` for `clone3`) where EPERM would be the last word. Nothing is killed: a call that was forgotten
//! here costs one request, not the server.

use libc::c_long;
use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompFilter, TargetArch, apply_filter,
    apply_filter_all_threads,
};

use super::calls;

/// Filters this thread and all that it will start. `openat2` keeps its flags behind a pointer: it is only for those
/// whose files are kept from being written in another way. Others open one component after the other, as on older
/// kernels.
///
/// # Errors
///
/// Why there is no filter.
pub(super) fn confine(openat2: bool) -> Result<(), String> {
    let apply = || -> Result<(), Error> {
        let mut rules = calls::restricted()?;
        let further: &[c_long] = if openat2 { &[calls::OPENAT2] } else { &[] };
        for call in calls::ALLOWED.iter().chain(further) {
            rules.insert(*call, Vec::new());
        }
        let filter = compile(rules, refused(libc::ENOSYS), SeccompAction::Allow)?;
        apply_filter(&filter)
    };
    apply().map_err(reason)
}

/// Filters all threads once more: once the server listens, it opens no more sockets, and those that are open stay with
/// whom they are connected to. For its private link it has spares from before.
///
/// # Errors
///
/// Why there is no such filter.
pub(super) fn seal() -> Result<(), String> {
    let apply = || -> Result<(), Error> {
        // One by one, as in the other table.
        let mut rules = calls::Rules::new();
        for call in calls::SEALED {
            rules.insert(*call, Vec::new());
        }
        // The socket of the service manager is for nobody else.
        rules.insert(libc::SYS_sendto, calls::to_an_address()?);
        let filter = compile(rules, SeccompAction::Allow, refused(libc::EPERM))?;
        apply_filter_all_threads(&filter)
    };
    apply().map_err(reason)
}

fn reason(error: Error) -> String {
    match error {
        Error::Prctl(error) | Error::Seccomp(error) => format!("the kernel refuses it ({error})"),
        _ => "its filter cannot be made".to_owned(),
    }
}

fn refused(errno: i32) -> SeccompAction {
    SeccompAction::Errno(errno.unsigned_abs())
}

fn compile(
    rules: calls::Rules,
    otherwise: SeccompAction,
    action: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, otherwise, action, architecture)?.try_into()
}
