//! A scene: a runbook as rules see it.
//!
//! Its steps stand in the order of the file, each with the node it was read from, so that every
//! rule can mark the exact place. A case of a switch and an undo are entries of their own, inside
//! their step. Every command of every action and probe stands in [`Scene::scripts`], as a shell
//! would read it.

mod deeds;
mod order;
mod script;
pub mod services;
mod surroundings;
mod walk;

use std::ops::Deref;

use chrono::NaiveDate;

use crate::document::Node;
use crate::plan::Plan;
use crate::runbook::Runbook;
use crate::runbook::library::Library;
use crate::source::{Source, Span, Spanned};

use super::finding::Finding;
use super::knowledge::Knowledge;

pub use deeds::Deed;
use deeds::Deeds;
use order::Order;
pub use script::{Known, Role, Script};
use services::Turned;

/// What rules look at.
#[derive(Debug)]
pub struct Scene<'s> {
    subject: Subject<'s>,
    /// Its steps, with cases and undos, in the order of the file.
    pub steps: Vec<Step>,
    /// All its commands, in the order of the file.
    pub scripts: Vec<Script<'s>>,
    order: Order,
    deeds: Deeds,
    turns: Vec<Turned>,
}

/// What a scene is made of.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'s> {
    /// The text of the runbook.
    pub source: &'s Source,
    /// Its tree.
    pub document: &'s Node,
    /// What it means, as far as it could be read.
    pub runbook: Option<&'s Runbook>,
    /// Its plan, where nothing refuses it.
    pub plan: Option<&'s Plan>,
    /// What it shares with others.
    pub library: &'s Library,
    /// What is known about tools.
    pub knowledge: &'s Knowledge,
    /// The day of the review.
    pub today: NaiveDate,
}

/// A step, a case of a switch, or an undo.
#[derive(Debug)]
pub struct Step {
    /// Its id; a case has its value, and an undo the id of its step.
    pub id: Spanned<String>,
    /// Its place: `bring-back/restore/load`; a case adds its value, an undo ends in `~undo`.
    pub path: String,
    /// The mapping that it was read from.
    pub node: Node,
    /// The entry around it.
    pub parent: Option<usize>,
    /// What it is.
    pub part: Part,
    /// The key of its action, such as `run`; nothing for a decision.
    pub action: &'static str,
    /// The entry after the last one inside it.
    pub end: usize,
    /// Whether it is one of the closing steps.
    pub is_closing: bool,
}

/// What an entry of a scene is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// A step of a list.
    Step,
    /// A rung of a ladder.
    Rung,
    /// A case of a switch.
    Case,
    /// What takes the entry around it back.
    Undo {
        /// Whether it also runs when the group around the step has succeeded.
        is_paired: bool,
    },
}

impl<'s> Deref for Scene<'s> {
    type Target = Subject<'s>;

    fn deref(&self) -> &Subject<'s> {
        &self.subject
    }
}

impl<'s> Scene<'s> {
    /// The scene of a runbook.
    pub fn new(subject: Subject<'s>) -> Scene<'s> {
        let steps = walk::steps(subject.document);
        let scripts = walk::scripts(&subject, &steps);
        let (order, deeds) = (Order::of(&steps), Deeds::of(steps.len(), &scripts));
        let turns = services::turns(&scripts);
        Scene { subject, steps, scripts, order, deeds, turns }
    }

    /// A finding with the path of the entry that it is about, where it is about one.
    pub fn in_step(&self, finding: Finding, step: Option<usize>) -> Finding {
        match step {
            Some(step) => finding.step(&self.steps[step].path),
            None => finding,
        }
    }

    /// A top-level key, with the span of the key itself.
    pub fn key(&self, key: &str) -> Option<(Span, &Node)> {
        entry(self.document, key)
    }

    /// An entry and the entries around it, the innermost first.
    pub fn around(&self, step: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(step), |at| self.steps[*at].parent)
    }

    /// What an entry says by a key, or what the nearest entry around it or the `defaults` say: for
    /// `target`, `env`, `shell`, `timeout`, `cwd`, `gate` and the like.
    pub fn inherited(&self, step: usize, key: &str) -> Option<&Node> {
        let own = self.around(step).find_map(|at| self.steps[at].key(key));
        own.or_else(|| entry(entry(self.document, "defaults")?.1, key).map(|(_, node)| node))
    }

    /// The gate before an entry: its own, or the nearest around it. `gate: false` is none.
    pub fn gate(&self, step: usize) -> Option<&Node> {
        let gates = self.around(step).filter_map(|at| self.steps[at].key("gate"));
        gates.into_iter().find(|gate| gate.as_bool() != Some(false))
    }

    /// The scripts of an entry itself, not of those inside it.
    pub fn scripts_of(&self, step: usize) -> impl Iterator<Item = &Script<'s>> {
        self.deeds.scripts_of(step).iter().map(|at| &self.scripts[*at])
    }

    /// The entries inside an entry.
    pub fn inside(&self, step: usize) -> std::ops::Range<usize> {
        step + 1..self.steps[step].end
    }

    /// Whether an entry is another one or inside it.
    pub fn is_within(&self, inner: usize, outer: usize) -> bool {
        outer <= inner && inner < self.steps[outer].end
    }

    /// Whether one entry is done before another begins, whatever happens: `needs` leaves them in this
    /// order, and nothing decides during the run whether the first is done at all.
    pub fn is_before(&self, first: usize, then: usize) -> bool {
        let is_bound = |at: usize| {
            let step = &self.steps[at];
            let is_sure = match step.part {
                Part::Step | Part::Undo { is_paired: true } => {
                    step.key("when").is_none() && step.key("optional").is_none()
                }
                Part::Rung | Part::Case | Part::Undo { is_paired: false } => false,
            };
            is_sure || self.is_within(then, at)
        };
        self.around(first).all(is_bound) && self.may_be_before(first, then)
    }

    /// Whether one entry, where it is done at all, is done before another begins: another case of
    /// the same switch never is, and what undoes comes after all that it may have to undo.
    pub fn may_be_before(&self, first: usize, then: usize) -> bool {
        let undo_of = |at: usize| {
            let mut around = self.around(at);
            let undo = around.find(|at| matches!(self.steps[*at].part, Part::Undo { .. }))?;
            Some((self.steps[undo].part, self.steps[undo].parent?)).filter(|(_, step)| {
                // Both are in the same undo, where the order is that of any list.
                *step < undo && !(self.is_within(first, undo) && self.is_within(then, undo))
            })
        };
        match (undo_of(first), undo_of(then)) {
            (Some((Part::Undo { is_paired: true }, step)), None) => self.is_past_group(step, then),
            (Some((Part::Undo { is_paired: true }, one)), Some((_, other))) => one > other,
            (Some(_), _) => false,
            (None, Some((part, step))) => {
                let is_paired = part == Part::Undo { is_paired: true };
                let end = if is_paired { self.steps[step].parent } else { Some(step) };
                match end {
                    Some(end) => self.is_within(first, end) || self.is_ordered(first, end),
                    None => self.steps[step].is_closing || !self.steps[first].is_closing,
                }
            }
            (None, None) => self.is_ordered(first, then),
        }
    }

    /// Whether an entry begins only when the group around a step is done, and with it the undos in it.
    fn is_past_group(&self, step: usize, then: usize) -> bool {
        match self.steps[step].parent {
            Some(group) => self.is_ordered(group, then),
            None => self.steps[then].is_closing && !self.steps[step].is_closing,
        }
    }

    /// Whether the order of the lists puts one entry before another.
    fn is_ordered(&self, first: usize, then: usize) -> bool {
        if self.steps[first].is_closing != self.steps[then].is_closing {
            return self.steps[then].is_closing;
        }
        if self.is_within(first, then) || self.is_within(then, first) {
            return false;
        }
        let meeting = self.around(first).find(|at| self.is_within(then, *at));
        let branch = |of: usize| self.around(of).take_while(|at| Some(*at) != meeting).last();
        let (Some(above), Some(below)) = (branch(first), branch(then)) else { return false };
        let is_case = |at: usize| self.steps[at].part == Part::Case;
        !(is_case(above) && is_case(below)) && self.order.is_before(above, below)
    }
}

impl Step {
    /// What stands at a key of its own.
    pub fn key(&self, key: &str) -> Option<&Node> {
        entry(&self.node, key).map(|(_, node)| node)
    }

    /// Where a key of its own stands.
    pub fn key_span(&self, key: &str) -> Option<Span> {
        entry(&self.node, key).map(|(span, _)| span)
    }

    /// The text at a key of its own.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.key(key).and_then(Node::as_str)
    }

    /// What a person calls it: its title, else its id.
    pub fn title(&self) -> &str {
        self.text("title").unwrap_or(&self.id)
    }

    /// Whether it is a group of other steps.
    pub fn is_group(&self) -> bool {
        matches!(self.action, "steps" | "ladder" | "switch" | "include")
    }
}

/// A key of a mapping and its value.
pub fn entry<'n>(node: &'n Node, key: &str) -> Option<(Span, &'n Node)> {
    let found = node.as_mapping()?.iter().find(|entry| entry.key.as_str() == key)?;
    Some((found.key.span, &found.value))
}
