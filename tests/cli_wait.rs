//! Waits and watches in a real world: for a while, until a probe holds, across stops and crashes.

use chrono::{DateTime, TimeDelta};

use crate::harness::Bench;

/// A runbook of one step and one after it.
fn bench(step: &str) -> Bench {
    Bench::new().runbook(
        "book.yaml",
        &format!(
            "
            holdpoint: 1
            id: book
            title: Wait
            defaults: {{shell: sh -eu}}
            steps:
              - {{id: pause, {step}}}
              - {{id: go, run: echo go >> effects}}
            "
        ),
    )
}

#[test]
fn a_wait_passes_by_itself_and_says_how_long_it_is() {
    let bench = bench("wait: 20ms");
    let printed = bench.args(["run", "book.yaml"]).stdout_contains("").exit(0).stdout;
    assert!(printed.contains("pause  started\n          | wait 20ms\n"), "{printed}");
    assert_eq!(bench.effects(), ["go"]);
    assert_eq!(bench.sound_journal().events("step_ended")[0]["end"]["how"], "waited");
}

#[test]
fn a_wait_until_a_probe_holds_goes_on_when_it_does() {
    let bench = bench("wait: {until: {file: there, every: 10ms}}");
    let mut driver = bench.args(["run", "book.yaml"]).stdout_contains("go  succeeded").start();
    driver.wait_until("it waits", |journal| journal.count("step_started", "pause") == 1);
    bench.write("there", "");
    driver.exit(0);
    assert_eq!(bench.effects(), ["go"]);
}

#[test]
fn a_wait_in_vain_has_failed_by_its_time() {
    let bench = bench("wait: {until: {file: there, within: 30ms, every: 10ms}}");
    let line = "pause  failed and is held: it did not come to hold within 30ms: ";
    bench.args(["run", "book.yaml"]).stdout_contains(line).exit(5);
    assert_eq!(bench.status()["steps"][0]["state"], "held");
    assert_eq!(bench.journal().events("step_held")[0]["failure"]["kind"], "timeout");
}

#[test]
fn a_wait_is_left_at_a_stop_and_goes_on_afterwards() {
    let bench = bench("wait: 1h");
    let call = bench.args(["run", "book.yaml"]).stdout_contains("pause  started");
    let mut driver = call.start();
    driver.wait_until("it waits", |journal| journal.count("step_started", "pause") == 1);
    driver.signal("TERM");
    driver.exit(143);
    let call = bench.args(["resume"]).stdout_contains("in doubt, done again: its effect may be");
    let mut driver = call.start();
    driver.wait_until("it waits again", |journal| journal.count("step_started", "pause") == 2);
    driver.signal("TERM");
    driver.exit(143);
    bench.sound_journal();
}

#[test]
fn a_wait_that_a_crash_broke_off_is_not_over_before_its_time() {
    let bench = bench("wait: 1s");
    let mut driver = bench.args(["run", "book.yaml"]).start();
    driver.wait_until("it waits", |journal| journal.count("step_started", "pause") == 1);
    driver.kill();
    bench.args(["resume"]).stdout_contains("go  succeeded").exit(0);
    let journal = bench.sound_journal();
    assert_eq!(journal.count("step_started", "pause"), 2);
    let at = |kind: &str| {
        let records = journal.records();
        let record = records.iter().find(|record| record["event"]["type"] == kind);
        let at = record.and_then(|record| record["at"].as_str()).unwrap_or_default();
        DateTime::parse_from_rfc3339(at).expect("a moment")
    };
    let took = at("step_ended") - at("step_started");
    assert!(took >= TimeDelta::seconds(1), "{took}");
}

#[test]
fn a_watch_records_each_change_and_goes_on() {
    // The first, third and fourth look find it broken.
    let bench = bench(
        "watch: {for: 100ms, every: 20ms, on_break: record, \
         probe: {run: 'echo x >> looks; case $(wc -l < looks) in 1|3|4) exit 1;; esac'}}",
    );
    let printed = bench.args(["run", "book.yaml"]).stdout_contains("").exit(0).stdout;
    let journal = bench.sound_journal();
    let sights = journal.events("watch_seen");
    let sights: Vec<&str> = sights.iter().filter_map(|event| event["sight"].as_str()).collect();
    let looks = std::fs::read_to_string(bench.path("looks")).unwrap_or_default().lines().count();
    let due = ["fails", "holds", "fails", "holds"];
    let changes = [0, 1, 2, 3, 3].get(looks).copied().unwrap_or(4);
    assert_eq!(sights, due[..changes], "{printed}");
    let breaks = due[..changes].iter().filter(|sight| **sight == "fails").count();
    assert_eq!(journal.events("step_ended")[0]["end"]["breaks"], breaks);
    assert!(printed.contains("pause  what it watches broke: exit 1, expected 0\n"), "{printed}");
    assert_eq!(bench.effects(), ["go"]);
}

#[test]
fn a_watch_that_breaks_holds_the_step_whatever_on_failure_says() {
    let bench = bench("on_failure: continue, watch: {for: 1h, probe: {file: there}}");
    bench.args(["run", "book.yaml"]).stdout_contains("pause  failed and is held: ").exit(5);
    assert_eq!(bench.effects(), Vec::<String>::new());
    assert_eq!(bench.journal().events("step_held")[0]["failure"]["kind"], "expect");
}

#[test]
fn a_watch_that_breaks_fails_where_that_is_said() {
    let bench =
        bench("on_failure: continue, watch: {for: 1h, probe: {file: there}, on_break: fail}");
    bench.args(["run", "book.yaml"]).stdout_contains("go  succeeded").exit(8);
    assert_eq!(bench.state_of("pause"), "failed");
}

#[test]
fn a_plan_says_what_is_waited_for_and_adds_it_up() {
    let bench = bench("wait: {until: {file: there, within: 5m}}");
    let plan = bench.args(["plan", "book.yaml", "--format", "json"]).json();
    let action = &plan["steps"][0]["actions"][0];
    assert_eq!(action["action"], "wait");
    assert_eq!(action["command"], "wait until file there (within 5m)");
    let printed = bench.args(["plan", "book.yaml"]).stdout_contains("").exit(0).stdout;
    assert!(printed.contains("wait until file there (within 5m)"), "{printed}");
}
