//! Carrying between lines, calls, flows and the engine.

use bearer::{Dialling, Elements, Indication, Presentation, Request};
use board::PlaceKind;
use call::app::{Notice, Prompts};
use call::story::{Record, Step, Story};
use call::{Call, Hotline, Media, Phase, Route, Whole};
use engine::{Command, Tone};
use ivr::{Facts, Flow, StepId};
use link::{Alarm, CallRecord, Detail, PathStep};
use machine::Machine;
use say::Local;
use units::{CallId, Cause, Digits, Instant, LegId, LineId, PortId, Utc};

use super::sounds::Hears;
use super::{Control, Key, Leg, Order, Said, Work};
use crate::guard::guarded;

impl Control {
    /// A line tells something about a leg.
    pub(super) fn indication(&mut self, now: Instant, line: LineId, indication: Indication) {
        let id = indication.leg();
        if let Indication::Offered { port, .. } = indication {
            return self.offered(now, line, port, indication);
        }
        let Some(leg) = self.legs.get(&id).copied() else { return };
        match indication {
            Indication::Channel { port, .. } => {
                self.set_port(port, leg.call);
                self.trace_leg(now, leg.call, id, line);
            }
            Indication::Released { .. } => {
                self.legs.remove(&id);
                self.keeper.leg(id);
                self.forget_ports(leg);
            }
            _ => {}
        }
        self.work.push_back(Work::Call(leg.call, call::Input::Line(indication)));
    }

    /// A line tells what the far side of a leg says beside.
    pub(super) fn elements(&mut self, leg: LegId, elements: &[u8]) {
        let of = self.legs.get(&leg).map(|leg| leg.call);
        if let Some((call, elements)) = of.zip(Elements::from_slice(elements).ok()) {
            self.work.push_back(Work::Call(call, call::Input::Said { leg, elements }));
        }
    }

    /// The ports of a leg that is gone belong to no call any more.
    fn forget_ports(&mut self, leg: Leg) {
        let line = leg.line;
        let of_line = |port: PortId| {
            self.layout.port(port).is_some_and(|place| match place.kind {
                PlaceKind::Bearer(span, _) => self.layout.line_of(span).0 == line,
                PlaceKind::Telephone(of) | PlaceKind::Trunk(of) | PlaceKind::Jack(of, _) => {
                    of == line
                }
            })
        };
        let mine: Vec<_> = self
            .ports
            .iter()
            .filter(|(port, call)| **call == leg.call && of_line(**port))
            .map(|(port, _)| *port)
            .collect();
        // A call with both legs on one span keeps the other leg's port: the call says which.
        let kept = self.calls.get(&leg.call).map(Call::ports);
        let both_here = mine.len() > 1;
        for port in mine {
            let still = both_here && kept.is_some_and(|(a, b)| a == Some(port) || b == Some(port));
            if !still {
                self.ports.remove(&port);
                self.keeper.port(port);
            }
        }
    }

    fn offered(&mut self, now: Instant, line: LineId, port: PortId, mut offer: Indication) {
        let leg = offer.leg();
        if let Some(PlaceKind::Trunk(_)) = self.layout.port(port).map(|place| place.kind)
            && let Indication::Offered { called, .. } = &mut offer
        {
            // An exchange line does not say whom it wants: the table does.
            *called = self.directory.reached_by(line);
        }
        if let Indication::Offered { called, dialling, .. } = &mut offer
            && *dialling == Dialling::InBand
            && let Some(Hotline { number, after_ms }) = self.directory.hotline(line)
        {
            (*called, *dialling) = match *after_ms {
                0 => (number.clone(), Dialling::Own),
                after_ms => (number.clone(), Dialling::Hot { after_ms }),
            };
        }
        if !self.room || self.calls.len() >= limits::CALLS {
            let cause = Cause::SWITCHING_EQUIPMENT_CONGESTION;
            let release = span::Input::Request(Request::Release { leg, cause });
            self.work.push_back(Work::Line(line, release));
            if !self.room {
                self.event(now, Detail::Alarm(Alarm::SpoolFull));
            }
            return;
        }
        let id = self.mint.call();
        self.calls.insert(id, Call::new(id));
        self.set_leg(leg, Leg { call: id, line });
        self.trace_leg(now, id, leg, line);
        self.set_port(port, id);
        self.work.push_back(Work::Call(id, call::Input::Line(offer)));
    }

    /// Lets a call do something. If it breaks a rule of its own, it alone is ended.
    pub(super) fn guard(&mut self, now: Instant, id: CallId, act: impl FnOnce(&mut Call)) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if guarded(|| act(call)).is_none() {
            return self.broken(now, id);
        }
        self.drain_call(now, id);
    }

    fn broken(&mut self, now: Instant, id: CallId) {
        self.event(now, Detail::Alarm(Alarm::MachineFault(id)));
        let legs: Vec<_> = self.legs.iter().filter(|(_, leg)| leg.call == id).collect();
        for (leg, Leg { line, .. }) in legs {
            let request = Request::Release { leg: *leg, cause: Cause::TEMPORARY_FAILURE };
            self.work.push_back(Work::Line(*line, span::Input::Request(request)));
        }
        let mut silenced = vec![];
        for (port, _) in self.ports.iter().filter(|(_, call)| **call == id) {
            silenced.push(*port);
        }
        for port in silenced {
            self.hear(id, Command::Silence(port));
        }
        if let Some(call) = self.calls.remove(&id) {
            self.cut_off(now, &call);
        }
        self.forget_call(id);
    }

    fn set_leg(&mut self, id: LegId, leg: Leg) {
        self.legs.insert(id, leg);
        self.keeper.leg(id);
    }

    fn set_port(&mut self, port: PortId, call: CallId) {
        self.ports.insert(port, call);
        self.keeper.port(port);
    }

    /// A call is over, and all that belonged to it.
    fn forget_call(&mut self, id: CallId) {
        self.calls.remove(&id);
        self.settle_seat(id);
        self.settle_muting(id);
        self.end_recording(id);
        self.note_taking(id);
        self.flows.remove(&id);
        self.keeper.call(id);
        for (leg, _) in self.legs.extract_if(.., |_, leg| leg.call == id) {
            self.keeper.leg(leg);
        }
        for (port, _) in self.ports.extract_if(.., |_, call| *call == id) {
            self.keeper.port(port);
        }
    }

    fn drain_call(&mut self, now: Instant, id: CallId) {
        self.keeper.call(id);
        while let Some(output) = self.calls.get_mut(&id).and_then(Machine::poll_output) {
            match output {
                call::Output::Line(request) => self.request(id, request),
                call::Output::Say { leg, line, elements } => {
                    let elements = elements.into_iter().collect();
                    self.work.push_back(Work::Line(line, span::Input::Say { leg, elements }));
                }
                call::Output::Media(media) => self.media(id, media),
                call::Output::App(notice) => self.notice(id, notice),
                call::Output::AskRoute { called, inside, whole } => {
                    let route = self.route(id, &called, inside, whole);
                    self.work.push_back(Work::Call(id, call::Input::Route(route)));
                }
                call::Output::Story(story) => self.story(now, id, story),
            }
        }
        self.settle_seat(id);
        self.settle_recording(now, id);
        self.settle_muting(id);
        if self.calls.get(&id).is_some_and(|call| *call.phase() == Phase::Ended) {
            self.forget_call(id);
        }
    }

    /// The dial tone of a telephone that messages wait for is another one (E.182 2.2).
    fn dial_tone(&self, port: PortId) -> Tone {
        match self.layout.port(port).map(|place| place.kind) {
            Some(PlaceKind::Telephone(line)) if self.directory.extension(line).waiting => {
                Tone::SpecialDial
            }
            _ => Tone::Dial,
        }
    }

    /// Where a number leads. Before a table is in force nobody can tell that it does not exist.
    fn route(&self, call: CallId, called: &Digits, inside: bool, whole: Whole) -> Route {
        let line = self.calls.get(&call).and_then(Call::line);
        let access = line.map(|line| self.directory.access(line)).unwrap_or_default();
        // What calls on an exchange line reach was the administrator's choice, not the caller's.
        let chosen = line.is_some_and(|line| self.directory.reached_by(line) == *called);
        let inside = inside || access.inside || (chosen && !called.is_empty());
        let whole = if access.overlap && whole == Whole::Perhaps { Whole::No } else { whole };
        match self.current {
            Some(_) => match self.directory.route(called, inside, whole) {
                Route::Confer { terms, .. } if !self.rooms.has_place(&terms) => {
                    Route::Nowhere(Cause::USER_BUSY)
                }
                route => route,
            },
            None => Route::Nowhere(Cause::TEMPORARY_FAILURE),
        }
    }

    fn request(&mut self, call: CallId, mut request: Request) {
        let leg = request.leg();
        if let Request::Place { line, calling, .. } = &mut request {
            let line = *line;
            self.set_leg(leg, Leg { call, line });
            // A telephone or jack of ours that calls shows the number of its line.
            let from = self.calls.get(&call).and_then(Call::line);
            if let Some(from) = from.filter(|from| self.is_ours(*from))
                && calling.number.is_empty()
            {
                *calling = self.directory.calling(from);
            }
        }
        if let Some(Leg { line, .. }) = self.legs.get(&leg).copied() {
            if let Request::Ask { service, .. } = &request
                && !matches!(self.lines.get(&line), Some(span::Line::Pri(_)))
            {
                // Only ISDN has words for it.
                let service = service.clone();
                let told = Indication::Served { leg, service, done: false };
                return self.work.push_back(Work::Call(call, call::Input::Line(told)));
            }
            self.work.push_back(Work::Line(line, span::Input::Request(request)));
        }
    }

    fn media(&mut self, call: CallId, media: Media) {
        let command = match media {
            Media::Join(a, b) => Command::Join(a, b),
            Media::Silence(port) => Command::Silence(port),
            Media::Tone(port, Tone::Dial) => Command::Tone(port, self.dial_tone(port)),
            Media::Tone(port, tone) => Command::Tone(port, tone),
            Media::Attention(port) => Command::Attention(port),
            Media::Music(port) => return self.hear_music(call, port),
            Media::Listen(port, on) => Command::Listen(port, on),
            Media::Judge(port) if self.is_far(port) => Command::Judge(port),
            Media::Judge(_) => return,
            Media::Play { port, token, prompts } => return self.play(call, port, token, &prompts),
        };
        self.hear(call, command);
    }

    /// Whoever answers there may be a machine: it is no telephone or jack of ours.
    fn is_far(&self, port: PortId) -> bool {
        let kind = self.layout.port(port).map(|place| place.kind);
        matches!(kind, Some(PlaceKind::Bearer(..) | PlaceKind::Trunk(_)))
    }

    pub(super) fn play(&mut self, call: CallId, port: PortId, token: u16, prompts: &Prompts) {
        self.hear(call, Command::Silence(port));
        let hears = Hears::Prompts { call, token, prompts: prompts.clone() };
        self.changed(port, |sound| sound.hears = hears);
        if prompts.iter().any(|hash| self.loading.contains(hash)) {
            return self.sounds.delay(port);
        }
        let clips: Vec<_> =
            prompts.iter().filter_map(|hash| self.prompts.get(hash)?.as_ref().ok()).collect();
        let Some(end) = clips.len().checked_sub(1) else {
            // A missing prompt is an alarm since it was published; the caller goes on.
            return self.work.push_back(Work::Call(call, call::Input::Played(port, token)));
        };
        for (index, clip) in clips.into_iter().enumerate() {
            let play = Command::Play { port, token, clip, last: index == end };
            self.gate.submit(Key::Call(call), Said::Order(Order::Engine(play)));
        }
    }

    fn notice(&mut self, call: CallId, notice: Notice) {
        if notice == Notice::Started {
            self.flows.insert(call, Flow::new());
            self.keeper.call(call);
        }
        self.work.push_back(Work::Flow(call, ivr::Input::Notice(notice)));
    }

    pub(super) fn drain_flow(&mut self, id: CallId) {
        self.keeper.call(id);
        while let Some(output) = self.flows.get_mut(&id).and_then(Machine::poll_output) {
            match output {
                ivr::Output::Act(action) => {
                    self.work.push_back(Work::Call(id, call::Input::App(action)));
                }
                ivr::Output::Fetch(step) => {
                    self.work.push_back(Work::Fetch(id, step));
                }
            }
        }
        if self.flows.get(&id).is_some_and(Flow::is_done) {
            self.flows.remove(&id);
        }
    }

    /// Brings the step of a program, with what is known of the call once it has done what the flow
    /// asked of it before.
    pub(super) fn fetch(&mut self, now: Instant, id: CallId, step: StepId) {
        let call = self.calls.get(&id);
        let program = call.and_then(Call::flow).and_then(|hash| self.programs.get(&hash));
        let found = call.zip(program).and_then(|(call, program)| {
            let (calling, called) = call.parties();
            let shown = calling.presentation == Presentation::Allowed;
            let utc = self.utc.utc(now);
            let facts = Facts {
                caller: if shown { calling.number.clone() } else { Digits::new() },
                called: called.clone(),
                entered: call.chosen().clone(),
                now: Some(Local::of(utc, self.directory.offset_s(utc))),
            };
            program.step_for(step, &facts)
        });
        self.work.push_back(Work::Flow(id, ivr::Input::Step(step, found)));
    }

    fn story(&mut self, now: Instant, call: CallId, story: Story) {
        let detail = match story {
            Story::Offered { line, caller, called } => {
                Detail::CallOffered { call, line, caller, called }
            }
            Story::InFlow(flow) => Detail::CallInFlow { call, flow },
            Story::Answered => Detail::CallAnswered { call },
            Story::Prompt(prompt) => Detail::PromptStarted { call, prompt },
            Story::Digits(digits) => Detail::CallDigits { call, digits },
            Story::Ringing(number) => Detail::CallRinging { call, number },
            Story::Connected(number) => Detail::CallConnected { call, number },
            Story::Served(service) => Detail::CallServed { call, service, done: true },
            Story::Refused(service) => Detail::CallServed { call, service, done: false },
            Story::InConference(number) => Detail::CallInConference { call, number },
            Story::PinRefused(number) => Detail::PinRefused { call, number },
            Story::Ended(record) => Detail::CallEnded(self.record(*record)),
        };
        self.event(now, detail);
    }

    /// A record as it leaves the core: with UTC, and the telephone's own number as the caller.
    pub(super) fn record(&self, record: Record) -> CallRecord {
        let utc = |at: Instant| -> Utc { self.utc.utc(at) };
        let mut calling = record.calling;
        if let Some(Step::Line(line)) = record.path.first()
            && self.is_ours(*line)
        {
            calling = self.directory.calling(*line);
        }
        CallRecord {
            call: record.call,
            tenant: record.tenant,
            caller: calling.number,
            presentation: calling.presentation,
            called: record.called,
            path: record.path.into_iter().map(path_step).collect(),
            digits: record.digits,
            offered: utc(record.offered),
            answered: record.answered.map(utc),
            connected: record.connected.map(utc),
            ended: utc(record.ended),
            cause: record.cause,
            by: record.by,
            charge: record.charge,
            category: calling.category,
        }
    }
}

fn path_step(step: Step) -> PathStep {
    match step {
        Step::Line(line) => PathStep::Line(line),
        Step::Flow(flow) => PathStep::Flow(flow),
        Step::Rang(number) => PathStep::Rang(number),
        Step::Connected(number) => PathStep::Connected(number),
        Step::Interrupted => PathStep::Interrupted,
        Step::Deflected(number) => PathStep::Deflected(number),
        Step::Joined => PathStep::Joined,
        Step::Identified => PathStep::Identified,
        Step::Conference(number) => PathStep::Conference(number),
        Step::Found(finding) => PathStep::Found(finding),
    }
}

/// The record of a call that broke a rule of its own: what is known of it.
pub(super) fn broken_record(call: &Call, now: Instant, tenant: units::Tenant) -> Record {
    let (calling, called) = call.parties();
    let (offered, answered) = call.times();
    let mut path = call::story::Path::new();
    let steps = call.line().map(Step::Line).into_iter().chain(call.flow().map(Step::Flow));
    for step in steps {
        let _ = path.push(step);
    }
    Record {
        call: call.id(),
        tenant,
        calling: calling.clone(),
        called: called.clone(),
        path,
        digits: Digits::new(),
        offered,
        answered,
        connected: None,
        ended: now,
        cause: Cause::TEMPORARY_FAILURE,
        by: units::Party::Box,
        charge: call.charge(),
    }
}
