//! A plan starts no process and opens no connection, whatever the runbook holds.
//!
//! strace watches. Where it is not installed these tests say so on standard error and prove nothing.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::Once;

use crate::harness::Bench;

/// Every construct that could start a process or open a connection, were it carried out.
pub(crate) const ALL: &str = r#"
    holdpoint: 1
    id: all
    title: Every construct
    objectives: {rto: 1h, rpo: 1m, estimate: 1m..2m}
    requires: {tools: [no-such-tool], env: [NO_SUCH_VARIABLE], reachable: ["127.0.0.1:9"]}
    inputs:
      mode: {type: string, default: a}
      list: {type: list, default: [a, b]}
      pick: {type: string, choices_from: "touch RAN; echo a", late: true}
      pick_now: {type: string, choices_from: [touch, RAN]}
      secret: {type: string, secret: true, env: SECRET}
    confirm: [{probe: {not: {http: "http://127.0.0.1:9/"}}}]
    preconditions: [{probe: {tcp: "localhost:9", within: 1m}}]
    invariants: [{id: stays, probe: {run: touch RAN}}]
    steps:
      - {id: run, run: touch RAN, outputs: {n: {from: stdout}}, undo: {run: touch RAN, paired: true}}
      - {id: argv, target: local, env: {S: "${{ inputs.secret }}"}, stdin: x, run: [touch, RAN], undo: {none: no}}
      - {id: probe-run, probe: {run: touch RAN}}
      - {id: request, http: {method: POST, url: "http://localhost:9/${{ inputs.pick }}", json: {a: 1}}}
      - {id: probe-http, probe: {http: "http://localhost:9/${{ inputs.pick }}", expect: {status: 200}, within: 5s}}
      - {id: probe-tcp, probe: {tcp: "example.invalid:80", hold_for: 1s}}
      - {id: probe-file, probe: {file: RAN, expect: {exists: true}}}
      - {id: probe-switch, probe: {switch: inputs.mode, cases: {a: {run: touch RAN}, b: {tcp: "localhost:9"}}}}
      - {id: each, each: {in: inputs.list}, run: "touch RAN ${{ item }}"}
      - {id: open, each: {in: steps.run.outputs.n}, probe: {run: [touch, RAN, "${{ item }}"]}}
      - {id: inner, include: inner.yaml}
      - {id: tell, notify: {template: start, to: all}}
      - {id: decide, gate: {ask: "Go on?", word: "${{ inputs.mode }}", approvers: [me]}}
      - {id: when, when: steps.run.outputs.n == "1", run: touch RAN, undo: {run: touch RAN}}
      - id: switch
        switch: inputs.mode
        cases: {a: {run: touch RAN}, b: {run: touch RAN, gate: true}}
      - id: unknown
        switch: steps.run.outputs.n
        cases: {a: {run: touch RAN}, b: {probe: {http: "http://localhost:9/"}}}
      - id: phase
        gate: true
        steps:
          - id: ladder
            ladder:
              - {id: one, run: touch RAN, verify: [{probe: {run: touch RAN}}]}
              - {id: two, require: [{id: there, probe: {tcp: "localhost:9"}}], done_when: {run: touch RAN}, run: touch RAN}
    exit_criteria: [{probe: {run: touch RAN}}]
    finally: [{id: last, when: run.verdict == "recovered", run: touch RAN}]
"#;

pub(crate) const INNER: &str = "
    holdpoint: 1
    id: inner
    title: Inner
    requires: {tools: [no-such-tool]}
    preconditions: [{id: pre, probe: {run: touch RAN}}]
    steps: [{id: act, run: touch RAN}]
    finally: [{id: end, run: touch RAN}]
";

const LEFT_OUT: &str = "left out: strace is not installed here, or may not trace; \
    run tests/all.sh --install as root on Debian";

/// Whether programs can be traced; says so once where they cannot.
pub(crate) fn can_trace() -> bool {
    let mut strace = Command::new("strace");
    let found = strace.args(["-o", "/dev/null", "true"]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return true;
    }
    static SAID: Once = Once::new();
    // Straight to the stream, because the test runner hides what a passing test prints.
    SAID.call_once(|| writeln!(io::stderr(), "{LEFT_OUT}").expect("standard error is open"));
    false
}

/// What a call asks the system for, as far as that is about processes and the network.
#[track_caller]
pub(crate) fn traced(bench: &Bench, call: &str) -> Vec<String> {
    traced_on(bench, "", call)
}

/// The same with something before it, such as a variable.
#[track_caller]
fn traced_on(bench: &Bench, before: &str, call: &str) -> Vec<String> {
    let shell = format!("{before} strace -f -e trace=process,network -o trace holdpoint {call}");
    bench.shell(&shell).stdout_contains("").stderr_contains("").exit(0);
    let trace = fs::read_to_string(bench.path("trace")).expect("strace has written");
    // A line is a process, then a call with its arguments.
    let calls = trace.lines().filter_map(|line| line.split_once(' '));
    calls
        .map(|(_, call)| call.trim_start().split('(').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn a_plan_starts_no_process_and_opens_no_connection() {
    if !can_trace() {
        return;
    }
    let bench = Bench::new().env("SECRET", "a-long-secret").runbook("all.yaml", ALL);
    bench.write("inner.yaml", INNER);
    for format in ["text", "json", "dot", "mermaid"] {
        let calls = traced(&bench, &format!("plan all.yaml --format {format}"));
        assert_eq!(calls, ["execve", "exit_group", "+++ exited with 0 +++"], "{format}");
        assert!(!bench.path("RAN").exists(), "{format}");
        assert!(!bench.path("state").exists(), "{format}");
    }
}

#[test]
fn lint_starts_no_process_but_shellcheck_and_opens_no_connection() {
    if !can_trace() {
        return;
    }
    let bench = Bench::new().env("SECRET", "a-long-secret").runbook("all.yaml", ALL);
    bench.write("inner.yaml", INNER);
    // On one core, so that no thread is started either.
    let one = "taskset -c 0";
    for format in ["text", "json", "sarif", "junit"] {
        let options = format!("--format {format} --exit-zero --no-shellcheck");
        let calls = traced_on(&bench, one, &format!("lint all.yaml inner.yaml {options}"));
        assert_eq!(calls, ["execve", "exit_group", "+++ exited with 0 +++"], "{format}");
        assert!(!bench.path("RAN").exists(), "{format}");
        assert!(!bench.path("state").exists(), "{format}");
    }
    let stand_in = "#!/bin/sh\necho '{\"comments\":[]}'\n";
    bench.write("bin/shellcheck", stand_in);
    let program = bench.path("bin/shellcheck");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let path = format!("PATH={}:$PATH {one}", bench.path("bin").display());
    let calls = traced_on(&bench, &path, "lint all.yaml --exit-zero");
    let started = calls.iter().filter(|call| *call == "execve").count();
    assert_eq!(started, 2, "lint, and the stand-in for shellcheck: {calls:?}");
    assert!(!calls.iter().any(|call| call == "connect"), "{calls:?}");
    assert!(!bench.path("RAN").exists());
}

#[test]
fn a_run_is_seen_to_start_what_a_plan_does_not() {
    if !can_trace() {
        return;
    }
    let text = "{holdpoint: 1, id: one, title: One, steps: [{id: one, run: touch RAN}]}";
    let bench = Bench::new().runbook("one.yaml", text);
    let calls = traced(&bench, "run one.yaml --non-interactive");
    assert!(calls.iter().filter(|call| *call == "execve").count() > 1, "{calls:?}");
    assert!(bench.path("RAN").exists());
}
