//! The cards of a board file, opened. What is not there is waited for a while and then gone on
//! without: it comes later by itself, and an alarm names its port until then.

use std::path::Path;
use std::sync::Arc;

use board::{Board, CardEntry, Driver, Echo, Frames, JackRole, Signalling, Slots};
use hal_alsa::Role;
use hal_card::{Card, Fault};
use hal_dahdi::{Buffers, DahdiCard, Plan, PortPlan, Side, SpanPlan, System, Transport, UnitPlan};
use hal_virtual::{Shape, VirtualCard};
use units::{ClockDomain, Duration, Law, SpanId};

use crate::clock;

/// Where the kernel's telephony devices are.
pub const DAHDI: &str = "/dev/dahdi";

/// Opens every card in the order of the board and every jack behind them, as the layout counts
/// them; `log` is told what is missing. A sound card that is not there is a trouble of its socket.
///
/// # Errors
/// A sentence if a card cannot even be waited for.
pub fn open_cards(
    board: &Board,
    run: &Path,
    patience: Duration,
    log: impl Fn(&str),
) -> Result<Vec<Box<dyn Card + Send>>, String> {
    let mut cards: Vec<Box<dyn Card + Send>> = vec![];
    for (index, (name, entry)) in board.card.iter().enumerate() {
        let domain = ClockDomain(u8::try_from(index).unwrap_or(u8::MAX));
        match entry.driver {
            Driver::Virtual => {
                let path = run.join(&entry.socket);
                let (card, missing) = open_virtual(&path, entry, domain, patience)?;
                if let Some(missing) = missing {
                    log(&format!("card {name}: {missing}"));
                }
                cards.push(Box::new(card));
            }
            Driver::Dahdi => {
                let plan = plan(entry, domain, board.in_country.law.value)?;
                let kernel = Arc::new(System::new(Path::new(DAHDI)));
                let card = DahdiCard::open(kernel, &plan)
                    .map_err(|fault| format!("card {name}: no thread for it: {fault:?}"))?;
                cards.push(Box::new(card));
            }
        }
    }
    for (index, (_, jack)) in (cards.len()..).zip(board.jacks()) {
        let domain = ClockDomain(u8::try_from(index).unwrap_or(u8::MAX));
        let settings = hal_alsa::Settings::of(role(jack.role), &jack.device);
        let card = hal_alsa::card::open(settings, domain, clock::monotonic)
            .map_err(|fault| format!("{}: {fault}", jack.label))?;
        cards.push(Box::new(card));
    }
    Ok(cards)
}

/// A jack's role as its driver calls it.
const fn role(role: JackRole) -> Role {
    match role {
        JackRole::Music => Role::MusicOnHold,
        JackRole::Paging => Role::Paging,
        JackRole::Handset => Role::Handset,
        JackRole::Door => Role::DoorPhone,
    }
}

/// Waits for the card's program, which may be started after us; and why it is not there.
fn open_virtual(
    path: &Path,
    entry: &CardEntry,
    domain: ClockDomain,
    patience: Duration,
) -> Result<(VirtualCard, Option<String>), String> {
    let spans = entry.spans()?;
    let shape = Shape { spans: spans.len(), ports: entry.analog()?.len() };
    let first = SpanId(spans.first().map_or(1, |(number, _)| *number));
    let mut left = patience;
    let why = loop {
        match VirtualCard::open(path, first, domain, Duration::from_secs(1)) {
            Ok(card) if card.shape() == shape => return Ok((card, None)),
            Ok(card) => {
                break format!(
                    "the card at {} has {} spans and {} telephones, the board file says {} and {}; \
                     start it as the board file says, or correct the board file",
                    path.display(),
                    card.shape().spans,
                    card.shape().ports,
                    shape.spans,
                    shape.ports
                );
            }
            Err(Fault::Gone) if !left.is_zero() => {
                let pause = Duration::from_millis(50).min(left);
                clock::pause(pause);
                left -= pause;
            }
            Err(Fault::Gone) => {
                break format!(
                    "no card answers at {} within {} s; start ringmain-virtual-card there",
                    path.display(),
                    patience.as_secs()
                );
            }
            Err(fault) => return Err(format!("card at {}: {fault:?}", path.display())),
        }
    };
    Ok((VirtualCard::absent(path, first, domain, shape), Some(why)))
}

/// What the driver of the kernel's telephony devices has to open.
fn plan(entry: &CardEntry, clock: ClockDomain, law: Law) -> Result<Plan, String> {
    let mut units = vec![];
    for (number, span) in entry.spans()? {
        units.push(UnitPlan::Span(SpanPlan {
            span: SpanId(number),
            number: span.kernel,
            crc4: span.crc4,
            clock_priority: span.clock,
            signalling: match span.signalling {
                Signalling::Pri => hal_dahdi::Signalling::Common,
                Signalling::Cas => hal_dahdi::Signalling::Associated,
            },
            frames: match span.frames {
                Frames::Kernel => hal_dahdi::Frames::Kernel,
                Frames::Own => hal_dahdi::Frames::Own,
            },
            transport: match span.slots {
                Slots::Together => Transport::Together,
                Slots::Each => Transport::Each,
            },
        }));
    }
    for (_, trunk, port) in entry.analog()? {
        units.push(UnitPlan::Port(PortPlan {
            side: if trunk { Side::Exchange } else { Side::Telephone },
            channel: port.kernel,
            echo: port.echo == Echo::Card,
        }));
    }
    Ok(Plan { clock, law, buffers: Buffers::REALTIME, units })
}
