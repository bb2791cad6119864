//! One end of the link against a hand-made peer, clause by clause.

use std::vec::Vec;

use machine::{Machine, Restore, SnapshotFault};
use units::{Duration, Instant};

use crate::wire::{Repr, Supervisory};
use crate::{Config, Frame, Input, Link, MdlError, Message, Output, Role, State};

struct Bench {
    link: Link,
    now: Instant,
}

fn i(ns: u8, nr: u8, p: bool, information: &[u8]) -> Repr<'_> {
    Repr::I { ns, nr, p, information }
}

fn s(command: bool, nr: u8, pf: bool) -> Supervisory {
    Supervisory { command, nr, pf }
}

fn message(octets: &[u8]) -> Message {
    Message::from_slice(octets).expect("short")
}

impl Bench {
    fn new() -> Self {
        Self { link: Link::new(Config::new(Role::User)), now: Instant::from_millis(1000) }
    }

    fn up() -> Self {
        let mut bench = Self::new();
        bench.put(Input::EstablishRequest);
        let outputs = bench.hear(Repr::Ua { f: true });
        assert_eq!(outputs, [Output::EstablishConfirm]);
        bench
    }

    fn drain(&mut self) -> Vec<Output> {
        core::iter::from_fn(|| self.link.poll_output()).collect()
    }

    fn put(&mut self, input: Input) -> Vec<Output> {
        self.link.handle(self.now, input);
        self.drain()
    }

    fn hear(&mut self, repr: Repr<'_>) -> Vec<Output> {
        self.put(Input::Frame(repr.emit(Role::Network).expect("fits")))
    }

    fn send(&mut self, octets: &[u8]) -> Vec<Output> {
        self.put(Input::DataRequest(message(octets)))
    }

    fn timeout(&mut self) -> Vec<Output> {
        self.now = self.link.poll_timeout().expect("a timer runs");
        self.link.handle_timeout(self.now);
        self.drain()
    }
}

fn tx(repr: Repr<'_>) -> Output {
    Output::Transmit(repr.emit(Role::User).expect("fits"))
}

// Q.921 5.5.1.2
#[test]
fn an_unanswered_sabme_is_sent_n200_times_again_and_then_layer_3_is_told() {
    let mut bench = Bench::new();
    assert_eq!(bench.put(Input::EstablishRequest), [tx(Repr::Sabme { p: true })]);
    for _ in 0..3 {
        assert_eq!(bench.timeout(), [tx(Repr::Sabme { p: true })]);
    }
    assert_eq!(bench.now, Instant::from_millis(4000));
    assert_eq!(bench.timeout(), [Output::Error(MdlError::G), Output::ReleaseIndication]);
    assert_eq!(bench.link.link_state(), State::TeiAssigned);
    assert_eq!(bench.link.poll_timeout(), None);
}

// Q.921 5.5.1.2
#[test]
fn a_dm_with_f_refuses_the_establishment_and_one_without_f_does_not() {
    let mut bench = Bench::new();
    bench.put(Input::EstablishRequest);
    assert_eq!(bench.hear(Repr::Dm { f: false }), []);
    assert_eq!(bench.hear(Repr::Dm { f: true }), [Output::ReleaseIndication]);
}

// Q.921 5.5.1.2
#[test]
fn the_peer_may_set_the_link_up() {
    let mut bench = Bench::new();
    let outputs = bench.hear(Repr::Sabme { p: true });
    assert_eq!(outputs, [tx(Repr::Ua { f: true }), Output::EstablishIndication]);
    assert!(bench.link.is_established());
}

// Q.921 5.5.3
#[test]
fn a_release_is_confirmed_by_ua_or_by_dm_or_by_silence() {
    for answer in [Some(Repr::Ua { f: true }), Some(Repr::Dm { f: true }), None] {
        let mut bench = Bench::up();
        assert_eq!(bench.put(Input::ReleaseRequest), [tx(Repr::Disc { p: true })]);
        if let Some(repr) = answer {
            assert_eq!(bench.hear(repr), [Output::ReleaseConfirm]);
        } else {
            for _ in 0..3 {
                assert_eq!(bench.timeout(), [tx(Repr::Disc { p: true })]);
            }
            assert_eq!(bench.timeout(), [Output::Error(MdlError::H), Output::ReleaseConfirm]);
        }
        assert_eq!(bench.link.link_state(), State::TeiAssigned);
    }
}

// Q.921 5.5.3.2, 5.5.4
#[test]
fn a_disc_releases_an_established_link_and_gets_dm_from_a_released_one() {
    let mut bench = Bench::up();
    let outputs = bench.hear(Repr::Disc { p: true });
    assert_eq!(outputs, [tx(Repr::Ua { f: true }), Output::ReleaseIndication]);
    assert_eq!(bench.hear(Repr::Disc { p: true }), [tx(Repr::Dm { f: true })]);
}

// Q.921 5.5.5
#[test]
fn commands_that_cross_are_answered_in_either_state() {
    let mut bench = Bench::new();
    bench.put(Input::EstablishRequest);
    assert_eq!(bench.hear(Repr::Sabme { p: true }), [tx(Repr::Ua { f: true })]);
    assert_eq!(bench.hear(Repr::Disc { p: true }), [tx(Repr::Dm { f: true })]);
    assert_eq!(bench.hear(Repr::Ua { f: true }), [Output::EstablishConfirm]);
    bench.put(Input::ReleaseRequest);
    assert_eq!(bench.hear(Repr::Disc { p: true }), [tx(Repr::Ua { f: true })]);
    assert_eq!(bench.hear(Repr::Sabme { p: false }), [tx(Repr::Dm { f: false })]);
}

// Q.921 Annex D, state 5.2 and 6
#[test]
fn the_opposite_request_waits_until_the_first_is_answered() {
    let mut bench = Bench::new();
    bench.put(Input::EstablishRequest);
    assert_eq!(bench.put(Input::ReleaseRequest), []);
    assert_eq!(bench.hear(Repr::Ua { f: true }), [tx(Repr::Disc { p: true })]);
    assert_eq!(bench.put(Input::EstablishRequest), []);
    let outputs = bench.hear(Repr::Ua { f: true });
    assert_eq!(outputs, [Output::ReleaseConfirm, tx(Repr::Sabme { p: true })]);
    assert_eq!(bench.hear(Repr::Ua { f: true }), [Output::EstablishConfirm]);
}

// Q.921 5.6.1, 5.9.5
#[test]
fn at_most_k_frames_are_on_their_way() {
    let mut bench = Bench::up();
    for n in 0..7 {
        assert_eq!(bench.send(&[n]), [tx(i(n, 0, false, &[n]))]);
    }
    assert_eq!(bench.send(&[7]), []);
    assert_eq!(bench.send(&[8]), []);
    assert_eq!(bench.hear(Repr::Rr(s(false, 1, false))), [tx(i(7, 0, false, &[7]))]);
    assert_eq!(bench.hear(Repr::Rr(s(false, 8, false))), [tx(i(8, 0, false, &[8]))]);
    assert_eq!(bench.link.unacknowledged(), 1);
}

#[test]
fn a_full_queue_says_so_and_keeps_what_it_has() {
    let mut bench = Bench::up();
    for n in 0..limits::MESSAGE_QUEUE {
        assert!(!bench.send(&[u8::try_from(n).expect("small")]).contains(&Output::Full));
    }
    assert_eq!(bench.send(&[99]), [Output::Full]);
    assert_eq!(bench.link.unacknowledged(), limits::MESSAGE_QUEUE);
    assert_eq!(bench.link.counters().full, 1);
}

#[test]
fn a_message_without_a_link_is_refused_aloud() {
    let mut bench = Bench::new();
    assert_eq!(bench.send(&[1]), [Output::NotEstablished]);
    bench.put(Input::EstablishRequest);
    assert_eq!(bench.send(&[1]), [Output::NotEstablished]);
}

// Q.921 5.6.2
#[test]
fn an_i_frame_is_delivered_and_acknowledged_by_rr_or_by_the_next_i_frame() {
    let mut bench = Bench::up();
    let outputs = bench.hear(i(0, 0, false, &[5]));
    assert_eq!(outputs, [Output::Data(message(&[5])), tx(Repr::Rr(s(false, 1, false)))]);
    let outputs = bench.hear(i(1, 0, true, &[6]));
    assert_eq!(outputs, [Output::Data(message(&[6])), tx(Repr::Rr(s(false, 2, true)))]);
    assert_eq!(bench.send(&[7]), [tx(i(0, 2, false, &[7]))]);
}

// Q.921 5.8.1
#[test]
fn one_reject_is_sent_for_a_gap_however_many_frames_follow_it() {
    let mut bench = Bench::up();
    assert_eq!(bench.hear(i(1, 0, false, &[5])), [tx(Repr::Rej(s(false, 0, false)))]);
    assert_eq!(bench.hear(i(2, 0, false, &[6])), []);
    assert_eq!(bench.hear(i(3, 0, true, &[6])), [tx(Repr::Rr(s(false, 0, true)))]);
    assert_eq!(bench.hear(i(0, 0, false, &[4])).len(), 2);
    assert_eq!(bench.hear(i(2, 0, true, &[6])), [tx(Repr::Rej(s(false, 1, true)))]);
}

// Q.921 5.6.4
#[test]
fn a_reject_brings_the_frames_again_from_n_r_on() {
    let mut bench = Bench::up();
    for n in 0..3 {
        bench.send(&[n]);
    }
    let outputs = bench.hear(Repr::Rej(s(false, 1, false)));
    assert_eq!(outputs, [tx(i(1, 0, false, &[1])), tx(i(2, 0, false, &[2]))]);
    assert_eq!(bench.link.counters().retransmitted, 2);
}

// Q.921 5.6.5
#[test]
fn a_busy_peer_gets_no_i_frames_until_it_is_ready() {
    let mut bench = Bench::up();
    assert_eq!(bench.hear(Repr::Rnr(s(false, 0, false))), []);
    assert_eq!(bench.send(&[1]), []);
    assert_eq!(bench.timeout(), [tx(Repr::Rr(s(true, 0, true)))]);
    assert_eq!(bench.hear(Repr::Rnr(s(false, 0, true))), []);
    assert_eq!(bench.hear(Repr::Rr(s(false, 0, false))), [tx(i(0, 0, false, &[1]))]);
}

// Q.921 5.6.6
#[test]
fn an_own_busy_condition_is_told_and_frames_are_discarded_meanwhile() {
    let mut bench = Bench::up();
    assert_eq!(bench.put(Input::ReceiverBusy), [tx(Repr::Rnr(s(false, 0, false)))]);
    assert_eq!(bench.put(Input::ReceiverBusy), []);
    assert_eq!(bench.hear(i(0, 0, true, &[1])), [tx(Repr::Rnr(s(false, 0, true)))]);
    let enquiry = bench.hear(Repr::Rr(s(true, 0, true)));
    assert_eq!(enquiry, [tx(Repr::Rnr(s(false, 0, true)))]);
    assert_eq!(bench.put(Input::ReceiverReady), [tx(Repr::Rr(s(false, 0, false)))]);
    assert_eq!(bench.hear(i(0, 0, false, &[1])).len(), 2);
}

// Q.921 5.6.7
#[test]
fn a_lost_acknowledgement_is_asked_for_and_the_frame_sent_again_if_it_was_lost() {
    let mut bench = Bench::up();
    bench.send(&[1]);
    assert_eq!(bench.timeout(), [tx(Repr::Rr(s(true, 0, true)))]);
    assert_eq!(bench.link.link_state(), State::TimerRecovery);
    assert_eq!(bench.send(&[2]), []);
    let outputs = bench.hear(Repr::Rr(s(false, 0, true)));
    assert_eq!(outputs, [tx(i(0, 0, false, &[1])), tx(i(1, 0, false, &[2]))]);
    assert_eq!(bench.link.link_state(), State::MultipleFrameEstablished);
}

// Q.921 5.6.7, 5.7.3
#[test]
fn a_silent_peer_is_asked_n200_times_then_the_link_is_set_up_again() {
    let mut bench = Bench::up();
    bench.send(&[1]);
    for _ in 0..4 {
        assert_eq!(bench.timeout(), [tx(Repr::Rr(s(true, 0, true)))]);
    }
    let outputs = bench.timeout();
    assert_eq!(outputs, [Output::Error(MdlError::I), tx(Repr::Sabme { p: true })]);
    // The message that was on its way is lost, and layer 3 hears of it.
    assert_eq!(bench.hear(Repr::Ua { f: true }), [Output::EstablishIndication]);
    assert_eq!(bench.link.counters().discarded, 1);
}

// Q.921 5.10.3.1
#[test]
fn an_idle_link_is_asked_every_t203() {
    let mut bench = Bench::up();
    assert_eq!(bench.link.poll_timeout(), Some(bench.now + Duration::from_secs(10)));
    assert_eq!(bench.timeout(), [tx(Repr::Rr(s(true, 0, true)))]);
    assert_eq!(bench.hear(Repr::Rr(s(false, 0, true))), []);
    assert_eq!(bench.link.poll_timeout(), Some(bench.now + Duration::from_secs(10)));
}

// Q.921 5.7.1
#[test]
fn a_peer_that_starts_anew_resets_the_link_and_lost_messages_are_told() {
    let mut bench = Bench::up();
    let outputs = bench.hear(Repr::Sabme { p: true });
    assert_eq!(outputs, [tx(Repr::Ua { f: true }), Output::Error(MdlError::F)]);
    bench.send(&[1]);
    let outputs = bench.hear(Repr::Sabme { p: true });
    assert_eq!(
        outputs,
        [tx(Repr::Ua { f: true }), Output::Error(MdlError::F), Output::EstablishIndication]
    );
    assert_eq!(bench.send(&[2]), [tx(i(0, 0, false, &[2]))]);
}

// Q.921 5.8.5, 5.8.6, 5.8.7
#[test]
fn frames_that_cannot_be_recovered_from_reset_the_link() {
    let cases: [(Repr<'_>, MdlError); 5] = [
        (Repr::Rr(s(false, 1, false)), MdlError::J),
        (i(0, 3, false, &[]), MdlError::J),
        (Repr::Frmr { f: false, reason: [0; 5] }, MdlError::K),
        (Repr::Dm { f: false }, MdlError::E),
        (Repr::Rnr(s(true, 9, false)), MdlError::J),
    ];
    for (repr, code) in cases {
        let mut bench = Bench::up();
        let outputs = bench.hear(repr);
        assert!(outputs.contains(&Output::Error(code)), "{repr:?}: {outputs:?}");
        assert_eq!(outputs.last(), Some(&tx(Repr::Sabme { p: true })), "{repr:?}");
        assert_eq!(bench.link.counters().error(code), 1);
        assert_eq!(bench.hear(Repr::Ua { f: true }), [], "nothing was lost: no word to layer 3");
    }
    for octets in [&[2, 1, 0x7F, 0][..], &[2, 1, 0xEF], &[2, 1, 1, 0, 0]] {
        let mut bench = Bench::up();
        let frame = Frame::from_slice(octets).expect("short");
        assert_eq!(bench.put(Input::Frame(frame)).last(), Some(&tx(Repr::Sabme { p: true })));
    }
}

// Q.921 5.8.7, table II.1
#[test]
fn answers_that_nobody_asked_for_are_told_and_change_nothing() {
    let cases = [
        (Repr::Ua { f: true }, MdlError::C),
        (Repr::Ua { f: false }, MdlError::D),
        (Repr::Dm { f: true }, MdlError::B),
        (Repr::Rr(s(false, 0, true)), MdlError::A),
    ];
    for (repr, code) in cases {
        let mut bench = Bench::up();
        assert_eq!(bench.hear(repr), [Output::Error(code)]);
        assert_eq!(bench.link.link_state(), State::MultipleFrameEstablished);
    }
}

#[test]
fn frames_for_other_addresses_are_counted_and_dropped() {
    let mut bench = Bench::up();
    for octets in [&[0xFE, 0xFF, 3, 0x0F][..], &[2, 0x81, 0x7F], &[2, 1, 3, 9], &[2], &[2, 1, 0xAF]]
    {
        let frame = Frame::from_slice(octets).expect("short");
        assert_eq!(bench.put(Input::Frame(frame)), []);
    }
    let counters = bench.link.counters();
    let counted = (counters.other_sapi, counters.other_tei, counters.ui, counters.xid);
    assert_eq!((counted, counters.invalid), ((1, 1, 1, 1), 1));
}

#[test]
fn a_lasting_deactivation_ends_the_link_and_its_timers() {
    let mut bench = Bench::up();
    bench.send(&[1]);
    assert_eq!(bench.put(Input::PersistentDeactivation), [Output::ReleaseIndication]);
    assert_eq!(bench.link.poll_timeout(), None);
    assert_eq!(bench.put(Input::PersistentDeactivation), []);
}

#[test]
fn a_snapshot_with_impossible_numbers_is_refused() {
    let mut bench = Bench::up();
    bench.link.va = 3;
    let mut room = [0; 4096];
    let octets = bench.link.snapshot(&mut room).expect("fits");
    assert_eq!(Link::restore(octets).err(), Some(SnapshotFault::Malformed));
    bench.link.handle(bench.now, Input::EstablishRequest);
    assert_eq!(bench.link.snapshot(&mut [0; 4096]).err(), Some(SnapshotFault::NotDrained));
}

// Q.931 F.2.2
#[test]
fn a_link_that_is_held_answers_invitations_with_dm_and_nothing_else() {
    let mut bench = Bench::new();
    let mut refuse = |repr: Repr<'_>| {
        bench.link.refuse(&repr.emit(Role::Network).expect("fits"));
        bench.drain()
    };
    for (invitation, f) in [
        (Repr::Sabme { p: true }, true),
        (Repr::Sabme { p: false }, false),
        (Repr::Disc { p: true }, true),
    ] {
        assert_eq!(refuse(invitation), [tx(Repr::Dm { f })]);
    }
    assert_eq!(refuse(Repr::Rr(s(true, 0, true))), []);
    assert_eq!(refuse(i(0, 0, true, b"x")), []);
    assert_eq!(bench.link.link_state(), State::TeiAssigned);
}
