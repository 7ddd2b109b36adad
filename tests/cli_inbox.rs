//! From other terminals: answers reach a run that waits, and wait for one that nobody drives.

mod asking;
mod beside;
mod looking;

use crate::harness::{Bench, Screen, eventually};

const GATED: &str = "
    holdpoint: 1
    id: book
    title: Book
    defaults: {shell: sh -eu}
    steps:
      - id: drop
        gate: {ask: All of it will be gone., word: volume}
        run: echo dropped >> effects
      - {id: last, run: echo last >> effects}
";

const FAILING: &str = "
    holdpoint: 1
    id: book
    title: Book
    defaults: {shell: sh -eu}
    steps:
      - {id: first, run: echo first >> effects, undo: {run: echo back >> effects}}
      - {id: load, run: 'echo trouble >&2; [ -e mended ]'}
      - {id: last, run: echo last >> effects}
    finally:
      - {id: close, run: echo close >> effects}
";

fn bench(book: &str) -> Bench {
    Bench::new().runbook("book.yaml", book)
}

/// A run that waits at a terminal, with its question on the screen.
fn waiting<'b>(bench: &'b Bench, question: &str) -> Screen<'b> {
    let mut screen = bench.at_terminal(["run", "book.yaml", "--operator", "ada"]);
    screen.wait_for(question);
    screen
}

/// A run that waits for the next driver.
fn parked(book: &str) -> Bench {
    let bench = bench(book);
    bench
        .args(["run", "book.yaml", "--operator", "ada"])
        .stdout_contains("")
        .stderr_contains("")
        .exit(5);
    bench
}

/// A run whose driver and keeper were killed while its second step was at this, which runs on.
fn killed_in(load: &str) -> Bench {
    let bench = bench(&FAILING.replace("echo trouble >&2; [ -e mended ]", load));
    let mut driver = bench.args(["run", "book.yaml"]).stdout_contains("").start();
    driver.wait_for("step_spawned", "load");
    driver.kill_with_keeper();
    bench
}

#[test]
fn an_approval_reaches_a_run_that_waits_at_its_gate() {
    let bench = bench(GATED);
    let mut screen = waiting(&bench, "Type volume to go on");
    bench
        .args(["approve", "drop", "--by", "grace", "--word", "volume", "--note", "go"])
        .stdout_contains("    echo dropped >> effects\n")
        .stdout_contains("drop: approved\n")
        .exit(0);
    screen.wait_for("settled from another terminal");
    screen.exit(0);
    assert_eq!(bench.effects(), ["dropped", "last"]);
    let journal = bench.sound_journal();
    let approved = journal.events("gate_approved");
    assert_eq!(approved[0]["by"], "grace");
    assert_eq!(approved[0]["note"], "go");
    assert_eq!(approved[0]["is_prepared"], false);
    let taken = journal.events("letter_taken");
    assert_eq!((&taken[0]["by"], &taken[0]["wish"]), (&"grace".into(), &"approve".into()));
    assert!(taken[0]["sender"]["user"].as_str().is_some_and(|user| !user.is_empty()));
}

#[test]
fn a_wrong_word_or_none_from_another_terminal_passes_nothing_and_harms_nothing() {
    let bench = bench(GATED);
    let mut screen = waiting(&bench, "Type volume to go on");
    let approve = |word: &[&str]| {
        let words = ["approve", "drop", "--by", "grace"].iter().chain(word).copied();
        bench.args(words).stdout_contains("").stderr_contains("")
    };
    approve(&["--word", "volumes"]).stderr_contains("error: not done: its word is wrong").exit(2);
    approve(&[]).stderr_contains("error: not done: the gate asks for a word").exit(2);
    approve(&["--word", ""]).stderr_contains("its word is wrong").exit(2);
    assert!(bench.journal_so_far().events("gate_approved").is_empty());
    screen.types("volume\r");
    screen.wait_for("succeeded");
    screen.exit(0);
    assert_eq!(bench.effects(), ["dropped", "last"]);
}

#[test]
fn a_refusal_from_another_terminal_needs_a_reason_and_holds_the_step() {
    let bench = bench(GATED);
    let mut screen = waiting(&bench, "Type volume to go on");
    let reject = || bench.args(["reject", "drop", "--by", "grace"]).stdout_contains("");
    reject().stderr_contains("error: a refusal needs a reason").exit(2);
    bench
        .args(["reject", "drop", "--by", "grace", "--reason", "that is the wrong volume"])
        .stdout_contains("drop: refused\n")
        .exit(0);
    screen.wait_for("refused by grace: that is the wrong volume");
    bench.args(["abort", "--reason", "enough"]).stdout_contains("the run is being ended\n").exit(0);
    screen.exit(4);
    assert!(bench.effects().is_empty());
}

#[test]
fn an_approver_who_may_not_and_a_gate_that_is_closed_are_told_so() {
    let gate = GATED.replace("word: volume", "approvers: [dba], not_operator: true");
    let library = "holdpoint: 1\ncontacts:\n  - {role: dba, name: Grace}\n";
    let bench = bench(&gate).file("holdpoint.yaml", library);
    let mut screen = waiting(&bench, "Go on?");
    let approve = |by: &str| bench.args(["approve", "drop", "--by", by]).stdout_contains("");
    approve("ada").stderr_contains("ada drives the run and may not approve it").exit(2);
    approve("bob").stderr_contains("bob may not approve it; dba may").exit(2);
    approve("").stderr_contains("an empty name is none").exit(2);
    let missing = bench.args(["approve", "last", "--by", "dba"]);
    missing.stderr_contains("error: no gate of `last` waits for an answer: it is pending").exit(2);
    let unknown = bench.args(["approve", "dorp", "--by", "dba"]);
    unknown.stderr_contains("help: did you mean `drop`?").exit(2);
    approve("dba").stdout_contains("drop: approved\n").exit(0);
    screen.wait_for("succeeded");
    screen.exit(0);
}

#[test]
fn where_nobody_drives_an_answer_waits_in_the_inbox_and_resume_takes_it() {
    let bench = parked(GATED);
    bench
        .args(["approve", "drop", "--by", "grace", "--word", "volume"])
        .stdout_contains("nobody drives the run: it waits in the inbox\n")
        .stdout_contains("go on with: holdpoint resume [RUN]\n")
        .exit(0);
    assert!(bench.effects().is_empty());
    let letters = || std::fs::read_dir(bench.run_folder().join("inbox")).map_or(0, Iterator::count);
    assert_eq!(letters(), 1);
    bench.args(["resume"]).stdout_contains("approved by grace").exit(0);
    assert_eq!(bench.effects(), ["dropped", "last"]);
    assert_eq!(letters(), 0);
}

#[test]
fn an_answer_that_waits_is_void_for_the_gate_when_it_is_asked_again() {
    let gate =
        GATED.replace("run: echo dropped >> effects", "run: echo dropped >> effects; exit 3");
    let bench = parked(&gate);
    let approve = ["approve", "drop", "--by", "grace", "--word", "volume"];
    bench.args(approve).stdout_contains("it waits in the inbox").exit(0);
    let inbox = bench.run_folder().join("inbox");
    let file = std::fs::read_dir(&inbox).expect("it is there").next().expect("a letter waits");
    let file = file.expect("it can be listed").path();
    let letter = std::fs::read_to_string(&file).expect("it can be read");
    bench.args(["resume"]).stdout_contains("").exit(5);
    let retry = ["resume", "--resolve", "drop=retry", "--reason", "once more"];
    bench.args(retry).stdout_contains("").exit(5);
    // Somebody puts the same answer in again, under another name.
    let other = "20260101T000000000000-abcabc";
    let id = file.file_stem().and_then(|stem| stem.to_str()).expect("it has a name").to_owned();
    let path = inbox.join(format!("{other}.json"));
    std::fs::write(path, letter.replace(&id, other)).expect("the owner may");
    bench
        .args(["resume"])
        .stdout_contains("not done: it was given for an earlier question")
        .exit(5);
    assert_eq!(bench.effects(), ["dropped"]);
}

#[test]
fn a_held_step_is_retried_counted_as_done_failed_or_skipped_from_another_terminal() {
    for (word, effects, exit) in [
        ("retry", vec!["first", "last", "close"], 0),
        ("done", vec!["first", "last", "close"], 8),
        ("fail", vec!["first", "close"], 1),
        ("skip", vec!["first", "last", "close"], 8),
    ] {
        let bench = bench(FAILING);
        let mut screen = waiting(&bench, "load failed");
        bench.write("mended", "");
        let call = bench.args([word, "load", "--by", "grace", "--reason", "so it is"]);
        call.stdout_contains(&format!("load: {word}, on record\n")).exit(0);
        screen.wait_for("settled from another terminal");
        screen.exit(exit);
        assert_eq!(bench.effects(), effects, "{word}");
        assert_eq!(bench.journal().events("hold_resolved")[0]["by"], "grace");
    }
}

#[test]
fn a_decision_needs_a_reason_and_a_step_that_can_be_decided_about() {
    let bench = parked(FAILING);
    let call = |args: &[&str]| bench.args(args.iter().copied()).stdout_contains("");
    call(&["retry", "load"]).stderr_contains("error: `retry` needs a reason").exit(2);
    let settled = call(&["retry", "first", "--reason", "again"]);
    settled
        .stderr_contains("the step is succeeded: `retry` is for one that is held or in doubt")
        .exit(2);
    let early = call(&["done", "last", "--reason", "by hand"]);
    early
        .stderr_contains("the step is pending: `done` is for one that is held or in doubt")
        .exit(2);
    call(&["skip", "lost", "--reason", "x"]).stderr_contains("help: did you mean `last`?").exit(2);
    call(&["skip", "last", "--reason", "not needed"]).stdout_contains("it waits").exit(0);
    call(&["done", "load", "--reason", "by hand"]).stdout_contains("it waits").exit(0);
    bench.args(["resume"]).stdout_contains("skipped by").exit(8);
    assert_eq!(bench.effects(), ["first", "close"]);
}

#[test]
fn all_letters_that_wait_are_taken_before_anything_begins() {
    let book = FAILING
        .replace("- {id: last,", "- {id: more, run: echo more >> effects}\n      - {id: last,");
    let bench = parked(&book);
    for step in ["load", "more", "last"] {
        let skip = ["skip", step, "--reason", "not needed tonight"];
        bench.args(skip).stdout_contains("it waits").exit(0);
    }
    bench.args(["resume"]).stdout_contains("more  skipped by").exit(8);
    assert_eq!(bench.effects(), ["first", "close"]);
}

#[test]
fn a_step_in_doubt_is_decided_about_by_a_letter_that_came_before_it_was_asked() {
    let bench = killed_in("touch begun; sleep 60");
    bench.kill_all(&bench.commands());
    bench.args(["resume"]).stdout_contains("load is in doubt").exit(5);
    let done = ["done", "load", "--by", "grace", "--reason", "217 rows are there"];
    bench.args(done).stdout_contains("it waits in the inbox").exit(0);
    bench.args(["resume"]).stdout_contains("").exit(0);
    let journal = bench.journal();
    let settled = journal.events("doubt_settled");
    assert_eq!(settled[0]["choice"], "done");
    assert_eq!(bench.effects(), ["first", "last", "close"]);
}

#[test]
fn what_a_killed_driver_left_in_doubt_is_decided_about_before_anybody_resumes() {
    let bench = killed_in("touch begun; sleep 60");
    bench.kill_all(&bench.commands());
    let done = ["done", "load", "--by", "grace", "--reason", "217 rows are there"];
    let done = bench.args(done).stdout_contains("load is in doubt\n");
    done.stdout_contains("nobody drives the run: it waits in the inbox").exit(0);
    bench.args(["resume"]).stdout_contains("").exit(0);
    assert_eq!(bench.journal().events("doubt_settled")[0]["choice"], "done");
    assert_eq!(bench.effects(), ["first", "last", "close"]);
}

#[test]
fn what_still_runs_is_told_and_not_decided_about() {
    let bench = killed_in("until [ -e go ]; do sleep 0.02; done");
    let pid = bench.journal().events("step_spawned")[1]["process"]["pid"].clone();
    let told = format!("load: its process {pid} still runs; resume waits for it\n");
    bench.args(["status"]).stdout_contains(&told).exit(0);
    let told = format!("in doubt, its process {pid} still runs");
    bench.args(["handover"]).stdout_contains(&told).exit(0);
    let retry = bench.args(["retry", "load", "--reason", "again"]).stdout_contains("");
    let retry = retry.stderr_contains(&format!("error: not done: its process {pid} still runs\n"));
    retry.stderr_contains("which waits for it").exit(2);
    bench.write("go", "");
    bench.wait_for_quiet();
    bench.args(["done", "load", "--reason", "it is loaded"]).stdout_contains("it waits").exit(0);
    bench.args(["resume"]).stdout_contains("").exit(0);
}

#[test]
fn what_waits_in_the_inbox_is_told_and_a_no_outweighs_a_yes_that_came_before() {
    let bench = parked(GATED);
    let approve = ["approve", "drop", "--by", "ann", "--word", "volume"];
    bench.args(approve).stdout_contains("it waits in the inbox").exit(0);
    let reject = ["reject", "drop", "--by", "bob", "--reason", "wrong host"];
    bench.args(reject).stdout_contains("it waits in the inbox").exit(0);
    let status =
        bench.args(["status"]).stdout_contains("waits in the inbox: drop: approve (by ann, ");
    status.stdout_contains("waits in the inbox: drop: reject: wrong host (by bob, ").exit(0);
    let inbox = bench.status()["inbox"].clone();
    let by: Vec<&str> =
        inbox.as_array().into_iter().flatten().filter_map(|it| it["by"].as_str()).collect();
    assert_eq!(by, ["ann", "bob"]);
    bench.args(["resume"]).stdout_contains("refused by bob").exit(4);
    assert_eq!(bench.journal().events("gate_approved").len(), 0);
    assert_eq!(bench.status()["inbox"], serde_json::Value::Null);
}

#[test]
fn what_no_driver_would_do_is_refused_before_it_waits_in_the_inbox() {
    let bench = parked(FAILING);
    let skip = bench.args(["skip", "close", "--reason", "not needed"]).stdout_contains("");
    let reason = "not done: it is none of the steps that are gone through in order";
    skip.stderr_contains(reason).exit(2);
    let inbox = std::fs::read_dir(bench.run_folder().join("inbox"));
    assert_eq!(inbox.map_or(0, Iterator::count), 0);
}

#[test]
fn one_step_is_taken_back_while_the_run_is_held_at_another() {
    let bench = bench(FAILING);
    let mut screen = waiting(&bench, "load failed");
    let undo = ["undo", "first", "--reason", "it was in the way"];
    bench.args(undo).stdout_contains("it is being taken back\n").exit(0);
    eventually("it is taken back", || bench.effects() == ["first", "back"]);
    let again = bench.args(undo).stderr_contains("error: nothing of first can be taken back");
    again.exit(2);
    bench.write("mended", "");
    bench.args(["retry", "load", "--reason", "mended"]).stdout_contains("").exit(0);
    screen.wait_for("settled from another terminal");
    screen.exit(0);
    assert_eq!(bench.effects(), ["first", "back", "last", "close"]);
    assert_eq!(bench.state_of("first"), "succeeded");
}

#[test]
fn one_step_is_taken_back_where_nobody_drives() {
    let bench = parked(FAILING);
    let undo = ["undo", "first", "--reason", "it was in the way"];
    bench.args(undo).stdout_contains("first~undo  succeeded").exit(5);
    assert_eq!(bench.effects(), ["first", "back"]);
}

#[test]
fn a_run_is_aborted_whether_somebody_drives_it_or_not_and_closed_either_way() {
    let bench = parked(FAILING);
    let abort = || bench.args(["abort"]).stdout_contains("[RUN] would end here: aborted\n");
    abort()
        .stdout_contains("`holdpoint undo [RUN]` can take it back:\n    first\n")
        .stderr_contains("error: ending a run needs a reason")
        .exit(2);
    bench.args(["abort", "--reason", "enough"]).stdout_contains("aborted: by").exit(4);
    assert_eq!(bench.effects(), ["first", "close"]);
    bench.args(["abort", "--reason", "enough"]).stderr_contains("no run is open").exit(2);
}

#[test]
fn a_letter_that_is_none_is_put_aside_and_told_of() {
    let bench = parked(GATED);
    bench
        .args(["approve", "drop", "--by", "grace", "--word", "volume"])
        .stdout_contains("")
        .exit(0);
    let inbox = bench.run_folder().join("inbox");
    std::fs::write(inbox.join("zzz.json"), b"\xff\xfe\0 no letter").expect("the owner may");
    bench.args(["resume"]).stdout_contains("zzz.json in the inbox is no letter: ").exit(0);
    assert!(inbox.join("zzz.refused").exists());
    assert_eq!(bench.effects(), ["dropped", "last"]);
}
