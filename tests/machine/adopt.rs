//! A changed runbook that is taken over: what stays, what is asked anew, what is done again.

use holdpoint::plan::How;
use holdpoint::run::RunState;
use holdpoint::run::event::{DoubtChoice, Event, HoldChoice, Outcome, Sight};

use crate::harness::machine::{
    Act, Machine, flush, kind_world, kind_world_with, planned, planned_with,
};

/// Two steps that are done, one that waits at its gate, and one behind it.
const BOOK: &str = "
    steps:
      - {id: a, run: make a}
      - {id: b, run: make b}
      - {id: c, gate: true, run: make c}
      - {id: d, run: make d}
    ";

fn book(change: (&str, &str)) -> String {
    let text = BOOK.replace(change.0, change.1);
    assert_ne!(text, BOOK, "the change must change something");
    text
}

/// The run of a runbook, left at the gate of a step.
fn left_at(runbook: &str, gate: &str) -> Machine {
    kind_world(runbook).with(|script| script.leaves(gate)).play()
}

fn at_gate() -> Machine {
    let run = left_at(BOOK, "c");
    run.started(&["a", "b"]).waits_for(&["gate c"]);
    run
}

/// The run goes on, and the gate is opened.
fn on(run: Machine) -> Machine {
    let run = run.resume().with(|script| script.approves("c")).play();
    assert_eq!(run.replay(), *run.state(), "{}", run.tale());
    run
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
    let answer = |digest: String| Event::GateApproved {
        step: "c".into(),
        digest,
        by: "ada".into(),
        note: None,
        is_prepared: true,
        value: None,
        is_bypass: false,
    };
    let mut refused = run.clone();
    let late = refused.try_tell(answer(old.digest)).expect_err("it is for the old command");
    assert!(late.contains("the answer was given for another question"), "{late}");
    run.tell(answer(new.digest)).play().ended_well();
}

#[test]
fn an_approval_that_opened_a_gate_before_does_not_open_it_after() {
    let text = book(("gate: true", "gate: {quorum: 2}"));
    let run = left_at(&text, "c");
    let digest = run.gate("c").digest;
    let run = run.tell(Event::GateApproved {
        step: "c".into(),
        digest,
        by: "ada".into(),
        note: None,
        is_prepared: true,
        value: None,
        is_bypass: false,
    });
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

const PHASES: &str = "
    steps:
      - id: p
        steps: [{id: a, run: make a}, {id: b, run: make b}]
      - {id: c, gate: true, run: make c}
    ";

#[test]
fn a_new_step_opens_the_phase_that_was_done() {
    let more = PHASES.replace("{id: b,", "{id: new, run: x}, {id: b,");
    let run = left_at(PHASES, "c").adopting(&more, &[]);
    run.states(&[("p", "running"), ("p/a", "succeeded"), ("p/b", "succeeded")]);
    on(run).started(&["p/a", "p/b", "p/new", "c"]).ended_well();
}

#[test]
fn a_step_of_a_phase_is_done_again_by_itself() {
    let more = PHASES.replace("make a", "make a well");
    let run = on(left_at(PHASES, "c").adopting(&more, &["p/a"]));
    run.started(&["p/a", "p/b", "p/a", "c"]).ended_well();
}

#[test]
fn a_whole_phase_is_done_again() {
    let more = PHASES.replace("make a", "make a well");
    on(left_at(PHASES, "c").adopting(&more, &["p"]))
        .started(&["p/a", "p/b", "p/a", "p/b", "c"])
        .ended_well();
}

#[test]
fn a_phase_that_became_a_step_and_is_kept_is_done() {
    let text = "
        steps:
          - {id: p, run: make all}
          - {id: c, gate: true, run: make c}
        ";
    on(left_at(PHASES, "c").adopting(text, &[])).started(&["p/a", "p/b", "c"]).ended_well();
    let back = on(left_at(text, "c").adopting(PHASES, &[]));
    back.started(&["p", "c"]).states(&[("p", "succeeded"), ("p/a", "skipped{not_needed}")]);
}

#[test]
fn a_phase_under_way_that_became_a_step_is_begun_as_that() {
    let inside = PHASES.replace("{id: b,", "{id: b, gate: true,");
    let run = left_at(&inside, "p/b");
    let text = "steps: [{id: p, run: make all}, {id: c, run: make c}]";
    on(run.adopting(text, &[])).started(&["p/a", "p", "c"]).ended_well();
}

#[test]
fn a_new_step_shares_the_fate_of_a_phase_that_was_skipped() {
    let skipped = PHASES.replace("- id: p", "- id: p\n        when: false");
    let more = skipped.replace("{id: b,", "{id: new, run: x}, {id: b,");
    let run = on(left_at(&skipped, "c").adopting(&more, &[]));
    run.started(&["c"]).states(&[("p", "skipped{when}"), ("p/new", "skipped{when}")]);
}

const LADDER: &str = "
    steps:
      - id: l
        ladder: [{id: a, run: make a}, {id: b, run: make b}, {id: x, run: make x}]
      - {id: c, gate: true, run: make c}
    ";

#[test]
fn a_new_rung_is_not_needed_where_another_succeeded() {
    let more = LADDER.replace("{id: b,", "{id: new, run: y}, {id: b,");
    let run = on(left_at(LADDER, "c").adopting(&more, &[]));
    run.started(&["l/a", "c"]).states(&[("l/new", "skipped{not_needed}")]).ended_well();
}

#[test]
fn a_rung_that_is_done_again_and_fails_gives_way_to_the_next() {
    let run = kind_world(LADDER).with(|script| {
        script.acts("l/a", &[Act::Succeed, Act::Exit(1)]);
        script.leaves("c");
    });
    let run = run.play().adopting(&LADDER.replace("make a", "make a well"), &["l/a"]);
    run.states(&[("l", "running"), ("l/a", "pending"), ("l/b", "pending")]);
    on(run).started(&["l/a", "l/a", "l/b", "c"]).states(&[("l/x", "skipped{not_needed}")]);
}

#[test]
fn a_new_rung_is_tried_in_its_place_in_a_ladder_under_way() {
    let ladder = LADDER.replace("{id: b,", "{id: b, gate: true,");
    let run = kind_world(&ladder).with(|script| {
        script.fails("l/a");
        script.leaves("l/b");
    });
    let run = run.play();
    run.waits_for(&["gate l/b"]);
    let more = ladder.replace("{id: b,", "{id: new, run: y}, {id: b,");
    let run = run.adopting(&more, &[]).resume();
    run.started(&["l/a", "l/new"]);
    let run = run.with(|script| script.approves("c")).play();
    assert_eq!(run.replay(), *run.state(), "{}", run.tale());
    run.started(&["l/a", "l/new", "c"]).ended_well();
}

const SWITCH: &str = "
    inputs: {which: {default: one}}
    steps:
      - id: s
        switch: inputs.which
        cases:
          one: {steps: [{id: a, run: make a}, {id: g, gate: true, run: make g}]}
          two: {steps: [{id: b, run: make b}]}
      - {id: c, run: make c}
    ";

#[test]
fn a_chosen_case_goes_on_under_its_name() {
    let more = SWITCH.replace("          one:", "          zero: {run: nothing}\n          one:");
    let more = more.replace("{id: g,", "{id: new, run: x}, {id: g,");
    let run = left_at(SWITCH, "s/g").adopting(&more, &[]).resume();
    let run = run.with(|script| script.approves("s/g")).play();
    assert_eq!(run.replay(), *run.state());
    run.started(&["s/a", "s/new", "s/g", "c"]).ended_well();
    run.states(&[("s/b", "skipped{not_needed}")]);
}

#[test]
fn a_case_that_is_gone_is_chosen_anew() {
    let less = SWITCH.replace(
        "one: {steps: [{id: a, run: make a}, {id: g, gate: true, run: make g}]}",
        "uno: {run: x}",
    );
    let less = less.replace("inputs.which\n", "\"'two'\"\n");
    let run = left_at(SWITCH, "s/g").adopting(&less, &[]).resume().play();
    assert_eq!(run.replay(), *run.state());
    run.started(&["s/a", "s/b", "c"]).ended_well();
}

const EACH: &str = "
    inputs: {hosts: {type: list, default: [x, y, z]}, few: {type: list, default: [z]}}
    steps:
      - id: e
        each: {in: inputs.hosts}
        steps: [{id: a, run: 'a ${{ item }}'}, {id: b, gate: true, run: 'b ${{ item }}'}]
      - {id: c, run: make c}
    ";

#[test]
fn the_items_of_a_fan_out_go_on_and_those_to_come_take_the_new_definition() {
    let text = EACH.replace("'a ${{ item }}'", "'well ${{ item }}'");
    let run = kind_world(EACH).with(|script| script.leaves("e/2/b")).play();
    run.started(&["e/1/a", "e/1/b", "e/2/a"]);
    let run = run.adopting(&text, &["e/2/a"]).resume();
    let run = run.with(|script| script.approves("e/2/b")).play();
    assert_eq!(run.replay(), *run.state(), "{}", run.tale());
    run.started(&["e/1/a", "e/1/b", "e/2/a", "e/2/a", "e/2/b", "e/3/a", "e/3/b", "c"]);
    assert_eq!(run.command("e/2/a"), "well 'y'");
    assert_eq!(run.command("e/3/a"), "well 'z'");
}

#[test]
fn a_new_step_of_a_fan_out_is_done_for_items_that_are_done_too() {
    let text = EACH.replace("{id: b,", "{id: new, run: 'n ${{ item }}'}, {id: b,");
    let run = kind_world(EACH).with(|script| script.leaves("e/2/b")).play();
    let run = run.adopting(&text, &[]).resume();
    let run = run.with(|script| script.approves("e/2/b")).play();
    assert_eq!(run.replay(), *run.state(), "{}", run.tale());
    let news: Vec<_> = run.starts().into_iter().filter(|step| step.ends_with("new")).collect();
    assert_eq!(news.len(), 3, "{}", run.tale());
    run.ended_well();
}

#[test]
fn a_fan_out_that_is_done_again_lists_its_items_anew() {
    let text = EACH
        .replace("run: make c}", "run: make c}\n      - {id: z, gate: true, run: z}")
        .replace("gate: true, run: 'b", "run: 'b");
    let run = left_at(&text, "z").adopting(&text.replace("inputs.hosts", "inputs.few"), &["e"]);
    let run = on(run.with(|script| script.approves("z")));
    let again: Vec<_> = run.starts().into_iter().skip(7).collect();
    assert_eq!(again, ["e/1/a", "e/1/b", "z"], "{}", run.tale());
    let second = |event: &Event| matches!(event, Event::StepStarted { attempt: 2, .. });
    assert_eq!(run.count(second), 2, "its output has files of its own");
    assert_eq!(run.command("e/1/a"), "a 'z'");
}

const INNER: &str = "
    steps: [{id: a, run: make a}, {id: b, gate: true, run: make b}]
    finally: [{id: tidy, run: tidy}]
    ";

#[test]
fn the_steps_of_an_included_runbook_go_on_as_steps_do() {
    let outer = "steps: [{id: i, include: inner.yaml}, {id: c, gate: true, run: make c}]";
    let run = kind_world_with(outer, &[("inner.yaml", INNER)]);
    let changed = INNER.replace("make a", "make a well");
    let next = planned_with(outer, &[("inner.yaml", &changed)]).expect("it is sound");
    let half = run.clone().with(|script| script.leaves("i/b")).play();
    let half = half.try_adopt(next.clone(), &["i/a"]).expect("nothing is in doubt").resume();
    let half = half.with(|script| script.approves("i/b")).play();
    assert_eq!(half.replay(), *half.state());
    half.started(&["i/a", "i/a", "i/b", "i/tidy", "c"]).ended_well();

    let whole = run.with(|script| script.leaves("c")).play();
    whole.started(&["i/a", "i/b", "i/tidy"]);
    let whole = on(whole.try_adopt(next, &["i/a"]).expect("nothing is in doubt"));
    whole.started(&["i/a", "i/b", "i/tidy", "i/a", "i/tidy", "c"]).ended_well();
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

// ----- what differs -----

/// What differs, a line a step.
fn lines(before: &str, now: &str) -> Vec<String> {
    let differences = kind_world(before).differences(now);
    let line = |change: &holdpoint::plan::Change| match &change.how {
        How::Added => format!("+ {}", change.path),
        How::Removed => format!("- {}", change.path),
        How::Changed { was, is_reordered, keys, .. } => {
            let was = was.as_ref().map(|was| format!(" < {was}")).unwrap_or_default();
            let order = if *is_reordered { " order" } else { "" };
            format!("~ {}{was}{order} {}", change.path, keys.join(" ")).trim_end().to_owned()
        }
    };
    let parts = differences.parts.iter().map(|part| format!("of {part}"));
    differences.steps.iter().map(line).chain(parts).collect()
}

#[track_caller]
fn differ(change: (&str, &str), expected: &[&str]) {
    assert_eq!(lines(BOOK, &book(change)), expected, "{change:?}");
}

#[test]
fn a_layout_makes_no_difference() {
    differ(("{id: a, run: make a}", "{run: 'make a',   id: a}  # a remark"), &[]);
    differ(("      - {id: b", "\n      # another\n\n      - {id: b"), &[]);
    let checks = "
        defaults: {retry: {times: 1}}
        steps: [{id: a, run: x, tty: true, verify: [{probe: {file: /x}}], undo: {run: y}}]
        ";
    assert_eq!(lines(checks, &checks.replace("x, tty", "x,    tty")), [] as [String; 0]);
    assert_eq!(
        lines(checks, &checks.replace("defaults", "# more\n        defaults")),
        [] as [String; 0]
    );
}

#[test]
fn the_keys_of_a_step_that_differ_are_named() {
    for (key, value) in [
        ("when", "1 == 1"),
        ("title", "Make it"),
        ("why", "it must be"),
        ("estimate", "2m"),
        ("needs", "[]"),
        ("optional", "true"),
        ("require", "[{probe: {file: /x}}]"),
        ("done_when", "{file: /x}"),
        ("gate", "true"),
        ("effect", "read"),
        ("destructive", "true"),
        ("target", "{ssh: db}"),
        ("env", "{A: b}"),
        ("cwd", "/tmp"),
        ("shell", "sh -eu"),
        ("stdin", "text"),
        ("timeout", "1m"),
        ("grace", "1s"),
        ("expect", "{exit: 2}"),
        ("retry", "{times: 2, on_exit: [75]}"),
        ("tty", "true"),
        ("verify", "[{probe: {file: /x}}]"),
        ("on_failure", "fail"),
        ("undo", "{run: unmake}"),
        ("undo", "{none: it is gone}"),
        ("outputs", "{rows: {type: int}}"),
    ] {
        let change = format!("{{id: a, {key}: {value}, run: make a}}");
        differ(("{id: a, run: make a}", &change), &[&format!("~ a {key}")]);
    }
    differ(("make b", "make b well"), &["~ b run"]);
    differ(("run: make b", "manual: make it"), &["~ b manual"]);
}

#[test]
fn what_a_step_gets_from_elsewhere_counts_for_it() {
    let text = "
        defaults: {cwd: /one}
        targets: {db: {ssh: one}}
        steps:
          - {id: a, target: db, run: make a}
          - {id: p, env: {A: one}, steps: [{id: b, cwd: /b, run: make b}]}
        ";
    let changed = |from: &str, to: &str| lines(text, &text.replace(from, to));
    assert_eq!(changed("cwd: /one", "cwd: /two"), ["~ a cwd", "~ p cwd", "of defaults"]);
    assert_eq!(changed("ssh: one", "ssh: two"), ["~ a target", "of targets"]);
    assert_eq!(changed("A: one", "A: two"), ["~ p env", "~ p/b env"]);
}

#[test]
fn parts_of_the_runbook_are_named() {
    for (key, value) in [
        ("inputs", "{x: {default: 1}}"),
        ("summary", "what it does"),
        ("severity", "P1"),
        ("tags", "[db]"),
        ("requires", "{tools: [sh]}"),
        ("confirm", "[{probe: {file: /x}}]"),
        ("preconditions", "[{probe: {file: /x}}]"),
        ("invariants", "[{id: x, probe: {file: /x}}]"),
        ("exit_criteria", "[{probe: {file: /x}}]"),
    ] {
        let text = format!("{key}: {value}\n{}", flush(BOOK));
        assert_eq!(lines(BOOK, &text), [format!("of {key}")]);
    }
}

#[test]
fn steps_that_come_go_and_change_places_are_told_apart() {
    differ(("      - {id: b, run: make b}\n", ""), &["- b"]);
    differ(("      - {id: d", "      - {id: x, run: x}\n      - {id: d"), &["+ x"]);
    differ(
        ("{id: b, run: make b}", "{id: p, steps: [{id: b, run: make b}]}"),
        &["+ p", "~ p/b < b"],
    );
    let swapped = book(("      - {id: a, run: make a}\n", ""));
    let swapped = format!("{}  - {{id: a, run: make a}}\n", flush(&swapped));
    assert_eq!(lines(BOOK, &swapped), ["~ a order"]);
    assert_eq!(lines(EACH, &EACH.replace("{id: b,", "{id: x,")), ["+ e/*/x", "- e/*/b"]);
    assert_eq!(lines(EACH, &EACH.replace("'a ${{", "'well ${{")), ["~ e/*/a run"]);
    let phase = PHASES.replace("- id: p", "- id: q");
    assert_eq!(lines(PHASES, &phase), ["+ q", "~ q/a < p/a", "~ q/b < p/b", "- p"]);
}
