//! A driver and its keeper are killed in the middle, and the run goes on from there: nothing is lost, and no effect
//! happens twice unless somebody says so.
//!
//! Steps write to a file what they really did, so each effect is counted.

use crate::harness::{Bench, Call, Driver, eventually};

/// A runbook whose step `work` takes until the file `go` is there; `more` are further keys of it.
fn book(more: &str) -> String {
    format!(
        "
        holdpoint: 1
        id: long
        title: A step that takes long
        steps:
          - {{id: before, run: echo before >> effects}}
          - id: work
            {}
            run: |
              echo work >> effects
              until [ -e go ]; do sleep 0.02; done
              echo worked >> effects
          - {{id: after, run: echo after >> effects}}
        ",
        if more.is_empty() { "why: It takes its time." } else { more }
    )
}

/// Starts the run and kills its driver and its keeper once `work` is under way; `work` lives on.
#[track_caller]
fn killed(more: &str) -> Bench {
    let bench = Bench::new().runbook("book.yaml", &book(more));
    let mut driver = bench.args(["run", "book.yaml"]).start();
    driver.wait_for("step_spawned", "work");
    eventually("the step has had its effect", || bench.effects() == ["before", "work"]);
    driver.kill_with_keeper();
    assert!(!bench.left_behind().is_empty(), "what the driver started lives on");
    bench
}

/// The same, and what the driver had started has ended since.
#[track_caller]
fn killed_and_quiet(more: &str) -> Bench {
    let bench = killed(more);
    bench.write("go", "");
    bench.wait_for_quiet();
    assert_eq!(bench.effects(), ["before", "work", "worked"]);
    bench
}

fn resume<'b>(bench: &'b Bench, more: &[&str]) -> Call<'b> {
    bench.args(["resume"].iter().chain(more).copied()).stdout_contains("")
}

fn start_resume(bench: &Bench) -> Driver<'_> {
    resume(bench, &[]).start()
}

#[track_caller]
fn assert_done_once(bench: &Bench) {
    assert_eq!(bench.effects(), ["before", "work", "worked", "after"]);
    assert_eq!(bench.status()["state"], "succeeded");
    bench.sound_journal();
    bench.args(["verify"]).stdout_contains("").exit(0);
}

#[test]
fn a_run_whose_driver_was_killed_is_shown_as_it_is() {
    let bench = killed("");
    assert_eq!(bench.state_of("before"), "succeeded");
    assert_eq!(bench.state_of("work"), "in_doubt");
    assert_eq!(bench.state_of("after"), "pending");
    bench.args(["runs"]).stdout_contains("[RUN]  [AT] [AT] UTC  interrupted  A step that").exit(0);
    bench.args(["status"]).stdout_contains("in doubt     work\n").exit(0);
    bench.args(["verify"]).stdout_contains("the run is open: more may be appended\n").exit(0);
    bench.args(["timeline"]).stdout_contains("- Outcome: open: it has not ended\n").exit(0);
}

#[test]
fn a_step_in_doubt_waits_for_its_living_process_and_then_for_a_person() {
    let bench = killed("");
    let mut driver = start_resume(&bench);
    driver.wait_for("process_sought", "work");
    assert_eq!(bench.journal().count("process_gone", "work"), 0);
    assert_eq!(bench.effects(), ["before", "work"]);
    bench.write("go", "");
    let printed = driver.exit(5).stdout;
    assert!(printed.contains("work is in doubt: it was started, and how it ended is not known"));

    assert_eq!(bench.effects(), ["before", "work", "worked"]);
    assert_eq!(bench.state_of("work"), "in_doubt");
    let status = bench.status();
    assert_eq!(status["waiting_for"][0]["kind"], "in_doubt");
    assert_eq!(status["waiting_for"][0]["step"], "work");
    bench.sound_journal();
}

#[test]
fn a_person_says_that_a_step_in_doubt_is_done() {
    let bench = killed_and_quiet("");
    let reason = "the table is full";
    resume(&bench, &["--resolve", "work=done", "--reason", reason, "--operator", "ann"]).exit(0);
    assert_done_once(&bench);
    let journal = bench.journal();
    let settled = journal.about("doubt_settled", "work");
    assert_eq!(settled.len(), 1);
    assert_eq!((&settled[0]["choice"], &settled[0]["reason"]), (&"done".into(), &reason.into()));
    assert_eq!(settled[0]["by"], serde_json::json!({"by": "person", "name": "ann"}));
}

#[test]
fn a_person_lets_a_step_in_doubt_be_done_again() {
    let bench = killed_and_quiet("");
    resume(&bench, &["--resolve", "work=rerun", "--reason", "nothing came of it"]).exit(0);
    assert_eq!(bench.effects(), ["before", "work", "worked", "work", "worked", "after"]);
    assert_eq!(bench.sound_journal().count("step_started", "work"), 2);
}

#[test]
fn a_step_in_doubt_that_failed_goes_the_way_of_a_failed_step() {
    let held = killed_and_quiet("");
    resume(&held, &["--resolve", "work=failed", "--reason", "the table is empty"]).exit(5);
    assert_eq!(held.state_of("work"), "held");
    assert_eq!(held.effects(), ["before", "work", "worked"]);
    let abort = killed_and_quiet("on_failure: abort");
    resume(&abort, &["--resolve", "work=failed", "--reason", "the table is empty"]).exit(1);
    assert_eq!(abort.state_of("work"), "failed");
    assert_eq!(abort.effects(), ["before", "work", "worked"]);
    held.sound_journal();
    abort.sound_journal();
}

#[test]
fn a_decision_for_a_held_step_is_none_for_a_step_in_doubt() {
    let bench = killed_and_quiet("");
    let before = bench.journal().records().len();
    for choice in ["retry", "skip", "maybe"] {
        bench
            .args(["resume", "--resolve", &format!("work={choice}"), "--reason", "x"])
            .stderr(&format!(
                "error: `{choice}` is no decision for `work`\n  help: use one of done, rerun, failed\n"
            ))
            .exit(2);
    }
    assert_eq!(bench.journal().records().len(), before);
}

#[test]
fn a_step_that_only_reads_is_done_again_by_itself() {
    let bench = killed_and_quiet("effect: read");
    resume(&bench, &[]).exit(0);
    assert_eq!(bench.effects(), ["before", "work", "worked", "work", "worked", "after"]);
    let journal = bench.sound_journal();
    assert_eq!(journal.about("doubt_settled", "work")[0]["by"]["by"], "effect");
}

#[test]
fn an_idempotent_step_is_done_again_once_its_process_is_gone() {
    let bench = killed("effect: idempotent");
    let mut driver = start_resume(&bench);
    driver.wait_for("process_sought", "work");
    assert_eq!(bench.journal().count("step_started", "work"), 1);
    bench.write("go", "");
    driver.exit(0);
    assert_eq!(bench.effects(), ["before", "work", "worked", "work", "worked", "after"]);
    let journal = bench.sound_journal();
    let place = |kind: &str, attempt: u64| {
        let is_it = |record: &serde_json::Value| {
            let event = &record["event"];
            let is_attempt = attempt == 0 || event["attempt"] == attempt;
            event["type"] == kind && event["step"] == "work" && is_attempt
        };
        journal.records().iter().position(is_it)
    };
    assert!(place("process_gone", 0).is_some());
    assert!(place("process_gone", 0) < place("step_started", 2));
}

#[test]
fn what_cannot_be_taken_back_or_stands_behind_a_gate_is_never_repeated_by_itself() {
    let gone = killed_and_quiet("effect: idempotent\n            destructive: true");
    resume(&gone, &[]).exit(5);
    assert_eq!(gone.state_of("work"), "in_doubt");

    let gated = Bench::new()
        .runbook("book.yaml", &book("effect: idempotent\n            gate: {word: yes please}"))
        .file("answers.yaml", "work: {word: yes please}");
    let mut driver = gated.args(["run", "book.yaml", "--answers", "answers.yaml"]).start();
    driver.wait_for("step_spawned", "work");
    driver.kill_with_keeper();
    gated.write("go", "");
    gated.wait_for_quiet();
    resume(&gated, &[]).exit(5);
    assert_eq!(gated.state_of("work"), "in_doubt");
    // Done again, it asks again: an old yes is none.
    resume(&gated, &["--resolve", "work=rerun", "--reason", "it did nothing"]).exit(5);
    assert_eq!(gated.state_of("work"), "at_gate");
    resume(&gated, &["--answers", "answers.yaml"]).exit(0);
    assert_eq!(gated.effects(), ["before", "work", "worked", "work", "worked", "after"]);
    gated.sound_journal();
}

#[test]
fn an_effect_that_is_there_settles_the_doubt() {
    let bench = killed_and_quiet("done_when: {run: [grep, -q, worked, effects]}");
    resume(&bench, &[]).exit(0);
    assert_done_once(&bench);
    assert_eq!(bench.journal().about("doubt_settled", "work")[0]["by"]["by"], "done_when");
}

#[test]
fn an_effect_that_is_not_there_leaves_the_doubt_to_a_person() {
    let bench = killed_and_quiet("done_when: {file: finished}");
    resume(&bench, &[]).exit(5);
    assert_eq!(bench.state_of("work"), "in_doubt");
    assert_eq!(bench.journal().count("step_started", "work"), 1);
    bench.sound_journal();
}

#[test]
fn two_kills_in_a_row_change_nothing() {
    let bench = killed("");
    for sought in [1, 2] {
        let mut driver = start_resume(&bench);
        driver.wait_until("the process is sought", |j| j.count("process_sought", "work") == sought);
        driver.kill();
    }
    bench.write("go", "");
    bench.wait_for_quiet();
    resume(&bench, &[]).exit(5);
    resume(&bench, &["--resolve", "work=done", "--reason", "it is there"]).exit(0);
    assert_done_once(&bench);
    assert_eq!(bench.journal().events("resumed").len(), 4);
}

#[test]
fn a_driver_killed_while_it_verifies_looks_again_and_does_not_act_again() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
            holdpoint: 1
            id: verifies
            title: Verifies
            steps:
              - id: work
                run: echo work >> effects
                verify: [{probe: {file: go, within: 50s, every: 20ms}}]
              - {id: after, run: echo after >> effects}
            exit_criteria: [{probe: {file: well, within: 50s, every: 20ms}}]
        ",
    );
    let looks_at = |purpose: &'static str, times: usize| {
        move |journal: &crate::harness::Journal| {
            let started = journal.events("check_started");
            started.iter().filter(|event| event["check"]["purpose"] == purpose).count() == times
        }
    };
    let mut driver = bench.args(["run", "book.yaml"]).start();
    driver.wait_until("it verifies", looks_at("verify", 1));
    driver.kill();
    let mut driver = start_resume(&bench);
    driver.wait_until("it verifies again", looks_at("verify", 2));
    bench.write("go", "");
    driver.wait_until("it looks at the whole", looks_at("exit_criterion", 1));
    driver.kill();
    assert_eq!(bench.effects(), ["work", "after"]);
    bench.write("well", "");
    resume(&bench, &[]).exit(0);
    assert_eq!(bench.effects(), ["work", "after"]);
    assert_eq!(bench.status()["verdict"], "recovered");
    bench.sound_journal();
}

#[test]
fn steps_that_ran_at_the_same_time_are_each_in_doubt() {
    let step = |id: &str, more: &str| {
        let wait = "until [ -e go ]; do sleep 0.02; done";
        format!("  - {{id: {id}, needs: [], {more}run: 'echo {id} >> effects; {wait}'}}\n")
    };
    let steps = [step("a", "effect: read, "), step("b", ""), step("c", "")].concat();
    let last = "  - {id: d, run: echo d >> effects}\n";
    let head = "holdpoint: 1\nid: wide\ntitle: Wide\nsteps:\n";
    let bench = Bench::new().runbook("book.yaml", &format!("{head}{steps}{last}"));
    let mut driver = bench.args(["run", "book.yaml"]).start();
    driver.wait_until("three run", |journal| journal.events("step_spawned").len() == 3);
    eventually("all have had their effect", || bench.effects().len() == 3);
    driver.kill_with_keeper();
    bench.write("go", "");
    bench.wait_for_quiet();

    resume(&bench, &[]).exit(5);
    let status = bench.status();
    let waits: Vec<_> = status["waiting_for"].as_array().into_iter().flatten().collect();
    let steps: Vec<_> = waits.iter().map(|question| &question["step"]).collect();
    assert_eq!(steps, ["b", "c"], "what only reads needs nobody");
    assert_eq!(bench.effects().len(), 3, "while a person is waited for nothing starts");

    let one = ["--resolve", "b=done", "--reason", "seen"];
    resume(&bench, &one).exit(5);
    resume(&bench, &["--resolve", "c=done", "--reason", "seen"]).exit(0);
    let mut effects = bench.effects();
    assert_eq!(effects.pop().as_deref(), Some("d"));
    effects.sort();
    assert_eq!(effects, ["a", "a", "b", "c"]);
    bench.sound_journal();
}

#[test]
fn one_driver_at_a_time_and_the_other_is_told_who_it_is() {
    let bench = Bench::new().runbook("book.yaml", &book(""));
    let run = ["run", "book.yaml", "--operator", "ann"];
    let mut driver = bench.args(run).stdout_contains("").start();
    driver.wait_for("step_spawned", "work");
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let (host, pid) = (host.trim(), driver.pid());
    let who = format!("error: [RUN] is driven by ann on {host} (process {pid}) since [AT] UTC
  help: talk to them; or end their driver and go on with: holdpoint resume [RUN] --take-over --reason TEXT");
    bench.args(["resume"]).stderr(&who).exit(7);
    bench.args(["resume", "--resolve", "work=done", "--reason", "x"]).stderr(&who).exit(7);
    assert_eq!(bench.journal().events("resumed").len(), 0);
    bench.args(["runs"]).stdout_contains("  running  ").exit(0);
    assert_eq!(bench.status()["state"], "running");
    assert_eq!(bench.state_of("work"), "running");
    bench.write("go", "");
    driver.exit(0);
    assert_done_once(&bench);
}

#[test]
fn a_run_that_has_ended_says_so_and_exits_as_it_did() {
    for (step, exit, how) in [
        ("run: 'true'", 0, "unverified: succeeded after [TIME]"),
        ("run: 'false', on_failure: continue", 8, "unverified: succeeded with exceptions after"),
        ("run: 'false', on_failure: abort", 1, "failed after [TIME]"),
    ] {
        let text = format!("holdpoint: 1\nid: x\ntitle: X\nsteps: [{{id: a, {step}}}]\n");
        let bench = Bench::new().runbook("book.yaml", &text);
        bench.args(["run", "book.yaml"]).stdout_contains("").exit(exit);
        let run = bench.run_folder();
        let id = run.file_name().expect("it has a name").to_string_lossy();
        let before = bench.journal().records().len();
        let said = format!("[RUN] has ended already\n{how}");
        bench.args(["resume", &id]).stdout_contains(&said).exit(exit);
        assert_eq!(bench.journal().records().len(), before);
    }
}

#[test]
fn of_several_who_resume_at_once_one_drives() {
    let bench = killed("");
    let script = "for n in 1 2 3 4; do { holdpoint resume; echo $? >> codes; } & done; wait";
    let driver = bench.shell(script).stdout_contains("").stderr_contains("is driven by").start();
    let codes = || std::fs::read_to_string(bench.path("codes")).unwrap_or_default();
    eventually("three were told of the fourth", || codes() == "7\n7\n7\n");
    bench.write("go", "");
    driver.exit(0);
    assert_eq!(codes(), "7\n7\n7\n5\n");
    assert_eq!(bench.effects(), ["before", "work", "worked"]);
    assert_eq!(bench.sound_journal().events("resumed").len(), 1);
}
