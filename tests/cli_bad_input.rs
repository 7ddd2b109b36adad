//! What is wrong is said before anything begins: files, values, tools, symptoms.
//!
//! Each message has its place and a way out, each its exit code, and no run is left behind by what
//! never was one.

use std::fs;

use crate::harness::{Bench, Call};

/// A runbook that would leave a trace if any of it were done.
const SOUND: &str = "
    holdpoint: 1
    id: sound
    title: Sound
    inputs:
      count: {type: int, default: 3, min: 1, max: 5, description: how many}
      name: {type: string, default: x}
      hosts: {type: list, default: [a, b]}
    steps:
      - {id: act, run: 'echo act >> effects; echo ${{ inputs.name }} ${{ inputs.hosts }}'}
      - {id: ask, gate: {word: go}, run: echo ask >> effects}
";

/// The call is refused with this on standard error, and nothing comes of it.
#[track_caller]
fn assert_refused(call: Call<'_>, bench: &Bench, code: i32, stderr: &str) {
    call.stderr(stderr).exit(code);
    assert_nothing_began(bench);
}

#[track_caller]
fn assert_nothing_began(bench: &Bench) {
    assert_eq!(bench.run_folders(), Vec::<std::path::PathBuf>::new());
    assert!(!bench.path("state").exists(), "no folder is made");
    assert_eq!(bench.effects(), Vec::<String>::new());
}

/// `run` and `plan` refuse a file with the same words.
#[track_caller]
fn assert_invalid(text: &str, stderr: &str) {
    let bench = Bench::new().runbook("bad.yaml", text);
    assert_refused(bench.args(["run", "bad.yaml"]), &bench, 3, stderr);
    assert_refused(bench.args(["plan", "bad.yaml"]), &bench, 3, stderr);
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_reason() {
    let bench = Bench::new();
    fs::create_dir(bench.path("folder")).expect("the bench can be written to");
    std::os::unix::fs::symlink("loop", bench.path("loop")).expect("links can be made");
    fs::write(bench.path("latin"), b"holdpoint: 1\ntitle: caf\xe9\n").expect("it can be written");
    for (file, why) in [
        ("none.yaml", "No such file or directory (os error 2)"),
        ("folder", "is a directory"),
        ("loop", "Too many levels of symbolic links (os error 40)"),
        ("latin", "it is not UTF-8 text: byte 23 does not fit"),
    ] {
        let stderr = format!("error: cannot read {file}: {why}\n");
        assert_refused(bench.args(["run", file]), &bench, 3, &stderr);
    }
}

#[test]
fn a_file_without_an_end_is_refused_in_bounded_memory() {
    let bench = Bench::new();
    bench
        .shell("ulimit -v 1000000; exec holdpoint run /dev/zero")
        .stderr("error: cannot read /dev/zero: it is larger than 64 MiB\n")
        .exit(3);
}

#[test]
fn broken_yaml_has_one_message_with_its_place() {
    assert_invalid(
        "
            holdpoint: 1
            id: broken
              title: [
        ",
        "
            error: a `:` cannot stand here
             --> bad.yaml:3:8
              |
            3 |   title: [
              |        ^
              |
              = help: if it belongs to the text, put the text in quotes; otherwise look for a slip in the indentation, or a bracket that is not closed

            error: 1 problem in bad.yaml
        ",
    );
    assert_invalid(
        "",
        "
            error: the file is empty
             --> bad.yaml:1:1
              |
            1 |
              | ^

            error: 1 problem in bad.yaml
        ",
    );
}

#[test]
fn an_alias_bomb_is_refused() {
    assert_invalid(
        "
            holdpoint: 1
            a: &a [x,x,x,x,x,x,x,x,x,x]
            b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]
            c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]
            d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]
            e: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]
        ",
        "
            error: the aliases stand for more than 10000 nodes
             --> bad.yaml:5:29
              |
            5 | d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]
              |                             ^^

            error: 1 problem in bad.yaml
        ",
    );
}

#[test]
fn nesting_without_an_end_is_refused() {
    let bench = Bench::new().runbook("deep.yaml", &format!("steps: {}", "[".repeat(200_000)));
    let refused = bench.args(["run", "deep.yaml"]);
    refused.stderr_contains("error: lists and mappings nest deeper than 64 levels\n").exit(3);
    assert_nothing_began(&bench);
}

#[test]
fn a_cycle_is_named_step_by_step() {
    assert_invalid(
        "
            holdpoint: 1
            id: round
            title: Round and round
            steps:
              - {id: a, run: x, needs: [c]}
              - {id: b, run: x, needs: [a]}
              - {id: c, run: x, needs: [b]}
        ",
        "
            error: these steps wait for each other: `a` needs `c` needs `b` needs `a`
             --> bad.yaml:5:10
              |
            5 |   - {id: a, run: x, needs: [c]}
              |          ^
            6 |   - {id: b, run: x, needs: [a]}
              |          - part of the cycle
            7 |   - {id: c, run: x, needs: [b]}
              |          - part of the cycle
              |
              = help: a step without `needs` needs every step above it; name its needs to free it

            error: 1 problem in bad.yaml
        ",
    );
}

#[test]
fn unknown_keys_are_told_all_at_once_with_the_nearest_name() {
    assert_invalid(
        "
            holdpoint: 1
            id: typos
            titel: Typos
            title: Typos
            inputs:
              count: {type: itn}
            steps:
              - {id: a, run: x, timeot: 3s, timeout: soon}
        ",
        "
            error: unknown key `titel` in a runbook
             --> bad.yaml:3:1
              |
            3 | titel: Typos
              | ^^^^^ not a key here
              |
              = help: did you mean `title`?

            error: `itn` is not known here
             --> bad.yaml:6:17
              |
            6 |   count: {type: itn}
              |                 ^^^
              |
              = help: did you mean `int`?

            error: unknown key `timeot` in a step
             --> bad.yaml:8:21
              |
            8 |   - {id: a, run: x, timeot: 3s, timeout: soon}
              |                     ^^^^^^ not a key here
              |
              = help: did you mean `timeout`?

            error: `soon` is not a duration
             --> bad.yaml:8:42
              |
            8 |   - {id: a, run: x, timeot: 3s, timeout: soon}
              |                                          ^^^^
              |
              = help: write whole numbers with ms, s, m, h or d: 500ms, 5s, 1h30m

            error: 4 problems in bad.yaml
        ",
    );
}

#[test]
fn a_step_that_does_nothing_under_a_name_that_is_none_is_told_both() {
    assert_invalid(
        "
            holdpoint: 1
            id: typos
            title: Typos
            steps:
              - id: B
                retries: 3
        ",
        "
            error: this step does nothing
             --> bad.yaml:5:5
              |
            5 |   - id: B
              |     ^^^^^
              |
              = help: give it one of run, http, probe, wait, watch, notify, manual, checklist, choose, steps, ladder, switch, include, or a gate

            error: `B` cannot be an id
             --> bad.yaml:5:9
              |
            5 |   - id: B
              |         ^
              |
              = help: use lower-case letters and digits in words joined by `-`, at most 64 characters

            error: unknown key `retries` in a step
             --> bad.yaml:6:5
              |
            6 |     retries: 3
              |     ^^^^^^^ not a key here

            error: 3 problems in bad.yaml
        ",
    );
}

#[test]
fn names_that_stand_for_nothing_are_told_all_at_once() {
    assert_invalid(
        "
            holdpoint: 1
            id: names
            title: Names
            inputs:
              name: {type: string, default: x}
            steps:
              - {id: load, run: x}
              - {id: b, run: 'echo ${{ inputs.nme }} ${{ steps.load.outputs.rows }}', needs: [laod]}
        ",
        "
            error: there is no input `nme`
             --> bad.yaml:8:24
              |
            8 |   - {id: b, run: 'echo ${{ inputs.nme }} ${{ steps.load.outputs.rows }}', needs: [laod]}
              |                        ^^^^^^^^^^^^^^^^^
              |
              = help: did you mean `name`?

            error: the step `load` has no output `rows`
             --> bad.yaml:8:42
              |
            8 |   - {id: b, run: 'echo ${{ inputs.nme }} ${{ steps.load.outputs.rows }}', needs: [laod]}
              |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

            error: there is no step `laod` in this list
             --> bad.yaml:8:83
              |
            8 | … ${{ inputs.nme }} ${{ steps.load.outputs.rows }}', needs: [laod]}
              |                                                              ^^^^
              |
              = help: did you mean `load`?

            error: 3 problems in bad.yaml
        ",
    );
}

#[test]
fn a_misspelt_key_hides_no_other_problem() {
    let bench = Bench::new().runbook(
        "bad.yaml",
        "
            holdpoint: 1
            id: rounds
            title: Rounds
            owners: me
            steps:
              - {id: a, run: x, needs: [b]}
              - {id: b, run: 'echo ${{ inputs.nme }}'}
        ",
    );
    bench
        .args(["run", "bad.yaml"])
        .stderr_contains("error: unknown key `owners` in a runbook\n")
        .stderr_contains("error: these steps wait for each other: `a` needs `b` needs `a`\n")
        .stderr_contains("error: there is no input `nme`\n")
        .stderr_contains("error: 3 problems in bad.yaml\n")
        .exit(3);
}

#[test]
fn a_secret_where_others_could_read_it_is_refused() {
    let bench = Bench::new().env("PASSWORD", "hunter2hunter2").runbook(
        "bad.yaml",
        "
            holdpoint: 1
            id: told
            title: A secret in the open
            inputs:
              password: {type: string, secret: true, env: PASSWORD}
            steps:
              - {id: argv, run: [echo, '${{ inputs.password }}']}
              - {id: script, run: 'echo ${{ inputs.password }}'}
              - {id: gate, gate: {word: '${{ inputs.password }}'}, run: x}
        ",
    );
    bench
        .args(["run", "bad.yaml"])
        .stderr_contains(" --> bad.yaml:7:29\n")
        .stderr_contains(" --> bad.yaml:8:29\n")
        .stderr_contains(" --> bad.yaml:9:30\n")
        .stderr_contains("error: 3 problems in bad.yaml\n")
        .exit(3);
    assert_nothing_began(&bench);
}

#[test]
fn what_is_typed_wrong_is_a_usage_error_with_a_way_out() {
    let bench = Bench::new().runbook("sound.yaml", SOUND);
    for (args, message, help) in [
        (["--input", "nmae=y"], "the runbook has no input `nmae`", "did you mean `name`?"),
        (
            ["--input", "zzzzzz=y"],
            "the runbook has no input `zzzzzz`",
            "the inputs are count, name, hosts",
        ),
        (["--input", "count"], "`count` gives no value", "write --input name=value"),
        (
            ["--input", "count=some"],
            "the value of `count` is refused: `some` is not a whole number",
            "count is a whole number: how many",
        ),
        (
            ["--input", "count=9"],
            "the value of `count` is refused: it is not between 1 and 5",
            "count is a whole number: how many",
        ),
        (
            ["--input", "hosts=a"],
            "the value of `hosts` is refused: \"a\" is not a list: write [a, b]",
            "hosts is a list",
        ),
        (
            ["--input", "name=a\nb"],
            "the value of `name` is refused: it holds a newline, and the input is not `multiline`",
            "name is text",
        ),
        (["--waive", "disk"], "`disk` gives no reason", "write --waive id=reason"),
        (
            ["--waive", "disk=fine"],
            "there is no check `disk`",
            "this runbook has no check with an id",
        ),
    ] {
        let call = bench.args(["run", "sound.yaml"].into_iter().chain(args));
        assert_refused(call, &bench, 2, &format!("error: {message}\n  help: {help}\n"));
    }
}

#[test]
fn an_unknown_flag_is_a_usage_error() {
    let bench = Bench::new().runbook("sound.yaml", SOUND);
    let typed = bench.args(["run", "sound.yaml", "--inptu", "name=y"]);
    typed
        .stderr_contains("error: unexpected argument '--inptu' found\n")
        .stderr_contains("tip: a similar argument exists: '--input'\n")
        .exit(2);
    bench.args(["run"]).stderr_contains("required arguments were not provided").exit(2);
    bench.args(["rnu", "sound.yaml"]).stderr_contains("unrecognized subcommand 'rnu'").exit(2);
    for parallel in ["0", "1001", "many"] {
        let call = bench.args(["run", "sound.yaml", "--parallel", parallel]);
        call.stderr_contains("it must be from 1 to 1000").exit(2);
    }
    assert_nothing_began(&bench);
}

#[test]
fn a_value_that_could_pass_as_an_option_is_refused_before_the_start() {
    let bench = Bench::new().runbook("sound.yaml", SOUND);
    for (input, value) in [("name", "-rf"), ("hosts", "[a, -rf]")] {
        let call = bench.args(["run", "sound.yaml", "--input", &format!("{input}={value}")]);
        call.stderr_contains("begins with `-` and could pass as an option").exit(2);
        assert_nothing_began(&bench);
    }
}

#[test]
fn an_output_that_can_never_be_there_is_refused_before_the_start() {
    let bench = Bench::new().runbook(
        "bad.yaml",
        r#"
        holdpoint: 1
        id: bad
        title: Bad
        steps:
          - id: never
            when: "false"
            steps:
              - {id: count, run: echo 1, outputs: {rows: {}, sure: {default: x}}}
          - {id: use, run: "echo ${{ steps.count.outputs.rows }}"}
          - {id: fine, run: "echo ${{ steps.count.outputs.sure }} ${{ steps.count.outputs.rows | default(0) }}"}
        "#,
    );
    bench
        .args(["plan", "bad.yaml"])
        .stderr(
            "
            error: `never` is never begun, so that there is no `steps.count.outputs.rows`
             --> bad.yaml:9:26
              |
            9 |   - {id: use, run: \"echo ${{ steps.count.outputs.rows }}\"}
              |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |
              = help: its `when` is always false; give the output a `default`

            error: 1 problem in bad.yaml
            ",
        )
        .exit(3);
}
