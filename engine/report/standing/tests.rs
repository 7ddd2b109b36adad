//! Where a run stands, on a plan that holds every kind of group.

use chrono::TimeDelta;

use super::*;
use crate::run::event::Skip;
use crate::run::state::Before;
use crate::source::{Problems, Source};

const BOOK: &str = "
holdpoint: 1
id: restore
title: Restore
objectives: {rto: 4h}
steps:
  - {id: look, run: 'true'}
  - id: load
    title: Load the data
    steps:
      - {id: fetch, title: Fetch the dump, estimate: 2m..5m, timeout: 10m, run: 'true'}
      - id: mend
        ladder:
          - {id: quick, run: 'true'}
          - {id: slow, run: 'true'}
      - {id: check, run: 'true', undo: {run: 'true'}}
finally:
  - {id: tell, run: 'true'}
";

fn plan() -> Plan {
    let mut problems = Problems::default();
    let runbook = crate::runbook::read(&Source::new("book.yaml", BOOK), &mut problems);
    crate::plan::build(runbook.unwrap(), &mut problems).unwrap()
}

fn at(seconds: i64) -> Moment {
    Moment::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

/// A run that began at 0 and is among its steps.
fn begun(plan: &Plan) -> RunState {
    let started_at = Some(at(0));
    let operator = "ann".to_owned();
    RunState { started_at, operator, stage: Stage::Steps, ..RunState::new(plan) }
}

fn put(plan: &Plan, state: &mut RunState, path: &str, to: StepState) {
    let index = plan.at_path(path).unwrap();
    let status = &mut state.steps[index];
    if to.is_settled() {
        state.active.remove(&index);
    } else {
        state.active.insert(index);
        status.attempts += 1;
        status.acted_at = Some(at(60));
    }
    status.state = to;
}

#[test]
fn steps_are_counted_without_their_groups_and_undos() {
    let plan = plan();
    let standing = Standing::of(&plan, &begun(&plan));
    assert_eq!((standing.settled, standing.begun, standing.total), (0, 0, 6));
    assert_eq!(standing.place(), "step 1 of 6");
    assert_eq!(standing.next.as_deref(), Some("look"));
    assert_eq!(standing.part, None);
}

#[test]
fn a_run_stands_at_the_step_that_is_under_way() {
    let plan = plan();
    let mut state = begun(&plan);
    put(&plan, &mut state, "look", StepState::Succeeded);
    put(&plan, &mut state, "load", StepState::Running);
    put(&plan, &mut state, "load/fetch", StepState::Running);
    let standing = Standing::of(&plan, &state);
    assert_eq!(standing.place(), "step 2 of 6");
    assert_eq!(standing.part.as_deref(), Some("Load the data"));
    assert_eq!(standing.next.as_deref(), Some("load/mend/quick"));
    let [running] = standing.running.as_slice() else { panic!("{standing:?}") };
    assert_eq!(running.title, "Fetch the dump");
    assert_eq!(running.doing, Doing::Acts { since: at(60) });
}

#[test]
fn a_rung_is_not_next_while_the_one_before_it_is_under_way() {
    let plan = plan();
    let mut state = begun(&plan);
    put(&plan, &mut state, "look", StepState::Skipped(Skip::When));
    put(&plan, &mut state, "load", StepState::Running);
    put(&plan, &mut state, "load/fetch", StepState::Satisfied);
    put(&plan, &mut state, "load/mend", StepState::Running);
    put(&plan, &mut state, "load/mend/quick", StepState::Running);
    let standing = Standing::of(&plan, &state);
    assert_eq!(standing.place(), "step 3 of 6");
    assert_eq!(standing.next.as_deref(), Some("load/check"));
}

#[test]
fn what_is_in_a_settled_group_is_settled() {
    let plan = plan();
    let mut state = begun(&plan);
    put(&plan, &mut state, "look", StepState::Succeeded);
    put(&plan, &mut state, "load", StepState::NotReached);
    let standing = Standing::of(&plan, &state);
    assert_eq!(standing.place(), "step 6 of 6");
    assert_eq!(standing.next.as_deref(), Some("tell"));
    put(&plan, &mut state, "tell", StepState::Succeeded);
    state.stage = Stage::ExitCriteria;
    let standing = Standing::of(&plan, &state);
    assert_eq!(standing.told(at(0)), "6 of 6 steps in exit criteria, RTO 4:00:00 left of 4h");
}

#[test]
fn several_steps_at_a_time_are_told_as_a_range() {
    let plan = plan();
    let mut state = begun(&plan);
    put(&plan, &mut state, "look", StepState::Running);
    put(&plan, &mut state, "load/fetch", StepState::Running);
    let standing = Standing::of(&plan, &state);
    assert_eq!(standing.place(), "steps 1-2 of 6");
    assert_eq!(standing.running.len(), 2);
}

#[test]
fn a_run_that_is_stopped_has_no_next_step() {
    let plan = plan();
    let mut state = begun(&plan);
    state.stop = StopLevel::Drain;
    let standing = Standing::of(&plan, &state);
    assert_eq!(standing.stopping, Some("stopping: nothing new begins"));
    assert_eq!(standing.next, None);
}

#[test]
fn what_a_step_does_is_told_by_its_state() {
    let plan = plan();
    let failure = crate::run::event::Failure::new(crate::run::event::FailureKind::Spawn, "no");
    let cases = [
        (StepState::Verifying, Some("being verified")),
        (StepState::Held(failure.clone()), Some("waits for a person")),
        (StepState::RetryWait(failure), Some("failed, is tried again")),
        (StepState::InDoubt(Doubt::Seeking), Some("being looked for")),
        (StepState::InDoubt(Doubt::Decide { is_certain: true }), Some("waits for a person")),
        (StepState::Ready(Before::Go), None),
    ];
    for (stands, told) in cases {
        let mut state = begun(&plan);
        put(&plan, &mut state, "look", stands.clone());
        let running = Standing::of(&plan, &state).running;
        let found = running.first().map(|it| it.told(at(0)).0);
        assert_eq!(found.as_deref(), told, "{stands:?}");
    }
}

#[test]
fn an_rto_warns_at_a_quarter_and_at_a_tenth() {
    let rto = Rto { since: at(0), promise: Duration::from_secs(4 * 3600) };
    let cases = [
        (0, "RTO 4:00:00 left of 4h", Urgency::Calm),
        (6_357, "RTO 2:14:03 left of 4h", Urgency::Calm),
        (10_800, "! RTO 1:00:00 left of 4h", Urgency::Soon),
        (12_960, "!! RTO only 0:24:00 left of 4h", Urgency::Late),
        (14_400, "!! RTO spent 0:00:00 ago", Urgency::Late),
        (14_590, "!! RTO spent 0:03:10 ago", Urgency::Late),
    ];
    for (passed, told, urgency) in cases {
        assert_eq!(rto.told(at(passed)), (told.to_owned(), urgency));
    }
    assert_eq!(rto.told(at(-60)).0, "RTO 4:00:00 left of 4h", "a clock was set back");
}

#[test]
fn a_step_is_told_against_its_estimate_and_its_timeout() {
    let plan = plan();
    let mut state = begun(&plan);
    put(&plan, &mut state, "load/fetch", StepState::Running);
    let told =
        |state: &RunState, now: i64| Standing::of(&plan, state).running[0].told(at(60 + now));
    assert_eq!(told(&state, 42), ("0:42 of 2m..5m".into(), Urgency::Calm));
    assert_eq!(told(&state, 307), ("5:07 of 2m..5m, 0:07 over its estimate".into(), Urgency::Soon));
    put(&plan, &mut state, "load/fetch", StepState::Running);
    assert_eq!(told(&state, 42).0, "0:42 of 2m..5m, attempt 2");
    assert_eq!(
        told(&state, 590).0,
        "9:50 of 2m..5m, 4:50 over its estimate, attempt 2, times out in 0:10"
    );
    let late = told(&state, 601);
    assert!(late.0.ends_with("attempt 2, past its time-out"), "{}", late.0);
    assert_eq!(late.1, Urgency::Late);
}

#[test]
fn an_incident_is_as_old_as_its_notice() {
    let incident = Incident { id: Some("INC\x1b7".into()), since: at(0) };
    assert_eq!(incident.told(at(1_870)), "incident INC\\x1b7 0:31:10");
}
