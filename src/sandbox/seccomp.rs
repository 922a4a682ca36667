//! seccomp filters: they limit the system calls of this process.
//!
//! A filter cannot read the memory behind pointers, so it cannot check paths and addresses.
//!
//! The filter of [`confine`] lists the allowed calls. So it also refuses calls that this program does not know: those
//! of future kernels and of other ABIs. A refused call fails with ENOSYS. A kernel returns this error for calls that it
//! does not have, so every libc then tries an older call (`clone` instead of `clone3`). After EPERM, a libc gives up.
//! The filter does not kill the process, so a call that is missing in the table causes only one failed request.

use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompFilter, TargetArch,
    apply_filter_all_threads,
};

use super::calls;

/// Filters the calls of this thread and of all threads that it starts.
///
/// If `openat2` is true, allows the call openat2. Its flags can open a file for writing. They are behind a pointer, so
/// the filter cannot check them, and another layer must prevent writing. Without openat2, the server opens each part of
/// a path separately.
///
/// # Errors
///
/// The reason why there is no filter.
pub(super) fn confine(openat2: bool) -> Result<(), String> {
    let refuse = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    filter(calls::allowed(openat2), SeccompAction::Allow, refuse)
}

/// Forbids all threads to open, connect and bind sockets. The server has already opened all its sockets.
///
/// # Errors
///
/// The reason why there is no filter.
pub(super) fn seal() -> Result<(), String> {
    let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    filter(calls::sealed(), refuse, SeccompAction::Allow)
}

/// Applies `listed` to the calls of `rules`, and `others` to all other calls.
fn filter(
    rules: Result<calls::Rules, BackendError>,
    listed: SeccompAction,
    others: SeccompAction,
) -> Result<(), String> {
    let apply = || -> Result<(), Error> {
        let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
        let filter = SeccompFilter::new(rules?, others, listed, architecture)?;
        apply_filter_all_threads(&BpfProgram::try_from(filter)?)
    };
    apply().map_err(|error| match error {
        Error::Prctl(error) | Error::Seccomp(error) => format!("the kernel refuses it ({error})"),
        _ => "the filter cannot be built".to_owned(),
    })
}
