use std::ffi::{c_char, c_int, c_short};
use std::fs::File;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::ioctl::{self, Updater, opcode};

use crate::Result;

/// The length of a device's name, with the NUL behind it.
const NAME: usize = 16;

/// `struct ifreq`, as far as this call has to do with it. The kernel takes and gives 40 bytes of it, or 32.
#[repr(C)]
struct Request {
    name: [c_char; NAME],
    flags: c_short,
    rest: [u8; 22],
}

/// `TUNSETIFF`. The kernel calls it a write, and writes the name back all the same.
const TUNSETIFF: ioctl::Opcode = opcode::write::<c_int>(b'T', 202);
/// Whole IP packets, and nothing before them.
const IFF_TUN: c_short = 0x0001;
const IFF_NO_PI: c_short = 0x1000;

/// Makes a network device whose packets are read from this file, one by one, and written to it. A read does not wait. As
/// nobody has asked for less, the system has cut them to size and summed them up. The device vanishes with the file,
/// in whatever namespace it is by then.
pub(super) fn open(name: &str) -> Result<File> {
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::open("/dev/net/tun", flags, Mode::empty())
        .map_err(|error| format!("cannot open /dev/net/tun: {error}"))?;
    let mut request = Request {
        name: [0; NAME],
        flags: IFF_TUN | IFF_NO_PI,
        rest: [0; 22],
    };
    for (to, from) in request.name[..NAME - 1].iter_mut().zip(name.bytes()) {
        *to = c_char::try_from(from)?;
    }
    attach(&file, &mut request)
        .map_err(|error| format!("cannot make the device {name}: {error}"))?;
    Ok(file.into())
}

/// The only unsafe code of the benches: there is no other way to say which device the file is for.
#[allow(unsafe_code)]
fn attach(file: impl std::os::fd::AsFd, request: &mut Request) -> std::result::Result<(), Errno> {
    // SAFETY: TUNSETIFF reads and writes one `struct ifreq`, which `Request` has the size and the shape of, and keeps no
    // pointer to it.
    unsafe { ioctl::ioctl(file, Updater::<TUNSETIFF, Request>::new(request)) }
}
