//! An event that cannot happen is refused, so that it never reaches a journal.

use holdpoint::run::event::{
    CheckRef, End, Event, Failure, FailureKind, HoldChoice, Outcome, Purpose, Sight, Skip, Stage,
    StepEnded, Then,
};

use crate::harness::machine::{Act, Machine, kind_world};

const BOOK: &str = "
    steps:
      - {id: a, run: 'true', verify: [{probe: {file: /x}}]}
      - {id: p, steps: [{id: b, run: 'true'}, {id: c, run: 'true'}]}
    ";

/// `a` runs, nothing else has begun.
fn running() -> Machine {
    kind_world(BOOK).with(|script| script.acts("a", &[Act::Hang])).play()
}

fn failure() -> Failure {
    Failure::new(FailureKind::Exit, "it exited 1")
}

pub(super) fn ended(step: &str, attempt: u32) -> Event {
    let ended = StepEnded::new(step, attempt, End::Exited { code: 0 });
    Event::StepEnded(Box::new(StepEnded { took_ms: 1, ..ended }))
}

fn started(step: &str, attempt: u32) -> Event {
    let (step, command, digest) = (step.into(), "true".into(), String::new());
    Event::StepStarted { step, attempt, command, digest }
}

fn looked(step: &str, purpose: Purpose, index: usize) -> Event {
    let check = CheckRef { step: Some(step.into()), purpose, index };
    Event::CheckObserved {
        check,
        sight: Sight::Holds,
        detail: String::new(),
        took_ms: 1,
        is_assumed: false,
    }
}

fn is_refused(run: &Machine, event: &Event) -> bool {
    let mut state = run.state().clone();
    let at = state.last_at.expect("something has happened");
    let is_refused = state.apply(run.plan(), at, event).is_err();
    assert!(
        !is_refused || state == *run.state(),
        "refused, and yet it changed something: {event:?}"
    );
    is_refused
}

#[track_caller]
pub(super) fn refused(run: &Machine, events: &[Event]) {
    let taken: Vec<&Event> = events.iter().filter(|event| !is_refused(run, event)).collect();
    assert!(taken.is_empty(), "these were taken: {taken:#?}");
}

#[test]
fn what_has_no_step_or_the_wrong_attempt_is_refused() {
    let run = running();
    refused(
        &run,
        &[
            started("nowhere", 1),
            started("p/b", 2),
            ended("a", 2),
            ended("p/b", 1),
            Event::StepSucceeded { step: "nowhere".into() },
        ],
    );
}

#[test]
fn a_step_that_runs_cannot_start_again() {
    refused(&running(), &[started("a", 2)]);
}

#[test]
fn a_step_whose_turn_has_not_come_cannot_begin() {
    let step = || "p/b".to_owned();
    refused(
        &running(),
        &[
            started("p/b", 1),
            Event::StepSucceeded { step: step() },
            Event::StepFailed { step: step(), failure: failure(), then: Then::Fail },
            Event::StepHeld { step: step(), failure: failure() },
            Event::StepSatisfied { step: step() },
            Event::StepNotReached { step: step() },
            Event::StepSkipped { step: step(), why: Skip::NotNeeded },
            Event::GroupEntered { step: "p".into() },
        ],
    );
}

#[test]
fn a_step_that_runs_cannot_be_passed_over() {
    let step = || "a".to_owned();
    refused(
        &running(),
        &[
            Event::StepSkipped { step: step(), why: Skip::When },
            Event::StepNotReached { step: step() },
            Event::StepSatisfied { step: step() },
            Event::StepSucceeded { step: step() },
            Event::StepHeld { step: step(), failure: failure() },
            Event::StepFailed { step: step(), failure: failure(), then: Then::Fail },
            Event::GroupEntered { step: step() },
        ],
    );
}

#[test]
fn what_is_settled_stays_as_it_is() {
    let run = kind_world(BOOK).with(|script| script.acts("p/b", &[Act::Hang])).play();
    let step = || "a".to_owned();
    let (by, reason) = (|| "ada".to_owned(), || "because".to_owned());
    refused(
        &run,
        &[
            started("a", 2),
            ended("a", 1),
            Event::StepSkipped { step: step(), why: Skip::Operator },
            Event::StepNotReached { step: step() },
            Event::StepFailed { step: step(), failure: failure(), then: Then::Fail },
            Event::StepHeld { step: step(), failure: failure() },
            Event::HoldResolved {
                step: step(),
                choice: HoldChoice::Retry,
                by: by(),
                reason: reason(),
            },
            looked("a", Purpose::Verify, 1),
            Event::GroupEntered { step: "p".into() },
        ],
    );
}

#[test]
fn a_look_is_told_of_only_when_it_was_begun() {
    let run = kind_world(BOOK).with(|script| script.stares("a verify")).play();
    refused(
        &run,
        &[
            looked("a", Purpose::Require, 0),
            looked("a", Purpose::Verify, 1),
            looked("p", Purpose::Verify, 0),
        ],
    );
    assert!(!is_refused(&run, &looked("a", Purpose::Verify, 0)));
}

#[test]
fn a_run_cannot_end_or_leap_while_steps_are_open() {
    let (verdict, cause) = (None, None);
    refused(
        &running(),
        &[
            Event::RunEnded { outcome: Outcome::Succeeded, as_if: None, verdict, cause },
            Event::StageEntered { stage: Stage::Finally },
            Event::StageEntered { stage: Stage::ExitCriteria },
            Event::StageEntered { stage: Stage::Steps },
        ],
    );
}

#[test]
fn nothing_happens_after_the_end() {
    let run = kind_world(BOOK).play();
    let waiting_for = Vec::new();
    refused(&run, &[Event::Parked { waiting_for }, ended("a", 1), started("a", 2)]);
}
