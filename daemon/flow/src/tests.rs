//! Good flows compile and do what they say; of bad ones line, field and remedy are told.

use ivr::{Facts, Local};
use units::{Digits, Utc};

use super::*;

const MAIN: &str = include_str!("../../../images/default/flows/main.toml");

fn prompts() -> Prompts {
    let mut index = String::new();
    for (n, language) in say::Language::ALL.into_iter().enumerate() {
        index += &format!("[{}]\n", language.code());
        for (m, word) in language.words().enumerate() {
            index += &format!("{word} = \"{}\"\n", format!("{n}f{m:02x}").repeat(16));
        }
        for (m, name) in ["welcome", "menu", "invalid", "nobody", "goodbye"].iter().enumerate() {
            index += &format!("{name} = \"{}\"\n", format!("{n}{m}").repeat(32));
        }
    }
    Prompts::parse(&index).expect("an index")
}

fn fault(from: &str, to: &str) -> config::Fault {
    let text = MAIN.replacen(from, to, 1);
    assert_ne!(text, MAIN, "{from} is not in the document");
    compile("main", &text, &prompts()).expect_err("wrong")
}

fn line(part: &str) -> usize {
    MAIN.lines().position(|line| line.contains(part)).expect("there") + 1
}

#[test]
fn the_flow_of_a_fresh_box_compiles_to_a_program_that_the_core_accepts() {
    let compiled = compile("main", MAIN, &prompts()).expect("good");
    assert_eq!(ivr::Program::from_octets(&compiled.octets), Ok(compiled.program));
    assert_eq!(compiled.hash, hash_of(&compiled.octets));
}

#[test]
fn a_caller_who_presses_one_reaches_the_desk_and_then_the_menu_again() {
    let compiled = compile("main", MAIN, &prompts()).expect("good");
    let keys = Digits::parse("1").expect("keys");
    let said = simulate(&compiled.program, &keys, Facts::default(), &prompts());
    assert_eq!(said[0], "the box answers");
    assert_eq!(said[1], "the caller hears welcome (zh), menu (zh), welcome (en), menu (en)");
    assert!(said.contains(&"801 is rung; nobody answers".to_owned()), "{said:#?}");
    assert_eq!(
        said.last().expect("an end"),
        "the box releases the call: cause 16 (normal call clearing)"
    );
}

#[test]
fn the_start_may_stand_anywhere_in_the_document() {
    let moved = MAIN.replace("start = \"answer\"", "start = \"end\"");
    let compiled = compile("main", &moved, &prompts()).expect("good");
    assert_eq!(simulate(&compiled.program, &Digits::new(), Facts::default(), &prompts()).len(), 1);
}

#[test]
fn a_step_that_is_not_there_is_named_with_line_and_field() {
    let fault = fault("next = \"menu\"", "next = \"menue\"");
    assert_eq!(
        (fault.line, fault.field.as_str()),
        (line("next = \"menu\""), "step `answer`, next")
    );
    assert!(fault.what.contains("menue"), "{fault}");
}

#[test]
fn a_prompt_that_is_not_there_is_named_with_those_that_are() {
    let fault = fault("\"welcome\"", "\"wellcome\"");
    assert!(fault.what.contains("wellcome") && fault.remedy.contains("welcome"), "{fault}");
}

#[test]
fn a_field_that_does_not_belong_to_the_step_is_refused() {
    let fault = fault("cause = 16", "cause = 16\nseconds = 3");
    assert!(fault.field.contains("seconds") && fault.remedy.contains("cause"), "{fault}");
}

#[test]
fn a_missing_field_a_wrong_key_and_a_wrong_range_are_told() {
    assert!(fault("number = \"801\"\n", "").what.contains("`number` is missing"));
    assert!(fault("{ 1 =", "{ 11 =").what.contains("`11` is no key"));
    assert!(fault("wait_seconds = 5", "wait_seconds = 5000").what.contains("0.1 to 600"));
    assert!(fault("attempts = 3", "attempts = 0").what.contains("1 to 20"));
}

#[test]
fn a_caller_waits_with_music_where_the_flow_says_so_and_the_simulation_tells_it() {
    let with = |hear: &str| MAIN.replace("seconds = 20", &format!("seconds = 20\nhear = {hear}"));
    let said = |hear: &str| {
        let compiled = compile("main", &with(hear), &prompts()).expect("good");
        simulate(
            &compiled.program,
            &Digits::parse("1").expect("keys"),
            Facts::default(),
            &prompts(),
        )
        .join("\n")
    };
    let music = "801 is rung, the caller hears music meanwhile; nobody answers";
    assert!(said("\"music\"").contains(music), "{}", said("\"music\""));
    assert!(!said("\"ring-back\"").contains("music"));
    let fault = compile("main", &with("\"radio\""), &prompts()).expect_err("wrong");
    assert!(fault.what.contains("`ring-back`") && fault.what.contains("`music`"), "{fault}");
    let fault = self::fault("cause = 16", "cause = 16\nhear = \"music\"");
    assert!(fault.field.contains("hear"), "{fault}");
}

#[test]
fn cut_anywhere_a_flow_is_compiled_or_refused_but_never_panics() {
    for cut in (0..MAIN.len()).filter(|cut| MAIN.is_char_boundary(*cut)) {
        let _ = compile("main", &MAIN[..cut], &prompts());
    }
}

const SAYING: &str = r#"
title = "Says what it knows"
languages = ["zh", "en"]
start = "menu"

[[step]]
id = "menu"
do = "menu"
prompts = ["menu"]
keys = { 2 = "say" }
otherwise = "end"

[[step]]
id = "say"
do = "play"
prompts = ["welcome", { telephone = "caller" }]
next = "more"

[[step]]
id = "more"
do = "play"
prompts = [{ number = "entered" }, { date = "now" }, { time = "now" }]
next = "money"

[[step]]
id = "money"
do = "play"
prompts = [{ money = 1250, currency = "CNY" }]
next = "end"

[[step]]
id = "end"
do = "release"
"#;

fn heard(said: &str) -> String {
    let words = |language: &str| {
        let of = said.trim_start_matches("the caller hears ").split(", ");
        let end = format!(" ({language})");
        let words: Vec<_> = of.filter_map(|word| word.strip_suffix(&end)).collect();
        words.join(" ").replace("say-", "")
    };
    format!("{} / {}", words("zh"), words("en"))
}

#[test]
fn a_flow_says_what_the_call_knows_in_every_language() {
    let compiled = compile("x", SAYING, &prompts()).expect("good");
    let facts = Facts {
        caller: Digits::parse("01012").expect("digits"),
        // 23 November 2026, 12:29 in China.
        now: Some(Local::of(Utc(1_795_408_180_000_000), 8 * 3600)),
        ..Facts::default()
    };
    let keys = Digits::parse("2").expect("keys");
    let program = ivr::Program::from_octets(&compiled.octets).expect("the core reads it");
    let said = simulate(&program, &keys, facts, &prompts());
    assert_eq!(said[1], "the caller presses 2");
    let heard: Vec<_> = said[3..6].iter().map(|said| heard(said)).collect();
    assert_eq!(
        heard,
        [
            "welcome 0 yao 0 yao 2 / welcome 0 1 0 1 2",
            "2 2 0 2 6 year 10 1 month 2 10 3 date monday pm 10 2 o-clock 2 10 9 minute-of-hour / \
             2 monday the 20 3rd of november 20 20 6 12 20 9 pm",
            "10 2 yuan 5 jiao / 12 yuan and 50 fen",
        ]
    );
    let said = simulate(&program, &keys, Facts::default(), &prompts()).join("\n");
    assert!(said.contains("welcome (zh), say-unknown (zh), welcome (en), say-unknown (en)"));
}

#[test]
fn only_what_says_something_brings_its_words() {
    let compiled = compile("main", MAIN, &prompts()).expect("good");
    assert_eq!(compiled.program.words, []);
    let english = SAYING.replace("[\"zh\", \"en\"]", "[\"en\"]");
    let compiled = compile("x", &english, &prompts()).expect("good");
    let languages: Vec<_> = compiled.program.words.iter().map(|words| words.language).collect();
    assert_eq!(languages, [say::Language::English]);
}

#[test]
fn a_wrong_thing_to_say_is_told_with_its_step_and_a_remedy() {
    for (wrong, what, remedy) in [
        ("{ digits = \"nobody\" }", "`nobody` is nothing", "\"caller\""),
        ("{ numbr = 5 }", "one of these", "digits, telephone, number"),
        ("{ number = 5, date = \"now\" }", "only one", "digits"),
        ("{ number = 1000000000000 }", "no words", "999999999999"),
        ("{ ordinal = 0 }", "no words", "ordinals from 1"),
        ("{ money = 5, currency = \"DEM\" }", "`DEM` is no currency", "CNY, USD"),
        ("{ money = 5 }", "`` is no currency", "CNY, USD"),
        ("{ money = \"5\", currency = \"USD\" }", "money is a number", "12.50"),
        ("{ digits = 5, currency = \"USD\" }", "no `currency`", "leave it out"),
        ("{ date = \"2026-02-29\" }", "no day", "2026-11-23"),
        ("{ time = \"24:00\" }", "no time", "14:05"),
        ("{ time = \"now\", hours = 13 }", "12 or 24", "12 or 24"),
        ("{ duration = -1 }", "no duration", "not below 0"),
    ] {
        let text = SAYING.replace("{ telephone = \"caller\" }", wrong);
        let fault = compile("x", &text, &prompts()).expect_err(wrong);
        assert!(fault.field == "step `say`, prompts" && fault.line > 0, "{fault}");
        assert!(fault.what.contains(what) && fault.remedy.contains(remedy), "{fault}");
    }
    let many = ["{ digits = \"caller\" }"; 3].join(", ");
    let text = SAYING.replace("{ telephone = \"caller\" }", &many);
    assert!(compile("x", &text, &prompts()).expect_err("long").remedy.contains("two steps"));
    let other = SAYING.replace("\"zh\", \"en\"", "\"fr\"").replace("\"menu\"]", "]");
    assert!(compile("x", &other, &prompts()).is_err());
}
