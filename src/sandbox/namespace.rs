//! A mount namespace that contains only the media folder, for kernels without Landlock.
//!
//! A process of root may mount. A process of another user first creates a user namespace, in which it may mount.
//! The process keeps its user and all its groups, so it can still read the same files.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::fd::OwnedFd;
use rustix::fs::CWD;
use rustix::io::Errno;
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount,
    mount_change, mount_remount, move_mount, open_tree, unmount,
};
use rustix::process::{chdir, getegid, geteuid, pivot_root};
use rustix::thread::{UnshareFlags, unshare_unsafe};

const HARMLESS: MountFlags = MountFlags::RDONLY
    .union(MountFlags::NOSUID)
    .union(MountFlags::NODEV)
    .union(MountFlags::NOEXEC);

/// Confines this process, which must have one thread. `dir` is a path without symlinks. The folder has the same path
/// inside the namespace, so that absolute symlinks below the folder still work. `alias` is another path to the folder,
/// and symlinks may use it. If `user_namespace` is true, also creates a user namespace, so that the process may mount.
///
/// # Errors
///
/// The reason why the process is not confined. The process may be in a new namespace, but it sees the same files as
/// before.
pub(super) fn confine(dir: &Path, alias: &Path, user_namespace: bool) -> Result<(), String> {
    if dir == Path::new("/") {
        return Err("the folder is /, so a namespace cannot hide anything".to_owned());
    }
    separate(user_namespace)
        .map_err(|error| format!("the system does not allow a new namespace ({error})"))?;
    let folder =
        mount_new_root(dir).map_err(|error| format!("cannot mount a new root ({error})"))?;
    enter_new_root(dir, alias, &folder).map_err(|error| {
        let _ = unmount(dir, UnmountFlags::DETACH);
        format!("cannot mount the folder in the new root ({error})")
    })
}

fn separate(user_namespace: bool) -> io::Result<()> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    let mut flags = UnshareFlags::NEWNS;
    flags.set(UnshareFlags::NEWUSER, user_namespace);
    // SAFETY: the flags do not contain FILES, so all threads still have the same descriptors.
    #[allow(unsafe_code)]
    unsafe { unshare_unsafe(flags) }?;
    if user_namespace {
        // The kernel requires this before gid_map is written: user_namespaces(7).
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
        fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    }
    Ok(())
}

/// Clones the mount of the folder. Then mounts an empty file system, the new root, at `dir`: a mount needs an existing
/// directory, and `dir` exists. Returns the clone.
fn mount_new_root(dir: &Path) -> rustix::io::Result<OwnedFd> {
    // Mounts and unmounts of the host still appear in the namespace. Those of the namespace do not appear on the host.
    let receive = MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC;
    mount_change("/", receive)?;
    let tree = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    let folder = open_tree(CWD, dir, tree)?;
    let flags = HARMLESS - MountFlags::RDONLY;
    mount("videoserve", dir, "tmpfs", flags, c"mode=755")?;
    Ok(folder)
}

/// Moves the cloned folder into the new root, which is mounted at `dir`. Then makes the new root the root of this
/// process.
fn enter_new_root(dir: &Path, alias: &Path, folder: &OwnedFd) -> io::Result<()> {
    let inside = below(dir, dir);
    fs::create_dir_all(&inside)?;
    let itself = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    move_mount(folder, "", CWD, &inside, itself)?;
    for place in mounts_below(&inside)? {
        match mount_remount(&place, MountFlags::BIND | HARMLESS, c"") {
            // This process cannot access this mount, so the mount needs no change.
            Ok(()) | Err(Errno::ACCESS | Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if alias != dir {
        // Only symlinks that use this path need the alias, so an error is ignored.
        let link = below(dir, alias);
        let _ = link.parent().map(fs::create_dir_all);
        let _ = symlink(dir, &link);
    }
    mount_remount(dir, MountFlags::BIND | HARMLESS, c"")?;
    chdir(dir)?;
    // pivot_root mounts the old root on top of the new root. The next call unmounts the old root.
    pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    chdir("/")?;
    Ok(())
}

/// Returns an absolute path as a path below `root`.
fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// Returns all mount points at and below `top`, parents first.
fn mounts_below(top: &Path) -> io::Result<Vec<PathBuf>> {
    let table = fs::read("/proc/self/mountinfo")?;
    let places = table
        .split(|byte| *byte == b'\n')
        // proc_pid_mountinfo(5): the fifth field is the mount point.
        .filter_map(|line| line.split(|byte| *byte == b' ').nth(4))
        .map(|field| PathBuf::from(OsString::from_vec(unescape(field))))
        .filter(|place| place.starts_with(top));
    Ok(places.collect())
}

/// Decodes a mount point. Spaces, tabs, line feeds and backslashes are encoded as `\` and three octal digits.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut parts = field.split(|byte| *byte == b'\\');
    let mut bytes = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(3).unwrap_or((part, &[]));
        let digits = std::str::from_utf8(digits).unwrap_or_default();
        bytes.extend(u8::from_str_radix(digits, 8));
        bytes.extend(rest);
    }
    bytes
}

#[cfg(test)]
mod tests {
    /// Without the decoding, the remount does not find a path with a space, and this mount stays writable.
    #[test]
    fn mount_point_is_decoded() {
        let field = br"/a\040b\134\011\012c\0401";
        assert_eq!(super::unescape(field), b"/a b\\\t\nc 1");
        assert_eq!(super::unescape(b"/plain"), b"/plain");
    }
}
