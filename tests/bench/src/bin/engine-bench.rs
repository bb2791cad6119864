//! Sixteen E1 bridged in pairs: what switching costs, what reading and writing the cards costs, the
//! delay through the box, and that the thread that does it allocates nothing.
//!
//! The cards are two programs of eight spans each. Far ends are at the first two spans, whose time
//! slot 1 carries a noise that is compared octet by octet.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use bench::{Counting, allocations, own_ns};
use engine::Engine;
use exchange::exact::Exact;
use exchange::line::{Frame, Line};
use exchange::sound::shared_noise;
use exchange::telephone::play;
use hal_card::{Card, Kind, Octets};
use hal_virtual::VirtualCard;
use units::{ClockDomain, Duration, Law, PortId, SpanId};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Spans of one card.
const SPANS: usize = 8;
/// Slots that carry sound.
const SLOTS: usize = 30;
/// Blocks before anything is measured, and measured ones.
const WARM: u64 = 300;
const MEASURED: u64 = 3000;

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, or ends now.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start_card(folder: &Path) -> Result<(Program, VirtualCard), String> {
    let own = std::env::current_exe().map_err(|fault| fault.to_string())?;
    let path = own.with_file_name("ringmain-virtual-card");
    let mut command = Command::new(&path);
    command.arg("--dir").arg(folder).args(["--pace", "free", "--fxs", "0", "--spans"]);
    command.arg(SPANS.to_string()).stdout(Stdio::null());
    let child = command.spawn().map_err(|fault| format!("{}: {fault}", path.display()))?;
    let program = Program(child);
    for _ in 0..500 {
        let socket = folder.join("card.sock");
        let patience = Duration::from_secs(1);
        if let Ok(card) = VirtualCard::open(&socket, SpanId(1), ClockDomain(0), patience) {
            return Ok((program, card));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err("the card does not come up".into())
}

/// The far end of a span: sends a noise in slot 1, and listens for the other's.
struct Far {
    line: Line,
    sends: u64,
    ear: Exact,
    delay: Option<u64>,
}

impl Far {
    fn new(folder: &Path, span: usize, sends: u64, expects: u64) -> Self {
        let line = Line::new(folder.join(format!("e1-{span}.sock")), 0, true, 1);
        Self { line, sends, ear: Exact::new(expects, 8 * 2000), delay: None }
    }

    /// Answers what has come.
    fn turn(&mut self) {
        self.line.connect();
        while let Some(block) = self.line.receive() {
            let heard = self.line.heard().map(|frame| frame[1]);
            self.delay = self.ear.push(block * 16, &heard).or(self.delay);
            let said = play(&shared_noise(self.sends), block);
            let frames: [Frame; 16] = std::array::from_fn(|index| {
                let mut frame = [0xD5; 32];
                frame[1] = said[index];
                frame
            });
            self.line.send(block, block * limits::TICK_US, &frames);
        }
    }
}

/// Where the bearer slots of a card stand among its channels.
fn bearers(card: &dyn Card) -> Vec<usize> {
    let all = card.channels().iter().enumerate();
    all.filter(|(_, c)| matches!(c.kind, Kind::Bearer { .. })).map(|(index, _)| index).collect()
}

struct Figures {
    core_share: f64,
    io_share: f64,
    latency_ms: f64,
    allocations: u64,
    bad: u64,
    compared: u64,
}

fn measure() -> Result<Figures, String> {
    let folders = [tempfile::tempdir(), tempfile::tempdir()];
    let folders = folders.map(|folder| folder.map_err(|fault| fault.to_string()));
    let [first, second] = folders;
    let (first, second) = (first?, second?);
    let (_program_a, card_a) = start_card(first.path())?;
    let (_program_b, card_b) = start_card(second.path())?;
    let places = [bearers(&card_a), bearers(&card_b)];
    let mut cards = [card_a, card_b];
    let ports = 2 * SPANS * SLOTS;
    let mut engine = Engine::new(&vec![Law::A; ports]);
    for pair in 0..SPANS {
        for slot in 0..SLOTS {
            let port = |span: usize| PortId(u16::try_from(span * SLOTS + slot).unwrap_or(0));
            engine.command(engine::Command::Join(port(2 * pair), port(2 * pair + 1)));
        }
    }
    let mut fars = [Far::new(first.path(), 1, 1, 2), Far::new(first.path(), 2, 2, 1)];
    let mut blocks = [vec![[0xD5; 16]; 31 * SPANS], vec![[0xD5; 16]; 31 * SPANS]];
    let mut rx: Vec<Octets> = vec![[0xD5; 16]; ports];
    let mut tx = rx.clone();
    let (mut switching, mut moving, mut allocated) = (0, 0, 0);
    for tick in 0..WARM + MEASURED {
        fars.iter_mut().for_each(Far::turn);
        let before = allocations();
        let begin = own_ns();
        for (index, card) in cards.iter_mut().enumerate() {
            let received = card.receive(&mut blocks[index], Duration::from_millis(500));
            if received.is_err() || received.is_ok_and(|received| !received.block) {
                return Err(format!("card {index} delivers nothing at tick {tick}"));
            }
            let half = &mut rx[index * SPANS * SLOTS..][..SPANS * SLOTS];
            half.iter_mut().zip(&places[index]).for_each(|(to, from)| *to = blocks[index][*from]);
            while card.poll_event().is_some() {}
        }
        let received = own_ns();
        engine.tick(&rx, &mut tx);
        let switched = own_ns();
        for (index, card) in cards.iter_mut().enumerate() {
            let half = &tx[index * SPANS * SLOTS..][..SPANS * SLOTS];
            half.iter().zip(&places[index]).for_each(|(from, to)| blocks[index][*to] = *from);
            card.transmit(&blocks[index]).map_err(|fault| format!("card {index}: {fault:?}"))?;
        }
        let end = own_ns();
        if tick >= WARM {
            switching += switched - received;
            moving += (received - begin) + (end - switched);
            allocated += allocations() - before;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a few seconds")]
    let share = |ns: u64| ns as f64 / (MEASURED * limits::TICK_US * 1000) as f64 * 100.0;
    let delay = fars[0].delay.max(fars[1].delay).ok_or("the far ends do not hear each other")?;
    #[expect(clippy::cast_precision_loss, reason = "samples of a second")]
    let latency_ms = delay as f64 / 8.0;
    Ok(Figures {
        core_share: share(switching),
        io_share: share(moving),
        latency_ms,
        allocations: allocated,
        bad: fars.iter().map(|far| far.ear.bad).sum(),
        compared: fars.iter().map(|far| far.ear.octets).sum(),
    })
}

fn main() -> ExitCode {
    let mut out = std::io::stdout();
    let (text, code) = match measure() {
        Ok(f) => (
            format!(
                "engine: channels={} core_share={:.2}% io_share={:.2}% latency_ms={:.2} \
                 allocations={} octets={} bad_octets={}",
                2 * SPANS * SLOTS,
                f.core_share,
                f.io_share,
                f.latency_ms,
                f.allocations,
                f.compared,
                f.bad
            ),
            ExitCode::SUCCESS,
        ),
        Err(fault) => (format!("engine: not measured: {fault}"), ExitCode::FAILURE),
    };
    let _ = writeln!(out, "{text}");
    code
}
