//! One step prints more than anybody could keep: memory stays flat, what is cut is counted, and a
//! question beside it is still answered.
//!
//! `HOLDPOINT_VOLUME` is how many bytes it prints.

use std::env;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Bench, eventually, tell};

/// How much is printed when nothing else is said: a gigabyte.
const VOLUME: usize = 1_000_000_000;

/// How much of each end is kept in the file of an output.
const KEPT: usize = 8 * 1024 * 1024;

/// The most memory that a driver or a keeper may ever have had, in kB.
const MOST_MEMORY: usize = 100_000;

/// How long printing it may take before the test fails.
const LIMIT: Duration = Duration::from_secs(1_800);

const LINE: &str = "a line that is as long as those of most logs are, or a little longer than that";

fn volume() -> usize {
    let volume = env::var("HOLDPOINT_VOLUME").ok().and_then(|text| text.parse().ok());
    volume.unwrap_or(VOLUME)
}

/// The bytes of the whole from one place to another.
fn printed(from: usize, to: usize) -> Vec<u8> {
    let line = format!("{LINE}\n").into_bytes();
    (from..to).map(|place| line[place % line.len()]).collect()
}

/// The digest of the whole, as another program sees it.
fn digest(volume: usize) -> String {
    let script = format!("yes '{LINE}' | head -c {volume} | sha256sum | cut -c 1-64");
    let output = Command::new("sh").args(["-c", &script]).output().expect("there is a shell");
    String::from_utf8(output.stdout).expect("it is hexadecimal").trim().to_owned()
}

/// The most memory that a process ever had, in kB.
#[track_caller]
fn peak(pid: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|line| line.trim().strip_suffix(" kB"));
    peak.and_then(|number| number.parse().ok()).expect("Linux tells")
}

#[test]
fn what_a_step_prints_costs_no_memory_and_is_cut_and_counted() {
    let volume = volume();
    let bench = Bench::new().runbook(
        "book.yaml",
        &format!(
            "
            holdpoint: 1
            id: volume
            title: A step that prints much
            defaults: {{shell: sh -eu}}
            steps:
              - {{id: flood, run: \"yes '{LINE}' | head -c {volume}\"}}
              - {{id: halt, wait: {{until: {{file: go, within: 5m, every: 20ms}}}}}}
            "
        ),
    );
    let counted = thread::spawn(move || digest(volume));
    let begun = Instant::now();
    let run = bench.args(["run", "book.yaml"]).stdout_contains("lines are not shown; its files");
    let mut driver = run.within(LIMIT).start();
    let is_over = || bench.journal().count("step_started", "halt") == 1;
    driver.wait_for("step_started", "flood");
    while !is_over() && begun.elapsed() < LIMIT && driver.ended().is_none() {
        thread::sleep(Duration::from_millis(50));
    }
    let took = begun.elapsed();
    let (of_driver, of_keeper) = (peak(&driver.pid().to_string()), peak(&bench.keepers()[0]));
    bench.write("go", "");
    driver.exit(0);
    let speed = volume as f64 / 1e6 / took.as_secs_f64();
    let memory = format!("at most {of_driver} kB in the driver, {of_keeper} kB in the keeper");
    tell(&format!("volume: {volume} bytes at {speed:.0} MB/s, {memory}"));
    assert!(of_driver < MOST_MEMORY, "the driver had {of_driver} kB");
    assert!(of_keeper < MOST_MEMORY, "the keeper had {of_keeper} kB");

    let out = bench.sound_journal().about("step_ended", "flood")[0]["out"].clone();
    let cut = volume - 2 * KEPT;
    let expected =
        (Value::from(volume), Value::from(cut), Value::from(counted.join().expect("it ran")));
    assert_eq!((out["bytes"].clone(), out["cut"].clone(), out["sha256"].clone()), expected);
    let kept = fs::read(bench.run_folder().join("output/flood.1.out")).expect("it is kept");
    let mark = format!("\n[holdpoint: {cut} bytes left out here]\n");
    let whole = [printed(0, KEPT), mark.into_bytes(), printed(volume - KEPT, volume)].concat();
    assert!(kept == whole, "the file holds both ends and a mark between them");
}

#[test]
fn a_question_is_answered_while_a_step_floods_the_terminal() {
    let flood = format!("until [ -e done ]; do yes '{LINE}' | head -c 1000000; done");
    let bench = Bench::new().env("USER", "ann").runbook(
        "book.yaml",
        &format!(
            "
            holdpoint: 1
            id: flooded
            title: A gate beside a step that prints much
            defaults: {{shell: sh -eu}}
            steps:
              - {{id: flood, needs: [], run: \"{flood}\"}}
              - {{id: drop, needs: [], gate: {{word: volume}}, run: touch done}}
            "
        ),
    );
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("Type volume to go on, or no to refuse:");
    let kept = bench.run_folder().join("output/flood.1.out");
    eventually("it floods", || fs::metadata(&kept).is_ok_and(|file| file.len() > 1_000_000));
    let asked = Instant::now();
    screen.types("volume\r");
    eventually("it is on record", || bench.journal().count("gate_approved", "drop") == 1);
    let took = asked.elapsed();
    tell(&format!("volume: an answer beside a flood was on record {took:.0?} after it was typed"));
    screen.exit(0);
    let journal = bench.sound_journal();
    assert!(journal.about("step_ended", "flood")[0]["out"]["bytes"].as_u64() > Some(1_000_000));
    assert_eq!(journal.count("step_succeeded", "drop"), 1);
}
