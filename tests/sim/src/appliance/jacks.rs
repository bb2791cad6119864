//! The audio jacks of the box: loudspeakers in the hall, a player, a door with its button.
//!
//! Fault model. Any sound card is pulled out at any moment, in a call too, and put back later;
//! the button is pressed at any moment. In the end all sound cards are there.

use std::collections::BTreeSet;

use link::Trouble;
use ringmain_core::control::Heard;

use crate::appliance::plant;
use crate::world::{Happening, World};

/// Which jacks do not sound, by their labels.
#[derive(Debug, Default)]
pub(crate) struct Jacks {
    silent: BTreeSet<&'static str>,
}

impl World {
    pub(crate) fn socket(&self, label: &str) -> u16 {
        let socket = self.appliance.layout.labelled(label);
        socket.and_then(|index| u16::try_from(index).ok()).unwrap_or(u16::MAX)
    }

    /// Tells how the jacks are to a box that has just started.
    pub(crate) fn tell_jacks(&mut self) {
        for label in plant::JACKS {
            let silent = self.jacks.silent.contains(label);
            let socket = self.socket(label);
            self.heard(Heard::Trouble(socket, silent.then_some(Trouble::Missing)));
        }
    }

    /// A sound card goes or comes back, or somebody presses the button of the door.
    pub(crate) fn jacks(&mut self) {
        if self.evening {
            return;
        }
        if self.random.one_in(3) {
            let label = *self.random.pick(&plant::JACKS);
            self.tally.count("jack-out-or-in");
            let trouble = self.jacks.silent.insert(label).then_some(Trouble::Missing);
            if trouble.is_none() {
                self.jacks.silent.remove(label);
            }
            let socket = self.socket(label);
            self.heard(Heard::Trouble(socket, trouble));
        } else {
            let socket = self.socket(plant::BUTTON);
            self.heard(Heard::ButtonPressed(socket));
        }
        let after = 1000 + self.random.below(40_000);
        self.later(after, Happening::Jacks);
    }

    /// All sound cards are there again.
    pub(crate) fn mend_jacks(&mut self) {
        for label in std::mem::take(&mut self.jacks.silent) {
            let socket = self.socket(label);
            self.heard(Heard::Trouble(socket, None));
        }
    }
}
