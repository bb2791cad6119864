//! The frame check sequence: the X.25 polynomial x^16 + x^12 + x^5 + 1 (Q.921 2.7).

/// A check sequence in the making.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fcs(u16);

/// What the register holds after a good frame and its FCS went through (Q.921 2.7, bits reversed).
const RESIDUE: u16 = 0xF0B8;

const TABLE: [u16; 256] = {
    let mut table = [0u16; 256];
    let mut octet: u16 = 0;
    while octet < 256 {
        let mut register = octet;
        let mut bit = 0;
        while bit < 8 {
            register = if register & 1 == 1 { (register >> 1) ^ 0x8408 } else { register >> 1 };
            bit += 1;
        }
        table[octet as usize] = register;
        octet += 1;
    }
    table
};

impl Fcs {
    /// The register as it is preset before a frame.
    #[must_use]
    pub const fn new() -> Self {
        Self(0xFFFF)
    }

    /// Takes the next octet of the frame in.
    pub const fn push(&mut self, octet: u8) {
        let index = (self.0 ^ octet as u16) & 0xFF;
        self.0 = (self.0 >> 8) ^ TABLE[index as usize];
    }

    /// The two octets to send behind the frame, in this order.
    #[must_use]
    pub const fn octets(self) -> [u8; 2] {
        (!self.0).to_le_bytes()
    }

    /// After the FCS went in too: whether the frame is good.
    #[must_use]
    pub const fn good(self) -> bool {
        self.0 == RESIDUE
    }
}

impl Default for Fcs {
    fn default() -> Self {
        Self::new()
    }
}
