//! What a decision about a held step costs, and what the runbook advises.

use holdpoint::run::event::{FailureKind, HoldChoice};
use holdpoint::run::{Cost, advice, failure_cost, skip_cost};

use crate::harness::machine::{Act, Machine, kind_world};

fn held(runbook: &str, step: &str, act: Act) -> Machine {
    kind_world(runbook).with(|script| script.acts(step, &[act])).play()
}

fn cost(run: &Machine, step: &str, of: fn(&Machine, usize) -> Cost) -> Vec<String> {
    let index = run.plan().at_path(step).expect("the step is there");
    of(run, index).lines()
}

fn skipping(run: &Machine, step: &str) -> Vec<String> {
    cost(run, step, |run, index| skip_cost(run.plan(), run.state(), index))
}

fn failing(run: &Machine, step: &str) -> Vec<String> {
    cost(run, step, |run, index| failure_cost(run.plan(), run.state(), index))
}

fn advised(run: &Machine, step: &str) -> Option<(HoldChoice, String)> {
    let index = run.plan().at_path(step).expect("the step is there");
    advice(run.plan(), run.state(), index).map(|advice| (advice.choice, advice.reason))
}

const STORY: &str = "
    steps:
      - {id: before, run: 'true'}
      - id: dump
        run: 'true'
        outputs: {rows: {type: int}, spare: {default: none}, unused: {}}
      - {id: load, run: 'echo ${{ steps.dump.outputs.rows }} ${{ steps.dump.outputs.spare }}'}
      - {id: wipe, destructive: true, run: 'true'}
      - {id: tell, run: 'true'}
    exit_criteria:
      - title: all rows are there
        probe: {run: 'echo ${{ steps.dump.outputs.rows }}'}
      - {probe: {run: 'true'}}
    finally: [{id: tidy, run: 'true'}]
    ";

#[test]
fn skipping_a_step_names_what_goes_on_without_it_the_destructive_first() {
    let run = held(STORY, "dump", Act::Exit(1));
    assert_eq!(
        skipping(&run, "dump"),
        [
            "3 steps go on without it: wipe (destructive), load, tell",
            "the output rows of dump will be missing, used by load",
            "the exit criterion \"all rows are there\" can no longer hold",
        ]
    );
}

#[test]
fn failing_a_step_names_what_is_not_reached_in_file_order() {
    let run = held(STORY, "dump", Act::Exit(1));
    assert_eq!(failing(&run, "dump"), ["3 steps are not reached: load, wipe (destructive), tell"]);
}

#[test]
fn a_step_that_nothing_waits_for_costs_nothing() {
    let run = held("steps: [{id: a, run: 'true'}]", "a", Act::Exit(1));
    assert_eq!(skipping(&run, "a"), ["nothing else waits for it"]);
    assert_eq!(failing(&run, "a"), ["nothing else waits for it"]);
}

#[test]
fn only_what_needs_it_counts_where_needs_are_named() {
    let runbook = "
        steps:
          - {id: a, needs: [], run: 'true'}
          - {id: b, needs: [], run: 'true'}
          - {id: c, needs: [a], run: 'true'}
          - {id: d, needs: [c], run: 'true'}
        ";
    let run = held(runbook, "a", Act::Exit(1));
    assert_eq!(skipping(&run, "a"), ["2 steps go on without it: c, d"]);
    let run = held(runbook, "b", Act::Exit(1));
    assert_eq!(failing(&run, "b"), ["nothing else waits for it"]);
}

#[test]
fn a_step_of_a_phase_costs_what_waits_for_the_phase() {
    let runbook = "
        steps:
          - id: stop
            steps: [{id: web, run: 'true'}, {id: jobs, run: 'true'}]
          - {id: restore, run: 'true'}
        ";
    let run = held(runbook, "stop/web", Act::Exit(1));
    assert_eq!(skipping(&run, "stop/web"), ["2 steps go on without it: stop/jobs, restore"]);
    assert_eq!(failing(&run, "stop/web"), ["2 steps are not reached: stop/jobs, restore"]);
}

#[test]
fn no_more_than_five_steps_are_named_in_a_line() {
    let steps: String =
        (1..=9).map(|number| format!("  - {{id: s{number}, run: 'true'}}\n")).collect();
    let run = held(&format!("steps:\n{steps}"), "s1", Act::Exit(1));
    let expected = "8 steps go on without it: s2, s3, s4, s5, s6 and 3 more";
    assert_eq!(skipping(&run, "s1"), [expected]);
}

const LADDER: &str = "
    steps:
      - id: back
        ladder:
          - {id: restart, on_failure: hold, run: 'true'}
          - {id: rebuild, title: Build it anew, on_failure: hold, run: 'true'}
      - {id: tell, run: 'true'}
    ";

#[test]
fn a_rung_that_fails_or_is_skipped_lets_the_next_one_be_tried() {
    let run = held(LADDER, "back/restart", Act::Exit(1));
    let next = ["the next rung is tried: Build it anew"];
    assert_eq!(failing(&run, "back/restart"), next);
    assert_eq!(skipping(&run, "back/restart"), next);
    let expected = (HoldChoice::Failed, "there is another way: Build it anew".to_owned());
    assert_eq!(advised(&run, "back/restart"), Some(expected));
}

#[test]
fn a_refused_rung_is_for_the_person_alone() {
    let runbook = LADDER.replace(
        "on_failure: hold, run: 'true'}\n      - {id: tell",
        "run: 'true'}\n      - {id: tell",
    );
    let runbook = runbook.replace("restart, on_failure: hold", "restart, gate: true");
    let run = kind_world(&runbook).with(|script| script.rejects("back/restart")).play();
    run.waits_for(&["hold back/restart"]);
    assert_eq!(advised(&run, "back/restart"), None);
}

#[test]
fn a_spent_ladder_is_undone_where_there_is_something_to_undo() {
    let runbook = "
        steps:
          - {id: stop, run: 'true', undo: {run: 'true'}}
          - id: back
            ladder: [{id: restart, run: 'true'}]
        ";
    let run = held(runbook, "back/restart", Act::Exit(1));
    run.waits_for(&["hold back"]);
    let reason = "no rung is left, and what was done can be taken back";
    assert_eq!(advised(&run, "back"), Some((HoldChoice::Undo, reason.to_owned())));
    let run = held(&runbook.replace(", undo: {run: 'true'}", ""), "back/restart", Act::Exit(1));
    assert_eq!(advised(&run, "back"), None);
}

#[test]
fn a_step_that_may_be_repeated_is_tried_again_when_it_was_broken_off() {
    let step = |keys: &str| format!("steps: [{{id: a, {keys}, run: 'true'}}]");
    let advice = |keys: &str, act| advised(&held(&step(keys), "a", act), "a");
    let timeout = || Act::Fail(FailureKind::Timeout);
    let reason = "it ran out of time, and doing it again does no harm".to_owned();
    assert_eq!(advice("effect: idempotent", timeout()), Some((HoldChoice::Retry, reason.clone())));
    assert_eq!(advice("effect: read", timeout()), Some((HoldChoice::Retry, reason)));
    let reason = "it was broken off, and doing it again does no harm".to_owned();
    let signal = Act::Fail(FailureKind::Signal);
    assert_eq!(advice("effect: read", signal), Some((HoldChoice::Retry, reason)));
    assert_eq!(advice("effect: once", timeout()), None);
    assert_eq!(advice("effect: idempotent, destructive: true", timeout()), None);
    assert_eq!(advice("effect: idempotent", Act::Exit(1)), None);
    assert_eq!(advice("effect: idempotent, retry: {times: 1}", timeout()), None);
}

#[test]
fn nothing_is_advised_about_a_step_that_is_not_held() {
    let run = held(STORY, "dump", Act::Exit(1));
    assert_eq!(advised(&run, "before"), None);
    assert_eq!(advised(&run, "dump"), None);
}
