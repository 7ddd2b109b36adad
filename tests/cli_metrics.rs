//! `holdpoint metrics`: how long things took over the runs of a store, drills apart from incidents.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::journal::{Durability, RUNBOOK, Store, Writer};
use holdpoint::run::digest;
use holdpoint::run::event::{Event, Mode, Outcome, RunStarted, Verdict};
use serde_json::{Value, json};

use crate::harness::Bench;
use crate::harness::machine::sample_start;

const PG: &str = "holdpoint: 1
id: pg-down
title: PostgreSQL is down
objectives: {rto: 30m, rpo: 5m}
steps: [{id: mend, gate: true, run: 'true'}, {id: tidy, run: 'true'}]
";

fn event(json: Value) -> Event {
    serde_json::from_value(json).expect("it is an event")
}

/// Puts a run on record: when its gate was opened, how long its step took, when service was back.
fn record(store: &Store, runbook: &str, mode: Mode, minutes: [i64; 3]) -> String {
    let [opened, took, back] = minutes;
    let began: DateTime<Utc> = "2026-01-31T03:00:00Z".parse().expect("it is written here");
    let folder = store.create(runbook, began).expect("the bench can be written to");
    folder.freeze(PG).expect("the bench can be written to");
    assert!(folder.frozen("runbook", RUNBOOK).is_file(), "it is kept where it is looked for");
    let run = folder.run.clone();
    let mut journal =
        Writer::create(&folder.journal(), Durability::Process).expect("the folder is new");
    let mut append = |minutes, event| {
        journal.append(began + TimeDelta::minutes(minutes), vec![event]).expect("it is ours");
    };
    let title = format!("The {runbook} runbook");
    let (id, digest) = (runbook.to_owned(), digest(PG.as_bytes()));
    let start = RunStarted { run: run.clone(), runbook: id, title, mode, digest, ..sample_start() };
    append(0, Event::RunStarted(RunStarted { detected_at: Some(began), ..start }));
    let gate = json!({"kind": "gate", "step": "mend", "ask": "Go?", "word": null, "approvers": [], "commands": [], "digest": "d"});
    append(1, event(json!({"type": "question_asked", "question": gate})));
    append(
        opened,
        event(
            json!({"type": "gate_approved", "step": "mend", "digest": "d", "by": "ann", "note": null, "is_prepared": false}),
        ),
    );
    append(
        opened,
        event(
            json!({"type": "step_started", "step": "mend", "attempt": 1, "command": "true", "digest": ""}),
        ),
    );
    let end = json!({"how": "exited", "code": 0});
    let took_ms = took * 60_000;
    append(
        opened + took,
        event(
            json!({"type": "step_ended", "step": "mend", "attempt": 1, "end": end, "failure": null, "took_ms": took_ms}),
        ),
    );
    append(back, event(json!({"type": "step_skipped", "step": "tidy", "why": "operator"})));
    let (verdict, outcome) = (Verdict::Recovered, Outcome::Succeeded);
    append(back, Event::VerdictReached { verdict, detail: String::new() });
    let verdict = Some(verdict);
    append(back, Event::RunEnded { outcome, as_if: None, verdict, cause: None });
    run
}

/// Two incidents and a drill of one runbook, and an incident of another.
fn bench() -> Bench {
    let bench = Bench::new();
    let store = Store::at(bench.path("state"));
    record(&store, "pg-down", Mode::Live, [2, 5, 20]);
    record(&store, "pg-down", Mode::Live, [5, 15, 40]);
    record(&store, "pg-down", Mode::Drill, [2, 3, 10]);
    record(&store, "cache-full", Mode::Live, [1, 1, 5]);
    record(&store.practice(), "pg-down", Mode::Rehearsal, [1, 1, 2]);
    bench
}

#[test]
fn golden_incidents_and_drills_stand_apart_with_the_slowest_step_first() {
    let expected = "\
        pg-down: The pg-down runbook\n\
        \n  2 incidents: 2 succeeded\n    \
            times count from the detection\n    \
            acknowledged   0.0 s in the middle of 2, 0.0 s at most\n    \
            mitigated      not known of any\n    \
            restored       30 m 0 s in the middle of 2, 40 m 0 s at most\n    \
            RTO            kept 1 of 2 times\n    \
            RPO            not known of any\n    \
            gates waited   2 m 30 s in the middle of 2, 4 m 0 s at most\n    \
            steps, the slowest first\n      \
              mend: 10 m 0 s in the middle of 2, 15 m 0 s at most; its gate waited 2 m 30 s in the middle of 2, 4 m 0 s at most\n      \
              tidy: not begun, skipped in 2\n\
        \n  1 drill: 1 succeeded\n    \
            times count from the detection\n    \
            acknowledged   0.0 s\n    \
            mitigated      not known of any\n    \
            restored       10 m 0 s\n    \
            RTO            kept 1 of 1 times\n    \
            RPO            not known of any\n    \
            gates waited   1 m 0 s\n    \
            steps, the slowest first\n      \
              mend: 3 m 0 s; its gate waited 1 m 0 s\n      \
              tidy: not begun, skipped in 1\n";
    bench().args(["metrics", "pg-down"]).stdout(expected).exit(0);
}

#[test]
fn without_a_name_every_runbook_is_told_and_programs_read_the_same() {
    let bench = bench();
    let json = bench.args(["metrics", "--format", "json"]).json();
    let runbooks = json["runbooks"].as_array().expect("a list");
    let ids: Vec<&Value> = runbooks.iter().map(|it| &it["runbook"]).collect();
    assert_eq!(ids, ["cache-full", "pg-down"]);
    let incidents = &runbooks[1]["incidents"];
    assert_eq!(
        incidents["restored"],
        json!({"count": 2, "median_ms": 1_800_000, "max_ms": 2_400_000})
    );
    assert_eq!(incidents["rto"], json!({"met": 1, "missed": 1, "unknown": 0}));
    assert_eq!(runbooks[0]["drills"], Value::Null);
}

#[test]
fn an_unknown_runbook_is_refused_with_the_one_that_was_probably_meant() {
    let bench = bench();
    let said =
        "error: no run of `pg-donw` is on record in [DIR]/state\n  help: did you mean `pg-down`?\n";
    bench.args(["metrics", "pg-donw"]).stderr(said).exit(2);
    let empty = Bench::new();
    empty.args(["metrics"]).stdout("no run is on record that could be measured\n").exit(0);
}

#[test]
fn a_damaged_journal_is_named_and_is_in_none_of_the_numbers() {
    let bench = bench();
    let store = Store::at(bench.path("state"));
    let run = record(&store, "pg-down", Mode::Live, [2, 5, 20]);
    let path = bench.path(&format!("state/runs/{run}/journal.jsonl"));
    let text = fs::read_to_string(&path).expect("it was just written");
    fs::write(&path, text.replacen("\"approvers\":[]", "\"approvers\":[1]", 1))
        .expect("it is ours");
    let call = bench.args(["metrics", "pg-down"]).stdout_contains("2 incidents: 2 succeeded\n");
    call.stderr_contains("note: [RUN] is passed over: ").exit(0);
}

#[test]
fn a_run_that_really_happened_is_measured() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        objectives: {rto: 10m}
        steps:
          - {id: one, effect: idempotent, retry: {times: 1, every: 10ms}, run: 'test -e seen || { touch seen; exit 1; }'}
        exit_criteria: [{probe: {file: seen}}]
        ",
    );
    bench
        .args(["run", "book.yaml", "--drill"])
        .stdout_contains("recovered")
        .stderr_contains("")
        .exit(0);
    bench
        .args(["metrics", "book"])
        .stdout_contains("1 drill: 1 succeeded\n")
        .stdout_contains("of 1 from the start: nobody said when\n")
        .stdout_contains("RTO            kept 1 of 1 times\n")
        .stdout_contains("one: [TIME], failed in 1, retried in 1\n")
        .exit(0);
}
