//! Timers: moments as data, set again by whoever takes over, and heard only while they matter.

use chrono::TimeDelta;
use holdpoint::run::event::{Event, Moment, Timer, TimerKind};

use super::legality::refused;
use crate::harness::machine::{Machine, kind_world};

/// A run that waits at a gate.
fn at_gate() -> Machine {
    kind_world("steps: [{id: a, gate: true, run: 'true'}]").with(|script| script.leaves("a")).play()
}

fn timer(kind: TimerKind) -> Timer {
    Timer { step: "a".into(), kind }
}

fn an_hour_on(run: &Machine) -> Moment {
    run.state().last_at.expect("something has happened") + TimeDelta::hours(1)
}

fn set(kind: TimerKind, due: Moment) -> Event {
    Event::TimerSet { timer: timer(kind), due }
}

fn rung(kind: TimerKind, due: Moment) -> Event {
    Event::TimerDue { timer: timer(kind), due }
}

#[test]
fn the_timer_of_a_gate_keeps_no_run_from_parking_and_is_set_again_for_the_same_moment() {
    let run = at_gate();
    let due = an_hour_on(&run);
    let run = run.tell(set(TimerKind::Expiry, due)).play();
    run.waits_for(&["gate a"]);
    let run = run.resume().play();
    run.waits_for(&["gate a"]);
    assert_eq!(run.count(|event| *event == set(TimerKind::Expiry, due)), 2, "{}", run.tale());
    assert!(!run.state().timers.is_due(&timer(TimerKind::Expiry)));

    let run = run.with(|script| script.lets_time_pass("a")).resume().play();
    run.states(&[("a", "held{expired}")]);
    assert_eq!(run.state().last_at.map(|at| at >= due), Some(true));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_timer_is_forgotten_with_what_it_was_set_for() {
    let run = at_gate();
    let due = an_hour_on(&run);
    let run = run.tell(set(TimerKind::Expiry, due)).with(|script| script.approves("a"));
    let run = run.resume().play();
    run.started(&["a"]);
    assert_eq!(run.state().timers.due(&timer(TimerKind::Expiry)), None);
}

#[test]
fn a_timer_is_set_only_where_something_waits_for_it() {
    let run = at_gate();
    let due = an_hour_on(&run);
    refused(
        &run,
        &[
            set(TimerKind::Retry, due),
            set(TimerKind::Budget, due),
            rung(TimerKind::Expiry, due),
            Event::TimerSet {
                timer: Timer { step: "nowhere".into(), kind: TimerKind::Expiry },
                due,
            },
        ],
    );
    let run = run.tell(set(TimerKind::Expiry, due));
    let later = due + TimeDelta::seconds(1);
    refused(&run, &[set(TimerKind::Expiry, due), rung(TimerKind::Expiry, later)]);
}
