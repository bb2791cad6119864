//! GPIO, SPI and I2C of a guest.
#![expect(unsafe_code, reason = "ioctl has no safe form")]

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd as _;

/// `struct gpiochip_info`.
#[repr(C)]
struct ChipInfo {
    name: [u8; 32],
    label: [u8; 32],
    lines: u32,
}

/// `struct spi_ioc_transfer`.
#[repr(C)]
#[derive(Default)]
struct Transfer {
    transmit: u64,
    receive: u64,
    octets: u32,
    speed_hz: u32,
    delay_us: u16,
    bits: u8,
    change: u8,
    transmit_wires: u8,
    receive_wires: u8,
    word_delay_us: u8,
    unused: u8,
}

/// `struct i2c_smbus_ioctl_data`.
#[repr(C)]
struct Smbus {
    read: u8,
    command: u8,
    size: u32,
    data: *mut u8,
}

nix::ioctl_read!(chip_info, 0xb4, 1, ChipInfo);
nix::ioctl_write_ptr!(spi_message, 0x6b, 0, Transfer);
nix::ioctl_write_int_bad!(i2c_slave, 0x0703);
nix::ioctl_write_ptr_bad!(i2c_smbus, 0x0720, Smbus);

fn open(path: &str) -> io::Result<File> {
    let named = |fault: io::Error| io::Error::new(fault.kind(), format!("{path}: {fault}"));
    File::options().read(true).write(true).open(path).map_err(named)
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: &T, want: &T) -> io::Result<()> {
    if got == want {
        return Ok(());
    }
    Err(io::Error::other(format!("{what}: {got:?} instead of {want:?}")))
}

/// A simulated chip of 54 lines, a bus that is wired to itself, an I2C memory at 0x20.
pub(crate) fn all() -> io::Result<()> {
    gpio()?;
    spi()?;
    i2c()
}

fn gpio() -> io::Result<()> {
    let chip = open("/dev/gpiochip0")?;
    let mut info = ChipInfo { name: [0; 32], label: [0; 32], lines: 0 };
    // SAFETY: the pointer is that of a live structure of the layout that this request writes.
    unsafe { chip_info(chip.as_raw_fd(), &raw mut info) }?;
    same("lines of the GPIO chip", &info.lines, &54)?;
    let line = "/sys/devices/platform/gpio-sim.0/gpiochip0/sim_gpio7";
    fs::write(format!("{line}/pull"), "pull-up")?;
    let value = fs::read_to_string(format!("{line}/value"))?;
    same("a line that is pulled up", &value.trim(), &"1")
}

fn spi() -> io::Result<()> {
    let bus = open("/dev/spidev0.0")?;
    let (sent, mut heard) = ([1_u8, 2, 3, 0xff], [0_u8; 4]);
    let transfer = Transfer {
        transmit: sent.as_ptr().addr() as u64,
        receive: heard.as_mut_ptr().expose_provenance() as u64,
        octets: 4,
        ..Transfer::default()
    };
    // SAFETY: both buffers live until after the call and hold the octets that it names.
    unsafe { spi_message(bus.as_raw_fd(), &raw const transfer) }?;
    same("what came back over SPI", &heard, &sent)
}

fn i2c() -> io::Result<()> {
    let bus = open("/dev/i2c-0")?;
    // SAFETY: this request takes its argument as a number.
    unsafe { i2c_slave(bus.as_raw_fd(), 0x20) }?;
    let mut value = [0x5a_u8; 34];
    let write = Smbus { read: 0, command: 3, size: 2, data: value.as_mut_ptr() };
    // SAFETY: `data` points to a live union of 34 octets, as this request wants.
    unsafe { i2c_smbus(bus.as_raw_fd(), &raw const write) }?;
    let mut value = [0_u8; 34];
    let read = Smbus { read: 1, command: 3, size: 2, data: value.as_mut_ptr() };
    // SAFETY: as above; the answer is written there.
    unsafe { i2c_smbus(bus.as_raw_fd(), &raw const read) }?;
    same("what an I2C register keeps", &value[0], &0x5a)
}
