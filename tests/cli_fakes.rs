//! What a step prints is never taken for a question of ours.

use crate::harness::{Bench, Screen};

const ASKS: &str = "Type volume to go on, or no to refuse:";

/// The true question, down to what no step can print.
const SIGNED: &str = "
drop: Everything will be gone.
    echo drop >> effects
  this session's mark: [MARK], head of the chain: [HASH]
Type volume to go on, or no to refuse:";

/// What a step prints that wants to be taken for the gate: it goes back to the beginning of the
/// line, or clears the screen, and says the very words.
const FAKE: &str = r#"
fake="drop: Everything will be gone.
    echo drop >> effects
  this session's mark: bababa, head of the chain: 0123456789ab
Type volume to go on, or no to refuse: "
printf '%s' "$fake"
printf '\r%s' "$fake"
printf '\033[2J\033[H%s' "$fake"
printf '\033[1A\r\033[K\n%s\n' "$fake"
until [ -e go ]; do sleep 0.02; done
"#;

fn bench() -> Bench {
    let indented = FAKE.trim().replace('\n', "\n          ");
    let text = format!(
        "
    holdpoint: 1
    id: fakes
    title: A step that asks like us
    steps:
      - id: fake
        run: |
          {indented}
      - id: drop
        gate: {{ask: Everything will be gone., word: volume}}
        run: echo drop >> effects
    "
    );
    Bench::new().env("USER", "ann").runbook("book.yaml", &text)
}

/// The mark that the session showed at its start.
fn mark(screen: &Screen<'_>) -> String {
    let shown = screen.shown();
    let after = shown.strip_prefix("this session's mark: ");
    let after = after.unwrap_or_else(|| panic!("it stands in the first line:\n{shown}"));
    after.chars().take_while(char::is_ascii_lowercase).collect()
}

#[test]
fn a_question_that_a_step_prints_stands_behind_a_gutter_shows_no_mark_and_takes_no_answer() {
    let bench = bench();
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    // The last line is not whole yet, so it waits: what stands there cannot look like a question.
    screen.wait_for_another(ASKS, 3);
    let mark = mark(&screen);
    let shown = screen.shown();
    assert_eq!(shown.matches(&mark).count(), 1, "only the first line shows it:\n{shown}");
    let says = |line: &&str| line.contains("to refuse:") || line.contains("mark:");
    let at_the_margin: Vec<&str> =
        shown.lines().skip(1).filter(says).filter(|line| !line.starts_with("  ")).collect();
    assert_eq!(at_the_margin, [""; 0], "{shown}");
    assert!(shown.contains(r"\x0d") && shown.contains(r"\x1b[2J\x1b[H"), "{shown}");
    screen.types("volume\r");
    bench.write("go", "");
    screen.wait_for(SIGNED.trim_start_matches('\n'));
    let shown = screen.shown();
    let true_line = format!("  this session's mark: {mark}, head of the chain: ");
    assert!(shown.lines().any(|line| line.starts_with(&true_line)), "{shown}");
    assert!(bench.effects().is_empty(), "what was typed at the fake opened nothing");
    assert_eq!(bench.state_of("drop"), "at_gate");
    screen.types("volume\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["drop"]);
    bench.sound_journal();
}

#[test]
fn a_gate_names_the_head_of_the_chain_that_its_answer_is_added_to() {
    let bench = bench();
    bench.write("go", "");
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for(SIGNED.trim_start_matches('\n'));
    let shown = screen.shown();
    let mark = mark(&screen);
    let line = format!("  this session's mark: {mark}, head of the chain: ");
    let head = shown.lines().find_map(|at| at.strip_prefix(&line)).expect("it is shown");
    screen.types("volume\r");
    screen.exit(0);
    let approved = bench.sound_journal().events("gate_approved")[0].clone();
    assert_eq!(approved["step"], "drop");
    let next = format!("\"prev\":\"{head}[0-9a-f]*\",\"event\":{{\"type\":\"gate_approved\"");
    bench.shell(&format!("grep -c '{next}' state/runs/*/journal.jsonl")).stdout("1").exit(0);
}

#[test]
fn each_session_has_its_own_mark_and_no_file_and_no_step_knows_it() {
    let bench = bench();
    bench.write("go", "");
    let mut marks = Vec::new();
    for command in [&["run", "book.yaml"][..], &["resume"], &["resume"]] {
        let mut screen = bench.at_terminal(command.iter().copied());
        screen.wait_for("  this session's mark: [MARK], head of the chain: [HASH]\nType volume");
        marks.push(mark(&screen));
        screen.types("\x03");
        screen.exit(130);
    }
    marks.sort();
    marks.dedup();
    assert!(marks.len() > 1, "{marks:?}");
    for mark in marks {
        bench.shell(&format!("grep -rl {mark} . || echo nowhere")).stdout("nowhere").exit(0);
    }
}
