//! The limits and timeouts of the server that no flag sets, each with its unit and its reason. `Beyond it: 414` means:
//! a client that exceeds this limit gets the status 414. `config.rs` has the defaults of flags.
//!
//! The limits of a single parser are in the file of this parser. Examples are the ranges in one request
//! ([`crate::http::MAX_PARTS`]), the elements of a container, and the cues of a subtitle file.

use std::path::Path;
use std::time::Duration;

use rustix::process::{Resource, getrlimit};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

// --- Request heads (gate/head.rs, gate/body.rs) ---

/// Maximum number of bytes of a request line, including its line end. Beyond it: 414. RFC 9112 §3 recommends at least
/// 8000 bytes.
pub(crate) const REQUEST_LINE_LIMIT: usize = 8 * KIB;
/// Maximum number of bytes of all field lines of a head, including the empty line. Beyond it: 431.
pub(crate) const FIELDS_LIMIT: usize = 16 * KIB;
/// Maximum number of field lines of a head. Beyond it: 431.
pub(crate) const FIELD_COUNT_LIMIT: usize = 100;
/// Maximum number of bytes of empty lines before a request line (RFC 9112 §2.2). Beyond it: 400. Some clients send one
/// empty line.
pub(crate) const BLANK_LIMIT: usize = 16;
/// Maximum number of bytes of the content of a request, including chunk framing. Beyond it: 413. The server drops the
/// content, but must read it to find the next head. The limit is sufficient for a small form. For an upload, closing
/// the connection costs less than reading.
pub(crate) const CONTENT_LIMIT: u64 = 64 * 1024;
/// Maximum number of bytes of method and target that the log shows for a refused request.
pub(crate) const REQUEST_LINE_SHOWN: usize = 200;

// --- Connections (gate/) ---

/// Maximum number of open connections, without streams. At the limit, a new connection evicts (closes) an old
/// connection (gate/admission.rs). If no connection can be evicted: 503.
pub(crate) const CONNECTION_LIMIT: usize = 4096;
/// Maximum number of open connections above [`ServerLimits::connections`]. Each of them gets a 503. Further connections
/// are closed without an answer.
pub(crate) const REFUSED_LIMIT: usize = 64;
/// Maximum number of connections in the queue of the kernel. `net.core.somaxconn` may allow fewer.
pub(crate) const BACKLOG: i32 = 1024;
/// Maximum number of connections to accept before the gate handles the open connections again.
pub(crate) const ACCEPT_ROUND: usize = 256;
/// Pause before the next accept, if the system had no descriptors or no memory for a connection.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Minimum age before a new connection or an unfinished request may be evicted.
pub(crate) const EVICTION_GRACE: Duration = Duration::from_secs(1);
/// Maximum number of bytes of unfinished requests in all connections. Beyond it, connections are evicted. A normal
/// request arrives in one piece, so its bytes are not stored for long.
pub(crate) const HELD_LIMIT: usize = 8 * MIB;
/// Maximum number of bytes of one read from a socket.
pub(crate) const RECEIVE_BUFFER: usize = 16 * KIB;
/// Maximum number of bytes to read and drop after the final response of a connection ([`Timeouts::linger`]).
pub(crate) const LINGER_LIMIT: usize = 256 * KIB;
/// Time between two checks of all timeouts. A check of 4096 connections takes 10 µs.
pub(crate) const SWEEP_INTERVAL: Duration = Duration::from_millis(100);
/// Maximum wait for tiny_http: for its start, and for space in the link, which is the socket to tiny_http. Such a wait
/// usually takes microseconds. Beyond the limit, the server stops with an error.
pub(crate) const LINK_TIMEOUT: Duration = Duration::from_secs(5);

// --- Workers and permits (server/) ---

/// Limits for one kind of operation. Each operation needs a permit, and at most `count` permits are in use at the same
/// time. Up to `queue` requests wait for a permit, each for at most `wait`. If the queue is full, or the wait ends
/// without a permit: 503.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PermitLimits {
    pub(crate) count: usize,
    pub(crate) queue: usize,
    pub(crate) wait: Duration,
}

/// `wait` is in milliseconds.
pub(crate) const fn permits(count: usize, queue: usize, wait: u64) -> PermitLimits {
    PermitLimits {
        count,
        queue,
        wait: Duration::from_millis(wait),
    }
}

/// Bytes of the stack of a worker. Workers have no deep calls, and unused pages need no memory.
pub(crate) const STACK: usize = 256 * KIB;
/// Number of worker threads in addition to one for each stream. They handle folder scans, searches, conversions, short
/// responses, and requests that hang in a dead network share.
pub(crate) const OTHER_WORKERS: usize = 64;
/// Number of worker threads that wait for requests. With more threads, a response of 1 KiB needs more processor time:
/// 31 µs with two threads, 35 µs with four. But responses of 256 KiB are fastest with four threads: the table has the
/// number of such responses per second on 16 keep-alive connections, divided by the number of nginx.
///
/// | threads | 2 | 3 | 4 | 6 |
/// |---|---|---|---|---|
/// | ratio | 0.67 | 0.80 | 0.85 | 0.83 |
pub(crate) const LISTENING_WORKERS: usize = 4;
/// Time after which a worker thread without a request ends, if [`LISTENING_WORKERS`] other threads wait for requests.
pub(crate) const RETIRE_AFTER: Duration = Duration::from_secs(5);
/// Load shedding: a request gets 503 if it waited for a worker longer than this, and more than [`SHED_QUEUE`] other
/// requests still wait. Without this rule, the wait of every client grows under overload.
pub(crate) const SHED_AFTER: Duration = Duration::from_secs(1);
/// See [`SHED_AFTER`].
pub(crate) const SHED_QUEUE: usize = 64;
/// If a request waited longer than this, the worker first checks that the client is still connected.
pub(crate) const CLIENT_CHECK_AFTER: Duration = Duration::from_millis(20);
/// Number of streams that each client may have. If more than 16 stream permits are free, the number of free permits is
/// the limit of the client. Beyond it: 503. Browsers and download managers need fewer than 16 streams.
pub(crate) const STREAMS_PER_CLIENT: usize = 16;
/// Stream permits; [`ServerLimits::streams`] is their number. A permit is released a moment after the client has
/// received the final byte of the response. Without the wait of 10 ms, the next request of this client can fail in this
/// moment.
pub(crate) const STREAMS: PermitLimits = permits(usize::MAX, 2, 10);
/// Permits for requests that open files in one top-level folder or below it. A request holds its permit until its
/// response is decided. While a network share is down, each request to it blocks a worker. So opens and scans
/// ([`SCANS`]) of one folder together get at most half of [`OTHER_WORKERS`]. The other half remains for other folders.
pub(crate) const OPENS: PermitLimits =
    permits(OTHER_WORKERS / 2 - SCANS.count, 2 * OTHER_WORKERS, 1_000);
/// Permits for scans of one top-level folder. More scans at the same time are not faster.
pub(crate) const SCANS: PermitLimits = permits(8, 24, 3_000);
/// Permits for scans of all folders together. They limit the memory for scans. If a network share hangs, its scans hold
/// only a quarter of these permits, because [`SCANS`] limits the scans of its folder.
pub(crate) const ALL_SCANS: PermitLimits = permits(4 * SCANS.count, 0, 0);
/// Permits for searches. A search needs no permit for scans.
pub(crate) const SEARCHES: PermitLimits = permits(2, 8, 3_000);
/// Permits for reads inside media files of one top-level folder, for tracks and covers. A request reads up to 36 MB for
/// a part of a track, and 512 MB for a whole track. More reads at the same time slow down streams.
pub(crate) const INSIDE_READS: PermitLimits = permits(4, 24, 3_000);
/// Permits for reads of whole tracks, which take seconds. Their number is half of [`INSIDE_READS`], so short reads
/// still get permits.
pub(crate) const WHOLE_TRACKS: PermitLimits = permits(INSIDE_READS.count / 2, 8, 3_000);
/// Permits for conversions of subtitles. A conversion needs up to 50 MB of memory, and less than 0.1 s.
pub(crate) const CONVERSIONS: PermitLimits = permits(1, 8, 5_000);
/// Permits for bytes of memory for cuts; [`ServerLimits::text_budget`] is their number. A request may wait for them,
/// because the wait is short: building the cut of a film of two hours takes less than 0.1 s. After that, the request
/// releases a part of its permits. A waiting request also holds a permit of [`OPENS`], so the queue has half as many
/// places as there are such permits. The other half remains for streams.
pub(crate) const CUT_BYTES: PermitLimits = permits(usize::MAX, OPENS.count / 2, 5_000);
/// Permits for bytes of memory for texts; [`ServerLimits::text_budget`] is their number.
pub(crate) const TEXT_BYTES: PermitLimits = permits(usize::MAX, 0, 0);
/// A cut reserves this multiple of the size of the film's index (`moov`) from [`CUT_BYTES`], because building the cut
/// needs this memory.
pub(crate) const CUT_FACTOR: usize = 4;
/// Minimum number of bytes that a cut reserves. A short film has a small index, but its cut may have many parts, which
/// also need memory.
pub(crate) const CUT_LEAST: usize = 4 * MIB;
/// Retry-After of a 503, in seconds. It is short, because streams end often: each seek of a viewer ends one.
pub(crate) const RETRY_AFTER_SECONDS: &str = "5";

// --- Folders (media/folder.rs, web/) ---

/// Maximum number of entries to read from one folder. Beyond it, a listing contains `truncated`, and a page contains a
/// note. Reading so many entries needs 17 MB of memory and 70 ms of processor time.
pub(crate) const FOLDER_ENTRIES: usize = 100_000;
/// Maximum number of bytes of the listing of a folder. Beyond it, the listing contains `truncated`. 100,000 names of
/// usual length fit. Two such listings fit in [`TEXT_BUDGET`].
pub(crate) const LISTING_BYTES: usize = 32 * MIB;

// --- Responses (server/send/) ---

/// Maximum number of bytes of a body that needs no stream permit. The buffer of the socket has space for such a body,
/// so a slow client does not block the worker.
pub(crate) const SHORT_BODY: usize = 16 * KIB;
/// Minimum number of bytes of a file range for `sendfile`. For shorter ranges, one read and one send are cheaper.
pub(crate) const SENDFILE_FROM: u64 = 16 * 1024;
/// Maximum number of bytes of one `sendfile` call. After each call, the server checks whether the file has changed.
pub(crate) const SENDFILE_STRETCH: usize = MIB;
/// Number of bytes at the end of a range that are sent without `sendfile`. The server reads these bytes, checks that
/// the file has not changed, and only then sends them. If the file has changed, the response stays shorter than its
/// Content-Length, so the client detects the error.
pub(crate) const SENDFILE_TAIL: u64 = 4 * 1024;
/// Number of bytes of one read and one write without `sendfile`.
pub(crate) const BLOCK: usize = 64 * KIB;
/// Minimum number of bytes of a range for a larger read-ahead of the kernel (`posix_fadvise`). In a test with 16 films
/// on one disk, the larger read-ahead reduced the number of reads from 799 to 433.
pub(crate) const READ_AHEAD_FROM: u64 = 1024 * 1024;
/// Maximum number of bytes of a subtitle file. Beyond it: 404. The subtitles of a film of two hours have about 150 KB.
/// A conversion needs up to twelve times the size of the file, so the limit is lower if memory is limited: see
/// [`ServerLimits::subtitles`].
pub(crate) const SUBTITLES_LIMIT: usize = 4 * MIB;
/// Maximum number of bytes of pages, listings and subtitles that are being sent. Beyond it: 503.
const TEXT_BUDGET: usize = 64 * MIB;

/// Number of checks of a file that has a new modification time, but its old size. A write sets the time before the
/// size, so the file may be growing. If the file still has its old size after the final check, a program has overwritten
/// it. So the response ends early.
pub(crate) const WRITE_CHECKS: usize = 10;
/// Pause before each check of [`WRITE_CHECKS`]. The system may interrupt a write between its two steps: the new time
/// and the new size.
pub(crate) const WRITE_PAUSE: Duration = Duration::from_millis(10);

// --- Passwords and tokens (auth/) ---

/// Maximum number of bytes of user name and password together. A longer setting is refused.
pub(crate) const CREDENTIALS_LIMIT: usize = KIB;
/// Number of wrong passwords that a network may send without a wait. It is not 0, because people make typing mistakes. A
/// network is a public IPv6 /48. Each address outside these networks counts as a network of its own.
pub(crate) const FREE_TRIES: u32 = 5;
/// The number that replaces [`FREE_TRIES`] for an address that has sent the correct password within
/// [`THROTTLE_MEMORY`]. People at this address make typing mistakes, and old devices try old passwords. An attacker may
/// have the same address, behind the same router or through a proxy that is not trusted. So this number is limited,
/// too.
pub(crate) const KNOWN_FREE_TRIES: u32 = 100;
/// Duration of the first wait. During a wait: 429. Each further wrong password doubles the wait.
pub(crate) const THROTTLE_FIRST_WAIT: Duration = Duration::from_secs(1);
/// Maximum wait. It allows 288 tries a day. A longer wait would harm other people in the same network.
pub(crate) const THROTTLE_LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);
/// If a network sends no further wrong password for this time, the server forgets its wrong passwords. The server also
/// forgets a correct password after this time. A correct password does not erase the wrong passwords. Otherwise, an
/// attacker behind the router of a viewer has unlimited tries, because the viewer often sends the correct password.
pub(crate) const THROTTLE_MEMORY: Duration = Duration::from_secs(60 * 60);
/// Maximum number of networks with wrong passwords, and of addresses with a correct password. Each entry needs about
/// 150 bytes. The entry whose last change is oldest is removed first.
pub(crate) const THROTTLE_ADDRESSES: usize = 1024;
/// Minimum validity of a token in a URL. A viewer who pauses a film in the evening can continue the next day.
pub(crate) const TOKEN_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// All tokens for a path that are made within one interval of this duration are equal. So the URL stays the same, and a
/// browser can use its cached copy of the file.
pub(crate) const TOKEN_STEP: Duration = Duration::from_secs(60 * 60);

// --- Descriptors and memory of this process ---

/// Number of descriptors for other purposes than clients and videos: standard streams, listener, poll, link, folder
/// scans, and two searches with 36 each. Without openat2 (before Linux 5.6), a search needs a descriptor for each
/// folder of a path.
const DESCRIPTOR_RESERVE: usize = 40 + 2 * 36;
/// Bytes of memory of a worker, including kernel memory and socket.
const WORKER_MEMORY: usize = 128 * KIB;

/// The timeouts for clients. Tests use shorter timeouts.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Maximum time to receive a head, and maximum time to receive the content after the head. Beyond it: 408, and the
    /// connection is closed. A person can type a request in this time.
    pub head: Duration,
    /// Maximum time of a keep-alive connection without a request. Beyond it, the server closes the connection. The time
    /// is long, because a viewer may seek after some time.
    pub idle: Duration,
    /// Maximum time of a connection after its final response. Beyond it, the server closes the connection. Before that,
    /// the server reads and drops input: an early close could send a reset, and the client would lose the response (RFC
    /// 9112 §9.6).
    pub linger: Duration,
    /// Maximum time in which a client reads nothing of its response. Beyond it, the server closes the connection. See
    /// [`Config::stall_timeout`](crate::Config::stall_timeout).
    pub stall: Duration,
    /// Maximum time from a stop to the end of [`Server::run`](crate::Server::run).
    pub stop: Duration,
    /// Time after a stop in which clients that are already connected can still send a request.
    pub last_requests: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            linger: Duration::from_secs(2),
            stall: Duration::from_secs(90),
            stop: Duration::from_secs(10),
            last_requests: Duration::from_millis(500),
        }
    }
}

/// The final part of [`Timeouts::stop`]. In this time, workers detect that their sockets were shut down.
pub(crate) const WORKERS_TIMEOUT: Duration = Duration::from_millis(500);

/// The limits of the server, calculated from the limits of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServerLimits {
    /// Maximum number of simultaneous streams.
    pub(crate) streams: usize,
    /// Maximum number of open connections, including streams.
    pub(crate) connections: usize,
    /// See [`TEXT_BUDGET`].
    pub(crate) text_budget: usize,
    /// Maximum number of bytes of a subtitle file.
    pub(crate) subtitles: u64,
}

impl ServerLimits {
    /// Returns the maximum number of worker threads.
    pub(crate) fn workers(&self) -> usize {
        self.streams + OTHER_WORKERS
    }

    /// Returns the limits, and logs a warning if the system allows fewer streams than `max_streams`. `memory` is the
    /// result of [`memory_limit`].
    pub(crate) fn now(max_streams: usize, memory: usize) -> ServerLimits {
        let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let descriptors = usize::try_from(limit).unwrap_or(usize::MAX);
        ServerLimits::with(descriptors, memory, max_streams)
    }

    fn with(descriptors: usize, memory: usize, max_streams: usize) -> ServerLimits {
        let descriptors = descriptors.saturating_sub(DESCRIPTOR_RESERVE);
        // A stream needs two descriptors, and half of all descriptors are for connections without a stream: 2 * 2 = 4.
        let by_descriptors = descriptors / 4;
        // Workers may use a quarter of the memory.
        let by_memory = (memory / 4 / WORKER_MEMORY).saturating_sub(OTHER_WORKERS);
        let streams = max_streams.min(by_descriptors).min(by_memory).max(1);
        if streams < max_streams {
            let cause = match by_memory < by_descriptors {
                true => "the memory limit of this process",
                false => "the limit of open files (ulimit -n)",
            };
            log::warn!("only {streams} streams instead of {max_streams}: {cause} allows no more");
        }
        let left = descriptors.saturating_sub(streams);
        ServerLimits {
            streams,
            connections: (CONNECTION_LIMIT + streams).min(left).max(8),
            text_budget: TEXT_BUDGET.min(memory / 8),
            subtitles: SUBTITLES_LIMIT.min(memory / 128) as u64,
        }
    }
}

/// Returns the number of bytes of memory that this process may use: the minimum of `memory.max` of its cgroup (version
/// 2) and of all parent cgroups. Without a limit, returns `usize::MAX`. The kernel kills a process that uses more.
///
/// Call it before the sandbox starts, because the sandbox hides `/proc` and `/sys`.
pub(crate) fn memory_limit() -> usize {
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    memory_max(&groups, Path::new("/sys/fs/cgroup"))
}

/// `groups` is the content of `/proc/self/cgroup`, which has a line `0::/path` (cgroups(7)). `root` is the folder that
/// contains all groups.
fn memory_max(groups: &str, root: &Path) -> usize {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"));
    // In a container, this path may exist only on the host. Then only the limit of the root is readable.
    let groups = Path::new(path.unwrap_or_default()).ancestors();
    let limits = groups.filter_map(|group| {
        let text = std::fs::read_to_string(root.join(group).join("memory.max")).ok()?;
        // The text `max` means no limit.
        text.trim().parse().ok()
    });
    limits.min().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
