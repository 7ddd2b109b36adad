//! A driver that dies stops nothing: the keeper of its run goes on, and the next driver goes on
//! watching, or takes the true end.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Bench, Call, eventually};

/// A bench whose runbook has these keys for its step `work`, and these further steps.
fn bench(work: &str, more: &str) -> Bench {
    let indented = |text: &str, by: usize| -> String {
        let line = |line: &str| format!("{:by$}{line}\n", "");
        text.trim().lines().map(line).collect()
    };
    let head = "
holdpoint: 1
id: long
title: A step that takes long
defaults: {shell: sh -eu}
inputs: {password: {type: string, secret: true, optional: true, env: PASSWORD}}
steps:
  - id: work
";
    let text = [head.trim_start(), &indented(work, 4), &indented(more, 2)].concat();
    Bench::new().runbook("book.yaml", &text)
}

/// A step that works until the file `go` is there, and then does this.
fn works(then: &str) -> String {
    format!(
        "run: |\n  echo work >> effects\n  until [ -e go ]; do sleep 0.02; done\n  \
         echo worked >> effects\n  {then}\n"
    )
}

const AFTER: &str = "- {id: after, run: echo after >> effects}";

/// The run, whose driver is killed while `work` is under way.
#[track_caller]
fn left_alone(bench: &Bench) {
    let mut driver = bench.args(["run", "book.yaml"]).start();
    driver.wait_for("step_spawned", "work");
    eventually("it works", || bench.effects() == ["work"]);
    driver.kill();
    assert_eq!(bench.keepers().len(), 1, "its keeper lives on");
}

/// The run, whose driver is killed while `work` is under way, which ends with nobody there.
#[track_caller]
fn ended_alone(bench: &Bench) {
    left_alone(bench);
    bench.write("go", "");
    bench.wait_for_quiet();
    assert_eq!(bench.journal().count("step_ended", "work"), 0);
}

fn resume(bench: &Bench) -> Call<'_> {
    bench.args(["resume"]).stdout_contains("")
}

/// The only end of `work` that is on record.
#[track_caller]
fn end_of_work(bench: &Bench) -> Value {
    let journal = bench.sound_journal();
    assert_eq!(journal.count("step_started", "work"), 1, "it was done once:\n{journal}");
    let ends = journal.about("step_ended", "work");
    assert_eq!(ends.len(), 1, "it ended once:\n{journal}");
    ends[0].clone()
}

#[test]
fn a_driver_that_is_killed_stops_nothing_and_the_next_one_goes_on_watching() {
    let bench = bench(&works("echo said"), AFTER);
    left_alone(&bench);
    let keeper = bench.keepers();
    let mut driver = resume(&bench).stdout_contains("          > said\n").start();
    driver.wait_for("step_found", "work");
    assert_eq!(bench.keepers(), keeper, "it is the same one");
    bench.write("go", "");
    driver.exit(0);
    assert_eq!(bench.effects(), ["work", "worked", "after"]);
    assert_eq!(end_of_work(&bench)["end"], json!({"how": "exited", "code": 0}));
    let journal = bench.journal();
    let process = |kind| journal.about(kind, "work")[0]["process"].clone();
    assert_eq!(process("step_found"), process("step_spawned"));
    assert_eq!(journal.events("doubt_settled").len(), 0);
    assert_eq!(bench.left_behind(), Vec::<String>::new());
    assert!(!bench.run_folder().join("keeper.sock").exists());
    bench.args(["verify"]).stdout_contains("").exit(0);
}

#[test]
fn what_is_watched_over_is_shown_as_that_until_it_ends() {
    let bench = bench(&works("true"), AFTER);
    left_alone(&bench);
    let kept = "its keeper watches over what is in doubt: resume goes on from there\n";
    bench.args(["status"]).stdout_contains(kept).exit(0);
    let not_known = "**Not known:** how these ended, which had begun: work.\n";
    bench.args(["timeline"]).stdout_contains(not_known).exit(0);
    bench.write("go", "");
    bench.wait_for_quiet();
    let status = bench.args(["status"]).stdout_contains("in doubt     work\n").exit(0).stdout;
    assert!(!status.contains(kept), "{status}");
}

#[test]
fn an_end_that_came_with_nobody_there_is_taken_as_it_was() {
    for (then, end, exit) in [
        ("true", json!({"how": "exited", "code": 0}), 0),
        ("exit 3", json!({"how": "exited", "code": 3}), 5),
        ("kill -9 $$", json!({"how": "signalled", "signal": 9}), 5),
    ] {
        let bench = bench(&works(then), AFTER);
        ended_alone(&bench);
        resume(&bench).exit(exit);
        assert_eq!(end_of_work(&bench)["end"], end);
        assert_eq!(bench.journal().about("step_found", "work")[0]["process"], Value::Null);
        let state = if exit == 0 { "succeeded" } else { "held" };
        assert_eq!(bench.state_of("work"), state);
        let effects = bench.effects();
        assert_eq!(effects.contains(&"after".to_owned()), exit == 0, "{effects:?}");
    }
}

#[test]
fn a_bad_end_while_the_next_driver_watches_is_taken_as_it_was() {
    for (then, end) in [
        ("exit 3", json!({"how": "exited", "code": 3})),
        ("kill -9 $$", json!({"how": "signalled", "signal": 9})),
    ] {
        let bench = bench(&works(then), AFTER);
        left_alone(&bench);
        let mut driver = resume(&bench).start();
        driver.wait_for("step_found", "work");
        bench.write("go", "");
        driver.exit(5);
        assert_eq!(end_of_work(&bench)["end"], end);
        assert_eq!(bench.state_of("work"), "held");
        assert_eq!(bench.effects(), ["work", "worked"]);
    }
}

#[test]
fn a_deadline_is_kept_with_nobody_there() {
    let bench = bench(&format!("timeout: 1s\n{}", works("true")), AFTER);
    left_alone(&bench);
    bench.wait_for_quiet();
    resume(&bench).exit(5);
    assert_eq!(bench.effects(), ["work"]);
    let end = end_of_work(&bench);
    assert_eq!(
        (&end["end"]["how"], &end["failure"]["kind"]),
        (&"timed_out".into(), &"timeout".into())
    );
}

#[test]
fn what_a_step_hands_over_with_nobody_there_reaches_the_steps_that_use_it() {
    let keys = "
outputs:
  text: {from: line, line: 1}
  rows: {from: regex, pattern: 'rows=([0-9]+)', type: int}
  file: {}
";
    let then = "echo first; echo rows=217; echo file=handed >> $HOLDPOINT_OUTPUT";
    let all = "${{ steps.work.outputs.text }} ${{ steps.work.outputs.rows }} \
               ${{ steps.work.outputs.file }}";
    let bench = bench(
        &format!("{}\n{}", keys.trim(), works(then)),
        &format!("- {{id: after, run: 'echo {all} >> effects'}}"),
    );
    ended_alone(&bench);
    resume(&bench).exit(0);
    assert_eq!(bench.effects(), ["work", "worked", "first 217 handed"]);
    let outputs = json!({"text": "first", "rows": 217, "file": "handed"});
    assert_eq!(end_of_work(&bench)["outputs"], outputs);
    bench.shell("ls state/runs/*/output | grep values || echo none").stdout("none").exit(0);
}

#[test]
fn json_that_was_printed_with_nobody_there_is_read() {
    let keys = "outputs: {n: {from: json, path: $.n, type: int}}\n";
    let bench = bench(
        &format!("{keys}{}", works("echo '{\"n\": 41}'")),
        "- {id: after, run: 'echo ${{ steps.work.outputs.n }} >> effects'}",
    );
    ended_alone(&bench);
    resume(&bench).exit(0);
    assert_eq!(bench.effects(), ["work", "worked", "41"]);
}

#[test]
fn a_secret_that_was_made_with_nobody_there_waits_for_the_next_driver_and_is_in_no_file() {
    let keys = "outputs: {key: {secret: true}}\n";
    let bench = bench(
        &format!("{keys}{}", works("echo made-$(cat seed)")),
        "- {id: after, stdin: '${{ steps.work.outputs.key }}', run: cat > key}",
    )
    .file("seed", "by-a-hunter");
    left_alone(&bench);
    bench.write("go", "");
    let is_left = || bench.left_behind().iter().all(|command| command.contains("@keeper"));
    eventually("the step has ended", || bench.effects().len() == 2 && is_left());
    // Whether it would go away would show only after a while; that it is used shows that it did not.
    assert_eq!(bench.keepers().len(), 1, "it waits with what stands in no file");
    bench.shell("grep -r made-by state || echo none").stdout("none").exit(0);
    resume(&bench).exit(0);
    assert_eq!(fs::read_to_string(bench.path("key")).ok().as_deref(), Some("made-by-a-hunter"));
    assert_eq!(end_of_work(&bench)["secrets"], json!(["key"]));
    bench.shell("grep -r made-by state || echo none").stdout("none").exit(0);
    assert_eq!(bench.left_behind(), Vec::<String>::new());
}

#[test]
fn a_keeper_whose_secret_was_taken_does_not_wait_for_ever() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
            holdpoint: 1
            id: long
            title: A run that takes long
            steps:
              - {id: work, run: echo made-by-a-hunter, outputs: {key: {secret: true}}}
            exit_criteria: [{probe: {file: well, within: 50s, every: 20ms}}]
        ",
    );
    let mut driver = bench.args(["run", "book.yaml"]).start();
    driver.wait_until("it looks", |journal| !journal.events("check_started").is_empty());
    driver.kill();
    assert_eq!(bench.keepers().len(), 1, "nobody has told it that its secret was taken");
    bench.write("well", "");
    // The next driver has nothing to ask of a keeper.
    resume(&bench).exit(0);
    bench.wait_for_quiet();
    assert_eq!(bench.sound_journal().count("step_started", "work"), 1);
}

#[test]
fn a_driver_killed_before_an_end_is_on_record_leaves_what_was_handed_over() {
    let keys = "outputs: {file: {}}\n";
    let bench = bench(
        &format!("{keys}{}", works("echo printed; echo file=handed >> $HOLDPOINT_OUTPUT")),
        "- {id: after, run: 'echo ${{ steps.work.outputs.file }} >> effects'}",
    );
    ended_alone(&bench);
    // Each driver is killed as it is about to write, and each later than the one before. Where
    // strace is not there, none is.
    let id = bench.run_folder().file_name().expect("it has a name").display().to_string();
    for n in 1..=12 {
        let inject = format!("inject=write:signal=KILL:when={n}");
        let line = format!("strace -o trace -e {inject} holdpoint resume {id} || true");
        bench.shell(&line).stdout_contains("").stderr_contains("").exit(0);
    }
    bench.args(["resume", &id]).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["work", "worked", "handed"]);
    assert_eq!(end_of_work(&bench)["outputs"], json!({"file": "handed"}));
}

#[test]
fn a_secret_that_is_printed_with_nobody_there_is_masked_in_the_file() {
    let work = format!("env: {{P: '${{{{ inputs.password }}}}'}}\n{}", works("echo it is $P."));
    let bench = bench(&work, AFTER).env("PASSWORD", "hunter2hunter2");
    ended_alone(&bench);
    let kept = fs::read_to_string(bench.run_folder().join("output/work.1.out"));
    assert_eq!(kept.expect("what was printed is kept"), "it is ***.\n");
    resume(&bench).exit(0);
    assert_eq!(end_of_work(&bench)["out"]["tail"], "it is ***.\n");
    bench.shell("grep -r hunter2 state || echo none").stdout("none").exit(0);
}

#[test]
fn a_driver_with_other_variables_gives_them_to_what_it_starts() {
    let says = "- {id: after, run: 'echo $WORD ${GONE-gone} >> effects'}";
    let bench = bench(&works("echo $WORD $GONE >> effects"), says).env("WORD", "old");
    let bench = bench.env("GONE", "here");
    left_alone(&bench);
    let resume = bench.shell("unset GONE; WORD=new exec holdpoint resume");
    let mut driver = resume.stdout_contains("").start();
    driver.wait_for("step_found", "work");
    bench.write("go", "");
    driver.exit(0);
    assert_eq!(bench.effects(), ["work", "worked", "old here", "new gone"]);
}

#[test]
fn a_line_that_drops_leaves_the_step_alone() {
    let trap = "trap 'echo hung-up >> effects' HUP INT TERM";
    let bench =
        bench(&works("true").replacen("run: |\n", &format!("run: |\n  {trap}\n"), 1), AFTER);
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    eventually("it works", || bench.effects() == ["work"]);
    // The driver leads the session of the terminal, and is killed with it.
    screen.signal("KILL");
    screen.hang_up();
    bench.write("go", "");
    bench.wait_for_quiet();
    resume(&bench).exit(0);
    assert_eq!(bench.effects(), ["work", "worked", "after"]);
    assert_eq!(end_of_work(&bench)["end"]["code"], 0);
}

#[test]
fn ctrl_c_twice_ends_a_step_that_an_earlier_driver_began() {
    let bench = bench(&works("true"), AFTER);
    left_alone(&bench);
    let hears = "exec env --default-signal=INT holdpoint resume";
    let mut driver = bench.shell(hears).stdout_contains("").start();
    driver.wait_for("step_found", "work");
    driver.signal("INT");
    driver.wait_until("it is heard", |journal| journal.events("stop_requested").len() == 1);
    driver.signal("INT");
    driver.exit(130);
    assert_eq!(bench.effects(), ["work"]);
    assert_eq!(end_of_work(&bench)["failure"]["kind"], "stopped");
    assert_eq!(bench.left_behind(), Vec::<String>::new());
}

#[test]
fn a_step_that_never_stops_printing_is_found_too() {
    let flood = "run: |\n  echo work >> effects\n  until [ -e go ]; do echo on and on; done\n  \
                 echo worked >> effects\n";
    let bench = bench(flood, AFTER);
    left_alone(&bench);
    for times in 1..=3 {
        let mut driver = resume(&bench).start();
        driver.wait_until("it is found", |journal| journal.count("step_found", "work") == times);
        driver.kill();
    }
    bench.write("go", "");
    resume(&bench).exit(0);
    assert_eq!(bench.effects(), ["work", "worked", "after"]);
    assert_eq!(end_of_work(&bench)["end"]["code"], 0);
}

/// A runbook whose driver waits for the file `proceed` between two steps.
fn halting() -> Bench {
    let until = "until: {file: proceed, within: 50s, every: 10ms}";
    bench(
        "run: echo work >> effects",
        &format!("- {{id: halt, wait: {{{until}}}}}\n- {{id: next, run: echo next >> effects}}"),
    )
}

#[test]
fn what_a_driver_meant_to_start_when_it_was_killed_happens_once() {
    for is_early in [true, false] {
        let bench = halting();
        let mut driver = bench.args(["run", "book.yaml"]).start();
        driver.wait_for("step_succeeded", "work");
        driver.wait_for("step_started", "halt");
        bench.signal_keeper("STOP");
        bench.write("proceed", "");
        driver.wait_for("step_started", "next");
        driver.kill();
        assert_eq!(bench.effects(), ["work"], "its keeper has not heard of it");
        if is_early {
            bench.signal_keeper("CONT");
            resume(&bench).exit(0);
        } else {
            let mut driver = resume(&bench).start();
            driver.wait_for("process_sought", "next");
            bench.signal_keeper("CONT");
            driver.exit(0);
        }
        assert_eq!(bench.effects(), ["work", "next"]);
        bench.sound_journal();
    }
}

#[test]
fn a_keeper_that_is_about_to_end_is_no_hindrance() {
    for _ in 0..5 {
        let bench = halting();
        let mut driver = bench.args(["run", "book.yaml"]).start();
        driver.wait_for("step_started", "halt");
        bench.signal_keeper("STOP");
        bench.write("proceed", "");
        driver.wait_for("step_started", "next");
        driver.kill();
        // It learns at the same time that a driver is gone and that another is there.
        let mut driver = resume(&bench).start();
        driver.wait_for("process_sought", "next");
        bench.signal_keeper("CONT");
        driver.exit(0);
        assert_eq!(bench.effects(), ["work", "next"]);
    }
}
