//! What the world of a case does: mocks, looks, requests, fan-outs, includes.

use super::{RUNBOOK, assert_ok, bench_of};

#[test]
fn a_mock_has_an_entry_for_each_attempt_and_the_last_holds_for_all_further_ones() {
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        steps:
          - {id: try, effect: idempotent, run: try, retry: {times: 3, every: 10s}}
        ";
    assert_ok(
        runbook,
        "
      - name: the third attempt succeeds
        mocks: {try: [{exit: 1}, {exit: 2}, {exit: 0}]}
        expect: {outcome: succeeded, path: [try, try, try], takes: {at_least: 20s, at_most: 20s}}
      - name: none does
        mocks: {try: {exit: 1}}
        decisions: {try: failed}
        expect: {outcome: failed, path: [try, try, try, try], states: {try: failed}}
      - name: the person has it tried again
        mocks: {try: [{exit: 1}, {exit: 1}, {exit: 1}, {exit: 1}, {stdout: fine}]}
        decisions: {try: [retry]}
        expect: {outcome: succeeded, path: [try, try, try, try, try]}
        ",
    );
}

#[test]
fn a_step_that_takes_longer_than_it_may_runs_out_of_time() {
    assert_ok(
        RUNBOOK,
        "
      - name: too long
        mocks: {load: {takes: 31m}}
        answers: {drop: {word: data}}
        decisions: {load: done}
        expect:
          outcome: succeeded_with_exceptions
          timeline: [it took longer than 30m]
          takes: {at_most: 30m}
      - name: out of time
        mocks: {load: {fails: timeout}}
        answers: {drop: {word: data}}
        decisions: {load: skip}
        expect: {outcome: succeeded_with_exceptions, states: {load: skipped}}
      - name: not to be started
        mocks: {load: {fails: spawn}, look: {fails: signal}}
        answers: {drop: {word: data}}
        expect: {outcome: waiting, waiting_for: [load], states: {load: held, look: failed}}
      - name: not seen
        mocks: {load: {fails: unseen}}
        answers: {drop: {word: data}}
        decisions: {load: failed}
        expect: {outcome: waiting, waiting_for: [load], states: {load: held}}
      - name: not seen and nobody says
        mocks: {load: {fails: unseen}}
        answers: {drop: {word: data}}
        expect: {outcome: waiting, waiting_for: [load], states: {load: in_doubt}}
        ",
    );
}

#[test]
fn what_is_printed_and_what_is_handed_over_become_outputs() {
    assert_ok(
        RUNBOOK,
        "
      - name: printed
        mocks: {load: {stdout: '217 rows'}}
        answers: {drop: {word: data}}
        expect: {outputs: {load: {rows: 217}}}
      - name: handed over
        mocks: {load: {outputs: {rows: 12}}}
        answers: {drop: {word: data}}
        expect: {outputs: {load: {rows: 12}}}
      - name: not said
        answers: {drop: {word: data}}
        expect: {states: {load: held}, timeline: ['its output `rows` is not assumed to be anything']}
        ",
    );
}

#[test]
fn looks_of_every_kind_show_what_they_are_said_to() {
    assert_ok(
        RUNBOOK,
        "
      - name: the symptom is not there
        checks: {confirm/1: fails}
        decisions: {confirm/1: refuse}
        expect: {outcome: aborted, path: []}
      - name: the symptom is not there and somebody goes on
        checks: {confirm/1: unseen}
        decisions: {confirm/1: waive}
        answers: {drop: {word: data}}
        mocks: {load: {outputs: {rows: 1}}}
        expect: {outcome: succeeded, timeline: [as the test decides]}
      - name: a command that says that it is up
        checks: {confirm/1: {exit: 0}}
        expect: {outcome: waiting, waiting_for: [confirm/1]}
      - name: a precondition by its id
        checks: {space: [fails]}
        waive: {space: there is a second disk}
        answers: {drop: {word: data}}
        mocks: {load: {outputs: {rows: 1}}}
        expect: {outcome: succeeded_with_exceptions, timeline: [there is a second disk]}
      - name: a precondition by its place
        checks: {preconditions/1: {exit: 127}}
        expect: {outcome: waiting, timeline: [the command was not found]}
      - name: it is done already
        checks: {drop/done_when: holds}
        mocks: {load: {outputs: {rows: 1}}}
        expect: {path: [look, stop, load, tell], states: {drop: satisfied}, gates: {}}
      - name: the verification fails
        answers: {drop: {word: data}}
        mocks: {load: {outputs: {rows: 1}}}
        checks: {load/verify: [fails, holds]}
        decisions: {load: retry}
        expect: {outcome: succeeded, path: [look, stop, drop, load, load, tell]}
      - name: it does not answer
        answers: {drop: {word: data}}
        mocks: {load: {outputs: {rows: 1}}}
        checks: {exit_criteria/1: [{status: 503}, {status: 200, body: fine}]}
        decisions: {verdict: retry}
        expect: {outcome: succeeded, verdict: recovered}
      - name: it never answers
        answers: {drop: {word: data}}
        mocks: {load: {outputs: {rows: 1}}}
        checks: {exit_criteria/1: fails}
        decisions: {verdict: end}
        expect: {outcome: failed, verdict: not_recovered}
        ",
    );
}

#[test]
fn a_watch_that_only_records_goes_on_though_what_it_watches_breaks() {
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        steps:
          - {id: quiet, watch: {for: 30m, every: 1m, probe: {run: [quiet]}, on_break: record}}
        ";
    assert_ok(
        runbook,
        "
      - name: it does not stay quiet
        mocks: {quiet: {looks: fails}}
        expect: {outcome: succeeded, states: {quiet: succeeded}, takes: {at_least: 30m}}
        ",
    );
}

#[test]
fn what_goes_on_elsewhere_is_in_doubt_and_what_only_asks_is_not() {
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        steps:
          - {id: there, target: {ssh: db}, run: restore}
          - {id: ask, http: {url: 'http://x/state'}}
        ";
    assert_ok(
        runbook,
        "
      - name: a signal ends the client
        mocks: {there: {fails: signal}}
        expect: {states: {there: in_doubt}}
      - name: the answer to a question is lost
        mocks: {ask: {fails: unseen}}
        expect: {states: {ask: held}}
        ",
    );
}

#[test]
fn a_secret_output_that_nothing_gives_fails_its_step() {
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        steps:
          - {id: key, run: make, outputs: {key: {from: stdout, secret: true}}}
        ";
    assert_ok(
        runbook,
        "
      - name: nothing is said of it
        expect: {states: {key: held}}
      - name: it is handed over
        mocks: {key: {outputs: {key: hunter22}}}
        expect: {outcome: succeeded}
        ",
    );
}

const LOOKS: &str = "
    holdpoint: 1
    id: a
    title: A
    invariants: [{id: disk, probe: {run: [df]}}]
    steps:
      - {id: seen, probe: {tcp: 'db:5432'}}
      - {id: up, wait: {until: {run: [up], within: 5m}}}
      - {id: pause, wait: 10m}
      - {id: quiet, watch: {for: 30m, every: 1m, probe: {run: [quiet]}, on_break: fail}}
      - id: make
        require: [{id: quota, probe: {run: [quota]}}]
        http: {method: POST, url: 'http://x/keys', json: {a: 1}}
        outputs: {key: {from: json, path: $.id, type: int}}
      - {id: use, run: 'use ${{ steps.make.outputs.key }}'}
    ";

#[test]
fn probes_waits_watches_and_requests_are_mocked_by_what_they_see() {
    assert_ok(
        LOOKS,
        r#"
      - name: all is well
        mocks: {make: {status: 201, body: '{"id": 7}', headers: {etag: x}}, up: {takes: 1m, looks: holds}}
        expect:
          outcome: succeeded
          path: [seen, up, pause, quiet, make, use]
          outputs: {make: {key: 7, status: 201}}
          takes: {at_least: 41m, at_most: 41m}
          timeline: ["use '7'"]
      - name: nothing listens
        mocks: {seen: {looks: fails}}
        expect: {states: {seen: held}}
      - name: it does not stay quiet
        mocks: {quiet: {looks: fails}}
        expect: {states: {quiet: held}, path: [seen, up, pause, quiet]}
      - name: the request is refused
        mocks: {make: {status: 409}}
        decisions: {make: abort}
        expect: {outcome: aborted, states: {make: failed}}
      - name: the answer does not come
        mocks: {make: {fails: timeout}}
        expect: {states: {make: in_doubt}}
      - name: the quota is used up
        checks: {quota: fails}
        decisions: {quota: refuse, make: skip}
        expect: {states: {make: skipped, use: held}}
      - name: the disk fills up
        checks: {disk: [holds, fails, holds]}
        mocks: {make: {outputs: {key: 3}}}
        decisions: {invariant/disk: retry}
        expect: {outcome: succeeded}
        "#,
    );
}

#[test]
fn a_mock_of_a_fan_out_is_for_each_item_and_one_of_an_item_stands_above_it() {
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        inputs: {hosts: {type: list, default: [x, y, z]}}
        steps:
          - id: patch
            each: {in: inputs.hosts, as: host, parallel: 2, fail: all}
            run: 'patch ${{ host }}'
            undo: {run: 'back ${{ host }}'}
          - id: both
            each: {in: inputs.hosts, as: host}
            steps:
              - {id: one, run: 'one ${{ host }}'}
              - {id: two, run: 'two ${{ host }}'}
        ";
    assert_ok(
        runbook,
        "
      - name: one host fails
        mocks: {patch: {takes: 10s}, patch/2: {exit: 1, takes: 5s}, both/3/two: {takes: 1m}}
        expect:
          path: [patch, patch, patch, one, two, one, two, one, two]
          states: {patch/2: failed, patch/1: succeeded, both/3/two: succeeded}
          takes: {at_most: 75s}
      - name: one host, and all is taken back
        inputs: {hosts: [x]}
        mocks: {both/1/two: {exit: 1}}
        decisions: {both: undo}
        expect: {outcome: aborted, verdict: not_recovered, path: [patch/1, both/1/one, two], undone: [patch/1]}
        ",
    );
}

#[test]
fn steps_that_run_beside_each_other_take_as_long_as_the_longest() {
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        steps:
          - {id: one, needs: [], run: one}
          - {id: two, needs: [], run: two}
          - {id: three, run: three}
        ";
    assert_ok(
        runbook,
        "
      - name: two at a time
        mocks: {one: {takes: 10m}, two: {takes: 4m}, three: {takes: 1m}}
        expect: {path: [one, two, three], takes: {at_least: 11m, at_most: 11m}}
      - name: one at a time
        parallel: 1
        starts: 2026-03-01T00:00:00+01:00
        mocks: {one: {takes: 10m}, two: {takes: 4m}, three: {takes: 1m}}
        expect: {path: [one, two, three], takes: {at_least: 15m, at_most: 15m}, timeline: ['23:00:00']}
        ",
    );
}

#[test]
fn an_included_runbook_is_played_with_its_checks_and_its_steps_by_their_paths() {
    let bench = bench_of(
        "
        holdpoint: 1
        id: a
        title: A
        steps:
          - {id: first, include: inner.yaml}
          - {id: second, include: inner.yaml}
        ",
        "
      - name: both
        mocks: {first/act: {takes: 1m}, second/act: {exit: 1}}
        checks: {pre: [holds], second/require/1: warns, first/verify: holds}
        expect: {path: [first/act, first/end, second/act], states: {second/act: held}}
        ",
    );
    bench.write(
        "inner.yaml",
        "
        holdpoint: 1
        id: inner
        title: Inner
        preconditions: [{id: pre, probe: {run: [pre]}}]
        steps: [{id: act, run: act}]
        exit_criteria: [{probe: {run: [post]}}]
        finally: [{id: end, run: end}]
        ",
    );
    bench.args(["test"]).stdout_contains("1 case in 1 file, all ok").exit(0);
}

#[test]
fn what_a_runbook_simulates_is_what_a_step_does_that_is_not_mocked() {
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        steps:
          - {id: act, run: act, simulate: {exit: 3, takes: 2m}}
        ";
    assert_ok(
        runbook,
        "
      - name: as simulated
        expect: {states: {act: held}, takes: {at_least: 2m, at_most: 2m}}
      - name: as mocked
        mocks: {act: {exit: 0}}
        expect: {outcome: succeeded, takes: {at_most: 0s}}
        ",
    );
}

#[test]
fn a_case_is_played_in_its_environment_and_production_is_never_assumed() {
    let bench = bench_of(
        "{holdpoint: 1, id: a, title: A, inputs: {host: {type: string}}, steps: [{id: x, run: 'go ${{ inputs.host }}'}]}",
        "
      - name: named
        environment: staging
        expect: {timeline: [db.staging]}
      - name: unnamed
        expect: {outcome: succeeded}
      - name: unknown
        environment: stagging
        expect: {outcome: succeeded}
        ",
    );
    bench.write(
        "holdpoint.yaml",
        "{holdpoint: 1, environments: {staging: {inputs: {host: db.staging}}, production: {inputs: {host: db}}}}",
    );
    bench
        .args(["test"])
        .stdout(
            "
            WRONG   a.test.yaml

            error: the environments are staging, production
             --> a.test.yaml:7:11
              |
            7 |   - name: unnamed
              |           ^^^^^^^
              |
              = help: name one with `environment`; production is never assumed

            error: there is no environment `stagging`
              --> a.test.yaml:10:18
               |
            10 |     environment: stagging
               |                  ^^^^^^^^
               |
               = help: did you mean `staging`?

            error: 2 problems in a.test.yaml

            0 cases in 1 file, 1 file WRONG
            ",
        )
        .exit(2);
    bench.write(
        "a.test.yaml",
        "{runbook: a.yaml, cases: [{name: named, environment: staging, expect: {timeline: [db.staging]}}]}",
    );
    bench.args(["test"]).stdout_contains("1 case in 1 file, all ok").exit(0);
}
