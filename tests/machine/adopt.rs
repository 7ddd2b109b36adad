//! A changed runbook that is taken over: what stays, what is asked anew, what is done again.

use holdpoint::run::RunState;
use holdpoint::run::event::{DoubtChoice, Event, HoldChoice, Outcome, Sight};

use crate::harness::machine::{Act, Machine, flush, kind_world, planned};

/// Two steps that are done, one that waits at its gate, and one behind it.
pub(super) const BOOK: &str = "
    steps:
      - {id: a, run: make a}
      - {id: b, run: make b}
      - {id: c, gate: true, run: make c}
      - {id: d, run: make d}
    ";

pub(super) fn book(change: (&str, &str)) -> String {
    let text = BOOK.replace(change.0, change.1);
    assert_ne!(text, BOOK, "the change must change something");
    text
}

/// The run of a runbook, left at the gate of a step.
pub(super) fn left_at(runbook: &str, gate: &str) -> Machine {
    kind_world(runbook).with(|script| script.leaves(gate)).play()
}

fn at_gate() -> Machine {
    let run = left_at(BOOK, "c");
    run.started(&["a", "b"]).waits_for(&["gate c"]);
    run
}

/// The run goes on, and the gate is opened.
pub(super) fn on(run: Machine) -> Machine {
    let run = run.resume().with(|script| script.approves("c")).play();
    assert_eq!(run.replay(), *run.state(), "{}", run.tale());
    run
}

/// A prepared approval of the gate of `c`, for the question with this digest.
fn approval_of_c(digest: String) -> Event {
    Event::GateApproved {
        step: "c".into(),
        digest,
        by: "ada".into(),
        note: None,
        is_prepared: true,
        value: None,
        is_bypass: false,
        wrong_words: 0,
        took_ms: None,
    }
}

#[test]
fn what_is_done_and_unchanged_is_not_done_again() {
    let run = on(at_gate().adopting(&book(("make d", "make d well")), &[]));
    run.started(&["a", "b", "c", "d"]).ended_well();
    assert_eq!(run.command("d"), "make d well");
}

#[test]
fn what_is_kept_keeps_its_result_though_its_definition_is_another() {
    let run = on(at_gate().adopting(&book(("make a", "make it otherwise")), &[]));
    run.started(&["a", "b", "c", "d"]).ended_well();
}

#[test]
fn what_is_done_again_is_a_new_attempt_of_the_new_definition_and_comes_before_what_waits() {
    let run = at_gate().adopting(&book(("make a", "make a well")), &["a"]);
    run.states(&[("a", "pending"), ("b", "succeeded"), ("c", "pending")]);
    let run = on(run);
    run.started(&["a", "b", "a", "c", "d"]).ended_well();
    assert_eq!(run.command("a"), "make a well");
    let second = |event: &Event| matches!(event, Event::StepStarted { attempt: 2, .. });
    assert_eq!(run.count(second), 1);
}

#[test]
fn a_gate_that_was_asked_is_asked_anew_and_an_old_answer_opens_nothing() {
    let run = at_gate();
    let old = run.gate("c");
    let run = run.adopting(&book(("make c", "make something else")), &[]).resume();
    run.waits_for(&["gate c"]);
    let new = run.gate("c");
    assert_eq!(new.commands, ["make something else"]);
    assert_ne!(old.digest, new.digest);
    let mut refused = run.clone();
    let late = refused.try_tell(approval_of_c(old.digest)).expect_err("it is for the old command");
    assert!(late.contains("the answer was given for another question"), "{late}");
    run.tell(approval_of_c(new.digest)).play().ended_well();
}

#[test]
fn an_approval_that_opened_a_gate_before_does_not_open_it_after() {
    let text = book(("gate: true", "gate: {quorum: 2}"));
    let run = left_at(&text, "c");
    let digest = run.gate("c").digest;
    let run = run.tell(approval_of_c(digest));
    let run = run.adopting(&text.replace("make c", "make something else"), &[]).resume();
    let index = run.plan().at_path("c").expect("it is there");
    assert_eq!(run.state().steps[index].approved, [] as [String; 0]);
    run.waits_for(&["gate c"]);
}

#[test]
fn a_new_step_is_done_wherever_it_stands() {
    let run = at_gate().adopting(&book(("- {id: b,", "- {id: new, run: x}\n      - {id: b,")), &[]);
    on(run).started(&["a", "b", "new", "c", "d"]).ended_well();
}

#[test]
fn what_is_gone_is_not_waited_for() {
    let run = at_gate().adopting(&book(("      - {id: c, gate: true, run: make c}\n", "")), &[]);
    on(run).started(&["a", "b", "d"]).ended_well();
}

#[test]
fn a_step_that_moved_keeps_what_it_did() {
    let moved = "
        steps:
          - id: first
            steps: [{id: b, run: make b}, {id: a, run: make a}]
          - {id: c, gate: true, run: make c}
          - {id: d, run: make d}
        ";
    let run = at_gate();
    let differences = run.differences(moved);
    let moves: Vec<_> = differences.moved().map(|(now, was)| format!("{was} > {now}")).collect();
    assert_eq!(moves, ["b > first/b", "a > first/a"]);
    on(run.adopting(moved, &[])).started(&["a", "b", "c", "d"]).ended_well();
}

#[test]
fn a_step_that_is_gone_and_comes_back_goes_on_counting_its_attempts() {
    let without = book(("      - {id: b, run: make b}\n", ""));
    let run = on_again(at_gate().adopting(&without, &[]));
    let run = on(run.adopting(BOOK, &[]));
    run.started(&["a", "b", "b", "c", "d"]).ended_well();
    let index = run.plan().at_path("b").expect("it is there");
    assert_eq!(run.state().steps[index].attempts, 2);
}

/// The run goes on, and is left at the same gate.
fn on_again(run: Machine) -> Machine {
    let run = run.resume().play();
    run.waits_for(&["gate c"]);
    run
}

#[test]
fn a_step_that_was_held_waits_for_a_word_and_then_does_what_the_new_definition_says() {
    let run = kind_world(BOOK).with(|script| script.acts("b", &[Act::Exit(1), Act::Succeed]));
    let run = run.with(|script| script.resolves("b", &[])).play();
    run.waits_for(&["hold b"]);
    let run = run.adopting(&book(("make b", "make b well")), &[]).resume();
    run.waits_for(&["hold b"]);
    let run = run.with(|script| script.resolves("b", &[HoldChoice::Retry])).play();
    run.started(&["a", "b", "b", "c", "d"]);
    assert_eq!(run.command("b"), "make b well");
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_held_step_that_is_retried_waits_for_what_is_done_again() {
    let run = kind_world(BOOK).with(|script| script.acts("b", &[Act::Exit(1), Act::Succeed]));
    let run = run.with(|script| script.resolves("b", &[])).play();
    let run = run.adopting(&book(("make a", "make a well")), &["a"]).resume();
    run.waits_for(&["hold b"]);
    let run = run.with(|script| script.resolves("b", &[HoldChoice::Retry])).play();
    run.started(&["a", "b", "a", "b", "c", "d"]);
}

#[test]
fn what_was_not_reached_is_reached_after_all() {
    let text = book(("{id: a, run: make a}", "{id: a, on_failure: fail, run: make a}"));
    let text = format!("{}  - {{id: free, needs: [], gate: true, run: x}}\n", flush(&text));
    let acts = [Act::Exit(1), Act::Succeed];
    let run = kind_world(&text).with(|script| {
        script.acts("a", &acts);
        script.leaves("free");
    });
    let run = run.play();
    run.started(&["a"]).states(&[("b", "not_reached"), ("c", "not_reached")]);
    let run = run.adopting(&text.replace("make a", "make a well"), &["a"]);
    run.states(&[("a", "pending"), ("b", "pending")]);
    let run = on(run.with(|script| script.approves("free")));
    assert_eq!(run.starts().iter().filter(|step| **step != "free").count(), 5, "{}", run.tale());
}

#[test]
fn what_is_in_doubt_stands_in_the_way() {
    let run = kind_world(BOOK).with(|script| script.acts("b", &[Act::Hang])).play();
    let next = planned(&book(("make a", "make a well"))).expect("it is sound");
    let refused = run.clone().try_adopt(next.clone(), &[]).err();
    assert_eq!(refused.as_deref(), Some("runbook_adopted cannot happen here: `b` is in doubt"),);
    let run = run.resume().with(|script| script.settles("b", &[DoubtChoice::Done])).play();
    assert!(run.outcome().is_some());
    let refused = run.try_adopt(next, &[]).err();
    assert_eq!(refused.as_deref(), Some("runbook_adopted cannot happen here: the run has ended"),);
}

#[test]
fn a_run_that_is_taken_back_takes_nothing_over() {
    let (by, reason) = ("ada".to_owned(), "wrong".to_owned());
    let text = BOOK.replace("make b", "make b, undo: {run: unmake b}");
    let run = left_at(&text, "c").with(|script| script.acts("b~undo", &[Act::Exit(1)]));
    let run = run.resume().tell(Event::UndoRequested { by, reason });
    let next = planned(&text.replace("make a", "make a well")).expect("it is sound");
    let refused = run.try_adopt(next, &[]).err();
    assert_eq!(
        refused.as_deref(),
        Some("runbook_adopted cannot happen here: the run is being ended"),
    );
}

const PAIRED: &str = "
    steps:
      - {id: stop, run: stop, undo: {run: start, paired: true}}
      - {id: c, gate: true, run: make c}
    ";

#[test]
fn a_way_back_that_is_owed_must_stay_as_it_was() {
    let run = left_at(PAIRED, "c");
    let lost = |text: &str| {
        let next = planned(text).expect("it is sound");
        let adopted = run.clone().try_adopt(next.clone(), &[]).expect("nothing is in doubt");
        let Some(Event::RunbookAdopted(event)) = adopted.events().last().cloned() else {
            panic!("{}", adopted.tale())
        };
        run.state().lost_undos(run.plan(), &next, &event)
    };
    let none = [] as [String; 0];
    assert_eq!(lost(&PAIRED.replace("run: stop", "run: stop it")), none);
    assert_eq!(lost(&PAIRED.replace("make c", "make c well")), none);
    assert_eq!(lost(&PAIRED.replace("run: start", "run: start it")), ["stop"]);
    assert_eq!(lost(&PAIRED.replace("paired: true", "paired: false")), ["stop"]);
    assert_eq!(lost(&PAIRED.replace(", undo: {run: start, paired: true}", "")), ["stop"]);
    assert_eq!(lost("steps: [{id: c, gate: true, run: make c}]"), ["stop"]);
    let elsewhere = format!("defaults: {{cwd: /tmp}}\n{}", flush(PAIRED));
    assert_eq!(lost(&elsewhere), ["stop"]);
}

#[test]
fn what_is_kept_is_put_back_as_before() {
    let run = left_at(PAIRED, "c").adopting(&PAIRED.replace("run: stop", "run: stop it"), &[]);
    let run = on(run);
    run.started(&["stop", "c", "stop~undo"]).ended_well();
    assert_eq!(run.command("stop~undo"), "start");
}

#[test]
fn after_the_verdict_new_steps_lead_back_to_the_steps_and_it_is_judged_anew() {
    let text = "
        steps: [{id: a, run: make a}]
        exit_criteria: [{title: it answers, probe: {file: /x}}]
        ";
    let run = kind_world(text).with(|script| {
        script.sees("exit", &[Sight::Fails, Sight::Holds]);
        script.answers_verdict(&[]);
    });
    let run = run.play();
    run.waits_for(&["verdict"]);
    let more = text.replace("make a}", "make a}, {id: b, run: make b}");
    let run = run.adopting(&more, &[]).resume().play();
    assert_eq!(run.replay(), *run.state());
    run.started(&["a", "b"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn what_was_waived_beforehand_was_said_of_the_old_checks() {
    let run = kind_world(BOOK).waived("x").with(|script| script.leaves("c")).play();
    assert_eq!(run.state().waived.len(), 1);
    let run = run.adopting(&book(("make d", "make d well")), &[]);
    assert_eq!(run.state().waived.len(), 0);
}

#[test]
fn a_new_input_is_asked_for_when_a_step_wants_it() {
    let text = format!(
        "inputs: {{who: {{}}}}\n{}",
        flush(&book(("run: make d", "run: 'make ${{ inputs.who }}'")))
    );
    let run = at_gate().adopting(&text, &[]).with(|script| script.withholds("who")).resume();
    let run = run.with(|script| script.approves("c")).play();
    run.started(&["a", "b", "c"]).waits_for(&["input who"]);
}

#[test]
fn twice_taken_over_it_goes_by_the_last() {
    let run = at_gate().adopting(&book(("make d", "make d well")), &[]);
    let run = on_again(run).adopting(&book(("make d", "make d best")), &["b"]);
    let run = on(run);
    run.started(&["a", "b", "b", "c", "d"]).ended_well();
    assert_eq!(run.command("d"), "make d best");
}

#[test]
fn a_plan_that_is_not_at_hand_is_said_to_be_missing() {
    let run = at_gate().adopting(&book(("make d", "make d well")), &[]);
    let events = run.moments().iter().copied().zip(run.events());
    let mut first = planned(BOOK).expect("it is sound").into();
    let illegal = RunState::replay(&mut first, events).expect_err("the second plan is missing");
    assert_eq!(
        illegal.to_string(),
        "runbook_adopted cannot happen here: the runbook that was taken over is not at hand"
    );
}
