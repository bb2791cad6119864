//! Two guests with a span over Ethernet between them, and power switches at both.
//!
//! ```text
//!  one: eth0 == DAHDI's dynamic_eth == UDP of the host == dynamic_eth == eth0: other
//!   "KERNEL: power off peer"  pulls the other's plug at once
//!   "KERNEL: power on peer"   boots it again, with the same program
//! ```
//!
//! Their clocks are the host's: octets can be lost in bursts when it is busy.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use crate::guest::{Report, result};
use crate::plan::{END, Step};
use crate::qemu::{Guest, Said, Setup};
use crate::{Fault, Outcome};

/// What a program prints to switch the other guest off.
pub const OFF: &str = "KERNEL: power off peer";
/// What it prints to switch it on again.
pub const ON: &str = "KERNEL: power on peer";

/// The modules that each of the two needs for the span.
pub const MODULES: [(&str, &str); 3] =
    [("virtio_pci", ""), ("virtio_net", ""), ("dahdi_dynamic_eth", "")];

/// The Ethernet address of guest 0 or 1.
fn address(number: usize) -> String {
    format!("52:54:00:00:00:0{}", number + 1)
}

/// The steps that make the span of guest 0 or 1; 1 follows the clock of 0.
#[must_use]
pub fn span(number: usize) -> Vec<Step> {
    vec![
        Step::Interface("eth0".into()),
        Step::Dynamic {
            driver: "eth".into(),
            address: format!("eth0/{}/0", address(1 - number)),
            channels: 31,
            timing: u16::from(number == 1),
        },
    ]
}

/// Joins two guests to be by a cable, each way one UDP port of the host.
///
/// # Errors
/// There is no free port.
pub fn join(setups: &mut [Setup; 2]) -> Outcome {
    let fault = |fault: std::io::Error| Fault(format!("a port of the host: {fault}"));
    let bind = || UdpSocket::bind("127.0.0.1:0");
    let held = [bind().map_err(fault)?, bind().map_err(fault)?];
    let mut ports = vec![];
    for socket in &held {
        ports.push(socket.local_addr().map_err(fault)?);
    }
    for (number, setup) in setups.iter_mut().enumerate() {
        let (own, far) = (ports[number], ports[1 - number]);
        let mac = address(number);
        let device = format!("virtio-net-pci,netdev=cable,mac={mac},romfile=");
        let cable = format!("socket,id=cable,udp={far},localaddr={own}");
        setup.devices.extend(["-netdev".into(), cable, "-device".into(), device]);
        setup.exact = false;
    }
    Ok(())
}

/// One of the two.
struct Side {
    setup: Setup,
    guest: Option<Guest>,
    lives: u32,
    report: Report,
}

impl Side {
    fn boot(&mut self) -> Outcome {
        let mut setup = self.setup.clone();
        setup.folder = setup.folder.join(format!("life-{}", self.lives));
        self.lives += 1;
        self.guest = Some(setup.start()?);
        Ok(())
    }

    /// One line of it, if there is one soon.
    fn line(&mut self) -> Outcome<Option<String>> {
        let Some(guest) = &mut self.guest else { return Ok(None) };
        match guest.wait(Duration::from_millis(5)) {
            Said::Line(line) if line == END => {
                guest.power_off();
                self.finish()
            }
            Said::End => self.finish(),
            Said::Line(line) => {
                self.report.results.extend(result(&line));
                Ok(Some(line))
            }
            Said::Nothing => Ok(None),
        }
    }

    fn finish(&mut self) -> Outcome<Option<String>> {
        if let Some(mut guest) = self.guest.take() {
            self.report.took += guest.age();
            self.report.files = guest.files()?;
        }
        Ok(None)
    }
}

/// Runs both to their ends; `each` sees whose line it is, 0 or 1, and the line.
///
/// # Errors
/// One cannot start, or both together take longer than `limit`.
pub fn run(
    setups: [Setup; 2],
    limit: Duration,
    each: &mut dyn FnMut(usize, &str),
) -> Outcome<[Report; 2]> {
    let none = || Report { results: vec![], files: vec![], took: Duration::ZERO };
    let mut sides = setups.map(|setup| Side { setup, guest: None, lives: 0, report: none() });
    for side in &mut sides {
        side.boot()?;
    }
    let begin = Instant::now();
    while sides.iter().any(|side| side.guest.is_some()) {
        if begin.elapsed() > limit {
            return Err(Fault(format!("Two guests took longer than {} s.", limit.as_secs())));
        }
        for number in [0, 1] {
            let Some(line) = sides[number].line()? else { continue };
            each(number, &line);
            let peer = &mut sides[1 - number];
            if line == OFF {
                drop(peer.guest.take());
            } else if line == ON && peer.guest.is_none() {
                peer.boot()?;
            }
        }
    }
    Ok(sides.map(|side| side.report))
}
