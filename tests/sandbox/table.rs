//! Which layer prevents which probe, with the gaps of each layer.

use crate::sandbox::Fence;

/// Layers of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) fence: Option<Fence>,
    pub(crate) seccomp: bool,
    /// The version of Landlock's interface that the kernel has.
    pub(crate) abi: i64,
}

/// Probe; first version of Landlock that refuses it; whether a namespace refuses it; whether seccomp does.
type Row = (&'static str, Option<i64>, Option<bool>, Option<bool>);

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);
/// Depends on the user or on settings of the kernel.
const MAYBE: Option<bool> = None;
/// No version of Landlock.
const NEVER: Option<i64> = Some(i64::MAX);
const ELSE: Option<i64> = None;

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // probe                           Landlock  namespace  seccomp
    ("read inside",                     NEVER,    NO,        NO),
    ("list inside",                     NEVER,    NO,        NO),
    ("absolute link inside",            NEVER,    NO,        NO),
    ("link by another path",            NEVER,    NO,        NO),
    ("read by a further group",         NEVER,    NO,        NO),
    ("read /etc/passwd",                Some(1),  YES,       NO),
    ("read beside",                     Some(1),  YES,       NO),
    ("look at a file beside",           NEVER,    YES,       NO),
    ("follow a link out",               Some(1),  YES,       NO),
    ("list /",                          Some(1),  YES,       NO),
    ("read /proc/self/maps",            Some(1),  YES,       NO),
    ("read a device",                   Some(1),  YES,       NO),
    ("execute /bin/true",               Some(1),  YES,       YES),
    ("execute inside",                  Some(1),  YES,       YES),
    ("fork",                            NEVER,    NO,        YES),
    ("make code",                       NEVER,    NO,        YES),
    ("connect over TCP",                Some(4),  NO,        YES),
    ("listen on another port",          NEVER,    NO,        YES),
    ("connect to a socket in a folder", NEVER,    YES,       YES),
    ("connect to an abstract socket",   Some(6),  NO,        YES),
    ("send to a socket in a folder",    NEVER,    YES,       YES),
    ("send to an abstract socket",      Some(6),  NO,        YES),
    ("tell the manager",                NEVER,    NO,        NO),
    ("send elsewhere by the manager's socket", NEVER, YES,   YES),
    ("the same, to an abstract one",    Some(6),  NO,        YES),
    ("hand a descriptor to the manager", NEVER,   NO,        YES),
    ("connect the manager's socket anew", NEVER,  YES,       YES),
    ("connect with the first packet",   ELSE,     NO,        YES),
    ("connect a socket that was there", Some(4),  NO,        YES),
    ("listen with a socket that was there", ELSE, MAYBE,     YES),
    ("read by a descriptor left open",  Some(1),  YES,       YES),
    ("write by a descriptor left open", Some(1),  YES,       YES),
    ("write before the end of a log",   NEVER,    NO,        YES),
    ("trace",                           Some(1),  MAYBE,     YES),
    ("signal",                          Some(6),  NO,        YES),
    ("mount",                           Some(1),  MAYBE,     YES),
    ("type into a terminal",            NEVER,    NO,        YES),
    ("raise limits",                    NEVER,    NO,        YES),
    ("user namespace",                  NEVER,    NO,        YES),
    ("setns",                           NEVER,    NO,        YES),
    ("pivot_root",                      NEVER,    NO,        YES),
    ("process_vm_readv",                NEVER,    NO,        YES),
    // Kernels may be built without these.
    ("io_uring",                        ELSE,     MAYBE,     YES),
    ("bpf",                             ELSE,     MAYBE,     YES),
    ("keyctl",                          ELSE,     MAYBE,     YES),
    ("modules",                         ELSE,     MAYBE,     YES),
    ("open by handle",                  ELSE,     MAYBE,     YES),
    ("raw socket",                      NEVER,    NO,        MAYBE),
    ("write inside",                    Some(1),  YES,       YES),
    ("write by openat2",                Some(1),  YES,       YES),
    ("truncate by reading",             Some(3),  YES,       YES),
    ("create inside",                   Some(1),  YES,       YES),
    ("create beside",                   Some(1),  YES,       YES),
    ("create in /tmp",                  Some(1),  YES,       YES),
    ("make a folder",                   Some(1),  YES,       YES),
    ("chmod",                           NEVER,    YES,       YES),
    ("rename",                          Some(1),  YES,       YES),
    ("remove",                          Some(1),  YES,       YES),
];

/// Returns whether a probe must be refused in this run. None if that depends on the machine.
pub(crate) fn refused(probe: &str, run: Run) -> Option<bool> {
    let (_, landlock, namespace, seccomp) = ROWS
        .iter()
        .find(|row| row.0 == probe)
        .unwrap_or_else(|| panic!("{probe:?} is not in the table"));
    let by_fence = match run.fence {
        Some(Fence::Landlock) => landlock.map(|from| run.abi >= from),
        Some(Fence::Namespace) => *namespace,
        None => NO,
    };
    let by_seccomp = if run.seccomp { *seccomp } else { NO };
    match (by_fence, by_seccomp) {
        (YES, _) | (_, YES) => YES,
        (NO, NO) => NO,
        _ => None,
    }
}
