//! Consoles: a Unix stream on which a line of JSON asks and lines of JSON answer.
//!
//! `{"line": "show spans"}` is answered by `{"text": …}` and `{"end": true, "ok": …}`;
//! `{"complete": "show s"}` by `{"candidates": [[word, literal, about], …], "end": true}`.

use std::os::unix::net::UnixListener as StdListener;
use std::rc::Rc;

use console::{
    Ask, Language, Text, call_line, candidates, core_lines, help, parse, port_line, record_lines,
    say, sound_faults, sound_lines, span_detail, span_lines,
};
use hal_socket::Instance;
use link::{Outcome, Question, Socket, SoundAt, SoundStatus};
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Mutex, mpsc};
use units::CallId;

use crate::box_state::BoxState;
use crate::city::{self, TestCall};
use crate::log;
use crate::options::Options;
use crate::session::Order;
use crate::shared::{Reading, Shared, order, outcome, write};
use crate::{bert, conference, diagnosis, listen, load, recording};

/// Octets of one request; a longer one ends the connection.
const REQUEST: u64 = 4096;
/// How many alarms are shown.
const ALARMS: u32 = 20;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Request {
    Line(String),
    Complete(String),
}

/// Listens at `console.sock`; a stale socket is removed, since we hold the lock of the daemon.
pub(crate) fn listen(options: &Options, _instance: &Instance) -> Result<UnixListener, String> {
    let path = options.run.join("console.sock");
    let fault = |fault: std::io::Error| format!("{}: {fault}", path.display());
    match std::fs::remove_file(&path) {
        Err(reason) if reason.kind() != std::io::ErrorKind::NotFound => return Err(fault(reason)),
        _ => {}
    }
    let listener = StdListener::bind(&path).map_err(fault)?;
    listener.set_nonblocking(true).map_err(fault)?;
    UnixListener::from_std(listener).map_err(fault)
}

/// Serves consoles for ever.
pub(crate) async fn serve(
    listener: UnixListener,
    options: Options,
    state: Rc<Mutex<BoxState>>,
    orders: mpsc::Sender<Order>,
) {
    let shared = Shared { options, state, orders };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::task::spawn_local(talk(stream, shared.clone()));
            }
            Err(fault) => {
                log(&format!("console: {fault}"));
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

async fn talk(stream: UnixStream, shared: Shared) {
    let (reading, mut writing) = stream.into_split();
    let mut reading = BufReader::new(reading.take(REQUEST));
    loop {
        let mut line = Vec::new();
        reading.get_mut().set_limit(REQUEST);
        match reading.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) if !line.ends_with(b"\n") => return,
            Ok(_) => {}
        }
        let done = match serde_json::from_slice(&line) {
            Ok(Request::Complete(line)) => {
                let language = shared.state.lock().await.language();
                let found: Vec<_> = candidates(&line, language)
                    .into_iter()
                    .map(|c| json!([c.word, c.literal, c.about]))
                    .collect();
                write(&mut writing, &json!({"candidates": found, "end": true})).await
            }
            Ok(Request::Line(line)) => match parse(&line) {
                Ok(Some(Ask::Watch)) => watch(&shared, &mut reading, &mut writing).await,
                Ok(Some(Ask::Load(now))) => load::run(&shared, now, &mut writing).await,
                Ok(Some(Ask::Diagnose(span))) => diagnosis::run(&shared, span, &mut writing).await,
                Ok(Some(Ask::Listen(at, seconds))) => {
                    let wanted = (at, seconds);
                    listen::run(&shared, wanted, &mut reading, &mut writing).await
                }
                Ok(Some(Ask::Test(span, seconds))) => {
                    let wanted = (span, seconds);
                    bert::run(&shared, wanted, &mut reading, &mut writing).await
                }
                _ => {
                    let (ok, text) = match answer(&shared, &line).await {
                        Ok(text) => (true, text),
                        Err(text) => (false, text),
                    };
                    write(&mut writing, &json!({"text": text, "end": true, "ok": ok})).await
                }
            },
            Err(fault) => {
                let text = format!("not a request of a console: {fault}");
                write(&mut writing, &json!({"text": text, "end": true, "ok": false})).await
            }
        };
        if done.is_err() {
            return;
        }
    }
}

/// Tells calls as they happen, until the console says anything.
async fn watch(
    shared: &Shared,
    reading: &mut Reading,
    writing: &mut OwnedWriteHalf,
) -> std::io::Result<()> {
    let (mut narration, language) = {
        let state = shared.state.lock().await;
        (state.narration.subscribe(), state.language())
    };
    let begun = say(language, Text::WATCHING, &[]) + "\n";
    write(writing, &json!({"text": begun})).await?;
    let mut line = Vec::new();
    reading.get_mut().set_limit(REQUEST);
    loop {
        tokio::select! {
            told = narration.recv() => match told {
                Ok(sentence) => write(writing, &json!({"text": sentence + "\n"})).await?,
                // A console that reads slowly misses some; it is told how many.
                Err(tokio::sync::broadcast::error::RecvError::Lagged(missed)) => {
                    write(writing, &json!({"text": format!("({missed} left out)\n")})).await?;
                }
                Err(_) => return Ok(()),
            },
            _ = reading.read_until(b'\n', &mut line) => {
                return write(writing, &json!({"end": true, "ok": true})).await;
            }
        }
    }
}

/// What a line is answered; `Err` if it could not be done.
async fn answer(shared: &Shared, line: &str) -> Result<String, String> {
    let language = shared.state.lock().await.language();
    let ask = match parse(line) {
        Ok(None) => return Ok(String::new()),
        Ok(Some(ask)) => ask,
        Err(fault) => return Err(complaint(line, &fault, language)),
    };
    match ask {
        Ask::Help => Ok(help(language)),
        Ask::HelpConfig => Ok(config::reference()),
        Ask::HelpFlow => Ok(FLOW_HELP.into()),
        Ask::Quit
        | Ask::Watch
        | Ask::Test(..)
        | Ask::Listen(..)
        | Ask::Load(_)
        | Ask::Diagnose(_) => Ok(String::new()),
        Ask::Board => show_board(shared, language).await,
        Ask::Span(span) => {
            Ok(span_detail(&diagnosis::detail(shared, span, language).await?, language))
        }
        Ask::Core => {
            order(shared, language, |answer| Order::Ask(Question::Core, answer)).await?;
            let status = shared.state.lock().await.core;
            Ok(status.map_or_else(String::new, |status| core_lines(&status, language)))
        }
        Ask::Sound(at) => Ok(sound_lines(&sound(shared, at, language).await?, language)),
        Ask::DiagnoseSound(at) => diagnose_sound(shared, at, language).await,
        Ask::Spans | Ask::Calls => show_live(shared, &ask, language).await,
        Ask::Records(_) | Ask::RecordsJson(_) | Ask::Alarms | Ask::Config => {
            show_stored(shared, &ask, language).await
        }
        Ask::Recordings(most) => recording::show(shared, most, language).await,
        Ask::Verify(number) => recording::verify(shared, number, language).await,
        Ask::Hold(number, held) => recording::hold(shared, (number, held), language).await,
        Ask::Conferences => conference::show(shared, language).await,
        Ask::Party(number, party, what) => {
            conference::party_do(shared, (&number, &party, what), language).await
        }
        Ask::MessageWaiting(number, on) => {
            load::waiting(shared, &number.to_string(), on, language).await
        }
        Ask::Compare => load::compare(shared, language).await,
        Ask::PlaceTestCall(number) => test_call(shared, &number.to_string(), language).await,
        Ask::Simulate { flow, keys } => simulate(shared, (&flow, &keys), language).await,
        Ask::Capture(span, on) => {
            order(shared, language, |answer| Order::Capture(span, on, answer)).await?;
            let text = if on { Text::CAPTURE_ON } else { Text::CAPTURE_OFF };
            Ok(say(language, text, &[&span.0.to_string()]) + "\n")
        }
        Ask::Block(span, slot, on) => {
            order(shared, language, |answer| Order::Block(span, slot, on, answer)).await?;
            let text = if on { Text::SLOT_BLOCKED } else { Text::SLOT_OPENED };
            Ok(say(language, text, &[&span.0.to_string(), &slot.get().to_string()]) + "\n")
        }
        Ask::UpgradeCore => match outcome(shared, Order::Upgrade).await {
            Some(Outcome::Done) => Ok(say(language, Text::CORE_UPGRADED, &[]) + "\n"),
            Some(_) => Err(say(language, Text::CORE_NOT_UPGRADED, &[])),
            None => Err(say(language, Text::CORE_AWAY, &[])),
        },
        Ask::Trace(call) => trace(shared, call, language).await,
        Ask::Identify(call) => identify(shared, call, language).await,
        Ask::Clear(call) => {
            order(shared, language, |answer| Order::Clear(call, answer)).await?;
            Ok(say(language, Text::CLEARED, &[&call.to_string()]) + "\n")
        }
    }
}

/// What a caller would meet in a flow.
async fn simulate(
    shared: &Shared,
    (flow, keys): (&str, &units::Digits),
    language: Language,
) -> Result<String, String> {
    let state = shared.state.lock().await;
    let documents = state.documents.as_ref().ok_or("no flow is in force")?;
    let names: Vec<_> = documents.flows.keys().cloned().collect();
    let found = documents.flows.get(flow);
    let found =
        found.ok_or_else(|| say(language, Text::UNKNOWN_WORD, &[flow, &names.join(", ")]))?;
    let facts = example(&documents.config, flow);
    Ok(flow::simulate(&found.program, keys, facts, &documents.prompts).join("\n") + "\n")
}

/// Has the exchange note who calls, and waits for its answer.
async fn identify(shared: &Shared, call: CallId, language: Language) -> Result<String, String> {
    order(shared, language, |answer| Order::Identify(call, answer)).await?;
    // The core itself waits five seconds for the exchange.
    for _ in 0..70 {
        match shared.state.lock().await.identified.remove(&call) {
            Some(true) => return Ok(say(language, Text::IDENTIFIED, &[]) + "\n"),
            Some(false) => return Err(say(language, Text::NOT_IDENTIFIED, &[])),
            None => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
        }
    }
    Err(say(language, Text::IDENTIFY_SILENT, &[&call.to_string()]))
}

/// The messages of a call.
async fn trace(shared: &Shared, call: CallId, language: Language) -> Result<String, String> {
    match outcome(shared, |answer| Order::Ask(Question::Trace(call), answer)).await {
        Some(Outcome::Done) => {}
        Some(_) => return Err(say(language, Text::NOT_TRACED, &[&call.to_string()])),
        None => return Err(say(language, Text::CORE_AWAY, &[])),
    }
    let state = shared.state.lock().await;
    let messages: Vec<_> = state.traced.1.iter().filter(|m| m.call == call).cloned().collect();
    let text = trace::call(&messages, records::exact_text);
    let begins = messages.first().is_some_and(|first| trace::is_setup(&first.message));
    let cut = if begins { String::new() } else { say(language, Text::TRACE_CUT, &[]) + "\n" };
    Ok(cut + &text)
}

fn complaint(line: &str, fault: &console::ParseFault, language: Language) -> String {
    let wanted = fault.wanted.join(", ");
    let word = line.split_whitespace().nth(fault.at);
    match word {
        _ if fault.ambiguous => say(language, Text::AMBIGUOUS, &[&wanted]),
        Some(word) => say(language, Text::UNKNOWN_WORD, &[word, &wanted]),
        None => say(language, Text::INCOMPLETE, &[&wanted]),
    }
}

async fn show_board(shared: &Shared, language: Language) -> Result<String, String> {
    order(shared, language, |answer| Order::Ask(Question::Spans, answer)).await?;
    order(shared, language, |answer| Order::Ask(Question::Ports, answer)).await?;
    let state = shared.state.lock().await;
    let lines: String = state
        .ports
        .values()
        .map(|port| {
            let span = match port.socket {
                Socket::Pri(span) => state.spans.get(&span),
                _ => None,
            };
            port_line(port, span, language)
        })
        .collect();
    Ok(if lines.is_empty() { say(language, Text::NO_PORTS, &[]) + "\n" } else { lines })
}

/// A second of a place's sound.
async fn sound(shared: &Shared, at: SoundAt, language: Language) -> Result<SoundStatus, String> {
    order(shared, language, |answer| Order::Ask(Question::Sound(at), answer)).await?;
    let told = shared.state.lock().await.sound.filter(|sound| sound.at == at);
    told.ok_or_else(|| say(language, Text::CORE_AWAY, &[]))
}

async fn diagnose_sound(
    shared: &Shared,
    at: SoundAt,
    language: Language,
) -> Result<String, String> {
    let mut seconds = vec![];
    for _ in 0..3 {
        seconds.push(sound(shared, at, language).await?);
    }
    Ok(sound_faults(&seconds, language))
}

async fn show_live(shared: &Shared, ask: &Ask, language: Language) -> Result<String, String> {
    if *ask == Ask::Spans {
        order(shared, language, |answer| Order::Ask(Question::Spans, answer)).await?;
        let state = shared.state.lock().await;
        let mut spans: Vec<_> = state.spans.values().collect();
        spans.sort_by_key(|status| status.span);
        return Ok(spans.into_iter().map(|status| span_lines(status, language)).collect());
    }
    let state = shared.state.lock().await;
    if !state.connected {
        return Err(say(language, Text::CORE_AWAY, &[]));
    }
    let lines: String = state.live.calls().map(|(id, call)| call_line(id, call)).collect();
    Ok(if lines.is_empty() { say(language, Text::NO_CALLS, &[]) + "\n" } else { lines })
}

async fn show_stored(shared: &Shared, ask: &Ask, language: Language) -> Result<String, String> {
    let state = shared.state.lock().await;
    let fault = |fault: store::StoreFault| fault.to_string();
    Ok(match ask {
        Ask::Records(most) => record_lines(&state.store.records(*most).map_err(fault)?, language),
        Ask::RecordsJson(most) => {
            let rows = state.store.records(*most).map_err(fault)?;
            rows.iter().map(|row| row.json() + "\n").collect()
        }
        Ask::Alarms => {
            let alarms = state.store.alarms(ALARMS).map_err(fault)?;
            let ill = state.ill.iter().map(|ill| format!("! {ill}\n"));
            let line = |(at, text): &(_, String)| format!("{}  {text}\n", records::utc_text(*at));
            let lines: String = alarms.iter().map(line).chain(ill).collect();
            if lines.is_empty() { say(language, Text::NO_ALARMS, &[]) + "\n" } else { lines }
        }
        Ask::Config => {
            let documents = state.store.documents().map_err(fault)?;
            let complaint = state.complaint.iter().map(|c| format!("! {c}\n"));
            let texts = documents.iter().map(|(name, text)| format!("--- {name}\n{text}"));
            complaint.chain(texts).collect()
        }
        _ => String::new(),
    })
}

async fn test_call(shared: &Shared, number: &str, language: Language) -> Result<String, String> {
    let Some(city) = &shared.options.city else {
        return Err(say(language, Text::NO_CITY, &[]));
    };
    let greeting = greeting(&*shared.state.lock().await, number)
        .map(|hash| shared.options.prompts.join(format!("{hash}.alaw")));
    let call = TestCall { called: number, greeting };
    city::place(city, &call).await.map_err(|fault| {
        say(language, Text::NOT_DONE, &[&format!("{}: {fault}", city.display())])
    })?;
    Ok(say(language, Text::TEST_CALL, &[number]) + "\n")
}

/// The first prompt that a caller of this number hears.
fn greeting(state: &BoxState, number: &str) -> Option<units::ContentHash> {
    let documents = state.documents.as_ref()?;
    let flow = &documents.config.number.iter().find(|entry| entry.called == number)?.flow;
    let program = &documents.flows.get(flow)?.program;
    program.prompts().next().copied()
}

/// A caller of this flow, now.
fn example(config: &config::Config, flow: &str) -> ivr::Facts {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(0));
    let digits = |text: &str| units::Digits::parse(text).unwrap_or_default();
    let called = config.number.iter().find(|number| number.flow == flow);
    ivr::Facts {
        caller: digits(EXAMPLE_CALLER),
        called: called.map(|number| digits(&number.called)).unwrap_or_default(),
        entered: units::Digits::new(),
        now: Some(ivr::Local::of(units::Utc(now), config.offset_s(units::Utc(now)))),
    }
}

/// The number that the caller of a simulation shows.
const EXAMPLE_CALLER: &str = "01088886666";

const FLOW_HELP: &str = "\
A flow is flows/<name>.toml:
  title = TEXT; languages = [\"zh\", \"en\"]; start = ID of the first step
  [[step]]  id = NAME, do = one of
    \"answer\"   next
    \"play\"     prompts, next
    \"menu\"     prompts, keys = { 1 = STEP }, otherwise; invalid, wait_seconds (5), attempts (3)
    \"ring\"     number, otherwise; seconds (20), hear (\"ring-back\" or \"music\")
    \"release\"  cause (16)
Prompts are named as in the prompt folder, or as sounds of your own beside config.toml:
sounds/NAME.wav, or sounds/NAME.en.wav for one language; each is played in every language of the
flow. Callers who wait with \"music\" hear the jack of role music, or the pieces that box.music
names.
Among them stands what is said:
  { digits = X }, { telephone = X }, { number = X }, { ordinal = X }
      X: a constant, \"caller\", \"called\" or \"entered\" (the keys chosen with so far);
      telephone: as digits, but in Mandarin 1 is yao
  { money = 1250, currency = \"CNY\" }   in minor units; USD EUR GBP HKD JPY
  { date = \"now\" }, { date = \"2026-11-23\" }
  { time = \"now\" }, { time = \"14:05\", hours = 24 }   by 12 hours unless said
  { duration = 90 }   seconds
";
