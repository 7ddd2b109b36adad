//! `holdpoint` alone: what waits for someone, which runbooks are here, and what to type.

use std::fs;

use crate::harness::{Bench, holds};

const HELD: &str = "
    holdpoint: 1
    id: held
    title: It does not work
    steps: [{id: one, run: 'false'}]
";

const LONG: &str = "
    holdpoint: 1
    id: long
    title: It takes its time
    steps: [{id: one, run: 'until [ -e go ]; do sleep 0.02; done'}]
";

const GATED: &str = "
    holdpoint: 1
    id: gated
    title: It asks
    steps:
      - {id: one, gate: {ask: \"Everything\\e[2J goes.\\nholdpoint resume x\"}, run: 'true'}
";

const WAYS: &str = "
to find one:         holdpoint list WORD, or --alert NAME
to go through one:   holdpoint run PATH
to see all runs:     holdpoint runs
to see all commands: holdpoint --help
";

/// What is printed for `holdpoint` alone.
#[track_caller]
fn home(bench: &Bench) -> String {
    bench.args([""; 0]).stdout_contains("").exit(0).stdout
}

#[test]
fn in_an_empty_folder_it_says_that_there_is_nothing_and_what_to_type() {
    let bench = Bench::new();
    let text = "
        no run waits for anybody

        there are no runbooks in [DIR]

        to go through one:   holdpoint run FILE
        to see all runs:     holdpoint runs
        to see all commands: holdpoint --help
    ";
    bench.args([""; 0]).stdout(text).exit(0);
    assert!(!bench.path("state").exists(), "nothing is written");
}

#[test]
fn the_runs_that_wait_come_first_with_what_they_wait_for_since_when_and_what_to_type() {
    let bench = Bench::new()
        .file("holdpoint.yaml", "holdpoint: 1\nenvironments: {lab: {}}\n")
        .runbook("held.yaml", HELD)
        .runbook("more/gated.yaml", GATED);
    bench.args(["run", "held.yaml"]).stdout_contains("").exit(5);
    let text = "
        1 run is open

        [RUN]
          It does not work, in lab
          waiting since [AT] [AT] UTC
          one is held: exit 1, expected 0
          holdpoint resume [RUN]

        2 runbooks in the library [DIR]

        held.yaml        It does not work
        more/gated.yaml  It asks

        to find one:         holdpoint list WORD, or --alert NAME
        to go through one:   holdpoint run PATH
        to see all runs:     holdpoint runs
        to see all commands: holdpoint --help
    ";
    bench.args([""; 0]).stdout(text).exit(0);
    let resolve = ["resume", "--resolve", "one=failed", "--reason", "known"];
    bench.args(resolve).stdout_contains("").exit(1);
    assert!(home(&bench).starts_with("no run waits for anybody\n\n2 runbooks in "));
}

#[test]
fn a_question_with_control_characters_and_lines_of_its_own_stays_one_inert_line() {
    let bench = Bench::new().runbook("gated.yaml", GATED);
    bench.args(["run", "gated.yaml"]).stdout_contains("").exit(5);
    let text = home(&bench);
    assert!(
        text.contains(
            "\n  one waits at its gate: Everything\\x1b[2J goes.\n  holdpoint resume [RUN]\n"
        ),
        "{text}"
    );
}

#[test]
fn a_run_that_is_driven_says_by_whom_and_one_whose_driver_is_gone_that_it_was_interrupted() {
    let bench = Bench::new().runbook("long.yaml", LONG);
    let mut driver =
        bench.args(["run", "long.yaml", "--operator", "ada"]).stdout_contains("").start();
    driver.wait_for("step_spawned", "one");
    let text = home(&bench);
    assert!(holds("\n  driven by ada on ", &text), "{text}");
    assert!(text.contains("\n  holdpoint status [RUN]\n"), "{text}");
    driver.kill_with_keeper();
    let text = home(&bench);
    assert!(holds("\n  interrupted since [AT] [AT] UTC\n  one is in doubt: ", &text), "{text}");
    assert!(text.contains("\n  holdpoint resume [RUN]\n"), "{text}");
    bench.write("go", "");
}

#[test]
fn the_run_that_was_begun_last_stands_first_and_a_damaged_one_is_none_that_waits() {
    let bench = Bench::new().runbook("held.yaml", HELD).runbook("gated.yaml", GATED);
    bench.args(["run", "held.yaml"]).stdout_contains("").exit(5);
    let held = bench.run_folder();
    bench.args(["run", "gated.yaml"]).stdout_contains("").exit(5);
    let text = home(&bench);
    assert!(text.starts_with("2 runs are open\n\n[RUN]\n  It asks\n"), "{text}");
    let journal = held.join("journal.jsonl");
    let damaged = fs::read_to_string(&journal).expect("it is ours").replace("\"one\"", "\"eno\"");
    fs::write(&journal, damaged).expect("it is ours");
    assert!(home(&bench).starts_with("1 run is open\n\n[RUN]\n  It asks\n"));
}

#[test]
fn of_many_runbooks_the_first_are_shown_and_the_others_counted() {
    let bench = Bench::new();
    for number in 10..35 {
        bench.write(&format!("{number}.yaml"), HELD);
    }
    let text = home(&bench);
    assert!(text.contains("25 runbooks in [DIR]\n\n10.yaml  It does not work\n"), "{text}");
    assert!(
        text.ends_with(&format!("29.yaml  It does not work\nand 5 more: holdpoint list\n{WAYS}")),
        "{text}"
    );
}

#[test]
fn a_store_that_cannot_be_read_is_told_after_the_runbooks() {
    let bench = Bench::new().runbook("held.yaml", HELD);
    bench.write("state/runs", "no folder\n");
    let said = "error: cannot use [DIR]/state/runs: Not a directory";
    let call = bench.args([""; 0]).stderr_contains(said);
    call.stdout_contains("1 runbook in [DIR]\n\nheld.yaml  It does not work\n").exit(6);
}

#[test]
fn at_a_terminal_it_fits_on_a_screen_and_leaves_it_as_it_was() {
    let bench = Bench::new().runbook("held.yaml", HELD);
    bench.args(["run", "held.yaml"]).stdout_contains("").exit(5);
    let screen = bench.at_terminal([""; 0]);
    let shown = screen.exit(0);
    assert!(shown.starts_with("1 run is open\n\n[RUN]\n"), "{shown}");
    assert!(shown.ends_with("to see all commands: holdpoint --help"), "{shown}");
}

#[test]
fn help_is_asked_for_and_a_wrong_word_is_refused_as_ever() {
    let bench = Bench::new();
    bench.args(["--help"]).stdout_contains("Usage: holdpoint [OPTIONS] [COMMAND]\n").exit(0);
    bench.args(["lst"]).stderr_contains("error: unrecognized subcommand 'lst'").exit(2);
}
