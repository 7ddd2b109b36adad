//! The same facts as lines: for a screen reader, on a dumb terminal, in CI, in a pipe.

use crate::harness::Bench;

const BOOK: &str = "
    holdpoint: 1
    id: plain
    title: Plain
    steps:
      - {id: one, run: echo hello}
      - {id: two, run: 'true'}
";

fn with_rto() -> String {
    BOOK.replace("    steps:", "    objectives: {rto: 4h}\n    steps:")
}

#[test]
fn the_plain_form_tells_the_place_of_every_step() {
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", BOOK);
    bench
        .args(["run", "book.yaml", "--format", "plain"])
        .stdout_contains(
            "          step 1 of 2\n\
             [AT]  one  started\n          | echo hello\n          > hello\n\
             [AT]  one  succeeded after [TIME]\n          step 2 of 2\n\
             [AT]  two  started\n",
        )
        .exit(0);
}

#[test]
fn the_plain_form_draws_nothing_on_a_terminal() {
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", &with_rto());
    let mut screen = bench.at_terminal(["run", "book.yaml", "--format", "plain"]);
    screen.wait_for("step 2 of 2, RTO ");
    let shown = screen.exit(0);
    assert!(!shown.contains("next:"), "{shown}");
    assert!(shown.contains("          > hello\n"), "{shown}");
}

#[test]
fn in_a_pipe_the_place_is_told_where_a_clock_runs() {
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", &with_rto());
    bench
        .args(["run", "book.yaml"])
        .stdout_contains("          step 1 of 2, RTO ")
        .stdout_contains(" left of 4h\n[AT]  two  started\n")
        .exit(0);
}

#[test]
fn in_ci_a_terminal_gets_lines() {
    let bench = Bench::new().env("USER", "ann").env("CI", "true").runbook("book.yaml", BOOK);
    let shown = bench.at_terminal(["run", "book.yaml"]).exit(0);
    assert!(shown.contains("          step 2 of 2\n"), "{shown}");
    assert!(!shown.contains("next:"), "{shown}");
}
