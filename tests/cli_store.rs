//! The folder of a run: it belongs to one person, holds no links, and is not trusted when it does.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::harness::Bench;

const BOOK: &str = "
    holdpoint: 1
    id: book
    title: Book
    inputs: {name: {default: x}}
    steps:
      - {id: one, run: 'echo one; echo one >> effects; test -e mended'}
      - {id: two, run: 'echo two; echo two >> effects'}
";

/// A bench whose run is held at its first step.
#[track_caller]
fn held() -> Bench {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    bench.write("mended", "");
    bench
}

/// Everything in a folder, the folder itself too.
fn all_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).expect("it is there").flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(all_in(&path)),
            path => found.push(path),
        }
    }
    found
}

const GO_ON: [&str; 5] = ["resume", "--resolve", "one=retry", "--reason", "mended"];

#[test]
fn folders_and_files_are_their_owner_s_alone_whatever_the_umask() {
    for umask in ["000", "022", "077"] {
        let bench = Bench::new().runbook("book.yaml", BOOK);
        let run = format!("umask {umask}; holdpoint run book.yaml");
        bench.shell(&run).stdout_contains("one is held").exit(5);
        let mut looked = 0;
        for path in all_in(&bench.path("state")) {
            let found = fs::metadata(&path).expect("it is there");
            let mode = found.permissions().mode() & 0o777;
            let expected = if found.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(format!("{mode:o}"), format!("{expected:o}"), "umask {umask}: {path:?}");
            looked += 1;
        }
        assert!(looked >= 9, "only {looked} files and folders were made");
    }
}

#[test]
fn a_link_where_a_file_or_folder_of_a_run_is_expected_is_never_followed() {
    for name in
        ["journal.jsonl", "lock", "inputs.json", "timeline.md", "runbook", "output", "inbox"]
    {
        let bench = held();
        let path = bench.run_folder().join(name);
        let elsewhere = bench.path("elsewhere");
        if path.exists() {
            fs::rename(&path, &elsewhere).expect("the owner may");
        } else {
            fs::create_dir(&elsewhere).expect("the owner may");
        }
        symlink(&elsewhere, &path).expect("the owner may");
        let run = bench.path("state/runs");
        let run = fs::read_dir(run).expect("it is there").flatten().next().expect("one run");
        let run = run.file_name().to_string_lossy().into_owned();
        let said = format!(
            "error: refusing {}: it is a symbolic link, and none is followed here\n  help: nothing was changed; find out who made it so before you go on\n",
            path.display()
        );
        for command in ["resume", "undo", "status", "timeline", "verify"] {
            let printed = bench.args([command, &run]).stderr_contains("").exit(6);
            let shown = said.replace(&bench.path("").display().to_string(), "[DIR]/");
            let shown = shown.replace(&run, "[RUN]");
            let printed = printed.stderr.replace(&run, "[RUN]");
            assert_eq!(printed, shown, "{command}, {name}");
        }
        assert_eq!(bench.effects(), ["one"], "{name}");
    }
}

#[test]
fn a_run_folder_that_is_a_link_is_refused() {
    let bench = held();
    let folder = bench.run_folder();
    let run = folder.file_name().expect("it has a name").to_string_lossy().into_owned();
    fs::rename(&folder, bench.path("elsewhere")).expect("the owner may");
    symlink(bench.path("elsewhere"), &folder).expect("the owner may");
    let said = "it is a symbolic link, and none is followed here";
    bench.args(["resume", &run]).stderr_contains(said).exit(6);
    bench.args(["status", &run]).stderr_contains(said).exit(6);
    assert_eq!(bench.effects(), ["one"]);
}

#[test]
fn a_pipe_where_the_journal_should_be_is_not_waited_for() {
    let bench = held();
    let folder = bench.run_folder();
    let run = folder.file_name().expect("it has a name").to_string_lossy().into_owned();
    fs::remove_file(folder.join("journal.jsonl")).expect("the owner may");
    bench.shell(&format!("mkfifo state/runs/{run}/journal.jsonl")).exit(0);
    let said = "it is no regular file";
    for command in ["resume", "status", "verify"] {
        bench.args([command, &run]).stderr_contains(said).exit(6);
    }
}

#[test]
fn a_run_folder_that_others_may_write_into_is_not_gone_on_with() {
    for name in ["", "runbook", "output"] {
        let bench = held();
        let path = bench.run_folder().join(name);
        fs::set_permissions(&path, Permissions::from_mode(0o770)).expect("the owner may");
        let call = bench.args(GO_ON).stderr_contains("error: refusing [DIR]/state/runs/[RUN]");
        call.stderr_contains(": others may write into it\n").exit(6);
        bench.args(["status"]).stdout_contains("held         one").exit(0);
        fs::set_permissions(&path, Permissions::from_mode(0o700)).expect("the owner may");
        bench.args(GO_ON).stdout_contains("succeeded").exit(0);
    }
}

/// Only root can give a folder away; where the test is not root, a namespace of its own makes the
/// folders of everybody else those of nobody.
#[test]
fn a_run_folder_of_another_user_is_not_gone_on_with() {
    let bench = held();
    let folder = bench.run_folder();
    let said = "error: refusing [DIR]/state/runs/[RUN]: it belongs to another user\n  help: nothing was changed; find out who made it so before you go on\n";
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&folder, Some(12_345), None).expect("root may");
        bench.args(GO_ON).stderr(said).exit(6);
        bench.args(["status"]).stdout_contains("held         one").exit(0);
        std::os::unix::fs::chown(&folder, Some(0), None).expect("root may");
    } else {
        let typed = GO_ON.map(|word| format!("'{word}'")).join(" ");
        bench.shell(&format!("unshare --user holdpoint {typed}")).stderr(said).exit(6);
    }
    bench.args(GO_ON).stdout_contains("succeeded").exit(0);
}

#[test]
fn p12_a_frozen_runbook_that_is_missing_is_named_and_the_journal_can_still_be_verified() {
    let bench = held();
    fs::remove_file(bench.run_folder().join("runbook/runbook.yaml")).expect("the owner may");
    let said = "error: the journal of [RUN] cannot be used: its frozen runbook is missing: cannot read [DIR]/state/runs/[RUN]/runbook/runbook.yaml: No such file or directory (os error 2)\n";
    for command in ["resume", "undo", "status", "timeline"] {
        bench.args([command]).stderr(said).exit(6);
    }
    bench.args(["verify"]).stdout_contains("each chained to the one before").stderr(said).exit(6);
    assert_eq!(bench.effects(), ["one"]);
}
