//! A key that a stranger uses, in a real database, and the runbook that revokes exactly that one.
//!
//! Where PostgreSQL is not installed these tests say so on standard error and prove nothing.

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::postgres::Postgres;
use crate::lab::rehearsed::rehearse;

const RUNBOOK: &str = "runbooks/agenttrace/api-key-compromise.yaml";

#[test]
fn the_key_that_leaked_is_revoked_and_no_other_and_what_it_did_is_kept() {
    if Postgres::is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    rehearsed.assert_proofs(2);
    rehearsed.assert_recovered("T1", None);
}

#[test]
fn a_wrong_word_revokes_nothing() {
    if Postgres::is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[("{word: key-leaked, by", "{word: key-good, by")], 5);
    assert!(!rehearsed.begun().contains(&"revoke".to_owned()), "{:?}", rehearsed.begun());
}

#[test]
fn a_key_that_was_there_before_is_not_taken_for_the_new_one() {
    if Postgres::is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[("{key: key-new}", "{key: key-good}")], 5);
    let told = rehearsed.timeline().to_string();
    assert!(told.contains("and was made after the leak was noticed\\\" does not hold"), "{told}");
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
fn evidence_that_cannot_be_written_holds_the_run_before_the_key_is_touched() {
    if Postgres::is_left_out() {
        return;
    }
    let nowhere = [("${{ lab.work }}/used.csv", "${{ lab.work }}/none/used.csv")];
    let rehearsed = rehearse(RUNBOOK, &nowhere, 5);
    assert!(!rehearsed.begun().contains(&"revoke".to_owned()), "{:?}", rehearsed.begun());
}

#[test]
fn a_driver_killed_before_or_after_the_key_is_revoked_is_resumed_to_the_same_keys() {
    if Postgres::is_left_out() {
        return;
    }
    let before = Before("revoked=$(psql");
    let journal = kill(RUNBOOK, &[], &before, Killed::Driver);
    assert_eq!(journal.count("step_started", "revoke"), 1);
    let journal = kill(RUNBOOK, &[], &before, Killed::Everything("revoke=rerun"));
    assert_eq!(journal.count("step_started", "revoke"), 2);
    // A key that is revoked is seen, and not revoked again.
    let after = Before("[ \"$revoked\" = 1 ]");
    let journal = kill(RUNBOOK, &[], &after, Killed::Everything(""));
    assert_eq!(journal.count("step_started", "revoke"), 1);
}
