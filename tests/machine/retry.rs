//! Retries: an action that failed is tried again by itself, after a pause, so many times.

use holdpoint::run::event::{
    DoubtChoice, Event, FailureKind, HoldChoice, Outcome, Sight, Timer, TimerKind,
};

use crate::harness::machine::{Act, Machine, kind_world, kind_world_with, planned};

fn with_retry(retry: &str, more: &str) -> Machine {
    kind_world(&format!(
        "
        steps:
          - {{id: a, effect: idempotent, retry: {retry}, {more} run: 'true'}}
          - {{id: b, run: 'true'}}
        "
    ))
}

/// The pauses before the attempts that a step made by itself, in seconds.
fn pauses(run: &Machine) -> Vec<i64> {
    let moments = run.moments();
    let mut found = Vec::new();
    for (before, event) in moments.iter().zip(run.events().iter().skip(1)) {
        if let Event::TimerSet { due, .. } = event {
            found.push((*due - *before).num_seconds());
        }
    }
    found
}

#[test]
fn an_action_is_tried_again_as_often_as_is_said() {
    let run = with_retry("{times: 2, every: 10s}", "on_failure: continue,");
    let run = run.with(|script| script.fails("a")).play();
    run.started(&["a", "a", "a", "b"]).states(&[("a", "failed{exit} continue")]);
    assert_eq!(pauses(&run), [10, 10]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn an_attempt_that_succeeds_leaves_no_exception() {
    let run = with_retry("{times: 5}", "");
    let run = run.with(|it| it.acts("a", &[Act::Exit(1), Act::Exit(1), Act::Succeed])).play();
    run.started(&["a", "a", "a", "b"]).states(&[("a", "succeeded")]);
    assert_eq!(pauses(&run), [2, 2], "the pause when nothing is said");
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn pauses_grow_up_to_the_longest() {
    let run = with_retry("{times: 5, every: 3s, backoff: exponential, max: 10s}", "");
    let run = run.with(|script| script.fails("a")).play();
    run.waits_for(&["hold a"]);
    assert_eq!(pauses(&run), [3, 6, 10, 10, 10]);
}

#[test]
fn every_failure_of_the_attempt_is_tried_again_and_no_other() {
    use FailureKind::{Exit, Expect, Signal, Spawn, Stopped, Timeout, Unseen};
    for kind in [Exit, Expect, Timeout, Signal, Spawn] {
        let run = with_retry("{times: 1}", "");
        run.with(|it| it.acts("a", &[Act::Fail(kind), Act::Succeed]))
            .play()
            .started(&["a", "a", "b"]);
    }
    for kind in [Unseen, Stopped] {
        let run = with_retry("{times: 1}", "");
        run.with(|it| it.acts("a", &[Act::Fail(kind)])).play().started(&["a"]);
    }
    let run = with_retry("{times: 1}", "verify: [{probe: {file: /x}}],");
    run.with(|it| it.sees("a verify", &[Sight::Fails])).play().started(&["a"]);
    let run = with_retry("{times: 1}", "require: [{probe: {file: /x}}],");
    run.with(|it| it.sees("a require", &[Sight::Fails])).play().started(&[]);
    let run = with_retry("{times: 1}", "gate: true,");
    run.with(|it| it.rejects("a")).play().started(&[]).waits_for(&["hold a"]);
}

#[test]
fn what_stands_before_the_action_is_asked_and_looked_at_once() {
    let more = "gate: true, require: [{probe: {file: /x}}], done_when: {file: /y}, \
                verify: [{probe: {file: /z}}],";
    let run = with_retry("{times: 3}", more);
    let run = run.with(|script| {
        script.acts("a", &[Act::Exit(1), Act::Exit(1), Act::Succeed]);
        script.sees("a done_when", &[Sight::Fails, Sight::Fails, Sight::Holds]);
    });
    let run = run.play();
    run.started(&["a", "a", "a", "b"]).states(&[("a", "succeeded")]);
    let looks = |event: &Event| matches!(event, Event::CheckObserved { .. });
    assert_eq!(run.count(looks), 5, "before and after the gate, and afterwards: {}", run.tale());
    assert_eq!(run.count(|event| matches!(event, Event::GateApproved { .. })), 1);
}

#[test]
fn what_is_done_once_is_tried_again_only_after_the_codes_that_are_named() {
    let once = |acts: &[Act]| {
        let run =
            kind_world("steps: [{id: a, retry: {times: 3, on_exit: [75, 111]}, run: 'true'}]");
        run.with(|script| script.acts("a", acts)).play()
    };
    once(&[Act::Exit(75), Act::Exit(111), Act::Succeed]).started(&["a", "a", "a"]);
    once(&[Act::Exit(75), Act::Exit(1)]).started(&["a", "a"]).waits_for(&["hold a"]);
    for kind in [FailureKind::Timeout, FailureKind::Signal, FailureKind::Spawn] {
        once(&[Act::Fail(kind)]).started(&["a"]).waits_for(&["hold a"]);
    }
}

#[test]
fn the_runbooks_retry_is_for_every_action_that_may_have_it() {
    let run = kind_world(
        "
        defaults: {on_failure: continue, retry: {times: 1}}
        steps:
          - {id: once, run: 'true'}
          - {id: read, effect: read, run: 'true'}
          - {id: look, probe: {file: /x}}
          - {id: own, effect: read, retry: {times: 2}, run: 'true'}
          - {id: never, effect: read, retry: {times: 0}, run: 'true'}
          - {id: tell, notify: {template: start}}
          - {id: choose, switch: \"'x'\", cases: {x: {effect: idempotent, run: 'true'}}}
        ",
    );
    let all = ["once", "read", "look", "own", "never", "tell", "choose"];
    let run = run.with(|script| all.iter().for_each(|step| script.fails(step))).play();
    run.started(&[
        "once", "read", "read", "look", "look", "own", "own", "own", "never", "tell", "choose",
        "choose",
    ]);
}

#[test]
fn a_persons_retry_begins_a_new_series() {
    let run = with_retry("{times: 1}", "").with(|script| {
        script.acts("a", &[Act::Exit(1), Act::Exit(1), Act::Exit(1), Act::Succeed]);
        script.resolves("a", &[HoldChoice::Retry]);
    });
    run.play().started(&["a", "a", "a", "a", "b"]).states(&[("a", "succeeded")]);
}

#[test]
fn while_a_step_waits_to_be_tried_again_others_take_its_place() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], effect: read, retry: {times: 1}, run: 'true'}
          - {id: b, needs: [], run: 'true'}
          - {id: c, needs: [], run: 'true'}
        ",
    );
    let run = run.parallel(1).with(|script| {
        script.acts("a", &[Act::Exit(1), Act::Succeed]);
        script.lets_time_stand("a");
    });
    let run = run.play();
    run.started(&["a", "b", "c"]).states(&[("a", "retry_wait"), ("c", "succeeded")]);
    assert_eq!(run.outcome(), None);
}

#[test]
fn while_a_step_is_held_no_attempt_begins_and_the_run_parks() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], effect: read, retry: {times: 1}, run: 'true'}
          - {id: b, needs: [], run: 'true'}
        ",
    );
    let run = run.alone().with(|script| {
        script.acts("a", &[Act::Exit(1), Act::Succeed]);
        script.fails("b");
    });
    let run = run.play();
    run.started(&["a", "b"]).states(&[("a", "retry_wait")]).waits_for(&["hold b"]);
    let run = run.with(|script| script.resolves("b", &[HoldChoice::Done])).resume().play();
    run.started(&["a", "b", "a"]).states(&[("a", "succeeded")]);
}

#[test]
fn a_stop_leaves_the_wait_open_and_a_resume_goes_on_with_its_moment() {
    let run = with_retry("{times: 2, every: 1h}", "").with(|script| {
        script.acts("a", &[Act::Exit(1), Act::Succeed]);
        script.lets_time_stand("a");
    });
    let run = run.play();
    run.states(&[("a", "retry_wait")]);
    assert_eq!(run.count(|event| matches!(event, Event::Parked { .. })), 0);
    let run = run.stop().play();
    assert_eq!(run.count(|event| matches!(event, Event::Parked { .. })), 1);
    let timer = Timer { step: "a".into(), kind: TimerKind::Retry };
    let due = run.state().timers.due(&timer);
    assert!(due.is_some());

    let run = run.resume();
    assert_eq!(run.state().timers.due(&timer), due);
    let run = run.with(|script| script.lets_time_pass("a")).play();
    run.started(&["a", "a", "b"]);
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_failure_while_the_run_is_being_stopped_waits_for_its_next_attempt() {
    let run = with_retry("{times: 2}", "").with(|script| script.acts("a", &[Act::Hang]));
    let run = run.play().stop().with(|script| script.acts("a", &[Act::Exit(1), Act::Succeed]));
    let run = run.play();
    run.started(&["a"]).states(&[("a", "retry_wait")]);
    run.resume().play().started(&["a", "a", "b"]);
}

#[test]
fn a_crash_in_a_later_attempt_does_not_count_the_attempts_anew() {
    let run = with_retry("{times: 2}", "").with(|script| {
        script.acts("a", &[Act::Exit(1), Act::Hang, Act::Exit(1), Act::Exit(1)]);
    });
    let run = run.play().resume().play();
    run.started(&["a", "a", "a", "a"]).waits_for(&["hold a"]);
    let run = with_retry("{times: 2}", "destructive: true,").with(|script| {
        script.acts("a", &[Act::Exit(1), Act::Hang, Act::Exit(1)]);
        script.settles("a", &[DoubtChoice::Rerun]);
    });
    let run = run.play().resume().play();
    run.started(&["a", "a", "a", "a", "a"]).waits_for(&["hold a"]);
}

#[test]
fn a_run_that_ends_early_does_not_wait_for_another_attempt() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], effect: read, retry: {times: 1, every: 1h}, run: 'true'}
          - {id: b, needs: [], on_failure: abort, run: 'true'}
        ",
    );
    let run = run.with(|script| {
        script.fails("a");
        script.fails("b");
    });
    let run = run.play();
    run.started(&["a", "b"]).states(&[("a", "failed{exit}"), ("b", "failed{exit}")]);
    run.ended(Outcome::Failed, None);
}

#[test]
fn in_a_rung_the_next_rung_waits_for_the_last_attempt() {
    let run = kind_world(
        "
        steps:
          - id: l
            ladder:
              - {id: r, effect: idempotent, retry: {times: 2}, run: 'true'}
              - {id: s, run: 'true'}
        ",
    );
    let run = run.with(|script| script.fails("l/r")).play();
    run.started(&["l/r", "l/r", "l/r", "l/s"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn each_item_is_tried_again_for_itself() {
    let run = kind_world(
        "
        inputs: {hosts: {type: list, default: [a, b]}}
        steps:
          - {id: do, each: {in: inputs.hosts}, effect: read, retry: {times: 1}, run: 'do ${{ item }}'}
        ",
    );
    let run = run.with(|script| {
        script.acts("do/1", &[Act::Exit(1), Act::Succeed]);
        script.acts("do/2", &[Act::Exit(1), Act::Succeed]);
    });
    run.play().started(&["do/1", "do/1", "do/2", "do/2"]).states(&[("do", "succeeded")]);
}

#[test]
fn the_closing_steps_of_an_included_runbook_are_tried_again_though_the_run_is_ending() {
    let outer = "
        defaults: {retry: {times: 9}}
        steps:
          - {id: inner, include: inner.yaml}
        ";
    let inner = "
        defaults: {retry: {times: 1}}
        steps:
          - {id: a, needs: [], effect: read, run: 'true'}
          - {id: b, needs: [], on_failure: abort, run: 'true'}
        finally: [{id: tidy, effect: idempotent, run: 'true'}]
        ";
    let run = kind_world_with(outer, &[("inner.yaml", inner)]).with(|script| {
        script.fails("inner/a");
        script.fails("inner/b");
        script.acts("inner/tidy", &[Act::Exit(1), Act::Succeed]);
    });
    let run = run.play();
    run.started(&["inner/a", "inner/b", "inner/tidy", "inner/tidy"]);
    run.states(&[("inner/a", "failed{exit}"), ("inner/tidy", "succeeded")]);
    run.ended(Outcome::Failed, None);
}

#[test]
fn a_retry_that_may_not_be_is_refused_where_it_stands() {
    let refused = |step: &str, message: &str| {
        let problem = planned(&format!("steps: [{{id: a, {step}}}]")).err().unwrap_or_default();
        assert_eq!(problem.lines().next(), Some(message), "{step}");
    };
    let once = "an action of effect `once` is tried again only after exit codes that are known";
    refused("retry: {times: 1}, run: 'true'", once);
    refused("effect: once, retry: {times: 1}, probe: {file: /x}", once);
    refused("retry: {times: 1}, switch: \"'x'\", cases: {x: {run: x}, y: {run: y}}", once);
    let not_here = "this cannot be tried again by itself";
    refused("retry: {times: 1}, steps: [{id: b, run: 'true'}]", not_here);
    refused("retry: {times: 1}, gate: true", not_here);
    refused("retry: {times: 1}, notify: {template: start}", not_here);
    refused("retry: {times: 1, on_exit: 1}, probe: {file: /x}", "only a command has exit codes");
    refused("retry: {}, run: 'true'", "`retry` needs `times`");
    refused("retry: {times: -1}, run: 'true'", "`times` must be from 0 to 1000");
    refused("retry: {times: 1, on_exit: [300]}, run: x", "an exit code must be from 0 to 255");
    refused(
        "retry: {times: 1, on_exit: []}, run: x",
        "`on_exit` names no exit code, so nothing would be tried again",
    );
    refused(
        "retry: {times: 1, on_exit: 1, max: 5s}, run: x",
        "pauses that do not grow need no `max`",
    );
    refused(
        "retry: {times: 1, on_exit: 1, every: 9s, backoff: exponential, max: 5s}, run: x",
        "`max` is shorter than the first pause",
    );
}
