//! A step for every item of a list, through the binary.

use crate::harness::Bench;

fn bench() -> Bench {
    Bench::new().runbook(
        "book.yaml",
        r"
        holdpoint: 1
        id: fan
        title: Fan
        defaults: {shell: sh -eu}
        steps:
          - id: list
            run: printf '%s\n' 'a b' c
            outputs: {hosts: {type: list}}
          - id: greet
            each: {in: steps.list.outputs.hosts, as: host}
            run: echo hello ${{ host }} >> effects; echo ${{ host }}
            outputs: {said: {from: line, line: 1}}
          - id: use
            run: printf '<%s>' ${{ steps.greet.outputs.said }} >> effects; echo >> effects
        ",
    )
}

#[test]
fn each_item_of_an_output_is_one_quoted_word() {
    let bench = bench();
    bench.args(["run", "book.yaml"]).stdout_contains("succeeded").exit(0);
    assert_eq!(bench.effects(), ["hello a b", "hello c", "<a b><c>"]);
    let journal = bench.sound_journal();
    assert_eq!(journal.steps("step_started"), ["list", "greet/1", "greet/2", "use"]);
}

#[test]
fn status_lists_the_items_where_the_step_stands() {
    let bench = bench();
    bench.args(["run", "book.yaml"]).stdout_contains("succeeded").exit(0);
    let status = bench.status();
    let paths: Vec<&str> = status["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|it| it["path"].as_str())
        .collect();
    assert_eq!(paths, ["list", "greet", "greet/1", "greet/2", "use"]);
}

const GATED: &str = "
    holdpoint: 1
    id: gated
    title: Gated
    steps:
      - {id: list, run: \"printf 'a\\\\nb\\\\n'\", effect: read, outputs: {names: {type: list}}}
      - id: all
        each: {in: steps.list.outputs.names}
        steps:
          - {id: one, gate: {ask: 'Restart ${{ item }}?'}, run: 'echo ${{ item }} >> effects'}
";

#[test]
fn an_answer_is_prepared_for_an_item_before_the_list_is_known() {
    let bench = Bench::new().runbook("book.yaml", GATED);
    bench.write("answers.yaml", "all/1/one: approve\nall/2/one: approve\n");
    let run = bench.args(["run", "book.yaml", "--answers", "answers.yaml"]);
    run.stdout_contains("all/2/one  approved by").exit(0);
    assert_eq!(bench.effects(), ["a", "b"]);
}

#[test]
fn an_answer_that_no_item_can_ask_for_is_refused() {
    let bench = Bench::new().runbook("book.yaml", GATED);
    let refused = |answers: &str, reason: &str| {
        bench.write("answers.yaml", answers);
        let run = bench.args(["run", "book.yaml", "--answers", "answers.yaml"]);
        run.stderr_contains(reason).exit(2);
    };
    refused("all/1/two: approve", "there is no step `all/1/two`");
    refused("all/0/one: approve", "there is no step `all/0/one`");
    refused("all/01/one: approve", "there is no step `all/01/one`");
    refused("all/*/one: approve", "name the item by its number, from 1, in place of `*`");
    refused("all/1/one: {by: ada, word: go, evidence: {}}", "is not done by hand");
}
