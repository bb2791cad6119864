//! How a telephone on hook is told who calls, and that messages wait: what is sent when.
//!
//! ```text
//!  between rings   ring ─┐ 600 ms │ message │ 200 ms ┌─ ring        EN 300 659-1 6.1.1
//!  before the ring (reversal ─ 200 ms) ─ (alert ─ 60 ms) ─ message ─ 300 ms ─ ring   6.1.2
//!                  or digits in place of the message, annex B
//! ```

use bearer::{Calling, Presentation};
use clid::{Call, Dtmf, Format, Message, Octets, Told, Waiting};
use serde::{Deserialize, Serialize};
use units::{Digits, Duration};

/// Between the end of a ring and the first bit (EN 300 659-1 6.1.1: 500 to 2000 ms).
const AFTER_RING_MS: u16 = 600;
/// Between the last bit and the next ring (EN 300 659-1 6.1: at least 200 ms).
const BEFORE_RING: Duration = Duration::from_millis(300);
const GUARD: Duration = Duration::from_millis(200);
/// Between the reversal, or nothing, and what follows (EN 300 659-1 6.1.2: at least 100 ms).
const QUIET_MS: u16 = 200;
/// The alerting signal (EN 300 659-1 5.5.1: 90 to 110 ms), and the pause behind it (45 to 500 ms).
const ALERT_MS: u16 = 100;
const ALERT_GAP_MS: u16 = 60;
/// A digit and its pause, as the engine sends them.
const KEY: Duration = Duration::from_millis(160);
/// Bits before and behind the octets, as the engine sends them; 1200 a second.
const AROUND: u64 = 300 + 180 + 5;

/// How a country tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// Before the first ring; else in the first long pause.
    pub before_ring: bool,
    /// The line is reversed while it is told before the first ring.
    pub reversal: bool,
    /// The alerting signal of two tones goes before a message.
    pub alert: bool,
    /// In digits, with these around; before the first ring only.
    pub keys: Option<Dtmf>,
}

/// What goes before a message or digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Silence, in milliseconds.
    pub wait_ms: u16,
    /// The alerting signal of two tones, in milliseconds; 0: none.
    pub alert_ms: u16,
    /// Silence behind it, in milliseconds.
    pub gap_ms: u16,
}

impl Lead {
    fn length(self) -> Duration {
        Duration::from_millis(
            [self.wait_ms, self.alert_ms, self.gap_ms].map(u64::from).iter().sum(),
        )
    }
}

/// What is sent to a telephone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Octets(Octets),
    Keys(Digits),
}

impl Sent {
    fn length(&self) -> Duration {
        match self {
            Self::Octets(octets) => {
                let bits: u64 = AROUND + octets.iter().map(|_| 10).sum::<u64>();
                Duration::from_millis(bits * 1000 / 1200 + 1)
            }
            Self::Keys(digits) => digits.as_slice().iter().map(|_| KEY).sum(),
        }
    }
}

impl Telling {
    /// What says who calls; `None` if it cannot be said.
    pub(crate) fn who(&self, Calling { number, presentation, .. }: Calling) -> Option<Sent> {
        let number = match presentation {
            Presentation::Allowed if !number.is_empty() => Told::Is(number),
            Presentation::Restricted => Told::Withheld,
            Presentation::Allowed | Presentation::Unavailable => Told::Unavailable,
        };
        if let Some(keys) = self.keys {
            return keys.emit(&number).map(Sent::Keys);
        }
        let call = Call { number: Some(number), ..Call::default() };
        Message::Call(call).emit(Format::Mdmf).map(Sent::Octets)
    }

    /// What puts the lamp of waiting messages on or off; `None` where only digits are sent.
    pub(crate) fn lamp(&self, on: bool) -> Option<Sent> {
        let waiting = Message::Waiting(Waiting { on, messages: None });
        let octets = self.keys.is_none().then(|| waiting.emit(Format::Mdmf));
        octets.flatten().map(Sent::Octets)
    }

    /// What goes before it while nothing rings.
    pub(crate) const fn lead(&self) -> Lead {
        let (alert_ms, gap_ms) = if self.alert { (ALERT_MS, ALERT_GAP_MS) } else { (0, 0) };
        Lead { wait_ms: QUIET_MS, alert_ms, gap_ms }
    }

    /// How long all of it takes, and the pause behind it.
    pub(crate) fn takes(&self, sent: &Sent) -> Duration {
        self.lead().length() + sent.length() + BEFORE_RING
    }
}

/// What goes before a message in a pause of the rings that is so long; `None` if it has no room.
pub(crate) fn between_rings(sent: &Sent, pause: Duration) -> Option<Lead> {
    let lead = Lead { wait_ms: AFTER_RING_MS, alert_ms: 0, gap_ms: 0 };
    (lead.length() + sent.length() + GUARD <= pause).then_some(lead)
}
