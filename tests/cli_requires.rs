//! Tools and their versions: asked of each tool itself, before a run is made.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::Bench;

/// A bench with a runbook that requires these tools, and with tools that are these shell scripts.
fn requiring(tools: &str, scripts: &[(&str, &str)]) -> Bench {
    let bench = Bench::new().runbook(
        "book.yaml",
        &format!(
            "
            holdpoint: 1
            id: book
            title: A book with tools
            requires: {{tools: [{tools}]}}
            inputs: {{token: {{secret: true, env: TOKEN, optional: true}}}}
            steps: [{{id: one, run: echo one >> effects}}]
            "
        ),
    );
    for (name, script) in scripts {
        bench.write(name, &format!("#!/bin/sh\n{script}\n"));
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(bench.path(name), mode).expect("it was just written");
    }
    bench
}

#[track_caller]
fn lacks(bench: &Bench, what: &str) {
    let stderr = format!("error: {what}; nothing was started\n");
    bench.args(["run", "book.yaml", "--non-interactive"]).stderr(&stderr).exit(3);
    assert!(!bench.path("state").exists());
}

#[test]
fn a_version_is_what_the_tool_says_of_itself() {
    let tools = "'./dashes >= 1.2.3', './word >= 1.27', './server>=2', 'sh', 'bash >= 3'";
    let scripts = [
        ("dashes", r#"[ "$*" = --version ] && echo "dashes 1.10 (x86_64)""#),
        ("word", r#"[ "$*" = version ] && echo "word v1.27.0" >&2"#),
        ("server", r#"[ "$*" = version ] && echo "Client Version: v2.0.0"; exit 1"#),
    ];
    let bench = requiring(tools, &scripts);
    bench.args(["run", "book.yaml", "--non-interactive"]).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["one"]);
}

#[test]
fn a_tool_that_is_too_old_is_named_with_both_versions() {
    let scripts = [("old", "echo old 9.6.24"), ("older", "echo 3.0")];
    let bench = requiring("'./old >= 10', gone-tool, './older >= 3.0.1'", &scripts);
    lacks(
        &bench,
        "`./old` is 9.6.24, and at least 10 is needed; `gone-tool` was not found on PATH; \
         `./older` is 3.0, and at least 3.0.1 is needed",
    );
}

#[test]
fn a_version_that_cannot_be_found_out_is_said_to_be_just_that() {
    let scripts = [
        ("mute", "exit 0"),
        ("failing", "echo 7.0; exit 3"),
        ("slow", "sleep 60"),
        ("secretive", "echo 1.0.${TOKEN:-0}"),
    ];
    let tools = "'./mute >= 1', './failing >= 1', './slow >= 1', './secretive >= 1.0.1'";
    let bench = requiring(tools, &scripts[..]).env("TOKEN", "7");
    let unknown = |name: &str, why: &str| {
        format!("the version of `./{name}` could not be found out: `./{name} --version` {why}")
    };
    // `failing version` exits with 3 as well, but what it prints is taken there.
    let expected = [
        unknown("mute", "prints none"),
        unknown("slow", "takes longer than 10s"),
        "`./secretive` is 1.0.0, and at least 1.0.1 is needed".to_owned(),
    ];
    lacks(&bench, &expected.join("; "));
}

#[test]
fn what_is_no_tool_is_refused_where_it_stands() {
    let bench = requiring("psql > 15, 'psql >= x', docker compose", &[]);
    let stderr = "
        error: `psql > 15` is no tool
         --> book.yaml:4:20
          |
        4 | requires: {tools: [psql > 15, 'psql >= x', docker compose]}
          |                    ^^^^^^^^^
          |
          = help: write a name, or a name and its least version: psql >= 15

        error: `psql >= x` is no tool
         --> book.yaml:4:31
          |
        4 | requires: {tools: [psql > 15, 'psql >= x', docker compose]}
          |                               ^^^^^^^^^^^
          |
          = help: write a name, or a name and its least version: psql >= 15

        error: `docker compose` is no tool
         --> book.yaml:4:44
          |
        4 | requires: {tools: [psql > 15, 'psql >= x', docker compose]}
          |                                            ^^^^^^^^^^^^^^
          |
          = help: write a name, or a name and its least version: psql >= 15

        error: 3 problems in book.yaml
    ";
    bench.args(["plan", "book.yaml"]).stderr(stderr).exit(3);
}
