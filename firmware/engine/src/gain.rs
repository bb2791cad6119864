//! Gain at the wires of a port: a table from octet to octet for each direction, so that it costs a
//! look, and the canceller sees what really goes and comes.

use units::{Gain, Law};

use crate::Octets;

/// The tables of one port.
#[derive(Debug)]
pub(crate) struct Tables {
    coming: [u8; 256],
    going: [u8; 256],
}

impl Tables {
    pub(crate) fn new(law: Law, gain: Gain) -> Self {
        let (coming, going) = (gain.coming_tenths, gain.going_tenths);
        Self { coming: table(law, coming), going: table(law, going) }
    }

    /// What came, as loud as it is meant to be.
    pub(crate) fn coming(&self, octets: &Octets) -> Octets {
        octets.map(|octet| self.coming[usize::from(octet)])
    }

    /// What goes, as loud as it is meant to be.
    pub(crate) fn going(&self, octets: &Octets) -> Octets {
        octets.map(|octet| self.going[usize::from(octet)])
    }
}

fn table(law: Law, tenths: i16) -> [u8; 256] {
    let factor = libm::powf(10.0, f32::from(tenths) / 200.0);
    let mut table = [0; 256];
    for (at, octet) in table.iter_mut().zip(0..=u8::MAX) {
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates: clipping")]
        let louder = libm::roundf(f32::from(g711::decode(law, octet)) * factor) as i16;
        *at = if tenths == 0 { octet } else { g711::encode(law, louder) };
    }
    table
}

#[cfg(test)]
mod tests {
    use units::PortId;

    use super::*;
    use crate::{Command, Engine};

    /// A sine of -10 dBm0 in A-law, for a second.
    fn sine() -> Vec<Octets> {
        let mut generator =
            dsp_tone::Generator::new(&dsp_tone::Tone::single(1020.0, units::Dbm0(-10.0), [0; 4]));
        let block = |_| {
            let mut samples = [0; 16];
            generator.fill(&mut samples);
            samples.map(g711::encode_a)
        };
        (0..500).map(block).collect()
    }

    fn level(law: Law, blocks: &[Octets]) -> f32 {
        let mut meter = dsp_level::Meter::new(8000);
        let levels = blocks.iter().filter_map(|octets| {
            let mut samples = [0; 16];
            g711::decode_block(law, octets, &mut samples);
            meter.push(&samples)
        });
        levels.last().expect("a second").0
    }

    /// What arrives at B of a second that A says, with these gains.
    fn heard(a: Gain, b: Gain) -> Vec<Octets> {
        let ports = [PortId(0), PortId(1)];
        let gains = ports.into_iter().zip([a, b]);
        let mut engine = Engine::new(&[Law::A, Law::Mu]).with_gains(gains);
        engine.command(Command::Join(ports[0], ports[1]));
        let quiet = [Law::Mu.idle(); 16];
        let mut tx = [[0; 16]; 2];
        let mut out = vec![];
        for block in sine() {
            engine.tick(&[block, quiet], &mut tx);
            out.push(tx[1]);
        }
        out
    }

    #[test]
    fn the_loss_between_two_ports_is_what_both_say() {
        let none = Gain::default();
        let plain = level(Law::Mu, &heard(none, none));
        assert!((plain + 10.0).abs() < 0.2, "{plain}");
        for (coming, going) in [(0, -35), (-30, -70), (60, 0), (-240, 0), (5, -5)] {
            let a = Gain { coming_tenths: coming, going_tenths: 120 };
            let b = Gain { coming_tenths: 120, going_tenths: going };
            let loss = level(Law::Mu, &heard(a, b)) - plain;
            let wanted = f32::from(coming + going) / 10.0;
            assert!((loss - wanted).abs() < 0.4, "{coming} {going}: {loss}");
        }
    }

    #[test]
    fn no_gain_changes_no_octet_and_a_test_of_the_line_has_none() {
        assert!((0..=u8::MAX).eq(table(Law::A, 0)));
        let loud = Gain { coming_tenths: 60, going_tenths: 60 };
        let mut engine = Engine::new(&[Law::A]).with_gains([(PortId(0), loud)].into_iter());
        engine.command(Command::Test(PortId(0), true));
        let mut wire = [[Law::A.idle(); 16]];
        for _ in 0..1000 {
            let mut tx = [[0; 16]];
            engine.tick(&wire, &mut tx);
            wire = tx;
        }
        let told: Vec<_> = core::iter::from_fn(|| engine.poll_notice()).collect();
        assert!(
            matches!(told[..], [_, crate::Notice::Tested(_, count, true)] if count.errors == 0),
            "{told:?}"
        );
    }

    #[test]
    fn a_tone_has_the_gain_of_its_port_but_the_howler_and_who_calls_are_as_loud_as_ever() {
        let sent = |gain: i16, command: Command| {
            let gain = Gain { coming_tenths: 0, going_tenths: gain };
            let port = PortId(0);
            let mut engine = Engine::new(&[Law::A])
                .with_callers([port].into_iter(), crate::Standard::V23)
                .with_gains([(port, gain)].into_iter());
            engine.command(command);
            let lead = crate::Lead { wait_ms: 0, alert_ms: 1000, gap_ms: 0 };
            engine.command(Command::Caller(port, Some(lead)));
            let mut tx = [[0; 16]];
            let tick = |_| {
                engine.tick(&[[Law::A.idle(); 16]], &mut tx);
                tx[0]
            };
            (0..500).map(tick).collect::<Vec<_>>()
        };
        let tone = |gain, tone| {
            let gain = Gain { coming_tenths: 0, going_tenths: gain };
            let mut engine = Engine::new(&[Law::A]).with_gains([(PortId(0), gain)].into_iter());
            engine.command(Command::Tone(PortId(0), tone));
            let mut tx = [[0; 16]];
            let tick = |_| {
                engine.tick(&[[Law::A.idle(); 16]], &mut tx);
                tx[0]
            };
            level(Law::A, &(0..500).map(tick).collect::<Vec<_>>())
        };
        let less = tone(-70, crate::Tone::Dial) - tone(0, crate::Tone::Dial);
        assert!((less + 7.0).abs() < 0.3, "{less}");
        assert!((tone(-70, crate::Tone::Howler) - tone(0, crate::Tone::Howler)).abs() < 0.01);
        let octet = Command::CallerOctet(PortId(0), 0x55);
        assert_eq!(sent(-70, octet), sent(0, octet));
        assert!(level(Law::A, &sent(0, octet)) > -15.0, "the alerting signal");
    }

    #[test]
    fn what_is_too_loud_is_clipped_and_never_turned_over() {
        for law in [Law::A, Law::Mu] {
            let table = table(law, 120);
            for octet in 0..=u8::MAX {
                let (before, after) =
                    (g711::decode(law, octet), g711::decode(law, table[usize::from(octet)]));
                assert!(i32::from(before) * i32::from(after) >= 0, "{octet}");
                assert!(after.unsigned_abs() >= before.unsigned_abs(), "{octet}");
            }
        }
    }
}
