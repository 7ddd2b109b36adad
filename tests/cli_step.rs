//! Step by step: a menu before each step that changes something, and single keys in between.

use crate::harness::{Bench, Screen};

const BOOK: &str = "
    holdpoint: 1
    id: book
    title: Book
    defaults: {shell: sh -eu}
    steps:
      - {id: look, effect: read, run: echo seen}
      - id: stop
        title: Stop the writers
        why: Nobody may write while we restore.
        run: echo stop >> effects
        undo: {run: echo start >> effects}
      - {id: load, run: echo load >> effects}
      - {id: last, run: echo last >> effects}
    finally:
      - {id: close, effect: read, run: echo close >> effects}
";

fn bench() -> Bench {
    Bench::new()
        .env("USER", "ann")
        .env("PAGER", "cat")
        .env("SHELL", "/bin/sh")
        .runbook("book.yaml", BOOK)
}

/// The beginning of the menu of the first step that changes something.
const MENU: &str = "next: stop: Stop the writers";

/// A run whose first menu stands on the screen.
fn asked(bench: &Bench) -> Screen<'_> {
    let mut screen = bench.at_terminal_of((120, 80), ["run", "book.yaml", "--step"]);
    screen.wait_for("[g]o");
    screen
}

/// Waits for a menu, to its end: what is typed before answers nothing.
fn menu(screen: &mut Screen<'_>, title: &str) {
    screen.wait_for(title);
    screen.wait_for("[g]o");
}

/// Waits for the first menu, put so many times, to its end: a line that is told meanwhile may stand
/// above it, or between two copies of it.
fn menu_again(screen: &mut Screen<'_>, times: usize) {
    screen.wait_for_another(MENU, times);
    screen.wait_for_end("[?] what each means");
}

#[test]
fn a_step_that_changes_something_is_shown_whole_before_it_is_asked_about() {
    let bench = bench();
    let mut screen = asked(&bench);
    let shown = screen.shown();
    for line in [
        "next: stop: Stop the writers",
        "  Nobody may write while we restore.",
        "    echo stop >> effects",
        "  if it fails: nothing new begins, and you are asked what to do",
        "  it can be taken back by",
        "    echo start >> effects",
    ] {
        assert!(shown.lines().any(|found| found == line), "{line}\n{shown}");
    }
    assert!(bench.effects().is_empty(), "the step that only looks was not asked about");
    screen.types("g");
    menu(&mut screen, "next: load");
    screen.types("u");
    screen.exit(0);
    assert_eq!(bench.effects(), ["stop", "load", "last", "close"]);
    let journal = bench.sound_journal();
    assert_eq!(journal.steps("step_released"), ["stop"]);
    assert_eq!(journal.events("pace_set").len(), 2);
}

#[test]
fn a_step_is_skipped_once_its_cost_is_seen_and_a_reason_is_given() {
    let bench = bench();
    let mut screen = asked(&bench);
    screen.types("s");
    screen.wait_for("without stop:");
    screen.wait_for("2 steps go on without it: load, last");
    screen.types("\r");
    screen.wait_for("a reason is needed");
    screen.types("there are none\r");
    menu(&mut screen, "next: load");
    screen.types("u");
    screen.exit(8);
    assert_eq!(bench.effects(), ["load", "last", "close"]);
    assert_eq!(bench.sound_journal().events("step_passed_over")[0]["reason"], "there are none");
}

#[test]
fn a_jump_shows_what_is_skipped_and_going_back_what_is_done_again() {
    let bench = bench();
    let mut screen = asked(&bench);
    screen.types("j");
    screen.wait_for("Go on at which step?");
    screen.types("last");
    screen.wait_for("search: last  1 of 2");
    screen.types("\r");
    screen.wait_for("these would be skipped:");
    screen.types("they are done\r");
    menu(&mut screen, "next: last");
    screen.types("b");
    screen.wait_for("Back to which step?");
    screen.types("look");
    screen.wait_for("search: look");
    screen.types("\r");
    screen.wait_for("these would be done again, and their gates asked again:\n    look\n");
    screen.wait_for("these were skipped, and would not be any more:\n    stop\n    load\n");
    screen.types("look again\r");
    screen.wait_for_another("next: stop", 2);
    menu(&mut screen, "next: stop");
    screen.types("u");
    screen.exit(8);
    assert_eq!(bench.effects(), ["stop", "load", "last", "close"]);
    let journal = bench.sound_journal();
    assert_eq!(journal.count("step_started", "look"), 2);
    assert_eq!(journal.events("back_requested")[0]["reason"], "look again");
}

#[test]
fn a_note_the_whole_output_and_a_shell_lead_back_to_the_menu() {
    let bench = bench();
    let mut screen = asked(&bench);
    screen.types("n");
    screen.wait_for("Note");
    screen.types("the disk is fine\r");
    screen.wait_for("ann notes: the disk is fine");
    menu_again(&mut screen, 2);
    screen.types("o");
    screen.wait_for("standard output: 5 bytes, in output/look.1.out");
    menu_again(&mut screen, 3);
    screen.types("t");
    screen.wait_for("leave it with Ctrl-D");
    screen.types("echo shell >> effects; exit 4\r");
    menu_again(&mut screen, 4);
    screen.types("u");
    screen.exit(0);
    assert_eq!(bench.effects(), ["shell", "stop", "load", "last", "close"]);
    let journal = bench.sound_journal();
    assert_eq!(journal.events("note_added")[0]["text"], "the disk is fine");
    assert_eq!(journal.events("exec_ended")[0]["end"]["code"], 4);
}

#[test]
fn a_run_is_handed_over_and_the_next_one_finds_it_waiting() {
    let bench = bench();
    let mut screen = asked(&bench);
    screen.types("h");
    screen.wait_for("To whom?");
    screen.types("bob\r");
    screen.wait_for("What must they know?");
    screen.types("the writers still run\r");
    screen.wait_for("ann hands over to bob: the writers still run");
    screen.exit(5);
    assert!(bench.effects().is_empty());
    bench.args(["resume", "--operator", "bob"]).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["stop", "load", "last", "close"]);
}

#[test]
fn a_run_is_aborted_from_the_menu_and_closed() {
    let bench = bench();
    let mut screen = asked(&bench);
    screen.types("a");
    screen.wait_for("the run ends here");
    screen.types("false alarm\r");
    screen.exit(4);
    assert_eq!(bench.effects(), ["close"]);
    assert_eq!(bench.status()["state"], "aborted");
}

#[test]
fn what_is_pasted_what_is_no_choice_and_enter_alone_choose_nothing() {
    let bench = bench();
    let mut screen = asked(&bench);
    screen.types("go\r");
    screen.wait_for("several keys at once are no answer");
    screen.types("\r");
    screen.wait_for("an empty answer is none");
    screen.types("x");
    screen.wait_for("`x` is none of them");
    screen.types_bytes(b"\xff");
    screen.wait_for("that key says nothing here");
    screen.types("?");
    screen.wait_for("do this step now");
    assert!(bench.effects().is_empty());
    screen.types("\x03");
    screen.exit(130);
    assert!(bench.effects().is_empty());
}

#[test]
fn a_key_pauses_a_run_before_its_next_change() {
    let book = BOOK.replace("run: echo seen", "run: 'until [ -e go ]; do sleep 0.02; done'");
    let bench = bench().runbook("book.yaml", &book);
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("look  started");
    screen.types("?");
    screen.wait_for("keys: p ask before each change");
    screen.types("p");
    screen.wait_for("wants each step that changes something asked about");
    screen.types("n");
    screen.wait_for("Note");
    screen.types("slow tonight\r");
    screen.wait_for("ann notes: slow tonight");
    bench.write("go", "");
    menu(&mut screen, "next: stop");
    assert!(bench.effects().is_empty());
    screen.types("u");
    screen.exit(0);
    assert_eq!(bench.effects(), ["stop", "load", "last", "close"]);
}

#[test]
fn where_nobody_can_be_asked_a_run_goes_on_unasked() {
    let bench = bench();
    bench.args(["run", "book.yaml", "--step"]).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["stop", "load", "last", "close"]);
}

#[test]
fn before_what_closes_a_run_only_what_can_be_done_there_is_offered() {
    let book = BOOK.replace("{id: close, effect: read, run", "{id: close, run");
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", &book);
    let mut screen = asked(&bench);
    screen.types("a");
    screen.wait_for("Reason");
    screen.types("it is over\r");
    menu(&mut screen, "next: close");
    let shown = screen.shown();
    let keys = shown.rsplit("next: close").next().unwrap_or_default();
    for key in ["[s]kip", "[b]ack", "[j]ump", "[a]bort"] {
        assert!(!keys.contains(key), "{key}\n{shown}");
    }
    screen.types("g");
    screen.exit(4);
    assert_eq!(bench.effects(), ["close"]);
}
