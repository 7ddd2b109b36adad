//! What whoever answers from another terminal is asked there; broken off, it changes nothing.

use super::{FAILING, GATED, bench, parked, waiting};

#[test]
fn the_word_of_a_gate_is_asked_for_where_it_was_not_given() {
    let bench = parked(GATED);
    let mut screen = bench.at_terminal(["approve", "drop", "--by", "grace"]);
    screen.wait_for("Type volume to approve");
    screen.types("\x03");
    screen.exit(2);
    let mut screen = bench.at_terminal(["approve", "drop", "--by", "grace"]);
    screen.wait_for("Type volume to approve");
    screen.types("volume\r");
    screen.wait_for("it waits in the inbox");
    screen.exit(0);
    bench.args(["resume"]).stdout_contains("approved by grace").exit(0);
    assert_eq!(bench.effects(), ["dropped", "last"]);
}

#[test]
fn a_skip_shows_its_cost_asks_and_takes_no_for_an_answer() {
    let bench = parked(FAILING);
    let mut screen = bench.at_terminal(["skip", "load"]);
    screen.wait_for("1 step goes on without it: last");
    screen.wait_for("Skip load?");
    screen.types("\r");
    screen.exit(4);
    let mut screen = bench.at_terminal(["skip", "load", "--by", "grace"]);
    screen.wait_for("Skip load?");
    screen.types("y\r");
    screen.wait_for("Reason");
    screen.types("it is there\r");
    screen.wait_for("it waits in the inbox");
    screen.exit(0);
    bench.args(["resume"]).stdout_contains("").exit(8);
    assert_eq!(bench.effects(), ["first", "last", "close"]);
}

#[test]
fn where_several_runs_are_open_one_is_chosen_or_none() {
    let bench = parked(GATED);
    bench.args(["run", "book.yaml", "--another"]).stdout_contains("").exit(5);
    let mut screen = bench.at_terminal(["approve", "drop", "--by", "grace", "--word", "volume"]);
    screen.wait_for("Several runs are open. Which one?");
    screen.types("\x03");
    screen.exit(2);
    let mut screen = bench.at_terminal(["approve", "drop", "--by", "grace", "--word", "volume"]);
    screen.wait_for("Several runs are open. Which one?");
    screen.types("\r");
    screen.wait_for("it waits in the inbox");
    screen.exit(0);
    let call = bench.args(["approve", "drop", "--by", "grace", "--word", "volume"]);
    call.stderr_contains("several runs are open; name one: ").exit(2);
}

#[test]
fn what_follows_for_the_run_is_said_before_its_verdict_is_decided() {
    let bench = bench(
        "
        holdpoint: 1
        id: book
        title: Book
        steps: [{id: one, run: 'true'}]
        exit_criteria: [{title: all is well, probe: {file: well}}]
        ",
    );
    let screen = waiting(&bench, "end the run as not recovered");
    let done = bench.args(["done", "verdict", "--reason", "it is lost"]);
    done.stdout_contains("the run ends as not recovered\n").exit(0);
    screen.exit(1);
}

#[test]
fn an_approval_that_is_not_enough_says_how_many_there_are() {
    let bench = bench(&GATED.replace("word: volume", "quorum: 2"));
    let mut screen = waiting(&bench, "All of it will be gone.");
    let approve = |by| bench.args(["approve", "drop", "--by", by]);
    let first = approve("ann").stdout_contains("approved so far: 0 of 2\n");
    first.stdout_contains("drop: approved, 1 of 2\n").exit(0);
    screen.wait_for("from another terminal, ann");
    let second = approve("bob").stdout_contains("approved so far: 1 of 2: ann\n");
    second.stdout_contains("drop: approved, 2 of 2\n").exit(0);
    screen.exit(0);
}
