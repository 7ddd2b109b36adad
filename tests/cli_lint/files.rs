//! Which files are reviewed, and as what.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use super::{CLEAN, RAW, found};
use crate::harness::Bench;

/// A runbook with one error, and with an id of its own.
fn raw(id: &str) -> String {
    RAW.replace("id: raw", &format!("id: {id}"))
}

#[test]
fn without_a_path_the_library_or_folder_here_is_reviewed() {
    let bench = Bench::new()
        .file("holdpoint.yaml", "holdpoint: 1\nlitn: {}\n")
        .runbook("books/raw.yaml", RAW)
        .file("values.yaml", "replicas: 3\n")
        .file("notes.md", "holdpoint: 1\n")
        .file("books/raw.test.yaml", "runbook: raw.yaml\ncases: []\n");
    let all = [
        "books/raw.test.yaml:2:8: error[HP103]",
        "books/raw.yaml:7:15: error[HP303]",
        "holdpoint.yaml:2:1: error[HP103]",
    ];
    let some = found(&bench, &[], 1);
    for finding in all {
        assert!(some.contains(&finding.to_owned()), "{finding} in {some:?}");
    }
    assert!(!some.iter().any(|it| it.starts_with("values") || it.starts_with("notes")), "{some:?}");
}

#[test]
fn files_are_told_in_the_order_in_which_they_were_named_and_each_once() {
    let bench = Bench::new().runbook("b.yaml", &raw("b")).runbook("folder/a.yaml", &raw("a"));
    let two = ["folder/a.yaml:7:15: error[HP303]", "b.yaml:7:15: error[HP303]"];
    assert_eq!(found(&bench, &["folder", "b.yaml", "folder/a.yaml"], 1), two);
}

#[test]
fn many_files_are_told_in_order_however_many_cores_there_are() {
    let bench = (0..40).fold(Bench::new(), |bench, n| {
        bench.runbook(&format!("{n:02}.yaml"), &raw(&format!("raw-{n}")))
    });
    let all: Vec<String> = (0..40).map(|n| format!("{n:02}.yaml:7:15: error[HP303]")).collect();
    assert_eq!(found(&bench, &[], 1), all);
}

#[test]
fn a_file_that_was_named_is_taken_for_a_runbook() {
    let bench = Bench::new().file("values.yaml", "replicas: 3\n");
    assert_eq!(found(&bench, &["values.yaml"], 1), ["values.yaml:1:1: error[HP103]"]);
}

#[test]
fn standard_input_is_reviewed_under_the_name_that_it_is_given() {
    let bench = Bench::new();
    let lint = ["lint", "-", "--stdin-filename", "books/new.yaml", "--format", "concise"];
    let message = "`inputs.pid` is put into the script unquoted, so that a shell reads it";
    let line = format!("books/new.yaml:7:15: error[HP303] {message}\n");
    let args = lint.into_iter().chain(["--profile", "draft"]);
    bench.args(args).stdin(RAW).stdout(&line).exit(1);
}

#[test]
fn where_there_is_nothing_to_review_that_is_no_success() {
    let bench = Bench::new().file("values.yaml", "replicas: 3\n");
    let help = "
        error: there is no runbook to review
          help: name files, or go to the folder of your library
    ";
    bench.args(["lint"]).stderr(help).exit(2);
}

#[test]
fn a_file_that_cannot_be_read_is_refused_and_the_others_are_reviewed() {
    let bench = Bench::new().runbook("raw.yaml", RAW);
    let refused = "
        error: cannot read nowhere.yaml: No such file or directory (os error 2)
    ";
    let lint = ["lint", "nowhere.yaml", "raw.yaml", "--format", "concise", "--profile", "draft"];
    bench.args(lint).stdout_contains("raw.yaml:7:15: error[HP303]").stderr(refused).exit(3);
}

#[test]
fn a_pipe_that_nobody_writes_to_is_refused_at_once() {
    let bench = Bench::new();
    let pipe = bench.path("pipe.yaml");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("there is mkfifo");
    assert!(made.success());
    let refused = "
        error: cannot read pipe.yaml: it is no regular file; to review what a command prints, use `-`
    ";
    bench.args(["lint", "pipe.yaml"]).stderr(refused).exit(3);
}

#[test]
fn a_library_that_anybody_may_write_decides_nothing() {
    let library = "holdpoint: 1\nlint: {rules: {HP303: off}}\n";
    let bench = Bench::new().file("holdpoint.yaml", library).runbook("raw.yaml", RAW);
    let everybody = fs::Permissions::from_mode(0o666);
    fs::set_permissions(bench.path("holdpoint.yaml"), everybody).expect("it is ours");
    let refused = "
        error: refusing the library [DIR]/holdpoint.yaml: everybody may write it; take that away with chmod o-w
    ";
    bench.args(["lint", "raw.yaml"]).stderr(refused).exit(3);
}

#[test]
fn a_link_out_of_the_folder_is_not_followed_on_a_walk() {
    let bench = Bench::new().runbook("in/clean.yaml", CLEAN).runbook("out/raw.yaml", RAW);
    symlink(bench.path("out"), bench.path("in/link")).expect("a link can be made");
    symlink(bench.path("out/raw.yaml"), bench.path("in/raw.yaml")).expect("a link can be made");
    assert_eq!(found(&bench, &["in"], 0), [""; 0]);
}

#[test]
fn a_runbook_is_reviewed_in_an_environment_in_which_it_can_run() {
    let library =
        "holdpoint: 1\nenvironments:\n  staging: {}\n  live: {targets: {db: {docker: pg}}}\n";
    let step = "      - {id: there, target: db, probe: {run: [\"true\"]}}\n";
    let book = format!("{}{step}", CLEAN.trim_end_matches(' '));
    let bench = Bench::new().file("holdpoint.yaml", library).runbook("a.yaml", &book);
    assert_eq!(found(&bench, &[], 0), [""; 0]);
    let other = bench.file("holdpoint.yaml", &library.replace("db:", "bd:"));
    assert_eq!(found(&other, &["a.yaml"], 1), ["a.yaml:12:25: error[HP108]"]);
}

#[test]
fn a_runbook_of_a_broken_library_says_so_and_nothing_that_only_follows_from_it() {
    let bench = Bench::new().file("holdpoint.yaml", "holdpoint: 1\nlitn: {}\n");
    let bench = bench.runbook("a.yaml", &CLEAN.replace("severity: P1", "severity: P9"));
    assert_eq!(found(&bench, &["a.yaml"], 1), ["a.yaml:1:1: error[HP103]"]);
}
