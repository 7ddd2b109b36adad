//! Coverage on small runbooks: which edges there are, which of them a run walks, and which it does not.

pub(crate) mod around;
mod ways;

use holdpoint::plan::Plan;
use holdpoint::rehearse::coverage::{Coverage, Edge, edges};
use holdpoint::run::event::{DoubtChoice, HoldChoice, Sight, TimerKind};

use ways::LADDER;

use crate::harness::machine::{Act, Hand, Machine, kind_world, planned};

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
