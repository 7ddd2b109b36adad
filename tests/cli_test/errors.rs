//! A file of tests that is wrong in itself: each mistake with its line, all of them at once.

use super::{RUNBOOK, bench_of};

/// Complains unless a case with these keys leads to exactly these messages, places and helps.
#[track_caller]
fn assert_wrong(keys: &str, expected: &str) {
    assert_wrong_on(RUNBOOK, keys, expected);
}

#[track_caller]
fn assert_wrong_on(runbook: &str, keys: &str, expected: &str) {
    let bench = bench_of(runbook, &format!("      - {{name: one, {keys}}}\n"));
    let printed = bench.args(["test"]).stdout_contains("WRONG   a.test.yaml\n").exit(2).stdout;
    let is_mark = |line: &&str| {
        line.starts_with("error: ") || line.contains("-->") || line.contains("= help")
    };
    let marks = printed.lines().filter(is_mark).map(|line| line.trim().trim_start_matches("= "));
    let marks: Vec<&str> = marks.filter(|line| !line.ends_with("in a.test.yaml")).collect();
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    assert_eq!(marks, expected, "{printed}");
}

#[test]
fn a_mock_must_be_for_a_step_that_is_there_and_acts() {
    assert_wrong(
        "mocks: {lod: {exit: 1}, stop: {status: 200}, load: {outputs: {row: 1}}, look: {fails: timeout}}, expect: {outcome: failed}",
        "
        error: there is no step `lod`
        --> a.test.yaml:3:25
        help: did you mean `load`?
        error: `status` cannot be for `stop`: it runs a command
        --> a.test.yaml:3:47
        error: the step `load` has no output `row`
        --> a.test.yaml:3:79
        help: did you mean `rows`?
        error: `fails` cannot be for `look`: it has no `timeout`
        --> a.test.yaml:3:95
        ",
    );
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        steps:
          - {id: group, steps: [{id: pause, wait: 1m}]}
          - {id: hand, manual: Do it.}
          - {id: loss, gate: true}
          - {id: make, http: {url: 'http://x/'}}
          - {id: see, probe: {tcp: 'x:1'}}
          - {id: quiet, watch: {for: 1m, every: 1s, probe: {tcp: 'x:1'}}}
          - {id: tell, notify: {template: start, to: all}}
        ";
    assert_wrong_on(
        runbook,
        "mocks: {group: {exit: 1}, pause: {takes: 1m}, hand: {exit: 0}, loss: {exit: 0}, make: {exit: 1}, see: {exit: 1}, quiet: {takes: 1h}, tell: {fails: unseen}}, expect: {outcome: failed}",
        "
        error: a mock for `group`, which is a group
        --> a.test.yaml:3:25
        help: mock the steps inside it; a group does nothing itself
        error: a mock for `pause`, which only lets time pass
        --> a.test.yaml:3:43
        help: leave it out: the clock of the test passes that time at once
        error: a mock for `hand`, which a person does
        --> a.test.yaml:3:63
        help: say what the person does under `answers`
        error: a mock for `loss`, which is only a gate
        --> a.test.yaml:3:80
        help: answer it under `answers`
        error: `exit` cannot be for `make`: it sends a request
        --> a.test.yaml:3:103
        error: `exit` cannot be for `see`: it only looks
        --> a.test.yaml:3:119
        error: `takes` cannot be for `quiet`: it watches for as long as the runbook says
        --> a.test.yaml:3:137
        error: `fails` cannot be for `tell`: a message that is in doubt counts as failed
        --> a.test.yaml:3:156
        ",
    );
}

#[test]
fn a_check_must_be_there_and_be_able_to_show_what_is_said() {
    assert_wrong(
        "checks: {confirm/2: fails, spase: fails, exit_criteria/1: {exit: 1}, load/verify/2: fails, look/done_when: holds, nobody/verify: holds}, expect: {outcome: failed}",
        "
        error: there is no check `confirm/2`
        --> a.test.yaml:3:26
        help: `confirm` has one check: `confirm/1`
        error: there is no check `spase`
        --> a.test.yaml:3:44
        help: did you mean `space`?
        error: `exit_criteria/1` does not look at a command
        --> a.test.yaml:3:75
        help: say holds, warns, fails or unseen
        error: there is no check `load/verify/2`
        --> a.test.yaml:3:86
        help: `load/verify` has one check: `load/verify/1`
        error: the step `look` has no `done_when`
        --> a.test.yaml:3:108
        error: there is no step `nobody`
        --> a.test.yaml:3:131
        help: name a step by its id or path
        ",
    );
}

#[test]
fn an_answer_or_a_decision_must_be_one_that_somebody_is_asked_for() {
    assert_wrong(
        "answers: {dorp: {word: x}, stop: yes}, decisions: {load: expires, verdict: skip, invariant/x: retry, stop: waive, preconditions/1: end, load/verify: waive}, expect: {outcome: failed}",
        "
        error: there is no step `dorp`
        --> a.test.yaml:3:27
        help: did you mean `drop`?
        error: the step `stop` asks nothing
        --> a.test.yaml:3:44
        help: answers are for optional steps, for gates, and for what a person does
        error: the step `load` has no gate
        --> a.test.yaml:3:74
        error: `skip` is no decision for the verdict
        --> a.test.yaml:3:92
        help: use one of retry, end, undo
        error: there is no invariant `x`
        --> a.test.yaml:3:98
        error: `waive` is no decision for a step
        --> a.test.yaml:3:124
        help: use one of retry, done, failed, skip, undo, abort, rerun, expires
        error: `end` is no decision for a check
        --> a.test.yaml:3:148
        help: use one of waive, refuse
        error: nobody is asked about the check `load/verify`
        --> a.test.yaml:3:153
        help: a precondition or requirement needs an `id` for that; others are decided about by their step
        ",
    );
    assert_wrong(
        "attended: false, decisions: {load: retry}, expect: {outcome: failed}",
        "
        error: nobody is there to decide about `load`
        --> a.test.yaml:3:46
        help: take `attended: false` away, or the decision
        ",
    );
    let runbook = "{holdpoint: 1, id: a, title: A, steps: [{id: x, gate: true, run: x}]}";
    assert_wrong_on(
        runbook,
        "decisions: {x: expires, verdict: end}, expect: {outcome: failed}",
        "
        error: the gate of `x` does not expire
        --> a.test.yaml:3:32
        help: leave the answer out: the run then waits for it
        error: the runbook has no exit criteria: no verdict is decided about
        --> a.test.yaml:3:50
        ",
    );
}

#[test]
fn a_crash_must_be_able_to_come() {
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        steps:
          - {id: group, steps: [{id: see, probe: {tcp: 'x:1'}}]}
          - {id: hand, manual: Do it.}
          - {id: loss, gate: true}
        ";
    assert_wrong_on(
        runbook,
        "crashes: [{during: group}, {during: hand}, {after: loss}, {during: see, process: ended}, {after: verdict}, {asking: nobody}], expect: {outcome: failed}",
        "
        error: a crash at `group`, which is a group
        --> a.test.yaml:3:27
        help: name a step inside it
        error: a crash during `hand`, which a person does
        --> a.test.yaml:3:44
        help: let it come while the person is asked: {asking: hand}
        error: a crash at `loss`, which does nothing
        --> a.test.yaml:3:60
        help: let it come at its gate: {asking: loss}
        error: nobody knows what became of `see`
        --> a.test.yaml:3:75
        help: only a command without `tty` has a keeper that knows: leave `process` out
        error: `verdict` is no step
        --> a.test.yaml:3:114
        error: there is no step `nobody`
        --> a.test.yaml:3:133
        help: name a step by its id or path
        ",
    );
}

#[test]
fn what_the_run_is_told_must_fit_it() {
    assert_wrong(
        "inputs: {volme: x, volume: '-x', password: \"a\\nb\"}, choices: {volume: [a]}, waive: {spce: why, load: why}, expect: {outcome: failed}",
        "
        error: the runbook has no input `volme`
        --> a.test.yaml:3:26
        help: did you mean `volume`?
        error: the value of `password` is refused: it does not fit
        --> a.test.yaml:3:60
        error: the input `volume` has no `choices_from`
        --> a.test.yaml:3:79
        error: there is no check `spce` to waive
        --> a.test.yaml:3:101
        help: did you mean `space`?
        error: there is no check `load` to waive
        --> a.test.yaml:3:112
        help: a check that can be waived has an `id`
        ",
    );
    let runbook = "{holdpoint: 1, id: a, title: A, inputs: {p: {type: string}}, steps: [{id: x, switch: inputs.p, cases: {a: {run: a}}}]}";
    assert_wrong_on(
        runbook,
        "inputs: {p: b}, expect: {outcome: failed}",
        "
        error: the step `x` has no case for `b`
        --> a.test.yaml:3:12
        help: `inputs.p` must be one of a
        ",
    );
}

#[test]
fn an_expectation_must_be_one_that_can_come_true() {
    assert_wrong(
        "expect: {outcome: failed, waiting_for: [drop], path: [tell, 'stop~undo', nobody], states: {load: satisfied, look: undone, stop: rejected}, gates: {look: approved}, outputs: {load: {row: 1}}, undone: [load], takes: {at_least: 2h, at_most: 1h}}",
        "
        error: a run that is `failed` waits for nothing
        --> a.test.yaml:3:56
        help: write outcome: waiting, or leave waiting_for out
        error: `stop~undo` is an undo: say it under `undone`
        --> a.test.yaml:3:77
        help: a path has no undos
        error: there is no step `nobody`
        --> a.test.yaml:3:90
        help: name a step by its id or path
        error: `load` can never be `satisfied`: it has no `done_when`
        --> a.test.yaml:3:114
        error: `look` can never be `undone`: it has no `undo`
        --> a.test.yaml:3:131
        error: `stop` can never be `rejected`: it has no gate
        --> a.test.yaml:3:145
        error: the step `look` has no gate
        --> a.test.yaml:3:164
        error: the step `load` has no output `row`
        --> a.test.yaml:3:198
        help: did you mean `rows`?
        error: the step `load` has no `undo`
        --> a.test.yaml:3:217
        error: it can never take at least this and at most less
        --> a.test.yaml:3:242
        ",
    );
}

#[test]
fn what_no_step_of_the_kind_can_be_is_never_expected() {
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        steps:
          - {id: group, steps: [{id: x, gate: true, run: x, outputs: {k: {from: stdout, secret: true}}}]}
          - {id: loss, gate: true}
          - {id: all, each: {in: 'inputs.l'}, run: 'x ${{ item }}'}
        inputs: {l: {type: list, default: [a]}}
        ";
    assert_wrong_on(
        runbook,
        "expect: {verdict: recovered, messages: [x], path: [group, loss], states: {group: in_doubt, 'all/*': failed}, outputs: {x: {k: 1}, all: {}}}",
        "
        error: the verdict can never be `recovered`
        --> a.test.yaml:3:35
        help: the runbook has no exit criteria: all that can be is unverified
        error: the runbook passes no message on
        --> a.test.yaml:3:57
        error: `group` is a group, which never starts itself
        --> a.test.yaml:3:68
        help: name the steps inside it
        error: `loss` is only a gate, which never starts
        --> a.test.yaml:3:75
        help: say it under `gates`
        error: `group` can never be `in_doubt`: it is a group, and only what acts is in doubt
        --> a.test.yaml:3:98
        error: `all/*` is one step for each item
        --> a.test.yaml:3:108
        help: name an item by its number: all/1
        error: the output `k` is a secret, which is never shown
        --> a.test.yaml:3:140
        error: `all` is one step for each item
        --> a.test.yaml:3:147
        help: name an item by its number: all/1
        ",
    );
}

#[test]
fn the_form_of_a_file_is_checked_before_all_else() {
    assert_wrong(
        "mock: {load: {exit: 1}}, starts: 2026-13-01T00:00:00Z, expect: {}",
        "
        error: unknown key `mock` in a test
        --> a.test.yaml:3:17
        help: did you mean `mocks`?
        error: `expect` needs one of outcome, verdict, path, states, gates, outputs, undone, messages, timeline, waiting_for, takes
        --> a.test.yaml:3:80
        ",
    );
    assert_wrong(
        "starts: 2026-13-01T00:00:00Z, expect: {outcome: failed}}\n      - {name: one, expect: {outcome: failed}",
        "
        error: `2026-13-01T00:00:00Z` is no moment
        --> a.test.yaml:3:25
        error: the name `one` stands here twice
        --> a.test.yaml:4:12
        help: a case is known by its name: give each its own
        ",
    );
    assert_wrong(
        "mocks: {load: {exit: 1, fails: signal}, see: {exit: 300}}, crashes: [{process: gone}], expect: {outcome: won}",
        "
        error: `fails` and exit cannot stand together
        --> a.test.yaml:3:31
        error: it must be from 0 to 255
        --> a.test.yaml:3:69
        error: a crash needs exactly one of during, after, asking
        --> a.test.yaml:3:86
        error: `won` is not known here
        --> a.test.yaml:3:122
        help: use one of succeeded, succeeded_with_exceptions, failed, aborted, waiting
        ",
    );
}
