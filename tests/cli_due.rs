//! `holdpoint due`: what is overdue by what runbooks say and by what is on record, and how the drills
//! went.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::journal::{Durability, Store, Writer};
use holdpoint::run::event::{Event, Mode, Outcome, Process, RunStarted, Verdict};
use serde_json::{Value, json};

use crate::harness::Bench;
use crate::harness::machine::sample_start;
use crate::schema::assert_valid;

const PG: &str = "
    holdpoint: 1
    id: pg-down
    title: PostgreSQL is down
    owner: the database team
    objectives: {rto: 30m}
    review: {last: 2026-01-01, every: 90d}
    drill: {every: 30d, notice: 7d}
    confirm: [{id: down, probe: {run: test -e down}}]
    steps: [{id: mend, gate: true, run: 'true'}]
    exit_criteria: [{probe: {run: 'true'}}]
";

const CACHE: &str = "
    holdpoint: 1
    id: cache-full
    title: The cache is full
    review: {every: 90d}
    steps: [{id: flush, run: 'true'}]
";

const SILENT: &str = "
    holdpoint: 1
    id: silent
    title: It says nothing
    steps: [{id: one, run: 'true'}]
";

fn bench() -> Bench {
    let bench = Bench::new().env("USER", "ann").runbook("pg.yaml", PG);
    bench.runbook("cache.yaml", CACHE).runbook("silent.yaml", SILENT)
}

/// Puts a run on record: when it began, and how long after that the service was back.
fn record(store: &Store, mode: Mode, began: &str, minutes: i64, verdict: Verdict) -> String {
    let began: DateTime<Utc> = began.parse().expect("it is written here");
    let folder = store.create("pg-down", began).expect("the bench can be written to");
    let run = folder.run.clone();
    let started =
        RunStarted { run: run.clone(), runbook: "pg-down".into(), mode, ..sample_start() };
    let process = Process { pid: 1, start_time: 1, boot_id: String::new() };
    let (step, attempt) = ("mend".to_owned(), 1);
    let mut journal =
        Writer::create(&folder.journal(), Durability::Process).expect("the folder is new");
    let mut append = |minutes, event| {
        journal.append(began + TimeDelta::minutes(minutes), vec![event]).expect("it is ours");
    };
    append(0, Event::RunStarted(started));
    append(1, begins(&step, attempt));
    append(1, Event::StepSpawned { step, attempt, process });
    append(minutes, Event::VerdictReached { verdict, detail: String::new() });
    let outcome = Outcome::Succeeded;
    append(
        minutes + 5,
        Event::RunEnded { outcome, as_if: None, verdict: Some(verdict), cause: None },
    );
    run
}

fn begins(step: &str, attempt: u32) -> Event {
    serde_json::from_value(json!({
        "type": "step_started", "step": step, "attempt": attempt, "command": "true", "digest": "",
    }))
    .expect("it is an event")
}

fn store(bench: &Bench) -> Store {
    Store::at(bench.path("state"))
}

/// What is due as JSON, whatever the exit code.
#[track_caller]
fn due(bench: &Bench, args: &[&str], exit: i32) -> Value {
    let args = ["due", "--format", "json"].iter().chain(args).copied();
    let printed = bench.args(args).stdout_contains("").exit(exit).stdout;
    let found = serde_json::from_str(&printed).expect("it is JSON");
    assert_valid("due", &found);
    found
}

/// The entry of a runbook about its reviews or its drills.
fn entry<'d>(due: &'d Value, what: &str, id: &str) -> &'d Value {
    let entries = due["due"].as_array().expect("it is a list");
    let found = entries.iter().find(|entry| entry["what"] == what && entry["id"] == id);
    found.unwrap_or_else(|| panic!("no {what} of {id}: {due:#}"))
}

#[test]
fn what_is_overdue_stands_in_a_line_each_and_makes_the_exit_code_1() {
    let bench = bench();
    let told = "
        overdue  drill   pg-down     due now: never drilled  owner the database team
        overdue  review  cache-full  due now: never reviewed
        overdue  review  pg-down     due 2026-04-01, 1 day ago  owner the database team

        3 overdue on 2026-04-02
        1 of 3 runbooks says neither how often there is a review nor a drill
    ";
    bench.args(["due", "--today", "2026-04-02"]).stdout(told).exit(1);
    assert!(!bench.path("state").exists(), "it writes nothing");
    let told = "
        nothing is overdue on 2026-04-02
        1 of 1 runbook says neither how often there is a review nor a drill
    ";
    bench.args(["due", "silent.yaml", "--today", "2026-04-02"]).stdout(told).exit(0);
}

#[test]
fn what_is_due_soon_counts_only_where_that_is_asked_for() {
    let bench = bench();
    record(&store(&bench), Mode::Drill, "2026-03-01T03:00:00Z", 20, Verdict::Recovered);
    let day = |today| ["due", "pg.yaml", "--today", today];
    let told = "
        soon     drill   pg-down  due 2026-03-31, in 7 days (last drill 2026-03-01)  owner the database team

        nothing is overdue on 2026-03-24, 1 due soon, 1 later (the next on 2026-04-01)
    ";
    bench.args(day("2026-03-24")).stdout(told).exit(0);
    bench.args(day("2026-03-24").into_iter().chain(["--soon"])).stdout(told).exit(1);
    bench.args(day("2026-03-23").into_iter().chain(["--soon"])).stdout_contains("2 later").exit(0);
}

#[test]
fn a_drill_counts_once_it_has_ended_and_nothing_else_does() {
    let bench = bench();
    let is_never = || entry(&due(&bench, &["pg.yaml"], 1), "drill", "pg-down")["due"].is_null();
    bench.args(["run", "pg.yaml", "--drill"]).stdout_contains("").stderr_contains("").exit(3);
    assert!(is_never(), "it ended before anything began");
    bench.write("down", "");
    bench.write("answers.yaml", "mend: approve\n");
    bench.args(["run", "pg.yaml", "--answers", "answers.yaml"]).stdout_contains("").exit(0);
    assert!(is_never(), "a live run is no drill");
    bench.args(["run", "pg.yaml", "--drill"]).stdout_contains("").stderr_contains("").exit(5);
    assert!(is_never(), "it is open");
    bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains("").exit(0);
    let found = due(&bench, &["pg.yaml"], 1);
    let drill = entry(&found, "drill", "pg-down");
    assert_eq!((&drill["state"], &drill["last_by"]), (&json!("later"), &json!("record")));
    let trend = &found["trends"][0];
    assert_eq!((&trend["id"], &trend["rto_ms"]), (&json!("pg-down"), &json!(1_800_000)));
    assert_eq!(trend["drills"][0]["is_within_rto"], true);
    assert_eq!(trend["drills"][0]["drill"]["verdict"], "recovered");
}

#[test]
fn the_trend_tells_how_long_each_drill_took_against_the_rto() {
    let (bench, back) = (bench(), Verdict::Recovered);
    let store = store(&bench);
    record(&store, Mode::Drill, "2026-01-02T03:00:00Z", 41, back);
    record(&store, Mode::Drill, "2026-03-01T03:00:00Z", 20, back);
    record(&store, Mode::Drill, "2026-02-01T03:00:00Z", 10, Verdict::NotRecovered);
    record(&store, Mode::Live, "2026-03-04T03:00:00Z", 10, back);
    let told = "
        nothing is overdue on 2026-03-05, 2 later (the next on 2026-03-31)

        pg-down, RTO 30m
          drill       took        verdict        against the RTO
          2026-03-01  20 m 0 s    recovered      within  [RUN]
          2026-02-01  15 m 0 s    not recovered  not met  [RUN]
          2026-01-02  41 m 0 s    recovered      over by 11 m 0 s  [RUN]
    ";
    let printed = bench.args(["due", "pg.yaml", "--trend", "--today", "2026-03-05"]);
    let printed = printed.stdout_contains("").exit(0).stdout;
    let printed = regex::Regex::new(r"\d{8}-pg-down-\w{3}")
        .expect("it is one")
        .replace_all(&printed, "[RUN]");
    assert!(crate::harness::agrees(told, &printed), "{printed}");
    let none = "no drill is on record\n";
    bench.args(["due", "silent.yaml", "--trend"]).stdout_contains(none).exit(0);
}

#[test]
fn a_rehearsal_is_told_from_the_store_of_practice_and_replaces_no_drill() {
    let bench = bench();
    let practice = store(&bench).practice();
    assert_eq!(practice.root(), bench.path("state/practice"));
    record(&practice, Mode::Rehearsal, "2026-03-01T03:00:00Z", 20, Verdict::Recovered);
    record(&practice, Mode::Rehearsal, "2026-02-01T03:00:00Z", 20, Verdict::Recovered);
    let told = "due now: never drilled (last rehearsal 2026-03-01)  owner";
    bench.args(["due", "pg.yaml", "--today", "2026-03-05"]).stdout_contains(told).exit(1);
    bench.args(["runs"]).stdout_contains("no runs yet in ").exit(0);
}

#[test]
fn a_damaged_or_half_written_run_is_told_in_a_line_and_passed_over() {
    let (bench, back) = (bench(), Verdict::Recovered);
    let store = store(&bench);
    let damaged = record(&store, Mode::Drill, "2026-03-01T03:00:00Z", 20, back);
    record(&store, Mode::Drill, "2026-02-01T03:00:00Z", 20, back);
    let journal = bench.path("state/runs").join(&damaged).join("journal.jsonl");
    let text = fs::read_to_string(&journal).expect("it is ours");
    let line = text.find("step_started").expect("it is in there");
    fs::write(&journal, text[..line].to_owned() + "x" + &text[line + 1..]).expect("it is ours");
    let torn = record(&store, Mode::Drill, "2026-03-02T03:00:00Z", 20, back);
    let journal = bench.path("state/runs").join(&torn).join("journal.jsonl");
    let text = fs::read_to_string(&journal).expect("it is ours");
    fs::write(&journal, &text[..text.len() - 10]).expect("it is ours");
    fs::create_dir(bench.path("state/runs/20260303-pg-down-aaa")).expect("it is ours");
    let printed = bench.args(["due", "pg.yaml", "--today", "2026-03-03"]);
    let printed = printed.stderr_contains("").stdout_contains("(last drill 2026-02-01)").exit(0);
    let notes: Vec<&str> = printed.stderr.lines().collect();
    assert_eq!(notes.len(), 3, "{notes:?}");
    for told in [
        " is passed over: damaged at line 2: it is no record: unknown variant `xtep_started`, ",
        " is passed over: its last write was cut short, and it has not ended",
        "note: 20260303-pg-down-aaa is passed over: damaged at line 1: there is no journal",
    ] {
        assert!(notes.iter().any(|note| note.contains(told)), "{told}: {notes:?}");
    }
    assert!(notes.iter().all(|note| note.starts_with("note: ") && note.len() < 200), "{notes:?}");
}

#[test]
fn a_runbook_that_cannot_be_run_falls_due_and_one_that_cannot_be_read_is_told() {
    let bench = bench();
    let broken = "holdpoint: 1\nid: broken\nreview: {last: 2025-01-01, every: 90d}\nstepss: []\n";
    fs::write(bench.path("broken.yaml"), broken).expect("the bench can be written to");
    let day = ["due", "broken.yaml", "--today", "2026-03-03"];
    bench
        .args(day)
        .stdout_contains("overdue  review  broken  due 2025-04-01, 336 days ago\n")
        .exit(1);
    fs::write(bench.path("torn.yaml"), "holdpoint: 1\nid: [a\n")
        .expect("the bench can be written to");
    let printed = bench.args(["due", "--today", "2026-03-03"]).stdout_contains("due 2025-04-01");
    printed.stderr_contains("--> torn.yaml:").exit(3);
    let no_runbook = "error: holdpoint.yaml is no runbook\n";
    bench.write("holdpoint.yaml", "holdpoint: 1\n");
    bench.args(["due", "holdpoint.yaml"]).stderr_contains(no_runbook).exit(2);
    bench.args(["due", "none.yaml"]).stderr_contains("cannot read none.yaml").exit(3);
    fs::create_dir(bench.path("empty")).expect("the bench can be written to");
    bench.args(["due", "empty"]).stderr_contains("error: there is no runbook here\n").exit(2);
}

#[test]
fn lint_and_due_agree_about_reviews() {
    let bench = bench();
    bench.write("holdpoint.yaml", "holdpoint: 1\nlint: {max_review_age: 60d}\n");
    bench.write("own.yaml", &SILENT.replace("steps:", "review: {last: 2026-01-10}\n    steps:"));
    bench.write("next.yaml", &SILENT.replace("steps:", "review: {next: 2026-03-20}\n    steps:"));
    let mut found = Vec::new();
    for file in ["pg.yaml", "cache.yaml", "silent.yaml", "own.yaml", "next.yaml"] {
        for today in
            ["2026-03-11", "2026-03-12", "2026-03-20", "2026-03-21", "2026-04-01", "2026-04-02"]
        {
            let lint = ["lint", file, "--select", "HP506", "--no-shellcheck", "--exit-zero"];
            let lint = bench.args(lint.into_iter().chain(["--today", today, "--format", "json"]));
            let is_found = lint.json()["findings"].as_array().is_some_and(|all| !all.is_empty());
            let args = ["due", file, "--format", "json", "--today", today];
            let line = args.join(" ");
            let printed = bench.shell(&format!("holdpoint {line}; true")).stdout_contains("");
            let due: Value = serde_json::from_str(&printed.exit(0).stdout).expect("it is JSON");
            let all = due["due"].as_array().expect("it is a list");
            let is_it = |entry: &&Value| entry["what"] == "review" && entry["state"] == "overdue";
            assert_eq!(all.iter().any(|it| is_it(&it)), is_found, "{line}");
            found.push(is_found);
        }
    }
    assert!(found.contains(&true) && found.contains(&false));
}
