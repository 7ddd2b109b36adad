//! What cannot be an exercise, each with its reason and a way out.

use crate::harness::Bench;

use super::{bench, players};

#[test]
fn an_inject_before_a_step_that_is_not_there_is_refused_with_the_nearest_name() {
    let book = "
        holdpoint: 1
        id: shop
        title: The shop is down
        tabletop: {injects: [{before: restrat, text: It burns.}]}
        steps: [{id: restart, run: 'true'}]
        ";
    let bench = Bench::new().file("shop.yaml", book);
    let screen = bench.at_terminal(["tabletop", "shop.yaml"]);
    let shown = screen.exit(3);
    assert!(shown.contains("an inject is told before the step `restrat`, which is not"), "{shown}");
    assert!(shown.contains("did you mean `restart`?"), "{shown}");
    assert!(bench.rehearsals().is_empty(), "nothing was begun");
}

#[test]
fn without_a_terminal_there_is_no_exercise() {
    bench()
        .args(["tabletop", "shop.yaml"])
        .stderr(
            "
            error: an exercise needs people at a terminal
              help: rehearse goes through a runbook where nobody is: holdpoint rehearse FILE
            ",
        )
        .exit(2);
    bench()
        .args(["tabletop", "--facilitator"])
        .stderr(
            "
            error: a facilitator needs a terminal
              help: type it at a terminal of its own, beside the players' screen
            ",
        )
        .exit(2);
}

#[test]
fn whoever_leads_nothing_is_told_how_to_begin() {
    let bench = bench();
    let shown = bench.at_terminal(["tabletop", "--facilitator"]).exit(2);
    assert!(
        shown.contains("no exercise is under way; begin one: holdpoint tabletop FILE"),
        "{shown}"
    );
    let mut screen = players(&bench, &[]);
    screen.types("\x03");
    screen.exit(4);
    let shown = bench.at_terminal(["tabletop", "--facilitator"]).exit(2);
    assert!(shown.contains("no exercise is under way"), "one that is over is none: {shown}");
}

#[test]
fn a_runbook_without_a_script_is_an_exercise_without_injects() {
    let book = "{holdpoint: 1, id: shop, title: The shop is down, steps: [{id: a, run: 'true'}]}";
    let bench = Bench::new().env("USER", "ann").file("shop.yaml", book);
    let mut screen = players(&bench, &[]);
    screen.types("\r");
    super::goes(&mut screen, "nothing is run; would run:", "g");
    let shown = screen.exit(0);
    assert!(shown.contains("the exercise begins: no scenario is written down"), "{shown}");
}

#[test]
fn a_file_or_a_past_run_is_needed_and_not_both() {
    let bench = bench();
    bench.args(["tabletop"]).stderr_contains("required arguments were not provided").exit(2);
    bench
        .args(["tabletop", "shop.yaml", "--from-run", "x"])
        .stderr_contains("cannot be used with")
        .exit(2);
    let shown = bench.at_terminal(["tabletop", "--from-run", "nowhere"]).exit(2);
    assert!(shown.contains("there is no run `nowhere` in"), "{shown}");
}
