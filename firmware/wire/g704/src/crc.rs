//! CRC-4 of a sub-multiframe: remainder of x^4 times the block by x^4 + x + 1 (G.704 2.3.3.5).

const TABLE: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut index = 0;
    let mut octet = 0u8;
    while index < 256 {
        let mut register = 0u8;
        let mut place = 8;
        while place > 0 {
            place -= 1;
            let feedback = (register >> 3) ^ ((octet >> place) & 1);
            register = (register << 1) & 0xF;
            if feedback & 1 == 1 {
                register ^= 0b0011;
            }
        }
        table[index] = register;
        index += 1;
        octet = octet.wrapping_add(1);
    }
    table
};

/// Takes the 32 octets of a frame in; in an even frame the C bit counts as 0.
pub(crate) fn frame(register: u8, frame: &[u8; crate::FRAME], even: bool) -> u8 {
    let first = if even { frame[0] & !crate::BIT_1 } else { frame[0] };
    let start = octet(register, first);
    frame[1..].iter().fold(start, |register, next| octet(register, *next))
}

fn octet(register: u8, octet: u8) -> u8 {
    TABLE[usize::from(octet ^ (register << 4))]
}
