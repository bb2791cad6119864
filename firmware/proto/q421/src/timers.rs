//! Times of line signals. Variants override them as data.

use serde::{Deserialize, Serialize};
use units::Duration;

/// How long is what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// A change of the bits is one when it stays: 20 ms, within 10 (Q.422 3.2.1).
    pub recognition: Duration,
    /// How long a seizure waits for its acknowledgement: 100 to 200 ms, or 1 to 2 s on a
    /// satellite circuit (Q.422 3.2.2.1); we wait as long.
    pub acknowledge: Duration,
    /// How long a seizure is kept after a double seizure: 100 ms at least (Q.422 3.2.4).
    pub double_seizure: Duration,
    /// How long a circuit shows idle before it seizes: 100 ms at least (Q.422 3.2.4).
    pub guard: Duration,
    /// A clear-back shorter than this is a unit of charge; zero where there are none.
    pub metering: Duration,
    /// A far end that shows so long what no caller shows is none.
    pub no_caller: Duration,
    /// How long a unit of charge is that we send.
    pub meter_pulse: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            recognition: Duration::from_millis(20),
            acknowledge: Duration::from_secs(2),
            double_seizure: Duration::from_millis(100),
            guard: Duration::from_millis(100),
            metering: Duration::ZERO,
            no_caller: Duration::from_secs(10),
            meter_pulse: Duration::from_millis(150),
        }
    }
}
