//! The cards of a board file, opened. What is not there is waited for a while and then gone on
//! without: it comes later by itself, and an alarm names its port until then.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

use board::{
    Board, CardEntry, Country, Driver, Echo, Frames, JackRole, Signalling, Slots, SpanEntry,
};
use hal_alsa::Role;
use hal_card::{Card, Fault};
use hal_dahdi::{
    Blocks, Buffers, DahdiCard, Flash, Found, Kernel, Plan, PortPlan, Side, SpanPlan, System,
    Transport, UnitPlan, survey,
};
use hal_virtual::{Shape, VirtualCard};
use units::{ClockDomain, Duration, SpanId};

use crate::clock;

/// Where the kernel's telephony devices are.
pub const DAHDI: &str = "/dev/dahdi";

/// Opens every card in the order of the board and every jack behind them, as the layout counts
/// them; `log` is told what is missing. `inherited`: open files that another process handed over,
/// by the numbers of their cards. A sound card that is not there is a trouble of its socket.
///
/// # Errors
/// A sentence if a card cannot even be waited for.
pub fn open_cards(
    board: &Board,
    run: &Path,
    patience: Duration,
    inherited: &mut BTreeMap<usize, OwnedFd>,
    log: impl Fn(&str),
) -> Result<Vec<Box<dyn Card + Send>>, String> {
    let mut cards: Vec<Box<dyn Card + Send>> = vec![];
    for (index, (name, entry)) in board.card.iter().enumerate() {
        let domain = ClockDomain(u8::try_from(index).unwrap_or(u8::MAX));
        match entry.driver {
            Driver::Virtual => {
                let path = run.join(&entry.socket);
                let stream = inherited.remove(&index).map(UnixStream::from);
                let (card, missing) = open_virtual(stream, &path, entry, domain, patience)?;
                if let Some(missing) = missing {
                    log(&format!("card {name}: {missing}"));
                }
                cards.push(Box::new(card));
            }
            Driver::Dahdi => {
                let plan = plan(entry, domain, &board.in_country)?;
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
    mut inherited: Option<UnixStream>,
    path: &Path,
    entry: &CardEntry,
    domain: ClockDomain,
    patience: Duration,
) -> Result<(VirtualCard, Option<String>), String> {
    let spans = entry.spans()?;
    let lines = entry.trunk.len();
    let shape = Shape { spans: spans.len(), ports: entry.telephone.len(), lines };
    let first = SpanId(spans.first().map_or(1, |(number, _)| *number));
    let signalling = || spans.iter().map(|(_, span)| signalling(span));
    let mut left = patience;
    let why = loop {
        let second = Duration::from_secs(1);
        let opened = match inherited.take() {
            Some(stream) => VirtualCard::adopt(stream, path, first, domain, second),
            None => VirtualCard::open(path, first, domain, second),
        };
        match opened {
            Ok(card) if card.shape() == shape => {
                return Ok((card.with_signalling(signalling()), None));
            }
            Ok(card) => {
                break format!(
                    "the card at {} has {}, the board file says {}; start it as the board file \
                     says, or correct the board file",
                    path.display(),
                    in_words(card.shape()),
                    in_words(shape)
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
    Ok((VirtualCard::absent(path, first, domain, shape).with_signalling(signalling()), Some(why)))
}

/// Where a card finds the signalling of a span.
const fn signalling(span: &SpanEntry) -> hal_card::Signalling {
    match span.signalling {
        Signalling::Pri => hal_card::Signalling::Common(span.d_slot()),
        Signalling::Cas => hal_card::Signalling::Associated,
    }
}

fn in_words(Shape { spans, ports, lines }: Shape) -> String {
    format!("{spans} spans, {ports} telephones and {lines} exchange lines")
}

/// What the driver of the kernel's telephony devices has to open.
fn plan(entry: &CardEntry, clock: ClockDomain, country: &Country) -> Result<Plan, String> {
    let mut units = vec![];
    for (number, span) in entry.spans()? {
        units.push(UnitPlan::Span(SpanPlan {
            span: SpanId(number),
            number: span.kernel,
            crc4: span.crc4,
            clock_priority: span.clock,
            signalling: signalling(span),
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
    let [least_ms, most_ms] = country.flash_ms.value;
    Ok(Plan {
        clock,
        law: country.law.value,
        buffers: Buffers::REALTIME,
        blocks: match entry.blocks {
            board::Blocks::Law => Blocks::Law,
            board::Blocks::Linear => Blocks::Linear,
        },
        flash: Flash { least_ms, most_ms },
        units,
    })
}

/// What the kernel shows and no socket of the board file is: how each is called.
#[must_use]
pub fn unexpected(board: &Board) -> Vec<String> {
    unexpected_spans(&System::new(Path::new(DAHDI)), board)
}

fn unexpected_spans(kernel: &impl Kernel, board: &Board) -> Vec<String> {
    if matches!(kernel.span(1), Err(libc::ENOENT | libc::EACCES)) {
        return vec![];
    }
    let cards = || board.card.values().filter(|card| card.driver == Driver::Dahdi);
    let spans: Vec<_> = cards().flat_map(|card| card.span.values()).map(|s| s.kernel).collect();
    let ports = cards().flat_map(|card| card.telephone.values().chain(card.trunk.values()));
    let ports: Vec<_> = ports.map(|port| port.kernel).collect();
    // Of a bank with many ports some may be left free.
    let used = |found: &Found| {
        spans.contains(&found.span.number)
            || found.channels.iter().any(|channel| ports.contains(&channel.number))
    };
    let extra = survey(kernel).into_iter().filter(|found| !used(found));
    extra.map(|found| format!("DAHDI span {}", found.span.number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_is_told_what_its_blocks_are_and_what_is_a_flash_in_the_country() {
        let text = |blocks: &str| {
            format!(
                "name = \"x\"\ntitle = \"X\"\ncountry = \"cn\"\n[card.a]\ndriver = \"dahdi\"\n\
                 {blocks}[card.a.telephone.1]\nlabel = \"TEL 1\"\nkernel = 63\n"
            )
        };
        for (line, blocks) in [("", Blocks::Law), ("blocks = \"linear\"\n", Blocks::Linear)] {
            let file = |name: &str| match name {
                "country/cn.toml" => Ok(include_str!("../../../boards/country/cn.toml").into()),
                _ => Ok(text(line)),
            };
            let board = board::read(&file, "x").expect("a board");
            let plan = plan(&board.card["a"], ClockDomain(0), &board.in_country).expect("a plan");
            assert_eq!(plan.blocks, blocks);
            assert_eq!(plan.flash, Flash { least_ms: 80, most_ms: 500 });
        }
    }

    #[test]
    fn a_card_that_the_board_file_does_not_name_is_told() {
        let text = "name = \"x\"\ntitle = \"X\"\n[card.a]\ndriver = \"dahdi\"\n\
                    [card.a.span.1]\nlabel = \"E1 1\"\nkernel = 2\n\
                    [card.a.telephone.1]\nlabel = \"TEL 1\"\nkernel = 63\n";
        let board = board::read(&|_: &str| Ok(text.to_owned()), "x").expect("a board");
        let fake = hal_dahdi::fake::Fake::new(1, 2);
        assert_eq!(unexpected_spans(&fake, &board), ["DAHDI span 1"]);
        fake.play(1, hal_dahdi::fake::Mischief::Unplugged(true));
        assert!(unexpected_spans(&fake, &board).is_empty());
    }
}
