//! Real damage in the files of a real PostgreSQL, and the runbook that mends it, in its own lab.
//!
//! Where PostgreSQL is not installed these tests say so on standard error and prove nothing.

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::postgres::Postgres;
use crate::lab::rehearsed::rehearse;

const RUNBOOK: &str = "runbooks/agenttrace/postgres-corruption.yaml";

#[test]
fn a_damaged_table_is_restored_beside_the_damaged_database_and_measured() {
    if Postgres::is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    let begun = rehearsed.begun();
    let at = |step: &str| begun.iter().position(|it| it == step);
    let order = ["stop-writers", "reindex", "check-backup", "load", "exchange"].map(at);
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{begun:?}");
    // The backup is an hour older than the fault.
    rehearsed.assert_recovered("T1", Some(3_600_000));
}

#[test]
fn a_damaged_index_is_rebuilt_and_nothing_is_lost() {
    if Postgres::is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[("relation=projects\n", "relation=projects_name\n")], 0);
    assert!(!rehearsed.begun().contains(&"check-backup".to_owned()), "{:?}", rehearsed.begun());
    assert_eq!((&rehearsed.report["verdict"], rehearsed.ms("rpo_ms")), (&"recovered".into(), 0));
}

#[test]
fn a_dump_that_was_cut_short_or_none_leaves_the_damaged_database_in_its_place() {
    if Postgres::is_left_out() {
        return;
    }
    for wrong in ["truncate --size=20000 agenttrace-1.dump", "rm agenttrace-1.dump"] {
        let change = format!("-f agenttrace-1.dump\n      {wrong}");
        let rehearsed = rehearse(RUNBOOK, &[("-f agenttrace-1.dump", &change)], 5);
        let begun = rehearsed.begun();
        assert!(!begun.iter().any(|it| it == "load" || it == "exchange"), "{wrong}: {begun:?}");
    }
}

#[test]
fn a_driver_killed_before_or_after_the_databases_are_exchanged_is_resumed_to_the_same_one() {
    if Postgres::is_left_out() {
        return;
    }
    let exchange = "mend/bring-back/restore/exchange";
    let before = Before("\"$PGBIN/psql\" -X -q -v ON_ERROR_STOP=1 -1 -o /dev/null");
    let journal = kill(RUNBOOK, &[], &before, Killed::Driver);
    assert_eq!(journal.count("step_started", exchange), 1);
    let journal =
        kill(RUNBOOK, &[], &before, Killed::Everything("mend/bring-back/restore/exchange=rerun"));
    assert_eq!(journal.count("step_started", exchange), 2);
    // What both names say has happened is not done again, and nobody is asked.
    let end = "RENAME TO :\"database\";\n                  SQL\n";
    let more = format!("{end}                  true exchanged\n");
    let journal =
        kill(RUNBOOK, &[(end, &more)], &Before("true exchanged\n"), Killed::Everything(""));
    assert_eq!(journal.count("step_started", exchange), 1);
}
