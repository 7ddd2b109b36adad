//! What a rehearsal asks the system for, as strace sees it.

use std::fs;

use crate::cli_plan_trace::{ALL, INNER, can_trace};
use crate::harness::Bench;

/// The programs that were started, and everything else about processes and the network but threads.
fn traced(bench: &Bench, call: &str) -> (Vec<String>, Vec<String>) {
    let shell = format!("strace -f -s 200 -e trace=process,network -o trace holdpoint {call}");
    bench.shell(&shell).stdout_contains("").stderr_contains("").exit(0);
    let trace = fs::read_to_string(bench.path("trace")).expect("strace has written");
    let (mut programs, mut others) = (Vec::new(), Vec::new());
    for line in trace.lines().filter_map(|line| line.split_once(' ')).map(|(_, call)| call.trim()) {
        let is_whole = !line.ends_with("= -1 ENOENT (No such file or directory)");
        let name = line.split('(').next().unwrap_or_default();
        let is_thread = name.starts_with("clone") && line.contains("CLONE_THREAD");
        let is_end = line.contains("exit") || line.contains("resumed>") || line.starts_with("---");
        match name {
            "execve" if is_whole => {
                let words = line.split('[').nth(1).and_then(|rest| rest.split(']').next());
                programs.push(words.unwrap_or_default().replace('"', ""));
            }
            // How signals are heard inside the process.
            "socketpair" | "wait4" | "waitid" | "execve" => {}
            _ if is_thread || is_end => {}
            _ => others.push(line.to_owned()),
        }
    }
    (programs, others)
}

#[test]
fn without_observe_nothing_is_started_and_nothing_is_connected_to() {
    if !can_trace() {
        return;
    }
    let bench = Bench::new().runbook("all.yaml", ALL);
    bench.write("inner.yaml", INNER);
    let (programs, others) = traced(&bench, "rehearse all.yaml");
    assert_eq!(programs, ["holdpoint, rehearse, all.yaml"]);
    assert!(others.is_empty(), "{others:#?}");
    assert!(!bench.path("RAN").exists());
    assert_eq!(bench.rehearsals().len(), 1);
    assert!(bench.run_folders().is_empty());
}

const LOOKS: &str = "
    holdpoint: 1
    id: looks
    title: Looks
    confirm: [{probe: {run: [echo, confirm]}}]
    preconditions: [{probe: {run: [echo, precondition]}}]
    invariants: [{id: stays, probe: {run: [echo, invariant]}}]
    steps:
      - {id: read, effect: read, run: [echo, read]}
      - {id: probe, probe: {run: [echo, probe]}}
      - {id: once, run: [echo, NO-once]}
      - {id: idempotent, effect: idempotent, run: [echo, NO-idempotent], undo: {run: [echo, NO-undo], paired: true}}
      - {id: checked, require: [{id: r, probe: {run: [echo, require]}}], done_when: {run: ['false', done-when]}, run: [echo, NO-checked], verify: [{probe: {run: [echo, verify]}}]}
      - {id: known, effect: read, run: [systemctl, restart, NO-known]}
      - {id: probed, run: [echo, NO-probed], verify: [{probe: {run: [systemctl, restart, NO-probe]}}]}
      - {id: spread, each: {in: '[\"x\", \"y\"]'}, effect: read, run: [systemctl, restart, NO-item]}
      - {id: inside, include: within.yaml}
      - {id: gone, effect: read, destructive: true, run: [echo, NO-destructive]}
      - {id: own, effect: read, tty: true, run: [echo, NO-tty]}
    exit_criteria: [{probe: {run: [echo, criterion]}}]
    finally: [{id: last, effect: read, run: [echo, last]}, {id: end, run: [echo, NO-end]}]
";

/// Included: its checks are those of the step that includes it.
const WITHIN: &str = "{holdpoint: 1, id: within, title: Within,
    preconditions: [{probe: {run: [systemctl, restart, NO-precondition]}}],
    steps: [{id: deep, effect: read, run: [echo, deep]}]}";

#[test]
fn observe_starts_exactly_the_steps_that_read_and_the_probes() {
    if !can_trace() {
        return;
    }
    let bench = Bench::new().runbook("looks.yaml", LOOKS);
    bench.write("within.yaml", WITHIN);
    let (mut programs, others) = traced(&bench, "rehearse looks.yaml --observe");
    programs.retain(|words| !words.contains("holdpoint") && !words.starts_with("/proc/self/exe"));
    let mut words: Vec<&str> =
        programs.iter().filter_map(|words| words.split(", ").nth(1)).collect();
    words.sort_unstable();
    words.dedup();
    let expected = [
        "confirm",
        "criterion",
        "deep",
        "done-when",
        "invariant",
        "last",
        "precondition",
        "probe",
        "read",
        "require",
        "verify",
    ];
    assert_eq!(words, expected, "{programs:#?}");
    let connects = |call: &String| call.starts_with("connect") && !call.contains("AF_UNIX");
    assert!(!others.iter().any(connects), "{others:#?}");
}
