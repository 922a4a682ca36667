use super::*;

#[test]
fn each_resource_limits_streams_and_connections() {
    const PLENTY: usize = usize::MAX;
    for (descriptors, memory, streams, connections) in [
        (PLENTY, PLENTY, 256, CONNECTION_LIMIT + 256),
        (256, PLENTY, 36, 144 - 36),
        (PLENTY, 64 * MIB, 64, CONNECTION_LIMIT + 64),
        // A Raspberry Pi Zero has 512 MiB.
        (PLENTY, 512 * MIB, 256, CONNECTION_LIMIT + 256),
        (0, 0, 1, 8),
    ] {
        let limits = ServerLimits::with(descriptors, memory, 256);
        assert_eq!(
            (limits.streams, limits.connections),
            (streams, connections),
            "{descriptors} {memory}"
        );
    }
}

/// The manual page contains these values.
#[test]
fn default_timeouts_equal_those_of_the_manual() {
    let it = Timeouts::default();
    let seconds = [it.head, it.idle, it.stall, it.stop].map(|it| it.as_secs());
    assert_eq!(seconds, [10, 60, 90, 10]);
}

#[test]
fn memory_limit_is_lowest_of_group_and_its_parents() {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("a/memory.max", "3000\n");
    write("a/b/memory.max", "max\n");
    write("a/c/memory.max", "2000\n");
    let limit = |groups| memory_max(groups, root.path());
    assert_eq!(limit("0::/a/b\n"), 3000);
    assert_eq!(limit("5:cpu:/x\n0::/a/c\n"), 2000);
    for groups in ["0::/\n", "0::/not/seen/here\n", "nonsense\n"] {
        assert_eq!(limit(groups), usize::MAX, "{groups}");
    }
    write("memory.max", "500\n");
    assert_eq!(limit("0::/not/seen/here\n"), 500);
}
