//! Steps that a person passes over, one by one or by going on below them.

use holdpoint::run::event::{DoubtChoice, Event, HoldChoice, Outcome, Sight};

use crate::harness::machine::{Act, Machine, kind_world, kind_world_with};

pub(super) const THREE: &str = "
    steps: [{id: a, run: a}, {id: b, run: b}, {id: c, run: c}]
    finally: [{id: tidy, run: tidy}]
    ";

pub(super) fn by() -> String {
    "grace".into()
}

pub(super) fn reason() -> String {
    "it is not needed tonight".into()
}

pub(super) fn skip(step: &str) -> Event {
    Event::StepPassedOver { step: step.into(), by: by(), reason: reason() }
}

pub(super) fn jump(to: &str) -> Event {
    Event::JumpRequested { to: to.into(), by: by(), reason: reason() }
}

/// The runbook in which a step runs and does not come to an end.
pub(super) fn hanging(book: &str, step: &str) -> Machine {
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
pub(super) fn goes_on(run: Machine, step: &str) -> Machine {
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
