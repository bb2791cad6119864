//! Spans that come and go: the kernel's dynamic spans, made and taken away while others run.
#![expect(unsafe_code, reason = "ioctls take pointers")]

use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd;

/// `struct dahdi_dynamic_span`
#[repr(C)]
#[derive(Clone, Copy)]
struct DynamicSpan {
    driver: [u8; 20],
    address: [u8; 40],
    channels: i32,
    timing: i32,
    number: i32,
}

mod calls {
    nix::ioctl_readwrite!(create_span, 0xDA, 80, super::DynamicSpan);
    nix::ioctl_write_ptr!(destroy_span, 0xDA, 81, super::DynamicSpan);
}

fn control() -> Result<File, String> {
    let path = "/dev/dahdi/ctl";
    OpenOptions::new().read(true).write(true).open(path).map_err(|fault| format!("{path}: {fault}"))
}

fn span(address: &str) -> DynamicSpan {
    let mut span =
        DynamicSpan { driver: [0; 20], address: [0; 40], channels: 31, timing: 0, number: 0 };
    span.driver[..3].copy_from_slice(b"loc");
    span.address.iter_mut().zip(address.bytes()).for_each(|(to, from)| *to = from);
    span
}

/// Makes a local span; the kernel's number for it.
///
/// # Errors
/// The kernel's.
pub fn create(address: &str) -> Result<i32, String> {
    let mut span = span(address);
    let control = control()?;
    // SAFETY: the kernel reads and writes one structure.
    unsafe { calls::create_span(control.as_raw_fd(), &raw mut span) }
        .map_err(|fault| format!("create {address}: {fault}"))?;
    Ok(span.number)
}

/// Takes a local span away.
///
/// # Errors
/// The kernel's.
pub fn destroy(address: &str) -> Result<(), String> {
    let span = span(address);
    let control = control()?;
    // SAFETY: the kernel reads one structure.
    unsafe { calls::destroy_span(control.as_raw_fd(), &raw const span) }
        .map(drop)
        .map_err(|fault| format!("destroy {address}: {fault}"))
}
