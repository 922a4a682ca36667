//! The system calls of a server that reads one folder, on glibc and musl. A table; how it is enforced is said elsewhere.
//!
//! Left out, with all that nobody thought of: execve, fork, everything that changes a file, its name, its owner or its
//! permissions, mounts and namespaces, ptrace and the memory of others, signals to others, keys, modules, bpf, io_uring,
//! userfaultfd.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BackendError, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition as Condition, SeccompRule,
};

/// With any arguments.
pub(super) const ALLOWED: &[c_long] = &[
    // What there is of a process: memory, threads, time, itself.
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_membarrier,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_uname,
    libc::SYS_getcwd,
    // More filters can only take away.
    libc::SYS_seccomp,
    // Reading, listing, looking. Opening is below.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_lseek,
    libc::SYS_getdents64,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_fstatfs,
    libc::SYS_readlinkat,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fadvise64,
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_dup3,
    // To sockets and standard streams; files are never open for it.
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_sendfile,
    // Sockets. Which ones is below; to whom they connect stands behind a pointer.
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_connect,
    libc::SYS_shutdown,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_socketpair,
    libc::SYS_pipe2,
    // Waiting.
    libc::SYS_ppoll,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    // What newer architectures no longer have, and libcs use where it is.
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lstat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_epoll_wait,
];

/// See [`super::seccomp::confine`].
pub(super) const OPENAT2: c_long = libc::SYS_openat2;

/// Of calls, each with the rules of which one must hold; with none, any arguments will do.
pub(super) type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// Calls with rules for their arguments; one of a call's rules must hold.
pub(super) fn restricted() -> Result<Rules, BackendError> {
    let myself = i32::try_from(std::process::id()).unwrap_or_default();
    // One by one: collecting them would bring a sort into the program that is larger than this module.
    let mut rules = Rules::new();
    // Only to read. Of the first, flags are the third argument; of the second, the second.
    rules.insert(libc::SYS_openat, vec![rule([none_of(2, CHANGES)?])?]);
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_open, vec![rule([none_of(1, CHANGES)?])?]);
    // No memory becomes code.
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![rule([none_of(2, libc::PROT_EXEC)?])?]);
    }
    // A thread, not a process.
    rules.insert(
        libc::SYS_clone,
        vec![rule([all_of(0, libc::CLONE_THREAD)?])?],
    );
    // abort(), to ourselves.
    rules.insert(libc::SYS_tgkill, vec![rule([is(0, myself)?])?]);
    // The second filter sets the latter once more.
    let prctls = [libc::PR_SET_NAME, libc::PR_SET_NO_NEW_PRIVS];
    rules.insert(libc::SYS_prctl, any(0, &prctls)?);
    // To read limits, not to set them.
    rules.insert(libc::SYS_prlimit64, vec![rule([is_null(2)?])?]);
    // Not the one that types into the terminal of whoever started us, nor the one that signals others.
    rules.insert(libc::SYS_ioctl, any(1, IOCTLS)?);
    rules.insert(libc::SYS_fcntl, any(1, FCNTLS)?);
    rules.insert(libc::SYS_socket, sockets()?);
    // The flag connects without a call to connect, which is all that Landlock looks at.
    rules.insert(
        libc::SYS_sendto,
        vec![rule([none_of(3, libc::MSG_FASTOPEN)?])?],
    );
    Ok(rules)
}

/// What is refused once all sockets are open, with any arguments. Making one is not all: a connection that is dissolved
/// may be made anew, to somebody else, or listen.
pub(super) const SEALED: &[c_long] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
];

/// Of `sendto`, what is refused then: to say to whom. Without, it goes to whom the socket is connected to.
pub(super) fn to_an_address() -> Result<Vec<SeccompRule>, BackendError> {
    let named = Condition::new(4, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?;
    Ok(vec![rule([named])?])
}

/// Flags of open that can change a file, or make one. Not O_ACCMODE: that of musl has O_PATH in it, without which no file
/// is found where there is no openat2.
const CHANGES: i32 = libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC;
const _: () = assert!(CHANGES & libc::O_PATH == 0);
/// Non-blocking sockets; what of a stream is there; whether standard output is a terminal, and how wide; the numbers of
/// network interfaces.
///
/// FIONBIO, FIONREAD, TCGETS, TIOCGWINSZ, SIOCGIFINDEX: libc has them in a type of its own on each system; the numbers are those of
/// all three processors.
const IOCTLS: &[i32] = &[0x5421, 0x541b, 0x5401, 0x5413, 0x8933];
/// Not F_SETFL: a log that is only appended to could be written over.
const FCNTLS: &[i32] = &[
    libc::F_GETFD,
    libc::F_SETFD,
    libc::F_GETFL,
    libc::F_DUPFD,
    libc::F_DUPFD_CLOEXEC,
];

/// Those of the network and of the private link; and the one that tells this machine's addresses.
fn sockets() -> Result<Vec<SeccompRule>, BackendError> {
    let mut rules = any(0, &[libc::AF_UNIX, libc::AF_INET, libc::AF_INET6])?;
    rules.push(rule([
        is(0, libc::AF_NETLINK)?,
        is(2, libc::NETLINK_ROUTE)?,
    ])?);
    Ok(rules)
}

fn any(argument: u8, values: &[i32]) -> Result<Vec<SeccompRule>, BackendError> {
    values
        .iter()
        .map(|value| rule([is(argument, *value)?]))
        .collect()
}

fn rule<const N: usize>(conditions: [Condition; N]) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions.into())
}

/// The kernel, too, looks at 32 bits of flags and numbers.
#[inline(never)] // Called in so many places that the program would grow.
fn condition(argument: u8, operator: SeccompCmpOp, value: i32) -> Result<Condition, BackendError> {
    Condition::new(argument, SeccompCmpArgLen::Dword, operator, bits(value))
}

fn is(argument: u8, value: i32) -> Result<Condition, BackendError> {
    condition(argument, SeccompCmpOp::Eq, value)
}

fn masked(argument: u8, mask: i32, value: i32) -> Result<Condition, BackendError> {
    condition(argument, SeccompCmpOp::MaskedEq(bits(mask)), value)
}

fn none_of(argument: u8, flags: i32) -> Result<Condition, BackendError> {
    masked(argument, flags, 0)
}

fn all_of(argument: u8, flags: i32) -> Result<Condition, BackendError> {
    masked(argument, flags, flags)
}

fn is_null(argument: u8) -> Result<Condition, BackendError> {
    Condition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)
}

fn bits(value: i32) -> u64 {
    u64::from(value.cast_unsigned())
}
