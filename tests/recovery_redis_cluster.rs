//! A real Redis Cluster that loses a master, and the runbook that has a replica take over, in its
//! own lab.
//!
//! Where Redis or `ip` is not installed these tests say so on standard error and prove nothing.

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::needs;
use crate::lab::rehearsed::{Rehearsed, rehearse};

const RUNBOOK: &str = "runbooks/cogitator/redis-cluster-failover.yaml";

/// The steps that change something.
const CHANGE: [&str; 6] = ["keep-away", "hand-over", "force", "takeover", "keep-files", "rejoin"];

/// How the master dies in the lab.
const DIES: &str = "kill -KILL \"$pid\"";

/// How it is kept away there.
const STOP: &str = "systemctl stop \"$UNIT${MASTER##*:}\"\n";

fn is_left_out() -> bool {
    needs::are_lacking(&["redis-server", "ip"])
}

/// Those of the steps that began which change something.
fn changes(rehearsed: &Rehearsed) -> Vec<String> {
    rehearsed.begun_of(&CHANGE)
}

#[test]
fn the_replica_with_the_newest_data_takes_over_and_the_old_master_follows_and_is_measured() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    assert_eq!(changes(&rehearsed), ["keep-away", "force", "keep-files", "rejoin"]);
    rehearsed.assert_recovered("T1", Some(5_000));
    // What the other replica had was ten minutes old.
    assert!(rehearsed.ms("rpo_ms") < 600_000, "{}", rehearsed.report);
}

#[test]
fn a_master_that_lives_and_cannot_write_hands_over_and_nothing_is_lost() {
    if is_left_out() {
        return;
    }
    let no_snapshot = "mkdir \"$LAB_REDIS_FOLDER/$m1/data/dump.rdb\"; at \"$m1\" BGSAVE";
    let changed = [
        (
            "  cut() { at \"$1\" CONFIG SET masterauth wrong; at \"$1\" CLIENT KILL TYPE master; }",
            "  cut() { true; }",
        ),
        (DIES, no_snapshot),
        (
            "kill -0 \"$pid\" || break",
            "! at \"$m1\" INFO persistence | grep -q bgsave_status:err || break",
        ),
        ("    - {not: {tcp: \"${{ lab.redis.host }}:${{ lab.redis.port }}\"}}\n", ""),
        (
            "run: '. ./cluster.sh; at \"$m2\" CLUSTER INFO'",
            "run: '. ./cluster.sh; at \"$m1\" SET \"{06S}new\" yes 2>&1 || true'",
        ),
        ("{contains: \"cluster_state:fail\"}", "{contains: MISCONF}"),
        (
            "at \"$r2\" ROLE | head -n 1'",
            "at \"$r2\" ROLE | head -n 1; at \"$r1\" ROLE | head -n 1'",
        ),
        ("{equals: master}", "{contains: master}"),
        (
            "    - {run: '. ./cluster.sh; [ \"$(at \"$m1\" ROLE | head -n 3 | tr \"\\n\" \" \")\" = \"slave 127.0.0.1 $r2 \" ]'}\n",
            "",
        ),
        (
            "EXISTS \"{06S}lost\"', expect: {stdout: {equals: \"0\"}}",
            "EXISTS \"{06S}lost\"', expect: {stdout: {equals: \"1\"}}",
        ),
        (
            "    - {run: '. ./cluster.sh; grep -rlF \"{06S}lost\" \"$LAB_REDIS_FOLDER/$m1\"/data.before-* | wc -l', expect: {stdout: {at_least: 1}}}\n",
            "",
        ),
        (
            "at \"$r2\" INFO replication'",
            "at \"$r2\" INFO replication; at \"$r1\" INFO replication'",
        ),
    ];
    let rehearsed = rehearse(RUNBOOK, &changed, 0);
    assert_eq!(changes(&rehearsed), ["hand-over"]);
    assert_eq!(rehearsed.report["rpo_ms"], 0);
    // The nodes are given by names, of which the first is that master's: it was not asked about itself.
    let printed = rehearsed.printed();
    let id = printed.lines().find_map(|line| line.strip_prefix("id: ")).expect("it is looked up");
    let asked: Vec<_> = printed.lines().filter(|line| line.contains(" myself,")).collect();
    assert!(!asked.is_empty() && !asked.iter().any(|line| line.starts_with(id)), "{asked:?}");
}

#[test]
fn a_replica_takes_over_without_a_vote_only_where_too_few_masters_are_left() {
    if is_left_out() {
        return;
    }
    // The third master comes back as soon as the first is replaced.
    let two_die = "third=$(set -- $LAB_REDIS_PORTS; echo \"$3\")\n      \
        systemctl stop \"redis-server@$third\"\n      \
        (until at \"$r2\" INFO replication | grep -q role:master; do sleep 0.1; done\n       \
        exec systemctl start \"redis-server@$third\") > third.log 2>&1 &\n      \
        kill -KILL \"$pid\"";
    let changed = [(DIES, two_die), ("    force: {word", "    takeover: {word")];
    let rehearsed = rehearse(RUNBOOK, &changed, 0);
    assert_eq!(changes(&rehearsed), ["keep-away", "takeover", "keep-files", "rejoin"]);
}

#[test]
fn replicas_that_have_not_synchronized_are_seen_before_the_slots_are_given_to_an_empty_one() {
    if is_left_out() {
        return;
    }
    // Started without their files and without the password, as new ones are.
    let emptied = "for port in \"$r1\" \"$r2\"; do\n        \
        systemctl stop \"redis-server@$port\"\n        \
        sed -i 's/^masterauth .*/masterauth wrong/' \"$LAB_REDIS_FOLDER/$port/redis.conf\"\n        \
        rm -r \"$LAB_REDIS_FOLDER/$port/data/appendonlydir\"\n        \
        rm -f \"$LAB_REDIS_FOLDER/$port/data/dump.rdb\"\n        \
        systemctl start \"redis-server@$port\"\n      done\n      kill -KILL \"$pid\"";
    let rehearsed = rehearse(RUNBOOK, &[(DIES, emptied)], 5);
    assert_eq!(changes(&rehearsed), [""; 0]);
    let told = told(&rehearsed);
    assert!(told.contains("no replica has the data. Do not fail over"), "{told}");
}

/// Its timeline, as a person reads it.
#[track_caller]
fn told(rehearsed: &Rehearsed) -> String {
    let [folder] = rehearsed.bench.rehearsals().try_into().expect("there is one rehearsal");
    std::fs::read_to_string(folder.join("timeline.md")).expect("it was written")
}

#[test]
fn the_lab_proves_that_the_old_master_was_kept_away() {
    if is_left_out() {
        return;
    }
    // What supervises it starts it again, on an empty disk, as soon as another is the master.
    let force = "at \"$REPLICA\" CLUSTER FAILOVER FORCE";
    let again = format!(
        "{force}\n          until at \"$REPLICA\" ROLE | grep -qx master; do sleep 0.1; done\n          \
         cd \"$LAB_REDIS_FOLDER/${{MASTER##*:}}\"\n          [ -e kept-away ] || \
         {{ rm -rf data/appendonlydir data/dump.rdb; ./ctl start; }}"
    );
    let rehearsed =
        rehearse(RUNBOOK, &[(STOP, "true\n"), ("supervise >", ": >"), (force, &again)], 1);
    assert_eq!(changes(&rehearsed).first().map(String::as_str), Some("keep-away"));
}

#[test]
fn no_unit_of_this_machine_is_stopped_for_a_master_of_another_and_the_gate_says_so() {
    if is_left_out() {
        return;
    }
    // TEST-NET-3, of which no machine has an address.
    let changed = [
        ("show to \"${MASTER%:*}\"", "show to 203.0.113.77"),
        ("{word: lab-redis, by", "{word: redis, by"),
    ];
    let rehearsed = rehearse(RUNBOOK, &changed, 5);
    assert_eq!(changes(&rehearsed), ["keep-away"]);
    let told = told(&rehearsed);
    assert!(told.contains("is not on this machine: take --input platform=manual"), "{told}");
    assert!(told.contains("Keeping that master away has failed"), "{told}");
}

#[test]
fn a_replica_that_was_elected_before_the_gate_is_not_put_out_of_office() {
    if is_left_out() {
        return;
    }
    let elected = "systemctl stop \"$UNIT${MASTER##*:}\"\n          \
        . \"$LAB/work/cluster.sh\"\n          \
        at \"$r1\" CLUSTER FAILOVER TAKEOVER\n          \
        until at \"$r2\" INFO replication | grep \"^master_port:$r1\"; do sleep 0.1; done\n";
    let rehearsed = rehearse(RUNBOOK, &[(STOP, elected)], 5);
    assert_eq!(changes(&rehearsed), ["keep-away"]);
    let told = told(&rehearsed);
    assert!(told.contains("\"no other replica was elected meanwhile, or else"), "{told}");
    assert!(!told.contains(" asks: "), "{told}");
}

#[test]
fn a_master_that_answers_at_all_is_not_held_to_be_dead() {
    if is_left_out() {
        return;
    }
    // It hangs, and comes back with another password.
    let back = ". \"$LAB/work/cluster.sh\"\n          \
        kill -CONT \"$(cat \"$LAB_REDIS_FOLDER/$m1/pid\")\"\n          \
        until at \"$m1\" CONFIG SET requirepass other; do sleep 0.1; done\n";
    let changed = [
        (DIES, "kill -STOP \"$pid\""),
        ("kill -0 \"$pid\" || break", "break"),
        ("    - {not: {tcp: \"${{ lab.redis.host }}:${{ lab.redis.port }}\"}}\n", ""),
        (STOP, back),
    ];
    let rehearsed = rehearse(RUNBOOK, &changed, 5);
    assert_eq!(changes(&rehearsed), ["keep-away"]);
    let told = told(&rehearsed);
    assert!(told.contains("\"the master is still down\" does not hold"), "{told}");
}

#[test]
fn a_cluster_of_which_less_than_half_answers_has_not_recovered() {
    if is_left_out() {
        return;
    }
    let nowhere: String = (1..=9).map(|port| format!("\\\"localhost:{port}\\\", ")).collect();
    let more = format!("'localhost') | replace('[', '[{nowhere}')");
    let changed = [("'localhost')", more.as_str()), ("      within: 1m\n", "      within: 2s\n")];
    let rehearsed = rehearse(RUNBOOK, &changed, 1);
    assert_eq!(changes(&rehearsed), ["keep-away", "force", "keep-files", "rejoin"]);
    assert_eq!(rehearsed.report["verdict"], "not_recovered");
}

#[test]
fn a_wrong_password_ends_it_before_anything_began() {
    if is_left_out() {
        return;
    }
    let changed = [
        ("env: REDISCLI_AUTH, prompt", "env: OF_CLUSTER, prompt"),
        ("  answers:\n    force", "  env: {OF_CLUSTER: wrong}\n  answers:\n    force"),
    ];
    let rehearsed = rehearse(RUNBOOK, &changed, 1);
    assert_eq!(rehearsed.begun(), [""; 0]);
}

#[test]
fn a_wrong_word_at_the_gate_leaves_the_slots_where_they_are() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[("{word: lab-redis, by", "{word: redis, by")], 5);
    assert_eq!(changes(&rehearsed), ["keep-away"]);
}

#[test]
fn an_old_master_that_does_not_start_is_told_and_the_cluster_serves_without_it() {
    if is_left_out() {
        return;
    }
    let broken = "echo nonsense >> \"$LAB_REDIS_FOLDER/$m1/redis.conf\"; kill -KILL \"$pid\"";
    let changed = [
        (DIES, broken),
        // Nothing is proven of a node that is not there.
        ("    - {run: '. ./cluster.sh; [ \"$(at \"$m1\"", "    - {run: 'exit 0; [ \"$(at \"$m1\""),
        ("-h 127.0.0.1 -p \"$m1\" EXISTS", "-h 127.0.0.1 -p \"$m2\" EXISTS"),
        ("connected_slaves:2", "connected_slaves:1"),
    ];
    let rehearsed = rehearse(RUNBOOK, &changed, 8);
    assert_eq!(changes(&rehearsed), ["keep-away", "force", "keep-files", "rejoin"]);
    assert_eq!(rehearsed.report["verdict"], "recovered");
}

#[test]
fn files_that_cannot_be_kept_are_not_thrown_away_by_an_old_master_that_follows() {
    if is_left_out() {
        return;
    }
    let changed = [
        ("}}/data\"\n", "}}/no-data\"\n"),
        ("    - {run: '. ./cluster.sh; [ \"$(at \"$m1\"", "    - {run: 'exit 0; [ \"$(at \"$m1\""),
        ("-h 127.0.0.1 -p \"$m1\" EXISTS", "-h 127.0.0.1 -p \"$m2\" EXISTS"),
        ("/data.before-*", "/data"),
        ("connected_slaves:2", "connected_slaves:1"),
    ];
    let rehearsed = rehearse(RUNBOOK, &changed, 8);
    assert_eq!(changes(&rehearsed), ["keep-away", "force", "keep-files"]);
}

#[test]
fn a_driver_killed_before_the_replica_is_forced_is_resumed_to_the_same_cluster() {
    if is_left_out() {
        return;
    }
    let place = Before("at \"$REPLICA\" CLUSTER FAILOVER FORCE");
    let journal = kill(RUNBOOK, &[], &place, Killed::Driver);
    assert_eq!(journal.count("step_started", "fail-over/force"), 1);
    let everything = Killed::Everything("fail-over/force=rerun");
    let journal = kill(RUNBOOK, &[], &place, everything);
    assert_eq!(journal.count("step_started", "fail-over/force"), 2);
}
