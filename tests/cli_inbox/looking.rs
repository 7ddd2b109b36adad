//! Looking at a run from another terminal: `show` and `watch`.

use super::{FAILING, GATED, bench, parked, waiting};
use crate::harness::eventually;

#[test]
fn a_step_is_shown_with_its_command_and_all_that_it_printed() {
    let book =
        FAILING.replace("'echo trouble >&2; [ -e mended ]'", "'seq 1 300; echo end >&2; exit 3'");
    let bench = parked(&book);
    let shown = bench
        .args(["show", "load"])
        .stdout_contains("load  attempt 1  exited with 3 after ")
        .stdout_contains("    seq 1 300; echo end >&2; exit 3\n")
        .stdout_contains("\nstandard output: 1092 bytes, in output/load.1.out\n| 1\n| 2\n")
        .stdout_contains("\nstandard error: 4 bytes, in output/load.1.err\n> end\n")
        .exit(0);
    assert_eq!(shown.stdout.lines().filter(|line| line.starts_with("| ")).count(), 300);
    let raw = bench.args(["show", "load", "--raw"]).stdout_contains("").exit(0);
    assert_eq!(raw.stdout.lines().count(), 301);
    let json = bench.args(["show", "load", "--format", "json"]).json();
    assert_eq!((&json["version"], &json["step"]), (&1.into(), &"load".into()));
    assert_eq!(json["stderr"]["text"], "end\n");
    bench.args(["show", "last"]).stderr_contains("error: `last` has not begun").exit(2);
    let second = bench.args(["show", "load", "--attempt", "2"]);
    second.stderr_contains("error: attempt 2 of `load` has not begun").exit(2);
}

#[test]
fn what_a_step_has_printed_so_far_is_shown_while_it_runs() {
    let command = "'echo half; until [ -e mended ]; do sleep 0.02; done; echo whole'";
    let bench = bench(&FAILING.replace("'echo trouble >&2; [ -e mended ]'", command));
    let mut driver = bench.args(["run", "book.yaml"]).stdout_contains("> half").start();
    driver.wait_for("step_spawned", "load");
    let so_far = "load  attempt 1  its end is not on record\n";
    eventually("it has printed something", || {
        let shown = bench.args(["show", "load"]).stdout_contains(so_far).exit(0).stdout;
        shown.contains("\nstandard output so far: 5 bytes\n| half\n")
    });
    let shown = bench.args(["show", "load", "--format", "json"]).stdout_contains("half").exit(0);
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).expect("it is JSON");
    assert_eq!(shown["stdout"], serde_json::json!({ "bytes": 5, "text": "half\n" }));
    bench.write("mended", "");
    driver.exit(0);
    bench.args(["show", "load"]).stdout_contains("\nstandard output: 11 bytes, in output/").exit(0);
}

#[test]
fn what_a_terminal_would_act_on_is_written_out_when_output_is_shown() {
    let book = FAILING.replace(
        "'echo trouble >&2; [ -e mended ]'",
        r"'printf ''\033]0;owned\007\033[2Jgone\n''; exit 3'",
    );
    let bench = parked(&book);
    let shown = bench.args(["show", "load"]).stdout_contains("").exit(0);
    assert!(shown.stdout.contains(r"| \x1b]0;owned\x07\x1b[2Jgone"), "{}", shown.stdout);
}

#[test]
fn a_run_is_watched_until_it_ends_and_changed_in_nothing() {
    let bench = bench(GATED);
    let mut screen = waiting(&bench, "Type volume to go on");
    let before = bench.journal_so_far().records().len();
    let mut watch = bench.at_terminal(["watch"]);
    watch.wait_for("drop  asks: All of it will be gone.");
    screen.types("volume\r");
    screen.wait_for("succeeded");
    screen.exit(0);
    watch.wait_for("drop  approved by ada");
    watch.wait_for("succeeded after");
    watch.exit(0);
    assert!(bench.sound_journal().records().len() > before);
}

#[test]
fn who_watches_a_run_that_nobody_drives_is_told_how_it_goes_on() {
    let bench = parked(GATED);
    bench
        .args(["watch"])
        .stdout_contains("\nnobody drives the run now\n")
        .stdout_contains("waits: drop (gate): All of it will be gone.\n")
        .stdout_contains("go on with: holdpoint resume [RUN]\n")
        .exit(0);
    let records = bench.journal().records().len();
    let jsonl = bench.args(["watch", "--format", "jsonl"]).stdout_contains("").exit(0);
    assert_eq!(jsonl.stdout.lines().count(), records);
}
