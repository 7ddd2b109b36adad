//! A real Redis that loses all it has on disk, and the runbook that brings it back, in its own lab.
//!
//! Where Redis is not installed these tests say so on standard error and prove nothing.

use std::io::{self, Write as _};
use std::sync::Once;

use serde_json::Value;

use crate::harness::{Bench, shipped};

const RUNBOOK: &str = "runbooks/cogitator/redis-failure.yaml";

/// What a test that needs Redis leaves out, and how to get it.
const LEFT_OUT: &str = "tier T1 left out: Redis is not installed here; \
    run tests/all.sh --install as root on Debian, or put redis-server on the PATH";

fn is_left_out() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = std::env::split_paths(&path).any(|it| it.join("redis-server").exists());
    if !is_there {
        // Straight to the stream, because the test runner hides what a passing test prints.
        static SAID: Once = Once::new();
        SAID.call_once(|| writeln!(io::stderr(), "{LEFT_OUT}").expect("standard error is open"));
    }
    !is_there
}

/// What a rehearsal of the runbook, with some of its lab changed, left on record.
struct Rehearsed {
    bench: Bench,
    report: Value,
    journal: String,
}

/// Rehearses it in its lab; each change must be one.
#[track_caller]
fn rehearse(changes: &[(&str, &str)], exit: i32) -> Rehearsed {
    let mut text = std::fs::read_to_string(shipped(RUNBOOK)).expect("it is shipped");
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is not in the runbook");
        text = text.replace(from, to);
    }
    let bench = Bench::new().runbook("redis-failure.yaml", &text);
    let args = ["rehearse", "redis-failure.yaml", "--lab", "--non-interactive"];
    bench.args(args).stdout_contains("").stderr_contains("").exit(exit);
    assert_eq!(bench.left_behind(), Vec::<String>::new());
    let [folder] = bench.rehearsals().try_into().expect("there is one rehearsal");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("it is kept");
    let report = serde_json::from_str(&read("report.json")).expect("it is JSON");
    let journal = read("journal.jsonl");
    Rehearsed { bench, report, journal }
}

impl Rehearsed {
    /// The steps that began, by their ids, in their order.
    fn begun(&self) -> Vec<String> {
        let records = self.journal.lines();
        let records = records.map(|it| serde_json::from_str::<Value>(it).expect("it is JSON"));
        let begun = records.filter(|record| record["event"]["type"] == "step_started");
        let path = |record: &Value| record["event"]["step"].as_str().unwrap_or_default().to_owned();
        begun.map(|it| path(&it).rsplit('/').next().unwrap_or_default().to_owned()).collect()
    }
}

#[test]
fn a_redis_whose_files_are_damaged_is_restored_with_its_aof_on_and_measured() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(&[], 0);
    let steps = [
        "assess",
        "restart",
        "check-backup",
        "read-settings",
        "stop",
        "put-back",
        "start",
        "aof-on",
        "notify",
    ];
    let begun: Vec<String> =
        rehearsed.begun().into_iter().filter(|it| steps.contains(&it.as_str())).collect();
    assert_eq!(begun, steps);
    let report = &rehearsed.report;
    assert_eq!((&report["verdict"], &report["left"]), (&"recovered".into(), &Value::Null));
    let ms = |key: &str| report[key].as_u64().unwrap_or_else(|| panic!("{key}: {report}"));
    assert!(ms("rto_ms") <= ms("rto_objective_ms"), "{report}");
    // The newest job of the snapshot was ten minutes old.
    assert!((600_000..ms("rpo_objective_ms")).contains(&ms("rpo_ms")), "{report}");
    assert!(rehearsed.bench.run_folders().is_empty());
}

#[test]
fn a_redis_without_aof_is_restored_and_stays_without() {
    if is_left_out() {
        return;
    }
    let changes = [("aof: true", "aof: false"), ("{contains: \"yes\"}", "{contains: \"no\"}")];
    let rehearsed = rehearse(&changes, 0);
    assert!(!rehearsed.begun().contains(&"aof-on".to_owned()));
    assert_eq!(rehearsed.report["verdict"], "recovered");
}

#[test]
fn a_redis_that_only_died_is_back_after_the_restart_with_nothing_lost() {
    if is_left_out() {
        return;
    }
    let whole = [
        ("truncate --size=-8 \"$file\"", "true"),
        ("printf 'damaged' > \"$file\"", "true"),
        ("{equals: \"300\"}", "{equals: \"302\"}"),
        ("{matches: \"300$\"}", "{matches: \"302$\"}"),
    ];
    let rehearsed = rehearse(&whole, 0);
    assert!(!rehearsed.begun().contains(&"check-backup".to_owned()), "{:?}", rehearsed.begun());
    assert_eq!(rehearsed.report["rpo_ms"], 0);
}

#[test]
fn a_damaged_snapshot_or_none_is_seen_before_anything_is_stopped_or_moved() {
    if is_left_out() {
        return;
    }
    for backup in ["printf 'no snapshot' > dump_1.rdb", "rm -f dump_1.rdb"] {
        let change = ("cp \"$LAB_REDIS_DATA/dump.rdb\" dump_1.rdb", backup);
        let rehearsed = rehearse(&[change], 5);
        let begun = rehearsed.begun();
        for step in ["stop", "put-back", "start"] {
            assert!(!begun.iter().any(|it| it == step), "{backup}: {begun:?}");
        }
    }
}

#[test]
fn a_wrong_word_at_the_gate_leaves_the_data_where_it_is() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(&[("{word: redis-server, by", "{word: redis, by")], 5);
    assert!(!rehearsed.begun().contains(&"put-back".to_owned()));
}
