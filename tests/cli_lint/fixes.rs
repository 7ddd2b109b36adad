//! Fixes: what is changed, what is left alone, and what is only shown.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::{CLEAN, RAW};
use crate::harness::Bench;

/// A runbook with a comment that nothing needs (safe to take out) and a misspelt key.
fn book() -> String {
    let step = "
      # holdpoint: ignore[HP303] -- it was raw once
      - id: there   # kept
        probe: {tpc: \"127.0.0.1:5432\"}
";
    CLEAN.trim_end_matches(' ').to_owned() + step
}

fn read(bench: &Bench, name: &str) -> String {
    fs::read_to_string(bench.path(name)).expect("it is there")
}

fn lint<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let base = ["lint", "--format", "concise", "--today", "2026-12-01", "--select", "HP9"];
    base.into_iter().chain(more.iter().copied()).collect()
}

#[test]
fn safe_fixes_are_made_and_all_else_stays_as_it_is() {
    let bench = Bench::new().runbook("a.yaml", &book());
    let before = read(&bench, "a.yaml");
    let printed = bench.args(lint(&["--fix"])).stdout_contains("").exit(1).stdout;
    assert!(!printed.contains("HP901"), "{printed}");
    assert!(printed.contains("unknown key `tpc`"), "{printed}");
    let after = read(&bench, "a.yaml");
    assert_eq!(after, before.replace("  # holdpoint: ignore[HP303] -- it was raw once\n", ""));
    assert_ne!(after, before);
}

#[test]
fn other_fixes_are_made_when_they_are_asked_for_and_a_second_time_nothing_is() {
    let bench = Bench::new().runbook("a.yaml", &book());
    let before = read(&bench, "a.yaml");
    bench.args(lint(&["--unsafe-fixes"])).exit(0);
    let after = read(&bench, "a.yaml");
    let comment = "  # holdpoint: ignore[HP303] -- it was raw once\n";
    assert_eq!(after, before.replace(comment, "").replace("tpc", "tcp"));
    bench.args(lint(&["--unsafe-fixes"])).exit(0);
    assert_eq!(read(&bench, "a.yaml"), after);
}

#[test]
fn what_was_fixed_is_counted() {
    let bench = Bench::new().runbook("raw.yaml", RAW);
    let fix = ["lint", "--unsafe-fixes", "--profile", "draft"];
    bench.args(fix).stdout("no findings in 1 file (1 fixed)\n").exit(0);
    assert!(
        read(&bench, "raw.yaml").contains("kill ${{ inputs.pid }}"),
        "{}",
        read(&bench, "raw.yaml")
    );
}

#[test]
fn a_diff_shows_the_changes_and_writes_nothing_and_patch_takes_it() {
    let bench = Bench::new().runbook("a.yaml", &book()).runbook("b.yaml", CLEAN);
    let before = read(&bench, "a.yaml");
    let diff = "
        --- a/a.yaml
        +++ b/a.yaml
        @@ -10,6 +10,5 @@
           - id: look
             probe: {tcp: '127.0.0.1:5432'}
         
        -  # holdpoint: ignore[HP303] -- it was raw once
           - id: there   # kept
             probe: {tpc: \"127.0.0.1:5432\"}
    ";
    let told = "would settle 1 finding in 1 file\n";
    let printed = bench.args(lint(&["--diff"])).stdout(diff).stderr(told).exit(1);
    assert_eq!(read(&bench, "a.yaml"), before);
    let bench = bench.file("fix.patch", "");
    fs::write(bench.path("fix.patch"), printed.stdout).expect("it can be written");
    bench.shell("patch -p1 < fix.patch").stdout("patching file a.yaml\n").exit(0);
    bench.args(lint(&["--diff"])).exit(0);
}

#[test]
fn a_fix_after_which_the_file_would_be_worse_is_left_out() {
    // The known word makes a key come twice.
    let twice = CLEAN.replace("severity: P1", "severity: P1\n    severty: P2");
    let bench = Bench::new().runbook("a.yaml", &twice);
    let before = read(&bench, "a.yaml");
    bench.args(lint(&["--unsafe-fixes"])).stdout_contains("HP103").exit(1);
    assert_eq!(read(&bench, "a.yaml"), before);
    // Beside it another one is made.
    let both = twice.replace("tcp", "tpc");
    let bench = Bench::new().runbook("a.yaml", &both);
    let before = read(&bench, "a.yaml");
    bench.args(lint(&["--unsafe-fixes"])).stdout_contains("HP103").exit(1);
    assert_eq!(read(&bench, "a.yaml"), before.replace("tpc", "tcp"));
}

#[test]
fn a_file_keeps_its_mode_and_the_link_that_leads_to_it() {
    let bench = Bench::new().runbook("real/a.yaml", &book());
    symlink(bench.path("real/a.yaml"), bench.path("link.yaml")).expect("a link can be made");
    let mode = fs::Permissions::from_mode(0o640);
    fs::set_permissions(bench.path("real/a.yaml"), mode).expect("it is ours");
    bench.args(lint(&["--unsafe-fixes", "link.yaml"])).exit(0);
    assert!(fs::symlink_metadata(bench.path("link.yaml")).expect("it is there").is_symlink());
    let found = fs::metadata(bench.path("real/a.yaml")).expect("it is there");
    assert_eq!(found.permissions().mode() & 0o777, 0o640);
    assert!(read(&bench, "real/a.yaml").contains("tcp: \"127"));
}

#[test]
fn what_was_read_from_standard_input_is_only_shown() {
    let refused = "
        error: standard input cannot be changed
          help: show what would be changed with --diff, or name the file
    ";
    let bench = Bench::new();
    bench.args(["lint", "-", "--fix"]).stdin(&book()).stderr(refused).exit(2);
    let told = "would settle 1 finding in 1 file\n";
    let diff = lint(&["-", "--stdin-filename", "a.yaml", "--diff"]);
    bench.args(diff).stdin(&book()).stdout_contains("--- a/a.yaml\n").stderr(told).exit(1);
}

#[test]
fn line_breaks_of_another_system_stay() {
    let text = book().replace('\n', "\r\n");
    let bench = Bench::new();
    let dedented: String =
        text.lines().map(|line| line.get(4..).unwrap_or("").to_owned() + "\r\n").collect();
    fs::write(bench.path("a.yaml"), dedented.trim_start()).expect("it can be written");
    bench.args(lint(&["--unsafe-fixes"])).exit(0);
    let after = read(&bench, "a.yaml");
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count(), "{after:?}");
    assert!(!after.contains("ignore[HP303]"), "{after:?}");
}
