//! A runbook that changes under its run: what is said of it, while the run goes by its own copy.

use std::fs;

use crate::cli_adopt::{BOOK, adopt, change, changed, left, on};
use crate::harness::Bench;

#[test]
fn resume_shows_what_differs_step_by_step_and_goes_on_with_its_own_copy() {
    let bench = changed(&[
        ("run: echo load >> effects", "timeout: 5m, run: echo LOAD >> effects"),
        ("  - {id: last", "  - {id: check, run: echo check >> effects}\n  - {id: last"),
        ("  - {id: dump, run: echo dump >> effects}\n", ""),
        ("title: Book", "title: The book"),
    ]);
    let shown = "
        book.yaml is not as this run knows it:
          changed  load: run, timeout
                     was: echo load >> effects
                     now: echo LOAD >> effects
          added    check
          removed  dump
          changed  of the runbook: title
        the run goes on with its own copy; to take the changed one over: holdpoint adopt [RUN]
        ";
    let printed = bench.args(["resume"]).stdout_contains("waits at its gate").exit(5).stdout;
    let (notice, _) = printed.split_at(printed.find("[RUN]\n").expect("it ends") + 6);
    assert!(crate::harness::agrees(shown, notice), "{notice}");
    let brief = "book.yaml is not as this run knows it: holdpoint adopt [RUN] shows what differs\n";
    bench.args(["status"]).stdout_contains(brief).exit(0);
    on(&bench, 0);
    assert_eq!(bench.effects(), ["dump", "load", "drop", "last"]);
    let after = bench.args(["status"]).stdout_contains("succeeded").exit(0).stdout;
    assert!(!after.contains("knows it"), "what has ended takes nothing over: {after}");
}

#[test]
fn a_new_layout_is_no_change_and_nothing_is_taken_over_for_it() {
    let bench = changed(&[("{id: load, run", "{id:   load, run"), ("steps:", "# more\nsteps:")]);
    let said = "book.yaml: only its layout changed\n";
    bench.args(["resume"]).stdout_contains(said).exit(5);
    bench.args(["status"]).stdout_contains(said).exit(0);
    adopt(&bench, &[])
        .stdout("only the layout of the runbook changed: there is nothing to take over\n")
        .exit(0);
    assert!(bench.journal().events("runbook_adopted").is_empty());
    bench.write("book.yaml", BOOK);
    adopt(&bench, &[]).stdout("[RUN] goes by its runbook as that is now\n").exit(0);
}

#[test]
fn a_file_that_cannot_be_compared_is_said_in_a_line_and_stops_nothing() {
    for (text, why) in [
        ("steps: [", "error"),
        ("holdpoint: 1\nid: book\ntitle: Book\nsteps: []\n", "at least one step"),
    ] {
        let bench = left();
        fs::write(bench.path("book.yaml"), text).expect("the bench can be written to");
        let said = "whether book.yaml has changed cannot be told: ";
        let printed = bench.args(["resume"]).stdout_contains(said).exit(5).stdout;
        assert_eq!(printed.matches("cannot be told").count(), 1, "{why}: {printed}");
        bench.args(["status"]).stdout_contains(said).exit(0);
        adopt(&bench, &[]).stderr_contains("error").exit(3);
    }
    let bench = left();
    fs::remove_file(bench.path("book.yaml")).expect("it is there");
    bench
        .args(["resume"])
        .stdout_contains("cannot be told: cannot read book.yaml: No such")
        .exit(5);
    adopt(&bench, &[]).stderr_contains("cannot read book.yaml: No such file").exit(3);
    on(&bench, 0);
}

#[test]
fn a_runbook_that_came_through_a_pipe_is_not_waited_for() {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let script = "mkfifo pipe; cat book.yaml > pipe & holdpoint run pipe";
    bench.shell(script).stdout_contains("waits at its gate").exit(5);
    bench
        .args(["resume"])
        .stdout_contains("cannot be told: cannot read pipe: it is no file")
        .exit(5);
}

#[test]
fn for_programs_the_difference_is_kept_out_of_the_records() {
    let bench = changed(&[("echo last", "echo LAST")]);
    let resume = ["resume", "--format", "jsonl"];
    let printed = bench
        .args(resume)
        .stdout_contains("\"type\":\"resumed\"")
        .stderr_contains("book.yaml is not as this run knows it")
        .exit(5);
    for line in printed.stdout.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("each line is a record");
    }
}

#[test]
fn from_another_folder_the_same_file_is_meant() {
    let bench = left();
    change(&bench, &[("echo last", "echo LAST")]);
    fs::create_dir(bench.path("deep")).expect("the bench can be written to");
    let script = "cd deep; holdpoint adopt --reason mended";
    bench.shell(script).stdout_contains("changed  last: run").exit(0);
    on(&bench, 0);
    assert_eq!(bench.effects(), ["dump", "load", "drop", "LAST"]);
}
