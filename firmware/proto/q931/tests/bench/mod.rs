//! One call and the peer that a test plays by hand.
#![expect(clippy::expect_used, clippy::panic, reason = "the helpers of a test are test code too")]

use machine::Machine;
use q931::wire::{
    Bearer, CallReference, CallState, CauseElement, ChannelId, Kind, Location, Message,
    PartyNumber, Received,
};
use q931::{Alone, By, Call, Config, Event, Input, Output, Role, SetupParams, Timer};
use units::{Cause, Digits, Instant, Timeslot};

pub(crate) struct Bench {
    pub(crate) call: Alone,
    pub(crate) now: Instant,
    pub(crate) sent: Vec<Message>,
    pub(crate) events: Vec<Event>,
}

pub(crate) fn params() -> SetupParams {
    SetupParams {
        bearer: Bearer::SPEECH,
        channel: Some(ChannelId::exclusive(Timeslot::new(1).expect("a slot"))),
        calling: None,
        called: Some(PartyNumber::unknown(Digits::parse("95588").expect("digits"))),
        complete: false,
        display: None,
    }
}

pub(crate) fn cause(value: Cause) -> Option<CauseElement> {
    Some(CauseElement::new(Location::PublicLocal, value))
}

impl Bench {
    pub(crate) fn new(call: Call) -> Self {
        Self { call: call.into(), now: Instant::from_millis(1000), sent: vec![], events: vec![] }
    }

    /// A user that sent SETUP.
    pub(crate) fn caller() -> Self {
        let mut bench = Self::new(Call::outgoing(Config::new(Role::User), 5));
        bench.ask(Input::Setup(params()));
        assert_eq!(bench.sent(), [Kind::Setup]);
        bench
    }

    /// A user that received SETUP.
    pub(crate) fn callee() -> Self {
        let reference = CallReference::new(5);
        let mut bench = Self::new(Call::incoming(Config::new(Role::User), reference));
        let mut setup = Message::new(reference, Kind::Setup);
        setup.bearer = Some(Bearer::SPEECH);
        setup.channel = params().channel;
        bench.hear(setup);
        assert!(matches!(bench.events()[..], [Event::Offered { .. }]));
        bench
    }

    /// A user in an active call.
    pub(crate) fn active() -> Self {
        let mut bench = Self::caller();
        bench.hear_kind(Kind::Connect);
        assert_eq!(bench.sent(), [Kind::ConnectAcknowledge]);
        bench.events.clear();
        bench
    }

    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.call.poll_output() {
            match output {
                Output::Transmit(octets) => {
                    let received = Received::parse(&octets).expect("a message");
                    assert_eq!(received, Received::from(received.message.clone()));
                    self.sent.push(received.message);
                }
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    pub(crate) fn ask(&mut self, input: Input) {
        self.call.handle(self.now, input);
        self.drain();
    }

    pub(crate) fn message(&self, kind: Kind) -> Message {
        Message::new(self.call.reference().answered(), kind)
    }

    pub(crate) fn hear(&mut self, message: Message) {
        self.ask(Input::Message(message.into()));
    }

    pub(crate) fn hear_kind(&mut self, kind: Kind) {
        self.hear(self.message(kind));
    }

    pub(crate) fn hear_cause(&mut self, kind: Kind, value: Cause) {
        self.hear(Message { cause: cause(value), ..self.message(kind) });
    }

    pub(crate) fn hear_status(&mut self, state: u8) {
        let call_state = Some(CallState(state));
        let cause = cause(Cause::RESPONSE_TO_STATUS_ENQUIRY);
        self.hear(Message { cause, call_state, ..self.message(Kind::Status) });
    }

    pub(crate) fn timeout(&mut self) {
        self.now = self.call.poll_timeout().expect("a timer runs");
        self.call.handle_timeout(self.now);
        self.drain();
    }

    pub(crate) fn sent(&mut self) -> Vec<Kind> {
        self.sent.drain(..).map(|message| message.kind).collect()
    }

    /// The only message sent: its type, cause and diagnostics.
    pub(crate) fn sent_cause(&mut self) -> (Kind, Option<Cause>, Vec<u8>) {
        let [message] = &self.sent[..] else { panic!("{:?}", self.sent) };
        let kind = message.kind;
        let cause = message.cause.as_ref().map(|element| element.cause);
        let about = message.cause.as_ref().map(|e| e.diagnostics.to_vec()).unwrap_or_default();
        self.sent.clear();
        (kind, cause, about)
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        self.events.drain(..).collect()
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.now.as_millis() / 1000 - 1
    }
}

pub(crate) fn disconnect() -> Input {
    Input::Disconnect { cause: Cause::NORMAL_CLEARING, location: Location::User }
}

pub(crate) fn by_timer(cause: Cause, timer: Timer) -> Event {
    Event::Released { cause, by: By::Timer(timer) }
}
