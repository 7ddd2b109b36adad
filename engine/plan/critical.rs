//! The critical path: how long a plan takes, and which steps decide that.
//!
//! Times come from the runbook alone: from `estimate`, and from actions that say how long they
//! take. What says nothing counts as nothing and is named, never guessed. The time of a list is its
//! longest path along `needs`; a ladder takes its first rung at best, and all of them at worst.
//! Undos, checks and `finally` are not counted.

use crate::document::millis;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::outline::takes;
use super::outlook::{Fate, Prospect, Settled};
use super::{Form, Index, Inside, Items, Plan, ROOT, Role};

/// How long a plan takes.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct CriticalPath {
    /// How long it takes when all goes well, as far as estimates say, in milliseconds.
    pub low_ms: u64,
    /// How long it takes when it goes as badly as it usually does, in milliseconds.
    pub high_ms: u64,
    /// The steps that decide the longer time, in order: those whose time is known.
    pub path: Vec<Leg>,
    /// The steps that say nothing about their time.
    pub without_estimate: Vec<Untimed>,
    /// How long the runbook itself says that it takes.
    pub own_estimate: Option<Leg>,
    /// How it compares with the recovery time that was promised.
    pub rto: Option<Rto>,
}

/// A step of the path.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Leg {
    /// Its path; that of the runbook itself is empty.
    pub path: String,
    /// How long it takes when all goes well, in milliseconds.
    pub low_ms: u64,
    /// How long it takes when it goes as badly as it usually does, in milliseconds.
    pub high_ms: u64,
}

/// A step that says nothing about its time.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Untimed {
    /// The path of the step.
    pub path: String,
    /// How long one attempt may take before it is stopped, in milliseconds.
    pub timeout_ms: Option<u64>,
}

/// The recovery time that was promised.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Rto {
    /// The promise, in milliseconds.
    pub ms: u64,
    /// What the estimates make of it.
    pub verdict: Verdict,
}

/// What estimates make of a promise.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Even the longer time keeps it, and every step has an estimate.
    Kept,
    /// What is estimated keeps it, but some steps have no estimate.
    Unknown,
    /// The shorter time keeps it, the longer does not.
    AtRisk,
    /// Even the shorter time breaks it.
    Broken,
}

/// The critical path of a plan.
pub fn path(plan: &Plan, prospects: &[Prospect]) -> CriticalPath {
    reckoned(Times::of(plan, prospects))
}

/// The critical path of a plan of which nothing is known but what it says, and in which a step
/// without an estimate takes all the time that its action is given.
pub fn at_worst(plan: &Plan) -> CriticalPath {
    let prospect = |node: &super::Node| Prospect {
        forms: (0..node.forms.len()).collect(),
        when: node.forms.iter().any(|form| form.facets.when.is_some()).then(Settled::default),
        ..Prospect::default()
    };
    let prospects: Vec<Prospect> = plan.nodes.iter().map(prospect).collect();
    reckoned(Times { counts_timeouts: true, ..Times::of(plan, &prospects) })
}

fn reckoned(mut times: Times<'_>) -> CriticalPath {
    let plan = times.plan;
    for index in (0..plan.nodes.len()).rev() {
        times.reckon(index);
    }
    let (low_ms, high_ms) = (times.low[ROOT], times.high[ROOT]);
    let without_estimate = times.untimed();
    let objectives = &plan.runbook.knowledge.objectives;
    let rto = objectives.rto.map(|rto| {
        let ms = millis(rto);
        let verdict = match () {
            () if low_ms > ms => Verdict::Broken,
            () if high_ms > ms => Verdict::AtRisk,
            () if without_estimate.is_empty() => Verdict::Kept,
            () => Verdict::Unknown,
        };
        Rto { ms, verdict }
    });
    let own_estimate = objectives.estimate.as_ref().map(|own| Leg {
        path: String::new(),
        low_ms: millis(own.low),
        high_ms: millis(own.high),
    });
    CriticalPath { low_ms, high_ms, path: times.legs(), without_estimate, own_estimate, rto }
}

/// What is known of the time of each node, by its index.
struct Times<'a> {
    plan: &'a Plan,
    prospects: &'a [Prospect],
    /// Whether what has no estimate takes all the time that it is given.
    counts_timeouts: bool,
    /// At best, provided that it is begun.
    low: Vec<u64>,
    /// At worst.
    high: Vec<u64>,
    /// The form that takes the longest.
    form: Vec<usize>,
    /// The last node of the longest path inside.
    last: Vec<Option<Index>>,
    /// The node before it on the longest path that leads to it.
    before: Vec<Option<Index>>,
    /// Until the end of the node at best, from the beginning of its list; a place to reckon in.
    until_low: Vec<u64>,
    /// The same at worst.
    until_high: Vec<u64>,
}

impl<'a> Times<'a> {
    fn of(plan: &'a Plan, prospects: &'a [Prospect]) -> Times<'a> {
        let count = plan.nodes.len();
        Times {
            plan,
            prospects,
            counts_timeouts: false,
            low: vec![0; count],
            high: vec![0; count],
            form: vec![0; count],
            last: vec![None; count],
            before: vec![None; count],
            until_low: vec![0; count],
            until_high: vec![0; count],
        }
    }

    /// Reckons a node whose inside is reckoned.
    fn reckon(&mut self, index: Index) {
        let node = &self.plan.nodes[index];
        if self.prospects[index].fate == Fate::Skipped {
            return;
        }
        if let Some(estimate) = &node.estimate {
            (self.low[index], self.high[index]) = (millis(estimate.low), millis(estimate.high));
            return;
        }
        let mut best = None;
        for place in &self.prospects[index].forms {
            let Some(form) = node.forms.get(*place) else { continue };
            let (low, high, last) = self.form(form);
            best = Some(best.map_or(low, |best: u64| best.min(low)));
            if high >= self.high[index] {
                (self.high[index], self.form[index], self.last[index]) = (high, *place, last);
            }
        }
        self.low[index] = best.unwrap_or_default();
    }

    fn form(&mut self, form: &Form) -> (u64, u64, Option<Index>) {
        match &form.inside {
            Inside::Leaf => {
                let given = form.facets.timeout().filter(|_| self.counts_timeouts);
                let given = given.map(|timeout| (Duration::ZERO, timeout));
                let (low, high) = takes(&form.facets.action).or(given).unwrap_or_default();
                (millis(low), millis(high), None)
            }
            Inside::Ladder(rungs) => self.ladder(rungs),
            Inside::Phase(children) => self.phase(children),
            Inside::Each(items) => self.each(items),
        }
    }

    /// So many items at a time; how long it takes without a list is that of one item at least.
    fn each(&self, items: &Items) -> (u64, u64, Option<Index>) {
        let pattern = items.pattern.start;
        let rounds = items.copies.len().div_ceil(items.each.parallel.max(1));
        let rounds = u64::try_from(rounds.max(1)).unwrap_or(u64::MAX);
        let times = |time: u64| time.saturating_mul(rounds);
        (times(self.low[pattern]), times(self.high[pattern]), None)
    }

    fn ladder(&self, rungs: &[Index]) -> (u64, u64, Option<Index>) {
        let tried = || rungs.iter().filter(|rung| self.prospects[**rung].fate != Fate::Skipped);
        let high = tried().fold(0, |sum: u64, rung| sum.saturating_add(self.high[*rung]));
        let mut low: Option<u64> = None;
        for rung in tried() {
            low = Some(low.map_or(self.low[*rung], |low| low.min(self.low[*rung])));
            if !self.may_be_passed_over(*rung) {
                break;
            }
        }
        (low.unwrap_or_default(), high, None)
    }

    /// Whether a node's own condition may turn out false.
    fn may_be_passed_over(&self, index: Index) -> bool {
        self.prospects[index].when.as_ref().is_some_and(|when| when.value.is_none())
    }

    /// The longest path through a list along its needs, at best and at worst.
    fn phase(&mut self, children: &[Index]) -> (u64, u64, Option<Index>) {
        let mut unmet: std::collections::HashMap<Index, usize> =
            children.iter().map(|child| (*child, self.plan.nodes[*child].needs.len())).collect();
        let is_free = |child: &&Index| self.plan.nodes[**child].needs.is_empty();
        let mut open: Vec<Index> = children.iter().filter(is_free).copied().collect();
        let (mut low, mut high, mut last) = (0, 0, None);
        while let Some(child) = open.pop() {
            self.reach(child);
            low = low.max(self.until_low[child]);
            if self.until_high[child] >= high {
                (high, last) = (self.until_high[child], Some(child));
            }
            for dependent in &self.plan.nodes[child].dependents {
                if let Some(left) = unmet.get_mut(dependent) {
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        open.push(*dependent);
                    }
                }
            }
        }
        (low, high, last)
    }

    /// Reckons when a node of a list ends, which all that it needs have reached.
    fn reach(&mut self, child: Index) {
        let needs = &self.plan.nodes[child].needs;
        let longest = needs.iter().max_by_key(|need| self.until_high[**need]).copied();
        let start_low = needs.iter().map(|need| self.until_low[*need]).max().unwrap_or_default();
        let start_high = longest.map(|need| self.until_high[need]).unwrap_or_default();
        let low = if self.may_be_passed_over(child) { 0 } else { self.low[child] };
        self.before[child] = longest;
        self.until_low[child] = start_low.saturating_add(low);
        self.until_high[child] = start_high.saturating_add(self.high[child]);
    }

    /// The steps of the longest path whose time is known, in order.
    fn legs(&self) -> Vec<Leg> {
        let mut found = Vec::new();
        let mut open = vec![ROOT];
        while let Some(index) = open.pop() {
            let node = &self.plan.nodes[index];
            if self.prospects[index].fate == Fate::Skipped {
                continue;
            }
            let form = node.forms.get(self.form[index]).filter(|_| node.estimate.is_none());
            match form.map(|form| &form.inside) {
                Some(Inside::Phase(_)) => {
                    // From the last back to the first, which so comes off the stack first.
                    open.extend(std::iter::successors(self.last[index], |at| self.before[*at]));
                }
                Some(Inside::Ladder(rungs)) => open.extend(rungs.iter().rev()),
                Some(Inside::Leaf | Inside::Each(_)) | None if self.high[index] > 0 => {
                    found.push(Leg {
                        path: node.path.clone(),
                        low_ms: self.low[index],
                        high_ms: self.high[index],
                    })
                }
                Some(Inside::Leaf | Inside::Each(_)) | None => {}
            }
        }
        found
    }

    /// Whether a node is an item, whose pattern speaks for all items.
    fn is_copy(&self, index: Index) -> bool {
        let node = &self.plan.nodes[index];
        let around = node.parent.map(|parent| self.plan.nodes[parent].patterns);
        node.role == Role::Item && around == Some(node.patterns)
    }

    /// The steps that say nothing about their time, and around which nothing does.
    fn untimed(&self) -> Vec<Untimed> {
        let mut is_settled = vec![false; self.plan.nodes.len()];
        let mut found = Vec::new();
        for (index, node) in self.plan.nodes.iter().enumerate() {
            let prospect = &self.prospects[index];
            let is_elsewhere = matches!(node.role, Role::Undo { .. } | Role::Closing)
                || self.is_copy(index)
                || Some(index) == self.plan.finally
                || node.parent.is_some_and(|parent| is_settled[parent]);
            let forms = prospect.forms.iter().filter_map(|form| node.forms.get(*form));
            let is_silent = |form: &&Form| match &form.inside {
                Inside::Leaf => takes(&form.facets.action).is_none(),
                // How often, nobody knows.
                Inside::Each(items) => items.copies.is_empty(),
                Inside::Phase(_) | Inside::Ladder(_) => false,
            };
            let silent: Vec<&Form> = forms.filter(is_silent).collect();
            is_settled[index] =
                is_elsewhere || node.estimate.is_some() || prospect.fate == Fate::Skipped;
            if !is_settled[index] && !silent.is_empty() {
                let timeouts: Option<Vec<Duration>> =
                    silent.iter().map(|form| form.facets.timeout()).collect();
                let timeout = timeouts.and_then(|timeouts| timeouts.into_iter().max());
                is_settled[index] |= !node.is_leaf();
                // The pattern of a fan-out goes by the name of that.
                let named = match (node.role, node.parent) {
                    (Role::Item, Some(parent)) => &self.plan.nodes[parent],
                    _ => node,
                };
                let path = named.path.clone();
                found.push(Untimed { path, timeout_ms: timeout.map(millis) });
            }
        }
        found
    }
}
