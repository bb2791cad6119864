//! Caller identification, sent by one and read by the other.
#![expect(clippy::expect_used, reason = "a test")]

use clid::{Assembler, At, Call, Collector, Dtmf, Format, Message, Name, Told, Waiting};
use dsp_fsk::{Demodulator, Event, Framing, Modulator, Standard};
use engine::{Command, Engine, Lead};
use spandsp_peer::adsi;
use units::media::BLOCK_SAMPLES;
use units::{Dbm0, Digits, Law, PortId};

/// Through the law of the line.
fn line(samples: &mut [i16]) {
    for sample in samples {
        *sample = g711::decode(Law::A, g711::encode(Law::A, *sample));
    }
}

fn number(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

fn messages() -> Vec<Message> {
    let at = Some(At { month: 11, day: 2, hour: 23, minute: 59 });
    let name = Name::from_slice(b"LI LEI").expect("short");
    let known = Call {
        at,
        number: Some(Told::Is(number("13800138000"))),
        name: Some(Told::Is(name)),
        first_called: None,
    };
    let withheld = Call { at, number: Some(Told::Withheld), ..Call::default() };
    let waiting = |on| Message::Waiting(Waiting { on, messages: None });
    vec![Message::Call(known), Message::Call(withheld), waiting(true), waiting(false)]
}

/// Each message in each format that the standard has, with the frequencies that it uses.
fn all() -> Vec<(adsi::Standard, Standard, Format, Message)> {
    let standards = [
        (adsi::Standard::Class, Standard::Bell202, Format::Mdmf),
        (adsi::Standard::Clip, Standard::V23, Format::Mdmf),
        (adsi::Standard::Aclip, Standard::Bell202, Format::Sdmf),
        (adsi::Standard::Aclip, Standard::Bell202, Format::Mdmf),
    ];
    let each = standards.into_iter();
    each.flat_map(|(theirs, ours, format)| {
        messages().into_iter().map(move |message| (theirs, ours, format, message))
    })
    .collect()
}

#[test]
fn spandsp_reads_every_message_that_we_send() {
    for (theirs, ours, format, message) in all() {
        let octets = message.emit(format).expect("it has a time and a number");
        let mut modulator = Modulator::new(ours, Dbm0(-13.5));
        modulator.send(&octets, Framing::ON_HOOK).expect("short");
        let mut receiver = adsi::Receiver::new(theirs).expect("memory");
        let mut samples = vec![0; 16_000];
        modulator.fill(&mut samples[800..]);
        line(&mut samples);
        receiver.push(&samples);
        // It leaves the checksum out, which it has checked.
        let wanted = octets.split_last().map(|(_, rest)| rest.to_vec());
        assert_eq!(receiver.heard(), wanted.as_slice(), "{theirs:?} {format:?} {message:?}");
    }
}

#[test]
fn we_read_every_message_that_spandsp_sends() {
    for (theirs, _, format, message) in all() {
        let octets = message.emit(format).expect("it has a time and a number");
        let mut sender = adsi::Sender::new(theirs).expect("memory");
        assert!(sender.send(&octets[..octets.len() - 1]), "{theirs:?} {format:?} {message:?}");
        let (mut demodulator, mut assembler) = (Demodulator::new(), Assembler::new());
        let mut heard = vec![];
        for _ in 0..1000 {
            let mut samples = [0; BLOCK_SAMPLES];
            sender.fill(&mut samples);
            line(&mut samples);
            match demodulator.push(&samples) {
                Some(Event::Mark) => assembler.begin(),
                Some(Event::Octet(octet)) => heard.extend(assembler.octet(octet)),
                Some(Event::Broken | Event::Lost) => assert_eq!(assembler.end(), None),
                None => {}
            }
        }
        // A single message has no name.
        let told = Message::parse(&octets);
        assert_eq!(heard, std::slice::from_ref(&told), "{theirs:?} {format:?}");
        assert!(format == Format::Sdmf || told == Ok(message));
    }
}

#[test]
fn spandsp_reads_numbers_that_we_send_in_dtmf_and_we_its_own() {
    let sent = Dtmf::CHINA.emit(&Told::Is(number("02081234567"))).expect("digits");
    let text = sent.to_string();
    let mut sender = dsp_tone::DigitSender::new(70, 70, Dbm0(-10.0), Dbm0(-8.0));
    for digit in sent.as_slice() {
        sender.push(*digit).expect("few");
    }
    let mut receiver = adsi::Receiver::new(adsi::Standard::Dtmf).expect("memory");
    let mut samples = vec![0; 24_000];
    sender.fill(&mut samples);
    line(&mut samples);
    receiver.push(&samples);
    assert_eq!(receiver.heard(), [text.clone().into_bytes()]);

    let mut sender = adsi::Sender::new(adsi::Standard::Dtmf).expect("memory");
    assert!(sender.send(text.as_bytes()));
    let (mut receiver, mut collector) = (dsp_dtmf::Receiver::new(), Collector::new());
    let mut heard = vec![];
    for _ in 0..2000 {
        let mut samples = [0; BLOCK_SAMPLES];
        sender.fill(&mut samples);
        line(&mut samples);
        if let Some(dsp_dtmf::Event::Begin(digit)) = receiver.push(&samples) {
            heard.extend(collector.digit(digit));
        }
    }
    assert_eq!(heard, [Ok(Told::Is(number("02081234567")))]);
}

/// What the engine sends to a telephone on hook, from its command on.
fn sent(standard: Standard, commands: &[Command]) -> Vec<i16> {
    let mut engine = Engine::new(&[Law::A]).with_callers(std::iter::once(PORT), standard);
    commands.iter().for_each(|command| engine.command(*command));
    let mut all = vec![];
    for _ in 0..1500 {
        let mut octets = [[0xD5; BLOCK_SAMPLES]];
        engine.tick(&[[0xD5; BLOCK_SAMPLES]], &mut octets);
        all.extend(octets[0].map(|octet| g711::decode(Law::A, octet)));
    }
    assert_eq!(engine.refused(), 0);
    all
}

const PORT: PortId = PortId(0);

#[test]
fn spandsp_reads_what_the_engine_tells_behind_an_alerting_signal_and_in_digits() {
    for message in messages() {
        let octets = message.emit(Format::Mdmf).expect("a message");
        let mut commands: Vec<_> =
            octets.iter().map(|octet| Command::CallerOctet(PORT, *octet)).collect();
        let lead = Lead { wait_ms: 200, alert_ms: 100, gap_ms: 60 };
        commands.push(Command::Caller(PORT, Some(lead)));
        let mut receiver = adsi::Receiver::new(adsi::Standard::Clip).expect("memory");
        receiver.push(&sent(Standard::V23, &commands));
        let wanted = octets.split_last().map(|(_, rest)| rest.to_vec());
        assert_eq!(receiver.heard(), wanted.as_slice(), "{message:?}");
    }
    let digits = Dtmf::CHINA.emit(&Told::Is(number("5551234"))).expect("digits");
    let mut commands: Vec<_> =
        digits.as_slice().iter().map(|digit| Command::CallerKey(PORT, *digit)).collect();
    let lead = Lead { wait_ms: 200, alert_ms: 0, gap_ms: 0 };
    commands.push(Command::Caller(PORT, Some(lead)));
    let mut receiver = adsi::Receiver::new(adsi::Standard::Dtmf).expect("memory");
    receiver.push(&sent(Standard::V23, &commands));
    assert_eq!(receiver.heard(), [digits.to_string().into_bytes()]);
}
