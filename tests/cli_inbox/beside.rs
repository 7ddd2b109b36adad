//! What a person does beside the steps: notes, and commands that are none.

use super::{FAILING, bench, parked, waiting};
use crate::harness::eventually;

fn said(bench: &crate::harness::Bench) -> Vec<String> {
    let timeline = bench.timeline();
    let entries = timeline["entries"].as_array().expect("a list");
    entries.iter().map(|entry| entry["text"].as_str().expect("text").to_owned()).collect()
}

#[test]
fn a_note_is_on_the_timeline_of_a_run_that_is_driven_waits_or_has_ended() {
    let bench = bench(FAILING);
    let screen = waiting(&bench, "load failed");
    bench.args(["note", "the replica is late", "--by", "grace"]).stdout("noted\n").exit(0);
    bench.args(["abort", "--reason", "x"]).stdout_contains("").exit(0);
    screen.exit(4);
    let run = bench.run_folder();
    let run = run.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let finding = ["note", &run, "it was the disk", "--kind", "finding", "--by", "ada"];
    bench.args(finding).stdout("noted\n").exit(0);
    bench.args(["note", "write it up", "--kind", "todo", "--by", "ada"]).stdout("noted\n").exit(0);
    let said = said(&bench);
    for text in [
        "grace notes: the replica is late",
        "ada finds: it was the disk",
        "ada leaves to be done: write it up",
    ] {
        assert!(said.iter().any(|line| line == text), "{text}: {said:#?}");
    }
    assert_eq!(bench.status()["state"], "aborted");
    bench.args(["runs"]).stdout_contains("  aborted  Book\n").exit(0);
    bench.args(["resume"]).stderr_contains("no run is open").exit(2);
}

#[test]
fn whoever_was_typing_when_something_came_from_elsewhere_is_told_to_type_all_of_it() {
    let book = "
        holdpoint: 1
        id: book
        title: Book
        steps: [{id: drop, gate: {ask: Drop it?, value: {prompt: How many rows are lost?, expect: {between: [0, 1000]}}}, run: 'true'}]
        ";
    let bench = bench(book);
    let mut screen = waiting(&bench, "Go on?");
    screen.types("y\r");
    screen.wait_for("How many rows are lost?");
    screen.types("21");
    screen.wait_for("1000): 21");
    bench.args(["note", "the disk is fine"]).stdout("noted\n").exit(0);
    screen.wait_for("what had been typed is gone: type all of it");
    screen.wait_for_another("How many rows are lost?", 2);
    screen.types("217\r");
    screen.exit(0);
    assert_eq!(bench.journal().events("gate_approved")[0]["value"], "217");
}

#[test]
fn a_note_tells_of_another_time_and_both_are_kept() {
    let bench = parked(FAILING);
    let note = ["note", "disk full", "--at", "2026-01-31T02:41:00Z", "--by", "ada"];
    bench.args(note).stdout("noted\n").exit(0);
    let journal = bench.journal();
    let note = journal.events("note_added")[0].clone();
    assert_eq!(note["about"], "2026-01-31T02:41:00Z");
    assert!(said(&bench).contains(&"ada notes (at 2026-01-31 02:41:00 UTC): disk full".to_owned()));
    bench.args(["note", "  "]).stderr_contains("error: an empty note says nothing").exit(2);
}

#[test]
fn a_note_leaves_a_parked_run_as_it_is() {
    let bench = parked(FAILING);
    let before = bench.status();
    bench.args(["note", "nothing new"]).stdout("noted\n").exit(0);
    assert_eq!(bench.status(), before);
    bench.write("mended", "");
    let resume = ["resume", "--resolve", "load=retry", "--reason", "mended"];
    bench.args(resume).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["first", "last", "close"]);
}

#[test]
fn a_command_that_is_no_step_is_on_record_with_what_it_printed() {
    let bench = parked(FAILING);
    let exec = ["exec", "--by", "grace", "--", "sh", "-c", "echo seen; echo bad >&2; exit 3"];
    bench.args(exec).stdout("seen\n").stderr("bad\nit exited with 3\n").exit(1);
    let journal = bench.journal();
    let begun = journal.events("exec_started")[0].clone();
    assert_eq!(begun["command"], "sh -c 'echo seen; echo bad >&2; exit 3'");
    assert_eq!(journal.events("exec_ended")[0]["end"]["code"], 3);
    bench
        .args(["show", "exec-1"])
        .stdout_contains("exec-1  attempt 1  exited with 3 after ")
        .stdout_contains("| seen\n")
        .stdout_contains("> bad\n")
        .exit(0);
    bench.args(["exec", "--", "true"]).stdout("").exit(0);
    bench
        .args(["exec", "--", "/no/such/program"])
        .stderr_contains("it could not be started")
        .exit(1);
    assert_eq!(bench.journal().events("exec_started").len(), 3);
}

#[test]
fn a_command_that_is_no_step_runs_beside_a_driven_run() {
    let bench = bench(FAILING);
    let screen = waiting(&bench, "load failed");
    bench.args(["exec", "--", "sh", "-c", "touch mended"]).stdout("").exit(0);
    bench.args(["retry", "load", "--reason", "mended"]).stdout_contains("").exit(0);
    screen.exit(0);
    let journal = bench.sound_journal();
    assert_eq!((journal.events("exec_started").len(), journal.events("exec_ended").len()), (1, 1));
}

#[test]
fn a_secret_in_the_environment_is_masked_in_a_command_that_is_no_step() {
    let book = FAILING.replace(
        "defaults:",
        "inputs: {password: {type: string, secret: true, env: BOOK_PASSWORD}}\n    defaults:",
    );
    let bench = super::bench(&book).env("BOOK_PASSWORD", "correct-horse");
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    let exec = ["exec", "--", "echo", "correct-horse"];
    bench.args(exec).stdout("***\n").exit(0);
    let journal = bench.journal();
    assert_eq!(journal.events("exec_started")[0]["command"], "echo ***");
}

#[test]
fn an_answer_that_waited_leaves_no_question_in_the_way_of_the_next() {
    let bench = parked(
        "
        holdpoint: 1
        id: book
        title: Book
        defaults: {shell: sh -eu}
        steps:
          - {id: g, gate: {ask: And g?}, run: echo g >> effects}
          - {id: h, gate: {ask: And h?, word: volume}, run: echo h >> effects}
        ",
    );
    bench.args(["approve", "g", "--by", "ann"]).stdout_contains("it waits in the inbox").exit(0);
    let mut screen = bench.at_terminal(["resume"]);
    screen.wait_for("Type volume to go on, or no to refuse:");
    screen.types("volume\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["g", "h"]);
}

#[test]
fn ctrl_c_at_a_question_puts_none_of_those_behind_it() {
    let bench = bench(
        "
        holdpoint: 1
        id: book
        title: Book
        steps:
          - {id: one, needs: [], run: exit 1}
          - {id: two, needs: [], run: exit 1}
        ",
    );
    let mut screen = waiting(&bench, "Choose what to do");
    eventually("both are held", || bench.journal().events("step_held").len() == 2);
    screen.types("\x03");
    let shown = screen.exit(130);
    // What stands above the question about one of them.
    assert_eq!(shown.matches(" failed: exit 1, expected 0\n").count(), 1, "{shown}");
}
