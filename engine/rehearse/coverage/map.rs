//! All edges of a runbook, in the order of its file.

use std::collections::HashSet;

use crate::plan::{Form, Index, Plan, Role};
use crate::run::event::{CheckRef, Purpose};
use crate::runbook::action::Action;
use crate::runbook::probe::Check;
use crate::source::Span;

use super::reach::Reach;
use super::spans::spans;
use super::trail::is_pattern;
use super::words::{id_of_check, id_of_step, id_of_verdict, sentence};
use super::{Edge, Group, Place, Way};

/// All edges of a runbook that can be walked in some run.
pub fn edges(plan: &Plan) -> Vec<Edge> {
    let (reach, spans) = (Reach::of(plan), spans(plan));
    let mut map = Map { plan, reach, spans, ids: HashSet::new(), edges: Vec::new() };
    let runbook = &plan.runbook;
    map.checks(Purpose::Confirm, &runbook.confirm);
    map.checks(Purpose::Precondition, &runbook.preconditions);
    map.checks(Purpose::Invariant, &runbook.invariants);
    for index in 0..plan.nodes.len() {
        let is_whole = matches!(plan.nodes[index].role, Role::Whole | Role::Closing);
        if !is_whole && is_pattern(&plan.nodes[index].path) && map.reach.is_met(index) {
            map.node(index);
        }
    }
    if !runbook.exit_criteria.is_empty() {
        let span = runbook.exit_criteria.first().map(|check| check.probe.span);
        for way in [Way::Recovered, Way::NotRecovered] {
            map.add(id_of_verdict(&way), Place::Verdict, way, Group::Checks, span);
        }
    }
    map.edges
}

struct Map<'p> {
    plan: &'p Plan,
    reach: Reach<'p>,
    /// Where the nodes stand in the file of the runbook.
    spans: Vec<Option<Span>>,
    ids: HashSet<String>,
    edges: Vec<Edge>,
}

impl Map<'_> {
    fn add(&mut self, id: String, from: Place, way: Way, group: Group, span: Option<Span>) {
        if !self.ids.insert(id.clone()) {
            return;
        }
        let sentence = sentence(self.plan, &from, &way);
        self.edges.push(Edge { id, from, way, group, sentence, span });
    }

    /// The checks of the run itself.
    fn checks(&mut self, purpose: Purpose, checks: &[Check]) {
        for (index, check) in checks.iter().enumerate() {
            let place = CheckRef { step: None, purpose, index };
            let from = Place::Check { check: place, case: None };
            let id = id_of_check(self.plan, &from);
            self.add(id, from, Way::Fails, Group::Checks, Some(check.probe.span));
        }
    }

    fn node(&mut self, index: Index) {
        if self.reach.can_be_skipped(index) {
            self.step(index, Way::Skipped, Group::Branches);
        }
        if !self.reach.begins(index) {
            return;
        }
        if self.plan.nodes[index].is_optional {
            self.step(index, Way::Declined, Group::Branches);
        }
        let forms: Vec<&Form> = self.reach.forms(index).collect();
        if let [_, _, ..] = self.plan.nodes[index].forms.as_slice() {
            for case in forms.iter().filter_map(|form| form.case.clone()) {
                self.step(index, Way::Case(case), Group::Branches);
            }
        }
        let forms: Vec<&Form> = self.reach.begun_forms(index).collect();
        self.before(index, &forms);
        self.action(index, &forms);
    }

    /// What may happen before the action of a node.
    fn before(&mut self, index: Index, forms: &[&Form]) {
        for form in forms {
            let space = form.required().map(|around| around.space.is_none());
            let own: Vec<(bool, Span)> =
                space.zip(form.required().map(|around| around.check.probe.span)).collect();
            for (place, (is_own, span)) in own.into_iter().enumerate() {
                self.requirement(index, form, place, is_own.then_some(span));
            }
        }
        if forms.iter().any(|form| form.facets.done_when.is_some()) {
            self.step(index, Way::Satisfied, Group::Branches);
        }
        let gates = || forms.iter().filter_map(|form| form.facets.gate.as_ref());
        if gates().next().is_some() {
            self.step(index, Way::Approved, Group::Gates);
            self.step(index, Way::Rejected, Group::Gates);
        }
        if gates().any(|gate| gate.expires.is_some()) {
            self.step(index, Way::Expires, Group::Gates);
        }
    }

    fn requirement(&mut self, index: Index, form: &Form, place: usize, span: Option<Span>) {
        let step = Some(self.plan.nodes[index].path.clone());
        let check = CheckRef { step, purpose: Purpose::Require, index: place };
        let from = Place::Check { check, case: form.case.clone() };
        let is_here = self.plan.runbook_at(self.plan.nodes[index].space).told.is_none();
        let span = span.filter(|_| is_here).or(self.spans[index]);
        let id = id_of_check(self.plan, &from);
        self.add(id, from, Way::Fails, Group::Checks, span);
    }

    /// How its action may end, or what is inside it.
    fn action(&mut self, index: Index, forms: &[&Form]) {
        let node = &self.plan.nodes[index];
        let is_rung = node.role == Role::Rung;
        let is_undo = matches!(node.role, Role::Undo { .. });
        let is_leaf = node.is_leaf();
        let group = |plain: Group| match (self.plan.is_in_undo(index), is_rung) {
            (true, _) => Group::Rollbacks,
            (false, true) => Group::Rungs,
            (false, false) => plain,
        };
        let (good, bad) = (group(Group::Steps), group(Group::Failures));
        let does_something = |form: &&Form| {
            !matches!(form.facets.action, Action::Decision) || !form.facets.verify.is_empty()
        };
        let breaks = self.reach.breaks(index);
        let requires = forms.iter().any(|form| form.required().next().is_some());
        if is_rung || is_undo || is_leaf && forms.iter().any(does_something) {
            self.step(index, Way::Succeeds, good);
            if breaks || is_rung && requires {
                self.step(index, Way::Fails, bad);
            }
        }
        if self.reach.exhausts(index) {
            self.step(index, Way::Exhausted, Group::Rungs);
        }
        if !is_leaf && forms.iter().any(|form| form.verified().next().is_some()) {
            self.step(index, Way::Unverified, Group::Checks);
        }
    }

    fn step(&mut self, index: Index, way: Way, group: Group) {
        let id = id_of_step(&self.plan.nodes[index].path, &way);
        self.add(id, Place::Step(index), way, group, self.spans[index]);
    }
}
