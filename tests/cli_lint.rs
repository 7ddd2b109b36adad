//! `holdpoint lint`: which files are reviewed, what counts, what is printed, and the exit code.

mod counts;
mod files;
mod fixes;
mod knowledge;

use crate::harness::Bench;

/// A runbook with one error, in step `kill`.
pub(crate) const RAW: &str = r"
    holdpoint: 1
    id: raw
    title: Stop a process
    inputs: {pid: {type: number}}
    steps:
      - id: kill
        run: kill ${{ inputs.pid | raw }}
";

/// A runbook in which the strictest profile that has no more rules than `draft` finds nothing.
pub(crate) const CLEAN: &str = r"
    holdpoint: 1
    id: clean
    title: Look at the database
    owner: platform-team
    severity: P1
    objectives: {rto: 1h, rpo: 1h}
    review: {last: 2026-11-01, every: 90d}
    defaults: {timeout: 5m}
    steps:
      - id: look
        probe: {tcp: '127.0.0.1:5432'}
";

/// The findings of a call, each as `path:line:column: severity[code]`.
#[track_caller]
pub(crate) fn found(bench: &Bench, args: &[&str], code: i32) -> Vec<String> {
    let base = ["lint", "--format", "concise", "--profile", "draft", "--today", "2026-12-01"];
    let args = base.into_iter().chain(args.iter().copied());
    let printed = bench.args(args).stdout_contains("").exit(code);
    let place = |line: &str| line.split("] ").next().unwrap_or_default().to_owned() + "]";
    printed.stdout.lines().map(place).collect()
}

#[test]
fn a_finding_has_its_place_its_step_its_way_out_and_the_command_that_explains_it() {
    let bench = Bench::new().runbook("raw.yaml", RAW);
    let text = r#"
        error[HP303]: `inputs.pid` is put into the script unquoted, so that a shell reads it
         --> raw.yaml:7:15   (step kill)
          |
        7 |     run: kill ${{ inputs.pid | raw }}
          |               ^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: leave out `| raw`, or hand the value over in `env` and use it as "$NAME"
          = note: --unsafe-fixes can leave out `| raw`, so that the value is one quoted word
          = note: confidence high; `holdpoint explain HP303`

        1 error in 1 file (1 fixable with --unsafe-fixes)
    "#;
    bench.args(["lint", "raw.yaml", "--profile", "draft"]).stdout(text).exit(1);
}

#[test]
fn nothing_found_is_said_and_ends_well() {
    let bench = Bench::new().runbook("clean.yaml", CLEAN);
    let lint = ["lint", "clean.yaml", "--profile", "draft"];
    bench.args(lint).stdout("no findings in 1 file\n").exit(0);
}

#[test]
fn what_run_refuses_is_told_with_its_rule_and_run_tells_it_as_before() {
    let bench = Bench::new().runbook("a.yaml", &CLEAN.replace("tcp", "tpc"));
    let refused = bench.args(["plan", "a.yaml"]).stderr_contains("error: ").exit(3).stderr;
    assert!(!refused.contains("HP"), "{refused}");
    assert_eq!(
        found(&bench, &["a.yaml"], 1),
        ["a.yaml:11:12: error[HP103]", "a.yaml:11:13: error[HP103]"]
    );
}

#[test]
fn a_file_that_is_no_yaml_is_one_finding() {
    let bench = Bench::new().file("a.yaml", "holdpoint: 1\nsteps: [\n");
    assert_eq!(found(&bench, &["a.yaml"], 1), ["a.yaml:2:8: error[HP101]"]);
    assert_eq!(found(&bench, &["a.yaml", "--select", "HP303"], 1), ["a.yaml:2:8: error[HP101]"]);
}

#[test]
fn where_github_runs_it_the_lines_are_marked_as_well() {
    let bench = Bench::new().runbook("raw.yaml", RAW).env("GITHUB_ACTIONS", "true");
    let printed = bench.args(["lint", "--profile", "draft"]).stdout_contains("").exit(1).stdout;
    let (text, commands) = printed.split_once("\n::error ").expect("there is a command");
    assert!(text.starts_with("error[HP303]"), "{text}");
    let place =
        "file=raw.yaml,line=7,endLine=7,col=15,endColumn=38,title=HP303 template-injection::";
    assert!(commands.starts_with(place), "{commands}");
}
