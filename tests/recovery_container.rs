//! A container that the kernel kills for want of memory, again and again, and the runbook that has it stay up.
//!
//! Where no engine of Docker can run, these tests say so on standard error, with the reason, and prove nothing.

use crate::lab::engine;
use crate::lab::killed::{Before, Killed, kill};
use crate::lab::rehearsed::{Rehearsed, rehearse};

const RUNBOOK: &str = "runbooks/aragora/container-crash.yaml";

/// What a person would wait for longer.
const SOON: (&str, &str) =
    ("within: 1m, every: 1s, hold_for: 10s", "within: 10s, every: 1s, hold_for: 2s");

fn rehearsed(changes: &[(&str, &str)], exit: i32) -> Rehearsed {
    rehearse(RUNBOOK, &[&[SOON], changes].concat(), exit)
}

fn steps(rehearsed: &Rehearsed) -> Vec<String> {
    rehearsed.begun().into_iter().filter(|it| it != "bring-back").collect()
}

#[test]
fn a_container_that_runs_out_of_memory_stays_up_with_more_and_its_log_is_kept() {
    if engine::is_left_out() {
        return;
    }
    let rehearsed = rehearsed(&[], 0);
    assert_eq!(steps(&rehearsed), ["keep", "recreate", "go-back", "more-memory", "notify"]);
    rehearsed.assert_recovered("T2", None);
}

#[test]
fn an_image_that_is_broken_gives_way_to_the_one_before_it() {
    if engine::is_left_out() {
        return;
    }
    // The newer one has a variable of which its program dies; that comes with the fault.
    let broken = [
        (
            "docker tag \"$LAB_DOCKER_IMAGE\" lab/aragora:2\n",
            "mkdir none; tar -C none -c . | docker import - lab/broken\n      \
             docker tag \"$LAB_DOCKER_IMAGE\" lab/aragora:2\n",
        ),
        (
            "echo 64 > state/needs\n",
            "docker tag lab/broken lab/aragora:2\n      docker compose up -d aragora || true\n",
        ),
        ("      kill -KILL \"$(docker inspect --format '{{.State.Pid}}' aragora-api)\"\n", ""),
        (
            "    - {run: [docker, inspect, --format, \"{{.RestartCount}}\", aragora-api], expect: {stdout: {at_least: 2}}, within: 30s, every: 1s}\n",
            "",
        ),
        ("\"134217728 0\"", "\"41943040 0\""),
        (
            "    - {run: 'grep -c \"loading 64\" kept/aragora-api.log', expect: {stdout: {at_least: 1}}}\n",
            "",
        ),
    ];
    let rehearsed = rehearsed(&broken, 0);
    assert_eq!(steps(&rehearsed), ["keep", "recreate", "go-back", "notify"]);
}

#[test]
fn a_wrong_word_at_the_gate_gives_no_memory_away() {
    if engine::is_left_out() {
        return;
    }
    let rehearsed = rehearsed(&[("{word: 128m, by", "{word: 256m, by")], 5);
    assert_eq!(steps(&rehearsed), ["keep", "recreate", "go-back"]);
}

#[test]
fn more_memory_than_the_machine_has_is_refused_before_anybody_is_asked() {
    if engine::is_left_out() {
        return;
    }
    let more = [("memory: 128m", "memory: 900000g"), ("{word: 128m", "{word: 900000g")];
    let rehearsed = rehearsed(&more, 5);
    assert_eq!(steps(&rehearsed), ["keep", "recreate", "go-back"]);
}

#[test]
fn an_image_that_is_not_there_is_no_way_back() {
    if engine::is_left_out() {
        return;
    }
    let rehearsed = rehearsed(&[("previous: lab/aragora:1", "previous: lab/aragora:0")], 0);
    assert_eq!(steps(&rehearsed), ["keep", "recreate", "more-memory", "notify"]);
}

#[test]
fn a_driver_that_is_killed_while_memory_is_given_is_resumed_to_the_same_end() {
    if engine::is_left_out() {
        return;
    }
    let place = Before(
        "docker compose --project-directory \"$FOLDER\" -f \"$FOLDER/$FILE\" -f \"$EVIDENCE/memory.yml\"",
    );
    let step = "bring-back/more-memory";
    let journal = kill(RUNBOOK, &[SOON], &place, Killed::Driver);
    assert_eq!(journal.count("step_started", step), 1);
    let journal =
        kill(RUNBOOK, &[SOON], &place, Killed::Everything("bring-back/more-memory=rerun"));
    assert_eq!(journal.count("step_started", step), 2);
}
