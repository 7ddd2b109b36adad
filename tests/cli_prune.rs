//! Removing the runs that ended long ago, and no other.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use holdpoint::journal::{FIRST_PREV, Record, read};
use rustix::fs::{FlockOperation, flock};

use crate::harness::Bench;

const BOOK: &str = "
    holdpoint: 1
    id: book
    title: Book
    steps: [{id: one, run: 'echo one; test ! -e broken'}]
";

/// Makes a run, and gives back its folder.
#[track_caller]
fn run(bench: &Bench, code: i32) -> PathBuf {
    let before = bench.run_folders();
    bench.args(["run", "book.yaml", "--another"]).stdout_contains("").exit(code);
    let mut new = bench.run_folders();
    new.retain(|folder| !before.contains(folder));
    new.pop().expect("a run has begun")
}

/// Moves all that a run has on record so many days into the past.
pub(crate) fn age(folder: &Path, days: i64) {
    let path = folder.join("journal.jsonl");
    let mut prev = FIRST_PREV.to_owned();
    let mut text = String::new();
    for record in read(&path).expect("it is ours").records {
        let at = record.at - TimeDelta::days(days);
        let (record, line) = Record::write(record.seq, record.epoch, at, &prev, record.event);
        prev = record.hash;
        text.push_str(&line);
    }
    fs::write(path, text).expect("it is ours");
}

/// A bench with a run that has ended so many days ago.
#[track_caller]
fn ended(days: i64) -> (Bench, PathBuf) {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let folder = run(&bench, 0);
    age(&folder, days);
    (bench, folder)
}

/// How many bytes a folder takes up on the disk.
fn size(path: &Path) -> u64 {
    let found = fs::symlink_metadata(path).expect("it is there");
    let inside = if found.is_dir() { fs::read_dir(path).ok() } else { None };
    let inside = inside.into_iter().flatten().flatten();
    found.blocks() * 512 + inside.map(|entry| size(&entry.path())).sum::<u64>()
}

const PRUNE: [&str; 3] = ["runs", "--prune", "--yes"];
const NONE: &str = "nothing to remove: no run that may go ended more than 90d ago\n";

#[test]
fn runs_that_ended_longer_ago_are_removed_and_the_bytes_are_told() {
    let (bench, old) = ended(91);
    let (older, young) = (run(&bench, 0), run(&bench, 0));
    age(&older, 400);
    age(&young, 89);
    bench.write("broken", "");
    let open = run(&bench, 5);
    age(&open, 400);
    let freed = size(&old) + size(&older);
    let told = format!("{}.{} KiB", freed / 1024, freed * 10 / 1024 % 10);
    let printed = bench.args(PRUNE).stdout_contains("2 runs ended more than 90d ago\n").exit(0);
    let expected = format!("together they take up {told}\nremoved 2 runs: {told} freed\n");
    assert!(printed.stdout.ends_with(&expected), "{expected}{}", printed.stdout);
    let listed: Vec<&str> = printed.stdout.lines().filter(|line| line.starts_with("  ")).collect();
    let (first, last) = (older.file_name().expect("a name"), old.file_name().expect("a name"));
    assert!(listed[0].contains(&*first.to_string_lossy()), "the oldest first: {listed:?}");
    assert!(listed[1].contains(&*last.to_string_lossy()), "{listed:?}");
    let mut left = vec![young, open];
    left.sort();
    assert_eq!(bench.run_folders(), left);
    assert_eq!(fs::read_dir(bench.path("state/removed")).expect("it is there").count(), 0);
    bench.args(PRUNE).stdout(NONE).exit(0);
    bench
        .args(["runs", "--prune", "--yes", "--older-than", "80d"])
        .stdout_contains("removed 1 run")
        .exit(0);
}

#[test]
fn at_a_terminal_it_is_asked_first_and_enter_alone_removes_nothing() {
    let (bench, folder) = ended(100);
    let question = "Remove this run? [y/N]:";
    let mut screen = bench.at_terminal(["runs", "--prune"]);
    screen.wait_for(question);
    assert!(screen.shown().starts_with("1 run ended more than 90d ago\n  [RUN]  succeeded "));
    screen.types("\r");
    assert!(screen.exit(4).ends_with("nothing was removed"));
    let mut screen = bench.at_terminal(["runs", "--prune"]);
    screen.wait_for(question);
    screen.types("\x03");
    assert!(screen.exit(130).ends_with("nothing was removed"));
    assert!(folder.exists());
    let mut screen = bench.at_terminal(["runs", "--prune"]);
    screen.wait_for(question);
    screen.types("y\r");
    screen.exit(0);
    assert!(!folder.exists());
}

#[test]
fn where_nobody_can_be_asked_it_must_be_said_and_what_would_go_is_shown() {
    let (bench, folder) = ended(100);
    let said = "error: nobody can be asked, so nothing is removed\n  help: say that they are to be removed with --yes\n";
    bench.args(["runs", "--prune"]).stdout_contains("1 run ended more than").stderr(said).exit(2);
    assert!(folder.exists());
    for wrong in [["runs", "--yes"], ["runs", "--older-than=1d"]] {
        bench.args(wrong).stderr_contains("--prune").exit(2);
    }
    let said = "the duration `90` has no unit";
    bench.args(["runs", "--prune", "--older-than", "90"]).stderr_contains(said).exit(2);
}

#[test]
fn a_damaged_run_and_one_of_a_later_format_are_left_alone_and_named() {
    for (line, reason) in [("rubbish", "damaged at line "), ("{\"v\":99}", "it is in format 99: ")]
    {
        let (bench, folder) = ended(100);
        let journal = folder.join("journal.jsonl");
        let whole = fs::read_to_string(&journal).expect("it is ours");
        fs::write(&journal, format!("{whole}{line}\n")).expect("it is ours");
        let said = format!("left alone: [RUN]: {reason}");
        bench.args(PRUNE).stdout_contains(&said).exit(0);
        assert!(folder.exists());
        fs::remove_file(&journal).expect("it is ours");
        bench.args(PRUNE).stdout_contains(": damaged at line 1: there is no journal").exit(0);
        assert!(folder.exists());
    }
}

#[test]
fn no_link_is_followed() {
    let (bench, folder) = ended(100);
    bench.write("elsewhere/kept", "");
    symlink(bench.path("elsewhere"), folder.join("output/linked")).expect("the owner may");
    let moved = bench.path("moved");
    let linked = run(&bench, 0);
    age(&linked, 100);
    fs::rename(&linked, &moved).expect("the owner may");
    symlink(&moved, &linked).expect("the owner may");
    let printed = bench.args(PRUNE).stdout_contains("removed 1 run: ").exit(0).stdout;
    assert!(printed.contains("it is a symbolic link, and none is followed here"), "{printed}");
    assert!(!folder.exists() && linked.is_symlink());
    assert!(moved.join("journal.jsonl").exists() && bench.path("elsewhere/kept").exists());
}

#[test]
fn a_run_that_somebody_has_locked_stays() {
    let (bench, folder) = ended(100);
    let lock = File::open(folder.join("lock")).expect("it is ours");
    flock(&lock, FlockOperation::LockExclusive).expect("nobody else has it");
    bench.args(PRUNE).stdout(NONE).exit(0);
    assert!(folder.exists());
    drop(lock);
    bench.args(PRUNE).stdout_contains("removed 1 run").exit(0);
}

#[test]
fn a_run_that_is_not_its_user_s_alone_stays() {
    let (bench, folder) = ended(100);
    fs::set_permissions(&folder, Permissions::from_mode(0o770)).expect("the owner may");
    bench.args(PRUNE).stdout_contains(": others may write into it\n").exit(0);
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).expect("the owner may");
    let said = ": it belongs to another user\n";
    // Only root can give a folder away.
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&folder, Some(12_345), None).expect("root may");
        bench.args(PRUNE).stdout_contains(said).exit(0);
    }
    assert!(folder.exists());
}

#[test]
fn what_a_removal_left_that_was_cut_short_is_taken_away_by_the_next() {
    let (bench, _) = ended(1);
    bench.write("state/removed/20200101-book-abc/output/one.1.out", "half removed\n");
    bench.args(["runs"]).stdout_contains("[RUN]").exit(0);
    bench.args(PRUNE).stdout(NONE).exit(0);
    assert!(!bench.path("state/removed").exists());
    bench.write("elsewhere/kept", "");
    symlink(bench.path("elsewhere"), bench.path("state/removed")).expect("the owner may");
    let said = "error: refusing [DIR]/state/removed: it is no folder\n";
    bench.args(PRUNE).stdout(NONE).stderr_contains(said).exit(6);
    assert!(bench.path("elsewhere/kept").exists());
}

#[test]
fn the_open_runs_alone_can_be_listed() {
    let (bench, _) = ended(1);
    bench.args(["runs", "--open"]).stdout("no run is open in [DIR]/state\n").exit(0);
    bench.write("broken", "");
    run(&bench, 5);
    let list = bench.args(["runs", "--open"]).stdout_contains("  waiting  Book\n").exit(0).stdout;
    assert_eq!(list.lines().count(), 1);
    let list = bench.args(["runs", "--open", "--format", "json"]).json();
    assert_eq!(list["runs"].as_array().map(Vec::len), Some(1));
}
