//! The bytes of a file to a socket: the only place where content goes from one to the other. Knows how to copy, and when
//! the file is no longer the one that the head describes.
//!
//! Either in blocks, through our memory: what was read is proved to be of the right version before it is written. Or by the
//! system (`sendfile`), which saves a copy and most of the system calls; but it hands pages of the file to the socket, and
//! what is written into the file then, or cut off it, changes them until the client has read them. So only what the
//! client has certainly read before the last block of the response is written goes that way: if the file has changed by
//! then, the connection is closed before the announced length, and no client takes what it has for the whole.

use std::io;
use std::os::unix::fs::FileExt;

use super::sender::Sender;
use super::{BLOCK, Failure};
use crate::config::Sendfile;
use crate::http::ByteRange;
use crate::media::MediaFile;

/// From so many bytes on it is worth a call to say that they are read in order: the system then reads twice as much ahead,
/// and a disk or card that serves several films moves its head half as often (799 reads became 433 for 16 films).
const LONG: u64 = 1024 * 1024;
/// What the system copies at most until the file is looked at again.
const STRETCH: usize = 1024 * 1024;

/// Which bytes the system copies.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Copying {
    /// All but so many at the end of a range. `None` for none at all.
    margin: Option<u64>,
    /// How many of them the system may hold unsent for one client.
    unsent: u32,
}

/// Pages of the file are in memory anyway, but the system counts them among what it spends on sockets.
const MOST_UNSENT: u32 = 1024 * 1024;

impl Copying {
    /// `in_flight`: what may be on its way to a client, in bytes, if that is known.
    pub(in crate::server) fn new(sendfile: Sendfile, in_flight: Option<u64>) -> Copying {
        let margin = match sendfile {
            Sendfile::Off => None,
            // The last block is read while the one before it may not yet be on its way.
            Sendfile::On => in_flight.and_then(|bytes| bytes.checked_add(BLOCK as u64)),
            Sendfile::WithoutMargin => Some(0),
        };
        Copying { margin, unsent: 0 }
    }

    /// `sockets`: from how many bytes on the system is sparing with all sockets of the machine, if that is known. Half of
    /// it is for so many streams, should all of their viewers pause at once.
    pub(in crate::server) fn within(self, sockets: Option<u64>, streams: usize) -> Copying {
        let share = sockets.unwrap_or(0) / 2 / streams.max(1) as u64;
        Copying {
            unsent: u32::try_from(share).map_or(MOST_UNSENT, |it| it.min(MOST_UNSENT)),
            ..self
        }
    }

    /// What a client may have unsent, in bytes; 0 where that is what it may have of everything.
    pub(super) fn unsent(self) -> u32 {
        self.unsent
    }

    /// How many of so many bytes, from the first.
    fn by_system(self, length: u64) -> u64 {
        self.margin
            .map_or(0, |margin| length.saturating_sub(margin))
    }
}

impl Sender<'_> {
    /// One range of a file.
    pub(super) fn send_range(
        &mut self,
        media: &MediaFile,
        range: ByteRange,
        copying: Copying,
    ) -> Result<(), Failure> {
        let (first, length) = (range.first_pos(), range.length());
        if length >= LONG {
            // Not a short answer, even to a client that never keeps us waiting.
            self.step_aside();
            announce_order(media);
        }
        let position = match copying.by_system(length) {
            0 => first,
            by_system => self.let_system_copy(media, first, first + by_system)?,
        };
        self.copy_blocks(media, position, first + length)
    }

    fn copy_blocks(
        &mut self,
        media: &MediaFile,
        mut position: u64,
        end: u64,
    ) -> Result<(), Failure> {
        while position < end {
            let room = self.room()?;
            let want =
                usize::try_from(end - position).map_or(room.len(), |left| left.min(room.len()));
            let read = match media.file().read_at(&mut room[..want], position) {
                // Shorter than the head promised.
                Ok(0) => return Err(Failure::Changed),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Failure::Read(error)),
            };
            // Asked after the read and before the write: what was read is of the version that the head describes.
            prove_unchanged(media)?;
            self.fill(read);
            position += read as u64;
        }
        Ok(())
    }

    /// Returns how far it came. Where it cannot go on, blocks can, or find out why not.
    fn let_system_copy(
        &mut self,
        media: &MediaFile,
        mut position: u64,
        end: u64,
    ) -> Result<u64, Failure> {
        use rustix::io::Errno;
        self.flush_before_more()?;
        let mut patience = self.patience();
        while position < end {
            let stretch = usize::try_from(end - position).map_or(STRETCH, |left| left.min(STRETCH));
            match rustix::fs::sendfile(self.stream(), media.file(), Some(&mut position), stretch) {
                // Shorter than the head promised.
                Ok(0) => return Err(Failure::Changed),
                Ok(sent) => {
                    self.count(sent);
                    patience.renew();
                    prove_unchanged(media)?;
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => patience.wait_until_roomy()?,
                Err(error @ (Errno::TIMEDOUT | Errno::PIPE | Errno::CONNRESET)) => {
                    return Err(Failure::of_socket(&error.into()));
                }
                Err(error) => {
                    log::debug!("sendfile: {error}; going on in blocks");
                    break;
                }
            }
        }
        Ok(position)
    }
}

/// A hint: whoever does not know it reads as always.
fn announce_order(media: &MediaFile) {
    let _ = rustix::fs::fadvise(media.file(), 0, None, rustix::fs::Advice::Sequential);
}

fn prove_unchanged(media: &MediaFile) -> Result<(), Failure> {
    match media.is_unchanged() {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::Changed),
        Err(error) => Err(Failure::Read(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_on_its_way_is_copied_in_blocks() {
        let copying = Copying::new(Sendfile::On, Some(1_000_000));
        let margin = 1_000_000 + BLOCK as u64;
        assert_eq!(copying.by_system(1), 0);
        assert_eq!(copying.by_system(margin), 0);
        assert_eq!(copying.by_system(margin + 1), 1);
        assert_eq!(copying.by_system(u64::MAX), u64::MAX - margin);
        let unsent = |sockets, streams| copying.within(sockets, streams).unsent();
        assert_eq!(unsent(None, 256), 0);
        assert_eq!(unsent(Some(90 << 20), 256), (90 << 20) / 512);
        assert_eq!(unsent(Some(90 << 20), 16), MOST_UNSENT);
        assert_eq!(unsent(Some(u64::MAX), 1), MOST_UNSENT);
        for nothing in [
            Copying::new(Sendfile::Off, Some(1_000_000)),
            Copying::new(Sendfile::On, None),
            Copying::new(Sendfile::On, Some(u64::MAX)),
        ] {
            assert_eq!(nothing.by_system(u64::MAX), 0);
        }
    }
}
