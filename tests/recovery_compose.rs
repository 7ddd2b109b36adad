//! Aragora's database as it is deployed: containers of a real Docker engine, a volume that loses its data,
//! and the runbook that brings it back with `docker compose`.
//!
//! Where no engine can run, these tests say so on standard error, with the reason, and prove nothing.

use crate::harness::shipped;
use crate::lab::engine;
use crate::lab::killed::{Before, Killed, kill};
use crate::lab::postgres::Postgres;
use crate::lab::rehearsed::{Rehearsed, rehearse};

const RUNBOOK: &str = "runbooks/aragora/postgres-complete-failure-compose.yaml";

/// Its steps are those of this one.
const STEPS: &str = "runbooks/aragora/postgres-complete-failure.yaml";

/// What a person would wait for longer.
const SOON: [(&str, &str); 2] =
    [("within: 60s, every: 2s", "within: 15s, every: 1s"), ("hold_for: 1m", "hold_for: 1s")];

fn is_left_out() -> bool {
    // The container runs PostgreSQL of this machine.
    engine::is_left_out() || Postgres::is_left_out()
}

fn rehearsed(changes: &[(&str, &str)], exit: i32) -> Rehearsed {
    rehearse(RUNBOOK, &[&SOON[..], changes].concat(), exit)
}

#[track_caller]
fn assert_the_volume_is_kept(rehearsed: &Rehearsed) {
    let begun = rehearsed.begun();
    for step in ["clear-data", "start-empty", "load"] {
        assert!(!begun.iter().any(|it| it == step), "{step}: {begun:?}");
    }
}

#[test]
fn a_volume_that_lost_its_data_is_restored_in_containers_and_measured() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearsed(&[], 0);
    let groups = ["recover", "bring-back", "restore", "stop-writers~undo"];
    let begun: Vec<String> =
        rehearsed.begun().into_iter().filter(|it| !groups.contains(&it.as_str())).collect();
    let expected = [
        "assess",
        "restart",
        "check-backup",
        "stop-writers",
        "clear-data",
        "start-empty",
        "load",
        "tell",
    ];
    assert_eq!(begun, expected);
    // The newest backup is twenty minutes older than the fault.
    rehearsed.assert_recovered("T2", Some(1_200_000));
}

#[test]
fn a_container_that_only_died_is_back_after_the_restart_with_nothing_lost() {
    if is_left_out() {
        return;
    }
    let whole = [
        ("docker exec aragora-postgres rm -rf /data/pg/base /data/pg/global\n", "true\n"),
        ("! docker inspect", "docker inspect"),
    ];
    let rehearsed = rehearsed(&whole, 0);
    assert!(!rehearsed.begun().contains(&"check-backup".to_owned()), "{:?}", rehearsed.begun());
    assert_eq!(rehearsed.report["rpo_ms"], 0);
}

#[test]
fn a_dump_that_was_cut_short_or_is_missing_costs_no_volume() {
    if is_left_out() {
        return;
    }
    let whole = "| gzip > backups/1.sql.gz";
    for bad in ["| sed '500,$d' | gzip > backups/1.sql.gz", "> /dev/null"] {
        assert_the_volume_is_kept(&rehearsed(&[(whole, bad)], 5));
    }
}

#[test]
fn a_wrong_word_at_the_gate_costs_no_volume() {
    if is_left_out() {
        return;
    }
    assert_the_volume_is_kept(&rehearsed(&[("{word: aragora, by", "{word: aragorn, by")], 5));
}

/// The lab of a runbook.
fn lab(text: &str) -> &str {
    let (_, rest) = text.split_once("\nlab:\n").expect("it has a lab");
    rest.split_once("\nrequires:\n").expect("what it requires stands behind that").0
}

#[test]
fn a_driver_that_is_killed_while_the_dump_is_loaded_is_resumed_to_the_same_database() {
    if is_left_out() {
        return;
    }
    let read = |name: &str| std::fs::read_to_string(shipped(name)).expect("it is shipped");
    let (steps, around) = (read(STEPS), read(RUNBOOK));
    let lab_here = lab(&around).replace("  inputs:\n", "  inputs:\n    platform: compose\n");
    let changes = [&SOON[..], &[(lab(&steps), lab_here.as_str())]].concat();
    let place = Before("docker exec \"$container\" createdb");
    let load = "bring-back/restore/load";
    let journal = kill(STEPS, &changes, &place, Killed::Driver);
    assert_eq!(journal.count("step_started", load), 1);
    let rerun = "bring-back/restore/load=rerun";
    let journal = kill(STEPS, &changes, &place, Killed::Everything(rerun));
    assert_eq!(journal.count("step_started", load), 2);
}
