//! A changed runbook that is taken over: groups, cases, items, and runbooks that are included.

use holdpoint::run::event::Event;

use super::adopt::{left_at, on};
use crate::harness::machine::{Act, kind_world, kind_world_with, planned_with};

pub(super) const PHASES: &str = "
    steps:
      - id: p
        steps: [{id: a, run: make a}, {id: b, run: make b}]
      - {id: c, gate: true, run: make c}
    ";

#[test]
fn a_new_step_opens_the_phase_that_was_done() {
    let more = PHASES.replace("{id: b,", "{id: new, run: x}, {id: b,");
    let run = left_at(PHASES, "c").adopting(&more, &[]);
    run.states(&[("p", "running"), ("p/a", "succeeded"), ("p/b", "succeeded")]);
    on(run).started(&["p/a", "p/b", "p/new", "c"]).ended_well();
}

#[test]
fn a_step_of_a_phase_is_done_again_by_itself() {
    let more = PHASES.replace("make a", "make a well");
    let run = on(left_at(PHASES, "c").adopting(&more, &["p/a"]));
    run.started(&["p/a", "p/b", "p/a", "c"]).ended_well();
}

#[test]
fn a_whole_phase_is_done_again() {
    let more = PHASES.replace("make a", "make a well");
    on(left_at(PHASES, "c").adopting(&more, &["p"]))
        .started(&["p/a", "p/b", "p/a", "p/b", "c"])
        .ended_well();
}

#[test]
fn a_phase_that_became_a_step_and_is_kept_is_done() {
    let text = "
        steps:
          - {id: p, run: make all}
          - {id: c, gate: true, run: make c}
        ";
    on(left_at(PHASES, "c").adopting(text, &[])).started(&["p/a", "p/b", "c"]).ended_well();
    let back = on(left_at(text, "c").adopting(PHASES, &[]));
    back.started(&["p", "c"]).states(&[("p", "succeeded"), ("p/a", "skipped{not_needed}")]);
}

#[test]
fn a_phase_under_way_that_became_a_step_is_begun_as_that() {
    let inside = PHASES.replace("{id: b,", "{id: b, gate: true,");
    let run = left_at(&inside, "p/b");
    let text = "steps: [{id: p, run: make all}, {id: c, run: make c}]";
    on(run.adopting(text, &[])).started(&["p/a", "p", "c"]).ended_well();
}

#[test]
fn a_new_step_shares_the_fate_of_a_phase_that_was_skipped() {
    let skipped = PHASES.replace("- id: p", "- id: p\n        when: false");
    let more = skipped.replace("{id: b,", "{id: new, run: x}, {id: b,");
    let run = on(left_at(&skipped, "c").adopting(&more, &[]));
    run.started(&["c"]).states(&[("p", "skipped{when}"), ("p/new", "skipped{when}")]);
}

const LADDER: &str = "
    steps:
      - id: l
        ladder: [{id: a, run: make a}, {id: b, run: make b}, {id: x, run: make x}]
      - {id: c, gate: true, run: make c}
    ";

#[test]
fn a_new_rung_is_not_needed_where_another_succeeded() {
    let more = LADDER.replace("{id: b,", "{id: new, run: y}, {id: b,");
    let run = on(left_at(LADDER, "c").adopting(&more, &[]));
    run.started(&["l/a", "c"]).states(&[("l/new", "skipped{not_needed}")]).ended_well();
}

#[test]
fn a_rung_that_is_done_again_and_fails_gives_way_to_the_next() {
    let run = kind_world(LADDER).with(|script| {
        script.acts("l/a", &[Act::Succeed, Act::Exit(1)]);
        script.leaves("c");
    });
    let run = run.play().adopting(&LADDER.replace("make a", "make a well"), &["l/a"]);
    run.states(&[("l", "running"), ("l/a", "pending"), ("l/b", "pending")]);
    on(run).started(&["l/a", "l/a", "l/b", "c"]).states(&[("l/x", "skipped{not_needed}")]);
}

#[test]
fn a_new_rung_is_tried_in_its_place_in_a_ladder_under_way() {
    let ladder = LADDER.replace("{id: b,", "{id: b, gate: true,");
    let run = kind_world(&ladder).with(|script| {
        script.fails("l/a");
        script.leaves("l/b");
    });
    let run = run.play();
    run.waits_for(&["gate l/b"]);
    let more = ladder.replace("{id: b,", "{id: new, run: y}, {id: b,");
    let run = run.adopting(&more, &[]).resume();
    run.started(&["l/a", "l/new"]);
    let run = run.with(|script| script.approves("c")).play();
    assert_eq!(run.replay(), *run.state(), "{}", run.tale());
    run.started(&["l/a", "l/new", "c"]).ended_well();
}

const SWITCH: &str = "
    inputs: {which: {default: one}}
    steps:
      - id: s
        switch: inputs.which
        cases:
          one: {steps: [{id: a, run: make a}, {id: g, gate: true, run: make g}]}
          two: {steps: [{id: b, run: make b}]}
      - {id: c, run: make c}
    ";

#[test]
fn a_chosen_case_goes_on_under_its_name() {
    let more = SWITCH.replace("          one:", "          zero: {run: nothing}\n          one:");
    let more = more.replace("{id: g,", "{id: new, run: x}, {id: g,");
    let run = left_at(SWITCH, "s/g").adopting(&more, &[]).resume();
    let run = run.with(|script| script.approves("s/g")).play();
    assert_eq!(run.replay(), *run.state());
    run.started(&["s/a", "s/new", "s/g", "c"]).ended_well();
    run.states(&[("s/b", "skipped{not_needed}")]);
}

#[test]
fn a_case_that_is_gone_is_chosen_anew() {
    let less = SWITCH.replace(
        "one: {steps: [{id: a, run: make a}, {id: g, gate: true, run: make g}]}",
        "uno: {run: x}",
    );
    let less = less.replace("inputs.which\n", "\"'two'\"\n");
    let run = left_at(SWITCH, "s/g").adopting(&less, &[]).resume().play();
    assert_eq!(run.replay(), *run.state());
    run.started(&["s/a", "s/b", "c"]).ended_well();
}

pub(super) const EACH: &str = "
    inputs: {hosts: {type: list, default: [x, y, z]}, few: {type: list, default: [z]}}
    steps:
      - id: e
        each: {in: inputs.hosts}
        steps: [{id: a, run: 'a ${{ item }}'}, {id: b, gate: true, run: 'b ${{ item }}'}]
      - {id: c, run: make c}
    ";

#[test]
fn the_items_of_a_fan_out_go_on_and_those_to_come_take_the_new_definition() {
    let text = EACH.replace("'a ${{ item }}'", "'well ${{ item }}'");
    let run = kind_world(EACH).with(|script| script.leaves("e/2/b")).play();
    run.started(&["e/1/a", "e/1/b", "e/2/a"]);
    let run = run.adopting(&text, &["e/2/a"]).resume();
    let run = run.with(|script| script.approves("e/2/b")).play();
    assert_eq!(run.replay(), *run.state(), "{}", run.tale());
    run.started(&["e/1/a", "e/1/b", "e/2/a", "e/2/a", "e/2/b", "e/3/a", "e/3/b", "c"]);
    assert_eq!(run.command("e/2/a"), "well 'y'");
    assert_eq!(run.command("e/3/a"), "well 'z'");
}

#[test]
fn a_new_step_of_a_fan_out_is_done_for_items_that_are_done_too() {
    let text = EACH.replace("{id: b,", "{id: new, run: 'n ${{ item }}'}, {id: b,");
    let run = kind_world(EACH).with(|script| script.leaves("e/2/b")).play();
    let run = run.adopting(&text, &[]).resume();
    let run = run.with(|script| script.approves("e/2/b")).play();
    assert_eq!(run.replay(), *run.state(), "{}", run.tale());
    let news: Vec<_> = run.starts().into_iter().filter(|step| step.ends_with("new")).collect();
    assert_eq!(news.len(), 3, "{}", run.tale());
    run.ended_well();
}

#[test]
fn a_fan_out_that_is_done_again_lists_its_items_anew() {
    let text = EACH
        .replace("run: make c}", "run: make c}\n      - {id: z, gate: true, run: z}")
        .replace("gate: true, run: 'b", "run: 'b");
    let run = left_at(&text, "z").adopting(&text.replace("inputs.hosts", "inputs.few"), &["e"]);
    let run = on(run.with(|script| script.approves("z")));
    let again: Vec<_> = run.starts().into_iter().skip(7).collect();
    assert_eq!(again, ["e/1/a", "e/1/b", "z"], "{}", run.tale());
    let second = |event: &Event| matches!(event, Event::StepStarted { attempt: 2, .. });
    assert_eq!(run.count(second), 2, "its output has files of its own");
    assert_eq!(run.command("e/1/a"), "a 'z'");
}

const INNER: &str = "
    steps: [{id: a, run: make a}, {id: b, gate: true, run: make b}]
    finally: [{id: tidy, run: tidy}]
    ";

#[test]
fn the_steps_of_an_included_runbook_go_on_as_steps_do() {
    let outer = "steps: [{id: i, include: inner.yaml}, {id: c, gate: true, run: make c}]";
    let run = kind_world_with(outer, &[("inner.yaml", INNER)]);
    let changed = INNER.replace("make a", "make a well");
    let next = planned_with(outer, &[("inner.yaml", &changed)]).expect("it is sound");
    let half = run.clone().with(|script| script.leaves("i/b")).play();
    let half = half.try_adopt(next.clone(), &["i/a"]).expect("nothing is in doubt").resume();
    let half = half.with(|script| script.approves("i/b")).play();
    assert_eq!(half.replay(), *half.state());
    half.started(&["i/a", "i/a", "i/b", "i/tidy", "c"]).ended_well();

    let whole = run.with(|script| script.leaves("c")).play();
    whole.started(&["i/a", "i/b", "i/tidy"]);
    let whole = on(whole.try_adopt(next, &["i/a"]).expect("nothing is in doubt"));
    whole.started(&["i/a", "i/b", "i/tidy", "i/a", "i/tidy", "c"]).ended_well();
}
