use std::fs::{self, OpenOptions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::shared::client::{Client, get};
use crate::{Result, Target};

/// The length of the file in bytes. The file is larger than the socket buffers, so it can change while the server sends
/// it.
const LENGTH: usize = 8 << 20;

/// Changes a file while sixteen clients read it. The changes truncate, replace or delete the file, make it unreadable,
/// or remove its folder. A complete response must not contain bytes of two versions of the file.
pub(crate) fn change(target: &Target<'_>) -> Result<String> {
    let folder = target.media.dir().join("changing");
    let is_over = AtomicBool::new(false);
    let until = Instant::now() + Duration::from_secs(15);
    let counts = thread::scope(|scope| {
        let changing = scope.spawn(|| change_until(&folder, &is_over));
        let readers: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| read_until(target.address, until)))
            .collect();
        let mut counts = [0_u64; 3];
        let mut result = Ok(());
        for reader in readers {
            match reader.join().expect("a reader does not panic") {
                Ok(one) => counts
                    .iter_mut()
                    .zip(one)
                    .for_each(|(sum, more)| *sum += more),
                Err(error) => result = Err(error),
            }
        }
        is_over.store(true, Ordering::Relaxed);
        let changes = changing
            .join()
            .expect("the thread of changes does not panic")?;
        result.map(|()| (counts, changes))
    });
    let _ = fs::remove_dir_all(&folder);
    let ([whole, cut, missing], changes) = counts?;
    if whole == 0 || cut == 0 || missing == 0 {
        return Err(format!(
            "{whole} complete responses, {cut} incomplete, {missing} times 404: each count must be above 0"
        )
        .into());
    }
    Ok(format!(
        "{changes} changes; {whole} responses complete, {cut} incomplete, {missing} times 404"
    ))
}

fn change_until(folder: &Path, is_over: &AtomicBool) -> Result<u64> {
    let file = folder.join("film.mp4");
    let mut changes = 0;
    for version in (b'a'..=b'z').cycle() {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        fs::create_dir_all(folder)?;
        fs::write(folder.join(".new"), vec![version; LENGTH])?;
        fs::rename(folder.join(".new"), &file)?;
        thread::sleep(Duration::from_millis(60));
        match version % 6 {
            0 => OpenOptions::new().write(true).open(&file)?.set_len(1000)?,
            1 => fs::remove_file(&file)?,
            2 => fs::set_permissions(&file, fs::Permissions::from_mode(0o000))?,
            3 => fs::remove_dir_all(folder)?,
            4 => fs::write(&file, vec![version - 1; LENGTH])?,
            _ => {}
        }
        changes += 1;
        thread::sleep(Duration::from_millis(20));
    }
    Ok(changes)
}

fn read_until(address: SocketAddr, until: Instant) -> Result<[u64; 3]> {
    let mut counts = [0; 3];
    let mut block = vec![0; 256 * 1024];
    while Instant::now() < until {
        let mut client = Client::connect(address)?;
        client.send(get("/api/stream/changing/film.mp4", ""))?;
        // The server sends the head together with the first block of the file. If the file changes before this block,
        // the connection can close without a head.
        let Ok(answer) = client.read_head() else {
            counts[1] += 1;
            continue;
        };
        if answer.status != 200 {
            counts[2] += 1;
            thread::sleep(Duration::from_millis(5));
            continue;
        }
        let length = answer.length()?.unwrap_or(0);
        let (mut received, mut first, mut is_mixed) = (0, None, false);
        while received < length {
            let Ok(count @ 1..) = client.read(&mut block) else {
                break;
            };
            let version = *first.get_or_insert(block[0]);
            is_mixed |= block[..count].iter().any(|&byte| byte != version);
            received += count as u64;
        }
        // `sendfile` may send bytes of a new version before the server notices the change. Such a response must be
        // incomplete.
        if is_mixed && received == length {
            return Err("there are two versions in one complete response".into());
        }
        counts[usize::from(received < length)] += 1;
    }
    Ok(counts)
}
