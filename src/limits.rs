//! Every limit and timeout of the server that no flag sets, each with its unit, its reason, and what a client gets beyond
//! it. Those that a flag sets have their defaults in `config.rs`.
//!
//! Only bounds inside one parser stand with it, because they mean nothing without it: ranges of a set
//! ([`crate::http::MAX_PARTS`]), elements of a container, cues of a subtitle.

use std::path::Path;
use std::time::Duration;

use rustix::process::{Resource, getrlimit};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

// --- Request heads (gate/head.rs, gate/body.rs) ---

/// Bytes of a request line, its line end included: 414 beyond. Paths on disk end at 4 KiB, three times that when
/// percent-encoded is beyond any real path.
pub(crate) const REQUEST_LINE_LIMIT: usize = 8 * KIB;
/// Bytes of all field lines of a head, the empty line included: 431 beyond.
pub(crate) const FIELDS_LIMIT: usize = 16 * KIB;
/// Field lines of a head: 431 beyond.
pub(crate) const FIELD_COUNT_LIMIT: usize = 100;
/// Bytes of empty lines before a request line (RFC 9112 §2.2): 400 beyond. A confused client sends one line.
pub(crate) const BLANK_LIMIT: usize = 16;
/// Bytes of a request's content, chunk framing included: 413 beyond. It is read only to find the next head behind it. A
/// form that was sent here by mistake fits; for an upload it is cheaper for both sides to close.
pub(crate) const CONTENT_LIMIT: u64 = 64 * 1024;
/// Bytes of method and target that the log shows of a refused request.
pub(crate) const REQUEST_LINE_SHOWN: usize = 200;

// --- Connections (gate/) ---

/// Open connections beside those of streams. At the limit a new one evicts an old one (gate/eviction.rs), else 503.
pub(crate) const CONNECTION_LIMIT: usize = 4096;
/// Connections above the limit that are still answered with 503; further ones are closed without an answer.
pub(crate) const REFUSED_LIMIT: usize = 64;
/// Connections that wait to be accepted; `net.core.somaxconn` may allow fewer.
pub(crate) const BACKLOG: i32 = 1024;
/// Connections accepted before the open ones are served again.
pub(crate) const ACCEPT_ROUND: usize = 256;
/// Pause after an accept that failed for lack of descriptors or memory.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Age from which an unfinished request or an unused new connection may be evicted.
pub(crate) const EVICTION_GRACE: Duration = Duration::from_secs(1);
/// Bytes of unfinished requests that all connections hold together. Beyond, connections are evicted down to
/// [`HELD_AFTER`]. An honest request comes in one piece, so little is held for long.
pub(crate) const HELD_LIMIT: usize = 8 * MIB;
/// See [`HELD_LIMIT`].
pub(crate) const HELD_AFTER: usize = 7 * MIB;
/// Bytes of buffer that an idle connection keeps; most heads fit.
pub(crate) const IDLE_BUFFER: usize = KIB;
/// Bytes that are read from one socket at a time.
pub(crate) const RECEIVE_BUFFER: usize = 16 * KIB;
/// Bytes that are read and dropped after the last response of a connection ([`Timeouts::linger`]).
pub(crate) const LINGER_LIMIT: usize = 256 * KIB;
/// Least time between two looks at all deadlines.
pub(crate) const SWEEP_INTERVAL: Duration = Duration::from_millis(100);
/// Longest wait for tiny_http, at the start and for room in the link; it takes microseconds. Beyond, the server ends.
pub(crate) const LINK_TIMEOUT: Duration = Duration::from_secs(5);

// --- Workers and permits (server/) ---

/// Bytes of a worker's stack. Workers call nothing deep; untouched pages cost nothing.
pub(crate) const STACK: usize = 256 * KIB;
/// Worker threads beside one for each stream: folder scans, searches, conversions and short responses, and requests
/// that hang in a dead network share.
pub(crate) const OTHER_WORKERS: usize = 64;
/// Worker threads that wait for requests. Measured with 16 kept connections, processor time per request of 1 KiB and
/// 256 KiB: 35 and 88 µs with two, 41 and 102 µs with 16 (each request wakes the thread that has waited longest, not the
/// one that has just finished), 45 and 100 µs with one.
pub(crate) const LISTENING_WORKERS: usize = 2;
/// Time after which an idle worker thread beyond [`LISTENING_WORKERS`] ends.
pub(crate) const RETIRE_AFTER: Duration = Duration::from_secs(5);
/// Load shedding: a request that queued for longer than this while more than [`SHED_QUEUE`] others wait gets 503. Else
/// every client would wait longer and longer where the system gives too few threads or too little time.
pub(crate) const SHED_AFTER: Duration = Duration::from_secs(1);
/// See [`SHED_AFTER`].
pub(crate) const SHED_QUEUE: usize = 64;
/// Queueing time after which a worker checks that the client is still connected before it does the work.
pub(crate) const CLIENT_CHECK_AFTER: Duration = Duration::from_millis(20);
/// Streams that each client may always have, free permits provided; beyond, at most as many as are still free: 503. A
/// browser or a download manager needs no more.
pub(crate) const STREAMS_PER_CLIENT: usize = 16;
/// Longest wait for a stream permit. A client sees the end of its response shortly before the permit is released, and
/// its next request must not fail because of that.
pub(crate) const STREAM_WAIT: Duration = Duration::from_millis(10);
/// Requests that may wait for a stream permit at a time.
pub(crate) const STREAM_QUEUE: usize = 2;
/// Requests that may open files at a time in one folder directly below the media directory and all that is in it, each
/// until its response is decided: 503 beyond, after [`OPEN_WAIT`]. In a network share whose server is down, each of them
/// holds a worker until the share is back. Together with [`SCANS`] these are half of [`OTHER_WORKERS`], so that other
/// folders have workers even while all streams run.
pub(crate) const OPENS: usize = OTHER_WORKERS / 2 - SCANS;
/// Further requests to the same folder that wait. On a disk that answers they wait for milliseconds.
pub(crate) const OPEN_QUEUE: usize = 2 * OTHER_WORKERS;
/// Longest wait of such a request.
pub(crate) const OPEN_WAIT: Duration = Duration::from_secs(1);
/// Folder scans at a time in such a folder: 503 beyond, after [`SCAN_WAIT`]. More would not be faster.
pub(crate) const SCANS: usize = 8;
/// Requests that wait for a folder scan.
pub(crate) const SCAN_QUEUE: usize = 24;
/// Longest wait for a folder scan.
pub(crate) const SCAN_WAIT: Duration = Duration::from_secs(3);
/// Folder scans at a time in all folders: 503 beyond. They bound the memory for what is read. Scans that hang in a dead
/// network share leave the others to other folders.
pub(crate) const ALL_SCANS: usize = 4 * SCANS;
/// Searches at a time: 503 beyond, after [`SEARCH_WAIT`]. They have permits of their own, so that folders open however
/// many clients search.
pub(crate) const SEARCHES: usize = 2;
/// Requests that wait for a search.
pub(crate) const SEARCH_QUEUE: usize = 8;
/// Longest wait for a search.
pub(crate) const SEARCH_WAIT: Duration = Duration::from_secs(3);
/// Reads inside media files at a time, for tracks and covers: 503 beyond, after [`INSIDE_WAIT`]. Each reads up to 36 MB for
/// a part of a track and 512 MB for a whole one, so more would take the disk from streams.
pub(crate) const INSIDE_READS: usize = 4;
/// Requests that wait for a read inside a media file.
pub(crate) const INSIDE_QUEUE: usize = 24;
/// Longest wait for a read inside a media file.
pub(crate) const INSIDE_WAIT: Duration = Duration::from_secs(3);
/// Conversions of subtitles at a time: 503 beyond, after [`CONVERSION_WAIT`]. One conversion may take 50 MB at its peak.
pub(crate) const CONVERSIONS: usize = 1;
/// Requests that wait for a conversion.
pub(crate) const CONVERSION_QUEUE: usize = 8;
/// Longest wait for a conversion; the longest file takes some hundredths of a second.
pub(crate) const CONVERSION_WAIT: Duration = Duration::from_secs(5);
/// Times the memory of its index that a cut takes while it is made. So much of the text budget is reserved for it.
pub(crate) const CUT_FACTOR: usize = 4;
/// Bytes that are reserved at least, so that a short film can be cut into many parts.
pub(crate) const CUT_LEAST: usize = 4 * MIB;
/// Requests that wait for memory to make a cut: 503 beyond, and after [`CUT_WAIT`].
pub(crate) const CUT_QUEUE: usize = 40;
/// Longest wait for it; a cut of a film of two hours takes some hundredths of a second.
pub(crate) const CUT_WAIT: Duration = Duration::from_secs(5);
/// Retry-After of a 503, in seconds. Streams end when viewers seek, which is often.
pub(crate) const RETRY_AFTER_SECONDS: &str = "5";

// --- Folders (media/folder.rs, web/) ---

/// Entries that are read of one folder: a listing says `truncated` beyond, and a page says it in words. Folders of videos
/// have fewer. So many take 17 MB of memory while they are read, and 70 ms of processor time.
pub(crate) const FOLDER_ENTRIES: usize = 100_000;
/// Bytes of a listing of a folder: `truncated` beyond. A hundred thousand names of usual length fit; two such listings
/// are sent at a time (see [`TEXT_BUDGET`]).
pub(crate) const LISTING_BYTES: usize = 32 * MIB;

// --- Responses (server/send/) ---

/// Bytes of a body that is sent without a stream permit: socket buffers take it at once.
pub(crate) const SHORT_BODY: usize = 16 * KIB;
/// Bytes of a file range from which on `sendfile` is used; below, one read and one send cost less.
pub(crate) const SENDFILE_FROM: u64 = 16 * 1024;
/// Bytes that one `sendfile` call moves at most, until the file is checked again.
pub(crate) const SENDFILE_STRETCH: usize = MIB;
/// Bytes at the end of a range that are copied through memory. They are checked between read and write, so the response
/// of a file that changed before never reaches its announced length. `sendfile` can only be checked after it.
pub(crate) const SENDFILE_TAIL: u64 = 4 * 1024;
/// Bytes that are read and written at a time where `sendfile` is off or refused.
pub(crate) const BLOCK: usize = 64 * KIB;
/// Bytes of a range from which on the kernel is asked to read ahead further (`posix_fadvise`): it halved the reads of a
/// disk that serves 16 films (799 became 433).
pub(crate) const READ_AHEAD_FROM: u64 = 1024 * 1024;
/// Bytes of the longest file of subtitles that is converted: 404 beyond. Less where memory is limited, because a
/// conversion takes up to twelve times its file.
const SUBTITLES_LIMIT: usize = 4 * MIB;
/// Bytes of pages, listings and subtitles in memory while they are sent: 503 beyond.
const TEXT_BUDGET: usize = 64 * MIB;

// --- Passwords and tokens (auth/) ---

/// Bytes of user name and password together: a setting beyond is refused.
pub(crate) const CREDENTIALS_LIMIT: usize = KIB;
/// Wrong passwords of one address that cost nothing, because people mistype.
pub(crate) const FREE_TRIES: u32 = 5;
/// The same for an address that has shown the right password within [`THROTTLE_MEMORY`]: the people of its household
/// mistype, and old devices try old passwords. There is a limit, because a guesser may come from the same address: from
/// behind the same router, or through a proxy that is not trusted.
pub(crate) const KNOWN_FREE_TRIES: u32 = 100;
/// Wait after the next wrong password: 429 until then. Each further one doubles it.
pub(crate) const THROTTLE_FIRST_WAIT: Duration = Duration::from_secs(1);
/// Longest wait, 288 tries a day. No longer, because other people may come from the same address.
pub(crate) const THROTTLE_LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);
/// Time without a wrong password after which an address is forgotten, and time for which a right password is remembered. A
/// right password does not clear the wrong ones: a guesser behind the same router as a viewer would have any number of
/// tries.
pub(crate) const THROTTLE_MEMORY: Duration = Duration::from_secs(60 * 60);
/// Addresses that are remembered, some 150 bytes each; the one whose last wrong password is oldest makes room.
pub(crate) const THROTTLE_ADDRESSES: usize = 1024;
/// Least time that a token is valid: a film that is paused in the evening goes on the next day.
pub(crate) const TOKEN_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// Tokens that are made within this time are equal, so that a browser finds its cached copy.
pub(crate) const TOKEN_STEP: Duration = Duration::from_secs(60 * 60);

// --- Descriptors and memory of this process ---

/// Descriptors that are neither a client's socket nor a video: standard streams, listener, poll, link, folders that are
/// scanned, two trees that are searched.
const DESCRIPTOR_RESERVE: usize = 40 + 2 * 36;
/// Bytes that a worker takes of a limited memory, its kernel memory and its socket included.
const WORKER_MEMORY: usize = 128 * KIB;

/// How long a client may take, as data, so that a test can use short times.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// From the first byte of a head to its end, and again for its content: 408, then close. A person who types a
    /// request by hand makes it.
    pub head: Duration,
    /// A kept connection without a request: close. Long enough that a viewer who seeks finds it open.
    pub idle: Duration,
    /// A connection after its last response: close. Until then its bytes are read, because a reset could overtake the
    /// response (RFC 9112 §9.6).
    pub linger: Duration,
    /// A client that takes nothing of its response: close. See [`Config::stall_timeout`](crate::Config::stall_timeout).
    pub stall: Duration,
    /// From a stop to the end of [`Server::run`](crate::Server::run), all in all.
    pub stop: Duration,
    /// Of that, the time in which requests that were under way are still accepted.
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

/// Time that workers have at the end of a stop to notice that their sockets were shut down; part of
/// [`Timeouts::stop`].
pub(crate) const WORKERS_TIMEOUT: Duration = Duration::from_millis(500);

/// What the server allows itself, given what the system allows this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Streams at a time.
    pub(crate) streams: usize,
    /// Open connections, those of streams included.
    pub(crate) connections: usize,
    /// Bytes of texts in memory while they are sent.
    pub(crate) text_budget: usize,
    /// Bytes of the longest file of subtitles that is converted.
    pub(crate) subtitles: u64,
}

impl Limits {
    /// Worker threads at a time.
    pub(crate) fn workers(&self) -> usize {
        self.streams + OTHER_WORKERS
    }

    /// Returns the limits for `max_streams`, and warns where the system allows fewer. `memory`: see [`memory_limit`].
    pub(crate) fn now(max_streams: usize, memory: usize) -> Limits {
        let descriptors = getrlimit(Resource::Nofile).current;
        let descriptors =
            descriptors.map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX));
        Limits::with(descriptors, memory, max_streams)
    }

    fn with(descriptors: usize, memory: usize, max_streams: usize) -> Limits {
        let descriptors = descriptors.saturating_sub(DESCRIPTOR_RESERVE);
        // A stream takes two descriptors, and half of all are for connections without a stream.
        let by_descriptors = descriptors / 4;
        // A quarter of the memory is for workers.
        let by_memory = (memory / 4 / WORKER_MEMORY).saturating_sub(OTHER_WORKERS);
        let streams = max_streams.min(by_descriptors).min(by_memory).max(1);
        if streams < max_streams {
            let cause = match by_memory < by_descriptors {
                true => "the memory limit of this process",
                false => "the limit of open files (ulimit -n)",
            };
            log::warn!("{streams} streams at a time, not {max_streams}: {cause} allows no more");
        }
        Limits {
            streams,
            connections: (CONNECTION_LIMIT + streams)
                .min(descriptors.saturating_sub(streams))
                .max(8),
            text_budget: TEXT_BUDGET.min(memory / 8),
            subtitles: SUBTITLES_LIMIT.min(memory / 128) as u64,
        }
    }
}

/// Returns the bytes that this process may use: the least `memory.max` of its cgroup (version 2) and of those above it;
/// `usize::MAX` without a limit. The kernel kills a process that takes more.
///
/// Must run before the sandbox closes `/proc` and `/sys`.
pub(crate) fn memory_limit() -> usize {
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    memory_max(&groups, Path::new("/sys/fs/cgroup"))
}

/// Reads a line `0::/path` of cgroups(7), and the limits below `root`.
fn memory_max(groups: &str, root: &Path) -> usize {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"));
    // In a container the path may be one that only its host can see; then the root's own limit counts.
    let groups = Path::new(path.unwrap_or_default()).ancestors();
    let limits = groups.filter_map(|group| {
        let text = std::fs::read_to_string(root.join(group).join("memory.max")).ok()?;
        // `max` stands for no limit.
        text.trim().parse().ok()
    });
    limits.min().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
