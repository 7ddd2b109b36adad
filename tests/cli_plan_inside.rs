//! Fan-outs and included runbooks in a plan: what is inside them is shown as far as it is known.

use serde_json::Value;

use crate::harness::Bench;

const FAN: &str = r#"
    holdpoint: 1
    id: fan
    title: Fan
    inputs: {hosts: {type: list, default: [a, b c]}}
    objectives: {rto: 1h}
    steps:
      - id: known
        title: Say it to ${{ host }}
        each: {in: inputs.hosts, as: host}
        gate: {ask: All?}
        run: echo hello ${{ host }}
        verify: [{probe: {file: /x}}]
        outputs: {said: {from: line, line: 1}}
      - {id: list, estimate: 1m, run: x, outputs: {hosts: {type: list}, d: {default: z}}}
      - id: open
        gate: true
        each: {in: steps.list.outputs.hosts, empty: skip}
        steps: [{id: one, estimate: 2m, run: 'x ${{ item }}'}, {id: two, run: y}]
      - id: nested
        gate: true
        steps:
          - {id: inner, each: {in: inputs.hosts}, run: 'z ${{ item }}'}
      - {id: inc, include: inner.yaml, inputs: {table: orders, kind: '${{ steps.list.outputs.d }}'}}
      - {id: use, run: 'echo ${{ steps.inc.outputs.rows }} ${{ steps.known.outputs.said }}'}
"#;

const INNER: &str = r#"
    holdpoint: 1
    id: inner
    title: Inner
    inputs: {table: {}, kind: {default: q}}
    outputs: {rows: steps.count.outputs.rows}
    preconditions: [{id: pre, probe: {file: "/in/${{ inputs.table }}"}}]
    exit_criteria: [{id: out, probe: {tcp: "db:1"}}]
    steps:
      - {id: count, gate: {ask: "Count ${{ inputs.table }}?"}, run: 'count ${{ inputs.table }}', outputs: {rows: {type: int}}}
      - {id: kind, when: inputs.kind == 'z', run: 'x ${{ inputs.kind }}'}
    finally:
      - {id: tidy, run: tidy}
"#;

const FAN_TEXT: &str = r#"
    fan — Fan

    inputs
      assumed         hosts  [a, b c]

    steps
      assumed         every check holds, every action succeeds at its first attempt, every gate is opened
      needs a person  known
                      for each host in inputs.hosts (a, b c)
                      gate All?
                      verified by a probe
                      | file /x
        would run       item 1: Say it to a
                        | echo hello 'a'
                        effect once
        would run       item 2: Say it to b c
                        | echo hello 'b c'
                        effect once
      would run       list
                      | x
                      effect once
                      estimate 1m
      needs a person  open (UNKNOWN)
                      UNKNOWN: `steps.list.outputs.hosts` may be an empty list
                      for each item in steps.list.outputs.hosts (UNKNOWN)
                      gate Go on with open?
        would run       each item (UNKNOWN)
          would run       one (UNKNOWN)
                          | x ${{ item }}
                          effect once
                          estimate 2m
          would run       two (UNKNOWN)
                          | y
                          effect once
      needs a person  phase nested
                      gate Go on with nested?
        would run       inner
                        for each item in inputs.hosts (a, b c)
          would run       item 1
                          | z 'a'
                          effect once
          would run       item 2
                          | z 'b c'
                          effect once
      would run       inc
                      requires pre
                      | file /in/orders
                      | include inner.yaml
                      verified by out
                      | tcp db:1
        needs a person  count
                        gate Count orders?
                        | count 'orders'
                        effect once
        would run       kind (UNKNOWN)
                        when inputs.kind == 'z' (UNKNOWN)
                        | x ${{ inputs.kind }}
                        effect once
        would run       finally
          would run       tidy
                          | tidy
                          effect once
      would run       use
                      | echo ${{ steps.inc.outputs.rows }} ${{ steps.known.outputs.said }}
                      effect once

    critical path
      3m of 1h RTO: list > open
      6 steps have no estimate: known, open, inner, count, kind, use
"#;

fn bench() -> Bench {
    Bench::new().file("inner.yaml", INNER).runbook("fan.yaml", FAN)
}

#[test]
fn a_plan_shows_the_items_that_are_known_and_what_is_included() {
    bench().args(["plan", "fan.yaml"]).stdout(FAN_TEXT).exit(0);
}

#[test]
fn the_gate_of_a_fan_out_has_the_digest_of_all_its_items() {
    let bench = bench();
    let plan = bench.args(["plan", "fan.yaml", "--format", "json"]).json();
    let steps = plan["steps"].as_array().expect("a plan lists steps");
    let gate = |path: &str| -> &Value {
        let step = steps.iter().find(|step| step["path"] == path).expect("the step is listed");
        &step["actions"][0]["gate"]["digest"]
    };
    assert!(gate("inc/count").is_string());
    assert_eq!((gate("open"), gate("nested")), (&Value::Null, &Value::Null));
    bench
        .args(["run", "fan.yaml", "--non-interactive"])
        .stdout_contains("")
        .stderr_contains("")
        .exit(5);
    assert_eq!(bench.status()["waiting_for"][0]["digest"], *gate("known"));
}

#[test]
fn an_empty_list_is_passed_over_or_fails() {
    let bench = Bench::new().runbook(
        "empty.yaml",
        "
        holdpoint: 1
        id: empty
        title: Empty
        inputs: {hosts: {type: list, default: []}}
        steps:
          - {id: skip, each: {in: inputs.hosts, empty: skip}, run: 'x ${{ item }}'}
          - {id: fail, each: {in: inputs.hosts}, run: 'x ${{ item }}'}
        ",
    );
    let plan = bench.args(["plan", "empty.yaml", "--format", "json"]).json();
    let said = |place: usize| {
        let step = &plan["steps"][place];
        (
            step["path"].clone(),
            step["happens"].clone(),
            step["because"][0].clone(),
            step["failure"].clone(),
        )
    };
    let reason = Value::from("`inputs.hosts` is an empty list");
    assert_eq!(said(0), ("skip".into(), false.into(), reason.clone(), Value::Null));
    assert_eq!(said(2), ("fail".into(), true.into(), Value::Null, reason));
}
