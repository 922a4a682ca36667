//! The table that says which layers of the sandbox refuse which probes.

use crate::sandbox::Layer;

#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) layers: Vec<Layer>,
    /// The version of the Landlock interface of the kernel.
    pub(crate) abi: i64,
}

/// The columns are:
///
/// - the name of a probe,
/// - the first version of Landlock that refuses the probe,
/// - whether a namespace refuses the probe,
/// - whether seccomp refuses the probe.
type Row = (&'static str, Option<i64>, Option<bool>, Option<bool>);

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);
/// The layer refuses the probe for some users or with some settings of the kernel.
const MAYBE: Option<bool> = None;
/// No version of Landlock refuses the probe.
const NEVER: Option<i64> = Some(i64::MAX);
/// Under Landlock, the result of the probe depends on the kernel and its settings.
const DEPENDS: Option<i64> = None;

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // probe                                              Landlock  namespace  seccomp
    ("read inside",                                       NEVER,    NO,        NO),
    ("list inside",                                       NEVER,    NO,        NO),
    ("absolute symlink inside",                           NEVER,    NO,        NO),
    ("symlink by another path",                           NEVER,    NO,        NO),
    ("read by a supplementary group",                     NEVER,    NO,        NO),
    ("read /etc/passwd",                                  Some(1),  YES,       NO),
    ("read beside",                                       Some(1),  YES,       NO),
    ("stat a file beside",                                NEVER,    YES,       NO),
    ("follow a symlink outside",                          Some(1),  YES,       NO),
    ("list /",                                            Some(1),  YES,       NO),
    ("read /proc/self/maps",                              Some(1),  YES,       NO),
    ("read a device",                                     Some(1),  YES,       NO),
    ("execute /bin/true",                                 Some(1),  YES,       YES),
    ("execute inside",                                    Some(1),  YES,       YES),
    ("fork",                                              NEVER,    NO,        YES),
    ("map executable memory",                             NEVER,    NO,        YES),
    ("connect over TCP",                                  Some(4),  NO,        YES),
    ("listen on another port",                            NEVER,    NO,        YES),
    ("connect to a socket in a folder",                   NEVER,    YES,       YES),
    ("connect to an abstract socket",                     Some(6),  NO,        YES),
    ("send to a socket in a folder",                      NEVER,    YES,       YES),
    ("send to an abstract socket",                        Some(6),  NO,        YES),
    ("send to the manager",                               NEVER,    NO,        NO),
    ("send to another socket by the manager's socket",    NEVER,    YES,       YES),
    ("send to an abstract socket by the manager's socket",Some(6),  NO,        YES),
    ("send a descriptor to the manager",                  NEVER,    NO,        YES),
    ("connect the manager's socket again",                NEVER,    YES,       YES),
    ("connect with MSG_FASTOPEN",                         DEPENDS,  NO,        YES),
    ("connect an old socket",                             Some(4),  NO,        YES),
    ("listen with an old socket",                         DEPENDS,  MAYBE,     YES),
    ("read by a descriptor left open",                    Some(1),  YES,       YES),
    ("write by a descriptor left open",                   Some(1),  YES,       YES),
    ("clear the append flag of a log",                    NEVER,    NO,        YES),
    ("trace",                                             Some(1),  MAYBE,     YES),
    ("signal",                                            Some(6),  NO,        YES),
    ("mount",                                             Some(1),  MAYBE,     YES),
    ("type into a terminal",                              NEVER,    NO,        YES),
    ("raise limits",                                      NEVER,    NO,        YES),
    ("user namespace",                                    NEVER,    NO,        YES),
    ("setns",                                             NEVER,    NO,        YES),
    ("pivot_root",                                        NEVER,    NO,        YES),
    ("process_vm_readv",                                  NEVER,    NO,        YES),
    // Some kernels do not have these calls, so the calls can fail without seccomp.
    ("io_uring",                                          DEPENDS,  MAYBE,     YES),
    ("bpf",                                               DEPENDS,  MAYBE,     YES),
    ("keyctl",                                            DEPENDS,  MAYBE,     YES),
    ("load a module",                                     DEPENDS,  MAYBE,     YES),
    ("open by handle",                                    DEPENDS,  MAYBE,     YES),
    ("raw socket",                                        NEVER,    NO,        MAYBE),
    ("write inside",                                      Some(1),  YES,       YES),
    ("write by openat2",                                  Some(1),  YES,       YES),
    ("truncate by reading",                               Some(3),  YES,       YES),
    ("create inside",                                     Some(1),  YES,       YES),
    ("create beside",                                     Some(1),  YES,       YES),
    ("create in /tmp",                                    Some(1),  YES,       YES),
    ("make a folder",                                     Some(1),  YES,       YES),
    ("chmod",                                             NEVER,    YES,       YES),
    ("rename",                                            Some(1),  YES,       YES),
    ("remove",                                            Some(1),  YES,       YES),
];

/// Returns whether a probe must be refused in this run, or `None` if the result depends on the machine.
pub(crate) fn refused(probe: &str, run: &Run) -> Option<bool> {
    let (_, landlock, namespace, seccomp) = ROWS
        .iter()
        .find(|row| row.0 == probe)
        .unwrap_or_else(|| panic!("{probe:?} is not in the table"));
    let by_layers = run.layers.iter().map(|layer| match layer {
        Layer::Landlock => landlock.map(|from| run.abi >= from),
        Layer::Namespace => *namespace,
        Layer::Seccomp => *seccomp,
    });
    let by_layers: Vec<Option<bool>> = by_layers.collect();
    match () {
        () if by_layers.contains(&YES) => YES,
        () if by_layers.contains(&MAYBE) => MAYBE,
        () => NO,
    }
}
