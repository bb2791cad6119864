//! A fan: steps of temperature to steps of duty, with hysteresis, and full speed when nobody knows
//! how warm it is.

use crate::thermometer::MilliCelsius;
use crate::{Fault, Level, Output};

/// Steps of one fan at most.
pub const STEPS: usize = 8;

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// It begins at this temperature ...
    pub above: MilliCelsius,
    /// ... and ends below this one, which is lower.
    pub below: MilliCelsius,
    /// Of full speed, in percent, 0 to 100.
    pub duty_percent: u8,
}

/// Why steps make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSteps {
    /// None, or more than [`STEPS`].
    #[error("a fan has 1 to {STEPS} steps")]
    Count,
    /// A step that ends where it begins or above.
    #[error("step {0} must end below the temperature at which it begins")]
    NoHysteresis(usize),
    /// A step that begins or ends not above the one before, or is slower.
    #[error("step {0} must begin and end above the one before it, and be faster")]
    Order(usize),
    /// A duty above 100.
    #[error("the duty of step {0} is above 100 percent")]
    Duty(usize),
}

/// A fan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fan {
    steps: heapless::Vec<Step, STEPS>,
    /// Steps that are in force.
    active: usize,
}

impl Fan {
    /// A fan with these steps, the coolest first.
    ///
    /// # Errors
    /// [`BadSteps`], which names the step, counted from 1.
    pub fn new(steps: &[Step]) -> Result<Self, BadSteps> {
        if steps.is_empty() {
            return Err(BadSteps::Count);
        }
        for (number, step) in (1..).zip(steps) {
            if step.below >= step.above {
                return Err(BadSteps::NoHysteresis(number));
            }
            if step.duty_percent > 100 {
                return Err(BadSteps::Duty(number));
            }
        }
        for (number, pair) in (2..).zip(steps.windows(2)) {
            let (a, b) = (pair[0], pair[1]);
            if b.above <= a.above || b.below <= a.below || b.duty_percent <= a.duty_percent {
                return Err(BadSteps::Order(number));
            }
        }
        let steps = heapless::Vec::from_slice(steps).map_err(|_| BadSteps::Count)?;
        Ok(Self { steps, active: 0 })
    }

    /// The duty in percent at this temperature; `None`: it cannot be read, so 100.
    pub fn handle(&mut self, temperature: Option<MilliCelsius>) -> u8 {
        let Some(now) = temperature else { return 100 };
        while self.steps.get(self.active).is_some_and(|next| now >= next.above) {
            self.active += 1;
        }
        while self.active > 0 && now < self.steps[self.active - 1].below {
            self.active -= 1;
        }
        self.active.checked_sub(1).map_or(0, |index| self.steps[index].duty_percent)
    }

    /// Drives a fan that can only be switched: on at any duty but 0.
    ///
    /// # Errors
    /// What the pin said.
    pub fn step(
        &mut self,
        temperature: Option<MilliCelsius>,
        pin: &mut impl Output,
    ) -> Result<u8, Fault> {
        let duty = self.handle(temperature);
        pin.set(Level::from(duty > 0))?;
        Ok(duty)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn step(above: i32, below: i32, duty_percent: u8) -> Step {
        let (above, below) = (MilliCelsius(above * 1000), MilliCelsius(below * 1000));
        Step { above, below, duty_percent }
    }

    fn duties(fan: &mut Fan, degrees: &[i32]) -> Vec<u8> {
        degrees.iter().map(|d| fan.handle(Some(MilliCelsius(d * 1000)))).collect()
    }

    #[test]
    fn it_does_not_flutter_between_two_steps() {
        let mut fan = Fan::new(&[step(50, 45, 40), step(65, 58, 100)]).unwrap();
        let seen = duties(&mut fan, &[20, 49, 50, 46, 50, 64, 65, 59, 64, 57, 45, 44, 49]);
        assert_eq!(seen, [0, 0, 40, 40, 40, 40, 100, 100, 100, 40, 40, 0, 0]);
        assert_eq!(duties(&mut fan, &[90, 10]), [100, 0], "it jumps over steps");
    }

    #[test]
    fn without_a_thermometer_it_runs_at_full_speed() {
        let mut fan = Fan::new(&[step(50, 45, 40)]).unwrap();
        assert_eq!(fan.handle(None), 100);
        assert_eq!(duties(&mut fan, &[20]), [0]);
    }

    #[test]
    fn steps_that_make_no_sense_are_named() {
        assert_eq!(Fan::new(&[]).unwrap_err(), BadSteps::Count);
        assert_eq!(Fan::new(&[step(50, 50, 1)]).unwrap_err(), BadSteps::NoHysteresis(1));
        let wrong = [step(50, 45, 50), step(60, 40, 60)];
        assert_eq!(Fan::new(&wrong).unwrap_err(), BadSteps::Order(2));
        assert_eq!(Fan::new(&[step(50, 45, 101)]).unwrap_err(), BadSteps::Duty(1));
    }

    proptest! {
        #[test]
        fn warmer_is_never_slower_than_the_coolest_step_that_must_run(
            temperatures in prop::collection::vec(-60_000..150_000i32, 1..50)
        ) {
            let steps = [step(40, 35, 30), step(50, 45, 60), step(65, 58, 100)];
            let mut fan = Fan::new(&steps).unwrap();
            for t in temperatures {
                let duty = fan.handle(Some(MilliCelsius(t)));
                let must = steps.iter().filter(|s| t >= s.above.0).map(|s| s.duty_percent).max();
                let may = steps.iter().filter(|s| t >= s.below.0).map(|s| s.duty_percent).max();
                prop_assert!(duty >= must.unwrap_or(0) && duty <= may.unwrap_or(0));
            }
        }
    }
}
