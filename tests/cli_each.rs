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
