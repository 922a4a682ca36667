//! A mount namespace in which there is nothing but the folder, for kernels without Landlock. Knows mounts, not files.
//!
//! Root makes one as it is. Anybody else needs a user namespace first, in which mounting is allowed. There, a process
//! keeps its user, its group and its further groups, so what it could read it still can; only the names of the further
//! groups are gone, and no group can be left.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::fd::AsFd;
use rustix::fs::CWD;
use rustix::io::Errno;
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount,
    mount_change, mount_remount, move_mount, open_tree, unmount,
};
use rustix::process::{chdir, getegid, geteuid, pivot_root};
use rustix::thread::{UnshareFlags, unshare_unsafe};

/// Of every mount in there.
const HARMLESS: MountFlags = MountFlags::RDONLY
    .union(MountFlags::NOSUID)
    .union(MountFlags::NODEV)
    .union(MountFlags::NOEXEC);

/// Who makes the namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    /// Whoever may mount.
    Root,
    /// Anybody else.
    User,
}

/// Confines this process, which must have one thread. `dir` is without links; it has the same path inside, so that
/// absolute links below it lead where they led. `alias` is another path to it, for the same reason.
///
/// # Errors
///
/// Why there is no namespace. Then everything is where it was.
pub(super) fn confine(dir: &Path, alias: &Path, maker: Maker) -> Result<(), String> {
    if dir == Path::new("/") {
        return Err("there is nothing beside /".to_owned());
    }
    separate(maker).map_err(|error| format!("the system refuses one ({error})"))?;
    // What the host mounts or unmounts below the folder later is to happen here too; nothing goes the other way.
    mount_change(
        "/",
        MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC,
    )
    .map_err(|error| format!("cannot separate the mounts ({error})"))?;
    let tree = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    let folder = open_tree(CWD, dir, tree)
        .map_err(|error| format!("cannot take the folder out of its place ({error})"))?;
    // Any place will do for the new root, and this one is there.
    mount(
        "videoserve",
        dir,
        "tmpfs",
        HARMLESS - MountFlags::RDONLY,
        c"mode=755",
    )
    .map_err(|error| format!("cannot mount a new root ({error})"))?;
    furnish(dir, alias, &folder).map_err(|error| {
        let _ = unmount(dir, UnmountFlags::DETACH);
        format!("cannot mount the folder alone ({error})")
    })
}

fn separate(maker: Maker) -> io::Result<()> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    let flags = match maker {
        Maker::Root => UnshareFlags::NEWNS,
        Maker::User => UnshareFlags::NEWNS | UnshareFlags::NEWUSER,
    };
    // SAFETY: the descriptors stay shared; and there is one thread.
    #[allow(unsafe_code)]
    unsafe { unshare_unsafe(flags) }?;
    if maker == Maker::User {
        // Without this a user could leave the groups that keep files from him.
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
        fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    }
    Ok(())
}

/// Puts the folder into the new root, which is mounted over it, and makes that the root.
fn furnish(dir: &Path, alias: &Path, folder: &impl AsFd) -> io::Result<()> {
    let inside = below(dir, dir);
    fs::create_dir_all(&inside)?;
    let itself = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    move_mount(folder, "", CWD, &inside, itself)?;
    for place in mounts_below(&inside)? {
        match mount_remount(&place, MountFlags::BIND | HARMLESS, c"") {
            // We cannot get there, then.
            Ok(()) | Err(Errno::ACCESS | Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if alias != dir {
        // Only for links that use this path; whoever has none will not miss it.
        let link = below(dir, alias);
        let _ = link.parent().map(fs::create_dir_all);
        let _ = symlink(dir, &link);
    }
    mount_remount(dir, MountFlags::BIND | HARMLESS, c"")?;
    chdir(dir)?;
    // The old root comes to lie upon the new one, and is taken away.
    pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    chdir("/")?;
    Ok(())
}

/// Where `path`, which is absolute, is to be in the new root.
fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// All mounts at and below `top`, from the top.
fn mounts_below(top: &Path) -> io::Result<Vec<PathBuf>> {
    let table = fs::read("/proc/self/mountinfo")?;
    let places = table
        .split(|byte| *byte == b'\n')
        // proc_pid_mountinfo(5): the fifth field is where it is mounted.
        .filter_map(|line| line.split(|byte| *byte == b' ').nth(4))
        .map(|field| PathBuf::from(OsString::from_vec(unescape(field))))
        .filter(|place| place.starts_with(top));
    Ok(places.collect())
}

/// Blanks, tabs, line feeds and backslashes are `\` and three octal digits.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..3)
            .filter(|_| *first == b'\\')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(code.unwrap_or(*first));
        rest = &after[if code.is_some() { 3 } else { 0 }..];
    }
    bytes
}
