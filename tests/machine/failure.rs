//! What a failure leads to: hold, fail, continue, abort, and what a person makes of a hold.

use holdpoint::run::event::{Cause, Event, FailureKind, HoldChoice, OnFailureGiven, Outcome};

use crate::harness::machine::{Act, Machine, kind_world};

const THREE: &str = "
    steps:
      - {id: a, run: 'true'}
      - {id: b, run: 'true', verify: [{probe: {file: /x}}]}
      - {id: c, run: 'true'}
    ";

fn held(choices: &[HoldChoice]) -> Machine {
    let run = kind_world(THREE).with(|script| {
        script.acts("b", &[Act::Exit(1), Act::Succeed]);
        script.resolves("b", choices);
    });
    run.play()
}

fn with_key(on_failure: &str) -> Machine {
    let runbook = format!(
        "
        steps:
          - {{id: a, on_failure: {on_failure}, run: 'true'}}
          - {{id: b, run: 'true'}}
        finally: [{{id: tidy, run: 'true'}}]
        "
    );
    kind_world(&runbook).with(|script| script.fails("a"))
}

#[test]
fn a_failed_step_is_held_until_a_person_decides() {
    let run = held(&[]);
    run.started(&["a", "b"]).waits_for(&["hold b"]);
    run.states(&[("a", "succeeded"), ("b", "held{exit}"), ("c", "pending")]);
}

#[test]
fn a_held_step_that_is_retried_begins_again() {
    let run = held(&[HoldChoice::Retry]);
    run.started(&["a", "b", "b", "c"]).states(&[("b", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_held_step_that_is_marked_done_counts_as_succeeded_with_an_exception() {
    let run = held(&[HoldChoice::Done]);
    run.started(&["a", "b", "c"]).states(&[("b", "succeeded"), ("c", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn a_held_step_that_counts_as_failed_lets_nothing_below_be_reached() {
    let run = held(&[HoldChoice::Failed]);
    run.started(&["a", "b"]).states(&[("b", "failed{exit}"), ("c", "not_reached")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn a_held_step_that_is_skipped_lets_the_run_go_on_with_an_exception() {
    let run = held(&[HoldChoice::Skip]);
    run.started(&["a", "b", "c"]).states(&[("b", "skipped{operator}"), ("c", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn a_held_step_at_which_the_run_is_aborted_ends_it() {
    let run = held(&[HoldChoice::Abort]);
    run.started(&["a", "b"]).states(&[("a", "succeeded"), ("c", "not_reached")]);
    run.ended(Outcome::Aborted, None);
    assert!(matches!(run.cause(), Some(Cause::Person { .. })));
}

#[test]
fn a_step_that_was_held_when_the_run_was_aborted_has_failed() {
    held(&[HoldChoice::Abort]).states(&[("b", "failed{exit}")]);
}

#[test]
fn a_hold_that_nobody_resolves_parks_the_run_and_its_closing_steps_wait() {
    with_key("hold").alone().play().started(&["a"]).waits_for(&["hold a"]);
}

#[test]
fn on_failure_fail_leaves_what_is_below_unreached() {
    let run = with_key("fail").play();
    run.started(&["a", "tidy"]).states(&[("a", "failed{exit}"), ("b", "not_reached")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn on_failure_continue_goes_on_with_an_exception() {
    let run = with_key("continue").play();
    run.started(&["a", "b", "tidy"]).states(&[("a", "failed{exit} continue"), ("b", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn on_failure_abort_ends_the_run_as_failed() {
    let run = with_key("abort").play();
    run.started(&["a", "tidy"]).states(&[("a", "failed{exit}"), ("b", "not_reached")]);
    run.ended(Outcome::Failed, None);
    assert_eq!(run.cause(), Some(&Cause::Step { step: "a".into() }));
}

#[test]
fn every_kind_of_failure_of_an_action_follows_the_key() {
    for kind in [
        FailureKind::Exit,
        FailureKind::Timeout,
        FailureKind::Signal,
        FailureKind::Spawn,
        FailureKind::Expect,
    ] {
        let run = with_key("continue").with(|script| script.acts("a", &[Act::Fail(kind)])).play();
        run.started(&["a", "b", "tidy"]);
        let run = with_key("hold").with(|script| script.acts("a", &[Act::Fail(kind)])).play();
        run.waits_for(&["hold a"]);
    }
}

#[test]
fn the_flag_replaces_the_default_of_the_runbook_and_no_key_of_a_step() {
    let runbook = |default: &str| {
        format!(
            "
            {default}
            steps:
              - {{id: a, needs: [], run: 'true'}}
              - {{id: b, needs: [], on_failure: continue, run: 'true'}}
            "
        )
    };
    let fails = |run: Machine| {
        run.with(|script| {
            script.fails("a");
            script.fails("b");
        })
    };
    let abort = OnFailureGiven::Abort;
    for default in ["", "defaults: {on_failure: continue}"] {
        let run = fails(kind_world(&runbook(default))).on_failure(abort).play();
        run.states(&[("a", "failed{exit}"), ("b", "failed{exit} continue")]);
        run.ended(Outcome::Failed, None);
    }
    let run = fails(kind_world(&runbook("defaults: {on_failure: abort}")));
    run.on_failure(OnFailureGiven::Hold).play().waits_for(&["hold a"]);
    let run = fails(kind_world(&runbook("defaults: {on_failure: continue}"))).play();
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn neither_the_flag_nor_the_default_reaches_into_a_rung() {
    let run = kind_world(
        "
        defaults: {on_failure: abort}
        steps:
          - id: l
            ladder:
              - {id: r, steps: [{id: p, steps: [{id: a, run: 'true'}]}]}
              - {id: s, run: 'true'}
        ",
    );
    let run = run.on_failure(OnFailureGiven::Abort).with(|script| script.fails("l/r/p/a")).play();
    run.started(&["l/r/p/a", "l/s"]);
    run.states(&[("a", "failed{exit}"), ("p", "failed{inner}"), ("r", "failed{inner}")]);
    run.states(&[("s", "succeeded"), ("l", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn while_a_step_is_held_what_runs_is_let_finish_and_nothing_starts() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], run: 'true'}
          - {id: b, needs: [], run: 'true', verify: [{probe: {file: /x}}]}
          - {id: c, needs: [b], run: 'true'}
          - {id: free, needs: [], run: 'true'}
        ",
    );
    let run = run.parallel(2).with(|script| script.fails("a")).play();
    run.started(&["a", "b"]).waits_for(&["hold a"]);
    run.states(&[("b", "succeeded"), ("c", "pending"), ("free", "pending")]);
    let run = run.with(|script| script.resolves("a", &[HoldChoice::Failed]));
    let run = run.resume().play();
    run.started(&["a", "b", "c", "free"]);
}

#[test]
fn a_step_that_is_being_looked_at_does_not_start_while_another_is_held() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], run: 'true'}
          - {id: b, needs: [], require: [{probe: {file: /x}}], run: 'true'}
        ",
    );
    let run = run.with(|script| script.fails("a")).play();
    run.started(&["a"]).waits_for(&["hold a"]);
}

#[test]
fn two_steps_may_be_held_at_a_time() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], run: 'true'}
          - {id: b, needs: [], run: 'true'}
        ",
    );
    let run = run.with(|script| {
        script.fails("a");
        script.fails("b");
    });
    let run = run.play();
    run.waits_for(&["hold a", "hold b"]);
    let run = run.with(|script| {
        script.resolves("a", &[HoldChoice::Done]);
        script.resolves("b", &[HoldChoice::Skip]);
    });
    let run = run.resume().play();
    run.states(&[("a", "succeeded"), ("b", "skipped{operator}")]);
}

#[test]
fn an_abort_lets_what_runs_finish_and_tells_how_it_went() {
    let runbook = "
        steps:
          - {id: a, needs: [], on_failure: abort, run: 'true'}
          - {id: b, needs: [], run: 'true', verify: [{probe: {file: /x}}]}
          - {id: c, needs: [], on_failure: continue, run: 'true'}
          - {id: d, needs: [a, b, c], run: 'true'}
        finally: [{id: tidy, run: 'true'}]
        ";
    let run = kind_world(runbook).with(|script| {
        script.fails("a");
        script.acts("b", &[Act::Hang]);
        script.acts("c", &[Act::Hang]);
    });
    let run = run.play();
    assert_eq!(run.outcome(), None);
    let run = run.with(|script| {
        script.acts("b", &[Act::Succeed]);
        script.fails("c");
    });
    let run = run.play();
    run.started(&["a", "b", "c", "tidy"]);
    run.states(&[("a", "failed{exit}"), ("b", "succeeded"), ("d", "not_reached")]);
    run.states(&[("c", "failed{exit} continue")]).ended(Outcome::Failed, None);
}

#[test]
fn a_phase_fails_with_what_is_inside_and_is_not_asked_about_again() {
    let run = kind_world(
        "
        steps:
          - {id: p, steps: [{id: a, run: 'true'}, {id: b, run: 'true'}]}
          - {id: c, run: 'true'}
        ",
    );
    let run = run.with(|script| {
        script.fails("p/a");
        script.resolves("p/a", &[HoldChoice::Failed]);
    });
    let run = run.play();
    run.states(&[("a", "failed{exit}"), ("b", "not_reached"), ("p", "failed{inner}")]);
    run.states(&[("c", "not_reached")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn a_phase_may_fail_and_the_run_go_on() {
    let run = kind_world(
        "
        steps:
          - {id: p, on_failure: continue, steps: [{id: a, on_failure: fail, run: 'true'}]}
          - {id: c, run: 'true'}
        ",
    );
    let run = run.with(|script| script.fails("p/a")).play();
    run.started(&["p/a", "c"]).states(&[("p", "failed{inner} continue"), ("c", "succeeded")]);
}

#[test]
fn a_step_inside_a_phase_that_fails_with_continue_does_not_fail_the_phase() {
    let run = kind_world(
        "
        steps:
          - {id: p, steps: [{id: a, on_failure: continue, run: 'true'}, {id: b, run: 'true'}]}
        ",
    );
    let run = run.with(|script| script.fails("p/a")).play();
    run.started(&["p/a", "p/b"]).states(&[("p", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn a_message_that_fails_never_holds_a_run() {
    let run = kind_world(
        "
        steps:
          - {id: a, notify: {template: start}}
          - {id: b, run: 'true'}
        ",
    );
    let run = run.with(|script| script.acts("a", &[Act::Fail(FailureKind::Spawn)])).play();
    run.started(&["a", "b"]).states(&[("a", "failed{spawn} continue")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn a_retry_asks_the_gate_again_and_looks_again() {
    let run = kind_world(
        "
        steps:
          - {id: a, require: [{probe: {file: /x}}], done_when: {file: /y}, gate: true, run: 'true'}
        ",
    );
    let run = run.with(|script| {
        script.acts("a", &[Act::Exit(1), Act::Succeed]);
        script.resolves("a", &[HoldChoice::Retry]);
    });
    let run = run.play();
    run.started(&["a", "a"]).states(&[("a", "succeeded")]);
    assert_eq!(run.count(|event| matches!(event, Event::GateApproved { .. })), 2);
}

#[test]
fn a_phase_that_is_retried_begins_all_inside_again() {
    let run = kind_world(
        "
        steps:
          - id: p
            verify: [{probe: {file: /x}}]
            steps:
              - {id: a, run: 'true'}
              - {id: q, needs: [], steps: [{id: b, run: 'true'}, {id: c, run: 'true'}]}
          - {id: d, run: 'true'}
        ",
    );
    let run = run.with(|script| {
        script.sees(
            "p verify",
            &[holdpoint::run::event::Sight::Fails, holdpoint::run::event::Sight::Holds],
        );
        script.resolves("p", &[HoldChoice::Retry]);
    });
    let run = run.parallel(1).play();
    run.started(&["p/a", "p/q/b", "p/q/c", "p/a", "p/q/b", "p/q/c", "d"]);
    run.states(&[("p", "succeeded"), ("q", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}
