//! A file in the inbox of a run: any bytes are a letter or none, and whatever a letter wants and
//! however the run stands, it is heeded or refused with a reason, and counts once.
//!
//! The first byte says where the run stands; the rest is the file.

use std::sync::LazyLock;

use holdpoint::plan::Plan;
use holdpoint::run::event::{
    Event, Failure, FailureKind, GateQuestion, Letter, Moment, Question, RunStarted, Wish,
};
use holdpoint::run::{Effect, RunState, decide, receive};
use holdpoint::runbook;
use holdpoint::source::{Problems, Source};
use serde_json::{Value as Json, json};

/// A runbook with everything that a letter can be about.
const RUNBOOK: &str = "
holdpoint: 1
id: letters
title: Letters
steps:
  - {id: a, run: a, undo: {run: un-a}}
  - {id: b, run: b, gate: {ask: 'Go?', word: go, quorum: 2, approvers: [dba, lead]}}
  - {id: c, run: c, gate: {value: {prompt: rows, expect: {between: [1, 5]}}}}
  - {id: p, steps: [{id: d, run: d}, {id: e, run: e}]}
exit_criteria: [{probe: {file: /up}}]
finally: [{id: tidy, run: tidy}]
";

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let mut problems = Problems::default();
    let runbook = runbook::read(&Source::new("letters.yaml", RUNBOOK), &mut problems);
    let runbook = runbook.expect("nothing is wrong with it");
    holdpoint::plan::build(runbook, &mut problems).expect("nothing is wrong with it")
});

fn now() -> Moment {
    Moment::from_timestamp(1_800_000_000, 0).expect("within the range of time")
}

/// How far the run has come: it has not begun, its first step runs, is held or is done, a gate is
/// open, or it has ended.
fn state(far: u8) -> RunState {
    let mut state = RunState::new(&PLAN);
    let start: RunStarted = serde_json::from_value(json!({
        "run": "r", "version": "0", "runbook": "letters", "title": "Letters", "file": "l",
        "digest": "", "mode": "live", "operator": "ada", "host": "here", "cwd": "/",
        "is_attended": true, "on_failure": null, "parallel": 4, "detected_at": null,
        "incident": null, "waived": {},
    }))
    .expect("this is how a run begins");
    tell(&mut state, &Event::RunStarted(start));
    match far {
        1 => {}
        2 => end(&mut state, 1),
        3 => end(&mut state, 0),
        4 => meddle(&mut state, json!({"type": "abort_requested", "by": "x", "reason": "y"})),
        5 => {
            end(&mut state, 0);
            let skip = json!({"type": "step_passed_over", "step": "b", "by": "x", "reason": "y"});
            meddle(&mut state, skip);
        }
        _ => {}
    }
    state
}

/// A person does something.
fn meddle(state: &mut RunState, event: Json) {
    tell(state, &serde_json::from_value(event).expect("this is an event"));
}

/// The first step ends with a code, and what follows from it.
fn end(state: &mut RunState, code: i32) {
    let failure = (code != 0).then(|| Failure::new(FailureKind::Exit, "it exited 1"));
    let end = json!({"how": "exited", "code": code});
    let ended = json!({
        "type": "step_ended", "step": "a", "attempt": 1, "end": end, "failure": failure,
        "took_ms": 1,
    });
    meddle(state, ended);
}

/// An event, and all that is decided about it.
fn tell(state: &mut RunState, event: &Event) {
    state.apply(&PLAN, now(), event).expect("this can happen");
    go_on(state);
}

fn go_on(state: &mut RunState) {
    loop {
        let effects: Vec<Effect> = decide(&PLAN, state);
        if effects.is_empty() {
            return;
        }
        for effect in effects {
            let intent = effect.intent();
            state.apply(&PLAN, now(), &intent).expect("what is decided can happen");
        }
    }
}

pub(crate) fn play(bytes: &[u8]) {
    let [far, file @ ..] = bytes else { return };
    let Ok(mut letter) = serde_json::from_slice::<Letter>(file) else { return };
    let mut state = state(far % 6);
    aim(&mut letter, &state);
    let written = serde_json::to_vec(&letter).expect("it was read from JSON");
    assert_eq!(serde_json::from_slice::<Letter>(&written).ok().as_ref(), Some(&letter));
    // One whose time has not come stays where it is.
    let Some(events) = receive(&PLAN, &state, now(), &letter) else { return };
    let Some((Event::LetterTaken(taken), followed)) = events.split_first() else {
        panic!("a letter leads to {events:?}")
    };
    assert_eq!(taken.refused.is_some(), followed.is_empty());
    assert!(taken.refused.as_ref().is_none_or(|reason| !reason.is_empty()));
    for event in &events {
        state.apply(&PLAN, now(), event).expect("what a letter leads to can happen");
    }
    go_on(&mut state);
    assert_eq!(receive(&PLAN, &state, now(), &letter), Some(Vec::new()), "it counts twice");
}

/// A letter that says `*` for a digest is about the gate that is open.
fn aim(letter: &mut Letter, state: &RunState) {
    let open = state.waiting_for(&PLAN).into_iter().find_map(|question| match question {
        Question::Gate(GateQuestion { digest, .. }) => Some(digest),
        _ => None,
    });
    if let (Wish::Approve { digest, .. } | Wish::Reject { digest, .. }, Some(open)) =
        (&mut letter.wish, open)
        && digest == "*"
    {
        *digest = open;
    }
}
