//! How much memory the process may use: that of the machine, or of the control group that a container, a systemd unit
//! or a NAS has put it in. The system kills whoever takes more, without a word.

use std::path::Path;

/// Bytes; `usize::MAX` where nobody can tell. Reads `/proc`, which a confined process cannot.
pub(crate) fn limit() -> usize {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let machine = of_machine(&read("/proc/meminfo"));
    let group = of_groups(&read("/proc/self/cgroup"), Path::new("/sys/fs/cgroup"));
    usize::try_from(machine.min(group)).unwrap_or(usize::MAX)
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
