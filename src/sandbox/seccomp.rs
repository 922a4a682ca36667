//! seccomp filters: the system calls that the process can still make.
//!
//! The filter lists the calls that are allowed, so it refuses unknown calls, those of later kernels, and those of other
//! ABIs. A filter sees numbers, not the memory behind pointers, so it cannot check paths and addresses.
//!
//! A refused call fails with ENOSYS. Every libc handles it, because older kernels return it: it then uses another call
//! (`clone` for `clone3`), where it would give up after EPERM. The process is not killed: a call that is missing in the
//! table costs one request, not the server.

use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompFilter, TargetArch, apply_filter,
    apply_filter_all_threads,
};

use super::calls;

/// Filters the calls of this thread and of all threads that it starts.
///
/// `openat2` keeps its flags behind a pointer, so it is allowed only where another layer prevents writing. Without it,
/// files are opened one path component after the other, as on older kernels.
///
/// # Errors
///
/// The reason why there is no filter.
pub(super) fn confine(openat2: bool) -> Result<(), String> {
    let apply = || {
        let filter = compile(calls::allowed(openat2)?, libc::ENOSYS, true)?;
        apply_filter(&filter)
    };
    apply().map_err(reason)
}

/// Forbids all threads to open and connect further sockets. A server that listens needs none: its private link has spare
/// ones.
///
/// # Errors
///
/// The reason why there is no such filter.
pub(super) fn seal() -> Result<(), String> {
    let apply = || {
        let filter = compile(calls::sealed()?, libc::EPERM, false)?;
        apply_filter_all_threads(&filter)
    };
    apply().map_err(reason)
}

/// Returns a filter that allows only the calls of `rules`, or refuses only them.
fn compile(rules: calls::Rules, errno: i32, allows: bool) -> Result<BpfProgram, Error> {
    let refuse = SeccompAction::Errno(errno.unsigned_abs());
    let (otherwise, action) = match allows {
        true => (refuse, SeccompAction::Allow),
        false => (SeccompAction::Allow, refuse),
    };
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    let filter = SeccompFilter::new(rules, otherwise, action, architecture)?;
    Ok(filter.try_into()?)
}

fn reason(error: Error) -> String {
    match error {
        Error::Prctl(error) | Error::Seccomp(error) => format!("the kernel refuses it ({error})"),
        _ => "its filter cannot be made".to_owned(),
    }
}
