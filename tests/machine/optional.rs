//! Optional steps: the operator decides whether they are needed.

use holdpoint::run::event::{Event, HoldChoice, Outcome};

use crate::harness::machine::{Machine, kind_world};

const BOOK: &str = "
    steps:
      - {id: a, optional: true, gate: true, run: a, outputs: {x: {default: none}}}
      - {id: b, run: 'b ${{ steps.a.outputs.x }}'}
    ";

fn with(is_needed: Option<bool>) -> Machine {
    kind_world(BOOK).with(|script| script.needs("a", is_needed))
}

#[test]
fn what_is_needed_goes_its_way_through_gate_and_action() {
    let run = with(Some(true)).play();
    run.started(&["a", "b"]);
    let gates = run.count(|event| matches!(event, Event::GateApproved { .. }));
    assert_eq!((gates, run.outcome()), (1, Some(Outcome::Succeeded)));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn what_is_declined_is_skipped_and_no_exception_of_the_run() {
    let run = with(Some(false)).play();
    run.started(&["b"]).states(&[("a", "skipped{operator}")]);
    assert_eq!(run.command("b"), "b 'none'");
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn what_nobody_decides_about_waits_and_is_asked_again() {
    let run = with(None).alone().play();
    run.started(&[]).waits_for(&["needed a"]);
    let run = run.with(|script| script.needs("a", Some(false))).resume().play();
    run.started(&["b"]);
}

#[test]
fn a_condition_that_is_false_leaves_nothing_to_decide() {
    let text = BOOK.replace("optional: true,", "optional: true, when: run.id == 'x',");
    let run = kind_world(&text).play();
    run.started(&["b"]).states(&[("a", "skipped{when}")]);
    assert_eq!(run.count(|event| matches!(event, Event::NeedDecided { .. })), 0);
}

#[test]
fn a_phase_is_declined_with_all_that_is_inside() {
    let run = kind_world(
        "
        steps:
          - {id: p, optional: true, steps: [{id: a, run: a}, {id: b, run: b}]}
          - {id: c, run: c}
        ",
    )
    .with(|script| script.needs("p", Some(false)))
    .play();
    run.started(&["c"]).states(&[("p", "skipped{operator}"), ("a", "skipped{operator}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_step_that_is_tried_again_was_needed() {
    let run = kind_world("steps: [{id: a, optional: true, run: a}]")
        .with(|script| {
            script.acts(
                "a",
                &[crate::harness::machine::Act::Exit(1), crate::harness::machine::Act::Succeed],
            );
            script.resolves("a", &[HoldChoice::Retry]);
        })
        .play();
    run.started(&["a", "a"]);
    assert_eq!(run.count(|event| matches!(event, Event::NeedDecided { .. })), 1);
}
