//! A shift of the bit phase, as every cable makes one.

/// Delays a stream of octets by 0 to 7 bits.
#[derive(Clone, Copy, Debug)]
pub struct Delay {
    bits: u8,
    last: u8,
}

impl Delay {
    /// By `bits` bits, of which the lowest three count.
    #[must_use]
    pub const fn new(bits: u8) -> Self {
        Self { bits: bits & 7, last: 0xFF }
    }

    /// The octet that comes out when this one goes in.
    pub const fn push(&mut self, octet: u8) -> u8 {
        let both = u16::from_be_bytes([self.last, octet]) >> self.bits;
        self.last = octet;
        both.to_be_bytes()[1]
    }
}
