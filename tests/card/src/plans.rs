//! What is opened for a check.

use std::path::Path;
use std::sync::Arc;

use hal_dahdi::{
    Buffers, DahdiCard, Frames, Kernel, Plan, PortPlan, Side, Signalling, SpanPlan, System,
    Transport, UnitPlan,
};
use units::{ClockDomain, Duration, Law, SpanId};

/// An E1 by the kernel's number, as most boards have it.
#[must_use]
pub fn span(number: i32) -> SpanPlan {
    SpanPlan {
        span: SpanId(u8::try_from(number).unwrap_or(1)),
        number,
        crc4: true,
        clock_priority: 0,
        signalling: Signalling::Common,
        frames: Frames::Kernel,
        transport: Transport::Together,
    }
}

/// An analog port by the kernel's channel.
#[must_use]
pub const fn port(side: Side, channel: i32) -> UnitPlan {
    UnitPlan::Port(PortPlan { side, channel, echo: false })
}

/// Opens these.
///
/// # Errors
/// A sentence.
pub fn open(units: Vec<UnitPlan>) -> Result<DahdiCard<System>, String> {
    open_on(Arc::new(System::new(Path::new("/dev/dahdi"))), units)
}

/// Opens these of this kernel.
///
/// # Errors
/// A sentence.
pub fn open_on<K: Kernel + Send + Sync + 'static>(
    kernel: Arc<K>,
    units: Vec<UnitPlan>,
) -> Result<DahdiCard<K>, String> {
    let plan = Plan { clock: ClockDomain(0), law: Law::A, buffers: Buffers::REALTIME, units };
    DahdiCard::open_attended(kernel, &plan, Duration::from_millis(100))
        .map_err(|fault| format!("open: {fault:?}"))
}
