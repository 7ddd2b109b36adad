//! The plan: a runbook as a checked graph of steps.
//!
//! Every step, rung, phase and undo is a [`Node`] with a path, the nodes it needs and the forms
//! it can take. Names have become indices, references are known to exist and to lie upstream,
//! and there is no cycle. A plan never changes while a run uses it.

mod answers;
mod asked;
mod build;
mod critical;
mod dashes;
mod difference;
mod each;
mod graph;
mod include;
mod json;
mod jump;
mod library;
mod needs;
mod outline;
mod outlook;
mod references;
mod retry;
mod space;
mod tabletop;
mod targets;
mod text;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::runbook::Runbook;
use crate::runbook::estimate::Estimate;
use crate::runbook::expression::Expression;
use crate::runbook::simulate::Simulate;
use crate::runbook::step::{Facets, OnFailure};
use crate::runbook::template::Template;

pub use answers::fitted;
pub use build::build;
pub use critical::{CriticalPath, Leg, at_worst};
pub use difference::{Change, Difference, How, difference, difference_by, paired, same_undo};
pub use each::Items;
pub use graph::{dot, mermaid};
pub use include::{Around, Included};
pub use json::json;
pub use jump::lacking_outputs;
pub use outline::{Outline, outline};
pub use outlook::Facts;
pub use space::{Space, SpaceIndex, SpaceKind, Surroundings, WHOLE};
pub use text::text;

/// The place of a node in a plan; a node comes before what is inside it and below it.
pub type Index = usize;

/// The whole run, as the group around all steps.
pub const ROOT: Index = 0;

/// A checked graph of steps.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it was made from.
    pub runbook: Arc<Runbook>,
    /// All nodes, in file order; the run itself first, the closing steps last.
    pub nodes: Vec<Node>,
    /// The group of the closing steps, if there are any.
    pub finally: Option<Index>,
    /// The undos that are paired, each with the node it takes back.
    pub pairs: Vec<(Index, Index)>,
    /// The inputs that the checks before the first step refer to, by their place.
    pub early_inputs: Vec<usize>,
    /// The inputs that the exit criteria refer to, by their place.
    pub criteria_inputs: Vec<usize>,
    /// What names mean, place by place; the whole runbook first.
    pub spaces: Vec<Space>,
    by_path: HashMap<String, Index>,
    by_id: HashMap<String, Index>,
}

/// One step of a plan: an action, a group, or an undo.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its id in the runbook; an undo has that of its step.
    pub id: String,
    /// Its place: phases, rungs and steps joined by `/`; an undo ends in `~undo`.
    pub path: String,
    /// What a person calls it.
    pub title: Option<Template>,
    /// Why it is there.
    pub why: Option<String>,
    /// The role of whoever does it, as the runbook says.
    pub who: Option<String>,
    /// How long it usually takes.
    pub estimate: Option<Estimate>,
    /// The group around it; none for the run itself and the closing group.
    pub parent: Option<Index>,
    /// What part it plays in its group.
    pub role: Role,
    /// What must be settled before.
    pub needs: Vec<Index>,
    /// Whether that amounts to everything above it in its list.
    pub needs_all_above: bool,
    /// What waits for it.
    pub dependents: Vec<Index>,
    /// What a failure leads to; the run's default when nothing is said.
    pub on_failure: Option<OnFailure>,
    /// The value that chooses among several forms.
    pub switch: Option<Expression>,
    /// The forms it can take: one, or one for each case.
    pub forms: Vec<Form>,
    /// Whether a template asks for what it printed.
    pub keeps_stdout: bool,
    /// Whether the operator decides if it is needed.
    pub is_optional: bool,
    /// How long it should take, at most.
    pub budget: Option<Duration>,
    /// What a rehearsal or a test assumes of it.
    pub simulate: Option<Simulate>,
    /// What is talked about at this point of an exercise.
    pub discuss: Vec<String>,
    /// Whether it is one of the closing steps, of the run or of a runbook that is included.
    pub is_closing: bool,
    /// What names mean here.
    pub space: SpaceIndex,
    /// How many fan-outs around it, in whose patterns it stands, have not been given their items.
    /// Only a node that stands in none is run.
    pub patterns: usize,
}

/// What part a node plays in its group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// The run, or its closing steps.
    Whole,
    /// A step of a list.
    Step,
    /// A rung of a ladder.
    Rung,
    /// One item of a fan-out.
    Item,
    /// The closing steps of an included runbook.
    Closing,
    /// It takes another node back.
    Undo {
        /// The node that is taken back.
        of: Index,
        /// Whether it also runs when its group has succeeded.
        is_paired: bool,
    },
}

/// One form of a node: what it does and what stands around that.
#[derive(Clone, Debug)]
pub struct Form {
    /// The case it belongs to.
    pub case: Option<String>,
    /// The action and what stands around it, defaults included.
    pub facets: Facets,
    /// What is inside it.
    pub inside: Inside,
    /// The node that takes it back.
    pub undo: Option<Index>,
    /// The inputs it refers to, by their place among the inputs of the runbook.
    pub inputs: Vec<usize>,
    /// The runbook that is inside, where it includes one.
    pub included: Option<Box<Included>>,
}

/// What is inside a form.
#[derive(Clone, Debug)]
pub enum Inside {
    /// Nothing: it acts itself.
    Leaf,
    /// Steps, settled by their needs.
    Phase(Vec<Index>),
    /// Rungs, tried in order.
    Ladder(Vec<Index>),
    /// Copies of a pattern, one for each item of a list.
    Each(Box<Items>),
}

impl Plan {
    /// The node at a path.
    pub fn at_path(&self, path: &str) -> Option<Index> {
        self.by_path.get(path).copied()
    }

    /// The node that a person means: a path, or an id where that is enough.
    pub fn find(&self, name: &str) -> Option<Index> {
        let by_id = || self.by_id.get(name).copied();
        self.at_path(name).or_else(by_id).or_else(|| self.undo_by_id(name))
    }

    /// The undo of a step that is named by its id, as in `stop~undo`.
    fn undo_by_id(&self, name: &str) -> Option<Index> {
        let (id, undo) = name.split_once('~')?;
        let step = *self.by_id.get(id)?;
        self.at_path(&format!("{}~{undo}", self.nodes[step].path))
    }

    /// The node that an expression calls by its id, with `_` for `-`, from a place.
    pub fn named(&self, name: &str, space: SpaceIndex) -> Option<Index> {
        let id = name.replace('_', "-");
        let mut around = self.spaces_around(space);
        around.find_map(|space| self.spaces[space].steps.get(&id).copied())
    }

    /// Whether `inner` is `outer` or inside it; an undo is inside the group of its step.
    pub fn is_inside(&self, inner: Index, outer: Index) -> bool {
        let mut at = Some(inner);
        while let Some(index) = at {
            if index == outer {
                return true;
            }
            at = self.nodes[index].parent;
        }
        false
    }

    /// Whether a node stands above another in the file, and not around it.
    pub fn is_above(&self, one: Index, other: Index) -> bool {
        let around = |index: Index| {
            let mut chain: Vec<Index> =
                std::iter::successors(Some(index), |at| self.nodes[*at].parent).collect();
            chain.reverse();
            chain
        };
        let (one, other) = (around(one), around(other));
        // What stands in one list has its numbers in the order of the list.
        one.iter()
            .zip(&other)
            .find(|(one, other)| one != other)
            .is_some_and(|(one, other)| one < other)
    }

    /// Whether a node is an item of a fan-out or inside one.
    pub fn is_in_item(&self, index: Index) -> bool {
        let mut around = std::iter::successors(Some(index), |at| self.nodes[*at].parent);
        around.any(|at| self.nodes[at].role == Role::Item)
    }

    /// Whether a node is an undo or inside one.
    pub fn is_in_undo(&self, index: Index) -> bool {
        let mut around = std::iter::successors(Some(index), |at| self.nodes[*at].parent);
        around.any(|at| matches!(self.nodes[at].role, Role::Undo { .. }))
    }

    /// Every node that a person would call a step: all but the wholes, patterns, and what undoes
    /// unpaired.
    pub fn listed(&self) -> impl Iterator<Item = (Index, &Node)> {
        let is_listed = |node: &Node| {
            node.patterns == 0
                && !matches!(node.role, Role::Whole | Role::Undo { is_paired: false, .. })
        };
        self.in_order().filter(move |(_, node)| is_listed(node))
    }

    /// All nodes in the order of the file, the copies of a pattern where it stands.
    pub fn in_order(&self) -> impl Iterator<Item = (Index, &Node)> {
        self.order().into_iter().map(|index| (index, &self.nodes[index]))
    }

    fn order(&self) -> Vec<Index> {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut open: Vec<Index> = self.finally.into_iter().chain([ROOT]).collect();
        while let Some(index) = open.pop() {
            order.push(index);
            let node = &self.nodes[index];
            let undos = node.forms.iter().filter_map(|form| form.undo);
            let mut inside: Vec<Index> = undos.chain(node.within()).collect();
            inside.dedup();
            open.extend(inside.into_iter().rev());
        }
        order
    }

    /// The names by which a step may be given, for a hint at the nearest.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }
}

impl Node {
    /// The nodes inside any of its forms.
    pub fn children(&self) -> impl Iterator<Item = Index> + '_ {
        self.forms.iter().flat_map(|form| form.inside.children().iter().copied())
    }

    /// The nodes inside any of its forms, and the closing steps of what it includes.
    pub fn within(&self) -> impl Iterator<Item = Index> + '_ {
        let included = self.forms.iter().filter_map(|form| form.included.as_ref());
        self.children().chain(included.filter_map(|included| included.finally))
    }

    /// The nodes to draw inside it: of a fan-out its pattern.
    pub fn drawn(&self) -> Vec<Index> {
        self.forms.iter().flat_map(|form| form.inside.drawn()).copied().collect()
    }

    /// Whether it has nothing inside.
    pub fn is_leaf(&self) -> bool {
        self.forms.iter().all(|form| matches!(form.inside, Inside::Leaf))
    }
}

impl Inside {
    /// The nodes directly inside.
    pub fn children(&self) -> &[Index] {
        match self {
            Inside::Leaf => &[],
            Inside::Phase(children) | Inside::Ladder(children) => children,
            Inside::Each(items) => &items.copies,
        }
    }

    /// The list of a fan-out.
    pub fn list(&self) -> Option<&Expression> {
        match self {
            Inside::Each(items) => Some(&items.each.list),
            _ => None,
        }
    }

    /// The nodes to draw inside: of a fan-out its pattern.
    pub fn drawn(&self) -> &[Index] {
        match self {
            Inside::Each(items) => std::slice::from_ref(&items.pattern.start),
            other => other.children(),
        }
    }
}
