//! `holdpoint test --coverage`, `--require-coverage` and `--init`.

use std::fs;

use crate::coverage::ALL;
use crate::coverage::around::{INNER, MAIN};
use crate::docs::{blocks, read};
use crate::harness::{Bench, shipped};
use crate::schema;

const RUNBOOK: &str = "
    holdpoint: 1
    id: restore
    title: Restore
    steps:
      - id: up
        ladder:
          - {id: restart, run: restart}
          - {id: load, gate: {ask: Sure?}, run: load}
    exit_criteria: [{probe: {file: /up}}]
";

const ONE_CASE: &str = "
    runbook: a.yaml
    cases:
      - {name: the restart is enough, expect: {outcome: succeeded, verdict: recovered}}
";

fn bench() -> Bench {
    let bench = Bench::new().runbook("a.yaml", RUNBOOK);
    bench.write("a.test.yaml", ONE_CASE);
    bench
}

/// What is said of the runbook of which one case is tested.
const TOLD: &str = "
    a.yaml: 2 of 9 edges walked (22.2 %)
      rungs
        line 5: no rung of `up` is left
        line 7: the rung `restart` fails
        line 8: the rung `load` succeeds
        line 8: the rung `load` fails
      gates
        line 8: the gate of `load` is approved
        line 8: the gate of `load` is rejected
      checks
        line 9: service has not recovered
    ";

#[test]
fn what_was_walked_is_told_after_the_cases_and_what_was_not_by_its_kind() {
    let expected =
        format!("ok      a.test.yaml  1 case\n1 case in 1 file, all ok\n{}", flush(TOLD));
    bench().args(["test", "--coverage"]).stdout(&expected).exit(0);
}

/// A text without the indentation of the code around it.
fn flush(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect()
}

#[test]
fn less_than_is_required_is_a_failure_that_says_what_is_missing() {
    let bench = bench();
    bench.args(["test", "--require-coverage", "22"]).stdout_contains("22.2 %").exit(0);
    let told = "1 runbook below the 22.3 % that must be walked\n";
    bench
        .args(["test", "--require-coverage", "22.3"])
        .stdout_contains("  gates\n    line 8: the gate of `load` is approved\n")
        .stdout_contains(told)
        .exit(1);
    bench.args(["test", "--require-coverage", "22.3%"]).stdout_contains(told).exit(1);
    for wrong in ["101", "-1", "all", "NaN"] {
        let flag = format!("--require-coverage={wrong}");
        bench.args(["test".to_owned(), flag]).stderr_contains("a number from 0 to 100").exit(2);
    }
}

#[test]
fn cases_of_several_files_and_those_that_fail_are_added_up() {
    let bench = bench();
    bench.write(
        "b.test.yaml",
        "
        runbook: a.yaml
        cases:
          - name: the restart is not enough
            mocks: {restart: {exit: 1}}
            answers: {load: approve}
            expect: {outcome: failed}
        ",
    );
    bench
        .args(["test", "--coverage"])
        .stdout_contains("a.yaml: 5 of 9 edges walked (55.5 %)\n")
        .exit(1);
    bench
        .args(["test", "--coverage", "--case", "not enough"])
        .stdout_contains("a.yaml: 4 of 9 edges walked (44.4 %)\n")
        .exit(1);
}

#[test]
fn a_runbook_without_tests_is_told_where_a_folder_is_meant() {
    let bench = bench();
    bench.write("other/b.yaml", "{holdpoint: 1, id: b, title: B, steps: [{id: x, run: 'true'}]}");
    bench.write("other/notes.yaml", "just: notes\n");
    let told = "
        other/b.yaml: 0 of 2 edges walked (0.0 %)
          it has no tests: holdpoint test --init writes the first
        ";
    let told = told.lines().map(|line| line.strip_prefix("        ").unwrap_or(line));
    let told = told.collect::<Vec<_>>().join("\n");
    bench.args(["test", "--coverage"]).stdout_contains(&told).exit(0);
    bench.args(["test", "--coverage", "."]).stdout_contains("b.yaml: 0 of 2 edges").exit(0);
    let told = "1 runbook below the 20 % that must be walked\n";
    bench.args(["test", "--require-coverage", "20"]).stdout_contains(told).exit(1);
    let named = bench.args(["test", "--coverage", "a.test.yaml"]).stdout_contains("").exit(0);
    assert!(!named.stdout.contains("b.yaml"), "{}", named.stdout);
    fs::remove_file(bench.path("a.test.yaml")).expect("it can be removed");
    bench.args(["test", "--coverage"]).stdout_contains("a.yaml: 0 of 9 edges walked").exit(0);
    bench.args(["test"]).stderr_contains("there is no file of tests").exit(2);
}

#[test]
fn a_runbook_that_is_wrong_is_told_beside_the_others() {
    let bench = bench();
    bench.write("b.yaml", "{holdpoint: 1, id: b, title: B, steps: [{id: x}]}");
    bench
        .args(["test", "--coverage"])
        .stdout_contains("a.yaml: 2 of 9 edges walked")
        .stderr_contains("b.yaml")
        .exit(3);
}

#[test]
fn programs_are_told_the_same_as_json() {
    let bench = bench();
    let printed = bench.args(["test", "--require-coverage", "50", "--format", "json"]);
    let printed = printed.stdout_contains("").exit(1);
    schema::assert_valid("test-results", &schema::json(&printed.stdout));
    let told = schema::json(&printed.stdout);
    let coverage = &told["coverage"][0];
    assert_eq!(coverage["runbook"], "a.yaml");
    assert_eq!(coverage["has_tests"], true);
    assert_eq!((&coverage["edges"], &coverage["walked"]), (&9.into(), &2.into()));
    assert_eq!((&coverage["percent"], &coverage["required"]), (&22.2.into(), &50.0.into()));
    assert_eq!(coverage["is_enough"], false);
    let first = serde_json::json!({
        "id": "up:exhausted",
        "group": "rungs",
        "sentence": "no rung of `up` is left",
        "line": 5,
    });
    assert_eq!(coverage["missing"][0], first);
    let plain = bench.args(["test", "--format", "json"]).stdout_contains("").exit(0);
    assert!(!plain.stdout.contains("\"coverage\""), "{}", plain.stdout);
}

#[test]
fn junit_has_a_case_for_each_runbook_that_fails_where_too_little_was_walked() {
    let bench = bench();
    let told = "message=\"2 of 9 edges walked (22.2 %)\" type=\"coverage\">line 5: no rung of `up`";
    let parts = ["<testsuite name=\"coverage\" tests=\"1\" failures=\"1\"", told];
    for part in parts {
        bench
            .args(["test", "--require-coverage", "50", "--format", "junit"])
            .stdout_contains(part)
            .exit(1);
    }
    bench
        .args(["test", "--coverage", "--format", "junit"])
        .stdout_contains("<testsuite name=\"coverage\" tests=\"1\" failures=\"0\"")
        .exit(0);
}

const FIRST: &str = "\
# The first tests of a.yaml, written by playing it: nothing was run.
# These expectations are what this version does: read them, they are yours to correct.
# Values of inputs and outputs are placeholders.
runbook: a.yaml
cases:
  - name: all goes well
    expect:
      outcome: succeeded
      verdict: recovered
      path: [restart]

  - name: no rung of up is left
    mocks:
      restart: {exit: 1}
      load: {exit: 1}
    answers:
      load: {approve: true}
    decisions:
      up: failed
    expect:
      outcome: succeeded_with_exceptions
      verdict: recovered
      path: [restart, load]
      states: {up: failed, restart: failed, load: failed}
      gates: {load: approved}

  - name: the gate of load is rejected
    mocks:
      restart: {exit: 1}
    answers:
      load: {reject: true}
    decisions:
      up: failed
      load: failed
    expect:
      outcome: succeeded_with_exceptions
      verdict: recovered
      path: [restart]
      states: {up: failed, restart: failed, load: rejected}
      gates: {load: rejected}

  - name: the rung load succeeds
    mocks:
      restart: {exit: 1}
    answers:
      load: {approve: true}
    expect:
      outcome: succeeded
      verdict: recovered
      path: [restart, load]
      states: {restart: failed}
      gates: {load: approved}

  - name: service has not recovered
    checks:
      exit_criteria/1: fails
    decisions:
      verdict: end
    expect:
      outcome: failed
      verdict: not_recovered
      path: [restart]
";

#[test]
fn the_first_tests_of_a_runbook_are_written_beside_it_and_pass_at_once() {
    let bench = Bench::new().runbook("a.yaml", RUNBOOK);
    bench
        .args(["test", "--init", "a.yaml"])
        .stdout(
            "
            a.test.yaml: 5 cases, 9 of 9 edges walked (100 %)
            its expectations are what the runbook does now: read them before you rely on them
            ",
        )
        .exit(0);
    assert_eq!(fs::read_to_string(bench.path("a.test.yaml")).expect("it was written"), FIRST);
    bench.args(["test", "--require-coverage", "100"]).stdout_contains("(100 %)").exit(0);
    assert!(!bench.path("state").exists(), "no run is kept");
}

#[test]
fn a_file_that_is_there_is_left_as_it_is() {
    let bench = bench();
    bench
        .args(["test", "--init", "a.yaml"])
        .stderr(
            "
            error: a.test.yaml is there already
              help: it is left as it is; take it away first, or print with --stdout
            ",
        )
        .exit(2);
    bench.args(["test", "--init", "a.yaml", "--stdout"]).stdout(FIRST).exit(0);
    bench.args(["test"]).stdout_contains("ok      a.test.yaml  1 case\n").exit(0);
    bench
        .args(["test", "--init", "a.test.yaml"])
        .stderr_contains("a file of tests already")
        .exit(2);
    bench.args(["test", "--init", "none.yaml"]).stderr_contains("cannot read none.yaml").exit(3);
    bench.args(["test", "--stdout"]).stderr_contains("--init <FILE>").exit(2);
}

/// A bench with the first tests of a runbook, which are all as expected; what was said is given.
fn written(runbook: &str, others: &[(&str, &str)]) -> (Bench, String) {
    let bench = Bench::new().runbook("a.yaml", runbook);
    others.iter().for_each(|(name, text)| bench.write(name, text));
    let told = bench.args(["test", "--init", "a.yaml"]).stdout_contains("").exit(0).stdout;
    bench.args(["test", "a.test.yaml"]).stdout_contains(", all ok\n").exit(0);
    let again = bench.args(["test", "--init", "a.yaml", "--stdout"]).stdout_contains("").exit(0);
    let text = fs::read_to_string(bench.path("a.test.yaml")).expect("it was written");
    assert_eq!(text, again.stdout, "the same runbook has the same first tests");
    (bench, told)
}

#[test]
fn nearly_everything_that_a_runbook_can_have_is_walked_by_its_first_tests() {
    let head = "holdpoint: 1\n    id: all\n    title: All\n";
    let (_, told) = written(&format!("    {head}{ALL}"), &[]);
    assert!(told.contains("edges walked (100 %)"), "{told}");
}

#[test]
fn inputs_get_values_that_they_admit() {
    let runbook = "
        holdpoint: 1
        id: inputs
        title: Inputs
        inputs:
          ticket: {type: string, pattern: 'INC-[0-9]{4}'}
          size: {type: int, min: 7, max: 9}
          name: {type: string, min: 12}
          platform: {type: choice, choices: [compose, local]}
          hosts: {type: list, choices: [web1, web2, web3]}
          since: {type: timestamp}
          pause: {type: duration}
          example: {type: string, example: eu-west-1}
          token: {type: string, secret: true}
          region: {type: string}
        steps:
          - id: a
            env: {TOKEN: '${{ inputs.token }}'}
            switch: inputs.region
            cases: {north: {run: 'true'}, south: {run: 'true'}}
        ";
    let (bench, told) = written(runbook, &[]);
    assert!(told.contains("4 of 4 edges walked (100 %)"), "{told}");
    let text = fs::read_to_string(bench.path("a.test.yaml")).expect("it was written");
    let inputs = text.split("inputs:").nth(1).and_then(|it| it.split("expect:").next());
    assert_eq!(
        inputs.unwrap_or_default(),
        "
      ticket: INC-0000
      size: 7
      name: namexxxxxxxx
      platform: compose
      hosts: [web1, web2]
      since: \"2026-01-31T03:00:00Z\"
      pause: \"10m\"
      example: eu-west-1
      token: token
      region: north
    "
    );
}

#[test]
fn an_input_for_which_nothing_is_found_is_named() {
    let runbook = "
        holdpoint: 1
        id: inputs
        title: Inputs
        inputs: {odd: {type: string, pattern: '\\p{Greek}+'}}
        steps: [{id: a, run: 'echo ${{ inputs.odd }}'}]
        ";
    let (bench, told) = written(runbook, &[]);
    assert!(told.contains("0 of 2 edges walked (0.0 %)\n  not walked, failures\n"), "{told}");
    let text = fs::read_to_string(bench.path("a.test.yaml")).expect("it was written");
    let named = "# No value was found that the input odd admits: give it one.\n# Not walked:\n";
    assert!(text.contains(named), "{text}");
    assert!(text.contains("waiting_for: [inputs/odd]"), "{text}");
}

#[test]
fn what_people_hand_in_and_choose_is_made_up_as_it_is_asked_for() {
    let runbook = "
        holdpoint: 1
        id: people
        title: People
        steps:
          - {id: key, manual: Make a key., answers: {key: {type: int, min: 5}}, evidence: {ticket: {}, log: {type: file}, rows: {type: number}}}
          - {id: ticks, checklist: [{item: one, evidence: ticket}, {item: 'two: three #4'}]}
          - {id: which, choose: {ask: Which?, options: [x, y]}}
          - {id: both, gate: {ask: Sure?, quorum: 2, approvers: [ada, bob, cyd]}, run: 'true'}
          - {id: other, gate: {ask: Sure?, not_operator: true}, run: 'true'}
          - {id: rows, gate: {ask: How many?, value: {prompt: Rows?, expect: {between: [3, 9]}}}, run: 'true'}
        ";
    let (_, told) = written(runbook, &[]);
    assert!(told.contains("18 of 18 edges walked (100 %)"), "{told}");
}

#[test]
fn conditions_and_switches_are_met_both_ways_where_inputs_and_outputs_lead_there() {
    let runbook = "
        holdpoint: 1
        id: branches
        title: Branches
        inputs: {deep: {type: bool, default: false}, level: {type: int, default: 3}, hosts: {type: list, default: []}}
        steps:
          - {id: dig, when: inputs.deep, steps: [{id: digger, when: inputs.level > 10, run: 'true'}]}
          - {id: count, run: 'true', outputs: {rows: {from: stdout, type: int}, mode: {from: stdout}}}
          - {id: many, when: steps.count.outputs.rows > 1000, run: 'true'}
          - id: go
            switch: steps.count.outputs.mode
            cases: {fast: {run: 'true'}, slow: {steps: [{id: slowly, run: 'true'}]}}
          - {id: all, each: {in: inputs.hosts, empty: skip}, run: 'true'}
          - {id: look, effect: read, on_failure: continue, run: 'true'}
          - {id: mend, when: steps.look.failed, run: 'true'}
        ";
    let (_, told) = written(runbook, &[]);
    assert!(told.contains("edges walked (100 %)"), "{told}");
}

#[test]
fn what_no_value_leads_to_is_told() {
    let runbook = "
        holdpoint: 1
        id: far
        title: Far
        inputs: {code: {type: string, default: a}}
        steps: [{id: a, when: inputs.code | length == 417, run: 'true'}]
        ";
    let bench = Bench::new().runbook("a.yaml", runbook);
    bench
        .args(["test", "--init", "a.yaml"])
        .stdout(
            "
            a.test.yaml: 1 case, 1 of 3 edges walked (33.3 %)
              not walked, failures
                the step `a` fails
              not walked, steps
                the step `a` succeeds
            its expectations are what the runbook does now: read them before you rely on them
            ",
        )
        .exit(0);
}

#[test]
fn an_included_runbook_is_walked_too() {
    let head = "holdpoint: 1\n    id: outer\n    title: Outer\n";
    let (_, told) = written(&format!("    {head}{MAIN}"), &[("inner.yaml", INNER)]);
    assert!(told.contains("15 of 15 edges walked (100 %)"), "{told}");
}

#[test]
fn where_an_environment_must_be_named_the_first_that_is_not_production_is() {
    let bench = Bench::new().runbook("a.yaml", RUNBOOK);
    bench.write(
        "holdpoint.yaml",
        "
        holdpoint: 1
        environments: {production: {inputs: {}}, staging: {inputs: {}}}
        ",
    );
    bench.args(["test", "--init", "a.yaml"]).stdout_contains("9 of 9 edges").exit(0);
    let text = fs::read_to_string(bench.path("a.test.yaml")).expect("it was written");
    assert_eq!(text.matches("    environment: staging\n").count(), 5, "{text}");
    bench.args(["test", "--require-coverage", "100"]).stdout_contains("(100 %)").exit(0);
}

#[test]
fn every_edge_of_the_runbooks_that_come_along_is_walked_by_their_tests() {
    let bench = Bench::new();
    let runbooks = shipped("runbooks");
    let call = bench.args(["test".to_owned(), "--require-coverage".into(), "100".into(), runbooks]);
    call.stdout_contains(", all ok\n").exit(0);
}

#[test]
fn the_page_about_coverage_shows_what_is_printed() {
    let bench = Bench::new();
    let page = read("docs/coverage.md");
    for block in blocks(&page) {
        if let Some((_, name)) = block.language.split_once("file=") {
            bench.write(name, &block.text);
        }
    }
    let shown = blocks(&page).into_iter().find(|block| block.language == "console");
    let text = shown.map(|block| block.text).unwrap_or_default();
    let command = "$ holdpoint test --coverage orders.test.yaml\n";
    let printed = text.strip_prefix(command).expect("the page shows this command");
    bench.args(["test", "--coverage", "orders.test.yaml"]).stdout(printed).exit(0);
    let told = "orders.test.yaml: 9 cases, 18 of 18 edges walked (100 %)\n";
    fs::remove_file(bench.path("orders.test.yaml")).expect("it can be removed");
    bench.args(["test", "--init", "orders.yaml"]).stdout_contains(told).exit(0);
}
