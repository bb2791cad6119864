//! Configures and opens a span or a port: everything that may wait. Never on the line thread.

use hal_card::{Signalling, Trouble};
use units::Law;
use units::media::BLOCK_SAMPLES;

use crate::abi::{config, sig};
use crate::kernel::{ChannelConfig, Errno, Kernel, SpanConfig};
use crate::plan::{Blocks, Flash, Plan, PortPlan, SLOTS, Side, SpanPlan, UnitPlan};

/// The kernel numbers channels from 1 to this.
const MOST_CHANNELS: i32 = 1024;
/// Frames in each of the kernel's buffers of a D channel.
const FRAME_BUFFERS: usize = 16;
/// Octets of the check sequence that the kernel hands over with a frame and wants room for.
pub(crate) const FCS_OCTETS: usize = 2;
/// Room for a frame and its check sequence.
pub(crate) const FRAME_ROOM: usize = limits::FRAME_OCTETS + FCS_OCTETS;
/// Signalling bits of an idle channel: blocked for calls (Q.421 table 1), until told otherwise.
const IDLE_BITS: i32 = 0b1101;
/// The kernel's own canceller for cards without one.
const ECHO_NAME: &str = "mg2";

/// The open descriptors of one unit.
#[derive(Debug)]
pub(crate) enum Ports<P> {
    /// All slots of a span, the D channel beside them unless its frames are ours.
    Together { bundle: P, data: Option<P> },
    /// Each bearer slot of a span in order, and the D channel.
    Each { bearers: Vec<P>, data: Option<P> },
    /// An analog port.
    Port(P),
}

impl<P> Ports<P> {
    /// The port by which the unit is waited for.
    pub(crate) fn first(&self) -> Option<&P> {
        match self {
            Self::Together { bundle: port, .. } | Self::Port(port) => Some(port),
            Self::Each { bearers, .. } => bearers.first(),
        }
    }
}

fn trouble(errno: Errno) -> Trouble {
    match errno {
        libc::ENOENT | libc::ENXIO | libc::ENODEV => Trouble::Missing,
        libc::EACCES | libc::EPERM => Trouble::Forbidden,
        libc::EBUSY => Trouble::Busy,
        other => Trouble::Refused(other),
    }
}

/// Configures and opens a unit of the card.
pub(crate) fn bring_up<K: Kernel>(
    kernel: &K,
    card: &Plan,
    unit: &UnitPlan,
) -> Result<Ports<K::Port>, Trouble> {
    let law = card.kernels_law(unit);
    match unit {
        UnitPlan::Span(span) => open_span(kernel, card, span, law),
        UnitPlan::Port(port) => open_port(kernel, card, port, law),
    }
}

/// Opens a channel of sound with the card's buffers; they are counted in octets of the law also
/// where blocks are samples.
fn open_sound<K: Kernel>(
    kernel: &K,
    card: &Plan,
    number: i32,
    audio: bool,
) -> Result<K::Port, Errno> {
    let port = kernel.open(number, BLOCK_SAMPLES, card.buffers.blocks)?;
    if audio {
        kernel.audio_mode(&port)?;
    }
    if card.blocks == Blocks::Linear {
        kernel.linear(&port)?;
    }
    Ok(port)
}

/// The kernel's number of the first channel of a span.
fn first_channel<K: Kernel>(kernel: &K, span: i32) -> Result<i32, Trouble> {
    // A number out of range or a span without its first channel: looked at one by one, since
    // spans may have holes between them.
    kernel.span(span).map_err(|errno| match errno {
        libc::EINVAL => Trouble::Missing,
        other => trouble(other),
    })?;
    let at = |number| kernel.channel(number).ok();
    let found = (1..=MOST_CHANNELS).filter_map(at).find(|c| c.span == span && c.position == 1);
    found.map(|channel| channel.number).ok_or(Trouble::Missing)
}

/// The bits of the line configuration that a span shall have.
pub(crate) fn line_bits(plan: &SpanPlan) -> i32 {
    let mut line = config::HDB3;
    if plan.crc4 {
        line |= config::CRC4;
    }
    if matches!(plan.signalling, Signalling::Common(_)) {
        line |= config::CCS;
    }
    line
}

fn open_span<K: Kernel>(
    kernel: &K,
    card: &Plan,
    plan: &SpanPlan,
    law: Option<Law>,
) -> Result<Ports<K::Port>, Trouble> {
    let first = first_channel(kernel, plan.number)?;
    let span = SpanConfig {
        number: plan.number,
        line: line_bits(plan),
        clock: plan.clock_priority.into(),
    };
    kernel.configure_span(&span).map_err(trouble)?;
    configure_channels(kernel, plan, first, law).map_err(trouble)?;
    kernel.start_span(plan.number).map_err(trouble)?;
    let number = |index: usize| first + i32::try_from(index).unwrap_or(0);
    let common = matches!(plan.signalling, Signalling::Common(_));
    let data = plan
        .apart()
        .filter(|_| common)
        .map(|index| kernel.open(number(index), FRAME_ROOM, FRAME_BUFFERS))
        .transpose()
        .map_err(trouble)?;
    if plan.together() {
        let room = plan.octets().count() * BLOCK_SAMPLES;
        let master = number(plan.octets().next().unwrap_or(0));
        let bundle = kernel.open(master, room, card.buffers.blocks).map_err(trouble)?;
        return Ok(Ports::Together { bundle, data });
    }
    let mut bearers = Vec::with_capacity(SLOTS);
    for index in plan.octets() {
        // A channel with bits of its own is one of sound already.
        let audio = common;
        bearers.push(open_sound(kernel, card, number(index), audio).map_err(trouble)?);
    }
    Ok(Ports::Each { bearers, data })
}

fn configure_channels<K: Kernel>(
    kernel: &K,
    plan: &SpanPlan,
    first: i32,
    law: Option<Law>,
) -> Result<(), Errno> {
    let (apart, lead) = (plan.apart(), plan.octets().next().unwrap_or(0));
    for index in 0..SLOTS {
        let at = |index| first + i32::try_from(index).unwrap_or(0);
        let number = at(index);
        let signalling = match plan.signalling {
            // The kernel makes slot 16 from the bits of the others.
            Signalling::Associated if apart == Some(index) => continue,
            Signalling::Associated => sig::CAS,
            Signalling::Common(_) if apart == Some(index) => sig::HDLCFCS,
            // The first of those that are joined leads.
            Signalling::Common(_) if plan.together() && index != lead => sig::SLAVE,
            Signalling::Common(_) => sig::CLEAR,
        };
        kernel.configure_channel(&ChannelConfig {
            number,
            signalling,
            master: if signalling == sig::SLAVE { at(lead) } else { number },
            law,
            idle_bits: if signalling == sig::CAS { IDLE_BITS } else { 0 },
        })?;
        if !plan.together() && apart != Some(index) {
            // A kernel without this canceller serves all the same: switching it on then fails.
            let _ = kernel.attach_echo(number, ECHO_NAME);
        }
    }
    Ok(())
}

fn open_port<K: Kernel>(
    kernel: &K,
    card: &Plan,
    plan: &PortPlan,
    law: Option<Law>,
) -> Result<Ports<K::Port>, Trouble> {
    let channel = kernel.channel(plan.channel).map_err(|errno| match errno {
        libc::EINVAL => Trouble::Missing,
        other => trouble(other),
    })?;
    let signalling = match plan.side {
        Side::Telephone => sig::FXOKS,
        Side::Exchange => sig::FXSKS,
    };
    let config =
        ChannelConfig { number: plan.channel, signalling, master: plan.channel, law, idle_bits: 0 };
    kernel.configure_channel(&config).map_err(trouble)?;
    if plan.echo {
        let _ = kernel.attach_echo(plan.channel, ECHO_NAME);
    }
    if plan.side == Side::Telephone {
        kernel.load_zone().map_err(trouble)?;
    }
    kernel.start_span(channel.span).map_err(trouble)?;
    let port = open_sound(kernel, card, plan.channel, false).map_err(trouble)?;
    let Flash { most_ms, .. } = card.flash;
    let times = kernel.flash_times(&port, most_ms.into(), card.flash.own_ms().into());
    times.map_err(trouble)?;
    Ok(Ports::Port(port))
}
