//! Invariants: looked at before each step after something happened, and holding the run when one
//! breaks.

use holdpoint::run::event::{InvariantChoice, Outcome, Sight};

use crate::harness::machine::{Machine, kind_world};

const BOOK: &str = "
    invariants:
      - {id: replica, probe: {file: /replica}}
      - {id: room, probe: {file: /room}}
    steps:
      - {id: a, run: a}
      - {id: b, run: b}
    ";

fn looks(run: &Machine) -> usize {
    run.count(|event| event_name(event) == "check_observed")
}

fn event_name(event: &holdpoint::run::Event) -> String {
    serde_json::to_value(event).expect("an event is JSON")["type"].as_str().unwrap_or("").into()
}

#[test]
fn they_are_looked_at_before_each_step() {
    let run = kind_world(BOOK).play();
    run.started(&["a", "b"]);
    assert_eq!(looks(&run), 4, "both of them, twice");
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn one_that_breaks_holds_the_run_before_the_next_step() {
    let run = kind_world(BOOK)
        .with(|script| script.sees("invariant 1", &[Sight::Holds, Sight::Fails]))
        .play();
    run.started(&["a"]).waits_for(&["invariant room"]);
}

#[test]
fn one_that_cannot_be_seen_holds_it_too() {
    let run = kind_world(BOOK).with(|script| script.sees("invariant", &[Sight::Unseen])).play();
    run.started(&[]).waits_for(&["invariant replica"]);
}

#[test]
fn a_person_may_look_again() {
    let run = kind_world(BOOK)
        .with(|script| {
            script.sees("invariant", &[Sight::Fails, Sight::Fails, Sight::Holds]);
            script.answers_invariant("invariant", &[InvariantChoice::Retry; 2]);
        })
        .play();
    run.started(&["a", "b"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn one_that_is_let_pass_is_not_asked_about_again_and_is_an_exception() {
    let run = kind_world(BOOK)
        .with(|script| {
            script.sees("invariant", &[Sight::Fails]);
            script.answers_invariant("invariant", &[InvariantChoice::Waive]);
        })
        .play();
    run.started(&["a", "b"]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_broken_one_may_end_the_run() {
    let run = kind_world(BOOK)
        .with(|script| {
            script.sees("invariant", &[Sight::Holds, Sight::Fails]);
            script.answers_invariant("invariant", &[InvariantChoice::Abort]);
        })
        .play();
    run.started(&["a"]).states(&[("b", "not_reached")]);
    assert_eq!(run.outcome(), Some(Outcome::Aborted));
}

#[test]
fn what_a_person_said_before_the_start_lets_it_pass() {
    let run = kind_world(BOOK)
        .with(|script| script.sees("invariant", &[Sight::Fails]))
        .waived("replica")
        .alone()
        .play();
    run.started(&["a", "b"]);
}

#[test]
fn a_new_driver_looks_again() {
    let run = kind_world(BOOK)
        .with(|script| script.sees("invariant 1", &[Sight::Holds, Sight::Fails]))
        .play();
    let run = run.with(|script| script.sees("invariant 1", &[Sight::Holds])).resume().play();
    run.started(&["a", "b"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}
