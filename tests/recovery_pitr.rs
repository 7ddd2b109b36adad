//! Rows that are really deleted, and the runbook that replays the archived WAL up to the moment
//! before, in its own lab.
//!
//! Where PostgreSQL is not installed these tests say so on standard error and prove nothing.

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::postgres::Postgres;
use crate::lab::rehearsed::{Rehearsed, rehearse};

const RUNBOOK: &str = "runbooks/agenttrace/postgres-pitr.yaml";

/// Where the lab's fault ends, so that a test can add to it.
const FAULT_ENDS: &str = "FROM projects\" > newest\n  symptoms:";

/// Where the fault begins.
const FAULT_BEGINS: &str = "\"$PGBIN/psql\" -X -At -c \"SELECT to_char(now()";

/// Where the lab says the moment.
const MOMENT: &str = "    at: {run: cat accident}\n";

/// The statement that is the mistake.
const MISTAKE: &str = "\"DELETE FROM projects WHERE id % 2 = 0\"";

/// A recovery that was undone: it has written, and its timeline is in the archive.
const UNDONE: &str = r#"FROM projects" > newest
      as_owner() { if [ "$(id -un)" = "$LAB_POSTGRES_USER" ]; then "$@"; else runuser -u "$LAB_POSTGRES_USER" -- "$@"; fi; }
      undone=$LAB_POSTGRES_DATA.undone
      cp -a base/1 "$undone"
      cat >> "$undone/postgresql.auto.conf" <<CONF
      listen_addresses = ''
      unix_socket_directories = '$undone'
      restore_command = 'cp "$LAB_POSTGRES_ARCHIVE/%f" "%p"'
      recovery_target = 'immediate'
      recovery_target_action = 'promote'
      CONF
      touch "$undone/recovery.signal"
      [ "$(id -un)" = "$LAB_POSTGRES_USER" ] || chown -R "$LAB_POSTGRES_USER:" "$undone"
      as_owner "$PGBIN/pg_ctl" -s -D "$undone" -l "$undone/log" -w start
      until [ "$("$PGBIN/psql" -X -At -h "$undone" -c "SELECT pg_is_in_recovery()")" = f ]; do sleep 0.1; done
      "$PGBIN/psql" -X -q -h "$undone" -c "CREATE TABLE another ()" -c "SELECT pg_switch_wal()" -o /dev/null
      as_owner "$PGBIN/pg_ctl" -s -D "$undone" -m fast -w stop
      rm -r "$undone"
      test -e "$LAB_POSTGRES_ARCHIVE/00000002.history"
  symptoms:"#;

/// Rehearses it with one thing wrong, and nobody there: it stops at a step, and the cluster runs on.
#[track_caller]
fn stops_at(step: &str, changes: &[(&str, &str)]) -> Rehearsed {
    let rehearsed = rehearse(RUNBOOK, changes, 5);
    let begun = rehearsed.begun();
    assert_eq!(begun.last().map(String::as_str), Some(step), "{changes:?}");
    rehearsed
}

/// Why a rehearsal ended.
fn cause(rehearsed: &Rehearsed) -> String {
    let ended = rehearsed.journal().events("run_ended");
    ended.iter().map(ToString::to_string).collect()
}

#[test]
fn deleted_rows_are_back_and_what_was_written_until_then_is_kept_and_measured() {
    if Postgres::is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    let steps = [
        "stop-writers",
        "archive-wal",
        "check-backup",
        "find-target",
        "lay-down",
        "replay",
        "promote",
        "check-copy",
        "exchange",
        "archive-again",
        "back-up",
        "notify",
    ];
    let begun = rehearsed.begun();
    assert_eq!(begun.iter().filter(|it| !it.contains('~')).collect::<Vec<_>>(), steps);
    // What is left out is five minutes younger than what is kept.
    rehearsed.assert_recovered("T1", Some(300_000));
}

#[test]
fn the_moment_is_found_in_the_wal_where_nobody_says_it_and_nothing_was_written_since() {
    if Postgres::is_left_out() {
        return;
    }
    let idle = "FROM projects\" > newest\n      \"$PGBIN/psql\" -X -q -c 'SELECT pg_switch_wal()'\n  symptoms:";
    let rehearsed = rehearse(RUNBOOK, &[(MOMENT, ""), (FAULT_ENDS, idle)], 0);
    assert_eq!(rehearsed.report["verdict"], "recovered");
}

#[test]
fn rows_that_a_prepared_transaction_deleted_are_found_too() {
    if Postgres::is_left_out() {
        return;
    }
    let settings = (
        "      ALTER SYSTEM SET work_mem",
        "      ALTER SYSTEM SET max_prepared_transactions = 5;\n      ALTER SYSTEM SET work_mem",
    );
    let restarted = format!("\"$LAB_POSTGRES_CTL\" restart\n      {FAULT_BEGINS}");
    let prepared = format!(
        "BEGIN -c {MISTAKE} -c \"PREPARE TRANSACTION 'held'\" -c 'CREATE TABLE another ()' -c \"COMMIT PREPARED 'held'\""
    );
    let changes =
        [(MOMENT, ""), settings, (FAULT_BEGINS, &restarted), (MISTAKE, prepared.as_str())];
    let rehearsed = rehearse(RUNBOOK, &changes, 0);
    assert_eq!(rehearsed.report["verdict"], "recovered");
}

#[test]
fn an_earlier_recovery_that_was_undone_is_not_followed_and_would_be_seen() {
    if Postgres::is_left_out() {
        return;
    }
    let undone = (FAULT_ENDS, UNDONE);
    let third = ("\"$LAB_POSTGRES_ARCHIVE\"/00000002", "\"$LAB_POSTGRES_ARCHIVE\"/00000003");
    let rehearsed = rehearse(RUNBOOK, &[undone, third], 0);
    assert_eq!(rehearsed.report["verdict"], "recovered");
    // So few rows are in the base backup too.
    let followed = [undone, ("= 'current'", "= 'latest'"), ("rows: \"2500\"", "rows: \"2000\"")];
    let cause = cause(&stops_at("replay", &followed));
    assert!(
        cause.contains("the last that it has replayed is the last that is to be kept"),
        "{cause}"
    );
}

#[test]
fn the_copy_runs_none_of_the_jobs_of_the_cluster() {
    if Postgres::is_left_out() {
        return;
    }
    // A library of that name, whatever it does.
    let library = r#"cp "$PGBIN/../lib/auto_explain.so" "$LAB_POSTGRES_FOLDER/pg_cron.so"
      "$PGBIN/psql" -X -q -c "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements', '$LAB_POSTGRES_FOLDER/pg_cron.so'"
      "$LAB_POSTGRES_CTL" restart"#;
    let loaded = format!("{library}\n      {FAULT_BEGINS}");
    let paused = "          export PGHOST=$NEW\n          until";
    let looks = "          export PGHOST=$NEW\n          \"$PGBIN/psql\" -X -At -F ' runs ' -c \"SELECT current_setting('shared_preload_libraries'), current_setting('max_logical_replication_workers')\"\n          until";
    let rehearsed = rehearse(RUNBOOK, &[(FAULT_BEGINS, &loaded), (paused, looks)], 0);
    let printed = rehearsed.printed();
    assert!(printed.contains("pg_stat_statements runs 0\n"), "{printed}");
}

#[test]
fn a_cluster_that_could_not_be_exchanged_in_the_end_is_seen_before_anything_is_begun() {
    if Postgres::is_left_out() {
        return;
    }
    let link = r#"FROM projects" > newest
      "$LAB_POSTGRES_CTL" stop; mv "$LAB_POSTGRES_DATA" "$LAB_POSTGRES_DATA.real"
      ln -s data.real "$LAB_POSTGRES_DATA"; "$LAB_POSTGRES_CTL" start
  symptoms:"#;
    let long = format!("    NEW: \"${{{{ inputs.data }}}}.{}", "n".repeat(107));
    let old = r#"chmod 755 writers.sh
      mkdir bin; ln -s "$LAB_POSTGRES_BIN"/* bin; rm bin/pg_ctl
      printf '%s\n' '#!/bin/sh' 'echo "pg_ctl (PostgreSQL) 14.1"' > bin/pg_ctl; chmod 755 bin/pg_ctl"#;
    let bin = ("\"${{ lab.postgres.bin }}\"", "\"${{ lab.work }}/bin\"");
    let wrongs: [(&[(&str, &str)], &str); 3] = [
        (&[(FAULT_ENDS, link)], "is no link and no mount"),
        (&[("    NEW: \"${{ inputs.data }}.new", &long)], "the path of a socket"),
        (&[("chmod 755 writers.sh", old), bin], "the programs are of its version"),
    ];
    for (changes, why) in wrongs {
        let rehearsed = rehearse(RUNBOOK, changes, 3);
        assert!(rehearsed.begun().is_empty(), "{:?}", rehearsed.begun());
        let cause = cause(&rehearsed);
        assert!(cause.contains(why), "{cause}");
    }
}

#[test]
fn rows_that_a_transaction_inside_another_deleted_are_found_too() {
    if Postgres::is_left_out() {
        return;
    }
    let nobody = (MOMENT, "");
    let inside = "\"DO \\$\\$ BEGIN DELETE FROM projects WHERE id % 2 = 0; EXCEPTION WHEN division_by_zero THEN NULL; END \\$\\$\"";
    let change = (MISTAKE, inside);
    let rehearsed = rehearse(RUNBOOK, &[nobody, change], 0);
    assert_eq!(rehearsed.report["verdict"], "recovered");
}

#[test]
fn a_base_backup_that_is_missing_or_was_cut_short_is_seen_before_anything_is_copied() {
    if Postgres::is_left_out() {
        return;
    }
    for wrong in ["rm -r base/1", "truncate --size=-1 base/1/global/pg_control"] {
        let change = format!("-D base/1 -c fast --no-sync\n      {wrong}\n");
        stops_at("check-backup", &[("-D base/1 -c fast --no-sync\n", &change)]);
    }
}

#[test]
fn wal_that_is_missing_or_damaged_in_the_archive_is_seen_before_anything_is_copied() {
    if Postgres::is_left_out() {
        return;
    }
    let file = "\"$LAB_POSTGRES_ARCHIVE/000000010000000000000003\"";
    for wrong in ["rm", "truncate --size=8192"] {
        let change = format!(
            "FROM projects\" > newest\n      until [ -e {file} ]; do sleep 0.1; done; {wrong} {file}\n  symptoms:"
        );
        stops_at("check-backup", &[(FAULT_ENDS, &change)]);
    }
}

#[test]
fn wal_that_cannot_be_archived_is_said_and_the_cluster_runs_on() {
    if Postgres::is_left_out() {
        return;
    }
    let broken =
        "      ALTER SYSTEM SET archive_command = 'false';\n      ALTER SYSTEM SET work_mem";
    let changes = [("      ALTER SYSTEM SET work_mem", broken), ("seq 600", "seq 3")];
    stops_at("archive-wal", &changes);
}

#[test]
fn a_moment_before_the_base_backup_or_after_all_that_was_written_is_refused() {
    if Postgres::is_left_out() {
        return;
    }
    for at in ["2026-01-01T00:00:00Z", "2199-01-01T00:00:00Z"] {
        let change = format!("{{run: echo {at}}}");
        stops_at("find-target", &[("{run: cat accident}", &change)]);
    }
    // The base backup is made once more, after the mistake.
    let late = "FROM projects\" > newest\n      rm -r base/1; \"$PGBIN/pg_basebackup\" -D base/1 -c fast\n  symptoms:";
    stops_at("find-target", &[(FAULT_ENDS, late), (MOMENT, "")]);
}

#[test]
fn a_disk_that_fills_up_while_the_backup_is_copied_leaves_no_half_copy_and_the_cluster_runs_on() {
    if Postgres::is_left_out() {
        return;
    }
    // What is larger than that cannot be written, as on a disk that is full.
    let full = ("cp -a \"$base/.\" \"$NEW\"\n", "ulimit -f 4000; cp -a \"$base/.\" \"$NEW\"\n");
    let looks = "; ls -d \"$NEW\" || \"$PGBIN/psql\" -X -At -c \"SELECT 1260 + 1\"' EXIT";
    let rehearsed = stops_at("lay-down", &[full, ("\"$NEW\"' EXIT", &format!("\"$NEW\"{looks}"))]);
    let printed = rehearsed.printed();
    assert!(printed.contains("1261\n"), "{printed}");
}

#[test]
fn a_disk_without_room_for_the_copy_is_seen_before_anything_is_copied() {
    if Postgres::is_left_out() {
        return;
    }
    stops_at("check-backup", &[("spare: \"64\"", "spare: \"1000000000\"")]);
}

#[test]
fn a_moment_after_the_mistake_is_seen_in_the_copy_and_nobody_is_asked_to_put_it_in_place() {
    if Postgres::is_left_out() {
        return;
    }
    let after =
        "\"$PGBIN/psql\" -X -q -v ON_ERROR_STOP=1 -c \"INSERT INTO projects SELECT n, 'after'";
    let moment = format!("date -u +%Y-%m-%dT%H:%M:%S.%NZ > accident\n      {after}");
    stops_at("replay", &[(after, &moment)]);
}

#[test]
fn a_wrong_password_is_seen_before_anything_is_begun() {
    if Postgres::is_left_out() {
        return;
    }
    let changes = [
        ("host: \"${{ lab.postgres.socket }}\"", "host: \"${{ lab.postgres.host }}\""),
        (
            FAULT_ENDS,
            "FROM projects\" > newest\n      \"$PGBIN/psql\" -X -q -c \"ALTER ROLE agenttrace PASSWORD 'another'\"\n  symptoms:",
        ),
        (
            "{run: '\"$PGBIN/psql\" -X -At -c \"SELECT count(*) FROM projects\"', expect: {stdout: {equals: \"1261\"}}}",
            "{run: [test, -s, newest]}",
        ),
    ];
    let rehearsed = rehearse(RUNBOOK, &changes, 3);
    assert!(rehearsed.begun().is_empty(), "{:?}", rehearsed.begun());
}

#[test]
fn a_wrong_word_at_the_gate_leaves_the_cluster_in_its_place() {
    if Postgres::is_left_out() {
        return;
    }
    stops_at("replay", &[("{word: agenttrace, by", "{word: projects, by")]);
}

#[test]
fn a_driver_killed_between_the_two_moves_is_resumed_to_the_same_cluster() {
    if Postgres::is_left_out() {
        return;
    }
    let place = Before("mv \"$NEW\" \"$DATA\"\n");
    let journal = kill(RUNBOOK, &[], &place, Killed::Driver);
    assert_eq!(journal.count("step_started", "mend/exchange"), 1);
    let journal = kill(RUNBOOK, &[], &place, Killed::Everything("mend/exchange=rerun"));
    assert_eq!(journal.count("step_started", "mend/exchange"), 2);
}
