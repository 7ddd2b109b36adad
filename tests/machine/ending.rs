//! How a run ends: exit criteria, the verdict, the outcome, the closing steps.

use holdpoint::run::event::{
    Cause, FailureKind, HoldChoice, Outcome, Sight, Verdict, VerdictChoice,
};

use crate::harness::machine::{Act, Machine, kind_world};

const CRITERIA: &str = "
    steps: [{id: a, run: 'true'}]
    exit_criteria:
      - {title: the API answers, probe: {file: /x}}
      - {title: the rows are there, probe: {file: /y}}
    finally:
      - {id: told, when: run.verdict == 'recovered', notify: {template: resolved}}
      - {id: tidy, run: 'true'}
    ";

fn criteria(first: Sight, second: Sight) -> Machine {
    kind_world(CRITERIA).with(|script| {
        script.sees("exit 0", &[first]);
        script.sees("exit 1", &[second]);
    })
}

#[test]
fn exit_criteria_that_all_hold_mean_recovered() {
    for second in [Sight::Holds, Sight::Warns] {
        let run = criteria(Sight::Holds, second).play();
        run.started(&["a", "told", "tidy"]).ended(Outcome::Succeeded, Some(Verdict::Recovered));
    }
}

#[test]
fn without_exit_criteria_a_run_is_unverified_and_has_succeeded() {
    let run = kind_world("steps: [{id: a, run: 'true'}]").play();
    run.ended(Outcome::Succeeded, Some(Verdict::Unverified));
}

#[test]
fn a_criterion_that_does_not_hold_is_not_recovered_and_asks_a_person() {
    let run = criteria(Sight::Holds, Sight::Fails).play();
    run.started(&["a"]).waits_for(&["verdict"]);
    assert_eq!(run.verdict(), Some(Verdict::NotRecovered));
    let run = run.with(|script| script.answers_verdict(&[VerdictChoice::End])).resume().play();
    run.started(&["a", "tidy"]).states(&[("told", "skipped{when}")]);
    run.ended(Outcome::Failed, Some(Verdict::NotRecovered));
}

#[test]
fn a_criterion_that_cannot_be_seen_is_unverified_and_asks_a_person() {
    let run = criteria(Sight::Unseen, Sight::Holds).play();
    run.started(&["a"]).waits_for(&["verdict"]);
    assert_eq!(run.verdict(), Some(Verdict::Unverified));
    let run = run.with(|script| script.answers_verdict(&[VerdictChoice::End])).resume().play();
    run.ended(Outcome::Failed, Some(Verdict::Unverified));
}

#[test]
fn with_nobody_there_a_run_that_is_not_seen_to_recover_has_failed() {
    for (sight, verdict) in
        [(Sight::Fails, Verdict::NotRecovered), (Sight::Unseen, Verdict::Unverified)]
    {
        let run = criteria(Sight::Holds, sight).alone().play();
        run.started(&["a", "tidy"]).ended(Outcome::Failed, Some(verdict));
    }
}

#[test]
fn a_person_may_ask_the_criteria_again() {
    let run = kind_world(CRITERIA).with(|script| {
        script.sees("exit 1", &[Sight::Fails, Sight::Unseen, Sight::Holds]);
        script.answers_verdict(&[VerdictChoice::Retry, VerdictChoice::Retry]);
    });
    run.play().ended(Outcome::Succeeded, Some(Verdict::Recovered));
}

#[test]
fn a_run_whose_verdict_waits_may_be_resumed_by_nobody_and_ends() {
    let run = criteria(Sight::Holds, Sight::Fails).play();
    run.resume_as(false).play().ended(Outcome::Failed, Some(Verdict::NotRecovered));
}

#[test]
fn a_failed_step_and_a_recovery_are_success_with_exceptions() {
    let runbook = |criteria: &str| {
        kind_world(&format!(
            "
            steps:
              - {{id: a, on_failure: fail, run: 'true'}}
              - {{id: b, run: 'true'}}
            {criteria}
            "
        ))
    };
    let fails = |run: Machine| run.with(|script| script.fails("a"));
    let run = fails(runbook("exit_criteria: [{probe: {file: /x}}]")).play();
    run.ended(Outcome::SucceededWithExceptions, Some(Verdict::Recovered));
    fails(runbook("")).play().ended(Outcome::Failed, Some(Verdict::Unverified));
}

#[test]
fn a_rejected_gate_and_a_recovery_are_success_with_exceptions() {
    let run = kind_world(
        "
        steps: [{id: a, gate: true, run: 'true'}, {id: b, run: 'true'}]
        exit_criteria: [{probe: {file: /x}}]
        ",
    );
    let run = run.with(|script| {
        script.rejects("a");
        script.resolves("a", &[HoldChoice::Failed]);
    });
    let run = run.play();
    run.states(&[("a", "rejected"), ("b", "not_reached")]);
    run.ended(Outcome::SucceededWithExceptions, Some(Verdict::Recovered));
}

#[test]
fn an_aborted_run_is_aborted_whatever_else_failed() {
    let run = kind_world(
        "
        steps:
          - {id: a, on_failure: continue, run: 'true'}
          - {id: b, run: 'true'}
        exit_criteria: [{probe: {file: /x}}]
        ",
    );
    let run = run.with(|script| {
        script.fails("a");
        script.fails("b");
        script.resolves("b", &[HoldChoice::Abort]);
    });
    run.play().ended(Outcome::Aborted, None);
}

#[test]
fn an_aborting_step_fails_a_run_that_would_have_recovered() {
    let run = kind_world(
        "
        steps: [{id: a, on_failure: abort, run: 'true'}]
        exit_criteria: [{probe: {file: /x}}]
        ",
    );
    run.with(|script| script.fails("a")).play().ended(Outcome::Failed, None);
}

#[test]
fn something_waived_is_an_exception_and_a_waived_symptom_is_none() {
    let runbook = |key: &str| {
        format!("{key}: [{{id: x, probe: {{file: /x}}}}]\nsteps: [{{id: a, run: 'true'}}]\n")
    };
    for (key, outcome) in
        [("preconditions", Outcome::SucceededWithExceptions), ("confirm", Outcome::Succeeded)]
    {
        let check = key.trim_end_matches('s');
        let run = kind_world(&runbook(key)).with(|script| {
            script.sees(check, &[Sight::Fails]);
            script.waives(check);
        });
        assert_eq!(run.play().outcome(), Some(outcome), "{key}");
    }
}

const CLOSING: &str = "
    steps:
      - {id: a, run: 'true'}
      - {id: b, run: 'true'}
    finally:
      - {id: x, run: 'true'}
      - {id: y, require: [{id: fresh, probe: {file: /x}}], run: 'true'}
      - {id: z, run: 'true'}
    ";

#[test]
fn the_closing_steps_run_after_a_failure_too() {
    let run = kind_world(CLOSING).with(|script| {
        script.fails("b");
        script.resolves("b", &[HoldChoice::Failed]);
    });
    run.play()
        .started(&["a", "b", "x", "y", "z"])
        .ended(Outcome::Failed, Some(Verdict::Unverified));
}

#[test]
fn the_closing_steps_run_after_an_abort_too() {
    let run = kind_world(CLOSING).with(|script| {
        script.fails("b");
        script.resolves("b", &[HoldChoice::Abort]);
    });
    run.play().started(&["a", "b", "x", "y", "z"]).ended(Outcome::Aborted, None);
}

#[test]
fn the_closing_steps_do_not_run_when_nothing_had_started() {
    let run = kind_world(
        "
        steps: [{id: a, when: 1 == 2, run: 'true'}]
        finally: [{id: x, run: 'true'}]
        ",
    );
    run.play().started(&[]).ended(Outcome::Succeeded, Some(Verdict::Unverified));
}

#[test]
fn closing_steps_that_were_not_needed_are_settled_at_the_end() {
    let run = kind_world(
        "
        steps: [{id: a, when: 1 == 2, run: 'true'}]
        finally: [{id: x, run: 'true'}]
        ",
    );
    run.play().states(&[("x", "not_reached")]);
}

#[test]
fn a_closing_step_that_fails_never_changes_the_outcome_and_stops_no_other() {
    for kind in [FailureKind::Exit, FailureKind::Timeout, FailureKind::Unseen] {
        let run = kind_world(CLOSING).with(|script| script.acts("x", &[Act::Fail(kind)])).play();
        run.started(&["a", "b", "x", "y", "z"]);
        run.ended(Outcome::Succeeded, Some(Verdict::Unverified));
    }
    for sight in [Sight::Fails, Sight::Unseen] {
        let run = kind_world(CLOSING).alone().with(|script| script.sees("y require", &[sight]));
        run.play()
            .started(&["a", "b", "x", "z"])
            .ended(Outcome::Succeeded, Some(Verdict::Unverified));
    }
}

#[test]
fn what_is_waived_in_a_closing_step_never_changes_the_outcome() {
    let run = kind_world(CLOSING).with(|script| {
        script.sees("y require", &[Sight::Fails]);
        script.waives("y require");
    });
    run.play()
        .started(&["a", "b", "x", "y", "z"])
        .ended(Outcome::Succeeded, Some(Verdict::Unverified));
}

#[test]
fn a_closing_step_whose_gate_is_refused_stops_no_other() {
    let run = kind_world(
        "
        steps: [{id: a, run: 'true'}]
        finally: [{id: x, gate: true, run: 'true'}, {id: y, run: 'true'}]
        ",
    );
    for run in [run.clone(), run.alone()] {
        let run = run.with(|script| script.rejects("x")).play();
        run.started(&["a", "y"]).ended(Outcome::Succeeded, Some(Verdict::Unverified));
    }
}

#[test]
fn the_verdict_may_be_asked_for_where_there_is_none() {
    let run = kind_world(
        "
        steps: [{id: a, on_failure: abort, run: 'true'}]
        finally:
          - {id: x, when: run.verdict == 'recovered', run: 'true'}
          - {id: y, when: run.verdict != 'recovered', run: 'true'}
        ",
    );
    let run = run.with(|script| script.fails("a")).play();
    run.started(&["a", "y"]).states(&[("x", "skipped{when}"), ("y", "succeeded")]);
    run.ended(Outcome::Failed, None);
}

#[test]
fn a_closing_phase_or_ladder_goes_on_like_any_other() {
    let run = kind_world(
        "
        steps: [{id: a, run: 'true'}]
        finally:
          - {id: p, steps: [{id: b, run: 'true'}, {id: c, run: 'true'}]}
          - {id: l, ladder: [{id: r, run: 'true'}, {id: s, run: 'true'}]}
        ",
    );
    let run = run.with(|script| {
        script.fails("p/b");
        script.fails("l/r");
    });
    let run = run.play();
    assert_eq!(run.outcome(), Some(Outcome::Succeeded), "{}", run.tale());
    assert_eq!(run.state_of("l"), "succeeded", "{}", run.tale());
}

#[test]
fn every_step_is_settled_when_a_run_has_ended_early() {
    let run = kind_world(
        "
        steps:
          - {id: a, on_failure: abort, run: 'true'}
          - {id: p, steps: [{id: b, run: 'true'}]}
          - {id: l, ladder: [{id: r, run: 'true'}]}
        ",
    );
    let run = run.with(|script| script.fails("a")).play();
    run.states(&[("a", "failed{exit}"), ("p", "not_reached"), ("b", "not_reached")]);
    run.states(&[("l", "not_reached"), ("r", "not_reached")]);
    assert_eq!(run.cause(), Some(&Cause::Step { step: "a".into() }));
}

#[test]
fn a_closing_ladder_tries_its_rungs_like_any_other() {
    let run = kind_world(
        "
        steps: [{id: a, run: 'true'}]
        finally:
          - id: l
            ladder:
              - {id: r, steps: [{id: x, run: 'true'}, {id: y, run: 'true'}]}
              - {id: s, run: 'true'}
        ",
    );
    let run = run.with(|script| script.fails("l/r/x")).play();
    run.started(&["a", "l/r/x", "l/s"]).states(&[("r", "failed{inner}"), ("l", "succeeded")]);
    run.ended(Outcome::Succeeded, Some(Verdict::Unverified));
}

#[test]
fn a_failed_rung_is_no_exception_whatever_its_key_says() {
    let run = kind_world(
        "
        steps:
          - id: l
            ladder:
              - {id: r, on_failure: continue, steps: [{id: a, run: 'true'}]}
              - {id: s, run: 'true'}
        ",
    );
    let run = run.with(|script| script.fails("l/r/a")).play();
    run.started(&["l/r/a", "l/s"]).ended(Outcome::Succeeded, Some(Verdict::Unverified));
}

#[test]
fn a_criterion_that_cannot_be_put_into_words_is_unverified() {
    let run = kind_world(
        "
        steps: [{id: a, when: run.id == 'x', run: 'true', outputs: {x: {}}}]
        exit_criteria: [{probe: {file: '${{ steps.a.outputs.x }}'}}]
        ",
    );
    run.alone().play().ended(Outcome::Failed, Some(Verdict::Unverified));
}

#[test]
fn a_closing_step_goes_on_whatever_its_own_key_says() {
    for key in ["hold", "fail", "abort", "continue"] {
        let run = kind_world(&format!(
            "
            steps: [{{id: a, run: 'true'}}]
            finally: [{{id: x, on_failure: {key}, run: 'true'}}, {{id: y, run: 'true'}}]
            "
        ));
        let run = run.with(|script| script.fails("x")).play();
        run.started(&["a", "x", "y"]).states(&[("x", "failed{exit} continue")]);
        run.ended(Outcome::Succeeded, Some(Verdict::Unverified));
    }
}
