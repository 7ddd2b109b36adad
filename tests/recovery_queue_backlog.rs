//! A job that every worker dies of, in a real Redis, and the runbook that sets exactly that one aside.
//!
//! Where Redis is not installed these tests say so on standard error and prove nothing.

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::needs;
use crate::lab::rehearsed::rehearse;

const RUNBOOK: &str = "runbooks/agenttrace/queue-backlog.yaml";

fn is_left_out() -> bool {
    needs::are_lacking(&["redis-server"])
}

#[test]
fn the_job_that_workers_die_of_is_set_aside_and_every_other_is_done_once() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    rehearsed.assert_proofs(8);
    assert!(rehearsed.begun().contains(&"archive".to_owned()), "{:?}", rehearsed.begun());
    rehearsed.assert_recovered("T1", None);
}

#[test]
fn workers_that_are_only_gone_are_started_again_and_no_job_is_touched() {
    if is_left_out() {
        return;
    }
    // No job is set aside then, so that the proofs of that do not hold.
    let gone =
        [("poison=job-poison", "poison=job-never"), ("since=$((", "./workers.sh stop; since=$((")];
    let rehearsed = rehearse(RUNBOOK, &gone, 1);
    assert_eq!(rehearsed.report["verdict"], "recovered");
    assert!(!rehearsed.begun().contains(&"candidates".to_owned()), "{:?}", rehearsed.begun());
}

#[test]
fn a_wrong_word_stops_no_worker_and_moves_no_job() {
    if is_left_out() {
        return;
    }
    let wrong = [("{word: job-poison, by", "{word: job-1, by")];
    let rehearsed = rehearse(RUNBOOK, &wrong, 5);
    let begun = rehearsed.begun();
    for step in ["pause-intake", "stop-workers", "archive"] {
        assert!(!begun.iter().any(|it| it == step), "{begun:?}");
    }
}

#[test]
fn a_wrong_password_is_seen_before_anything_is_begun() {
    if is_left_out() {
        return;
    }
    let wrong = [("REDISCLI_AUTH: \"${{ inputs.password }}\"", "REDISCLI_AUTH: wrong-password")];
    let rehearsed = rehearse(RUNBOOK, &wrong, 1);
    assert!(rehearsed.begun().is_empty(), "{:?}", rehearsed.begun());
}

#[test]
fn a_job_that_cannot_be_kept_or_is_not_in_the_queue_stays_where_it_is() {
    if is_left_out() {
        return;
    }
    let nowhere = ("${{ lab.work }}/kept\"", "${{ lab.work }}/none\"");
    let another = ("which: {choice: job-poison}", "which: {choice: job-7777}");
    for change in [nowhere, another] {
        let rehearsed = rehearse(RUNBOOK, &[change], 5);
        let begun = rehearsed.begun();
        assert!(!begun.iter().any(|it| it == "stop-workers" || it == "archive"), "{begun:?}");
    }
}

#[test]
fn workers_that_do_not_stop_keep_the_job_from_being_moved_under_them() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[("        stop) stop ;;", "        stop) exit 1 ;;")], 5);
    assert!(!rehearsed.begun().contains(&"archive".to_owned()), "{:?}", rehearsed.begun());
}

#[test]
fn a_driver_killed_while_the_job_is_moved_is_resumed_to_the_same_queue() {
    if is_left_out() {
        return;
    }
    let archive = "bring-back/set-aside/isolate/archive";
    let journal = kill(RUNBOOK, &[], &Before("moved=$(redis-cli"), Killed::Driver);
    assert_eq!(journal.count("step_started", archive), 1);
}

#[test]
fn a_job_that_was_moved_with_nobody_left_to_say_so_is_moved_once() {
    if is_left_out() {
        return;
    }
    let archive = "bring-back/set-aside/isolate/archive";
    let journal = kill(RUNBOOK, &[], &Before("[ \"$moved\" -ge 1 ]"), Killed::Everything(""));
    assert_eq!(journal.count("step_started", archive), 2);
}
