//! Steps that a person does by hand, at a terminal.

use serde_json::json;

use crate::harness::{Bench, Screen, agrees};

pub(crate) const KEY: &str = "
    holdpoint: 1
    id: keys
    title: Keys
    steps:
      - id: new-key
        why: The old one leaked.
        manual: |
          Create a key in the console.
          Revoke nothing yet.
        answers:
          key_id: {description: what the console calls it, pattern: 'k-[0-9]+', example: k-12}
          rows: {type: int, min: 1}
          size: {type: choice, choices: [small, large], default: large}
          hint: {optional: true}
        evidence: {ticket: {}, screen: {type: file}, load: {type: number, optional: true}}
      - id: use
        run: |
          echo ${{ steps.new_key.outputs.key_id }} ${{ steps.new_key.outputs.rows }} >> effects
          echo ${{ steps.new_key.outputs.size }} >> effects
";

/// What `screen.png` of the bench hashes to.
const DIGEST: &str = "3690bc42f7aa217812434597c728b3e74b05df88da62512e81755e03e3e1967d";

/// A runbook, and ann in front of it.
pub(crate) fn bench(text: &str) -> Bench {
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", text);
    bench.write("screen.png", "shown");
    bench
}

fn run(bench: &Bench) -> Screen<'_> {
    bench.at_terminal(["run", "book.yaml"])
}

/// The screen below its first lines, which name the machine, is as expected.
#[track_caller]
pub(crate) fn assert_shows(shown: &str, expected: &str) {
    let below = shown.split_once("\n\n").map(|(_, below)| below).unwrap_or_default();
    assert!(agrees(expected, below), "expected:\n{expected}\nfound:\n{below}");
}

const DONE: &str = "Is it done? y, or n when it cannot be done:";

/// Answers everything at the terminal, with mistakes; gives what stands on the screen in the end.
fn answer_everything(bench: &Bench) -> String {
    let mut screen = run(bench);
    screen.wait_for(DONE);
    screen.types("\r");
    screen.wait_for_another(DONE, 2);
    screen.types("y\r");
    screen.wait_for("What is key_id?:");
    screen.types("12\r");
    screen.wait_for_another("What is key_id?:", 2);
    screen.types("k-7\r");
    screen.wait_for("What is rows?:");
    screen.types("0\r");
    screen.wait_for_another("What is rows?", 2);
    screen.types("217\r");
    screen.wait_for("> large\n  small");
    screen.types("\r");
    screen.wait_for("What is hint? (Enter leaves it out):");
    screen.types("\r");
    screen.wait_for("Evidence: ticket:");
    screen.types("\r");
    screen.wait_for_another("Evidence: ticket:", 2);
    screen.types("OPS-1\r");
    screen.wait_for("Evidence: screen (the path of a file):");
    screen.types("none.png\r");
    screen.wait_for_another("Evidence: screen", 2);
    screen.types("screen.png\r");
    screen.wait_for("Evidence: load (a number; Enter leaves it out):");
    screen.types("1.5\r");
    screen.exit(0).replace(DIGEST, "[SHA]")
}

const ANSWERED: &str = "
            new-key is to be done by hand:
              The old one leaked.
                Create a key in the console.
                Revoke nothing yet.
              asked for when it is done: key_id, rows, size, hint, ticket, screen, load
            Is it done? y, or n when it cannot be done:
            error: type y or n, then Enter
            Is it done? y, or n when it cannot be done: y
              what the console calls it
              for example k-12
            What is key_id?: 12
            error: it does not match k-[0-9]+
            What is key_id?: k-7
              a whole number, at least 1
            What is rows?: 0
            error: it is less than 1
            What is rows?: 217
            What is size?:
            > large
            What is hint? (Enter leaves it out):
            Evidence: ticket:
            error: it is empty
            Evidence: ticket: OPS-1
            Evidence: screen (the path of a file): none.png
            error: there is no file [DIR]/none.png
            Evidence: screen (the path of a file): screen.png
            Evidence: load (a number; Enter leaves it out): 1.5
            [AT]  new-key  done by ann
                      | key_id: k-7
                      | rows: 217
                      | size: large
                      | load: 1.5
                      | screen: [DIR]/screen.png (6 bytes, SHA-256 [SHA])
                      | ticket: OPS-1
            [AT]  new-key  succeeded after [TIME]
            [AT]  use  started
                      | echo 'k-7' '217' >> effects
                      | echo 'large' >> effects
            [AT]  use  succeeded after [TIME]
            [AT]  run  unverified: no exit criteria are declared
            [AT]  run  succeeded

            unverified: succeeded after [TIME]
            timeline: [DIR]/state/runs/[RUN]/timeline.md
            head of the chain: [HASH]
";

#[test]
fn a_person_is_told_what_to_do_and_asked_for_what_came_of_it() {
    let bench = bench(KEY);
    assert_shows(&answer_everything(&bench), ANSWERED);
    assert_eq!(bench.effects(), ["k-7 217", "large"]);
}

#[test]
fn what_a_person_handed_in_is_on_record() {
    let bench = bench(KEY);
    answer_everything(&bench);
    let journal = bench.sound_journal();
    let answered = journal.about("step_answered", "new-key");
    let file = bench.path("screen.png").display().to_string();
    let expected = json!({
        "type": "step_answered",
        "step": "new-key",
        "by": "ann",
        "answers": {"key_id": "k-7", "rows": 217, "size": "large"},
        "evidence": {
            "load": {"type": "number", "number": 1.5},
            "screen": {"type": "file", "path": file, "bytes": 6, "sha256": DIGEST},
            "ticket": {"type": "text", "text": "OPS-1"},
        },
        "note": null,
        "is_prepared": false,
    });
    assert_eq!(answered, [&expected]);
}

pub(crate) const PLAIN: &str = "
    holdpoint: 1
    id: plain
    title: Plain
    steps:
      - {id: first, run: echo first >> effects}
      - {id: call, manual: Call the vendor., verify: [{probe: {file: called}}]}
      - {id: last, run: echo last >> effects}
";

#[test]
fn what_was_typed_before_a_person_was_asked_says_nothing() {
    let bench = bench(&PLAIN.replace(
        "run: echo first >> effects",
        "run: 'echo first >> effects; until [ -e go ]; do sleep 0.02; done'",
    ));
    let mut screen = run(&bench);
    screen.wait_for("first  started");
    screen.types("y\ry\r");
    bench.write("go", "");
    screen.wait_for(DONE);
    screen.types("x\r");
    screen.wait_for_another(DONE, 2);
    screen.types("\x03");
    screen.exit(130);
    assert_eq!(bench.state_of("call"), "running");
    assert_eq!(bench.sound_journal().count("step_answered", "call"), 0);
}

#[test]
fn a_question_that_was_left_in_the_middle_is_asked_again_from_its_beginning() {
    let bench = bench(KEY);
    let mut screen = run(&bench);
    screen.wait_for(DONE);
    screen.types("y\r");
    screen.wait_for("What is key_id?:");
    screen.types("k-7\r");
    screen.wait_for("What is rows?");
    screen.types("\x04");
    let shown = screen.exit(5);
    assert!(
        shown.contains("\n  new-key is to be done by hand: Create a key in the console.\n"),
        "{shown}"
    );
    assert_eq!(bench.state_of("new-key"), "running");
    assert_eq!(bench.status()["steps"][0]["attempts"], 1);

    let mut screen = bench.at_terminal(["resume"]);
    screen.wait_for(DONE);
    screen.types("y\r");
    screen.wait_for("What is key_id?:");
    screen.types("\x03");
    screen.exit(130);
    let journal = bench.sound_journal();
    assert_eq!(journal.events("question_asked").len(), 2);
    assert_eq!(journal.count("process_sought", "new-key"), 0, "it was never in doubt");
    assert_eq!(bench.status()["steps"][0]["attempts"], 1);
}

#[test]
fn what_cannot_be_done_holds_the_step_with_the_reason() {
    let bench = bench(PLAIN);
    let mut screen = run(&bench);
    screen.wait_for(DONE);
    screen.types("n\r");
    screen.wait_for("What stands in the way");
    screen.types("nobody answers\r");
    screen.wait_for("call failed: ann says that it cannot be done: nobody answers");
    screen.wait_for("Choose what to do");
    bench.write("called", "");
    screen.decides("r", "they called back");
    screen.wait_for_another(DONE, 2);
    screen.types("y\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["first", "last"]);
    assert_eq!(bench.status()["steps"][1]["attempts"], 2);
    bench.sound_journal();
}
