//! Steps that a person does by hand, with nobody there and answers that were prepared.

use serde_json::json;

use crate::cli_people::{KEY, PLAIN, bench};
use crate::harness::{Bench, Call};

fn resume<'b>(bench: &'b Bench, answers: &str) -> Call<'b> {
    bench.write("answers.yaml", answers);
    bench.args(["resume", "--answers", "answers.yaml"])
}

/// A bench whose run has parked with nobody there.
#[track_caller]
fn parked(text: &str) -> Bench {
    let bench = bench(text);
    bench.args(["run", "book.yaml"]).stdout_contains("the run waits for a person\n").exit(5);
    bench
}

#[test]
fn with_nobody_there_the_run_waits_and_says_how_it_is_answered() {
    let bench = bench(KEY);
    bench
        .args(["run", "book.yaml"])
        .stdout_contains(
            "new-key  is to be done by hand\n          | Create a key in the console.\n",
        )
        .stdout_contains("  new-key is to be done by hand: Create a key in the console.\n")
        .stdout_contains(
            "add --answers FILE, which holds new-key: {answers: {key_id: VALUE, rows: VALUE}, \
             evidence: {ticket: VALUE, screen: VALUE}}\n",
        )
        .exit(5);
    let status = bench.status();
    let expected = json!([{
        "step": "new-key",
        "kind": "person",
        "question": "Create a key in the console.\nRevoke nothing yet.",
        "digest": null,
    }]);
    assert_eq!(status["waiting_for"], expected);
    assert_eq!(status["steps"][0]["state"], "running");
    assert_eq!(status["state"], "waiting");
    bench.sound_journal();
}

#[test]
fn what_was_prepared_answers_for_a_person() {
    let bench = parked(KEY);
    let answers = "
        new-key:
          answers: {key_id: k-9, rows: 3, size: small, hint: mine}
          evidence: {ticket: 12, screen: screen.png}
          by: bob
          note: by phone
    ";
    resume(&bench, answers)
        .stdout_contains("new-key  done by bob with an answer prepared beforehand: by phone\n")
        .stdout_contains("          | hint: mine\n")
        .stdout_contains("          | ticket: 12\n")
        .exit(0);
    assert_eq!(bench.effects(), ["k-9 3", "small"]);
    bench.sound_journal();
}

#[test]
fn a_plain_yes_says_that_it_is_done_where_nothing_else_asks() {
    for (answer, code) in [
        ("done", 0),
        ("yes", 0),
        ("{approve: true, by: bob}", 0),
        ("{answers: {}}", 0),
        ("no", 5),
        ("{failed: nobody answers}", 5),
    ] {
        let bench = parked(PLAIN);
        bench.write("called", "");
        resume(&bench, &format!("call: {answer}")).stdout_contains("").exit(code);
        let state = if code == 0 { "succeeded" } else { "held" };
        assert_eq!(bench.state_of("call"), state, "{answer}");
    }
}

#[test]
fn a_step_with_a_gate_has_an_answer_for_each() {
    let text = PLAIN.replace("manual:", "gate: {word: call}, manual:");
    let bench = parked(&text);
    bench.write("called", "");
    let waits = "call is to be done by hand: Call the vendor.\n";
    resume(&bench, "call: {word: call}").stdout_contains(waits).exit(5);
    resume(&bench, "call: {answers: {}}").stdout_contains("call  done by ann").exit(0);
    let bench = parked(&text);
    bench.write("called", "");
    let both = "call: {word: call, answers: {}}";
    resume(&bench, both).stdout_contains("call  done by ann").exit(0);
    bench.sound_journal();
}

#[test]
fn what_was_prepared_is_said_once() {
    let bench = parked(PLAIN);
    resume(&bench, "call: done").stdout_contains("call  failed and is held: verification").exit(5);
    bench.write("answers.yaml", "call: done");
    let retry = ["resume", "--resolve", "call=retry", "--reason", "again"];
    bench
        .args(retry.into_iter().chain(["--answers", "answers.yaml"]))
        .stdout_contains("call  failed and is held: verification")
        .exit(5);
    assert_eq!(bench.sound_journal().count("step_answered", "call"), 2);
}

#[test]
fn a_prepared_answer_that_does_not_fit_is_a_usage_error() {
    let bench = bench(KEY);
    let evidence = "evidence: {ticket: OPS-1, screen: screen.png}";
    for (answers, message, place) in [
        (
            "key_id: 12, rows: 3",
            "the answer `key_id` is refused: it does not match k-[0-9]+",
            "1:29",
        ),
        ("key_id: k-1, rows: many", "the answer `rows` is refused: `many` is not a whole", "1:40"),
        ("key_id: k-1, rows: 0", "the answer `rows` is refused: it is less than 1", "1:40"),
        ("key_id: k-1", "the answer `rows` is missing", "1:1"),
        ("key_id: k-1, rows: 3, size: huge", "refused: it is none of small, large", "1:49"),
        ("key_id: k-1, rows: 3, hnit: x", "does not ask for the answer `hnit`", "1:43"),
    ] {
        bench.write("answers.yaml", &format!("new-key: {{answers: {{{answers}}}, {evidence}}}"));
        refuses(&bench, message, place);
    }
    for (answers, message, place) in [
        ("new-key: {failed: ' '}", "say why it cannot be done", "1:19"),
        ("new-key: {word: x}", "the step `new-key` has no gate", "1:1"),
        ("new-key: {note: x}", "this answer says neither yes nor no", "1:10"),
        ("new-key: maybe", "this is no answer", "1:10"),
        ("new-key: yes", "the answer `key_id` is missing", "1:1"),
        ("use: done", "the step `use` asks nothing", "1:1"),
        (
            "new-key: {answers: {key_id: k-1, rows: 1}, evidence: {ticket: [a], screen: s}}",
            "the evidence `ticket` is refused: [\"a\"] is not text",
            "1:63",
        ),
        (
            "new-key: {answers: {key_id: k-1, rows: 1}, evidence: {ticket: a, screen: s, load: x}}",
            "the evidence `load` is refused: `x` is not a number",
            "1:83",
        ),
        (
            "new-key: {answers: {key_id: k-1, rows: 1}, evidence: {ticket: a}}",
            "the evidence `screen` is missing",
            "1:1",
        ),
    ] {
        bench.write("answers.yaml", answers);
        refuses(&bench, message, place);
    }
}

#[track_caller]
fn refuses(bench: &Bench, message: &str, place: &str) {
    bench
        .args(["run", "book.yaml", "--answers", "answers.yaml"])
        .stderr_contains(message)
        .stderr_contains(&format!("answers.yaml:{place}\n"))
        .exit(2);
    assert!(!bench.path("state").exists(), "{message}");
}

#[test]
fn evidence_that_is_not_there_passes_nothing() {
    let bench = parked(KEY);
    for (file, why) in [
        ("gone.png", "screen: there is no file [DIR]/gone.png"),
        ("state", "screen: [DIR]/state is a folder"),
        ("/dev/null", "screen: /dev/null is no file"),
    ] {
        let answer = format!(
            "new-key: {{answers: {{key_id: k-1, rows: 1}}, evidence: {{ticket: a, screen: {file}}}}}"
        );
        resume(&bench, &answer)
            .stdout_contains(&format!("new-key: the prepared answer passes nothing: {why}\n"))
            .exit(5);
    }
    assert_eq!(bench.sound_journal().count("step_answered", "new-key"), 0);
}

#[test]
fn an_answer_that_would_tell_a_secret_is_not_kept() {
    let text = "
        holdpoint: 1
        id: secret
        title: Secret
        inputs: {token: {secret: true, env: SHOP_TOKEN}}
        steps:
          - {id: log-in, run: 'test -n \"$T\"', env: {T: '${{ inputs.token }}'}}
          - {id: call, manual: Call them., answers: {said: {}}, evidence: [ticket]}
    ";
    let secret = bench(text).env("SHOP_TOKEN", "hunter2hunter2");
    secret.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    for answer in [
        "{answers: {said: it is hunter2hunter2}, evidence: {ticket: x}}",
        "{answers: {said: x}, evidence: {ticket: hunter2hunter2}}",
    ] {
        resume(&secret, &format!("call: {answer}"))
            .stdout_contains("holds a secret, which would be kept\n")
            .exit(5);
    }
    let failed = "call: {failed: hunter2hunter2 is wrong}";
    resume(&secret, failed).stdout_contains("it cannot be done: *** is wrong\n").exit(5);
    secret.shell("grep -r hunter state || echo none").stdout("none").exit(0);
}

#[test]
fn the_plan_shows_what_a_person_is_to_do() {
    let bench = bench(KEY);
    bench
        .args(["plan", "book.yaml"])
        .stdout_contains(
            "  needs a person  new-key
                  (The old one leaked.)
                  | Create a key in the console.
                  | Revoke nothing yet.
                  | answer key_id (text)
                  | answer rows (a whole number)
                  | answer size (one of its choices)
                  | answer hint (text, optional)
                  | evidence ticket (text)
                  | evidence screen (the path of a file)
                  | evidence load (a number, optional)\n",
        )
        .exit(0);
}

#[test]
fn what_a_manual_step_cannot_have_is_refused_with_its_place() {
    let book = |steps: &str| format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {steps}\n");
    for (step, message, place) in [
        ("{id: a, manual: ' '}", "this says nothing of what is to be done", "5:21"),
        ("{id: a, manual: [x]}", "expected text, found a list", "5:21"),
        ("{id: a, run: x, answers: {}}", "only a `manual` step has `answers`", "5:30"),
        ("{id: a, run: x, evidence: [y]}", "only a `manual` step has `evidence`", "5:31"),
        ("{id: a, manual: x, run: y}", "a step does one thing, not run and manual", "5:5"),
        ("{id: a, manual: x, outputs: {}}", "only a `run` or `http` step has `outputs`", "5:33"),
        ("{id: a, manual: x, answers: {B: {}}}", "`B` cannot be the name of an answer", "5:34"),
        ("{id: a, manual: x, answers: {b: {env: Y}}}", "unknown key `env` in an answer", "5:38"),
        (
            "{id: a, manual: x, answers: {b: {type: choice}}}",
            "of type `choice` needs `choices`",
            "5:34",
        ),
        (
            "{id: a, manual: x, answers: {b: {type: int, default: x}}}",
            "`x` is not a whole number",
            "5:58",
        ),
        ("{id: a, manual: x, evidence: [b, b]}", "`b` stands here twice", "5:38"),
        ("{id: a, manual: x, evidence: {b: {type: photo}}}", "`photo` is not known here", "5:45"),
        (
            "{id: a, manual: '${{ steps.a.outputs.c }}', answers: {b: {}}}",
            "has no output `c`",
            "5:22",
        ),
    ] {
        let bench = Bench::new().file("book.yaml", &book(step));
        bench
            .args(["plan", "book.yaml"])
            .stderr_contains(message)
            .stderr_contains(&format!("book.yaml:{place}\n"))
            .exit(3);
    }
}
