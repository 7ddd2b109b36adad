//! `holdpoint handover`: one page that lets another person go on, from any state of a run, and that
//! changes nothing.

use std::fs;

use regex::Regex;
use serde_json::{Value, json};

use crate::harness::{Bench, shipped};

const LIBRARY: &str = r"
    holdpoint: 1
    contacts:
      - {role: dba, name: Grace, channel: '+49 30 12345'}
    channels:
      file: {run: cat >> effects, shell: sh -eu}
      broken: {run: [sh, -c, 'exit 9']}
    environments:
      staging: {}
";

const BOOK: &str = r#"
    holdpoint: 1
    id: shop-down
    title: The shop is down
    impact: nobody can order
    severity: P1
    objectives: {rto: 30m}
    inputs: {password: {secret: true, env: SHOP_PASSWORD}}
    steps:
      - {id: tell, notify: {template: start, to: file}}
      - {id: cry, notify: {template: start, to: broken}}
      - {id: copy, notify: {template: start}}
      - {id: stop, effect: idempotent, run: 'true', undo: {run: echo started >> effects, paired: true}}
      - {id: flaky, effect: idempotent, retry: {times: 1, every: 100ms}, run: 'exit 3', on_failure: continue}
      - {id: look, run: test -n "$P", env: {P: "${{ inputs.password }}"}}
      - {id: drop, gate: {ask: "Drop the volume?", word: the volume, approvers: [dba]}, run: 'true'}
"#;

/// A drill that waits at its gate, about which something was said.
#[track_caller]
fn waiting() -> Bench {
    let bench = Bench::new().env("USER", "ann").env("SHOP_PASSWORD", "hunter2hunter2");
    let bench = bench.file("holdpoint.yaml", LIBRARY).runbook("book.yaml", BOOK);
    let run = ["run", "book.yaml", "--drill", "--environment", "staging", "--incident", "INC-7"];
    let run = run.into_iter().chain(["--detected-at", "2020-01-01T00:00:00Z"]);
    bench.args(run).stdout_contains("DRILL: the run in staging waits").exit(5);
    for (kind, text) in [("finding", "the disk is full"), ("todo", "raise the quota")] {
        bench.args(["note", text, "--kind", kind]).stdout_contains("noted").exit(0);
    }
    bench
}

/// A page with one word for each run, moment and machine that differs from run to run.
fn evened(text: &str) -> String {
    let stands = [
        (r"\d{8}-[a-z-]+-[a-z0-9]{3}\b", "[RUN]"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "[MOMENT]"),
        (r"\b\d{1,2}:\d\d:\d\d\b", "[AT]"),
        (r"spent \S+ ago", "spent [TIME] ago"),
        (r"as of \d\d:\d\d UTC", "as of [AT]"),
    ];
    stands.iter().fold(text.to_owned(), |text, (pattern, word)| {
        let pattern = Regex::new(pattern).expect("it is written here");
        pattern.replace_all(&text, *word).into_owned()
    })
}

/// Compares with what is kept, or keeps it where that is asked for.
#[track_caller]
fn assert_kept(file: &str, printed: &str) {
    let path = shipped(&format!("tests/data/handover/{file}"));
    let printed = evened(printed);
    if std::env::var_os("HOLDPOINT_BLESS").is_some() {
        fs::write(&path, &printed).expect("the project can be written to");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(printed, kept, "{file}: HOLDPOINT_BLESS=1 accepts this");
}

#[test]
fn golden_the_page_says_what_the_next_one_needs_in_text_and_markdown() {
    let bench = waiting();
    let text = bench.args(["handover"]).stdout_contains("HANDOVER").exit(0).stdout;
    assert_kept("waiting.txt", &text);
    let page = bench.args(["handover", "--format", "md"]).stdout_contains("#").exit(0).stdout;
    assert_kept("waiting.md", &page);
    assert!(!(text + &page).contains("hunter2hunter2"), "a secret stands on no page");
}

#[test]
fn what_programs_read_has_the_facts_and_no_length_of_time() {
    let bench = waiting();
    let json = bench.args(["handover", "--format", "json"]).json();
    let run = json["run"].as_str().expect("it has an id").to_owned();
    assert_eq!(json["mode"], "drill");
    assert_eq!(json["state"], "waiting");
    assert_eq!(json["rto"]["until"], "2020-01-01T00:30:00Z");
    let waits = &json["waiting_for"][0];
    assert_eq!((&waits["step"], &waits["kind"]), (&json!("drop"), &json!("gate")));
    assert_eq!(waits["who"], json!(["dba (Grace, +49 30 12345)"]));
    let approve = format!("holdpoint approve {run} drop --word 'the volume' --by NAME");
    assert_eq!(waits["ways"][0], json!({"command": approve, "what": "open the gate"}));
    let fates: Vec<&Value> =
        json["messages"].as_array().expect("a list").iter().map(|it| &it["fate"]).collect();
    assert_eq!(fates, ["sent", "failed", "shown"]);
    let undo = json!({"step": "stop", "by": "echo started >> effects", "is_paired": true});
    assert_eq!(json["undos"], json!([undo]));
    let secret = json!({"name": "password", "variable": "SHOP_PASSWORD", "step": null});
    assert_eq!(json["secrets"], json!([secret]));
    let again = bench.args(["handover", "--format", "json"]).json();
    assert_eq!(json, again, "made of the same records it says the same");
}

/// A command of a page as somebody types it.
fn typed(bench: &Bench, way: &Value) -> String {
    let folder = bench.run_folder();
    let run = folder.file_name().expect("it has a name").to_string_lossy().into_owned();
    let command = way["command"].as_str().expect("a command").replace("[RUN]", &run);
    command.replace("NAME", "Grace").replace("TEXT", "'it is a drill'")
}

#[test]
fn every_command_that_it_names_does_what_it_says() {
    let bench = waiting();
    let json = bench.args(["handover", "--format", "json"]).json();
    let approve = typed(&bench, &json["waiting_for"][0]["ways"][0]);
    bench.shell(&approve).stdout_contains("it waits in the inbox").exit(0);
    let resume = typed(&bench, &json["ways"][0]);
    bench.shell(&resume).stdout_contains("drop  approved by Grace").exit(8);
    let json = bench.args(["handover", "--format", "json"]).json();
    assert_eq!(json["answers"].as_array().map(Vec::len), Some(1), "{json:#}");
    assert_eq!(json["waiting_for"], json!([]));
    let ways: Vec<String> =
        json["ways"].as_array().expect("a list").iter().map(|way| typed(&bench, way)).collect();
    assert!(ways.iter().all(|way| !way.contains(" resume ")), "it has ended: {ways:?}");
}

#[test]
fn of_a_held_step_each_way_out_is_named_and_is_an_exception_once_taken() {
    let held = "{holdpoint: 1, id: held, title: Held, steps: [{id: one, run: exit 1}]}";
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", held);
    bench.args(["run", "book.yaml"]).stdout_contains("one is held").exit(5);
    let json = bench.args(["handover", "--format", "json"]).json();
    let ways = json["waiting_for"][0]["ways"].as_array().expect("a list").clone();
    let words: Vec<&str> =
        ways.iter().filter_map(|way| way["command"].as_str()?.split(' ').nth(1)).collect();
    assert_eq!(words, ["retry", "done", "fail", "skip"]);
    let done = typed(&bench, &ways[1]);
    bench.shell(&done).stdout_contains("it waits in the inbox").exit(0);
    bench.args(["resume"]).stdout_contains("marked as done by ann: it is a drill").exit(8);
    bench
        .args(["handover"])
        .stdout_contains("Exceptions\n  [AT] one marked as done by ann: it is a drill\n")
        .exit(0);
}

#[test]
fn of_a_run_that_somebody_drives_it_says_who_and_how_it_is_taken_over() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        steps: [{id: one, run: 'until [ -e go ]; do sleep 0.02; done'}]
        ",
    );
    let call = bench.args(["run", "book.yaml", "--operator", "bob"]);
    let mut driver = call.stdout_contains("").start();
    driver.wait_for("step_spawned", "one");
    bench
        .args(["handover"])
        .stdout_contains("driven by bob on ")
        .stdout_contains("Under way\n  one, runs since [AT] ")
        .stdout_contains("see it as it goes: holdpoint watch [RUN]\n")
        .stdout_contains(
            "go on with it here, once its driver is ended: \
             holdpoint resume [RUN] --take-over --reason TEXT\n",
        )
        .exit(0);
    driver.kill_with_keeper();
    bench.write("go", "");
    bench.wait_for_quiet();
    bench
        .args(["handover"])
        .stdout_contains("nobody drives it; bob drove it last\n")
        .stdout_contains(
            "In doubt\n  one: attempt 1 was started at [AT], and how it ended is not known\n",
        )
        .stdout_contains(
            "it did not happen: do it again: holdpoint retry [RUN] one --reason TEXT\n",
        )
        .exit(0);
}

#[test]
fn what_is_whole_of_a_torn_or_damaged_journal_is_told_and_what_is_wrong_is_named() {
    let bench = waiting();
    let path = bench.run_folder().join("journal.jsonl");
    let whole = fs::read(&path).expect("the run has a journal");
    fs::write(&path, &whole[..whole.len() - 9]).expect("the bench can be written to");
    bench.args(["handover"]).stdout_contains("Waits for somebody\n  drop (gate)").exit(0);
    let text = String::from_utf8_lossy(&whole).replacen("the disk is full", "the disk is fine", 1);
    fs::write(&path, text).expect("the bench can be written to");
    bench
        .args(["handover"])
        .stdout_contains("NOT THE WHOLE STORY: ")
        .stdout_contains("what is proven of the journal, and what is not: holdpoint verify [RUN]\n")
        .stderr_contains("the journal of [RUN] cannot be used")
        .exit(6);
}

#[test]
fn hostile_text_is_inert_on_every_page() {
    let bench = waiting();
    let hostile = "<img src=x onerror=alert(1)> [a](https://e) `b` \u{202e}rtl \u{1b}[2J\n# head";
    bench.args(["note", hostile, "--kind", "todo", "--by", "*eve*"]).stdout_contains("").exit(0);
    let text = bench.args(["handover"]).stdout_contains("To do").exit(0).stdout;
    assert!(text.contains(r"`b` \u{202e}rtl \x1b[2J # head"), "{text}");
    let page = bench.args(["handover", "--format", "md"]).stdout_contains("").exit(0).stdout;
    let inert = r"\*eve\*: &lt;img src=x onerror=alert(1)&gt; \[a\](https&#58;//e) \`b\` \\u{202e}rtl \\x1b\[2J \# head";
    assert!(page.contains(inert), "{page}");
}

#[test]
fn a_message_whose_end_nobody_saw_is_told_as_one_that_may_have_been_taken() {
    let library = "
        holdpoint: 1
        channels:
          slow: {run: 'cat > /dev/null; until [ -e go ]; do sleep 0.02; done', shell: sh -eu}
    ";
    let book = "
        holdpoint: 1
        id: told
        title: Told
        steps: [{id: tell, notify: {template: start, to: slow}}, {id: one, run: 'true'}]
    ";
    let bench = Bench::new().file("holdpoint.yaml", library).runbook("book.yaml", book);
    let mut driver = bench.args(["run", "book.yaml"]).stdout_contains("").start();
    driver.wait_for("step_started", "tell");
    driver.kill_with_keeper();
    bench.write("go", "");
    bench.wait_for_quiet();
    bench.args(["resume"]).stdout_contains("").exit(8);
    bench
        .args(["handover"])
        .stdout_contains(
            "NOT known to have arrived at slow (its end was not seen: it may have been taken all the same)\n",
        )
        .exit(0);
}
