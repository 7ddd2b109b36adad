//! What stands around steps: checks, the verdict, phases, fan-outs, included runbooks.

use holdpoint::rehearse::coverage::edges;
use holdpoint::run::event::{InvariantChoice, Sight, VerdictChoice};

use super::{covered, has_edges, same, sentence, walks};
use crate::harness::machine::{kind_world, planned_with};

const CHECKS: &str = "
    confirm: [{probe: {file: /symptom}}, {id: down, probe: {file: /down}}]
    preconditions: [{id: disk, probe: {file: /disk}}]
    invariants: [{id: calm, probe: {file: /calm}}]
    steps: [{id: a, run: 'true'}]
    ";

#[test]
fn the_checks_of_a_run_are_edges_where_they_do_not_hold() {
    let all = [
        "confirm/1:fails",
        "confirm/down:fails",
        "preconditions/disk:fails",
        "invariants/calm:fails",
        "a:succeeds",
        "a:fails",
    ];
    has_edges(CHECKS, &all);
    walks(&kind_world(CHECKS).play(), &["a:succeeds"]);
    for (check, id) in [
        ("confirm 0", "confirm/1:fails"),
        ("confirm 1", "confirm/down:fails"),
        ("precondition", "preconditions/disk:fails"),
    ] {
        for sight in [Sight::Fails, Sight::Unseen] {
            let run = kind_world(CHECKS).with(|script| {
                script.sees(check, &[sight]);
                script.refuses(check);
            });
            walks(&run.play(), &[id]);
        }
    }
    assert_eq!(sentence(CHECKS, "confirm/1:fails"), "the symptom 1 is not seen");
    assert_eq!(sentence(CHECKS, "invariants/calm:fails"), "the invariant `calm` breaks");
}

#[test]
fn an_invariant_that_breaks_is_an_edge() {
    let run = kind_world(CHECKS).without_laws().with(|script| {
        script.sees("invariant", &[Sight::Fails]);
        script.answers_invariant("invariant", &[InvariantChoice::Waive]);
    });
    walks(&run.play(), &["invariants/calm:fails", "a:succeeds"]);
}

#[test]
fn the_verdict_has_two_edges_where_something_gives_it() {
    let text = "
        steps: [{id: a, run: 'true'}]
        exit_criteria: [{probe: {file: /x}}]
        finally: [{id: tell, when: run.verdict == 'recovered', notify: {template: resolved}}]
        ";
    let all = [
        "a:succeeds",
        "a:fails",
        "tell:skipped",
        "tell:succeeds",
        "verdict:recovered",
        "verdict:not_recovered",
    ];
    has_edges(text, &all);
    walks(&kind_world(text).play(), &["a:succeeds", "tell:succeeds", "verdict:recovered"]);
    let run = kind_world(text).with(|script| {
        script.sees("exit", &[Sight::Fails]);
        script.answers_verdict(&[VerdictChoice::End]);
    });
    walks(&run.play(), &["a:succeeds", "tell:skipped", "verdict:not_recovered"]);
    let unseen = kind_world(text).with(|script| {
        script.sees("exit", &[Sight::Unseen]);
        script.answers_verdict(&[VerdictChoice::End]);
    });
    walks(&unseen.play(), &["a:succeeds", "tell:skipped"]);
}

#[test]
fn without_exit_criteria_nobody_is_ever_told_of_a_recovery() {
    let text = "
        steps: [{id: a, run: 'true'}]
        finally: [{id: tell, when: run.verdict == 'recovered', notify: {template: resolved}}]
        ";
    has_edges(text, &["a:succeeds", "a:fails", "tell:skipped"]);
}

#[test]
fn a_phase_has_no_edges_of_its_own_but_what_stands_around_it() {
    let text = "
        steps:
          - id: p
            gate: {ask: Sure?}
            require: [{id: disk, probe: {file: /x}}]
            verify: [{probe: {file: /y}}]
            steps: [{id: a, run: 'true'}]
        ";
    let all = [
        "p/require/disk:fails",
        "p:approved",
        "p:rejected",
        "p:unverified",
        "p/a:succeeds",
        "p/a:fails",
    ];
    has_edges(text, &all);
    walks(&kind_world(text).play(), &["p:approved", "p/a:succeeds"]);
    let run = kind_world(text).with(|script| script.sees("p verify", &[Sight::Fails])).play();
    walks(&run, &["p:approved", "p:unverified", "p/a:succeeds"]);
}

const EACH: &str = "
    inputs: {hosts: {type: list, default: [x, y]}}
    steps:
      - id: go
        gate: {ask: Sure?}
        each: {in: inputs.hosts}
        run: 'true'
        undo: {paired: true, run: 'true'}
    ";

#[test]
fn the_items_of_a_fan_out_are_one_edge_each_way() {
    let all = [
        "go:approved",
        "go:rejected",
        "go/*:succeeds",
        "go/*:fails",
        "go/*~undo:succeeds",
        "go/*~undo:fails",
    ];
    has_edges(EACH, &all);
    let run = kind_world(EACH).play();
    same(covered(&[&run]).edges(), &all);
    walks(&run, &["go:approved", "go/*:succeeds", "go/*~undo:succeeds"]);
    let run = kind_world(EACH).with(|script| script.fails("go/2")).play();
    walks(&run, &["go:approved", "go/*:succeeds", "go/*:fails"]);
    assert_eq!(sentence(EACH, "go/*:fails"), "an item of `go` fails");
}

#[test]
fn fan_outs_in_fan_outs_are_known_by_their_patterns() {
    let text = "
        inputs: {sites: {type: list, default: [n, s]}, hosts: {type: list, default: [x, y]}}
        steps:
          - id: site
            each: {in: inputs.sites, as: site}
            steps: [{id: host, each: {in: inputs.hosts, as: host}, run: 'true'}]
        ";
    has_edges(text, &["site/*/host/*:succeeds", "site/*/host/*:fails"]);
    let run = kind_world(text).with(|script| script.fails("site/2/host/1")).play();
    walks(&run, &["site/*/host/*:succeeds", "site/*/host/*:fails"]);
}

#[test]
fn a_list_that_is_always_empty_has_no_items_to_walk() {
    let text =
        "steps: [{id: go, each: {in: '[]', empty: skip}, run: 'true'}, {id: b, run: 'true'}]";
    has_edges(text, &["b:succeeds", "b:fails"]);
}

pub(crate) const MAIN: &str = "
    inputs: {platform: {type: choice, choices: [x, y], default: x}}
    steps:
      - {id: one, include: inner.yaml, inputs: {platform: x}}
      - {id: two, include: inner.yaml, inputs: {platform: '${{ inputs.platform }}'}}
    ";
pub(crate) const INNER: &str = "
    holdpoint: 1
    id: inner
    title: Inner
    inputs: {platform: {type: string}}
    confirm: [{probe: {file: /symptom}}]
    preconditions: [{id: disk, probe: {file: /disk}}]
    steps:
      - id: a
        switch: inputs.platform
        cases: {x: {run: 'true'}, y: {run: 'true'}}
    exit_criteria: [{probe: {file: /up}}]
    finally: [{id: tidy, run: 'true'}]
    ";

#[test]
fn an_included_runbook_has_its_edges_where_it_is_included() {
    let plan = planned_with(MAIN, &[("inner.yaml", INNER)]).unwrap_or_else(|it| panic!("{it}"));
    let all = [
        "one/require/disk:fails",
        "one:unverified",
        "one/a:case:x",
        "one/a:succeeds",
        "one/a:fails",
        "one/tidy:succeeds",
        "one/tidy:fails",
        "two/require/disk:fails",
        "two:unverified",
        "two/a:case:x",
        "two/a:case:y",
        "two/a:succeeds",
        "two/a:fails",
        "two/tidy:succeeds",
        "two/tidy:fails",
    ];
    same(&edges(&plan), &all);
}

#[test]
fn nobody_is_told_of_a_recovery_where_an_included_runbook_ends_before_the_run() {
    let main = "
        steps: [{id: one, include: inner.yaml}]
        exit_criteria: [{probe: {file: /up}}]
        ";
    let inner = "
        holdpoint: 1
        id: inner
        title: Inner
        steps: [{id: a, run: 'true'}]
        finally: [{id: tell, when: run.verdict == 'recovered', notify: {template: resolved}}]
        ";
    let plan = planned_with(main, &[("inner.yaml", inner)]).unwrap_or_else(|it| panic!("{it}"));
    let all = [
        "one/a:succeeds",
        "one/a:fails",
        "one/tell:skipped",
        "verdict:recovered",
        "verdict:not_recovered",
    ];
    same(&edges(&plan), &all);
}

#[test]
fn what_an_included_runbook_does_is_walked() {
    let others = [("inner.yaml", INNER)];
    let run = crate::harness::machine::kind_world_with(MAIN, &others).with(|script| {
        script.fails("one/tidy");
        script.sees("two require", &[Sight::Fails]);
    });
    let expected = ["one/a:case:x", "one/a:succeeds", "one/tidy:fails", "two/require/disk:fails"];
    walks(&run.play(), &expected);
}
