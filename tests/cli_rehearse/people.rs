//! At a terminal: gates are practised as they are, and whoever is there says how a step goes.

use crate::harness::{Bench, Screen};

use super::{bench, report};

/// The question about a step stands on the screen, whole.
fn asked(screen: &mut Screen<'_>, step: &str) {
    screen.wait_for(&format!("[REHEARSAL] nothing is run: {step} would run"));
    screen.wait_for("[g]oes well");
}

/// A rehearsal that has come to the step that nothing says anything of.
fn at_polish(bench: &Bench) -> Screen<'_> {
    let args = ["rehearse", "book.yaml", "--input", "shelf=b"];
    let mut screen = bench.at_terminal_of((120, 100), args);
    screen.wait_for("Type books to go on, or no to refuse");
    screen.types("books\r");
    asked(&mut screen, "polish");
    screen
}

#[test]
fn an_input_and_a_gate_are_asked_as_they_are_in_a_live_run() {
    let bench = bench();
    let mut screen = bench.at_terminal_of((120, 100), ["rehearse", "book.yaml"]);
    screen.wait_for("Which shelf?");
    screen.types("b\r");
    screen.wait_for("restore: Bring 0 books back?");
    screen.wait_for("Type books to go on, or no to refuse");
    screen.types("book\r");
    screen.wait_for("that is neither books nor no (wrong word 1)");
    screen.types("books\r");
    asked(&mut screen, "polish");
    let shown = screen.shown();
    for line in
        ["restore  needs a person: approved by ann", "restore  assumed: succeeded after 4 m 0 s"]
    {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    screen.types("g");
    asked(&mut screen, "close");
    screen.types("g");
    let shown = screen.exit(0);
    assert!(
        shown.contains("restore  Bring 0 books back? (word: books); answered by ann"),
        "{shown}"
    );
    assert!(bench.effects().is_empty());
}

#[test]
fn a_step_is_shown_whole_before_it_is_asked_how_it_goes() {
    let bench = bench();
    let mut screen = at_polish(&bench);
    let shown = screen.shown();
    for line in [
        "[REHEARSAL] nothing is run: polish would run: Polish the shelf",
        "    echo polish >> effects",
        "  if it fails: nothing new begins, and you are asked what to do",
        "  the runbook names no way back",
    ] {
        assert!(shown.lines().any(|found| found == line), "{line}\n{shown}");
    }
    screen.types("?");
    screen.wait_for("it was begun, and nobody can see how it ended");
    screen.types("g");
    asked(&mut screen, "close");
    screen.types("g");
    screen.exit(0);
}

#[test]
fn what_follows_a_failure_is_practised() {
    let bench = bench();
    let mut screen = at_polish(&bench);
    screen.types("f");
    screen.wait_for("Which exit code, or what goes wrong?");
    screen.types("0\r");
    screen.wait_for("0 is a success");
    screen.types("3\r");
    screen.wait_for("polish failed: exit 3, expected 0");
    screen.wait_for("[r]etry");
    screen.decides("r", "once more");
    screen.wait_for_another("[REHEARSAL] nothing is run: polish would run", 2);
    screen.wait_for("[g]oes well");
    screen.types("f");
    screen.wait_for_another("Which exit code, or what goes wrong?", 3);
    screen.types("the cloth is gone\r");
    screen.wait_for("polish failed: the cloth is gone");
    screen.wait_for("[s]kip");
    screen.types("s");
    screen.wait_for_another("Reason", 2);
    screen.types("it shines enough\r");
    asked(&mut screen, "close");
    screen.types("g");
    let shown = screen.exit(0);
    assert!(shown.contains("would have succeeded with exceptions"), "{shown}");
    let page = report(&bench, "report.md");
    assert!(
        page.contains("polish  it failed, and what now? exit 3, expected 0; answered by ann"),
        "{page}"
    );
}

#[test]
fn a_step_may_run_out_of_time_or_out_of_sight() {
    let bench = bench();
    let mut screen = at_polish(&bench);
    screen.types("u");
    screen.wait_for("polish is in doubt");
    screen.wait_for("What is true?");
    screen.types("1");
    screen.wait_for("What shows it");
    screen.types("it shines\r");
    asked(&mut screen, "close");
    screen.types("t");
    let shown = screen.exit(0);
    assert!(shown.contains("close  assumed: failed: assumed to run out of time"), "{shown}");
}

#[test]
fn what_a_step_prints_can_be_said() {
    let text = "
        holdpoint: 1
        id: say
        title: Say
        steps:
          - {id: make, run: make it, outputs: {number: {from: stdout, type: int}}}
          - {id: use, run: \"use ${{ steps.make.outputs.number }}\", simulate: {exit: 0}}
    ";
    let bench = Bench::new().env("USER", "ann").runbook("say.yaml", text);
    let mut screen = bench.at_terminal_of((100, 80), ["rehearse", "say.yaml"]);
    asked(&mut screen, "make");
    screen.types("o");
    screen.wait_for("number, a whole number");
    screen.types("many\r");
    screen.wait_for("`many` is not a whole number");
    screen.types("12\r");
    let shown = screen.exit(0);
    assert!(shown.contains("| use '12'"), "{shown}");
    assert!(!shown.contains("stands in for"), "{shown}");
}

#[test]
fn whoever_breaks_it_off_ends_it_for_good() {
    let bench = bench();
    let mut screen = at_polish(&bench);
    screen.types("\x03");
    let shown = screen.exit(130);
    assert!(shown.contains("REHEARSAL aborted: by ann: Ctrl-C"), "{shown}");
    assert!(shown.contains("nothing was changed; it was broken off before its end"), "{shown}");
    let name = bench.rehearsals()[0].file_name().unwrap().to_str().unwrap().to_owned();
    bench.args(["resume", &name]).stderr_contains("is a rehearsal: it is over").exit(2);
    bench
        .args(["runs", "--practice"])
        .stdout_contains("aborted  REHEARSAL  Restore the books")
        .exit(0);
}

#[test]
fn a_question_that_is_left_and_an_abort_end_it_too() {
    let bench = bench();
    let mut screen = at_polish(&bench);
    screen.types("\x04");
    let shown = screen.exit(4);
    assert!(shown.contains("REHEARSAL aborted: by ann: a question was left"), "{shown}");

    let mut screen = at_polish(&bench);
    screen.types("f");
    screen.wait_for("Which exit code, or what goes wrong?");
    screen.types("\r");
    screen.wait_for("[a]bort");
    screen.decides("a", "enough for today");
    asked(&mut screen, "close");
    screen.types("g");
    let shown = screen.exit(4);
    assert!(shown.contains("REHEARSAL aborted: by ann: enough for today"), "{shown}");
}

#[test]
fn the_screen_says_that_it_is_a_rehearsal() {
    let bench = bench();
    let mut screen = at_polish(&bench);
    screen.types("g");
    asked(&mut screen, "close");
    screen.types("g");
    screen.wait_for("REHEARSAL of book");
    assert!(screen.written().contains("REHEARSAL book"), "the header");
    screen.exit(0);
}

#[test]
fn a_rehearsal_whose_process_is_killed_is_never_gone_on_with_for_real() {
    let bench = bench();
    let screen = at_polish(&bench);
    screen.signal("KILL");
    let _killed = screen.end();
    let name = bench.rehearsals()[0].file_name().unwrap().to_str().unwrap().to_owned();
    let over = "is a rehearsal: it is over, and nothing of it can be gone on with";
    for store in ["state", "state/practice"] {
        for command in ["resume", "abort", "undo", "adopt"] {
            let args = ["--state", store, command, &name, "--reason", "x"];
            let args = args
                .into_iter()
                .filter(|word| command != "resume" || !["--reason", "x"].contains(word));
            bench.args(args).stderr_contains(over).exit(2);
        }
    }
    bench
        .args(["--state", "state/practice", "resume"])
        .stderr_contains("no run is open in")
        .exit(2);
    assert!(bench.effects().is_empty());
    bench
        .args(["runs", "--practice"])
        .stdout_contains("interrupted  REHEARSAL  Restore the books")
        .exit(0);
    bench.args(["status", &name]).stdout_contains("[REHEARSAL]").exit(0);
}
