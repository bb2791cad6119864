//! `/dev/dahdi/<number>`, as udev's rules of DAHDI make it: a link to the device that the kernel
//! shows as `/dev/dahdi/chan/<span>/<channel>`. Kept up while spans come and go.

use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::fs::symlink;

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, socket,
};

/// What the kernel calls the channels' bus.
const BUS: &str = "/sys/bus/dahdi_channels/devices";

/// Listens to the kernel's events from now on, in a thread of its own.
pub(crate) fn watch() {
    let kind = SockType::Datagram;
    let protocol = SockProtocol::NetlinkKObjectUEvent;
    let opened = socket(AddressFamily::Netlink, kind, SockFlag::SOCK_CLOEXEC, protocol)
        .and_then(|events| bind(events.as_raw_fd(), &NetlinkAddr::new(0, 1)).map(|()| events));
    let events = match opened {
        Ok(events) => events,
        Err(fault) => return crate::say(&format!("KERNEL: no events from the kernel: {fault}")),
    };
    std::thread::spawn(move || {
        let mut message = [0; 8192];
        loop {
            match recv(events.as_raw_fd(), &mut message, MsgFlags::empty()) {
                Ok(length) => event(&message[..length]),
                // So many that some were lost: look at all there is.
                Err(nix::Error::ENOBUFS) => scan(),
                Err(nix::Error::EINTR) => {}
                Err(_) => return,
            }
        }
    });
}

fn event(message: &[u8]) {
    let (mut action, mut subsystem, mut minor, mut name) = ("", "", "", "");
    for word in message.split(|&octet| octet == 0) {
        let word = std::str::from_utf8(word).unwrap_or_default();
        match word.split_once('=') {
            Some(("ACTION", value)) => action = value,
            Some(("SUBSYSTEM", value)) => subsystem = value,
            Some(("MINOR", value)) => minor = value,
            Some(("DEVNAME", value)) => name = value,
            _ => {}
        }
    }
    if subsystem == "dahdi_channels" {
        match action {
            "add" => link(minor, name),
            "remove" => drop(fs::remove_file(format!("/dev/dahdi/{minor}"))),
            _ => {}
        }
    }
}

fn link(minor: &str, name: &str) {
    if let Some(below) = name.strip_prefix("dahdi/") {
        let path = format!("/dev/dahdi/{minor}");
        let _ = fs::remove_file(&path);
        let _ = symlink(below, path);
    }
}

/// Makes the links for all channels that there are. A program that starts now finds them.
pub(crate) fn scan() {
    for entry in fs::read_dir(BUS).into_iter().flatten().flatten() {
        let text = fs::read_to_string(entry.path().join("uevent")).unwrap_or_default();
        let field = |key: &str| {
            text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap_or("")
        };
        link(field("MINOR"), field("DEVNAME"));
    }
}
