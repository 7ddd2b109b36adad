//! How long a plan takes: estimates, the longest path through them, and the promise.

use serde_json::{Value, json};

use crate::harness::Bench;

/// The lines about the critical path, and the verdict on the promise, of a runbook that goes on so.
#[track_caller]
fn assert_path(rest: &str, expected: &str, verdict: &Value) {
    let text = format!("holdpoint: 1\nid: book\ntitle: Book\n{rest}");
    let bench = Bench::new().runbook("book.yaml", &text);
    let plan = bench.args(["plan", "book.yaml", "--format", "json"]).json();
    assert_eq!(plan["critical_path"]["rto"]["verdict"], *verdict);
    let printed = bench.args(["plan", "book.yaml"]).stdout_contains("").exit(0).stdout;
    let found = printed.split_once("\ncritical path\n").map(|(_, lines)| lines);
    assert_eq!(found.unwrap_or_default(), expected);
}

#[test]
fn the_critical_path_is_the_longest_and_is_held_against_the_promise() {
    assert_path(
        "objectives: {rto: 1h}\nsteps:\n\
         - {id: a, estimate: 5m..10m, run: x}\n\
         - {id: b, needs: [a], estimate: 1m..40m, run: x}\n\
         - {id: c, needs: [a], estimate: 20m, run: x}\n\
         - {id: d, needs: [b, c], estimate: 5s, run: x}\n",
        "  25m5s..50m5s of 1h RTO: a > b > d\n",
        &json!("kept"),
    );
    assert_path(
        "objectives: {rto: 30m, estimate: 5m..45m}\nsteps:\n\
         - {id: a, estimate: 20m..40m, run: x}\n- {id: b, timeout: 5m, run: x}\n",
        "  20m..40m of 30m RTO, which the longer time breaks: a\n  1 step has no estimate: b\n  \
         the runbook itself estimates 5m..45m, which breaks the RTO\n",
        &json!("at_risk"),
    );
    assert_path(
        "objectives: {rto: 30m}\nsteps:\n- {id: a, estimate: 31m, run: x}\n",
        "  31m of 30m RTO, which even the shorter time breaks: a\n",
        &json!("broken"),
    );
    assert_path(
        "objectives: {rto: 30m}\nsteps:\n- {id: a, run: x}\n- {id: b, estimate: 5m, run: x}\n",
        "  5m of 30m RTO: b\n  1 step has no estimate: a\n",
        &json!("unknown"),
    );
    assert_path(
        "objectives: {rto: 30m}\nsteps:\n- {id: a, run: x}\n",
        "  UNKNOWN of 30m RTO\n  1 step has no estimate: a\n",
        &json!("unknown"),
    );
    assert_path("steps:\n- {id: a, run: x}\n", "", &Value::Null);
}

#[test]
fn a_ladder_takes_one_rung_at_best_and_all_at_worst() {
    assert_path(
        "inputs: {mode: {type: string, default: quick}}\nsteps:\n\
         - {id: off, when: inputs.mode == 'slow', estimate: 10h, run: x}\n\
         - id: l\n  ladder:\n  \
           - {id: no, when: inputs.mode == 'slow', estimate: 1h, run: x}\n  \
           - {id: one, estimate: 2m..5m, run: x}\n  \
           - {id: two, steps: [{id: c, estimate: 10m, run: x}, {id: d, estimate: 1m..20m, run: x}]}\n",
        "  2m..35m: one > c > d\n",
        &Value::Null,
    );
}

#[test]
fn what_may_be_passed_over_takes_no_time_at_best() {
    assert_path(
        "steps:\n\
         - {id: look, estimate: 1m, run: x}\n\
         - {id: maybe, when: steps.look.succeeded, estimate: 5m, run: x}\n\
         - id: kind\n  switch: steps.look.stdout\n  cases:\n    \
             a: {steps: [{id: s, estimate: 2m, run: x}]}\n    \
             b: {steps: [{id: t, estimate: 3m..4m, run: x}, {id: u, run: x}]}\n\
         - {id: phase, estimate: 7m, steps: [{id: v, estimate: 1h, run: x}, {id: w, run: x}]}\n\
         finally:\n- {id: tell, estimate: 9h, run: x}\n",
        "  10m..17m: look > maybe > t > phase\n  1 step has no estimate: u\n",
        &Value::Null,
    );
}

#[test]
fn a_wrong_estimate_is_refused_with_its_place() {
    let bench = Bench::new().runbook(
        "bad.yaml",
        "
        holdpoint: 1
        id: bad
        title: Bad
        objectives: {estimate: soon}
        steps:
          - {id: a, estimate: 45m..15m, run: x}
          - {id: b, estimate: 5, run: x}
        ",
    );
    let stderr = "
        error: `soon` is not a duration
         --> bad.yaml:4:24
          |
        4 | objectives: {estimate: soon}
          |                        ^^^^
          |
          = help: write a duration such as 5m, or a range of two: 15m..45m

        error: the estimate `45m..15m` begins with the longer time
         --> bad.yaml:6:23
          |
        6 |   - {id: a, estimate: 45m..15m, run: x}
          |                       ^^^^^^^^
          |
          = help: write the shorter time first: 15m..45m

        error: the duration `5` has no unit
         --> bad.yaml:7:23
          |
        7 |   - {id: b, estimate: 5, run: x}
          |                       ^
          |
          = help: write a duration such as 5m, or a range of two: 15m..45m

        error: 3 problems in bad.yaml
    ";
    bench.args(["plan", "bad.yaml"]).stderr(stderr).exit(3);
}

#[test]
fn what_is_waited_counts_without_an_estimate() {
    assert_path(
        "objectives: {rto: 1h}\nsteps:\n\
         - {id: a, wait: 3m}\n- {id: b, wait: {until: {file: /x, within: 5m}}}\n\
         - {id: c, watch: {for: 10m, probe: {file: /x}}}\n- {id: d, wait: {until: {file: /x}}}\n",
        "  13m..18m of 1h RTO: a > b > c\n  1 step has no estimate: d\n",
        &json!("unknown"),
    );
}
