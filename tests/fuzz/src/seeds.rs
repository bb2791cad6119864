//! Octets to begin with: real messages, and scripts that get somewhere.

use bearer::Presentation;
use call::app::Prompts;
use link::{CallRecord, Detail, Down, Event, Kind, PathStep, Question, Up};
use machine::check::Random;
use q921::Role;
use q921::wire::{Repr, Supervisory};
use units::{
    CallId, Category, Cause, Charge, ContentHash, Currency, Digits, LineId, Party, SpanId, Tenant,
    Timeslot, Utc,
};

/// What libpri and a public exchange send in one call, from discriminator to the last element.
const MESSAGES: &[&str] = &[
    // SETUP, SETUP ACKNOWLEDGE, CALL PROCEEDING, ALERTING, PROGRESS
    "080200010504039090a31803a983811e0282836c0c2181303138383636363636707006c1393535383800",
    "0802000105a104038090a31803a98381280441616161700680393535383800",
    "080280010d1803a983811e028188",
    "08028001021803a98381",
    "080280010 11e028188",
    "08028001031e02818803",
    // CONNECT and its acknowledgement, INFORMATION, NOTIFY
    "08028001071803a98381",
    "080280010729054c6d6e6f704c06008039353538",
    "080200010f",
    "080200017b70028135",
    "080200016e2701f9",
    // DISCONNECT, RELEASE, RELEASE COMPLETE, with diagnostics
    "08020001450802 8090",
    "0802000145080281901e028288",
    "080280014d08028090",
    "080200015a08028090",
    "080200015a0804808360 18",
    // STATUS and its enquiry
    "0802000175",
    "080280017d0802809e14010a",
    // RESTART and its acknowledgement
    "08020000461803a98381790180",
    "080280004e1803a98381790180",
    "0802000046790187",
    // A map of slots, a locked shift to another codeset, an element with an odd length
    "08020001051807a993ffffffffff",
    "0802000105960102030405",
    "08020001051c1f9fffff",
    "080100",
    "0801010507",
    "08017f05 04 03 80 90 a3",
];

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).unwrap_or("0");
        u8::from_str_radix(text, 16).unwrap_or(0)
    };
    digits.chunks(2).map(pair).collect()
}

/// Messages of caller identification: a single one, one of parameters, a lamp.
#[must_use]
pub fn caller() -> Vec<Vec<u8>> {
    let messages: [&[u8]; 4] = [
        b"\x04\x1209301224609555\x31212\x51",
        b"\x80\x16\x01\x0809301224\x02\x03801\x07\x05LI LE",
        b"\x80\x0d\x01\x0809301224\x04\x01P",
        b"\x82\x06\x0b\x01\xff\x13\x01\x03",
    ];
    messages.iter().map(|message| message.to_vec()).collect()
}

/// Facilities: what a call costs, a deflection, a transfer, a name, and answers.
#[must_use]
pub fn facility() -> Vec<Vec<u8>> {
    use rose::{Advice, Charged, Item, Name, Price, Problem, Profile, Service, Shown, Tariff};
    let number = Digits::parse("13800138000").unwrap_or_default();
    let eur = Currency::new(b"EUR");
    let money = eur.map(|currency| Charge::Money { thousandths: 3450, currency });
    let price = money.map(|charge| Price::Duration { charge, time: 6000, steps: true });
    let item = |price| Item { of: Charged::Talk, price };
    let tariff = Tariff::Items(price.map(item).into_iter().collect());
    let units = Some(Charge::Units(7));
    let name = Name::from_slice(b"Li Lei").map_or(Shown::Unavailable, Shown::Allowed);
    let invoke = |profile, service: Service| rose::write_invoke(profile, 5, &service);
    let public = Profile::Public;
    [
        invoke(public, Service::Charge(Advice { charge: units, last: false })),
        invoke(public, Service::Charge(Advice { charge: money, last: true })),
        invoke(public, Service::Tariff(tariff)),
        invoke(public, Service::Deflect(number)),
        invoke(public, Service::Transfer(300)),
        invoke(public, Service::LinkId),
        invoke(public, Service::Identify),
        invoke(Profile::Private, Service::CallingName(name)),
        rose::write_result(public, 5, &Service::LinkId, Some(300)),
        rose::write_error(public, 5, 3),
        rose::write_reject(public, None, Problem::General),
    ]
    .into_iter()
    .flatten()
    .map(|element| element.to_vec())
    .collect()
}

/// Messages of Q.931.
#[must_use]
pub fn q931_message() -> Vec<Vec<u8>> {
    MESSAGES.iter().map(|hex| octets(hex)).collect()
}

/// Frames of Q.921, with messages in some.
#[must_use]
pub fn q921_frame() -> Vec<Vec<u8>> {
    let mut all = vec![];
    let messages = q931_message();
    for from in [Role::User, Role::Network] {
        for (ns, information) in (0..).zip(&messages) {
            let repr = Repr::I { ns, nr: 5, p: ns == 3, information };
            all.push(repr.emit(from));
        }
        for (command, pf) in [(true, true), (true, false), (false, true), (false, false)] {
            let s = Supervisory { command, nr: 9, pf };
            let u = [
                Repr::Sabme { p: pf },
                Repr::Disc { p: pf },
                Repr::Ua { f: pf },
                Repr::Dm { f: pf },
                Repr::Frmr { f: pf, reason: [1, 2, 3, 4, 5] },
                Repr::Ui { p: pf, information: &[1] },
                Repr::Xid { command, pf, information: &[] },
            ];
            all.extend([Repr::Rr(s), Repr::Rnr(s), Repr::Rej(s)].map(|repr| repr.emit(from)));
            all.extend(u.map(|repr| repr.emit(from)));
        }
    }
    all.into_iter().flatten().map(|frame| frame.to_vec()).collect()
}

/// Noise and frames.
#[must_use]
pub fn hdlc() -> Vec<Vec<u8>> {
    let mut all = vec![vec![0, 0, 3, 0, 1, 0x7F]];
    for (number, frame) in (0..).zip(q921_frame()) {
        // Noise: its length and octets; whether and where a bit is turned over; then the frame.
        let mut octets = vec![3, 0x7E, number, 0xFE, number & 1];
        if number & 1 == 1 {
            octets.extend([0, number, 0]);
        }
        octets.push(u8::try_from(frame.len()).unwrap_or(255));
        octets.extend(&frame);
        all.push(octets);
    }
    all
}

fn digits(text: &str) -> Digits {
    Digits::parse(text).unwrap_or_default()
}

fn ups() -> Vec<Up> {
    let record = CallRecord {
        call: CallId(77),
        tenant: Tenant(1),
        caller: digits("13800001111"),
        presentation: Presentation::Allowed,
        called: digits("95588"),
        path: heapless::Vec::from_iter([
            PathStep::Line(LineId(1)),
            PathStep::Flow(ContentHash([3; 32])),
            PathStep::Rang(digits("801")),
            PathStep::Interrupted,
        ]),
        digits: digits("1"),
        offered: Utc(1_700_000_000_000_000),
        answered: Some(Utc(1_700_000_000_500_000)),
        connected: None,
        ended: Utc(1_700_000_009_000_000),
        cause: Cause::NORMAL_CLEARING,
        by: Party::Caller,
        charge: Some(Charge::Units(7)),
        category: Some(Category::Payphone),
    };
    let (call, line, caller) = (CallId(77), LineId(1), digits("13800001111"));
    let called = digits("95588");
    let details = [
        Detail::CoreStarted { boot: 4 },
        Detail::Span { span: SpanId(1), los: true, lof: false, ais: false, rai: false },
        Detail::DataLink { span: SpanId(1), up: true },
        Detail::CallOffered { call, line, caller, called },
        Detail::CallInFlow { call, flow: ContentHash([3; 32]) },
        Detail::CallAnswered { call },
        Detail::CallDigits { call, digits: digits("1") },
        Detail::CallEnded(record),
        Detail::Alarm(link::Alarm::SpoolFull),
        Detail::Gap { from: 9 },
        Detail::CoreWentOn { boot: 5, calls: 30 },
    ];
    let at = Utc(1_700_000_000_000_000);
    let event = |(number, detail)| Up::Event(Event { number, at, detail });
    let mut all: Vec<Up> = (1..).zip(details).map(event).collect();
    all.extend([
        Up::Refused { oldest: 1, newest: 1, connected: Some(9) },
        Up::SnapshotEnd,
        Up::Done { token: 7, outcome: link::Outcome::Disk(28) },
    ]);
    all
}

/// Messages of the link, and datagrams.
#[must_use]
pub fn link() -> Vec<Vec<u8>> {
    let mut room = [0; 4096];
    let mut all = vec![];
    for up in ups() {
        let written = link::encode(&up, &mut room).unwrap_or_default();
        all.push([&[0], written].concat());
    }
    let (table, hash) = (ContentHash([1; 32]), ContentHash([2; 32]));
    let downs = [
        Down::Hello { oldest: 1, newest: 1 },
        Down::Ack { number: 1 << 40 },
        Down::Publish { token: 1, kind: Kind::Program, hash, octets: b"program" },
        Down::Apply { token: 2, generation: 9, table },
        Down::Ask { token: 3, question: Question::Ports },
        Down::Block { token: 9, span: SpanId(1), slot: Timeslot::D, on: true },
        Down::Capture { token: 4, span: SpanId(1), on: true },
        Down::Clear { token: 5, call: CallId(77) },
        Down::Stall { token: 6, ms: 50 },
    ];
    for down in downs {
        let written = link::encode(&down, &mut room).unwrap_or_default();
        all.push([&[200], written].concat());
    }
    let chunks = [252, 0, 1, 3, 1, 0, 3, 2, 9, 9, 1, 1, 1, 3, 1, 7, 0, 1, 2, 3, 2, 8, 8, 1, 9, 9];
    all.push(chunks.to_vec());
    all
}

/// Octets of a few seeds: as scripts they say anything.
#[must_use]
pub fn scripts() -> Vec<Vec<u8>> {
    let one = |seed: u64| {
        let mut random = Random::new(seed);
        let length = 20 + random.below(140);
        (0..length).map(|_| random.octet()).collect()
    };
    (0..24).map(one).collect()
}

/// Scripts for a call, with real messages.
#[must_use]
pub fn q931_call() -> Vec<Vec<u8>> {
    let mut all = scripts();
    for message in q931_message() {
        let body = message.get(4..).unwrap_or_default();
        let mut script = vec![0, 0, 0x80 | 60, 0, u8::try_from(body.len()).unwrap_or(0)];
        script.extend(body);
        script.extend([0x80 | 18, 2, 0, 20, 4, 0, 22, 7, 0, 5, 30, 10, 16, 0, 0, 0]);
        all.push(script);
    }
    all
}

/// Scripts for a group: calls both ways, a line that fails, a process that is killed.
#[must_use]
pub fn pri() -> Vec<Vec<u8>> {
    let place = |near: bool| vec![if near { 40 } else { 60 }, 0, 5, 9, 5, 5, 8, 8];
    let ask = |near: bool, what: u8| {
        let mut octets = vec![if near { 40 } else { 60 }, what];
        // A release has a cause.
        octets.extend((what >= 14).then_some(16));
        octets
    };
    let (up, flow, kill, cut) = (vec![127], vec![0], vec![118], vec![112]);
    let mut all = scripts();
    for from_near in [false, true] {
        let begin = [up.clone(), place(from_near), flow.clone()].concat();
        let middle =
            [ask(!from_near, 6), ask(!from_near, 8), ask(!from_near, 11), flow.clone()].concat();
        let end = [ask(from_near, 14), flow.clone()].concat();
        all.push([&begin[..], &middle, &end].concat());
        all.push([&begin[..], &kill, &flow, &middle, &kill, &flow, &end].concat());
        all.push([&begin[..], &middle, &kill, &flow, &end, &kill, &flow].concat());
        all.push([&begin[..], &cut, &[90, 90, 90, 90], &up, &middle, &end].concat());
        all.push([&begin[..], &middle, &[79, 0, 79, 1], &end, &[98, 90, 0, 98, 90, 0]].concat());
    }
    all
}

/// Scripts for a flow, one with a program of its own.
#[must_use]
pub fn flow() -> Vec<Vec<u8>> {
    let mut all = scripts();
    let run = [15, 90, 30, 90, 30, 90, 60, 1, 90, 80, 2, 90, 0, 0, 0, 90, 30, 0];
    all.push([&[0][..], &run].concat());
    let prompts = Prompts::from_iter([ContentHash([1; 32])]);
    let next = ivr::StepId(1);
    let steps = vec![
        ivr::Step::Play { prompts, next },
        ivr::Step::Release { cause: Cause::NORMAL_CLEARING },
    ];
    let program = ivr::Program::plain("own".into(), steps);
    if let Ok(octets) = program.to_octets() {
        let length = u8::try_from(octets.len()).unwrap_or(250);
        all.push([&[1, length], &octets[..], &run].concat());
    }
    all
}

/// Scripts for the journal of every kind.
#[must_use]
pub fn journal() -> Vec<Vec<u8>> {
    let mut all = scripts();
    for (number, mut script) in (0..).zip(scripts()) {
        script.insert(0, [0, 160, 240][number % 3]);
        all.push(script);
    }
    let put = [10, 1, 1, 1, 1, 7, 200, 0];
    let mut life = vec![0, 0, 0];
    (0..20).for_each(|_| life.extend(put));
    life.extend([210, 1, 1, 1, 1, 9, 100, 0, 40, 170]);
    all.push(life);
    // Both heads, then records.
    let head = [1, 0, 0, 3, 0, 30, 0, 2];
    let mut made_up = vec![160];
    made_up.extend(head);
    made_up.extend(head);
    made_up.extend([0, 0, 1, 1, 1, 1, 1, 7, 20, 1, 0, 1, 1]);
    all.push(made_up);
    all
}
