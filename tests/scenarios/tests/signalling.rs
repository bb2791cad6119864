//! The D channel as others see it: libpri speaks with us, tshark reads what was said. Ordinary
//! calls, restarts, garbage and cut cables.

use std::path::Path;

use q931::wire::Kind;
use scenarios::play::{
    CALLER, conversation, greeted, is, link_up, matched, place, quiet, talked, telephone_rests,
    until,
};
use scenarios::tshark::{capture, complaints, finished_capture, tshark};
use scenarios::{City, Pace, Rig, Settings, scene};
use serde_json::{Value, json};

/// The messages of a capture: whether this side sent it, its call reference, its name in Q.931.
fn messages(file: &Path, side: u8) -> Result<Vec<(bool, String, u8)>, String> {
    let fields = ["lapd.direction", "q931.call_ref", "q931.message_type"];
    let mut arguments = vec!["-Y", "q931 && !_ws.malformed", "-T", "fields"];
    arguments.extend(fields.iter().flat_map(|field| ["-e", field]));
    let text = tshark(file, &arguments)?;
    let read = |line: &str| {
        let mut words = line.split('\t');
        let sent = words.next()?.parse() == Ok(side);
        let reference = words.next()?.to_owned();
        let kind = words.next()?.trim_start_matches("0x");
        Some((sent, reference, u8::from_str_radix(kind, 16).ok()?))
    };
    Ok(text.lines().filter_map(read).collect())
}

const ALERTING: u8 = 0x01;
const PROCEEDING: u8 = 0x02;
const SETUP: u8 = 0x05;
const CONNECT: u8 = 0x07;
const CONNECT_ACK: u8 = 0x0F;
const DISCONNECT: u8 = 0x45;
const RESTART: u8 = 0x46;
const RELEASE: u8 = 0x4D;
const RESTART_ACK: u8 = 0x4E;
const RELEASE_COMPLETE: u8 = 0x5A;

/// The messages of each call in turn, with who sent them; those without a call are one more.
fn by_call(messages: &[(bool, String, u8)]) -> Vec<Vec<(bool, u8)>> {
    let mut calls: Vec<(&str, Vec<(bool, u8)>)> = vec![];
    for (sent, reference, kind) in messages {
        match calls.iter_mut().rfind(|(known, _)| known == reference) {
            Some((_, of)) if *kind != SETUP => of.push((*sent, *kind)),
            _ => calls.push((reference, vec![(*sent, *kind)])),
        }
    }
    calls.into_iter().map(|(_, of)| of).collect()
}

/// Calls both ways, cleared from either side, and a channel restarted by the exchange, one of them
/// in the middle of a call.
fn ordinary_traffic(rig: &Rig, city: &mut City) -> Result<(), String> {
    city.telephone_answers(500)?;
    place(city, "by-caller", "95588", &conversation(rig, "1", 1, 2, 3000)?)?;
    talked(city, "by-caller")?;
    quiet(city)?;

    city.command(&json!({
        "cmd": "telephone", "port": 1, "answer_after_ms": 500, "hangup_after_ms": 4000,
        "talk": {"send": 2, "expect": 1},
    }))?;
    let mut script = greeted(rig, "1")?;
    script.push(json!({"talk": {"send": 1, "expect": 2, "ms": 3000}}));
    script.push(json!({"await": "release", "ms": 20_000}));
    place(city, "by-desk", "95588", &json!(script))?;
    talked(city, "by-desk")?;
    quiet(city)?;

    city.telephone_answers(500)?;
    city.command(&json!({
        "cmd": "incoming", "answer_after_ms": 500, "talk": {"send": 3, "expect": 4},
    }))?;
    city.command(&json!({
        "cmd": "lift", "port": 1, "digits": "002160001234", "talk": {"send": 4, "expect": 3},
    }))?;
    matched(city, "called", None)?;
    city.command(&json!({"cmd": "hang_up", "port": 1}))?;
    city.seen("the release", |event| event["event"] == "released")?;
    quiet(city)?;

    city.command(&json!({"cmd": "restart_channel", "slot": 3}))?;
    city.seen("RESTART ACKNOWLEDGE", |event| event["event"] == "restart_done")?;
    place(city, "restarted", "95588", &json!(script))?;
    let setup = city.seen("SETUP", |event| is(event, "setup_sent", "restarted"))?;
    matched(city, "telephone", Some("restarted"))?;
    matched(city, "caller", Some("restarted"))?;
    // Past the end of the talk, which must not be cut short.
    let after = setup["at_us"].as_u64().unwrap_or(0) + 10_000_000;
    until(city, after)?;
    city.command(&json!({"cmd": "restart_channel", "slot": setup["slot"]}))?;
    let released = city.seen("its end", |event| is(event, "released", "restarted"))?;
    assert_eq!(released["cause"], 41);
    quiet(city)?;
    Ok(())
}

#[test]
fn libpri_as_the_network_and_tshark_find_nothing_wrong_in_ordinary_traffic() {
    judged(Settings::new(Pace::Free), 0);
}

#[test]
fn libpri_as_the_user_and_tshark_find_nothing_wrong_in_ordinary_traffic() {
    let network = "\n[[span]]\nnumber = 1\nside = \"network\"\n";
    let more = vec![("config/config.toml".into(), network.into())];
    let city = vec!["--user-side".into()];
    judged(Settings { city, more, ..Settings::new(Pace::Free) }, 1);
}

#[test]
fn libpri_and_tshark_find_nothing_wrong_with_the_d_channel_in_slot_31() {
    let more = vec![("board.toml".into(), "\n[card.a.span.1]\nd_channel = 31\n".into())];
    let city: Vec<String> = ["--d-slot", "31"].map(Into::into).into();
    judged(Settings { city, more, ..Settings::new(Pace::Free) }, 0);
}

/// A call on slot 16, which carries sound where the D channel is elsewhere.
fn slot_16_carries_a_call(rig: &Rig, city: &mut City) -> Result<(), String> {
    city.telephone_answers(500)?;
    city.command(&json!({
        "cmd": "call", "id": "on-16", "called": "95588", "calling": CALLER, "slot": 16,
        "script": conversation(rig, "1", 1, 2, 3000)?,
    }))?;
    talked(city, "on-16")?;
    quiet(city).map(drop)
}

/// Ordinary traffic of a box on this side of the interface (0: the user), message by message.
fn judged(settings: Settings, side: u8) {
    let elsewhere = settings.city.iter().any(|argument| argument == "--d-slot");
    scene(settings, |rig, city| {
        capture(rig)?;
        ordinary_traffic(rig, city)?;
        rig.console_when("show spans", |text| text.contains("; 0/30 busy, 0 blocked"))?;
        rig.records_when(4)?;
        let file = finished_capture(rig)?;
        assert_eq!(complaints(&file, side)?, "");

        let calls = by_call(&messages(&file, side)?);
        let (us, they) = (true, false);
        let [caller, desk, out, global] = &calls[..4] else {
            return Err(format!("not the calls that were placed: {calls:?}"));
        };
        let begin = [(they, SETUP), (us, PROCEEDING), (us, CONNECT), (they, CONNECT_ACK)];
        let end = |first: bool| [(first, DISCONNECT), (!first, RELEASE), (first, RELEASE_COMPLETE)];
        assert_eq!(*caller, [&begin[..], &end(they)].concat());
        assert_eq!(*desk, [&begin[..], &end(us)].concat());
        let begin =
            [(us, SETUP), (they, PROCEEDING), (they, ALERTING), (they, CONNECT), (us, CONNECT_ACK)];
        assert_eq!(*out, [&begin[..], &end(us)].concat());
        let restarts: Vec<_> = calls.iter().flatten().filter(|(_, k)| *k == RESTART).collect();
        assert_eq!((restarts.len(), global[0]), (2, (they, RESTART)), "{calls:?}");
        assert_eq!(global[1], (us, RESTART_ACK));

        traces_say_the_same(rig, &calls)?;
        broken_captures_are_found_out(&file, side)?;
        if elsewhere { slot_16_carries_a_call(rig, city) } else { Ok(()) }
    });
}

/// `trace call` tells of each call what tshark found: who said what, in order.
fn traces_say_the_same(rig: &Rig, calls: &[Vec<(bool, u8)>]) -> Result<(), String> {
    let records = rig.records_when(4)?;
    for (record, messages) in records.iter().zip(&calls[..3]) {
        let call = record["call"].as_str().unwrap_or_default();
        let (done, said) = rig.console(&format!("trace call {call}"))?;
        assert!(done, "{said}");
        let titles: Vec<_> = said.lines().filter(|line| !line.starts_with(' ')).collect();
        let wanted = messages.iter().map(|(sent, kind)| {
            let way = if *sent { "box -> span 1" } else { "span 1 -> box" };
            format!("  {way}  {} (", Kind::from_code(*kind).name())
        });
        let wanted: Vec<_> = wanted.collect();
        let alike = titles.iter().zip(&wanted).all(|(title, wanted)| title.contains(wanted));
        assert!(alike && titles.len() == wanted.len(), "{wanted:?}, not {said}");
        assert!(said.contains("\n    bearer capability (4.5.5): "), "{said}");
        assert!(
            said.contains("\n    cause (4.5.12): 16, normal call clearing; said by "),
            "{said}"
        );
    }
    let (done, said) = rig.console("trace call c1-9-9999")?;
    assert!(!done && said.contains("Nothing is kept of call c1-9-9999"), "{said}");
    Ok(())
}

/// The judge is no yes-man: an element longer than its message is found, in every message of ours.
fn broken_captures_are_found_out(file: &Path, side: u8) -> Result<(), String> {
    let good = std::fs::read(file).map_err(|fault| fault.to_string())?;
    let mut broken = good.clone();
    let (mut at, mut spoiled) = (24, 0);
    while let Some(head) = good.get(at..at + 32) {
        let length = usize::try_from(u32::from_be_bytes([head[8], head[9], head[10], head[11]]));
        let end = at + 16 + length.unwrap_or(0);
        let frame = at + 32;
        // Sent by us, an I frame of Q.931 with a two-octet reference and a DISCONNECT's cause.
        let disconnect = [0x08, 0x02];
        let is_disconnect = good.get(frame + 4..frame + 6) == Some(&disconnect)
            && good.get(frame + 8) == Some(&DISCONNECT);
        if head[17] == 4 && is_disconnect {
            // The length of the cause.
            broken[frame + 10] = 0x40;
            spoiled += 1;
        }
        at = end;
    }
    assert_eq!(spoiled, 2, "both calls that we cleared have a DISCONNECT");
    let path = file.with_extension("broken");
    std::fs::write(&path, broken).map_err(|fault| fault.to_string())?;
    assert_eq!(complaints(&path, side)?.lines().count(), spoiled);
    Ok(())
}

/// The telephone answers, and does not hang up because of half a minute of silence.
fn patient_telephone(city: &mut City) -> Result<(), String> {
    city.command(&json!({
        "cmd": "telephone", "port": 1, "answer_after_ms": 500, "patience_ms": 40_000,
        "talk": {"send": 2, "expect": 1},
    }))
}

fn talk(ms: u64) -> Value {
    json!({"talk": {"send": 1, "expect": 2, "ms": ms}})
}

/// A call in the middle of which the line is disturbed, and heard both ways again afterwards.
fn survives(rig: &Rig, city: &mut City, id: &str, fault: &Value) -> Result<(), String> {
    patient_telephone(city)?;
    let mut script = greeted(rig, "1")?;
    script.extend([talk(3000), talk(15_000), talk(4000), json!({"hangup": 16})]);
    city.mark();
    place(city, id, "95588", &json!(script))?;
    matched(city, "telephone", Some(id))?;
    let first = matched(city, "caller", Some(id))?;
    // Well into the second talk.
    until(city, first["at_us"].as_u64().unwrap_or(0) + 5_000_000)?;
    city.command(fault)?;
    let begin = city.seen("the fault", |event| event["event"] == "fault")?;
    let begin = begin["at_us"].as_u64().unwrap_or(0);
    let end = begin + fault["ms"].as_u64().unwrap_or(0) * 1000;
    let later = |event: &Value| event["at_us"].as_u64().is_some_and(|at| at > end);
    let again = |end: &'static str| {
        move |event: &Value| event["event"] == "matched" && event["end"] == end && later(event)
    };
    city.seen("the caller hears the desk again", again("caller"))?;
    if fault["kind"] == "los" {
        city.seen("the desk hears the caller again", again("telephone"))?;
    }
    city.seen("the end of the call", |event| is(event, "call_passed", id))?;
    quiet(city)?;
    Ok(())
}

#[test]
fn a_call_survives_a_cut_of_5_s_and_garbage_and_the_box_comes_back_from_a_cut_of_30_s() {
    scene(Settings::new(Pace::Free), |rig, city| {
        capture(rig)?;
        let cut = json!({"cmd": "fault", "kind": "los", "ms": 5000});
        survives(rig, city, "cut", &cut)?;
        let garbage = json!({"cmd": "fault", "kind": "garbage", "ms": 5000});
        survives(rig, city, "garbage", &garbage)?;

        // Longer than libpri waits for the link (T309, 6 s): it gives the call up.
        patient_telephone(city)?;
        let mut script = greeted(rig, "1")?;
        script.extend([talk(3000), json!({"await": "release", "ms": 60_000})]);
        place(city, "lost", "95588", &json!(script))?;
        let first = matched(city, "caller", Some("lost"))?;
        until(city, first["at_us"].as_u64().unwrap_or(0) + 3_000_000)?;
        city.command(&json!({"cmd": "fault", "kind": "los", "ms": 30_000}))?;
        city.seen("libpri gives it up", |event| is(event, "released", "lost"))?;
        telephone_rests(city)?;
        link_up(rig, city)?;
        quiet(city)?;
        rig.console_when("show spans", |text| text.contains("; 0/30 busy, 0 blocked"))?;
        city.telephone_answers(500)?;
        place(city, "after", "95588", &conversation(rig, "1", 1, 2, 3000)?)?;
        talked(city, "after")?;
        quiet(city)?;
        rig.records_when(4)?;
        assert_eq!(complaints(&finished_capture(rig)?, 0)?, "");
        Ok(())
    });
}
