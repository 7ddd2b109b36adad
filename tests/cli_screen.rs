//! The screen of a run at a real terminal: what stands below its lines, in windows of every size.
//!
//! Golden screens lie in `tests/data/screens`, with the lengths of time, the moments and the marks
//! that differ from run to run replaced; `just bless` accepts a change of them.

#[path = "cli_screen/golden.rs"]
mod golden;
#[path = "cli_screen/plain.rs"]
mod plain;

use crate::harness::{Bench, Screen, Size, eventually};

use golden::{assert_golden, normalised};

const LIBRARY: &str = "
    holdpoint: 1
    environments: {production: {}}
";

/// A step that prints six lines and waits for the file `go`; beside it, another runs.
const BOOK: &str = "
    holdpoint: 1
    id: orders-restore
    title: Restore the orders
    objectives: {rto: 4h}
    steps:
      - {id: look, title: Look at the disk, run: 'echo enough room'}
      - id: restore
        title: Restore the data
        steps:
          - id: load
            title: Load the dump
            estimate: 2m..5m
            run: |
              for row in 1 2 3 4 5 6; do echo \"row $row is loaded\"; done
              until [ -e go ]; do sleep 0.02; done
          - {id: check, title: Check the rows, run: 'true'}
";

const UNICODE: &str = "C.UTF-8";

fn bench(text: &str) -> Bench {
    let bench = Bench::new().env("USER", "ann").env("LC_ALL", UNICODE);
    bench.file("holdpoint.yaml", LIBRARY).runbook("book.yaml", text)
}

const RUN: [&str; 6] = ["run", "book.yaml", "--environment", "production", "--incident", "INC-7"];

/// A run whose step `load` has printed all that it prints.
#[track_caller]
fn loading(bench: &Bench, size: Size) -> Screen<'_> {
    let mut screen = bench.at_terminal_of(size, RUN);
    screen.wait_for("row 6 is loaded");
    screen
}

#[track_caller]
fn let_go(bench: &Bench, screen: Screen<'_>, code: u32) -> String {
    bench.write("go", "");
    screen.exit(code)
}

#[test]
fn a_running_step_at_80_columns_is_as_on_its_golden_screen() {
    let bench = bench(BOOK);
    let screen = loading(&bench, (24, 80));
    assert_golden("running-80", &screen);
    assert!(!screen.is_dressed("orders-restore"), "NO_COLOR is respected");
    let_go(&bench, screen, 0);
}

#[test]
fn a_running_step_at_40_columns_is_as_on_its_golden_screen() {
    let bench = bench(BOOK);
    let screen = loading(&bench, (30, 40));
    assert_golden("running-40", &screen);
    let_go(&bench, screen, 0);
}

#[test]
fn a_running_step_at_200_columns_is_as_on_its_golden_screen() {
    let bench = bench(BOOK);
    let screen = loading(&bench, (24, 200));
    assert_golden("running-200", &screen);
    let_go(&bench, screen, 0);
}

#[test]
fn without_utf_8_a_running_step_is_as_on_its_golden_screen() {
    let bench = bench(BOOK).env("LC_ALL", "C");
    let screen = loading(&bench, (24, 80));
    assert_golden("running-ascii", &screen);
    assert!(screen.shown().is_ascii(), "{}", screen.shown());
    let_go(&bench, screen, 0);
}

#[test]
fn on_a_dumb_terminal_a_running_step_is_as_on_its_golden_screen() {
    let bench = bench(BOOK).env("TERM", "dumb");
    let screen = loading(&bench, (24, 80));
    assert_golden("running-dumb", &screen);
    let_go(&bench, screen, 0);
}

#[test]
fn a_window_that_changes_while_a_step_runs_is_as_on_its_golden_screen() {
    let bench = bench(BOOK);
    let mut screen = loading(&bench, (24, 100));
    screen.wait_for("next: Check the rows");
    for size in [(24, 60), (24, 120), (24, 72)] {
        screen.resize(size);
        assert_drawn_anew(&screen, size);
    }
    assert_golden("resized-72", &screen);
    for size in [(12, 72), (30, 90)] {
        screen.resize(size);
        assert_drawn_anew(&screen, size);
    }
    let_go(&bench, screen, 0);
}

/// The header stands there once, and nothing is wider than the window.
#[track_caller]
fn assert_drawn_anew(screen: &Screen<'_>, (_, columns): Size) {
    eventually("the screen is drawn anew", || {
        let shown = screen.shown();
        shown.matches("orders-restore · ").count() == 1
            && shown.contains("next: Check the rows")
            && shown.lines().all(|line| line.chars().count() <= usize::from(columns))
    });
}

#[test]
fn a_gate_on_top_of_a_running_step_is_as_on_its_golden_screen() {
    let asks = "
        holdpoint: 1
        id: orders-restore
        title: Restore the orders
        objectives: {rto: 4h}
        steps:
          - id: load
            title: Load the dump
            run: 'echo row 1 is loaded; until [ -e go ]; do sleep 0.02; done'
          - id: drop
            needs: []
            gate: {ask: Everything will be gone., word: volume}
            run: 'true'
    ";
    let bench = bench(asks);
    let mut screen = bench.at_terminal_of((24, 80), RUN);
    screen.wait_for("or no to refuse:");
    assert_golden("gate-80", &screen);
    screen.types("volume\r");
    screen.wait_for("drop  succeeded");
    screen.wait_for("│ row 1 is loaded");
    let_go(&bench, screen, 0);
}

const FAILS: &str = "
    holdpoint: 1
    id: orders-restore
    title: Restore the orders
    steps:
      - id: load
        title: Load the dump
        run: 'seq 1 1224; exit 3'
";

#[test]
fn a_failed_step_is_held_as_on_its_golden_screen() {
    let bench = bench(FAILS);
    let mut screen = bench.at_terminal_of((50, 80), RUN);
    screen.wait_for("[a]bort");
    assert_golden("held-80", &screen);
    screen.types("\x03");
    screen.exit(130);
}

#[test]
fn the_end_of_a_run_is_as_on_its_golden_screen() {
    let bench = bench(BOOK);
    let screen = loading(&bench, (50, 80));
    bench.write("go", "");
    eventually("it has ended", || bench.journal().events("run_ended").len() == 1);
    assert_golden("ended-80", &screen);
    screen.exit(0);
}

#[test]
fn colours_are_there_where_they_are_wanted() {
    let bench = bench(BOOK).env("CLICOLOR_FORCE", "1");
    let screen = loading(&bench, (24, 80));
    assert!(screen.is_dressed("orders-restore"), "{}", screen.shown());
    let_go(&bench, screen, 0);
}

#[test]
fn ctrl_c_leaves_no_row_of_the_screen_and_no_echo() {
    let bench = bench(BOOK);
    let mut screen = loading(&bench, (24, 80));
    screen.types("\x03");
    screen.wait_for("in Restore the data · stopping");
    screen.types("\x03");
    let shown = screen.exit(130);
    for left in ["^C", "next:", "· stopping", "│"] {
        assert!(!shown.contains(left), "{left}:\n{shown}");
    }
    assert!(shown.contains("\n          > row 6 is loaded\n"), "{shown}");
}

#[test]
fn leaving_at_once_leaves_the_terminal_clean() {
    let bench = bench(BOOK);
    let mut screen = loading(&bench, (24, 80));
    screen.wait_for("next: Check the rows");
    screen.types("\x1c");
    let shown = screen.exit(131);
    assert!(!shown.contains("next:") && !shown.contains('│'), "{shown}");
    assert!(shown.ends_with("          > row 6 is loaded"), "{shown}");
    bench.write("go", "");
}

#[test]
fn ctrl_z_draws_the_screen_anew() {
    let bench = bench(BOOK);
    let mut screen = loading(&bench, (24, 80));
    screen.wait_for("next: Check the rows");
    screen.types("\x1a");
    // No shell could let it go on, so it is not suspended.
    eventually("the echo is gone", || {
        let shown = screen.shown();
        !shown.contains("^Z") && shown.matches("next: Check the rows").count() == 1
    });
    assert_eq!(normalised(&screen.shown()).matches("orders-restore · ").count(), 1);
    let_go(&bench, screen, 0);
}

#[test]
fn what_is_typed_while_a_step_runs_disturbs_nothing() {
    let bench = bench(BOOK);
    let mut screen = loading(&bench, (24, 80));
    screen.wait_for("next: Check the rows");
    screen.types("\r\rhello\r");
    let shown = let_go(&bench, screen, 0);
    assert!(!shown.contains("hello"), "{shown}");
    assert!(!shown.contains("orders-restore"), "{shown}");
}

#[test]
fn a_question_that_a_step_prints_stands_behind_the_gutter() {
    let bench = Bench::new().env("LC_ALL", UNICODE).runbook(
        "book.yaml",
        r#"
            holdpoint: 1
            id: fake
            title: Fake
            steps:
              - id: one
                run: |
                  printf '\033[2J\033[HType volume to go on, or no to refuse: \n'
                  until [ -e go ]; do sleep 0.02; done
        "#,
    );
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("\n  │ \\x1b[2J\\x1b[HType volume to go on, or no to refuse:");
    let_go(&bench, screen, 0);
}

#[test]
fn a_step_that_prints_without_an_end_leaves_its_last_lines() {
    let bench = Bench::new().env("LC_ALL", UNICODE).runbook(
        "book.yaml",
        "
            holdpoint: 1
            id: noise
            title: Noise
            steps: [{id: one, run: 'seq 1 200000'}]
        ",
    );
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("one  succeeded");
    let shown = screen.exit(0);
    let expected = "          … 199,996 more lines: holdpoint show one
          > 199997
          > 199998
          > 199999
          > 200000
";
    assert!(shown.contains(expected), "{shown}");
    assert!(!shown.contains("> 199996"), "{shown}");
}
