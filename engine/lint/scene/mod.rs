//! A scene: a runbook as rules see it.
//!
//! Its steps stand in the order of the file, each with the node it was read from, so that every
//! rule can mark the exact place. A case of a switch and an undo are entries of their own, inside
//! their step. Every command of every action and probe stands in [`Scene::scripts`], as a shell
//! would read it.

mod script;
mod walk;

use chrono::NaiveDate;

use crate::document::Node;
use crate::plan::Plan;
use crate::runbook::Runbook;
use crate::runbook::library::Library;
use crate::source::{Source, Span, Spanned};

use super::knowledge::Knowledge;

pub use script::{Known, Role, Script};

/// What rules look at.
#[derive(Debug)]
pub struct Scene<'s> {
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
    /// Its steps, with cases and undos, in the order of the file.
    pub steps: Vec<Step>,
    /// All its commands, in the order of the file.
    pub scripts: Vec<Script<'s>>,
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

impl<'s> Scene<'s> {
    /// The scene of a runbook.
    pub fn new(subject: Subject<'s>) -> Scene<'s> {
        let steps = walk::steps(subject.document);
        let scripts = walk::scripts(&subject, &steps);
        let Subject { source, document, runbook, plan, library, knowledge, today } = subject;
        Scene { source, document, runbook, plan, library, knowledge, today, steps, scripts }
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
        self.scripts.iter().filter(move |script| script.step == Some(step))
    }

    /// The entries inside an entry.
    pub fn inside(&self, step: usize) -> std::ops::Range<usize> {
        step + 1..self.steps[step].end
    }

    /// Whether one entry is done before another begins, whatever happens: it stands above it, is not
    /// around it, in another case, or an undo, and `needs` frees neither from the order.
    pub fn is_before(&self, first: usize, then: usize) -> bool {
        if first >= then || then < self.steps[first].end {
            return false;
        }
        let is_bound = |at: usize| {
            !matches!(self.steps[at].part, Part::Undo { is_paired: false })
                && !(self.steps[at].part == Part::Case && !self.around(then).any(|it| it == at))
        };
        if !self.around(first).all(is_bound) {
            return false;
        }
        self.are_ordered(first, then)
    }

    /// Whether `needs` leaves two entries in the order of the file.
    fn are_ordered(&self, first: usize, then: usize) -> bool {
        let outer: Vec<usize> = self.around(first).collect();
        let meeting = self.around(then).find(|at| outer.contains(at));
        let branch = |of: usize| self.around(of).take_while(|at| Some(*at) != meeting).last();
        let (Some(above), Some(below)) = (branch(first), branch(then)) else { return true };
        let mut open = vec![below];
        let mut seen = Vec::new();
        while let Some(at) = open.pop() {
            if at == above {
                return true;
            }
            if seen.contains(&at) {
                continue;
            }
            seen.push(at);
            match self.steps[at].key("needs") {
                None => {
                    if above < at {
                        return true;
                    }
                }
                Some(needs) => {
                    let names = needs.as_sequence().unwrap_or(std::slice::from_ref(needs));
                    let named = names.iter().filter_map(Node::as_str);
                    let sibling = |name: &str| {
                        let parent = self.steps[at].parent;
                        let is_it = |it: &Step| it.parent == parent && it.id.as_str() == name;
                        self.steps.iter().position(is_it)
                    };
                    open.extend(named.filter_map(sibling));
                }
            }
        }
        false
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
