//! Waits and watches: how long they still take, what a break means, and what a crash changes.

use holdpoint::run::event::{Event, FailureKind, HoldChoice, Moment, Outcome, Sight, WatchSeen};
use holdpoint::run::state::Watched;
use holdpoint::run::{Effect, Task};

use super::legality::refused;
use crate::harness::machine::{Act, Machine, kind_world};

/// A run whose first step is under way.
fn under_way(step: &str) -> Machine {
    let text = format!("steps: [{{id: a, {step}}}, {{id: b, run: 'true'}}]");
    kind_world(&text).with(|script| script.acts("a", &[Act::Hang])).play()
}

/// When the action that is under way is over.
#[track_caller]
fn until(run: &Machine) -> Option<Moment> {
    let tasks = run.under_way().iter().filter_map(|effect| match effect {
        Effect::Execute(execution) => Some(&execution.task),
        _ => None,
    });
    match tasks.collect::<Vec<_>>().as_slice() {
        [Task::Wait { until, .. }] => *until,
        [Task::Watch { until, .. }] => Some(*until),
        other => panic!("one wait should be under way: {other:?}"),
    }
}

fn seen_before(run: &Machine) -> Watched {
    let seen = run.under_way().iter().find_map(|effect| match effect {
        Effect::Execute(execution) => match &execution.task {
            Task::Watch { before, .. } => Some(*before),
            _ => None,
        },
        _ => None,
    });
    seen.expect("a watch is under way")
}

/// How long after the first start of the step, in seconds.
fn lasts(run: &Machine) -> Option<i64> {
    let is_start = |event: &Event| matches!(event, Event::StepStarted { .. });
    let place = run.events().iter().position(is_start).expect("it has begun");
    // It counts from the moment of the decision, one event before.
    until(run).map(|until| (until - run.moments()[place - 1]).num_seconds())
}

fn sight(sight: Sight) -> Event {
    Event::WatchSeen(WatchSeen { step: "a".into(), attempt: 1, sight, detail: "seen".into() })
}

#[test]
fn a_wait_lasts_as_long_as_is_said_or_until_its_probe_holds() {
    assert_eq!(lasts(&under_way("wait: 10m")), Some(600));
    assert_eq!(lasts(&under_way("wait: {until: {file: /x, within: 5m}}")), Some(300));
    assert_eq!(until(&under_way("wait: {until: {file: /x}}")), None, "there is no limit");
    assert_eq!(lasts(&under_way("watch: {for: 1h, probe: {file: /x}}")), Some(3600));
}

#[test]
fn a_step_that_waits_is_begun_again_after_a_crash_for_the_time_that_is_left() {
    for step in [
        "wait: 10m",
        "wait: {until: {file: /x, within: 10m}}",
        "watch: {for: 10m, probe: {file: /x}}",
    ] {
        let run = under_way(step);
        let first = run.moments()[run.events().len() - 1];
        let run = run.resume().play();
        run.started(&["a", "a"]).states(&[("a", "running")]);
        let due = until(&run).expect("it ends");
        assert_eq!((due - first).num_seconds(), 600, "{}", run.tale());
        let run = run.resume().play();
        assert_eq!(until(&run), Some(due), "the third attempt ends as the second");
        assert_eq!(run.replay(), *run.state());
    }
}

#[test]
fn a_person_who_tries_it_again_waits_the_whole_time_again() {
    let run = kind_world("steps: [{id: a, wait: {until: {file: /x, within: 10m}}}]");
    let run = run.with(|script| {
        script.acts("a", &[Act::Fail(FailureKind::Timeout), Act::Hang]);
        script.resolves("a", &[HoldChoice::Retry]);
    });
    let run = run.play();
    run.started(&["a", "a"]);
    let due = until(&run).expect("it ends");
    let begun = run.moments()[run.events().len() - 2];
    assert_eq!((due - begun).num_seconds(), 600, "{}", run.tale());
}

#[test]
fn a_wait_in_vain_follows_on_failure() {
    let run = kind_world(
        "steps: [{id: a, on_failure: continue, wait: {until: {file: /x, within: 1s}}}, \
         {id: b, run: 'true'}]",
    );
    let run = run.with(|it| it.acts("a", &[Act::Fail(FailureKind::Timeout)])).play();
    run.started(&["a", "b"]).states(&[("a", "failed{timeout} continue")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn what_was_seen_before_a_crash_counts_and_a_break_counts_once() {
    let run = under_way("watch: {for: 1h, probe: {file: /x}, on_break: record}");
    assert_eq!(seen_before(&run), Watched::default());
    let run = run.tell(sight(Sight::Fails)).tell(sight(Sight::Unseen)).tell(sight(Sight::Holds));
    let run = run.tell(sight(Sight::Unseen)).resume().play();
    run.started(&["a", "a"]);
    assert_eq!(seen_before(&run), Watched { sight: Some(Sight::Unseen), breaks: 2 });
    let late = sight(Sight::Holds);
    refused(&run, &[late]);
}

#[test]
fn what_a_break_leads_to_is_what_on_break_says() {
    let broken = |on_break: &str, kind, on_failure: &str| {
        let run = kind_world(&format!(
            "steps: [{{id: a, on_failure: {on_failure}, \
             watch: {{for: 1h, probe: {{file: /x}}, on_break: {on_break}}}}}, \
             {{id: b, run: 'true'}}]"
        ));
        run.with(|script| script.acts("a", &[Act::Fail(kind)])).play()
    };
    use FailureKind::{Expect, Unseen};
    broken("hold", Expect, "continue").waits_for(&["hold a"]).states(&[("a", "held{expect}")]);
    broken("hold", Unseen, "continue").waits_for(&["hold a"]).states(&[("a", "held{unseen}")]);
    broken("fail", Expect, "continue").states(&[("a", "failed{expect} continue")]);
    broken("fail", Unseen, "continue").waits_for(&["hold a"]).states(&[("a", "held{unseen}")]);
    broken("fail", Expect, "abort").ended(Outcome::Failed, None);
}

#[test]
fn neither_is_tried_again_by_itself() {
    let run = kind_world(
        "
        defaults: {retry: {times: 3}, on_failure: continue}
        steps:
          - {id: a, wait: {until: {file: /x, within: 1s}}}
          - {id: b, watch: {for: 1s, probe: {file: /x}, on_break: fail}}
        ",
    );
    let run = run.with(|script| {
        script.acts("a", &[Act::Fail(FailureKind::Timeout)]);
        script.acts("b", &[Act::Fail(FailureKind::Expect)]);
    });
    run.play().started(&["a", "b"]);
    for action in ["wait: 1s", "watch: {for: 1s, probe: {file: /x}}"] {
        let text = format!("steps: [{{id: a, retry: {{times: 1}}, {action}}}]");
        let refused = crate::harness::machine::planned(&text).err().unwrap_or_default();
        assert!(refused.contains("this cannot be tried again by itself"), "{refused}");
    }
}
