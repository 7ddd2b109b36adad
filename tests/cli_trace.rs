//! What is seen of a run from outside: records are synced before the command that they announce,
//! whoever only reads does nothing else, and what nobody saw stands on the timeline.
//!
//! strace watches where it is installed; elsewhere the tests that need it say so on standard error
//! and prove nothing.

use std::fs;
use std::path::Path;

use crate::cli_plan_trace::{can_trace, traced};
use crate::harness::Bench;

const TWO: &str = "
    holdpoint: 1
    id: two
    title: Two commands
    steps: [{id: a, run: [touch, one]}, {id: b, run: [touch, two]}]
";

/// A line of a trace as the command that it starts, or as a sync of the journal that is done.
fn told(line: &str) -> Option<&'static str> {
    let is_sync = line.contains("fdatasync(") && line.contains("/journal.jsonl>");
    let is_over = !line.contains("<unfinished");
    if (is_sync && is_over) || line.contains("<... fdatasync resumed>") {
        return Some("sync");
    }
    let starts = |word: &str| line.contains("execve(") && line.contains(word);
    ["one", "two"].into_iter().find(|word| starts(&format!("[\"touch\", \"{word}\"]")))
}

/// The order of syncs and commands in a run, the same ones after each other told once.
#[track_caller]
fn order(durability: &str) -> Vec<&'static str> {
    let bench = Bench::new().runbook("two.yaml", TWO);
    let strace = "strace -f -y -e trace=fdatasync,execve -o trace";
    let run = format!("{strace} holdpoint run two.yaml --durability {durability}");
    bench.shell(&run).stdout_contains("succeeded").exit(0);
    let trace = fs::read_to_string(bench.path("trace")).expect("strace has written");
    let mut order: Vec<&str> = trace.lines().filter_map(told).collect();
    order.dedup();
    order
}

#[test]
fn p2_p3_at_power_each_command_waits_for_the_sync_of_its_record() {
    if can_trace() {
        assert_eq!(order("power"), ["sync", "one", "sync", "two", "sync"]);
        assert_eq!(order("process"), ["one", "two"]);
    }
}

/// Every file below a folder with what it holds, besides the trace.
fn contents(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("it is there").flatten() {
        match entry.path() {
            path if path.is_dir() => contents(&path, found),
            path if path.ends_with("trace") => {}
            path => {
                found.push((path.display().to_string(), fs::read(&path).expect("it is ours")));
            }
        }
    }
    found.sort();
}

#[test]
fn p16_whoever_reads_a_run_starts_no_process_opens_no_connection_and_writes_nothing() {
    if !can_trace() {
        return;
    }
    let text = "{holdpoint: 1, id: one, title: One, steps: [{id: one, run: 'touch RAN; false'}]}";
    let bench = Bench::new().runbook("one.yaml", text);
    bench.args(["run", "one.yaml"]).stdout_contains("one is held").exit(5);
    fs::remove_file(bench.path("RAN")).expect("the step has run");
    let all = || {
        let mut found = Vec::new();
        contents(&bench.path(""), &mut found);
        found
    };
    let before = all();
    assert!(before.len() > 5, "the run has left its files");
    let calls = ["runs", "status", "status --format json", "timeline", "timeline --format json"];
    let told = ["handover", "handover --format md", "handover --format json", "metrics", "report"];
    let more = ["verify", "plan one.yaml", "schema runbook", "", "runs --open", "list"];
    let looks = ["list one --format json", "explain HP201", "explain 5", "show one", "due --trend"];
    for call in calls.into_iter().chain(told).chain(more).chain(looks) {
        let seen = traced(&bench, call);
        assert_eq!(seen, ["execve", "exit_group", "+++ exited with 0 +++"], "{call}");
        assert!(all() == before, "{call} has written something");
    }
}

#[test]
fn p18_a_doubt_its_settling_and_a_verdict_that_nobody_looked_for_stand_on_the_timeline() {
    let text = "{holdpoint: 1, id: one, title: One, steps: [{id: one, run: 'until [ -e go ]; do sleep 0.05; done'}]}";
    let bench = Bench::new().runbook("one.yaml", text);
    let mut driver = bench.args(["run", "one.yaml"]).stdout_contains("").start();
    driver.wait_for("step_spawned", "one");
    driver.kill_with_keeper();
    bench.write("go", "");
    bench.wait_for_quiet();
    bench.args(["resume"]).stdout_contains("one is in doubt").exit(5);
    let settle = ["resume", "--resolve", "one=done", "--reason", "seen", "--operator", "ann"];
    bench.args(settle).stdout_contains("").exit(0);
    let page = bench.args(["timeline"]).stdout_contains("is in doubt").exit(0).stdout;
    for said in ["in doubt, counted as done by ann", ": seen", "unverified: no exit criteria"] {
        assert!(page.contains(said), "{said}: {page}");
    }
}
