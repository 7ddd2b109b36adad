//! Cases in which the process that drives the run dies.

use super::{RUNBOOK, assert_ok};

const ONCE: &str = "
    holdpoint: 1
    id: a
    title: A
    inputs: {token: {type: string, secret: true}}
    steps:
      - {id: before, effect: idempotent, run: before}
      - {id: once, run: once, env: {TOKEN: '${{ inputs.token }}'}, done_when: {run: [look]}}
      - {id: after, run: after}
    ";

#[test]
fn a_step_that_must_not_be_repeated_is_settled_by_what_became_of_it() {
    assert_ok(
        ONCE,
        "
      - name: its effect is there
        inputs: {token: t}
        crashes: [{during: once}]
        expect: {outcome: succeeded, path: [before, once, after]}
      - name: its effect is not there and a person has it done again
        inputs: {token: t}
        crashes: [{during: once}]
        checks: {once/done_when: fails}
        decisions: {once: rerun}
        expect: {outcome: succeeded, path: [before, once, once, after]}
      - name: a person says that it is done
        inputs: {token: t}
        crashes: [{during: once, process: unknown}]
        checks: {once/done_when: fails}
        decisions: {once: done}
        expect: {outcome: succeeded, path: [before, once, after]}
      - name: a person says that it has failed
        inputs: {token: t}
        crashes: [{during: once}]
        checks: {once/done_when: fails}
        decisions: {once: [failed, abort]}
        expect: {outcome: aborted, states: {once: failed, after: not_reached}}
      - name: nobody decides
        inputs: {token: t}
        attended: false
        crashes: [{during: once}]
        checks: {once/done_when: [fails]}
        expect: {outcome: waiting, waiting_for: [once], states: {once: in_doubt}}
      - name: its keeper knows that it has ended
        inputs: {token: t}
        crashes: [{during: once, process: ended}]
        mocks: {once: {exit: 1}}
        decisions: {once: done}
        expect: {outcome: succeeded_with_exceptions, path: [before, once, after]}
      - name: it was never begun
        inputs: {token: t}
        crashes: [{during: once, process: never_begun}]
        expect: {outcome: succeeded, path: [before, once, once, after]}
        ",
    );
}

#[test]
fn what_may_be_repeated_is_done_again_and_what_had_ended_is_not() {
    assert_ok(
        ONCE,
        "
      - name: during
        inputs: {token: t}
        crashes: [{during: before}]
        mocks: {before: [{exit: 1}, {exit: 0}]}
        expect: {outcome: succeeded, path: [before, before, once, after]}
      - name: after
        inputs: {token: t}
        crashes: [{after: before}]
        expect: {outcome: succeeded, path: [before, once, after], timeline: [exited with 0, taken over]}
      - name: again and again
        inputs: {token: t}
        crashes: [{after: before}, {during: before}, {during: once}, {during: after}]
        decisions: {after: done}
        expect: {outcome: succeeded, path: [before, before, once, after]}
        ",
    );
}

#[test]
fn a_question_is_asked_again_by_the_next_driver() {
    assert_ok(
        RUNBOOK,
        "
      - name: at a gate
        crashes: [{asking: drop}, {asking: verdict}]
        checks: {exit_criteria/1: [fails]}
        mocks: {load: {outputs: {rows: 1}, takes: 1m}}
        answers: {drop: {word: data}}
        decisions: {verdict: end}
        expect: {outcome: failed, path: [look, stop, drop, load, tell], undone: [stop], gates: {drop: approved}}
        ",
    );
}
