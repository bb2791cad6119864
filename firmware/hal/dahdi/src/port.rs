//! One analog port of a card.

use hal_card::{Event, Fault, Octets, Voltages};
use units::media::BLOCK_SAMPLES;

use crate::abi::{event, hook};
use crate::bring_up::Ports;
use crate::io::Moved;
use crate::kernel::Kernel;
use crate::plan::{PortPlan, Side};
use crate::sound::Sound;
use crate::unit::{Events, Got, Watch, push};

/// Taps of the card's echo canceller at an analog port: 32 ms.
const ECHO_TAPS: i32 = 256;

/// One analog port as the driver keeps it.
pub(crate) struct PortUnit<P> {
    pub(crate) plan: PortPlan,
    /// Its channel on the card.
    pub(crate) base: usize,
    sound: Sound,
    port: Option<P>,
    pub(crate) watch: Watch,
    /// The telephone's loop, or the exchange's ringing, as told last; how the loop is at first is
    /// told too.
    on: Option<bool>,
    trim: bool,
}

impl<P> PortUnit<P> {
    pub(crate) fn new(plan: PortPlan, base: usize, sound: Sound) -> Self {
        Self { plan, base, sound, port: None, watch: Watch::default(), on: None, trim: false }
    }

    pub(crate) fn adopt<K: Kernel<Port = P>>(
        &mut self,
        kernel: &K,
        ports: Ports<P>,
        events: &mut Events,
    ) {
        let Ports::Port(port) = ports else { return };
        if self.plan.side == Side::Telephone {
            self.set(kernel.off_hook(&port) == Ok(true), events);
        }
        self.port = Some(port);
        self.watch.opened();
        for _ in 0..self.sound.lead {
            self.transmit(kernel, &[self.sound.idle; BLOCK_SAMPLES], events);
        }
    }

    /// Gives the port away to be closed: whoever used it has put the handset down.
    pub(crate) fn lose(&mut self, events: &mut Events) -> Option<Ports<P>> {
        self.set(false, events);
        self.port.take().map(Ports::Port)
    }

    pub(crate) const fn first(&self) -> Option<&P> {
        self.port.as_ref()
    }

    fn set(&mut self, on: bool, events: &mut Events) {
        let before = self.on.replace(on);
        if before != Some(on) && (before.is_some() || on || self.plan.side == Side::Telephone) {
            let channel = self.base;
            push(
                events,
                match self.plan.side {
                    Side::Telephone => Event::Hook { channel, off_hook: on },
                    Side::Exchange => Event::Ringing { channel, on },
                },
            );
        }
    }

    /// What an event of the kernel means.
    fn heard(&mut self, code: i32, got: &mut Got, events: &mut Events) {
        let channel = self.base;
        match (code, self.plan.side) {
            (event::RINGOFFHOOK, Side::Telephone) | (event::RINGBEGIN, Side::Exchange) => {
                self.set(true, events);
            }
            (event::ONHOOK, Side::Telephone) | (event::RINGOFFHOOK, Side::Exchange) => {
                self.set(false, events);
            }
            // The exchange has opened the loop: its battery is gone.
            (event::ONHOOK, Side::Exchange) => {
                push(events, Event::Hook { channel, off_hook: false })
            }
            (event::WINKFLASH, _) => push(events, Event::Flash { channel }),
            (event::POLARITY, Side::Exchange) => push(events, Event::Polarity { channel }),
            (event::REMOVED, _) => got.lost = true,
            (event::READ_OVERRUN, _) => got.missing += 1,
            _ => {}
        }
    }

    pub(crate) fn receive<K: Kernel<Port = P>>(
        &mut self,
        kernel: &K,
        block: &mut Octets,
        events: &mut Events,
    ) -> Got {
        let mut got = Got::default();
        let Some(port) = self.port.take() else {
            *block = [self.sound.idle; BLOCK_SAMPLES];
            return got;
        };
        let sound = self.sound;
        let mut heard = |code| self.heard(code, &mut got, events);
        let moved = sound.read(kernel, &port, block, &mut heard);
        match moved {
            Moved::Whole(count) => {
                got.block = true;
                if let Some(rest) = block.get_mut(count..) {
                    rest.fill(self.sound.idle);
                }
            }
            Moved::Nothing | Moved::Lost | Moved::Failed(_) => {
                *block = [self.sound.idle; BLOCK_SAMPLES];
            }
        }
        self.port = Some(port);
        got.lost |= self.watch.saw(moved);
        got
    }

    pub(crate) fn transmit<K: Kernel<Port = P>>(
        &mut self,
        kernel: &K,
        block: &Octets,
        events: &mut Events,
    ) {
        if std::mem::take(&mut self.trim) {
            return;
        }
        let Some(port) = self.port.take() else { return };
        let (mut got, sound) = (Got::default(), self.sound);
        let _ = sound.write(kernel, &port, block, &mut |code| self.heard(code, &mut got, events));
        self.port = Some(port);
    }

    fn open(&self) -> Result<&P, Fault> {
        self.port.as_ref().ok_or(Fault::Gone)
    }

    fn on_side(&self, side: Side) -> Result<&P, Fault> {
        if self.plan.side == side { self.open() } else { Err(Fault::NoSuchChannel) }
    }

    pub(crate) fn ring<K: Kernel<Port = P>>(&self, kernel: &K, on: bool) -> Result<(), Fault> {
        let what = if on { hook::RING } else { hook::RINGOFF };
        match kernel.hook(self.on_side(Side::Telephone)?, what) {
            // The handset was lifted this moment: there is nothing to ring.
            Err(libc::EBUSY) => Ok(()),
            other => other.map_err(Fault::System),
        }
    }

    pub(crate) fn close_loop<K: Kernel<Port = P>>(
        &self,
        kernel: &K,
        closed: bool,
    ) -> Result<(), Fault> {
        let what = if closed { hook::OFF } else { hook::ON };
        kernel.hook(self.on_side(Side::Exchange)?, what).map_err(Fault::System)
    }

    pub(crate) fn flash<K: Kernel<Port = P>>(&self, kernel: &K) -> Result<(), Fault> {
        kernel.hook(self.on_side(Side::Exchange)?, hook::FLASH).map_err(Fault::System)
    }

    pub(crate) fn polarity<K: Kernel<Port = P>>(
        &self,
        kernel: &K,
        reversed: bool,
    ) -> Result<(), Fault> {
        kernel.polarity(self.on_side(Side::Telephone)?, reversed).map_err(Fault::System)
    }

    pub(crate) fn on_hook_sound<K: Kernel<Port = P>>(
        &self,
        kernel: &K,
        ms: u16,
    ) -> Result<(), Fault> {
        match kernel.on_hook_sound(self.on_side(Side::Telephone)?, ms.into()) {
            // A driver that knows no such thing lets sound through at any time.
            Err(libc::ENOTTY) => Ok(()),
            other => other.map_err(Fault::System),
        }
    }

    pub(crate) fn echo<K: Kernel<Port = P>>(&self, kernel: &K, on: bool) -> Result<(), Fault> {
        if !self.plan.echo {
            return Err(Fault::NoSuchChannel);
        }
        kernel.echo(self.open()?, if on { ECHO_TAPS } else { 0 }).map_err(Fault::System)
    }

    pub(crate) fn voltages<K: Kernel<Port = P>>(&self, kernel: &K) -> Option<Voltages> {
        kernel.voltages(self.port.as_ref()?).ok()
    }

    /// Sees to it that what waits to be sent does not grow.
    pub(crate) fn look<K: Kernel<Port = P>>(&mut self, kernel: &K) {
        let fill = self.port.as_ref().and_then(|port| kernel.fill(port).ok()).unwrap_or_default();
        self.trim = usize::try_from(fill.write).unwrap_or(0) > self.sound.lead + 1;
    }
}
