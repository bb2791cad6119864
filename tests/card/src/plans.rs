//! What is opened for a check.

use std::path::Path;
use std::sync::Arc;

use hal_dahdi::{
    Blocks, Buffers, DahdiCard, Flash, Frames, Kernel, Plan, PortPlan, Side, Signalling, SpanPlan,
    System, Transport, UnitPlan,
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
        signalling: Signalling::USUAL,
        frames: Frames::Kernel,
        transport: Transport::Together,
    }
}

/// An analog port by the kernel's channel.
#[must_use]
pub const fn port(side: Side, channel: i32) -> UnitPlan {
    UnitPlan::Port(PortPlan { side, channel, echo: false })
}

/// A card of these, as most boards have it.
#[must_use]
pub const fn card(units: Vec<UnitPlan>) -> Plan {
    Plan {
        clock: ClockDomain(0),
        law: Law::A,
        buffers: Buffers::REALTIME,
        blocks: Blocks::Law,
        flash: Flash::USUAL,
        units,
    }
}

/// Opens these.
///
/// # Errors
/// A sentence.
pub fn open(units: Vec<UnitPlan>) -> Result<DahdiCard<System>, String> {
    open_plan(&card(units))
}

/// Opens a card.
///
/// # Errors
/// A sentence.
pub fn open_plan(plan: &Plan) -> Result<DahdiCard<System>, String> {
    open_on(Arc::new(System::new(Path::new("/dev/dahdi"))), plan)
}

/// Opens a card of this kernel.
///
/// # Errors
/// A sentence.
pub fn open_on<K: Kernel + Send + Sync + 'static>(
    kernel: Arc<K>,
    plan: &Plan,
) -> Result<DahdiCard<K>, String> {
    DahdiCard::open_attended(kernel, plan, Duration::from_millis(100))
        .map_err(|fault| format!("open: {fault:?}"))
}
