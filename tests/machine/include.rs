//! Included runbooks: what they are told, what they hand back, and how they end.

use holdpoint::run::event::{HoldChoice, Outcome, Sight, Verdict};

use crate::harness::machine::{Machine, kind_world_with, planned_with};

const INNER: &str = "
    inputs: {table: {}, rows: {type: int, default: 1}}
    outputs: {count: steps.count.outputs.found}
    preconditions: [{id: room, title: there is room, probe: {file: '/${{ inputs.table }}'}}]
    steps:
      - {id: count, run: 'count ${{ inputs.table }} ${{ inputs.rows }}', outputs: {found: {type: int}}}
      - {id: ask, gate: true, run: 'truncate ${{ inputs.table }}'}
    exit_criteria: [{title: it is empty, probe: {file: /empty}}]
    finally: [{id: tidy, run: 'tidy ${{ inputs.table }}'}]
    ";

const OUTER: &str = "
    inputs: {name: {default: orders}}
    steps:
      - {id: clear, include: inner.yaml, inputs: {table: 'x_${{ inputs.name }}', rows: 7}}
      - {id: say, run: 'say ${{ steps.clear.outputs.count }}'}
    ";

fn world() -> Machine {
    kind_world_with(OUTER, &[("inner.yaml", INNER)])
        .with(|script| script.yields("clear/count", "found", "42"))
}

#[test]
fn it_is_told_its_inputs_and_hands_its_outputs_back() {
    let run = world().play();
    run.started(&["clear/count", "clear/ask", "clear/tidy", "say"]);
    assert_eq!(run.command("clear/count"), "count 'x_orders' '7'");
    assert_eq!(run.command("say"), "say '42'");
    run.states(&[("clear", "succeeded"), ("clear/ask", "succeeded")]);
    run.ended(Outcome::Succeeded, Some(Verdict::Unverified));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn its_gates_stay() {
    let run = world().with(|script| script.leaves("clear/ask")).play();
    run.started(&["clear/count"]).waits_for(&["gate clear/ask"]);
    assert_eq!(run.gate("clear/ask").commands, ["truncate 'x_orders'"]);
}

#[test]
fn its_preconditions_are_checked_when_the_step_is_ready() {
    let run = world()
        .with(|script| {
            script.sees("clear require", &[Sight::Fails]);
            script.refuses("clear require");
            script.resolves("clear", &[HoldChoice::Failed]);
        })
        .play();
    run.started(&[]).states(&[("clear", "failed{precondition}"), ("say", "not_reached")]);
}

#[test]
fn its_exit_criteria_verify_the_step_and_its_closing_steps_follow() {
    let run = world()
        .with(|script| {
            script.sees("clear verify", &[Sight::Fails]);
            script.resolves("clear", &[HoldChoice::Failed]);
        })
        .play();
    run.started(&["clear/count", "clear/ask", "clear/tidy"]);
    run.states(&[("clear", "failed{verify}"), ("say", "not_reached"), ("clear/tidy", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn its_closing_steps_are_done_when_a_step_of_it_fails() {
    let run = world()
        .with(|script| {
            script.fails("clear/ask");
            script.resolves("clear/ask", &[HoldChoice::Failed]);
        })
        .play();
    run.started(&["clear/count", "clear/ask", "clear/tidy"]);
    run.states(&[("clear", "failed{inner}"), ("clear/tidy", "succeeded")]);
}

#[test]
fn its_closing_steps_are_done_when_a_person_ends_the_run_in_the_middle() {
    let run = world()
        .with(|script| {
            script.fails("clear/ask");
            script.resolves("clear/ask", &[HoldChoice::Abort]);
        })
        .play();
    run.started(&["clear/count", "clear/ask", "clear/tidy"]);
    run.states(&[("clear/tidy", "succeeded"), ("say", "not_reached")]);
    assert_eq!(run.outcome(), Some(Outcome::Aborted));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_person_who_counts_it_as_done_lets_its_closing_steps_be_done_first() {
    let run = world()
        .with(|script| {
            script.sees("clear verify", &[Sight::Fails]);
            script.resolves("clear", &[HoldChoice::Done]);
        })
        .play();
    run.started(&["clear/count", "clear/ask", "clear/tidy", "say"]);
    run.states(&[("clear", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn what_is_skipped_hands_nothing_back_and_does_not_close() {
    let outer = OUTER.replace("{id: clear,", "{id: clear, when: run.id == 'x',");
    let run = kind_world_with(&outer, &[("inner.yaml", INNER)])
        .with(|script| script.resolves("say", &[HoldChoice::Failed]))
        .play();
    run.started(&[]).states(&[
        ("clear", "skipped{when}"),
        ("clear/count", "skipped{when}"),
        ("say", "failed{template}"),
    ]);
}

#[test]
fn the_same_runbook_twice_has_names_of_its_own_each_time() {
    let run = kind_world_with(
        "
        steps:
          - {id: one, include: inner.yaml, inputs: {table: a}}
          - {id: two, include: inner.yaml, inputs: {table: b}}
          - {id: say, run: 'say ${{ steps.one.outputs.count }} ${{ steps.two.outputs.count }}'}
        ",
        &[("inner.yaml", INNER)],
    )
    .with(|script| {
        script.yields("one/count", "found", "1");
        script.yields("two/count", "found", "2");
    })
    .play();
    assert_eq!(run.command("two/count"), "count 'b' '1'");
    assert_eq!(run.command("say"), "say '1' '2'");
}

#[test]
fn it_can_be_done_for_each_item_of_a_list() {
    let run = kind_world_with(
        "
        inputs: {tables: {type: list, default: [a, b]}}
        steps:
          - {id: clear, each: {in: inputs.tables, as: table}, include: inner.yaml, inputs: {table: '${{ table }}'}}
        ",
        &[("inner.yaml", INNER)],
    )
    .play();
    run.started(&[
        "clear/1/count",
        "clear/1/ask",
        "clear/1/tidy",
        "clear/2/count",
        "clear/2/ask",
        "clear/2/tidy",
    ]);
    assert_eq!(run.command("clear/2/ask"), "truncate 'b'");
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn in_a_rung_its_steps_fail_without_a_question() {
    let run = kind_world_with(
        "
        steps:
          - id: l
            ladder:
              - {id: one, include: inner.yaml, inputs: {table: a}}
              - {id: two, run: two}
        ",
        &[("inner.yaml", INNER)],
    )
    .with(|script| script.fails("l/one/count"))
    .play();
    run.started(&["l/one/count", "l/one/tidy", "l/two"]).states(&[("l", "succeeded")]);
}

fn refusal(steps: &str) -> String {
    let text = format!("inputs: {{secret: {{secret: true}}}}\nsteps: [{steps}]");
    let refused = planned_with(&text, &[("inner.yaml", INNER)]).expect_err("it should be refused");
    refused.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn what_it_cannot_be_told_is_refused_before_the_start() {
    assert_eq!(
        refusal("{id: a, include: inner.yaml}"),
        "the runbook `sample` must be told `table`"
    );
    assert_eq!(
        refusal("{id: a, include: inner.yaml, inputs: {table: x, row: 1}}"),
        "the runbook `sample` has no input `row`"
    );
    assert_eq!(
        refusal("{id: a, include: inner.yaml, inputs: {table: x, rows: many}}"),
        "`many` is not a whole number"
    );
    assert_eq!(
        refusal("{id: a, include: inner.yaml, inputs: {table: '${{ inputs.secret }}'}}"),
        "`table` is no secret, and may not be given the secret `inputs.secret`"
    );
}
