//! A run that is cut off after any of its events comes to the same end.

use holdpoint::run::Event;
use holdpoint::run::event::{Decider, DoubtChoice, HoldChoice, Outcome, Sight};

use crate::harness::machine::{Act, Machine, kind_world};

const LADDER: &str = "
    inputs: {volume: {default: data}, backup: {late: true}}
    confirm: [{probe: {file: /down}}]
    preconditions: [{id: space, probe: {file: /space}}]
    steps:
      - {id: assess, effect: read, on_failure: continue, run: 'true'}
      - id: bring-back
        ladder:
          - {id: restart, effect: idempotent, run: 'true', verify: [{probe: {file: /up}}]}
          - id: restore
            steps:
              - id: check
                effect: read
                require: [{id: fresh, probe: {file: /fresh}}]
                run: 'echo ${{ inputs.backup }}'
              - {id: stop, effect: idempotent, run: 'true', undo: {run: 'true', paired: true}}
              - id: drop
                destructive: true
                gate: {ask: 'Drop it?', word: '${{ inputs.volume }}', approvers: [dba]}
                run: 'true'
                done_when: {file: /gone}
              - {id: load, run: 'true', verify: [{probe: {file: /rows}}]}
    exit_criteria: [{probe: {file: /api}}]
    finally:
      - {id: tell, when: run.verdict == 'recovered', run: 'true'}
    ";

const PARALLEL: &str = "
    steps:
      - {id: a, needs: [], run: 'true'}
      - {id: b, needs: [], run: 'true', undo: {run: 'true', paired: true}}
      - id: p
        needs: [a]
        verify: [{probe: {file: /p}}]
        steps:
          - {id: c, needs: [], run: 'true', undo: {run: 'true', paired: true}}
          - {id: d, needs: [], gate: true, run: 'true', undo: {run: 'true', paired: true}}
      - {id: e, needs: [b], on_failure: continue, run: 'true'}
      - {id: f, needs: [p, e], when: steps.e.failed, run: 'true'}
    exit_criteria: [{probe: {file: /x}}, {probe: {file: /y}}]
    finally: [{id: x, run: 'true'}, {id: y, run: 'true'}]
    ";

const HELD: &str = "
    inputs: {platform: {default: local}}
    steps:
      - {id: a, run: 'true'}
      - id: s
        switch: inputs.platform
        cases:
          local: {steps: [{id: b, run: 'true'}, {id: c, gate: true, run: 'true'}]}
          other: {run: 'true'}
      - {id: d, run: 'true', done_when: {file: /d}}
    finally: [{id: x, run: 'true'}]
    ";

/// The richest of the three, in which the first rung fails.
fn ladder() -> Machine {
    kind_world(LADDER).with(|script| script.fails("bring-back/restart"))
}

fn parallel(seed: u64) -> Machine {
    kind_world(PARALLEL).seed(seed).with(|script| script.fails("e"))
}

fn held() -> Machine {
    kind_world(HELD).with(|script| {
        script.fails("s/b");
        script.resolves("s/b", &[HoldChoice::Done]);
        script.rejects("s/c");
        script.resolves("s/c", &[HoldChoice::Skip]);
        script.sees("d done_when", &[Sight::Holds]);
    })
}

/// Cuts a run after each of its events, and lets a person settle every doubt one way.
fn cut_everywhere(run: &Machine, choice: DoubtChoice, same_end: impl Fn(&Machine, &Machine)) {
    let whole = run.clone().play();
    let nodes = &whole.plan().nodes;
    for after in 1..whole.events().len() {
        let cut = run.clone().with(|script| {
            for node in nodes {
                script.settles(&node.path, &[choice; 4]);
            }
        });
        let cut = cut.replayed(&whole, after).resume().play();
        assert_eq!(cut.replay(), *cut.state(), "cut after {after}");
        is_never_repeated_without_a_word(&cut, after);
        same_end(&whole, &cut);
    }
}

/// No step of effect `once` starts again unless a person said so.
fn is_never_repeated_without_a_word(run: &Machine, after: usize) {
    let started = |event: &Event| match event {
        Event::StepStarted { step, .. } => Some(step.clone()),
        _ => None,
    };
    for (place, event) in run.events().iter().enumerate() {
        let Some(step) = started(event) else { continue };
        let before = run.events().get(..place).unwrap_or_default();
        let Some(last) = before.iter().rposition(|event| started(event).as_ref() == Some(&step))
        else {
            continue;
        };
        let is_word = |event: &Event| match event {
            Event::DoubtSettled { step: about, by, choice: DoubtChoice::Rerun, .. } => {
                *about == step && (matches!(by, Decider::Person { .. }) || is_harmless(&step))
            }
            Event::HoldResolved { step: about, choice: HoldChoice::Retry, .. } => *about == step,
            _ => false,
        };
        let between = run.events().get(last..place).unwrap_or_default();
        assert!(between.iter().any(is_word), "cut after {after}: {step}\n{}", run.tale());
    }
}

fn is_harmless(step: &str) -> bool {
    ["assess", "bring-back/restart", "bring-back/restore/check", "bring-back/restore/stop"]
        .contains(&step)
}

/// The word for every state, which says nothing of attempts and moments.
fn fates(run: &Machine) -> Vec<(String, String)> {
    let nodes =
        run.plan().nodes.iter().filter(|node| !["", "finally"].contains(&node.path.as_str()));
    nodes.map(|node| (node.path.clone(), run.state_of(&node.path))).collect()
}

#[track_caller]
fn is_the_same(whole: &Machine, cut: &Machine) {
    assert_eq!(fates(cut), fates(whole), "{}", cut.tale());
    assert_eq!(cut.outcome(), whole.outcome(), "{}", cut.tale());
    assert_eq!(cut.verdict(), whole.verdict(), "{}", cut.tale());
}

#[test]
fn the_whole_runs_come_to_rich_ends() {
    let run = ladder().play();
    run.started(&[
        "assess",
        "bring-back/restart",
        "bring-back/restore/check",
        "bring-back/restore/stop",
        "bring-back/restore/drop",
        "bring-back/restore/load",
        "bring-back/restore/stop~undo",
        "tell",
    ]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    assert_eq!(parallel(0).play().outcome(), Some(Outcome::SucceededWithExceptions));
    let run = held().play();
    run.states(&[("s", "succeeded"), ("s/b", "succeeded"), ("s/c", "skipped{operator}")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn a_run_cut_anywhere_resumes_to_the_same_end() {
    cut_everywhere(&ladder(), DoubtChoice::Rerun, is_the_same);
    cut_everywhere(&held(), DoubtChoice::Rerun, is_the_same);
    for seed in 0..12 {
        cut_everywhere(&parallel(seed), DoubtChoice::Rerun, is_the_same);
    }
}

#[test]
fn a_run_cut_anywhere_ends_well_when_what_was_in_doubt_was_done() {
    let is_well = |_: &Machine, cut: &Machine| {
        assert!(
            matches!(cut.outcome(), Some(Outcome::Succeeded | Outcome::SucceededWithExceptions)),
            "{}",
            cut.tale()
        );
    };
    cut_everywhere(&ladder(), DoubtChoice::Done, is_well);
    cut_everywhere(&held(), DoubtChoice::Done, is_well);
    for seed in 0..12 {
        cut_everywhere(&parallel(seed), DoubtChoice::Done, is_well);
    }
}

#[test]
fn a_run_cut_twice_resumes_to_the_same_end() {
    let run = ladder().with(|script| {
        for step in ["bring-back/restore/drop", "bring-back/restore/load", "tell"] {
            script.settles(step, &[DoubtChoice::Rerun; 4]);
        }
        script.settles("bring-back/restore/stop~undo", &[DoubtChoice::Rerun; 4]);
    });
    let whole = run.clone().play();
    for first in (1..whole.events().len()).step_by(3) {
        let once = run.clone().replayed(&whole, first).resume().play();
        for second in (first + 1..once.events().len()).step_by(5) {
            let twice = run.clone().replayed(&once, second).resume().play();
            is_the_same(&whole, &twice);
        }
    }
}

#[test]
fn a_run_cut_while_nobody_is_there_parks_and_comes_to_the_same_end_later() {
    let whole = ladder().play();
    for after in 1..whole.events().len() {
        let cut = ladder().replayed(&whole, after).resume_as(false).play();
        let run = cut.with(|script| {
            script.approves("bring-back/restore/drop");
            for step in ["drop", "load", "stop~undo"] {
                script.settles(&format!("bring-back/restore/{step}"), &[DoubtChoice::Rerun; 4]);
            }
            script.settles("tell", &[DoubtChoice::Rerun; 4]);
        });
        if run.outcome().is_some() {
            is_the_same(&whole, &run);
        } else {
            is_the_same(&whole, &run.resume_as(true).play());
        }
    }
}

#[test]
fn an_action_that_ended_between_the_drivers_is_asked_about_once() {
    let run = kind_world("steps: [{id: a, run: 'true'}, {id: b, run: 'true'}]");
    let run = run.with(|script| script.acts("a", &[Act::Hang])).play();
    let run = run.with(|script| script.settles("a", &[DoubtChoice::Done]));
    let run = run.resume().resume().resume().play();
    run.started(&["a", "b"]);
    let settled = |event: &Event| matches!(event, Event::DoubtSettled { .. });
    assert_eq!(run.count(settled), 1);
}
