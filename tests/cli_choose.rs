//! Choices: at a terminal, and with answers that were prepared.

use serde_json::json;

use crate::cli_people::{assert_shows, bench};
use crate::harness::{Bench, Call};

const KEYS: &str = "
    holdpoint: 1
    id: keys
    title: Keys
    defaults: {shell: sh -eu}
    steps:
      - id: keys
        run: |
          cat keys.json
        outputs: {all: {from: json, path: $.keys, type: list}}
      - id: which
        why: Only one of them leaked.
        choose: {ask: Which key leaked?, from: steps.keys.outputs.all, value: item.id, label: item.name, none: true}
      - {id: revoke, when: steps.which.outputs.choice is not none, run: 'echo revoke ${{ steps.which.outputs.choice }} >> effects'}
";

const SIZES: &str = "
    holdpoint: 1
    id: sizes
    title: Sizes
    steps:
      - {id: size, choose: {ask: How large?, options: {s: Small, l: Large}}}
      - {id: count, choose: {ask: How many?, options: [1, 2]}}
      - {id: buy, run: 'echo ${{ steps.count.outputs.choice }} ${{ steps.size.outputs.choice }} >> effects'}
";

fn keys() -> Bench {
    let bench = bench(KEYS);
    let list = r#"{"keys": [{"id": 11, "name": "the old one"}, {"id": "k-2", "name": "ann's"}]}"#;
    bench.write("keys.json", list);
    bench
}

fn resume<'b>(bench: &'b Bench, answers: &str) -> Call<'b> {
    bench.write("answers.yaml", answers);
    bench.args(["resume", "--answers", "answers.yaml"])
}

#[test]
fn a_person_picks_one_of_the_rows() {
    let bench = keys();
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("  the old one\n  ann's\n  (none of these)\n  (it cannot be decided)");
    screen.types("\r");
    screen.wait_for("mark one first: type, or move the mark");
    screen.types("\x1b[B\x1b[B\r");
    let shown = screen.exit(0);
    assert_shows(
        &shown,
        "
            which: Which key leaked?
              Only one of them leaked.
            Choose one:
            > ann's
            [AT]  which  chosen by ann
                      | choice: k-2
            [AT]  which  succeeded after [TIME]
            [AT]  revoke  started
                      | echo revoke 'k-2' >> effects
            [AT]  revoke  succeeded after [TIME]
            [AT]  run  unverified: no exit criteria are declared
            [AT]  run  succeeded

            unverified: succeeded after [TIME]
            timeline: [DIR]/state/runs/[RUN]/timeline.md
            head of the chain: [HASH]
        ",
    );
    assert_eq!(bench.effects(), ["revoke k-2"]);
    let journal = bench.sound_journal();
    assert_eq!(journal.about("step_answered", "which")[0]["answers"], json!({"choice": "k-2"}));
}

#[test]
fn none_of_them_is_an_answer_where_the_runbook_says_so() {
    let bench = keys();
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("  (it cannot be decided)");
    screen.types("\x1b[B\x1b[B\x1b[B\r");
    screen.exit(0);
    assert!(bench.effects().is_empty());
    assert_eq!(bench.state_of("revoke"), "skipped");
    let journal = bench.sound_journal();
    assert_eq!(journal.about("step_answered", "which")[0]["answers"], json!({"choice": null}));
}

#[test]
fn who_cannot_decide_says_why_and_the_step_is_held() {
    let bench = bench(SIZES);
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("  Small\n  Large\n  (it cannot be decided)");
    screen.types("\x1b[A\r");
    screen.wait_for("What stands in the way:");
    screen.types("nobody measured\r");
    screen.wait_for("size failed: ann says that it cannot be done: nobody measured");
    screen.wait_for("Choose what to do");
    screen.types("\x03");
    screen.exit(130);
    assert_eq!(bench.state_of("size"), "held");
}

#[test]
fn a_menu_that_is_left_leaves_the_choice_open() {
    let bench = bench(SIZES).env("TERM", "dumb");
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("  3 (it cannot be decided)");
    screen.types("\x04");
    let shown = screen.exit(5);
    assert!(shown.contains("\n  size asks: How large?\n"), "{shown}");
    let mut screen = bench.at_terminal(["resume"]);
    screen.wait_for("Number:");
    screen.types("2\r");
    screen.wait_for("  1 1\n  2 2\n  3 (it cannot be decided)");
    screen.wait_for_another("Number:", 2);
    screen.types("1\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["1 l"]);
    bench.sound_journal();
}

#[test]
fn with_nobody_there_it_waits_and_shows_the_options() {
    let bench = keys();
    bench
        .args(["run", "book.yaml"])
        .stdout_contains(
            "which  asks: Which key leaked?\n          | the old one\n          | ann's\n",
        )
        .stdout_contains("  which asks: Which key leaked?\n")
        .stdout_contains("add --answers FILE, which holds which: {choice: VALUE}\n")
        .exit(5);
    let expected = json!([{
        "step": "which", "kind": "person", "question": "Which key leaked?", "digest": null,
    }]);
    assert_eq!(bench.status()["waiting_for"], expected);
}

#[test]
fn a_prepared_choice_names_the_value() {
    for (choice, effects, recorded) in [
        ("11", vec!["revoke 11"], json!(11)),
        ("'11'", vec!["revoke 11"], json!(11)),
        ("k-2", vec!["revoke k-2"], json!("k-2")),
        ("null", vec![], json!(null)),
    ] {
        let bench = keys();
        bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
        resume(&bench, &format!("which: {{choice: {choice}, by: bob, note: the log says so}}"))
            .stdout_contains(
                "which  chosen by bob with an answer prepared beforehand: the log says so\n",
            )
            .exit(0);
        assert_eq!(bench.effects(), effects);
        let journal = bench.sound_journal();
        assert_eq!(journal.about("step_answered", "which")[0]["answers"]["choice"], recorded);
    }
    let bench = keys();
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    resume(&bench, "which: {choice: k-3}")
        .stdout_contains("the prepared answer passes nothing: \"k-3\" is none of the options\n")
        .exit(5);
}

#[test]
fn a_prepared_choice_that_cannot_be_is_a_usage_error() {
    let bench = bench(SIZES);
    for (answers, message, place) in [
        ("size: {choice: m}", "\"m\" is none of the options of `size`", "1:16"),
        ("size: {choice: null}", "null is none of the options of `size`", "1:16"),
        ("count: {choice: 3}", "3 is none of the options of `count`", "1:17"),
        ("count: {choice: [1]}", "[1] is none of the options of `count`", "1:17"),
        ("size: done", "the step `size` asks for a choice", "1:1"),
        ("size: {answers: {choice: s}}", "the step `size` asks for a choice", "1:1"),
        ("buy: {choice: s}", "the step `buy` asks nothing", "1:1"),
    ] {
        bench.write("answers.yaml", answers);
        bench
            .args(["run", "book.yaml", "--answers", "answers.yaml"])
            .stderr_contains(message)
            .stderr_contains(&format!("answers.yaml:{place}\n"))
            .exit(2);
        assert!(!bench.path("state").exists(), "{message}");
    }
    bench.write("answers.yaml", "size: {choice: l}\ncount: {choice: '2'}");
    let args = ["run", "book.yaml", "--answers", "answers.yaml"];
    bench.args(args).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["2 l"]);
}

#[test]
fn the_plan_shows_what_there_is_to_choose_from() {
    keys()
        .args(["plan", "book.yaml"])
        .stdout_contains(
            "                  | Which key leaked?
                  | options from steps.keys.outputs.all
                  | or none of them\n",
        )
        .exit(0);
    bench(SIZES)
        .args(["plan", "book.yaml"])
        .stdout_contains(
            "  needs a person  size
                  | How large?
                  | option s: Small
                  | option l: Large
  needs a person  count
                  | How many?
                  | option 1
                  | option 2\n",
        )
        .exit(0);
}

#[test]
fn what_a_choice_cannot_have_is_refused_with_its_place() {
    let book = |steps: &str| format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {steps}\n");
    for (step, message, place) in [
        ("{id: a, choose: {options: [b]}}", "`choose` needs `ask`", "5:21"),
        ("{id: a, choose: {ask: b}}", "there is nothing to choose from", "5:21"),
        ("{id: a, choose: {ask: b, options: []}}", "a choice needs at least one option", "5:39"),
        (
            "{id: a, choose: {ask: b, options: [c, c]}}",
            "the option \"c\" stands here twice",
            "5:43",
        ),
        ("{id: a, choose: {ask: b, options: [[c]]}}", "expected text, found a list", "5:40"),
        (
            "{id: a, choose: {ask: b, options: [c], from: '[1]'}}",
            "the options stand here or come `from` a list",
            "5:39",
        ),
        (
            "{id: a, choose: {ask: b, options: [c], value: item}}",
            "`value` is about the rows of `from`",
            "5:51",
        ),
        ("{id: a, choose: {ask: b, from: item}}", "`item` is not known", "5:36"),
        ("{id: a, choose: {ask: '${{ item }}', from: '[1]'}}", "`item` is not known", "5:28"),
        ("{id: a, choose: {ask: b, from: '[1]', label: itm.x}}", "`itm` is not known", "5:50"),
        ("{id: a, choose: {ask: b, from: '${{ c }}'}}", "this is an expression by itself", "5:36"),
        ("{id: a, choose: {ask: b, options: [c], defualt: c}}", "unknown key `defualt`", "5:44"),
        (
            "{id: a, when: steps.a.outputs.choise == 1, choose: {ask: b, options: [c]}}",
            "has no output `choise`",
            "5:19",
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
