//! What the system lets the process have, and what becomes of it: how many streams, how many connections, how much of
//! long texts. Decided once, at start.

use rustix::process::{Resource, getrlimit};

use super::pool;
use crate::gate::CONNECTION_LIMIT;
use crate::subtitles::MAX_LENGTH;

/// Descriptors that are neither a client's socket nor a video: standard streams, listener, poll, link and its spares,
/// folders that are being listed, two trees that are being searched.
const DESCRIPTOR_RESERVE: usize = 40 + 2 * 36;
/// Bytes of pages, listings and subtitles that are in memory while they are sent. Enough for one page of the usual length in each
/// of 256 streams; a hostile file of subtitles becomes as much as a third.
const TEXTS_LIMIT: usize = 24 * 1024 * 1024;

/// The parts of a limited address space. Allocators take large pieces of it ahead of need, and an allocation that fails
/// ends the process.
const OF_ADDRESS_SPACE: Parts = Parts {
    stacks: 16,
    stack: pool::STACK,
    texts: 32,
    conversion: 1024,
};
/// The parts of a limited memory, where only what is touched counts, the system's own share of a thread and a socket
/// included. Whoever takes more than there is is killed.
const OF_MEMORY: Parts = Parts {
    stacks: 4,
    stack: 128 * 1024,
    texts: 16,
    conversion: 128,
};

/// What the system lets the process have, each `usize::MAX` where there is no limit.
#[derive(Debug, Clone, Copy)]
struct Means {
    descriptors: usize,
    address_space: usize,
    memory: usize,
}

/// How something scarce is divided.
#[derive(Debug)]
struct Parts {
    /// Which part of it the stacks of workers may take.
    stacks: usize,
    /// What each of them takes.
    stack: usize,
    /// Which part texts may take while they are sent.
    texts: usize,
    /// How much longer it must be than a file of subtitles that is converted.
    conversion: usize,
}

/// What the server allows itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) streams: usize,
    /// Those of the streams included.
    pub(super) connections: usize,
    /// Bytes of texts in memory while they are sent.
    pub(super) texts: usize,
    /// Bytes of the longest file of subtitles that is converted.
    pub(super) longest_subtitles: u64,
}

impl Limits {
    /// As the system is now, with so many bytes of memory. Says so in the log where it gives less than was asked for.
    pub(super) fn now(max_streams: usize, memory: usize) -> Limits {
        let means = Means {
            descriptors: allowed(Resource::Nofile),
            address_space: allowed(Resource::As),
            memory,
        };
        Limits::with(&means, max_streams)
    }

    fn with(means: &Means, max_streams: usize) -> Limits {
        let descriptors = means.descriptors.saturating_sub(DESCRIPTOR_RESERVE);
        // A stream takes two, for its socket and its file, and at most half of all are for streams: somebody must still
        // be able to connect.
        let by_descriptors = descriptors / 4;
        let by_address_space = OF_ADDRESS_SPACE.workers(means.address_space);
        let by_memory = OF_MEMORY.workers(means.memory);
        let causes = [
            (by_descriptors, "open more files"),
            (by_address_space, "use more address space"),
            (by_memory, "use more memory"),
        ];
        let (least, cause) = causes.into_iter().min().unwrap_or_default();
        let streams = max_streams.min(least).max(1);
        if streams < max_streams {
            log::warn!(
                "only {streams} streams at a time, not {max_streams}: the process may not {cause}"
            );
        }
        let scarce = [
            (&OF_ADDRESS_SPACE, means.address_space),
            (&OF_MEMORY, means.memory),
        ];
        let least = |part: fn(&Parts) -> usize, most: usize| {
            let parts = scarce
                .iter()
                // Up, so that all that 32 bits can say is no limit for the longest file.
                .map(|(parts, whole)| whole.div_ceil(part(parts)));
            parts.fold(most, usize::min)
        };
        let longest = usize::try_from(MAX_LENGTH).unwrap_or(usize::MAX);
        Limits {
            streams,
            connections: (CONNECTION_LIMIT + streams)
                .min(descriptors.saturating_sub(streams))
                .max(8),
            texts: least(|parts| parts.texts, TEXTS_LIMIT),
            longest_subtitles: least(|parts| parts.conversion, longest) as u64,
        }
    }
}

impl Parts {
    /// How many workers can stream.
    fn workers(&self, whole: usize) -> usize {
        (whole / self.stacks / self.stack).saturating_sub(pool::OTHERS)
    }
}

fn allowed(resource: Resource) -> usize {
    let limit = getrlimit(resource).current;
    limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLENTY: Means = Means {
        descriptors: usize::MAX,
        address_space: usize::MAX,
        memory: usize::MAX,
    };
    const MEBIBYTE: usize = 1024 * 1024;

    #[test]
    fn plenty_is_what_was_asked_for() {
        let limits = Limits::with(&PLENTY, 256);
        assert_eq!(
            limits,
            Limits {
                streams: 256,
                connections: CONNECTION_LIMIT + 256,
                texts: TEXTS_LIMIT,
                longest_subtitles: MAX_LENGTH,
            }
        );
    }

    /// What a processor of 32 bits has for no limit.
    #[test]
    fn all_of_32_bits_is_plenty() {
        let whole = usize::try_from(u32::MAX).unwrap();
        let means = Means {
            descriptors: whole,
            address_space: whole,
            memory: whole,
        };
        assert_eq!(Limits::with(&means, 256), Limits::with(&PLENTY, 256));
    }

    #[test]
    fn each_of_them_limits_the_streams() {
        let few = Means {
            descriptors: 256,
            ..PLENTY
        };
        assert_eq!(Limits::with(&few, 256).streams, (256 - 112) / 4);
        assert_eq!(Limits::with(&few, 256).connections, 144 - 36);
        let narrow = Means {
            address_space: 256 * MEBIBYTE,
            ..PLENTY
        };
        assert_eq!(Limits::with(&narrow, 256).streams, 64 - pool::OTHERS);
        let small = Means {
            memory: 64 * MEBIBYTE,
            ..PLENTY
        };
        assert_eq!(Limits::with(&small, 256).streams, 128 - pool::OTHERS);
        // A Raspberry Pi Zero has 512 MiB.
        let pi = Means {
            memory: 512 * MEBIBYTE,
            ..PLENTY
        };
        assert_eq!(Limits::with(&pi, 256), Limits::with(&PLENTY, 256));
    }

    #[test]
    fn there_is_always_one_stream() {
        let nothing = Means {
            descriptors: 0,
            address_space: 0,
            memory: 0,
        };
        let limits = Limits::with(&nothing, 256);
        assert_eq!((limits.streams, limits.connections), (1, 8));
    }

    /// What all may take together fits.
    #[test]
    fn parts_are_less_than_the_whole() {
        for mebibytes in [48, 64, 128, 256, 1024] {
            let memory = mebibytes * MEBIBYTE;
            let limits = Limits::with(&Means { memory, ..PLENTY }, 4096);
            let stacks = (limits.streams + pool::OTHERS) * OF_MEMORY.stack;
            // A conversion was seen to take twelve times its file.
            let conversion = 12 * usize::try_from(limits.longest_subtitles).unwrap();
            assert!(
                stacks + limits.texts + conversion < memory / 2,
                "{mebibytes}"
            );
        }
    }
}
