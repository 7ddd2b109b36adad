//! Retries of real commands: tried again after a pause, across stops and crashes.

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use crate::harness::Bench;

/// A runbook whose step succeeds once the file `go` is there; it notes each attempt.
fn bench(every: &str) -> Bench {
    Bench::new().runbook(
        "book.yaml",
        &format!(
            "
            holdpoint: 1
            id: again
            title: Try again
            defaults: {{shell: sh -eu}}
            steps:
              - id: knock
                retry: {{times: 2, every: {every}, on_exit: [75]}}
                run: echo knock >> effects; test -e go || exit 75
              - {{id: enter, run: echo enter >> effects}}
            "
        ),
    )
}

#[test]
fn an_action_that_fails_is_tried_again_after_a_pause() {
    let bench = bench("10ms");
    let printed = bench.args(["run", "book.yaml"]).stdout_contains("").exit(5).stdout;
    for line in [
        "knock  exited with 75 after [TIME]\n",
        "knock  is tried again in 0.0 s: exit 75, expected 0\n",
        "knock  started, attempt 2\n",
        "knock  started, attempt 3\n",
        "knock  failed and is held: exit 75, expected 0\n",
    ] {
        assert!(crate::harness::holds(line, &printed), "{line}{printed}");
    }
    assert_eq!(bench.effects(), ["knock", "knock", "knock"]);
    let journal = bench.sound_journal();
    assert_eq!(journal.count("step_started", "knock"), 3);
    assert_eq!(journal.events("timer_due").len(), 2);
}

#[test]
fn a_stop_while_a_step_waits_leaves_the_run_open_at_once() {
    let bench = bench("1h");
    let call = bench.args(["run", "book.yaml"]).stdout_contains("is tried again in 1 h 0 m");
    let mut driver = call.stdout_contains("\nstopped: the run is open and can go on\n").start();
    driver.wait_until("it waits", |journal| !journal.events("timer_set").is_empty());
    driver.signal("TERM");
    driver.exit(143);
    assert_eq!(bench.state_of("knock"), "retry_wait");
    let status = bench.status();
    assert_eq!(status["steps"][0]["reason"], "exit: exit 75, expected 0");
    assert_eq!(status["waiting_for"].as_array().map(Vec::len), Some(0));
}

fn moment(text: &Value) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text.as_str().unwrap_or_default()).expect("a moment")
}

#[test]
fn after_a_crash_the_wait_goes_on_to_its_recorded_moment() {
    let bench = bench("3s");
    let mut driver = bench.args(["run", "book.yaml"]).start();
    driver.wait_until("it waits", |journal| !journal.events("timer_set").is_empty());
    driver.kill();
    bench.write("go", "");
    bench.args(["resume"]).stdout_contains("enter  succeeded").exit(0);
    assert_eq!(bench.effects(), ["knock", "knock", "enter"]);
    let journal = bench.sound_journal();
    let set = journal.events("timer_set");
    assert_eq!(set.len(), 2);
    assert_eq!(set[0]["due"], set[1]["due"], "set again for the same moment");
    let records = journal.records();
    let due = records.iter().find(|record| record["event"]["type"] == "timer_due");
    let due = due.expect("the moment has come");
    assert!(moment(&due["at"]) >= moment(&due["event"]["due"]), "before its moment: {due}");
}
