//! The probes: actions that an attacker in the confined process tries. If the sandbox refuses the action, the probe
//! returns an error.

use std::ffi::CString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Error};
use std::mem::MaybeUninit;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixStream};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

/// The files, sockets and processes that probes use.
pub(crate) struct Scene {
    /// The parent folder of the served folder.
    pub(crate) outer: std::path::PathBuf,
    /// The port of another server.
    pub(crate) tcp: u16,
    /// The name of an abstract socket of another process.
    pub(crate) abstract_name: String,
    /// The id of another process of the same user.
    pub(crate) other_process: i32,
    /// Listening sockets, like the socket of the server. The process opened them before the call of `seal`, which
    /// forbids new sockets.
    pub(crate) listeners: [TcpListener; 2],
    /// A socket that the process connected to the service manager before it entered the sandbox.
    pub(crate) manager: UnixDatagram,
}

/// The number of a descriptor that the parent process left open. It is a file for writing.
pub(crate) const LEFT_FILE: i32 = 8;
/// The number of a descriptor that the parent process left open. It is the root directory.
pub(crate) const LEFT_FOLDER: i32 = 9;

type Probe = (&'static str, fn(&Scene) -> io::Result<()>);

/// The probes, in the order in which they run. The probes that can change or remove files are last.
pub(crate) const PROBES: &[Probe] = &[
    ("read inside", |scene| expect("film", &scene.media("film"))),
    ("list inside", |scene| {
        fs::read_dir(scene.outer.join("media/sub")).map(drop)
    }),
    ("absolute symlink inside", |scene| {
        expect("film", &scene.media("absolute"))
    }),
    ("symlink by another path", |scene| {
        expect("film", &scene.media("by-alias"))
    }),
    ("read by a supplementary group", |scene| {
        expect("film", &scene.media("of-group"))
    }),
    ("read /etc/passwd", |_| fs::read("/etc/passwd").map(drop)),
    ("read beside", |scene| {
        fs::read(scene.outer.join("beside")).map(drop)
    }),
    ("stat a file beside", |scene| {
        fs::metadata(scene.outer.join("beside")).map(drop)
    }),
    ("follow a symlink outside", |scene| {
        fs::read(scene.media("out")).map(drop)
    }),
    ("list /", |_| {
        fs::read_dir("/")?
            .find(|entry| entry.as_ref().is_ok_and(|e| e.file_name() == "etc"))
            .map_or(Err(Error::other("no etc")), |_| Ok(()))
    }),
    ("read /proc/self/maps", |_| {
        fs::read("/proc/self/maps").map(drop)
    }),
    ("read a device", |_| File::open("/dev/null").map(drop)),
    ("execute /bin/true", |_| exec("/bin/true")),
    ("execute inside", |scene| exec(scene.media("program"))),
    ("fork", |_| fork()),
    ("map executable memory", |_| map_executable()),
    ("connect over TCP", |scene| {
        TcpStream::connect(("127.0.0.1", scene.tcp)).map(drop)
    }),
    ("listen on another port", |_| {
        TcpListener::bind("127.0.0.1:0").map(drop)
    }),
    ("connect to a socket in a folder", |scene| {
        UnixStream::connect(scene.outer.join("socket")).map(drop)
    }),
    ("connect to an abstract socket", |scene| {
        let address = SocketAddr::from_abstract_name(&scene.abstract_name)?;
        UnixStream::connect_addr(&address).map(drop)
    }),
    ("send to a socket in a folder", |scene| {
        let path = scene.outer.join("datagrams");
        let (socket, _) = UnixDatagram::pair()?;
        socket.send_to(b"x", path).map(drop)
    }),
    ("send to an abstract socket", |scene| {
        let name = format!("{}-datagrams", scene.abstract_name);
        let (socket, _) = UnixDatagram::pair()?;
        let address = SocketAddr::from_abstract_name(name)?;
        socket.send_to_addr(b"x", &address).map(drop)
    }),
    ("send to the manager", |scene| {
        scene.manager.send(b"READY=1").map(drop)
    }),
    ("send to another socket by the manager's socket", |scene| {
        let path = scene.outer.join("datagrams");
        scene.manager.send_to(b"x", path).map(drop)
    }),
    (
        "send to an abstract socket by the manager's socket",
        |scene| {
            let name = format!("{}-datagrams", scene.abstract_name);
            let address = SocketAddr::from_abstract_name(name)?;
            scene.manager.send_to_addr(b"x", &address).map(drop)
        },
    ),
    ("send a descriptor to the manager", |scene| {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let descriptors = [scene.manager.as_fd()];
        assert!(ancillary.push(SendAncillaryMessage::ScmRights(&descriptors)));
        let message = [std::io::IoSlice::new(b"FDSTORE=1")];
        sendmsg(&scene.manager, &message, &mut ancillary, SendFlags::empty())?;
        Ok(())
    }),
    ("connect the manager's socket again", |scene| {
        scene.manager.connect(scene.outer.join("datagrams"))
    }),
    ("connect with MSG_FASTOPEN", |scene| {
        let flags = rustix::net::SendFlags::from_bits_retain(libc::MSG_FASTOPEN.cast_unsigned());
        let [socket, _] = &scene.listeners;
        rustix::net::shutdown(socket, rustix::net::Shutdown::Read)?;
        Ok(rustix::net::sendto(socket, b"x", flags, &scene.other_server()).map(drop)?)
    }),
    ("connect an old socket", |scene| {
        let [_, socket] = &scene.listeners;
        rustix::net::shutdown(socket, rustix::net::Shutdown::Read)?;
        Ok(rustix::net::connect(socket, &scene.other_server())?)
    }),
    ("listen with an old socket", |scene| {
        let [socket, ..] = &scene.listeners;
        Ok(rustix::net::listen(socket, 1)?)
    }),
    ("read by a descriptor left open", |_| left_folder()),
    ("write by a descriptor left open", |_| {
        call(
            libc::SYS_lseek,
            [LEFT_FILE.into(), 0, libc::SEEK_CUR.into(), 0],
        )
    }),
    ("clear the append flag of a log", |_| {
        known(libc::SYS_fcntl, [-1, libc::F_SETFL.into(), 0, 0])
    }),
    ("trace", |scene| {
        call(libc::SYS_ptrace, [0x4206, scene.other_process.into(), 0, 0])
    }),
    ("signal", |scene| {
        call(
            libc::SYS_kill,
            [scene.other_process.into(), libc::SIGCONT.into(), 0, 0],
        )
    }),
    ("mount", |scene| {
        let flags = rustix::mount::MountFlags::empty();
        Ok(rustix::mount::mount(
            "none",
            scene.media("sub"),
            "tmpfs",
            flags,
            None,
        )?)
    }),
    ("type into a terminal", |_| {
        known(libc::SYS_ioctl, [0, 0x5412, 0, 0])
    }),
    ("raise limits", |_| {
        known(libc::SYS_prlimit64, [0, libc::RLIMIT_NOFILE.into(), 1, 0])
    }),
    ("user namespace", |_| {
        known(libc::SYS_unshare, [-1, 0, 0, 0])
    }),
    ("setns", |_| known(libc::SYS_setns, [-1, 0, 0, 0])),
    ("pivot_root", |_| known(libc::SYS_pivot_root, [0; 4])),
    ("process_vm_readv", |_| {
        known(libc::SYS_process_vm_readv, [1, 0, 0, 0])
    }),
    ("io_uring", |_| known(libc::SYS_io_uring_setup, [0; 4])),
    ("bpf", |_| known(libc::SYS_bpf, [-1, 0, 0, 0])),
    ("keyctl", |_| known(libc::SYS_keyctl, [-1, 0, 0, 0])),
    ("load a module", |_| {
        known(libc::SYS_finit_module, [-1, 0, 0, 0])
    }),
    ("open by handle", |_| {
        known(libc::SYS_open_by_handle_at, [-1, 0, 0, 0])
    }),
    ("raw socket", |_| {
        known(libc::SYS_socket, [libc::AF_PACKET.into(), 99, 0, 0])
    }),
    ("write inside", |scene| {
        OpenOptions::new()
            .write(true)
            .open(scene.media("film"))
            .map(drop)
    }),
    ("write by openat2", |scene| {
        openat2(&scene.media("film"), OFlags::WRONLY)
    }),
    ("truncate by reading", |scene| {
        openat2(&scene.media("victim"), OFlags::RDONLY | OFlags::TRUNC)
    }),
    ("create inside", |scene| {
        File::create(scene.media("new")).map(drop)
    }),
    ("create beside", |scene| {
        File::create(scene.outer.join("new")).map(drop)
    }),
    ("create in /tmp", |_| {
        tempfile::NamedTempFile::new_in("/tmp").map(drop)
    }),
    ("make a folder", |scene| {
        fs::create_dir(scene.media("folder"))
    }),
    ("chmod", |scene| {
        fs::set_permissions(scene.media("film"), PermissionsExt::from_mode(0o444))
    }),
    ("rename", |scene| {
        fs::rename(scene.media("victim"), scene.media("renamed"))
    }),
    ("remove", |scene| fs::remove_file(scene.media("film"))),
];

impl Scene {
    fn other_server(&self) -> std::net::SocketAddr {
        ([127, 0, 0, 1], self.tcp).into()
    }

    fn media(&self, name: &str) -> std::path::PathBuf {
        self.outer.join("media").join(name)
    }
}

fn expect(content: &str, path: &Path) -> io::Result<()> {
    let text = fs::read_to_string(path)?;
    assert_eq!(text, content);
    Ok(())
}

/// Executes a file. If the call succeeds, another program replaces this process, and the function does not return.
/// ENOEXEC counts as success: the kernel allowed the call, but the file is not a valid program.
#[allow(unsafe_code)]
fn exec(program: impl AsRef<Path>) -> io::Result<()> {
    let path = CString::new(program.as_ref().as_os_str().as_bytes())?;
    let arguments = [path.as_ptr(), std::ptr::null()];
    // SAFETY: both lists end with null, and exist until the call returns.
    unsafe { libc::execve(path.as_ptr(), arguments.as_ptr(), arguments[1..].as_ptr()) };
    match Error::last_os_error() {
        error if error.raw_os_error() == Some(libc::ENOEXEC) => Ok(()),
        error => Err(error),
    }
}

fn openat2(path: &Path, flags: OFlags) -> io::Result<()> {
    rustix::fs::openat2(CWD, path, flags, Mode::empty(), ResolveFlags::empty())?;
    Ok(())
}

#[allow(unsafe_code)]
fn left_folder() -> io::Result<()> {
    // SAFETY: if the descriptor is not open, the call returns an error.
    let folder = unsafe { rustix::fd::BorrowedFd::borrow_raw(LEFT_FOLDER) };
    rustix::fs::openat(folder, "etc/passwd", OFlags::RDONLY, Mode::empty())?;
    Ok(())
}

#[allow(unsafe_code)]
fn fork() -> io::Result<()> {
    // SAFETY: the process has one thread, and the child ends at once.
    match unsafe { libc::fork() } {
        -1 => Err(Error::last_os_error()),
        // SAFETY: the child has nothing to clean up.
        0 => unsafe { libc::_exit(0) },
        _ => Ok(()),
    }
}

#[allow(unsafe_code)]
fn map_executable() -> io::Result<()> {
    let rights = libc::PROT_READ | libc::PROT_EXEC;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: the mapping is new, so there is no reference to it.
    let place = unsafe { libc::mmap(std::ptr::null_mut(), 4096, rights, flags, -1, 0) };
    match place {
        libc::MAP_FAILED => Err(Error::last_os_error()),
        _ => Ok(()),
    }
}

#[allow(unsafe_code)]
fn call(number: libc::c_long, arguments: [libc::c_long; 4]) -> io::Result<()> {
    let [a, b, c, d] = arguments;
    // SAFETY: no argument is a valid pointer, so the kernel cannot access the memory of this process.
    match unsafe { libc::syscall(number, a, b, c, d) } {
        -1 => Err(Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Returns an error if the system call fails with ENOSYS: seccomp refuses it, or the kernel does not have it. Any other
/// error counts as success. The arguments are invalid, so the call has no effect.
fn known(number: libc::c_long, arguments: [libc::c_long; 4]) -> io::Result<()> {
    match call(number, arguments) {
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOSYS)) => Err(error),
        _ => Ok(()),
    }
}
