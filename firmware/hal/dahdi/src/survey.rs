//! What the kernel shows of its telephony hardware, whoever configured it: for `detect`.

use crate::kernel::{ChannelStatus, Kernel, SpanStatus};

/// The kernel numbers spans from 1 to this.
const MOST_SPANS: i32 = 128;
/// The kernel numbers channels from 1 to this.
const MOST_CHANNELS: i32 = 1024;

/// Capability of hardware towards an exchange and towards a telephone (`DAHDI_SIG_FXS`, `_FXO`:
/// the kernel names a port by what is at the other end of its line).
const TOWARDS_EXCHANGE: i32 = 1 << 13;
const TOWARDS_TELEPHONE: i32 = 1 << 12;

/// One span and its channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The span.
    pub span: SpanStatus,
    /// Its channels, in order.
    pub channels: Vec<ChannelStatus>,
}

/// All spans that there are.
pub fn survey<K: Kernel>(kernel: &K) -> Vec<Found> {
    let channels: Vec<_> =
        (1..=MOST_CHANNELS).filter_map(|number| kernel.channel(number).ok()).collect();
    let spans = (1..=MOST_SPANS).filter_map(|number| kernel.span(number).ok());
    spans
        .map(|span| {
            let of_span = channels.iter().filter(|channel| channel.span == span.number);
            let mut channels: Vec<_> = of_span.copied().collect();
            channels.sort_by_key(|channel| channel.position);
            Found { span, channels }
        })
        .collect()
}

impl ChannelStatus {
    /// Whether an exchange's line plugs in here, and only that.
    #[must_use]
    pub const fn for_exchange(&self) -> bool {
        self.capable & TOWARDS_EXCHANGE != 0 && self.capable & TOWARDS_TELEPHONE == 0
    }

    /// Whether a telephone plugs in here, and only that.
    #[must_use]
    pub const fn for_telephone(&self) -> bool {
        self.capable & TOWARDS_TELEPHONE != 0 && self.capable & TOWARDS_EXCHANGE == 0
    }
}
