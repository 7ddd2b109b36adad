//! Large runbooks: no recursion over steps, and no work that grows faster than they do.

use std::fmt::Write as _;

use holdpoint::run::event::Outcome;

use crate::harness::machine::{Machine, kind_world};

const STEPS: usize = 100_000;

fn written(count: usize, step: impl Fn(usize) -> String) -> String {
    let mut text = "steps:\n".to_owned();
    for place in 0..count {
        let _ = writeln!(text, "  - {{id: s{place}, {}}}", step(place));
    }
    text
}

#[track_caller]
fn ends_well(run: Machine, starts: usize) {
    let run = run.without_laws().play();
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    assert_eq!(run.starts().len(), starts);
}

#[test]
fn a_hundred_thousand_steps_in_a_row_are_played() {
    ends_well(kind_world(&written(STEPS, |_| "run: x".into())), STEPS);
}

#[test]
fn many_steps_beside_each_other_are_played() {
    ends_well(kind_world(&written(STEPS / 5, |_| "needs: [], run: x".into())), STEPS / 5);
}

#[test]
fn a_long_chain_of_named_needs_is_played() {
    let chained = |place: usize| match place {
        0 => "run: x".to_owned(),
        place => format!("needs: [s{}], run: x", place - 1),
    };
    ends_well(kind_world(&written(STEPS / 5, chained)), STEPS / 5);
}

#[test]
fn many_steps_that_look_back_at_the_first_are_played() {
    let looking = |place: usize| match place {
        0 => "run: x".to_owned(),
        _ => "when: steps.s0.succeeded, run: x".to_owned(),
    };
    ends_well(kind_world(&written(STEPS / 50, looking)), STEPS / 50);
}

#[test]
fn many_paired_undos_are_played() {
    let paired = |_| "run: x, undo: {run: x, paired: true}".to_owned();
    ends_well(kind_world(&written(STEPS / 50, paired)), STEPS / 25);
}

#[test]
fn a_ladder_of_many_rungs_is_played() {
    let mut text = "steps:\n  - id: l\n    ladder:\n".to_owned();
    for place in 0..STEPS / 50 {
        let _ = writeln!(text, "      - {{id: r{place}, run: x}}");
    }
    let last = STEPS / 50 - 1;
    let run = kind_world(&text).with(|script| {
        (0..last).for_each(|place| script.fails(&format!("l/r{place}")));
    });
    ends_well(run, STEPS / 50);
}
