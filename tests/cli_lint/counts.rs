//! What counts: profiles, weights, answers, comments and baselines, and the exit code.

use std::fs;

use super::{CLEAN, RAW, found};
use crate::harness::Bench;

fn raw() -> Bench {
    Bench::new().runbook("raw.yaml", RAW)
}

/// The same with something said to the linter.
fn with_library(lint: &str) -> Bench {
    raw().file("holdpoint.yaml", &format!("holdpoint: 1\nlint: {lint}\n"))
}

const ONE: [&str; 1] = ["raw.yaml:7:15: error[HP303]"];
const NONE: [&str; 0] = [];

#[test]
fn rules_are_chosen_by_code_by_name_and_by_how_their_codes_begin() {
    let bench = raw();
    for chosen in ["HP303", "hp3", "template-injection", "HP9,HP303"] {
        assert_eq!(found(&bench, &["--select", chosen], 1), ONE, "{chosen}");
        assert_eq!(found(&bench, &["--ignore", chosen], 0), NONE, "{chosen}");
    }
    assert_eq!(found(&bench, &["--select", "HP901"], 0), NONE);
    let unknown = "
        error: there is no rule `HP3O3`
          help: did you mean `HP303`?
    ";
    bench.args(["lint", "--select", "HP3O3"]).stderr(unknown).exit(2);
}

#[test]
fn a_template_that_run_refuses_counts_whatever_anybody_says() {
    let book = RAW.replace("kill ${{ inputs.pid | raw }}", "eval \"${{ inputs.pid }}\"");
    let here = ["raw.yaml:7:16: error[HP303]"];
    let bench = Bench::new().runbook("raw.yaml", &book);
    assert_eq!(found(&bench, &["--ignore", "HP303"], 1), here);
    assert_eq!(found(&bench, &["--select", "HP101"], 1), here);
    assert_eq!(found(&bench, &["--write-baseline", "known.json"], 1), here);
    let bench = bench.file("holdpoint.yaml", "holdpoint: 1\nlint: {rules: {HP303: off}}\n");
    assert_eq!(found(&bench, &["raw.yaml"], 1), here);
    let commented = book.replace("}}\"\n", "}}\" # holdpoint: ignore[HP303] -- a number\n");
    let bench = Bench::new().runbook("raw.yaml", &commented);
    assert_eq!(found(&bench, &["--select", "HP303"], 1), here);
}

#[test]
fn a_library_gives_rules_their_weight_and_says_what_makes_the_review_fail() {
    let warned = ["raw.yaml:7:15: warning[HP303]"];
    assert_eq!(found(&with_library("{rules: {HP303: warning}}"), &["raw.yaml"], 0), warned);
    let strict = with_library("{rules: {HP303: warning}, fail_on: warning}");
    assert_eq!(found(&strict, &["raw.yaml"], 1), warned);
    assert_eq!(found(&strict, &["raw.yaml", "--fail-on", "error"], 0), warned);
    assert_eq!(found(&strict, &["raw.yaml", "--exit-zero"], 0), warned);
    assert_eq!(found(&with_library("{rules: {HP303: off}}"), &["raw.yaml"], 0), NONE);
}

#[test]
fn a_library_answers_for_a_finding_with_a_reason() {
    let answer = "{ignore: [{rule: HP303, path: raw.yaml, step: kill, reason: a number}]}";
    assert_eq!(found(&with_library(answer), &[], 0), NONE);
    let other = "{ignore: [{rule: HP303, path: other.yaml, reason: a number}]}";
    assert_eq!(found(&with_library(other), &[], 1), ONE);
    let bare = with_library("{ignore: [{rule: HP303}]}");
    assert_eq!(
        found(&bare, &["--select", "HP303,HP901"], 1),
        ["holdpoint.yaml:2:24: error[HP901]", ONE[0]]
    );
}

#[test]
fn what_a_library_says_to_the_linter_has_a_form() {
    let bench = with_library("{profile: hard}");
    assert_eq!(found(&bench, &["holdpoint.yaml"], 1), ["holdpoint.yaml:2:17: error[HP103]"]);
}

#[test]
fn a_comment_answers_for_a_finding_and_is_counted() {
    let comment = "# holdpoint: ignore[HP303] -- a number\n";
    let book = RAW.replace("raw }}\n", &format!("raw }}}} {comment}"));
    let bench = Bench::new().runbook("raw.yaml", &book);
    let lint = ["lint", "--profile", "draft"];
    bench.args(lint).stdout("no findings in 1 file (1 suppressed)\n").exit(0);
    let clean = CLEAN.replace("5432'}\n", &format!("5432'}} {comment}"));
    let bench = Bench::new().runbook("clean.yaml", &clean);
    assert_eq!(found(&bench, &["--select", "HP901"], 0), ["clean.yaml:11:56: warning[HP901]"]);
}

#[test]
fn a_baseline_leaves_out_what_was_there_wherever_it_has_gone() {
    let bench = raw();
    let told = "no findings in 1 file (1 in the baseline)\n";
    let write = ["lint", "--profile", "draft", "--write-baseline", "baseline.json"];
    bench.args(write).stdout(told).exit(0);
    let moved = fs::read_to_string(bench.path("raw.yaml")).expect("it is there");
    let moved = moved.replace("steps:\n", "steps:\n  - {id: first, manual: Look.}\n\n");
    fs::write(bench.path("raw.yaml"), &moved).expect("it can be written");
    let lint = ["lint", "--profile", "draft", "--baseline", "baseline.json"];
    bench.args(lint).stdout(told).exit(0);
    let twice = moved.replace("pid | raw }}", "pid | raw }} ${{ inputs.pid | raw }}");
    fs::write(bench.path("raw.yaml"), twice).expect("it can be written");
    bench.args(lint).stdout_contains("1 error in 1 file").exit(1);
}

#[test]
fn a_baseline_that_is_none_is_refused() {
    let refused = "
        error: raw.yaml is no baseline: expected value at line 1 column 1
          help: write one with --write-baseline FILE
    ";
    raw().args(["lint", "--baseline", "raw.yaml"]).stderr(refused).exit(2);
    let refused = "
        error: cannot read nowhere.json: No such file or directory (os error 2)
          help: name a file that can be read
    ";
    raw().args(["lint", "--baseline", "nowhere.json"]).stderr(refused).exit(2);
}

#[test]
fn a_wish_that_does_not_fit_is_a_wrong_usage() {
    for (args, said) in [
        (["--profile", "hard"], "[possible values: draft, standard, strict]"),
        (["--fail-on", "never"], "[possible values: error, warning, note]"),
        (["--output", "sarif"], "write FORMAT=PATH"),
        (["--output", "text="], "name a file behind the `=`"),
        (["--today", "tomorrow"], "input contains invalid characters"),
    ] {
        let args = ["lint"].into_iter().chain(args);
        raw().args(args).stderr_contains(said).exit(2);
    }
}
