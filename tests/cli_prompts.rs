//! What a person at a terminal is told before they decide, and how a key or a search answers.

use crate::harness::{Bench, Screen};

/// A runbook, and ann in front of it.
fn bench(text: &str) -> Bench {
    Bench::new().env("USER", "ann").runbook("book.yaml", text)
}

fn run(bench: &Bench) -> Screen<'_> {
    bench.at_terminal(["run", "book.yaml"])
}

const LADDER: &str = "
    holdpoint: 1
    id: ladder
    title: Ladder
    preconditions: [{title: the disk has room, probe: {file: .}}]
    steps:
      - {id: stop, run: echo stop >> effects, undo: {run: echo start >> effects}}
      - id: back
        title: Bring it back
        ladder:
          - id: restart
            title: Restart it
            on_failure: hold
            run: seq 1 12; echo 'no space left' >&2; exit 3
          - {id: rebuild, title: Build it anew, run: echo rebuild >> effects}
      - {id: drop, destructive: true, run: echo drop >> effects}
";

#[test]
fn a_held_rung_shows_what_it_printed_what_is_known_and_what_is_advised() {
    let bench = bench(LADDER);
    let mut screen = run(&bench);
    screen.wait_for("[u]ndo  [?] what each means");
    for part in [
        "back/restart failed: exit 3, expected 0\n  Restart it\n    seq 1 12; echo",
        "  the last that it printed:\n    | 4\n    | 5\n",
        "    | 12\n    | no space left\n  all of it: holdpoint show back/restart\n",
        "  known of the system:\n    holds   [AT]  the disk has room\n",
        "> f  failed  the next rung is tried: Build it anew\n             advised: there is another way: Build it anew\n",
        "  s  skip    the next rung is tried: Build it anew\n",
        "  u  undo    take back stop, and end the run\n",
    ] {
        screen.wait_for(part);
    }
    screen.decides("f", "no room");
    screen.exit(0);
    assert_eq!(bench.effects(), ["stop", "rebuild", "drop"]);
    bench.sound_journal();
}

#[test]
fn keys_that_are_pasted_decide_nothing_about_a_held_step() {
    let bench = bench(LADDER);
    let mut screen = run(&bench);
    screen.wait_for("[?] what each means");
    screen.types("failed\r");
    screen.wait_for("several keys at once are no answer: press one of r d f s a u or ?");
    screen.types("x");
    screen.wait_for("`x` is none of them: press one of r d f s a u or ?");
    screen.types_bytes(b"\xff");
    screen.wait_for("that key says nothing here");
    assert_eq!(bench.state_of("back/restart"), "held");
    screen.types("\x03");
    screen.exit(130);
    assert_eq!(bench.state_of("back/restart"), "held");
    bench.sound_journal();
}

const GATED: &str = "
    holdpoint: 1
    id: gated
    title: Gated
    steps:
      - id: drop
        title: Drop the volume
        destructive: true
        gate: {ask: Everything will be gone., word: volume, expires: 1h}
        run: echo drop >> effects
        undo: {none: the data is gone}
        on_failure: abort
";

#[test]
fn a_gate_says_what_happens_if_it_fails_and_that_there_is_no_way_back() {
    let bench = bench(GATED);
    let mut screen = run(&bench);
    screen.wait_for("Type volume to go on, or no to refuse:");
    for part in [
        "drop: Everything will be gone.\n    echo drop >> effects\n  if it fails: the run ends\n",
        "  THERE IS NO WAY BACK: the data is gone\n  it can be answered until [AT] UTC\n",
    ] {
        screen.wait_for(part);
    }
    screen.types("volume\r");
    screen.exit(0);
}

#[test]
fn wrong_words_and_the_time_of_an_answer_are_on_record_and_on_the_timeline() {
    let bench = bench(GATED);
    let mut screen = run(&bench);
    screen.wait_for("Type volume to go on, or no to refuse:");
    for (number, word) in ["Volume", "yes", "y"].into_iter().enumerate() {
        screen.types(&format!("{word}\r"));
        screen.wait_for(&format!("(wrong word {})", number + 1));
        screen.wait_for_another("Type volume to go on, or no to refuse:", number + 2);
    }
    screen.types("volume\r");
    let shown = screen.exit(0);
    assert!(shown.contains("approved by ann (name as given), after 3 wrong words"), "{shown}");
    let journal = bench.sound_journal();
    let approved = journal.about("gate_approved", "drop");
    assert_eq!(approved[0]["wrong_words"], 3);
    assert!(approved[0]["took_ms"].is_u64(), "{approved:?}");
}

const MANY: &str = "
    holdpoint: 1
    id: many
    title: Many
    inputs:
      backup:
        type: string
        description: The dump to load.
        prompt: Which backup?
        pattern: '[a-z0-9-]+'
        choices_from: seq -f 'd-%04.0f' 1 9000
      count: {type: int, min: 1, max: 5, example: 3, prompt: 'How many?'}
    steps:
      - {id: one, run: 'echo ${{ inputs.backup }} ${{ inputs.count }} >> effects'}
";

#[test]
fn a_long_list_is_searched_and_an_input_says_what_it_must_be() {
    let bench = bench(MANY);
    let mut screen = run(&bench);
    screen.wait_for("  The dump to load.\nWhich backup?:\n");
    screen.wait_for("9000 to choose from; type to search");
    screen.types("D- 888");
    screen.wait_for("search: D- 888  18 of 9000");
    screen.wait_for("> d-0888");
    screen.types("\x1b[B");
    screen.wait_for("> d-1888");
    screen.types("\r");
    screen.wait_for("  a whole number, from 1 to 5; for example 3\nHow many?:");
    screen.types("9\r");
    screen.wait_for("error: it is not between 1 and 5");
    screen.wait_for_another("How many?:", 2);
    screen.types("4\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["d-1888 4"]);
}

#[test]
fn a_value_that_no_command_listed_can_be_typed() {
    let bench = bench(MANY);
    let mut screen = run(&bench);
    screen.wait_for("9000 to choose from; type to search");
    screen.types("mine");
    screen.wait_for("search: mine  nothing matches; Esc clears it");
    screen.wait_for("  (type it yourself)");
    screen.types("\x1b[B");
    screen.wait_for("> (type it yourself)");
    screen.types("\r");
    screen.wait_for_another("Which backup?:", 2);
    screen.types("Mine\r");
    screen.wait_for("error: it does not match [a-z0-9-]+");
    screen.wait_for_another("Which backup?:", 3);
    screen.types("mine\r");
    screen.wait_for("How many?:");
    screen.types("1\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["mine 1"]);
}

#[test]
fn a_search_that_is_broken_off_leaves_the_terminal_as_it_was() {
    for (keys, code) in [("d-1\x03", 130), ("d-1\x04", 5)] {
        let bench = bench(MANY);
        let mut screen = run(&bench);
        screen.wait_for("9000 to choose from; type to search");
        screen.types(keys);
        screen.exit(code);
    }
}

const PLAIN: &str = "
    holdpoint: 1
    id: fails
    title: Fails
    steps:
      - {id: first, run: echo first >> effects; test -e mended}
      - {id: second, run: echo second >> effects}
";

#[test]
fn a_dumb_terminal_takes_a_letter_and_enter() {
    let bench = bench(PLAIN).env("TERM", "dumb");
    let mut screen = run(&bench);
    screen.wait_for("[r]etry  [d]one  [f]ailed  [s]kip  [a]bort  [?] what each means");
    screen.wait_for("Key, then Enter:");
    screen.types("\r");
    screen.wait_for("error: an empty answer is none");
    screen.wait_for_another("Key, then Enter:", 2);
    screen.types("s\r");
    screen.wait_for("Reason");
    screen.types("x\r");
    screen.exit(8);
    assert_eq!(bench.effects(), ["first", "second"]);
}
