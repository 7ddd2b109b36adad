//! A backup that nobody could restore, and the runbook that makes one which somebody has restored.
//!
//! Where PostgreSQL is not installed these tests say so on standard error and prove nothing.

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::postgres::Postgres;
use crate::lab::rehearsed::rehearse;

const RUNBOOK: &str = "runbooks/agenttrace/backup-verification.yaml";

/// Have the backup verified that is there already.
const EXISTING: (&str, &str) = (
    "    folder: \"${{ lab.backups.folder }}\"\n",
    "    folder: \"${{ lab.backups.folder }}\"\n    existing: \"${{ lab.backups.folder }}/old.dump\"\n",
);

/// What is done to that backup, and how old it is made.
const DAMAGE: &str = "truncate --size=20000 old.dump";
const AGE: &str = "touch -d '2 days ago' old.dump";

/// A fault that does not show in its age.
const SYMPTOM: (&str, &str) = (
    "- {not: {file: \"${{ lab.backups.folder }}/latest.dump\", expect: {younger_than: 24h}}}",
    "- {file: \"${{ lab.backups.folder }}/broken\"}",
);

#[test]
fn a_new_backup_is_restored_and_compared_before_it_is_called_the_latest() {
    if Postgres::is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    let steps = ["dump", "look", "load", "compare", "latest", "drop-scratch"];
    assert_eq!(rehearsed.begun(), steps);
    rehearsed.assert_proofs(5);
    rehearsed.assert_recovered("T1", Some(0));
}

#[test]
fn a_backup_that_is_old_fails() {
    if Postgres::is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[EXISTING], 1);
    assert!(!rehearsed.begun().contains(&"look".to_owned()), "{:?}", rehearsed.begun());
}

#[test]
fn a_backup_that_is_empty_gone_cut_short_or_lacks_rows_fails() {
    if Postgres::is_left_out() {
        return;
    }
    let damages = [
        (": > old.dump", "look"),
        ("rm old.dump", "look"),
        // Its sum does not fit; then its sum fits, and it cannot be loaded.
        ("truncate --size=20000 old.dump", "load"),
        ("truncate --size=20000 old.dump; sha256sum old.dump > old.dump.sha256", "compare"),
        ("sed -i 's/5000/5001/' old.dump.manifest", "latest"),
    ];
    for (damage, never) in damages {
        let damage = format!("touch broken; {damage}");
        let changes = [EXISTING, SYMPTOM, (DAMAGE, damage.as_str()), (AGE, "true")];
        let rehearsed = rehearse(RUNBOOK, &changes, 1);
        let begun = rehearsed.begun();
        assert!(!begun.iter().any(|it| it == never || it == "latest"), "{damage}: {begun:?}");
    }
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
fn a_driver_killed_in_the_middle_of_the_restore_or_the_link_is_resumed_to_the_same_backup() {
    if Postgres::is_left_out() {
        return;
    }
    let load = Before("\"$PGBIN/pg_restore\" --exit-on-error --single-transaction");
    let link = Before("mv -T");
    for (place, step) in [(load, "load"), (link, "latest")] {
        let journal = kill(RUNBOOK, &[], &place, Killed::Driver);
        assert_eq!(journal.count("step_started", step), 1);
        let journal = kill(RUNBOOK, &[], &place, Killed::Everything(""));
        assert_eq!(journal.count("step_started", step), 2);
    }
}
