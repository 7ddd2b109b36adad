//! What does not hold, and what fails: the right exit code, nothing begun that should not be, and
//! nothing lost.

use serde_json::Value;

use crate::harness::{Bench, Call};

/// Two steps, the first of which does as it is told.
fn first_does(more: &str) -> Bench {
    Bench::new().runbook(
        "two.yaml",
        &format!(
            "
            holdpoint: 1
            id: two
            title: Two steps
            steps:
              - id: first
                {}
              - {{id: second, run: echo second >> effects}}
            ",
            more.trim().replace('\n', "\n                ")
        ),
    )
}

fn run_two(bench: &Bench) -> Call<'_> {
    bench.args(["run", "two.yaml"])
}

/// How the only attempt of the first step ended, as the journal tells it.
#[track_caller]
fn ending(bench: &Bench) -> Value {
    let journal = bench.sound_journal();
    match journal.about("step_ended", "first").as_slice() {
        [ended] => (*ended).clone(),
        all => panic!("one end was expected, found {all:?}"),
    }
}

#[test]
fn what_the_machine_lacks_is_told_before_a_run_is_made() {
    let bench = first_does("run: echo first >> effects");
    bench.write(
        "two.yaml",
        "
            holdpoint: 1
            id: two
            title: Two steps
            requires: {tools: [sh, no-such-tool, ./two.yaml], env: [NO_SUCH_VARIABLE]}
            steps:
              - {id: first, run: echo first >> effects}
        ",
    );
    run_two(&bench)
        .stderr(
            "error: `no-such-tool` was not found on PATH; `./two.yaml` was not found on PATH; \
             the variable NO_SUCH_VARIABLE is not set; nothing was started\n",
        )
        .exit(3);
    assert!(!bench.path("state").exists());
    assert!(bench.effects().is_empty());
}

/// A runbook with a symptom and a precondition, each a file that is there or not.
fn with_checks(files: &[&str]) -> Bench {
    let bench = Bench::new().runbook(
        "checks.yaml",
        "
            holdpoint: 1
            id: checks
            title: Checks
            confirm:
              - {id: symptom, title: it is broken, probe: {file: broken}}
            preconditions:
              - {id: disk, title: there is room, probe: {file: room}}
            steps:
              - {id: act, run: echo act >> effects}
            finally:
              - {id: tell, run: echo tell >> effects}
        ",
    );
    files.iter().fold(bench, |bench, file| bench.file(file, ""))
}

#[test]
fn without_the_symptom_or_a_precondition_nothing_begins() {
    for (file, missing, id) in [
        ("room", "symptom \"it is broken\"", "symptom"),
        ("broken", "precondition \"there is room\"", "disk"),
    ] {
        let bench = with_checks(&[file]);
        bench
            .args(["run", "checks.yaml"])
            .stdout_contains(&format!("{missing} does not hold: there is no such file\n"))
            .stdout_contains(&format!("aborted: nothing was started: {missing} does not hold"))
            .exit(3);
        assert!(bench.effects().is_empty(), "the closing steps are not done either");
        let status = bench.status();
        assert_eq!((&status["state"], &status["verdict"]), (&"aborted".into(), &Value::Null));
        assert_eq!(bench.state_of("act"), "not_reached");
        assert_eq!(bench.state_of("tell"), "not_reached");
        assert_eq!(bench.sound_journal().events("step_started").len(), 0);
        // What was aborted before it began is over: there is nothing to go on with.
        bench.args(["resume"]).stderr_contains("error: no run is open in ").exit(2);
        let again = bench.args(["run", "checks.yaml", "--waive", &format!("{id}=I know")]);
        again.stdout_contains("waived by ").exit(if id == "disk" { 8 } else { 0 });
    }
}

#[test]
fn a_waived_precondition_is_an_exception_on_the_timeline() {
    let bench = with_checks(&["broken"]);
    bench
        .args(["run", "checks.yaml", "--waive", "disk=it will do", "--operator", "ann"])
        .stdout_contains("precondition \"there is room\" waived by ann: it will do\n")
        .exit(8);
    assert_eq!(bench.effects(), ["act", "tell"]);
    assert_eq!(bench.status()["state"], "succeeded_with_exceptions");
    assert!(bench.timeline().to_string().contains("waived by ann: it will do"));
}

#[test]
fn a_check_that_cannot_be_looked_at_is_not_taken_for_a_no() {
    let bench = Bench::new().runbook(
        "unseen.yaml",
        "
            holdpoint: 1
            id: unseen
            title: Unseen
            preconditions:
              - {id: gone, title: it is gone, probe: {not: {run: [no-such-program]}}}
            steps:
              - {id: act, run: echo act >> effects}
        ",
    );
    bench
        .args(["run", "unseen.yaml"])
        .stdout_contains("\"it is gone\" could not be seen: `no-such-program` was not found")
        .exit(3);
    assert!(bench.effects().is_empty());
}

#[test]
fn a_failed_step_is_held_and_nothing_below_it_begins() {
    let bench = first_does("run: echo first >> effects; echo oh no >&2; exit 3");
    run_two(&bench)
        .stdout_contains("first  exited with 3 after [TIME]\n")
        .stdout_contains("first  failed and is held: exit 3, expected 0\n")
        .stdout_contains("\nthe run waits for a person\n  first is held: exit 3, expected 0\n")
        .exit(5);
    assert_eq!(bench.effects(), ["first"]);
    assert_eq!(ending(&bench)["failure"]["kind"], "exit");
    assert_eq!(
        (bench.state_of("first"), bench.state_of("second")),
        ("held".into(), "pending".into())
    );
    assert_eq!(bench.status()["waiting_for"][0]["kind"], "hold");
}

#[test]
fn a_failure_ends_the_run_where_the_runbook_or_the_operator_says_so() {
    let abort = first_does("on_failure: abort\nrun: exit 3");
    run_two(&abort).stdout_contains("failed: first failed, and ends the run\n").exit(1);
    let hold = first_does("run: exit 3");
    hold.args(["run", "two.yaml", "--on-failure", "abort"]).stdout_contains("").exit(1);
    for bench in [&abort, &hold] {
        assert_eq!(bench.status()["state"], "failed");
        assert_eq!(bench.state_of("first"), "failed");
        assert_eq!(bench.state_of("second"), "not_reached");
        assert!(bench.effects().is_empty());
    }
}

#[test]
fn a_failure_that_the_runbook_goes_on_without_is_never_plain_success() {
    let bench = first_does("on_failure: continue\nrun: exit 3");
    run_two(&bench).stdout_contains("failed: exit 3, expected 0; the run goes on\n").exit(8);
    assert_eq!(bench.effects(), ["second"]);
    assert_eq!(bench.state_of("first"), "failed");
}

#[test]
fn a_step_that_takes_too_long_is_ended_with_all_that_it_started() {
    let bench = first_does(
        "
timeout: 200ms
grace: 100ms
run: |
  trap 'echo asked >> effects' TERM
  sh -c 'trap \"\" TERM; echo $$ > grandchild; sleep 61 & sleep 62; wait' &
  while true; do sleep 63 || :; done
        ",
    );
    run_two(&bench)
        .stdout_contains("first  failed and is held: it took longer than 200ms\n")
        .exit(5);
    assert_eq!(bench.left_behind(), Vec::<String>::new());
    assert_eq!(bench.effects(), ["asked"], "it was asked to end before it was killed");
    let ended = ending(&bench);
    assert_eq!(
        (&ended["end"]["how"], &ended["failure"]["kind"]),
        (&"timed_out".into(), &"timeout".into())
    );
}

#[test]
fn a_step_that_cannot_be_started_says_why() {
    for (step, why) in [
        ("run: [no-such-program, x]", "`no-such-program` was not found on PATH"),
        ("run: [./two.yaml]", "`./two.yaml` may not be executed"),
        ("run: [./none]", "no such program: ./none"),
        ("run: [/bin/sh]\ncwd: nowhere", "no such folder: [DIR]/nowhere"),
        ("run: [./script]", "the interpreter that `./script` names was not found"),
    ] {
        let bench = first_does(step).file("script", "#!/no/such/interpreter\n");
        bench.shell("chmod +x script").exit(0);
        run_two(&bench).stdout_contains(&format!("first  failed and is held: {why}\n")).exit(5);
        assert_eq!(ending(&bench)["failure"]["kind"], "spawn");
        assert_eq!(bench.sound_journal().count("step_spawned", "first"), 0);
        assert!(bench.effects().is_empty());
    }
}

#[test]
fn a_step_that_a_signal_ends_has_failed() {
    let bench = first_does("run: kill -KILL $$");
    run_two(&bench).stdout_contains("failed and is held: it was ended by signal 9\n").exit(5);
    assert_eq!(ending(&bench)["end"], serde_json::json!({"how": "signalled", "signal": 9}));
}

#[test]
fn an_exit_code_counts_as_the_runbook_says() {
    let bench = first_does("expect: {exit: [0, 3]}\nrun: exit 3");
    run_two(&bench).stdout_contains("second  succeeded").exit(0);
    let other = first_does("expect: {stdout: {contains: ready}}\nrun: echo not yet");
    run_two(&other).stdout_contains("first  failed and is held: ").exit(5);
    assert_eq!(ending(&other)["failure"]["kind"], "expect");
}

#[test]
fn a_requirement_that_does_not_hold_fails_the_step_before_its_action() {
    let step = "
require: [{id: fresh, title: the backup is fresh, probe: {file: backup, expect: {younger_than: 1h}}}]
run: echo first >> effects
    ";
    let bench = first_does(step);
    run_two(&bench)
        .stdout_contains("failed and is held: requirement \"the backup is fresh\" does not hold: there is no such file\n")
        .exit(5);
    assert!(bench.effects().is_empty());
    let waive =
        ["resume", "--waive", "fresh=it must do", "--resolve", "first=retry", "--reason", "x"];
    bench.args(waive).stdout_contains("waived by ").exit(8);
    assert_eq!(bench.effects(), ["first", "second"]);
}

#[test]
fn an_output_that_is_not_there_fails_the_step_that_promised_it() {
    let bench = first_does("outputs: {rows: {from: stdout, type: int}}\nrun: echo many");
    run_two(&bench).stdout_contains("first  failed and is held: its output `rows`: ").exit(5);
    assert_eq!(ending(&bench)["failure"]["kind"], "expect");
}

#[test]
fn a_value_that_a_step_printed_and_could_pass_as_an_option_fails_the_step_that_uses_it() {
    let bench = Bench::new().runbook(
        "out.yaml",
        "
            holdpoint: 1
            id: out
            title: Outputs
            steps:
              - {id: first, run: echo -rf, outputs: {name: {from: stdout}}}
              - {id: second, run: 'echo second >> effects; ls ${{ steps.first.outputs.name }}'}
        ",
    );
    bench
        .args(["run", "out.yaml"])
        .stdout_contains(
            "second  failed and is held: the value of `steps.first.outputs.name` begins with `-`",
        )
        .exit(5);
    assert!(bench.effects().is_empty());
    assert_eq!(bench.sound_journal().count("step_started", "second"), 0);
}

#[test]
fn a_switch_without_a_case_is_refused_before_the_start() {
    let bench = Bench::new().runbook(
        "switch.yaml",
        "
            holdpoint: 1
            id: switches
            title: Switches
            inputs: {platform: {type: string, default: compose}}
            steps:
              - {id: first, run: echo first >> effects}
              - id: second
                switch: inputs.platform
                cases: {compose: {run: echo compose >> effects}, systemd: {run: echo systemd >> effects}}
        ",
    );
    let run = |platform: &str| {
        let input = format!("platform={platform}");
        bench.args(["run", "switch.yaml", "--input", &input])
    };
    run("kubernetes").stderr_contains("`kubernetes`").stderr_contains("compose, systemd").exit(2);
    assert!(!bench.path("state").exists());
    assert!(bench.effects().is_empty());
    run("systemd").stdout_contains("second  takes the case systemd\n").exit(0);
    assert_eq!(bench.effects(), ["first", "systemd"]);
}
