//! A caller's way through a flow, and what must never happen on it.

use call::app::{Action, Hear, Notice};
use machine::check::Visits;
use machine::{Machine, Survey};
use say::Language;
use units::{Cause, ContentHash, Digit, Digits, Instant};

use crate::check::{program, visit};
use crate::{
    Facts, Flow, Input, Item, Manner, Output, Program, ProgramFault, Saying, Source, Step, StepId,
    Vocabulary,
};

/// Feeds `input`, answers every fetch from `program`, gives back what the flow asked of the call.
fn feed(flow: &mut Flow, program: &Program, now: Instant, input: Input) -> Vec<Action> {
    let mut actions = vec![];
    flow.handle(now, input);
    loop {
        match flow.poll_output() {
            Some(Output::Act(action)) => actions.push(action),
            Some(Output::Fetch(id)) => {
                flow.handle(now, Input::Step(id, program.step_for(id, &Facts::default())))
            }
            None => return actions,
        }
    }
}

fn timeout(flow: &mut Flow, program: &Program) -> Vec<Action> {
    let now = flow.poll_timeout().expect("a timer runs");
    flow.handle_timeout(now);
    feed(flow, program, now, Input::Notice(Notice::Started))
}

fn at_the_menu() -> (Flow, Program) {
    let (mut flow, program) = (Flow::new(), program());
    let now = Instant::ZERO;
    let begun = feed(&mut flow, &program, now, Input::Notice(Notice::Started));
    assert!(matches!(begun[..], [Action::Answer, Action::Play { token: 1, .. }]));
    let menu = feed(&mut flow, &program, now, Input::Notice(Notice::Played { token: 1 }));
    assert!(matches!(menu[..], [Action::Play { token: 2, .. }]));
    (flow, program)
}

fn press(flow: &mut Flow, program: &Program, key: u8) -> Vec<Action> {
    let digit = Digit::new(key).expect("a key");
    feed(flow, program, Instant::ZERO, Input::Notice(Notice::Digit(digit)))
}

#[test]
fn a_key_during_the_prompt_stops_it_and_rings_the_extension() {
    let (mut flow, program) = at_the_menu();
    let number = Digits::parse("801").expect("digits");
    let digits = Digits::parse("1").expect("digits");
    assert_eq!(
        press(&mut flow, &program, b'1'),
        [
            Action::StopPlaying,
            Action::Entered { digits },
            Action::Ring { number, hear: Hear::Music }
        ]
    );
}

#[test]
fn a_caller_who_presses_nothing_is_asked_three_times_then_released() {
    let (mut flow, program) = at_the_menu();
    for token in [3, 4] {
        let ended = Input::Notice(Notice::Played { token: token - 1 });
        assert_eq!(feed(&mut flow, &program, Instant::ZERO, ended), []);
        let said = timeout(&mut flow, &program);
        assert!(matches!(said[..], [Action::Play { token: t, .. }] if t == token));
    }
    feed(&mut flow, &program, Instant::ZERO, Input::Notice(Notice::Played { token: 4 }));
    let cause = Cause::NORMAL_CLEARING;
    assert_eq!(timeout(&mut flow, &program), [Action::Release { cause }]);
    assert!(flow.is_done());
}

#[test]
fn a_wrong_key_is_told_before_the_menu_is_offered_again() {
    let (mut flow, program) = at_the_menu();
    let actions = press(&mut flow, &program, b'9');
    let [Action::StopPlaying, Action::Play { prompts, .. }] = &actions[..] else {
        panic!("{actions:?}")
    };
    assert_eq!(prompts.len(), 2);
}

#[test]
fn nobody_answers_and_the_caller_is_back_at_the_menu() {
    let (mut flow, program) = at_the_menu();
    press(&mut flow, &program, b'1');
    let actions = timeout(&mut flow, &program);
    assert!(matches!(actions[..], [Action::StopRinging, Action::Play { .. }]));
}

#[test]
fn a_program_in_a_circle_releases_the_caller() {
    let program = Program::plain("circle".into(), vec![Step::Answer { next: StepId(0) }]);
    let mut flow = Flow::new();
    let actions = feed(&mut flow, &program, Instant::ZERO, Input::Notice(Notice::Started));
    assert_eq!(actions.last(), Some(&Action::Release { cause: Cause::TEMPORARY_FAILURE }));
    assert_eq!(actions.len(), limits::STEPS_WITHOUT_WAITING + 1);
}

#[test]
fn a_program_reads_back_as_it_was_written_and_cut_or_foreign_octets_are_refused() {
    let octets = program().to_octets().expect("fits");
    assert_eq!(Program::from_octets(&octets), Ok(program()));
    for cut in 0..octets.len() {
        assert!(Program::from_octets(&octets[..cut]).is_err(), "cut at {cut}");
    }
    let mut foreign = octets;
    foreign[1] = 77;
    assert_eq!(Program::from_octets(&foreign), Err(ProgramFault::Format { found: 77 }));
}

#[test]
fn a_step_that_leads_nowhere_is_named() {
    let program = Program::plain("x".into(), vec![Step::Answer { next: StepId(5) }]);
    assert_eq!(
        program.validate(),
        Err(ProgramFault::NoSuchStep { from: StepId(0), to: StepId(5) })
    );
}

#[test]
fn restored_after_any_event_a_flow_goes_on_as_if_nothing_had_happened() {
    let mut visits = Visits::default();
    for seed in 0..200 {
        visits.join(&visit(seed, 200).unwrap_or_else(|fault| panic!("seed {seed}: {fault}")));
    }
    let (table, wrong) = visits.report::<Flow>("ivr flow");
    assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
    assert!(table.contains("Choosing"), "{}", Flow::STATES.len());
}

/// A program that says the caller's number and how many keys were pressed.
fn saying() -> Program {
    let words = |language: Language| {
        let mut words: Vec<_> = (0..)
            .zip(language.words())
            .map(|(n, word)| (word.to_owned(), ContentHash([n; 32])))
            .collect();
        words.sort();
        Vocabulary { language, words }
    };
    let item = |of, manner| Item::Say(Saying::Of(of, manner), Language::Mandarin);
    let prompts = vec![
        Item::Prompt(ContentHash([200; 32])),
        item(Source::Caller, Manner::Telephone),
        item(Source::Entered, Manner::Number),
    ];
    let cause = Cause::NORMAL_CLEARING;
    let steps = vec![Step::Play { prompts, next: StepId(1) }, Step::Release { cause }];
    Program { name: "x".into(), steps, words: vec![words(Language::Mandarin)] }
}

#[test]
fn a_step_is_heard_with_the_words_of_what_is_known_of_the_call() {
    let program = saying();
    let digits = |text| Digits::parse(text).expect("digits");
    let facts = Facts { caller: digits("11"), entered: digits("20"), ..Facts::default() };
    let heard = |facts| match program.step_for(StepId(0), facts) {
        Some(Step::Play { prompts, .. }) => prompts.iter().map(|hash| hash.0[0]).collect(),
        _ => vec![],
    };
    let word = |word| {
        let number = Language::Mandarin.words().position(|name| name == word);
        u8::try_from(number.expect("a word")).expect("few")
    };
    let (yao, unknown) = (word("say-yao"), word("say-unknown"));
    assert_eq!(heard(&facts), [200, yao, yao, word("say-2"), word("say-10")]);
    assert_eq!(heard(&Facts::default()), [200, unknown, unknown]);
    assert_eq!(program.prompts().count(), 1 + Language::Mandarin.words().count());
    let octets = program.to_octets().expect("fits");
    assert_eq!(Program::from_octets(&octets).as_ref(), Ok(&program));
}

#[test]
fn a_program_that_could_say_more_than_a_step_plays_is_refused() {
    let mut program = saying();
    let Step::Play { prompts, .. } = &mut program.steps[0] else { panic!("a play") };
    prompts.extend(vec![prompts[1].clone(); 4]);
    assert_eq!(program.validate(), Err(ProgramFault::Full));
    let mut program = saying();
    program.words[0].words.reverse();
    assert_eq!(program.validate(), Err(ProgramFault::Malformed));
}

#[test]
fn a_program_of_the_release_before_is_read_and_plays_the_same_prompts() {
    let before = program();
    let steps: Vec<_> =
        (0..).map_while(|n| before.step_for(StepId(n), &Facts::default())).collect();
    // Format 2: steps with prompts, and no words behind them.
    let mut octets = vec![0, 2];
    octets.extend(postcard::to_stdvec(&("check", steps)).expect("fits"));
    assert_eq!(Program::from_octets(&octets), Ok(before));
    for cut in 0..octets.len() {
        assert!(Program::from_octets(&octets[..cut]).is_err(), "cut at {cut}");
    }
}
