//! A real application under a supervisor that crashes in its new release, and the runbook that brings
//! it back, in its own lab.
//!
//! Where the supervisor or Python is not installed these tests say so on standard error and prove
//! nothing.

use serde_json::Value;

use crate::lab::killed::{Before, Killed, kill};
use crate::lab::needs;
use crate::lab::rehearsed::{Rehearsed, rehearse};

const RUNBOOK: &str = "runbooks/aragora/app-crash.yaml";

/// The steps that change something.
const CHANGE: [&str; 3] = ["restart", "more-memory", "switch-release"];

/// How the fault comes into the lab.
const DEPLOYED: &str = "    - ln -sfn releases/2026.11.2 current\n";

fn is_left_out() -> bool {
    needs::are_lacking(&["runsvdir", "curl", "python3"])
}

/// Those of the steps that began which change something.
fn changes(rehearsed: &Rehearsed) -> Vec<String> {
    rehearsed.begun_of(&CHANGE)
}

/// What the fault is followed by.
fn deployed(then: &str) -> String {
    format!("{DEPLOYED}    - {then}\n")
}

#[test]
fn a_release_that_does_not_start_gives_way_to_the_one_before_and_is_measured() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[], 0);
    assert_eq!(changes(&rehearsed), ["restart", "switch-release"]);
    rehearsed.assert_recovered("T1", None);
}

#[test]
fn an_application_that_was_only_stopped_is_back_after_the_restart() {
    if is_left_out() {
        return;
    }
    let changed = [
        (DEPLOYED, ""),
        ("    - systemctl restart aragora\n", "    - systemctl stop aragora\n"),
        ("{at_least: 2}", "{at_least: 0}"),
    ];
    let rehearsed = rehearse(RUNBOOK, &changed, 0);
    assert_eq!(changes(&rehearsed), ["restart"]);
}

#[test]
fn an_application_that_ran_out_of_memory_gets_more_and_keeps_its_release() {
    if is_left_out() {
        return;
    }
    let changed = [
        ("KEY = os.environ[\"ARAGORA_SIGNING_KEY\"]", "CACHE = bytearray(300 << 20)"),
        (
            "systemctl start aragora",
            "systemctl set-property aragora MemoryMax=200M; systemctl start aragora",
        ),
        ("equals: 2026.11.1", "equals: 2026.11.2"),
    ];
    let rehearsed = rehearse(RUNBOOK, &changed, 0);
    assert_eq!(changes(&rehearsed), ["restart", "more-memory"]);
}

#[test]
fn an_application_without_a_limit_of_its_own_is_given_none_where_the_machine_ran_out_of_memory() {
    if is_left_out() {
        return;
    }
    let ends = ("KEY = os.environ[\"ARAGORA_SIGNING_KEY\"]", "raise MemoryError");
    let rehearsed = rehearse(RUNBOOK, &[ends], 0);
    assert_eq!(changes(&rehearsed), ["restart", "switch-release"]);
}

#[test]
fn a_release_that_listens_and_never_answers_gives_way_to_the_one_before() {
    if is_left_out() {
        return;
    }
    let mute = "import socket, time; \
        server = socket.create_server((\"127.0.0.1\", int(os.environ[\"PORT\"]))); \
        time.sleep(3600)";
    let changed = [
        ("KEY = os.environ[\"ARAGORA_SIGNING_KEY\"]", mute),
        ("{at_least: 2}", "{at_least: 0}"),
        ("patience: 20", "patience: 6"),
    ];
    let rehearsed = rehearse(RUNBOOK, &changed, 0);
    assert_eq!(changes(&rehearsed), ["restart", "switch-release"]);
}

#[test]
fn no_release_before_or_a_damaged_one_is_seen_before_anything_is_put_in_place() {
    if is_left_out() {
        return;
    }
    let missing = ("rm -r releases/2026.11.1", "there is no release 2026.11.1: put it into");
    let damaged =
        ("echo damaged >> releases/2026.11.1/app.py", "2026.11.1 is not what was released");
    for (fault, says) in [missing, damaged] {
        let rehearsed = rehearse(RUNBOOK, &[(DEPLOYED, &deployed(fault))], 5);
        assert_eq!(changes(&rehearsed), ["restart"], "{fault}");
        let [folder] = rehearsed.bench.rehearsals().try_into().expect("there is one rehearsal");
        let told = std::fs::read_to_string(folder.join("timeline.md")).expect("it was written");
        assert!(told.contains(says), "{told}");
    }
}

#[test]
fn a_release_before_that_does_not_start_either_is_no_recovery() {
    if is_left_out() {
        return;
    }
    let broken = "sed -i 's/^import /import nothing, /' releases/2026.11.1/app.py; \
        cd releases/2026.11.1; sha256sum app.py > SHA256SUMS";
    let rehearsed = rehearse(RUNBOOK, &[(DEPLOYED, &deployed(broken))], 5);
    assert_eq!(changes(&rehearsed), ["restart", "switch-release"]);
    assert_eq!(rehearsed.report["verdict"], Value::Null);
}

#[test]
fn a_wrong_word_at_the_gate_leaves_the_release_in_place() {
    if is_left_out() {
        return;
    }
    let rehearsed = rehearse(RUNBOOK, &[("{word: 2026.11.1,", "{word: 2026.11.2,")], 5);
    assert_eq!(changes(&rehearsed), ["restart"]);
}

#[test]
fn a_driver_killed_while_the_release_is_put_in_place_is_resumed_to_the_same_application() {
    if is_left_out() {
        return;
    }
    let place = Before("ln -sfn -- \"$RELEASES/$PREVIOUS\" \"$CURRENT.new\"");
    let step = "bring-back/go-back/switch-release";
    let journal = kill(RUNBOOK, &[], &place, Killed::Driver);
    assert_eq!(journal.count("step_started", step), 1);
    let everything = Killed::Everything("bring-back/go-back/switch-release=rerun");
    let journal = kill(RUNBOOK, &[], &place, everything);
    assert_eq!(journal.count("step_started", step), 2);
}
