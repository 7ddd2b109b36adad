//! A person who goes back to a step, and one who takes back what a single step has done.

use holdpoint::run::RunState;
use holdpoint::run::event::{DoubtChoice, Event, HoldChoice, Outcome, Sight, Verdict};

use crate::harness::machine::{Act, Machine, kind_world};

use super::interventions::{THREE, by, hanging, reason};

fn back(to: &str) -> Event {
    Event::BackRequested { to: to.into(), by: by(), reason: reason() }
}

fn undo(step: &str) -> Event {
    Event::StepUndoRequested { step: step.into(), by: by(), reason: reason() }
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
fn nothing_begins_beside_the_undo_of_a_step_and_the_run_does_not_end_before_it() {
    let run =
        kind_world("steps: [{id: a, run: a, undo: {run: un-a}}, {id: b, gate: true, run: b}]")
            .with(|script| {
                script.leaves("b");
                script.acts("a~undo", &[Act::Hang]);
            })
            .play();
    let run = run.tell(undo("a")).with(|script| script.approves("b")).play();
    run.started(&["a", "a~undo"]).states(&[("b", "ready"), ("a~undo", "running")]);
    assert_eq!(run.outcome(), None);
    let run = run.with(|script| script.settles("a~undo", &[DoubtChoice::Done]));
    run.resume().play().started(&["a", "a~undo", "b"]).ended_well();
}

#[test]
fn the_steps_of_an_undo_find_room_though_one_that_is_ready_waits_for_them() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: a, undo: {steps: [{id: u1, run: u1}, {id: u2, run: u2}]}}
          - {id: b, gate: true, run: b}
        ",
    )
    .parallel(1)
    .with(|script| {
        script.leaves("b");
        script.acts("a~undo/u1", &[Act::Hang]);
    })
    .play();
    let run = run.tell(undo("a")).with(|script| script.approves("b")).play();
    run.started(&["a", "a~undo/u1"]).states(&[("b", "ready")]);
    let run = run.with(|script| script.settles("a~undo/u1", &[DoubtChoice::Done])).resume().play();
    run.started(&["a", "a~undo/u1", "a~undo/u2", "b"]).ended_well();
}

#[test]
fn the_undo_of_a_step_is_tried_again_while_another_step_is_held() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: a, undo: {run: un-a, effect: idempotent, retry: {times: 2, every: 1s}}}
          - {id: b, run: b}
        ",
    )
    .with(|script| {
        script.fails("b");
        script.acts("a~undo", &[Act::Exit(1), Act::Succeed]);
    })
    .play();
    let run = run.waits_for(&["hold b"]).clone().tell(undo("a")).play();
    run.started(&["a", "b", "a~undo", "a~undo"]).waits_for(&["hold b"]);
    run.states(&[("a~undo", "succeeded"), ("b", "held{exit}")]);
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

/// A group that a paired undo puts back, between two gates.
const PUT_BACK: &str = "
    steps:
      - {id: z, gate: true, run: z}
      - id: g
        steps:
          - id: p
            undo: {run: un-p, paired: true}
            steps: [{id: a, run: a}, {id: b, when: 1 == 2, run: b}]
      - {id: c, gate: true, run: c}
    ";

fn put_back() -> Machine {
    kind_world(PUT_BACK).with(|script| script.leaves("c")).play()
}

#[test]
fn a_group_is_put_back_again_where_something_in_it_was_done_again() {
    let run = put_back().started(&["z", "g/p/a", "g/p~undo"]).clone();
    let run = run.tell(back("g/p/a")).play();
    run.started(&["z", "g/p/a", "g/p~undo", "g/p/a", "g/p~undo"]);
    assert_eq!(run.waits_for(&["gate c"]).replay(), *run.state());
}

#[test]
fn a_group_stays_put_back_where_nothing_in_it_was_done_again() {
    let run = put_back().tell(back("g/p/b")).with(|script| script.approves("c")).play();
    run.started(&["z", "g/p/a", "g/p~undo", "c"]).states(&[("g/p~undo", "succeeded")]).ended_well();
}

#[test]
fn nobody_goes_back_into_a_group_that_was_passed_over() {
    let run = kind_world(PUT_BACK).with(|script| {
        script.leaves("z");
        script.leaves("c");
    });
    let over = Event::StepPassedOver { step: "g".into(), by: by(), reason: reason() };
    let run = run.play().tell(over).with(|script| script.approves("z")).play();
    run.started(&["z"]).waits_for(&["gate c"]);
    run.refuses(&back("g/p/a"), "the group around it was passed over: go back to that");
    run.tell(back("g")).play().started(&["z", "g/p/a", "g/p~undo"]).waits_for(&["gate c"]);
}

#[test]
fn a_step_is_not_done_again_while_it_is_being_taken_back() {
    let run = undoable(|script| {
        script.fails("b");
        script.acts("b~undo", &[Act::Hang]);
    });
    let run = run.waits_for(&["hold b"]).clone().tell(undo("b")).play();
    let (by, reason) = (by(), reason());
    let choice = HoldChoice::Retry;
    let run = run.tell(Event::HoldResolved { step: "b".into(), choice, by, reason }).play();
    run.started(&["a", "b", "b~undo"]);
    let run = run.with(|script| {
        script.acts("b", &[Act::Succeed]);
        script.settles("b~undo", &[DoubtChoice::Done]);
    });
    let run = run.resume().play();
    run.started(&["a", "b", "b~undo", "b"]).waits_for(&["gate c"]);
    assert_eq!(run.state().undoable(run.plan()), ["b", "a"]);
}
