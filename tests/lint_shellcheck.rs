//! What shellcheck says of scripts, with the real one where it is installed, and without it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::harness::Bench;

const BOOK: &str = r#"
    holdpoint: 1
    id: book
    title: Remove a folder
    steps:
      - id: remove
        env: {folder: /var/tmp/a}
        run: |
          cd ${{ "/var" }}
          # holdpoint: ignore[SC2086] -- it may be several
          rm $folder $FOLDER
          rm $FOLDER
      - id: elsewhere
        shell: python3
        run: print($x)
"#;

/// Only what shellcheck says.
const LINT: [&str; 5] = ["lint", "--select", "HP401", "--format", "concise"];

/// Whether shellcheck is there; where it is not, that is said.
#[expect(clippy::print_stderr, reason = "a test that proves nothing must say so")]
fn is_installed() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = std::env::split_paths(&path).any(|folder| folder.join("shellcheck").is_file());
    if !is_there {
        eprintln!("left out: shellcheck is not installed; tests/all.sh --install gets it");
    }
    is_there
}

/// A program in the place of shellcheck.
fn with_program(script: &str) -> Bench {
    let bench = Bench::new().runbook("book.yaml", BOOK).file("bin/shellcheck", script);
    let program = bench.path("bin/shellcheck");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let path = format!("{}:/usr/bin:/bin", bench.path("bin").display());
    bench.env("PATH", &path)
}

fn cached(bench: &Bench) -> usize {
    let folder = bench.path(".cache/holdpoint/shellcheck");
    fs::read_dir(folder).map(Iterator::count).unwrap_or_default()
}

/// An answer to the one script of the book, for the variable in its last line.
const ANSWER: &str = r#"#!/bin/sh
for last; do :; done
echo asked >> "${0%/*}/asked"
cat <<JSON
{"comments":[{"file":"$last","line":5,"endLine":5,"column":4,"endColumn":11,"level":"info",
"code":2086,"message":"Quote this.","fix":null}]}
JSON
exit 1
"#;

#[test]
fn each_comment_is_told_at_its_line_and_column_and_suppressed_like_any_finding() {
    if !is_installed() {
        return;
    }
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let line = "book.yaml:11:10: note[HP401[SC2086]] Double quote to prevent globbing and word splitting\n";
    bench.args(LINT).stdout(line).exit(0);
    let fix = ["lint", "--select", "HP401", "--unsafe-fixes"];
    bench.args(fix).stdout("no findings in 1 file (1 fixed; 2 suppressed)\n").exit(0);
    let after = fs::read_to_string(bench.path("book.yaml")).expect("it is there");
    assert!(after.contains("      rm \"$FOLDER\"\n"), "{after}");
    assert!(after.contains("      rm $folder $FOLDER\n"), "{after}");
}

#[test]
fn the_examples_of_its_rule_are_a_bad_and_a_good_one() {
    if !is_installed() {
        return;
    }
    let example = |kind: &str| {
        let path = format!("engine/lint/examples/HP401.{kind}.yaml");
        fs::read_to_string(crate::docs::root().join(path)).expect("there is an example")
    };
    let bench = Bench::new().file("a.yaml", &example("bad"));
    bench.args(LINT).stdout_contains("HP401[SC2086]").exit(0);
    let bench = Bench::new().file("a.yaml", &example("good"));
    bench.args(LINT).stdout("").exit(0);
}

#[test]
fn an_answer_is_remembered_and_another_shellcheck_is_asked_again() {
    let bench = with_program(ANSWER);
    let line = "book.yaml:11:10: note[HP401[SC2086]] Quote this\n";
    bench.args(LINT).stdout(line).exit(0);
    bench.args(LINT).stdout(line).exit(0);
    let asked = || fs::read_to_string(bench.path("bin/asked")).expect("it was asked");
    assert_eq!((asked().as_str(), cached(&bench)), ("asked\n", 1));
    let other = format!("{ANSWER}# another one\n");
    fs::write(bench.path("bin/shellcheck"), other).expect("it can be written");
    bench.args(LINT).stdout(line).exit(0);
    assert_eq!((asked().as_str(), cached(&bench)), ("asked\nasked\n", 2));
}

#[test]
fn the_cache_is_where_the_user_has_caches_and_it_is_private() {
    let bench = with_program(ANSWER);
    let elsewhere = bench.path("elsewhere").display().to_string();
    let bench = bench.env("XDG_CACHE_HOME", &elsewhere);
    bench.args(LINT).stdout_contains("SC2086").exit(0);
    let folder = bench.path("elsewhere/holdpoint/shellcheck");
    let mode = fs::metadata(&folder).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode, fs::read_dir(&folder).expect("it is there").count()), (0o700, 1));
    assert_eq!(cached(&bench), 0);
}

#[test]
fn where_it_is_not_installed_or_not_heard_that_is_said_and_all_else_is_told() {
    let bench = Bench::new().runbook("book.yaml", BOOK).env("PATH", "/nowhere");
    let note = "note: shellcheck is not installed, so HP401 was left out\n";
    bench.args(LINT).stderr(note).exit(0);
    for (script, reason) in [
        ("#!/bin/sh\nexit 4\n", "it exits with 4"),
        ("#!/bin/sh\necho nothing\n", "expected ident at line 1 column 2"),
        ("#!/bin/sh\nkill -9 $$\n", "it was ended by signal 9"),
    ] {
        let note = format!("note: shellcheck was not heard, so HP401 was left out: {reason}\n");
        let bench = with_program(script);
        bench.args(LINT).stderr(&note).exit(0);
        assert_eq!(cached(&bench), 0);
    }
}

#[test]
fn it_is_not_asked_where_nobody_wants_it() {
    let bench = with_program(ANSWER);
    bench.args(LINT.into_iter().chain(["--no-shellcheck"])).exit(0);
    bench.args(["lint", "--format", "concise", "--profile", "draft"]).exit(0);
    bench.args(["lint", "--format", "concise", "--select", "HP901"]).exit(0);
    assert!(!Path::exists(&bench.path("bin/asked")));
}

#[test]
fn one_that_lies_in_the_folder_that_is_reviewed_is_never_started() {
    let bench = with_program(ANSWER);
    fs::rename(bench.path("bin/shellcheck"), bench.path("shellcheck")).expect("it can be moved");
    let bench = bench.env("PATH", ".:/nowhere::");
    let note = "note: shellcheck is not installed, so HP401 was left out\n";
    bench.args(LINT).stderr(note).exit(0);
    assert!(!Path::exists(&bench.path("asked")));
}
