//! Taking a run back, and what must hold all along, through the binary.

use serde_json::{Value, json};

use crate::harness::Bench;

const BOOK: &str = "
    holdpoint: 1
    id: book
    title: Book
    defaults: {shell: sh -eu}
    steps:
      - {id: a, run: echo a >> effects, undo: {run: echo un-a >> effects}}
      - {id: b, run: echo b >> effects, undo: {run: echo un-b >> effects}}
      - {id: c, run: test -e mended}
    ";

fn held() -> Bench {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    bench.args(["run", "book.yaml"]).stdout_contains("retry, done, failed, skip, undo").exit(5);
    bench
}

#[test]
fn a_held_run_is_taken_back_when_a_person_decides_so() {
    let bench = held();
    bench
        .args(["resume", "--resolve", "c=undo", "--reason", "wrong cluster"])
        .stdout_contains("not recovered: aborted")
        .exit(4);
    assert_eq!(bench.effects(), ["a", "b", "un-b", "un-a"]);
    assert_eq!(bench.state_of("a"), "undone");
}

#[test]
fn undo_takes_an_open_run_back_and_needs_a_reason() {
    let bench = held();
    bench.args(["undo"]).stderr_contains("taking a run back needs a reason").exit(2);
    bench.args(["undo", "--reason", "wrong cluster"]).stdout_contains("aborted").exit(4);
    assert_eq!(bench.effects(), ["a", "b", "un-b", "un-a"]);
    bench.sound_journal();
}

#[test]
fn undo_takes_back_a_run_that_has_ended_and_does_so_once() {
    let bench = Bench::new().file("mended", "").runbook("book.yaml", BOOK);
    bench.args(["run", "book.yaml"]).stdout_contains("succeeded").exit(0);
    let folder = bench.run_folder();
    let run = folder.file_name().expect("a run has a folder").to_string_lossy().into_owned();
    let undo = || bench.args(["undo", run.as_str(), "--reason", "it made things worse"]);
    undo().stdout_contains("not recovered: aborted").exit(4);
    assert_eq!(bench.effects(), ["a", "b", "un-b", "un-a"]);
    undo().stderr_contains("can be taken back").exit(2);
    bench.sound_journal();
}

#[test]
fn at_a_terminal_undo_shows_what_is_taken_back_and_asks() {
    let bench = held();
    let mut screen = bench.at_terminal(["undo"]);
    screen.wait_for("this would be taken back, in this order:");
    screen.wait_for("Take all of it back?");
    screen.types("y\r");
    screen.wait_for("Reason");
    screen.types("wrong cluster\r");
    screen.exit(4);
    assert_eq!(bench.effects(), ["a", "b", "un-b", "un-a"]);
}

#[test]
fn a_broken_invariant_holds_the_run_and_names_the_way_on() {
    let bench = Bench::new().file("replica", "").runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        defaults: {shell: sh -eu}
        invariants: [{id: replica, title: the replica follows, probe: {file: replica}}]
        steps:
          - {id: a, run: echo a >> effects; rm replica}
          - {id: b, run: echo b >> effects}
        ",
    );
    bench
        .args(["run", "book.yaml"])
        .stdout_contains("--resolve invariant/replica=CHOICE --reason TEXT")
        .exit(5);
    assert_eq!(bench.effects(), ["a"]);
    let waiting = bench.status()["waiting_for"][0].clone();
    assert_eq!(waiting["kind"], "invariant");
    let resolve = |what: &str| bench.args(["resume", "--resolve", what, "--reason", "known"]);
    resolve("invariant/replika=retry").stderr_contains("did you mean `invariant/replica`?").exit(2);
    resolve("invariant/replica=retry").stdout_contains("does not hold").exit(5);
    resolve("invariant/replica=waive").stdout_contains("succeeded with exceptions").exit(8);
    assert_eq!(bench.effects(), ["a", "b"]);
}

/// A run that was to be taken back, and waits at an undo that failed.
fn held_at_an_undo() -> Bench {
    let book = BOOK.replace("echo un-b", "test -e mended; echo un-b");
    let bench = Bench::new().runbook("book.yaml", &book);
    bench.args(["run", "book.yaml"]).stdout_contains("c is held").exit(5);
    let undo = bench.args(["undo", "--reason", "wrong cluster"]);
    undo.stdout_contains("the choices are retry, done, failed, skip\n").exit(5);
    assert_eq!(bench.state_of("b~undo"), "held");
    bench
}

#[test]
fn a_run_that_is_being_taken_back_is_gone_on_with_and_not_taken_back_once_more() {
    let bench = held_at_an_undo();
    bench.args(["status"]).stdout_contains("still to be taken back: b, a\n").exit(0);
    let status = bench.status();
    assert_eq!((&status["ending"], &status["to_take_back"]), (&json!("undo"), &json!(["b", "a"])));
    let again = bench.args(["undo", "--reason", "wrong cluster"]);
    let again = again.stderr_contains("error: the run is being taken back already");
    again.stderr_contains("`holdpoint abort` breaks it off").exit(2);
    let undo = ["resume", "--resolve", "b~undo=undo", "--reason", "wrong cluster"];
    bench.args(undo).stderr_contains("use one of retry, done, failed, skip").exit(2);
    let bench = bench.file("mended", "");
    let retry = ["resume", "--resolve", "b~undo=retry", "--reason", "it is mended"];
    bench.args(retry).stdout_contains("not recovered: aborted").exit(4);
    bench.args(["timeline"]).stdout_contains("aborted: its undo was asked for by ").exit(0);
    assert_eq!(bench.effects(), ["a", "b", "un-b", "un-a"]);
    let status = bench.status();
    assert_eq!((&status["ending"], &status["to_take_back"]), (&Value::Null, &Value::Null));
    bench.sound_journal();
}

#[test]
fn taking_back_can_be_broken_off_and_what_is_left_is_taken_back_later() {
    let bench = held_at_an_undo();
    let abort = bench.args(["abort", "--reason", "the volume is gone"]);
    let abort = abort.stdout_contains("would end here: aborted");
    abort.stdout_contains("aborted: by").exit(4);
    assert_eq!(bench.effects(), ["a", "b"]);
    assert_eq!(bench.state_of("b~undo"), "failed");
    let bench = bench.file("mended", "");
    let folder = bench.run_folder();
    let run = folder.file_name().expect("a run has a folder").to_string_lossy().into_owned();
    let undo = bench.args(["undo", run.as_str(), "--reason", "the volume is back"]);
    undo.stdout_contains("not recovered: aborted").exit(4);
    assert_eq!(bench.effects(), ["a", "b", "un-b", "un-a"]);
    bench.sound_journal();
}

#[test]
fn a_run_of_which_only_what_closes_it_is_left_is_neither_taken_back_nor_ended_early() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        steps: [{id: a, run: 'true', undo: {run: echo un-a >> effects}}]
        finally: [{id: tell, manual: Tell them.}]
        ",
    );
    bench.args(["run", "book.yaml"]).stdout_contains("tell is to be done by hand").exit(5);
    for word in ["undo", "abort"] {
        let call = bench.args([word, "--reason", "wrong cluster"]);
        let call = call.stderr_contains("error: only what closes the run is left to be done");
        call.stderr_contains("help: go on with: holdpoint").exit(2);
    }
    bench.sound_journal();
}

#[test]
fn an_undo_in_a_group_is_decided_about_by_the_name_that_status_shows() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        defaults: {shell: sh -eu}
        steps:
          - {id: g, steps: [{id: a, run: echo a >> effects, undo: {run: test -e mended; echo un-a >> effects}}]}
          - {id: b, run: exit 1}
        ",
    );
    bench.args(["run", "book.yaml"]).stdout_contains("b is held").exit(5);
    let group = bench.args(["undo", "g", "--reason", "wrong cluster"]);
    let group = group.stdout_contains("").stderr_contains("error: g is not taken back as one");
    group.stderr_contains("help: name one of the steps inside: g/a\n").exit(2);
    bench.args(["undo", "--reason", "wrong cluster"]).stdout_contains("g/a~undo is held").exit(5);
    let bench = bench.file("mended", "");
    let retry = ["retry", "a~undo", "--reason", "it is mended"];
    bench.args(retry).stdout_contains("it waits in the inbox").exit(0);
    bench.args(["resume"]).stdout_contains("not recovered: aborted").exit(4);
    assert_eq!(bench.effects(), ["a", "un-a"]);
}

#[test]
fn a_step_of_a_run_that_nobody_drives_is_taken_back_and_nothing_else_begins() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        defaults: {shell: sh -eu}
        steps:
          - {id: a, run: echo a >> effects, undo: {run: echo un-a >> effects}}
          - {id: look, run: 'until [ -e go ]; do sleep 0.02; done'}
          - {id: b, run: echo b >> effects}
        ",
    );
    let mut driver = bench.args(["run", "book.yaml"]).stdout_contains("").start();
    driver.wait_for("step_spawned", "look");
    driver.signal("TERM");
    driver.wait_until("it was told", |journal| !journal.events("stop_requested").is_empty());
    bench.write("go", "");
    driver.exit(143);
    let undo = bench.args(["undo", "a", "--reason", "it was wrong"]);
    let undo = undo.stdout_contains("only that step was to be taken back, so nothing else begins");
    undo.stdout_contains("\nstopped: the run is open and can go on\n").exit(5);
    assert_eq!(bench.effects(), ["a", "un-a"]);
    assert_eq!(
        (bench.state_of("b"), bench.status()["state"].clone()),
        ("ready".into(), json!("stopped"))
    );
    bench.args(["resume"]).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["a", "un-a", "b"]);
    bench.sound_journal();
}

#[test]
fn whoever_takes_one_step_back_is_asked_about_its_undo_and_about_nothing_else() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        defaults: {shell: sh -eu}
        steps:
          - {id: a, run: 'true', undo: {gate: {ask: Back with a?, word: back}, run: echo un-a >> effects}}
          - {id: b, gate: {ask: On with b?}, run: 'true'}
        ",
    );
    bench.args(["run", "book.yaml"]).stdout_contains("b waits at its gate").exit(5);
    let mut screen = bench.at_terminal(["undo", "a", "--reason", "it was wrong"]);
    screen.wait_for("Take it back, and leave the run open?");
    screen.types("y\r");
    screen.wait_for("Type back to go on, or no to refuse:");
    screen.types("back\r");
    let shown = screen.exit(5);
    assert!(!shown.contains("b: On with b?"), "{shown}");
    assert_eq!(bench.effects(), ["un-a"]);
}

#[test]
fn a_run_that_was_driven_for_the_undo_of_one_step_does_not_end_with_that() {
    let bench = held();
    let undone = |line: &str| bench.effects().contains(&line.to_owned());
    bench.args(["skip", "c", "--reason", "not tonight"]).stdout_contains("it waits").exit(0);
    let undo = bench.args(["undo", "a", "--reason", "it was wrong"]);
    undo.stdout_contains("stopped: the run is open and can go on").exit(5);
    assert!(undone("un-a") && !undone("un-b"));
    assert_eq!(bench.status()["state"], "stopped");
    bench.args(["resume"]).stdout_contains("succeeded with exceptions").exit(8);
}

#[test]
fn a_step_is_named_where_no_run_is_open() {
    let bench = Bench::new();
    bench.args(["undo", "a", "--reason", "x"]).stderr_contains("error: no run is open").exit(2);
}

#[test]
fn a_name_that_several_steps_have_is_answered_with_their_paths() {
    let part = "
        holdpoint: 1
        id: part
        title: Part
        steps: [{id: look, run: exit 1}]
        ";
    let book = "
        holdpoint: 1
        id: book
        title: Book
        steps: [{id: one, include: part.yaml}, {id: two, include: part.yaml}]
        ";
    let bench = Bench::new().runbook("part.yaml", part).runbook("book.yaml", book);
    bench.args(["run", "book.yaml"]).stdout_contains("one/look is held").exit(5);
    let told = "error: the runbook has 2 steps `look`\n  help: name one of one/look, two/look\n";
    bench.args(["retry", "look", "--reason", "again"]).stderr(told).exit(2);
}
