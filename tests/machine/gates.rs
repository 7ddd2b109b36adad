//! Gates: who opens them, what a refusal leads to, and what an answer binds to.

use holdpoint::run::event::{Cause, Event, HoldChoice, Outcome, Sight};

use crate::harness::machine::{Act, kind_world};

const GATED: &str = "
    steps:
      - {id: a, gate: true, run: 'true'}
      - {id: b, run: 'true'}
    finally:
      - {id: tidy, run: 'true'}
    ";

#[test]
fn an_approved_gate_lets_the_action_begin() {
    let run = kind_world(GATED).play();
    run.started(&["a", "b", "tidy"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_gate_that_nobody_answers_parks_the_run() {
    kind_world(GATED).alone().play().started(&[]).waits_for(&["gate a"]);
    kind_world(GATED).with(|script| script.leaves("a")).play().started(&[]).waits_for(&["gate a"]);
}

#[test]
fn a_refused_gate_holds_when_somebody_is_there() {
    let run = kind_world(GATED).with(|script| script.rejects("a")).play();
    run.started(&[]).waits_for(&["hold a"]).states(&[("a", "held{rejected}")]);
}

#[test]
fn a_refused_gate_that_counts_as_failed_stops_what_is_below() {
    let run = kind_world(GATED).with(|script| {
        script.rejects("a");
        script.resolves("a", &[HoldChoice::Failed]);
    });
    let run = run.play();
    run.started(&[]).states(&[("a", "rejected"), ("b", "not_reached")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn a_refused_gate_is_asked_again_on_retry() {
    let run = kind_world(GATED).with(|script| {
        script.rejects("a");
        script.resolves("a", &[HoldChoice::Retry]);
    });
    let run = run.play();
    assert_eq!(run.count(|event| matches!(event, Event::GateRejected { .. })), 2);
    run.started(&[]).waits_for(&["hold a"]);
}

#[test]
fn a_refused_gate_aborts_the_run_when_nobody_is_there() {
    let run = kind_world(GATED).alone().with(|script| script.rejects("a")).play();
    run.started(&[]).states(&[("a", "rejected"), ("b", "not_reached"), ("tidy", "not_reached")]);
    run.ended(Outcome::Aborted, None);
    assert_eq!(run.cause(), Some(&Cause::Rejected { step: "a".into() }));
}

#[test]
fn a_refused_gate_lets_what_runs_finish_before_the_run_ends() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], run: 'true'}
          - {id: b, needs: [], gate: true, run: 'true'}
        finally: [{id: tidy, run: 'true'}]
        ",
    );
    let run = run.alone().with(|script| {
        script.rejects("b");
        script.acts("a", &[Act::Hang]);
    });
    let run = run.play();
    run.started(&["a"]);
    assert_eq!(run.outcome(), None);
    let run = run.with(|script| script.acts("a", &[Act::Succeed])).play();
    run.started(&["a", "tidy"]).states(&[("a", "succeeded"), ("b", "rejected")]);
    assert_eq!(run.outcome(), Some(Outcome::Aborted));
}

#[test]
fn an_answer_binds_to_the_question_it_was_given_to() {
    let run = kind_world(GATED).with(|script| script.leaves("a")).play();
    let gate = run.gate("a");
    assert_eq!(gate.commands, ["true"]);
    assert_eq!(gate.digest.len(), 64);
    let answer = |digest: &str| Event::GateApproved {
        step: "a".into(),
        digest: digest.into(),
        by: "ada".into(),
        note: None,
        is_prepared: false,
        value: None,
        is_bypass: false,
        wrong_words: 0,
        took_ms: None,
    };
    let mut other = run.clone();
    let refused = other.try_tell(answer("another"));
    assert!(refused.is_err_and(|why| why.contains("another question")));
    run.tell(answer(&gate.digest)).play().started(&["a", "b", "tidy"]);
}

#[test]
fn another_command_has_another_digest() {
    let digest = |command: &str| {
        let runbook = format!("steps: [{{id: a, gate: true, run: '{command}'}}]");
        kind_world(&runbook).alone().play().gate("a").digest
    };
    assert_eq!(digest("true"), digest("true"));
    assert_ne!(digest("true"), digest("false"));
}

#[test]
fn the_gate_of_a_group_shows_everything_inside() {
    let run = kind_world(
        "
        steps:
          - id: p
            gate: {ask: All of it?}
            steps:
              - {id: a, run: echo one, outputs: {x: {}}}
              - {id: b, run: 'echo ${{ steps.a.outputs.x }}'}
              - {id: l, ladder: [{id: r, run: echo two}, {id: s, steps: [{id: t, run: echo three}]}]}
        ",
    );
    let gate = run.alone().play().gate("p");
    assert_eq!(gate.ask, "All of it?");
    let expected = ["echo one", "echo ${{ steps.a.outputs.x }}", "echo two", "echo three"];
    assert_eq!(gate.commands, expected);
}

#[test]
fn what_is_required_is_looked_at_again_after_the_gate() {
    let runbook = "
        steps:
          - {id: a, on_failure: fail, require: [{probe: {file: /x}}], gate: true, run: 'true'}
        ";
    let run = kind_world(runbook);
    let run = run.with(|script| script.sees("a require", &[Sight::Holds, Sight::Fails])).play();
    run.started(&[]).states(&[("a", "failed{precondition}")]);
}

#[test]
fn an_effect_that_came_while_the_gate_waited_satisfies_the_step() {
    let run = kind_world("steps: [{id: a, done_when: {file: /x}, gate: true, run: 'true'}]");
    let run = run.with(|script| script.sees("a done_when", &[Sight::Fails, Sight::Holds])).play();
    run.started(&[]).states(&[("a", "satisfied")]);
}

#[test]
fn a_decision_needs_no_action() {
    let run = kind_world("steps: [{id: a, gate: {ask: Go on?}}, {id: b, run: 'true'}]").play();
    run.started(&["b"]).states(&[("a", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_gate_that_opens_while_another_step_is_held_starts_nothing() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], run: 'true'}
          - {id: b, needs: [], gate: true, run: 'true'}
        ",
    );
    let run = run.with(|script| {
        script.fails("a");
        script.leaves("b");
    });
    let run = run.play();
    run.waits_for(&["hold a", "gate b"]);
    let gate = run.gate("b");
    let (by, note) = ("ada".into(), None);
    let answer = Event::GateApproved {
        step: "b".into(),
        digest: gate.digest,
        by,
        note,
        is_prepared: false,
        value: None,
        is_bypass: false,
        wrong_words: 0,
        took_ms: None,
    };
    run.tell(answer).play().started(&["a"]);
}

#[test]
fn a_gate_waits_on_over_a_resume_with_the_same_question() {
    let run = kind_world(GATED).alone().play();
    let before = run.gate("a");
    let run = run.resume();
    assert_eq!(run.gate("a"), before);
    run.with(|script| script.approves("a")).play().started(&["a", "b", "tidy"]);
}

#[test]
fn a_gate_whose_word_is_empty_fails_the_step() {
    let run = kind_world(
        "
        inputs: {word: {default: ''}}
        steps: [{id: a, on_failure: fail, gate: {word: '${{ inputs.word }}'}, run: 'true'}]
        ",
    );
    run.play().started(&[]).states(&[("a", "failed{template}")]);
}

#[test]
fn a_quorum_opens_a_gate_with_the_last_of_so_many_people() {
    let run = kind_world("steps: [{id: a, gate: {quorum: 3}, run: a}, {id: b, run: b}]").play();
    run.started(&["a", "b"]);
    let approvals = run.count(|event| matches!(event, Event::GateApproved { .. }));
    assert_eq!(approvals, 3);
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn nobody_counts_twice_for_a_quorum() {
    let run = kind_world("steps: [{id: a, gate: {quorum: 2}, run: a}]");
    let run = run.with(|script| script.leaves("a")).play();
    let answer = |by: &str| Event::GateApproved {
        step: "a".into(),
        digest: run.gate("a").digest,
        by: by.into(),
        note: None,
        is_prepared: false,
        value: None,
        is_bypass: false,
        wrong_words: 0,
        took_ms: None,
    };
    let half = run.clone().tell(answer("ada"));
    half.started(&[]);
    assert!(half.clone().try_tell(answer("ada")).is_err());
    half.tell(answer("grace")).play().started(&["a"]);
}

#[test]
fn approvals_outlive_the_driver_as_long_as_the_question_is_the_same() {
    let run = kind_world("steps: [{id: a, gate: {quorum: 2}, run: a}]");
    let run = run.with(|script| script.leaves("a")).play();
    let answer = |by: &str| Event::GateApproved {
        step: "a".into(),
        digest: run.gate("a").digest,
        by: by.into(),
        note: None,
        is_prepared: false,
        value: None,
        is_bypass: false,
        wrong_words: 0,
        took_ms: None,
    };
    let resumed = run.clone().tell(answer("ada")).resume().play();
    resumed.tell(answer("grace")).play().started(&["a"]);
}

#[test]
fn a_bypass_opens_a_gate_whatever_its_quorum() {
    let run = kind_world("steps: [{id: a, gate: {quorum: 2, bypass: allowed}, run: a}]");
    let run = run.with(|script| script.leaves("a")).play();
    let bypass = Event::GateApproved {
        step: "a".into(),
        digest: run.gate("a").digest,
        by: "ada".into(),
        note: None,
        is_prepared: false,
        value: None,
        is_bypass: true,
        wrong_words: 0,
        took_ms: None,
    };
    run.tell(bypass).play().started(&["a"]);
}

const EXPIRING: &str = "steps: [{id: a, gate: {expires: 10s}, run: a}, {id: b, run: b}]";

#[test]
fn a_gate_that_nobody_answers_in_time_is_held_and_may_be_asked_again() {
    let run = kind_world(EXPIRING)
        .with(|script| {
            script.leaves("a");
            script.lets_time_pass("a");
        })
        .play();
    run.started(&[]).states(&[("a", "held{expired}")]);
    let run = run.with(|script| script.resolves("a", &[HoldChoice::Failed])).resume().play();
    run.states(&[("a", "rejected"), ("b", "not_reached")]);
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_gate_that_counts_as_refused_when_its_time_is_over_ends_a_run_that_nobody_attends() {
    let text = EXPIRING.replace("10s}", "10s, on_expiry: reject}");
    let run = kind_world(&text)
        .alone()
        .with(|script| {
            script.leaves("a");
            script.lets_time_stand("a");
        })
        .play();
    run.waits_for(&["gate a"]);
    let run = run.with(|script| script.lets_time_pass("a")).resume().play();
    run.started(&[]).states(&[("a", "rejected")]);
    assert_eq!(run.outcome(), Some(Outcome::Aborted));
}

#[test]
fn an_answer_in_time_forgets_the_time_limit() {
    let run = kind_world(EXPIRING).with(|script| script.lets_time_stand("a")).play();
    run.started(&["a", "b"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}
