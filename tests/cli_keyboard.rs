//! What a keyboard, a paste or the end of a terminal can do to a run, and what they cannot.

use crate::harness::{Bench, Screen, eventually};

const TWO_GATES: &str = "
    holdpoint: 1
    id: gates
    title: Two gates
    steps:
      - {id: first, needs: [], gate: {word: volume}, run: echo first >> effects}
      - {id: second, needs: [], gate: {word: volume}, run: echo second >> effects}
";

const ASKS: &str = "Type volume to go on, or no to refuse:";

fn bench(text: &str) -> Bench {
    Bench::new().env("USER", "ann").runbook("book.yaml", text)
}

/// At the first of two gates.
#[track_caller]
fn at_the_gates(bench: &Bench) -> Screen<'_> {
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for(ASKS);
    screen
}

#[test]
fn gates_at_the_same_time_are_asked_one_after_the_other() {
    let bench = bench(TWO_GATES);
    let mut screen = at_the_gates(&bench);
    screen.types("volume\r");
    screen.wait_for_another(ASKS, 2);
    eventually("the first is done", || bench.effects() == ["first"]);
    screen.types("volume\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["first", "second"]);
    bench.sound_journal();
}

#[test]
fn lines_that_are_pasted_answer_nothing() {
    let bench = bench(TWO_GATES);
    let mut screen = at_the_gates(&bench);
    screen.types("volume\rvolume\rvolume\r");
    screen.wait_for("error: several lines at once are no answer: type one, then Enter");
    screen.wait_for_another(ASKS, 2);
    screen.types("other\r");
    screen.wait_for("error: that is neither volume nor no");
    screen.types("\x03");
    screen.exit(130);
    assert!(bench.effects().is_empty());
    assert_eq!(bench.state_of("first"), "at_gate");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let bench = bench(TWO_GATES);
    let mut screen = at_the_gates(&bench);
    screen.types_bytes(b"vol\xff\xfeume\r");
    screen.wait_for("error: it is not text in UTF-8");
    screen.wait_for_another(ASKS, 2);
    screen.types("volume \r");
    screen.wait_for_another(ASKS, 3);
    screen.types("\x03");
    screen.exit(130);
    assert_eq!(bench.effects(), ["first"], "a blank at the end is let pass");
}

#[test]
fn a_line_is_mended_with_the_keys_of_the_terminal() {
    let bench = bench(TWO_GATES);
    let mut screen = at_the_gates(&bench);
    screen.types("volumx\x7fe\r");
    screen.wait_for_another(ASKS, 2);
    eventually("the first is done", || bench.effects() == ["first"]);
    screen.types("no!\x15volume\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["first", "second"]);
}

#[test]
fn a_signal_from_outside_leaves_the_question_open_and_the_terminal_as_it_was() {
    for (signal, code) in [("TERM", 143), ("HUP", 5), ("INT", 130)] {
        let bench = bench(TWO_GATES);
        let mut screen = at_the_gates(&bench);
        screen.types("vol");
        screen.wait_for("refuse: vol");
        screen.signal(signal);
        screen.exit(code);
        assert_eq!(
            (bench.state_of("first"), bench.state_of("second")),
            ("at_gate".into(), "at_gate".into())
        );
        assert!(bench.effects().is_empty());
        bench.sound_journal();
    }
}

#[test]
fn ctrl_backslash_leaves_at_once_and_the_terminal_as_it_was() {
    let bench = bench(TWO_GATES);
    let mut screen = at_the_gates(&bench);
    screen.types("vol\x1c");
    screen.exit(131);
    assert_eq!(bench.state_of("first"), "at_gate");
    assert!(bench.effects().is_empty());
    bench.sound_journal();
}

#[test]
fn a_run_at_a_terminal_asks_there_though_its_lines_go_elsewhere() {
    let bench = bench(TWO_GATES);
    let mut screen = bench.shell_at_terminal("holdpoint run book.yaml > lines");
    screen.wait_for(ASKS);
    screen.types("volume\r");
    screen.wait_for_another(ASKS, 2);
    screen.types("volume\r");
    let shown = screen.exit(0);
    assert!(!shown.contains("succeeded"), "{shown}");
    let lines = std::fs::read_to_string(bench.path("lines")).expect("lines were written");
    assert!(lines.contains("second  approved by ann (name as given)"), "{lines}");
    assert!(!lines.contains("\x1b") && !lines.contains("Type volume"), "{lines}");
}

#[test]
fn nobody_is_asked_where_a_question_could_not_be_seen_or_answered() {
    for (streams, word) in [("2> told", "errors"), ("< /dev/null", "input")] {
        let bench = bench(TWO_GATES);
        let screen = bench.shell_at_terminal(&format!("holdpoint run book.yaml {streams}"));
        let shown = screen.exit(5);
        assert!(shown.contains("the run waits for a person\n"), "{word}: {shown}");
        assert!(bench.effects().is_empty());
    }
}

#[test]
fn the_form_for_programs_can_be_had_while_a_person_is_asked() {
    let bench = bench(TWO_GATES);
    let mut screen = bench.shell_at_terminal("holdpoint run book.yaml --format jsonl > records");
    screen.wait_for(ASKS);
    screen.types("volume\r");
    screen.wait_for_another(ASKS, 2);
    screen.types("volume\r");
    screen.exit(0);
    let records = std::fs::read(bench.path("records")).expect("records were written");
    let journal = std::fs::read(bench.run_folder().join("journal.jsonl")).expect("it is there");
    assert_eq!(String::from_utf8_lossy(&records), String::from_utf8_lossy(&journal));
}
