//! A run that waits for a person: what it says, and what may be said to it.

use std::fs;

use crate::harness::{Bench, Call};

const GATED: &str = "
    holdpoint: 1
    id: gated
    title: Behind a gate
    steps:
      - {id: before, run: echo before >> effects}
      - id: drop
        gate: {ask: Everything will be gone., word: volume, approvers: [dba, lead]}
        run: echo drop >> effects
      - {id: after, run: echo after >> effects}
";

const HELD: &str = "
    holdpoint: 1
    id: held
    title: Held
    steps:
      - {id: first, run: echo first >> effects; test -e mended}
      - {id: second, run: echo second >> effects}
";

/// A bench whose run has parked.
#[track_caller]
fn parked(text: &str) -> Bench {
    let bench = Bench::new().runbook("book.yaml", text);
    bench.args(["run", "book.yaml"]).stdout_contains("the run waits for a person\n").exit(5);
    bench
}

fn resume<'b>(bench: &'b Bench, more: &[&str]) -> Call<'b> {
    bench.args(["resume"].iter().chain(more).copied())
}

/// The command that a parked run prints, as it would be copied.
#[track_caller]
fn printed_command(stdout: &str) -> &str {
    let line = stdout.lines().find_map(|line| line.strip_prefix("go on with: "));
    line.unwrap_or_else(|| panic!("no command was printed:\n{stdout}"))
}

#[test]
fn the_command_that_a_parked_run_prints_can_be_pasted_into_a_shell() {
    for text in [GATED, HELD] {
        let bench = Bench::new().runbook("book.yaml", text);
        let printed = bench.args(["run", "book.yaml"]).stdout_contains("").exit(5).stdout;
        let id = bench.run_folder().file_name().expect("it has a name").to_owned();
        let command = printed_command(&printed).replace("[RUN]", &id.to_string_lossy());
        // Nobody is at a terminal here either, so the run is taken over and waits again.
        bench.shell(&command).stdout_contains("the run waits for a person\n").exit(5);
        assert_eq!(bench.sound_journal().events("resumed").len(), 1, "{command}");
    }
}

#[test]
fn the_printed_command_finds_a_store_that_was_named() {
    let bench = Bench::new().runbook("book.yaml", HELD);
    let run = ["run", "book.yaml", "--state", "else where"];
    let printed = bench.args(run).stdout_contains("").exit(5).stdout;
    let store = fs::read_dir(bench.path("else where/runs")).expect("the store was made");
    let id = store.flatten().next().expect("it holds the run").file_name();
    let command = printed_command(&printed).replace("[RUN]", &id.to_string_lossy());
    bench.shell(&command).stdout_contains("the run waits for a person\n").exit(5);
}

#[test]
fn a_gate_without_an_answer_parks_before_its_action() {
    let bench = parked(GATED);
    assert_eq!(bench.effects(), ["before"]);
    assert_eq!(bench.state_of("drop"), "at_gate");
    let status = bench.status();
    let question = &status["waiting_for"][0];
    assert_eq!((&question["step"], &question["kind"]), (&"drop".into(), &"gate".into()));
    assert_eq!(question["question"], "Everything will be gone.");
    assert_eq!(question["digest"].as_str().map(str::len), Some(64));
    bench.sound_journal();
}

#[test]
fn a_gate_before_a_group_shows_all_that_is_behind_it() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
            holdpoint: 1
            id: group
            title: A gate before a group
            inputs: {platform: {type: string, default: compose}}
            steps:
              - id: replace
                gate: true
                steps:
                  - {id: one, run: echo one, outputs: {name: {from: stdout}}}
                  - id: inner
                    steps: [{id: two, run: [echo, two]}, {id: three, probe: {file: three}}]
                  - id: four
                    switch: inputs.platform
                    cases: {compose: {run: echo compose}, systemd: {run: echo systemd}}
                  - {id: five, run: 'echo ${{ steps.one.outputs.name }}'}
        ",
    );
    bench
        .args(["run", "book.yaml"])
        .stdout_contains(
            "replace  asks: Go on with replace?\n          | echo one\n          | echo two\n          | file three\n",
        )
        .stdout_contains("echo compose\n")
        .stdout_contains("          | echo ${{ steps.one.outputs.name }}\n")
        .exit(5);
}

#[test]
fn only_a_right_word_from_an_approver_opens_a_gate() {
    let bench = parked(GATED);
    for (answer, why) in [
        ("{word: volumes, by: dba}", "its word is wrong"),
        ("{word: '', by: dba}", "its word is wrong"),
        ("{word: Volume, by: dba}", "its word is wrong"),
        ("{word: volume, by: ann}", "ann may not approve it; dba, lead may"),
        ("{approve: true, by: dba}", "the gate asks for a word"),
        ("yes", "may not approve it; dba, lead may"),
        ("{word: volume, by: dba, digest: 00ff}", "it was given for another question"),
    ] {
        bench.write("answers.yaml", &format!("drop: {answer}"));
        resume(&bench, &["--answers", "answers.yaml"])
            .stdout_contains("drop: the prepared answer passes nothing: ")
            .stdout_contains(&format!("{why}\n"))
            .exit(5);
        assert_eq!(bench.effects(), ["before"], "{answer}");
    }
    bench.write("answers.yaml", "drop: {word: volume, by: lead, note: seen it}");
    let note =
        "drop  approved by lead with an answer prepared beforehand: seen it (name as given)\n";
    resume(&bench, &["--answers", "answers.yaml"]).stdout_contains(note).exit(0);
    assert_eq!(bench.effects(), ["before", "drop", "after"]);
    bench.sound_journal();
}

#[test]
fn an_answer_bound_to_the_digest_of_the_question_opens_the_gate() {
    let bench = parked(GATED);
    let status = bench.status();
    let digest = status["waiting_for"][0]["digest"].as_str().expect("a gate has a digest");
    let answer = format!("drop: {{word: volume, by: dba, digest: {digest}}}");
    bench.write("answers.yaml", &answer);
    resume(&bench, &["--answers", "answers.yaml"]).stdout_contains("").exit(0);
}

#[test]
fn a_refused_gate_with_nobody_there_ends_the_run() {
    let bench = parked(GATED);
    bench.write("answers.yaml", "drop: {reject: true, by: dba, reason: wrong volume}");
    resume(&bench, &["--answers", "answers.yaml"])
        .stdout_contains("drop  refused by dba: wrong volume (name as given)\n")
        .stdout_contains("aborted: the gate of drop was refused\n")
        .exit(4);
    assert_eq!(bench.state_of("drop"), "rejected");
    assert_eq!(bench.state_of("after"), "not_reached");
    assert_eq!(bench.effects(), ["before"]);
    // It says so again, and nothing more happens.
    let run = bench.run_folder();
    let id = run.file_name().expect("it has a name").to_string_lossy();
    resume(&bench, &[&id]).stdout_contains("[RUN] has ended already\naborted after").exit(4);
    assert_eq!(bench.sound_journal().events("resumed").len(), 1);
}

#[test]
fn answers_are_checked_before_anything_begins() {
    let bench = Bench::new().runbook("book.yaml", GATED);
    for (answers, message) in [
        ("drop: {word: 3, by: dba}\ndorp: yes", "there is no step `dorp`"),
        ("before: yes", "the step `before` asks nothing"),
        ("drop: maybe", "this is no answer"),
        ("drop: {wrd: volume}", "unknown key `wrd`"),
        ("drop: {word: [volume]}", "answers.yaml:1:14"),
        ("[drop]", "answers.yaml:1:1"),
        ("drop: {word: volume", "answers.yaml"),
    ] {
        bench.write("answers.yaml", answers);
        let args = ["run", "book.yaml", "--answers", "answers.yaml"];
        bench.args(args).stderr_contains(message).stderr_contains("error: ").exit(2);
        assert!(!bench.path("state").exists(), "{answers}");
    }
}

#[test]
fn a_file_of_answers_or_inputs_that_is_not_there_is_a_usage_error() {
    let bench = Bench::new().runbook("book.yaml", GATED);
    for flag in ["--answers", "--inputs"] {
        let call = bench.args(["run", "book.yaml", flag, "none.yaml"]);
        call.stderr_contains("error: cannot read none.yaml: No such file").exit(2);
    }
    assert!(!bench.path("state").exists());
}

#[test]
fn a_held_step_is_tried_again_until_it_succeeds() {
    let bench = parked(HELD);
    let retry = ["--resolve", "first=retry", "--reason", "tried something", "--operator", "ann"];
    resume(&bench, &retry)
        .stdout_contains("first  to be tried again, decided by ann: tried something\n")
        .stdout_contains("first  started, attempt 2\n")
        .exit(5);
    bench.write("mended", "");
    resume(&bench, &retry).stdout_contains("first  succeeded").exit(0);
    assert_eq!(bench.effects(), ["first", "first", "first", "second"]);
    assert_eq!(bench.status()["state"], "succeeded");
    bench.sound_journal();
}

#[test]
fn what_a_person_decides_about_a_held_step_decides_the_outcome() {
    for (choice, exit, outcome, first, second) in [
        ("done", 8, "succeeded_with_exceptions", "succeeded", "succeeded"),
        ("skip", 8, "succeeded_with_exceptions", "skipped", "succeeded"),
        ("failed", 1, "failed", "failed", "not_reached"),
    ] {
        let bench = parked(HELD);
        let resolve = format!("first={choice}");
        let args = ["--resolve", resolve.as_str(), "--reason", "I looked", "--operator", "ann"];
        resume(&bench, &args).stdout_contains("by ann: I looked\n").exit(exit);
        assert_eq!(bench.status()["state"], outcome);
        assert_eq!(
            (bench.state_of("first").as_str(), bench.state_of("second").as_str()),
            (first, second)
        );
        let expected: &[&str] = if exit == 8 { &["first", "second"] } else { &["first"] };
        assert_eq!(bench.effects(), expected, "{choice}");
        assert!(bench.timeline().to_string().contains("I looked"));
        bench.sound_journal();
    }
}

#[test]
fn a_decision_that_does_not_fit_is_refused_and_the_run_is_not_touched() {
    let bench = parked(HELD);
    let before = bench.journal().records().len();
    for (args, message) in [
        (&["--resolve", "first=retry"][..], "--reason <TEXT>"),
        (&["--resolve", "first=rerun", "--reason", "x"], "use one of retry, done, failed, skip"),
        (&["--resolve", "frist=retry", "--reason", "x"], "did you mean `first`?"),
        (
            &["--resolve", "second=retry", "--reason", "x"],
            "`second` is pending: there is nothing to decide",
        ),
        (&["--resolve", "first", "--reason", "x"], "`first` decides nothing"),
        (&["--resolve", "verdict=done", "--reason", "x"], "use retry, end or undo"),
        (&["--resolve", "verdict=end", "--reason", "x"], "there is no verdict to decide"),
        (&["--resolve", "first=done", "--reason", " "], "reason"),
        (&["--resolve", "first=done", "--resolve", "first=skip", "--reason", "x"], "first"),
        (&["--input", "name=x"], "the runbook has no input `name`"),
    ] {
        resume(&bench, args).stderr_contains(message).exit(2);
        assert_eq!(bench.journal().records().len(), before, "{args:?}");
    }
    assert_eq!(bench.effects(), ["first"]);
}

#[test]
fn a_run_is_named_by_the_beginning_of_its_id() {
    let bench = parked(HELD);
    let id = bench.run_folder().file_name().expect("it has a name").to_string_lossy().into_owned();
    let (day, _) = id.split_once('-').expect("an id begins with its day");
    bench.args(["status", &id]).stdout_contains("held").exit(0);
    bench.args(["status", &format!("{day}-he")]).stdout_contains("held").exit(0);
    for command in ["status", "timeline", "verify", "resume"] {
        let nobody = bench.args([command, "zz"]);
        nobody.stderr("error: there is no run `zz` in [DIR]/state").exit(2);
    }
    bench.args(["run", "book.yaml", "--another"]).stdout_contains("").exit(5);
    for command in ["status", "timeline", "verify", "resume"] {
        let ambiguous = bench.args([command, day]);
        let said = format!("error: `{day}` may be [RUN], [RUN] or another: say more of it");
        ambiguous.stderr(&said).exit(2);
    }
    resume(&bench, &[]).stderr("error: several runs are open; name one: [RUN], [RUN]").exit(2);
}

#[test]
fn a_store_without_runs_says_so() {
    let bench = Bench::new();
    bench.args(["runs"]).stdout("no runs yet in [DIR]/state").exit(0);
    bench.args(["status"]).stderr("error: there are no runs in [DIR]/state").exit(2);
    bench.args(["resume"]).stderr("error: no run is open in [DIR]/state").exit(2);
    assert!(!bench.path("state").exists(), "looking makes nothing");
}
