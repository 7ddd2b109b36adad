//! The deputy at a real terminal: what it says is seen though a question is open, and it rings.

use crate::harness::{Bench, Screen, eventually};

/// The RTO is spent when the run begins.
const SPENT: [&str; 4] = ["run", "book.yaml", "--detected-at", "2020-01-01T00:00:00Z"];

const GATED: &str = "
    holdpoint: 1
    id: gated
    title: Behind a gate
    objectives: {rto: 2s}
    steps:
      - {id: drop, gate: {ask: All is gone., word: volume}, run: echo drop >> effects}
";

const ASKS: &str = "Type volume to go on, or no to refuse";

fn bench() -> Bench {
    Bench::new().env("USER", "ann").runbook("book.yaml", GATED)
}

/// How much of the RTO was spent, each time that was told. Of moments that have come together only
/// the last is.
fn told(bench: &Bench) -> Vec<u64> {
    let journal = bench.journal_so_far();
    let spent = |event: &&serde_json::Value| event["reminder"]["spent"].as_u64();
    journal.events("reminded").iter().filter_map(spent).collect()
}

/// A run whose RTO is spent while its gate waits, with all that is shown and rung because of that: the
/// question is put anew after it.
#[track_caller]
fn reminded(bench: &Bench) -> Screen<'_> {
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for(ASKS);
    eventually("all of the RTO is spent", || told(bench).last() == Some(&100));
    screen.wait_for_another(ASKS, 1 + told(bench).len());
    screen
}

#[test]
fn a_reminder_is_seen_at_once_and_the_open_question_is_put_anew_below_it() {
    let bench = bench();
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for(ASKS);
    screen.types("vol");
    screen.wait_for("the RTO of 2s is spent, since");
    screen.wait_for_another(ASKS, 1 + told(&bench).len());
    let shown = screen.shown();
    let last = shown.lines().last().unwrap_or_default();
    assert!(last.starts_with(ASKS), "the question stands below:\n{shown}");
    assert_eq!(bench.effects(), Vec::<String>::new());
    screen.types("volume\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["drop"]);
    bench.sound_journal();
    let told = told(&bench);
    assert_eq!(told.last(), Some(&100), "{told:?}");
    assert!(told.is_sorted_by(|one, other| one < other), "each is told once: {told:?}");
}

#[test]
fn a_menu_is_put_anew_below_a_reminder_with_all_that_can_be_chosen() {
    let bench = Bench::new().env("USER", "ann").runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: held
        title: Held
        objectives: {rto: 2s}
        steps: [{id: a, run: exit 7}]
        ",
    );
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("[f]ailed");
    screen.wait_for("the RTO of 2s is spent, since");
    screen.wait_for_another("Choose what to do", 1 + told(&bench).len());
    screen.wait_for_another("[s]kip", 1 + told(&bench).len());
    let shown = screen.shown();
    let below = shown.rsplit("the RTO of 2s is spent").next().unwrap_or_default();
    assert!(below.contains("[f]ailed"), "{shown}");
    screen.decides("f", "it is over");
    screen.exit(1);
}

#[test]
fn a_time_box_that_is_over_is_seen_though_a_gate_inside_it_waits() {
    let bench = Bench::new().env("USER", "ann").runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: boxed
        title: Boxed
        steps:
          - {id: p, budget: 1s, steps: [{id: a, gate: true, run: echo a >> effects}]}
        ",
    );
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("Go on?");
    screen.wait_for("its budget of 1s is over");
    screen.wait_for_another("Go on?", 2);
    screen.types("y\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["a"]);
}

#[test]
fn a_reminder_rings_and_is_handed_to_a_terminal_that_shows_notifications() {
    let bench = bench().env("TERM_PROGRAM", "iTerm.app");
    let screen = reminded(&bench);
    let written = screen.written();
    let told = told(&bench);
    let count = |call: &str| written.matches(call).count();
    assert_eq!(count("\x07\x1b]9;gated: "), told.len(), "{told:?}: {written:?}");
    let late = usize::from(told.contains(&75));
    let call = "\x07\x1b]9;gated: 75 % of the RTO of 2s is spent: ";
    assert_eq!(count(call), late, "{told:?}: {written:?}");
}

#[test]
fn a_terminal_that_nothing_is_known_of_hears_the_bell_alone() {
    let bench = bench();
    let screen = reminded(&bench);
    let written = screen.written();
    assert!(written.contains('\x07'), "{written:?}");
    assert!(!written.contains("\x1b]"), "{written:?}");
}

#[test]
fn nothing_rings_where_that_is_not_wanted() {
    for (name, value) in [("HOLDPOINT_NO_BELL", "1"), ("TERM", "dumb")] {
        let bench = bench().env("TERM_PROGRAM", "iTerm.app").env(name, value);
        let screen = reminded(&bench);
        let written = screen.written();
        assert!(!written.contains('\x07'), "{name}: {written:?}");
    }
}

#[test]
fn in_a_pipe_the_reminder_is_a_line_and_keeps_no_run_from_being_left() {
    let bench = bench();
    let printed = bench.args(SPENT).stdout_contains("run  the RTO of 2s is spent, since 00:00 UTC");
    let printed = printed.exit(5);
    assert!(!printed.stdout.contains('\x07') && !printed.stderr.contains('\x07'));
    assert_eq!(bench.sound_journal().events("reminded").len(), 1);
}
