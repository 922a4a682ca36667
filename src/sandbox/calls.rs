//! Tables of the system calls that the server needs, with glibc and with musl.
//!
//! The first seccomp filter refuses all other calls, for example execve, fork, mount, ptrace, bpf, io_uring,
//! userfaultfd, and calls that future kernels add. It refuses every call that changes a file, its name, its owner or
//! its permissions. The second filter refuses new sockets and connections. It starts after the server has
//! opened all its sockets.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::SeccompCmpArgLen::Qword;
use seccompiler::SeccompCmpOp::{MaskedEq, Ne};
use seccompiler::{BackendError, SeccompCondition as Condition, SeccompRule};

use Test::{HasAll, HasNone, Is, IsNull};

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
    // This call adds the second filter (`SEALED`). It is harmless, because a further filter can only forbid more calls.
    libc::SYS_seccomp,
    // Reading, listing and metadata. `RESTRICTED` has the calls that open files.
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
    // Writing to sockets and standard streams. No other file is open for writing.
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_sendfile,
    // Sockets. `RESTRICTED` limits the address families of new sockets. A filter cannot check addresses, because they
    // are behind pointers.
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
];

/// Old calls that only x86_64 has. The libc of x86_64 uses them.
#[cfg(target_arch = "x86_64")]
const OLD: &[c_long] = &[
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_poll,
    libc::SYS_epoll_wait,
];
#[cfg(not(target_arch = "x86_64"))]
const OLD: &[c_long] = &[];

/// A condition for an argument of a call.
#[derive(Clone, Copy)]
enum Test {
    Is(i32),
    HasAll(i32),
    HasNone(i32),
    IsNull,
}

/// The calls that are allowed only with certain arguments. A row has the call, then the index and the condition of each
/// tested argument. All conditions of a row must be true. If a call has several rows, one row is enough.
const RESTRICTED: &[(c_long, &[(u8, Test)])] = &[
    // Files are opened for reading only.
    (libc::SYS_openat, &[(2, HasNone(CHANGES))]),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_open, &[(1, HasNone(CHANGES))]),
    // No memory can become executable.
    (libc::SYS_mmap, &[(2, HasNone(libc::PROT_EXEC))]),
    (libc::SYS_mprotect, &[(2, HasNone(libc::PROT_EXEC))]),
    // The program may start threads, but no processes.
    (libc::SYS_clone, &[(0, HasAll(libc::CLONE_THREAD))]),
    (libc::SYS_prctl, &[(0, Is(libc::PR_SET_NAME))]),
    // The code that adds the second filter sets this flag again.
    (libc::SYS_prctl, &[(0, Is(libc::PR_SET_NO_NEW_PRIVS))]),
    // The program may read limits, but not set them.
    (libc::SYS_prlimit64, &[(2, IsNull)]),
    // In order: FIONBIO, FIONREAD, TCGETS, TIOCGWINSZ, SIOCGIFINDEX. They are numbers, because the constants have
    // different types in glibc and musl. The numbers are equal on x86_64, aarch64 and riscv64. TIOCSTI must stay
    // refused, because it can type commands into the terminal.
    (libc::SYS_ioctl, &[(1, Is(0x5421))]),
    (libc::SYS_ioctl, &[(1, Is(0x541b))]),
    (libc::SYS_ioctl, &[(1, Is(0x5401))]),
    (libc::SYS_ioctl, &[(1, Is(0x5413))]),
    (libc::SYS_ioctl, &[(1, Is(0x8933))]),
    // F_SETFL is refused, because it can remove O_APPEND from standard error. The program could then overwrite the
    // beginning of a log.
    (libc::SYS_fcntl, &[(1, Is(libc::F_GETFD))]),
    (libc::SYS_fcntl, &[(1, Is(libc::F_SETFD))]),
    (libc::SYS_fcntl, &[(1, Is(libc::F_GETFL))]),
    (libc::SYS_fcntl, &[(1, Is(libc::F_DUPFD))]),
    (libc::SYS_fcntl, &[(1, Is(libc::F_DUPFD_CLOEXEC))]),
    // Sockets of the network and of the private link to tiny_http. The program reads the addresses of this machine over
    // netlink.
    (libc::SYS_socket, &[(0, Is(libc::AF_UNIX))]),
    (libc::SYS_socket, &[(0, Is(libc::AF_INET))]),
    (libc::SYS_socket, &[(0, Is(libc::AF_INET6))]),
    (
        libc::SYS_socket,
        &[(0, Is(libc::AF_NETLINK)), (2, Is(libc::NETLINK_ROUTE))],
    ),
    // MSG_FASTOPEN connects without the call `connect`. Landlock checks only `connect`.
    (libc::SYS_sendto, &[(3, HasNone(libc::MSG_FASTOPEN))]),
];

/// Flags of open that can change or create a file. O_ACCMODE is not used, because it contains O_PATH in musl, and the
/// program needs O_PATH on kernels without openat2.
const CHANGES: i32 = libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC;
const _: () = assert!(CHANGES & libc::O_PATH == 0);

/// The calls that are refused after the server has opened all its sockets. It is not enough to refuse new sockets: a
/// program can disconnect an old socket, then connect it to another address, or listen on it.
const SEALED: &[c_long] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
];

/// The rules of each call. A call matches if one of its rules matches. A call with an empty list always matches.
pub(super) type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

pub(super) fn allowed(openat2: bool) -> Result<Rules, BackendError> {
    // `extend` is used, because `collect` adds code for sorting to the program. That code is larger than this module.
    let mut rules = Rules::new();
    for (call, tests) in RESTRICTED {
        rules.entry(*call).or_default().push(rule(tests)?);
    }
    // abort() uses tgkill to send a signal to this process.
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    rules.insert(libc::SYS_tgkill, vec![rule(&[(0, Is(own))])?]);
    rules.extend(ALLOWED.iter().chain(OLD).map(|call| (*call, Vec::new())));
    rules.extend(openat2.then(|| (libc::SYS_openat2, Vec::new())));
    Ok(rules)
}

/// Returns the rules of the second filter: for [`SEALED`] and sendto.
pub(super) fn sealed() -> Result<Rules, BackendError> {
    let mut rules = Rules::new();
    rules.extend(SEALED.iter().map(|call| (*call, Vec::new())));
    // A sendto with an address could send to other processes, over the socket for the service manager.
    let has_address = Condition::new(4, Qword, Ne, 0)?;
    rules.insert(libc::SYS_sendto, vec![SeccompRule::new(vec![has_address])?]);
    Ok(rules)
}

fn rule(tests: &[(u8, Test)]) -> Result<SeccompRule, BackendError> {
    let bits = |value: i32| u64::from(value.cast_unsigned());
    let mut conditions = Vec::new();
    for (argument, test) in tests {
        // Of flags and numbers, only the lower 32 bits are compared, because the kernel ignores the upper bits.
        let (mask, value) = match *test {
            Is(value) => (u32::MAX.into(), value),
            HasAll(flags) => (bits(flags), flags),
            HasNone(flags) => (bits(flags), 0),
            IsNull => (u64::MAX, 0),
        };
        let condition = Condition::new(*argument, Qword, MaskedEq(mask), bits(value));
        conditions.push(condition?);
    }
    SeccompRule::new(conditions)
}
