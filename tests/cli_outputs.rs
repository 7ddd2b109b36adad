//! What a command hands over in `$HOLDPOINT_OUTPUT`.

use crate::harness::Bench;

/// A runbook whose step hands over what its script writes, and one that uses it.
fn bench(script: &str, outputs: &str) -> Bench {
    Bench::new().runbook(
        "book.yaml",
        &format!(
            "
            holdpoint: 1
            id: book
            title: Hand over
            defaults: {{shell: sh -eu}}
            steps:
              - id: count
                run: |
                  {script}
                outputs: {{{outputs}}}
              - {{id: use, run: \"printf '%s\\\\n' ${{{{ steps.count.outputs.rows }}}} >> effects\"}}
            "
        ),
    )
}

#[track_caller]
fn held(script: &str, outputs: &str, reason: &str) -> Bench {
    let bench = bench(script, outputs);
    let line = format!("count  failed and is held: {reason}\n");
    bench.args(["run", "book.yaml"]).stdout_contains(&line).exit(5);
    assert_eq!(bench.effects(), Vec::<String>::new());
    bench
}

/// No file of outputs is left in the folder of the run.
#[track_caller]
fn assert_removed(bench: &Bench) {
    bench.shell("ls state/runs/*/output | grep values || echo none").stdout("none").exit(0);
}

#[test]
fn a_line_in_the_file_comes_before_what_is_printed() {
    let script = "echo 5; echo rows=217 >> $HOLDPOINT_OUTPUT; echo lag=90s >> $HOLDPOINT_OUTPUT";
    let bench = bench(script, "rows: {type: int}, lag: {type: duration, measures: rpo}");
    bench.args(["run", "book.yaml"]).stdout_contains("use  succeeded").exit(0);
    assert_eq!(bench.effects(), ["217"]);
    let ended = &bench.sound_journal().events("step_ended")[0].clone();
    assert_eq!(ended["outputs"], serde_json::json!({"rows": 217, "lag": "90s"}));
    assert_eq!(ended["measured"], serde_json::json!({"rpo": "90s"}));
    assert_removed(&bench);
}

#[test]
fn a_name_that_is_not_in_the_file_is_read_from_what_is_printed() {
    let bench = bench("echo 5; test ! -s $HOLDPOINT_OUTPUT", "rows: {type: int}");
    bench.args(["run", "book.yaml"]).stdout_contains("use  succeeded").exit(0);
    assert_eq!(bench.effects(), ["5"]);
}

#[test]
fn the_file_is_private_and_not_that_of_the_operator() {
    let script = "stat -c rows=%a $HOLDPOINT_OUTPUT >> $HOLDPOINT_OUTPUT";
    let bench = bench(script, "rows: {}").env("HOLDPOINT_OUTPUT", "/dev/null");
    bench.args(["run", "book.yaml"]).stdout_contains("use  succeeded").exit(0);
    assert_eq!(bench.effects(), ["600"]);
}

#[test]
fn what_does_not_fit_fails_the_step_and_says_what() {
    let rows = "rows: {type: int}";
    let wrong = "line 1 of $HOLDPOINT_OUTPUT names an output that is not declared";
    assert_removed(&held("echo row=1 >> $HOLDPOINT_OUTPUT", rows, wrong));
    let wrong = "line 2 of $HOLDPOINT_OUTPUT is not `name=value`";
    held("printf 'rows=1\\nmore\\n' >> $HOLDPOINT_OUTPUT", rows, wrong);
    let wrong = "its output `rows`: `many` is not a whole number";
    held("echo rows=many >> $HOLDPOINT_OUTPUT", rows, wrong);
    let wrong = "$HOLDPOINT_OUTPUT holds more than 64 KiB";
    held("head -c 70000 /dev/zero >> $HOLDPOINT_OUTPUT", rows, wrong);
    let wrong = "$HOLDPOINT_OUTPUT is not UTF-8";
    held("printf 'rows=\\377\\n' >> $HOLDPOINT_OUTPUT", rows, wrong);
    let wrong = "$HOLDPOINT_OUTPUT could not be read: No such file or directory (os error 2)";
    held("rm $HOLDPOINT_OUTPUT", rows, wrong);
}

#[test]
fn after_a_failure_nothing_is_read_and_the_file_is_gone() {
    let bench = held("echo row=1 >> $HOLDPOINT_OUTPUT; exit 3", "rows: {}", "exit 3, expected 0");
    assert_removed(&bench);
}

#[test]
fn after_a_crash_the_file_is_removed_by_the_next_driver() {
    let script = "echo rows=1 >> $HOLDPOINT_OUTPUT; echo x >> begun; sleep 1";
    let bench = bench(script, "rows: {}");
    let mut driver = bench.args(["run", "book.yaml"]).start();
    driver.wait_until("it runs", |journal| journal.count("step_spawned", "count") == 1);
    driver.kill_with_keeper();
    bench.args(["resume"]).stdout_contains("in doubt").exit(5);
    assert_removed(&bench);
}

#[test]
fn a_list_is_written_as_json_and_a_secret_is_masked() {
    let book = "
        holdpoint: 1
        id: book
        title: Hand over
        defaults: {shell: sh -eu}
        inputs: {token: {secret: true, env: SHOP_TOKEN}}
        steps:
          - id: tell
            env: {TOKEN: '${{ inputs.token }}'}
            run: |
              printf 'hosts=[\"a\", \"b\"]\\nsaid=it is %s\\n' $TOKEN >> $HOLDPOINT_OUTPUT
            outputs: {hosts: {type: list}, said: {}}
        ";
    let bench = Bench::new().runbook("book.yaml", book).env("SHOP_TOKEN", "hunter2hunter2");
    bench.args(["run", "book.yaml"]).stdout_contains("tell  succeeded").exit(0);
    let found = bench.journal().events("step_ended")[0]["outputs"].clone();
    assert_eq!(found, serde_json::json!({"hosts": ["a", "b"], "said": "it is ***"}));
}

#[test]
fn what_measures_the_rpo_is_a_length_of_time() {
    let bench = bench("echo 5", "rows: {type: int, measures: rpo}");
    bench.args(["run", "book.yaml"]).stderr_contains("error: `int` is not known here\n").exit(3);
    held("echo 5", "rows: {measures: rpo}", "its output `rows`: the duration `5` has no unit");
}

/// A runbook whose step makes a secret, and one that writes it to a file of its own.
fn making(script: &str) -> Bench {
    Bench::new().runbook(
        "book.yaml",
        &format!(
            "
            holdpoint: 1
            id: book
            title: Make a secret
            defaults: {{shell: sh -eu}}
            steps:
              - id: make
                run: |
                  {script}
                outputs: {{key: {{from: line, secret: true}}, more: {{from: line, line: 2, default: none}}}}
              - {{id: use, stdin: '${{{{ steps.make.outputs.key }}}}', run: cat > key; cat key}}
            "
        ),
    )
}

#[test]
fn a_secret_output_is_used_and_is_in_no_file_of_the_run() {
    let bench = making("echo hunter2hunter2; echo it is hunter2hunter2; echo hunter2hunter2 >&2");
    let printed = bench.args(["run", "book.yaml"]).stdout_contains("").exit(0).stdout;
    assert_eq!(std::fs::read_to_string(bench.path("key")).ok().as_deref(), Some("hunter2hunter2"));
    let is_whole = |line: &&str| line.contains("hunter") && !line.contains("echo");
    assert_eq!(printed.lines().find(is_whole), None);
    assert!(printed.contains("          > ***\n"), "{printed}");
    let ended = bench.sound_journal().events("step_ended")[0].clone();
    assert_eq!(ended["secrets"], serde_json::json!(["key"]));
    assert_eq!(ended["outputs"], serde_json::json!({"more": "it is ***"}));
    let note = "what it printed is neither shown nor kept: an output of it is a secret";
    assert_eq!(ended["notes"], serde_json::json!([note]));
    bench.shell("ls state/runs/*/output | grep make || echo none").stdout("none").exit(0);
}

#[test]
fn a_secret_may_be_handed_over_in_the_file() {
    let bench = making("echo no; echo key=hunter2hunter2 >> $HOLDPOINT_OUTPUT");
    bench.args(["run", "book.yaml"]).stdout_contains("use  succeeded").exit(0);
    assert_eq!(std::fs::read_to_string(bench.path("key")).ok().as_deref(), Some("hunter2hunter2"));
    assert_removed(&bench);
}

#[test]
fn what_goes_wrong_with_a_secret_quotes_nothing() {
    let book = "
        holdpoint: 1
        id: book
        title: Make a secret
        defaults: {shell: sh -eu, on_failure: continue}
        steps:
          - id: unexpected
            run: cat source
            expect: {stdout: {equals: no}}
            outputs: {key: {secret: true}}
          - {id: unfit, run: cat source, outputs: {key: {type: int, secret: true}}}
          - {id: failed, run: cat source >&2; exit 1, outputs: {key: {secret: true}}}
        ";
    let bench = Bench::new().runbook("book.yaml", book).file("source", "hunter2hunter2\n");
    let printed = bench.args(["run", "book.yaml"]).stdout_contains("").exit(8).stdout;
    assert!(!printed.contains("hunter2"), "{printed}");
    assert!(printed.contains("unfit  failed: its output `key` is not there, or does not fit"));
    bench.shell("grep -r hunter2 state || echo none").stdout("none").exit(0);
}

#[test]
fn a_secret_that_was_lost_parks_the_run_that_nobody_attends() {
    let bench = making("echo hunter2hunter2").file("x", "");
    bench.write(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Make a secret
        defaults: {shell: sh -eu}
        steps:
          - {id: make, run: echo hunter2hunter2, outputs: {key: {secret: true}}}
          - {id: ask, gate: true, run: 'true'}
          - {id: use, stdin: '${{ steps.make.outputs.key }}', run: wc -c}
        ",
    );
    bench.args(["run", "book.yaml"]).stdout_contains("left waiting for a person").exit(5);
    bench.write("answers.yaml", "ask: {approve: true, by: ada}\n");
    let call = bench.args(["resume", "--answers", "answers.yaml"]);
    call.stdout_contains("the input steps/make/key has no value").exit(5);
}
