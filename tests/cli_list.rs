//! Finding the runbook: which are here, which fits, and what to type.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::json;

use crate::harness::Bench;

const PRIMARY: &str = "
    holdpoint: 1
    id: postgres-primary-gone
    title: The primary is gone
    summary: Promote the replica.
    system: billing
    owner: dba
    severity: critical
    tags: [database]
    symptoms: [connections are refused]
    triggers: [{alert: PostgresDown}]
    steps: [{id: promote, run: 'true'}]
";

const RESTORE: &str = "
    holdpoint: 1
    id: restore
    title: Put postgres back from its backup
    triggers: [{alert: PostgresDownForLong}]
    steps: [{id: restore, run: 'false'}]
";

const BROKEN: &str = "
    holdpoint: 1
    id: old-restore
    title: The old way to restore
    steps: [{id: restore, runn: 'true'}]
";

/// A library of two sound runbooks and a broken one.
fn library() -> Bench {
    let bench = Bench::new()
        .file("library/holdpoint.yaml", "holdpoint: 1\n")
        .runbook("library/postgres/primary.yaml", PRIMARY)
        .runbook("library/postgres/restore.yaml", RESTORE);
    fs::write(bench.path("library/old.yaml"), BROKEN.replace("\n    ", "\n").trim_start())
        .expect("the bench can be written to");
    bench
}

/// What `list` prints in a folder of the bench.
#[track_caller]
fn listed(bench: &Bench, folder: &str, args: &str) -> String {
    bench.shell(&format!("cd {folder} && holdpoint list {args}")).stdout_contains("").exit(0).stdout
}

/// The paths that are listed, in their order.
#[track_caller]
fn paths(bench: &Bench, args: &str) -> Vec<String> {
    let list = listed(bench, "library", args);
    let paths = list.lines().filter(|line| line.ends_with(".yaml") && !line.contains(' '));
    paths.map(str::to_owned).collect()
}

#[test]
fn the_runbooks_of_a_library_are_listed_from_any_folder_of_it_with_the_paths_to_type() {
    let bench = library();
    let list = "
        3 runbooks in the library [DIR]/library

        primary.yaml
          The primary is gone
          severity critical; owner dba; system billing
          never run here

        restore.yaml
          Put postgres back from its backup
          never run here

        ../old.yaml
          The old way to restore
          never run here
          broken: this step does nothing (../old.yaml:4:9)

        to go through one: holdpoint run PATH
    ";
    bench.shell("cd library/postgres && holdpoint list").stdout(list).exit(0);
}

#[test]
fn an_alert_finds_its_runbook_exactly_first_and_names_the_command_to_type() {
    let list = "
        2 of 3 runbooks in the library [DIR]/library fit, the best first

        postgres/primary.yaml
          The primary is gone
          severity critical; owner dba; system billing
          found in alert PostgresDown
          never run here

        postgres/restore.yaml
          Put postgres back from its backup
          found in alert PostgresDownForLong
          never run here

        to go through the first: holdpoint run postgres/primary.yaml
    ";
    let bench = library();
    let call = bench.shell("cd library && holdpoint list --alert PostgresDown");
    call.stdout(list).exit(0);
}

#[test]
fn words_must_all_be_found_and_an_id_beats_a_title_and_what_is_broken_comes_last() {
    let bench = library();
    assert_eq!(paths(&bench, "POSTGRES"), ["postgres/primary.yaml", "postgres/restore.yaml"]);
    assert_eq!(paths(&bench, "restore"), ["postgres/restore.yaml", "old.yaml"]);
    assert_eq!(paths(&bench, "postgres backup"), ["postgres/restore.yaml"]);
    assert_eq!(paths(&bench, "'connections are' refused"), ["postgres/primary.yaml"]);
    assert_eq!(paths(&bench, "--system BILL database"), ["postgres/primary.yaml"]);
}

#[test]
fn where_nothing_fits_that_is_a_wrong_word_and_the_nearest_one_is_named() {
    let bench = library();
    let says = |args: &str, stdout: &str, help: &str| {
        let said = format!("error: no runbook in the library [DIR]/library fits\n  help: {help}\n");
        let call = bench.shell(&format!("cd library && holdpoint list {args}"));
        call.stdout_contains(stdout).stderr(&said).exit(2);
    };
    says("--alert PostgresDwon", "", "did you mean `PostgresDown`?");
    says("--alert Kafka", "", "the alerts here are PostgresDown, PostgresDownForLong");
    says("--system biling", "", "did you mean `billing`?");
    says(
        "postgres kafka",
        "",
        "no runbook has `kafka`: leave it out, or see all with: holdpoint list",
    );
    says("primry", "", "no runbook has `primry`; did you mean `primary`?");
    says(
        "kafka --format json",
        "\"runbooks\": []\n}\n",
        "no runbook has `kafka`: leave it out, or see all with: holdpoint list",
    );
}

#[test]
fn the_last_run_of_a_runbook_here_is_told_with_how_it_ended() {
    let bench = library();
    let restore = ["run", "library/postgres/restore.yaml"];
    bench.args(restore).stdout_contains("").exit(5);
    let list = listed(&bench, "library", "backup");
    assert!(crate::harness::holds("\n  last run [AT] ", &list), "{list}");
    assert!(list.contains(" UTC: waiting ([RUN])\n"), "{list}");
    bench.args(["run", "library/postgres/primary.yaml"]).stdout_contains("").exit(0);
    let list = listed(&bench, "library", "billing");
    assert!(list.contains(" UTC: succeeded ([RUN])\n"), "{list}");
}

#[test]
fn programs_get_the_same_as_json() {
    let bench = library();
    bench.args(["run", "library/postgres/primary.yaml"]).stdout_contains("").exit(0);
    let run = bench.run_folder();
    let run = run.file_name().expect("it has a name").to_string_lossy().into_owned();
    let call = bench.shell("cd library && holdpoint list --alert postgresdown --format json");
    let printed = call.stdout_contains("").exit(0).stdout.replace("[RUN]", &run);
    let mut list: serde_json::Value = serde_json::from_str(&printed).expect("it is JSON");
    let started = list["runbooks"][0]["last_run"]["started_at"].take();
    assert!(started.as_str().is_some_and(|at| at.ends_with('Z')), "{started}");
    let primary = json!({
        "path": "postgres/primary.yaml",
        "id": "postgres-primary-gone",
        "title": "The primary is gone",
        "summary": "Promote the replica.",
        "system": "billing",
        "owner": "dba",
        "severity": "critical",
        "tags": ["database"],
        "symptoms": ["connections are refused"],
        "alerts": ["PostgresDown"],
        "problem": null,
        "found_in": [{"field": "alert", "text": "PostgresDown"}],
        "last_run": {
            "run": run,
            "state": "succeeded",
            "started_at": null,
            "mode": "live",
            "environment": null,
        },
    });
    assert_eq!(list["runbooks"][0], primary);
    assert_eq!(list["runbooks"].as_array().map(Vec::len), Some(2));
    list["runbooks"] = json!([]);
    let around = json!({
        "version": 1,
        "folder": "[DIR]/library",
        "is_library": true,
        "cut_short": null,
        "runbooks": [],
    });
    assert_eq!(list, around);
}

#[test]
fn without_a_library_the_runbooks_under_the_current_folder_are_listed() {
    let bench = library();
    fs::remove_file(bench.path("library/holdpoint.yaml")).expect("it was just made");
    fs::remove_file(bench.path("library/old.yaml")).expect("it was just made");
    // The store of this bench is in this folder, and holds a frozen copy of the runbook.
    bench.args(["run", "library/postgres/primary.yaml"]).stdout_contains("").exit(0);
    bench.write("notes.yaml", "a: 1\n");
    for name in ["target", "node_modules", ".git"] {
        fs::create_dir(bench.path(name)).expect("the bench can be written to");
        let copy = bench.path(&format!("{name}/copy.yaml"));
        fs::copy(bench.path("library/postgres/primary.yaml"), copy).expect("it is there");
    }
    symlink(bench.path("library"), bench.path("linked")).expect("the owner may");
    let list = bench.args(["list"]).stdout_contains("2 runbooks in [DIR]\n").exit(0).stdout;
    for path in ["library/postgres/primary.yaml", "library/postgres/restore.yaml"] {
        assert!(list.lines().any(|line| line == path), "{list}");
    }
    let none = "there are no runbooks in [DIR]/bin\n\nto go through one: holdpoint run FILE\n";
    fs::create_dir(bench.path("bin")).expect("the bench can be written to");
    bench.shell("cd bin && holdpoint list").stdout(none).exit(0);
    let said = "error: no runbook in [DIR]/bin fits\n  help: there are none; go to the folder of your library\n";
    bench.shell("cd bin && holdpoint list x").stderr(said).exit(2);
}

#[test]
fn whatever_is_wrong_with_a_runbook_or_its_library_is_told_and_nothing_else_is_kept_from_view() {
    let bench = library();
    fs::write(bench.path("library/bytes.yaml"), b"holdpoint: 1\nid: bytes\ntitle: \xff\n")
        .expect("it can be");
    fs::write(bench.path("library/torn.yaml"), "holdpoint: 1\nid: [torn\n").expect("it can be");
    let list = listed(&bench, "library", "");
    assert!(list.starts_with("5 runbooks in "), "{list}");
    assert!(list.contains("bytes.yaml\n"), "{list}");
    assert!(
        list.contains("broken: it cannot be read: it is not UTF-8 text: byte 30 does"),
        "{list}"
    );
    assert!(list.contains("torn.yaml\n  never run here\n  broken: "), "{list}");
    let all = Permissions::from_mode(0o666);
    fs::set_permissions(bench.path("library/holdpoint.yaml"), all).expect("the owner may");
    let list = listed(&bench, "library", "primary");
    assert!(
        list.contains(
            "  broken: refusing the library [DIR]/library/holdpoint.yaml: everybody may write it; "
        ),
        "{list}"
    );
    assert!(
        list.ends_with("to see what is wrong: holdpoint plan postgres/primary.yaml\n"),
        "{list}"
    );
}

#[test]
fn a_line_has_at_most_eighty_columns_and_is_inert_but_what_is_typed_is_whole() {
    let name =
        "a folder with a name that is so long that it cannot stand in a line of eighty columns";
    let bench = Bench::new().runbook(
        &format!("{name}/a.yaml"),
        r#"
        holdpoint: 1
        id: wide
        title: "A \e[31mtitle\u202e that is longer than any line of a terminal that has eighty columns 災害"
        symptoms: ["it is wide, and it is wide, and it is wide, and it is wide, and it is wide"]
        steps: [{id: a, run: 'true'}]
        "#,
    );
    let list = bench.args(["list", "wide,"]).stdout_contains("").exit(0).stdout;
    let typed = format!("'{name}/a.yaml'");
    assert!(list.ends_with(&format!("\nto go through it: holdpoint run {typed}\n")), "{list}");
    assert!(list.contains("\n  A \\x1b[31mtitle\\u{202e} that is"), "{list}");
    for line in list.lines().filter(|line| !line.contains(name)) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn a_store_that_was_named_is_named_in_the_command_to_type() {
    let bench = library();
    let call = bench.shell("cd library && holdpoint --state /tmp/other-runs list billing");
    let typed = "to go through it: holdpoint --state /tmp/other-runs run postgres/primary.yaml\n";
    call.stdout_contains(typed).exit(0);
}

#[test]
fn a_runbook_that_needs_an_environment_is_not_broken_and_one_that_no_environment_suits_is() {
    let bench = Bench::new().file(
        "holdpoint.yaml",
        "holdpoint: 1\nenvironments: {lab: {}, production: {targets: {db: local}}}\n",
    );
    let book = "holdpoint: 1\nid: a\ntitle: A\nsteps: [{id: a, target: db, run: 'true'}]\n";
    fs::write(bench.path("a.yaml"), book).expect("the bench can be written to");
    fs::write(bench.path("b.yaml"), book.replace("db", "dc")).expect("it can be");
    let list = bench.args(["list"]).stdout_contains("").exit(0).stdout;
    assert!(list.contains("\n\na.yaml\n  A\n  never run here\n\nb.yaml\n"), "{list}");
    assert!(list.contains("broken: there is no target `dc` (b.yaml:4:"), "{list}");
}

#[test]
fn a_store_that_cannot_be_read_is_told_after_the_runbooks() {
    let bench = library();
    bench.write("state/runs", "no folder\n");
    let said = "error: cannot use [DIR]/state/runs: Not a directory";
    let call = bench.shell("cd library && holdpoint list billing").stderr_contains(said);
    call.stdout_contains("  found in system\n\nto go through it: ").exit(6);
}
