//! The end of a run: its verdict, its outcome, its exit code, and what is done last.

use crate::harness::{Bench, Call};

/// A runbook with one step, this criterion, and a closing step.
fn bench(step: &str, criterion: &str) -> Bench {
    Bench::new().runbook(
        "book.yaml",
        &format!(
            "
            holdpoint: 1
            id: ends
            title: Ends
            steps:
              - {{id: work, {step}}}
              - {{id: more, run: echo more >> effects}}
            exit_criteria: [{{title: all is well, probe: {criterion}}}]
            finally:
              - {{id: close, run: 'echo ${{{{ run.verdict }}}} >> effects'}}
              - {{id: tell, when: run.verdict == \"recovered\", notify: {{template: resolved}}}}
            "
        ),
    )
}

fn run(bench: &Bench) -> Call<'_> {
    bench.args(["run", "book.yaml"]).stdout_contains("")
}

#[track_caller]
fn assert_ended(bench: &Bench, state: &str, verdict: Option<&str>) {
    let status = bench.status();
    assert_eq!((status["state"].as_str(), status["verdict"].as_str()), (Some(state), verdict));
    bench.sound_journal();
}

const GOOD: &str = "run: echo work >> effects";
const WELL: &str = "{file: book.yaml}";

#[test]
fn what_the_criteria_say_is_the_verdict() {
    let recovered = bench(GOOD, WELL);
    run(&recovered).stdout_contains("\nrecovered: succeeded after [TIME]\n").exit(0);
    assert_ended(&recovered, "succeeded", Some("recovered"));
    assert_eq!(recovered.effects(), ["work", "more", "recovered"]);
    assert_eq!(recovered.state_of("tell"), "succeeded");

    let not = bench(GOOD, "{file: none}");
    run(&not).stdout_contains("\nnot recovered: failed after [TIME]\n").exit(1);
    assert_ended(&not, "failed", Some("not_recovered"));
    assert_eq!(not.effects(), ["work", "more", "not_recovered"]);
    assert_eq!(not.state_of("tell"), "skipped");

    let unseen = bench(GOOD, "{run: [no-such-program]}");
    run(&unseen).stdout_contains("\nunverified: failed after [TIME]\n").exit(1);
    assert_ended(&unseen, "failed", Some("unverified"));
    assert_eq!(unseen.effects(), ["work", "more", "unverified"]);
}

#[test]
fn a_criterion_is_looked_at_until_it_holds() {
    let bench = bench(GOOD, "{file: well, within: 50s, every: 20ms}");
    let mut driver = run(&bench).start();
    driver.wait_until("it looks", |journal| !journal.events("check_started").is_empty());
    bench.write("well", "");
    driver.exit(0);
    assert_ended(&bench, "succeeded", Some("recovered"));
}

#[test]
fn a_step_that_was_left_failed_is_an_exception_of_a_recovered_run() {
    let bench = bench("run: exit 3", WELL);
    run(&bench).exit(5);
    assert!(bench.effects().is_empty(), "a run that waits has not ended");
    let failed = ["resume", "--resolve", "work=failed", "--reason", "it will not"];
    bench.args(failed).stdout_contains("recovered: succeeded with exceptions").exit(8);
    assert_ended(&bench, "succeeded_with_exceptions", Some("recovered"));
    assert_eq!(
        (bench.state_of("work"), bench.state_of("more")),
        ("failed".into(), "not_reached".into())
    );
    assert_eq!(bench.effects(), ["recovered"]);
}

#[test]
fn an_aborted_step_ends_the_run_without_a_verdict_and_closes_it() {
    let bench = bench("on_failure: abort, run: exit 3", WELL);
    run(&bench).stdout_contains("\nfailed after [TIME]\n").exit(1);
    assert_ended(&bench, "failed", None);
    assert_eq!(bench.state_of("more"), "not_reached");
    assert_eq!(bench.sound_journal().count("step_started", "more"), 0);
    assert_eq!(bench.state_of("tell"), "skipped");
}

#[test]
fn what_closes_a_run_never_changes_how_it_ended() {
    let bench = bench(GOOD, WELL);
    let text = std::fs::read_to_string(bench.path("book.yaml")).expect("it was written");
    bench.write(
        "book.yaml",
        &text.replace("run: 'echo ${{ run.verdict }} >> effects'", "run: exit 9"),
    );
    run(&bench).stdout_contains("close  failed: exit 9, expected 0; the run goes on\n").exit(0);
    assert_ended(&bench, "succeeded", Some("recovered"));
    assert_eq!(
        (bench.state_of("close"), bench.state_of("tell")),
        ("failed".into(), "succeeded".into())
    );
}

#[test]
fn a_ladder_takes_the_first_rung_that_succeeds_and_verifies() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
            holdpoint: 1
            id: ladder
            title: Ladder
            steps:
              - {id: stop, run: echo stop >> effects, undo: {run: echo start >> effects, paired: true}}
              - id: back
                ladder:
                  - {id: fails, run: 'echo fails >> effects; exit 1'}
                  - {id: lies, run: echo lies >> effects, verify: [{probe: {file: none}}]}
                  - {id: off, when: 1 == 2, run: echo off >> effects}
                  - id: works
                    steps:
                      - {id: one, run: echo one >> effects}
                      - {id: two, run: echo two >> effects}
                  - {id: untried, run: echo untried >> effects}
            exit_criteria: [{probe: {file: effects}}]
        ",
    );
    run(&bench).exit(0);
    assert_eq!(bench.effects(), ["stop", "fails", "lies", "one", "two", "start"]);
    for (step, state) in [
        ("fails", "failed"),
        ("lies", "failed"),
        ("off", "skipped"),
        ("works", "succeeded"),
        ("untried", "skipped"),
        ("back", "succeeded"),
    ] {
        assert_eq!(bench.state_of(step), state, "{step}");
    }
    assert_ended(&bench, "succeeded", Some("recovered"));
}

#[test]
fn a_ladder_without_a_rung_left_is_held() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
            holdpoint: 1
            id: ladder
            title: Ladder
            steps:
              - {id: stop, run: echo stop >> effects, undo: {run: echo start >> effects, paired: true}}
              - id: back
                ladder:
                  - {id: one, run: 'echo one >> effects; test -e mended'}
                  - {id: two, run: 'echo two >> effects; test -e mended'}
              - {id: last, run: echo last >> effects}
        ",
    );
    run(&bench).stdout_contains("back is held: no rung succeeded\n").exit(5);
    assert_eq!(bench.effects(), ["stop", "one", "two"]);
    bench.write("mended", "");
    bench.args(["resume", "--resolve", "back=retry", "--reason", "x"]).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["stop", "one", "two", "one", "last", "start"]);
    assert_eq!(
        (bench.state_of("one"), bench.state_of("two")),
        ("succeeded".into(), "skipped".into())
    );
    bench.sound_journal();
}
