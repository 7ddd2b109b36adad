//! `plan` says what would happen: as text for people, as JSON for programs, as a graph.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{Bench, shipped};

/// A runbook in which something is known, something is not, and something cannot be.
const MIXED: &str = r#"
    holdpoint: 1
    id: mixed
    title: What is known and what is not
    summary: Looks, mends and tells.
    objectives: {rto: 1h, estimate: 5m..2h}
    requires: {tools: [sh], env: [HOME]}
    inputs:
      mode: {type: string, default: quick}
      host: {type: string}
      token: {type: string, secret: true, env: TOKEN}
      why: {type: string, optional: true}
      backup: {type: path, late: true}
      hosts: {type: list, default: [a, b]}
    confirm:
      - {title: it is down, probe: {not: {run: [curl, "${{ inputs.host }}"]}, within: 1m}}
    preconditions:
      - {id: room, probe: {file: /var, expect: {exists: true}}}
    invariants:
      - {id: space, title: there is room, probe: {file: /var}}
    steps:
      - {id: look, title: "Look at ${{ inputs.host }}", why: It may be up., estimate: 1m..2m, effect: read,
         run: "wc -l < log", outputs: {rows: {from: stdout, type: int}, kind: {from: stdout, default: none}}}
      - {id: all, title: Mend all, when: 'inputs.mode == "full"', run: make all,
         outputs: {path: {from: stdout}, size: {from: stdout, default: small}}}
      - {id: mend, when: steps.look.outputs.rows > 3, estimate: 20m, on_failure: continue,
         env: {TOKEN: "${{ inputs.token }}"}, cwd: /srv, stdin: "select 1;\nselect 2;", run: [mend, "${{ inputs.mode }} mode"],
         outputs: {rows: {from: stdout}}, undo: {run: unmend}}
      - {id: count, needs: [mend], run: "echo ${{ steps.mend.outputs.rows }}"}
      - {id: path, needs: [all], run: "ls ${{ steps.all.outputs.path }}"}
      - {id: size, needs: [all], run: "echo ${{ steps.all.outputs.size }} ${{ steps.look.outputs.kind }}"}
      - id: kinds
        switch: steps.look.outputs.kind
        cases:
          one: {probe: {tcp: "${{ inputs.host }}:80"}}
          two: {gate: {ask: "Really, ${{ inputs.why }}?", approvers: [dba]}, destructive: true, run: drop}
      - id: back
        title: Bring it back
        ladder:
          - {id: restart, estimate: 1m, run: restart, verify: [{title: it answers, probe: {http: "http://${{ inputs.host }}/", within: 30s}}]}
          - id: restore
            steps:
              - {id: stop, run: stop, undo: {run: start, paired: true}}
              - {id: load, run: "load ${{ inputs.backup }}", done_when: {file: /loaded}, undo: {none: the data is gone}}
              - {id: check, run: "check ${{ inputs.backup }}"}
      - {id: odd, when: inputs.mode > 3, run: odd}
    exit_criteria:
      - {title: it is up, probe: {http: "http://${{ inputs.host }}/", hold_for: 1m}}
    finally:
      - {id: tell, when: run.verdict == "recovered", notify: {template: resolved, to: everybody}}
"#;

const MIXED_TEXT: &str = r#"
    mixed — What is known and what is not
    Looks, mends and tells.

    requires
      observed        tool sh
      observed        variable HOME

    inputs
      assumed         mode    quick
      given           host    db-1
      needs a person  token   UNKNOWN (asked for at the start)
      assumed         why     (left out)
      needs a person  backup  UNKNOWN (asked for when it is needed)
      assumed         hosts   [a, b]

    confirm
      observed        it is down
                      | not: curl db-1 (within 1m)

    preconditions
      observed        room
                      | file /var

    invariants
      observed        there is room
                      | file /var

    steps
      assumed         every check holds, every action succeeds at its first attempt, every gate is opened, nothing is done already
      would run       look: Look at db-1
                      (It may be up.)
                      | wc -l < log
                      effect read
                      estimate 1m..2m
      skipped         all: Mend all
                      when inputs.mode == "full" (false)
      would run       mend (UNKNOWN)
                      needs all
                      when steps.look.outputs.rows > 3 (UNKNOWN)
                      in /srv
                      with TOKEN=***
                      | mend 'quick mode'
                      < select 1;
                      < select 2;
                      effect once
                      on failure continue
                      estimate 20m
        can be undone   mend
                        | unmend
                        effect once
      would run       count (UNKNOWN)
                      needs mend
                      UNKNOWN: it refers to `mend`, which is UNKNOWN
                      | echo ${{ steps.mend.outputs.rows }}
                      effect once
      would run       path
                      needs all
                      cannot succeed: `steps.all.outputs.path` has no value: `all` is skipped
                      | ls ${{ steps.all.outputs.path }}
                      effect once
      would run       size
                      needs all
                      assumed: `steps.all.outputs.size` is its default, small
                      | echo 'small' ${{ steps.look.outputs.kind }}
                      effect once
      needs a person  kinds
                      needs mend, count, path, size
                      switch steps.look.outputs.kind (UNKNOWN)
                      case one
                        | tcp db-1:80
                      case two
                        gate Really, ${{ inputs.why }}?
                        approvers dba
                        | drop
                        effect once, destructive
      would run       ladder back: Bring it back
        would run       rung restart
                        | restart
                        verified by it answers
                        | GET http://db-1/ (within 30s)
                        effect once
                        estimate 1m
        would run       rung restore (UNKNOWN)
                        UNKNOWN: only when the rung `restart` fails
          would run       stop (UNKNOWN)
                          | stop
                          effect once
            would run       undo of stop at the end of its group (UNKNOWN)
                            | start
                            effect once
          needs a person  load (UNKNOWN)
                          asks for backup
                          assumed not to be done already, which is observed by
                          | file /loaded
                          | load ${{ inputs.backup }}
                          cannot be undone: the data is gone
                          effect once
          would run       check (UNKNOWN)
                          | check ${{ inputs.backup }}
                          effect once
      would run       odd (UNKNOWN)
                      when inputs.mode > 3 (UNKNOWN)
                      cannot succeed: its condition cannot be told: `inputs.mode` is text and `3` is a number: they cannot be compared
                      | odd
                      effect once

    exit criteria
      observed        it is up
                      | GET http://db-1/ (for 1m)

    finally
      would run       tell (UNKNOWN)
                      when run.verdict == "recovered" (UNKNOWN)
                      | notify resolved to everybody

    critical path
      2m..23m of 1h RTO: look > mend > restart
      8 steps have no estimate: count, path, size, kinds, stop, load, check, odd
      the runbook itself estimates 5m..2h, which breaks the RTO
"#;

/// A runbook of one step that says all that a step can say.
const DROP: &str = r#"
    holdpoint: 1
    id: drop
    title: Drop it
    inputs: {db: {type: string, default: shop}}
    steps:
      - id: drop
        title: Drop ${{ inputs.db }}
        role: dba
        estimate: 30s..1m
        timeout: 5m
        destructive: true
        gate: {ask: "Drop ${{ inputs.db }}?", word: "${{ inputs.db }}", approvers: [dba]}
        require: [{id: fresh, title: a fresh backup, probe: {file: /backup, expect: {younger_than: 1h}}}]
        env: {DB: "${{ inputs.db }}"}
        cwd: /srv
        stdin: drop it
        run: [dropdb, "${{ inputs.db }}"]
        done_when: {run: [gone, "${{ inputs.db }}"]}
        verify: [{probe: {tcp: "db:5432"}}]
        outputs: {id: {from: stdout}}
        undo: {none: there is no way back}
"#;

#[test]
fn a_plan_says_of_each_line_what_it_is() {
    let bench = Bench::new().runbook("mixed.yaml", MIXED);
    bench.args(["plan", "mixed.yaml", "--input", "host=db-1"]).stdout(MIXED_TEXT).exit(0);
}

#[test]
fn a_plan_for_programs_holds_all_that_a_step_does() {
    let bench = Bench::new().runbook("drop.yaml", DROP);
    let action = json!({
            "case": null, "condition": null, "action": "run", "command": "dropdb shop", "known": true,
            "target": "local", "cwd": "/srv", "env": [{"name": "DB", "value": "shop"}],
            "stdin": "drop it", "effect": "once", "destructive": true, "retry": null,
            "timeout_ms": 300_000,
            "on_failure": "hold",
            "gate": {
                "ask": "Drop shop?", "word": "shop", "approvers": ["dba"],
                "digest": "8cce45ca8095100426dacb9c2812783c18bc216efeb50fcda3ea887ec0717fff",
            },
            "require": [{"id": "fresh", "title": "a fresh backup", "label": "observed", "look": "file /backup"}],
            "done_when": "gone shop",
            "verify": [{"id": null, "title": null, "label": "observed", "look": "tcp db:5432"}],
            "outputs": ["id"],
            "undo": {"path": null, "none": "there is no way back"},
    });
    let step = json!({
        "path": "drop", "id": "drop", "kind": "step", "part": "steps", "parent": null,
        "label": "needs_person", "happens": true, "because": [], "assumes": [], "failure": null,
        "title": "Drop shop", "why": null, "needs": [], "condition": null, "switch": null, "each": null,
        "asks": [], "estimate": {"low_ms": 30_000, "high_ms": 60_000},
        "actions": [action],
    });
    let plan = json!({
        "version": 1, "runbook": "drop", "title": "Drop it", "summary": null,
        "assumptions": [
            "every check holds", "every action succeeds at its first attempt",
            "every gate is opened", "nothing is done already",
        ],
        "inputs": [{
            "name": "db", "label": "assumed", "value": "shop", "secret": false, "late": false,
            "optional": false,
        }],
        "requires": {"tools": [], "env": [], "reachable": []},
        "confirm": [], "preconditions": [], "invariants": [], "steps": [step], "exit_criteria": [],
        "critical_path": {
            "low_ms": 30_000, "high_ms": 60_000,
            "path": [{"path": "drop", "low_ms": 30_000, "high_ms": 60_000}],
            "without_estimate": [], "own_estimate": null, "rto": null,
        },
    });
    assert_eq!(bench.args(["plan", "drop.yaml", "--format", "json"]).json(), plan);
}

#[test]
fn the_digest_of_a_gate_is_known_beforehand_where_all_behind_it_is() {
    let bench = Bench::new().env("TOKEN", "a-long-secret").runbook(
        "gates.yaml",
        r#"
        holdpoint: 1
        id: gates
        title: Gates
        inputs:
          mode: {type: string, default: quick}
          token: {type: string, secret: true, env: TOKEN}
          late: {type: string, late: true}
        steps:
          - id: group
            gate: {ask: "All of ${{ inputs.mode }}?"}
            steps:
              - {id: secret, env: {T: "${{ inputs.token }}"}, cwd: /tmp, stdin: in, run: "echo ${{ inputs.mode }}"}
              - {id: case, switch: inputs.mode, cases: {quick: {run: [echo, q]}, slow: {run: [echo, s]}}}
              - {id: look, probe: {file: /}}
          - {id: titled, title: "Go ${{ inputs.mode }}", gate: true, run: "true", outputs: {n: {from: stdout, default: z}}}
          - {id: case-of, switch: inputs.mode, cases: {quick: {gate: {ask: "q?"}, run: q}, slow: {run: s}}}
          - {id: late, gate: true, run: "echo ${{ inputs.late }}"}
          - {id: late-or-not, gate: true, run: "echo ${{ inputs.late | default('x') }}"}
          - {id: output, gate: true, run: "echo ${{ steps.titled.outputs.n }}"}
          - {id: of-run, gate: {ask: "In ${{ run.id }}?"}, run: "true"}
          - {id: tells, gate: true, notify: {template: start}}
          - id: half
            gate: true
            steps: [{id: known, run: "true"}, {id: unknown, run: "echo ${{ steps.titled.stdout }}"}]
        "#,
    );
    let plan = bench.args(["plan", "gates.yaml", "--format", "json"]).json();
    let steps = plan["steps"].as_array().expect("a plan lists steps");
    let gates: Vec<(&str, &Value)> = steps
        .iter()
        .filter(|step| !step["actions"][0]["gate"].is_null())
        .filter_map(|step| Some((step["path"].as_str()?, &step["actions"][0]["gate"]["digest"])))
        .collect();
    let known: Vec<&str> =
        gates.iter().filter(|(_, digest)| digest.is_string()).map(|(path, _)| *path).collect();
    assert_eq!(known, ["group", "titled", "case-of"]);
    let unknown: Vec<&str> =
        gates.iter().filter(|(_, digest)| digest.is_null()).map(|(path, _)| *path).collect();
    assert_eq!(unknown, ["late", "late-or-not", "output", "of-run", "tells", "half"]);

    // The run asks with the same digests, gate after gate.
    let mut call = bench.args(["run", "gates.yaml", "--non-interactive"]);
    for (gate, digest) in gates.iter().take(3) {
        call.stdout_contains("").stderr_contains("").exit(5);
        assert_eq!(bench.status()["waiting_for"][0]["digest"], **digest, "{gate}");
        bench.write("answers.yaml", &format!("{gate}: {{approve: true, by: me}}"));
        call = bench.args(["resume", "--answers", "answers.yaml", "--non-interactive"]);
    }
}

#[test]
fn a_value_without_a_case_is_refused_as_run_refuses_it() {
    let bench = Bench::new().runbook(
        "case.yaml",
        "
        holdpoint: 1
        id: case
        title: Case
        inputs: {mode: {type: string, default: fast}}
        steps: [{id: act, switch: inputs.mode, cases: {quick: {run: x}, slow: {run: x}}}]
        ",
    );
    let refusal = "
        error: the step `act` has no case for `fast`
          help: `inputs.mode` must be one of quick, slow
        ";
    bench.args(["plan", "case.yaml"]).stderr(refusal).exit(2);
    bench.args(["run", "case.yaml"]).stderr(refusal).exit(2);
}

#[test]
fn a_hundred_thousand_steps_are_planned() {
    let mut text =
        "holdpoint: 1\nid: long\ntitle: Long\nobjectives: {rto: 100d}\nsteps:\n".to_owned();
    for place in 0..100_000 {
        let _ = writeln!(text, "- {{id: s{place}, estimate: 1s..2s, run: x}}");
    }
    let bench = Bench::new();
    fs::write(bench.path("long.yaml"), text).expect("the bench can be written to");
    let printed = bench.args(["plan", "long.yaml"]).stdout_contains("").exit(0).stdout;
    let end = "critical path\n  1d3h46m40s..2d7h33m20s of 100d RTO: \
               s0 > s1 > s2 > s3 > s4 > s5 > s6 > s7 and 99992 more\n";
    assert_eq!(&printed[printed.len() - end.len()..], end);
    assert_eq!(printed.lines().filter(|line| line.starts_with("  would run ")).count(), 100_000);
}

/// Only where Graphviz happens to be; what is drawn is compared where it is drawn.
#[test]
fn graphviz_reads_what_is_drawn_for_it() {
    if Command::new("dot").arg("-V").output().is_err() {
        let left_out = "left out: Graphviz is not installed here; no graph is given to it";
        writeln!(io::stderr(), "{left_out}").expect("standard error is open");
        return;
    }
    let names = ["quickstart.yaml", "aragora/postgres-complete-failure.yaml"];
    for name in names.map(|name| shipped(&format!("runbooks/{name}"))) {
        let bench = Bench::new();
        bench
            .shell(&format!("holdpoint plan {name} --format dot | dot -Tplain"))
            .stdout_contains("graph 1 ")
            .exit(0);
    }
}
