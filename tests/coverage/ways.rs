//! Ways on: rungs, cases of a switch, what takes a step back.

use holdpoint::rehearse::coverage::edges;
use holdpoint::run::event::{HoldChoice, Sight};

use super::{covered, has_edges, plan, sentence, walks};
use crate::harness::machine::kind_world;

pub(super) const LADDER: &str = "
    steps:
      - id: up
        ladder:
          - {id: restart, run: 'true'}
          - {id: restore, steps: [{id: load, run: 'true'}]}
    ";

#[test]
fn rungs_succeed_or_fail_and_in_the_end_none_is_left() {
    let all = [
        "up:exhausted",
        "up/restart:succeeds",
        "up/restart:fails",
        "up/restore:succeeds",
        "up/restore:fails",
        "up/restore/load:succeeds",
        "up/restore/load:fails",
    ];
    has_edges(LADDER, &all);
    walks(&kind_world(LADDER).play(), &["up/restart:succeeds"]);
    let second = kind_world(LADDER).with(|script| script.fails("up/restart")).play();
    walks(&second, &["up/restart:fails", "up/restore:succeeds", "up/restore/load:succeeds"]);
    let none = kind_world(LADDER).with(|script| {
        script.fails("up/restart");
        script.fails("up/restore/load");
    });
    let none = none.play();
    walks(
        &none,
        &["up:exhausted", "up/restart:fails", "up/restore:fails", "up/restore/load:fails"],
    );
    assert_eq!(covered(&[&kind_world(LADDER).play(), &second, &none]).permille(), 1000);
}

#[test]
fn a_rung_below_one_that_cannot_fail_is_never_tried() {
    let text = "
        steps:
          - id: up
            ladder:
              - {id: rest, wait: 30s}
              - {id: restart, run: 'true'}
        ";
    has_edges(text, &["up/rest:succeeds"]);
}

#[test]
fn a_rung_whose_gate_can_be_refused_gives_way_to_the_next() {
    let text = "
        steps:
          - id: up
            ladder:
              - {id: agree, gate: {ask: Sure?}}
              - {id: restart, run: 'true'}
        ";
    let all = [
        "up:exhausted",
        "up/agree:approved",
        "up/agree:rejected",
        "up/agree:succeeds",
        "up/restart:succeeds",
        "up/restart:fails",
    ];
    has_edges(text, &all);
    let run = kind_world(text).with(|script| {
        script.rejects("up/agree");
        script.resolves("up/agree", &[HoldChoice::Failed]);
        script.fails("up/restart");
    });
    walks(&run.play(), &["up:exhausted", "up/agree:rejected", "up/restart:fails"]);
}

#[test]
fn what_is_required_of_a_rung_lets_it_fail() {
    let text = "
        steps:
          - id: up
            ladder:
              - {id: restart, require: [{id: disk, probe: {file: /x}}], run: 'true'}
              - {id: restore, run: 'true'}
        ";
    let all = [
        "up:exhausted",
        "up/restart/require/disk:fails",
        "up/restart:succeeds",
        "up/restart:fails",
        "up/restore:succeeds",
        "up/restore:fails",
    ];
    has_edges(text, &all);
    let run = kind_world(text).with(|script| {
        script.sees("up/restart require", &[Sight::Fails]);
        script.refuses("up/restart require");
    });
    walks(
        &run.play(),
        &["up/restart/require/disk:fails", "up/restart:fails", "up/restore:succeeds"],
    );
}

#[test]
fn a_requirement_that_does_not_hold_is_no_failure_of_the_action() {
    let text = "steps: [{id: a, require: [{probe: {file: /x}}], run: 'true'}]";
    has_edges(text, &["a/require/1:fails", "a:succeeds", "a:fails"]);
    let run = kind_world(text).with(|script| script.sees("a require", &[Sight::Fails])).play();
    walks(&run, &["a/require/1:fails"]);
    let unseen = kind_world(text).with(|script| script.sees("a require", &[Sight::Unseen]));
    walks(&unseen.play(), &[]);
}

const SWITCH: &str = "
    inputs: {platform: {type: choice, choices: [compose, local], default: compose}}
    steps:
      - id: restart
        switch: inputs.platform
        cases:
          compose: {run: 'true'}
          local: {run: 'true'}
          systemd: {run: 'true'}
    ";

#[test]
fn a_case_that_the_value_cannot_have_is_no_edge() {
    let all = ["restart:case:compose", "restart:case:local", "restart:succeeds", "restart:fails"];
    has_edges(SWITCH, &all);
    walks(&kind_world(SWITCH).play(), &["restart:case:compose", "restart:succeeds"]);
}

#[test]
fn the_cases_of_a_choice_are_its_options() {
    let text = "
        steps:
          - {id: which, choose: {ask: Which?, options: [x, y]}}
          - id: go
            switch: steps.which.outputs.choice
            cases: {x: {run: 'true'}, y: {run: 'true'}, z: {run: 'true'}}
        ";
    let all =
        ["which:succeeds", "which:fails", "go:case:x", "go:case:y", "go:succeeds", "go:fails"];
    has_edges(text, &all);
}

#[test]
fn a_requirement_of_one_case_is_told_from_that_of_another() {
    let text = "
        inputs: {platform: {type: choice, choices: [x, y], default: y}}
        steps:
          - id: a
            require: [{probe: {file: /both}}]
            switch: inputs.platform
            cases:
              x: {run: 'true', require: [{probe: {file: /x}}]}
              y: {run: 'true', require: [{probe: {file: /y}}]}
        ";
    let all = [
        "a:case:x",
        "a:case:y",
        "a/require/1:fails",
        "a/require/2(x):fails",
        "a/require/2(y):fails",
        "a:succeeds",
        "a:fails",
    ];
    has_edges(text, &all);
    let run = kind_world(text).with(|script| script.sees("a require 1", &[Sight::Fails])).play();
    walks(&run, &["a:case:y", "a/require/2(y):fails"]);
}

#[test]
fn a_case_with_a_condition_of_its_own_can_be_skipped() {
    let text = "
        inputs: {platform: {type: choice, choices: [x, y], default: x}, deep: {type: bool, default: false}}
        steps:
          - id: a
            switch: inputs.platform
            cases: {x: {run: 'true', when: inputs.deep}, y: {run: 'true'}}
        ";
    has_edges(text, &["a:skipped", "a:case:x", "a:case:y", "a:succeeds", "a:fails"]);
    walks(&kind_world(text).play(), &["a:skipped", "a:case:x"]);
}

const PAIRED: &str = "
    steps:
      - {id: stop, run: 'true', undo: {paired: true, run: 'true'}}
      - {id: load, run: 'true'}
    ";

#[test]
fn a_pair_runs_or_fails() {
    let all = [
        "stop:succeeds",
        "stop:fails",
        "stop~undo:succeeds",
        "stop~undo:fails",
        "load:succeeds",
        "load:fails",
    ];
    has_edges(PAIRED, &all);
    walks(&kind_world(PAIRED).play(), &["stop:succeeds", "stop~undo:succeeds", "load:succeeds"]);
    let run = kind_world(PAIRED).with(|script| script.fails("stop~undo")).play();
    walks(&run, &["stop:succeeds", "stop~undo:fails", "load:succeeds"]);
    assert_eq!(sentence(PAIRED, "stop~undo:fails"), "the undo of `stop` fails");
}

#[test]
fn an_undo_runs_when_a_person_takes_the_run_back() {
    let text = "
        steps:
          - {id: stop, run: 'true', undo: {run: 'true'}}
          - {id: load, run: 'true'}
        ";
    let run = kind_world(text).with(|script| {
        script.fails("load");
        script.resolves("load", &[HoldChoice::Undo]);
    });
    walks(&run.play(), &["stop:succeeds", "stop~undo:succeeds", "load:fails"]);
}

#[test]
fn an_undo_that_nobody_can_ask_for_is_no_edge() {
    let text = "
        steps:
          - {id: first, gate: {ask: Sure?}, on_failure: abort, run: 'true'}
          - {id: stop, on_failure: abort, run: 'true', undo: {run: 'true'}}
        ";
    let all = [
        "first:approved",
        "first:rejected",
        "first:succeeds",
        "first:fails",
        "stop:succeeds",
        "stop:fails",
    ];
    has_edges(text, &all);
    let text = format!("{text}\n        exit_criteria: [{{probe: {{file: /x}}}}]");
    let asked = edges(&plan(&text));
    assert!(asked.iter().any(|edge| edge.id == "stop~undo:succeeds"), "{asked:#?}");
}

#[test]
fn the_last_steps_of_a_run_are_taken_back_by_nobody() {
    let text = "
        steps: [{id: a, run: 'true'}]
        exit_criteria: [{probe: {file: /x}}]
        finally:
          - {id: open, run: 'true', undo: {run: 'true'}}
          - {id: p, steps: [{id: shut, run: 'true', undo: {paired: true, run: 'true'}}]}
        ";
    let all = [
        "a:succeeds",
        "a:fails",
        "open:succeeds",
        "open:fails",
        "p/shut:succeeds",
        "p/shut:fails",
        "p/shut~undo:succeeds",
        "p/shut~undo:fails",
        "verdict:recovered",
        "verdict:not_recovered",
    ];
    // The numbers of undos come right after those of their steps; the closing steps come last.
    has_edges(text, &all);
    let run = kind_world(text).play();
    assert!(covered(&[&run]).edges().iter().any(|edge| edge.id == "p/shut~undo:succeeds"));
    walks(
        &run,
        &[
            "a:succeeds",
            "open:succeeds",
            "p/shut:succeeds",
            "p/shut~undo:succeeds",
            "verdict:recovered",
        ],
    );
}
