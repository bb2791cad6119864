//! Who paces: the first line card that is alive, and never a jack.

use std::sync::Mutex;

use hal_card::{Channel, Counters, Fault, Received};
use heapless::spsc::Queue;
use nix::sys::eventfd::EfdFlags;
use units::ClockDomain;

use super::*;

const BOARD: &str = "name = \"x\"\ntitle = \"X\"\n[card.a]\ndriver = \"virtual\"\nsocket = \"s\"\n\
                     [card.a.telephone.1]\nlabel = \"TEL 1\"\n\
                     [audio.1]\nlabel = \"MUSIC IN\"\ndevice = \"hw:0\"\nrole = \"music\"\n";
/// An octet of sound that is not silence.
const SOUND: u8 = 0x2A;

/// What the test does to a card and sees of it.
#[derive(Default)]
struct Hands {
    there: bool,
    event: Option<Event>,
    waited: Vec<Duration>,
}

struct Fake {
    channel: [Channel; 1],
    hands: Arc<Mutex<Hands>>,
    clock: u64,
}

impl Fake {
    fn new(kind: Kind) -> (Box<Self>, Arc<Mutex<Hands>>) {
        let hands = Arc::new(Mutex::new(Hands { there: true, ..Hands::default() }));
        let channel = [Channel { kind, law: Law::A, clock: ClockDomain(0) }];
        (Box::new(Self { channel, hands: hands.clone(), clock: 0 }), hands)
    }
}

impl Card for Fake {
    fn channels(&self) -> &[Channel] {
        &self.channel
    }

    fn receive(&mut self, blocks: &mut [Octets], patience: Duration) -> Result<Received, Fault> {
        let mut hands = self.hands.lock().expect("whole");
        hands.waited.push(patience);
        if !hands.there {
            return Err(Fault::Gone);
        }
        blocks.fill([SOUND; 16]);
        self.clock += 1;
        Ok(Received { block: true, missing: 0, clock: self.clock })
    }

    fn transmit(&mut self, _: &[Octets]) -> Result<(), Fault> {
        Ok(())
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.hands.lock().expect("whole").event.take()
    }

    fn send_frame(&mut self, _: usize, _: &[u8]) -> Result<(), Fault> {
        Err(Fault::NoSuchChannel)
    }

    fn command(&mut self, _: Command) -> Result<(), Fault> {
        Err(Fault::NoSuchChannel)
    }

    fn counters(&self, _: SpanId) -> Option<Counters> {
        None
    }

    fn paces(&self) -> bool {
        self.channel[0].kind != Kind::Jack
    }
}

struct Bench {
    line: LineThread,
    shared: Arc<Shared>,
    heard: Consumer<'static, Heard>,
    _orders: Producer<'static, Order>,
    telephone: Arc<Mutex<Hands>>,
    jack: Arc<Mutex<Hands>>,
}

fn bench() -> Bench {
    let layout = board::read(&|_: &str| Ok(BOARD.into()), "x").expect("a board").layout();
    let heard: &'static mut Queue<Heard, { limits::LINE_RING }> = Box::leak(Box::default());
    let orders: &'static mut Queue<Order, { limits::COMMAND_RING }> = Box::leak(Box::default());
    let ((to_control, heard), (_orders, from_control)) = (heard.split(), orders.split());
    let shared = Arc::new(Shared {
        blocks: AtomicU64::new(0),
        taken: AtomicU64::new(0),
        dropped: AtomicU64::new(0),
        idle_ticks: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        hand_over: AtomicBool::new(false),
        bell: EventFd::from_flags(EfdFlags::EFD_NONBLOCK).expect("eventfd"),
    });
    let ((telephone, hands), (jack, of_jack)) = (Fake::new(Kind::Fxs), Fake::new(Kind::Jack));
    let rings =
        Rings { heard: to_control, orders: from_control, taps: crate::recordings::no_taps() };
    let line = LineThread::new(vec![telephone, jack], &layout, vec![], shared.clone(), rings);
    Bench { line, shared, heard, _orders, telephone: hands, jack: of_jack }
}

impl Bench {
    /// Ticks, and the blocks that were counted by them.
    fn ticks(&mut self, count: u32) -> u64 {
        let before = self.shared.blocks.load(Ordering::Relaxed);
        (0..count).for_each(|_| self.line.tick());
        self.shared.blocks.load(Ordering::Relaxed) - before
    }
}

#[test]
fn a_jack_is_never_waited_for_and_never_paces() {
    let mut bench = bench();
    assert_eq!(bench.ticks(10), 10, "the telephone's card paces");
    bench.telephone.lock().expect("whole").there = false;
    bench.jack.lock().expect("whole").waited.clear();
    let begin = clock::monotonic();
    assert_eq!(bench.ticks(10), 0, "a jack that lives counts no blocks for the box");
    // Nobody waits, so the processor's clock has to: the box does not spin.
    let took = clock::monotonic() - begin;
    assert!(took >= Duration::from_micros(10 * limits::TICK_US), "{took:?}");
    assert_eq!(bench.line.pacer, 0);
    bench.telephone.lock().expect("whole").there = true;
    assert_eq!(bench.ticks(10), 10, "its card paces again at once");
    assert!(bench.jack.lock().expect("whole").waited.iter().all(Duration::is_zero));
}

#[test]
fn what_a_jack_hears_goes_into_the_matrix() {
    let mut bench = bench();
    bench.ticks(1);
    assert_eq!(bench.line.rx, [[SOUND; 16], [SOUND; 16]]);
    assert!(matches!(bench.line.cards[1].wires[..], [Wire::Port(PortId(1))]));
}

#[test]
fn a_jack_that_is_pulled_out_is_a_trouble_of_its_socket_and_no_lost_line_card() {
    for (jack, expected) in [(true, vec![]), (false, vec![Heard::CardGone])] {
        let mut bench = bench();
        bench.ticks(1);
        while bench.heard.dequeue().is_some() {}
        let hands = if jack { &bench.jack } else { &bench.telephone };
        hands.lock().expect("whole").event = Some(Event::Gone);
        bench.ticks(1);
        let told: Vec<_> = std::iter::from_fn(|| bench.heard.dequeue()).collect();
        let trouble = Heard::Trouble(u16::from(jack), Some(Trouble::Missing));
        assert_eq!(told, [vec![trouble], expected].concat());
    }
}
