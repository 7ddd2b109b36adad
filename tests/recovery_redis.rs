//! A real Redis that loses all it has on disk, and the runbook that brings it back, in its own lab.
//!
//! Where Redis is not installed these tests say so on standard error and prove nothing.

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::needs;
use crate::lab::rehearsed::rehearse;

const RUNBOOK: &str = "runbooks/cogitator/redis-failure.yaml";

fn is_left_out() -> bool {
    needs::are_lacking(&["redis-server"])
}

#[test]
fn a_redis_whose_files_are_damaged_is_restored_with_its_aof_on_and_measured() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    let steps = [
        "assess",
        "restart",
        "check-backup",
        "read-settings",
        "stop",
        "put-back",
        "start",
        "aof-on",
        "notify",
    ];
    assert_eq!(rehearsed.begun_of(&steps), steps);
    // The newest job of the snapshot was ten minutes old.
    rehearsed.assert_recovered("T1", Some(600_000));
}

#[test]
fn a_redis_without_aof_is_restored_and_stays_without() {
    if is_left_out() {
        return;
    }
    let changes = [("aof: true", "aof: false"), ("{contains: \"yes\"}", "{contains: \"no\"}")];
    let rehearsed = rehearse(RUNBOOK, &changes, 0);
    assert!(!rehearsed.begun().contains(&"aof-on".to_owned()));
    assert_eq!(rehearsed.report["verdict"], "recovered");
}

#[test]
fn a_redis_that_only_died_is_back_after_the_restart_with_nothing_lost() {
    if is_left_out() {
        return;
    }
    let whole = [
        ("truncate --size=-8 \"$file\"", "true"),
        ("printf 'damaged' > \"$file\"", "true"),
        ("{equals: \"300\"}", "{equals: \"302\"}"),
        ("{matches: \"300$\"}", "{matches: \"302$\"}"),
    ];
    let rehearsed = rehearse(RUNBOOK, &whole, 0);
    assert!(!rehearsed.begun().contains(&"check-backup".to_owned()), "{:?}", rehearsed.begun());
    assert_eq!(rehearsed.report["rpo_ms"], 0);
}

#[test]
fn a_redis_that_still_loads_what_it_has_is_not_given_an_older_state() {
    if is_left_out() {
        return;
    }
    // Whole files of many keys, which take five seconds to load, and nobody who waits for that.
    let slow = [
        (
            "pid=$(cat \"$LAB_REDIS_PIDFILE\")\n",
            "seq -f 'SET pad:%g 0123456789abcdef' 5000 | redis-cli -h \"$REDIS_HOST\" -p \"$REDIS_PORT\" > padded\n      \
             printf 'key-load-delay 1000\\nloading-process-events-interval-bytes 1024\\n' >> \"$LAB_REDIS_CONFIG\"\n      \
             pid=$(cat \"$LAB_REDIS_PIDFILE\")\n",
        ),
        ("truncate --size=-8 \"$file\"", "true"),
        ("printf 'damaged' > \"$file\"", "true"),
        ("timeout: 35m", "timeout: 1s"),
    ];
    let rehearsed = rehearse(RUNBOOK, &slow, 5);
    assert_eq!(rehearsed.begun_of(&["restart", "check-backup", "stop", "put-back"]), ["restart"]);
    let told = rehearsed.timeline().to_string();
    assert!(told.contains("Redis does not load what lies on its disk, or else"), "{told}");
}

#[test]
fn a_redis_that_came_back_with_one_heartbeat_alone_is_restored() {
    if is_left_out() {
        return;
    }
    let heartbeat = [
        (
            "for file in \"$LAB_REDIS_DATA\"/dump.rdb \"$LAB_REDIS_DATA\"/appendonlydir/*; do",
            "rm -rf \"$LAB_REDIS_DATA\"/dump.rdb \"$LAB_REDIS_DATA\"/appendonlydir\n      \
             systemctl start redis-server\n      \
             redis-cli -h \"$REDIS_HOST\" -p \"$REDIS_PORT\" SET worker:heartbeat now\n      \
             for file in; do",
        ),
        ("for file in \"$LAB_REDIS_DATA\"/appendonlydir/*.base.rdb; do", "for file in; do"),
        (
            "{not: {tcp: \"${{ lab.redis.host }}:${{ lab.redis.port }}\"}}",
            "{not: {file: \"${{ lab.redis.data }}/dump.rdb\"}}",
        ),
        ("expect: {exit: 3}", "expect: {exit: 0}"),
        ("within: 30s", "within: 2s"),
    ];
    let rehearsed = rehearse(RUNBOOK, &heartbeat, 0);
    assert!(rehearsed.begun().contains(&"put-back".to_owned()), "{:?}", rehearsed.begun());
    rehearsed.assert_recovered("T1", Some(600_000));
}

#[test]
fn a_damaged_snapshot_or_none_is_seen_before_anything_is_stopped_or_moved() {
    if is_left_out() {
        return;
    }
    for backup in ["printf 'no snapshot' > dump_1.rdb", "rm -f dump_1.rdb"] {
        let change = ("cp \"$LAB_REDIS_DATA/dump.rdb\" dump_1.rdb", backup);
        let rehearsed = rehearse(RUNBOOK, &[change], 5);
        let begun = rehearsed.begun();
        for step in ["stop", "put-back", "start"] {
            assert!(!begun.iter().any(|it| it == step), "{backup}: {begun:?}");
        }
    }
}

#[test]
fn a_wrong_word_at_the_gate_leaves_the_data_where_it_is() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[("{word: redis-server, by", "{word: redis, by")], 5);
    assert!(!rehearsed.begun().contains(&"put-back".to_owned()));
}

#[test]
fn a_driver_killed_while_the_snapshot_is_put_back_is_resumed_to_the_same_redis() {
    if is_left_out() {
        return;
    }
    let place = Before("mv \"$data/dump.rdb.new-$run\"");
    let put_back = "bring-back/restore/put-back";
    let journal = kill(RUNBOOK, &[], &place, Killed::Driver);
    assert_eq!(journal.count("step_started", put_back), 1);
    let journal =
        kill(RUNBOOK, &[], &place, Killed::Everything("bring-back/restore/put-back=rerun"));
    assert_eq!(journal.count("step_started", put_back), 2);
}
