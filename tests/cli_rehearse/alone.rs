//! Where nobody is there: all is assumed to let the run go on, and nothing is touched.

use std::fs;
use std::path::Path;

use crate::harness::{Bench, holds, shipped};

use super::{BOOK, bench, report};

/// What `rehearse` prints of a runbook that is shipped, to the letter.
#[track_caller]
fn assert_prints(expected: &str, book: &str, assumed: &[&str]) {
    let bench = Bench::new().env("USER", "ann");
    let args = ["rehearse".to_owned(), shipped(book)];
    let assumed = assumed.iter().flat_map(|it| ["--assume".to_owned(), (*it).to_owned()]);
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let expected = expected.replace("[HOST]", host.trim());
    bench.args(args.into_iter().chain(assumed)).stdout(&expected).exit(0);
    assert!(bench.left_behind().is_empty());
}

const POSTGRES: &str = "runbooks/aragora/postgres-complete-failure.yaml";

#[test]
fn the_quickstart_is_rehearsed_on_its_first_rung() {
    assert_prints(include_str!("../data/rehearse/quickstart.txt"), "runbooks/quickstart.yaml", &[]);
}

#[test]
fn the_quickstart_is_rehearsed_on_the_rung_below_when_the_first_is_assumed_to_fail() {
    let expected = include_str!("../data/rehearse/quickstart-restore.txt");
    assert_prints(expected, "runbooks/quickstart.yaml", &["restart=fails"]);
}

#[test]
fn a_lost_database_is_rehearsed_on_each_of_its_rungs_and_on_none() {
    assert_prints(include_str!("../data/rehearse/postgres.txt"), POSTGRES, &[]);
    let expected = include_str!("../data/rehearse/postgres-restore.txt");
    assert_prints(expected, POSTGRES, &["restart=fails"]);
    let expected = include_str!("../data/rehearse/postgres-lost.txt");
    assert_prints(expected, POSTGRES, &["restart=fails", "load.verify=fails"]);
}

const PAGE: &str = r#"# REHEARSAL: Restore the books

- Rehearsal: [REHEARSAL]
- Runbook: book
- Operator: ann
- Outcome: nothing was changed; as assumed, the run would have succeeded (recovered)

## Preconditions

- assumed         precondition "there is room"  holds

## Steps

- assumed         count  succeeded
- assumed         restore  succeeded after 4 m 0 s
- assumed         polish  succeeded
- assumed         close  succeeded

## Checks of steps

- assumed         restore, verification "the books are back"  holds

## Exit criteria

- assumed         exit criterion "everything can be read"  holds

## Could not be shown

- count: \`0\` stands in for its output books

## Was missing

- input       shelf: assumed-shelf stands in for it

## Needs a person

- restore  Bring 0 books back? (word: books); nobody was there

## Time

- at least 4 m 0 s until the exit criteria
- RTO 10 m 0 s: it is kept as far as is known
- say nothing of their time: count, polish, close
"#;

#[test]
fn the_report_is_kept_as_a_page_and_for_programs() {
    let bench = bench();
    bench
        .args(["rehearse", "book.yaml"])
        .stdout_contains("\nreport: [DIR]/state/practice/runs/")
        .exit(0);
    assert_eq!(report(&bench, "report.md"), PAGE);
    let form: serde_json::Value = serde_json::from_str(&report(&bench, "report.json")).unwrap();
    assert_eq!(form["version"], 1);
    assert_eq!((&form["outcome"], &form["as_if"]), (&"rehearsed".into(), &"succeeded".into()));
    assert_eq!(form["time"]["restored_ms"], 240_000);
    assert_eq!(form["time"]["rto"], "kept_as_far_as_known");
    assert_eq!(form["missing"]["inputs"][0], "shelf: assumed-shelf stands in for it");
    assert_eq!(form["people"][0]["step"], "restore");
    let lines = form["stages"][1]["lines"].as_array().unwrap();
    assert_eq!(lines[0]["label"], "assumed");
}

#[test]
fn what_is_given_is_missing_no_more_and_what_is_prepared_answers() {
    let bench = bench().file("answers.yaml", "restore: {word: books, by: eve}");
    let args = ["rehearse", "book.yaml", "--input", "shelf=b", "--answers", "answers.yaml"];
    let printed =
        bench.args(args).stdout_contains("restore  needs a person: approved by eve with").exit(0);
    assert!(!printed.stdout.contains("was missing"), "{}", printed.stdout);
    assert!(printed.stdout.contains("| echo restore 'b' >> effects"), "{}", printed.stdout);
    assert!(printed.stdout.contains("(word: books); answered by eve\n"), "{}", printed.stdout);
    assert!(bench.effects().is_empty());
}

#[test]
fn each_end_that_is_assumed_has_what_follows_from_it() {
    for (assumed, said) in [
        ("polish=exit:7", "polish  assumed: failed and is held: exit 7, expected 0"),
        (
            "polish=exit:7",
            "polish  assumed: counted as failed by nobody (assumed): nobody was there to decide",
        ),
        ("polish=exit:7", "(unverified)\n"),
        ("polish=timeout", "polish  assumed: failed and is held: assumed to run out of time"),
        ("polish=unseen", "polish  assumed: in doubt, counted as failed by nobody (assumed)"),
        (
            "restore.verify=fails",
            "restore  assumed: failed and is held: verification \"the books are back\" does not hold",
        ),
        (
            "back=fails",
            "restore  assumed: failed and is held: verification \"the books are back\" does not hold",
        ),
        (
            "room=fails",
            "REHEARSAL rehearsed; as assumed, it would have been aborted: nothing was started: ",
        ),
        ("count=fails", "as assumed, the run would have failed (unverified)\n"),
        ("count=well", "as assumed, the run would have succeeded (recovered)\n"),
    ] {
        let bench = bench();
        bench.args(["rehearse", "book.yaml", "--assume", assumed]).stdout_contains(said).exit(0);
        assert!(bench.effects().is_empty());
    }
}

#[test]
fn a_symptom_that_is_not_there_is_a_note_and_a_waived_precondition_none() {
    let book = BOOK.replace("    preconditions:", "    confirm: [{id: gone, title: they are gone, probe: {run: 'false'}}]\n    preconditions:");
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", &book);
    bench
        .args(["rehearse", "book.yaml", "--assume", "gone=fails"])
        .stdout_contains("assumed: symptom \"they are gone\" waived by nobody (assumed): a rehearsal needs no symptom\n")
        .stdout_contains("as assumed, the run would have succeeded (recovered)\n")
        .exit(0);
    let waived =
        ["rehearse", "book.yaml", "--assume", "room=fails", "--waive", "room=we make some"];
    bench
        .args(waived)
        .stdout_contains("would have succeeded with exceptions (recovered)\n")
        .exit(0);
}

#[test]
fn people_are_stood_in_for_where_they_would_act() {
    let text = "
        holdpoint: 1
        id: hands
        title: Hands
        steps:
          - {id: gated, gate: {ask: Go on?, quorum: 2, approvers: [dba, lead], not_operator: true, value: {prompt: How many?, expect: {at_least: 3}}}, run: echo gated >> effects}
          - {id: hand, manual: Pull the lever, answers: {turns: {type: int}}, evidence: [ticket]}
          - {id: list, checklist: [{item: one}, {item: two}]}
          - {id: pick, choose: {ask: Which?, options: [a, b]}, simulate: {answers: {choice: b}}}
          - {id: maybe, optional: true, run: \"echo ${{ steps.hand.outputs.turns }} >> effects\"}
          - {id: own, tty: true, run: vi}
          - {id: each, each: {in: '[\"x\", \"y\"]'}, run: \"echo ${{ item }} >> effects\"}
    ";
    let bench = Bench::new().env("USER", "ann").runbook("hands.yaml", text);
    let printed = bench
        .args(["rehearse", "hands.yaml", "--assume", "each=fails"])
        .stdout_contains("")
        .exit(0)
        .stdout;
    for said in [
        "gated  needs a person: asks: Go on?",
        "gated  assumed: approved by nobody (assumed)",
        "gated  assumed: approved by nobody (assumed), 2",
        "hand  needs a person: is to be done by hand",
        "pick  assumed: chosen by nobody (assumed)\n          | choice: b\n",
        "maybe  would run\n          | echo '0' >> effects\n",
        "own  would run\n          | vi\n",
        "each/1  assumed: failed",
        "  approver    dba, who opens gated: no contact of the library is called so\n",
        "  approver    ann, who drives, may not open gated\n",
        "  approver    gated is opened by 2 different people\n",
        "  gated  Go on?; by dba or lead; 2 different people; nobody was there\n",
        "  list  to be ticked: one; nobody was there\n",
    ] {
        assert!(holds(said, &printed), "{said}\n{printed}");
    }
    assert!(bench.effects().is_empty());
}

#[test]
fn tools_and_credentials_that_are_missing_are_told_and_stop_nothing() {
    let text = "
        holdpoint: 1
        id: bare
        title: Bare
        requires: {tools: [no-such-tool, sh], env: [NO_SUCH], reachable: ['127.0.0.1:9']}
        inputs: {token: {type: string, secret: true, env: TOKEN}}
        steps: [{id: use, env: {T: \"${{ inputs.token }}\"}, run: use it, estimate: 2m}]
    ";
    let bench = Bench::new().env("USER", "ann").runbook("bare.yaml", text);
    let printed = bench.args(["rehearse", "bare.yaml"]).stdout_contains("").exit(0).stdout;
    for said in [
        "assumed: token is a secret, which nobody gave\n",
        "  nothing was connected to: 127.0.0.1:9\n",
        "  tool        `no-such-tool` was not found on PATH\n",
        "  tool        the variable NO_SUCH is not set\n",
        "  credential  token\n",
        "  2 m 0 s until the exit criteria\n",
        "  its critical path, by its estimates: 2 m 0 s: use\n",
    ] {
        assert!(printed.contains(said), "{said}\n{printed}");
    }
}

/// Every file below a folder with what it holds.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("it is there").flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(contents(&path)),
            path => found.push((path.display().to_string(), fs::read(&path).unwrap_or_default())),
        }
    }
    found.sort();
    found
}

#[test]
fn a_live_run_of_the_same_runbook_is_not_touched_and_not_confused_with_it() {
    let bench = bench();
    bench.args(["run", "book.yaml", "--input", "shelf=b"]).stdout_contains("restore waits").exit(5);
    let before = contents(&bench.path("state/runs"));
    bench.args(["rehearse", "book.yaml"]).stdout_contains("REHEARSAL").exit(0);
    assert!(contents(&bench.path("state/runs")) == before, "a live run was touched");
    let live = bench.args(["runs"]).stdout_contains("waiting  Restore the books\n").exit(0).stdout;
    assert_eq!(live.lines().count(), 1, "{live}");
    bench
        .args(["runs", "--practice"])
        .stdout("[REHEARSAL]  [AT] [AT] UTC  rehearsed  REHEARSAL  Restore the books\n")
        .exit(0);
    bench.args(["status"]).stdout_contains("[RUN]  waiting").exit(0);
}

#[test]
fn a_rehearsal_can_be_looked_at_and_nothing_more_and_goes_when_it_is_old() {
    let bench = bench();
    bench
        .args(["runs", "--practice"])
        .stdout("nothing was rehearsed yet in [DIR]/state/practice\n")
        .exit(0);
    bench.args(["rehearse", "book.yaml"]).stdout_contains("").exit(0);
    let folder = bench.rehearsals().remove(0);
    let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
    bench
        .args(["timeline", &name])
        .stdout_contains("REHEARSAL rehearsed; as assumed, it would")
        .exit(0);
    bench
        .args(["status", &name])
        .stdout_contains("[REHEARSAL]  rehearsed, recovered, REHEARSAL\n")
        .exit(0);
    bench.args(["verify", &name]).stdout_contains("its last record is its end\n").exit(0);
    bench.args(["show", &name, "polish"]).stdout_contains("    echo polish >> effects\n").exit(0);
    let over = "
        error: [REHEARSAL] is a rehearsal: it is over, and nothing of it can be gone on with
          help: see what came of it: holdpoint timeline [REHEARSAL]
    ";
    for command in [
        vec!["resume", &name],
        vec!["skip", &name, "polish"],
        vec!["approve", &name, "restore"],
        vec!["abort", &name, "--reason", "x"],
        vec!["exec", &name, "--", "true"],
        vec!["undo", &name, "--reason", "x"],
    ] {
        bench.args(command).stderr(over).exit(2);
    }
    bench
        .args(["runs", "--prune", "--older-than", "0s", "--yes"])
        .stdout_contains("nothing to remove")
        .exit(0);
    assert_eq!(bench.rehearsals().len(), 1);
    // It ended in the future, by its own clock.
    bench
        .args(["runs", "--practice", "--prune", "--older-than", "0s", "--yes"])
        .stdout_contains("")
        .exit(0);
}

#[test]
fn it_says_so_in_a_pipe_and_for_programs_too() {
    let bench = bench();
    let piped = bench
        .shell("holdpoint rehearse book.yaml | cat")
        .stdout_contains("REHEARSAL of book")
        .exit(0);
    assert!(!piped.stdout.contains('\u{1b}'));
    let lines = bench
        .args(["rehearse", "book.yaml", "--format", "jsonl"])
        .stdout_contains("")
        .exit(0)
        .stdout;
    let events: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert_eq!(events[0]["event"]["mode"], "rehearsal");
    assert_eq!(events.last().unwrap()["event"]["as_if"], "succeeded");
    let ends = events.iter().filter(|it| it["event"]["type"] == "step_ended");
    assert!(ends.clone().count() > 2 && ends.clone().all(|it| it["event"]["is_assumed"] == true));
}
