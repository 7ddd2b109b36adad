//! Wrong rows in a real table, and the runbook that stops who writes there, puts the right rows back, and
//! gives back exactly the rights that it took.
//!
//! Where PostgreSQL is not installed these tests say so on standard error and prove nothing.

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::postgres::Postgres;
use crate::lab::rehearsed::rehearse;

const RUNBOOK: &str = "runbooks/ai-workflow-platform/data-corruption.yaml";

/// How the lab makes its dump, and how it makes rows wrong.
const DUMP: &str = "-Fc -f llm_agent_db-1.dump";
const WRONG: &str = "WHERE id % 3 = 0\"";

/// Begun with these changes, it ends so and has done none of these steps.
#[track_caller]
fn never(steps: &[&str], changes: &[(&str, &str)], exit: i32) {
    let rehearsed = rehearse(RUNBOOK, changes, exit);
    let begun = rehearsed.begun();
    assert!(!begun.iter().any(|it| steps.contains(&it.as_str())), "{changes:?}: {begun:?}");
}

#[test]
fn the_right_rows_come_back_and_so_does_every_right_and_no_other() {
    if Postgres::is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    let begun = rehearsed.begun();
    let at = |step: &str| begun.iter().position(|it| it == step);
    let order =
        ["check-backup", "load", "capture", "stop-writes", "put-back", "drop-scratch"].map(at);
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{begun:?}");
    rehearsed.assert_proofs(6);
    // The dump is ten minutes older than the fault.
    rehearsed.assert_recovered("T1", Some(600_000));
}

#[test]
fn what_everybody_may_write_is_taken_and_given_back_too() {
    if Postgres::is_left_out() {
        return;
    }
    let public =
        ("GRANT SELECT, INSERT ON runs", "GRANT INSERT ON agents TO PUBLIC; GRANT INSERT ON runs");
    let rehearsed = rehearse(RUNBOOK, &[public], 0);
    assert_eq!(rehearsed.report["verdict"], "recovered");
}

#[test]
fn a_backup_that_is_damaged_gone_or_too_old_takes_no_right_away() {
    if Postgres::is_left_out() {
        return;
    }
    let damages = [
        "truncate --size=3000 llm_agent_db-1.dump",
        ": > llm_agent_db-1.dump",
        "rm llm_agent_db-1.dump",
        "touch -d '20 minutes ago' llm_agent_db-1.dump",
    ];
    for damage in damages {
        let change = format!("{DUMP}\n      {damage}");
        never(&["load", "stop-writes", "put-back"], &[(DUMP, &change)], 5);
    }
}

#[test]
fn a_backup_of_another_table_or_of_wrong_rows_takes_no_right_away() {
    if Postgres::is_left_out() {
        return;
    }
    let another = format!("{DUMP} -t runs");
    never(&["load", "stop-writes", "put-back"], &[(DUMP, &another)], 5);
    let late = format!("{WRONG}\n      \"$PGBIN/pg_dump\" {DUMP}");
    let changes = [(DUMP, "-Fc -f early.dump"), (WRONG, late.as_str())];
    never(&["capture", "stop-writes", "put-back"], &changes, 5);
}

#[test]
fn a_service_that_owns_the_table_is_seen_before_anything_is_begun() {
    if Postgres::is_left_out() {
        return;
    }
    let owner = "ALTER TABLE agents OWNER TO llm_agent_service; GRANT SELECT, INSERT ON runs";
    let rehearsed = rehearse(RUNBOOK, &[("GRANT SELECT, INSERT ON runs", owner)], 3);
    assert!(rehearsed.begun().is_empty(), "{:?}", rehearsed.begun());
}

#[test]
fn rights_that_are_gone_already_are_not_taken_for_those_to_give_back() {
    if Postgres::is_left_out() {
        return;
    }
    let gone = format!("{WRONG} -c 'REVOKE ALL ON agents FROM llm_agent_service'");
    let changes = [("GRANT SELECT, UPDATE (name)", "GRANT SELECT"), (WRONG, gone.as_str())];
    never(&["stop-writes", "put-back"], &changes, 5);
}

#[test]
fn a_role_that_writes_without_a_grant_keeps_the_rows_from_being_replaced() {
    if Postgres::is_left_out() {
        return;
    }
    let member = "GRANT pg_write_all_data TO \"it's a report\"; GRANT SELECT, INSERT ON runs";
    never(&["put-back"], &[("GRANT SELECT, INSERT ON runs", member)], 5);
}

#[test]
fn a_wrong_word_replaces_no_row() {
    if Postgres::is_left_out() {
        return;
    }
    never(&["put-back"], &[("{word: agents, by", "{word: runs, by")], 5);
}

#[test]
fn a_role_that_may_not_connect_is_seen_before_anything_is_begun() {
    if Postgres::is_left_out() {
        return;
    }
    let nobody = [("role: \"${{ lab.postgres.role }}\"", "role: nobody-here")];
    let rehearsed = rehearse(RUNBOOK, &nobody, 1);
    assert!(rehearsed.begun().is_empty(), "{:?}", rehearsed.begun());
}

#[test]
fn a_driver_killed_in_the_middle_of_the_exchange_is_resumed_to_the_same_table() {
    if Postgres::is_left_out() {
        return;
    }
    let put_back = "exchange/put-back";
    // The rows are deleted by then, and nothing is committed.
    let middle =
        Before("\"$PGBIN/psql\" -X -q -v ON_ERROR_STOP=1 -d \"${PGDATABASE}_scratch\" -c \"COPY");
    let journal = kill(RUNBOOK, &[], &middle, Killed::Driver);
    assert_eq!(journal.count("step_started", put_back), 1);
    let journal = kill(RUNBOOK, &[], &middle, Killed::Everything("exchange/put-back=rerun"));
    assert_eq!(journal.count("step_started", put_back), 2);
    // What is committed is seen, and not done again.
    let end = Before("\"$PGBIN/psql\" -X -q -v ON_ERROR_STOP=1 -c \"ANALYZE");
    let journal = kill(RUNBOOK, &[], &end, Killed::Everything(""));
    assert_eq!(journal.count("step_started", put_back), 1);
}
