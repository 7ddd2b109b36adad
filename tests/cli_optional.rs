//! Optional steps through the binary: at the terminal, and with an answer prepared beforehand.

use crate::harness::Bench;

fn bench() -> Bench {
    Bench::new().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        defaults: {shell: sh -eu}
        steps:
          - {id: cache, title: Restart the cache, optional: true, run: echo cache >> effects}
          - {id: after, run: echo after >> effects}
        ",
    )
}

#[test]
fn with_nobody_there_the_run_waits_and_names_the_answer() {
    let bench = bench();
    bench
        .args(["run", "book.yaml"])
        .stdout_contains("--answers FILE, which holds cache: {needed: true, reason: TEXT}")
        .exit(5);
    bench.write("answers.yaml", "cache: {needed: false, reason: it is fast}\n");
    bench
        .args(["resume", "--answers", "answers.yaml"])
        .stdout_contains("not needed, says root with an answer prepared beforehand: it is fast")
        .exit(0);
    assert_eq!(bench.effects(), ["after"]);
}

#[test]
fn the_operator_decides_at_the_terminal() {
    let bench = bench();
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("cache is optional: Restart the cache");
    screen.wait_for("it is not: pass it over");
    screen.types("\r");
    screen.wait_for("press the number of an item, or move the mark and press Enter");
    screen.types("1");
    screen.wait_for("Reason");
    screen.types("it is slow\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["cache", "after"]);
    assert_eq!(bench.journal().events("need_decided")[0]["reason"], "it is slow");
}

#[test]
fn an_answer_for_a_step_that_is_not_optional_is_refused() {
    let bench = bench();
    bench.write("answers.yaml", "after: {needed: false}\n");
    bench
        .args(["run", "book.yaml", "--answers", "answers.yaml"])
        .stderr_contains("the step `after` is not optional")
        .exit(2);
}
