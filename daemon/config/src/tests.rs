//! Good documents are read; of bad ones line, field and remedy are told.

use call::Target;
use units::ContentHash;

use super::*;

const DEFAULT: &str = include_str!("../../../images/default/config.toml");

fn fault(from: &str, to: &str) -> Fault {
    let text = DEFAULT.replacen(from, to, 1);
    assert_ne!(text, DEFAULT, "{from} is not in the document");
    Config::parse(&text).expect_err("wrong")
}

fn line(part: &str) -> usize {
    DEFAULT.lines().position(|line| line.contains(part)).expect("there") + 1
}

#[test]
fn the_document_of_a_fresh_box_is_good_and_makes_a_table() {
    let config = Config::parse(DEFAULT).expect("good");
    let hash = ContentHash([1; 32]);
    let table = directory(&config, DEFAULT, |name| (name == "main").then_some(hash));
    let table = table.expect("main is there");
    assert_eq!(table.entries.len(), 3);
    assert_eq!(table.entries[0].target, Target::Flow(hash));
}

#[test]
fn a_misspelt_field_is_named_with_its_line() {
    let fault = fault("telephone = 1", "telefone = 1");
    assert_eq!(fault.line, line("telephone = 1"));
    assert!(fault.what.contains("telefone"), "{fault}");
}

#[test]
fn a_value_of_the_wrong_kind_is_named_with_its_line() {
    let fault = fault("span = 1", "span = \"one\"");
    assert_eq!((fault.line, fault.field.as_str()), (line("span = 1"), "span"));
}

#[test]
fn a_number_with_letters_is_refused_with_the_remedy() {
    let fault = fault("\"801\"", "\"8o1\"");
    assert_eq!(fault.field, "extension[1].number");
    assert_eq!(fault.line, line("number = \"801\""));
    assert!(fault.remedy.contains("digits"), "{fault}");
}

#[test]
fn the_same_number_twice_is_refused_and_the_first_is_named() {
    let fault = fault("number = \"801\"", "number = \"95588\"");
    assert!(fault.what.contains("number[1].called"), "{fault}");
}

#[test]
fn a_flow_that_is_not_there_is_named() {
    let config = Config::parse(DEFAULT).expect("good");
    let fault = directory(&config, DEFAULT, |_| None).expect_err("no flow");
    assert_eq!(fault.field, "number[1].flow");
    assert_eq!(fault.line, line("flow = \"main\""));
}

#[test]
fn cut_anywhere_the_document_is_read_or_refused_but_never_panics() {
    for cut in 0..DEFAULT.len() {
        if DEFAULT.is_char_boundary(cut) {
            let _ = Config::parse(&DEFAULT[..cut]);
        }
    }
}

#[test]
fn every_field_of_the_default_document_is_described() {
    let mut table = "";
    for line in DEFAULT.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_start_matches('[').trim_end_matches(']');
        } else if let Some((field, _)) = line.split_once(" = ") {
            let path = format!("{table}.{field}");
            assert!(FIELDS.iter().any(|field| field.path == path), "{path} is not described");
        }
    }
    assert!(reference().lines().count() == FIELDS.len() + 2);
}

#[test]
fn a_trunk_by_an_exchange_line_goes_out_and_comes_in_by_it() {
    let text = "[[trunk]]\nprefix = \"0\"\nline = 5\nstrip = 1\nreaches = \"801\"\n";
    let text = format!("[box]\nname = \"x\"\nlanguage = \"en\"\n{text}");
    let config = Config::parse(&text).expect("right");
    let table = directory(&config, &text, |_| None).expect("no flows");
    let line = units::LineId::of_analog(5);
    assert_eq!(table.reached_by(line).to_string(), "801");
    let number = Digits::parse("0114").expect("digits");
    let route = table.route(&number, true, call::Whole::Yes);
    assert!(matches!(route, call::Route::Place { line: at, .. } if at == line), "{route:?}");
    for (wrong, field) in [
        ("line = 65", "trunk[1].line"),
        ("line = 5\nspan = 1", "trunk[1].line"),
        ("reaches = \"801\"\nspan = 1", "trunk[1].reaches"),
        ("line = 5\nreaches = \"x\"", "trunk[1].reaches"),
        ("strip = 1", "trunk[1].span"),
    ] {
        let text =
            format!("[box]\nname = \"x\"\nlanguage = \"en\"\n[[trunk]]\nprefix = \"0\"\n{wrong}\n");
        let fault = Config::parse(&text).expect_err("wrong");
        assert!(fault.to_string().contains(field), "{wrong}: {fault}");
    }
}
