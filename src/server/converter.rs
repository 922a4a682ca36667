//! The one thread that converts subtitles. Knows files and bytes, no HTTP.
//!
//! One, for memory: a conversion may take fifty megabytes at its peak, so there is never more than one; and allocators
//! keep for each thread some of what it once had, so it is always the same.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::media::MediaFile;
use crate::subtitles::to_webvtt;

/// Files that wait for their turn. The longest ones take some hundredths of a second each.
pub(super) const QUEUE: usize = 8;
/// As a worker's.
const STACK: usize = super::pool::STACK;

/// What it is given, and where the result goes: `None` if the file is no longer the one that was opened.
struct Job {
    file: MediaFile,
    reply: SyncSender<io::Result<Option<Vec<u8>>>>,
}

/// The way to the thread, which ends with this value.
#[derive(Debug)]
pub(super) struct Converter {
    jobs: SyncSender<Job>,
}

impl Converter {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// If the system gives none.
    pub(super) fn start() -> io::Result<Converter> {
        let (jobs, queue) = sync_channel(QUEUE);
        thread::Builder::new()
            .name("videoserve-subtitles".to_owned())
            .stack_size(STACK)
            .spawn(move || work(&queue))?;
        Ok(Converter { jobs })
    }

    /// A whole file as WebVTT; `None` if it is no longer the one that was opened.
    ///
    /// # Errors
    ///
    /// What the disk reports; [`ResourceBusy`](io::ErrorKind::ResourceBusy) if too many wait already.
    pub(super) fn convert(&self, file: MediaFile) -> io::Result<Option<Vec<u8>>> {
        let (reply, result) = sync_channel(1);
        let sent = self.jobs.try_send(Job { file, reply });
        sent.map_err(|_| io::ErrorKind::ResourceBusy)?;
        // Nothing comes if it panicked.
        result.recv().map_err(io::Error::other)?
    }
}

fn work(queue: &Receiver<Job>) {
    while let Ok(Job { file, reply }) = queue.recv() {
        let read = || Ok(read(&file)?.map(|content| to_webvtt(&content).into_bytes()));
        // A defect in reading one file must not cost the others theirs.
        if let Ok(mut converted) = catch_unwind(AssertUnwindSafe(read)) {
            if let Ok(Some(text)) = &mut converted {
                text.shrink_to_fit();
            }
            // Whoever asked still waits.
            let _ = reply.send(converted);
        }
    }
}

/// The whole file; `None` if it is no longer the one that was opened.
fn read(file: &MediaFile) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::with_capacity(usize::try_from(file.length()).unwrap_or(0));
    file.file()
        .take(file.length() + 1)
        .read_to_end(&mut content)?;
    let is_whole = content.len() as u64 == file.length() && file.is_unchanged()?;
    Ok(is_whole.then_some(content))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;

    use super::*;
    use crate::media::{MediaDir, MediaName};

    #[test]
    fn a_file_that_changes_is_not_mixed() {
        let temp = tempfile::tempdir().unwrap();
        let mut writer = File::create(temp.path().join("a.srt")).unwrap();
        writer.write_all(b"one").unwrap();
        let dir = MediaDir::new(temp.path()).unwrap();
        let name = MediaName::from_segments(&[b"a.srt".to_vec()]).unwrap();
        let open = || dir.open(&name).unwrap();
        let (file, again) = (open(), open());
        assert_eq!(read(&file).unwrap().as_deref(), Some(&b"one"[..]));
        writer.write_all(b"two").unwrap();
        assert_eq!(read(&again).unwrap(), None, "longer");
        let file = open();
        writer.set_len(2).unwrap();
        assert_eq!(read(&file).unwrap(), None, "shorter");
        // The same length at another time.
        let file = open();
        writer.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(read(&file).unwrap(), None, "another");
    }
}
