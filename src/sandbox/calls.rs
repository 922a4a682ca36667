//! Tables of the system calls that a server of one folder needs, on glibc and musl.
//!
//! Each call that is not listed is refused: execve, fork, every call that changes a file, its name, its owner or its
//! permissions, mounts and namespaces, ptrace and the memory of other processes, signals to them, keys, modules, bpf,
//! io_uring, userfaultfd, and the calls of later kernels.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BackendError, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition as Condition, SeccompRule,
};

use Test::{HasAll, HasNone, Is, IsNotNull, IsNull};

/// The calls that are allowed with any arguments.
const ALLOWED: &[c_long] = &[
    // Memory, threads, time, and this process itself.
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
    // A further filter can only forbid more.
    libc::SYS_seccomp,
    // Reading, listing and metadata. Opening is restricted below.
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
    // Writing to sockets and standard streams. No file is open for writing.
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_sendfile,
    // Sockets, whose kinds are restricted below. An address is behind a pointer, so no filter sees it.
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
    // Old calls that newer architectures lack, and that libcs use where they exist.
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

/// A condition on an argument of a call.
#[derive(Clone, Copy)]
enum Test {
    /// It has this value.
    Is(i32),
    /// It has all of these flags.
    HasAll(i32),
    /// It has none of these flags.
    HasNone(i32),
    /// It is a null pointer.
    IsNull,
    /// It is a pointer.
    IsNotNull,
}

/// The calls that are allowed with some arguments only: call, index of the argument, condition. Of several rows for one
/// call, one must hold.
const RESTRICTED: &[(c_long, u8, Test)] = &[
    // Files are opened for reading only.
    (libc::SYS_openat, 2, HasNone(CHANGES)),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_open, 1, HasNone(CHANGES)),
    // No memory becomes executable.
    (libc::SYS_mmap, 2, HasNone(libc::PROT_EXEC)),
    (libc::SYS_mprotect, 2, HasNone(libc::PROT_EXEC)),
    // A new thread, but no new process.
    (libc::SYS_clone, 0, HasAll(libc::CLONE_THREAD)),
    (libc::SYS_prctl, 0, Is(libc::PR_SET_NAME)),
    // The second filter sets it once more.
    (libc::SYS_prctl, 0, Is(libc::PR_SET_NO_NEW_PRIVS)),
    // Limits are read, not set.
    (libc::SYS_prlimit64, 2, IsNull),
    // libc has these in a type of its own on each system; the numbers are those of all three processors: FIONBIO,
    // FIONREAD, TCGETS and TIOCGWINSZ (whether standard output is a terminal, and its width), SIOCGIFINDEX. Not TIOCSTI,
    // which types into the terminal, and no request that makes the kernel send signals.
    (libc::SYS_ioctl, 1, Is(0x5421)),
    (libc::SYS_ioctl, 1, Is(0x541b)),
    (libc::SYS_ioctl, 1, Is(0x5401)),
    (libc::SYS_ioctl, 1, Is(0x5413)),
    (libc::SYS_ioctl, 1, Is(0x8933)),
    // Not F_SETFL: without O_APPEND, the beginning of a log could be overwritten.
    (libc::SYS_fcntl, 1, Is(libc::F_GETFD)),
    (libc::SYS_fcntl, 1, Is(libc::F_SETFD)),
    (libc::SYS_fcntl, 1, Is(libc::F_GETFL)),
    (libc::SYS_fcntl, 1, Is(libc::F_DUPFD)),
    (libc::SYS_fcntl, 1, Is(libc::F_DUPFD_CLOEXEC)),
    // The sockets of the network and of the private link. Netlink is added below.
    (libc::SYS_socket, 0, Is(libc::AF_UNIX)),
    (libc::SYS_socket, 0, Is(libc::AF_INET)),
    (libc::SYS_socket, 0, Is(libc::AF_INET6)),
    // The flag connects without a call to connect, which is the only one that Landlock checks.
    (libc::SYS_sendto, 3, HasNone(libc::MSG_FASTOPEN)),
];

/// Flags of open that can change or create a file. O_ACCMODE is not used, because that of musl contains O_PATH, without
/// which no file is found on kernels without openat2.
const CHANGES: i32 = libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC;
const _: () = assert!(CHANGES & libc::O_PATH == 0);

/// The calls that are refused once all sockets are open, with any arguments. To refuse only new sockets would not be
/// enough: a connection that was dissolved can be connected to another address, or listen.
const SEALED: &[c_long] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
];

/// For each call, the rules of which one must hold. A call without rules matches with any arguments.
pub(super) type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// Returns the calls that are allowed.
pub(super) fn allowed(openat2: bool) -> Result<Rules, BackendError> {
    // One by one: collecting them would bring a sort into the program that is larger than this module.
    let mut rules = Rules::new();
    for (call, argument, test) in RESTRICTED {
        let rule = SeccompRule::new(vec![condition(*argument, *test)?])?;
        rules.entry(*call).or_default().push(rule);
    }
    // abort() sends a signal to this process.
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    let rule = SeccompRule::new(vec![condition(0, Is(own))?])?;
    rules.insert(libc::SYS_tgkill, vec![rule]);
    // The addresses of this machine are asked over netlink.
    let route = vec![
        condition(0, Is(libc::AF_NETLINK))?,
        condition(2, Is(libc::NETLINK_ROUTE))?,
    ];
    let rule = SeccompRule::new(route)?;
    rules.entry(libc::SYS_socket).or_default().push(rule);
    for call in ALLOWED {
        rules.insert(*call, Vec::new());
    }
    if openat2 {
        rules.insert(libc::SYS_openat2, Vec::new());
    }
    Ok(rules)
}

/// Returns the calls that are refused once all sockets are open.
pub(super) fn sealed() -> Result<Rules, BackendError> {
    let mut rules = Rules::new();
    for call in SEALED {
        rules.insert(*call, Vec::new());
    }
    // Without an address, sendto sends over the connection of the socket. With one, the socket of the service manager
    // could send to another process.
    let rule = SeccompRule::new(vec![condition(4, IsNotNull)?])?;
    rules.insert(libc::SYS_sendto, vec![rule]);
    Ok(rules)
}

fn condition(argument: u8, test: Test) -> Result<Condition, BackendError> {
    use SeccompCmpArgLen::{Dword, Qword};
    let bits = |value: i32| u64::from(value.cast_unsigned());
    // The kernel compares 32 bits of flags and numbers too.
    let (length, operator, value) = match test {
        Is(value) => (Dword, SeccompCmpOp::Eq, value),
        HasAll(flags) => (Dword, SeccompCmpOp::MaskedEq(bits(flags)), flags),
        HasNone(flags) => (Dword, SeccompCmpOp::MaskedEq(bits(flags)), 0),
        IsNull => (Qword, SeccompCmpOp::Eq, 0),
        IsNotNull => (Qword, SeccompCmpOp::Ne, 0),
    };
    Condition::new(argument, length, operator, bits(value))
}
