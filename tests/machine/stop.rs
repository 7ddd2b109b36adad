//! A stop: nothing new starts, what runs is let finish, and the run stays open.

use holdpoint::run::event::{Event, Outcome, Sight, StopLevel};

use crate::harness::machine::{Act, kind_world};

const THREE: &str = "
    steps:
      - {id: a, run: 'true', verify: [{probe: {file: /x}}]}
      - {id: b, run: 'true'}
    exit_criteria: [{probe: {file: /y}}]
    finally: [{id: tidy, run: 'true'}]
    ";

#[test]
fn after_a_stop_what_runs_is_let_finish_and_nothing_starts() {
    let run = kind_world(THREE).with(|script| script.acts("a", &[Act::Hang])).play().stop();
    let run = run.with(|script| script.acts("a", &[Act::Succeed])).play();
    run.started(&["a"]).states(&[("a", "verifying"), ("b", "pending")]);
    assert_eq!(run.outcome(), None);
    let run = run.resume().play();
    run.started(&["a", "b", "tidy"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_stop_before_anything_began_leaves_the_run_open() {
    let run = kind_world("inputs: {x: {}}\nsteps: [{id: a, run: 'echo ${{ inputs.x }}'}]\n");
    let run = run.with(|script| script.withholds("x")).play().stop();
    let run = run.with(|script| script.approves("a")).play();
    run.started(&[]);
    assert_eq!(run.outcome(), None);
}

#[test]
fn a_gate_that_is_approved_after_a_stop_starts_nothing_until_the_resume() {
    let run = kind_world("steps: [{id: a, gate: true, run: 'true'}]");
    let run = run.with(|script| script.leaves("a")).play();
    let gate = run.gate("a");
    let run = run.stop().tell(Event::GateApproved {
        step: "a".into(),
        digest: gate.digest,
        by: "ada".into(),
        note: None,
        is_prepared: false,
        value: None,
        is_bypass: false,
        wrong_words: 0,
        took_ms: None,
    });
    let run = run.play();
    run.started(&[]);
    run.resume().play().started(&["a"]);
}

#[test]
fn what_was_looked_at_before_a_stop_is_looked_at_again_after_the_resume() {
    let run = kind_world(
        "steps: [{id: a, on_failure: fail, require: [{probe: {file: /x}}], run: 'true'}]",
    );
    let run = run.with(|script| script.stares("a require")).play().stop();
    let run = run.with(|script| script.sees("a require", &[Sight::Holds, Sight::Fails])).play();
    run.started(&[]);
    let run = run.resume().play();
    run.started(&[]).states(&[("a", "failed{precondition}")]);
}

#[test]
fn a_run_that_was_stopped_while_its_last_word_was_being_spoken_ends() {
    let run = kind_world("steps: [{id: a, run: 'true'}]");
    let run = run.with(|script| script.acts("a", &[Act::Hang])).play().stop();
    let run = run.with(|script| script.acts("a", &[Act::Succeed])).play();
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn the_level_of_a_stop_only_rises_and_ends_with_the_resume() {
    let run = kind_world(THREE).with(|script| script.acts("a", &[Act::Hang])).play();
    let to = |level| Event::StopRequested { level, signal: "TERM".into() };
    let run = run.tell(to(StopLevel::Kill)).tell(to(StopLevel::Drain));
    assert_eq!(run.state().stop, StopLevel::Kill);
    assert_eq!(run.resume().state().stop, StopLevel::None);
}

#[test]
fn an_action_that_was_stopped_is_held() {
    let run = kind_world(THREE).with(|script| script.acts("a", &[Act::Hang])).play().stop();
    let stopped = [Act::Fail(holdpoint::run::event::FailureKind::Stopped)];
    let run = run.with(|script| script.acts("a", &stopped)).play();
    run.started(&["a"]).states(&[("a", "held{stopped}")]);
    run.resume().play().waits_for(&["hold a"]);
}

#[test]
fn an_answer_that_the_end_of_the_run_has_overtaken_is_not_waited_for() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], on_failure: abort, run: 'true'}
          - {id: b, needs: [], gate: true, run: 'true'}
        finally: [{id: tidy, gate: true, run: 'true'}]
        ",
    );
    let run = run.with(|script| {
        script.fails("a");
        script.leaves("b");
        script.leaves("tidy");
    });
    run.play().started(&["a"]).waits_for(&["gate tidy"]);
}

#[test]
fn a_group_whose_gate_opens_after_a_stop_is_not_entered() {
    let run = kind_world("steps: [{id: p, gate: true, steps: [{id: a, run: 'true'}]}]");
    let run = run.with(|script| script.leaves("p")).play();
    let gate = run.gate("p");
    let run = run.stop().tell(Event::GateApproved {
        step: "p".into(),
        digest: gate.digest,
        by: "ada".into(),
        note: None,
        is_prepared: false,
        value: None,
        is_bypass: false,
        wrong_words: 0,
        took_ms: None,
    });
    let run = run.play();
    run.started(&[]).states(&[("p", "ready"), ("p/a", "pending")]);
    run.resume().play().started(&["p/a"]);
}
