//! What a case says besides its action: its own condition, and what its own failure leads to.

use holdpoint::run::event::{HoldChoice, OnFailureGiven, Outcome};

use crate::harness::machine::{Machine, kind_world};

/// A switch that takes `case`, of three; and a step after it.
fn switch(case: &str, beside: &str) -> Machine {
    kind_world(&format!(
        "
        inputs: {{mode: {{default: quick}}, which: {{default: {case}}}}}
        steps:
          - {{id: above, on_failure: continue, run: 'true'}}
          - id: a
            {beside}
            switch: inputs.which
            cases:
              plain: {{run: 'true'}}
              picky: {{when: steps.above.succeeded, on_failure: continue, run: 'true'}}
              phase: {{when: steps.above.succeeded, steps: [{{id: inner, run: 'true'}}]}}
          - {{id: b, run: 'true'}}
        "
    ))
}

#[test]
fn a_case_whose_condition_is_false_skips_the_step_and_all_inside() {
    for case in ["picky", "phase"] {
        let run = switch(case, "").with(|script| script.fails("above")).play();
        run.started(&["above", "b"]);
        run.states(&[("a", "skipped{when}"), ("b", "succeeded")]);
        assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions), "{}", run.tale());
        assert_eq!(run.replay(), *run.state());
    }
    let run = switch("phase", "").with(|script| script.fails("above")).play();
    run.states(&[("a/inner", "skipped{when}")]);
    switch("plain", "").with(|script| script.fails("above")).play().started(&["above", "a", "b"]);
}

#[test]
fn a_case_whose_condition_holds_goes_its_way() {
    switch("picky", "gate: true").play().started(&["above", "a", "b"]);
    switch("phase", "").play().started(&["above", "a/inner", "b"]);
}

#[test]
fn no_gate_is_asked_and_nothing_required_of_a_case_whose_condition_is_false() {
    let beside = "gate: true\n            require: [{probe: {file: /x}}]";
    let run = switch("picky", beside).with(|script| script.fails("above")).play();
    run.started(&["above", "b"]).states(&[("a", "skipped{when}")]);
}

#[test]
fn a_condition_that_cannot_be_decided_holds_the_step_and_is_decided_anew() {
    let run = kind_world(
        "
        inputs: {gone: {optional: true}}
        steps:
          - {id: a, switch: \"'x'\", cases: {x: {when: inputs.gone == 'y', run: 'true'}}}
        ",
    );
    let run = run.with(|script| {
        script.withholds("gone");
        script.resolves("a", &[HoldChoice::Retry, HoldChoice::Skip]);
    });
    let run = run.play();
    run.started(&[]).states(&[("a", "skipped{operator}")]);
    assert_eq!(run.count(|event| matches!(event, holdpoint::run::Event::StepHeld { .. })), 2);
}

#[test]
fn what_a_case_says_about_failures_comes_before_what_stands_around_it() {
    let failing =
        |case: &str, beside: &str| switch(case, beside).with(|script| script.fails("a")).play();
    failing("picky", "on_failure: abort").states(&[("a", "failed{exit} continue")]);
    failing("plain", "on_failure: abort").ended(Outcome::Failed, None);
    failing("plain", "").waits_for(&["hold a"]);
    let run = switch("picky", "").on_failure(OnFailureGiven::Abort);
    let run = run.with(|script| script.fails("a")).play();
    run.states(&[("a", "failed{exit} continue")]).started(&["above", "a", "b"]);
}

#[test]
fn a_case_among_rungs_may_say_that_its_failure_holds() {
    let run = kind_world(
        "
        steps:
          - id: l
            ladder:
              - {id: r, switch: \"'x'\", cases: {x: {on_failure: hold, run: 'true'}}}
              - {id: s, run: 'true'}
        ",
    );
    run.with(|script| script.fails("l/r")).play().started(&["l/r"]).waits_for(&["hold l/r"]);
}

#[test]
fn a_case_may_have_the_terminal_and_waits_for_somebody_to_be_there() {
    let run = kind_world(
        "
        steps:
          - {id: a, switch: \"'x'\", cases: {x: {tty: true, gate: true, run: 'true'}}}
          - {id: b, needs: [], run: 'true'}
        ",
    );
    let run = run.alone().with(|script| script.approves("a")).play();
    run.started(&["b"]).waits_for(&["terminal a"]);
    let run = run.resume().play();
    run.started(&["b"]).waits_for(&["terminal a"]);
    let run = run.resume_as(true).play();
    run.started(&["b", "a"]).ended(Outcome::Succeeded, run.verdict());
    assert_eq!(run.replay(), *run.state());
}
