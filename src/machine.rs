//! What only the system can say, and only before a program confines itself: how much memory there is, and how much of it
//! sockets may take. Knows `/proc` and the control groups; what becomes of the figures is the server's matter.

use std::path::Path;

/// Figures, as they were when they were asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine {
    /// Bytes that the process may use: those of the machine, or of the control group that a container, a systemd unit or
    /// a NAS has put it in. The system kills whoever takes more, without a word. `usize::MAX` where nobody can tell.
    pub(crate) memory: usize,
    /// Bytes that may be on their way: sent, and not yet read by a client that may be on this very machine, also behind a
    /// proxy on it. `None` where nobody can tell.
    pub(crate) in_flight: Option<u64>,
    /// Bytes that all TCP sockets of the machine may take before the system is sparing with them. `None` where nobody can
    /// tell.
    pub(crate) sockets: Option<u64>,
}

impl Machine {
    pub(crate) fn now() -> Machine {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let group = of_groups(&read("/proc/self/cgroup"), Path::new("/sys/fs/cgroup"));
        let memory = of_machine(&read("/proc/meminfo")).min(group);
        Machine {
            memory: usize::try_from(memory).unwrap_or(usize::MAX),
            in_flight: of_sockets(|name| read(&format!("/proc/sys/net/{name}"))),
            sockets: of_all_sockets(
                &read("/proc/sys/net/ipv4/tcp_mem"),
                of_page(&std::fs::read("/proc/self/auxv").unwrap_or_default()),
            ),
        }
    }
}

/// The longest pipe that a program without privileges gets, as in pipe(7).
const PIPE: u64 = 1024 * 1024;

/// What both ends of a connection may hold, as in tcp(7) and socket(7): `tcp_wmem` and `tcp_rmem` end with the most that
/// the system takes by itself, and a program that asks for a size gets up to twice `rmem_max`.
///
/// Twice: Docker's proxy, systemd-socket-proxyd and HAProxy hand on what they have not looked at (`splice`), through a pipe
/// and a second connection, and it is the very pages of the file still.
fn of_sockets(read: impl Fn(&str) -> String) -> Option<u64> {
    let last = |name| -> Option<u64> { read(name).split_whitespace().last()?.parse().ok() };
    let sent = last("ipv4/tcp_wmem")?;
    let received = last("ipv4/tcp_rmem")?;
    // Not to be seen from some containers.
    let asked = last("core/rmem_max").unwrap_or(0);
    let connection = sent.checked_add(received.max(asked.checked_mul(2)?))?;
    connection.checked_mul(2)?.checked_add(PIPE)
}

/// `low pressure high`, in pages, as in tcp(7).
fn of_all_sockets(tcp_mem: &str, page: u64) -> Option<u64> {
    let pages: u64 = tcp_mem.split_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(page)
}

/// The length of a page, as in getauxval(3): pairs of words, of which the first says what the second is. Not by a library,
/// which panics where a program that has confined itself may not ask.
fn of_page(auxv: &[u8]) -> u64 {
    const AT_PAGESZ: usize = 6;
    const LEAST: u64 = 4096;
    let word = |bytes: &[u8]| bytes.try_into().map(usize::from_ne_bytes).ok();
    let (pairs, half) = (2 * size_of::<usize>(), size_of::<usize>());
    auxv.chunks_exact(pairs)
        .map(|pair| (word(&pair[..half]), word(&pair[half..])))
        .find(|(kind, _)| *kind == Some(AT_PAGESZ))
        .and_then(|(_, page)| u64::try_from(page?).ok())
        .unwrap_or(LEAST)
}

/// `MemTotal:  16384 kB`, as in proc_meminfo(5).
fn of_machine(meminfo: &str) -> u64 {
    let total = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"));
    let kibibytes = total.and_then(|it| it.trim().strip_suffix("kB")?.trim().parse().ok());
    kibibytes.map_or(u64::MAX, |it: u64| it.saturating_mul(1024))
}

/// The least limit of these groups and of those above them. One line for each hierarchy, as in cgroups(7):
/// `number:controllers:path`, and no controllers for version 2.
fn of_groups(groups: &str, mounted: &Path) -> u64 {
    let mut least = u64::MAX;
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (root, file) = if controllers.is_empty() {
            (mounted.to_owned(), "memory.max")
        } else if controllers.split(',').any(|one| one == "memory") {
            (mounted.join("memory"), "memory.limit_in_bytes")
        } else {
            continue;
        };
        // In a container the path may be one that only its host can see; the root is then what limits it.
        for group in Path::new(path.trim_start_matches('/')).ancestors() {
            let content = std::fs::read_to_string(root.join(group).join(file));
            // Version 2 says `max` for none, version 1 a number larger than any memory.
            if let Some(limit) = content.ok().and_then(|text| text.trim().parse().ok()) {
                least = least.min(limit);
            }
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn both_versions_and_every_group_above() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("a/memory.max", "3000\n");
        write("a/b/memory.max", "max\n");
        write("a/c/memory.max", "2000\n");
        write("memory/d/memory.limit_in_bytes", "1000\n");
        let limit = |groups: &str| of_groups(groups, root.path());
        assert_eq!(limit("0::/a/b\n"), 3000);
        assert_eq!(limit("0::/a/c\n"), 2000);
        assert_eq!(limit("0::/\n"), u64::MAX);
        assert_eq!(limit("5:cpu,memory:/d/e\n1:cpu:/a/c\n0::/a/c\n"), 1000);
        assert_eq!(limit("4:memory:/not/seen/here\n"), u64::MAX);
        write("memory/memory.limit_in_bytes", "500\n");
        assert_eq!(limit("4:memory:/not/seen/here\n"), 500);
        assert_eq!(limit("nonsense\n"), u64::MAX);
    }

    #[test]
    fn buffers_of_sockets() {
        let of = |wmem: &str, rmem: &str, max: &str| {
            of_sockets(|name| {
                match name {
                    "ipv4/tcp_wmem" => wmem,
                    "ipv4/tcp_rmem" => rmem,
                    _ => max,
                }
                .to_owned()
            })
        };
        assert_eq!(
            of("4096\t16384\t400\n", "4096\t131072\t6000\n", "100\n"),
            Some(2 * 6400 + PIPE)
        );
        assert_eq!(
            of("1 2 400\n", "1 2 6000\n", "5000\n"),
            Some(2 * 10400 + PIPE)
        );
        assert_eq!(of("1 2 400\n", "1 2 6000\n", ""), Some(2 * 6400 + PIPE));
        assert_eq!(of("", "1 2 6000\n", "100\n"), None);
        assert_eq!(of("1 2 400\n", "1 2 much\n", "100\n"), None);
    }

    #[test]
    fn pages() {
        let auxv = |words: &[usize]| -> Vec<u8> {
            words.iter().flat_map(|word| word.to_ne_bytes()).collect()
        };
        assert_eq!(of_page(&auxv(&[33, 6, 6, 16384, 0, 0])), 16384);
        assert_eq!(of_page(&auxv(&[6])), 4096);
        assert_eq!(of_page(&[]), 4096);
        let own = of_page(&std::fs::read("/proc/self/auxv").unwrap_or_default());
        assert!(own.is_power_of_two() && own >= 4096, "{own}");
    }

    #[test]
    fn all_sockets() {
        let of = |text| of_all_sockets(text, 4096);
        assert_eq!(of("10086\t13449\t20172\n"), Some(13449 * 4096));
        assert_eq!(of("1 18446744073709551615 3"), None);
        assert_eq!(of("1"), None);
        assert_eq!(of("1 much 3"), None);
    }

    #[test]
    fn memory_of_the_machine() {
        assert_eq!(
            of_machine("MemTotal:         512 kB\nMemFree: 1 kB\n"),
            512 * 1024
        );
        assert_eq!(of_machine("MemFree: 1 kB\n"), u64::MAX);
        assert_eq!(of_machine("MemTotal: much\n"), u64::MAX);
        assert_eq!(of_machine(""), u64::MAX);
    }
}
