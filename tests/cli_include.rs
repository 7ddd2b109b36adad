//! Included runbooks through the binary: where they are found, kept and refused.

use crate::harness::Bench;

const INNER: &str = "
    holdpoint: 1
    id: inner
    title: Inner
    inputs: {table: {}}
    outputs: {rows: steps.count.outputs.rows}
    defaults: {shell: sh -eu}
    steps:
      - id: count
        run: echo counting ${{ inputs.table }} >> effects; echo 42
        outputs: {rows: {type: int}}
    finally:
      - {id: tidy, run: echo tidy >> effects}
    ";

const OUTER: &str = "
    holdpoint: 1
    id: outer
    title: Outer
    defaults: {shell: sh -eu}
    steps:
      - {id: clear, include: parts/inner.yaml, inputs: {table: orders}}
      - {id: ask, gate: true, run: 'echo ${{ steps.clear.outputs.rows }} >> effects'}
    ";

fn bench() -> Bench {
    Bench::new().file("parts/inner.yaml", INNER).runbook("book.yaml", OUTER)
}

#[test]
fn an_included_runbook_is_kept_with_the_run_and_used_when_it_goes_on() {
    let bench = bench();
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    // What becomes of the library meanwhile is of no concern to the run.
    bench.write("parts/inner.yaml", "no runbook any more");
    bench.write("answers.yaml", "ask: approve\n");
    bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains("succeeded").exit(0);
    assert_eq!(bench.effects(), ["counting orders", "tidy", "42"]);
    bench.args(["verify"]).stdout_contains("the frozen runbook is the one").exit(0);
}

#[test]
fn a_kept_file_that_was_changed_is_damage() {
    let bench = bench();
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    let kept = bench.run_folder().join("runbook/included-1.yaml");
    std::fs::write(&kept, INNER.replace("counting", "dropping")).expect("it is ours");
    bench.args(["resume"]).stderr_contains("included-1.yaml was changed after the start").exit(6);
}

fn refused(bench: &Bench, reason: &str) {
    bench.args(["plan", "book.yaml"]).stderr_contains(reason).exit(3);
}

#[test]
fn runbooks_that_include_each_other_are_refused() {
    let bench = Bench::new()
        .file("a.yaml", "{holdpoint: 1, id: a, title: A, steps: [{id: b, include: b.yaml}]}")
        .file("b.yaml", "{holdpoint: 1, id: b, title: B, steps: [{id: a, include: a.yaml}]}")
        .runbook("book.yaml", "{holdpoint: 1, id: c, title: C, steps: [{id: a, include: a.yaml}]}");
    refused(&bench, "these runbooks include each other: a.yaml includes b.yaml includes a.yaml");
}

#[test]
fn an_include_may_not_leave_the_library_even_by_a_link() {
    let outside = Bench::new().file("inner.yaml", INNER);
    let bench = Bench::new().file(".git/HEAD", "").runbook("book.yaml", OUTER);
    std::fs::create_dir(bench.path("parts")).expect("the folder is ours");
    std::os::unix::fs::symlink(outside.path("inner.yaml"), bench.path("parts/inner.yaml"))
        .expect("the folder is ours");
    refused(&bench, "`parts/inner.yaml` leads out of the library");
}

#[test]
fn what_an_included_runbook_requires_is_looked_for_when_the_step_is_ready() {
    let bench = bench();
    let requiring = "id: inner\n    requires: {tools: [sh, no-such-tool], env: [NO_SUCH_VARIABLE]}";
    bench.write("parts/inner.yaml", &INNER.replacen("id: inner", requiring, 1));
    bench
        .args(["run", "book.yaml"])
        .stdout_contains(
            "`no-such-tool` was not found on PATH; the variable NO_SUCH_VARIABLE is not set",
        )
        .exit(5);
    assert_eq!(bench.effects(), [""; 0], "nothing of it began");
}

#[test]
fn what_is_wrong_with_an_included_file_is_shown_in_that_file() {
    let bench = bench();
    bench.write("parts/inner.yaml", &INNER.replace("run: echo", "runn: echo"));
    let printed = bench
        .args(["plan", "book.yaml"])
        .stderr_contains("`parts/inner.yaml` cannot be included: see what is wrong with it")
        .exit(3);
    assert!(printed.stderr.contains("--> parts/inner.yaml:9:5"), "{}", printed.stderr);
    assert!(printed.stderr.contains("did you mean `run`?"), "{}", printed.stderr);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let bench = Bench::new().runbook("book.yaml", OUTER);
    refused(&bench, "`parts/inner.yaml`: No such file or directory");
}

#[test]
fn a_folder_is_no_runbook() {
    let book = "{holdpoint: 1, id: c, title: C, steps: [{id: a, include: .}]}";
    refused(&Bench::new().runbook("book.yaml", book), "`.` is a folder, and no runbook");
}
