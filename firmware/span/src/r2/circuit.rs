//! One circuit: its line signals, its register while there is one, and the call that it carries.

use std::collections::VecDeque;

use bearer::{Calling, Dialling, Indication, Presentation, Request};
use machine::Machine;
use q441::{Incoming, IncomingInput, IncomingOutput, Outgoing, OutgoingInput, OutgoingOutput};
use serde::{Deserialize, Serialize};
use units::{
    Category, Cause, Charge, Digits, Instant, LegId, LineId, MfDirection, MfSignal, Party, PortId,
    Timeslot,
};

use super::Config;
use super::detail::Counts;
use crate::event::Output;

/// A call that goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Placed {
    pub(super) leg: LegId,
    pub(super) calling: Calling,
    pub(super) called: Digits,
}

/// What a circuit tells the span.
pub(super) enum News {
    /// The far end seized it.
    Seized,
    /// The register has heard who calls whom.
    Offered(q441::Presented, LegId),
    /// Both ends seized it: the call goes out elsewhere.
    Elsewhere(Placed),
}

/// Where outputs and news go.
pub(super) struct Out<'a> {
    pub(super) outputs: &'a mut VecDeque<Output>,
    pub(super) news: &'a mut VecDeque<News>,
    pub(super) counts: &'a mut Counts,
}

impl Out<'_> {
    fn tell(&mut self, indication: Indication) {
        self.outputs.push_back(Output::Indication(indication));
    }

    fn released(&mut self, leg: LegId, cause: Cause, by: Party) {
        self.tell(Indication::Released { leg, cause, by });
    }
}

/// What the circuit is used for.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Use {
    /// Nothing, as far as calls know.
    None,
    /// Our call: seized, not acknowledged.
    Seizing { placed: Placed, register: Box<Outgoing> },
    /// Our call: registers talk.
    Dialling { leg: LegId, register: Box<Outgoing> },
    /// Our call: through, perhaps answered; `units` of charge so far.
    Out { leg: LegId, answered: bool, units: u32 },
    /// Their call: registers talk; `told`: calls know of it; `answer`: it is to be answered.
    Reading { leg: LegId, register: Box<Incoming>, told: bool, answer: bool },
    /// Their call: through, perhaps answered.
    In { leg: LegId },
    /// Their call, refused or over on our side: registers may still talk, and the far end clears;
    /// `busy`: the caller hears the busy tone.
    Refused { register: Option<Box<Incoming>>, busy: bool },
}

/// One circuit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Circuit {
    pub(super) slot: Timeslot,
    pub(super) port: PortId,
    line: q421::Circuit,
    /// The bits that came last, whether they counted or not.
    raw: Option<u8>,
    used: Use,
}

/// A call that came, as calls are told of it.
pub(super) fn offer(
    leg: LegId,
    line: LineId,
    port: PortId,
    presented: q441::Presented,
    category: Option<Category>,
) -> Indication {
    let presentation = match (presented.restricted, presented.calling.is_empty()) {
        (true, _) => Presentation::Restricted,
        (false, true) => Presentation::Unavailable,
        (false, false) => Presentation::Allowed,
    };
    let calling = Calling { number: presented.calling, presentation, category };
    let dialling = Dialling::Complete;
    Indication::Offered { leg, line, port, calling, called: presented.called, dialling }
}

impl Circuit {
    pub(super) fn new(slot: Timeslot, port: PortId, config: &Config) -> Self {
        let line = q421::Circuit::new(config.code, config.timing);
        Self { slot, port, line, raw: None, used: Use::None }
    }

    pub(super) fn is_free(&self) -> bool {
        matches!(self.used, Use::None) && self.line.is_free()
    }

    pub(super) fn is_busy(&self) -> bool {
        !matches!(self.used, Use::None)
    }

    pub(super) fn is_blocked(&self) -> bool {
        !self.is_busy() && !self.line.is_free()
    }

    /// Whether a fresh one will be like it as soon as bits have come.
    pub(super) fn is_pristine(&self) -> bool {
        let blocked_here = self.line.condition() == q421::Condition::Blocked;
        !self.is_busy() && (self.line.is_free() || (self.line.is_blocked() && !blocked_here))
    }

    /// What the line signals say.
    pub(super) const fn condition(&self) -> q421::Condition {
        self.line.condition()
    }

    /// Whether the far end shows bits that the country's code does not have.
    pub(super) fn is_strange(&self) -> bool {
        self.line.is_strange()
    }

    /// Lets no call come any more, or lets them come again.
    pub(super) fn block(&mut self, now: Instant, on: bool, out: &mut Out<'_>) {
        self.line(now, if on { q421::Input::Block } else { q421::Input::Unblock }, out);
    }

    pub(super) fn meter(&mut self, now: Instant, out: &mut Out<'_>) -> bool {
        let before = self.line.bits();
        self.line(now, q421::Input::Meter, out);
        self.line.bits() != before
    }

    /// The leg that calls know.
    pub(super) const fn leg(&self) -> Option<LegId> {
        match &self.used {
            Use::Seizing { placed, .. } => Some(placed.leg),
            Use::Dialling { leg, .. }
            | Use::Out { leg, .. }
            | Use::Reading { leg, told: true, .. }
            | Use::In { leg } => Some(*leg),
            Use::None | Use::Reading { told: false, .. } | Use::Refused { .. } => None,
        }
    }

    pub(super) fn begin_out(
        &mut self,
        now: Instant,
        placed: Placed,
        mut variant: q441::Variant,
        out: &mut Out<'_>,
    ) {
        if let Some(category) = placed.calling.category {
            variant.calls_as(category);
        }
        let hidden = placed.calling.presentation != Presentation::Allowed;
        let number = placed.calling.number.clone();
        let register = Box::new(Outgoing::new(variant, placed.called.clone(), number, hidden));
        out.tell(Indication::Channel { leg: placed.leg, port: self.port });
        self.used = Use::Seizing { placed, register };
        self.line(now, q421::Input::Seize, out);
    }

    pub(super) fn begin_in(&mut self, now: Instant, leg: LegId, config: Config, out: &mut Out<'_>) {
        let register = Box::new(Incoming::new(now, config.variant, config.wants));
        self.used = Use::Reading { leg, register, told: false, answer: false };
        out.outputs.push_back(Output::Register(self.port, Some(MfDirection::Forward)));
    }

    /// The register's work is done, or nobody wants it any more.
    fn detach(&self, out: &mut Out<'_>) {
        out.outputs.push_back(Output::Register(self.port, None));
    }

    fn line(&mut self, now: Instant, input: q421::Input, out: &mut Out<'_>) {
        self.line.handle(now, input);
        self.drain_line(now, out);
    }

    fn drain_line(&mut self, now: Instant, out: &mut Out<'_>) {
        while let Some(output) = self.line.poll_output() {
            use q421::Output as Told;
            match output {
                Told::Send(bits) => out.outputs.push_back(Output::Cas(self.port, bits)),
                Told::Seized => out.news.push_back(News::Seized),
                Told::Acknowledged => self.acknowledged(now, out),
                Told::DoubleSeizure => {
                    out.counts.double_seizures = out.counts.double_seizures.saturating_add(1);
                    if let Use::Seizing { placed, .. } =
                        std::mem::replace(&mut self.used, Use::None)
                    {
                        out.news.push_back(News::Elsewhere(placed));
                    }
                }
                Told::Refused => {
                    self.end_out(now, Cause::TEMPORARY_FAILURE, Party::Network, out);
                }
                Told::Unacknowledged => {
                    out.counts.unacknowledged = out.counts.unacknowledged.saturating_add(1);
                    self.end_out(now, Cause::TEMPORARY_FAILURE, Party::Network, out);
                }
                Told::Broken => {
                    self.end_out(now, Cause::NORMAL_UNSPECIFIED, Party::Network, out);
                }
                Told::Answered => self.answered(out),
                Told::ClearedBack => {
                    self.end_out(now, Cause::NORMAL_CLEARING, Party::Called, out);
                }
                Told::ClearedForward => self.cleared_forward(out),
                Told::Metered => self.metered(out),
                // The call has heard of its end.
                Told::Released | Told::Blocked | Told::Unblocked => {}
            }
        }
    }

    fn acknowledged(&mut self, now: Instant, out: &mut Out<'_>) {
        match std::mem::replace(&mut self.used, Use::None) {
            Use::Seizing { placed, mut register } => {
                out.outputs.push_back(Output::Register(self.port, Some(MfDirection::Backward)));
                register.handle(now, OutgoingInput::Begin);
                self.used = Use::Dialling { leg: placed.leg, register };
                self.drain_register(now, out);
            }
            other => self.used = other,
        }
    }

    fn answered(&mut self, out: &mut Out<'_>) {
        match &mut self.used {
            Use::Dialling { leg, .. } => {
                // It was answered before the last signal had its end.
                let leg = *leg;
                self.detach(out);
                self.used = Use::Out { leg, answered: true, units: 0 };
                out.tell(Indication::Answered { leg });
            }
            Use::Out { leg, answered, .. } if !*answered => {
                *answered = true;
                out.tell(Indication::Answered { leg: *leg });
            }
            _ => {}
        }
    }

    /// Q.422 3.2.2.3, national: a clear-back too short to be one is a unit of charge.
    fn metered(&mut self, out: &mut Out<'_>) {
        if let Use::Out { leg, units, .. } = &mut self.used {
            *units = units.saturating_add(1);
            out.tell(Indication::Charge { leg: *leg, charge: Charge::Units(*units) });
        }
    }

    /// Our call is over, for this reason.
    fn end_out(&mut self, now: Instant, cause: Cause, by: Party, out: &mut Out<'_>) {
        let leg = match &self.used {
            Use::Seizing { placed, .. } => placed.leg,
            Use::Dialling { leg, .. } => {
                let leg = *leg;
                self.detach(out);
                leg
            }
            Use::Out { leg, .. } => *leg,
            Use::None | Use::Reading { .. } | Use::In { .. } | Use::Refused { .. } => return,
        };
        self.used = Use::None;
        out.released(leg, cause, by);
        self.line(now, q421::Input::ClearForward, out);
    }

    fn cleared_forward(&mut self, out: &mut Out<'_>) {
        let (cause, by) = (Cause::NORMAL_CLEARING, Party::Caller);
        match std::mem::replace(&mut self.used, Use::None) {
            Use::Reading { leg, told, .. } => {
                self.detach(out);
                if told {
                    out.released(leg, cause, by);
                } else {
                    // The caller may have hung up; a far end that does not understand us does so
                    // each time.
                    out.counts.register(false);
                }
            }
            Use::In { leg } => out.released(leg, cause, by),
            Use::Refused { register, busy } => {
                if register.is_some() {
                    self.detach(out);
                }
                if busy {
                    out.outputs.push_back(Output::Busy(self.port, false));
                }
            }
            other => self.used = other,
        }
    }

    fn drain_register(&mut self, now: Instant, out: &mut Out<'_>) {
        match &self.used {
            Use::Dialling { .. } => self.drain_outgoing(now, out),
            Use::Reading { .. } | Use::Refused { register: Some(_), .. } => {
                self.drain_incoming(now, out);
            }
            Use::None
            | Use::Seizing { .. }
            | Use::Out { .. }
            | Use::In { .. }
            | Use::Refused { register: None, .. } => {}
        }
    }

    fn drain_outgoing(&mut self, now: Instant, out: &mut Out<'_>) {
        loop {
            let Use::Dialling { leg, register } = &mut self.used else { return };
            let leg = *leg;
            match register.poll_output() {
                None => return,
                Some(OutgoingOutput::Send(signal)) => {
                    out.outputs.push_back(Output::Mf(self.port, signal));
                }
                Some(OutgoingOutput::Through { charged }) => {
                    out.counts.register(true);
                    self.detach(out);
                    self.used = Use::Out { leg, answered: false, units: 0 };
                    if !charged {
                        out.tell(Indication::Charge { leg, charge: Charge::FREE });
                    }
                    // What is to be heard comes from the far exchange.
                    out.tell(Indication::Alerting { leg, in_band: true });
                }
                Some(OutgoingOutput::Failed(cause)) => {
                    out.counts.register(cause != Cause::NETWORK_OUT_OF_ORDER);
                    let person = cause == Cause::USER_BUSY;
                    let by = if person { Party::Called } else { Party::Network };
                    self.end_out(now, cause, by, out);
                }
            }
        }
    }

    fn drain_incoming(&mut self, now: Instant, out: &mut Out<'_>) {
        loop {
            let said = match &mut self.used {
                Use::Reading { register, .. } | Use::Refused { register: Some(register), .. } => {
                    register.poll_output()
                }
                _ => return,
            };
            match said {
                None => return,
                Some(IncomingOutput::Send(signal)) => {
                    out.outputs.push_back(Output::Mf(self.port, signal));
                }
                Some(IncomingOutput::Complete(presented)) => {
                    out.counts.register(true);
                    if let Use::Reading { leg, told, .. } = &mut self.used {
                        *told = true;
                        out.news.push_back(News::Offered(presented, *leg));
                    }
                }
                Some(IncomingOutput::Done(_) | IncomingOutput::Failed(_)) => {
                    if let Use::Reading { told: false, .. } = self.used {
                        out.counts.register(false);
                    }
                    self.read(now, said == Some(IncomingOutput::Done(true)), out);
                }
            }
        }
    }

    /// The incoming register is done; `through`: the call is.
    fn read(&mut self, now: Instant, through: bool, out: &mut Out<'_>) {
        self.detach(out);
        match std::mem::replace(&mut self.used, Use::None) {
            Use::Reading { leg, answer, .. } if through => {
                self.used = Use::In { leg };
                if answer {
                    self.line(now, q421::Input::Answer, out);
                }
            }
            Use::Reading { leg, told, .. } => {
                if told {
                    out.released(leg, Cause::NORMAL_UNSPECIFIED, Party::Network);
                }
                // Q.476: nobody can be told but the caller.
                self.used = Use::Refused { register: None, busy: true };
                out.outputs.push_back(Output::Busy(self.port, true));
            }
            Use::Refused { .. } => {
                // It was let through before the call ended: the caller hears why.
                self.used = Use::Refused { register: None, busy: through };
                if through {
                    out.outputs.push_back(Output::Busy(self.port, true));
                }
            }
            other => self.used = other,
        }
    }

    pub(super) fn request(&mut self, now: Instant, request: &Request, out: &mut Out<'_>) {
        match request {
            Request::Proceed { .. } | Request::Alert { .. } | Request::Progress { .. } => {
                self.accept(now, false, out);
            }
            Request::Answer { .. } => self.accept(now, true, out),
            Request::Release { leg, cause } => self.release(now, *leg, *cause, out),
            // The number was said to be complete.
            Request::MoreDigits { .. }
            | Request::Digits { .. }
            | Request::Place { .. }
            | Request::Notify { .. }
            | Request::Ask { .. } => {}
        }
    }

    fn accept(&mut self, now: Instant, wanted: bool, out: &mut Out<'_>) {
        match &mut self.used {
            Use::Reading { register, answer, .. } => {
                *answer |= wanted;
                register.handle(now, IncomingInput::Accept { charged: true });
                self.drain_register(now, out);
            }
            Use::In { .. } if wanted => self.line(now, q421::Input::Answer, out),
            _ => {}
        }
    }

    fn release(&mut self, now: Instant, leg: LegId, cause: Cause, out: &mut Out<'_>) {
        match std::mem::replace(&mut self.used, Use::None) {
            Use::Reading { mut register, .. } => {
                out.released(leg, cause, Party::Box);
                register.handle(now, IncomingInput::Reject(cause));
                self.used = Use::Refused { register: Some(register), busy: false };
                self.drain_register(now, out);
            }
            Use::In { .. } => {
                out.released(leg, cause, Party::Box);
                self.used = Use::Refused { register: None, busy: true };
                out.outputs.push_back(Output::Busy(self.port, true));
                self.line(now, q421::Input::ForceRelease, out);
            }
            other => {
                self.used = other;
                self.end_out(now, cause, Party::Box, out);
            }
        }
    }

    pub(super) fn bits(&mut self, now: Instant, bits: u8, out: &mut Out<'_>) {
        self.raw = Some(bits);
        self.line(now, q421::Input::Bits(bits), out);
    }

    pub(super) fn heard(&mut self, now: Instant, signal: Option<MfSignal>, out: &mut Out<'_>) {
        match &mut self.used {
            Use::Dialling { register, .. } => register.handle(now, OutgoingInput::Heard(signal)),
            Use::Reading { register, .. } | Use::Refused { register: Some(register), .. } => {
                register.handle(now, IncomingInput::Heard(signal));
            }
            _ => return,
        }
        self.drain_register(now, out);
    }

    /// The span carries something, or not; `greet`: tell the far end where we are.
    pub(super) fn layer1(&mut self, now: Instant, up: bool, greet: bool, out: &mut Out<'_>) {
        if greet {
            out.outputs.push_back(Output::Cas(self.port, self.line.bits()));
        }
        if !up {
            self.cut(now, out);
        }
        self.line(now, if up { q421::Input::Found } else { q421::Input::Lost }, out);
        if let Some(bits) = self.raw.filter(|_| up) {
            self.line(now, q421::Input::Bits(bits), out);
        }
    }

    /// Q.424 2: a number that was on its way is not trusted. A signal that is cut in two is two for
    /// a register, and a wrong number is worse than none.
    fn cut(&mut self, now: Instant, out: &mut Out<'_>) {
        match &self.used {
            Use::Seizing { .. } | Use::Dialling { .. } => {
                self.end_out(now, Cause::TEMPORARY_FAILURE, Party::Network, out);
            }
            Use::Reading { told: false, .. } => {
                self.detach(out);
                out.counts.register(false);
                out.outputs.push_back(Output::Busy(self.port, true));
                self.used = Use::Refused { register: None, busy: true };
            }
            Use::None
            | Use::Reading { told: true, .. }
            | Use::Out { .. }
            | Use::In { .. }
            | Use::Refused { .. } => {}
        }
    }

    /// The span has been down too long: calls do not wait any longer.
    pub(super) fn give_up(&mut self, now: Instant, out: &mut Out<'_>) {
        let cause = Cause::NETWORK_OUT_OF_ORDER;
        self.end_out(now, cause, Party::Network, out);
        match std::mem::replace(&mut self.used, Use::None) {
            Use::Reading { leg, told, .. } => {
                self.detach(out);
                if told {
                    out.released(leg, cause, Party::Network);
                }
                self.used = Use::Refused { register: None, busy: false };
            }
            Use::In { leg } => {
                out.released(leg, cause, Party::Network);
                self.used = Use::Refused { register: None, busy: false };
                self.line(now, q421::Input::ForceRelease, out);
            }
            other => self.used = other,
        }
    }

    /// A new process goes on: the port has no receiver, and nothing is sent.
    pub(super) fn go_on(&mut self, now: Instant, port: PortId, out: &mut Out<'_>) {
        self.port = port;
        self.line.go_on(now);
        out.outputs.push_back(Output::Cas(self.port, self.line.bits()));
        let signal = match &mut self.used {
            // The far end may have a digit twice, or not at all: no number is better than a wrong
            // one.
            Use::Dialling { .. } => {
                return self.end_out(now, Cause::TEMPORARY_FAILURE, Party::Network, out);
            }
            Use::Reading { register, .. } | Use::Refused { register: Some(register), .. } => {
                register.sends()
            }
            Use::Refused { register: None, busy: true } => {
                return out.outputs.push_back(Output::Busy(self.port, true));
            }
            _ => return,
        };
        out.outputs.push_back(Output::Register(self.port, Some(MfDirection::Forward)));
        out.outputs.push_back(Output::Mf(self.port, signal));
        if let Use::Reading { register, .. } | Use::Refused { register: Some(register), .. } =
            &mut self.used
        {
            register.handle(now, IncomingInput::Interrupted);
            self.drain_register(now, out);
        }
    }

    pub(super) fn timeout(&mut self, now: Instant, out: &mut Out<'_>) {
        self.line.handle_timeout(now);
        self.drain_line(now, out);
        match &mut self.used {
            Use::Dialling { register, .. } => register.handle_timeout(now),
            Use::Reading { register, .. } | Use::Refused { register: Some(register), .. } => {
                register.handle_timeout(now);
            }
            _ => {}
        }
        self.drain_register(now, out);
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let register = match &self.used {
            Use::Dialling { register, .. } => register.poll_timeout(),
            Use::Reading { register, .. } | Use::Refused { register: Some(register), .. } => {
                register.poll_timeout()
            }
            _ => None,
        };
        Instant::earliest(self.line.poll_timeout(), register)
    }
}
