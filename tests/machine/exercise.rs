//! An exercise at a table: injects by time, before a step and before their time; how things go is said
//! once, by somebody; what is talked about and the score may follow the end.

use holdpoint::run::RunState;
use holdpoint::run::event::exercise::{
    Discussed, ExerciseScored, Inject, InjectTold, OutcomeTold, Past, PastLook, Script, Subject,
    Teller, Told,
};
use holdpoint::run::event::{CheckRef, Event, Outcome, Purpose, Sight, Timer, TimerKind, Wish};

use super::interventions::reason;
use crate::harness::machine::{Act, Machine, kind_world, letter, planned};

const TWO: &str = "steps: [{id: a, run: a}, {id: b, run: b}]";

fn at(minutes: u64, text: &str) -> Inject {
    let at_ms = Some(minutes * 60_000);
    Inject { at_ms, before: None, text: text.into(), is_hidden: true }
}

fn before(step: &str, text: &str) -> Inject {
    Inject { at_ms: None, before: Some(step.into()), text: text.into(), is_hidden: false }
}

fn script(injects: Vec<Inject>) -> Script {
    Script { injects, ..Script::default() }
}

/// An exercise whose step `a` goes on for ever, and time passes.
fn hanging(injects: Vec<Inject>) -> Machine {
    let run = kind_world(TWO).with(|script| {
        script.acts("a", &[Act::Hang]);
        script.lets_time_pass("");
    });
    run.at_a_table(script(injects))
}

/// What was told, after how many minutes, and by whom.
fn told(run: &Machine) -> Vec<(i64, String, Option<String>)> {
    let with_moments = run.events().iter().zip(run.moments());
    let told = with_moments.filter_map(|(event, at)| match event {
        Event::InjectTold(told) => Some((run.minute(*at), told.text.clone(), told.by.clone())),
        _ => None,
    });
    told.collect()
}

fn by_itself(minute: i64, text: &str) -> (i64, String, Option<String>) {
    (minute, text.into(), None)
}

fn step(step: &str) -> Subject {
    Subject::Step { step: step.into(), attempt: 1 }
}

fn says(subject: Subject, outcome: Told) -> Wish {
    Wish::Outcome { subject, outcome }
}

fn fails() -> Told {
    Told::fails("the disk is full")
}

#[test]
fn an_inject_is_told_when_its_time_has_come_each_once_and_in_the_order_of_their_times() {
    let run = hanging(vec![at(20, "late"), at(5, "early"), at(20, "last")]).play();
    let expected = [by_itself(5, "early"), by_itself(20, "late"), by_itself(20, "last")];
    assert_eq!(told(&run), expected);
    assert_eq!(run.state().timers.due(&Timer::of_run(TimerKind::Inject)), None);
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn an_inject_before_a_step_is_told_before_anything_of_that_step_begins() {
    let injects = vec![before("b", "the site is slow"), before("b", "and slower")];
    let run = kind_world("steps: [{id: a, run: a}, {id: b, gate: true, run: b}]");
    let run = run.at_a_table(script(injects)).play();
    run.started(&["a", "b"]);
    assert_eq!(run.outcome(), Some(Outcome::Rehearsed));
    assert_eq!(run.state().as_if, Some(Outcome::Succeeded));
    let events = run.events();
    let place = |is_it: &dyn Fn(&Event) -> bool| events.iter().position(is_it);
    let ended = place(&|event| matches!(event, Event::StepSucceeded { step } if step == "a"));
    let first = place(&|event| matches!(event, Event::InjectTold(_)));
    let asked = place(&|event| matches!(event, Event::QuestionAsked { .. }));
    assert!(ended < first && first < asked, "{}", run.tale());
    assert_eq!(told(&run).len(), 2);
}

#[test]
fn an_inject_before_a_step_that_is_passed_over_is_not_told() {
    let book = "
        steps:
          - {id: a, run: a}
          - {id: b, when: '1 == 2', run: b}
          - {id: c, ladder: [{id: one, run: one}, {id: two, run: two}]}
        ";
    let injects = vec![before("b", "never"), before("two", "never"), before("c/one", "the rung")];
    let run = kind_world(book).at_a_table(script(injects)).play();
    let texts: Vec<String> = told(&run).into_iter().map(|(_, text, _)| text).collect();
    assert_eq!(texts, ["the rung"]);
}

#[test]
fn the_facilitator_tells_an_inject_early_and_its_time_tells_it_no_second_time() {
    let run = hanging(vec![at(5, "early"), at(20, "late")]);
    let wish = Wish::Inject { number: Some(1), text: "early".into() };
    let run = run.deliver(&letter("1", "grace", wish.clone())).play();
    assert_eq!(run.refusal(), None);
    let expected = [(0, "early".into(), Some("grace".into())), by_itself(20, "late")];
    assert_eq!(told(&run), expected);
    let again = run.deliver(&letter("2", "grace", wish));
    assert_eq!(again.refusal(), Some("inject 1 was told already"));
}

#[test]
fn what_the_facilitator_makes_up_is_told_under_their_name() {
    let wish = |text: &str| Wish::Inject { number: None, text: text.into() };
    let run = hanging(Vec::new()).deliver(&letter("1", "grace", wish("a journalist calls")));
    assert_eq!(told(&run), [(0, "a journalist calls".into(), Some("grace".into()))]);
    let run = run.deliver(&letter("2", "grace", wish(" ")));
    assert_eq!(run.refusal(), Some("it says nothing"));
    let unknown = Wish::Inject { number: Some(3), text: "x".into() };
    let run = run.deliver(&letter("3", "grace", unknown));
    assert_eq!(run.refusal(), Some("the script has no inject 3"));
    let nobody = Event::InjectTold(InjectTold { number: None, text: "x".into(), by: None });
    run.refuses(&nobody, "what is made up is told by somebody");
}

#[test]
fn a_clock_that_is_set_moves_the_injects_along() {
    let run = hanging(vec![at(10, "then")]);
    let run = run.tell(Event::ClockSet { by_ms: 3_600_000 });
    let exercise = run.state().exercise.as_ref().expect("it is one");
    let due = exercise.due(&exercise.script.injects[0]).expect("it has a time");
    assert_eq!(run.minute(due), 70);
}

// ----- how things go -----

#[test]
fn what_has_begun_waits_for_somebody_to_say_how_it_goes_once() {
    let run = hanging(Vec::new());
    let waiting = |run: &Machine| run.state().exercise.as_ref().expect("it is one").waiting.clone();
    assert_eq!(waiting(&run), [step("a")]);
    let run = run.deliver(&letter("1", "grace", says(step("a"), fails())));
    assert_eq!(run.refusal(), None);
    assert_eq!(waiting(&run), []);
    let told = OutcomeTold {
        subject: step("a"),
        outcome: fails(),
        teller: Teller::Person { name: "grace".into() },
    };
    assert!(run.events().contains(&Event::OutcomeTold(told)));
    for subject in [step("a"), step("b"), Subject::Step { step: "a".into(), attempt: 2 }] {
        let run = run.clone().deliver(&letter("2", "grace", says(subject, Told::well())));
        assert_eq!(run.refusal(), Some("nobody has to say how this goes"));
    }
}

#[test]
fn a_look_waits_for_it_too_and_has_no_time_to_run_out_of() {
    let book = "
        preconditions: [{id: up, title: it is up, probe: {file: /x}}]
        steps: [{id: a, run: a}]
        ";
    let run = kind_world(book).with(|script| script.stares("precondition"));
    let run = run.at_a_table(Script::default());
    let check = CheckRef { step: None, purpose: Purpose::Precondition, index: 0 };
    let subject = Subject::Check { check };
    let waiting = &run.state().exercise.as_ref().expect("it is one").waiting;
    assert_eq!(*waiting, std::slice::from_ref(&subject));
    let run = run.deliver(&letter("1", "grace", says(subject.clone(), Told::TimesOut)));
    assert_eq!(run.refusal(), Some("a look has no time to run out of"));
    let run = run.deliver(&letter("2", "grace", says(subject, fails())));
    assert_eq!(run.refusal(), None);
}

#[test]
fn a_look_that_nobody_is_asked_about_waits_for_nobody_unless_a_past_run_shows_it() {
    let book = "
        invariants: [{id: up, probe: {file: /i}}]
        steps: [{id: a, done_when: {file: /d}, run: a}]
        ";
    let invariant = CheckRef { step: None, purpose: Purpose::Invariant, index: 0 };
    let done = CheckRef { step: Some("a".into()), purpose: Purpose::DoneWhen, index: 0 };
    for (name, check) in [("invariant", invariant), ("a done_when", done)] {
        let waiting = |past: Option<Past>| {
            let run = kind_world(book).with(|script| script.stares(name));
            let run = run.at_a_table(Script { past, ..Script::default() }).play();
            run.state().exercise.as_ref().expect("it is one").waiting.clone()
        };
        assert_eq!(waiting(None), [], "{name}");
        let look = PastLook { check: check.clone(), sight: Sight::Holds, detail: String::new() };
        let past = Past { run: "x".into(), steps: Vec::new(), looks: vec![look] };
        assert_eq!(waiting(Some(past)), [Subject::Check { check }], "{name}");
    }
}

#[test]
fn a_pause_waits_for_nobody() {
    let run = kind_world("steps: [{id: a, wait: 5m}]");
    let run = run.with(|script| script.acts("a", &[Act::Hang])).at_a_table(Script::default());
    assert_eq!(run.state().exercise.as_ref().expect("it is one").waiting, []);
}

#[test]
fn a_symptom_that_is_not_there_is_asked_about() {
    let run =
        kind_world("confirm: [{title: it is down, probe: {file: /c}}]\nsteps: [{id: a, run: a}]");
    let run = run.with(|script| script.sees("confirm", &[Sight::Fails]));
    run.at_a_table(Script::default()).play().started(&[]).waits_for(&["check confirm 0"]);
}

#[test]
fn a_message_waits_for_nobody() {
    let run = kind_world("steps: [{id: a, notify: {template: update}}]");
    let run = run.with(|script| script.acts("a", &[Act::Hang])).at_a_table(Script::default());
    assert_eq!(run.state().exercise.as_ref().expect("it is one").waiting, []);
}

// ----- what is talked about, and the score -----

fn discussed(step: Option<&str>) -> Event {
    Event::Discussed(Discussed {
        step: step.map(str::to_owned),
        question: "Who calls the bank?".into(),
        by: "ada".into(),
        answer: "finance does".into(),
        took_ms: 5_000,
    })
}

fn scored(objectives: Vec<bool>, score: Option<u8>) -> Event {
    Event::ExerciseScored(ExerciseScored { by: "grace".into(), objectives, score })
}

#[test]
fn what_is_talked_about_and_the_score_may_follow_the_end_and_change_nothing_of_it() {
    let objectives = vec!["the bank is called".into(), "nobody guesses".into()];
    let script = Script { objectives, ..Script::default() };
    let run = kind_world(TWO).at_a_table(script).play();
    let last_at = run.state().last_at;
    run.refuses(&scored(vec![true], None), "it has 2 objectives");
    run.refuses(&scored(vec![true, false], Some(6)), "a score is from 1 to 5");
    run.refuses(&discussed(Some("nowhere")), "the runbook has no such step");
    let run = run.tell(discussed(Some("a"))).tell(discussed(None));
    let score = Wish::Score { objectives: vec![true, false], score: Some(4) };
    let run = run.deliver(&letter("1", "grace", score));
    assert_eq!(run.refusal(), None);
    run.refuses(&scored(vec![true, true], None), "it was scored already");
    let state: &RunState = run.state();
    assert_eq!((state.outcome, state.last_at), (Some(Outcome::Rehearsed), last_at));
}

#[test]
fn no_other_run_is_an_exercise_and_none_begins_late_or_twice() {
    let refused = "this run is no exercise at a table";
    let run = kind_world(TWO).with(|script| script.acts("a", &[Act::Hang])).play();
    let begun = Event::ExerciseBegun(Box::default());
    for event in [&begun, &discussed(None), &scored(Vec::new(), None)] {
        run.refuses(event, refused);
    }
    let run = run.deliver(&letter("1", "grace", says(step("a"), fails())));
    assert_eq!(run.refusal(), Some(refused));
    hanging(Vec::new()).refuses(&begun, "the exercise has begun");
}

#[test]
fn whoever_breaks_an_exercise_off_has_rehearsed_nothing() {
    let run = hanging(Vec::new());
    let run = run.tell(Event::AbortRequested { by: "ada".into(), reason: reason() });
    let run = run.with(|script| script.acts("a", &[Act::Exit(0)])).play();
    run.ended(Outcome::Aborted, None);
}

// ----- the plan -----

#[test]
fn an_inject_before_a_step_that_is_not_there_is_a_problem_of_the_plan() {
    let book = |name: &str| {
        format!(
            "holdpoint: 1\nid: sample\ntitle: Sample\ntabletop: {{injects: [{{before: {name}, text: x}}]}}\n\
             steps: [{{id: restart, run: a}}]"
        )
    };
    assert!(planned(&book("restart")).is_ok());
    let broken = planned(&book("restrat")).expect_err("there is no such step");
    let said = "an inject is told before the step `restrat`, which is not there\n";
    assert!(broken.starts_with(said), "{broken}");
}
