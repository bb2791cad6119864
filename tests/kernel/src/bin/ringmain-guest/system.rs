//! What the guest asks of its kernel: file systems, modules, interfaces, spans, power.
#![expect(unsafe_code, reason = "ioctl has no safe form")]

use std::ffi::CString;
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::path::Path;

use nix::kmod::{ModuleInitFlags, finit_module};
use nix::mount::{MsFlags, mount};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

/// Folder, kind.
const FILE_SYSTEMS: [(&str, &str); 8] = [
    ("/proc", "proc"),
    ("/sys", "sysfs"),
    ("/dev", "devtmpfs"),
    ("/dev/shm", "tmpfs"),
    ("/dev/pts", "devpts"),
    ("/run", "tmpfs"),
    ("/tmp", "tmpfs"),
    ("/sys/kernel/debug", "debugfs"),
];

/// Mounts what a real system has. What this kernel lacks is said and left out.
pub(crate) fn mount_all() {
    for (folder, kind) in FILE_SYSTEMS {
        mount_one(folder, kind);
    }
}

/// Mounts one file system.
pub(crate) fn mount_one(folder: &str, kind: &str) {
    let _ = fs::create_dir_all(folder);
    if let Err(fault) = mount(Some(kind), folder, Some(kind), MsFlags::empty(), None::<&str>) {
        crate::say(&format!("KERNEL: {folder} cannot be mounted: {fault}"));
    }
}

/// Loads a module.
pub(crate) fn load(path: &Path, parameters: &str) -> Result<(), String> {
    let file = File::open(path).map_err(|fault| fault.to_string())?;
    let parameters = CString::new(parameters).map_err(|fault| fault.to_string())?;
    match finit_module(&file, &parameters, ModuleInitFlags::empty()) {
        Ok(()) | Err(nix::Error::EEXIST) => Ok(()),
        Err(fault) => Err(fault.to_string()),
    }
}

/// `struct dahdi_dynamic_span` of DAHDI's user.h.
#[repr(C)]
pub(crate) struct DynamicSpan {
    driver: [u8; 20],
    address: [u8; 40],
    channels: i32,
    timing: i32,
    span: i32,
}

nix::ioctl_readwrite!(dahdi_dynamic_create, 0xda, 80, DynamicSpan);

fn filled<const N: usize>(text: &str) -> Result<[u8; N], String> {
    let mut field = [0; N];
    let room = field.get_mut(..text.len()).filter(|room| room.len() < N);
    room.ok_or_else(|| format!("{text} is too long"))?.copy_from_slice(text.as_bytes());
    Ok(field)
}

/// Creates a dynamic span and returns its number.
pub(crate) fn dynamic_span(
    driver: &str,
    address: &str,
    channels: u16,
    timing: u16,
) -> Result<i32, String> {
    let control = File::options().read(true).write(true).open("/dev/dahdi/ctl");
    let control = control.map_err(|fault| format!("/dev/dahdi/ctl: {fault}"))?;
    let mut span = DynamicSpan {
        driver: filled(driver)?,
        address: filled(address)?,
        channels: channels.into(),
        timing: timing.into(),
        span: 0,
    };
    // SAFETY: the structure has the layout that this ioctl reads and writes, and outlives it.
    let done = unsafe { dahdi_dynamic_create(control.as_raw_fd(), &raw mut span) };
    done.map(|_| span.span).map_err(|fault| fault.to_string())
}

/// Brings a network interface up.
pub(crate) fn interface_up(name: &str) -> Result<(), String> {
    let flags = SockFlag::SOCK_CLOEXEC;
    let socket = socket(AddressFamily::Inet, SockType::Datagram, flags, None)
        .map_err(|fault| fault.to_string())?;
    // SAFETY: all zero is a valid value of this plain structure.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    let room = request.ifr_name.iter_mut().take(libc::IFNAMSIZ - 1);
    for (to, from) in room.zip(name.bytes()) {
        // The sign of `c_char` differs between machines.
        *to = libc::c_char::from_ne_bytes([from]);
    }
    let wanted = libc::IFF_UP | libc::IFF_RUNNING;
    request.ifr_ifru.ifru_flags = i16::try_from(wanted).map_err(|fault| fault.to_string())?;
    // SAFETY: SIOCSIFFLAGS reads one `ifreq`, which lives until after the call.
    let done = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw mut request) };
    if done < 0 { Err(std::io::Error::last_os_error().to_string()) } else { Ok(()) }
}

/// Switches the guest off; QEMU ends with it.
pub(crate) fn power_off() {
    let Err(fault) = nix::sys::reboot::reboot(nix::sys::reboot::RebootMode::RB_POWER_OFF);
    crate::say(&format!("KERNEL: the power stays on: {fault}"));
}
