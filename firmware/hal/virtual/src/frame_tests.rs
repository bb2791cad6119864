//! Every datagram reads back as it was written, and nothing that is no datagram reads at all.

use hal_card::{Alarms, Counters, Octets};
use proptest::prelude::*;

use super::{Down, DownMut, Feed, LINE_OCTETS, Line, MOST_OCTETS, Port, Shape, Up, UpMut, Wire};

fn shape() -> impl Strategy<Value = Shape> {
    (0usize..=8, 0usize..=64, 0usize..=64)
        .prop_map(|(spans, ports, lines)| Shape { spans, ports, lines })
        .prop_filter("possible", |shape| shape.possible())
}

fn wire(line: usize) -> Wire {
    Wire {
        current: line.is_multiple_of(2),
        ring: line.is_multiple_of(3),
        reversed: line.is_multiple_of(5),
    }
}

fn octets(seed: u8, span: usize, slot: usize) -> Octets {
    let start = usize::from(seed) + span * 31 + slot;
    [u8::try_from(start % 251).unwrap(); 16]
}

proptest! {
    #[test]
    fn a_block_from_the_card_reads_back(
        shape in shape(), sequence: u64, missing: u64, lockstep: bool, seed: u8, bits: [bool; 5],
    ) {
        let mut room = [0; MOST_OCTETS];
        let mut up = UpMut::new(&mut room, shape).unwrap();
        up.header(sequence, missing, lockstep);
        let [los, lof, ais, rai, lomf] = bits;
        let alarms = Alarms { los, lof, ais, rai, lomf, ..Alarms::default() };
        let counters = Counters {
            code_violations: 0, crc_errors: sequence, far_crc_errors: 1, fas_errors: 2, slips: 3,
            losses_of_frame: 4,
        };
        for span in 0..shape.spans {
            let channels = up.span(span, alarms, &counters);
            prop_assert_eq!(channels.len(), 31);
            for (slot, channel) in channels.iter_mut().enumerate() {
                *channel = octets(seed, span, slot);
            }
        }
        for port in 0..shape.ports {
            up.port(port, port % 2 == 0, &octets(seed, 9, port));
        }
        for line in 0..shape.lines {
            up.line(line, wire(line), &octets(seed, 5, line));
        }
        let up = Up::parse(up.octets()).unwrap();
        prop_assert_eq!((up.shape(), up.sequence()), (shape, sequence));
        prop_assert_eq!((up.missing(), up.lockstep()), (missing, lockstep));
        for span in 0..shape.spans {
            prop_assert_eq!(up.alarms(span), alarms);
            prop_assert_eq!(up.counters(span), counters);
            for (slot, channel) in up.channels(span).iter().enumerate() {
                prop_assert_eq!(*channel, octets(seed, span, slot));
            }
        }
        for port in 0..shape.ports {
            prop_assert_eq!(up.off_hook(port), port % 2 == 0);
            prop_assert_eq!(up.port_octets(port), octets(seed, 9, port));
        }
        for line in 0..shape.lines {
            prop_assert_eq!(up.wire(line), wire(line));
            prop_assert_eq!(up.port_octets(shape.ports + line), octets(seed, 5, line));
        }
    }

    #[test]
    fn a_block_to_the_card_reads_back(shape in shape(), sequence: u64, seed: u8) {
        let feed = |port: usize| Feed { ring: port & 1 == 0, reversed: port & 2 == 0, open: false };
        let mut room = [0; MOST_OCTETS];
        let mut down = DownMut::new(&mut room, shape, sequence).unwrap();
        for span in 0..shape.spans {
            for (slot, channel) in down.channels(span).iter_mut().enumerate() {
                *channel = octets(seed, span, slot);
            }
        }
        for port in 0..shape.ports {
            down.port(port, feed(port), &octets(seed, 9, port));
        }
        for line in 0..shape.lines {
            down.line(line, line % 3 == 0, &octets(seed, 5, line));
        }
        let down = Down::parse(down.octets()).unwrap();
        prop_assert_eq!((down.shape(), down.sequence()), (shape, sequence));
        for span in 0..shape.spans {
            for (slot, channel) in down.channels(span).iter().enumerate() {
                prop_assert_eq!(*channel, octets(seed, span, slot));
            }
        }
        for port in 0..shape.ports {
            prop_assert_eq!(down.feed(port), feed(port));
            prop_assert_eq!(down.port_octets(port), octets(seed, 9, port));
        }
        for line in 0..shape.lines {
            prop_assert_eq!(down.closed(line), line % 3 == 0);
            prop_assert_eq!(down.port_octets(shape.ports + line), octets(seed, 5, line));
        }
    }

    #[test]
    fn a_piece_of_line_reads_back(
        sequence: u64, signal: bool, octets in prop::collection::vec(any::<u8>(), 0..=LINE_OCTETS),
    ) {
        let mut room = [0; LINE_OCTETS + 20];
        let line = Line { sequence, signal, octets: &octets };
        prop_assert_eq!(Line::parse(line.write(&mut room).unwrap()), Some(line));
    }

    #[test]
    fn a_block_of_a_port_reads_back(
        sequence: u64, ring: bool, reversed: bool, open: bool, octets: [u8; 16],
    ) {
        let feed = Feed { ring, reversed, open };
        let port = Port::to_telephone(sequence, feed, octets);
        prop_assert_eq!(Port::parse(&port.write()), Some(port));
        prop_assert_eq!(port.feed(), feed);
        prop_assert_eq!(Port::to_card(sequence, ring, octets).off_hook(), ring);
    }

    #[test]
    fn arbitrary_octets_are_refused_or_read_whole(
        mut datagram in prop::collection::vec(any::<u8>(), 0..3000),
        kind in prop_oneof![Just(b'U'), Just(b'D'), Just(b'E'), Just(b'P')],
        spans in 0u8..4, ports in 0u8..4, exact: bool,
    ) {
        if let [first, version, three, four, ..] = &mut datagram[..] {
            (*first, *version, *three, *four) = (kind, super::VERSION, spans, ports);
        }
        let shape = Shape { spans: spans.into(), ports: ports.into(), lines: 0 };
        if exact && shape.possible() {
            datagram.resize(if kind == b'U' { shape.up_len() } else { shape.down_len() }, 0x55);
            if let [first, version, three, four, ..] = &mut datagram[..] {
                (*first, *version, *three, *four) = (kind, super::VERSION, spans, ports);
            }
        }
        if let Some(up) = Up::parse(&datagram) {
            for span in 0..up.shape().spans {
                let _ = (up.alarms(span), up.counters(span), up.channels(span)[30]);
            }
            (0..up.shape().analog()).for_each(|port| { let _ = up.port_octets(port); });
        }
        if let Some(down) = Down::parse(&datagram) {
            (0..down.shape().spans).for_each(|span| { let _ = down.channels(span)[30]; });
            (0..down.shape().analog()).for_each(|port| { let _ = down.port_octets(port); });
        }
        let _ = (Line::parse(&datagram), Port::parse(&datagram));
    }
}
