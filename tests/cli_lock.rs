//! One driver at a time: who comes second is told who drives, and how to take over.

use std::fs;

use crate::harness::{Bench, Driver};

const BOOK: &str = "
    holdpoint: 1
    id: book
    title: Book
    steps:
      - {id: one, run: 'echo one >> effects; until [ -e go ]; do sleep 0.02; done'}
      - {id: two, run: echo two >> effects}
";

/// A driver in the middle of its first step.
fn driving(bench: &Bench) -> Driver<'_> {
    let mut driver =
        bench.args(["run", "book.yaml", "--operator", "bob"]).stdout_contains("").start();
    driver.wait_for("step_spawned", "one");
    driver
}

/// The lock as another driver left it.
fn rewritten(bench: &Bench, change: impl Fn(&mut serde_json::Value)) {
    let path = bench.run_folder().join("lock");
    let text = fs::read_to_string(&path).expect("it is there");
    let mut holder = serde_json::from_str(&text).expect("it holds a holder");
    change(&mut holder);
    fs::write(&path, holder.to_string()).expect("the owner may");
}

#[test]
fn p6_who_comes_second_is_told_who_drives_since_when_and_the_way_out() {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let driver = driving(&bench);
    let call = bench.args(["resume", "--operator", "ada"]);
    let call = call.stderr_contains("error: [RUN] is driven by bob on ");
    let call = call.stderr_contains(" (process [PID]) since [AT] UTC\n");
    let help = "  help: talk to them; or end their driver and go on with: holdpoint resume [RUN] --take-over --reason TEXT\n";
    call.stderr_contains(help).exit(7);
    bench.write("go", "");
    driver.exit(0);
    assert_eq!(bench.effects(), ["one", "two"]);
}

#[test]
fn p6_a_driver_is_taken_over_from_with_a_reason_and_that_is_on_record() {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let driver = driving(&bench);
    bench.args(["resume", "--take-over"]).stderr_contains("--reason").exit(2);
    let call = bench.args(["resume", "--operator", "ada", "--take-over", "--reason", "he is gone"]);
    let mut second = call.start();
    second.wait_until("it is taken over", |journal| !journal.events("taken_over").is_empty());
    assert!(!is_running(driver.pid()), "two drivers drive one run");
    second.kill();
    driver.kill();
    let journal = bench.sound_journal();
    let kinds: Vec<&str> =
        journal.records().iter().filter_map(|record| record["event"]["type"].as_str()).collect();
    let resumed = kinds.iter().position(|kind| *kind == "resumed").expect("it was resumed");
    assert_eq!(kinds[resumed + 1], "taken_over", "{journal}");
    let taken = journal.events("taken_over")[0];
    assert_eq!((&taken["by"], &taken["reason"]), (&"ada".into(), &"he is gone".into()));
    assert_eq!(taken["from"]["operator"], "bob");
    assert_eq!(bench.effects(), ["one"]);
    let page = "ada ended the driver of bob on ";
    bench.args(["timeline"]).stdout_contains(page).exit(0);
}

/// Whether a process does anything; one that waits to be reaped does not.
fn is_running(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

#[test]
fn p6_a_run_that_nobody_drives_needs_no_taking_over() {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    driving(&bench).kill_with_keeper();
    bench.write("go", "");
    bench.args(["resume", "--take-over", "--reason", "x"]).stdout_contains("in doubt").exit(5);
    assert_eq!(bench.sound_journal().events("taken_over").len(), 0);
}

#[test]
fn p6_a_driver_on_another_machine_is_never_taken_over_from() {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let driver = driving(&bench);
    rewritten(&bench, |holder| holder["host"] = "db-7".into());
    let said = "error: [RUN] is driven by bob on db-7 (process [PID]) since [AT] UTC\n  help: it can only be ended there: on db-7, `kill [PID]`; then: holdpoint resume [RUN]\n";
    bench.args(["resume"]).stderr(said).exit(7);
    let said = "error: [RUN] is driven by bob on db-7 (process [PID]) since [AT] UTC; it was not ended: it drives on another machine\n  help: it can only be ended there: on db-7, `kill [PID]`; then: holdpoint resume [RUN]\n";
    bench.args(["resume", "--take-over", "--reason", "x"]).stderr(said).exit(7);
    bench.write("go", "");
    driver.exit(0);
    assert_eq!(bench.effects(), ["one", "two"]);
}

#[test]
fn p6_a_lock_that_does_not_say_whose_it_is_is_not_broken() {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let driver = driving(&bench);
    fs::write(bench.run_folder().join("lock"), "{\"pid\":").expect("the owner may");
    let said = "error: [RUN] is driven by another process; its lock [DIR]/state/runs/[RUN]/lock does not say whose\n  help: find that process with `fuser [DIR]/state/runs/[RUN]/lock`, end it, then: holdpoint resume [RUN]\n";
    bench.args(["resume"]).stderr(said).exit(7);
    bench.args(["resume", "--take-over", "--reason", "x"]).stderr(said).exit(7);
    bench.write("go", "");
    driver.exit(0);
}

#[test]
fn p6_a_number_that_another_process_has_now_is_not_taken_for_the_driver() {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let driver = driving(&bench);
    // The driver is said to be a process that started earlier; so nobody who lives is ended.
    rewritten(&bench, |holder| holder["start_time"] = 1.into());
    let call = bench.args(["resume", "--take-over", "--reason", "x"]);
    call.stderr_contains("is driven by bob on ").exit(7);
    bench.write("go", "");
    driver.exit(0);
    assert_eq!(bench.effects(), ["one", "two"]);
}
