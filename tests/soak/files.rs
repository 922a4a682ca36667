use std::fs::{self, OpenOptions};
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::media::SECRET;
use crate::shared::client::{Client, get};
use crate::{Result, Target};

/// Longer than what is on the way in sockets.
const LENGTH: usize = 8 << 20;

/// A file is truncated, replaced, deleted and made unreadable, and its folder removed and made again, while sixteen
/// clients read it: never two versions in one answer.
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
        let changes = changing.join().expect("the changer does not panic")?;
        result.map(|()| (counts, changes))
    });
    let _ = fs::remove_dir_all(&folder);
    let ([whole, cut, missing], changes) = counts?;
    if whole == 0 || cut == 0 || missing == 0 {
        return Err(
            format!("{whole} whole, {cut} cut, {missing} missing: nothing was tried").into(),
        );
    }
    Ok(format!(
        "{changes} changes; {whole} answers whole, {cut} cut off, {missing} missing"
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
        // Cut off before its first byte, too: the head leaves with the first block.
        let Ok(answer) = client.head() else {
            counts[1] += 1;
            continue;
        };
        if answer.status != 200 {
            counts[2] += 1;
            thread::sleep(Duration::from_millis(5));
            continue;
        }
        let length = answer.length()?.unwrap_or(0);
        let (mut received, mut first) = (0, None);
        while received < length {
            let Ok(count @ 1..) = client.read(&mut block) else {
                break;
            };
            let version = *first.get_or_insert(block[0]);
            if block[..count].iter().any(|&byte| byte != version) {
                return Err("two versions in one answer".into());
            }
            received += count as u64;
        }
        counts[usize::from(received < length)] += 1;
    }
    Ok(counts)
}

/// Links are turned to the outside and back for 30 s while eight clients ask for what is behind them.
pub(crate) fn swap(target: &Target<'_>) -> Result<String> {
    let dir = target.media.dir();
    let is_over = AtomicBool::new(false);
    let until = Instant::now() + Duration::from_secs(30);
    let turn = |name: &str, targets: [&str; 2]| -> Result<u64> {
        let new = dir.join(format!(".{name}"));
        let mut turns = 0;
        for to in targets.iter().cycle() {
            symlink(to, &new)?;
            fs::rename(&new, dir.join(name))?;
            turns += 1;
            if is_over.load(Ordering::Relaxed) {
                break;
            }
        }
        fs::remove_file(dir.join(name))?;
        Ok(turns)
    };
    let result = thread::scope(|scope| {
        let turning = [
            scope.spawn(|| turn("turn.mp4", ["a.mp4", "../secret.mp4"])),
            scope.spawn(|| turn("turn", ["sub", "../beside"])),
        ];
        let targets = [
            "/api/stream/turn.mp4",
            "/api/stream/turn/b.mp4",
            "/playlist/turn/",
            "/api/videos/turn/",
        ];
        let clients: Vec<_> = (0..8)
            .map(|number| {
                scope.spawn(move || ask_until(target.address, targets[number % 4], until))
            })
            .collect();
        let mut counts = [0_u64; 2];
        let mut result = Ok(());
        for client in clients {
            match client.join().expect("a client does not panic") {
                Ok([served, missing]) => {
                    counts[0] += served;
                    counts[1] += missing;
                }
                Err(error) => result = Err(error),
            }
        }
        is_over.store(true, Ordering::Relaxed);
        let mut turns = 0;
        for one in turning {
            turns += one.join().expect("a turner does not panic")?;
        }
        result.map(|()| (counts, turns))
    });
    let ([served, missing], turns) = result?;
    if served == 0 || missing == 0 {
        return Err(format!("{served} served, {missing} missing: nothing was tried").into());
    }
    Ok(format!(
        "{turns} turns, {served} served, {missing} missing, not a byte from outside"
    ))
}

fn ask_until(address: SocketAddr, target: &str, until: Instant) -> Result<[u64; 2]> {
    let mut counts = [0; 2];
    let mut client = Client::connect(address)?;
    while Instant::now() < until {
        let answer = client.get(target, "")?;
        let (status, text) = (answer.status, String::from_utf8_lossy(&answer.content));
        if text.contains(SECRET) || (text.contains("secret") && status == 200) {
            return Err(format!("{target} leads out").into());
        }
        match status {
            200 => counts[0] += 1,
            404 => counts[1] += 1,
            503 => {}
            status => return Err(format!("{target} was answered with {status}").into()),
        }
    }
    Ok(counts)
}
