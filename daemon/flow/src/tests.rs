//! Good flows compile and do what they say; of bad ones line, field and remedy are told.

use units::Digits;

use super::*;

const MAIN: &str = include_str!("../../../images/default/flows/main.toml");

fn prompts() -> Prompts {
    let mut index = String::new();
    for (n, language) in ["zh", "en"].into_iter().enumerate() {
        index += &format!("[{language}]\n");
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
    let said = simulate(&compiled.program, &keys, &prompts());
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
    assert_eq!(simulate(&compiled.program, &Digits::new(), &prompts()).len(), 1);
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
        simulate(&compiled.program, &Digits::parse("1").expect("keys"), &prompts()).join("\n")
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
