//! Another run of a runbook that has an open run here: it is asked about, or refused, or meant.

use std::fs;

use crate::harness::Bench;

const BOOK: &str = "
    holdpoint: 1
    id: book
    title: Book
    steps: [{id: one, run: 'echo one >> effects; test -e mended'}]
";

const LONG: &str = "
    holdpoint: 1
    id: long
    title: Long
    steps: [{id: one, run: 'until [ -e go ]; do sleep 0.02; done'}]
";

const QUESTION: &str = "Begin another run all the same? [y/N]:";

/// A bench with a run that is held.
#[track_caller]
fn open() -> Bench {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    bench
}

#[test]
fn where_nobody_can_be_asked_a_second_run_is_refused_and_nothing_is_started() {
    let bench = open();
    let said = "
        error: a run of book is open: [RUN], waiting since [AT] [AT] UTC
          help: see to it with: holdpoint resume [RUN]; or begin another with --another
    ";
    bench.args(["run", "book.yaml"]).stderr(said).exit(7);
    bench.args(["run", "book.yaml", "--non-interactive"]).stderr(said).exit(7);
    assert_eq!(bench.effects(), ["one"]);
    assert_eq!(fs::read_dir(bench.path("state/runs")).expect("it is there").count(), 1);
}

#[test]
fn another_insists() {
    let bench = open();
    bench.args(["run", "book.yaml", "--another"]).stdout_contains("").exit(5);
    assert_eq!(bench.effects(), ["one", "one"]);
    let said = "error: a run of book is open: [RUN], waiting since [AT] [AT] UTC, and 1 more\n";
    bench.args(["run", "book.yaml"]).stderr_contains(said).exit(7);
}

#[test]
fn a_run_that_has_ended_is_not_in_the_way() {
    let bench = open();
    bench.write("mended", "");
    let retry = ["resume", "--resolve", "one=retry", "--reason", "mended"];
    bench.args(retry).stdout_contains("succeeded").exit(0);
    bench.args(["run", "book.yaml"]).stdout_contains("succeeded").exit(0);
}

#[test]
fn another_runbook_another_environment_and_another_store_are_not_in_the_way() {
    let environments = "holdpoint: 1\nenvironments: {lab: {}, staging: {}}\n";
    let bench = Bench::new().file("holdpoint.yaml", environments).runbook("book.yaml", BOOK);
    bench.write("other.yaml", &BOOK.replace("id: book", "id: book-two"));
    let run = |file: &str, place: &str| bench.args(["run", file, "--environment", place]);
    run("book.yaml", "lab").stdout_contains("").exit(5);
    run("book.yaml", "staging").stdout_contains("").exit(5);
    run("other.yaml", "lab").stdout_contains("").exit(5);
    let said = "error: a run of book in staging is open: [RUN], waiting since ";
    run("book.yaml", "staging").stderr_contains(said).exit(7);
    let elsewhere = ["--state", "elsewhere", "run", "book.yaml", "--environment", "lab"];
    bench.args(elsewhere).stdout_contains("").exit(5);
}

#[test]
fn at_a_terminal_it_is_asked_about_and_enter_alone_begins_nothing() {
    let bench = open();
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for(QUESTION);
    let shown = screen.shown();
    let expected = "
        a run of book is open
          [RUN], waiting since [AT] [AT] UTC
            see to it with: holdpoint resume [RUN]
        Begin another run all the same? [y/N]:
    ";
    assert!(crate::harness::agrees(expected, &shown), "{shown}");
    screen.types("\r");
    screen.exit(4);
    assert_eq!(bench.effects(), ["one"]);
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for(QUESTION);
    screen.types("\x03");
    assert!(screen.exit(130).ends_with("error: nothing was started"));
    assert_eq!(bench.run_folders().len(), 1);
}

#[test]
fn at_a_terminal_a_yes_begins_another() {
    let bench = open();
    bench.write("mended", "");
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for(QUESTION);
    screen.types("y\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["one", "one"]);
    assert_eq!(bench.run_folders().len(), 2);
}

#[test]
fn who_drives_the_open_run_is_told() {
    let bench = Bench::new().runbook("long.yaml", LONG);
    let mut driver =
        bench.args(["run", "long.yaml", "--operator", "ada"]).stdout_contains("").start();
    driver.wait_for("step_spawned", "one");
    let call = bench.args(["run", "long.yaml"]);
    let call = call.stderr_contains("error: a run of long is open: [RUN], driven by ada on ");
    call.stderr_contains("  help: see to it with: holdpoint status [RUN]; or begin ").exit(7);
    bench.write("go", "");
    driver.exit(0);
}

#[test]
fn a_damaged_run_that_nobody_drives_is_not_in_the_way_and_one_of_a_later_format_is() {
    let bench = open();
    let journal = bench.run_folder().join("journal.jsonl");
    let whole = fs::read_to_string(&journal).expect("it is ours");
    fs::write(&journal, format!("{whole}{{\"v\":99}}\n")).expect("it is ours");
    bench.args(["run", "book.yaml"]).stderr_contains("error: a run of book is open: ").exit(7);
    fs::write(&journal, format!("{whole}rubbish\n")).expect("it is ours");
    bench.write("mended", "");
    bench.args(["run", "book.yaml"]).stdout_contains("succeeded").exit(0);
}

#[test]
fn of_runs_that_are_begun_at_the_same_moment_only_one_begins() {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let all = "for n in 1 2 3 4 5 6 7 8; do
        { holdpoint run book.yaml > out.$n 2>&1; echo $? >> codes; } &
    done; wait";
    bench.shell(all).exit(0);
    let codes = fs::read_to_string(bench.path("codes")).expect("each has written its own");
    let mut codes: Vec<&str> = codes.lines().collect();
    codes.sort_unstable();
    assert_eq!(codes, ["5", "7", "7", "7", "7", "7", "7", "7"]);
    assert_eq!(bench.effects(), ["one"]);
}
