//! What people do of their own accord: steps passed over, jumps, steps back, single undos, the end.

use holdpoint::run::event::{
    Cause, DoubtChoice, End, Event, Exec, ExecEnded, HandedOver, HoldChoice, Note, NoteKind,
    Outcome, Sight, Verdict,
};
use holdpoint::run::{HAND_OVER, RunState};

use crate::harness::machine::{Act, Machine, kind_world, kind_world_with};

const THREE: &str = "
    steps: [{id: a, run: a}, {id: b, run: b}, {id: c, run: c}]
    finally: [{id: tidy, run: tidy}]
    ";

fn by() -> String {
    "grace".into()
}

fn reason() -> String {
    "it is not needed tonight".into()
}

pub(super) fn skip(step: &str) -> Event {
    Event::StepPassedOver { step: step.into(), by: by(), reason: reason() }
}

fn jump(to: &str) -> Event {
    Event::JumpRequested { to: to.into(), by: by(), reason: reason() }
}

fn back(to: &str) -> Event {
    Event::BackRequested { to: to.into(), by: by(), reason: reason() }
}

fn undo(step: &str) -> Event {
    Event::StepUndoRequested { step: step.into(), by: by(), reason: reason() }
}

fn abort() -> Event {
    Event::AbortRequested { by: by(), reason: reason() }
}

fn pace(is_stepwise: bool) -> Event {
    Event::PaceSet { is_stepwise, by: by() }
}

fn note() -> Event {
    let text = "the replica lags".into();
    Event::NoteAdded(Note { by: by(), kind: NoteKind::Finding, text, about: None })
}

/// The runbook in which a step runs and does not come to an end.
fn hanging(book: &str, step: &str) -> Machine {
    kind_world(book).with(|script| script.acts(step, &[Act::Hang])).play()
}

/// The same, where nobody answers at these gates.
fn hanging_at(book: &str, gates: &[&str], step: &str) -> Machine {
    let run = kind_world(book).with(|script| {
        gates.iter().for_each(|gate| script.leaves(gate));
        script.acts(step, &[Act::Hang]);
    });
    run.play()
}

/// The step that hung is lost with its driver, and did what it should.
fn goes_on(run: Machine, step: &str) -> Machine {
    run.with(|script| script.settles(step, &[DoubtChoice::Done])).resume().play()
}

// ----- passed over -----

#[test]
fn a_step_whose_turn_has_not_come_is_passed_over_and_what_needs_it_goes_on() {
    let run = hanging(THREE, "a").tell(skip("b")).play();
    // What needs it waits for what it waited for.
    run.started(&["a"]).states(&[("b", "skipped{operator}"), ("c", "pending")]);
    let run = goes_on(run, "a");
    run.started(&["a", "c", "tidy"]).states(&[("b", "skipped{operator}")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn what_stands_behind_a_step_that_was_passed_over_early_must_come_to_a_good_end() {
    for order in [["b", "c"], ["c", "b"]] {
        let run =
            hanging(&THREE.replace("{id: c, run: c}", "{id: c, run: c}, {id: d, run: d}"), "a");
        let run = run.tell(skip(order[0])).tell(skip(order[1])).play();
        run.started(&["a"]).states(&[("d", "pending")]);
        let run = run.with(|script| {
            script.settles("a", &[DoubtChoice::Failed]);
            script.resolves("a", &[HoldChoice::Failed]);
        });
        let run = run.resume().play();
        run.started(&["a", "tidy"]).states(&[("c", "skipped{operator}"), ("d", "not_reached")]);
    }
}

#[test]
fn a_step_at_its_gate_is_passed_over_and_its_gate_asks_no_more() {
    let run = kind_world("steps: [{id: a, gate: true, run: a}, {id: b, run: b}]")
        .with(|script| script.leaves("a"))
        .play();
    let run = run.waits_for(&["gate a"]).clone().tell(skip("a")).play();
    run.started(&["b"]).states(&[("a", "skipped{operator}")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn a_step_that_is_asked_about_is_passed_over_and_asked_about_no_more() {
    let run = kind_world("steps: [{id: a, optional: true, run: a}, {id: b, run: b}]")
        .with(|script| script.needs("a", None))
        .play();
    let run = run.waits_for(&["needed a"]).clone().tell(skip("a")).play();
    run.started(&["b"]).states(&[("a", "skipped{operator}")]);
}

#[test]
fn a_step_whose_requirement_is_asked_about_is_passed_over_with_that_question() {
    let run = kind_world(
        "steps: [{id: a, require: [{id: room, probe: {file: /x}}], run: a}, {id: b, run: b}]",
    )
    .with(|script| script.sees("a require", &[Sight::Fails]))
    .play();
    let run = run.waits_for(&["check a require 0"]).clone().tell(skip("a")).play();
    run.started(&["b"]).states(&[("a", "skipped{operator}")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn a_phase_is_passed_over_with_all_that_is_inside() {
    let run = hanging(
        "steps: [{id: a, run: a}, {id: p, steps: [{id: b, run: b}, {id: c, run: c}]}, {id: d, run: d}]",
        "a",
    );
    let run = goes_on(run.tell(skip("p")), "a");
    run.started(&["a", "d"]);
    run.states(&[("p", "skipped{operator}"), ("p/b", "skipped{operator}")]);
    run.states(&[("p/c", "skipped{operator}")]);
}

#[test]
fn a_step_inside_a_group_that_has_not_begun_is_not_passed_over_by_itself() {
    let run = hanging("steps: [{id: a, run: a}, {id: p, steps: [{id: b, run: b}]}]", "a");
    run.refuses(&skip("p/b"), "the group around it has not begun");
}

#[test]
fn a_step_in_a_group_that_waits_at_its_gate_is_not_passed_over_by_itself() {
    let run = kind_world("steps: [{id: p, gate: true, steps: [{id: b, run: b}, {id: c, run: c}]}]")
        .with(|script| script.leaves("p"))
        .play();
    run.refuses(&skip("p/b"), "the group around it has not begun");
}

#[test]
fn a_step_that_is_looked_at_is_not_passed_over() {
    let run = kind_world("steps: [{id: a, require: [{probe: {file: /x}}], run: a}]")
        .with(|script| script.stares("a require"))
        .play();
    run.refuses(&skip("a"), "it is being looked at; say it again in a moment");
}

#[test]
fn what_runs_is_held_or_is_settled_is_not_passed_over() {
    hanging(THREE, "a").refuses(&skip("a"), "the step is running");
    let run = kind_world(THREE).with(|script| script.fails("b")).play();
    run.refuses(&skip("b"), "the step is held: it is decided about there");
    run.refuses(&skip("a"), "the step is succeeded");
    run.refuses(&skip("tidy"), "it is none of the steps that are gone through in order");
    run.refuses(&skip("nothing"), "the runbook has no such step");
}

#[test]
fn a_rung_is_passed_over_while_the_one_above_is_tried_and_the_next_waits_its_turn() {
    let run = kind_world(
        "
        steps:
          - id: l
            ladder: [{id: one, run: one}, {id: two, run: two}, {id: three, run: three}]
        ",
    )
    .with(|script| script.acts("l/one", &[Act::Hang]))
    .play();
    let run = run.tell(skip("l/two")).play();
    run.started(&["l/one"]).states(&[("l/two", "skipped{operator}"), ("l/three", "pending")]);
    let run = run.with(|script| script.settles("l/one", &[DoubtChoice::Failed])).resume();
    let run = run.with(|script| script.resolves("l/one", &[HoldChoice::Failed])).play();
    run.started(&["l/one", "l/three"]).states(&[("l", "succeeded")]);
}

// ----- jumps -----

#[test]
fn a_jump_passes_over_what_stands_above_and_leaves_what_runs_and_what_stands_below() {
    let run = hanging_at(
        "
        steps:
          - {id: a, run: a}
          - {id: b, run: b}
          - {id: free, needs: [], gate: true, run: free}
          - {id: late, needs: [a], run: late}
          - {id: target, needs: [b], run: target}
          - {id: below, run: below}
        ",
        &["free"],
        "a",
    );
    let run = goes_on(run.tell(jump("target")), "a");
    run.started(&["a", "target", "below"]);
    run.states(&[("b", "skipped{operator}"), ("free", "skipped{operator}")]);
    run.states(&[("late", "skipped{operator}"), ("a", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn what_stands_above_stays_passed_over_after_the_target_is_done() {
    // `b` waits for `a`, which outlives the target of the jump.
    let run = hanging_at(
        "
        steps:
          - {id: a, run: a}
          - {id: b, needs: [a], run: b}
          - {id: target, needs: [], gate: true, run: target}
        ",
        &["target"],
        "a",
    );
    let run = run.tell(jump("target")).with(|script| script.approves("target")).play();
    run.started(&["a", "target"]).states(&[("target", "succeeded"), ("b", "pending")]);
    goes_on(run, "a").started(&["a", "target"]).states(&[("b", "skipped{operator}")]);
}

#[test]
fn groups_around_the_target_are_entered_by_their_own_conditions() {
    const BOOK: &str = "
        steps:
          - {id: a, gate: true, run: a}
          - id: p
            gate: true
            require: [{probe: {file: /x}}]
            steps:
              - {id: b, run: b}
              - {id: q, steps: [{id: c, run: c}, {id: target, run: target}, {id: d, run: d}]}
        ";
    let start = || kind_world(BOOK).with(|script| script.leaves("a")).play();
    let run = start().tell(jump("p/q/target")).play();
    run.started(&["p/q/target", "p/q/d"]);
    run.states(&[("a", "skipped{operator}"), ("p/b", "skipped{operator}")]);
    run.states(&[("p/q/c", "skipped{operator}"), ("p", "succeeded")]);
    let run = start().with(|script| script.rejects("p")).tell(jump("p/q/target")).play();
    run.started(&[]).waits_for(&["hold p"]);
}

#[test]
fn a_group_whose_condition_is_false_is_passed_over_with_the_target() {
    let run = kind_world(
        "
        steps:
          - {id: a, gate: true, run: a}
          - {id: p, when: 1 == 2, steps: [{id: target, run: target}]}
          - {id: b, run: b}
        ",
    )
    .with(|script| script.leaves("a"))
    .play();
    let run = run.tell(jump("p/target")).play();
    run.started(&["b"]).states(&[("p/target", "skipped{when}")]);
}

#[test]
fn a_jump_into_a_ladder_passes_over_the_rungs_above() {
    let run = kind_world(
        "
        steps:
          - {id: a, gate: true, run: a}
          - id: l
            ladder:
              - {id: one, run: one}
              - {id: two, steps: [{id: x, run: x}, {id: target, run: target}]}
              - {id: three, run: three}
        ",
    )
    .with(|script| script.leaves("a"))
    .play();
    let run = run.tell(jump("l/two/target")).play();
    run.started(&["l/two/target"]);
    run.states(&[("l/one", "skipped{operator}"), ("l/two/x", "skipped{operator}")]);
    run.states(&[("l/three", "skipped{not_needed}"), ("l", "succeeded")]);
}

#[test]
fn a_jump_into_a_case_leaves_the_choice_among_the_cases_as_it_is() {
    const BOOK: &str = "
        inputs: {where: {default: second}}
        steps:
          - {id: a, gate: true, run: a}
          - id: s
            switch: inputs.where
            cases:
              first: {steps: [{id: b, run: b}]}
              second: {steps: [{id: c, run: c}, {id: target, run: target}]}
        ";
    let start = |book: &str| kind_world(book).with(|script| script.leaves("a")).play();
    let run = start(BOOK).tell(jump("s/target")).play();
    run.started(&["s/target"]);
    run.states(&[("s/b", "skipped{not_needed}"), ("s/c", "skipped{operator}")]);
    let other = BOOK.replace("default: second", "default: first");
    let run = start(&other).tell(jump("s/target")).play();
    run.started(&["s/b"]).states(&[("s/target", "skipped{not_needed}")]);
}

#[test]
fn a_jump_into_an_included_runbook_passes_over_its_steps_above_and_closes_it() {
    const INNER: &str = "
        steps: [{id: b, run: b}, {id: target, run: target}]
        finally: [{id: tidy, run: tidy}]
        ";
    let run = kind_world_with(
        "steps: [{id: a, gate: true, run: a}, {id: i, include: inner.yaml}]",
        &[("inner.yaml", INNER)],
    )
    .with(|script| script.leaves("a"))
    .play();
    let run = run.tell(jump("i/target")).play();
    run.started(&["i/target", "i/tidy"]).states(&[("i/b", "skipped{operator}")]);
}

#[test]
fn a_look_that_has_begun_comes_to_its_end_before_its_step_is_jumped_over() {
    let run =
        kind_world("steps: [{id: a, require: [{probe: {file: /x}}], run: a}, {id: b, run: b}]")
            .with(|script| script.stares("a require"))
            .play();
    let run = run.tell(jump("b")).play();
    run.states(&[("a", "ready")]);
    let run = run.resume().play();
    run.started(&["b"]).states(&[("a", "skipped{operator}")]);
}

#[test]
fn undos_of_what_was_jumped_over_do_not_run() {
    let run = kind_world(
        "
        steps:
          - id: p
            steps:
              - {id: stop, gate: true, run: stop, undo: {run: start, paired: true}}
              - {id: target, run: target}
        ",
    )
    .with(|script| script.leaves("p/stop"))
    .play();
    let run = run.tell(jump("p/target")).play();
    run.started(&["p/target"]).states(&[("p", "succeeded"), ("p/stop", "skipped{operator}")]);
}

#[test]
fn nobody_jumps_to_what_is_settled() {
    let run = hanging(THREE, "b");
    run.refuses(&jump("a"), "the step is succeeded");
    run.refuses(&jump("tidy"), "it is none of the steps that are gone through in order");
}

#[test]
fn a_phase_that_is_tried_again_does_what_a_jump_had_passed_over() {
    let run = kind_world(
        "
        steps:
          - id: l
            ladder:
              - id: one
                verify: [{probe: {file: /up}}]
                steps: [{id: a, gate: true, run: a}, {id: b, run: b}]
        ",
    )
    .with(|script| {
        script.leaves("l/one/a");
        script.sees("l/one verify", &[Sight::Fails, Sight::Holds]);
        script.resolves("l", &[HoldChoice::Retry]);
    })
    .play();
    let run = run.tell(jump("l/one/b")).with(|script| script.approves("l/one/a")).play();
    run.started(&["l/one/b", "l/one/a", "l/one/b"]).states(&[("l", "succeeded")]);
}

// ----- back -----

#[test]
fn whoever_goes_back_finds_the_step_and_all_below_open_again() {
    let run = hanging(THREE, "c");
    run.refuses(&back("b"), "something is under way; let it finish first");
    let run = kind_world(THREE).with(|script| script.fails("c")).play();
    run.started(&["a", "b", "c"]).waits_for(&["hold c"]);
    let run = run.with(|script| script.acts("c", &[Act::Exit(1), Act::Succeed]));
    let run = run.tell(back("b")).play();
    run.started(&["a", "b", "c", "b", "c", "tidy"]).ended_well();
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn attempts_go_on_counting_and_gates_are_asked_anew() {
    const BOOK: &str = "steps: [{id: a, gate: true, run: a}, {id: b, gate: true, run: b}]";
    let run = kind_world(BOOK).with(|script| script.leaves("b")).play();
    let run = run.waits_for(&["gate b"]).clone().with(|script| script.leaves("a"));
    let run = run.tell(back("a")).play();
    run.waits_for(&["gate a"]).states(&[("a", "at_gate"), ("b", "pending")]);
    let run = run.with(|script| {
        script.approves("a");
        script.approves("b");
    });
    let run = run.play();
    run.started(&["a", "a", "b"]).ended_well();
    let asked = |state: &RunState, step: &str| {
        state.steps[run.plan().at_path(step).expect("it is there")].gate_asked
    };
    assert_eq!((asked(run.state(), "a"), asked(run.state(), "b")), (2, 2));
}

#[test]
fn outputs_of_what_is_open_again_are_forgotten() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: a, outputs: {n: {from: line}}}
          - {id: b, run: 'b ${{ steps.a.outputs.n }}'}
          - {id: c, gate: true, run: 'c ${{ steps.a.outputs.n }}'}
        ",
    )
    .with(|script| {
        script.leaves("c");
        script.yields("a", "n", "one");
    })
    .play();
    assert_eq!(run.command("b"), "b 'one'");
    let run = run.with(|script| {
        script.yields("a", "n", "two");
        script.approves("c");
    });
    let run = run.tell(back("a")).play();
    assert_eq!((run.command("b"), run.command("c")), ("b 'two'", "c 'two'"));
    run.ended_well();
}

#[test]
fn a_group_that_was_left_is_entered_again_for_a_step_inside() {
    const BOOK: &str = "
        steps:
          - id: l
            ladder:
              - {id: one, steps: [{id: a, run: a}, {id: b, run: b}]}
              - {id: two, run: two}
          - {id: c, gate: true, run: c}
        ";
    let run = kind_world(BOOK).with(|script| script.leaves("c")).play();
    run.states(&[("l", "succeeded"), ("l/two", "skipped{not_needed}")]);
    let run = run.with(|script| {
        script.acts("l/one/b", &[Act::Succeed, Act::Exit(1)]);
        script.resolves("l/one/b", &[HoldChoice::Failed]);
        script.approves("c");
    });
    let run = run.tell(back("l/one/b")).play();
    run.started(&["l/one/a", "l/one/b", "l/one/b", "l/two", "c"]).ended_well();
}

#[test]
fn a_ladder_that_is_held_is_gone_back_into() {
    let run = kind_world("steps: [{id: l, ladder: [{id: one, run: one}, {id: two, run: two}]}]")
        .with(|script| {
            script.acts("l/one", &[Act::Exit(1), Act::Succeed]);
            script.fails("l/two");
            script.resolves("l/one", &[HoldChoice::Failed]);
            script.resolves("l/two", &[HoldChoice::Failed]);
        })
        .play();
    let run = run.waits_for(&["hold l"]).clone().tell(back("l/one")).play();
    run.started(&["l/one", "l/two", "l/one"]).states(&[("l/two", "skipped{not_needed}")]);
    run.ended_well();
}

#[test]
fn a_group_that_was_never_entered_begins_with_its_own_condition() {
    let run = kind_world(
        "
        steps:
          - {id: p, require: [{id: up, probe: {file: /up}}], steps: [{id: a, run: a}, {id: b, run: b}]}
          - {id: c, needs: [], gate: true, run: c}
        ",
    )
    .with(|script| {
        script.sees("p require", &[Sight::Fails, Sight::Fails, Sight::Holds]);
        script.refuses("p require");
        script.resolves("p", &[HoldChoice::Failed]);
        script.leaves("c");
    })
    .play();
    run.states(&[("p", "failed{precondition}"), ("p/a", "not_reached")]);
    let run = run.tell(back("p/b")).play();
    run.waits_for(&["hold p", "gate c"]);
    let run = run.with(|script| script.resolves("p", &[HoldChoice::Failed, HoldChoice::Retry]));
    let run = run.with(|script| script.approves("c")).play();
    run.started(&["c", "p/a", "p/b"]).states(&[("p", "succeeded")]);
}

#[test]
fn a_fan_out_is_gone_back_to_as_a_whole_and_lists_its_items_anew() {
    let run = kind_world(
        "
        inputs: {hosts: {type: list, default: [a, b]}}
        steps:
          - {id: d, each: {in: inputs.hosts}, run: 'd ${{ item }}'}
          - {id: c, gate: true, run: c}
        ",
    )
    .with(|script| script.leaves("c"))
    .play();
    run.refuses(&back("d/2"), "it is one of several items: go back to the whole step");
    let run = run.tell(back("d")).with(|script| script.approves("c")).play();
    run.started(&["d/1", "d/2", "d/1", "d/2", "c"]).ended_well();
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn undos_that_are_owed_stay_owed_in_the_order_of_what_they_take_back() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: a, undo: {run: un-a}}
          - id: s
            switch: \"'one'\"
            cases: {one: {run: b, undo: {run: un-b}}, two: {run: x}}
          - {id: c, gate: true, run: c}
        ",
    )
    .with(|script| script.leaves("c"))
    .play();
    let run = run.with(|script| script.acts("a", &[Act::Exit(1)]));
    let run = run.with(|script| script.resolves("a", &[HoldChoice::Undo]));
    let run = run.tell(back("a")).play();
    run.ended(Outcome::Aborted, Some(Verdict::NotRecovered));
    run.started(&["a", "s", "a", "a~undo", "s~undo-one"]);
}

#[test]
fn nobody_goes_back_while_something_is_looked_at_or_taken_back_or_before_the_first_step() {
    let run =
        kind_world("steps: [{id: a, run: a}, {id: b, require: [{probe: {file: /x}}], run: b}]")
            .with(|script| script.stares("b require"))
            .play();
    run.refuses(&back("a"), "something is under way; let it finish first");
    let run = kind_world("confirm: [{probe: {file: /x}}]\nsteps: [{id: a, run: a}]")
        .with(|script| script.stares("confirm"))
        .play();
    run.refuses(&back("a"), "no step has begun");
    let run = undoable(|script| script.fails("a~undo")).tell(undo("a")).play();
    run.refuses(&back("a"), "a~undo is not over");
}

#[test]
fn a_case_that_was_not_chosen_is_not_gone_back_to() {
    let run = kind_world(
        "
        steps:
          - id: s
            switch: \"'one'\"
            cases: {one: {steps: [{id: a, run: a}]}, two: {steps: [{id: b, run: b}]}}
          - {id: c, gate: true, run: c}
        ",
    )
    .with(|script| script.leaves("c"))
    .play();
    run.refuses(&back("s/b"), "its case was not chosen");
    let run = run.tell(back("s/a")).with(|script| script.approves("c")).play();
    run.started(&["s/a", "s/a", "c"]).states(&[("s/b", "skipped{not_needed}")]).ended_well();
}

// ----- single undos -----

/// Two steps that can be taken back, and one that waits at its gate.
fn undoable(change: impl FnOnce(&mut crate::harness::machine::Script)) -> Machine {
    kind_world(
        "
        steps:
          - {id: a, run: a, undo: {run: un-a}}
          - {id: b, run: b, undo: {run: un-b}}
          - {id: c, gate: true, run: c}
        ",
    )
    .with(|script| script.leaves("c"))
    .with(change)
    .play()
}

#[test]
fn one_step_is_taken_back_while_the_run_is_open_and_stays_succeeded() {
    let run = undoable(|_| ()).tell(undo("a")).play();
    run.started(&["a", "b", "a~undo"]);
    run.states(&[("a", "succeeded"), ("a~undo", "succeeded")]).waits_for(&["gate c"]);
    run.refuses(&undo("a"), "nothing of it is there to be taken back");
    run.refuses(&undo("c"), "it does not say how it is undone");
    let run = run.with(|script| script.approves("c")).play();
    run.started(&["a", "b", "a~undo", "c"]).ended_well();
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn one_step_is_taken_back_while_another_is_held() {
    let run = kind_world(
        "steps: [{id: a, run: a, undo: {run: un-a, gate: true}}, {id: b, run: b}, {id: c, run: c}]",
    )
    .with(|script| script.fails("b"))
    .play();
    let run = run.tell(undo("a")).play();
    run.started(&["a", "b", "a~undo"]).waits_for(&["hold b"]);
}

#[test]
fn a_step_that_is_held_is_taken_back_where_it_stands() {
    let run = kind_world("steps: [{id: a, run: a, undo: {run: un-a}}]")
        .with(|script| script.acts("a", &[Act::Exit(1), Act::Succeed]))
        .play();
    let run = run.tell(undo("a")).play();
    run.started(&["a", "a~undo"]).waits_for(&["hold a"]);
    let run = run.with(|script| script.resolves("a", &[HoldChoice::Retry])).play();
    run.started(&["a", "a~undo", "a"]).ended_well();
}

#[test]
fn what_is_done_again_may_be_taken_back_again() {
    let run = undoable(|_| ()).tell(undo("a")).play().tell(back("a")).play().tell(undo("a")).play();
    run.started(&["a", "b", "a~undo", "a", "b", "a~undo"]);
}

#[test]
fn taking_the_whole_run_back_does_not_repeat_what_was_taken_back() {
    let run = undoable(|_| ()).tell(undo("b")).play();
    let run = run.tell(Event::UndoRequested { by: by(), reason: reason() }).play();
    run.started(&["a", "b", "b~undo", "a~undo"]);
    run.ended(Outcome::Aborted, Some(Verdict::NotRecovered));
}

#[test]
fn an_undo_that_fails_is_held() {
    let run = undoable(|script| script.acts("a~undo", &[Act::Exit(1), Act::Succeed]));
    let run = run.tell(undo("a")).play();
    run.waits_for(&["hold a~undo", "gate c"]).refuses(&undo("a"), "it is being taken back");
    let run = run.with(|script| {
        script.resolves("a~undo", &[HoldChoice::Retry]);
        script.approves("c");
    });
    run.play().started(&["a", "b", "a~undo", "c", "a~undo"]).ended_well();
}

#[test]
fn a_run_does_not_end_before_what_is_taken_back() {
    let run =
        kind_world("steps: [{id: a, run: a, undo: {run: un-a}}, {id: b, gate: true, run: b}]")
            .with(|script| {
                script.leaves("b");
                script.acts("a~undo", &[Act::Hang]);
            })
            .play();
    let run = run.tell(undo("a")).with(|script| script.approves("b")).play();
    run.started(&["a", "a~undo", "b"]).states(&[("b", "succeeded"), ("a~undo", "running")]);
    assert_eq!(run.outcome(), None);
    let run = run.with(|script| script.settles("a~undo", &[DoubtChoice::Done]));
    run.resume().play().ended_well();
}

#[test]
fn a_phase_is_taken_back_again_after_it_was_done_again() {
    let run = kind_world(
        "
        steps:
          - {id: p, undo: {run: un-p}, steps: [{id: a, run: a}]}
          - {id: c, gate: true, run: c}
        ",
    )
    .with(|script| script.leaves("c"))
    .play();
    let run = run.tell(undo("p")).play().tell(back("p")).play().tell(undo("p")).play();
    run.started(&["p/a", "p~undo", "p/a", "p~undo"]);
}

// ----- the end, and those who drive -----

#[test]
fn whoever_ends_a_run_lets_what_runs_finish_and_the_closing_steps_be_done() {
    let run = hanging(THREE, "b").tell(abort());
    run.refuses(&abort(), "it is being ended already");
    let run = goes_on(run, "b");
    run.started(&["a", "b", "tidy"]).states(&[("c", "not_reached")]);
    run.ended(Outcome::Aborted, None);
    assert_eq!(run.cause(), Some(&Cause::Person { by: by(), reason: reason() }));
    run.refuses(&abort(), "the run has ended");
}

#[test]
fn nobody_ends_a_run_of_which_only_the_closing_steps_are_left() {
    let run = hanging(THREE, "tidy");
    run.refuses(&abort(), "only what closes it is left to be done");
}

#[test]
fn whoever_hands_a_run_over_lets_what_runs_finish_and_leaves_it_open() {
    let run = hanging(THREE, "a");
    let run = run.tell(Event::HandedOver(HandedOver {
        by: by(),
        to: Some("ada".into()),
        reason: reason(),
    }));
    assert_eq!(run.state().stopped_by.as_deref(), Some(HAND_OVER));
    let run = run.tell(super::legality::ended("a", 1)).play();
    run.started(&["a"]).states(&[("a", "succeeded")]);
    run.resume().play().started(&["a", "b", "c", "tidy"]).ended_well();
}

// ----- the pace -----

#[test]
fn whoever_wants_to_be_asked_is_asked_before_what_changes_something_and_only_then() {
    let run = kind_world(
        "
        steps:
          - {id: look, effect: read, run: look}
          - {id: gated, gate: true, run: gated}
          - {id: change, run: change}
          - {id: tell, notify: {template: update}}
          - {id: stop, run: stop, undo: {run: start, paired: true}}
        ",
    )
    .with(|script| script.leaves("gated"))
    .play();
    let run = run.tell(pace(true)).with(|script| script.approves("gated")).play();
    run.started(&["look", "gated", "change", "tell", "stop", "stop~undo"]).ended_well();
    let asked = |event: &Event| match event {
        Event::StepReleased { step, .. } => Some(step.clone()),
        _ => None,
    };
    let asked: Vec<String> = run.events().iter().filter_map(asked).collect();
    assert_eq!(asked, ["change", "stop"]);
}

#[test]
fn whoever_tries_a_step_again_is_asked_again_and_a_step_that_does_so_itself_asks_nobody() {
    let run = kind_world(
        "steps: [{id: a, gate: true, run: a}, {id: b, retry: {times: 1, on_exit: 1}, run: b}]",
    )
    .with(|script| script.leaves("a"))
    .play();
    let run = run.tell(pace(true)).with(|script| {
        script.approves("a");
        script.acts("b", &[Act::Exit(1), Act::Exit(1), Act::Succeed]);
        script.resolves("b", &[HoldChoice::Retry]);
    });
    let run = run.play();
    run.started(&["a", "b", "b", "b"]).ended_well();
    assert_eq!(run.count(|event| matches!(event, Event::StepReleased { .. })), 2);
}

/// A run in which nobody answers the question before a step.
fn asked() -> Machine {
    let run = kind_world("steps: [{id: a, gate: true, run: a}, {id: b, run: b}, {id: c, run: c}]");
    let run = run.with(|script| script.leaves("a")).play().tell(pace(true));
    run.with(|script| {
        script.approves("a");
        script.keeps_waiting("b");
    })
    .play()
}

#[test]
fn what_nobody_lets_begin_waits_and_is_asked_about_by_the_next_driver() {
    let run = asked();
    run.started(&["a"]).waits_for(&["proceed b"]);
    run.clone().resume().play().started(&["a"]).waits_for(&["proceed b"]);
    // Where nobody is, nobody wants to be asked.
    run.resume_as(false).play().started(&["a", "b", "c"]).ended_well();
}

#[test]
fn whoever_wants_to_be_asked_no_more_lets_the_step_begin_that_was_asked_about() {
    asked().tell(pace(false)).play().started(&["a", "b", "c"]).ended_well();
}

#[test]
fn a_step_that_is_asked_about_before_it_begins_is_passed_over() {
    let run = asked().tell(skip("b")).play();
    run.started(&["a", "c"]).states(&[("b", "skipped{operator}")]);
}

#[test]
fn whoever_is_out_of_reach_is_waited_for() {
    let lost = Event::AttendanceLost { cause: holdpoint::run::event::Absence::TerminalGone };
    asked().tell(lost).play().started(&["a"]).waits_for(&["proceed b"]);
}

#[test]
fn a_step_that_nobody_is_asked_about_cannot_be_let_begin() {
    let go = Event::StepReleased { step: "b".into(), by: by() };
    hanging(THREE, "a").refuses(&go, "nobody asked");
}

// ----- remarks -----

fn begun(id: &str) -> Event {
    Event::ExecStarted(Exec {
        id: id.into(),
        by: by(),
        command: "df -h".into(),
        cwd: "/".into(),
        host: "there".into(),
        is_on_terminal: false,
    })
}

fn over(id: &str) -> Event {
    Event::ExecEnded(Box::new(ExecEnded {
        id: id.into(),
        end: End::Exited { code: 0 },
        took_ms: 5,
        out: None,
        err: None,
    }))
}

#[test]
fn a_note_changes_nothing_whenever_it_comes() {
    for run in [hanging(THREE, "b"), kind_world(THREE).play()] {
        let before = run.state().clone();
        let noted = run.tell(note());
        let after = RunState { last_at: before.last_at, ..noted.state().clone() };
        assert_eq!(after, before);
        assert_eq!(noted.replay(), *noted.state());
    }
}

#[test]
fn a_run_that_has_ended_has_lasted_no_longer_because_of_a_note() {
    let run = kind_world(THREE).play();
    let ended = run.state().last_at;
    let run = run.tell(note()).tell(begun("exec-1")).tell(over("exec-1"));
    assert_eq!(run.state().last_at, ended);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_command_beside_the_steps_begins_and_ends_once() {
    let run = hanging(THREE, "a").tell(begun("exec-1"));
    run.refuses(&begun("exec-1"), "a command of this name is under way");
    let run = run.tell(over("exec-1"));
    run.refuses(&over("exec-1"), "no such command is under way");
    assert_eq!(run.state().execs_begun, 1);
    run.started(&["a"]).states(&[("a", "running")]);
}
