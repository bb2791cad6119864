//! What goes wrong on a link, and how often.

use serde::{Deserialize, Serialize};

/// The codes of the MDL-ERROR indication (Q.921 table II.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MdlError {
    /// An answer with F = 1 that nobody asked for: RR, RNR or REJ.
    A,
    /// DM with F = 1 that nobody asked for.
    B,
    /// UA with F = 1 that nobody asked for.
    C,
    /// UA with F = 0 that nobody asked for.
    D,
    /// DM with F = 0: the peer has no link.
    E,
    /// The peer set the link up again.
    F,
    /// No answer to SABME, N200 times.
    G,
    /// No answer to DISC, N200 times.
    H,
    /// No answer to an enquiry of the peer's state, N200 times.
    I,
    /// An N(R) that acknowledges what was not sent.
    J,
    /// FRMR: the peer rejects a frame of ours.
    K,
    /// A frame that Q.921 does not define, or not in this direction.
    L,
    /// Information in a frame that has none.
    M,
    /// A frame of the wrong size.
    N,
    /// More than N201 octets of information.
    O,
}

impl MdlError {
    /// All codes, in order.
    pub const ALL: [Self; 15] = [
        Self::A,
        Self::B,
        Self::C,
        Self::D,
        Self::E,
        Self::F,
        Self::G,
        Self::H,
        Self::I,
        Self::J,
        Self::K,
        Self::L,
        Self::M,
        Self::N,
        Self::O,
    ];
}

/// What a link counted since it was made. Counts stop at their largest value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    pub(crate) errors: [u32; 15],
    /// Frames shorter than address and control, or with a broken address (Q.921 2.9).
    pub invalid: u32,
    /// Frames for another SAPI than 0.
    pub other_sapi: u32,
    /// Frames for another TEI than 0.
    pub other_tei: u32,
    /// UI frames: unacknowledged transfer is not used on primary access.
    pub ui: u32,
    /// XID frames: parameters are not negotiated (Appendix IV is optional).
    pub xid: u32,
    /// Messages that were refused because the queue was full.
    pub full: u32,
    /// Messages that were discarded with the queue when the link was reset or released.
    pub discarded: u32,
    /// I frames sent again.
    pub retransmitted: u32,
    /// Commands and responses that only our own side may send (Q.921 3.3.2): the peer plays our
    /// role, or the line is looped.
    pub mirrored: u32,
}

impl Counters {
    /// How often an error was indicated.
    #[must_use]
    pub const fn error(&self, code: MdlError) -> u32 {
        self.errors[code as usize]
    }

    pub(crate) const fn count(&mut self, code: MdlError) {
        let count = &mut self.errors[code as usize];
        *count = count.saturating_add(1);
    }
}
