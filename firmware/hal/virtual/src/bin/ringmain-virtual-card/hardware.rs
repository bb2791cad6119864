//! The card as a whole: one loop over blocks.

use hal_socket::Instance;
use std::os::fd::AsFd;

use hal_virtual::frame::{Down, MOST_OCTETS, Shape, UpMut};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::signal::Signal;
use nix::sys::signalfd::SignalFd;
use nix::sys::time::{TimeSpec, TimeValLike};

use crate::args::{Args, Pace};
use crate::endpoint::Endpoint;
use crate::exchange::Line;
use crate::pace::{BLOCK_NS, Beat, now_ns};
use crate::port::Port;
use crate::say;
use crate::span::Span;

/// Blocks between two looks at which far ends want to connect and whether to end.
const LOOK_BLOCKS: u64 = 16;
/// How long a card in lockstep waits for an answer.
const PATIENCE_NS: i64 = 10_000_000_000;
/// The signal that makes the pace free.
const FREE: u32 = Signal::SIGUSR1 as u32;
/// Answers of the core read in one block at most; older ones are thrown away.
const MOST_READS: usize = 4;

pub(crate) struct Hardware {
    shape: Shape,
    pace: Pace,
    /// The pace becomes free as soon as no core is connected that has begun otherwise.
    free_later: bool,
    core_frames: bool,
    core: Endpoint,
    spans: Vec<Span>,
    ports: Vec<Port>,
    lines: Vec<Line>,
    sequence: u64,
    missing: u64,
    /// Whether the core has answered the last block.
    answered: bool,
    in_room: Box<[u8; MOST_OCTETS]>,
    out_room: Box<[u8; MOST_OCTETS]>,
}

impl Hardware {
    pub(crate) fn open(args: &Args, claimed: &Instance) -> Result<Self, String> {
        let spans = (1..=args.shape.spans).map(|number| Span::open(args, claimed, number));
        let ports = (1..=args.shape.ports).map(|number| Port::open(args, claimed, number));
        let lines = (1..=args.shape.lines).map(|number| Line::open(args, claimed, number));
        Ok(Self {
            shape: args.shape,
            pace: args.pace,
            free_later: false,
            core_frames: args.core_frames,
            core: Endpoint::open(&args.dir, "card.sock", claimed)?,
            spans: spans.collect::<Result<_, _>>()?,
            ports: ports.collect::<Result<_, _>>()?,
            lines: lines.collect::<Result<_, _>>()?,
            sequence: 0,
            missing: 0,
            answered: false,
            in_room: Box::new([0; MOST_OCTETS]),
            out_room: Box::new([0; MOST_OCTETS]),
        })
    }

    /// Runs until a signal says stop.
    pub(crate) fn run(mut self, stop: &SignalFd) -> Result<(), String> {
        let Shape { spans, ports, lines } = self.shape;
        say(&format!("{spans} spans, {ports} ports, {lines} lines"));
        let mut beat = Beat::new();
        loop {
            self.sequence += 1;
            if self.sequence % LOOK_BLOCKS == 1 {
                match stop.read_signal() {
                    Ok(Some(signal)) if signal.ssi_signo == FREE => self.free_later = true,
                    Ok(Some(_)) => return Ok(()),
                    Ok(None) | Err(_) => {}
                }
                self.welcome();
            }
            if self.free_later && !self.core.connected() {
                self.pace = Pace::Free;
            }
            // As a card in a slot answers whoever opens it. In lockstep its time begins now, and
            // whoever waits at a far end is there from the first.
            if self.core.welcome() {
                self.welcome();
            }
            self.block();
            let lockstep = self.lockstep() && self.core.connected();
            if lockstep && !self.wait_for_answers(stop, PATIENCE_NS) {
                self.drop_silent();
            }
            if lockstep && self.pace == Pace::Free {
                beat.restart();
            } else if beat.wait() && !lockstep {
                // The card itself was late: the others get the time of a block to answer in.
                self.wait_for_answers(stop, BLOCK_NS);
            }
        }
    }

    /// Whether time waits for a core.
    fn lockstep(&self) -> bool {
        self.pace != Pace::Real
    }

    fn welcome(&mut self) {
        self.spans.iter_mut().for_each(|span| {
            span.endpoint.welcome();
        });
        self.ports.iter_mut().for_each(|port| {
            port.far.endpoint.welcome();
        });
        self.lines.iter_mut().for_each(|line| {
            line.far.endpoint.welcome();
        });
    }

    /// One block in and out.
    fn block(&mut self) {
        let sequence = self.sequence;
        self.core_answer();
        let lockstep = self.lockstep();
        let signal = !self.core_frames || self.core.connected();
        for span in &mut self.spans {
            span.collect(&mut self.in_room[..]);
            span.send(sequence, signal, &mut self.out_room[..]);
        }
        for port in &mut self.ports {
            port.far.collect(&mut self.in_room[..]);
            port.send(sequence);
        }
        for line in &mut self.lines {
            line.far.collect(&mut self.in_room[..]);
            line.send(sequence);
        }
        let Some(mut up) = UpMut::new(&mut self.out_room[..], self.shape) else { return };
        up.header(sequence, self.missing, lockstep);
        for (index, span) in self.spans.iter_mut().enumerate() {
            span.fill(&mut up, index);
        }
        for (index, port) in self.ports.iter().enumerate() {
            port.fill(&mut up, index);
        }
        for (index, line) in self.lines.iter().enumerate() {
            line.fill(&mut up, index);
        }
        self.core.write(sequence, up.octets());
    }

    /// Takes the answers of the core that have come; one to an older block than the last is too
    /// late: its time on the line is over.
    fn take_answers(&mut self, last: u64) {
        for _ in 0..MOST_READS {
            let Some(length) = self.core.read(&mut self.in_room[..]) else { break };
            let down = Down::parse(&self.in_room[..length]).filter(|d| d.shape() == self.shape);
            let Some(down) = down else {
                self.core.drop_peer("speaks something else and is disconnected");
                break;
            };
            if down.sequence() != last {
                continue;
            }
            self.core.answer(last);
            self.answered = true;
            for (index, span) in self.spans.iter_mut().enumerate() {
                span.set_out(down.channels(index));
            }
            for (index, port) in self.ports.iter_mut().enumerate() {
                port.set_out(down.feed(index), down.port_octets(index));
            }
            let first = self.shape.ports;
            for (index, line) in self.lines.iter_mut().enumerate() {
                line.set_out(down.closed(index), down.port_octets(first + index));
            }
        }
    }

    /// Takes the core's answer to the block before, or idle octets and a missing block.
    fn core_answer(&mut self) {
        let owed = self.core.owes();
        self.take_answers(self.sequence - 1);
        if !core::mem::take(&mut self.answered) {
            self.missing += u64::from(owed && self.core.connected());
            self.spans.iter_mut().for_each(Span::set_idle);
            self.ports.iter_mut().for_each(Port::set_idle);
            self.lines.iter_mut().for_each(Line::set_idle);
        }
    }

    /// Waits until all who are connected have answered or a signal comes; `false`: time is over.
    fn wait_for_answers(&mut self, stop: &SignalFd, patience_ns: i64) -> bool {
        let deadline = now_ns() + patience_ns;
        let room = &mut self.in_room[..];
        for span in &mut self.spans {
            while span.endpoint.owes() && readable(&span.endpoint, stop, deadline) {
                span.take(room);
            }
        }
        // Whoever answers for all ports does it in order: to wait for the last first wakes us once.
        for line in self.lines.iter_mut().rev() {
            while line.far.endpoint.owes() && readable(&line.far.endpoint, stop, deadline) {
                line.far.take(room);
            }
        }
        for port in self.ports.iter_mut().rev() {
            while port.far.endpoint.owes() && readable(&port.far.endpoint, stop, deadline) {
                port.far.take(room);
            }
        }
        while self.core.owes() && readable(&self.core, stop, deadline) {
            self.take_answers(self.sequence);
        }
        now_ns() < deadline
    }

    /// A card in lockstep disconnects whoever did not answer: it would stop time for all.
    fn drop_silent(&mut self) {
        let spans = self.spans.iter_mut().map(|span| &mut span.endpoint);
        let ports = self.ports.iter_mut().map(|port| &mut port.far.endpoint);
        let lines = self.lines.iter_mut().map(|line| &mut line.far.endpoint);
        for endpoint in spans.chain(ports).chain(lines).chain([&mut self.core]).filter(|e| e.owes())
        {
            endpoint.drop_peer("did not answer for 10 s and is disconnected");
        }
    }
}

/// Waits until there is something to read. `false`: a signal came, or the time is over.
fn readable(endpoint: &Endpoint, stop: &SignalFd, deadline_ns: i64) -> bool {
    let left_ns = deadline_ns - now_ns();
    let Some(stream) = endpoint.stream().filter(|_| left_ns > 0) else { return false };
    let mut fds = [
        PollFd::new(stream.as_fd(), PollFlags::POLLIN),
        PollFd::new(stop.as_fd(), PollFlags::POLLIN),
    ];
    let came = ppoll(&mut fds, Some(TimeSpec::nanoseconds(left_ns)), None);
    came.is_ok_and(|count| count > 0) && fds[1].any() != Some(true)
}
