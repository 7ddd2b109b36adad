//! A person who ends a run, hands it over, wants to be asked before each change, or remarks something.

use holdpoint::run::event::{
    Absence, Cause, End, Event, Exec, ExecEnded, HandedOver, HoldChoice, Note, NoteKind, Outcome,
};
use holdpoint::run::{HAND_OVER, RunState};

use crate::harness::machine::{Act, Machine, kind_world};

use super::interventions::{THREE, by, goes_on, hanging, reason, skip};

fn abort() -> Event {
    Event::AbortRequested { by: by(), reason: reason() }
}

fn pace(is_stepwise: bool) -> Event {
    Event::PaceSet { is_stepwise, by: by() }
}

fn note() -> Event {
    Event::NoteAdded(Note::new(by(), NoteKind::Finding, "the replica lags"))
}

// ----- the end, and those who drive -----

#[test]
fn whoever_ends_a_run_lets_what_runs_finish_and_the_closing_steps_be_done() {
    let run = hanging(THREE, "b").tell(abort());
    run.refuses(&abort(), "the run is being ended already");
    let run = goes_on(run, "b");
    run.started(&["a", "b", "tidy"]).states(&[("c", "not_reached")]);
    run.ended(Outcome::Aborted, None);
    assert_eq!(run.cause(), Some(&Cause::Person { by: by(), reason: reason() }));
    run.refuses(&abort(), "the run has ended");
}

#[test]
fn nobody_ends_a_run_of_which_only_the_closing_steps_are_left() {
    let run = hanging(THREE, "tidy");
    run.refuses(&abort(), "only what closes the run is left to be done");
}

#[test]
fn whoever_hands_a_run_over_lets_what_runs_finish_and_leaves_it_open() {
    let run = hanging(THREE, "a");
    let run = run.tell(Event::HandedOver(HandedOver {
        by: by(),
        to: Some("ada".into()),
        reason: reason(),
    }));
    assert_eq!(run.state().stopped_by.as_deref(), Some(HAND_OVER));
    let run = run.tell(super::legality::ended("a", 1)).play();
    run.started(&["a"]).states(&[("a", "succeeded")]);
    run.resume().play().started(&["a", "b", "c", "tidy"]).ended_well();
}

// ----- the pace -----

#[test]
fn whoever_wants_to_be_asked_is_asked_before_what_changes_something_and_only_then() {
    let run = kind_world(
        "
        steps:
          - {id: look, effect: read, run: look}
          - {id: gated, gate: true, run: gated}
          - {id: change, run: change}
          - {id: tell, notify: {template: update}}
          - {id: stop, run: stop, undo: {run: start, paired: true}}
        ",
    )
    .with(|script| script.leaves("gated"))
    .play();
    let run = run.tell(pace(true)).with(|script| script.approves("gated")).play();
    run.started(&["look", "gated", "change", "tell", "stop", "stop~undo"]).ended_well();
    let asked = |event: &Event| match event {
        Event::StepReleased { step, .. } => Some(step.clone()),
        _ => None,
    };
    let asked: Vec<String> = run.events().iter().filter_map(asked).collect();
    assert_eq!(asked, ["change", "stop"]);
}

#[test]
fn whoever_tries_a_step_again_is_asked_again_and_a_step_that_does_so_itself_asks_nobody() {
    let run = kind_world(
        "steps: [{id: a, gate: true, run: a}, {id: b, retry: {times: 1, on_exit: 1}, run: b}]",
    )
    .with(|script| script.leaves("a"))
    .play();
    let run = run.tell(pace(true)).with(|script| {
        script.approves("a");
        script.acts("b", &[Act::Exit(1), Act::Exit(1), Act::Succeed]);
        script.resolves("b", &[HoldChoice::Retry]);
    });
    let run = run.play();
    run.started(&["a", "b", "b", "b"]).ended_well();
    assert_eq!(run.count(|event| matches!(event, Event::StepReleased { .. })), 2);
}

/// A run in which nobody answers the question before a step.
fn asked() -> Machine {
    let run = kind_world("steps: [{id: a, gate: true, run: a}, {id: b, run: b}, {id: c, run: c}]");
    let run = run.with(|script| script.leaves("a")).play().tell(pace(true));
    run.with(|script| {
        script.approves("a");
        script.keeps_waiting("b");
    })
    .play()
}

#[test]
fn what_nobody_lets_begin_waits_and_is_asked_about_by_the_next_driver() {
    let run = asked();
    run.started(&["a"]).waits_for(&["proceed b"]);
    run.clone().resume().play().started(&["a"]).waits_for(&["proceed b"]);
    // Where nobody is, nobody wants to be asked.
    run.resume_as(false).play().started(&["a", "b", "c"]).ended_well();
}

#[test]
fn whoever_wants_to_be_asked_no_more_lets_the_step_begin_that_was_asked_about() {
    asked().tell(pace(false)).play().started(&["a", "b", "c"]).ended_well();
}

#[test]
fn a_step_that_is_asked_about_before_it_begins_is_passed_over() {
    let run = asked().tell(skip("b")).play();
    run.started(&["a", "c"]).states(&[("b", "skipped{operator}")]);
}

#[test]
fn whoever_is_out_of_reach_is_waited_for() {
    let lost = Event::AttendanceLost { cause: Absence::TerminalGone };
    asked().tell(lost).play().started(&["a"]).waits_for(&["proceed b"]);
}

#[test]
fn a_step_that_nobody_is_asked_about_cannot_be_let_begin() {
    let go = Event::StepReleased { step: "b".into(), by: by() };
    hanging(THREE, "a").refuses(&go, "nobody asked");
}

// ----- remarks -----

fn begun(id: &str) -> Event {
    Event::ExecStarted(Exec {
        id: id.into(),
        by: by(),
        command: "df -h".into(),
        cwd: "/".into(),
        host: "there".into(),
        is_on_terminal: false,
    })
}

fn over(id: &str) -> Event {
    Event::ExecEnded(Box::new(ExecEnded {
        id: id.into(),
        end: End::Exited { code: 0 },
        took_ms: 5,
        out: None,
        err: None,
    }))
}

#[test]
fn a_note_changes_nothing_whenever_it_comes() {
    for run in [hanging(THREE, "b"), kind_world(THREE).play()] {
        let before = run.state().clone();
        let noted = run.tell(note());
        let after = RunState { last_at: before.last_at, ..noted.state().clone() };
        assert_eq!(after, before);
        assert_eq!(noted.replay(), *noted.state());
    }
}

#[test]
fn a_run_that_has_ended_has_lasted_no_longer_because_of_a_note() {
    let run = kind_world(THREE).play();
    let ended = run.state().last_at;
    let run = run.tell(note()).tell(begun("exec-1")).tell(over("exec-1"));
    assert_eq!(run.state().last_at, ended);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_command_beside_the_steps_begins_and_ends_once() {
    let run = hanging(THREE, "a").tell(begun("exec-1"));
    run.refuses(&begun("exec-1"), "exec-2 is next");
    let run = run.tell(over("exec-1"));
    run.refuses(&over("exec-1"), "no such command is under way");
    assert_eq!(run.state().execs_begun, 1);
    run.started(&["a"]).states(&[("a", "running")]);
}
