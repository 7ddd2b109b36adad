//! Results as text, JSON and JUnit; secrets are in none of them; nothing is started.

use std::fs;

use crate::cli_plan_trace::{can_trace, traced};
use crate::schema;

use super::{RUNBOOK, bench, bench_of};

const ONE_FAILS: &str = "      - name: fine
        expect: {outcome: waiting}
      - name: <not> \"fine\"
        answers: {drop: {word: data}}
        mocks: {load: {stderr: full, exit: 1}}
        expect: {path: [look, drop, load, tell], states: {load: succeeded}}
";

#[test]
fn a_case_that_fails_is_shown_with_each_line_that_missed_and_the_end_of_its_timeline() {
    let bench = bench(ONE_FAILS);
    bench
        .args(["test"])
        .stdout(
            r#"
            FAILED  a.test.yaml  1 of 2 cases

            FAILED  <not> "fine"

            error: `path` is not as expected
             --> a.test.yaml:8:27
              |
            8 |     expect: {path: [look, drop, load, tell], states: {load: succeeded}}
              |                           ^^^^

              expected  look, [drop], load, tell
              came      look, [stop], drop, load

            error: `states.load` is held, expected succeeded
             --> a.test.yaml:8:61
              |
            8 |     expect: {path: [look, drop, load, tell], states: {load: succeeded}}
              |                                                             ^^^^^^^^^

            the end of its timeline:
                        | drop
              03:00:00  drop  exited with 0 after 0.0 s
              03:00:00  drop  succeeded after 0.0 s
              03:00:00  load  started
                        | load
              03:00:00  load  exited with 1 after 0.0 s
              03:00:00  load  failed and is held: exit 1, expected 0
              03:00:00  run  left waiting for a person

            2 cases in 1 file, 1 FAILED
            "#,
        )
        .exit(1);
}

#[test]
fn json_has_its_schema_and_junit_a_failure_with_its_lines() {
    let bench = bench(ONE_FAILS);
    bench.write(
        "wrong.test.yaml",
        "{runbook: none.yaml, cases: [{name: a, expect: {outcome: failed}}]}",
    );
    let call = ["test", "--format", "json", "--output", "junit=out.xml"];
    let printed = bench.args(call).stdout_contains("").exit(2).stdout;
    let json: serde_json::Value = serde_json::from_str(&printed).expect("it is JSON");
    schema::assert_valid("test-results", &json);
    let failed = &json["files"][0]["cases"][1];
    assert_eq!((&json["cases"], &json["failed"]), (&2.into(), &1.into()));
    assert_eq!((&failed["passed"], &failed["outcome"]), (&false.into(), &"waiting".into()));
    assert_eq!(failed["misses"][1]["what"], "states.load");
    assert_eq!(
        (&failed["misses"][1]["line"], &failed["misses"][1]["came"]),
        (&8.into(), &"held".into())
    );
    assert_eq!(json["files"][1]["problems"][0]["message"], "there is no runbook none.yaml");
    let junit = fs::read_to_string(bench.path("out.xml")).expect("it was written");
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="holdpoint test" tests="3" failures="1" errors="1">
  <testsuite name="a.test.yaml" tests="2" failures="1" errors="0" disabled="0">
    <testcase name="fine" classname="a.test.yaml"/>
    <testcase name="&lt;not&gt; &quot;fine&quot;" classname="a.test.yaml">
      <failure message="`path` is not as expected" type="failed">a.test.yaml:8:27: `path` is not as expected
  expected  look, [drop], load, tell
  came      look, [stop], drop, load
a.test.yaml:8:61: `states.load` is held, expected succeeded
"#;
    assert!(junit.starts_with(expected), "{junit}");
    assert!(
        junit.ends_with(
            r#"  <testsuite name="wrong.test.yaml" tests="1" failures="0" errors="1" disabled="0">
    <testcase name="wrong.test.yaml" classname="wrong.test.yaml">
      <error message="there is no runbook none.yaml" type="wrong">wrong.test.yaml:1:11: there is no runbook none.yaml
</error>
    </testcase>
  </testsuite>
</testsuites>
"#
        ),
        "{junit}"
    );
}

#[test]
fn a_secret_is_never_shown_whatever_stands_beside_it() {
    let cases = "
      - {name: one, inputs: {password: hunter22}, mocks: {load: {exit: 1, stderr: hunter22}}, expect: {outcome: failed, timeline: [hunter22]}}
    ";
    for format in ["text", "json", "junit"] {
        let bench = bench_of(RUNBOOK, cases);
        let call = ["test", "--format", format];
        let printed = bench.args(call).stdout_contains("outcome").exit(1);
        assert!(!printed.stdout.contains("hunter22"), "{}", printed.stdout);
    }
    let cases = "
      - {name: one, inputs: {password: hunter22, nothing: 1}, expect: {outcome: failed}}
    ";
    bench_of(RUNBOOK, cases)
        .args(["test"])
        .stdout(
            "
            WRONG   a.test.yaml

            error: the runbook has no input `nothing`
             --> a.test.yaml:4:46

            error: 1 problem in a.test.yaml

            0 cases in 1 file, 1 file WRONG
            ",
        )
        .exit(2);
}

#[test]
fn what_a_secret_output_is_found_in_is_never_shown() {
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        steps:
          - id: key
            run: make
            expect: {stdout: {contains: made}}
            outputs: {key: {from: stdout, secret: true}}
        ";
    let cases = "
      - {name: one, mocks: {key: {stdout: hunter22}}, expect: {outcome: succeeded}}
        ";
    let bench = bench_of(runbook, cases);
    let text = bench.args(["test"]).stdout_contains("FAILED").exit(1).stdout;
    assert!(!text.contains("hunter22"), "{text}");
}

#[test]
fn tests_start_no_process_and_open_no_connection() {
    if !can_trace() {
        return;
    }
    let runbook = "
        holdpoint: 1
        id: a
        title: A
        requires: {tools: [no-such-tool], reachable: ['127.0.0.1:9']}
        inputs: {pick: {type: string, choices_from: 'touch RAN', late: true}}
        confirm: [{probe: {tcp: '127.0.0.1:9'}}]
        steps:
          - {id: run, run: touch RAN, verify: [{probe: {run: touch RAN}}], undo: {run: touch RAN, paired: true}}
          - {id: get, http: {url: 'http://127.0.0.1:9/'}}
          - {id: use, run: 'touch RAN ${{ inputs.pick }}'}
        ";
    let bench = bench_of(
        runbook,
        "
      - {name: all, inputs: {pick: a}, expect: {outcome: succeeded, path: [run, get, use]}}
      - {name: asked, choices: {pick: [a]}, crashes: [{during: run}], decisions: {run: rerun}, expect: {outcome: waiting}}
        ",
    );
    let calls = traced(&bench, "test");
    // Threads begin and end; what begins one says so.
    let is_other = |call: &&String| {
        let begins = ["clone", "clone3", "execve", "exit", "exit_group"];
        !begins.contains(&call.as_str()) && !call.starts_with(['+', '<'])
    };
    assert_eq!(calls.iter().find(is_other), None, "{calls:?}");
    assert_eq!(calls.iter().filter(|call| *call == "execve").count(), 1, "{calls:?}");
    let trace = fs::read_to_string(bench.path("trace")).expect("strace has written");
    let is_process = |line: &&str| line.contains("clone") && !line.contains("CLONE_THREAD");
    let begun = trace.lines().filter(|line| !line.contains("resumed>")).find(is_process);
    assert_eq!(begun, None);
    assert!(!bench.path("RAN").exists() && !bench.path("state").exists());
}
