//! What records come to, run by run and over many.

use serde_json::json;

use super::*;
use crate::run::event::{End, Failure, FailureKind, Note, NoteKind, RunStarted, StepEnded};
use crate::timeline::sample::{at, records, start};

fn begun(runbook: &str, mode: Mode, detected: Option<i64>) -> Event {
    let (runbook, detected_at) = (runbook.to_owned(), detected.map(at));
    let title = format!("The title of {runbook}");
    Event::RunStarted(RunStarted { runbook, title, mode, detected_at, ..start() })
}

fn event(json: serde_json::Value) -> Event {
    serde_json::from_value(json).expect("it is an event")
}

fn starts(step: &str, attempt: u32) -> Event {
    let (kind, command, digest) = ("step_started", "true", "");
    event(
        json!({"type": kind, "step": step, "attempt": attempt, "command": command, "digest": digest}),
    )
}

fn ends(step: &str, attempt: u32, took_ms: u64, fails: bool) -> Event {
    let failure = fails.then(|| Failure::new(FailureKind::Exit, "exit 1"));
    let ended = StepEnded::new(step, attempt, End::Exited { code: i32::from(fails) });
    Event::StepEnded(Box::new(StepEnded { took_ms, failure, ..ended }))
}

fn asks(step: &str) -> Event {
    let gate = json!({"kind": "gate", "step": step, "ask": "Go?", "word": null, "approvers": [], "commands": [], "digest": "d"});
    event(json!({"type": "question_asked", "question": gate}))
}

fn approves(step: &str) -> Event {
    event(
        json!({"type": "gate_approved", "step": step, "digest": "d", "by": "ann", "note": null, "is_prepared": false}),
    )
}

fn by_hand(step: &str) -> Event {
    let manual = json!({"kind": "manual", "step": step, "text": "Do it."});
    event(json!({"type": "question_asked", "question": manual}))
}

fn of_step(kind: &str, step: &str) -> Event {
    match kind {
        "step_skipped" => event(json!({"type": kind, "step": step, "why": "when"})),
        _ => event(json!({"type": kind, "step": step})),
    }
}

fn ended(verdict: Verdict) -> Vec<(i64, Event)> {
    let outcome = Outcome::Succeeded;
    vec![
        (400, Event::VerdictReached { verdict, detail: String::new() }),
        (410, Event::RunEnded { outcome, as_if: None, verdict: Some(verdict), cause: None }),
    ]
}

fn run(mode: Mode) -> RunMetrics {
    let mut events = vec![
        (100, begun("book", mode, Some(40))),
        (110, starts("load", 1)),
        (120, ends("load", 1, 10_000, true)),
        (130, starts("load", 2)),
        (160, ends("load", 2, 30_000, false)),
        (160, of_step("step_succeeded", "load")),
        (161, event(json!({"type": "group_entered", "step": "phase"}))),
        (170, asks("phase/drop")),
        (175, asks("phase/drop")),
        (200, approves("phase/drop")),
        (230, approves("phase/drop")),
        (231, starts("phase/drop", 1)),
        (232, ends("phase/drop", 1, 1_000, false)),
        (233, by_hand("phase/call")),
        (293, of_step("step_succeeded", "phase/call")),
        (294, of_step("step_succeeded", "phase")),
        (295, of_step("step_skipped", "tidy")),
        (296, of_step("step_not_reached", "last")),
        (
            300,
            Event::NoteAdded(Note {
                milestone: Some(Milestone::Mitigated),
                ..Note::new("ann", NoteKind::Note, "half of it is back")
            }),
        ),
    ];
    events.extend(ended(Verdict::Recovered));
    RunMetrics::of(&records(events), None).expect("it began")
}

#[test]
fn times_count_from_the_detection_and_what_nobody_said_is_not_known() {
    let run = run(Mode::Live);
    let told = (run.is_since_detection, run.acknowledged_ms, run.mitigated_ms, run.restored_ms);
    assert_eq!(told, (true, Some(60_000), Some(260_000), Some(360_000)));
    let open = RunMetrics::of(&records(vec![(100, begun("book", Mode::Live, None))]), None);
    let open = open.expect("it began");
    assert_eq!((open.is_since_detection, open.restored_ms, open.outcome), (false, None, None));
}

#[test]
fn of_each_step_its_action_its_failures_and_its_gate_are_told_and_no_group_is_one() {
    let steps = run(Mode::Live).steps;
    let told = |it: &StepMetrics| {
        let StepMetrics { step, took_ms, attempts, failures, gate_ms, .. } = it;
        format!("{step}: {took_ms:?}, {attempts} attempts, {failures} failed, {gate_ms:?}")
    };
    let told: Vec<String> = steps.iter().map(told).collect();
    let expected = [
        "load: Some(40000), 2 attempts, 1 failed, []",
        "phase/drop: Some(1000), 1 attempts, 0 failed, [60000]",
        "phase/call: Some(60000), 0 attempts, 0 failed, []",
        "tidy: None, 0 attempts, 0 failed, []",
        "last: None, 0 attempts, 0 failed, []",
    ];
    assert_eq!(told, expected);
    assert!(steps[3].is_skipped && steps[4].is_not_reached);
}

#[test]
fn what_ended_before_anything_began_is_no_run_of_these() {
    let cause = Some(Cause::NotStarted { detail: "no symptom".into() });
    let outcome = Outcome::Aborted;
    let over = Event::RunEnded { outcome, as_if: None, verdict: None, cause };
    let events = vec![(100, begun("book", Mode::Live, None)), (101, over)];
    assert_eq!(RunMetrics::of(&records(events), None), None);
    assert_eq!(RunMetrics::of(&[], None), None);
}

#[test]
fn drills_stand_apart_and_what_is_assumed_is_not_counted() {
    let mut gathering = Gathering::default();
    for mode in [Mode::Live, Mode::Drill, Mode::Live, Mode::Rehearsal, Mode::Tabletop] {
        gathering.add(&run(mode));
    }
    gathering.pass_over("torn".into(), "it is damaged".into());
    let metrics = gathering.metrics();
    assert_eq!((metrics.runbooks.len(), metrics.passed_over.len()), (1, 1));
    let book = &metrics.runbooks[0];
    assert_eq!(book.title, "The title of book");
    let (incidents, drills) = (book.incidents.as_ref().unwrap(), book.drills.as_ref().unwrap());
    assert_eq!((incidents.runs, drills.runs, incidents.open), (2, 1, 0));
    assert_eq!(incidents.outcomes, [("succeeded", 2)].into());
    let slowest: Vec<&str> = incidents.steps.iter().map(|step| step.step.as_str()).collect();
    assert_eq!(slowest[..2], ["phase/call", "load"]);
    let load = &incidents.steps[1];
    assert_eq!((load.begun, load.failed, load.retried), (2, 2, 2));
    let gates = Spread { count: 2, median_ms: Some(60_000), max_ms: Some(60_000) };
    assert_eq!((incidents.gates, incidents.rto), (gates, Kept::default()));
}
