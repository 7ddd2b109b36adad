//! A runbook that changed under its run and is taken over, by somebody's word.

use std::fs;

use crate::harness::{Bench, Call, eventually};

pub(crate) const BOOK: &str = "
    holdpoint: 1
    id: book
    title: Book
    defaults: {shell: sh -eu}
    steps:
      - {id: dump, run: echo dump >> effects}
      - {id: load, run: echo load >> effects}
      - {id: drop, gate: true, run: echo drop >> effects}
      - {id: last, run: echo last >> effects}
    ";

/// A run that is left at the gate of `drop`.
pub(crate) fn left() -> Bench {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    bench.args(["run", "book.yaml"]).stdout_contains("drop waits at its gate").exit(5);
    assert_eq!(bench.effects(), ["dump", "load"]);
    bench
}

/// The same, and its runbook has changed since.
pub(crate) fn changed(changes: &[(&str, &str)]) -> Bench {
    let bench = left();
    change(&bench, changes);
    bench
}

#[track_caller]
pub(crate) fn change(bench: &Bench, changes: &[(&str, &str)]) {
    let mut text = fs::read_to_string(bench.path("book.yaml")).expect("it was written");
    for (before, now) in changes {
        assert!(text.contains(before), "{before} is not in it");
        text = text.replace(before, now);
    }
    bench.write("book.yaml", &text);
}

pub(crate) fn adopt<'b>(bench: &'b Bench, more: &[&str]) -> Call<'b> {
    bench.args(["adopt", "--reason", "the host was wrong"].iter().chain(more).copied())
}

/// Goes on to the end, the gate opened by a prepared answer.
pub(crate) fn on(bench: &Bench, code: i32) -> String {
    bench.write("answers.yaml", "drop: approve\n");
    bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains("").exit(code).stdout
}

#[test]
fn what_waits_takes_the_new_definition_and_what_is_done_stays_done() {
    let bench = changed(&[("echo last", "echo LAST"), ("echo drop", "echo DROP")]);
    adopt(&bench, &["--operator", "ann"])
        .stdout(
            "
            what has changed:
              changed  drop (at gate): run
                         was: echo drop >> effects
                         now: echo DROP >> effects
              changed  last: run
                         was: echo last >> effects
                         now: echo LAST >> effects
            [RUN] goes by the changed runbook from here on
            go on with: holdpoint resume [RUN]
            ",
        )
        .exit(0);
    bench.args(["runs"]).stdout_contains("  stopped  Book").exit(0);
    let printed = on(&bench, 0);
    assert!(!printed.contains("knows it"), "it goes by the file again: {printed}");
    assert_eq!(bench.effects(), ["dump", "load", "DROP", "LAST"]);
    let event = bench.sound_journal().events("runbook_adopted")[0].clone();
    assert_eq!((&event["by"], &event["reason"]), (&"ann".into(), &"the host was wrong".into()));
    assert_eq!(event["changed"], serde_json::json!(["drop", "last"]));
    bench
        .args(["verify"])
        .stdout_contains("the frozen runbook is the one that the run began with\n")
        .stdout_contains("runbook-2 is the one that the run took over\n")
        .exit(0);
    bench
        .args(["timeline"])
        .stdout_contains("the changed runbook taken over by ann: the host was wrong")
        .stdout_contains("changed: drop, last")
        .exit(0);
    assert_eq!(bench.timeline()["outcome"], "succeeded");
}

#[test]
fn a_step_that_is_done_and_differs_needs_a_word() {
    let bench = changed(&[("echo load", "echo LOAD"), ("echo dump", "echo DUMP")]);
    let records = bench.journal().records().len();
    adopt(&bench, &["--keep", "dump"])
        .stdout_contains("changed  load (succeeded): run")
        .stderr(
            "
            error: these steps are done and differ now: load
              help: say --keep STEP or --redo STEP for each, with --reason TEXT
            ",
        )
        .exit(2);
    bench
        .args(["adopt", "--keep", "dump", "--redo", "load"])
        .stdout_contains("")
        .stderr_contains("taking a changed runbook over needs a reason")
        .exit(2);
    assert_eq!(bench.journal().records().len(), records);
    adopt(&bench, &["--keep", "dump", "--redo", "load"])
        .stdout_contains("  kept     dump\n  redone   load\n")
        .exit(0);
    assert_eq!(bench.state_of("load"), "ready");
    on(&bench, 0);
    assert_eq!(bench.effects(), ["dump", "load", "LOAD", "drop", "last"]);
    let timeline = bench.args(["timeline"]).stdout_contains("").exit(0).stdout;
    assert!(timeline.contains("done before, and its result counts: dump"), "{timeline}");
    assert!(timeline.contains("done before, and to be done again: load"), "{timeline}");
    bench.args(["verify"]).stdout_contains("outputs that match").exit(0);
}

#[test]
fn a_step_may_be_done_again_that_did_not_change_itself() {
    let bench = changed(&[("echo dump", "echo DUMP")]);
    adopt(&bench, &["--redo", "dump", "--redo", "load"]).stdout_contains("redone   load").exit(0);
    on(&bench, 0);
    assert_eq!(bench.effects(), ["dump", "load", "DUMP", "load", "drop", "last"]);
}

#[test]
fn words_that_decide_nothing_are_refused() {
    let bench = changed(&[("echo load", "echo LOAD")]);
    for (more, said) in [
        (vec!["--keep", "loda"], "did you mean `load`?"),
        (vec!["--keep", "dump"], "there is nothing to decide about `dump`"),
        (vec!["--redo", "last"], "`last` is not done, so it cannot be done again"),
        (vec!["--redo", "load", "--keep", "load"], "`load` is decided twice"),
    ] {
        adopt(&bench, &more).stdout_contains("").stderr_contains(said).exit(2);
    }
    assert!(bench.journal().events("runbook_adopted").is_empty());
}

#[test]
fn words_about_a_step_need_no_decision() {
    let bench = changed(&[("{id: load,", "{id: load, title: Load it, why: it must be,")]);
    adopt(&bench, &[]).stdout_contains("changed  load (succeeded): title, why\n").exit(0);
}

#[test]
fn an_answer_for_the_old_command_does_not_open_the_new_gate() {
    let bench = left();
    let old = bench.status()["waiting_for"][0]["digest"].as_str().unwrap_or_default().to_owned();
    change(&bench, &[("echo drop", "echo DROP")]);
    adopt(&bench, &[]).stdout_contains("").exit(0);
    bench.write("answers.yaml", &format!("drop: {{approve: true, digest: {old}}}\n"));
    let resume = || bench.args(["resume", "--answers", "answers.yaml"]);
    resume().stdout_contains("drop waits at its gate").exit(5);
    assert_eq!(bench.effects(), ["dump", "load"]);
    let new = bench.status()["waiting_for"][0]["digest"].as_str().unwrap_or_default().to_owned();
    assert_ne!(old, new);
    bench.write("answers.yaml", &format!("drop: {{approve: true, digest: {new}}}\n"));
    resume().stdout_contains("succeeded").exit(0);
    assert_eq!(bench.effects(), ["dump", "load", "DROP", "last"]);
}

#[test]
fn one_of_two_approvals_does_not_outlive_the_command_that_it_was_given_for() {
    let text = BOOK.replace("gate: true", "gate: {quorum: 2}");
    let bench = Bench::new().runbook("book.yaml", &text);
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    let approve = |by: &str| {
        let digest = bench.status()["waiting_for"][0]["digest"].as_str().unwrap_or("").to_owned();
        let answer = format!("drop: {{approve: true, by: {by}, digest: {digest}}}\n");
        bench.write("answers.yaml", &answer);
        bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains("approved by")
    };
    approve("ada").exit(5);
    change(&bench, &[("echo drop", "echo DROP")]);
    adopt(&bench, &[]).stdout_contains("").exit(0);
    bench.args(["resume"]).stdout_contains("").exit(5);
    approve("grace").exit(5);
    approve("ada").exit(0);
    assert_eq!(bench.effects(), ["dump", "load", "DROP", "last"]);
}

#[test]
fn what_runs_or_is_in_doubt_stands_in_the_way() {
    let text = BOOK.replace("echo load >> effects", "sh load.sh");
    let bench = Bench::new().runbook("book.yaml", &text);
    bench.write("load.sh", "until [ -e go ]; do sleep 0.02; done; echo load >> effects\n");
    let mut driver = bench.args(["run", "book.yaml"]).stdout_contains("").start();
    driver.wait_for("step_spawned", "load");
    change(&bench, &[("echo last", "echo LAST")]);
    adopt(&bench, &[]).stderr_contains("is driven by").exit(7);
    driver.kill();
    eventually("its end is seen", || bench.state_of("load") == "in_doubt");
    adopt(&bench, &[])
        .stderr(
            "
            error: [RUN] cannot take a changed runbook over: `load` is in doubt
              help: go on with it first: holdpoint resume [RUN]
            ",
        )
        .exit(2);
    bench.write("go", "");
    bench.wait_for_quiet();
    let settle = ["resume", "--resolve", "load=done", "--reason", "seen"];
    bench.args(settle).stdout_contains("drop waits at its gate").exit(5);
    adopt(&bench, &[]).stdout_contains("").exit(0);
    on(&bench, 0);
    assert_eq!(bench.effects().last().map(String::as_str), Some("LAST"));
}

#[test]
fn a_run_that_has_ended_takes_nothing_over() {
    let bench = left();
    on(&bench, 0);
    change(&bench, &[("echo last", "echo LAST")]);
    let run = bench.run_folder().file_name().map(|name| name.to_string_lossy().into_owned());
    let run = run.unwrap_or_default();
    adopt(&bench, &[run.as_str()])
        .stderr_contains("cannot take a changed runbook over: the run has ended")
        .exit(2);
    adopt(&bench, &[]).stderr_contains("no run is open").exit(2);
}

#[test]
fn another_runbook_is_refused_and_so_is_one_that_does_not_admit_the_inputs() {
    let bench = changed(&[("id: book", "id: other")]);
    let said = "error: the changed file is the runbook `other`, and the run is of `book`";
    adopt(&bench, &[]).stderr_contains(said).exit(3);
    let text = BOOK.replace("steps:", "inputs: {size: {default: big}}\n    steps:");
    let bench = Bench::new().runbook("book.yaml", &text);
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    change(&bench, &[("{default: big}", "{type: int, default: 3}")]);
    adopt(&bench, &[]).stderr_contains("error: the input `size` keeps its value, but").exit(3);
    change(&bench, &[("{type: int, default: 3}", "{secret: true}")]);
    adopt(&bench, &[]).stderr_contains("`size` is on record, and a secret now").exit(3);
    assert!(bench.journal().events("runbook_adopted").is_empty());
}

#[test]
fn a_new_input_is_asked_for_by_the_next_resume() {
    let bench = changed(&[
        ("steps:", "inputs: {host: {}}\nsteps:"),
        ("run: echo last >> effects", "run: 'echo ${{ inputs.host }} >> effects'"),
    ]);
    adopt(&bench, &[]).stdout_contains("of the runbook: inputs").exit(0);
    bench.write("answers.yaml", "drop: approve\n");
    let resume = ["resume", "--answers", "answers.yaml"];
    bench.args(resume).stdout_contains("the input host has no value").exit(5);
    bench.args(["resume", "--input", "host=db"]).stdout_contains("succeeded").exit(0);
    assert_eq!(bench.effects(), ["dump", "load", "drop", "db"]);
}

#[test]
fn the_way_back_of_what_was_done_is_not_lost() {
    let text = BOOK.replace("{id: load,", "{id: load, undo: {run: echo unload >> effects},");
    let bench = Bench::new().runbook("book.yaml", &text);
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    for changes in [
        [("echo unload", "echo UNLOAD")],
        [("undo: {run: echo unload >> effects}, ", "")],
        [("id: load,", "id: other,")],
    ] {
        bench.write("book.yaml", &text);
        change(&bench, &changes);
        adopt(&bench, &[])
            .stderr_contains("the way back of what was done would be lost: the `undo` of load")
            .exit(2);
    }
    bench.write("book.yaml", &text);
    change(&bench, &[("echo load", "echo LOAD")]);
    adopt(&bench, &["--keep", "load"]).stdout_contains("").exit(0);
    let undo = ["undo", "--reason", "wrong cluster"];
    bench.args(undo).stdout_contains("aborted").exit(4);
    assert_eq!(bench.effects(), ["dump", "load", "unload"]);
}

#[test]
fn a_run_may_take_over_more_than_once_and_every_copy_is_checked() {
    let bench = changed(&[("echo last", "echo LAST")]);
    adopt(&bench, &[]).stdout_contains("").exit(0);
    change(&bench, &[("echo LAST", "echo THE END")]);
    bench.args(["resume"]).stdout_contains("was: echo LAST >> effects\n").exit(5);
    adopt(&bench, &[]).stdout_contains("now: echo THE END >> effects\n").exit(0);
    let folder = bench.run_folder();
    for (name, since) in [("runbook-2", "it was taken over"), ("runbook", "the start")] {
        let path = folder.join(name).join("runbook.yaml");
        let text = fs::read_to_string(&path).expect("it is frozen");
        fs::write(&path, text.replace("echo dump", "echo DUMP")).expect("the owner may");
        let changed = format!("was changed after {since}");
        for command in ["resume", "status", "timeline", "undo", "adopt"] {
            bench.args([command]).stderr_contains(&changed).exit(6);
        }
        bench.args(["verify"]).stdout_contains("").stderr_contains(&changed).exit(6);
        fs::write(&path, text).expect("the owner may");
    }
    fs::rename(folder.join("runbook-3"), folder.join("elsewhere")).expect("the owner may");
    let missing = "its frozen runbook in runbook-3 is missing";
    bench.args(["resume"]).stderr_contains(missing).exit(6);
    bench.args(["verify"]).stdout_contains("").stderr_contains(missing).exit(6);
    fs::rename(folder.join("elsewhere"), folder.join("runbook-3")).expect("the owner may");
    on(&bench, 0);
    assert_eq!(bench.effects(), ["dump", "load", "drop", "THE END"]);
    bench.sound_journal();
}

#[test]
fn what_a_crash_left_before_the_event_is_replaced() {
    let bench = changed(&[("echo last", "echo LAST")]);
    let folder = bench.run_folder().join("runbook-2");
    fs::create_dir(&folder).expect("the owner may");
    for name in ["runbook.yaml", "included-1.yaml", "holdpoint.yaml"] {
        fs::write(folder.join(name), "half").expect("the owner may");
    }
    bench.args(["verify"]).stdout_contains("the run is open").exit(0);
    bench.args(["resume"]).stdout_contains("is not as this run knows it").exit(5);
    adopt(&bench, &[]).stdout_contains("").exit(0);
    let entries = fs::read_dir(&folder).expect("it is there").flatten();
    let names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["runbook.yaml"]);
    on(&bench, 0);
    assert_eq!(bench.effects(), ["dump", "load", "drop", "LAST"]);
}

#[test]
fn what_a_runbook_includes_and_its_library_are_taken_over_with_it() {
    let inner = "
        holdpoint: 1
        id: inner
        title: Inner
        steps: [{id: one, run: echo one >> effects}, {id: two, gate: true, run: echo two >> effects}]
        ";
    let outer = "
        holdpoint: 1
        id: book
        title: Book
        steps: [{id: in, include: inner.yaml}, {id: say, notify: {template: over}}]
        ";
    let library = "
        holdpoint: 1
        defaults: {shell: sh -eu}
        communications: {templates: {over: It is over.}}
        ";
    let bench = Bench::new().runbook("book.yaml", outer).runbook("inner.yaml", inner);
    let bench = bench.file("holdpoint.yaml", library);
    bench.args(["run", "book.yaml"]).stdout_contains("in/two waits at its gate").exit(5);
    bench.write("inner.yaml", &inner.replace("echo two", "echo TWO"));
    bench.write("holdpoint.yaml", &library.replace("It is over.", "All is well."));
    bench
        .args(["resume"])
        .stdout_contains("changed  in/two: run\n")
        .stdout_contains("changed  say: notify\n")
        .stdout_contains("changed  of the runbook: communications\n")
        .exit(5);
    adopt(&bench, &[]).stdout_contains("").exit(0);
    fs::remove_file(bench.path("inner.yaml")).expect("it is there");
    fs::remove_file(bench.path("holdpoint.yaml")).expect("it is there");
    bench.write("answers.yaml", "in/two: approve\n");
    let resume = ["resume", "--answers", "answers.yaml"];
    bench.args(resume).stdout_contains("All is well.").exit(0);
    assert_eq!(bench.effects(), ["one", "TWO"]);
    bench.args(["verify"]).stdout_contains("runbook-2").exit(0);
}

#[test]
fn items_that_are_done_are_decided_together() {
    let text = "
        holdpoint: 1
        id: book
        title: Book
        defaults: {shell: sh -eu}
        inputs: {hosts: {type: list, default: [a, b, c]}}
        steps:
          - id: restart
            each: {in: inputs.hosts}
            steps:
              - {id: stop, run: 'echo stop ${{ item }} >> effects'}
              - {id: start, run: 'test ${{ item }} != b || test -e go; echo start ${{ item }} >> effects'}
        ";
    let bench = Bench::new().runbook("book.yaml", text);
    bench.args(["run", "book.yaml"]).stdout_contains("restart is held").exit(5);
    bench.write("book.yaml", &text.replace("echo stop", "echo halt"));
    bench.write("go", "");
    adopt(&bench, &[])
        .stdout_contains("changed  restart/*/stop: run\n")
        .stderr_contains("these steps are done and differ now: restart\n")
        .exit(2);
    adopt(&bench, &["--keep", "restart/1", "--redo", "restart/2/stop"])
        .stdout_contains("  kept     restart/1/stop\n  redone   restart/2/stop\n")
        .exit(0);
    let retry = ["resume", "--resolve", "restart=retry", "--reason", "mended"];
    bench.args(retry).stdout_contains("succeeded").exit(0);
    let expected = ["stop a", "start a", "stop b", "halt b", "start b", "halt c", "start c"];
    assert_eq!(bench.effects(), expected);
    bench.sound_journal();
}

#[test]
fn at_a_terminal_each_step_is_asked_about_and_enter_alone_decides_nothing() {
    let bench = changed(&[("echo load", "echo LOAD"), ("echo dump", "echo DUMP")]);
    let mut screen = bench.at_terminal(["adopt"]);
    screen.wait_for("dump (succeeded) differs now");
    screen.types("\r");
    screen.wait_for("type keep or redo, then Enter");
    screen.types("keep\r");
    screen.wait_for("load (succeeded) differs now");
    screen.types("redo\r");
    screen.wait_for("Take it over?");
    screen.types("y\r");
    screen.wait_for("Reason");
    screen.types("the host was wrong\r");
    screen.exit(0);
    on(&bench, 0);
    assert_eq!(bench.effects(), ["dump", "load", "LOAD", "drop", "last"]);
}

#[test]
fn at_a_terminal_a_no_takes_nothing_over() {
    let bench = changed(&[("echo last", "echo LAST")]);
    let mut screen = bench.at_terminal(["adopt"]);
    screen.wait_for("Take it over?");
    screen.types("n\r");
    screen.exit(4);
    assert!(bench.journal().events("runbook_adopted").is_empty());
    assert!(!bench.run_folder().join("runbook-2").exists());
}

#[test]
fn a_step_that_is_held_may_not_move_to_where_it_cannot_go_on() {
    let text = BOOK.replace("echo load >> effects", "test -e mended");
    let bench = Bench::new().runbook("book.yaml", &text);
    bench.args(["run", "book.yaml"]).stdout_contains("load is held").exit(5);
    let step = "{id: load, run: test -e mended}";
    change(&bench, &[(step, &format!("{{id: p, steps: [{step}]}}"))]);
    adopt(&bench, &[])
        .stderr(
            "
            error: the changed runbook cannot be taken over: `p/load` is open, and `p` around it is not
              help: leave that step where it was, or settle it first: holdpoint resume
            ",
        )
        .exit(2);
}
