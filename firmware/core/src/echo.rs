//! The echo cancellers of a box, as its board file says: for lines on the line thread, for rooms on
//! a worker of their own.

pub use crate::rooms::Cancellers;
use crate::rooms::{Worker, rooms};
use board::{Canceller, Layout, PlaceKind};
use engine::{Echo, LineEcho};

/// All of a layout, and the worker of its rooms. `lockstep`: time is simulated, and what takes time
/// is done at once.
///
/// # Errors
/// A sentence: WebRTC's, or the system has no thread.
pub(crate) fn cancellers(
    layout: &Layout,
    lockstep: bool,
) -> Result<(Cancellers, Option<Worker>), String> {
    let all = |wanted: fn(Canceller) -> bool| {
        layout.places.iter().filter(move |place| wanted(place.echo)).map(|place| place.port)
    };
    let ports: Vec<_> = all(|echo| echo == Canceller::Acoustic).collect();
    let (rooms, worker) = rooms(&ports, lockstep)?;
    let lines = layout.places.iter().filter_map(|place| match place.echo {
        Canceller::Line(tail_ms) => {
            let same_wires = !matches!(place.kind, PlaceKind::Bearer(..));
            let of = LineEcho::new(tail_ms, same_wires);
            Some((place.port, Box::new(of) as Box<dyn Echo>))
        }
        Canceller::None | Canceller::Acoustic => None,
    });
    Ok((rooms.into_iter().chain(lines).collect(), worker))
}
