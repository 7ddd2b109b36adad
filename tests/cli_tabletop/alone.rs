//! An exercise at one terminal: whoever sits there also says how things go.

use crate::harness::{Bench, Screen};

use super::{BRIEF, bench, goes, page, players, says, says_again, secretive};

/// From the start to the question whether the dump is loaded.
fn to_gate(bench: &Bench) -> Screen<'_> {
    let mut screen = players(bench, &[]);
    screen.types("\r");
    goes(&mut screen, "restart: Restart the shop", "f");
    says(&mut screen, "What is seen of that?", "the port is taken");
    screen.wait_for("[r]etry");
    screen.decides("s", "the restart makes it worse");
    says(&mut screen, "What do you answer?", "the support lead, every half hour");
    says(&mut screen, "Who says so?", "bob");
    screen.wait_for("Go on?");
    screen
}

fn to_end(screen: &mut Screen<'_>) {
    screen.types("y\r");
    says(screen, "Who approves this?", "owner");
    goes(screen, "load: Load the dump", "g");
    screen.wait_for("would be passed on; in an exercise nothing is");
    says_again(screen, "What do you answer?", 2, "the owner");
    says_again(screen, "Who says so?", 2, "");
    says(screen, "Was it met?", "y");
    says_again(screen, "Was it met?", 2, "n");
    says(screen, "How well did it go", "4");
}

#[test]
fn an_exercise_is_gone_through_with_nothing_run_and_leaves_its_debrief() {
    let bench = bench();
    let mut screen = to_gate(&bench);
    to_end(&mut screen);
    let shown = screen.exit(0);
    for line in [
        "EXERCISE, in short",
        "  1 of 2 objectives met",
        "  1 gates waved through",
        "  2 contacts missing",
        "  1 deviations from the runbook",
        "EXERCISE: it is over, and cannot be gone on with",
    ] {
        assert!(shown.lines().any(|found| found == line), "{line}\n{shown}");
    }
    assert!(bench.effects().is_empty(), "nothing is run");
    assert!(bench.left_behind().is_empty(), "nothing was started");
    assert!(bench.run_folders().is_empty(), "no live run is there");
    assert_eq!(page(&bench, "debrief.md"), include_str!("../data/tabletop/shop.md"));
}

#[test]
fn the_html_page_says_the_same_with_no_script_and_nothing_from_elsewhere() {
    let bench = bench();
    let mut screen = to_gate(&bench);
    to_end(&mut screen);
    screen.exit(0);
    let html = page(&bench, "debrief.html");
    assert_eq!(html, include_str!("../data/tabletop/shop.html"));
    for foreign in ["<script", "://", "src=", "href="] {
        assert!(!html.contains(foreign), "{foreign}");
    }
}

#[test]
fn what_is_not_hidden_is_listed_at_the_start_and_nothing_with_hide_injects() {
    let bench = bench();
    let mut screen = players(&bench, &[]);
    screen.types("\r");
    screen.wait_for("[u]nseen");
    let shown = screen.written();
    assert!(shown.contains("  3  after 20m: The status page is down as well."), "{shown}");
    assert!(!shown.contains("journalist") && !shown.contains("older than"), "{shown}");
    screen.types("\x03");
    screen.exit(130);
    let bench = super::bench();
    let mut screen = players(&bench, &["--hide-injects"]);
    screen.types("\r");
    screen.wait_for("[u]nseen");
    let shown = screen.written();
    assert!(!shown.contains("status page") && !shown.contains("journalist"), "{shown}");
    screen.types("\x03");
    screen.exit(130);
}

#[test]
fn a_look_holds_or_not_by_what_is_said() {
    let bench = bench();
    let mut screen = players(&bench, &[]);
    screen.types("\r");
    goes(&mut screen, "restart: Restart the shop", "g");
    screen.wait_for("[h]olds");
    let shown = screen.shown();
    assert!(shown.contains("restart: verification \"the shop answers\""), "{shown}");
    screen.types("f");
    says(&mut screen, "What is seen of that?", "it answers 503");
    screen.wait_for("restart failed: verification");
    screen.wait_for("[r]etry");
    screen.types("\x03");
    let shown = screen.exit(130);
    assert!(shown.contains("it answers 503"), "{shown}");
}

#[test]
fn what_a_runbook_simulates_happens_without_a_question() {
    let book = "
        holdpoint: 1
        id: shop
        title: The shop is down
        steps:
          - {id: a, run: echo a >> effects, simulate: {exit: 0}, verify: [{probe: {run: 'false'}}]}
          - {id: b, run: echo b >> effects, simulate: {exit: 3}, on_failure: continue}
        ";
    let bench = Bench::new().env("USER", "ann").runbook("shop.yaml", book);
    let mut screen = players(&bench, &[]);
    screen.types("\r");
    let shown = screen.exit(0);
    assert!(!shown.contains("How does it go?"), "{shown}");
    assert!(shown.contains("  a  succeeded") && shown.contains("b  failed: exit 3"), "{shown}");
    assert!(bench.effects().is_empty(), "nothing is run");
}

#[test]
fn ctrl_c_ends_it_and_leaves_the_terminal_as_it_was() {
    let bench = bench();
    let mut screen = players(&bench, &[]);
    screen.types("\r");
    screen.wait_for("[u]nseen");
    screen.types("\x03");
    let shown = screen.exit(130);
    assert!(shown.contains("EXERCISE: it is over, and cannot be gone on with"), "{shown}");
    let run = bench.rehearsals().remove(0);
    let run = run.file_name().expect("it has a name").to_string_lossy().into_owned();
    bench
        .args(["resume", run.as_str()])
        .stderr_contains("is an exercise: it is over, and nothing of it can be gone on with")
        .exit(2);
    assert!(page(&bench, "debrief.md").contains("it was broken off before its end"));
}

/// From the start to what comes after the last step.
fn to_epilogue<'b>(bench: &'b Bench, question: &str) -> Screen<'b> {
    let mut screen = players(bench, &[]);
    screen.types("\r");
    screen.wait_for(question);
    screen
}

#[test]
fn ctrl_c_at_a_question_of_its_end_leaves_that_open_and_ends_it() {
    let bench = Bench::new().env("USER", "ann").runbook("shop.yaml", BRIEF);
    let mut screen = to_epilogue(&bench, "Who was missing?");
    screen.wait_for("What do you answer?");
    screen.types("\x03");
    let shown = screen.exit(130);
    assert!(!shown.contains("Was it met?"), "{shown}");
    let debrief = page(&bench, "debrief.md");
    for line in ["| Who was missing? | nobody |  |", "| somebody leads | nobody says |"] {
        assert!(debrief.lines().any(|found| found == line), "{line}\n{debrief}");
    }
    assert!(debrief.contains("the run would have succeeded"), "{debrief}");
}

#[test]
fn a_signal_ends_it_while_its_score_is_asked() {
    let bench = Bench::new().env("USER", "ann").runbook("shop.yaml", BRIEF);
    let mut screen = to_epilogue(&bench, "Who was missing?");
    says(&mut screen, "What do you answer?", "");
    screen.wait_for("Was it met?");
    screen.signal("TERM");
    screen.exit(143);
}

#[test]
fn a_secret_stands_in_no_record_though_somebody_says_it_or_a_step_simulates_it() {
    let bench = secretive();
    let mut screen = players(&bench, &[]);
    screen.types("\r");
    goes(&mut screen, "look: Look", "o");
    says(&mut screen, "line, ", "it is hunter2-hunter2 now");
    goes(&mut screen, "[EXERCISE] again", "g");
    screen.exit(0);
    let journal = page(&bench, "journal.jsonl");
    assert!(!journal.contains("hunter2"), "{journal}");
    assert_eq!(journal.matches("it is *** now").count(), 2, "told, and ended so: {journal}");
    assert!(journal.contains("the key ***"), "what was simulated: {journal}");
}

#[test]
fn it_may_be_left_before_it_begins() {
    let bench = bench();
    let mut screen = players(&bench, &[]);
    screen.types("\x03");
    let shown = screen.exit(4);
    assert!(shown.contains("EXERCISE: it is over"), "{shown}");
}

#[test]
fn every_screen_says_that_it_is_an_exercise_also_in_plain_lines_on_a_poor_terminal() {
    let bench = bench().env("TERM", "dumb");
    let mut screen = bench.at_terminal(["tabletop", "shop.yaml", "--format", "plain"]);
    says(&mut screen, "Press Enter when all are at the table", "");
    screen.wait_for("[EXERCISE] restart: Restart the shop");
    screen.wait_for("[u]nseen");
    let shown = screen.shown();
    assert!(shown.contains("EXERCISE: nothing is run and nothing is sent."), "{shown}");
    assert!(shown.contains("EXERCISE: started by ann"), "{shown}");
    assert!(!screen.written().contains('\x1b'), "{}", screen.written());
    screen.types("g\r");
    screen.wait_for("[h]olds");
    screen.types("\x03");
    let shown = screen.exit(130);
    assert!(shown.contains("EXERCISE: aborted"), "{shown}");
}

#[test]
fn what_a_group_asks_is_talked_about_once_before_its_first_step_and_before_it_is_looked_at() {
    let book = "
        holdpoint: 1
        id: shop
        title: The shop is down
        steps:
          - id: recover
            discuss: [Who leads?]
            steps:
              - {id: a, discuss: [Who looks?], require: [{title: it is there, probe: {file: x}}], run: a}
              - {id: b, simulate: {exit: 0}, run: b}
        ";
    let bench = Bench::new().env("USER", "ann").runbook("shop.yaml", book);
    let mut screen = players(&bench, &[]);
    screen.types("\r");
    screen.wait_for("[EXERCISE] recover: Who leads?");
    says(&mut screen, "What do you answer?", "");
    screen.wait_for("[EXERCISE] recover/a: Who looks?");
    says_again(&mut screen, "What do you answer?", 2, "");
    screen.wait_for("requirement \"it is there\"");
    screen.wait_for("[h]olds");
    screen.types("u");
    says(&mut screen, "What stands in the way of seeing it?", "the door is locked");
    screen.wait_for("[r]etry");
    let shown = screen.shown();
    assert!(shown.contains("could not be seen: the door is locked"), "{shown}");
    assert_eq!(shown.matches("Who leads?").count(), 1, "{shown}");
    screen.types("\x03");
    screen.exit(130);
}
