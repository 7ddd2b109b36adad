//! Coverage on small runbooks: which edges there are, which of them a run walks, and which it does not.

use holdpoint::plan::Plan;
use holdpoint::rehearse::coverage::{Coverage, Edge, edges};
use holdpoint::run::event::{
    DoubtChoice, HoldChoice, InvariantChoice, Sight, TimerKind, VerdictChoice,
};

use crate::harness::machine::{Act, Hand, Machine, kind_world, planned, planned_with};

fn plan(text: &str) -> Plan {
    planned(text).unwrap_or_else(|broken| panic!("{broken}"))
}

/// The names of all edges of a runbook.
#[track_caller]
fn has_edges(text: &str, expected: &[&str]) {
    same(&edges(&plan(text)), expected);
}

#[track_caller]
fn same(edges: &[Edge], expected: &[&str]) {
    let found: Vec<&str> = edges.iter().map(|edge| edge.id.as_str()).collect();
    assert_eq!(found, expected);
}

/// The names of the edges that a run walks, in the order of the file.
#[track_caller]
fn walks(run: &Machine, expected: &[&str]) {
    let coverage = covered(&[run]);
    let walked = coverage.edges().iter().filter(|edge| coverage.has(edge));
    let found: Vec<&str> = walked.map(|edge| edge.id.as_str()).collect();
    assert_eq!(found, expected, "{}", run.tale());
}

fn covered(runs: &[&Machine]) -> Coverage {
    let mut coverage = Coverage::of(runs[0].plan());
    for run in runs {
        coverage.add(run.plan(), run.events());
    }
    coverage
}

/// The sentence of an edge.
fn sentence(text: &str, id: &str) -> String {
    let edges = edges(&plan(text));
    let found = edges.iter().find(|edge| edge.id == id);
    found.map(|edge| edge.sentence.clone()).unwrap_or_else(|| panic!("there is no edge {id}"))
}

const ONE: &str = "steps: [{id: a, run: 'true'}]";

#[test]
fn a_step_succeeds_or_fails() {
    has_edges(ONE, &["a:succeeds", "a:fails"]);
    walks(&kind_world(ONE).play(), &["a:succeeds"]);
    let fails = kind_world(ONE).with(|script| script.fails("a")).play();
    walks(&fails, &["a:fails"]);
}

#[test]
fn a_step_that_is_held_and_done_again_has_walked_both() {
    let run = kind_world(ONE).with(|script| {
        script.acts("a", &[Act::Exit(1), Act::Succeed]);
        script.resolves("a", &[HoldChoice::Retry]);
    });
    walks(&run.play(), &["a:succeeds", "a:fails"]);
}

#[test]
fn an_attempt_that_is_repeated_by_itself_is_no_failure() {
    let text = "steps: [{id: a, effect: read, retry: {times: 1, every: 1s}, run: 'true'}]";
    let run = kind_world(text).with(|script| script.acts("a", &[Act::Exit(1), Act::Succeed]));
    walks(&run.play(), &["a:succeeds"]);
}

#[test]
fn a_step_in_doubt_that_counts_as_failed_has_failed() {
    let text = "steps: [{id: a, target: {ssh: web1}, run: 'true'}]";
    let run = kind_world(text).with(|script| {
        script.acts("a", &[Act::Lose]);
        script.settles("a", &[DoubtChoice::Failed]);
    });
    walks(&run.play(), &["a:fails"]);
}

#[test]
fn what_a_person_does_succeeds_or_cannot_be_done() {
    let text = "steps: [{id: call, manual: Call them.}]";
    has_edges(text, &["call:succeeds", "call:fails"]);
    walks(&kind_world(text).play(), &["call:succeeds"]);
    let run = kind_world(text).with(|script| script.hands("call", &[Hand::GivesUp])).play();
    walks(&run, &["call:fails"]);
}

#[test]
fn a_checklist_and_a_choice_are_steps_like_any_other() {
    let text = "
        steps:
          - {id: ticks, checklist: [{item: one}, {item: two}]}
          - {id: which, choose: {ask: Which?, options: [x, y]}}
        ";
    has_edges(text, &["ticks:succeeds", "ticks:fails", "which:succeeds", "which:fails"]);
    walks(&kind_world(text).play(), &["ticks:succeeds", "which:succeeds"]);
}

#[test]
fn a_message_is_sent_and_never_fails() {
    let text = "steps: [{id: tell, notify: {template: start}}]";
    has_edges(text, &["tell:succeeds"]);
    walks(&kind_world(text).play(), &["tell:succeeds"]);
    assert_eq!(sentence(text, "tell:succeeds"), "the message `tell` is sent");
}

#[test]
fn time_that_passes_cannot_fail() {
    has_edges("steps: [{id: rest, wait: 30s}]", &["rest:succeeds"]);
    let text = "steps: [{id: up, wait: {until: {file: /x, within: 5m}}}]";
    has_edges(text, &["up:succeeds", "up:fails"]);
    has_edges("steps: [{id: up, wait: {until: {file: /x}}}]", &["up:succeeds"]);
}

#[test]
fn a_watch_that_only_records_cannot_fail() {
    let watch = |on_break: &str| {
        format!(
            "steps: [{{id: calm, watch: {{for: 1m, every: 1s, probe: {{file: /x}}, on_break: {on_break}}}}}]"
        )
    };
    has_edges(&watch("record"), &["calm:succeeds"]);
    has_edges(&watch("hold"), &["calm:succeeds", "calm:fails"]);
    has_edges(&watch("fail"), &["calm:succeeds", "calm:fails"]);
}

#[test]
fn a_step_that_does_not_verify_has_failed() {
    let text = "steps: [{id: a, run: 'true', verify: [{probe: {file: /x}}]}]";
    let run = kind_world(text).with(|script| script.sees("a verify", &[Sight::Fails])).play();
    walks(&run, &["a:fails"]);
}

const WHEN: &str = "
    inputs: {deep: {type: bool, default: false}}
    steps: [{id: a, when: inputs.deep, run: 'true'}, {id: b, run: 'true'}]
    ";

#[test]
fn a_condition_is_walked_where_it_is_false() {
    has_edges(WHEN, &["a:skipped", "a:succeeds", "a:fails", "b:succeeds", "b:fails"]);
    walks(&kind_world(WHEN).play(), &["a:skipped", "b:succeeds"]);
}

#[test]
fn a_condition_that_never_varies_is_no_branch() {
    has_edges("steps: [{id: a, when: 1 == 1, run: 'true'}]", &["a:succeeds", "a:fails"]);
    let never =
        "steps: [{id: a, when: 1 == 2, steps: [{id: b, run: 'true'}]}, {id: c, run: 'true'}]";
    has_edges(never, &["a:skipped", "c:succeeds", "c:fails"]);
}

#[test]
fn what_is_inside_a_phase_that_is_skipped_is_not_walked() {
    let text = "
        inputs: {deep: {type: bool, default: false}}
        steps: [{id: p, when: inputs.deep, steps: [{id: a, when: inputs.deep, run: 'true'}]}]
        ";
    has_edges(text, &["p:skipped", "p/a:skipped", "p/a:succeeds", "p/a:fails"]);
    walks(&kind_world(text).play(), &["p:skipped"]);
}

#[test]
fn an_effect_that_is_there_already_is_an_edge() {
    let text = "steps: [{id: a, run: 'true', done_when: {file: /x}}]";
    has_edges(text, &["a:satisfied", "a:succeeds", "a:fails"]);
    let run = kind_world(text).with(|script| script.sees("a done_when", &[Sight::Holds])).play();
    walks(&run, &["a:satisfied"]);
    walks(&kind_world(text).play(), &["a:succeeds"]);
}

#[test]
fn an_optional_step_can_be_declined() {
    let text = "steps: [{id: a, optional: true, run: 'true'}]";
    has_edges(text, &["a:declined", "a:succeeds", "a:fails"]);
    let run = kind_world(text).with(|script| script.needs("a", Some(false))).play();
    walks(&run, &["a:declined"]);
}

const GATED: &str = "steps: [{id: a, gate: {ask: Sure?}, run: 'true'}]";

#[test]
fn a_gate_is_approved_or_rejected() {
    has_edges(GATED, &["a:approved", "a:rejected", "a:succeeds", "a:fails"]);
    walks(&kind_world(GATED).play(), &["a:approved", "a:succeeds"]);
    walks(&kind_world(GATED).with(|script| script.rejects("a")).play(), &["a:rejected"]);
    walks(&kind_world(GATED).with(|script| script.leaves("a")).play(), &[]);
}

#[test]
fn a_decision_has_no_edges_but_those_of_its_gate() {
    let text = "steps: [{id: loss, gate: {ask: Accept the loss?}}]";
    has_edges(text, &["loss:approved", "loss:rejected"]);
    walks(&kind_world(text).play(), &["loss:approved"]);
}

#[test]
fn a_gate_with_a_quorum_is_approved_when_enough_have_said_yes() {
    let text = "steps: [{id: a, gate: {ask: Sure?, quorum: 2}, run: 'true'}]";
    let run = kind_world(text).play();
    walks(&run, &["a:approved", "a:succeeds"]);
    let approvals: Vec<_> = run
        .events()
        .iter()
        .filter(|event| matches!(event, holdpoint::run::Event::GateApproved { .. }))
        .collect();
    assert_eq!(approvals.len(), 2);
    let mut coverage = Coverage::of(run.plan());
    assert!(!coverage.add(run.plan(), approvals[..1].iter().copied()));
    assert!(coverage.add(run.plan(), approvals.iter().copied()));
}

#[test]
fn a_gate_that_can_expire_has_one_edge_more() {
    let text = "steps: [{id: a, gate: {ask: Sure?, expires: 5m}, run: 'true'}]";
    has_edges(text, &["a:approved", "a:rejected", "a:expires", "a:succeeds", "a:fails"]);
    let run = kind_world(text).with(|script| {
        script.leaves("a");
        script.lets_time_pass("a");
    });
    let run = run.play();
    let expiries = run.count(|event| matches!(event, holdpoint::run::Event::TimerDue { timer, .. } if timer.kind == TimerKind::Expiry));
    assert_eq!(expiries, 1);
    walks(&run, &["a:expires"]);
}

const LADDER: &str = "
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

const MAIN: &str = "
    inputs: {platform: {type: choice, choices: [x, y], default: x}}
    steps:
      - {id: one, include: inner.yaml, inputs: {platform: x}}
      - {id: two, include: inner.yaml, inputs: {platform: '${{ inputs.platform }}'}}
    ";
const INNER: &str = "
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
fn what_an_included_runbook_does_is_walked() {
    let others = [("inner.yaml", INNER)];
    let run = crate::harness::machine::kind_world_with(MAIN, &others).with(|script| {
        script.fails("one/tidy");
        script.sees("two require", &[Sight::Fails]);
    });
    let expected = ["one/a:case:x", "one/a:succeeds", "one/tidy:fails", "two/require/disk:fails"];
    walks(&run.play(), &expected);
}

#[test]
fn every_edge_knows_its_line() {
    let text = "holdpoint: 1\nid: s\ntitle: S\nsteps:\n  - id: first\n    run: 'true'\n    undo: {paired: true, run: 'true'}\n";
    let plan = plan(text);
    let line = |edge: &Edge| edge.span.map(|span| text[..span.start].lines().count());
    let lines: Vec<_> = edges(&plan).iter().map(line).collect();
    assert_eq!(lines, [Some(5); 4]);
}

#[test]
fn what_is_walked_adds_up_and_is_rounded_down() {
    let good = kind_world(LADDER).play();
    let bad = kind_world(LADDER).with(|script| script.fails("up/restart")).play();
    let mut coverage = Coverage::of(good.plan());
    assert_eq!((coverage.count(), coverage.total(), coverage.permille()), (0, 7, 0));
    assert!(coverage.add(good.plan(), good.events()));
    assert!(!coverage.add(good.plan(), good.events()));
    assert_eq!((coverage.count(), coverage.permille()), (1, 142));
    assert!(coverage.add(bad.plan(), bad.events()));
    assert_eq!((coverage.count(), coverage.permille()), (4, 571));
    assert!(coverage.reaches(57.1) && !coverage.reaches(57.2) && !coverage.reaches(100.0));
    let missing: Vec<(&str, Vec<&str>)> = coverage
        .missing_by_group()
        .into_iter()
        .map(|(group, edges)| (group.word(), edges.iter().map(|it| it.id.as_str()).collect()))
        .collect();
    assert_eq!(
        missing,
        [
            ("rungs", vec!["up:exhausted", "up/restore:fails"]),
            ("failures", vec!["up/restore/load:fails"]),
        ]
    );
}

/// A runbook with nearly everything that has edges.
pub(crate) const ALL: &str = "
    inputs:
      platform: {type: choice, choices: [x, y], default: x}
      hosts: {type: list, default: [one, two]}
    confirm: [{probe: {file: /symptom}}]
    preconditions: [{id: disk, probe: {file: /disk}}]
    invariants: [{id: calm, probe: {file: /calm}}]
    steps:
      - {id: look, effect: read, on_failure: continue, run: 'true'}
      - {id: seen, when: steps.look.succeeded, run: 'true'}
      - {id: maybe, optional: true, manual: Do it.}
      - id: up
        ladder:
          - {id: restart, run: 'true', verify: [{probe: {file: /up}}]}
          - id: restore
            steps:
              - {id: check, require: [{id: fresh, probe: {file: /b}}], run: 'true'}
              - {id: stop, run: 'true', undo: {paired: true, run: 'true'}}
              - {id: drop, gate: {ask: Sure?, expires: 5m}, run: 'true', done_when: {file: /x}}
      - {id: which, choose: {ask: Which?, options: [one, two]}}
      - id: go
        switch: steps.which.outputs.choice
        cases: {one: {run: 'true'}, two: {steps: [{id: in-two, run: 'true'}]}}
      - {id: all, each: {in: inputs.hosts}, run: 'true', undo: {run: 'true'}}
    exit_criteria: [{probe: {file: /ok}}]
    finally:
      - {id: tell, when: run.verdict == 'recovered', notify: {template: resolved}}
      - {id: tidy, run: 'true'}
    ";

#[test]
fn all_that_is_listed_is_walked_by_chance_sooner_or_later() {
    let plan = plan(ALL);
    let mut coverage = Coverage::of(&plan);
    for seed in 0..3_000 {
        let text =
            if seed % 2 == 0 { ALL.to_owned() } else { ALL.replace("[one, two]", "[two, one]") };
        let mut run = kind_world(&text).without_laws().seed(seed).with(|script| {
            script.left_to_chance(seed);
            script.needs("maybe", Some(seed % 2 == 0));
            if seed % 3 == 0 {
                script.resolves("all", &[HoldChoice::Undo]);
            }
            script.lets_time_pass("up/restore/drop");
        });
        let told = |broken: String| panic!("seed {seed}: {broken}");
        run.start().unwrap_or_else(told);
        // Whoever decides by chance may try again and again.
        for _ in 0..200 {
            if !run.step().unwrap_or_else(|broken| panic!("seed {seed}: {broken}")) {
                break;
            }
        }
        coverage.add(run.plan(), run.events());
        if coverage.permille() == 1000 {
            return;
        }
    }
    let missing: Vec<&str> = coverage.missing().map(|edge| edge.id.as_str()).collect();
    assert_eq!(missing, [""; 0]);
}
