//! Real workers of a queue under a supervisor, of which one hangs or dies, and the runbook that sees it
//! back and what it was doing done once, in its own lab.
//!
//! Where the supervisor, Redis or Python is not installed these tests say so on standard error and
//! prove nothing.

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::needs;
use crate::lab::rehearsed::{Rehearsed, rehearse};

const RUNBOOK: &str = "runbooks/cogitator/worker-failure.yaml";

/// The steps that do something about it.
const STEPS: [&str; 4] = ["by-itself", "restart", "by-another", "requeue"];

/// How the worker fails in the lab.
const HANGS: &str = "kill -STOP \"$pid\"";

/// No worker looks for what others have left. What is put back is done by whoever is first.
const NOBODY_LOOKS: [(&str, &str); 3] = [
    ("LOOKS=yes", "LOOKS=no"),
    ("stalled: 20", "stalled: 2"),
    ("contains: run-1 cogitator-worker-2", "contains: run-1 cogitator-worker"),
];

fn is_left_out() -> bool {
    needs::are_lacking(&["redis-server", "runsvdir", "curl", "python3"])
}

/// Those of the steps that began which do something about it.
fn done(rehearsed: &Rehearsed) -> Vec<String> {
    rehearsed.begun_of(&STEPS)
}

#[test]
fn a_worker_that_hangs_is_restarted_and_its_run_done_once_by_another_and_is_measured() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    assert_eq!(done(&rehearsed), ["by-itself", "restart", "by-another"]);
    rehearsed.assert_recovered("T1", None);
}

#[test]
fn a_worker_that_dies_is_brought_back_by_its_supervisor_alone() {
    if is_left_out() {
        return;
    }
    // It begins again once somebody waits for it.
    let changed = [
        (HANGS, "touch held; kill -KILL \"$pid\""),
        (
            "end=$(($(date +%s) + PATIENCE))",
            "rm -f \"$LAB/work/held\"; end=$(($(date +%s) + PATIENCE))",
        ),
        ("patience: 3\n", "patience: 60\n"),
        // Whoever is first takes it.
        NOBODY_LOOKS[2],
    ];
    let rehearsed = rehearse(RUNBOOK, &changed, 0);
    assert_eq!(done(&rehearsed), ["by-itself", "by-another"]);
}

#[test]
fn runs_that_nobody_takes_over_are_put_back_and_done_once() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &NOBODY_LOOKS, 0);
    assert_eq!(done(&rehearsed), ["by-itself", "restart", "by-another", "requeue"]);
}

#[test]
fn runs_of_a_queue_that_is_paused_stay_paused_when_they_are_put_back() {
    if is_left_out() {
        return;
    }
    let pushed = "redis LPUSH bull:runs:wait run-2 run-3";
    // As BullMQ does it, once the other worker has done the rest.
    let paused = format!(
        "{pushed}\n      \
        until [ \"$(redis LLEN done)\" = 2 ]; do sleep 0.05; done\n      \
        redis HSET bull:runs:meta paused 1"
    );
    let changed = [
        (pushed, paused.as_str()),
        (
            "LRANGE done 0 -1 | sort | cut -d \" \" -f 1 | tr \"\\n\" \" \"",
            "LRANGE bull:runs:paused 0 -1",
        ),
        ("equals: \"run-1 run-2 run-3 \"", "equals: run-1"),
        (
            "LRANGE done 0 -1', expect: {stdout: {contains: run-1 cogitator-worker}}",
            "LLEN bull:runs:wait', expect: {stdout: {equals: \"0\"}}",
        ),
    ];
    let changed = [&NOBODY_LOOKS[..], &changed[..]].concat();
    let rehearsed = rehearse(RUNBOOK, &changed, 0);
    assert_eq!(done(&rehearsed), ["by-itself", "restart", "by-another", "requeue"]);
}

#[test]
fn a_name_that_may_not_approve_leaves_the_runs_where_they_are() {
    if is_left_out() {
        return;
    }
    let by_whom = ("{approve: true, by: platform-lead}", "{approve: true, by: somebody}");
    let changed = [&NOBODY_LOOKS[..], &[by_whom]].concat();
    let rehearsed = rehearse(RUNBOOK, &changed, 5);
    assert_eq!(done(&rehearsed), ["by-itself", "restart", "by-another"]);
}

#[test]
fn a_worker_that_does_not_start_is_no_recovery_though_its_run_is_done() {
    if is_left_out() {
        return;
    }
    let broken = "redis LPUSH bull:runs:wait run-2 run-3\n      \
        until journalctl -u cogitator-worker-2 | grep -q begins; do sleep 0.05; done\n      \
        echo 'nonsense(' >> worker.py";
    let changed = [
        ("redis LPUSH bull:runs:wait run-2 run-3", broken),
        ("within: 1m, every: 500ms", "within: 3s, every: 500ms"),
    ];
    let rehearsed = rehearse(RUNBOOK, &changed, 1);
    assert_eq!(done(&rehearsed), ["by-itself", "restart", "by-another"]);
    assert_eq!(rehearsed.report["verdict"], "not_recovered");
}

#[test]
fn a_wrong_password_ends_it_before_anything_began() {
    if is_left_out() {
        return;
    }
    let changed = [
        ("env: REDISCLI_AUTH, prompt", "env: OF_REDIS, prompt"),
        ("  answers:\n    requeue", "  env: {OF_REDIS: wrong}\n  answers:\n    requeue"),
    ];
    let rehearsed = rehearse(RUNBOOK, &changed, 1);
    assert_eq!(rehearsed.begun(), [""; 0]);
}

#[test]
fn a_driver_killed_while_runs_are_put_back_is_resumed_and_they_are_done_once() {
    if is_left_out() {
        return;
    }
    let place =
        "redis-cli -e -h \"$REDIS_HOST\" -p \"$REDIS_PORT\" EVAL \"\n            local back = {}";
    let journal = kill(RUNBOOK, &NOBODY_LOOKS, &Before(place), Killed::Driver);
    assert_eq!(journal.count("step_started", "take-over/requeue"), 1);
    let everything = Killed::Everything("take-over/requeue=rerun");
    let journal = kill(RUNBOOK, &NOBODY_LOOKS, &Before(place), everything);
    assert_eq!(journal.count("step_started", "take-over/requeue"), 2);
}
