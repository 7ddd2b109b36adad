//! Checklists: at a terminal, and with answers that were prepared.

use serde_json::json;

use crate::cli_people::{assert_shows, bench};
use crate::harness::{Bench, Call};

const LIST: &str = "
    holdpoint: 1
    id: tell
    title: Tell them
    inputs: {who: {default: the press}}
    steps:
      - id: tell
        why: They should not hear it from others.
        checklist:
          - {item: status page, evidence: [link]}
          - item: customers told
            if_applicable: true
            items:
              - {item: mail sent, evidence: {mail: {type: file, optional: true}}}
              - {item: 'call ${{ inputs.who }}'}
          - {item: vendors told, if_applicable: true}
      - {id: after, run: echo after >> effects}
";

const ASKS: &str = "Is it done? y, or n when it cannot be done:";
const ASKS_MORE: &str = "Is it done? y, n when it cannot be done, x when it does not apply:";

fn resume<'b>(bench: &'b Bench, answers: &str) -> Call<'b> {
    bench.write("answers.yaml", answers);
    bench.args(["resume", "--answers", "answers.yaml"])
}

/// A bench whose run has parked with nobody there.
#[track_caller]
fn parked() -> Bench {
    let bench = bench(LIST);
    bench.args(["run", "book.yaml"]).stdout_contains("the run waits for a person\n").exit(5);
    bench
}

/// The items that are on record, with the reason where one does not apply.
fn ticks(bench: &Bench) -> Vec<(String, Option<String>)> {
    let journal = bench.sound_journal();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let ticked = journal.about("item_ticked", "tell").into_iter();
    ticked.map(|event| (text(&event["item"]).unwrap_or_default(), text(&event["waived"]))).collect()
}

#[test]
fn a_person_goes_through_the_items_one_by_one() {
    let bench = bench(LIST);
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for(ASKS);
    screen.types("\r");
    screen.wait_for("error: type y or n, then Enter");
    screen.wait_for_another(ASKS, 2);
    screen.types("x\r");
    screen.wait_for_another(ASKS, 3);
    screen.types("y\r");
    screen.wait_for("Evidence: link:");
    screen.types("https://x/1\r");
    screen.wait_for(ASKS_MORE);
    screen.types("\r");
    screen.wait_for("error: type y, n or x, then Enter");
    screen.wait_for_another(ASKS_MORE, 2);
    screen.types("y\r");
    screen.wait_for("tell (3 of 5): customers told > mail sent");
    screen.wait_for_another(ASKS, 4);
    screen.types("y\r");
    screen.wait_for("Evidence: mail (the path of a file; Enter leaves it out):");
    screen.types("\r");
    screen.wait_for("tell (4 of 5): customers told > call the press");
    screen.wait_for_another(ASKS, 5);
    screen.types("y\r");
    screen.wait_for_another(ASKS_MORE, 3);
    screen.types("x\r");
    screen.wait_for("Why does it not apply:");
    screen.types("we have none\r");
    assert_shows(&screen.exit(0), SHOWN);
    assert_eq!(bench.effects(), ["after"]);
    let waived = Some("we have none".to_owned());
    let expected = [
        ("status page".into(), None),
        ("customers told".into(), None),
        ("mail sent".into(), None),
        ("call ${{ inputs.who }}".into(), None),
        ("vendors told".into(), waived),
    ];
    assert_eq!(ticks(&bench), expected);
}

const SHOWN: &str = "
              They should not hear it from others.
            tell (1 of 5): status page
            Is it done? y, or n when it cannot be done:
            error: type y or n, then Enter
            Is it done? y, or n when it cannot be done: x
            error: type y or n, then Enter
            Is it done? y, or n when it cannot be done: y
            Evidence: link: https://x/1
            [AT]  tell  status page: done by ann
                      | link: https://x/1

            tell (2 of 5): customers told
            Is it done? y, n when it cannot be done, x when it does not apply:
            error: type y, n or x, then Enter
            Is it done? y, n when it cannot be done, x when it does not apply: y
            [AT]  tell  customers told: done by ann

            tell (3 of 5): customers told > mail sent
            Is it done? y, or n when it cannot be done: y
            Evidence: mail (the path of a file; Enter leaves it out):
            [AT]  tell  mail sent: done by ann

            tell (4 of 5): customers told > call the press
            Is it done? y, or n when it cannot be done: y
            [AT]  tell  call the press: done by ann

            tell (5 of 5): vendors told
            Is it done? y, n when it cannot be done, x when it does not apply: x
            Why does it not apply: we have none
            [AT]  tell  vendors told: does not apply, says ann: we have none
            [AT]  tell  succeeded after [TIME]
            [AT]  after  started
                      | echo after >> effects
            [AT]  after  succeeded after [TIME]
            [AT]  run  unverified: no exit criteria are declared
            [AT]  run  succeeded

            unverified: succeeded after [TIME]
            timeline: [DIR]/state/runs/[RUN]/timeline.md
            head of the chain: [HASH]
";

#[test]
fn a_tick_that_was_typed_ahead_ticks_nothing() {
    let text = LIST.replace(", evidence: [link]", "");
    let bench = bench(&text);
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for(ASKS);
    screen.types("y\ry\ry\ry\r");
    screen.wait_for("error: several lines at once are no answer: type one, then Enter");
    screen.wait_for_another(ASKS, 2);
    screen.types("\x03");
    screen.exit(130);
    assert!(ticks(&bench).is_empty());
}

#[test]
fn what_was_ticked_is_not_asked_again_after_a_resume() {
    let bench = bench(LIST);
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for(ASKS);
    screen.types("y\r");
    screen.wait_for("Evidence: link:");
    screen.types("x\r");
    screen.wait_for(ASKS_MORE);
    screen.types("\x03");
    let shown = screen.exit(130);
    assert!(shown.contains("  tell waits for item 2 of 5: customers told\n"), "{shown}");
    let mut screen = bench.at_terminal(["resume"]);
    screen.wait_for("tell (2 of 5): customers told");
    screen.wait_for(ASKS_MORE);
    screen.types("x\r");
    screen.wait_for("Why does it not apply:");
    screen.types("nobody noticed\r");
    screen.wait_for("tell (5 of 5): vendors told");
    screen.wait_for_another(ASKS_MORE, 2);
    screen.types("n\r");
    screen.wait_for("What stands in the way:");
    screen.types("no number\r");
    screen.wait_for("tell failed: ann says that \"vendors told\" cannot be done: no number");
    screen.wait_for("Choose what to do");
    screen.decides("r", "found it");
    screen.wait_for_another("tell (5 of 5): vendors told", 2);
    screen.wait_for_another(ASKS_MORE, 3);
    screen.types("y\r");
    screen.exit(0);
    assert_eq!(ticks(&bench).len(), 3);
    assert_eq!(bench.status()["steps"][0]["attempts"], 2);
}

#[test]
fn with_nobody_there_it_waits_for_one_item_at_a_time() {
    let bench = parked();
    let status = bench.status();
    let question =
        |text: &str| json!([{"step": "tell", "kind": "person", "question": text, "digest": null}]);
    assert_eq!(status["waiting_for"], question("status page"));
    assert_eq!(status["steps"][0]["state"], "running");
    resume(&bench, "tell: {items: {status page: {done: true, evidence: {link: x}}}}")
        .stdout_contains("tell  status page: done by ann with an answer prepared beforehand\n")
        .stdout_contains("  tell waits for item 2 of 5: customers told\n")
        .stdout_contains(
            "add --answers FILE, which holds tell: {items: {\"customers told\": done}}\n",
        )
        .exit(5);
    assert_eq!(bench.status()["waiting_for"], question("customers told"));
}

#[test]
fn what_was_prepared_ticks_and_waives() {
    let bench = parked();
    let answers = "
        tell:
          by: bob
          items:
            vendors told: {done: true, by: eve}
            customers told: {waived: nobody noticed}
            status page: {evidence: {link: https://x/1}}
    ";
    resume(&bench, answers)
        .stdout_contains("customers told: does not apply, says bob with an answer prepared beforehand: nobody noticed\n")
        .stdout_contains("vendors told: done by eve with an answer prepared beforehand\n")
        .exit(0);
    assert_eq!(bench.effects(), ["after"]);
    let items: Vec<String> = ticks(&bench).into_iter().map(|(item, _)| item).collect();
    assert_eq!(items, ["status page", "customers told", "vendors told"]);
}

#[test]
fn an_item_that_was_prepared_as_failed_fails_the_step() {
    for answer in ["{items: {status page: {failed: it is down}}}", "{failed: it is down}"] {
        let bench = parked();
        resume(&bench, &format!("tell: {answer}"))
            .stdout_contains("ann says that \"status page\" cannot be done: it is down\n")
            .exit(5);
        assert_eq!(bench.state_of("tell"), "held");
    }
}

#[test]
fn a_prepared_tick_that_does_not_fit_is_a_usage_error() {
    let bench = bench(LIST);
    for (answers, message, place) in [
        (
            "tell: {items: {status pages: done}}",
            "the checklist `tell` has no item `status pages`",
            "1:16",
        ),
        ("tell: {items: {status page: done}}", "the evidence `link` is missing", "1:16"),
        (
            "tell: {items: {status page: {evidence: {lnk: x}}}}",
            "`status page` does not ask for the evidence `lnk`",
            "1:41",
        ),
        ("tell: {items: {mail sent: {waived: no}}}", "the item `mail sent` always applies", "1:16"),
        ("tell: {items: {vendors told: {waived: ''}}}", "say why it does not apply", "1:39"),
        ("tell: {items: {vendors told: ticked}}", "this says nothing of the item", "1:30"),
        (
            "tell: {items: {vendors told: {done: true, waived: x}}}",
            "this says nothing of the item",
            "1:30",
        ),
        (
            "tell: {items: {vendors told: {don: true}}}",
            "unknown key `don` in what is said of an item",
            "1:31",
        ),
        ("tell: {items: [status page]}", "`items` must be a mapping, found a list", "1:15"),
        ("tell: yes", "the step `tell` is a checklist", "1:1"),
        ("tell: {answers: {}}", "the step `tell` is a checklist", "1:1"),
        ("after: {items: {}}", "the step `after` asks nothing", "1:1"),
    ] {
        bench.write("answers.yaml", answers);
        bench
            .args(["run", "book.yaml", "--answers", "answers.yaml"])
            .stderr_contains(message)
            .stderr_contains(&format!("answers.yaml:{place}\n"))
            .exit(2);
        assert!(!bench.path("state").exists(), "{message}");
    }
}

#[test]
fn the_plan_shows_the_items_as_they_are_nested() {
    bench(LIST)
        .args(["plan", "book.yaml"])
        .stdout_contains(
            "  needs a person  tell
                  (They should not hear it from others.)
                  | [ ] status page
                  |     evidence link (text)
                  | [ ] customers told (if it applies)
                  |   [ ] mail sent
                  |       evidence mail (the path of a file, optional)
                  |   [ ] call the press
                  | [ ] vendors told (if it applies)\n",
        )
        .exit(0);
}

#[test]
fn what_a_checklist_cannot_have_is_refused_with_its_place() {
    let book = |steps: &str| format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {steps}\n");
    for (step, message, place) in [
        ("{id: a, checklist: []}", "a checklist needs at least one item", "5:24"),
        (
            "{id: a, checklist: [{item: b, items: []}]}",
            "a checklist needs at least one item",
            "5:42",
        ),
        ("{id: a, checklist: {item: b}}", "expected a list, found a mapping", "5:24"),
        ("{id: a, checklist: [b]}", "an item must be a mapping, found text", "5:25"),
        ("{id: a, checklist: [{items: [{item: b}]}]}", "an item needs `item`", "5:25"),
        ("{id: a, checklist: [{item: ' '}]}", "this item says nothing", "5:32"),
        (
            "{id: a, checklist: [{item: b}, {item: c, items: [{item: b}]}]}",
            "the item `b` stands here twice",
            "5:61",
        ),
        (
            "{id: a, checklist: [{item: b, optional: true}]}",
            "unknown key `optional` in an item",
            "5:35",
        ),
        ("{id: a, checklist: [{item: '${{ inputs.c }}'}]}", "there is no input `c`", "5:33"),
        (
            "{id: a, checklist: [{item: b}], evidence: [c]}",
            "only a `manual` step has `evidence`",
            "5:47",
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
