//! Disks that are full, files that may not grow, folders that are gone: the run pauses before its
//! next effect, says so, and goes on once the cause is mended.
//!
//! A small disk is a real one: a file system in memory, mounted where only the test sees it.

use std::fs;
use std::process::Command;

use crate::harness::{Bench, Journal};

/// After the first step no room is left; a few records still fit into what the journal has.
const FILLING: &str = "
    holdpoint: 1
    id: fill
    title: Fill
    steps:
      - {id: fill, run: 'dd if=/dev/zero of=state/fill bs=4k 2> /dev/null || :; echo fill >> effects'}
      - {id: more, each: {in: '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]'}, run: 'echo more >> effects'}
";

/// A shell script in which `state` is a file system of its own. Where even root of a namespace may
/// not mount, there is no small disk to be had, and the test fails and says so.
fn on_a_disk_of(size: &str, script: &str) -> String {
    let is_root = rustix::process::geteuid().is_root();
    let namespace = if is_root { "unshare --mount" } else { "unshare --map-root-user --mount" };
    let can_mount = format!("{namespace} mount -t tmpfs none /mnt");
    let tried = Command::new("sh").args(["-c", &can_mount]).output().expect("there is a shell");
    let why = String::from_utf8_lossy(&tried.stderr).into_owned();
    assert!(tried.status.success(), "a small disk cannot be mounted here: {why}");
    format!(
        "{namespace} sh -c '
            mkdir -p state kept
            mount -t tmpfs -o size={size},mode=0700 none state
            {script}
            cp -r state/. kept
         '"
    )
}

/// The journal of the only run that was kept of such a disk.
#[track_caller]
fn kept(bench: &Bench) -> Journal {
    let runs = fs::read_dir(bench.path("kept/runs")).expect("it was kept");
    let run = runs.flatten().next().expect("there is a run").path();
    Journal::read(&run.join("journal.jsonl"))
}

#[test]
fn p10_a_full_disk_pauses_before_the_next_effect_and_the_run_goes_on_when_there_is_room() {
    let bench = Bench::new().runbook("book.yaml", FILLING);
    let script = "
        holdpoint run book.yaml > first 2> first.err; echo run $?
        holdpoint status --format json > status; holdpoint runs > runs
        wc -l < effects
        cp state/runs/*/journal.jsonl paused
        holdpoint resume > /dev/null 2> second.err; echo full $?
        rm state/fill
        holdpoint resume > third; echo resume $?
        holdpoint verify > verify; echo verify $?
    ";
    let printed = bench.shell(&on_a_disk_of("3m", script)).stdout_contains("").exit(0).stdout;
    let read = |name: &str| fs::read_to_string(bench.path(name)).expect("it was written");
    let count = bench.effects().len();
    let paused = Journal::read(&bench.path("paused"));
    let done = paused.events("step_ended").len();
    assert_eq!(
        printed,
        format!("run 6\n{done}\nfull 6\nresume 0\nverify 0\n"),
        "{}",
        read("first.err")
    );
    assert!((1..17).contains(&done), "{paused}");
    assert_eq!(paused.events("step_started").len(), done, "nothing is left in doubt: {paused}");
    let last = paused.records().last().expect("it has records");
    assert_eq!(last["event"]["type"], "paused");
    assert_eq!(last["event"]["reason"], "No space left on device (os error 28)");
    let said = read("first.err");
    assert!(
        said.starts_with("error: the run is paused: its journal could not be written"),
        "{said}"
    );
    assert!(said.contains("help: mend the cause, then go on with: holdpoint resume "), "{said}");
    assert!(
        read("first").contains("nothing new begins, what runs is let finish"),
        "{}",
        read("first")
    );
    assert!(read("status").contains("\"state\": \"paused\""), "{}", read("status"));
    assert!(read("runs").contains("  paused  "), "{}", read("runs"));
    assert!(read("second.err").contains("No space left on device"), "{}", read("second.err"));
    assert_eq!(count, 17);
    kept(&bench).assert_sound();
}

#[test]
fn p10_a_disk_without_room_for_a_pause_is_refused_before_anything_begins() {
    let bench = Bench::new().runbook("book.yaml", FILLING);
    let script = on_a_disk_of("512k", "holdpoint run book.yaml; echo run $?");
    let said = "there is no room for the reserve of 1 MiB beside it: No space left on device";
    bench.shell(&script).stdout("run 6").stderr_contains(said).exit(0);
    assert_eq!(bench.effects(), Vec::<String>::new());
}

#[test]
fn p10_a_folder_that_can_only_be_read_is_named_and_nothing_begins() {
    let bench = Bench::new().runbook("book.yaml", FILLING);
    let script =
        on_a_disk_of("3m", "mount -o remount,ro state; holdpoint run book.yaml; echo run $?");
    let said = "error: cannot use [DIR]/state/runs: Read-only file system";
    bench.shell(&script).stdout("run 6").stderr_contains(said).exit(0);
    let script = on_a_disk_of(
        "3m",
        "holdpoint run book.yaml > /dev/null 2>&1; rm state/fill
         mount -o remount,ro state
         holdpoint resume; echo resume $?",
    );
    let said = "Read-only file system";
    bench.shell(&script).stdout("resume 6").stderr_contains(said).exit(0);
}

/// Each of its steps leaves a large record.
fn growing() -> String {
    let padding = "x".repeat(60_000);
    format!(
        "
        holdpoint: 1
        id: grow
        title: Grow
        steps:
          - id: more
            each: {{in: '[{}]'}}
            run: ': {padding}; echo more >> effects'
        ",
        (1..=80).map(|number| number.to_string()).collect::<Vec<_>>().join(", ")
    )
}

#[test]
fn p10_a_file_that_may_not_grow_pauses_the_run_and_no_signal_kills_it() {
    let bench = Bench::new().runbook("book.yaml", &growing());
    let limited = "ulimit -f 4000; exec holdpoint run book.yaml";
    let said = "error: the run is paused: its journal could not be written";
    bench.shell(limited).stdout_contains("nothing new begins").stderr_contains(said).exit(6);
    let paused = bench.sound_journal();
    let reason = &paused.records().last().expect("it has records")["event"]["reason"];
    assert_eq!(reason, "File too large (os error 27)");
    assert_eq!(bench.effects().len(), paused.events("step_ended").len());
    assert!((10..80).contains(&bench.effects().len()), "{paused}");
    bench.args(["resume"]).stdout_contains("succeeded").exit(0);
    assert_eq!(bench.effects().len(), 80);
    bench.sound_journal();
}

#[test]
fn p10_what_a_limit_leaves_no_room_for_at_all_is_refused_before_anything_begins() {
    let bench = Bench::new().runbook("book.yaml", FILLING);
    let said = "there is no room for the reserve of 1 MiB beside it: File too large (os error 27)";
    let limited = "ulimit -f 100; exec holdpoint run book.yaml";
    bench.shell(limited).stderr_contains(said).exit(6);
    assert_eq!(bench.effects(), Vec::<String>::new());
}

#[test]
fn p10_a_folder_that_is_removed_under_a_run_ends_it_and_what_was_seen_is_told() {
    let text = "
        holdpoint: 1
        id: gone
        title: Gone
        steps:
          - {id: one, run: rm -r state/runs/*; echo one >> effects}
          - {id: two, run: echo two >> effects}
    ";
    let bench = Bench::new().runbook("book.yaml", text);
    let call = bench.args(["run", "book.yaml"]).stdout_contains("the journal was removed");
    let said = call.stderr_contains("broke off: the journal cannot be written: ").exit(6).stderr;
    assert!(said.contains("\nobserved, and not on record:\n"), "{said}");
    assert!(said.contains("one  exited with 0 after"), "{said}");
    assert!(said.contains("{\"type\":\"step_ended\",\"step\":\"one\","), "{said}");
    assert_eq!(bench.effects(), ["one"]);
}

#[test]
fn p6_a_journal_that_somebody_else_writes_into_is_left_at_once() {
    let text = "
        holdpoint: 1
        id: two
        title: Two writers
        steps:
          - {id: one, run: 'echo one >> effects; echo intruder >> state/runs/*/journal.jsonl'}
          - {id: two, run: echo two >> effects}
    ";
    let bench = Bench::new().runbook("book.yaml", text);
    let call = bench.args(["run", "book.yaml"]).stdout_contains("somebody else wrote to it");
    let said = call.stderr_contains("somebody else wrote to it: it has ").exit(7).stderr;
    assert!(said.contains("one  exited with 0 after"), "{said}");
    assert_eq!(bench.effects(), ["one"]);
    let journal =
        fs::read_to_string(bench.run_folder().join("journal.jsonl")).expect("it is there");
    assert!(journal.ends_with("\nintruder\n"), "nothing is written behind it");
}

#[test]
fn p10_the_reserve_is_really_there_and_goes_with_its_driver() {
    let text = "
        holdpoint: 1
        id: room
        title: Room
        steps: [{id: look, run: 'stat -c \"%s %a\" state/runs/*/reserve > seen; test $(du -k state/runs/*/reserve | cut -f 1) -ge 1024'}]
    ";
    let bench = Bench::new().runbook("book.yaml", text);
    bench.args(["run", "book.yaml"]).stdout_contains("succeeded").exit(0);
    assert_eq!(fs::read_to_string(bench.path("seen")).expect("it was seen"), "1048576 600\n");
    assert!(!bench.run_folder().join("reserve").exists());
}
