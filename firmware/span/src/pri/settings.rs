//! What the administrator decides of a group, put in force while it runs.

use bearer::{Access, Hunt, NumberKind, Side, Switch};
use q931::wire::{Location, NumberType};
use units::{Cause, Instant};

use super::{Pri, State};
use crate::event::Output;

/// What all calls of a group have in common by the Recommendation. As the network the box is a
/// private one.
pub(super) const fn q931_config(role: q921::Role) -> q931::Config {
    match role {
        q921::Role::User => q931::Config::new(q931::Role::User),
        q921::Role::Network => q931::Config {
            location: Location::PrivateLocal,
            ..q931::Config::new(q931::Role::Network)
        },
    }
}

pub(super) const fn usual_hunt(role: q921::Role) -> Hunt {
    Hunt::usual(match role {
        q921::Role::User => Side::User,
        q921::Role::Network => Side::Network,
    })
}

impl Pri {
    /// Puts settings in force. Calls go on, and so does a timer that runs; only another side of the
    /// interface ends all calls, since the far end must change with it.
    pub fn configure(&mut self, now: Instant, access: &Access) {
        let role = match access.side {
            Side::User => q921::Role::User,
            Side::Network => q921::Role::Network,
        };
        if role != self.link.config().role {
            self.change_side(now, role);
        }
        let mut config = q931_config(role);
        for (number, ms) in &access.timers {
            // Those of the link are none of Q.931.
            config.timers.set(*number, units::Duration::from_millis(u64::from(*ms)));
        }
        self.config = config;
        self.interface.configure(config);
        self.calls.configure(config);
        let usual = q921::Config::new(role);
        let t200 = access.timer(200).unwrap_or(usual.t200);
        let t203 = access.timer(203).unwrap_or(usual.t203);
        self.link.set_timers(t200, t203);
        if let Some(backup) = &mut self.backup {
            backup.set_timers(t200, t203, access.timer(321));
        }
        self.channels.set_hunt(access.hunt.unwrap_or(usual_hunt(role)));
        self.channels.allow(0, access.channels);
        (self.numbers, self.overlap) = (access.numbers, access.overlap);
        self.services.private = access.switch == Switch::Qsig;
        (self.services.deflects, self.services.joins) = (access.deflect, access.transfer);
        self.tell_d_channels();
    }

    /// Puts in force which channels of another span of the group carry calls.
    pub fn allow(&mut self, span: u8, channels: units::Slots) {
        self.channels.allow(span, channels);
    }

    fn change_side(&mut self, now: Instant, role: q921::Role) {
        let cause = Cause::NETWORK_OUT_OF_ORDER;
        for key in self.calls.keys(|_| true) {
            // The far end hears it as long as the link is what it was.
            self.refuse(now, key, cause);
            self.call(now, key, &q931::Input::RestartChannel);
        }
        if self.is_on_two() {
            self.change_places();
        }
        self.drain_frames();
        if self.state == State::Up {
            self.outputs.put(Output::DataLink { up: false });
        }
        self.link = q921::Link::new(q921::Config::new(role));
        let other_begun = self.backup.as_mut().is_some_and(|backup| backup.renew(role));
        self.interface = q931::Interface::new(q931_config(role));
        (self.restarting, self.restart_at, self.group_told) = (false, None, false);
        let begun = std::mem::replace(&mut self.state, State::Stopped) != State::Stopped;
        // One that was never begun waits for its line.
        if begun && self.layer1 {
            self.connect(now);
        }
        if other_begun {
            self.connect_other(now);
        }
    }
}

/// What a number that the box sends is said to be.
pub(super) const fn number_type(kind: NumberKind) -> NumberType {
    match kind {
        NumberKind::Unknown => NumberType::Unknown,
        NumberKind::International => NumberType::International,
        NumberKind::National => NumberType::National,
        NumberKind::Subscriber => NumberType::Subscriber,
    }
}
