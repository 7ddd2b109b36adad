//! Coverage on runbooks made by chance: what runs walk was listed, and the first tests that are
//! written for a runbook are as they say.

use std::collections::BTreeSet;
use std::sync::Arc;

use holdpoint::plan::{Plan, Role};
use holdpoint::rehearse::coverage::{edges, patterned, walked};
use holdpoint::rehearse::draft::draft;
use holdpoint::rehearse::results::tried;
use holdpoint::rehearse::script::{Piece, Script};
use holdpoint::runbook::action::Action;
use holdpoint::runbook::testfile;
use holdpoint::runbook::wait::OnBreak;
use holdpoint::source::{Problems, Source};

use super::campaign::{campaign_of, machine, told};
use super::sample::{Dice, Sample, Shape};
use crate::harness::machine::{Act, planned, script};

/// Whether an edge that was walked is one that nobody lists: what becomes of a phase follows from
/// its steps, and what becomes of a decision from its gate.
fn goes_without_saying(plan: &Plan, id: &str) -> bool {
    // A switch with one case is none.
    let is_only_case = |(path, _): (&str, &str)| {
        let mut nodes = plan.nodes.iter().filter(|node| patterned(&node.path) == path);
        nodes.any(|node| node.forms.len() == 1)
    };
    if id.split_once(":case:").is_some_and(is_only_case) {
        return true;
    }
    let Some((path, "succeeds" | "fails")) = id.rsplit_once(':') else { return false };
    plan.nodes.iter().filter(|node| patterned(&node.path) == path).any(|node| {
        let mut actions = node.forms.iter().map(|form| &form.facets.action);
        let is_decision = actions.any(|action| matches!(action, Action::Decision));
        let has_role = matches!(node.role, Role::Rung | Role::Undo { .. });
        is_decision || !node.is_leaf() && !has_role
    })
}

/// The steps that fail in no real world: messages, and those that only let time pass.
fn unfailing(plan: &Plan) -> Vec<String> {
    let cannot = |action: &Action| match action {
        Action::Notify(_) => true,
        Action::Wait(wait) => wait.probe().is_none_or(|probe| probe.patience.within.is_none()),
        Action::Watch(watch) => watch.on_break == OnBreak::Record,
        _ => false,
    };
    let nodes = plan.nodes.iter();
    nodes
        .filter(|node| node.forms.iter().any(|form| cannot(&form.facets.action)))
        .map(|node| node.path.clone())
        .collect()
}

#[test]
fn whatever_a_run_walks_was_listed() {
    campaign_of(1_000, "edges", |seed| {
        let (sample, mut run) = machine(seed, Shape { aborts: true, depth: 3 })?;
        let broken = |run: &_, why: String| told(run, &sample, &why);
        for path in unfailing(run.plan()) {
            run = run.with(|script| script.acts(&path, &[Act::Succeed]));
        }
        run.start().map_err(|why| broken(&run, why))?;
        for _ in 0..400 {
            let is_more = run.step().map_err(|why| broken(&run, why))?;
            if !is_more {
                break;
            }
        }
        let plan = run.plan();
        let listed: BTreeSet<String> = edges(plan).into_iter().map(|edge| edge.id).collect();
        let missing: Vec<String> = walked(plan, run.events())
            .into_iter()
            .filter(|id| !listed.contains(id) && !goes_without_saying(plan, id))
            .collect();
        match missing.is_empty() {
            true => Ok(()),
            false => Err(broken(&run, format!("walked and not listed: {missing:?}"))),
        }
    });
}

#[test]
fn the_first_tests_of_any_runbook_are_as_they_say() {
    let (mut walked, mut listed) = (0, 0);
    for seed in 0..6 {
        let mut dice = Dice::new(script::mixed(seed, 77));
        let sample = Sample::new(&mut dice, Shape { aborts: true, depth: 2 });
        let plan = planned(&sample.text()).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        let piece =
            Piece { plan: Arc::new(plan), file: "sample.yaml".into(), digest: String::new() };
        let written = draft(&piece, "sample.yaml", None);
        walked += written.coverage.count();
        listed += written.coverage.total();
        let source = Source::new("sample.test.yaml", written.text.as_str());
        let mut problems = Problems::default();
        let file = testfile::read(&source, &mut problems);
        let cases = file.map(|file| file.cases).unwrap_or_default();
        assert_eq!(cases.len(), written.cases, "seed {seed}:\n{}", written.text);
        for case in &cases {
            let script = Script::of(&piece.plan, case, &mut problems);
            let script = script.unwrap_or_else(|| panic!("seed {seed}:\n{}", written.text));
            let (result, _) = tried(&source, &piece, &Arc::new(script));
            assert!(result.is_ok(), "seed {seed}: {result:#?}\n{}", written.text);
        }
    }
    assert!(listed > 0, "no edge was listed");
    assert!(walked * 100 >= listed * 70, "only {walked} of {listed} edges were walked");
}
