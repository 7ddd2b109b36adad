//! Environments and targets: the same runbook works on other machines.

use crate::harness::Bench;

const LIBRARY: &str = r"
    holdpoint: 1
    environments:
      lab: {targets: {database: local, cache: local}}
      production: {targets: {cache: {docker: '${{ runbook.system }}-cache'}}}
    defaults: {shell: sh -eu}
";

fn bench() -> Bench {
    Bench::new().file("holdpoint.yaml", LIBRARY).runbook(
        "book.yaml",
        r"
        holdpoint: 1
        id: book
        title: Two places
        system: shop
        targets: {database: {ssh: db-1}}
        steps:
          - {id: count, target: database, run: echo counted >> effects}
          - {id: ask, gate: true, target: cache, run: echo flushed >> effects}
        ",
    )
}

#[test]
fn the_targets_of_an_environment_stand_over_those_of_a_runbook() {
    let bench = bench();
    let plan = |name: &str| bench.args(["plan", "book.yaml", "--environment", name]);
    plan("production")
        .stdout_contains("on ssh db-1\n                  | echo counted >> effects\n")
        .stdout_contains("on docker shop-cache\n                  | echo flushed >> effects\n")
        .exit(0);
    plan("lab")
        .stdout_contains("would run       count\n                  | echo counted >> effects\n")
        .exit(0);
    bench.args(["run", "book.yaml", "--environment", "lab"]).stdout_contains("").exit(5);
    // What becomes of the library meanwhile is of no concern to the run.
    bench.write("holdpoint.yaml", "holdpoint: 1\n");
    bench.write("answers.yaml", "ask: approve\n");
    bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["counted", "flushed"]);
}

#[test]
fn a_target_that_an_environment_lacks_is_named_before_the_start() {
    let bench = bench();
    bench.write("holdpoint.yaml", "holdpoint: 1\nenvironments: {empty: {}}\n");
    let stderr = "
        error: there is no target `cache`
         --> book.yaml:8:34
          |
        8 |   - {id: ask, gate: true, target: cache, run: echo flushed >> effects}
          |                                   ^^^^^
          |
          = help: the targets are database, local

        error: 1 problem in book.yaml
    ";
    bench.args(["plan", "book.yaml"]).stderr(&stderr.replace("8:34", "8:35")).exit(3);
    bench.write("holdpoint.yaml", "holdpoint: 1\ndefaults: {target: nowhere}\n");
    bench
        .args(["plan", "book.yaml"])
        .stderr_contains("error: there is no target `nowhere`\n --> book.yaml:2:5\n")
        .exit(3);
}

#[test]
fn what_only_some_runs_have_is_refused_in_a_library() {
    let bench = bench();
    bench.write(
        "holdpoint.yaml",
        r"
        holdpoint: 1
        environments: {lab: {targets: {a: {ssh: '${{ inputs.host }}'}, b: {ssh: '${{ run.hst }}'}}}}
        defaults: {env: {HOW: '${{ run.verdict }}'}}
        channels: {there: {run: cat, target: local, stdin: x}}
        ",
    );
    let printed = bench.args(["plan", "book.yaml"]).stderr_contains("").exit(3).stderr;
    for words in [
        "`inputs.host` may not stand here: not every run has it",
        "`run.hst` may not stand here: not every run has it",
        "`run.verdict` may not stand here: not every run has it",
        "a channel has no `stdin`: it reads the message, and runs here",
        "a channel has no `target`: it reads the message, and runs here",
        "5 problems in [DIR]/holdpoint.yaml",
    ] {
        assert!(printed.contains(words), "{words}:\n{printed}");
    }
}

#[test]
fn a_runbook_that_is_not_there_is_told_before_its_environment() {
    let bench = bench();
    let stderr = "error: cannot read none.yaml: No such file or directory (os error 2)\n";
    bench.args(["run", "none.yaml", "--environment", "lab"]).stderr(stderr).exit(3);
}
