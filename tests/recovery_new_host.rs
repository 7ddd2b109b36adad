//! A host that is lost with all that it had, and the runbook that puts Aragora on a new one over SSH, in
//! its own lab: three hosts, an nginx before them, a PostgreSQL and a Redis.
//!
//! Where one of their programs is not installed these tests say so on standard error and prove nothing.

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::needs;
use crate::lab::postgres::Postgres;
use crate::lab::rehearsed::{Rehearsed, rehearse};

const RUNBOOK: &str = "runbooks/aragora/new-host.yaml";

/// What its lab needs besides PostgreSQL.
const PROGRAMS: &[&str] =
    &["sshd", "ssh", "nginx", "redis-server", "rsync", "git", "curl", "flock", "python3"];

/// The steps that change something outside the new host, or what PostgreSQL and Redis hold there.
const CHANGES: &[&str] = &["fence-there", "load", "put-keys", "serve", "switch-over"];

fn is_left_out() -> bool {
    needs::are_lacking(PROGRAMS) || Postgres::is_left_out()
}

/// Rehearses it with a change, and sees that none of the steps which change something was begun.
#[track_caller]
fn stops_before_anything_is_changed(changes: &[(&str, &str)], exit: i32) -> Rehearsed {
    let rehearsed = rehearse(RUNBOOK, changes, exit);
    let begun = rehearsed.begun();
    assert!(!begun.iter().any(|step| CHANGES.contains(&step.as_str())), "{changes:?}: {begun:?}");
    rehearsed
}

/// What is done in the lab after its fault.
fn then(what: &str) -> (String, String) {
    let last = "      \"$LAB_REDIS_CTL\" stop\n";
    (last.to_owned(), format!("{last}      {what}\n"))
}

#[test]
fn a_lost_host_is_replaced_and_kept_from_coming_back_and_measured() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    let steps = [
        "fetch",
        "prove",
        "code",
        "settings",
        "secrets",
        "start-database",
        "fence-there",
        "load",
        "stop-redis",
        "put-keys",
        "start-redis",
        "aof-on",
        "serve",
        "smoke",
        "switch-over",
        "stay",
        "notify",
    ];
    assert_eq!(rehearsed.begun_of(&steps), steps);
    // The newest debate of the set was twenty minutes old.
    rehearsed.assert_recovered("T1", Some(1_200_000));
}

#[test]
fn an_aof_in_the_set_is_put_in_its_place_and_is_not_written_anew_from_nothing() {
    if is_left_out() {
        return;
    }
    let kept = "cp \"$LAB_REDIS_DATA/dump.rdb\" \"$set/dump.rdb\"";
    let aof = "tar -czf \"$set/aof.tar.gz\" -C \"$LAB_REDIS_DATA\" appendonlydir";
    let sums = ("sha256sum postgres.sql.gz dump.rdb", "sha256sum postgres.sql.gz aof.tar.gz");
    let rehearsed = rehearse(RUNBOOK, &[(kept, aof), sums], 0);
    assert_eq!(rehearsed.report["verdict"], "recovered");
    assert!(!rehearsed.begun().contains(&"aof-on".to_owned()));
}

#[test]
fn a_set_in_s3_is_fetched_with_what_the_new_host_knows_of_it() {
    if is_left_out() || needs::are_lacking(&["moto_server", "aws"]) {
        return;
    }
    let redis = "    redis: {aof: true, unit: redis-server}\n";
    let aws = format!("{redis}    aws: null\n");
    let ssh = "    store: ssh\n    backups: \"${{ lab.vault.name }}:backups\"\n";
    let seal = "aragora.env commit taken > SHA256SUMS\n";
    let there = "{ echo '[default]'; echo \"endpoint_url = $AWS_ENDPOINT_URL\"; \
                 echo \"region = $AWS_REGION\"; echo \"aws_access_key_id = $AWS_ACCESS_KEY_ID\"; \
                 echo \"aws_secret_access_key = $AWS_SECRET_ACCESS_KEY\"; } > \"$LAB_NEW_HOME/.aws/config\"";
    let kept = format!(
        "{seal}      aws s3 mb s3://aragora-backups\n      \
         aws s3 sync --only-show-errors . s3://aragora-backups/20260101T000000Z/\n      \
         rm -r ../../backups; mkdir \"$LAB_NEW_HOME/.aws\"\n      {there}\n"
    );
    let changes = [
        (redis, &*aws),
        (ssh, "    store: s3\n    backups: s3://aragora-backups\n"),
        (seal, &kept),
    ];
    let rehearsed = rehearse(RUNBOOK, &changes, 0);
    assert_eq!(rehearsed.report["verdict"], "recovered");
}

#[test]
fn an_old_host_that_does_not_answer_is_switched_off_by_hand() {
    if is_left_out() {
        return;
    }
    let (last, gone) = then("\"$LAB_OLD_CTL\" stop");
    let answer = "    fence: {word: old, by: incident-commander}\n";
    let by_hand = format!("{answer}    fence-by-hand: {{evidence: {{ticket: OPS-7}}}}\n");
    let rehearsed = rehearse(RUNBOOK, &[(&last, &gone), (answer, &by_hand)], 0);
    assert_eq!(rehearsed.report["verdict"], "recovered");
    let journal = rehearsed.bench.rehearsals()[0].join("journal.jsonl");
    let journal = std::fs::read_to_string(journal).expect("it is kept");
    assert!(journal.contains("OPS-7"), "it was done by hand");
}

/// Rehearses it with a set in which something is wrong, which must be seen at a step.
#[track_caller]
fn refuses_the_set(changes: &[(&str, &str)], at: &str) {
    for change in changes {
        let rehearsed = stops_before_anything_is_changed(&[*change], 5);
        assert_eq!(rehearsed.begun().last().map(String::as_str), Some(at), "{change:?}");
    }
}

/// Where the sums of a set are taken.
const SUMS: &str = "cd \"$set\" && sha256sum";

#[test]
fn no_set_or_one_that_was_damaged_on_its_way_is_seen_before_anything_is_changed() {
    if is_left_out() {
        return;
    }
    refuses_the_set(&[("    set: 20260101T000000Z\n", "    set: 20260101T000001Z\n")], "fetch");
    let seal = "taken > SHA256SUMS\n";
    refuses_the_set(&[(seal, &format!("{seal}      echo more >> dump.rdb\n"))], "prove");
}

#[test]
fn a_dump_that_was_cut_short_or_a_secret_in_the_settings_is_seen_though_the_sums_are_right() {
    if is_left_out() {
        return;
    }
    let cut = "gunzip -c postgres.sql.gz | sed -n 1,1000p | gzip > cut; mv cut postgres.sql.gz";
    let cut = format!("cd \"$set\"; {cut}; sha256sum");
    let secret = "cd \"$set\"; echo API_KEY=k-12345 >> aragora.env; sha256sum";
    refuses_the_set(&[(SUMS, &cut), (SUMS, secret)], "prove");
}

#[test]
fn a_snapshot_that_is_none_or_a_file_without_a_sum_is_seen_before_anything_is_changed() {
    if is_left_out() {
        return;
    }
    let none = "cd \"$set\"; echo no snapshot > dump.rdb; sha256sum";
    let listed = " aragora.env commit taken > SHA256SUMS";
    refuses_the_set(&[(SUMS, none), (listed, " aragora.env taken > SHA256SUMS")], "prove");
}

#[test]
fn a_new_host_that_does_not_answer_or_has_another_key_begins_nothing() {
    if is_left_out() {
        return;
    }
    let another = "rm \"$LAB_NEW_HOST_KEY\"*; ssh-keygen -q -t ed25519 -N '' -f \"$LAB_NEW_HOST_KEY\"; \
                   \"$LAB_NEW_CTL\" restart";
    for what in ["\"$LAB_NEW_CTL\" stop", another] {
        let (last, gone) = then(what);
        let rehearsed = rehearse(RUNBOOK, &[(&last, &gone)], 3);
        assert_eq!(rehearsed.begun(), Vec::<String>::new());
    }
}

#[test]
fn a_set_that_is_older_than_promised_waits_for_somebody_who_accepts_that() {
    if is_left_out() {
        return;
    }
    let old = [("$(date +%s) - 1200)", "$(date +%s) - 7200)")];
    stops_before_anything_is_changed(&old, 5);
}

#[test]
fn a_wrong_password_or_a_postgres_that_does_not_start_leaves_the_old_host_alone() {
    if is_left_out() {
        return;
    }
    let stop = "      \"$LAB_POSTGRES_CTL\" stop\n";
    let alter = "\"$LAB_POSTGRES_BIN/psql\" -X -q -c \"ALTER ROLE aragora PASSWORD 'another'\"";
    let wrong = format!("      {alter}\n{stop}");
    let rehearsed = stops_before_anything_is_changed(&[(stop, &wrong)], 5);
    assert_eq!(rehearsed.begun().last().map(String::as_str), Some("start-database"));
    let (last, damaged) = then("rm \"$LAB_POSTGRES_DATA/global/pg_control\"");
    let rehearsed = stops_before_anything_is_changed(&[(&last, &damaged)], 5);
    assert_eq!(rehearsed.begun().last().map(String::as_str), Some("start-database"));
}

#[test]
fn a_redis_that_refuses_the_password_or_holds_keys_of_somebody_is_not_stopped() {
    if is_left_out() {
        return;
    }
    let cli = "redis-cli -h \"$REDIS_HOST\" -p \"$REDIS_PORT\"";
    let stop = "      \"$LAB_REDIS_CTL\" stop\n";
    for what in [format!("{cli} CONFIG SET requirepass other"), format!("{cli} SET mine 1")] {
        let rehearsed = rehearse(RUNBOOK, &[(stop, &format!("      {what}\n"))], 5);
        let begun = rehearsed.begun();
        assert!(begun.contains(&"load".to_owned()), "{begun:?}");
        for step in ["stop-redis", "put-keys", "serve", "switch-over"] {
            assert!(!begun.iter().any(|it| it == step), "{what}: {begun:?}");
        }
    }
}

#[test]
fn a_wrong_word_at_the_gate_leaves_the_old_host_alone() {
    if is_left_out() {
        return;
    }
    stops_before_anything_is_changed(&[("fence: {word: old, by", "fence: {word: new, by")], 5);
}

#[test]
fn a_disk_that_is_full_during_the_restore_leaves_an_empty_database_and_users_where_they_were() {
    if is_left_out() || needs::is_root_lacking("mount a small disk, for a restore on a full one") {
        return;
    }
    // The files of the database get a disk of their own, with hardly more room than they take.
    let (last, small) = then(concat!(
        "place=$LAB_POSTGRES_DATA/$(cat base); cp -a \"$place\" beside\n",
        "      mount -t tmpfs -o size=$(($(du -sk beside | cut -f 1) + 400))k tmpfs \"$place\"\n",
        "      cp -a beside/. \"$place\"; chown postgres \"$place\"; chmod 700 \"$place\"",
    ));
    let made = "createdb\" --maintenance-db=postgres aragora\n";
    let asked = "\"$LAB_POSTGRES_BIN/psql\" -X -Atc \"SELECT 'base/' || oid FROM pg_database \
                 WHERE datname = 'aragora'\" > base";
    let asking = format!("{made}      {asked}\n");
    let rehearsed = rehearse(RUNBOOK, &[(made, &asking), (&last, &small)], 5);
    assert_eq!(rehearsed.begun().last().map(String::as_str), Some("load"));
    let said = rehearsed.bench.rehearsals()[0].join("output/load.1.err");
    let said = std::fs::read_to_string(said).expect("it was kept");
    assert!(said.contains("Check free disk space"), "{said}");
}

#[test]
fn a_driver_killed_while_the_dump_is_loaded_is_resumed_to_the_same_end() {
    if is_left_out() {
        return;
    }
    let place = Before("gunzip -c \"$folder/incoming/$set/postgres.sql.gz\" |");
    let journal = kill(RUNBOOK, &[], &place, Killed::Driver);
    assert_eq!(journal.count("step_started", "load"), 1);
    // The connection and all that ran over it are gone too.
    let journal = kill(RUNBOOK, &[], &place, Killed::Everything("load=rerun"));
    assert_eq!(journal.count("step_started", "load"), 2);
}
