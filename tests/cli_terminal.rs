//! A person at a real terminal: what they are asked, what opens a gate, and what never does.

use crate::harness::{Bench, Screen, agrees, unhurried};

const GATED: &str = "
    holdpoint: 1
    id: gated
    title: Behind a gate
    steps:
      - {id: before, run: echo before >> effects}
      - id: drop
        gate: {ask: Everything will be gone., word: volume}
        run: echo drop >> effects
      - {id: after, run: echo after >> effects}
";

const ASKS: &str = "Type volume to go on, or no to refuse: ";

/// A runbook, and ann in front of it.
fn bench(text: &str) -> Bench {
    Bench::new().env("USER", "ann").runbook("book.yaml", text)
}

fn run(bench: &Bench) -> Screen<'_> {
    bench.at_terminal(["run", "book.yaml"])
}

#[track_caller]
fn at_the_gate(bench: &Bench) -> Screen<'_> {
    let mut screen = run(bench);
    screen.wait_for(ASKS.trim_end());
    screen
}

/// The screen below its first lines, which tell the mark and the machine, is as expected.
#[track_caller]
fn assert_shows(shown: &str, expected: &str) {
    let below = shown.splitn(3, '\n').nth(2).unwrap_or_default();
    let below = unhurried(below);
    assert!(agrees(expected, &below), "expected:\n{expected}\nfound:\n{below}");
}

#[track_caller]
fn assert_still_shut(bench: &Bench) {
    assert_eq!(bench.effects(), ["before"]);
    assert_eq!(bench.state_of("drop"), "at_gate");
    assert_eq!(bench.sound_journal().count("step_started", "drop"), 0);
}

#[test]
fn a_gate_asks_until_its_word_is_typed() {
    let bench = bench(GATED);
    let mut screen = at_the_gate(&bench);
    screen.types("volumes\r");
    screen.wait_for_another(ASKS.trim_end(), 2);
    screen.types("\r");
    screen.wait_for_another(ASKS.trim_end(), 3);
    screen.types("y\r");
    screen.wait_for_another(ASKS.trim_end(), 4);
    screen.types("volume\r");
    assert_shows(
        &screen.exit(0),
        "
            [AT]  before  started
                      | echo before >> effects
            [AT]  before  succeeded after [TIME]

            drop: Everything will be gone.
                echo drop >> effects
              if it fails: nothing new begins, and you are asked what to do
              the runbook names no way back
              this session's mark: [MARK], head of the chain: [HASH]
            Type volume to go on, or no to refuse: volumes
            error: that is neither volume nor no (wrong word 1)
            Type volume to go on, or no to refuse:
            error: an empty answer is none
            Type volume to go on, or no to refuse: y
            error: that is neither volume nor no (wrong word 2)
            Type volume to go on, or no to refuse: volume
            [AT]  drop  approved by ann (name as given), after 2 wrong words
            [AT]  drop  started
                      | echo drop >> effects
            [AT]  drop  succeeded after [TIME]
            [AT]  after  started
                      | echo after >> effects
            [AT]  after  succeeded after [TIME]
            [AT]  run  unverified: no exit criteria are declared
            [AT]  run  succeeded

            unverified: succeeded after [TIME]
            timeline: [DIR]/state/runs/[RUN]/timeline.md
            head of the chain: [HASH]
        ",
    );
    assert_eq!(bench.effects(), ["before", "drop", "after"]);
    bench.sound_journal();
}

#[test]
fn what_was_typed_before_the_question_answers_nothing() {
    let bench = bench(&GATED.replace(
        "run: echo before >> effects",
        "run: 'echo before >> effects; until [ -e go ]; do sleep 0.02; done'",
    ));
    let mut screen = run(&bench);
    screen.wait_for("before  started");
    screen.types("volume\rvolume\r");
    bench.write("go", "");
    screen.wait_for(ASKS.trim_end());
    screen.types("other\r");
    screen.wait_for("error: that is neither volume nor no");
    screen.wait_for_another(ASKS.trim_end(), 2);
    screen.types("\x03");
    screen.exit(130);
    assert_still_shut(&bench);
}

#[test]
fn enter_alone_is_no() {
    let text = GATED.replace("{ask: Everything will be gone., word: volume}", "true");
    let bench = bench(&text);
    let mut screen = run(&bench);
    screen.wait_for("Go on? [y/N]");
    screen.types("\r");
    screen.wait_for("Reason for the refusal");
    screen.types("\r");
    screen.wait_for("error: a reason is needed: it goes into the timeline");
    screen.wait_for_another("Reason for the refusal", 2);
    screen.types("\x03");
    screen.exit(130);
    assert_still_shut(&bench);
}

#[test]
fn a_refusal_asks_why_and_what_now() {
    let bench = bench(GATED);
    let mut screen = at_the_gate(&bench);
    screen.types("no\r");
    screen.wait_for("Reason for the refusal");
    screen.types("the wrong volume\r");
    screen.wait_for("Choose what to do");
    assert_eq!(bench.state_of("drop"), "held");
    screen.types("a");
    screen.wait_for("Choose what to do: abort");
    screen.wait_for("Reason:");
    screen.types("ask the lead first\r");
    let shown = screen.exit(4);
    assert!(shown.contains("drop  refused by ann: the wrong volume (name as given)"), "{shown}");
    assert!(shown.contains("aborted: by ann: ask the lead first\n"), "{shown}");
    assert_eq!(bench.effects(), ["before"]);
    assert_eq!(bench.state_of("after"), "not_reached");
    bench.sound_journal();
}

#[test]
fn only_an_approver_opens_a_gate_that_names_some() {
    let bench = bench(&GATED.replace("word: volume", "word: volume, approvers: [dba, lead]"));
    let mut screen = at_the_gate(&bench);
    screen.types("volume\r");
    screen.wait_for("Who approves this? (one of: dba, lead)");
    screen.types("ann\r");
    screen.wait_for("error: ann may not approve it; dba, lead may");
    screen.wait_for_another("Who approves this?", 2);
    screen.types("lead\r");
    let shown = screen.exit(0);
    assert!(shown.contains("drop  approved by lead (name as given)"), "{shown}");
}

#[test]
fn a_run_left_at_its_gate_is_asked_again_when_it_is_resumed() {
    let bench = bench(GATED);
    let mut screen = at_the_gate(&bench);
    screen.types("vol\x03");
    let shown = screen.exit(130);
    assert!(shown.contains("\nstopped: the run is open and can go on\n"), "{shown}");
    assert!(shown.contains("\ngo on with: holdpoint resume [RUN]\n"), "{shown}");
    assert_still_shut(&bench);

    let mut screen = bench.at_terminal(["resume"]);
    screen.wait_for(ASKS.trim_end());
    screen.types("\x04");
    let shown = screen.exit(5);
    assert!(shown.contains("\nthe run waits for a person\n"), "{shown}");
    assert_still_shut(&bench);

    let mut screen = bench.at_terminal(["resume"]);
    screen.wait_for(ASKS.trim_end());
    screen.types("volume\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["before", "drop", "after"]);
    bench.sound_journal();
}

#[test]
fn a_prepared_word_that_is_wrong_leaves_the_question_to_the_person() {
    let bench = bench(GATED).file("answers.yaml", "drop: {word: volumes}");
    let mut screen = bench.at_terminal(["run", "book.yaml", "--answers", "answers.yaml"]);
    screen.wait_for("the prepared answer passes nothing: its word is wrong");
    screen.wait_for(ASKS.trim_end());
    screen.types("volume\r");
    let shown = screen.exit(0);
    assert!(shown.contains("drop  approved by ann (name as given)"), "{shown}");
}

#[test]
fn without_being_asked_nothing_is_asked_at_a_terminal() {
    for way in ["--non-interactive", "CI"] {
        let bench = if way == "CI" { bench(GATED).env("CI", "true") } else { bench(GATED) };
        let args = ["run", "book.yaml", "--non-interactive"];
        let screen = bench.at_terminal(args.into_iter().take(if way == "CI" { 2 } else { 3 }));
        let shown = screen.exit(5);
        assert!(!shown.contains("Type volume"), "{shown}");
        assert_still_shut(&bench);
    }
}

#[test]
fn lines_wait_while_a_question_is_open() {
    let bench = bench(
        "
            holdpoint: 1
            id: wide
            title: Wide
            steps:
              - {id: talks, needs: [], run: 'until [ -e go ]; do sleep 0.02; done; echo talking'}
              - {id: asks, needs: [], gate: {word: volume}, run: 'true'}
        ",
    );
    let mut screen = at_the_gate(&bench);
    screen.types("vol");
    screen.wait_for("refuse: vol");
    bench.write("go", "");
    crate::harness::eventually("it has talked", || {
        bench.journal().count("step_succeeded", "talks") == 1
    });
    assert!(!screen.shown().contains("> talking"), "{}", screen.shown());
    screen.types("ume\r");
    let shown = screen.exit(0);
    let typed = shown.find("refuse: volume\n").expect("the line was left as it was typed");
    assert!(shown.find("> talking\n").is_some_and(|talked| talked > typed), "{shown}");
}

const FAILS: &str = "
    holdpoint: 1
    id: fails
    title: Fails
    steps:
      - {id: first, run: echo first >> effects; test -e mended}
      - {id: second, run: echo second >> effects}
";

/// What stands on the screen once a step was tried again, and then skipped.
const TRIED_AND_SKIPPED: &str = "
            [AT]  first  started
                      | echo first >> effects; test -e mended
            [AT]  first  exited with 1 after [TIME]
            [AT]  first  failed and is held: exit 1, expected 0

            first failed: exit 1, expected 0
                echo first >> effects; test -e mended
              r  retry   twice may do harm: look first at what it did
              d  done    you have done it by hand: what needs it goes on
              f  failed  1 step is not reached: second
              s  skip    1 step goes on without it: second
              a  abort   the run ends; what was done stays done
              this session's mark: [MARK], head of the chain: [HASH]
            Choose what to do: retry
            Reason: once more
            [AT]  first  to be tried again, decided by ann: once more
            [AT]  first  started, attempt 2
                      | echo first >> effects; test -e mended
            [AT]  first  exited with 1 after [TIME]
            [AT]  first  failed and is held: exit 1, expected 0

            first failed: exit 1, expected 0
              attempt 2
                echo first >> effects; test -e mended
              r  retry   twice may do harm: look first at what it did
              d  done    you have done it by hand: what needs it goes on
              f  failed  1 step is not reached: second
              s  skip    1 step goes on without it: second
              a  abort   the run ends; what was done stays done
              this session's mark: [MARK], head of the chain: [HASH]
            Choose what to do: skip
            Reason: not needed today
            [AT]  first  skipped by ann: not needed today
            [AT]  second  started
                      | echo second >> effects
            [AT]  second  succeeded after [TIME]
            [AT]  run  unverified: no exit criteria are declared
            [AT]  run  succeeded with exceptions

            unverified: succeeded with exceptions after [TIME]
            timeline: [DIR]/state/runs/[RUN]/timeline.md
            head of the chain: [HASH]
        ";

#[test]
fn a_failed_step_is_tried_again_or_skipped_with_a_reason() {
    let bench = bench(FAILS);
    let mut screen = run(&bench);
    screen.wait_for("[?] what each means");
    screen.decides("r", "once more");
    screen.wait_for("first  started, attempt 2");
    screen.wait_for("[?] what each means");
    screen.types("s");
    screen.wait_for("Choose what to do: skip");
    screen.wait_for_another("Reason", 2);
    screen.types("not needed today\r");
    assert_shows(&screen.exit(8), TRIED_AND_SKIPPED);
    assert_eq!(bench.effects(), ["first", "first", "second"]);
    bench.sound_journal();
}

#[test]
fn a_menu_that_is_left_leaves_the_step_held() {
    for (keys, code) in [("\x03", 130), ("\x04", 5)] {
        let bench = bench(FAILS);
        let mut screen = run(&bench);
        screen.wait_for("Choose what to do");
        assert!(!screen.has_cursor(), "a menu hides the cursor");
        screen.types(keys);
        screen.exit(code);
        assert_eq!(bench.state_of("first"), "held");
        assert_eq!(bench.effects(), ["first"]);
        bench.sound_journal();
    }
}

#[test]
fn a_step_in_doubt_is_put_to_the_person_who_resumes() {
    let bench = bench(
        "
            holdpoint: 1
            id: long
            title: Long
            steps:
              - {id: load, run: 'echo load >> effects; until [ -e go ]; do sleep 0.02; done'}
        ",
    );
    let mut driver = bench.args(["run", "book.yaml"]).start();
    driver.wait_for("step_spawned", "load");
    driver.kill_with_keeper();
    let mut screen = bench.at_terminal(["resume"]);
    screen.wait_for("load: its process [PID] still runs; waiting for it");
    bench.write("go", "");
    screen.wait_for("load is in doubt: it was started, and how it ended is not known.");
    screen.wait_for("Look at the system. What is true?");
    screen.wait_for("  3 it failed");
    screen.types("\r");
    screen.wait_for("press the number of an item, or move the mark and press Enter");
    screen.types("1");
    screen.wait_for("What shows it");
    screen.types("the table is full\r");
    let shown = screen.exit(0);
    assert!(shown.contains("counted as done by ann: the table is full\n"), "{shown}");
    assert_eq!(bench.effects(), ["load"]);
    bench.sound_journal();
}

#[test]
fn inputs_are_asked_for_checked_and_never_asked_again() {
    let bench = bench(
        "
            holdpoint: 1
            id: asks
            title: Asks
            inputs:
              count: {type: int, min: 1, max: 5, prompt: 'How many?'}
              size: {type: choice, choices: [small, large]}
              backup: {type: path, choices_from: printf 'b.sql\\na.sql\\n', prompt: 'Which backup?'}
              word: {type: string, late: true}
              given: {type: string, prompt: 'Never asked?'}
            steps:
              - {id: one, run: 'echo ${{ inputs.count }} ${{ inputs.size }} ${{ inputs.backup }} >> effects'}
              - {id: two, run: 'echo ${{ inputs.word }} ${{ inputs.count }} >> effects'}
        ",
    );
    let mut screen = bench.at_terminal(["run", "book.yaml", "--input", "given=x"]);
    screen.wait_for("How many?");
    for (typed, said, asked) in [
        ("9", "error: it is not between 1 and 5", 2),
        ("many", "error: `many` is not a whole number", 3),
        ("", "error: `` is not a whole number", 4),
    ] {
        screen.types(&format!("{typed}\r"));
        screen.wait_for(said);
        screen.wait_for_another("How many?", asked);
    }
    screen.types("4\r");
    screen.wait_for("  large");
    screen.types("\r");
    screen.wait_for("mark one first: type, or move the mark");
    screen.types("\x1b[B\x1b[B\r");
    screen.wait_for("Which backup?");
    screen.wait_for("  b.sql\n  a.sql\n  (type it yourself)");
    screen.types("\x1b[B\x1b[B\r");
    screen.wait_for("one  succeeded");
    screen.wait_for("What is word?");
    assert_eq!(bench.effects(), ["4 large a.sql"], "what is late is asked when it is needed");
    screen.types("now\r");
    let shown = screen.exit(0);
    assert!(!shown.contains("Never asked?"), "{shown}");
    assert_eq!(bench.effects(), ["4 large a.sql", "now 4"]);
}

#[test]
fn a_secret_is_typed_unseen_and_kept_nowhere() {
    let bench = bench(
        "
            holdpoint: 1
            id: secret
            title: Secret
            inputs: {password: {type: string, secret: true, prompt: 'Password?'}}
            steps:
              - {id: one, run: 'echo \"got $P\"', env: {P: '${{ inputs.password }}'}}
        ",
    );
    let mut screen = run(&bench);
    screen.wait_for("Password?");
    screen.types("\r");
    screen.wait_for("error: it is empty");
    screen.wait_for_another("Password?", 2);
    screen.types("hunter2hunter2\r");
    screen.wait_for("> got ***");
    let shown = screen.exit(0);
    assert!(!shown.contains("hunter"), "{shown}");
    bench.shell("grep -r hunter state || echo none").stdout("none").exit(0);
}

#[test]
fn a_check_that_does_not_hold_is_waived_with_a_reason_or_nothing_begins() {
    let text = "
        holdpoint: 1
        id: checks
        title: Checks
        preconditions: [{id: room, title: there is room, probe: {file: room}}]
        steps: [{id: one, run: echo one >> effects}]
    ";
    let refused = bench(text);
    let mut screen = run(&refused);
    screen.wait_for("Go on all the same? [y/N]");
    screen.types("\r");
    screen.exit(3);
    assert!(refused.effects().is_empty());

    let waived = bench(text);
    let mut screen = run(&waived);
    screen.wait_for("Go on all the same? [y/N]");
    screen.types("yes\r");
    screen.wait_for("Reason");
    screen.types("the other disk has some\r");
    let shown = screen.exit(8);
    assert!(shown.contains("waived by ann: the other disk has some\n"), "{shown}");
    assert_eq!(waived.effects(), ["one"]);
}

#[test]
fn a_verdict_that_is_not_recovered_may_be_looked_at_again() {
    let bench = bench(
        "
            holdpoint: 1
            id: verdict
            title: Verdict
            steps: [{id: one, run: echo one >> effects}]
            exit_criteria: [{title: all is well, probe: {file: well}}]
        ",
    );
    let mut screen = run(&bench);
    screen.wait_for("  2 end the run as not recovered");
    bench.write("well", "");
    screen.types("1");
    screen.wait_for("Reason");
    screen.types("it takes a minute\r");
    let shown = screen.exit(0);
    assert!(shown.contains("\nrecovered: succeeded after "), "{shown}");
    assert_eq!(bench.effects(), ["one"]);
    bench.sound_journal();
}

#[test]
fn what_a_step_prints_cannot_act_on_the_terminal() {
    let bench = bench(
        "
            holdpoint: 1
            id: noise
            title: \"Noise \\e[31m\"
            steps:
              - {id: one, run: \"printf '\\\\033[2J\\\\033[31mred\\\\007\\\\rvolume\\\\n'\"}
              - {id: drop, gate: {ask: \"${{ steps.one.stdout }}\", word: volume}, run: 'true'}
        ",
    );
    let mut screen = at_the_gate(&bench);
    let shown = screen.shown();
    assert!(shown.contains(r"> \x1b[2J\x1b[31mred\x07\x0dvolume"), "{shown}");
    assert!(shown.contains(r"drop: \x1b[2J\x1b[31mred\x07\x0dvolume"), "{shown}");
    screen.types("volume\r");
    screen.exit(0);
}
