//! Beginning further down: what stands above is skipped by the operator, with a reason on record.

use crate::harness::Bench;

const BOOK: &str = "
    holdpoint: 1
    id: book
    title: Book
    defaults: {shell: sh -eu}
    steps:
      - {id: look, effect: read, run: echo look >> effects}
      - {id: stop, run: echo stop >> effects, undo: {run: echo start >> effects, paired: true}}
      - id: bring-back
        ladder:
          - {id: restart, run: echo restart >> effects}
          - id: restore
            steps:
              - {id: check, effect: read, run: echo 7, outputs: {rows: {from: stdout, type: int}}}
              - {id: load, run: echo load >> effects}
              - {id: index, run: echo index >> effects}
      - {id: last, run: echo last >> effects}
    ";

fn bench() -> Bench {
    Bench::new().runbook("book.yaml", BOOK)
}

#[test]
fn a_run_that_begins_at_a_step_skips_all_above_it_and_goes_into_its_groups() {
    let bench = bench();
    let run = ["run", "book.yaml", "--start-at", "load", "--reason", "the dump is checked"];
    bench
        .args(run)
        .stdout_contains("goes on at bring-back/restore/load, and skips what stands above it")
        .stdout_contains("restart  skipped by")
        .exit(8);
    assert_eq!(bench.effects(), ["load", "index", "last"]);
    for (step, state) in [
        ("look", "skipped"),
        ("stop", "skipped"),
        ("bring-back/restart", "skipped"),
        ("bring-back/restore/check", "skipped"),
        ("bring-back/restore/load", "succeeded"),
        ("bring-back", "succeeded"),
    ] {
        assert_eq!(bench.state_of(step), state, "{step}");
    }
    let journal = bench.sound_journal();
    let passed_over = journal.events("step_passed_over");
    assert_eq!(passed_over[0]["reason"], "the dump is checked");
}

#[test]
fn a_beginning_further_down_needs_a_reason_and_a_step() {
    let bench = bench();
    let run = ["run", "book.yaml", "--start-at", "load"];
    bench.args(run).stderr_contains("--reason <TEXT>").exit(2);
    let run = ["run", "book.yaml", "--start-at", "lod", "--reason", "x"];
    bench.args(run).stderr_contains("help: did you mean `load`?").exit(2);
    bench.args(["run", "book.yaml", "--reason", "x"]).stderr_contains("--start-at").exit(2);
    assert!(bench.effects().is_empty());
}

#[test]
fn a_beginning_is_refused_where_an_output_of_above_would_be_missing() {
    let uses = "'echo ${{ steps.check.outputs.rows }} >> effects'";
    let book = BOOK.replace("echo index >> effects", uses);
    let bench = Bench::new().runbook("book.yaml", &book);
    let run = ["run", "book.yaml", "--start-at", "load", "--reason", "x"];
    bench
        .args(run)
        .stderr_contains("error: the run cannot begin at `load`: `bring-back/restore/index` uses the output `rows` of `bring-back/restore/check`")
        .stderr_contains("give these outputs a default")
        .exit(2);
    let book = book.replace("type: int}", "type: int, default: 3}");
    let bench = Bench::new().runbook("book.yaml", &book);
    bench.args(run).stdout_contains("").exit(8);
    assert_eq!(bench.effects(), ["load", "3", "last"]);
}
