//! The bench is able to fail: each of its promises is shown with a shell in the program's place.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use super::{Bench, Journal, eventually, process, shipped, text};

fn shell() -> Bench {
    Bench::of(Path::new("sh"))
}

/// What the bench complains about when something is not as a test wants it.
#[track_caller]
fn complaint<T>(test: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(test)).err().expect("the test was meant to fail");
    panic.downcast_ref::<String>().expect("a failed test says why").clone()
}

#[test]
fn everything_that_a_call_leaves_is_compared() {
    let bench = shell();
    let call = || bench.args(["-c", "echo out; echo err >&2; exit 3"]);
    call().stdout("out").stderr("err").exit(3);
    call().stdout_contains("u").stderr_contains("").exit(3);
    for (said, why) in [
        (complaint(|| call().stdout("out").stderr("err").exit(4)), "exit code 4 was expected"),
        (complaint(|| call().stdout("in").stderr("err").exit(3)), "standard output differs"),
        (complaint(|| call().stdout("out").exit(3)), "standard error differs from line 1"),
        (complaint(|| call().stdout_contains("x").stderr("err").exit(3)), "does not hold: x"),
    ] {
        assert!(said.contains(why), "{why}: {said}");
    }
}

#[test]
fn a_call_that_hangs_is_killed_with_its_group() {
    let bench = shell();
    let call = bench.args(["-c", "echo begun; sleep 60 & sleep 60"]);
    let said = complaint(|| call.within(Duration::from_millis(300)).exit(0));
    assert!(said.contains("did not end within 300ms and was killed"), "{said}");
    assert!(said.contains("begun"), "{said}");
    bench.wait_for_quiet();
}

#[test]
fn a_service_left_behind_holds_no_call_and_ends_with_the_bench() {
    let bench = shell();
    bench.args(["-c", "sleep 60 &"]).exit(0);
    assert_eq!(bench.left_behind().len(), 1);
    let root = bench.path("");
    drop(bench);
    assert_eq!(process::living(&root), []);
    assert!(!root.exists());
}

#[test]
fn the_environment_is_bare_and_standard_input_is_empty() {
    shell()
        .env("GIVEN", "given")
        .args(["-c", r#"echo "$HOME $HOLDPOINT_STATE $GIVEN $TZ ${CARGO_MANIFEST_DIR-none}"; cat"#])
        .stdout("[DIR] [DIR]/state given UTC none")
        .exit(0);
    shell().args(["-c", "cat"]).stdin("typed").stdout("typed").exit(0);
}

#[test]
fn what_differs_from_run_to_run_has_a_stand() {
    for (expected, found) in [
        ("took [TIME].", "took 1m 30s."),
        ("took [TIME]", "took 0.31s"),
        ("after [TIME]", "after 0.0 s"),
        ("after [TIME]", "after 3 m 20 s"),
        ("[TIME]/[TIME]", "312ms/1h30m"),
        ("at [AT] [PID]", "at 2026-11-20T10:00:00.123Z 77"),
        ("[AT]: done", "10:00:00: done"),
        ("head [HASH]", "head 00ff00ff"),
    ] {
        assert!(text::agrees(expected, found), "{expected} and {found}");
    }
    for (expected, found) in [
        ("within 60s", "within 30s"),
        ("took [TIME]", "took 5 steps"),
        ("took [TIME]", "took 5"),
        ("took [TIME]", "took 5sec"),
        ("at [AT]", "at noon"),
        ("at [AT]", "at 12345"),
        ("head [HASH]", "head 00FF00FF"),
        ("a", "a\n"),
        ("a\n", "a"),
    ] {
        assert!(!text::agrees(expected, found), "{expected} and {found}");
    }
    assert!(text::holds("é [TIME]", "aé 1s."));
    assert!(!text::holds("é [TIME]", "aé s"));
}

#[test]
fn indentation_that_all_lines_share_is_taken_off() {
    let bench = shell().runbook(
        "folder/a.yaml",
        "
            a:

              b: c
        ",
    );
    bench.args(["-c", "cat folder/a.yaml"]).stdout("a:\n\n  b: c\n").exit(0);
    assert_eq!(text::dedented(""), "");
}

#[test]
fn a_journal_is_read_up_to_its_last_whole_line() {
    let whole = r#"{"seq":1,"event":{"type":"step_started","step":"group/a"}}
                   {"seq":2,"event":{"type":"step_failed","step":"group/a"}}
                   {"seq":3,"event":{"type":"step_started","step":"aa"}}"#;
    let bench =
        shell().file("state/runs/r-1/journal.jsonl", &whole.replace("                   ", ""));
    let journal = bench.journal();
    assert_eq!(journal.records().len(), 3);
    assert_eq!(journal.steps("step_started"), ["group/a", "aa"]);
    assert_eq!(journal.count("step_started", "a"), 1);
    assert_eq!(journal.count("step_started", "group/a"), 1);
    assert_eq!(journal.count("step_started", "p"), 0);
    let told = "1 step_started group/a\n2 step_failed group/a\n3 step_started aa\n";
    assert_eq!(journal.to_string(), told);
    bench.args(["-c", "printf '%s' '{\"seq\":' >> state/runs/r-1/journal.jsonl"]).exit(0);
    assert_eq!(bench.journal().records().len(), 3);
    assert_eq!(Journal::read(&bench.path("none")).records().len(), 0);
}

#[test]
fn a_driver_is_killed_when_its_journal_shows_the_moment() {
    let bench = shell().file(
        "driver.sh",
        r#"
            mkdir -p state/runs/r-1
            sleep 60 &
            echo '{"seq":1,"event":{"type":"step_started","step":"a"}}' > state/runs/r-1/journal.jsonl
            sleep 60
        "#,
    );
    let mut driver = bench.args(["driver.sh"]).start();
    driver.wait_for("step_started", "a");
    driver.kill();
    assert!(!bench.left_behind().is_empty(), "what a driver started lives on");
    // What a shell starts bears the shell's name for a moment.
    let is_driver = |command: &String| command.contains("driver.sh");
    eventually("the driver is gone", || !bench.left_behind().iter().any(is_driver));
    let said = complaint(|| bench.args(["-c", "echo oh"]).start().wait_for("step_ended", "a"));
    assert!(said.contains("the driver ended before step_ended of a"), "{said}");
    assert!(said.contains("1 step_started a") && said.contains("oh"), "{said}");
    bench.args(["-c", "echo started; exit 5"]).stdout("started").start().exit(5);
}

#[test]
fn forms_for_programs_are_read_as_json() {
    let bench = shell()
        .file("status", r#"echo '{"steps": [{"id": "a", "path": "g/a", "state": "succeeded"}]}'"#)
        .file("timeline", r#"echo '{"entries": []}'"#)
        .file("effects", "a\nb\na");
    assert_eq!(bench.state_of("a"), "succeeded");
    assert_eq!(bench.state_of("g/a"), "succeeded");
    assert!(complaint(|| bench.state_of("b")).contains("does not list b"));
    assert_eq!(bench.timeline()["entries"], serde_json::json!([]));
    assert!(complaint(|| bench.args(["-c", "echo {"]).json()).contains("EOF"));
    assert_eq!(bench.effects(), ["a", "b", "a"]);
}

#[test]
fn a_shipped_file_is_found() {
    assert!(Path::new(&shipped("runbooks/quickstart.yaml")).exists());
    shell().args(["-c", &format!("echo {}", shipped("a"))]).stdout("[PROJECT]/a").exit(0);
}
