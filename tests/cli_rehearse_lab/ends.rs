//! However a lab ends, nothing is left of it, and no other lab is harmed.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{BOOK, assert_nothing_is_left, bench, kinds, labs, rehearse, report};
use crate::harness::{Bench, eventually};

/// A runbook whose only step does not end by itself, and writes down that it runs.
fn endless() -> String {
    BOOK.replace("cp \"$folder/copy\" \"$folder/orders\"", "touch \"$folder/runs\"; sleep 600")
}

#[track_caller]
fn wait_for_the_step(bench: &Bench) {
    let runs = |lab: &PathBuf| lab.join("folder/runs").exists();
    eventually("the step runs", || labs(bench).iter().any(runs));
}

#[test]
fn a_rehearsal_that_is_broken_off_leaves_nothing() {
    let bench = bench(&endless());
    let mut driver = rehearse(&bench).start();
    wait_for_the_step(&bench);
    for _ in 0..3 {
        driver.signal("INT");
        std::thread::yield_now();
        if driver.ended().is_some() {
            break;
        }
        eventually("the signal was heard", || {
            driver_heard(&bench) || !bench.left_behind().iter().any(|it| it.contains("sleep"))
        });
    }
    let printed = driver.exit(130).stdout;
    // Nobody can go on with what is gone.
    assert!(printed.contains("  LAB: left before its end\n"), "{printed}");
    assert!(!printed.contains("holdpoint resume"), "{printed}");
    assert_nothing_is_left(&bench);
}

#[test]
fn a_lab_that_is_broken_off_while_it_is_filled_ends_as_the_signal_says() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let seeds = "cp orders copy; touch runs; sleep 600";
        let bench = bench(&BOOK.replace("cp orders copy", seeds));
        let driver = rehearse(&bench).start();
        wait_for_the_step(&bench);
        driver.signal(signal);
        driver.exit(code);
        assert!(report(&bench)["not_shown"].as_str().is_some_and(|it| it.contains("stopped by")));
        assert_nothing_is_left(&bench);
    }
}

/// Whether a stop is on record.
fn driver_heard(bench: &Bench) -> bool {
    kinds(bench).iter().any(|kind| kind == "stop_requested")
}

#[test]
fn a_driver_that_is_killed_leaves_nothing() {
    let bench = bench(&endless());
    let driver = rehearse(&bench).start();
    wait_for_the_step(&bench);
    driver.kill();
    eventually("the guard clears everything away", || labs(&bench).is_empty());
    bench.wait_for_quiet();
}

#[test]
fn a_lab_is_locked_until_nothing_is_left_of_it() {
    // Whoever finds it unlocked clears it away, and its driver belongs to it.
    let deaf = "setsid sh -c 'trap \"\" INT TERM; sleep 600; sleep 600'";
    let bench = bench(&BOOK.replace("setsid sleep 600", deaf));
    let mut driver = rehearse(&bench).start();
    let journal = |run: &PathBuf| fs::read_to_string(run.join("journal.jsonl")).unwrap_or_default();
    let has_ended =
        || bench.rehearsals().first().is_some_and(|it| journal(it).contains("run_ended"));
    eventually("the run ends", has_ended);
    while driver.ended().is_none() {
        for lab in labs(&bench) {
            let lock = fs::File::open(lab.join("lock"));
            let is_free = lock.is_ok_and(|lock| lock.try_lock().is_ok());
            assert!(!is_free || !lab.exists(), "another lab would end the driver");
        }
    }
    driver.exit(0);
    assert_nothing_is_left(&bench);
}

/// The number of the guard of a lab that runs.
#[track_caller]
fn guard(folder: &Path) -> String {
    let known = fs::read_to_string(folder.join("lab.json")).expect("the lab runs");
    let known: Value = serde_json::from_str(&known).expect("it is JSON");
    known["guard"]["pid"].to_string()
}

#[test]
fn what_a_killed_guard_leaves_is_cleared_away_by_the_next_lab() {
    let bench = bench(&endless());
    let driver = rehearse(&bench).start();
    wait_for_the_step(&bench);
    let folder = labs(&bench).remove(0);
    bench.kill_all(&[guard(&folder)]);
    driver.kill_with_keeper();
    assert!(folder.exists(), "nobody is there to clear it away");
    bench.write("book.yaml", BOOK);
    rehearse(&bench).exit(0);
    assert_nothing_is_left(&bench);
}

#[test]
fn a_lab_whose_guard_was_killed_is_left_alone_while_its_driver_lives() {
    let bench = bench(&endless());
    bench.write("other.yaml", BOOK);
    let driver = rehearse(&bench).start();
    wait_for_the_step(&bench);
    let folder = labs(&bench).remove(0);
    bench.kill_all(&[guard(&folder)]);
    let args = ["rehearse", "other.yaml", "--lab", "--non-interactive"];
    let other = || bench.args(args).stdout_contains("").stderr_contains("LAB: starting ");
    other().exit(0);
    assert!(folder.join("folder/runs").exists() && is_running(&bench), "it was not harmed");
    driver.kill_with_keeper();
    other().exit(0);
    assert_nothing_is_left(&bench);
}

/// Whether the step that does not end by itself runs.
fn is_running(bench: &Bench) -> bool {
    bench.left_behind().iter().any(|it| it == "sleep 600")
}

#[test]
fn a_lab_that_is_being_ended_is_left_alone_by_one_that_begins_meanwhile() {
    // What does not hear that it should end keeps the guard busy for a while.
    let deaf = "setsid sh -c 'trap \"\" INT TERM; sleep 600'";
    let bench = bench(&BOOK.replace("setsid sleep 600", deaf));
    bench.write("other.yaml", BOOK);
    let mut driver = rehearse(&bench).start();
    while driver.ended().is_none() {
        let args = ["rehearse", "other.yaml", "--lab", "--non-interactive"];
        bench.args(args).stdout_contains("").stderr_contains("LAB: starting ").exit(0);
    }
    driver.exit(0);
    assert_nothing_is_left(&bench);
}

#[test]
fn what_nobody_may_open_is_removed_too() {
    let shut = BOOK.replace(
        "seed: ['cd",
        "seed: ['mkdir -p $LAB_FOLDER_FOLDER/shut/in; chmod 000 $LAB_FOLDER_FOLDER/shut; cd",
    );
    let bench = bench(&shut);
    rehearse(&bench).exit(0);
    assert_nothing_is_left(&bench);
}
