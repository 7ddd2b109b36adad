//! The main job on real input: a PostgreSQL that is destroyed, and the runbook that brings it back, in
//! its own lab.
//!
//! Where PostgreSQL is not installed these tests say so on standard error and prove nothing.

use serde_json::Value;

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::postgres::Postgres;
use crate::lab::rehearsed::rehearse;

const RUNBOOK: &str = "runbooks/aragora/postgres-complete-failure.yaml";

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

/// Where the backup is loaded.
const LOAD: Before<'static> = Before("gunzip -c \"$backup\" | \"$bin/psql\"");
const LOAD_PATH: &str = "bring-back/restore/load";

/// The last part of a path, which is the step's id.
fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[test]
fn a_destroyed_cluster_is_restored_behind_a_typed_gate_and_measured() {
    if Postgres::is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    let begun = rehearsed.begun();
    let begun: Vec<&str> =
        begun.iter().map(String::as_str).filter(|it| STEPS.contains(it)).collect();
    assert_eq!(begun, STEPS);
    let journal = rehearsed.journal();
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

    // The newest backup is twenty minutes older than the fault.
    rehearsed.assert_recovered("T1", Some(1_200_000));
    assert_eq!(told(&rehearsed.timeline()), STEPS);
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

#[test]
fn a_dump_that_was_cut_short_or_none_leaves_the_broken_data_in_its_place() {
    if Postgres::is_left_out() {
        return;
    }
    for wrong in ["truncate --size=200000 backups/1.sql.gz", "rm backups/1.sql.gz"] {
        let change = format!("gzip > backups/1.sql.gz\n      {wrong}\n");
        let rehearsed = rehearse(RUNBOOK, &[("gzip > backups/1.sql.gz\n", &change)], 5);
        let begun = rehearsed.begun();
        assert!(!begun.iter().any(|it| it == "clear-data" || it == "load"), "{wrong}: {begun:?}");
    }
}

#[test]
fn a_wrong_word_leaves_the_broken_data_in_its_place() {
    if Postgres::is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[("{word: aragora, by", "{word: aragorn, by")], 5);
    let begun = rehearsed.begun();
    assert!(begun.contains(&"stop-writers".to_owned()), "{begun:?}");
    assert!(!begun.contains(&"clear-data".to_owned()), "{begun:?}");
}

#[test]
fn a_driver_killed_in_the_middle_of_the_load_is_resumed_to_the_same_database() {
    if Postgres::is_left_out() {
        return;
    }
    let journal = kill(RUNBOOK, &[], &LOAD, Killed::Driver);
    assert_eq!(journal.count("step_found", LOAD_PATH), 1);
    let mut begun: Vec<&str> = journal.steps("step_started").into_iter().map(id).collect();
    begun.retain(|step| STEPS.contains(step));
    assert_eq!(begun, STEPS);
}

#[test]
fn a_load_whose_keeper_was_killed_too_is_put_to_a_person_and_the_database_is_the_same() {
    if Postgres::is_left_out() {
        return;
    }
    let resolve = "bring-back/restore/load=rerun";
    for killed in [Killed::Keeper(resolve), Killed::Everything(resolve)] {
        let journal = kill(RUNBOOK, &[], &LOAD, killed);
        for step in STEPS {
            let begun = journal.steps("step_started").into_iter().filter(|path| id(path) == step);
            assert_eq!(begun.count(), if step == "load" { 2 } else { 1 }, "{step}:\n{journal}");
        }
    }
}

#[test]
fn a_driver_killed_between_the_old_cluster_and_the_new_one_is_resumed_to_the_same_database() {
    if Postgres::is_left_out() {
        return;
    }
    let moved = Before("mv -T \"$data\" \"$data.broken-$run\"");
    let clear = "bring-back/restore/clear-data";
    let journal = kill(RUNBOOK, &[], &moved, Killed::Driver);
    assert_eq!(journal.count("step_started", clear), 1);
    let resolve = Killed::Everything("bring-back/restore/clear-data=rerun");
    let journal = kill(RUNBOOK, &[], &moved, resolve);
    assert_eq!(journal.count("step_started", clear), 2);
}
