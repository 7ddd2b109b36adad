//! Paired undos: when they run, in which order, and what a failing one does.

use holdpoint::run::event::{DoubtChoice, Event, HoldChoice, Outcome, Sight, Verdict};

use crate::harness::machine::{Act, kind_world};

#[test]
fn pairs_run_at_the_end_of_their_phase_before_it_is_verified() {
    let run = kind_world(
        "
        steps:
          - id: p
            verify: [{probe: {file: /x}}]
            steps:
              - {id: a, run: 'true', undo: {run: 'true', paired: true}}
              - {id: b, run: 'true', undo: {run: 'true', paired: true}}
              - {id: c, run: 'true', undo: {run: 'true'}}
              - {id: d, run: 'true', undo: {none: it is gone}}
          - {id: e, run: 'true'}
        ",
    );
    let run = run.with(|script| script.stares("p verify")).play();
    run.started(&["p/a", "p/b", "p/c", "p/d", "p/b~undo", "p/a~undo"]);
    run.states(&[("p", "verifying"), ("p/a", "succeeded"), ("p/a~undo", "succeeded")]);
}

#[test]
fn pairs_run_in_the_reverse_order_of_completion_and_not_of_the_file() {
    let run = kind_world(
        "
        steps:
          - id: p
            steps:
              - {id: a, needs: [], run: 'true', undo: {run: 'true', paired: true}}
              - {id: b, needs: [], run: 'true', undo: {run: 'true', paired: true}}
              - {id: c, needs: [], run: 'true', undo: {run: 'true', paired: true}}
        ",
    );
    for seed in 0..30 {
        let run = run.clone().seed(seed).play();
        let succeeded = |event: &Event| match event {
            Event::StepSucceeded { step } if step.len() == 3 => Some(format!("{step}~undo")),
            _ => None,
        };
        let mut due: Vec<String> = run.events().iter().filter_map(succeeded).collect();
        due.reverse();
        let starts = run.starts();
        assert_eq!(starts.get(3..).unwrap_or_default(), due, "seed {seed}\n{}", run.tale());
    }
}

#[test]
fn the_pair_of_a_group_has_its_place_in_the_order_of_completion() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: 'true', undo: {run: 'true', paired: true}}
          - {id: p, steps: [{id: b, run: 'true'}], undo: {run: 'true', paired: true}}
          - {id: c, run: 'true', undo: {run: 'true', paired: true}}
        ",
    );
    run.play().started(&["a", "p/b", "c", "c~undo", "p~undo", "a~undo"]);
}

#[test]
fn the_pair_of_a_group_runs_at_the_end_of_the_group_around_it() {
    let run = kind_world(
        "
        steps:
          - id: outer
            steps:
              - {id: p, steps: [{id: b, run: 'true'}], undo: {run: 'true', paired: true}}
              - {id: c, run: 'true'}
        ",
    );
    run.play().started(&["outer/p/b", "outer/c", "outer/p~undo"]);
}

#[test]
fn pairs_of_the_run_come_before_the_exit_criteria() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: 'true', undo: {run: 'true', paired: true}}
          - {id: b, run: 'true'}
        exit_criteria: [{probe: {file: /x}}]
        ",
    );
    let run = run.with(|script| script.stares("exit")).play();
    run.started(&["a", "b", "a~undo"]);
    assert_eq!(run.count(|event| matches!(event, Event::CheckStarted { .. })), 1);
}

#[test]
fn pairs_do_not_run_after_a_phase_that_failed() {
    let run = kind_world(
        "
        steps:
          - id: p
            steps:
              - {id: a, run: 'true', undo: {run: 'true', paired: true}}
              - {id: b, on_failure: fail, run: 'true'}
        ",
    );
    let run = run.with(|script| script.fails("p/b")).play();
    run.started(&["p/a", "p/b"]).states(&[("p", "failed{inner}")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn pairs_do_not_run_after_a_run_that_failed() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: 'true', undo: {run: 'true', paired: true}}
          - {id: b, on_failure: fail, run: 'true'}
        exit_criteria: [{probe: {file: /x}}]
        ",
    );
    let run = run.with(|script| script.fails("b")).play();
    run.started(&["a", "b"]).ended(Outcome::SucceededWithExceptions, Some(Verdict::Recovered));
}

#[test]
fn pairs_run_after_a_phase_in_which_something_failed_with_continue() {
    let run = kind_world(
        "
        steps:
          - id: p
            steps:
              - {id: a, run: 'true', undo: {run: 'true', paired: true}}
              - {id: b, on_failure: continue, run: 'true', undo: {run: 'true', paired: true}}
        ",
    );
    let run = run.with(|script| script.fails("p/b")).play();
    run.started(&["p/a", "p/b", "p/b~undo", "p/a~undo"]);
}

#[test]
fn pairs_of_a_failed_rung_wait_for_the_ladder() {
    let run = kind_world(
        "
        steps:
          - id: l
            verify: [{probe: {file: /x}}]
            ladder:
              - id: r
                steps:
                  - {id: a, run: 'true', undo: {run: 'true', paired: true}}
                  - {id: b, run: 'true'}
              - id: s
                steps:
                  - {id: c, run: 'true', undo: {run: 'true', paired: true}}
                  - {id: d, run: 'true'}
        ",
    );
    let run = run.with(|script| script.fails("l/r/b")).play();
    run.started(&["l/r/a", "l/r/b", "l/s/c", "l/s/d", "l/s/c~undo", "l/r/a~undo"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn pairs_of_failed_rungs_do_not_run_while_their_ladder_is_held() {
    let run = kind_world(
        "
        steps:
          - id: l
            ladder:
              - {id: r, steps: [{id: a, run: 'true', undo: {run: 'true', paired: true}}, {id: b, run: 'true'}]}
        ",
    );
    let run = run.with(|script| script.fails("l/r/b")).play();
    run.started(&["l/r/a", "l/r/b"]).waits_for(&["hold l"]);
}

#[test]
fn what_was_satisfied_or_skipped_has_nothing_to_take_back() {
    let run = kind_world(
        "
        steps:
          - {id: a, done_when: {file: /x}, run: 'true', undo: {run: 'true', paired: true}}
          - {id: b, when: 1 == 2, run: 'true', undo: {run: 'true', paired: true}}
          - {id: c, run: 'true', undo: {run: 'true', paired: true}}
        ",
    );
    let run = run.with(|script| script.sees("a done_when", &[Sight::Holds])).play();
    run.started(&["c", "c~undo"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn an_undo_that_is_not_paired_does_not_run_and_is_no_exception() {
    let steps = "
        steps:
          - {id: a, run: 'true', undo: {run: 'true'}}
          - {id: b, run: 'true', undo: {steps: [{id: c, run: 'true'}]}}
        ";
    for rest in ["", "finally: [{id: tidy, run: 'true'}]"] {
        let run = kind_world(&format!("{steps}{rest}\n")).play();
        assert_eq!(run.outcome(), Some(Outcome::Succeeded), "{}", run.tale());
    }
}

#[test]
fn a_pair_that_was_not_needed_is_no_exception() {
    let steps = "
        steps:
          - {id: a, when: 1 == 2, run: 'true', undo: {steps: [{id: c, run: 'true'}], paired: true}}
        ";
    for rest in ["", "finally: [{id: tidy, run: 'true'}]"] {
        let run = kind_world(&format!("{steps}{rest}\n")).play();
        assert_eq!(run.outcome(), Some(Outcome::Succeeded), "{}", run.tale());
    }
}

const PAIRED: &str = "
    steps:
      - id: p
        steps:
          - {id: a, run: 'true', undo: {run: 'true', verify: [{probe: {file: /x}}], paired: true}}
          - {id: b, run: 'true', undo: {run: 'true', paired: true}}
      - {id: c, run: 'true'}
    ";

#[test]
fn a_pair_that_fails_or_cannot_be_verified_holds_the_run() {
    let run = kind_world(PAIRED).with(|script| script.fails("p/b~undo")).play();
    run.started(&["p/a", "p/b", "p/b~undo"]).waits_for(&["hold p/b~undo"]);
    run.states(&[("p/b", "succeeded"), ("p/b~undo", "held{exit}"), ("p", "running")]);
    for sight in [Sight::Fails, Sight::Unseen] {
        let run = kind_world(PAIRED).with(|script| script.sees("p/a~undo verify", &[sight])).play();
        run.waits_for(&["hold p/a~undo"]);
    }
}

#[test]
fn a_pair_that_failed_may_be_retried() {
    let run = kind_world(PAIRED).with(|script| {
        script.acts("p/b~undo", &[Act::Exit(1), Act::Succeed]);
        script.resolves("p/b~undo", &[HoldChoice::Retry]);
    });
    let run = run.play();
    run.started(&["p/a", "p/b", "p/b~undo", "p/b~undo", "p/a~undo", "c"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_pair_that_is_held_is_called_for_once_more_when_all_is_taken_back() {
    let run = kind_world("steps: [{id: a, run: 'true', undo: {run: 'true', paired: true}}]");
    let run = run.with(|script| {
        script.acts("a~undo", &[Act::Exit(1), Act::Succeed]);
        script.resolves("a~undo", &[HoldChoice::Undo]);
    });
    let run = run.play();
    run.started(&["a", "a~undo", "a~undo"]).states(&[("a", "undone")]);
    assert_eq!(run.outcome(), Some(Outcome::Aborted));
}

#[test]
fn a_pair_of_the_run_that_failed_may_be_retried() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: 'true', undo: {require: [{probe: {file: /x}}], run: 'true', paired: true}}
        ",
    );
    let run = run.with(|script| {
        script.acts("a~undo", &[Act::Exit(1), Act::Succeed]);
        script.resolves("a~undo", &[HoldChoice::Retry]);
    });
    run.play().started(&["a", "a~undo", "a~undo"]);
}

#[test]
fn a_pair_that_counts_as_failed_fails_its_group() {
    let run = kind_world(PAIRED).with(|script| {
        script.fails("p/b~undo");
        script.resolves("p/b~undo", &[HoldChoice::Failed]);
    });
    let run = run.play();
    run.states(&[("p/b~undo", "failed{exit}"), ("p", "failed{inner}"), ("c", "not_reached")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn a_pair_that_is_marked_done_or_skipped_lets_the_run_go_on() {
    for choice in [HoldChoice::Done, HoldChoice::Skip] {
        let run = kind_world(PAIRED).with(|script| {
            script.fails("p/b~undo");
            script.resolves("p/b~undo", &[choice]);
        });
        let run = run.play();
        run.started(&["p/a", "p/b", "p/b~undo", "p/a~undo", "c"]);
        assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
    }
}

#[test]
fn a_pair_that_was_cut_off_is_in_doubt_and_may_be_done_again() {
    let run = kind_world(PAIRED).with(|script| script.acts("p/b~undo", &[Act::Hang])).play();
    let run = run.with(|script| {
        script.acts("p/b~undo", &[Act::Succeed]);
        script.settles("p/b~undo", &[DoubtChoice::Rerun]);
    });
    let run = run.resume().play();
    run.started(&["p/a", "p/b", "p/b~undo", "p/b~undo", "p/a~undo", "c"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_pair_in_a_rung_that_fails_holds_whatever_it_is_made_of() {
    for undo in ["run: 'true'", "steps: [{id: back, run: 'true'}]"] {
        let run = kind_world(&format!(
            "
            steps:
              - id: l
                ladder:
                  - id: r
                    steps: [{{id: a, run: 'true', undo: {{{undo}, paired: true}}}}]
                  - {{id: s, run: 'true'}}
            "
        ));
        let run = run.with(|script| {
            script.fails("l/r/a~undo");
            script.fails("l/r/a~undo/back");
        });
        let run = run.play();
        assert_eq!(run.outcome(), None, "{}", run.tale());
        assert_eq!(run.state_of("s"), "pending", "{}", run.tale());
    }
}

#[test]
fn a_pair_has_its_own_gate() {
    let run = kind_world(
        "
        steps:
          - {id: p, steps: [{id: a, run: 'true', undo: {gate: true, run: 'true', paired: true}}]}
          - {id: b, run: 'true'}
        ",
    );
    let run = run.with(|script| script.leaves("p/a~undo")).play();
    run.started(&["p/a"]).waits_for(&["gate p/a~undo"]);
    let run = run.with(|script| script.approves("p/a~undo")).resume().play();
    run.started(&["p/a", "p/a~undo", "b"]);
}

#[test]
fn a_pair_may_be_a_phase_of_its_own() {
    let run = kind_world(
        "
        steps:
          - id: p
            steps:
              - id: a
                run: 'true'
                undo: {paired: true, steps: [{id: x, run: 'true'}, {id: y, run: 'true'}]}
          - {id: b, run: 'true'}
        ",
    );
    let run = run.play();
    run.started(&["p/a", "p/a~undo/x", "p/a~undo/y", "b"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn what_a_retried_phase_took_down_again_is_put_back_again() {
    let run = kind_world(
        "
        steps:
          - id: p
            verify: [{probe: {file: /x}}]
            steps: [{id: a, run: 'true', undo: {run: 'true', paired: true}}]
        ",
    );
    let run = run.with(|script| {
        script.sees("p verify", &[Sight::Fails, Sight::Holds]);
        script.resolves("p", &[HoldChoice::Retry]);
    });
    let run = run.play();
    run.started(&["p/a", "p/a~undo", "p/a", "p/a~undo"]).states(&[("p", "succeeded")]);
}

const TWICE: &str = "
    steps:
      - id: l
        ladder:
          - id: r
            verify: [{probe: {file: /x}}]
            steps:
              - {id: a, done_when: {file: /y}, run: 'true', undo: {run: 'true', paired: true}}
              - {id: b, run: 'true'}
    ";

#[test]
fn what_was_put_back_before_a_retry_and_not_taken_down_again_is_left_alone() {
    let run = kind_world(TWICE).with(|script| {
        script.sees("l/r verify", &[Sight::Fails, Sight::Holds]);
        script.sees("l/r/a done_when", &[Sight::Fails, Sight::Holds]);
        script.resolves("l", &[HoldChoice::Retry]);
    });
    let run = run.play();
    run.started(&["l/r/a", "l/r/b", "l/r/a~undo", "l/r/b"]).states(&[("a", "satisfied")]);
}

#[test]
fn what_was_taken_down_before_a_retry_is_put_back_after_it() {
    let run = kind_world(TWICE).with(|script| {
        script.acts("l/r/b", &[Act::Exit(1), Act::Succeed]);
        script.sees("l/r/a done_when", &[Sight::Fails, Sight::Holds]);
        script.resolves("l", &[HoldChoice::Retry]);
    });
    let run = run.play();
    run.started(&["l/r/a", "l/r/b", "l/r/b", "l/r/a~undo"]).states(&[("a", "satisfied")]);
}

#[test]
fn a_pair_that_counts_as_failed_keeps_no_other_from_running() {
    let run = kind_world(PAIRED).with(|script| {
        script.fails("p/b~undo");
        script.resolves("p/b~undo", &[HoldChoice::Failed]);
    });
    let run = run.play();
    run.started(&["p/a", "p/b", "p/b~undo", "p/a~undo"]).states(&[("p", "failed{inner}")]);
}
