//! The main job on real input: a PostgreSQL that is destroyed, and the runbook that brings it back.
//!
//! The cluster, the backup and the damage are real. Where PostgreSQL is not installed these tests
//! say so on standard error and prove nothing.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{Bench, Call, Driver, eventually, shipped};
use crate::lab::postgres::Postgres;

/// The steps with an action, in the order in which they must start when the restart is not enough.
const STEPS: [&str; 8] = [
    "assess",
    "restart",
    "check-backup",
    "stop-writers",
    "clear-data",
    "start-empty",
    "load",
    "notify",
];

/// A bench with the word that the database administrator has typed for the gate.
fn bench(word: &str) -> Bench {
    Bench::new().file("answers.yaml", &format!("clear-data: {{word: {word}, by: database-admin}}"))
}

/// The run of the shipped runbook against a cluster, with the prepared answers and nobody there.
fn recovery<'b>(bench: &'b Bench, postgres: &Postgres) -> Call<'b> {
    let runbook = shipped("runbooks/aragora/postgres-complete-failure.yaml");
    let mut args = vec!["run".to_owned(), runbook, "--non-interactive".to_owned()];
    args.extend(["--answers".to_owned(), "answers.yaml".to_owned()]);
    args.extend(postgres.inputs());
    loosely(bench.args(args))
}

/// What PostgreSQL's own tools print differs by version, so only the exit code is compared.
fn loosely(call: Call<'_>) -> Call<'_> {
    call.stdout_contains("").stderr_contains("")
}

#[track_caller]
fn assert_recovered(bench: &Bench, postgres: &Postgres) {
    assert!(postgres.is_ready(), "pg_isready");
    assert_eq!((postgres.count("debates"), postgres.count("votes")), (20_000, 100_000));
    let status = bench.status();
    assert_eq!((&status["state"], &status["verdict"]), (&"succeeded".into(), &"recovered".into()));
    assert_eq!(bench.state_of("restart"), "failed");
    assert_eq!(bench.state_of("restore"), "succeeded");
    assert_eq!(postgres.writers(), ["stop", "start"]);
    assert_eq!(postgres.set_aside(), 1);
    loosely(bench.args(["verify"])).exit(0);
}

/// The last part of a path, which is the step's id.
fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[test]
fn a_cluster_that_is_killed_is_not_ready_and_its_rows_are_gone() {
    let Some(mut postgres) = Postgres::start() else { return };
    assert!(postgres.is_ready());
    assert_eq!((postgres.count("debates"), postgres.count("votes")), (20_000, 100_000));
    postgres.back_up(Duration::ZERO);
    postgres.break_it();
    assert!(!postgres.is_ready());
}

#[test]
fn a_destroyed_cluster_is_restored_behind_a_typed_gate() {
    let bench = bench("aragora");
    let Some(mut postgres) = Postgres::start() else { return };
    postgres.back_up(Duration::ZERO);
    postgres.break_it();

    recovery(&bench, &postgres).exit(0);

    assert_recovered(&bench, &postgres);
    let journal = bench.journal();
    let mut started: Vec<&str> = journal.steps("step_started").into_iter().map(id).collect();
    started.retain(|step| STEPS.contains(step));
    assert_eq!(started, STEPS);
    let of = |kind: &str, step: &str| {
        let is_it = |record: &Value| {
            let event = &record["event"];
            let about = event["step"].as_str().or(event["question"]["step"].as_str());
            event["type"] == kind && about.is_some_and(|path| id(path) == step)
        };
        journal.records().iter().position(is_it)
    };
    let approved = of("gate_approved", "clear-data").expect("the gate was approved");
    assert!(journal.records()[approved].to_string().contains("database-admin"));
    assert!(of("step_failed", "restart") < of("question_asked", "clear-data"));
    assert!(of("step_succeeded", "check-backup") < of("question_asked", "clear-data"));
    assert!(Some(approved) < of("step_started", "clear-data"));
    assert_eq!(told(&bench.timeline()), STEPS);
}

#[test]
fn the_lab_of_the_runbook_breaks_a_cluster_and_sees_it_recovered_and_measured() {
    if Postgres::is_left_out() {
        return;
    }
    let bench = Bench::new();
    let runbook = shipped("runbooks/aragora/postgres-complete-failure.yaml");
    let args = ["rehearse", &runbook, "--lab", "--non-interactive"];
    loosely(bench.args(args)).exit(0);
    let [folder] = bench.rehearsals().try_into().expect("there is one rehearsal");
    let report = std::fs::read_to_string(folder.join("report.json")).expect("there is a report");
    let report: Value = serde_json::from_str(&report).expect("it is JSON");
    assert_eq!((&report["tier"], &report["verdict"]), (&"T1".into(), &"recovered".into()));
    assert_eq!(report["left"], Value::Null);
    let ms = |key: &str| report[key].as_u64().unwrap_or_else(|| panic!("{key}: {report}"));
    assert!(ms("rto_ms") <= ms("rto_objective_ms"), "{report}");
    // The newest backup is twenty minutes older than the fault.
    assert!((1_200_000..ms("rpo_objective_ms")).contains(&ms("rpo_ms")), "{report}");
    assert_eq!(bench.left_behind(), Vec::<String>::new());
}

#[test]
fn a_wrong_word_leaves_the_broken_data_in_its_place() {
    let bench = bench("aragorn");
    let Some(mut postgres) = Postgres::start() else { return };
    postgres.back_up(Duration::ZERO);
    postgres.break_it();

    recovery(&bench, &postgres).exit(5);

    assert_eq!(bench.state_of("clear-data"), "at_gate");
    assert_eq!(bench.journal().count("step_started", "clear-data"), 0);
    assert_eq!(postgres.set_aside(), 0);
    assert!(!postgres.is_ready());
}

/// The steps with an action in the order in which a timeline first tells of them.
fn told(timeline: &Value) -> Vec<String> {
    let entries = timeline["entries"].as_array().expect("a timeline has entries");
    let mut told: Vec<String> = Vec::new();
    for step in entries.iter().filter_map(|entry| entry["step"].as_str()).map(id) {
        if STEPS.contains(&step) && !told.iter().any(|known| known == step) {
            told.push(step.to_owned());
        }
    }
    told
}

/// The driver of a recovery that is in the middle of its load.
#[track_caller]
fn loading<'b>(bench: &'b Bench, postgres: &mut Postgres) -> Driver<'b> {
    postgres.back_up(Duration::from_secs(4));
    postgres.break_it();
    let mut driver = recovery(bench, postgres).start();
    driver.wait_for("step_spawned", "load");
    eventually("psql loads the backup", || is_loading(bench));
    driver
}

#[test]
fn a_driver_killed_in_the_middle_of_the_load_is_resumed_to_the_same_database() {
    let bench = bench("aragora");
    let Some(mut postgres) = Postgres::start() else { return };
    let driver = loading(&bench, &mut postgres);
    driver.kill();
    assert!(is_loading(&bench), "what the driver started lives on");

    loosely(bench.args(["resume", "--non-interactive", "--answers", "answers.yaml"])).exit(0);
    assert_recovered(&bench, &postgres);
    let journal = bench.journal();
    assert_eq!(journal.count("step_found", "load"), 1);
    for step in STEPS {
        assert_eq!(journal.count("step_started", step), 1, "{step}:\n{journal}");
    }
}

#[test]
fn a_load_whose_keeper_was_killed_too_is_put_to_a_person_and_the_database_is_the_same() {
    let bench = bench("aragora");
    let Some(mut postgres) = Postgres::start() else { return };
    let driver = loading(&bench, &mut postgres);
    driver.kill_with_keeper();
    assert!(is_loading(&bench), "what the keeper started lives on");

    loosely(bench.args(["resume", "--non-interactive"])).exit(5);
    assert!(!is_loading(&bench), "a step in doubt waits for its living process");
    assert_eq!(bench.state_of("load"), "in_doubt");
    assert_eq!(bench.status()["waiting_for"][0]["kind"], "in_doubt");

    let reason = "nobody saw how the load ended";
    let resume = ["resume", "--non-interactive", "--answers", "answers.yaml"];
    let resolve = ["--resolve", "load=rerun", "--reason", reason];
    loosely(bench.args(resume.into_iter().chain(resolve))).exit(0);

    assert_recovered(&bench, &postgres);
    let journal = bench.journal();
    for step in STEPS {
        let times = if step == "load" { 2 } else { 1 };
        assert_eq!(journal.count("step_started", step), times, "{step}:\n{journal}");
    }
}

/// Whether a psql of this bench reads a dump, which is the only one with a transaction around it.
fn is_loading(bench: &Bench) -> bool {
    let is_load = |command: &String| {
        let mut words = command.split(' ');
        words.next().is_some_and(|program| program.ends_with("/psql")) && words.any(|w| w == "-1")
    };
    bench.left_behind().iter().any(is_load)
}
