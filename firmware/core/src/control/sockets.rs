//! The sockets of the box and what keeps them from working.

use board::{Layout, UnitKind};
use link::{JackRole, Label, PortStatus, Socket, Trouble, Voltages};

/// What a jack is for, as the daemon is told.
const fn as_told(role: board::JackRole) -> JackRole {
    match role {
        board::JackRole::Music => JackRole::Music,
        board::JackRole::Paging => JackRole::Paging,
        board::JackRole::Handset => JackRole::Handset,
        board::JackRole::Door => JackRole::Door,
    }
}

/// All of them, in the order of the layout.
#[derive(Debug)]
pub(super) struct Sockets(Vec<PortStatus>);

impl Sockets {
    pub(super) fn new(layout: &Layout) -> Self {
        let sockets = layout.units.iter().zip(0..).map(|(unit, index)| PortStatus {
            index,
            // Labels were checked to be short enough when the board was read.
            label: Label::try_from(unit.label.as_str()).unwrap_or_default(),
            socket: match unit.kind {
                UnitKind::Pri(span) => Socket::Pri(span),
                UnitKind::Cas(span) => Socket::Cas(span),
                UnitKind::Telephone(line) => Socket::Telephone(line),
                UnitKind::Trunk(line) => Socket::Trunk(line),
                UnitKind::Relay => Socket::Relay,
                UnitKind::Jack(line, role) => Socket::Jack(line, as_told(role)),
                UnitKind::Sensor => Socket::Sensor,
            },
            trouble: None,
            voltages: None,
        });
        Self(sockets.collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn status(&self, index: usize) -> Option<PortStatus> {
        self.0.get(index).cloned()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &PortStatus> {
        self.0.iter()
    }

    pub(super) fn measured(&mut self, index: u16, voltages: Voltages) {
        if let Some(socket) = self.0.get_mut(usize::from(index)) {
            socket.voltages = Some(voltages);
        }
    }

    /// Notes a trouble or its end; the label if that is news.
    pub(super) fn trouble(&mut self, index: u16, trouble: Option<Trouble>) -> Option<Label> {
        let socket = self.0.get_mut(usize::from(index))?;
        let news = socket.trouble != trouble;
        socket.trouble = trouble;
        news.then(|| socket.label.clone())
    }
}
