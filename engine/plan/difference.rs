//! The difference between two plans of one runbook, step by step.
//!
//! Steps belong together by their paths; one whose id stands elsewhere now has moved. What is
//! compared is what a step means, whatever gave it that: its own keys, its group, the defaults, the
//! library. Where it stands in its file and how it is laid out mean nothing.

mod keys;
mod order;
mod pairs;
mod parts;

use std::collections::{BTreeMap, HashSet};

use super::{Index, Plan, ROOT, Role};

pub use keys::same_undo;
pub use pairs::paired;

/// What differs between two plans.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Difference {
    /// The steps that differ, in the order of the new plan; those that are gone come last.
    pub steps: Vec<Change>,
    /// The other parts of the runbook and of its library that differ, by their keys.
    pub parts: Vec<&'static str>,
}

/// A step that differs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// Its path: that in the new plan, unless it is gone.
    pub path: String,
    /// In what way.
    pub how: How,
}

/// In what way a step differs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum How {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is in both.
    Changed {
        /// Its path before, where that is another.
        was: Option<String>,
        /// Whether it stands before or behind others than it did.
        is_reordered: bool,
        /// The keys of it that differ.
        keys: Vec<&'static str>,
        /// What it does, before and now: the first lines that differ.
        command: Option<(String, String)>,
    },
}

/// The keys that say nothing of what a step does: what was done stands when one of them changes.
const WORDS: &[&str] = &["title", "why", "estimate", "needs", "optional", "budget"];

impl Difference {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.parts.is_empty()
    }

    /// The steps that stand elsewhere now: the new path of each, and the old one.
    pub fn moved(&self) -> impl Iterator<Item = (&String, &String)> {
        self.steps.iter().filter_map(|change| match &change.how {
            How::Changed { was: Some(was), .. } => Some((&change.path, was)),
            _ => None,
        })
    }
}

impl Change {
    /// Whether what the step did before may not count for what it is now.
    pub fn is_of_substance(&self) -> bool {
        match &self.how {
            How::Added | How::Removed => false,
            How::Changed { was, keys, .. } => {
                was.is_some() || keys.iter().any(|key| !WORDS.contains(key))
            }
        }
    }
}

/// What differs between two plans.
pub fn difference(old: &Plan, new: &Plan) -> Difference {
    difference_by(old, new, &pairs::moved(old, new))
}

/// What differs between two plans, both with the items of their fan-outs or both without, where it
/// is known which steps moved.
pub fn difference_by(old: &Plan, new: &Plan, moved: &BTreeMap<String, String>) -> Difference {
    let pairs = paired(old, new, moved);
    let reordered = order::reordered(old, new, &pairs);
    let mut steps: Vec<Change> = Vec::new();
    for index in steps_of(new) {
        let path = &new.nodes[index].path;
        let how = match pairs[index] {
            None => Some(How::Added),
            Some(before) => changed(
                (old, before),
                (new, index),
                moved.get(path).cloned(),
                reordered.contains(&index),
            ),
        };
        if let Some(how) = how {
            add(&mut steps, new, index, how);
        }
    }
    let kept: HashSet<Index> = pairs.iter().flatten().copied().collect();
    for index in steps_of(old).into_iter().filter(|index| !kept.contains(index)) {
        add(&mut steps, old, index, How::Removed);
    }
    let mut parts = parts::differing(&old.runbook, &new.runbook);
    // What only exercises and rehearsals read of a step is in no plan.
    let (one, other) = (&old.runbook, &new.runbook);
    if steps.is_empty() && (&one.steps, &one.finally) != (&other.steps, &other.finally) {
        parts.push("steps");
    }
    Difference { steps, parts }
}

/// Adds a change; that of a pattern is one of its fan-out.
fn add(steps: &mut Vec<Change>, plan: &Plan, index: Index, how: How) {
    let node = &plan.nodes[index];
    let whole = node.parent.filter(|_| node.role == Role::Item && node.patterns > 0);
    let Some(whole) = whole else {
        steps.push(Change { path: node.path.clone(), how });
        return;
    };
    let How::Changed { keys: more, command, .. } = how else { return };
    let path = &plan.nodes[whole].path;
    match steps.last_mut().filter(|last| last.path == *path).map(|last| &mut last.how) {
        Some(How::Changed { keys, command: shown, .. }) => {
            keys.extend(more);
            *shown = shown.take().or(command);
        }
        _ => {
            let how = How::Changed { was: None, is_reordered: false, keys: more, command };
            steps.push(Change { path: path.clone(), how });
        }
    }
}

fn changed(
    old: (&Plan, Index),
    new: (&Plan, Index),
    was: Option<String>,
    is_reordered: bool,
) -> Option<How> {
    let keys = keys::differing(old, new);
    let is_same = was.is_none() && !is_reordered && keys.is_empty();
    let command = keys::command(old, new);
    (!is_same).then_some(How::Changed { was, is_reordered, keys, command })
}

/// The steps, rungs and items of a plan in the order of its file; of a fan-out whose items are not
/// known, the pattern. Undos belong to their steps.
fn steps_of(plan: &Plan) -> Vec<Index> {
    let mut found = Vec::new();
    let mut open: Vec<Index> = plan.finally.into_iter().chain([ROOT]).collect();
    while let Some(index) = open.pop() {
        let node = &plan.nodes[index];
        if !matches!(node.role, Role::Whole | Role::Closing) {
            found.push(index);
        }
        let mut inside: Vec<Index> = node.within().collect();
        if inside.is_empty() {
            inside = node.drawn();
        }
        open.extend(inside.into_iter().rev());
    }
    found
}
