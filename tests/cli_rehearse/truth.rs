//! A rehearsal says nothing that is not so: who said what, what was seen, and what time it takes.

use crate::harness::Bench;

/// The screen of a rehearsal where nobody is there.
fn printed(text: &str, args: &[&str]) -> String {
    let bench = Bench::new().env("USER", "ann").runbook("it.yaml", text);
    let args = ["rehearse", "it.yaml"].iter().chain(args).copied();
    bench.args(args).stdout_contains("").exit(0).stdout
}

fn assert_says(printed: &str, lines: &[&str]) {
    for line in lines {
        assert!(printed.contains(line), "{line}\n{printed}");
    }
}

const LOST: &str = "
    holdpoint: 1
    id: it
    title: It
    objectives: {rto: 30m}
    steps:
      - id: load
        run: ./load
        simulate: {takes: 5m}
        verify: [{id: back, title: it is back, probe: {run: 'false', within: 8m}}]
    exit_criteria: [{id: well, title: all is well, probe: {run: 'false', hold_for: 3m}}]
";

#[test]
fn what_is_not_restored_keeps_no_promise() {
    let printed = printed(LOST, &["--assume", "well=fails"]);
    assert_says(&printed, &["RTO 30 m 0 s: it is not kept: service is not restored"]);
}

#[test]
fn a_look_in_vain_and_one_that_must_hold_take_their_time() {
    assert_says(&printed(LOST, &[]), &["  8 m 0 s until the exit criteria\n"]);
    // The five minutes of the load, and the eight of a verification in vain.
    let printed = printed(LOST, &["--assume", "back=fails"]);
    let minute = |line: &str| {
        let at = printed.lines().find(|it| it.contains(line)).expect("it is told");
        at[3..5].parse::<u32>().expect("it begins with its time")
    };
    let (began, held) = (minute("REHEARSAL started"), minute("failed and is held"));
    assert_eq!((held + 60 - began) % 60, 13, "{printed}");
}

#[test]
fn what_was_said_to_fail_and_is_seen_to_fail_fails() {
    let printed = printed(LOST, &["--observe", "--assume", "well=fails"]);
    assert_says(
        &printed,
        &[
            "  observed        exit criterion \"all is well\"  does not hold",
            "as assumed, the run would have failed (not recovered)",
        ],
    );
}

#[test]
fn a_watch_that_is_looked_at_once_takes_as_long_as_it_would() {
    let text = "
        holdpoint: 1
        id: it
        title: It
        objectives: {rto: 5m}
        steps: [{id: quiet, watch: {for: 10m, every: 1m, probe: {run: 'true'}}}]
        exit_criteria: [{probe: {run: 'true'}}]
    ";
    assert_says(
        &printed(text, &["--observe"]),
        &[
            "RTO 5 m 0 s: it is BROKEN",
            "quiet: looked at once, where a live run looks for 10 m 0 s",
        ],
    );
}

#[test]
fn an_output_that_is_a_secret_is_there_and_has_no_value() {
    let text = "
        holdpoint: 1
        id: it
        title: It
        steps:
          - {id: make, run: ./make, outputs: {key: {from: stdout, secret: true}}}
          - {id: post, http: {method: POST, url: 'http://x.invalid'}, expect: {status: 201}}
          - {id: use, when: steps.post.outputs.status == 201, env: {KEY: \"${{ steps.make.outputs.key }}\"}, run: ./use}
          - {id: say, when: run.mode == \"live\", run: echo live}
    ";
    let printed = printed(text, &[]);
    assert_says(
        &printed,
        &[
            "make  assumed: succeeded",
            "use  assumed: succeeded",
            "say  assumed: succeeded",
            "as assumed, the run would have succeeded",
        ],
    );
}

#[test]
fn what_is_never_come_to_and_a_prepared_answer_that_passes_nothing_are_told() {
    let text = "
        holdpoint: 1
        id: it
        title: It
        steps:
          - {id: first, ladder: [{id: one, run: ./one}, {id: two, run: ./two}]}
          - {id: drop, gate: {ask: Drop it?, word: orders}, run: ./drop}
    ";
    let bench = Bench::new().env("USER", "ann").runbook("it.yaml", text);
    bench.write("answers.yaml", "drop: {word: order}\n");
    let args = ["rehearse", "it.yaml", "--answers", "answers.yaml", "--assume", "two=fails"];
    let printed = bench.args(args).stdout_contains("").exit(0).stdout;
    assert_says(
        &printed,
        &[
            "  first/two: the rehearsal never came to what is assumed of it\n",
            "  drop: the prepared answer passes nothing: ",
        ],
    );
}

#[test]
fn what_a_person_leaves_was_not_observed_and_nobody_is_sent_to_resume() {
    let text = "{holdpoint: 1, id: it, title: It, steps: [{id: stop, run: ./stop}]}";
    let bench = Bench::new().env("USER", "ann").runbook("it.yaml", text);
    let mut screen = bench.at_terminal_of((120, 60), ["rehearse", "it.yaml"]);
    screen.wait_for("[g]oes well");
    screen.types("\x03");
    let shown = screen.exit(130);
    assert!(!shown.contains("observed") && !shown.contains("resume"), "{shown}");
    let report = super::report(&bench, "report.md");
    assert!(!report.contains("observed"), "{report}");
    let run = bench.rehearsals().remove(0);
    let run = run.file_name().expect("it has a name").to_string_lossy().into_owned();
    let status = bench.args(["status", run.as_str()]).stdout_contains("").exit(0).stdout;
    assert!(!status.contains("resume"), "{status}");
}

#[test]
fn choices_that_change_something_are_not_listed() {
    let text = "
        holdpoint: 1
        id: it
        title: It
        inputs: {which: {type: string, choices_from: touch NO-made}}
        steps: [{id: use, effect: read, run: 'true'}]
    ";
    let bench = Bench::new().env("USER", "ann").runbook("it.yaml", text);
    let args = ["rehearse", "it.yaml", "--observe"];
    let mut screen = bench.at_terminal_of((120, 60), args);
    screen.wait_for("What is which?");
    screen.types("x\r");
    let shown = screen.exit(0);
    assert!(!bench.path("NO-made").exists(), "{shown}");
    assert!(shown.contains("choices of which: the command only reads by what it says"), "{shown}");
}

#[test]
fn what_is_typed_of_a_step_is_masked_before_it_is_kept() {
    let text = "
        holdpoint: 1
        id: it
        title: It
        inputs: {token: {type: string, secret: true, env: TOKEN}}
        steps: [{id: make, env: {T: \"${{ inputs.token }}\"}, run: ./make, outputs: {url: {from: stdout}}}]
    ";
    let bench = Bench::new().env("TOKEN", "hunter2-hunter2").runbook("it.yaml", text);
    let mut screen = bench.at_terminal_of((120, 60), ["rehearse", "it.yaml"]);
    screen.wait_for("[o]utput");
    screen.types("o");
    screen.wait_for("url, ");
    screen.types("http://x/hunter2-hunter2\r");
    screen.exit(0);
    let journal = super::report(&bench, "journal.jsonl");
    assert!(!journal.contains("hunter2"), "{journal}");
}
