//! What people say in a case: at gates, of held steps, by hand; and that nobody is there.

use super::{RUNBOOK, assert_ok};

#[test]
fn a_gate_is_approved_refused_left_or_answered_with_a_wrong_word() {
    assert_ok(
        RUNBOOK,
        "
      - name: approved
        mocks: {load: {outputs: {rows: 1}}}
        answers: {drop: {word: data, by: anna, note: checked twice}}
        expect:
          outcome: succeeded
          gates: {drop: approved}
          undone: [stop]
          messages: ['[Resolved] the service: Restore']
          timeline: [checked twice]
      - name: refused
        answers: {drop: {reject: true, reason: wrong cluster}}
        decisions: {drop: undo}
        expect: {outcome: aborted, gates: {drop: rejected}, undone: [stop], states: {drop: rejected}}
      - name: not answered
        expect: {outcome: waiting, waiting_for: [drop], gates: {drop: unanswered}, states: {drop: at_gate}}
      - name: a wrong word
        answers: {drop: {word: dato}}
        expect: {outcome: waiting, gates: {drop: unanswered}}
      - name: expired
        decisions: {drop: [expires, failed]}
        expect: {outcome: succeeded_with_exceptions, gates: {drop: expired}, states: {load: not_reached}, takes: {at_least: 1h, at_most: 1h}}
      - name: expired first and then approved
        decisions: {drop: [expires, retry]}
        mocks: {load: {outputs: {rows: 1}}}
        answers: {drop: {word: data}}
        expect: {outcome: succeeded, gates: {drop: approved}, takes: {at_least: 1h, at_most: 1h}}
        ",
    );
}

const PEOPLE: &str = "
    holdpoint: 1
    id: a
    title: A
    steps:
      - {id: sure, optional: true, run: sure}
      - {id: loss, gate: {ask: Accept?, approvers: [anna, ben], quorum: 2, not_operator: true}}
      - {id: key, manual: Make a key., answers: {key: {type: string, secret: true}, rows: {type: int}}, evidence: [ticket]}
      - {id: shot, manual: Take a picture., evidence: {picture: {type: file}}}
      - {id: ticks, checklist: [{item: page}, {item: mail, if_applicable: true}]}
      - {id: which, choose: {ask: Which?, options: [a, b]}}
      - {id: pass, gate: {ask: Go?, bypass: allowed}, run: pass}
    ";

#[test]
fn what_people_do_by_hand_is_answered_as_in_a_file_of_answers() {
    assert_ok(
        PEOPLE,
        "
      - name: all of it
        yes: true
        answers:
          sure: {needed: false, reason: not today}
          loss: [{approve: true, by: anna}, {approve: true, by: ben}]
          key: {answers: {key: k, rows: 5}, evidence: {ticket: T-1}}
          shot: {evidence: {picture: shot.png}}
          ticks: {items: {page: done, mail: {waived: nobody is affected}}}
          which: {choice: b}
        expect:
          outcome: succeeded
          path: [key, shot, ticks, which, pass]
          states: {sure: skipped, loss: succeeded}
          gates: {loss: approved, pass: bypassed}
          outputs: {key: {rows: 5}, which: {choice: b}}
      - name: one of them only
        answers: {sure: {needed: true, reason: x}, loss: {approve: true, by: anna}}
        expect: {outcome: waiting, waiting_for: [loss], path: [sure]}
      - name: it cannot be done and then it can
        crashes: [{asking: key}, {after: shot}]
        answers:
          sure: {needed: false, reason: x}
          loss: [{approve: true, by: anna}, {approve: true, by: ben}]
          key: [{failed: no rights}, {answers: {key: k, rows: 5}, evidence: {ticket: T-1}}]
          shot: {evidence: {picture: shot.png}}
        decisions: {key: retry}
        expect: {outcome: waiting, waiting_for: [ticks], path: [key, key, shot, ticks]}
        ",
    );
}

#[test]
fn where_nobody_is_there_a_run_waits_or_ends_as_it_does_for_real() {
    assert_ok(
        RUNBOOK,
        "
      - name: the symptom is not there
        attended: false
        checks: {confirm/1: fails}
        expect: {outcome: aborted, path: []}
      - name: a prepared answer
        attended: false
        answers: {drop: {word: data}}
        mocks: {load: {outputs: {rows: 1}}}
        expect: {outcome: succeeded}
      - name: a rejection
        attended: false
        answers: {drop: no}
        expect: {outcome: aborted, states: {drop: rejected}}
      - name: a failure
        attended: false
        mocks: {stop: {exit: 1}}
        expect: {outcome: waiting, waiting_for: [stop], states: {stop: held}}
      - name: no verdict
        attended: false
        checks: {exit_criteria/1: fails}
        answers: {drop: {word: data}}
        mocks: {load: {outputs: {rows: 1}}}
        expect: {outcome: failed, verdict: not_recovered}
        ",
    );
}

#[test]
fn an_input_that_nobody_gives_is_waited_for_and_its_choices_are_listed() {
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        inputs: {dump: {type: string, choices_from: 'ls', late: true}}
        steps: [{id: first, run: first}, {id: load, run: 'load ${{ inputs.dump }}'}]
        ";
    assert_ok(
        runbook,
        "
      - name: listed
        choices: {dump: [a.sql, b.sql]}
        expect: {outcome: waiting, waiting_for: [inputs/dump], path: [first]}
      - name: given
        inputs: {dump: a.sql}
        expect: {outcome: succeeded, timeline: [load 'a.sql']}
        ",
    );
}
