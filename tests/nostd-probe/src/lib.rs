//! Proves that units, limits, machine, bearer, wire/*, dsp/*, proto/* and link need no `std` and no
//! allocator: this library links them all without either, with a panic handler of its own.
//!
//! `cargo xtask nostd` builds it. A crate that brings `std` in brings a second panic handler, which
//! the compiler refuses; one that brings `alloc` in asks for an allocator that is not there.
#![no_std]

use core::panic::PanicInfo;

use machine::{Machine, Restore};
use units::media::BLOCK_SAMPLES;
use units::{Digits, Instant, Law};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// Uses something of each crate, so that each is really linked. Gives back a sum that depends on
/// all of it.
#[unsafe(no_mangle)]
pub extern "C" fn ringmain_probe(seed: u8) -> usize {
    sound(seed) + bits(seed) + machines(seed) + messages(seed)
}

fn sound(seed: u8) -> usize {
    let mut octets = [seed; BLOCK_SAMPLES];
    let mut samples = [0; BLOCK_SAMPLES];
    g711::decode_block(Law::A, &octets, &mut samples);
    dsp_tone::Generator::new(&dsp_tone::CHINA_DIAL).fill(&mut samples);
    let key = dsp_dtmf::Receiver::new().push(&samples).is_some();
    dsp_mf::Generator::new(units::MfDirection::Forward).fill(&mut samples);
    let mf = dsp_mf::Receiver::new(units::MfDirection::Backward).push(&samples).is_some();
    let fsk = dsp_fsk::Demodulator::new().push(&samples).is_some();
    let mut progress = dsp_progress::Detector::new(&dsp_progress::Plan::china());
    let tone = progress.push(&samples).is_some();
    let settings = dsp_echo::Settings::new(dsp_echo::Tail::Ms32);
    let mut echo = dsp_echo::Canceller::new(settings, dsp_simd::Level::detect());
    echo.process(&[i16::from(seed); BLOCK_SAMPLES], &mut samples);
    let machine = dsp_answer::Receiver::new().push(&samples).is_some();
    let person = dsp_voice::Judge::new().push(&samples).is_some();
    let mut meter = dsp_bert::Meter::default();
    meter.push(dsp_bert::Pattern::default().octet());
    let mut room = dsp_mix::Mix::new();
    room.join();
    room.begin(Some(&samples));
    room.hear(0, &mut samples);
    dsp_plc::Concealer::new().lost(&mut samples);
    dsp_jitter::Buffer::new().get(Instant::from_millis(seed.into()), &mut samples);
    let loud = dsp_level::level(&samples).0 > -20.0;
    g711::encode_block(Law::A, &samples, &mut octets);
    let found = [key, loud, meter.is_locked(), mf, fsk, tone, machine, person];
    let found = found.into_iter().filter(|found| *found).count();
    usize::from(octets[0]) + found
}

fn bits(seed: u8) -> usize {
    let caller = clid::Message::parse(&[seed, 0, seed]).is_ok();
    let mut encoder = hdlc::Encoder::<{ limits::FRAME_OCTETS }>::new();
    let mut decoder = hdlc::Decoder::<{ limits::FRAME_OCTETS }>::new();
    let _ = encoder.send(&[seed, 1, 2, 3]);
    let heard = (0..16).filter(|_| decoder.push(encoder.pull()).is_some()).count();
    let mut frame = [seed; g704::FRAME];
    g704::Framer::new(true).frame(&mut frame);
    let mut frames = 0;
    g704::Deframer::new(true).push(&frame, |_| frames += 1);
    heard + frames + usize::from(caller)
}

fn machines(seed: u8) -> usize {
    let now = Instant::from_millis(u64::from(seed));
    let mut data_link = q921::Link::new(q921::Config::new(q921::Role::User));
    data_link.handle(now, q921::Input::EstablishRequest);
    let mut sent = 0;
    while data_link.poll_output().is_some() {
        sent += 1;
    }
    let mut room = [0; 4096];
    let saved = data_link.snapshot(&mut room).map_or(0, <[u8]>::len);
    let said = say::say(&say::What::Number(7), say::Language::Mandarin);
    core::hint::black_box(&said);
    let call = q931::Call::outgoing(q931::Config::new(q931::Role::User), 1);
    let mut telephone = analog::Fxs::new(analog::Timing::default());
    telephone.handle(now, analog::Input::Hook { off_hook: true });
    while telephone.poll_output().is_some() {
        sent += 1;
    }
    let mut circuit = q421::Circuit::new(q421::Code::ITU, q421::Timing::default());
    circuit.handle(now, q421::Input::Bits(seed));
    let wants = q441::Wants { called: seed, caller: true, caller_after: 0 };
    let variant = q441::Variant {
        a: [q441::Ask::Next; 15],
        b: [q441::Verdict::Free; 15],
        c: [q441::Ask::Unused; 15],
        category: units::MfSignal::FIRST,
        service: units::MfSignal::FIRST,
        categories: [None; 15],
        services: [None; 15],
        end_of_called: None,
        end_of_calling: units::MfSignal::LAST,
        restricted: None,
        timing: q441::Timing::default(),
    };
    let mut register = q441::Incoming::new(now, variant, wants);
    register.handle(now, q441::IncomingInput::Heard(units::MfSignal::new(seed)));
    while register.poll_output().is_some() || circuit.poll_output().is_some() {
        sent += 1;
    }
    sent + saved + usize::from(call.is_alive())
}

fn messages(seed: u8) -> usize {
    let calling =
        bearer::Calling { number: Digits::parse("801").unwrap_or_default(), ..<_>::default() };
    let mut room = [0; 64];
    let number = u64::from(seed);
    let encoded = link::encode(&link::Down::Ack { number }, &mut room);
    calling.number.len() + encoded.map_or(0, <[u8]>::len)
}
