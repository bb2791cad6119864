//! What each happening does.

use ringmain_core::control::Heard as BoxHeard;
use units::{Duration, PortId};

use crate::check::Violation;
use crate::faults::kinds::Fault;
use crate::trunk::wire::{Heard, LineFaults};
use crate::world::{Happening, World};

impl World {
    pub(crate) fn happen(&mut self, happening: Happening) -> Result<(), Violation> {
        match happening {
            Happening::Tick { trunk, of, to_box } => self.tick(trunk, of, to_box),
            Happening::Disk if self.strikes(Fault::Power, 400) => {
                self.appliance.disk.busy = false;
                self.power_off(true);
            }
            Happening::Disk => {
                self.appliance.disk.busy = false;
                for done in self.appliance.disk.perform() {
                    self.disk_done(done)?;
                }
                self.disk_soon();
            }
            // At the worst of moments: before a fold, or before it is acknowledged.
            Happening::Fold(session) | Happening::Acknowledge(session, _)
                if session == self.daemon.session && self.strikes(Fault::Daemon, 40) =>
            {
                self.daemon_kill();
            }
            Happening::ToDaemon(session) if session == self.daemon.session => {
                if self.daemon.take() {
                    let micros = self.random.below(5000);
                    self.after(Duration::from_micros(micros), Happening::Fold(session));
                }
                self.send_down();
            }
            Happening::ToCore(session) if session == self.daemon.session => {
                while let Some(octets) = self.daemon.to_core.pop_front() {
                    self.daemon_says(&octets);
                }
            }
            Happening::Fold(session) if session == self.daemon.session => {
                if let Some(number) = self.daemon.fold()? {
                    let micros = self.random.below(5000);
                    let acknowledge = Happening::Acknowledge(session, number);
                    self.after(Duration::from_micros(micros), acknowledge);
                }
            }
            Happening::Acknowledge(session, number) if session == self.daemon.session => {
                self.daemon.acknowledge(number);
                self.send_down();
            }
            // Of a session that is over.
            Happening::ToDaemon(_)
            | Happening::ToCore(_)
            | Happening::Fold(_)
            | Happening::Acknowledge(..) => {}
            other => return self.happen_outside(other),
        }
        Ok(())
    }

    /// What happens around the box, not between it and its daemon.
    fn happen_outside(&mut self, happening: Happening) -> Result<(), Violation> {
        match happening {
            Happening::ClipEnd(port, generation) if self.line_thread.sleeps() => {
                self.later(2, Happening::ClipEnd(port, generation));
            }
            Happening::ClipEnd(port, generation) => self.clip_end(port, generation),
            Happening::Person(trunk, leg, act) => self.person(trunk, leg, act),
            Happening::Signal(trunk, message) => {
                let now = self.now;
                self.trunks[trunk].exchange.far.say(now, &message);
            }
            Happening::Telephone(index, generation, act) => {
                self.telephone_acts(index, generation, act);
            }
            Happening::Line(index, generation, act) => self.line_acts(index, generation, act),
            Happening::Bits { trunk, to, port } => self.bits_come(trunk, to, port),
            Happening::Tone { trunk, to, port } => self.tone_comes(trunk, to, port),
            Happening::Unblock(trunk, slot) => self.unblock_circuit(trunk, slot),
            Happening::DiskStands(ms) => self.disk_stands(ms),
            Happening::Call => self.call(),
            Happening::Whim(index) => self.whim(index),
            Happening::Jacks => self.jacks(),
            Happening::Operator => self.operator(),
            Happening::Begin(fault) => self.begin(fault)?,
            Happening::End(fault, trunk) => self.end(fault, trunk)?,
            Happening::Awake => self.line_thread_wakes()?,
            Happening::Calendar => {
                self.look_at_calendar();
                self.later(60_000, Happening::Calendar);
            }
            // Long enough for what calls on a line that is gone wait for.
            Happening::Evening if self.gone.is_some() && !self.late => {
                self.late = true;
                self.later(150_000, Happening::Evening);
            }
            Happening::Evening => self.go_home()?,
            Happening::Restart => {
                self.power_on()?;
                self.daemon_start();
            }
            // Between the box and its daemon.
            Happening::Tick { .. }
            | Happening::Disk
            | Happening::ToDaemon(_)
            | Happening::ToCore(_)
            | Happening::Fold(_)
            | Happening::Acknowledge(..) => {}
        }
        Ok(())
    }

    /// Whether a fault of a known kind happens right now, once in `n` times. Its end is planned.
    fn strikes(&mut self, fault: Fault, n: u64) -> bool {
        let strikes = self.kinds.has(fault) && !self.evening && self.random.one_in(n);
        if strikes {
            let after = 10 + self.random.below(5000);
            self.later(after, Happening::Restart);
        }
        strikes
    }

    /// A block of a D channel comes out at its far end.
    fn tick(&mut self, index: usize, of: usize, to_box: bool) {
        let gone = self.is_gone(self.trunks[index].cables[of].unit);
        let Self { trunks, random, tally, evening, now, .. } = self;
        let trunk = &mut trunks[index];
        let faults = if *evening { LineFaults::default() } else { trunk.line };
        let cable = &mut trunk.cables[of];
        let (down_dead, up_dead) = cable.dead(gone);
        let (wire, dead) =
            if to_box { (&mut cable.down, down_dead) } else { (&mut cable.up, up_dead) };
        let (heard, more) = wire.tick(dead, faults, random, tally);
        let span = cable.span;
        let mut to_tell = vec![];
        for heard in heard {
            match heard {
                Heard::Frame(_) | Heard::Bad if gone => {}
                Heard::Frame(frame) if to_box => to_tell.push(BoxHeard::Frame(span, frame)),
                Heard::Bad if to_box => to_tell.push(BoxHeard::BadFrame(span)),
                Heard::Frame(frame) => {
                    let frame = match of {
                        0 => span::Input::Frame(frame),
                        _ => span::Input::FrameBackup(frame),
                    };
                    trunk.exchange.far.handle(*now, frame);
                }
                Heard::Bad => {}
            }
        }
        for heard in to_tell {
            self.heard(heard);
        }
        if more {
            self.later(2, Happening::Tick { trunk: index, of, to_box });
        }
    }

    pub(crate) fn send_down(&mut self) {
        if !self.daemon.to_core.is_empty() {
            let micros = 50 + self.random.below(1000);
            let session = self.daemon.session;
            self.after(Duration::from_micros(micros), Happening::ToCore(session));
        }
    }

    fn clip_end(&mut self, port: PortId, generation: u32) {
        let (played, next) = self.appliance.matrix.clip_ended(port, generation);
        if let Some((port, generation, after)) = next {
            self.after(after, Happening::ClipEnd(port, generation));
        }
        if let Some(token) = played {
            self.heard(BoxHeard::Played(port, token));
        }
    }
}
