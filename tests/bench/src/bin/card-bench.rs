//! In a guest: the cost of a tick with four spans (120 channels of sound) on the kernel's telephony
//! interface, read and written in three ways: a plain loop over a descriptor for each channel, the
//! same through io_uring, and our driver with the slots of a span joined in the kernel.
//!
//! The guest's clock counts instructions (two nanoseconds each), so that figures repeat.
#![expect(unsafe_code, reason = "io_uring takes pointers to buffers")]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::AsRawFd;
use std::process::ExitCode;
use std::sync::Arc;

use bench::clock_ns;
use card_tests::{dynamic, plans};
use hal_card::Card;
use hal_dahdi::{
    Blocks, Buffers, ChannelConfig, DahdiCard, Flash, Frames, Kernel, Plan, SpanConfig, SpanPlan,
    System, UnitPlan, config, sig,
};
use io_uring::{IoUring, opcode, types};
use units::{ClockDomain, Duration, Law};

/// Spans that are measured; as many are behind them.
const SPANS: i32 = 4;
/// Slots of sound of a span.
const SLOTS: usize = 30;
/// Octets of a channel in a tick.
const BLOCK: usize = 16;
const OCTETS: u32 = 16;
/// Ticks before anything is measured, and measured ones.
const WARM: usize = 100;
const MEASURED: usize = 500;

type Outcome<T> = Result<T, String>;

/// The near spans: 1 and 2 are there in pairs with others; more are made.
fn make_spans() -> Outcome<Vec<i32>> {
    let mut near = vec![1];
    for key in 2..=SPANS {
        near.push(dynamic::create(&format!("{key}:0"))?);
        dynamic::create(&format!("{key}:1"))?;
    }
    Ok(near)
}

fn first_channel(kernel: &System, span: i32) -> Outcome<i32> {
    let all = (1..1024).filter_map(|number| kernel.channel(number).ok());
    let found = all.into_iter().find(|c| c.span == span && c.position == 1);
    found.map(|channel| channel.number).ok_or(format!("span {span} has no channels"))
}

/// Opens a descriptor for each slot of sound, without any driver of ours.
fn open_each(kernel: &System, spans: &[i32]) -> Outcome<Vec<std::os::fd::OwnedFd>> {
    let mut ports = vec![];
    for span in spans {
        let wrong = |what: &'static str| move |errno| format!("span {span}: {what}: {errno}");
        let line = config::HDB3 | config::CCS | config::CRC4;
        kernel
            .configure_span(&SpanConfig { number: *span, line, clock: 0 })
            .map_err(wrong("configure"))?;
        let first = first_channel(kernel, *span)?;
        for number in (first..first + 31).filter(|number| *number != first + 15) {
            let signalling = sig::CLEAR;
            let config = ChannelConfig {
                number,
                signalling,
                master: number,
                law: Some(Law::A),
                idle_bits: 0,
            };
            kernel.configure_channel(&config).map_err(wrong("channel"))?;
        }
        kernel.start_span(*span).map_err(wrong("start"))?;
        for number in (first..first + 31).filter(|number| *number != first + 15) {
            ports.push(kernel.open(number, BLOCK, 8).map_err(wrong("open"))?);
        }
    }
    Ok(ports)
}

/// What one tick costs without the waiting for it, in nanoseconds.
fn measure(mut wait: impl FnMut(), mut tick: impl FnMut() -> Outcome<()>) -> Outcome<u64> {
    let mut spent = 0;
    for number in 0..WARM + MEASURED {
        wait();
        let begin = clock_ns();
        tick()?;
        if number >= WARM {
            spent += clock_ns() - begin;
        }
    }
    Ok(spent / MEASURED as u64)
}

/// Errors that say "not now": events of the line when a span starts, an empty or full buffer.
fn later(fault: &std::io::Error) -> bool {
    matches!(fault.raw_os_error(), Some(libc::EAGAIN | hal_dahdi::ELAST))
}

fn plain(kernel: &System, spans: &[i32]) -> Outcome<u64> {
    let ports = open_each(kernel, spans)?;
    let mut files: Vec<File> = vec![];
    for port in ports {
        files.push(File::from(port));
    }
    let mut room = vec![[0xD5_u8; BLOCK]; files.len()];
    let poller = files[0].try_clone().map_err(|fault| fault.to_string())?;
    let port = std::os::fd::OwnedFd::from(poller);
    measure(
        || kernel.wait(&port, Duration::from_millis(100)),
        || {
            for (file, block) in files.iter_mut().zip(&mut room) {
                match file.read(block) {
                    Ok(_) => {}
                    Err(fault) if later(&fault) => {
                        let _ = kernel.event(&port);
                    }
                    Err(fault) => return Err(format!("read: {fault}")),
                }
            }
            for (file, block) in files.iter_mut().zip(&room) {
                match file.write(block) {
                    Ok(_) => {}
                    Err(fault) if later(&fault) => {}
                    Err(fault) => return Err(format!("write: {fault}")),
                }
            }
            Ok(())
        },
    )
}

fn uring(kernel: &System, spans: &[i32]) -> Outcome<u64> {
    let ports = open_each(kernel, spans)?;
    let mut room = vec![[0xD5_u8; BLOCK]; ports.len()];
    let mut ring = IoUring::new(256).map_err(|fault| format!("io_uring: {fault}"))?;
    let port = ports[0].try_clone().map_err(|fault| fault.to_string())?;
    measure(
        || kernel.wait(&port, Duration::from_millis(100)),
        || {
            // All reads, then all writes: each in one system call.
            for writing in [false, true] {
                for (number, (port, block)) in ports.iter().zip(&mut room).enumerate() {
                    let fd = types::Fd(port.as_raw_fd());
                    let octets = block.as_mut_ptr();
                    let entry = if writing {
                        opcode::Write::new(fd, octets, OCTETS).build()
                    } else {
                        opcode::Read::new(fd, octets, OCTETS).build()
                    };
                    // SAFETY: descriptors and blocks outlive the call that waits below.
                    unsafe { ring.submission().push(&entry.user_data(number as u64)) }
                        .map_err(|_| "the ring is full")?;
                }
                ring.submit_and_wait(ports.len()).map_err(|fault| format!("submit: {fault}"))?;
                for done in ring.completion() {
                    let fault = std::io::Error::from_raw_os_error(-done.result());
                    if done.result() < 0 && !later(&fault) {
                        return Err(format!("io_uring: {fault}"));
                    }
                }
            }
            Ok(())
        },
    )
}

fn together(spans: &[i32], frames: Frames) -> Outcome<u64> {
    let unit = |number: &i32| UnitPlan::Span(SpanPlan { frames, ..plans::span(*number) });
    let plan = Plan {
        clock: ClockDomain(0),
        law: Law::A,
        buffers: Buffers::REALTIME,
        blocks: Blocks::Law,
        flash: Flash::USUAL,
        units: spans.iter().map(unit).collect(),
    };
    let kernel = Arc::new(System::new(std::path::Path::new("/dev/dahdi")));
    let mut card = DahdiCard::open(kernel, &plan).map_err(|fault| format!("{fault:?}"))?;
    let count = card.channels().len();
    let mut blocks = vec![[0xD5; BLOCK]; count];
    let (mut spent, mut ticks) = (0, 0);
    // Looks that find nothing are the waiting, not the cost.
    for _ in 0..200 * (WARM + MEASURED) {
        let begin = clock_ns();
        let received = card.receive(&mut blocks, Duration::ZERO).map_err(|f| format!("{f:?}"))?;
        if !received.block {
            std::thread::sleep(Duration::from_micros(200));
            continue;
        }
        card.transmit(&blocks).map_err(|fault| format!("{fault:?}"))?;
        while card.poll_event().is_some() {}
        ticks += 1;
        if ticks > WARM {
            spent += clock_ns() - begin;
        }
        if ticks == WARM + MEASURED {
            return Ok(spent / MEASURED as u64);
        }
    }
    Err("the spans deliver too few blocks".into())
}

fn run() -> Outcome<String> {
    let kernel = System::new(std::path::Path::new("/dev/dahdi"));
    let spans = make_spans()?;
    let plain = plain(&kernel, &spans)?;
    let uring = uring(&kernel, &spans)?;
    let kernel_frames = together(&spans, Frames::Kernel)?;
    let own_frames = together(&spans, Frames::Own)?;
    let us = |ns: u64| format!("{}.{:01}", ns / 1000, ns % 1000 / 100);
    let ratio = |ns: u64| {
        let thousandths = ns * 1000 / plain.max(1);
        format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
    };
    Ok(format!(
        "channels={} plain_us={} uring_us={} together_us={} together_own_hdlc_us={} \
         uring_ratio={} ratio={} own_hdlc_ratio={}",
        spans.len() * SLOTS,
        us(plain),
        us(uring),
        us(kernel_frames),
        us(own_frames),
        ratio(uring),
        ratio(kernel_frames),
        ratio(own_frames)
    ))
}

fn main() -> ExitCode {
    if card_tests::tell("card-bench", &run()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
