//! `holdpoint test`: cases of test files, played in virtual time with nothing run.

mod crashes;
mod errors;
mod formats;
mod people;
mod unused;
mod world;

use crate::harness::Bench;

/// The runbook that most cases are played on.
const RUNBOOK: &str = "
    holdpoint: 1
    id: restore
    title: Restore
    inputs:
      volume: {type: string, default: data}
      password: {type: string, secret: true, optional: true}
    confirm: [{title: it is down, probe: {not: {run: [pg_isready]}}}]
    preconditions: [{id: space, probe: {run: [df]}}]
    steps:
      - {id: look, effect: read, on_failure: continue, run: logs}
      - {id: stop, run: stop, undo: {run: start, paired: true}}
      - id: drop
        gate: {ask: Drop it?, word: '${{ inputs.volume }}', expires: 1h, on_expiry: hold}
        run: drop
        done_when: {run: [inspect]}
      - {id: load, run: load, timeout: 30m, outputs: {rows: {from: regex, pattern: '([0-9]+)', type: int}}, verify: [{probe: {run: [count]}}]}
    exit_criteria: [{title: it answers, probe: {http: 'http://localhost/'}}]
    finally: [{id: tell, notify: {template: resolved, to: all}}]
";

/// A bench with the runbook and a file of tests of it.
pub(crate) fn bench(cases: &str) -> Bench {
    bench_of(RUNBOOK, cases)
}

/// A bench with a runbook and a file of tests of it; the cases are indented by four at least.
pub(crate) fn bench_of(runbook: &str, cases: &str) -> Bench {
    let bench = Bench::new().runbook("a.yaml", runbook);
    bench.write("a.test.yaml", &format!("    runbook: a.yaml\n    cases:\n{cases}"));
    bench
}

/// Complains unless all cases are as expected.
#[track_caller]
pub(crate) fn assert_ok(runbook: &str, cases: &str) {
    let bench = bench_of(runbook, cases);
    let number = cases.matches("- name: ").count();
    let cases = if number == 1 { "1 case".to_owned() } else { format!("{number} cases") };
    let expected = format!("ok      a.test.yaml  {cases}\n{cases} in 1 file, all ok\n");
    bench.args(["test"]).stdout(&expected).exit(0);
    assert!(!bench.path("state").exists(), "no run is kept");
}

#[test]
fn the_example_of_the_language_is_as_it_says() {
    let name = "postgres-complete-failure";
    let bench = Bench::new();
    for ending in ["yaml", "test.yaml"] {
        let text = crate::docs::read(&format!("tests/data/language/{name}.{ending}"));
        bench.write(&format!("{name}.{ending}"), &text);
    }
    let expected = format!("ok      {name}.test.yaml  1 case\n1 case in 1 file, all ok\n");
    bench.args(["test"]).stdout(&expected).exit(0);
}

#[test]
fn a_case_takes_no_time_however_long_its_run_lasts() {
    assert_ok(
        RUNBOOK,
        "
      - name: days
        mocks: {stop: {takes: 90d}, load: {outputs: {rows: 3}, takes: 20m}}
        answers: {drop: {word: data}}
        expect: {outcome: succeeded, takes: {at_least: 90d20m, at_most: 90d20m}}
        ",
    );
}

#[test]
fn only_the_cases_that_are_named_are_played() {
    let bench = bench(
        "
      - {name: the first one, answers: {drop: reject}, expect: {outcome: failed}}
      - {name: the second, expect: {outcome: waiting}}
        ",
    );
    let played = "ok      a.test.yaml  1 case\n1 case in 1 file, all ok\n";
    bench.args(["test", "--case", "second"]).stdout(played).exit(0);
    bench
        .args(["test", "--case", "third"])
        .stderr(
            "
            error: no case has `third` in its name
              help: leave --case out to play all of them
            ",
        )
        .exit(2);
}

#[test]
fn files_are_found_in_folders_and_what_is_no_file_of_tests_is_refused() {
    let bench = bench("      - {name: one, expect: {outcome: waiting}}\n");
    bench.write("other/b.yaml", RUNBOOK);
    bench.write(
        "other/b.test.yml",
        "{runbook: b.yaml, cases: [{name: two, expect: {outcome: waiting}}]}",
    );
    bench
        .args(["test"])
        .stdout(
            "
            ok      a.test.yaml  1 case
            ok      other/b.test.yml  1 case
            2 cases in 2 files, all ok
            ",
        )
        .exit(0);
    bench
        .args(["test", "other"])
        .stdout("ok      other/b.test.yml  1 case\n1 case in 1 file, all ok\n")
        .exit(0);
    bench
        .args(["test", "a.yaml"])
        .stderr(
            "
            error: a.yaml is no file of tests
              help: the name of a file of tests ends in .test.yaml
            ",
        )
        .exit(2);
    bench
        .args(["test", "-"])
        .stderr(
            "
            error: tests are not read from standard input
              help: a test file names its runbook by a path from where it lies: name the file
            ",
        )
        .exit(2);
    bench
        .args(["test", "none.test.yaml"])
        .stderr(
            "
            error: cannot read none.test.yaml: No such file or directory (os error 2)
              help: name a file that can be read
            ",
        )
        .exit(2);
    Bench::new()
        .args(["test"])
        .stderr(
            "
            error: there is no file of tests
              help: name one, such as runbook.test.yaml, or go to the folder of your library
            ",
        )
        .exit(2);
}

#[test]
fn a_runbook_that_is_invalid_is_told_and_no_case_of_it_is_played() {
    let bench = bench_of(
        "{holdpoint: 1, id: a, title: A, steps: [{id: x, rnu: y}]}",
        "      - {name: one, expect: {outcome: waiting}}\n",
    );
    bench.args(["test"]).stderr_contains("unknown key `rnu` in a step").exit(3);
}
