//! Captures of a D channel as programs like Wireshark read them: pcap, link type 177
//! (LINUX_LAPD), each frame behind a 16-octet cooked header.

use units::Utc;

const LINUX_LAPD: u32 = 177;
/// ARPHRD_LAPD of Linux.
const ARPHRD_LAPD: u16 = 8445;
/// Protocol octets of LAPD in the cooked header.
const ETH_P_LAPD: u16 = 0x0030;

/// The head of a file.
#[must_use]
pub fn head() -> Vec<u8> {
    let mut head = Vec::with_capacity(24);
    head.extend(0xA1B2_C3D4u32.to_be_bytes());
    head.extend(2u16.to_be_bytes());
    head.extend(4u16.to_be_bytes());
    head.extend([0; 8]);
    head.extend(65_535u32.to_be_bytes());
    head.extend(LINUX_LAPD.to_be_bytes());
    head
}

/// One frame, sent by us or received; we are the network or the user.
#[must_use]
pub fn packet(at: Utc, sent: bool, network: bool, frame: &[u8]) -> Vec<u8> {
    let length = u32::try_from(frame.len() + 16).unwrap_or(u32::MAX).to_be_bytes();
    let seconds = u32::try_from(at.0.div_euclid(1_000_000)).unwrap_or(0);
    let micros = u32::try_from(at.0.rem_euclid(1_000_000)).unwrap_or(0);
    let mut packet = Vec::with_capacity(32 + frame.len());
    packet.extend(seconds.to_be_bytes());
    packet.extend(micros.to_be_bytes());
    packet.extend(length);
    packet.extend(length);
    // Packet type: 4 sent by us, 0 received.
    packet.extend(if sent { 4u16 } else { 0u16 }.to_be_bytes());
    packet.extend(ARPHRD_LAPD.to_be_bytes());
    packet.extend(8u16.to_be_bytes());
    // The first octet of the address says which side captured: 0 is the user.
    packet.extend([u8::from(network), 0, 0, 0, 0, 0, 0, 0]);
    packet.extend(ETH_P_LAPD.to_be_bytes());
    packet.extend(frame);
    packet
}
