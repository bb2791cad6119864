//! Spans, channels and the wires between them.

use std::collections::BTreeMap;

use super::Mischief;
use super::channel::{CHUNK, Channel};
use crate::abi::{event, hook, sig};
use crate::kernel::{ChannelConfig, Errno, SpanStatus};

/// What digital channels can do.
const DIGITAL: i32 = sig::CLEAR | sig::CAS | sig::FXOKS | sig::FXSKS;
/// HDLC that the kernel adds to what a clear channel can do.
const HDLC: i32 = sig::HDLCFCS;

/// One span.
#[derive(Default)]
pub(super) struct Span {
    pub(super) line: i32,
    pub(super) alarms: i32,
    pub(super) counts: [u32; 4],
    pub(super) failing: Errno,
    digital: bool,
    unplugged: bool,
    stopped: bool,
    taken: bool,
    locked: bool,
    channels: i32,
}

/// Everything.
pub(super) struct World {
    pub(super) calls: u64,
    pub(super) zone: bool,
    spans: BTreeMap<i32, Span>,
    channels: BTreeMap<i32, Channel>,
    openings: u64,
}

impl World {
    pub(super) fn new(pairs: i32, analog: i32) -> Self {
        let mut world = Self {
            calls: 0,
            zone: false,
            spans: BTreeMap::new(),
            channels: BTreeMap::new(),
            openings: 0,
        };
        for span in 1..=pairs * 2 {
            world.add(span, 31, true, |_| DIGITAL);
        }
        if analog > 0 {
            let port = |place| if place % 2 == 1 { sig::FXOKS } else { sig::FXSKS };
            world.add(pairs * 2 + 1, analog * 2, false, port);
        }
        world
    }

    fn add(&mut self, span: i32, channels: i32, digital: bool, capable: impl Fn(i32) -> i32) {
        self.spans.insert(span, Span { digital, channels, ..Span::default() });
        for position in 1..=channels {
            let number = i32::try_from(self.channels.len()).unwrap_or(0) + 1;
            let capable = capable(position);
            let channel = Channel::new(span, position, capable, number);
            self.channels.insert(number, channel);
        }
    }

    pub(super) fn span_mut(&mut self, number: i32) -> Option<&mut Span> {
        self.spans.get_mut(&number).filter(|span| !span.unplugged)
    }

    pub(super) fn channel(&self, number: i32) -> Option<&Channel> {
        self.channels.get(&number)
    }

    pub(super) fn channel_mut(&mut self, number: i32) -> Result<&mut Channel, Errno> {
        let channel = self.channels.get_mut(&number).ok_or(libc::EINVAL)?;
        if self.spans.get(&channel.span).is_none_or(|span| span.unplugged) {
            return Err(libc::ENXIO);
        }
        Ok(channel)
    }

    pub(super) fn describe(&mut self, number: i32) -> Result<SpanStatus, Errno> {
        let span = self.span_mut(number).ok_or(libc::EINVAL)?;
        Ok(SpanStatus {
            number,
            name: format!("FAKE/{number}"),
            kind: if span.digital { "E1" } else { "ANALOG" }.into(),
            alarms: span.alarms,
            channels: span.channels,
            digital: span.digital,
            line: span.line,
            ..SpanStatus::default()
        })
    }

    pub(super) fn configure(&mut self, config: &ChannelConfig) -> Result<(), Errno> {
        let master = self.channel_mut(config.master)?.signalling;
        let channel = self.channel_mut(config.number)?;
        let wanted = if config.signalling == sig::SLAVE { master } else { config.signalling };
        if (channel.capable | HDLC) & wanted != wanted {
            return Err(libc::EINVAL);
        }
        channel.signalling = wanted;
        channel.master = config.master;
        channel.law = config.law;
        Ok(())
    }

    pub(super) fn open(&mut self, number: i32, size: usize, count: usize) -> Result<u64, Errno> {
        let opened = self.openings + 1;
        let channel = self.channel_mut(number)?;
        // The smallest buffer that the kernel allows.
        if size < 16 {
            return Err(libc::EINVAL);
        }
        let (span, slave) = (channel.span, channel.master != number);
        if self.spans.get(&span).is_some_and(|span| span.locked) {
            return Err(libc::EACCES);
        }
        if slave
            || self.channels.get(&number).is_some_and(|channel| channel.open)
            || self.spans.get(&span).is_some_and(|span| span.taken)
        {
            return Err(libc::EBUSY);
        }
        self.openings = opened;
        self.channel_mut(number)?.begin(opened, size, count);
        Ok(opened)
    }

    pub(super) fn play(&mut self, number: i32, mischief: Mischief) {
        let Some(span) = self.spans.get_mut(&number) else { return };
        let mut news = None;
        match mischief {
            Mischief::Unplugged(gone) => {
                span.unplugged = gone;
                if gone {
                    self.of_span(number, |channel| channel.open = false);
                }
            }
            Mischief::Stopped(stopped) => span.stopped = stopped,
            Mischief::Failing(errno) => span.failing = errno,
            Mischief::Short(by) => self.of_span(number, |channel| channel.short = by),
            Mischief::Alarms(alarms) => {
                span.alarms = alarms;
                news = Some(if alarms == 0 { event::NOALARM } else { event::ALARM });
            }
            Mischief::Line(line) => span.line = line,
            Mischief::Counts(counts) => span.counts = counts,
            Mischief::Taken(taken) => span.taken = taken,
            Mischief::Locked(locked) => span.locked = locked,
        }
        if let Some(news) = news {
            self.of_span(number, |channel| channel.events.push_back(news));
        }
    }

    fn of_span(&mut self, span: i32, act: impl Fn(&mut Channel)) {
        self.channels.values_mut().filter(|channel| channel.span == span).for_each(act);
    }

    /// The channel at the other end of the wire.
    fn peer(&self, number: i32) -> Option<i32> {
        let channel = self.channels.get(&number)?;
        let digital = self.spans.get(&channel.span)?.digital;
        let by = if digital { 31 } else { 1 };
        let first = if digital { channel.span % 2 == 1 } else { channel.position % 2 == 1 };
        Some(if first { number + by } else { number - by })
    }

    pub(super) fn tell_peer(&mut self, number: i32, news: i32) -> Result<(), Errno> {
        let peer = self.peer(number).ok_or(libc::EINVAL)?;
        self.channel_mut(peer)?.events.push_back(news);
        Ok(())
    }

    pub(super) fn hook(&mut self, number: i32, what: i32) -> Result<(), Errno> {
        let closed = |channel: &mut Channel, closed| channel.closed = closed;
        match what {
            hook::OFF => closed(self.channel_mut(number)?, true),
            hook::ON => closed(self.channel_mut(number)?, false),
            hook::RING | hook::RINGOFF | hook::FLASH => {}
            _ => return Err(libc::EINVAL),
        }
        let peer = self.peer(number).ok_or(libc::EINVAL)?;
        if what == hook::OFF || what == hook::ON {
            let peer = self.channel_mut(peer)?;
            if peer.capable & sig::FXOKS == sig::FXOKS {
                peer.loop_moved(what == hook::OFF);
                return Ok(());
            }
        }
        let news = match what {
            hook::OFF => event::RINGOFFHOOK,
            hook::ON => event::ONHOOK,
            hook::RING => event::RINGBEGIN,
            hook::FLASH => event::WINKFLASH,
            _ => event::RINGOFFHOOK,
        };
        self.tell_peer(number, news)
    }

    pub(super) fn peer_closed(&self, number: i32) -> Result<bool, Errno> {
        let peer = self.peer(number).and_then(|peer| self.channels.get(&peer));
        peer.map(|peer| peer.closed).ok_or(libc::EINVAL)
    }

    pub(super) fn set_bits(&mut self, number: i32, bits: i32) -> Result<(), Errno> {
        if self.channel_mut(number)?.signalling != sig::CAS {
            return Err(libc::EINVAL);
        }
        let peer = self.peer(number).ok_or(libc::EINVAL)?;
        let peer = self.channel_mut(peer)?;
        if peer.bits != bits {
            peer.bits = bits;
            peer.events.push_back(event::BITSCHANGED);
        }
        Ok(())
    }

    /// One chunk of every line.
    pub(super) fn chunk(&mut self) {
        let moving: Vec<i32> = self
            .channels
            .iter()
            .filter(|(_, channel)| self.spans.get(&channel.span).is_some_and(|s| !s.stopped))
            .map(|(number, _)| *number)
            .collect();
        self.channels.values_mut().for_each(Channel::ms_passed);
        let mut line: BTreeMap<i32, [u8; CHUNK]> = BTreeMap::new();
        for number in &moving {
            let members = self.members(*number);
            let Some(channel) = self.channels.get_mut(number) else { continue };
            if channel.master != *number {
                continue;
            }
            let octets = channel.pull(members.len());
            for (place, member) in members.iter().enumerate() {
                let own = octets.iter().skip(place).step_by(members.len());
                let mut chunk = [0; CHUNK];
                chunk.iter_mut().zip(own).for_each(|(to, from)| *to = *from);
                line.insert(*member, chunk);
            }
        }
        for number in &moving {
            let members = self.members(*number);
            if self.channels.get(number).is_none_or(|channel| channel.master != *number) {
                continue;
            }
            let chunks: Vec<_> = members
                .iter()
                .map(|member| self.peer(*member).and_then(|peer| line.get(&peer)))
                .collect();
            let octets: Vec<u8> = (0..CHUNK)
                .flat_map(|at| chunks.iter().map(move |chunk| chunk.map_or(0xD5, |c| c[at])))
                .collect();
            if let Some(channel) = self.channels.get_mut(number) {
                channel.push(&octets);
            }
        }
    }

    /// A master and its slaves, in the order of the line.
    fn members(&self, master: i32) -> Vec<i32> {
        let joined = self.channels.iter().filter(|(_, channel)| channel.master == master);
        joined.map(|(number, _)| *number).collect()
    }
}
